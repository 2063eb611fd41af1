"""Statements about prices that hold in every world, and the limit in which the model is a linear programme."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import SOLVED, Trajectory
from tests.worlds import lifted, random_world, six_region_world, with_ban


@given(seed=st.integers(0, 10_000), growth=st.floats(1.01, 1.5))
@settings(max_examples=12, derandomize=True)
def test_more_capacity_never_raises_the_own_price_of_its_region(seed: int, growth: float) -> None:
    params = random_world(seed, hard=False, years=2)
    rng = np.random.default_rng(seed)
    region = int(rng.choice(np.flatnonzero(params.benchmark_flow[0].sum(axis=1) > 0)))
    capacity = params.technology.capacity.copy()
    capacity[:, 1, params.technology.region == region] *= growth
    more = replace(params, technology=replace(params.technology, capacity=capacity))
    before, after = simulate(params), simulate(more)
    solved = (before.status == SOLVED) & (after.status == SOLVED)
    was, now = before.producer_price[solved, 1, 0, region], after.producer_price[solved, 1, 0, region]
    assert (now <= was * (1 + 1e-9))[~np.isnan(was)].all()


def _index(params: Params, found: Trajectory, year: int, good: int, destination: int, rows: np.ndarray) -> np.ndarray:
    """[sum m a (q/q0)^-sigma]^(-1/sigma) of a market, for some draws."""
    sourcing, c, d = params.sourcing, good, destination
    sigma = sourcing.elasticity[rows, c, None]
    taste = sourcing.taste[rows, c, :, d] * sourcing.taste_growth[rows, year, c]
    relative = found.delivered_price[rows, year, c, :, d] / sourcing.reference_price[rows, c, :, d]
    bans = params.policy.bans
    for m in range(len(bans.routes)):
        taste = taste * (1 - bans.rate[rows, year, m, None] * bans.routes[m, c, :, d])
    weight = np.where(np.isnan(relative), 0.0, taste * np.nan_to_num(relative, nan=1.0) ** -sigma)
    return weight.sum(axis=1) ** (-1 / sigma[:, 0])


@given(seed=st.integers(0, 10_000), stages=st.sampled_from([1, 2]))
@settings(max_examples=16, derandomize=True)
def test_lifting_a_ban_never_raises_the_index_of_the_market(seed: int, stages: int) -> None:
    params = random_world(seed, stages=stages, hard=False, years=2, draws=3)
    params = replace(params, sourcing=replace(params.sourcing, renewal=np.ones_like(params.sourcing.renewal)))
    rng = np.random.default_rng(seed)
    trade = params.benchmark_flow * ~np.eye(len(params.regions), dtype=bool)
    routes = np.argwhere(trade > 0)
    good, origin, destination = (int(i) for i in routes[rng.integers(len(routes))])
    barred = with_ban(params, [(good, origin, destination)])
    before, after = simulate(barred), simulate(params)
    rows = np.flatnonzero((before.status == SOLVED) & (after.status == SOLVED))
    # where nobody else serves the market there is no index without the route
    rows = rows[~np.isnan(before.market_price[rows, 1, good, destination])]
    was, now = (_index(p, run, 1, good, destination, rows) for p, run in ((barred, before), (params, after)))
    assert (now <= was * (1 + 1e-9)).all()


def test_lifting_a_ban_raises_the_price_of_the_supplier_and_lowers_those_of_its_rivals() -> None:
    params = six_region_world(2)
    barred, opened = simulate(params), simulate(lifted(params, 0, first=1))
    assert (opened.producer_price[:, 1:, 0, :2] < barred.producer_price[:, 1:, 0, :2]).all()
    assert (opened.producer_price[:, 1:, 0, 4] > barred.producer_price[:, 1:, 0, 4]).all()


def _bill_of_stiff_world(stiffness: float) -> float:
    """Delivered value with sigma and the steepness of supply at ``stiffness``, equal tastes, fixed demand."""
    params = six_region_world(2, years=1, renewal=1.0, demand_elasticity=0.0, demand_elasticity_long=0.0, excluded={})
    shape = params.sourcing.taste.shape
    capacity = np.array([600.0, 500.0, 2000.0, 600.0, 500.0, 100.0])
    costs = np.array([2300.0, 2420.0, 2280.0, 2350.0, 2200.0, 2500.0])
    stiff = replace(
        params,
        technology=replace(
            params.technology,
            capacity=np.tile(capacity, (2, 1, 1)),
            break_even=np.tile(costs, (2, 1, 1)),
            steepness=np.full((2, 6), stiffness),
        ),
        sourcing=replace(
            params.sourcing,
            taste=np.ones(shape),
            reference_price=np.full(shape, 2400.0),
            elasticity=np.full((2, 1), stiffness),
        ),
        policy=replace(params.policy, tariffs_cif=params.policy.bans),
    )
    found = simulate(stiff)
    assert (found.status == SOLVED).all()
    return float((found.flow[0, 0] * found.delivered_price[0, 0]).sum())


def test_stiff_markets_tend_to_the_cheapest_way_to_serve_demand() -> None:
    params = six_region_world(1)
    costs = np.array([2300.0, 2420.0, 2280.0, 2350.0, 2200.0, 2500.0])
    delivered = costs[:, None] + params.policy.freight[0, 0]
    use = params.benchmark_flow[0].sum(axis=0)
    capacity = np.array([600.0, 500.0, 2000.0, 600.0, 500.0, 100.0])
    columns = np.kron(np.ones(6), np.eye(6))
    rows = np.kron(np.eye(6), np.ones(6))
    best = linprog(delivered.ravel(), A_eq=columns, b_eq=use, A_ub=rows, b_ub=capacity)
    assert best.success
    gaps = [abs(_bill_of_stiff_world(s) / best.fun - 1) for s in (20.0, 100.0, 500.0)]
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.01


@pytest.mark.parametrize("renewal", [0.1, 0.5, 1.0])
def test_contracts_slow_the_turn_to_a_new_supplier(renewal: float) -> None:
    params = six_region_world(2, renewal=renewal)
    flow = simulate(lifted(params, 0, first=1)).flow[0, :, 0, 4, 0]
    assert flow[0] == 0
    assert flow[1] > 0
    if renewal < 1:
        assert flow[1] < flow[2] < flow[3]
