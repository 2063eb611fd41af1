"""The command line: parse, one call, a short answer, an exit code."""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import ScenarioError, SimError
from sim.records.sampling import PLAIN, SAMPLINGS
from sim.version import VERSION

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress

    from sim.app import Finished

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_DRAWS, DEFAULT_SEED = 256, 1  # percentiles that hold to a twentieth of a band; any seed is as good
# what is above is a slip of the keyboard; a seed beyond 63 bits fits no file
MOST_DRAWS, MOST_SEED, MOST_JOBS = 1_000_000, 2**63 - 1, 1024
INTERRUPTED, DEGRADED = 130, 3  # exit codes: as the shell tells an interrupt; a run that is not to be trusted
# columns: a terminal of unknown width is taken for the first; the answer is never narrower or wider than the others
_USUAL_WIDTH, _NARROWEST, _WIDEST = 100, 80, 120
_USUAL_LINES = 24  # nobody asks for them
_TOLD = 40  # characters of a faulty option that its message repeats
_BEGUN = 1e-9  # least share done that a time left is reckoned from
QUIET_FOR = 10.0  # seconds between lines of progress where nobody watches a terminal
VARIANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def main(argv: Sequence[str]) -> int:
    """Run one command; a fault that the program knows becomes one message and its exit code."""
    arguments = _parser().parse_args(list(argv))
    try:
        return int(arguments.call(arguments))
    except SimError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code
    except KeyboardInterrupt:
        print("interrupted; a result without its manifest is unfinished", file=sys.stderr)
        return INTERRUPTED


