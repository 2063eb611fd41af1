"""``make bench``: medians of several repetitions, as ratios within one run, on one core."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded

import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.core.memory import benchmark_memory, next_memory
from sim.core.year import year_inputs
from sim.inputs.resolve import load_scenario
from sim.model import simulate, solve_year
from sim.records.params import Bounds, Params
from sim.study.scope import within
from sim.study.world import build_world
from tests.bench.opponent import solve_one
from tests.worlds import calibrated, random_statistics, with_wedge

ROOT = Path(__file__).parents[2]
REPETITIONS = 5
YEARS = 6
DRAWS = 128
OPPONENT_DRAWS = 4
AGREEMENT = 1e-8


def main() -> int:
    """Print and write the table; 1 where the two do not find the same prices."""
    rows = [measured(name, params) for name, params in cases()]
    header = ("case", "origins", "draws", "us per equilibrium", "opponent", "ratio", "largest difference")
    print("".join(f"{cell:>20}" for cell in header))
    for row in rows:
        print(f"{row['case']:>20}{row['origins']:>20}{row['draws']:>20}{row['batch_us']:>20.0f}", end="")
        print(f"{row['opponent_us']:>20.0f}{row['ratio']:>20.1f}{row['difference']:>20.1e}")
    folder = ROOT / "results" / "_bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return int(any(row["difference"] > AGREEMENT for row in rows))


def cases() -> list[tuple[str, Params]]:
    """Ten regions, and every chain of the shipped world at its number of regions; without bounds."""
    worlds = (
        calibrated(random_statistics(np.random.default_rng(s), 10, 1, DRAWS, YEARS, hard=False)) for s in range(99)
    )
    ten = next(params for params in worlds if len(params.technology.region) == 10)  # all ten produce
    found = [("10 regions", with_wedge(ten, "tariffs_cif", [(0, o, 0) for o in range(1, 10)], 0.5))]
    baseline = load_scenario("baseline", ROOT)
    years = replace(baseline.years, last=baseline.years.first + YEARS - 2, focus=baseline.years.first)
    baseline = replace(baseline, years=years)
    world = build_world(ROOT / "scenarios" / "worlds" / baseline.world)
    for goods in world.chains():
        part = within(baseline, goods, world)
        params = build_params(part, part, world.cut(goods), Draws(seed=1, count=DRAWS - 1))
        found.append((goods[-1], params))
    return [(name, unbounded(params)) for name, params in found]


def unbounded(params: Params) -> Params:
    """The same without bounds, which the opponent does not know."""
    n, t, regions = params.draws, len(params.years), len(params.regions)
    none = Bounds(
        names=(),
        rent_to=np.zeros(0, dtype=np.int64),
        routes=np.zeros((0, len(params.goods), regions, regions), dtype=bool),
        low=np.zeros((n, t, 0)),
        high=np.zeros((n, t, 0)),
        high_share=np.zeros((n, t, 0)),
    )
    return replace(params, bounds=none)


def measured(name: str, params: Params) -> dict[str, float | str | int]:
    """Medians of both, in turn, so that both feel the same machine."""
    batch, single, gaps, live = [], [], [], 0
    for _ in range(REPETITIONS):
        begun = time.perf_counter()
        found = simulate(params)
        batch.append((time.perf_counter() - begun) / (params.draws * len(params.years)))
        seconds, gap, live = opponent(params, found.producer_price)
        single.append(seconds)
        gaps.append(gap)
    ours, theirs = statistics.median(batch) * 1e6, statistics.median(single) * 1e6
    return {
        "case": name,
        "origins": live,
        "draws": params.draws,
        "batch_us": ours,
        "opponent_us": theirs,
        "ratio": theirs / ours,
        "difference": max(gaps),
    }


def opponent(params: Params, expected: np.ndarray) -> tuple[float, float, int]:
    """Seconds per equilibrium of the opponent, its largest distance in log prices, and the live origins."""
    draws = np.arange(params.draws)
    memory = benchmark_memory(params)
    seconds, gap, solved, live = 0.0, 0.0, 0, 0
    for t in range(len(params.years)):
        given = year_inputs(params, t, draws, memory)
        found, _ = solve_year(given.market, memory.price, memory.wedge, memory.price, None)
        live = int(given.market.live_origin[0].sum())
        for draw in range(OPPONENT_DRAWS):
            begun = time.perf_counter()
            logs, converged = solve_one(given.market, draw, np.log(memory.price[draw]))
            seconds += time.perf_counter() - begun
            solved += 1
            alive = ~np.isnan(expected[draw, t])
            apart = np.abs(logs - np.log(np.where(alive, expected[draw, t], 1.0)))[alive].max()
            gap = max(gap, float(apart) if converged else np.inf)
        memory = next_memory(
            memory,
            params,
            draws,
            given.live,
            given.place_capacity,
            given.unlimited,
            found.state,
            released=found.state.released.sum(axis=2),
            mined=t > 0,
        )
    return seconds / solved, gap, live


if __name__ == "__main__":
    sys.exit(main())
