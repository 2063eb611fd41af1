"""Campaigns that take minutes to hours: ``python -m tests.robustness fuzz | crash | mutate | reach``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.robustness.page import write_table

SECONDS_A_MINUTE = 60
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
    from tests.robustness import scenarios, tables

    until = time.monotonic() + SECONDS_A_MINUTE * arguments.minutes

    def tried(work: scenarios.Work, seeds: Sequence[int], what: str) -> list[scenarios.Verdict]:
        return scenarios.campaign(work, seeds, arguments.jobs, until, Teller(what))

    read = tried(tables.built, range(arguments.tables), "tables")
    told("tables", tables.lines_of(read), arguments.page)
    verdicts = tried(scenarios.validated, range(arguments.count), "scenarios")
    until = max(until, time.monotonic() + SECONDS_A_MINUTE * arguments.minutes / 10)
    runs = tried(scenarios.run_in_full, scenarios.spread(verdicts, arguments.full), "runs in full")
    told("scenarios", scenarios.lines_of(verdicts, runs), arguments.page)
    return int(any(each.fault for each in (*read, *verdicts, *runs)))


def disturb(arguments: argparse.Namespace) -> int:
    """Kills, full disks, rights, two at once, surroundings."""
    from tests.robustness import crash

    def keep(so_far: Sequence[crash.Found]) -> None:
        if arguments.page:
            write_table("crashes", crash.lines_of(so_far))

    found = crash.campaign(arguments.kills, arguments.pairs, Teller("disturbances"), keep)
    told("crashes", crash.lines_of(found), arguments.page)
    return int(any(each.fault for each in found))


def mutate(arguments: argparse.Namespace) -> int:
    """Mutants of the equations and the accounting; nothing of the program is loaded before they are."""
    from tests.robustness import mutation_tests
    from tests.robustness.mutants import Mutant

    until = time.monotonic() + SECONDS_A_MINUTE * arguments.minutes

    def tell(mutant: Mutant, outcome: str) -> None:
        sys.stdout.write(f"{outcome}: line {mutant.line}: {mutant.key}\n")
        sys.stdout.flush()

    earlier = mutation_tests.told_by(arguments.again.read_text(encoding="utf-8")) if arguments.again else {}
    chosen = mutation_tests.tried_before(earlier) or mutation_tests.sample(arguments.size, arguments.seed)
    found = mutation_tests.campaign(chosen, arguments.jobs, until, tell, earlier)
    told("mutants", mutation_tests.lines_of(found, len(earlier) or arguments.size), arguments.page)
    return int(any(outcome == mutation_tests.SURVIVED for _, outcome in found))


def reach(arguments: argparse.Namespace) -> int:
    """Statements and branches that the tests reach."""
    from tests.robustness import reached

    found = reached.read(arguments.report) if arguments.report else reached.measured()
    told("reached", reached.lines_of(found), arguments.page)
    return int(not reached.is_enough(found))


def told(name: str, lines: Sequence[str], page: bool) -> None:
    """Print a table, and write it to the page where that is asked for."""
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    if page:
        write_table(name, lines)


def main() -> int:
    """Run one campaign."""
    parser = argparse.ArgumentParser(prog="python -m tests.robustness", description=__doc__)
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("fuzz", help="mutated scenario files and tables of worlds")
    one.set_defaults(call=fuzz)
    one.add_argument("--count", type=int, default=20_000, help="scenario files")
    one.add_argument("--tables", type=int, default=2_000, help="files of worlds")
    one.add_argument("--full", type=int, default=300, help="of the scenarios accepted, run in full")
    one.add_argument("--minutes", type=float, default=600.0, help="after which no more are begun")
    one.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    other = commands.add_parser("crash", help="kills, full disks, rights, two at once, locales, clocks, threads")
    other.set_defaults(call=disturb)
    other.add_argument("--kills", type=int, default=200)
    other.add_argument("--pairs", type=int, default=20, help="times two run at once")
    third = commands.add_parser("mutate", help="mutants of the equations and the accounting")
    third.set_defaults(call=mutate)
    third.add_argument("--size", type=int, default=500, help="of the sample")
    third.add_argument("--seed", type=int, default=1)
    third.add_argument("--again", type=Path, help="what an earlier campaign printed: its survivors are tried again")
    third.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    third.add_argument("--minutes", type=float, default=600.0, help="after which no more are begun")
    fourth = commands.add_parser("reach", help="statements and branches that the tests reach")
    fourth.set_defaults(call=reach)
    fourth.add_argument("--report", type=Path, help="a report of coverage in JSON, in place of a run of the tests")
    for each in (one, other, third, fourth):
        each.add_argument("--page", action="store_true", help="write what was found to docs/robustness.md")
    arguments = parser.parse_args()
    return int(arguments.call(arguments))


if __name__ == "__main__":
    sys.exit(main())
