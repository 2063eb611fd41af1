"""Time per equilibrium: each engine on one core and on two, the plain opponent, and the compiled reference."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from sim import engine
from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.core.market import Market
from sim.core.memory import benchmark_memory, next_memory
from sim.core.year import year_inputs
from sim.inputs.resolve import load_scenario
from sim.model import simulate, solve_year
from sim.quantity import Array
from sim.records.params import Bounds, Params
from sim.study.scope import within
from sim.study.world import build_world
from tests.bench.opponent import solve_one
from tests.bench.reference import solve_reference
from tests.worlds import calibrated, random_statistics, with_wedge

ROOT = Path(__file__).parents[2]
REPETITIONS = 5
YEARS = 6
DRAWS = 128
OPPONENT_DRAWS = 4
AGREEMENT = 1e-8
CORES = 2
ENGINES = (engine.NUMPY, engine.NUMBA)


@contextmanager
def solved_by(name: str) -> Iterator[None]:
    """Let one engine solve everything."""
    before = os.environ.get(engine.CHOICE, "")
    os.environ[engine.CHOICE] = name
    engine._compiled.cache_clear()
    try:
        yield
    finally:
        os.environ[engine.CHOICE] = before
        engine._compiled.cache_clear()


@dataclass(frozen=True, eq=False)
class Posed:
    """The markets of some years with the prices that a solver starts from and those that it should find."""

    markets: tuple[Market, ...]
    guesses: tuple[Array, ...]  # (n, c, o)
    calm: Array
    expected: Array  # (n, t, c, o)

    @property
    def equilibria(self) -> int:
        """How many there are."""
        return len(self.markets) * self.markets[0].draws


def posed(params: Params) -> Posed:
    """Every year of a run as a market by itself, started from the prices of the year before."""
    draws, memory = np.arange(params.draws), benchmark_memory(params)
    markets, guesses = [], []
    for t in range(len(params.years)):
        given = year_inputs(params, t, draws, memory)
        found, _ = solve_year(given.market, memory.price, memory.wedge, memory.price, None)
        markets.append(given.market)
        guesses.append(memory.price)
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
    return Posed(tuple(markets), tuple(guesses), params.benchmark_producer_price, simulate(params).producer_price)


def solve_all(given: Posed) -> None:
    """Solve every market of every year."""
    for market, guess in zip(given.markets, given.guesses, strict=True):
        solve_year(market, guess, np.zeros_like(market.log_low), given.calm, None)


def timed(call: Callable[[], Any]) -> float:
    """Seconds of a call."""
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


_shared: list[Posed] = []  # what the processes of a pool solve; they are forked, so nothing is sent


def _shared_solved(_: int) -> None:
    solve_all(_shared[0])


def measured(name: str, params: Params) -> list[dict[str, Any]]:
    """One row for each engine: medians of all in turn, so that all feel the same machine."""
    with solved_by(engine.NUMPY):
        given = posed(params)
    opponents, rows = [], []
    seconds: dict[tuple[str, str], list[float]] = {}
    gap = 0.0
    _shared[:] = [given]
    pools = {}
    for solver in ENGINES:
        with solved_by(solver):
            solve_all(given)
            simulate(params)
            pools[solver] = ProcessPoolExecutor(CORES, mp_context=get_context("fork"))
            list(pools[solver].map(_shared_solved, range(CORES)))
    simple = _simple(given)
    for _ in range(REPETITIONS):
        each, found = opponent(given)
        opponents.append(each)
        gap = max(gap, found)
        if simple is not None:
            seconds.setdefault(("reference", "simple"), []).append(timed(lambda: _by_reference(simple)))
            with solved_by(engine.NUMBA):
                seconds.setdefault((engine.NUMBA, "simple"), []).append(timed(lambda: solve_all(simple)))
        for solver in ENGINES:
            with solved_by(solver):
                seconds.setdefault((solver, "one"), []).append(timed(lambda: solve_all(given)))
                seconds.setdefault((solver, "year"), []).append(timed(lambda: simulate(params)))
            both = timed(lambda p=pools[solver]: list(p.map(_shared_solved, range(CORES))))
            seconds.setdefault((solver, "both"), []).append(both / CORES)
    for pool in pools.values():
        pool.shutdown()
    theirs = statistics.median(opponents)
    simply = (
        [statistics.median(seconds[who, "simple"]) for who in ("reference", engine.NUMBA)] if simple else [np.nan, 1]
    )
    for solver in ENGINES:
        one, both, year = (
            statistics.median(seconds[solver, what]) / given.equilibria for what in ("one", "both", "year")
        )
        rows.append(
            {
                "case": name,
                "origins": int(given.markets[0].live_origin[0].sum()),
                "engine": solver,
                "draws": params.draws,
                "one core, us": 1e6 * one,
                "both cores, us": 1e6 * both,
                "with its year, us": 1e6 * year,
                "opponent, us": 1e6 * theirs,
                "times the opponent, one core": theirs / one,
                "times the opponent, both cores": theirs / both,
                "both cores over one": one / both,
                "compiled reference over it": simply[0] / simply[1] if solver == engine.NUMBA else np.nan,
                "largest difference": gap,
            }
        )
    return rows


def _simple(given: Posed) -> Posed | None:
    """The years that the reference can do: one good, and the same live rows in all draws."""
    years = [t for t, m in enumerate(given.markets) if (m.input_good < 0).all() and len(m.alike()) == 1]
    if not years:
        return None
    return Posed(
        tuple(given.markets[t] for t in years),
        tuple(given.guesses[t] for t in years),
        given.calm,
        given.expected[:, years],
    )


def _by_reference(given: Posed) -> None:
    for market, guess in zip(given.markets, given.guesses, strict=True):
        solve_reference(market, np.log(guess))


def opponent(given: Posed) -> tuple[float, float]:
    """Seconds per equilibrium of the opponent, and its largest distance in log prices from the engine."""
    seconds, gap, solved = 0.0, 0.0, 0
    for t, (market, guess) in enumerate(zip(given.markets, given.guesses, strict=True)):
        for draw in range(OPPONENT_DRAWS):
            begun = time.perf_counter()
            logs, converged = solve_one(market, draw, np.log(guess[draw]))
            seconds += time.perf_counter() - begun
            solved += 1
            alive = ~np.isnan(given.expected[draw, t])
            apart = np.abs(logs - np.log(np.where(alive, given.expected[draw, t], 1.0)))[alive].max()
            gap = max(gap, float(apart) if converged else np.inf)
    return seconds / solved, gap


def cases() -> list[tuple[str, Params]]:
    """Ten regions, and every chain of the shipped world at its number of regions; without bounds."""
    found = [("10 regions", random_market(10, DRAWS, YEARS, least=1.0))]
    baseline = load_scenario("baseline", ROOT)
    years = replace(baseline.years, last=baseline.years.first + YEARS - 2, focus=baseline.years.first)
    baseline = replace(baseline, years=years)
    world = build_world(ROOT / "scenarios" / "worlds" / baseline.world)
    for goods in world.chains():
        part = within(baseline, goods, world)
        params = build_params(part, part, world.cut(goods), Draws(seed=1, count=DRAWS - 1))
        found.append((goods[-1], params))
    return [(name, unbounded(params)) for name, params in found]


def random_market(regions: int, draws: int, years: int, least: float = 0.6) -> Params:
    """A market of one good in which most regions produce, with a duty of one of them on all others."""
    for seed in range(99):
        statistics_drawn = random_statistics(np.random.default_rng(seed), regions, 1, draws, years, hard=False)
        # one asset in each, as the reference has it
        found = calibrated(replace(statistics_drawn, split_assets=False))
        if len(found.technology.region) >= least * regions:
            return with_wedge(found, "tariffs_cif", [(0, o, 0) for o in range(1, regions)], 0.5)
    raise ValueError(f"no such market of {regions} regions")


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
