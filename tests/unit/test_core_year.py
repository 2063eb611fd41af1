"""What a year begins with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.core.memory import benchmark_memory
from sim.core.year import MOST_CONTRACTED, _of, _under_bounds, _what_is_left, _within_capacity, year_inputs
from tests.worlds import (
    six_region_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_capacity,
    with_contract,
    with_reserves,
    with_stockpile,
    with_wedge,
)


@pytest.mark.parametrize("size", [0.01, 1.0, 500.0])
def test_contracts_beyond_capacity_are_scaled_alike_however_small(size: float) -> None:
    promised = size * np.array([[[[0.3, 0.5], [0.1, 0.2]]]])
    found = _within_capacity(promised, size * np.array([[[0.4, 0.4]]]))
    assert found[0, 0, 0].sum() == pytest.approx(MOST_CONTRACTED * 0.4 * size, rel=1e-12)
    assert found[0, 0, 0, 0] / found[0, 0, 0, 1] == pytest.approx(0.6, rel=1e-12)
    np.testing.assert_array_equal(found[0, 0, 1], promised[0, 0, 1])


def test_bound_over_routes_that_nobody_can_use_is_dead() -> None:
    params = with_ban(six_region_world(2, years=3), [(0, 2, 1), (0, 2, 3)])
    params = with_bound(params, [(0, 2, 1), (0, 2, 3)], low=30.0)
    params = with_bound(params, [(0, 2, 5)], low=30.0)
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    assert market.live_bound.tolist() == [[False, True], [False, True]]


def test_nothing_is_promised_nor_kept_where_a_market_is_cut_off() -> None:
    params = with_ban(six_region_world(2, years=3), [(0, o, 5) for o in range(5)])
    params = with_contract(params, (0, 4, 2), 10.0)
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    assert not market.live_destination[:, 0, 5].any()
    assert (market.take_or_pay[:, :, :, 5] == 0).all()
    assert (market.kept[:, 0, 5] == 0).all()
    assert (market.use_at_one[:, 0, 5] == 0).all()
    assert market.take_or_pay.sum() == pytest.approx(20.0)


def test_market_that_wants_nothing_any_more_keeps_no_contract() -> None:
    params = tiny_world(2)
    reference = params.demand.reference.copy()
    reference[:, 1:, 0, 2] = 0.0
    params = replace(params, demand=replace(params.demand, reference=reference))
    params = with_contract(params, (0, 0, 2), 8.0)
    params = with_contract(params, (0, 0, 1), 8.0)
    params = with_stockpile(params, "pile", 0, [0.0, 0.5, 0.5], stock=9.0, rate=4.0, trigger=900.0)
    given = year_inputs(params, 1, np.arange(2), benchmark_memory(params))
    np.testing.assert_allclose(given.market.kept[0, 0], [0.6, 0.6, 0.0], rtol=1e-14)
    assert given.market.take_or_pay[0, 0, 0].tolist() == [0.0, 8.0, 0.0]
    assert given.market.stock_room[0, 0].tolist() == [0.0, 2.0, 0.0]
    assert given.stock_room[0, 0].tolist() == [0.0, 2.0, 2.0]


def test_origin_that_nobody_has_a_taste_for_any_more_keeps_no_contract() -> None:
    params = with_contract(tiny_world(2), (0, 0, 1), 8.0)
    growth = params.sourcing.taste_growth.copy()
    growth[:, 1:, 0, 0] = 0.0
    params = replace(params, sourcing=replace(params.sourcing, taste_growth=growth))
    given = year_inputs(params, 1, np.arange(2), benchmark_memory(params))
    assert given.live.origin[0, 0].tolist() == [True, True, False]  # by its take-or-pay
    np.testing.assert_allclose(given.market.kept[0, 0], [0.0, 0.6 * 40 / 70, 0.3], rtol=1e-14)


def test_surcharge_comes_on_top_of_freight_and_a_closed_part_of_the_year_off_a_contract() -> None:
    params = with_wedge(six_region_world(2), "surcharges", [(0, 1, 0)], 25.0)
    params = with_contract(with_ban(params, [(0, 2, 1)], 0.75), (0, 2, 1), 40.0)
    given = year_inputs(params, 1, np.arange(2), benchmark_memory(params))
    assert given.freight[0, 0, 1, 0] == 40.0 + 25.0
    assert given.freight[0, 0, 2, 0] == 80.0
    np.testing.assert_allclose(given.market.intercept[0, 0, 1, 0], 65.0 * 1.1, rtol=1e-14)
    np.testing.assert_allclose(given.market.take_or_pay[0, 0, 2, 1], 10.0, rtol=1e-14)


@pytest.mark.parametrize("tonnes", [0.5, 30.0])
def test_floor_is_a_live_bound_however_small(tonnes: float) -> None:
    params = with_bound(with_bound(tiny_world(2), [(0, 0, 1)], low=tonnes), [(0, 0, 2)])
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    assert market.live_bound.tolist() == [[True, False]] * 2
    np.testing.assert_allclose(market.log_low, [[np.log(tonnes), -np.inf]] * 2)


def test_what_is_left_is_at_most_all_and_all_of_what_was_not_there() -> None:
    found = _what_is_left(np.array([3.0, 0.3, 0.5, 9.0, 0.2, 0.0]), np.array([4.0, 0.4, 0.0, 4.0, 0.1, 0.5]))
    np.testing.assert_allclose(found, [0.75, 0.75, 1.0, 1.0, 1.0, 0.0], rtol=1e-14)


def test_contracts_are_scaled_where_others_are_not_there_at_all() -> None:
    found = _within_capacity(np.array([[[[0.0, 80.0], [0.0, 0.0]]]]), np.array([[[50.0, 0.0]]]))
    np.testing.assert_allclose(found, [[[[0.0, MOST_CONTRACTED * 50.0], [0.0, 0.0]]]], rtol=1e-14)


def test_part_of_a_route_is_cut_by_each_bound_it_is_under() -> None:
    routes = np.zeros((3, 1, 1, 2), dtype=bool)
    routes[0, 0, 0, 0] = routes[1, 0, 0, :] = True
    factor = np.array([[0.5, 1.0, 1.0], [1.0, 0.2, 1.0]])
    found = _under_bounds(np.array([[[[1.0, 0.8]]], [[[1.0, 0.5]]]]), routes, factor)
    np.testing.assert_allclose(found[:, 0, 0], [[0.5, 0.8], [0.2, 0.1]], rtol=1e-14)


def test_rows_of_some_draws_and_of_all() -> None:
    array = np.arange(6.0).reshape(3, 2)
    assert _of(array, np.arange(3)) is array
    assert _of(array, np.array([0, 2])).tolist() == [[0.0, 1.0], [4.0, 5.0]]


@pytest.mark.parametrize(("tonnes", "is_open"), [(0.0, False), (1e-3, True), (10.0, True)])
def test_cap_of_nothing_is_a_ban_and_one_of_little_is_not(tonnes: float, is_open: bool) -> None:
    params = with_bound(tiny_world(2), [(0, 0, 1)], high=tonnes)
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    assert np.isfinite(market.contestable[:, 0, 0, 1]).tolist() == [is_open] * 2
    assert market.live_bound.tolist() == [[is_open]] * 2
    np.testing.assert_allclose(market.kept[0, 0, 1], 0.6 * (40 / 70 + 30 / 70 * tonnes / 30), rtol=1e-14)


@pytest.mark.parametrize("tonnes", [0.0, 0.5, 5.0])
def test_contract_of_any_size_keeps_an_origin_alive_that_sells_nowhere_else(tonnes: float) -> None:
    params = with_contract(with_ban(tiny_world(2), [(0, 1, 1), (0, 1, 2)]), (0, 1, 0), tonnes)
    given = year_inputs(params, 1, np.arange(2), benchmark_memory(params))
    assert given.live.origin[0, 0].tolist() == [True, tonnes > 0, False]
    assert given.market.capacity[0].tolist() == pytest.approx([125.0, 75.0 * (tonnes > 0), 0.0])
    assert given.place_capacity[0, 0].tolist() == pytest.approx([125.0, 75.0 * (tonnes > 0), 0.0])


def test_route_that_is_live_by_a_small_contract_alone_has_a_live_bound() -> None:
    params = with_contract(with_bound(tiny_world(2), [(0, 1, 0)], high=0.9), (0, 1, 0), 0.5)
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    assert market.live_bound.all()


def test_reserves_limit_capacity_after_the_benchmark_year_and_tastes_follow() -> None:
    params = with_reserves(tiny_world(2), np.array([np.inf, 30.0, np.inf]))
    sourcing = replace(params.sourcing, follows_capacity=np.full_like(params.sourcing.follows_capacity, 0.5))
    params = replace(params, sourcing=sourcing)
    memory = benchmark_memory(params)
    first, second = (year_inputs(params, t, np.arange(2), memory) for t in (0, 1))
    assert first.capacity[0].tolist() == pytest.approx([125.0, 75.0, 0.0])
    assert second.capacity[0].tolist() == pytest.approx([125.0, 30.0, 0.0])
    np.testing.assert_allclose(first.market.contestable[0, 0, 1, 2], np.log(0.5) + 4.0 * np.log(1000.0), rtol=1e-14)
    np.testing.assert_allclose(
        second.market.contestable[0, 0, 1, 2], np.log(0.5 * (30 / 75) ** 0.5) + 4.0 * np.log(1000.0), rtol=1e-14
    )
    # of B's contracts goes what its capacity goes, but not in the benchmark year
    np.testing.assert_allclose(second.market.kept[0, 0], [0.6, 0.6 * (30 + 40 * 0.4) / 70, 0.6 * 0.7], rtol=1e-14)
    more = with_capacity(params, np.concatenate([np.ones((2, 1, 3)), np.full((2, 3, 3), 2.0)], axis=1))
    late = replace(memory, capacity=memory.capacity * 2)
    np.testing.assert_allclose(year_inputs(more, 0, np.arange(2), late).market.kept[0, 0], 0.6, rtol=1e-14)


def test_good_that_is_sourced_in_value_keeps_no_contracts() -> None:
    params = two_stage_world(2)
    params = replace(params, sourcing=replace(params.sourcing, in_value=(1,)))
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    np.testing.assert_allclose(market.kept[:, 0], 0.6, rtol=1e-14)
    assert (market.kept[:, 1] == 0).all()
    assert np.isneginf(market.contract[:, 1]).all()
    np.testing.assert_allclose(np.exp(market.log_benchmark), params.demand.benchmark_price, rtol=1e-14)
