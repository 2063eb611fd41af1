"""Parts of the work on several cores or machines; what comes back does not depend on who did it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from sim.assemble.draws import Draws
from sim.records.params import Params
from sim.records.sweep import Solved
from sim.records.trajectory import Trajectory
from sim.study.batches import BATCH, simulate_batches
from sim.study.case import Case, solve_case
from sim.study.fingerprint import fingerprint

AHEAD = 4  # parts handed out for each worker: nobody waits, and few are lost when the work is broken off
LOOK = 1.0  # seconds between a worker's looks whether anybody still waits for it


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """Some draws of a case."""

    case: Case
    sample: Draws
    batch: int = BATCH


Submit = Callable[[Task], "Future[Solved]"]


def solve_task(task: Task) -> Solved:
    """What is wanted of some draws, the central run first."""
    return solve_case(task.case, task.sample, task.batch, lambda params: _baseline(task, params))


def in_order(tasks: Iterable[Task], jobs: int) -> Iterator[Solved]:
    """The results of tasks in their order, worked on in ``jobs`` processes; in this one where it is a single job."""
    if jobs == 1:
        yield from map(solve_task, tasks)
        return
    with processes(jobs) as submit:
        yield from ordered(tasks, submit, AHEAD * jobs)


def ordered(tasks: Iterable[Task], submit: Submit, ahead: int) -> Iterator[Solved]:
    """The results in the order of the tasks, at most ``ahead`` of them under way."""
    waiting: deque[Future[Solved]] = deque()
    for task in tasks:
        waiting.append(submit(task))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def processes(jobs: int) -> Iterator[Submit]:
    """Processes on this machine, gone when the work is done or broken off."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    pool = ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=_begin)
    try:
        yield lambda task: pool.submit(solve_task, task)
    except BaseException:
        for process in list(pool._processes.values()):  # noqa: SLF001 -- a part may take a minute to end by itself
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """A worker leaves an interrupt to the one who waits for it, and ends when nobody waits any longer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)


class _Kept:
    """The baseline that this process solved last: neighbouring points of a sweep share it."""

    def __init__(self) -> None:
        self.key: tuple[object, ...] = ()
        self.run: Trajectory | None = None


_kept = _Kept()


def _baseline(task: Task, params: Params) -> Trajectory:
    """The baseline of a task, solved anew only where it is another one than last time."""
    case, sample = task.case, task.sample
    if type(sample) is not Draws:  # levels of their own are no key
        return simulate_batches(params, batch=task.batch)
    key = (fingerprint(case.baseline), case.world.fingerprint, case.world.good_names, case.last, sample)
    if _kept.key != key or _kept.run is None:
        _kept.run = None  # not two of them in memory
        _kept.run = simulate_batches(params, batch=task.batch)
        _kept.key = key
    return _kept.run
