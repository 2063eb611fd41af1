"""`backtest`: the model held against history."""

from __future__ import annotations

import argparse

from sim.options import (
    DEFAULT_DRAWS,
    DEFAULT_SEED,
    DEGRADED,
    add_draws,
    draws_in,
    figures_in,
    given,
    jobs_in,
    seed_in,
    yes_or_no,
)
from sim.terminal import Progress, say, width
from sim.version import VERSION


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    backtest = commands.add_parser("backtest", help="hold the model against what has happened")
    backtest.set_defaults(call=_backtest)
    backtest.add_argument("--scenario", default=given("SCENARIO"), help="one episode of scenarios/backtests/")
    backtest.add_argument("--set", default=given("SET"), dest="overrides", help='"path=value; path=value"')
    add_draws(backtest)
    backtest.add_argument(
        "--estimate", action="store_const", const="yes", default=given("ESTIMATE"), help="also estimate parameters"
    )


def _backtest(arguments: argparse.Namespace) -> int:
    from sim import history

    draws, seed, figures = draws_in(arguments), seed_in(arguments), figures_in(arguments)
    options = history.BacktestOptions(
        draws=draws,
        seed=seed,
        jobs=jobs_in(arguments),
        overrides=arguments.overrides,
        scenario=arguments.scenario,
        estimate=yes_or_no("ESTIMATE", arguments.estimate, otherwise=False),
        figures=figures,
        # the pages tell what the plain command finds, and nothing else
        page=figures
        and (draws, seed) == (DEFAULT_DRAWS, DEFAULT_SEED)
        and not arguments.overrides + arguments.scenario,
    )
    progress = Progress()
    try:
        done = history.backtest(arguments.root, options, VERSION, width(), progress)
    finally:
        progress.close()
    say(done.answer)
    for path in (done.folder, *done.pages):
        say(f"written: {path.relative_to(arguments.root)}")
    return DEGRADED if done.degraded else 0
