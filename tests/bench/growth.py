"""How time and memory grow: with regions, years and draws."""

from __future__ import annotations

import os
import resource
import statistics
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from typing import Any

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.inputs.resolve import load_scenario
from sim.model import simulate
from sim.records.sampling import BATCH
from sim.study.block import parts_of
from sim.study.scope import within
from sim.study.world import build_world
from tests.bench.equilibria import ENGINES, ROOT, posed, random_market, solve_all, solved_by, timed

REGIONS = (6, 10, 50, 150)
FEW = 16  # draws in a batch of many regions
YEARS = (2, 6, 13, 26)
REPETITIONS = 5
MIB = 2**20


def over_regions() -> list[dict[str, Any]]:
    """Time per equilibrium of one good, 16 draws a batch."""
    rows = []
    for regions in REGIONS:
        given = posed(random_market(regions, FEW, 3))
        row: dict[str, Any] = {"regions": regions, "origins": int(given.markets[0].live_origin[0].sum()), "draws": FEW}
        for solver in ENGINES:
            with solved_by(solver):
                solve_all(given)
                seconds = [timed(partial(solve_all, given)) for _ in range(REPETITIONS)]
            row[f"{solver}, ms"] = 1e3 * statistics.median(seconds) / given.equilibria
        rows.append(row)
    return rows


def over_years() -> list[dict[str, Any]]:
    """Time per year of a run of aluminium, with all that a year takes beside its equilibrium."""
    rows = []
    for years in YEARS:
        run = _aluminium(years)
        params = run(Draws(seed=1, count=BATCH - 1))
        row: dict[str, Any] = {"years": years}
        for solver in ENGINES:
            with solved_by(solver):
                simulate(params)
                seconds = [timed(partial(simulate, params)) for _ in range(3)]
            row[f"{solver}, us a draw and year"] = 1e6 * statistics.median(seconds) / (BATCH * years)
        rows.append(row)
    return rows


def over_draws(counts: tuple[int, ...]) -> list[dict[str, Any]]:
    """Time per draw of two years of aluminium in blocks, as runs and sweeps go over them, and the peak of memory."""
    rows = []
    for count in counts:
        with get_context("spawn").Pool(1) as pool:  # a process of its own, whose peak is that of this count
            found = [pool.apply(_drawn, (count,)) for _ in range(REPETITIONS)]
        rows.append(
            {
                "draws": count,
                "us a draw": 1e6 * statistics.median(seconds for seconds, _ in found) / count,
                "peak, MiB": max(peak for _, peak in found) / MIB,
            }
        )
    for row in rows:
        row["over the fewest"] = row["us a draw"] / rows[0]["us a draw"]
    return rows


def _drawn(count: int) -> tuple[float, float]:
    run = _aluminium(2)
    simulate(run(Draws(seed=1, count=2)))

    def blocks() -> None:
        for part in parts_of(1, count + 1):
            simulate(run(Draws(seed=1, count=count, part=part)))

    seconds = timed(blocks)
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return seconds, float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


def _aluminium(years: int) -> Any:
    baseline = load_scenario("baseline", ROOT)
    span = replace(baseline.years, last=baseline.years.first + years - 2, focus=baseline.years.first)
    world = build_world(ROOT / "scenarios" / "worlds" / baseline.world)
    goods = world.chains()[0]
    part, cut = within(replace(baseline, years=span), goods, world), world.cut(goods)
    return lambda sample: build_params(part, part, cut, sample)
