"""The numbers of a draw are its own: not its neighbours', not the batch's; and the Jacobian is the derivative."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.core.jacobian import jacobian
from sim.core.market import Market
from sim.core.memory import benchmark_memory
from sim.core.position import residuals, state_of
from sim.core.year import year_inputs
from sim.model import simulate
from sim.quantity import declared_quantities
from sim.records.params import Params
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED, Trajectory
from tests.worlds import (
    calibrated,
    plain_statistics,
    random_world,
    take_draws,
    two_stage_world,
    with_ban,
    with_bound,
    with_capacity,
    with_contract,
    with_stocks_and_reserves,
    with_wedge,
)


def assert_same_bits(one: Trajectory, two: Trajectory, rows: list[int]) -> None:
    for name in declared_quantities(Trajectory):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name)[rows], err_msg=name)


@pytest.mark.parametrize(("seed", "stages"), [(1, 1), (5, 1), (3, 2)])
@pytest.mark.parametrize("rows", [[3], [5, 0], [7, 6, 5, 4, 3, 2, 1, 0], [2, 2, 6]])
def test_draw_does_not_depend_on_its_neighbours(seed: int, stages: int, rows: list[int]) -> None:
    params = random_world(seed, stages=stages, draws=8, years=3)
    assert_same_bits(simulate(take_draws(params, rows)), simulate(params), rows)


@pytest.mark.parametrize("rows", [[0, 1, 2], [0], [3, 4, 5], [3]])
def test_draw_does_not_depend_on_what_is_closed_in_its_neighbours(rows: list[int]) -> None:
    # more than eight regions: numpy sums in blocks, so a row that is left out would change the last digits
    rng = np.random.default_rng(3)
    flow, price = rng.lognormal(2.0, 1.0, (1, 12, 12)), rng.uniform(2000.0, 2600.0, (1, 12))
    params = calibrated(plain_statistics(flow, price, 6, sigma=rng.uniform(2.0, 8.0, (6, 1)), years=3))
    params = with_ban(params, [(0, o, 3) for o in range(12)], [1.0, 1.0, 1.0, 0.0, 0.0, 0.0])
    factor = np.ones(params.technology.capacity.shape)
    factor[:3, 1:, 5] = 0.0
    params = with_capacity(params, factor)
    assert_same_bits(simulate(take_draws(params, rows)), simulate(params), rows)


def test_same_parameters_give_the_same_bits_again() -> None:
    params = random_world(4, stages=2, draws=4, years=3)
    assert_same_bits(simulate(params), simulate(params), [0, 1, 2, 3])


def market_of(params: Params, year: int) -> Market:
    return year_inputs(params, year, np.arange(params.draws), benchmark_memory(params)).market


def assert_slopes(market: Market, log_price: np.ndarray, wedge: np.ndarray) -> None:
    places = log_price.shape[1:]
    size = log_price[0].size
    unknowns = np.concatenate([log_price.reshape(len(log_price), size), wedge], axis=1)

    def at(point: np.ndarray) -> np.ndarray:
        price = np.exp(point[:, :size]).reshape(-1, *places)
        return residuals(market, state_of(market, price, point[:, size:]))

    exact = jacobian(market, state_of(market, np.exp(log_price), wedge))
    step = 1e-6
    for i in range(unknowns.shape[1]):
        shift = np.zeros_like(unknowns)
        shift[:, i] = step
        slope = (at(unknowns + shift) - at(unknowns - shift)) / (2 * step)
        scale = 1 + np.abs(slope).max()
        live = np.ones(slope.shape, dtype=bool)
        live[:, :size] = market.live_origin.reshape(len(slope), size)
        live[:, size:] = market.live_bound
        unknown_live = live[:, i]
        apart = np.where(live & unknown_live[:, None], exact[:, :, i] - slope, 0.0)
        assert np.abs(apart).max() < 2e-7 * scale, i


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", [11, 12, 13, 14])
def test_jacobian_is_the_derivative_of_the_residuals(seed: int, stages: int) -> None:
    params = random_world(seed, stages=stages, draws=3, hard=False)
    rng = np.random.default_rng(seed)
    for year in (1, 3):
        market = market_of(params, year)
        log_price = np.log(params.benchmark_producer_price) + rng.uniform(
            -0.3, 0.3, params.benchmark_producer_price.shape
        )
        wedge = np.where(market.live_bound, rng.uniform(0.05, 0.5, market.live_bound.shape), 0.0)
        assert_slopes(market, log_price, wedge)


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_jacobian_is_right_beside_stockpiles(seed: int, stages: int) -> None:
    params = with_stocks_and_reserves(random_world(seed, stages=stages, draws=3, hard=False), seed)
    rng = np.random.default_rng(seed)
    market = market_of(params, 1)
    limited = replace(market, stock_room=market.stock_room * 50.0)  # more than the market takes
    log_price = np.log(params.benchmark_producer_price) + rng.uniform(-0.2, 0.3, params.benchmark_producer_price.shape)
    wedge = np.where(market.live_bound, 0.2, 0.0)
    for given in (market, limited):
        state = state_of(given, np.exp(log_price), wedge)
        assert (state.released > 0).any()
        assert_slopes(given, log_price, wedge)
    assert (state.traded_part < 1).any()


@pytest.mark.parametrize("wedge", [0.4, -0.4])
def test_jacobian_is_right_at_caps_floors_and_full_contracts(wedge: float) -> None:
    params = with_wedge(two_stage_world(2), "export_taxes", [(0, 2, 0), (0, 2, 1)], 0.2)
    # one bound far inside, one cap and one floor that bind, contracts above what the market buys
    params = with_bound(params, [(0, 3, 0), (0, 3, 1)], low=1e-3, high=1e5)
    params = with_bound(params, [(1, 2, 0), (1, 2, 3)], high=2.0)
    params = with_bound(params, [(1, 2, 1)], low=90.0)
    params = with_contract(with_contract(params, (1, 2, 3), 60.0), (0, 2, 2), 20.0)
    market = market_of(params, 1)
    log_price = np.log(params.benchmark_producer_price) + np.array([0.1, -0.05, 0.02, 0.2])
    assert_slopes(market, log_price, np.full(market.live_bound.shape, wedge))


@pytest.mark.parametrize("wedge", [0.4, -0.2])
def test_jacobian_is_right_where_bounds_over_several_origins_overlap(wedge: float) -> None:
    params = with_bound(two_stage_world(2), [(0, o, d) for o in (0, 1, 3) for d in (0, 1)], high=9.0)
    params = with_bound(params, [(0, o, d) for o in (0, 3) for d in (1, 2)], high=8.0)
    params = with_bound(params, [(1, o, d) for o in (1, 2) for d in (0, 3)], high=7.0)
    params = with_bound(params, [(1, o, 3) for o in (1, 2)], low=40.0)
    market = market_of(params, 1)
    assert market.live_bound.all()
    log_price = np.log(params.benchmark_producer_price) + np.array([0.1, -0.05, 0.02, 0.2])
    assert_slopes(market, log_price, np.array([[wedge, 0.1, 0.2, -0.3], [0.3, wedge, -0.1, 0.2]]))


def test_jacobian_is_right_where_goods_are_sourced_in_value() -> None:
    params = with_wedge(two_stage_world(2), "tariffs_fob", [(0, 0, 1), (1, 2, 0)], 0.2)
    params = replace(params, sourcing=replace(params.sourcing, in_value=(1,)))
    market = market_of(params, 1)
    assert market.in_value.tolist() == [False, True]
    log_price = np.log(params.benchmark_producer_price) + np.array([0.1, -0.05, 0.02, 0.2])
    assert_slopes(market, log_price, np.zeros((2, 0)))


@pytest.mark.parametrize("size", [0.01, 1.0, 20.0])
def test_jacobian_is_right_where_a_market_has_several_contracts(size: float) -> None:
    params = with_contract(with_contract(two_stage_world(2), (1, 2, 3), 8.0), (1, 1, 3), 6.0)
    params = with_contract(with_contract(params, (0, 0, 1), 4.0), (0, 3, 1), 3.0)
    market = market_of(params, 1)
    use = market.use_at_one.copy()
    use[:, 1, 3] *= 0.01  # far less than is promised
    market = replace(
        market,
        use_at_one=use * size,
        take_or_pay=market.take_or_pay * size,
        capacity=market.capacity * size,
        stock_room=market.stock_room * size,
    )
    log_price = np.log(params.benchmark_producer_price) + np.array([0.1, -0.05, 0.02, 0.2])
    assert_slopes(market, log_price, np.zeros((2, 0)))


def test_jacobian_is_right_for_supply_without_a_capacity() -> None:
    params = two_stage_world(2)
    tech = replace(params.technology, unbounded=params.technology.names[1:6])
    market = market_of(replace(params, technology=tech), 1)
    log_price = np.log(params.benchmark_producer_price) + np.array([0.1, -0.05, 0.02, 0.2])
    assert_slopes(market, log_price, np.zeros((2, 0)))


def test_jacobian_leaves_what_takes_no_part_where_it_is() -> None:
    factor = np.ones((2, 4, 8))
    factor[1, 1:, 1] = 0.0
    params = with_bound(with_capacity(two_stage_world(2), factor), [(0, 1, 1)], high=4.0)
    params = with_bound(with_bound(params, [(1, 2, 0)], high=9.0), [(1, 2, 0)], high=7.0)  # which makes the other idle
    market = market_of(params, 1)
    live = np.concatenate([market.live_origin.reshape(2, -1), market.live_bound], axis=1)
    assert live.any(axis=0).tolist() == [True] * 7 + [False, True, False, True]  # D makes no oxide
    assert not live[1, [1, 8]].any()
    found = jacobian(market, state_of(market, params.benchmark_producer_price, np.full((2, 3), 0.1)))
    for n, i in np.argwhere(~live):
        assert (found[n, i] == np.eye(11)[i]).all()
        assert (found[n, :, i] == np.eye(11)[i]).all()
    assert (np.linalg.cond(found) < 1e6).all()


@pytest.mark.campaign
def test_the_one_draw_of_the_campaign_that_fails_is_told_and_alone() -> None:
    # take-or-pay fills the only market of a mine: at any price above nothing it makes what nobody is left to buy,
    # but the tonnes could add up, were prices elsewhere different, so no check of tonnes sees it
    params = take_draws(random_world(486, stages=2, draws=8), [4, 5])
    found = simulate(params)
    assert found.status.tolist() == [FAILED, SOLVED]
    assert found.reasons == ("2026: no equilibrium found", "")
    assert np.isnan(found.flow[0, 2:]).all()
    assert not np.isnan(found.flow[0, :2]).any()


@pytest.mark.parametrize(
    ("seed", "stages"),
    [(47, 1), (58, 1), (78, 1), (83, 1), (98, 1), (492, 2), pytest.param(554, 2, marks=pytest.mark.campaign)],
)
def test_draws_that_cannot_clear_are_infeasible_with_what_misses(seed: int, stages: int) -> None:
    found = simulate(random_world(seed, stages=stages, draws=8))
    assert (found.status != FAILED).all()
    reasons = [why for why, status in zip(found.reasons, found.status, strict=True) if status == INFEASIBLE]
    assert reasons
    kinds = ("cannot be had", "find no buyer", "cannot be delivered", "floor")
    assert all(any(kind in why for kind in kinds) for why in reasons)
