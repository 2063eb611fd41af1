"""How far a piece of work is: counted where the work is done, shown by whoever wants to."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

Report = Callable[[float, str], None]  # share done, what is being done


def unheard(_share: float, _what: str) -> None:
    """A report that nobody listens to."""


class Steps:
    """Counts equal steps, from several threads if need be."""

    def __init__(self, total: int, report: Report = unheard) -> None:
        self._total = max(total, 1)
        self._done = 0
        self._report = report
        self._lock = Lock()

    def done(self, what: str, count: int = 1) -> None:
        """Some steps more."""
        with self._lock:
            self._done += count
            self._report(min(self._done / self._total, 1.0), what)
