"""`attribution`: which number, and which tier of evidence, a conclusion hangs on."""

from __future__ import annotations

import argparse

from sim.errors import ScenarioError
from sim.options import (
    DEGRADED,
    add_scenario,
    figures_in,
    given,
    jobs_in,
    seed_in,
    variant,
    wanted,
    whole,
)
from sim.records.footing import DIFFERENCE, LEVEL
from sim.terminal import Progress, say, width
from sim.version import VERSION

_FEWEST, _MOST = 16, 2**16  # base rows: fewer tell nothing, more take days
_MOST_INPUTS = 10_000  # above all that a scenario can have: more is a slip
_LONGEST = 20  # characters of a faulty option that its message repeats


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    about = commands.add_parser("attribution", help="share out the variance of outcomes over inputs and tiers")
    about.set_defaults(call=_attribution)
    add_scenario(about)
    for option, variable, text in (
        ("outcomes", "OUTCOMES", '"indicator.good.region[.partner].year; ..."'),
        ("of", "OF", f"{DIFFERENCE} from the baseline, or {LEVEL}"),
        ("base", "BASE", "base rows of the design, a power of two"),
        ("inputs", "INPUTS", "how many inputs have an index of their own, or all"),
        ("seed", "SEED", "seed of the design"),
        ("jobs", "JOBS", "processes; by default one per core"),
        ("name", "NAME", "keep the result as results/_attribution/<scenario>@NAME/"),
    ):
        about.add_argument(f"--{option}", default=given(variable), help=text)
    about.add_argument(
        "--no-figures", dest="figures", action="store_const", const="no", default=given("FIGURES"), help="tables only"
    )


def _attribution(arguments: argparse.Namespace) -> int:
    from sim import attributing
    from sim.study.attribution import MOST_ALONE

    inputs = arguments.inputs
    options = attributing.AttributionOptions(
        scenario=wanted(arguments.root, "attribution", arguments.scenario),
        outcomes=arguments.outcomes,
        of=_of(arguments.of),
        base=_base(arguments.base),
        inputs=None if inputs == "all" else whole("INPUTS", inputs, MOST_ALONE, 1, _MOST_INPUTS),
        seed=seed_in(arguments),
        jobs=jobs_in(arguments),
        overrides=arguments.overrides,
        name=variant(arguments.name),
        figures=figures_in(arguments),
    )
    progress = Progress()
    try:
        found = attributing.attribution(arguments.root, options, VERSION, width(), progress)
    finally:
        progress.close()
    say(found.answer)
    if found.degraded:
        say(f"{found.folder.name}: more than 1 % of the draws failed; the parts are not to be trusted")
    return DEGRADED if found.degraded else 0


def _of(text: str) -> str:
    if text not in ("", LEVEL, DIFFERENCE):
        raise ScenarioError(f"OF={text[:_LONGEST]!r}: {LEVEL} or {DIFFERENCE} is wanted")
    return text


def _base(text: str) -> int | None:
    if not text:
        return None
    rows = whole("BASE", text, 0, _FEWEST, _MOST)
    if rows & (rows - 1):
        raise ScenarioError(f"BASE={rows}: a power of two is wanted, as 2^10 = 1024")
    return rows
