"""`reproduce`: a result made again from its folder and compared."""

from __future__ import annotations

import argparse

from sim.errors import ScenarioError
from sim.options import UNLIKE, given, jobs_in
from sim.terminal import Progress, say, width
from sim.version import VERSION


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    reproduce = commands.add_parser("reproduce", help="make a result again from its folder and tell what differs")
    reproduce.set_defaults(call=_reproduce)
    reproduce.add_argument("--run", default=given("RUN"), help="a folder of results/")
    reproduce.add_argument("--jobs", default=given("JOBS"), help="cores to use; by default all")


def _reproduce(arguments: argparse.Namespace) -> int:
    from sim import again  # numpy and pandas are slow to load; --help does without

    if not arguments.run:
        raise ScenarioError(_which(again.results(arguments.root, VERSION)))
    progress = Progress()
    try:
        found = again.reproduce(arguments.root, arguments.run, jobs_in(arguments), VERSION, width(), progress)
    finally:
        progress.close()
    for line in found.changed:
        say(line)
    if found.again is None:
        say(f"{found.folder.name}: made again, all {found.files} files are the same, byte by byte")
        return 0
    say(f"{found.folder.name}: made again, and not the same; the other one is in {found.again.parent.name}/")
    for line in found.differences:
        say(f"  {line}")
    return UNLIKE


def _which(results: list[tuple[str, tuple[str, ...]]]) -> str:
    """The results there are, each with what is to be known of it."""
    if not results:
        return "reproduce which result? There is none with a manifest in results/"
    lines = [f"  {name}: {'; '.join(known) or 'whole and up to date'}" for name, known in results]
    return "\n".join(["reproduce which result? Say RUN= and one of", *lines])
