"""`run`: a scenario beside its baseline."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from sim.loading import undisturbed
from sim.options import (
    DEGRADED,
    add_draws,
    add_scenario,
    draws_in,
    figures_in,
    given,
    jobs_in,
    known,
    sampling,
    seed_in,
    variant,
    wanted,
    yes_or_no,
)
from sim.records.sampling import BATCH, PLAIN, SAMPLINGS
from sim.study.forked import make_ready
from sim.terminal import Progress, say, width
from sim.version import VERSION

if TYPE_CHECKING:
    from sim.app import Finished


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    run = commands.add_parser("run", help="solve a scenario beside its baseline and write results/<scenario>/")
    run.set_defaults(call=_run)
    add_scenario(run)
    add_draws(run)
    run.add_argument("--sampling", default=given("SAMPLING"), help=f"{' or '.join(SAMPLINGS)}; {PLAIN} by default")
    run.add_argument(
        "--excel", action="store_const", const="yes", default=given("EXCEL"), help="also tables.xlsx; needs extras"
    )
    run.add_argument("--name", default=given("NAME"), help="keep the result as results/<scenario>@NAME/")


def _run(arguments: argparse.Namespace) -> int:
    if draws_in(arguments) > BATCH and jobs_in(arguments) > 1:
        make_ready()
    with undisturbed():
        from sim import app  # numpy and pandas are slow to load; --help does without

    options = app.RunOptions(
        draws=draws_in(arguments),
        seed=seed_in(arguments),
        jobs=jobs_in(arguments),
        overrides=arguments.overrides,
        name=variant(arguments.name),
        figures=figures_in(arguments),
        sampling=sampling(arguments.sampling),
        excel=yes_or_no("EXCEL", arguments.excel, otherwise=False),
    )
    asked = wanted(arguments.root, "run", arguments.scenario)
    names = known(arguments.root) if asked == "all" else [asked]
    for name in names if len(names) > 1 else []:
        # a fault in the last one shall not be told after an hour
        app.validate(arguments.root, name, arguments.overrides)
    code = 0
    for name in names:
        progress = Progress()
        try:
            finished = app.run(arguments.root, name, options, _command(name, options), VERSION, width(), progress)
        finally:
            progress.close()
        say(finished.answer)
        if finished.others:
            say(f"{finished.folder.name} also holds what no run wrote, left as it is: {', '.join(finished.others)}")
        code = max(code, _degraded(finished))
    return code


def _command(name: str, options: object) -> list[str]:
    """The command that makes the same result again, whatever way it was given."""
    words = ["run", "--scenario", name]
    for option, value in vars(options).items():
        if option == "figures":
            words += [] if value else ["--no-figures"]
        elif option == "excel":
            words += ["--excel"] if value else []
        elif option == "sampling":
            words += [] if value == PLAIN else ["--sampling", value]
        elif option != "jobs" and value != "":
            words += [{"overrides": "--set"}.get(option, f"--{option}"), str(value)]
    return words


def _degraded(finished: Finished) -> int:
    if finished.degraded:
        say(f"{finished.folder.name}: more than 1 % of the draws failed; the bands are not to be trusted")
        return DEGRADED
    return 0
