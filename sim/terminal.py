"""What the person at the terminal sees: answers, how far the work is, and how wide it may be."""

from __future__ import annotations

import io
import os
import shutil
import sys
import time
from typing import TYPE_CHECKING

from sim.errors import SimError

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

# columns: a terminal of unknown width is taken for the first; the answer is never narrower or wider than the others
_USUAL_WIDTH, _NARROWEST, _WIDEST = 100, 80, 120
_USUAL_LINES = 24  # nobody asks for them
_BEGUN = 1e-9  # least share done that a time left is reckoned from
QUIET_FOR = 10.0  # seconds between lines of progress where nobody watches a terminal


def say(text: str) -> None:
    """Print an answer now; where nobody reads it any more, as behind ``| head``, the work still goes on.

    Raises SimError where it cannot be written, e.g. to a full disk.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without our letters shows question marks
    try:
        print(text, flush=True)
    except OSError as fault:
        # what is left in the buffer goes nowhere; else the interpreter would stumble over it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(fault, BrokenPipeError):
            raise SimError(
                f"the answer cannot be printed: {fault.strerror}; files already written are whole"
            ) from fault


def width() -> int:
    """Columns an answer may take."""
    return min(max(shutil.get_terminal_size((_USUAL_WIDTH, _USUAL_LINES)).columns, _NARROWEST), _WIDEST)


class Progress:
    """A bar with the time left on a terminal, else a line every ten seconds; to the error stream."""

    def __init__(self) -> None:
        self._begun = self._last = time.monotonic()
        self._bar: RichProgress | None = None

    def __call__(self, share: float, what: str) -> None:
        """Show how far the work is; the first call opens the bar."""
        if sys.stderr.isatty():
            self._shown(share, what)
        elif time.monotonic() - self._last >= QUIET_FOR:
            self._last = time.monotonic()
            left = (self._last - self._begun) * (1.0 - share) / max(share, _BEGUN)
            print(f"{share:.0%} done, about {left:.0f} s left ({what})", file=sys.stderr, flush=True)

    def _shown(self, share: float, what: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as RichBar

            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
            self._bar = RichBar(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task("", total=1.0)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=share, description=what)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
