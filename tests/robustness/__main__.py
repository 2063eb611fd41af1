"""Campaigns that take minutes to hours: ``python -m tests.robustness fuzz | crash``; they write docs/robustness.md."""

from __future__ import annotations

import argparse
import os
import sys
import time

from tests.robustness import scenarios
from tests.robustness.page import write_table

QUIET_FOR = 10.0  # seconds between lines of progress


class Teller:
    """Prints every find at once, and from time to time how far the work is."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._heard = 0
        self._faults = 0
        self._last = time.monotonic()

    def __call__(self, verdict: object) -> None:
        """Hear one verdict."""
        self._heard += 1
        if getattr(verdict, "fault", ""):
            self._faults += 1
            sys.stdout.write(f"{verdict}\n")
        if time.monotonic() - self._last > QUIET_FOR:
            self._last = time.monotonic()
            sys.stderr.write(f"{self._what}: {self._heard:,} done, {self._faults} faults\n")


def fuzz(arguments: argparse.Namespace) -> int:
    """Mutated scenario files and tables."""
    verdicts, runs = scenarios.campaign(arguments.count, arguments.full, arguments.jobs, Teller("scenarios"))
    lines = scenarios.lines_of(verdicts, runs)
    sys.stdout.write("\n".join(lines) + "\n")
    if arguments.page:
        write_table("scenarios", lines)
    return int(any(each.fault for each in (*verdicts, *runs)))


def main() -> int:
    """Run one campaign."""
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("fuzz", help="mutated scenario files and tables of worlds")
    one.set_defaults(call=fuzz)
    one.add_argument("--count", type=int, default=20_000, help="scenario files")
    one.add_argument("--full", type=int, default=300, help="of those accepted, run in full")
    one.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    one.add_argument("--page", action="store_true", help="write what was found to docs/robustness.md")
    arguments = parser.parse_args()
    return int(arguments.call(arguments))


if __name__ == "__main__":
    sys.exit(main())
