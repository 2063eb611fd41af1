"""Workers and interrupts: one that comes while a worker is started waits until it is known."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sim.study import workers


class Pool:
    """Stands for the pool of processes: an interrupt comes in the middle of what it is asked for."""

    def __init__(self, max_workers: int, **_: Any) -> None:
        self.started: list[str] = []
        self._processes: dict[int, Any] = {}
        self.ended = False
        assert max_workers == 1

    def submit(self, work: object, task: str) -> str:
        assert work is str
        if task == "interrupted":
            os.kill(os.getpid(), signal.SIGINT)
        self.started.append(task)
        return task

    def shutdown(self, *, cancel_futures: bool) -> None:
        self.ended = cancel_futures


@contextmanager
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Pool]]:
    """The pools that are made."""
    made: list[Pool] = []

    def make(*given: Any, **named: Any) -> Pool:
        made.append(Pool(*given, **named))
        return made[0]

    monkeypatch.setattr(workers, "ProcessPoolExecutor", make)
    monkeypatch.setattr(workers, "workers_context", lambda: None)
    yield made


def test_interrupt_waits_until_the_worker_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    heard = signal.getsignal(signal.SIGINT)

    def work() -> None:
        with workers.processes(1, str) as submit:
            assert submit("undisturbed") == "undisturbed"
            submit("interrupted")

    with pool(monkeypatch) as made, pytest.raises(KeyboardInterrupt):
        work()
    assert made[0].started == ["undisturbed", "interrupted"]
    assert made[0].ended
    assert signal.getsignal(signal.SIGINT) is heard


def test_work_is_handed_over_in_other_threads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    with pool(monkeypatch), workers.processes(1, str) as submit:
        other = threading.Thread(target=lambda: told.append(submit("from elsewhere")))
        other.start()
        other.join()
    assert told == ["from elsewhere"]
