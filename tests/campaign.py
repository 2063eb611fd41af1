"""Ten thousand hard random draws through the engine: what fails, and whether the plain implementation succeeds there.

Not a test: it takes about ten minutes. Run ``python -m tests.campaign [worlds]`` from the root of the project.
"""

from __future__ import annotations

import sys
from collections import Counter

import numpy as np

from sim.core.clearable import WIDEST
from sim.model import simulate
from sim.records.trajectory import FAILED, SOLVED, STATUS_WORDS
from tests.plain.simulate import ContradictionError, NoEquilibriumError, simulate_draw
from tests.worlds import random_world

DRAWS = 8  # a world
ORDINARY = float(np.log(WIDEST))  # in logs: prices that far from the benchmark still mean something
KINDS = ("its floor is above", "floors promise more", "cannot be had", "find no buyer", "cannot be delivered")


def verdict_of_plain(seed: int, stages: int, draw: int) -> str:
    """What the plain implementation makes of a draw that the engine fails on."""
    params = random_world(seed, stages=stages, draws=DRAWS)
    try:
        years = simulate_draw(params, draw)
    except (ContradictionError, NoEquilibriumError, FloatingPointError, OverflowError) as error:
        return f"plain: {type(error).__name__}, {error}"
    moves = [np.abs(np.log(y.producer_price / params.benchmark_producer_price[draw])) for y in years]
    furthest = float(max(np.nanmax(move) for move in moves))
    word = "ORDINARY" if furthest <= ORDINARY else "beyond meaning"
    return f"plain: solved, prices up to e^{furthest:.1f} from the benchmark ({word})"


def kind_of(reason: str) -> str:
    """A reason without its year, tonnes and names."""
    words = reason.split(": ", 1)[1]
    for kind in KINDS:
        if kind in words:
            return kind
    return words


def run(stages: int, seeds: range) -> list[str]:
    """Lines of a report on worlds of so many stages."""
    count: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    failed: list[tuple[int, int]] = []
    worst = gap = 0.0
    for seed in seeds:
        found = simulate(random_world(seed, stages=stages, draws=DRAWS))
        count.update(STATUS_WORDS[code] for code in found.status)
        reasons.update(kind_of(why) for why in found.reasons if why)
        failed += [(seed, int(draw)) for draw in np.flatnonzero(found.status == FAILED)]
        solved = found.status == SOLVED
        worst = max(worst, float(found.residual[solved].max(initial=0.0)))
        gap = max(gap, float(found.money_gap[solved].max(initial=0.0)))
    lines = [f"stages {stages}: {dict(count)}, largest residual {worst:.1e}, largest money gap {gap:.1e}"]
    lines += [f"  {number:5d} {why}" for why, number in reasons.most_common()]
    lines += [f"  seed {s} draw {n}: {verdict_of_plain(s, stages, n)}" for s, n in failed]
    return lines


if __name__ == "__main__":
    worlds = int(sys.argv[1]) if len(sys.argv) > 1 else 625
    with np.errstate(all="ignore"):
        for number in (1, 2):
            sys.stdout.write("\n".join(run(number, range(worlds))) + "\n")
            sys.stdout.flush()
