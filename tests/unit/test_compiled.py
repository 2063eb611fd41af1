"""The loops of the compiled engine as plain Python, laid beside numpy; `make test` tries them compiled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim import engine
from sim.compiled import batch, equations
from sim.core.bounds import complementarity
from sim.core.equilibrium import Equilibrium
from sim.core.market import Market
from sim.core.supply import net_price, utilisation
from sim.errors import ScenarioError
from sim.model import simulate
from sim.quantity import Array
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from tests.worlds import (
    random_world,
    six_region_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_contract,
    with_stockpile,
    with_stocks_and_reserves,
    with_wedge,
)

DIGITS = 1e-10


def one_of_each() -> Params:
    """A world of six regions with every kind of measure."""
    params = six_region_world(2, renewal=0.3, years=3)
    params = with_ban(params, [(0, 2, 1), (0, 2, 3)])
    params = with_wedge(params, "tariffs_fob", [(0, 3, 0)], 0.2)
    params = with_bound(params, [(0, 2, 5), (0, 2, 0)], high=60.0)
    params = with_bound(params, [(0, 3, 2)], low=60.0)
    params = with_bound(params, [(0, 1, 0)], high=0.0, high_share=0.5, first=2)
    params = with_contract(params, (0, 4, 2), 100.0)
    return with_stockpile(params, "last", 0, [0, 0.5, 0, 0, 0, 0.5], stock=200.0, rate=120.0, trigger=1000.0)


def bound_chain() -> Params:
    """A chain whose input is under a cap, with a contract and two assets in a place."""
    params = two_stage_world(2, split_assets=True, years=3)
    params = with_bound(params, [(0, 0, 1), (0, 2, 1)], high=3.0)
    return with_contract(params, (1, 1, 3), 9.0)


def cut_off() -> Params:
    """A market that nobody may sell to, with a stockpile at its gate that may."""
    params = with_ban(six_region_world(2, years=3), [(0, o, 5) for o in range(5)])
    return with_stockpile(params, "last", 0, [0, 0.5, 0, 0, 0, 0.5], stock=200.0, rate=120.0, trigger=1000.0)


def closed() -> Params:
    """A world in which, in one of two draws, nobody may sell to anybody, not even at home."""
    everywhere = [(0, o, d) for o in range(3) for d in range(3)]
    return with_ban(tiny_world(2), everywhere, np.array([1.0, 0.0]))


WORLDS = {
    "closed": closed,
    "one of each measure": one_of_each,
    "chain with a cap on its input": bound_chain,
    "cut off": cut_off,
    "random": lambda: random_world(3, stages=2, years=3),
    "stocks and reserves": lambda: with_stocks_and_reserves(random_world(1, stages=1, hard=False, years=4), 1),
    "a full market": lambda: random_world(1058, stages=1, years=3),
}


@pytest.fixture
def found_by(monkeypatch: pytest.MonkeyPatch) -> list[Market]:
    """Make the loops the engine, as they are written; the markets that they were given."""
    seen: list[Market] = []

    def loops(market: Market, price: Array, wedge: Array) -> Equilibrium:
        seen.append(market)
        return batch.solve_compiled(market, price, wedge)

    monkeypatch.setattr(batch, "_solve_draws", batch.solve_draws)
    monkeypatch.setattr(engine, "_compiled", lambda: loops)
    return seen


def differences(one: Trajectory, two: Trajectory) -> dict[str, float]:
    """Largest relative difference of each array, above what rounding makes of nothing."""
    gaps = {}
    for name, mine in vars(one).items():
        if isinstance(mine, np.ndarray) and mine.dtype == np.float64 and name not in ("residual", "money_gap"):
            theirs = getattr(two, name)
            assert np.array_equal(np.isnan(mine), np.isnan(theirs)), name
            scale = max(float(np.nanmax(np.abs(mine), initial=0.0)), 1.0)
            gaps[name] = float(np.nanmax(np.abs(mine - theirs), initial=0.0)) / scale
    return gaps


@pytest.mark.parametrize("world", WORLDS)
def test_loops_find_what_numpy_finds(world: str, found_by: list[Market], monkeypatch: pytest.MonkeyPatch) -> None:
    params = WORLDS[world]()
    by_loops = simulate(params)
    assert len(found_by) >= len(params.years)
    monkeypatch.setattr(engine, "_compiled", lambda: None)
    by_numpy = simulate(params)
    assert by_loops.reasons == by_numpy.reasons
    assert {name: gap for name, gap in differences(by_numpy, by_loops).items() if gap > DIGITS} == {}


@pytest.mark.parametrize("form", ["in_value", "unbounded"])
def test_second_forms_are_left_to_numpy(form: str, found_by: list[Market]) -> None:
    params = six_region_world(2, years=2)
    simulate(params)
    market, price = found_by[-1], params.benchmark_producer_price
    given = len(found_by)
    other = replace(market, **{form: np.ones_like(getattr(market, form))})
    assert engine.first_attempt(other, price, np.zeros_like(market.log_low)).converged.shape == (2,)
    assert len(found_by) == given
    assert engine.first_attempt(market, price, np.zeros_like(market.log_low)).converged.all()
    assert len(found_by) == given + 1


def test_equations_of_the_loops_are_those_of_the_core() -> None:
    rng = np.random.default_rng(7)
    price, cost = np.exp(rng.uniform(4, 9, 400)), np.exp(rng.uniform(2, 10, 400))
    net, by_price, by_input = net_price(price, cost)
    for i in range(len(price)):
        assert np.allclose(equations.net_price(price[i], cost[i]), (net[i], by_price[i], by_input[i]), rtol=1e-13)
    steepness = rng.uniform(0.05, 60, 400)
    used = utilisation(net, price, steepness)
    found = np.empty_like(net)
    equations.utilisations(net / price, steepness, found, np.empty_like(net))
    assert found == pytest.approx(used, rel=1e-13, abs=1e-300)
    wedge, low = rng.uniform(-3, 3, 400), rng.choice([-np.inf, -1.0, 0.5], 400)
    high = np.maximum(rng.choice([np.inf, 1.0, -0.5], 400), low)
    flow = rng.uniform(-2, 2, 400)
    told = np.stack(complementarity(flow, wedge, low, high), axis=1)
    for i in range(len(flow)):
        assert equations.complementarity(flow[i], wedge[i], low[i], high[i]) == tuple(told[i])


def test_exponentials_are_right_to_the_last_digit_but_one() -> None:
    logs = -np.abs(np.random.default_rng(3).normal(size=4000)) * 20
    logs[:7] = [0.0, -np.inf, -699.9, -701.0, -1e-300, -np.log(2), 699.9]
    found = logs.copy()
    equations.exponentials(found, np.empty_like(found))
    expected = np.where(logs > -700, np.exp(logs), 0.0)
    assert (np.abs(found - expected) <= np.spacing(expected)).all()
    assert found[1] == 0.0
    nothing = np.array([np.nan])
    equations.exponentials(nothing, np.empty(1))
    assert np.isnan(nothing).all()


def test_logarithms_are_right_to_the_last_digit_but_one() -> None:
    rng = np.random.default_rng(5)
    values = np.concatenate([np.exp(rng.uniform(-700, 700, 4000)), 1.0 + rng.normal(size=2000) * 1e-3])
    values = np.append(values, [1.0, 2.0, 0.5, np.sqrt(0.5), np.nextafter(1.0, 0), np.nextafter(1.0, 2)])
    found = np.empty_like(values)
    equations.logarithms(values, found, np.empty_like(values))
    expected = np.log(values)
    assert (np.abs(found - expected) <= np.spacing(np.abs(expected))).all()
    odd = np.array([0.0, -1.0, -np.inf, np.inf, np.nan])
    found = np.empty_like(odd)
    equations.logarithms(odd, found, np.empty_like(odd))
    assert np.array_equal(found, [-np.inf, -np.inf, -np.inf, np.inf, np.nan], equal_nan=True)


def test_loops_are_compiled_for_one_kind_of_arrays(found_by: list[Market], monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = set()

    def seen(given: batch.Given, price: Array, wedge: Array, found: batch.Found) -> None:
        arrays = [*given, price, wedge]
        assert all(array.flags.c_contiguous for array in arrays)
        kinds.add(tuple((array.dtype.str, array.ndim, array.flags.writeable) for array in [*arrays, *found]))
        batch.solve_draws(given, price, wedge, found)

    monkeypatch.setattr(batch, "_solve_draws", seen)
    for world in WORLDS.values():
        simulate(world())
    assert len(kinds) == 1


def test_singular_draw_is_left_to_others(found_by: list[Market], monkeypatch: pytest.MonkeyPatch) -> None:
    simulate(six_region_world(2, years=2))
    market = found_by[-1]
    price = np.full(market.live_origin.shape, np.nan)
    found = batch.solve_compiled(market, price, np.zeros_like(market.log_low))
    assert not found.converged.any()


def test_engine_is_what_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(engine.CHOICE, "numpy")
    assert engine.engine_told() == f"numpy {np.__version__}"
    monkeypatch.setenv(engine.CHOICE, "")
    assert engine.engine_told().startswith("numba ")
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    assert engine.engine_told() == f"numpy {np.__version__}"
    monkeypatch.setenv(engine.CHOICE, "numba")
    with pytest.raises(ScenarioError, match="`make fast` adds it"):
        engine.engine_told()
    monkeypatch.setenv(engine.CHOICE, "fortran")
    with pytest.raises(ScenarioError, match="no engine 'fortran'; there are numpy and numba"):
        engine.engine_told()
