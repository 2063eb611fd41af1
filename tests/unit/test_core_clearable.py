"""Which markets cannot clear at any price that means something, and what they miss, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.core.clearable import Miss, _made, _Programme, out_of_reach, undeliverable, within_range
from sim.core.market import Market
from sim.core.memory import benchmark_memory
from sim.core.supply import net_price
from sim.core.year import year_inputs
from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import INFEASIBLE, SOLVED
from tests.worlds import (
    calibrated,
    metal_and_ore_beside_another,
    plain_statistics,
    six_region_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_contract,
    with_stockpile,
)

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


def tiny(size: float, **changes: Any) -> Params:
    """``tiny_world`` with so many times its tonnes."""
    flow = np.array([[[50.0, 30.0, 20.0], [0.0, 40.0, 20.0], [0.0, 0.0, 0.0]]]) * size
    return calibrated(plain_statistics(flow, np.full((1, 3), 1000.0), 1, **changes))


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


def test_caps_and_floors_with_room_change_nothing() -> None:
    params = with_use(tiny_world(1, supply_elasticity=1.0, **RIGID), 0, 2, [90.0])
    params = with_bound(with_bound(params, [(0, 0, 2), (0, 1, 2)], high=150.0), [(0, 0, 1)], low=1.0)
    told = missed(params)
    assert told[0].kind == "use"
    assert told[0].tonnes == pytest.approx(10.0, abs=0.2)


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
    assert within_range(market, start, bought / factor, start).tolist() == [True, True, False]
    one_place = np.where(np.arange(3) == 1, factor, 1.0)
    assert within_range(market, start * one_place, bought, start).tolist() == [True, True, False]
    assert within_range(market, start, bought * one_place, start).tolist() == [True, True, False]
    # C makes nothing and, where it is cut off, buys nothing: its prices are nobody's
    dead = start.copy()
    dead[:, 0, 2] = 1e-9
    cut_off = market_of(with_ban(params, [(0, 0, 2), (0, 1, 2)]))
    assert within_range(market, dead, bought, start).all()
    assert within_range(cut_off, dead, dead, start).all()


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


def test_take_or_pay_is_fed_by_all_capacity_that_can_send_the_input() -> None:
    # B gets 6 kt of concentrate from A and 12 from itself, and D is barred: 15 kt of oxide are made
    params = with_ban(two_stage_world(2, renewal=1.0), [(0, 3, 1)])
    capacity = params.technology.capacity.copy()
    for region, tonnes in ((0, 6.0), (1, 12.0)):
        capacity[:, 1:, (params.technology.good == 0) & (params.technology.region == region)] = tonnes
    params = replace(params, technology=replace(params.technology, capacity=capacity))
    params = with_contract(with_contract(params, (1, 1, 3), [8.0, 9.0]), (1, 1, 0), [6.0, 8.0])
    told = undeliverable(market_of(params), np.arange(2))
    assert list(told) == [1]
    assert (told[1].kind, told[1].place, told[1].buyer) == ("contract", 1, 3)
    assert told[1].tonnes == pytest.approx(17.0 - 18.0 / 1.2)


def test_stockpile_stands_in_for_what_capacity_cannot_make() -> None:
    # 10 kt are missed without it
    short = with_use(tiny_world(1, supply_elasticity=1.0, **RIGID), 0, 2, [90.0])
    for rate, missing in ((4.0, 6.0), (20.0, 0.0)):
        params = with_stockpile(short, "pile", 0, [0.0, 0.0, 1.0], stock=50.0, rate=rate, trigger=1000.0)
        told = out_of_reach(market_of(params), params.benchmark_producer_price, np.arange(1))
        assert sum(miss.tonnes for miss in told.values()) == pytest.approx(missing, abs=0.2)


@pytest.mark.parametrize(("good", "missed_goods"), [(0, [1]), (1, [])])
def test_stockpile_is_no_help_to_another_good(good: int, missed_goods: list[int]) -> None:
    params = with_use(two_stage_world(1, **RIGID), 1, 3, [500.0])
    params = with_stockpile(params, "pile", good, [0.0, 0.0, 0.0, 1.0], stock=900.0, rate=900.0, trigger=1000.0)
    told = out_of_reach(market_of(params), params.benchmark_producer_price, np.arange(1))
    assert [miss.good for miss in told.values()] == missed_goods


def test_what_is_still_under_contract_has_to_come_from_those_who_hold_it() -> None:
    # B may send 10 kt; of the 40 kt that C uses, 18 are tied (60 % of A's half, and of B's as far as its cap lets it
    # through), here all to B
    params = with_bound(tiny_world(1, **(RIGID | {"renewal": 0.4})), [(0, 1, 2)], high=10.0)
    market = market_of(params)
    assert out_of_reach(market, params.benchmark_producer_price, np.arange(1)) == {}
    held = market.contract.copy()
    held[:, 0, 0, 2] = -np.inf
    told = out_of_reach(replace(market, contract=held), params.benchmark_producer_price, np.arange(1))
    assert (told[0].kind, told[0].place) == ("use", 2)
    assert told[0].tonnes == pytest.approx(8.0)


@pytest.mark.parametrize("world", [two_stage_world, metal_and_ore_beside_another])
def test_least_and_most_that_assets_make_follow_from_extreme_prices_of_product_and_input(world) -> None:
    params = world(1, supply_elasticity=0.02)
    market, benchmark, tech = market_of(params), params.benchmark_producer_price, params.technology
    found = _made(market, benchmark, 0)
    for k, (own, other) in enumerate(((1e-3, 1e3), (1e3, 1e-3))):
        for a in range(len(tech.names)):
            fed_with, region = tech.input_good[a], tech.region[a]
            bought = params.demand.benchmark_price[0, fed_with, region] if fed_with >= 0 else 0.0
            price = benchmark[0, tech.good[a], tech.region[a]] * own
            net, _, _ = net_price(np.array(price), np.array(1.2 * bought * other))
            used = 1.0 / (1.0 + (market.break_even[0, a] / net) ** market.steepness[0, a])
            assert found[k][a] == pytest.approx(market.capacity[0, a] * used, rel=1e-12)


@pytest.mark.parametrize(("beyond", "told"), [(1.8e-6, False), (2.2e-6, True)])
def test_miss_is_told_from_a_millionth_of_the_tonnes_on(beyond: float, told: bool) -> None:
    # two halves of a tonne are there to be placed, and a bit more than a tonne is asked for: about two tonnes in all
    programme = _Programme()
    one, other, missing = programme.variable(0.5, 0.5), programme.variable(0.5, 0.5), programme.slack("use", 0, 2)
    programme.row([(one, 1.0), (missing, 1.0)], 0.5 + beyond)
    programme.row([(other, 1.0)], 0.5)
    found = programme.worst_miss()
    if told:
        assert found is not None
        assert (found.kind, found.good, found.place, found.buyer) == ("use", 0, 2, -1)
        assert found.tonnes == pytest.approx(beyond, rel=1e-6)
    else:
        assert found is None


@pytest.mark.parametrize("size", [1.0, 0.005])
def test_small_market_misses_in_proportion(size: float) -> None:
    # A and B can make 125 and 75 kt, all of it at 1,000 times the price; 210 kt are used, of which 4 come from stock
    params = with_use(tiny(size, supply_elasticity=1.0, **RIGID), 0, 2, [90.0 * size])
    params = with_stockpile(params, "pile", 0, [0.0, 0.0, 1.0], stock=9.0, rate=4.0 * size, trigger=1000.0)
    told = out_of_reach(market_of(params), params.benchmark_producer_price, np.arange(1))
    assert told[0].tonnes == pytest.approx(6.0 * size, abs=0.2 * size)
    # a contract of 20 kt that a cap of 15 keeps from C, which uses 40
    params = with_bound(tiny(size, **RIGID), [(0, 1, 2)], high=15.0 * size)
    market = market_of(with_contract(params, (0, 1, 2), 20.0 * size))
    told = out_of_reach(market, params.benchmark_producer_price, np.arange(1))
    assert (told[0].kind, told[0].place, told[0].buyer) == ("contract", 1, 2)
    assert told[0].tonnes == pytest.approx(5.0 * size, rel=1e-6)
    assert undeliverable(market, np.arange(1))[0].tonnes == pytest.approx(5.0 * size, rel=1e-9)


def test_use_and_output_reach_as_far_as_their_elasticities_take_them() -> None:
    # A trades with nobody: at 1/1,000 and at 1,000 times the price its use is so much more and less
    small = {"demand_elasticity": 0.01, "demand_elasticity_long": 0.01, "renewal": 1.0, "supply_elasticity": 0.02}
    alone = with_ban(tiny_world(1, **small), [(0, 0, 1), (0, 0, 2)])
    for use, kind, price in ((1.0, "output", 1e-3), (500.0, "use", 1e3)):
        params = with_use(alone, 0, 0, [use])
        market = market_of(params)
        told = out_of_reach(market, params.benchmark_producer_price, np.arange(1))
        net, _, _ = net_price(np.array(1000.0 * price), np.array(0.0))
        made = market.capacity[0, 0] / (1.0 + (market.break_even[0, 0] / net) ** market.steepness[0, 0])
        assert (told[0].kind, told[0].place) == (kind, 0)
        assert told[0].tonnes == pytest.approx(abs(made - use * price**-0.01), rel=1e-9)


@pytest.mark.parametrize(
    ("room", "fitting", "too_much"),
    [(30.0, 8.0, 12.0), (30.0, 10.0, 10.1), (60.0, 1.5, 3.0)],
)
def test_take_or_pay_beyond_what_a_stockpile_leaves_of_a_market_is_not_missed(
    room: float, fitting: float, too_much: float
) -> None:
    # C uses 40 kt; 10 of them are left beside 30 kt from stock, and a twentieth, 2 kt, beside any amount
    params = with_stockpile(tiny_world(1, **RIGID), "pile", 0, [0.0, 0.0, 1.0], stock=99.0, rate=room, trigger=1000.0)
    params = with_bound(params, [(0, 0, 2)], high=1.0)
    for promised, missing in ((fitting, [("contract", fitting - 1.0)]), (too_much, [])):
        market = market_of(with_contract(params, (0, 0, 2), promised))
        told = out_of_reach(market, params.benchmark_producer_price, np.arange(1))
        assert [(miss.kind, pytest.approx(miss.tonnes)) for miss in told.values()] == missing
    # two that fit one by one do not where they are too much together
    both = with_contract(with_contract(params, (0, 0, 2), fitting), (0, 1, 2), fitting)
    assert out_of_reach(market_of(both), params.benchmark_producer_price, np.arange(1)) == {}


def test_take_or_pay_of_several_routes_adds_up_against_their_cap() -> None:
    params = with_bound(tiny_world(1, renewal=1.0), [(0, 0, 1), (0, 0, 2)], high=20.0)
    params = with_contract(with_contract(params, (0, 0, 1), 12.0), (0, 0, 2), 13.0)
    told = undeliverable(market_of(params), np.arange(1))
    assert (told[0].kind, told[0].place, told[0].buyer) == ("contract", 0, 2)
    assert told[0].tonnes == pytest.approx(5.0)


def test_input_under_take_or_pay_feeds_however_little_it_is() -> None:
    # B has 6 kt of concentrate of its own and a contract on half a tonne from C, which has plenty
    params = with_ban(two_stage_world(1, renewal=1.0), [(0, o, 1) for o in (0, 3)])
    capacity = params.technology.capacity.copy()
    capacity[:, 1:, (params.technology.good == 0) & (params.technology.region == 1)] = 6.0
    params = replace(params, technology=replace(params.technology, capacity=capacity))
    params = with_contract(params, (1, 1, 3), 9.0)
    assert undeliverable(market_of(params), np.arange(1))[0].tonnes == pytest.approx(4.0)
    assert undeliverable(market_of(with_contract(params, (0, 2, 1), 0.5)), np.arange(1)) == {}


def test_nothing_is_said_where_any_good_is_sourced_in_value() -> None:
    params = with_use(two_stage_world(1, **RIGID), 1, 3, [500.0])
    market, draws = market_of(params), np.arange(1)
    assert list(out_of_reach(market, params.benchmark_producer_price, draws)) == [0]
    in_value = replace(market, in_value=np.array([True, False]))
    assert out_of_reach(in_value, params.benchmark_producer_price, draws) == {}
