"""`target`: goal seek."""

from __future__ import annotations

import argparse

from sim.errors import ScenarioError
from sim.options import (
    DEGRADED,
    add_draws,
    add_scenario,
    draws_in,
    figures_in,
    given,
    jobs_in,
    seed_in,
    variant,
    wanted,
)
from sim.terminal import Progress, say, width
from sim.version import VERSION


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    target = commands.add_parser("target", help="seek the value of a number at which a goal is met")
    target.set_defaults(call=_target)
    add_scenario(target)
    add_draws(target)
    for option, text in (
        ("goal", "indicator.good.region[.partner].year, <= or >=, and a value with its unit"),
        ("vary", "path of the number that is varied, as in SET"),
        ("low", "least value that is tried"),
        ("high", "largest value that is tried"),
    ):
        target.add_argument(f"--{option}", default=given(option.upper()), help=text)
    target.add_argument("--name", default=given("NAME"), help="keep the result as results/_target/<scenario>@NAME/")


def _target(arguments: argparse.Namespace) -> int:
    from sim import aim

    if not (arguments.goal and arguments.vary):
        raise ScenarioError(
            'target needs GOAL="indicator.good.region.year <= value" and VARY=, the path of a number of the scenario'
        )
    options = aim.AimOptions(
        scenario=wanted(arguments.root, "target", arguments.scenario),
        goal=arguments.goal,
        vary=arguments.vary,
        low=arguments.low,
        high=arguments.high,
        draws=draws_in(arguments),
        seed=seed_in(arguments),
        jobs=jobs_in(arguments),
        overrides=arguments.overrides,
        name=variant(arguments.name),
        figures=figures_in(arguments),
    )
    progress = Progress()
    try:
        found = aim.aim(arguments.root, options, VERSION, width(), progress)
    finally:
        progress.close()
    say(found.answer)
    if found.degraded:
        say(f"{found.folder.name}: more than 1 % of the draws failed; the bands are not to be trusted")
    return DEGRADED if found.degraded else 0
