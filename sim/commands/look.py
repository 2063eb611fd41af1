"""`compare`, `report`: finished results side by side, and one page over all of them."""

from __future__ import annotations

import argparse

from sim.errors import ScenarioError
from sim.options import DEFAULT_DRAWS, DEFAULT_SEED, figures_in, given
from sim.terminal import say, width
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
