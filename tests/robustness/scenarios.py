"""Mutated scenario files through the command line, in process: each is accepted and solved, or refused in words."""

from __future__ import annotations

import atexit
import contextlib
import io
import random
import re
import shutil
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path

from sim import cli
from sim.app import CACHE, WORLDS, load_baseline
from sim.errors import SimError
from sim.inputs.resolve import load_scenario
from sim.output.folder import is_complete
from sim.study.run import run_scenario
from sim.study.world import build_world
from tests.robustness.mutate import mutated_scenario
from tests.robustness.places import quick_place
from tests.robustness.six import INVENTED, TINY_FOLDER, small_project
from tests.robustness.tree import Tree, read_tree

PART = 25  # mutants that a process takes at a time
SLOWEST = 2.0  # seconds of the processor that one file may take
SMALL_SHARE = 0.85  # of the mutants: files about the invented world of two stages
HANGS = 120.0  # seconds of the processor after which it is taken for hanging: others may use it at the same time
WAITS = 3600.0  # seconds of the clock after which it is taken for waiting for what never comes
PLACED = re.compile(r"^scenarios/[\w/.-]+:\d+:\d+: ")
ACCEPTED, REFUSED = "accepted", "refused"
SOLVED, UNSOLVED, BROKEN = "solved", "no equilibrium, told", "BROKEN"


@dataclass(frozen=True)
class Verdict:
    """What became of one mutant; ``fault`` says what should not have happened."""

    seed: int
    file: str
    scenario: str
    outcome: str
    solved: str = ""
    seconds: float = 0.0
    fault: str = ""


class Small:
    """The small project in a folder of its own, with the files that can be mutated and who reads them."""

    def __init__(self, root: Path, *, shipped: bool = True) -> None:
        self.root = small_project(root, shipped=shipped)
        self.readers: dict[str, list[str]] = {}
        for path in sorted((root / "scenarios").glob("*.yaml")):
            for file in load_scenario(path.stem, root).files:
                self.readers.setdefault(file, []).append(path.stem)
        self.files = sorted(self.readers)
        self.sound = {file: (root / file).read_bytes() for file in self.files}
        self.trees: dict[str, Tree] = {file: read_tree(root / file) for file in self.files}

    def mutant(self, seed: int) -> tuple[str, str, bytes]:
        """File, scenario that reads it, and its content after the mutation."""
        rng = random.Random(f"file {seed}")  # noqa: S311 - nothing is kept secret with it
        # most are of the invented world, which is small and quick; the others are cut from the shipped ones
        small = [name for name in self.files if any(word in name for word in (INVENTED, TINY_FOLDER))]
        others = [name for name in self.files if name not in small]
        file = rng.choice(others if others and rng.random() >= SMALL_SHARE else small)
        trees = list(self.trees.values())
        return file, rng.choice(self.readers[file]), mutated_scenario(self.trees[file], trees, seed)

    @contextlib.contextmanager
    def with_file(self, file: str, content: bytes) -> Iterator[None]:
        """The project with one file changed."""
        (self.root / file).write_bytes(content)
        try:
            yield
        finally:
            (self.root / file).write_bytes(self.sound[file])

    def listing(self) -> list[str]:
        """Everything in the project but the cache."""
        return sorted(str(path) for path in self.root.rglob("*") if CACHE not in path.parts)


class HangError(Exception):
    """The time is up."""


@contextlib.contextmanager
def watched() -> Iterator[None]:
    """Ends what hangs, and raises what only warns."""

    def late(number: int, _: object) -> None:
        raise HangError(f"no end: {signal.Signals(number).name} after {HANGS:g} s of the processor or {WAITS:g} s")

    timers = {signal.SIGPROF: (signal.ITIMER_PROF, HANGS), signal.SIGALRM: (signal.ITIMER_REAL, WAITS)}
    before = {number: signal.signal(number, late) for number in timers}
    for timer, most in timers.values():
        signal.setitimer(timer, most)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            yield
    finally:
        for timer, _ in timers.values():
            signal.setitimer(timer, 0.0)
        for number, earlier in before.items():
            signal.signal(number, earlier)


