"""Parts of the work on several cores or machines; what comes back does not depend on who did it."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from sim.assemble.draws import Draws
from sim.errors import ScenarioError
from sim.inputs.faults import shortened
from sim.records.params import Params
from sim.records.sampling import BATCH
from sim.records.sweep import Solved
from sim.records.trajectory import Trajectory
from sim.study.batches import simulate_batches
from sim.study.case import Case, solve_case
from sim.study.fingerprint import fingerprint
from sim.study.forked import workers_context

AHEAD = 4  # parts handed out for each worker: nobody waits, and few are lost when the work is broken off
PATIENCE = 30  # seconds to wait for a scheduler
_KIB_OF_MAC = 1024  # macOS tells peak memory in bytes, Linux in KiB
LOOK = 1.0  # seconds between a worker's looks whether anybody still waits for it


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """Some draws of a case."""

    case: Case
    sample: Draws
    batch: int = BATCH


Submit = Callable[[Any], Any]  # gives a future: of this library or of dask, both have a result


def solve_task(task: Task) -> Solved:
    """What is wanted of some draws, the central run first."""
    return solve_case(task.case, task.sample, task.batch, lambda params: _baseline(task, params))


def in_order(tasks: Iterable[Task], jobs: int, cluster: str = "") -> Iterator[Solved]:
    """The results of tasks in their order, worked on in ``jobs`` processes; in this one where it is a single job.

    ``cluster`` is the address of a dask scheduler, or ``local:<workers>`` for one that is made and ended here.
    Raises ScenarioError where the cluster cannot be had.
    """
    with solving(jobs, cluster) as solve:
        yield from solve(tasks)


@contextmanager
def solving(jobs: int, cluster: str = "") -> Iterator[Callable[[Iterable[Task]], Iterator[Solved]]]:
    """The same for more than one lot of tasks: the workers are kept until all are done."""
    if cluster:
        with _cluster(cluster) as (submit, workers):
            yield lambda tasks: ordered(tasks, submit, AHEAD * workers)
    elif jobs == 1:
        yield lambda tasks: map(solve_task, tasks)
    else:
        with processes(jobs) as submit:
            yield lambda tasks: ordered(tasks, submit, AHEAD * jobs)


def ordered(tasks: Iterable[Task], submit: Submit, ahead: int) -> Iterator[Any]:
    """The results in the order of the tasks, at most ``ahead`` of them under way."""
    waiting: deque[Any] = deque()
    for task in tasks:
        waiting.append(submit(task))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


@contextmanager
def processes(jobs: int, work: Callable[[Any], Any] = solve_task) -> Iterator[Submit]:
    """Processes on this machine, gone when the work is done or broken off."""
    context = workers_context()
    pool = ProcessPoolExecutor(max_workers=jobs, mp_context=context, initializer=_begin, initargs=(os.getpid(),))
    try:
        yield lambda task: _submitted(pool, work, task)
    except BaseException:
        for process in list(pool._processes.values()):  # noqa: SLF001 -- a part may take a minute to end by itself
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(pool: ProcessPoolExecutor, work: Callable[[Any], Any], task: Any) -> Any:
    """A future; an interrupt waits until the worker that may be started for it is known, and can be ended."""
    if threading.current_thread() is not threading.main_thread():
        return pool.submit(work, task)  # interrupts come to the main one
    interrupts: list[int] = []
    heard = signal.signal(signal.SIGINT, lambda number, _: interrupts.append(number))
    try:
        future = pool.submit(work, task)
    finally:
        signal.signal(signal.SIGINT, heard)
    if interrupts:
        raise KeyboardInterrupt
    return future


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Processor seconds of a task with its baseline and with that at hand, and peak memory in bytes."""

    both: float
    alone: float
    memory: int


def cost_of(task: Task) -> Cost:
    """Solve a task twice and tell what it took in this process."""
    begun = time.process_time()
    solve_task(task)
    between = time.process_time()
    solve_task(task)  # once more, with the baseline at hand
    return Cost(both=between - begun, alone=time.process_time() - between, memory=peak_memory())


def costs_of(tasks: Iterable[Task]) -> list[Cost]:
    """What tasks take in a process like those that will do the work."""
    with processes(1, cost_of) as submit:
        return list(ordered(tasks, submit, 1))


def peak_memory() -> int:
    """The most bytes that this process has held at once."""
    told = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return told if sys.platform == "darwin" else told * _KIB_OF_MAC


@contextmanager
def _cluster(address: str) -> Iterator[tuple[Submit, int]]:
    """A dask cluster: how to hand a task to it, and how many workers it has. A worker that dies is replaced."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ScenarioError("CLUSTER= needs the optional packages: make extras") from None
    local = re.fullmatch(r"local:([1-9][0-9]{0,3})", address)
    if local is None and not re.fullmatch(r"(tcp|tls)://[A-Za-z0-9_.:\[\]-]{1,200}", address):
        raise ScenarioError(
            f"CLUSTER={shortened(address)!r}: tcp://host:port is wanted, or local:2 for two workers here"
        )
    with ExitStack() as stack:
        if local is not None:
            options = {"threads_per_worker": 1, "dashboard_address": None}
            address = stack.enter_context(LocalCluster(n_workers=int(local[1]), **options))
        try:
            client = stack.enter_context(Client(address, timeout=PATIENCE))
        except (OSError, ValueError) as error:
            raise ScenarioError(f"CLUSTER={shortened(str(address))}: {error}") from error
        # a part is the same whoever solves it, but two parts never are: the key must not be made from the input
        yield (
            (lambda task: client.submit(solve_task, task, pure=False)),
            max(len(client.scheduler_info()["workers"]), 1),
        )


def _begin(waiting: int) -> None:
    """A worker leaves an interrupt to the process that waits for it, and ends when that one is gone.

    Its own parent tells nothing: that is a server, which stays as long as its workers do.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(waiting,), daemon=True).start()


def _end_with(waiting: int) -> None:
    while _is_there(waiting):
        time.sleep(LOOK)
    os._exit(1)


def _is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # somebody else's, but there
        pass
    return True


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
