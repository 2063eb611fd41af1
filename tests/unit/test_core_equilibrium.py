"""One market by hand, and the state against plain loops; the Jacobian has its own test among the properties."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.core.equilibrium import Equilibrium, join, solve
from sim.core.market import Market
from sim.core.memory import Memory, benchmark_memory, next_memory
from sim.core.position import residuals, state_of
from sim.core.year import Year, year_inputs
from sim.records.params import Params
from tests.worlds import (
    in_other_money,
    metal_and_ore_beside_another,
    six_region_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_capacity,
    with_contract,
    with_stockpile,
)


def market_of(params: Params, year: int = 1) -> Market:
    return year_inputs(params, year, np.arange(params.draws), benchmark_memory(params)).market


def test_state_of_the_tiny_world_at_its_benchmark() -> None:
    params = tiny_world(2)
    state = state_of(market_of(params), params.benchmark_producer_price, np.zeros((2, 0)))
    np.testing.assert_allclose(state.output[0], [100.0, 60.0, 0.0], rtol=1e-12)
    np.testing.assert_allclose(state.market_price[0, 0], 1000.0, rtol=1e-12)
    np.testing.assert_allclose(state.flow[0, 0, 0], [50.0, 30.0, 20.0], rtol=1e-12)
    np.testing.assert_allclose(state.final_use[0, 0], [50.0, 70.0, 40.0], rtol=1e-12)


def test_residual_is_the_log_of_supply_over_sales() -> None:
    params = tiny_world(2)
    market = market_of(params)
    state = state_of(market, params.benchmark_producer_price * 1.1, np.zeros((2, 0)))
    gap = residuals(market, state)
    np.testing.assert_allclose(gap[0, 0], np.log(state.output[0, 0] / state.flow[0, 0, 0].sum()), rtol=1e-12)
    # all prices 10 % up: no supplier gains on another, supply is up, use is down
    assert (gap[:, :2] > 0.05).all()
    assert (gap[:, 2] == 0).all()


def test_dead_bound_asks_for_nothing() -> None:
    # the second one says no more than the first
    params = with_bound(with_bound(tiny_world(2), [(0, 0, 1)], high=20.0), [(0, 0, 1)], high=25.0)
    market = market_of(params)
    assert market.live_bound.tolist() == [[True, False]] * 2
    gap = residuals(market, state_of(market, params.benchmark_producer_price, np.full((2, 2), 0.1)))
    assert (gap[:, 4] == 0).all()
    np.testing.assert_allclose(gap[:, 3], 0.1, rtol=1e-14)  # the two wedges leave the cap room: it wants none


def test_wedge_raises_the_price_of_its_routes_only() -> None:
    params = with_bound(tiny_world(2), [(0, 0, 1)], high=20.0)
    state = state_of(market_of(params), params.benchmark_producer_price, np.full((2, 1), 0.5))
    np.testing.assert_allclose(state.delivered[0, 0, 0], [1000.0, 1000.0 * np.exp(0.5), 1000.0])
    assert state.flow[0, 0, 0, 1] < 30.0
    np.testing.assert_allclose(state.bound_flow[0], state.flow[0, 0, 0, 1])


def test_solution_clears_the_market() -> None:
    params = with_ban(six_region_world(2), [(0, 2, 1)])
    market = market_of(params)
    found = solve(market, params.benchmark_producer_price, np.zeros((2, 0)))
    assert found.converged.all()
    assert (found.residual < 1e-11).all()
    np.testing.assert_allclose(found.state.flow[0, 0, :5].sum(axis=1), found.state.output[0, :5], rtol=1e-10)


def test_contracts_above_use_are_scaled_to_it() -> None:
    params = with_contract(with_contract(tiny_world(2), (0, 0, 2), 60.0), (0, 1, 2), 30.0)
    state = state_of(market_of(params), params.benchmark_producer_price, np.zeros((2, 0)))
    np.testing.assert_allclose(state.flow[0, 0, :, 2], [40.0 * 60 / 90, 40.0 * 30 / 90, 0.0], rtol=1e-12)


@pytest.mark.parametrize("size", [1.0, 0.01])
def test_contracts_above_use_are_scaled_to_it_in_small_markets_too(size: float) -> None:
    params = with_contract(with_contract(tiny_world(2), (0, 0, 2), 60.0), (0, 1, 2), 30.0)
    market = market_of(params)
    market = replace(market, use_at_one=market.use_at_one * size, take_or_pay=market.take_or_pay * size)
    state = state_of(market, params.benchmark_producer_price, np.zeros((2, 0)))
    np.testing.assert_allclose(
        state.flow[0, 0, :, 2], np.array([40.0 * 60 / 90, 40.0 * 30 / 90, 0.0]) * size, rtol=1e-12
    )


def test_contract_comes_off_the_top_and_the_rest_is_shared() -> None:
    params = with_contract(tiny_world(2), (0, 1, 2), 10.0)
    state = state_of(market_of(params), params.benchmark_producer_price, np.zeros((2, 0)))
    np.testing.assert_allclose(state.flow[0, 0, :, 2], [0.5 * 30.0, 10.0 + 0.5 * 30.0, 0.0], rtol=1e-12)


def test_derived_use_is_what_the_next_stage_needs() -> None:
    params = two_stage_world(2)
    state = state_of(market_of(params), params.benchmark_producer_price, np.zeros((2, 0)))
    oxide = params.benchmark_flow[1].sum(axis=1)
    np.testing.assert_allclose(state.derived_use[0, 0], 1.2 * oxide, rtol=1e-10)
    assert (state.derived_use[0, 1] == 0).all()


def test_chains_are_the_goods_tied_by_inputs() -> None:
    assert [goods.tolist() for goods in market_of(two_stage_world(2)).chains()] == [[0, 1]]
    assert [goods.tolist() for goods in market_of(tiny_world(2)).chains()] == [[0]]


def test_market_of_some_draws_is_that_of_these_draws() -> None:
    params = six_region_world(3, sigma=np.array([[2.0], [4.0], [8.0]]))
    part = market_of(params).take(np.array([2, 0]))
    assert part.draws == 2
    assert part.elasticity[:, 0].tolist() == [8.0, 2.0]


def test_year_of_a_ban_has_neither_weight_nor_contract_on_the_route() -> None:
    market = market_of(with_ban(tiny_world(2), [(0, 0, 1)]))
    assert np.isneginf(market.contestable[:, 0, 0, 1]).all()
    assert np.isneginf(market.contract[:, 0, 0, 1]).all()
    np.testing.assert_allclose(market.kept[0, 0], [0.6, 0.6 * 40 / 70, 0.6])


def test_lost_capacity_and_caps_end_contracts_in_proportion() -> None:
    params = tiny_world(2)
    factor = np.ones(params.technology.capacity.shape)
    factor[:, 1:, 0] = 0.5
    np.testing.assert_allclose(market_of(with_capacity(params, factor)).kept[0, 0, 0], 0.6 * 0.5)
    capped = market_of(with_bound(params, [(0, 0, 1)], high=10.0))
    np.testing.assert_allclose(capped.kept[0, 0], [0.6, 0.6 * (30 / 3 + 40) / 70, 0.6])


def handed_on(before: Memory, params: Params, given: Year, found: Equilibrium, *, mined: bool) -> Memory:
    """What a year without stockpiles hands to the next."""
    return next_memory(
        before,
        params,
        np.arange(params.draws),
        given.live,
        given.place_capacity,
        given.unlimited,
        found.state,
        released=np.zeros((params.draws, 0)),
        mined=mined,
    )


def test_memory_after_the_benchmark_is_the_benchmark() -> None:
    params = six_region_world(2)
    before = benchmark_memory(params)
    given = year_inputs(params, 0, np.arange(2), before)
    found = solve(given.market, before.price, before.wedge)
    after = handed_on(before, params, given, found, mined=False)
    for name in ("price", "share", "habit", "capacity"):
        np.testing.assert_allclose(getattr(after, name), getattr(before, name), rtol=1e-9, atol=1e-12, err_msg=name)
    assert after.take(np.array([1])).price.shape == (1, 1, 6)


def test_dead_origin_keeps_its_last_price_in_memory() -> None:
    params = six_region_world(2)
    factor = np.ones(params.technology.capacity.shape)
    factor[:, 1:, 3] = 0.0
    params = with_capacity(params, factor)
    before = benchmark_memory(params)
    given = year_inputs(params, 1, np.arange(2), before)
    found = solve(given.market, before.price, before.wedge)
    after = handed_on(before, params, given, found, mined=True)
    np.testing.assert_array_equal(after.price[:, 0, 3], before.price[:, 0, 3])
    assert (after.share[:, 0, 3] == 0).all()


def test_market_that_cannot_clear_is_told_with_how_far_it_is_from_clearing() -> None:
    rigid = {"demand_elasticity": 0.0, "demand_elasticity_long": 0.0, "supply_elasticity": 0.1, "renewal": 1.0}
    params = tiny_world(2, **rigid)
    market = market_of(params)
    # the second draw wants more than three times what both can make
    market = replace(market, use_at_one=market.use_at_one * np.array([1.0, 4.0])[:, None, None])
    found = solve(market, params.benchmark_producer_price, np.zeros((2, 0)))
    assert found.converged.tolist() == [True, False]
    assert found.residual[0] < 1e-11
    assert found.residual[1] >= np.log(4.0 * 160.0 / 200.0)
    made = found.state.output[1, :2]
    assert found.residual[1] == pytest.approx(
        np.abs(np.log(made / found.state.flow[1, 0, :2].sum(axis=1))).max(), rel=1e-12
    )


def test_glut_that_cannot_clear_is_told_with_how_far_it_is_from_clearing() -> None:
    params = tiny_world(2, demand_elasticity=0.0, demand_elasticity_long=0.0, supply_elasticity=0.001, renewal=1.0)
    market = market_of(params)
    market = replace(market, use_at_one=market.use_at_one * 0.01)
    found = solve(market, params.benchmark_producer_price, np.zeros((2, 0)))
    assert not found.converged.any()
    gap = np.log(found.state.output[:, :2] / found.state.flow[:, 0, :2].sum(axis=2))
    np.testing.assert_allclose(found.residual, gap.max(axis=1), rtol=1e-12)
    assert (gap > 1.0).any()


def test_solution_is_the_state_at_its_prices_and_rents() -> None:
    elasticities = np.array([[2.0], [4.0], [8.0]])
    params = with_bound(
        six_region_world(3, sigma=elasticities, sigma_short=1 + elasticities / 5), [(0, 1, 0)], high=60.0
    )
    params = with_ban(params, [(0, o, 5) for o in range(5)], [0.0, 1.0, 0.0])  # the draws are not alive alike
    params = with_stockpile(params, "pile", 0, [0.3, 0.3, 0.0, 0.0, 0.0, 0.4], stock=90.0, rate=20.0, trigger=2400.0)
    market = market_of(params)
    found = solve(market, params.benchmark_producer_price * 1.01, np.zeros((3, 1)))
    assert found.converged.all()
    assert (found.state.wedge > 0.01).all()
    assert (found.state.released[:, 0, 0] > 1.0).all()
    expected = state_of(market, found.state.price, found.state.wedge)
    for name, array in vars(found.state).items():
        np.testing.assert_allclose(array, getattr(expected, name), rtol=1e-12, atol=1e-12, err_msg=name)
    np.testing.assert_allclose(expected.supply, expected.sold, rtol=1e-10)
    np.testing.assert_allclose(expected.bound_flow, 60.0, rtol=1e-10)
    assert found.state.market_price[1, 0, 5] == 1.0  # no price
    assert found.state.released[1, 0, 5] == 0.0


def test_unit_of_money_changes_no_tonnes() -> None:
    params = with_bound(six_region_world(2), [(0, 1, 0)], high=60.0)
    plain = solve(market_of(params), params.benchmark_producer_price, np.zeros((2, 1))).state
    other = in_other_money(params, 1e-6)
    found = solve(market_of(other), other.benchmark_producer_price, np.zeros((2, 1))).state
    np.testing.assert_allclose(found.flow, plain.flow, rtol=1e-9)
    np.testing.assert_allclose(found.price * 1e6, plain.price, rtol=1e-9)


def test_draw_that_starts_solved_waits_for_the_others() -> None:
    params = six_region_world(3, sigma=np.array([[2.0], [4.0], [8.0]]))
    market = market_of(with_ban(params, [(0, 2, 1)]))
    far = params.benchmark_producer_price * 1.5
    every = solve(market, far, np.zeros((3, 0)))
    assert every.converged.all()
    some = np.where(np.array([True, False, True])[:, None, None], every.state.price, far)
    again = solve(market, some, np.zeros((3, 0)))
    assert again.converged.all()
    np.testing.assert_allclose(again.state.flow, every.state.flow, rtol=1e-9, atol=1e-12)


def test_nobody_uses_anything_in_a_market_that_is_cut_off() -> None:
    params = with_ban(six_region_world(2), [(0, o, 5) for o in range(5)])
    state = solve(market_of(params), params.benchmark_producer_price, np.zeros((2, 0))).state
    for name in ("final_use", "derived_use"):
        assert (getattr(state, name)[:, 0, 5] == 0).all(), name
        assert (getattr(state, name)[:, 0, :5] >= 0).all(), name
    assert (state.flow[:, 0, :, 5] == 0).all()
    assert (state.share[:, 0, :, 5] == 0).all()


def test_chains_solved_one_by_one_are_the_whole_market() -> None:
    params = with_bound(metal_and_ore_beside_another(2), [(1, 0, 1)], high=4.0)
    params = with_bound(params, [(0, 1, 0)], high=0.8)
    params = with_bound(params, [], high=1.0)  # over no routes at all
    params = with_stockpile(params, "pile", 2, [1.0, 0.0], stock=9.0, rate=0.3, trigger=8000.0)
    params = with_stockpile(params, "heap", 0, [0.0, 1.0], stock=9.0, rate=0.2, trigger=900.0)
    market, start = market_of(params), params.benchmark_producer_price
    whole = solve(market, start, np.zeros((2, 3)))
    parts = []
    for goods in market.chains():
        part, cut = market.cut(goods)
        parts.append((cut, solve(part, start[:, goods], np.zeros((2, len(cut.bounds))))))
    assert len(parts) == 2
    assert join(market, parts[:1]) is parts[0][1]
    joined = join(market, parts)
    assert joined.converged.all()
    np.testing.assert_array_equal(joined.residual, np.maximum(parts[0][1].residual, parts[1][1].residual))
    for name, array in vars(joined.state).items():
        np.testing.assert_allclose(array, getattr(whole.state, name), rtol=1e-9, atol=1e-12, err_msg=name)
    assert (joined.state.wedge[:, :2] > 0.01).all()
    assert (joined.state.wedge[:, 2] == 0).all()
    unsolved = replace(parts[1][1], converged=np.array([True, False]))
    assert join(market, [parts[0], (parts[1][0], unsolved)]).converged.tolist() == [True, False]


def test_some_draws_are_replaced_by_the_first_of_another_solution() -> None:
    params = tiny_world(3)
    market = market_of(params)
    mine = solve(market, params.benchmark_producer_price, np.zeros((3, 0)))
    cheap = replace(market, use_at_one=market.use_at_one * 0.5)
    other = solve(cheap, params.benchmark_producer_price, np.zeros((3, 0)))
    other = replace(other, converged=np.array([False, True, True]), residual=np.array([3.0, 4.0, 5.0]))
    mixed = mine.with_draws(np.array([2, 0]), other)
    assert mixed.converged.tolist() == [True, True, False]
    assert mixed.residual.tolist() == [4.0, mine.residual[1], 3.0]
    for name, array in vars(mixed.state).items():
        rows = [getattr(other.state, name)[1], getattr(mine.state, name)[1], getattr(other.state, name)[0]]
        np.testing.assert_array_equal(array, rows, err_msg=name)
    assert (mixed.state.output[[0, 2], :2] < mine.state.output[[0, 2], :2]).all()
    assert mine.converged.all()
