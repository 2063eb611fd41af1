"""What a year begins with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.core.memory import benchmark_memory
from sim.core.year import MOST_CONTRACTED, _what_is_left, _within_capacity, year_inputs
from tests.worlds import six_region_world, tiny_world, with_ban, with_bound, with_contract


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
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    np.testing.assert_allclose(market.kept[0, 0], [0.6, 0.6, 0.0], rtol=1e-14)


@pytest.mark.parametrize("tonnes", [0.5, 30.0])
def test_floor_is_a_live_bound_however_small(tonnes: float) -> None:
    params = with_bound(with_bound(tiny_world(2), [(0, 0, 1)], low=tonnes), [(0, 0, 2)])
    market = year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market
    assert market.live_bound.tolist() == [[True, False]] * 2
    np.testing.assert_allclose(market.log_low, [[np.log(tonnes), -np.inf]] * 2)


def test_what_is_left_is_at_most_all_and_all_of_what_was_not_there() -> None:
    found = _what_is_left(np.array([3.0, 0.3, 0.5, 9.0, 0.2, 0.0]), np.array([4.0, 0.4, 0.0, 4.0, 0.1, 0.5]))
    np.testing.assert_allclose(found, [0.75, 0.75, 1.0, 1.0, 1.0, 0.0], rtol=1e-14)
