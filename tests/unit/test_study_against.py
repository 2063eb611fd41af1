from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import Series, buyers_gain
from sim.model import simulate
from sim.study.against import buyers_gain_by_route, consumption_lost, price_against_baseline
from sim.study.beside import routes_in_use
from tests.worlds import tiny_world, two_stage_world, with_ban, with_wedge

A, B, C = range(3)


def at(series: Series, region: str, year: int = 1) -> float:
    return float(series.numbers[0, year, series.regions.index(region)])


def test_use_lost_is_positive_and_counts_what_goes_unserved() -> None:
    before = tiny_world()
    cut_off = with_ban(before, [(0, A, C), (0, B, C)])
    base, found = simulate(before), simulate(cut_off)
    places, world = consumption_lost(cut_off, found, base, routes_in_use(base, found))
    assert places.unit == "kt/yr"
    assert at(places, "C") == pytest.approx(40.0)
    assert at(places, "A") < 0  # the metal that C cannot buy is used at home
    assert at(world, "World") == pytest.approx(sum(at(places, region) for region in "ABC"))


def test_relative_price_is_that_of_the_same_year_of_the_baseline() -> None:
    before = tiny_world()
    after = with_wedge(before, "tariffs_cif", [(0, A, C), (0, B, C)], 0.3)
    base, found = simulate(before), simulate(after)
    places, world = price_against_baseline(after, found, before, base, routes_in_use(base, found))
    assert at(places, "C") == pytest.approx(found.market_price[0, 1, 0, C] / base.market_price[0, 1, 0, C])
    assert at(places, "C") > 1 > at(places, "A")
    assert at(places, "C", 0) == at(world, "World", 0) == 1.0


def test_saving_by_route_is_the_mean_tonnes_times_the_change_of_price() -> None:
    before = tiny_world()
    after = with_wedge(before, "tariffs_cif", [(0, A, C)], 0.3)
    base, found = simulate(before), simulate(after)
    gain = buyers_gain_by_route(after, found, before, base, routes_in_use(base, found))
    by_hand = 0.0
    for origin in (A, B):
        tonnes = (base.flow[0, 1, 0, origin, C] + found.flow[0, 1, 0, origin, C]) / 2
        by_hand -= tonnes * (found.delivered_price[0, 1, 0, origin, C] - base.delivered_price[0, 1, 0, origin, C])
    assert at(gain, "C") == pytest.approx(by_hand / 1000)
    assert at(gain, "C") < 0 < at(gain, "A")


def test_both_measures_agree_where_one_origin_serves_a_market_and_prices_move_little() -> None:
    before = tiny_world()
    after = with_wedge(before, "tariffs_cif", [(0, A, C), (0, B, C)], 0.01)
    base, found = simulate(before), simulate(after)
    runs = after, found, before, base, routes_in_use(base, found)
    assert at(buyers_gain_by_route(*runs), "A") == pytest.approx(at(buyers_gain(*runs), "A"), rel=1e-3)


def test_route_that_closes_is_left_out_and_moved_demand_is_blank() -> None:
    before = tiny_world()
    after = with_ban(before, [(0, A, C)])
    base, found = simulate(before), simulate(after)
    gain = buyers_gain_by_route(after, found, before, base, routes_in_use(base, found))
    tonnes = (base.flow[0, 1, 0, B, C] + found.flow[0, 1, 0, B, C]) / 2
    dearer = found.delivered_price[0, 1, 0, B, C] - base.delivered_price[0, 1, 0, B, C]
    assert at(gain, "C") == pytest.approx(-tonnes * dearer / 1000)
    more = replace(before, demand=replace(before.demand, reference=1.1 * before.demand.reference))
    moved = buyers_gain_by_route(more, simulate(more), before, base, routes_in_use(base))
    assert np.isnan(moved.numbers).all()


def test_only_the_part_of_final_use_counts_for_a_good_that_goes_on() -> None:
    before = two_stage_world()
    after = with_ban(before, [(1, 0, 2)])
    base, found = simulate(before), simulate(after)
    gain = buyers_gain_by_route(after, found, before, base, routes_in_use(base, found))
    assert set(gain.goods) <= {before.goods[c] for c in np.flatnonzero((before.demand.reference > 0).any((0, 1, 3)))}
    final = found.final_use[0, 1] / (found.final_use + found.derived_use)[0, 1].clip(1e-9)
    assert (final < 1).any()
    assert np.isfinite(gain.numbers[:, :2]).all()