def command(root: Path, *words: str) -> tuple[int, str, str]:
    """Exit code, answer and message of a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    before, cli.ROOT = cli.ROOT, root
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main(list(words))
    finally:
        cli.ROOT = before
    return code, out.getvalue(), err.getvalue()


def validated(small: Small, seed: int) -> Verdict:
    """Validate one mutant, and solve it with one draw over two years where it is accepted."""
    file, scenario, content = small.mutant(seed)
    verdict = Verdict(seed, file, scenario, BROKEN)
    before = small.listing()
    begun = time.process_time()
    with small.with_file(file, content):
        try:
            with watched():
                code, _, told = command(small.root, "validate", "--scenario", scenario)
                seconds = time.process_time() - begun
                verdict = replace(verdict, seconds=seconds, fault=fault_in(code, told))
                if not verdict.fault and seconds > SLOWEST:
                    verdict = replace(verdict, fault=f"took {seconds:.1f} s")
                if not verdict.fault:
                    verdict = replace(verdict, outcome=REFUSED if code else ACCEPTED)
                if verdict.outcome == ACCEPTED:
                    solved, fault = solved_shortly(small.root, scenario)
                    verdict = replace(verdict, solved=solved, fault=fault)
        except Exception:  # noqa: BLE001 - whatever it is, it is a find
            verdict = replace(verdict, outcome=BROKEN, fault=traceback.format_exc())
    if small.listing() != before:
        verdict = replace(verdict, fault=f"{verdict.fault} files were written".strip())
    return verdict


def fault_in(code: int, told: str) -> str:
    """What is wrong with a refusal; empty where every fault has its place, or where nothing is refused."""
    if code == 0:
        return "" if not told else f"accepted with a message: {told}"
    if code != 2:
        return f"exit code {code}: {told}"
    lines = [line for line in told.splitlines() if not line.startswith(("    ", "..."))]
    unplaced = [line for line in lines if not PLACED.match(line)]
    return f"no file and line: {unplaced[0]}" if unplaced else "" if lines else "refused without a word"


def solved_shortly(root: Path, name: str) -> tuple[str, str]:
    """What comes of one draw over two years, and what should not have."""
    scenario = load_scenario(name, root)
    baseline = load_baseline(scenario, root, "")
    last = min(scenario.years.last, scenario.years.first + 1)
    scenario = replace(scenario, years=replace(scenario.years, last=last, focus=min(scenario.years.focus, last)))
    world = build_world(root / WORLDS / scenario.world, root / CACHE)
    try:
        run_scenario(scenario, baseline, world, draws=1, seed=1, jobs=1, version="0")
    except SimError as error:
        if error.exit_code == 3:
            return UNSOLVED, ""
        return BROKEN, f"accepted, then exit code {error.exit_code}: {error}"
    return SOLVED, ""


def run_in_full(small: Small, seed: int) -> Verdict:
    """A mutant that validate accepts, run over all years with figures."""
    file, scenario, content = small.mutant(seed)
    verdict = Verdict(seed, file, scenario, BROKEN)
    folder = small.root / "results" / scenario
    begun = time.process_time()
    with small.with_file(file, content):
        try:
            with watched():
                code, _, told = command(small.root, "run", "--scenario", scenario, "--draws", "2", "--jobs", "1")
            whole = folder.is_dir() and is_complete(folder)
            outcome = {0: SOLVED, 3: UNSOLVED}.get(code, BROKEN)
            fault = f"exit code {code}: {told}" if outcome == BROKEN else ""
            if outcome == SOLVED and not whole:
                fault = "exit code 0 and no whole result"
            verdict = replace(verdict, outcome=outcome, fault=fault)
        except Exception:  # noqa: BLE001
            verdict = replace(verdict, fault=traceback.format_exc())
    shutil.rmtree(folder, ignore_errors=True)
    return replace(verdict, seconds=time.process_time() - begun)


Work = Callable[[Small, int], Verdict]
_SMALL: list[Small] = []  # of a worker process, made once


def _begin() -> None:
    root = Path(tempfile.mkdtemp(prefix="fuzz_", dir=quick_place()))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    _SMALL.append(Small(root))


def _worked(work: Work, seeds: Sequence[int]) -> list[Verdict]:
    return [work(_SMALL[0], seed) for seed in seeds]


def campaign(
    work: Work, seeds: Sequence[int], jobs: int, until: float, tell: Callable[[Verdict], None]
) -> list[Verdict]:
    """The verdicts on the mutants of the seeds, in their order, or on as many as there is time for.

    ``work`` is done in processes that each have a project of their own; ``tell`` hears each verdict as it comes.
    """
    verdicts: list[Verdict] = []
    parts = [seeds[i : i + PART] for i in range(0, len(seeds), PART)]
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_begin) as pool:
        for part in pool.map(_worked, [work] * len(parts), parts):
            for verdict in part:
                tell(verdict)
                verdicts.append(verdict)
            if time.monotonic() > until:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    return verdicts


def spread(verdicts: Sequence[Verdict], count: int) -> list[int]:
    """So many seeds of mutants that could be solved, evenly over all of them."""
    solved = [verdict.seed for verdict in verdicts if verdict.solved == SOLVED]
    return solved[:: max(1, len(solved) // max(count, 1))][:count]


def lines_of(verdicts: Sequence[Verdict], runs: Sequence[Verdict]) -> list[str]:
    """What a campaign found, as a table."""
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    solved = Counter(verdict.solved for verdict in verdicts if verdict.solved)
    whole = Counter(run.outcome for run in runs)
    faults = sum(1 for each in (*verdicts, *runs) if each.fault)
    return [
        "| mutated scenario files | |",
        "|---|---|",
        f"| validated | {len(verdicts):,} |",
        f"| accepted | {outcomes[ACCEPTED]:,} |",
        f"| refused, every fault with file and line | {outcomes[REFUSED]:,} |",
        f"| of the accepted, solved with one draw over two years | {solved[SOLVED]:,} |",
        f"| of the accepted, without an equilibrium, which was told (exit code 3) | {solved[UNSOLVED]:,} |",
        f"| run in full with figures | {len(runs):,}, of them {whole[SOLVED]:,} solved |",
        f"| slowest refusal or acceptance, seconds of the processor | {max(v.seconds for v in verdicts):.1f} |",
        f"| tracebacks, warnings, hangs, wrong exit codes, files written by a refused one | {faults} |",
    ]
