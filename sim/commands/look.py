"""`compare`, `report`, `gallery`: results side by side, one page over all of them, and some of them in docs/."""

from __future__ import annotations

import argparse

from sim.errors import ScenarioError
from sim.options import DEFAULT_DRAWS, DEFAULT_SEED, figures_in, given, jobs_in
from sim.terminal import Progress, say, width
from sim.version import VERSION


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands and their options."""
    compare = commands.add_parser("compare", help="finished results side by side, in results/_compare/")
    compare.set_defaults(call=_compare)
    compare.add_argument("--scenarios", default=given("SCENARIOS"), help='names of results: "a b c"')
    compare.add_argument(
        "--no-figures", dest="figures", action="store_const", const="no", default=given("FIGURES"), help="tables only"
    )
    commands.add_parser("report", help="one page over all results").set_defaults(call=_report)
    gallery = commands.add_parser("gallery", help="run a few scenarios and show their figures in docs/")
    gallery.set_defaults(call=_gallery)
    gallery.add_argument("--jobs", default=given("JOBS"), help="cores to use; by default all")


def _compare(arguments: argparse.Namespace) -> int:
    from sim import look  # numpy and pandas are slow to load; --help does without

    names = arguments.scenarios.split()
    if not names:
        raise ScenarioError('compare needs SCENARIOS="a b c", the names of finished results')
    done = look.compare(
        arguments.root,
        names,
        figures=figures_in(arguments),
        version=VERSION,
        width=width(),
        usual=(DEFAULT_DRAWS, DEFAULT_SEED),
    )
    say(done.answer)
    return 0


def _report(arguments: argparse.Namespace) -> int:
    from sim import look

    say(look.report(arguments.root))
    return 0


def _gallery(arguments: argparse.Namespace) -> int:
    from sim import showcase

    progress = Progress()
    try:
        written = showcase.gallery(arguments.root, jobs=jobs_in(arguments), version=VERSION, report=progress)
    finally:
        progress.close()
    for path in written:
        say(f"written: {path.relative_to(arguments.root)}")
    return 0