def _say(text: str) -> None:
    """Print an answer now; where nobody reads it any more, as behind ``| head``, the work still goes on.

    Raises SimError where it cannot be written, e.g. to a full disk.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without our letters shows question marks
    try:
        print(text, flush=True)
    except OSError as fault:
        # what is left in the buffer goes nowhere; else the interpreter would stumble over it at its end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(fault, BrokenPipeError):
            raise SimError(
                f"the answer cannot be printed: {fault.strerror}; files already written are whole"
            ) from fault


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sim", description="Scenario model of trade in metals.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="solve a scenario beside its baseline and write results/<scenario>/")
    run.set_defaults(call=_run)
    _scenario(run)
    _draws(run)
    run.add_argument("--sampling", default=_given("SAMPLING"), help=f"{' or '.join(SAMPLINGS)}; {PLAIN} by default")
    run.add_argument("--name", default=_given("NAME"), help="keep the result as results/<scenario>@NAME/")
    validate = commands.add_parser("validate", help="read all scenario files, or one, and tell every fault")
    validate.set_defaults(call=_validate)
    _scenario(validate)
    show = commands.add_parser("show", help="every value of a scenario, with source, tier, file and line")
    show.set_defaults(call=_show)
    _scenario(show)
    diff = commands.add_parser("diff", help="what the second scenario has otherwise than the first")
    diff.set_defaults(call=_diff)
    diff.add_argument("--a", default=_given("A"), help="the scenario to begin with")
    diff.add_argument("--b", default=_given("B"), help="the scenario that is set beside it")
    new = commands.add_parser("new", help="write scenarios/<scenario>.yaml to start from")
    new.set_defaults(call=_new)
    new.add_argument("--scenario", default=_given("SCENARIO"), help="name of the new scenario")
    new.add_argument("--from", default=_given("FROM"), dest="parent", help="the one it extends, baseline")
    backtest = commands.add_parser("backtest", help="hold the model against what has happened")
    backtest.set_defaults(call=_backtest)
    backtest.add_argument("--scenario", default=_given("SCENARIO"), help="one episode of scenarios/backtests/")
    backtest.add_argument("--set", default=_given("SET"), dest="overrides", help='"path=value; path=value"')
    _draws(backtest)
    backtest.add_argument(
        "--estimate", action="store_const", const="yes", default=_given("ESTIMATE"), help="also estimate parameters"
    )
    target = commands.add_parser("target", help="seek the value of a number at which a goal is met")
    target.set_defaults(call=_target)
    _scenario(target)
    _draws(target)
    for option, text in (
        ("goal", "indicator.good.region[.partner].year, <= or >=, and a value with its unit"),
        ("vary", "path of the number that is varied, as in SET"),
        ("low", "least value that is tried"),
        ("high", "largest value that is tried"),
    ):
        target.add_argument(f"--{option}", default=_given(option.upper()), help=text)
    target.add_argument("--name", default=_given("NAME"), help="keep the result as results/_target/<scenario>@NAME/")
    commands.add_parser("list", help="the scenarios that exist").set_defaults(call=_list)
    for name, call, text in (
        ("world", _world, "build the benchmark worlds, or one, and report on them"),
        ("new-world", _new_world, "write scenarios/worlds/<world>/ and its baseline to start a metal from"),
    ):
        about_world = commands.add_parser(name, help=text)
        about_world.set_defaults(call=call)
        about_world.add_argument("--world", default=_given("WORLD"), help="name of a folder in scenarios/worlds/")
    docs = commands.add_parser("docs", help="write the pages and tables of the documentation anew")
    docs.set_defaults(call=_docs)
    docs.add_argument("--quick", action="store_true", help="only the pages that take no runs")
    return parser


def _scenario(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scenario", default=_given("SCENARIO"), help="name of a file in scenarios/, or all")
    parser.add_argument("--set", default=_given("SET"), dest="overrides", help='"path=value; path=value"')


def _draws(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--draws", default=_given("DRAWS"), help=f"number of draws, {DEFAULT_DRAWS}; 0: central only")
    parser.add_argument("--seed", default=_given("SEED"), help=f"seed of the draws, {DEFAULT_SEED}")
    parser.add_argument("--jobs", default=_given("JOBS"), help="threads; by default one per core")
    parser.add_argument(
        "--no-figures", dest="figures", action="store_const", const="no", default=_given("FIGURES"), help="tables only"
    )


def _given(variable: str) -> str:
    """What the Makefile hands over; an empty variable is none."""
    # such names may be set for every program: they count only beside one that is ours
    beside = {"NAME": "SCENARIO", "FROM": "SCENARIO", "A": "B", "B": "A"}
    beside |= {"GOAL": "VARY", "VARY": "GOAL", "LOW": "VARY", "HIGH": "VARY"}
    if not os.environ.get(beside.get(variable, variable)):
        return ""
    return os.environ.get(variable, "")


def _run(arguments: argparse.Namespace) -> int:
    from sim import app  # numpy and pandas are slow to load; --help does without

    options = app.RunOptions(
        draws=_whole("DRAWS", arguments.draws, DEFAULT_DRAWS, 0, MOST_DRAWS),
        seed=_whole("SEED", arguments.seed, DEFAULT_SEED, 0, MOST_SEED),
        jobs=_whole("JOBS", arguments.jobs, os.cpu_count() or 1, 1, MOST_JOBS),
        overrides=arguments.overrides,
        name=_variant(arguments.name),
        figures=_yes_or_no("FIGURES", arguments.figures, otherwise=True),
        sampling=_sampling(arguments.sampling),
    )
    wanted = _wanted("run", arguments.scenario)
    names = _known() if wanted == "all" else [wanted]
    for name in names if len(names) > 1 else []:
        app.validate(ROOT, name, arguments.overrides)  # a fault in the last one shall not be told after an hour
    code = 0
    for name in names:
        progress = Progress()
        try:
            finished = app.run(ROOT, name, options, _command(name, options), VERSION, _width(), progress)
        finally:
            progress.close()
        _say(finished.answer)
        code = max(code, _degraded(finished))
    return code


def _command(name: str, options: object) -> list[str]:
    """The command that makes the same result again, whatever way it was given."""
    words = ["run", "--scenario", name]
    for option, value in vars(options).items():
        if option == "figures":
            words += [] if value else ["--no-figures"]
        elif option == "sampling":
            words += [] if value == PLAIN else ["--sampling", value]
        elif option != "jobs" and value != "":
            words += [{"overrides": "--set"}.get(option, f"--{option}"), str(value)]
    return words


def _degraded(finished: Finished) -> int:
    if finished.degraded:
        _say(f"{finished.folder.name}: more than 1 % of the draws failed; the bands are not to be trusted")
        return DEGRADED
    return 0


def _list(_arguments: argparse.Namespace) -> int:
    from sim import editing

    _say(editing.listing(ROOT, _width()))
    return 0


def _validate(arguments: argparse.Namespace) -> int:
    from sim import editing

    if arguments.overrides and not arguments.scenario:
        raise ScenarioError("SET changes one scenario: say SCENARIO= as well")
    for name, idle in editing.validated(ROOT, arguments.scenario, arguments.overrides):
        _say(f"{name}: no fault, but no effect: {idle}" if idle else f"{name}: no fault")
    return 0


def _show(arguments: argparse.Namespace) -> int:
    from sim import editing

    _say(editing.show(ROOT, _wanted("show", arguments.scenario), arguments.overrides, _width()))
    return 0


def _diff(arguments: argparse.Namespace) -> int:
    from sim import editing

    if not (arguments.a and arguments.b):
        raise ScenarioError(f"diff needs A= and B=, two of {', '.join(_known())}")
    if _given("SET"):
        raise ScenarioError("diff compares two scenarios as their files have them: no SET")
    _say(editing.diff(ROOT, arguments.a, arguments.b, _width()))
    return 0


def _new(arguments: argparse.Namespace) -> int:
    from sim import editing

    if not arguments.scenario:
        raise ScenarioError("new needs SCENARIO=, the name of the file to write")
    _say(editing.new(ROOT, arguments.scenario, arguments.parent))
    return 0


def _backtest(arguments: argparse.Namespace) -> int:
    from sim import history

    draws = _whole("DRAWS", arguments.draws, DEFAULT_DRAWS, 0, MOST_DRAWS)
    seed = _whole("SEED", arguments.seed, DEFAULT_SEED, 0, MOST_SEED)
    figures = _yes_or_no("FIGURES", arguments.figures, otherwise=True)
    options = history.BacktestOptions(
        draws=draws,
        seed=seed,
        jobs=_whole("JOBS", arguments.jobs, os.cpu_count() or 1, 1, MOST_JOBS),
        overrides=arguments.overrides,
        scenario=arguments.scenario,
        estimate=_yes_or_no("ESTIMATE", arguments.estimate, otherwise=False),
        figures=figures,
        # the pages tell what the plain command finds, and nothing else
        page=figures
        and (draws, seed) == (DEFAULT_DRAWS, DEFAULT_SEED)
        and not arguments.overrides + arguments.scenario,
    )
    progress = Progress()
    try:
        done = history.backtest(ROOT, options, VERSION, _width(), progress)
    finally:
        progress.close()
    _say(done.answer)
    for path in (done.folder, *done.pages):
        _say(f"written: {path.relative_to(ROOT)}")
    return DEGRADED if done.degraded else 0


def _target(arguments: argparse.Namespace) -> int:
    from sim import aim

    if not (arguments.goal and arguments.vary):
        raise ScenarioError(
            'target needs GOAL="indicator.good.region.year <= value" and VARY=, the path of a number of the scenario'
        )
    options = aim.AimOptions(
        scenario=_wanted("target", arguments.scenario),
        goal=arguments.goal,
        vary=arguments.vary,
        low=arguments.low,
        high=arguments.high,
        draws=_whole("DRAWS", arguments.draws, DEFAULT_DRAWS, 0, MOST_DRAWS),
        seed=_whole("SEED", arguments.seed, DEFAULT_SEED, 0, MOST_SEED),
        jobs=_whole("JOBS", arguments.jobs, os.cpu_count() or 1, 1, MOST_JOBS),
        overrides=arguments.overrides,
        name=_variant(arguments.name),
        figures=_yes_or_no("FIGURES", arguments.figures, otherwise=True),
    )
    progress = Progress()
    try:
        found = aim.aim(ROOT, options, VERSION, _width(), progress)
    finally:
        progress.close()
    _say(found.answer)
    if found.degraded:
        _say(f"{found.folder.name}: more than 1 % of the draws failed; the bands are not to be trusted")
    return DEGRADED if found.degraded else 0


def _known() -> list[str]:
    from sim import app

    return [name for name, _ in app.listing(ROOT)]


def _wanted(command: str, scenario: str) -> str:
    """The scenario a command is about; a ScenarioError names those there are."""
    if not scenario:
        raise ScenarioError(f"{command} which scenario? There are {', '.join(_known())}")
    return scenario


def _world(arguments: argparse.Namespace) -> int:
    from sim import app

    _say(app.world_text(ROOT, arguments.world))
    return 0


def _new_world(arguments: argparse.Namespace) -> int:
    from sim import new_world

    if not arguments.world:
        raise ScenarioError("new-world needs WORLD=, the name of the folder to write")
    _say(new_world.new_world(ROOT, arguments.world))
    return 0


def _docs(arguments: argparse.Namespace) -> int:
    from sim import pages

    for path in pages.write_quick_docs(ROOT) if arguments.quick else pages.write_docs(ROOT):
        _say(f"written: {path.relative_to(ROOT)}")
    return 0


def _whole(name: str, text: str, default: int, low: int, high: int) -> int:
    if text == "":
        return default
    if not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) or not low <= int(text) <= high:
        raise ScenarioError(f"{name}={text[:_TOLD]!r}: a whole number from {low} to {high} is wanted")
    return int(text)


def _yes_or_no(name: str, text: str, *, otherwise: bool) -> bool:
    if text not in ("", "yes", "no"):
        raise ScenarioError(f"{name}={text[:_TOLD]!r}: yes or no is wanted")
    return text == "yes" if text else otherwise


def _sampling(text: str) -> str:
    if text not in ("", *SAMPLINGS):
        raise ScenarioError(f"SAMPLING={text[:_TOLD]!r}: {' or '.join(SAMPLINGS)} is wanted")
    return text or PLAIN


def _variant(text: str) -> str:
    if text and not VARIANT.fullmatch(text):
        raise ScenarioError(f"NAME={text[:_TOLD]!r}: letters, digits, '_', '-' and '.' are wanted, at most 64")
    return text


def _width() -> int:
    return min(max(shutil.get_terminal_size((_USUAL_WIDTH, _USUAL_LINES)).columns, _NARROWEST), _WIDEST)


class Progress:
    """A bar with the time left on a terminal, else a line every ten seconds; to the error stream."""

    def __init__(self) -> None:
        self._begun = self._last = time.monotonic()
        self._bar: RichProgress | None = None

    def __call__(self, share: float, what: str) -> None:
        """Show how far the work is; the first call opens the bar."""
        if sys.stderr.isatty():
            self._shown(share, what)
        elif time.monotonic() - self._last >= QUIET_FOR:
            self._last = time.monotonic()
            left = (self._last - self._begun) * (1.0 - share) / max(share, _BEGUN)
            print(f"{share:.0%} done, about {left:.0f} s left ({what})", file=sys.stderr, flush=True)

    def _shown(self, share: float, what: str) -> None:
        if self._bar is None:
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as RichBar

            columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
            self._bar = RichBar(*columns, console=Console(stderr=True), transient=True)
            self._bar.add_task("", total=1.0)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=share, description=what)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
