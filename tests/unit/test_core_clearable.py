"""Which markets cannot clear at any price that means something, and what they miss, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.core.clearable import Miss, out_of_reach, undeliverable, within_range
from sim.core.market import Market
from sim.core.memory import benchmark_memory
from sim.core.year import year_inputs
from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import INFEASIBLE, SOLVED
from tests.worlds import six_region_world, tiny_world, two_stage_world, with_ban, with_bound, with_contract

RIGID = {"demand_elasticity": 0.0, "demand_elasticity_long": 0.0, "renewal": 1.0}


def market_of(params: Params, year: int = 1) -> Market:
    return year_inputs(params, year, np.arange(params.draws), benchmark_memory(params)).market


def missed(params: Params) -> dict[int, Miss]:
    market, draws = market_of(params), np.arange(params.draws)
    return out_of_reach(market, params.benchmark_producer_price, draws) | undeliverable(market, draws)


def with_use(params: Params, good: int, region: int, tonnes: list[float]) -> Params:
    reference = params.demand.reference.copy()
    reference[:, 1:, good, region] = np.array(tonnes)[:, None]
    return replace(params, demand=replace(params.demand, reference=reference))


@pytest.mark.parametrize("world", [tiny_world, six_region_world, two_stage_world])
def test_benchmark_can_clear(world) -> None:
    assert missed(world(2)) == {}


def test_fixed_use_beyond_all_capacity_is_missed_by_the_difference() -> None:
    # A and B can make 125 and 75 kt; use is 50 at A, 70 at B and what is given at C
    params = with_use(tiny_world(3, supply_elasticity=1.0, **RIGID), 0, 2, [79.0, 90.0, 40.0])
    told = missed(params)
    assert list(told) == [1]
    assert (told[1].kind, told[1].good) == ("use", 0)
    assert told[1].tonnes == pytest.approx(10.0, abs=0.2)  # at 1,000 times the price nearly all capacity runs


def test_use_that_gives_way_to_prices_can_always_be_met() -> None:
    params = with_use(tiny_world(2, demand_elasticity=0.5, renewal=1.0), 0, 2, [90.0, 900.0])
    assert missed(params) == {}


def test_market_behind_one_route_misses_what_its_cap_keeps_out() -> None:
    # C has A and B; A may send 5 kt and B makes 75 kt at most, 40 of it for its own use
    params = with_ban(with_bound(tiny_world(2, **RIGID), [(0, 0, 2)], high=5.0), [(0, 0, 1), (0, 1, 2)])
    told = missed(params)
    assert told[0] == told[1]
    assert told[0].kind == "use"
    assert told[0].tonnes == pytest.approx(35.0, abs=1e-6)


def test_take_or_pay_above_a_cap_on_its_route_is_told() -> None:
    params = with_contract(with_bound(tiny_world(2, renewal=1.0), [(0, 0, 2)], high=20.0), (0, 0, 2), 30.0)
    told = missed(params)
    assert (told[0].kind, told[0].place, told[0].buyer) == ("contract", 0, 2)
    assert told[0].tonnes == pytest.approx(10.0)
    found = simulate(params)
    assert found.status.tolist() == [INFEASIBLE, INFEASIBLE]
    assert found.reasons[0] == "2025: 10 kt/yr of good0 under take-or-pay from A to C cannot be delivered"


def test_take_or_pay_for_more_than_a_capped_input_makes_is_told() -> None:
    # 3 kt of concentrate come to B; at 1,000 times the price others there use 2 kt * 1000^-0.2 of it
    params = with_bound(two_stage_world(2, renewal=1.0), [(0, o, 1) for o in range(4)], high=3.0)
    assert missed(params) == {}
    params = with_contract(params, (1, 1, 3), [2.0, 3.0])
    told = missed(params)
    assert list(told) == [1]
    assert (told[1].kind, told[1].good, told[1].place, told[1].buyer) == ("contract", 1, 1, 3)
    made = (3.0 - 2.0 * 1000.0**-0.2) / 1.2
    assert told[1].tonnes == pytest.approx(3.0 - made, rel=1e-6)
    found = simulate(params)
    assert found.status[1] == INFEASIBLE
    assert found.reasons[1].startswith("2025: 0.919 kt/yr of good1 under take-or-pay from B to D")


def test_rigid_glut_is_told_as_output_without_a_buyer() -> None:
    params = with_use(tiny_world(2, supply_elasticity=0.001, **RIGID), 0, 0, [50.0, 1.0])
    told = missed(params)
    assert list(told) == [1]
    assert told[1].kind == "output"
    assert simulate(params).reasons[1].startswith("2025: at 1/1,000 of the price, ")


def test_only_the_draws_asked_for_are_answered() -> None:
    params = with_use(tiny_world(3, **RIGID), 0, 2, [500.0, 500.0, 500.0])
    told = out_of_reach(market_of(params), params.benchmark_producer_price, np.array([1]))
    assert list(told) == [1]


def test_every_equilibrium_in_the_range_passes() -> None:
    params = six_region_world(2)
    params = with_bound(with_contract(params, (0, 4, 2), 100.0), [(0, 2, 5), (0, 2, 0)], high=60.0)
    found = simulate(params)
    assert (found.status == SOLVED).all()
    assert missed(params) == {}


def test_prices_beyond_a_thousand_times_the_benchmark_are_out_of_range() -> None:
    params = tiny_world(3)
    market = market_of(params)
    start, bought = params.benchmark_producer_price, np.exp(market.log_benchmark)
    factor = np.array([1.0, 999.0, 1001.0])[:, None, None]
    assert within_range(market, start * factor, bought, start).tolist() == [True, True, False]
    assert within_range(market, start / factor, bought, start).tolist() == [True, True, False]
    assert within_range(market, start, bought * factor, start).tolist() == [True, True, False]
    # C makes nothing: its price is nobody's
    dead = start.copy()
    dead[:, 0, 2] = 1e-9
    assert within_range(market, dead, bought, start).all()


def test_take_or_pay_beyond_the_capacity_that_feeds_it_is_told() -> None:
    # of 6 kt of concentrate, all that reaches A once the others are barred, 5 kt of oxide are made
    params = with_ban(two_stage_world(2, renewal=1.0), [(0, o, 0) for o in (1, 3)])
    capacity = params.technology.capacity.copy()
    own = (params.technology.good == 0) & (params.technology.region == 0)
    capacity[:, 1:, own] = 6.0
    params = replace(params, technology=replace(params.technology, capacity=capacity))
    told = missed(with_contract(params, (1, 0, 0), [4.0, 6.0]))
    assert list(told) == [1]
    assert (told[1].kind, told[1].place, told[1].buyer) == ("contract", 0, 0)
    assert told[1].tonnes == pytest.approx(6.0 - 6.0 / 1.2)


def test_least_that_a_market_uses_counts_what_its_separators_take_at_least() -> None:
    # A uses 3 kt of concentrate and separates 20 kt of oxide from 1.2 times as much, at any price: 27 kt, or 23 without
    # the factor 1.2, or 19.7 with its inverse; so 25 kt can be taken, and 10 of them cannot be sent
    params = two_stage_world(1, supply_elasticity=0.001, **RIGID)
    params = with_contract(with_bound(params, [(0, 1, 0)], high=15.0), (0, 1, 0), 25.0)
    told = out_of_reach(market_of(params), params.benchmark_producer_price, np.arange(1))
    assert (told[0].kind, told[0].good, told[0].place, told[0].buyer) == ("contract", 0, 1, 0)
    assert told[0].tonnes == pytest.approx(10.0)
    # more than it uses is scaled down, and so not missed
    more = with_contract(params, (0, 1, 0), 3.0)
    told = out_of_reach(market_of(more), params.benchmark_producer_price, np.arange(1))
    assert {miss.kind for miss in told.values()} <= {"use", "output"}


def test_nothing_is_solved_once_the_central_run_has_failed_where_all_is_for_it() -> None:
    # the first draw asks C for more than A and B can make, in the first year after the benchmark
    params = with_use(tiny_world(3, supply_elasticity=1.0, **RIGID), 0, 2, [90.0, 40.0, 40.0])
    whole, stopped = simulate(params), simulate(params, for_central=True)
    assert whole.status.tolist() == stopped.status.tolist() == [INFEASIBLE, SOLVED, SOLVED]
    assert stopped.reasons == whole.reasons
    np.testing.assert_array_equal(stopped.flow[:, :2], whole.flow[:, :2])
    assert np.isfinite(whole.flow[1:]).all()
    assert np.isnan(stopped.flow[:, 2:]).all()
    # a draw that fails beside the central run stops nobody else
    other = params.take(np.array([1, 0, 2]))
    np.testing.assert_array_equal(simulate(other, for_central=True).flow, simulate(other).flow)
