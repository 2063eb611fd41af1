"""`world`, `new-world`, `docs`, `fast`: for people who look after worlds and pages."""

from __future__ import annotations

import argparse

from sim.errors import ScenarioError
from sim.options import given
from sim.terminal import say


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands and their options."""
    for name, call, text in (
        ("world", _world, "build the benchmark worlds, or one, and report on them"),
        ("new-world", _new_world, "write scenarios/worlds/<world>/ and its baseline to start a metal from"),
    ):
        about_world = commands.add_parser(name, help=text)
        about_world.set_defaults(call=call)
        about_world.add_argument("--world", default=given("WORLD"), help="name of a folder in scenarios/worlds/")
    docs = commands.add_parser("docs", help="write the pages and tables of the documentation anew")
    docs.set_defaults(call=_docs)
    docs.add_argument("--quick", action="store_true", help="only the pages that take no runs")
    fast = commands.add_parser("fast", help="compile the equations, where the compiled engine is installed")
    fast.set_defaults(call=_fast)


def _fast(_: argparse.Namespace) -> int:
    from sim import app

    say(f"solved by {app.warmed_up()}")
    return 0


def _world(arguments: argparse.Namespace) -> int:
    from sim import app

    say(app.world_text(arguments.root, arguments.world))
    return 0


def _new_world(arguments: argparse.Namespace) -> int:
    from sim import new_world

    if not arguments.world:
        raise ScenarioError("new-world needs WORLD=, the name of the folder to write")
    say(new_world.new_world(arguments.root, arguments.world))
    return 0


def _docs(arguments: argparse.Namespace) -> int:
    from sim import pages

    for path in pages.write_quick_docs(arguments.root) if arguments.quick else pages.write_docs(arguments.root):
        say(f"written: {path.relative_to(arguments.root)}")
    return 0
