"""`sweep`, `merge`: many points of one question."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from sim.errors import ScenarioError
from sim.options import (
    DEFAULT_SEED,
    DEGRADED,
    add_draws,
    figures_in,
    given,
    jobs_in,
    seed_in,
    variant,
    whole,
    yes_or_no,
)
from sim.records.sampling import MOST_DRAWS
from sim.terminal import Progress, say, width
from sim.version import VERSION

if TYPE_CHECKING:
    from sim import sweeping
    from sim.sweep_plan import SweepOptions

_MOST_SHARDS = 9_999  # as many as its pattern has digits for
_LONGEST = 20  # characters of a faulty option that its message repeats
_SHARD = re.compile(r"([0-9]{1,4})/([0-9]{1,4})")


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands and their options."""
    for name, call, text in (
        ("sweep", _sweep, "solve all points of a file of scenarios/sweeps/"),
        ("merge", _merge, "fold the shards of a sweep into its result"),
    ):
        about = commands.add_parser(name, help=text)
        about.set_defaults(call=call)
        about.add_argument("--sweep", default=given("SWEEP"), help="name of a file in scenarios/sweeps/")
        about.add_argument("--set", default=given("SET"), dest="overrides", help='"path=value; path=value"')
        about.add_argument("--name", default=given("NAME"), help="keep the result as results/_sweep/<sweep>@NAME/")
        add_draws(about)
        about.add_argument("--part", default=given("PART"), help="draws of a part; changes no result")
        about.add_argument("--shard", default=given("SHARD"), help="which part of the work: 2/4 is the second of four")
        about.add_argument("--cluster", default=given("CLUSTER"), help="address of a dask scheduler, or local:2")
        about.add_argument(
            "--dry-run", action="store_const", const="yes", default=given("DRY_RUN"), help="tell what it would take"
        )


def _sweep(arguments: argparse.Namespace) -> int:
    from sim import sweeping

    options = _options(arguments, shard=_shard(arguments.shard))
    if yes_or_no("DRY_RUN", arguments.dry_run, otherwise=False):
        say(sweeping.foretold(arguments.root, options, VERSION, width()))
        return 0
    progress = Progress()
    try:
        swept = sweeping.sweep(arguments.root, options, VERSION, width(), progress)
    finally:
        progress.close()
    return _told(swept)


def _merge(arguments: argparse.Namespace) -> int:
    from sim import sweeping

    return _told(sweeping.merge(arguments.root, _options(arguments, shard=None), VERSION, width()))


def _told(swept: sweeping.Swept) -> int:
    say(swept.answer)
    if swept.degraded:
        say(f"{swept.folder.name}: more than 1 % of the draws failed; the bands are not to be trusted")
    return DEGRADED if swept.degraded else 0


def _options(arguments: argparse.Namespace, shard: tuple[int, int] | None) -> SweepOptions:
    from sim.inputs.sweep import sweep_names
    from sim.sweep_plan import SweepOptions

    if not arguments.sweep:
        raise ScenarioError(f"{arguments.command} which sweep? There are {', '.join(sweep_names(arguments.root))}")
    figures = figures_in(arguments)
    changed = arguments.draws + arguments.overrides + arguments.name
    return SweepOptions(
        page=figures and seed_in(arguments) == DEFAULT_SEED and not changed,
        sweep=arguments.sweep,
        draws=whole("DRAWS", arguments.draws, 0, 0, MOST_DRAWS) if arguments.draws else None,
        seed=seed_in(arguments),
        jobs=jobs_in(arguments),
        overrides=arguments.overrides,
        name=variant(arguments.name),
        figures=figures,
        shard=shard,
        part=whole("PART", arguments.part, 0, 1, MOST_DRAWS) or None,
        cluster=arguments.cluster,
    )


def _shard(text: str) -> tuple[int, int] | None:
    found = _SHARD.fullmatch(text)
    if not text:
        return None
    if found is None or not 1 <= int(found[1]) <= int(found[2]) <= _MOST_SHARDS:
        raise ScenarioError(f"SHARD={text[:_LONGEST]!r}: which of how many is wanted, as in 2/4")
    return int(found[1]), int(found[2])
