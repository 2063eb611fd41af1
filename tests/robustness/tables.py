"""Mutated files of a world through the command line: each is read and balanced, or refused in words."""

from __future__ import annotations

import random
import re
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.robustness.mutate import mutated_scenario
from tests.robustness.mutate_tables import mutated_table
from tests.robustness.scenarios import (
    ACCEPTED,
    BROKEN,
    REFUSED,
    SLOWEST,
    SOLVED,
    UNSOLVED,
    Small,
    Verdict,
    command,
    solved_shortly,
    watched,
)
from tests.robustness.six import WORLD
from tests.robustness.tree import read_tree

PLACED = re.compile(r"^scenarios/worlds/[\w/.-]+:\d+:(\d+:)? ")
TOGETHER = "refused, because the tables do not go together"


def mutant(small: Small, seed: int) -> tuple[Path, bytes]:
    """A file of the world and its content after the mutation."""
    worlds = small.root / "scenarios" / "worlds"
    files = sorted(path for path in worlds.glob("*/*") if not path.name.startswith("balanced_"))
    path = random.Random(f"table {seed}").choice(files)  # noqa: S311 - nothing is kept secret with it
    if path.suffix == ".yaml":
        return path, mutated_scenario(read_tree(path), [read_tree(path)], seed)
    return path, mutated_table(path.read_text(encoding="utf-8"), seed)


def built(small: Small, seed: int) -> Verdict:
    """Build the world with one file mutated, and solve the baseline over two years where it is accepted."""
    path, content = mutant(small, seed)
    name = str(path.relative_to(small.root))
    world = path.parent.name
    baseline = "baseline" if world == WORLD else f"{world}_baseline"
    sound = path.read_bytes()
    verdict = Verdict(seed, name, baseline, BROKEN)
    before = small.listing()
    begun = time.process_time()
    path.write_bytes(content)
    try:
        with watched():
            code, _, told = command(small.root, "world", "--world", world)
            seconds = time.process_time() - begun
            outcome, fault = _judged(code, told)
            if not fault and seconds > SLOWEST:
                fault = f"took {seconds:.1f} s"
            verdict = replace(verdict, outcome=outcome, seconds=seconds, fault=fault)
            if outcome == ACCEPTED and command(small.root, "validate", "--scenario", baseline)[0] == 0:
                solved, fault = solved_shortly(small.root, baseline)
                verdict = replace(verdict, solved=solved, fault=fault)
    except Exception:  # noqa: BLE001 - whatever it is, it is a find
        verdict = replace(verdict, outcome=BROKEN, fault=traceback.format_exc())
    finally:
        path.write_bytes(sound)
    if small.listing() != before:
        verdict = replace(verdict, fault=f"{verdict.fault} files were written".strip())
    return verdict


def _judged(code: int, told: str) -> tuple[str, str]:
    """Outcome, and what is wrong with it."""
    if code == 0:
        return ACCEPTED, told
    if code != 2:
        return BROKEN, f"exit code {code}: {told}"
    lines = [line for line in told.splitlines() if not line.startswith(("    ", "..."))]
    if not lines:
        return BROKEN, "refused without a word"
    return (REFUSED if all(PLACED.match(line) for line in lines) else TOGETHER), ""


def lines_of(verdicts: Sequence[Verdict]) -> list[str]:
    """What a campaign found, as a table."""
    outcomes = Counter(verdict.outcome for verdict in verdicts)
    solved = Counter(verdict.solved for verdict in verdicts if verdict.solved)
    return [
        "| mutated files of a world | |",
        "|---|---|",
        f"| read | {len(verdicts):,} |",
        f"| accepted and balanced | {outcomes[ACCEPTED]:,} |",
        f"| refused, every fault with file and line | {outcomes[REFUSED]:,} |",
        f"| {TOGETHER}, told by name | {outcomes[TOGETHER]:,} |",
        f"| of the accepted, baseline solved with one draw over two years | {solved[SOLVED]:,} |",
        f"| of the accepted, without an equilibrium, which was told (exit code 3) | {solved[UNSOLVED]:,} |",
        f"| slowest, seconds of the processor | {max(v.seconds for v in verdicts):.1f} |",
        f"| tracebacks, warnings, hangs, wrong exit codes, files written | {sum(1 for v in verdicts if v.fault)} |",
    ]
