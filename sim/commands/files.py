"""`list`, `validate`, `show`, `diff`, `new`: for people who edit scenario files."""

from __future__ import annotations

import argparse

from sim.errors import ScenarioError
from sim.options import add_scenario, given, known, wanted
from sim.terminal import say, width


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands and their options."""
    commands.add_parser("list", help="the scenarios that exist").set_defaults(call=_list)
    validate = commands.add_parser("validate", help="read all scenario files, or one, and tell every fault")
    validate.set_defaults(call=_validate)
    add_scenario(validate)
    show = commands.add_parser("show", help="every value of a scenario, with source, tier, file and line")
    show.set_defaults(call=_show)
    add_scenario(show)
    diff = commands.add_parser("diff", help="what the second scenario has otherwise than the first")
    diff.set_defaults(call=_diff)
    diff.add_argument("--a", default=given("A"), help="the scenario to begin with")
    diff.add_argument("--b", default=given("B"), help="the scenario that is set beside it")
    new = commands.add_parser("new", help="write scenarios/<scenario>.yaml to start from")
    new.set_defaults(call=_new)
    new.add_argument("--scenario", default=given("SCENARIO"), help="name of the new scenario")
    new.add_argument("--from", default=given("FROM"), dest="parent", help="the one it extends, baseline")


def _list(arguments: argparse.Namespace) -> int:
    from sim import editing

    say(editing.listing(arguments.root, width()))
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    from sim import editing

    if arguments.overrides and not arguments.scenario:
        raise ScenarioError("SET changes one scenario: say SCENARIO= as well")
    for name, idle in editing.validated(arguments.root, arguments.scenario, arguments.overrides):
        say(f"{name}: no fault, but no effect: {idle}" if idle else f"{name}: no fault")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from sim import editing

    name = wanted(arguments.root, "show", arguments.scenario)
    say(editing.show(arguments.root, name, arguments.overrides, width()))
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    from sim import editing

    if not (arguments.a and arguments.b):
        raise ScenarioError(f"diff needs A= and B=, two of {', '.join(known(arguments.root))}")
    if given("SET"):
        raise ScenarioError("diff compares two scenarios as their files have them: no SET")
    say(editing.diff(arguments.root, arguments.a, arguments.b, width()))
    return 0


def _new(arguments: argparse.Namespace) -> int:
    from sim import editing

    if not arguments.scenario:
        raise ScenarioError("new needs SCENARIO=, the name of the file to write")
    say(editing.new(arguments.root, arguments.scenario, arguments.parent))
    return 0
