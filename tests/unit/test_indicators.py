from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.indicators import (
    asset_surplus,
    assets_surplus_of,
    buyers_gain,
    by_place,
    finally_used,
    flow_under_bounds,
    indicators_of,
    world_price,
)
from sim.model import simulate
from sim.quantity import Array
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from sim.study.beside import routes_in_use
from tests.worlds import (
    metal_and_ore_beside_another,
    random_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_stockpile,
    with_wedge,
)

A, B, C = range(3)


def first_year(params: Params) -> dict[tuple[str, str, str], float]:
    """Every indicator of the benchmark year by name, region and partner."""
    return year(params, simulate(params), 0)


def year(params: Params, found: Trajectory, t: int) -> dict[tuple[str, str, str], float]:
    told = {}
    for series in indicators_of(params, found, routes_in_use(found)):
        for k, place in enumerate(zip(series.regions, series.partners, strict=True)):
            assert (series.indicator, *place) not in told
            told[series.indicator, *place] = float(series.numbers[0, t, k])
    return told


def test_shares_of_supply_and_of_imports_by_hand() -> None:
    told = first_year(tiny_world())
    assert told["supply_share", "A", "A"] == 1.0
    assert told["supply_share", "B", "A"] == pytest.approx(30 / 70)
    assert told["supply_share", "B", "B"] == pytest.approx(40 / 70)
    assert told["import_share", "B", "A"] == 1.0
    assert told["import_share", "C", "A"] == told["import_share", "C", "B"] == 0.5
    assert ("import_share", "B", "B") not in told
    assert ("supply_share", "A", "B") not in told


def test_tonnes_prices_and_concentration_by_hand() -> None:
    duty = np.array([[[0.0, 0.0, 0.1], [0.0] * 3, [0.0] * 3]])
    told = first_year(tiny_world(duty=duty))
    expected = {
        ("consumption", "B", ""): 70,
        ("imports", "B", ""): 30,
        ("imports", "C", ""): 40,
        ("exports", "A", ""): 50,
        ("exports", "B", ""): 20,
        ("production", "A", ""): 100,
        ("capacity", "A", ""): 125,
        ("producer_price", "B", ""): 1000,
        ("delivered_price", "C", ""): 1050,
        ("concentration", "A", ""): 1,
        ("concentration", "B", ""): (30 / 70) ** 2 + (40 / 70) ** 2,
        ("concentration", "C", ""): 0.5,
        ("duties", "C", ""): 20 * 1000 * 0.1 / 1000,
        ("duties", "B", ""): 0,
        ("world_price", "World", ""): 1000,
        ("production", "World", ""): 160,
        ("consumption", "World", ""): 160,
    }
    for place, value in expected.items():
        assert told[place] == pytest.approx(value, rel=1e-9), place
    assert ("production", "C", "") not in told
    assert ("imports", "A", "") not in told


def test_export_taxes_freight_and_prices_against_the_benchmark_by_hand() -> None:
    params = with_wedge(tiny_world(), "export_taxes", [(0, A, B)], 0.1)
    params = with_wedge(params, "surcharges", [(0, A, C)], 50.0)
    found = simulate(params)
    told = year(params, found, 1)
    sold = found.flow[0, 1, 0]
    assert told["export_taxes", "A", ""] == pytest.approx(sold[A, B] * found.producer_price[0, 1, 0, A] * 0.1 / 1000)
    assert told["export_taxes", "B", ""] == 0.0
    assert ("export_taxes", "C", "") not in told
    assert told["freight_cost", "C", ""] == pytest.approx(sold[A, C] * 50.0 / 1000)
    assert told["freight_cost", "B", ""] == 0.0
    assert told["price_against_benchmark", "B", ""] == pytest.approx(found.market_price[0, 1, 0, B] / 1000)
    assert told["price_against_benchmark", "B", ""] > 1
    world = told["world_price", "World", ""] / 1000
    assert told["price_against_benchmark", "World", ""] == pytest.approx(world)


def test_use_counts_what_goes_into_the_next_stage() -> None:
    params = two_stage_world()
    found = simulate(params)
    total = [s for s in indicators_of(params, found, routes_in_use(found)) if s.indicator == "consumption"][-1]
    assert total.regions == ("World", "World")
    np.testing.assert_allclose(total.numbers[0, 0], params.benchmark_flow.sum(axis=(1, 2)), rtol=1e-9)


def test_flow_rent_and_shortfall_of_each_bound() -> None:
    params = with_bound(tiny_world(), [(0, A, B)], high=20.0)
    params = with_bound(params, [(0, A, C), (0, B, C)], low=10.0)
    found = simulate(params)
    told = year(params, found, 1)
    assert told["flow_under_bound", "B", "bound0"] == pytest.approx(20.0)
    assert told["flow_under_bound", "C", "bound1"] == pytest.approx(found.flow[0, 1, 0, :, C].sum())
    wedge = found.rent_wedge[0, 1, 0]
    assert told["rent", "B", "bound0"] == pytest.approx(
        20 * found.delivered_price[0, 1, 0, A, B] * (1 - np.exp(-wedge)) / 1000
    )
    assert told["rent", "C", "bound1"] == told["shortfall", "C", "bound1"] == 0.0


def test_bound_over_several_markets_stands_for_the_world() -> None:
    params = with_bound(tiny_world(), [(0, A, B), (0, A, C)], high=30.0)
    series = flow_under_bounds(params, simulate(params))
    assert series.regions == ("World",)
    np.testing.assert_allclose(series.numbers[0, :, 0], [50, 30, 30, 30], rtol=1e-9)


def test_market_without_a_source_is_unserved_and_has_no_shares() -> None:
    params = with_ban(tiny_world(), [(0, A, C), (0, B, C)])
    told = year(params, simulate(params), 1)
    assert told["unserved", "C", ""] == pytest.approx(40.0)
    assert told["supply_share", "C", "A"] == told["consumption", "C", ""] == 0.0
    assert np.isnan(told["delivered_price", "C", ""])
    assert np.isnan(told["concentration", "C", ""])  # of nothing


def test_unserved_is_told_where_it_happens_or_is_asked_for() -> None:
    params = tiny_world()
    found = simulate(params)
    shown = routes_in_use(found)
    assert "unserved" not in {s.indicator for s in indicators_of(params, found, shown)}
    assert "unserved" in {s.indicator for s in indicators_of(params, found, shown, unserved=True)}
    little = found.unserved.copy()
    little[0, 1, 0, C] = 1e-3
    some = {s.indicator: s for s in indicators_of(params, replace(found, unserved=little), shown)}
    assert some["unserved"].numbers[0, :, C].tolist() == [0.0, 1e-3, 0.0, 0.0]


@pytest.mark.parametrize("size", [1.0, 0.01])
def test_world_price_weighs_with_output_and_is_blank_without_any(size: float) -> None:
    price = np.array([[[[100.0, 200.0, np.nan]]], [[[100.0, 200.0, 300.0]]], [[[100.0, 200.0, 300.0]]]])
    output = np.array([[[[3.0, 1.0, 0.0]]], [[[0.0, 0.0, 0.0]]], [[[3.0, np.nan, 1.0]]]]) * size
    found = world_price(price, output)
    assert found[0, 0, 0] == pytest.approx(125.0, rel=1e-14)
    assert np.isnan(found[1:, 0, 0]).all()


def test_assets_of_a_place_add_up() -> None:
    params = tiny_world(split_assets=True)
    tonnes: Array = np.arange(1.0, 1 + len(params.technology.names)).reshape(1, 1, -1)
    assert by_place(params, tonnes)[0, 0, 0].tolist() == [3.0, 7.0, 11.0]


def test_draw_that_is_not_solved_is_blank_in_every_indicator() -> None:
    params = tiny_world(draws=2)
    found = simulate(params)
    blank = {name: getattr(found, name).copy() for name in ("flow", "final_use", "derived_use", "output", "unserved")}
    for array in blank.values():
        array[1, 2:] = np.nan
    for series in indicators_of(params, replace(found, **blank), routes_in_use(found)):
        if series.indicator in ("supply_share", "import_share", "consumption", "production", "imports"):
            assert np.isnan(series.numbers[1, 2:]).all(), series.indicator
        assert np.isfinite(series.numbers[0]).all(), series.indicator


def by_hand_surplus(capacity: float, steepness: float, used: float, price: float) -> float:
    """Area under the share of capacity that pays, up to the price, by adding up thin slices. [M USD/yr]"""
    break_even = price * ((1 - used) / used) ** (1 / steepness)
    slices = (np.arange(200_000) + 0.5) * price / 200_000
    return float(capacity * (1 / (1 + (slices / break_even) ** -steepness)).mean() * price / 1000)


def test_producers_surplus_by_hand() -> None:
    # e = 0.5 at 80 % of capacity: steepness 2.5
    told = first_year(tiny_world())
    assert told["producers_surplus", "A", ""] == pytest.approx(by_hand_surplus(125.0, 2.5, 0.8, 1000.0), rel=1e-6)
    assert told["producers_surplus", "B", ""] == pytest.approx(told["producers_surplus", "A", ""] * 0.6, rel=1e-9)
    assert ("producers_surplus", "C", "") not in told


@pytest.mark.parametrize("world", [two_stage_world, metal_and_ore_beside_another])
def test_surplus_of_what_is_made_from_another_good_counts_what_that_costs(world) -> None:
    params = world()
    tech, found = params.technology, simulate(params)
    told = assets_surplus_of(params, found)
    for a in range(len(tech.names)):
        assert (asset_surplus(params, found, a) == told[:, :, a]).all()
        made, fed_with, place = found.output[0, 0, a], tech.input_good[a], tech.region[a]
        if made > 0:
            price = params.benchmark_producer_price[0, tech.good[a], place]
            margin = price - (1.2 * params.demand.benchmark_price[0, fed_with, place] if fed_with >= 0 else 0.0)
            # e = 0.5 at 80 % of capacity: by eq. 1-3 the steepness is 2.5 times the margin's share of the price
            expected = by_hand_surplus(made / 0.8, 2.5 * margin / price, 0.8, margin)
            assert told[0, 0, a] == pytest.approx(expected, rel=1e-4)


def test_surplus_is_blank_for_supply_without_a_capacity_and_for_draws_that_are_not_solved() -> None:
    params = tiny_world(draws=2)
    params = replace(params, technology=replace(params.technology, unbounded=(params.technology.names[1],)))
    found = simulate(params)
    output = found.output.copy()
    output[1, 2:] = np.nan
    told = np.isnan(assets_surplus_of(params, replace(found, output=output)))
    assert told[0].tolist() == [[False, True, False]] * 4
    assert told[1].tolist() == [[False, True, False]] * 2 + [[True, True, True]] * 2


def test_markets_without_any_final_demand_have_no_buyers_to_gain() -> None:
    params = tiny_world(draws=2)
    reference = params.demand.reference.copy()
    reference[:, :, 0, A] = 0.0
    reference[1, :, 0, B] = 0.0
    params = replace(params, demand=replace(params.demand, reference=reference))
    shown = np.ones((1, 3, 3), dtype=bool)
    assert finally_used(params, shown).tolist() == [[False, True, True]]
    shown[0, :, C] = False
    assert finally_used(params, shown).tolist() == [[False, True, False]]
    assert finally_used(params, shown, np.array([[True, False, True]])).tolist() == [[True, False, False]]


def test_producers_that_stand_still_earn_nothing() -> None:
    params = with_ban(two_stage_world(2), [(0, o, 1) for o in range(4)])
    found = simulate(params)
    surplus = assets_surplus_of(params, found)
    stands = found.output == 0
    assert stands[:, 1:].any()
    assert (surplus[stands] == 0).all()
    assert (surplus[~stands] > 0).all()


def test_buyers_gain_by_hand_and_only_where_their_demand_stays() -> None:
    before = tiny_world(demand_elasticity=0.0, demand_elasticity_long=0.0)
    after = with_wedge(before, "tariffs_cif", [(0, A, C), (0, B, C)], 0.3)
    base, found = simulate(before), simulate(after)
    gain = buyers_gain(after, found, before, base, routes_in_use(base))
    assert gain.unit == "M USD/yr"
    assert gain.regions == ("A", "B", "C")
    # C buys 40 kt whatever they cost
    dearer = found.market_price[0, 1, 0, C] - base.market_price[0, 1, 0, C]
    assert dearer > 100
    assert gain.numbers[0, 1, C] == pytest.approx(-40.0 * dearer / 1000, rel=1e-12)
    np.testing.assert_allclose(gain.numbers[0, 0], 0.0, atol=1e-9)

    reference = after.demand.reference.copy()
    reference[:, 2, 0, C] *= 1.1
    more = replace(after, demand=replace(after.demand, reference=reference))
    moved = buyers_gain(more, simulate(more), before, base, routes_in_use(base)).numbers[0]
    assert np.isnan(moved[:, C]).tolist() == [False, False, True, False]
    cut_off = with_ban(before, [(0, A, C), (0, B, C)])
    unserved = buyers_gain(cut_off, simulate(cut_off), before, base, routes_in_use(base)).numbers[0]
    assert np.isnan(unserved[:, C]).tolist() == [False, True, True, True]
    assert not np.isnan(unserved[:, :C]).any()


def test_stockpiles_are_told_with_what_they_sell_and_hold_and_count_as_supply() -> None:
    params = with_stockpile(tiny_world(), "pile", 0, [0.0, 0.0, 1.0], stock=25.0, rate=10.0, trigger=500.0, holder=B)
    found = simulate(params)
    told = year(params, found, 1)
    assert told["stock_release", "C", ""] == pytest.approx(10.0, rel=1e-6)
    assert told["stock_release", "A", ""] == 0.0
    assert told["stock_left", "B", "pile"] == pytest.approx(15.0, rel=1e-6)
    bought = found.flow[0, 1, 0, :, C].sum()
    from_a = told["supply_share", "C", "A"]
    assert from_a == pytest.approx(found.flow[0, 1, 0, A, C] / (bought + 10.0), rel=1e-6)
    assert from_a + told["supply_share", "C", "B"] < 0.8
    assert told["import_share", "C", "A"] + told["import_share", "C", "B"] == pytest.approx(1.0, rel=1e-12)
    plain = {s.indicator for s in indicators_of(tiny_world(), simulate(tiny_world()), routes_in_use(found))}
    assert plain.isdisjoint({"stock_release", "stock_left"})


def test_small_tonnes_are_told_like_large_ones() -> None:
    # prices and shares do not know how large a market is
    large = tiny_world(demand_elasticity=0.3)
    tech, demand = large.technology, large.demand
    small = replace(
        large,
        technology=replace(tech, capacity=tech.capacity * 1e-4),
        demand=replace(demand, reference=demand.reference * 1e-4),
        benchmark_flow=large.benchmark_flow * 1e-4,
    )
    runs = [(params, simulate(with_wedge(params, "tariffs_cif", [(0, A, C)], 0.3))) for params in (large, small)]
    bases = [simulate(params) for params in (large, small)]
    shown = routes_in_use(bases[0])
    for one, other in zip(*(indicators_of(params, found, shown) for params, found in runs), strict=True):
        factor = 1.0 if one.unit in ("1", "USD/t") else 1e-4
        np.testing.assert_allclose(other.numbers, one.numbers * factor, rtol=1e-7, atol=1e-14, err_msg=one.indicator)
    gains = [buyers_gain(params, found, params, base, shown) for (params, found), base in zip(runs, bases, strict=True)]
    assert gains[1].regions == ("A", "B", "C")
    np.testing.assert_allclose(gains[1].numbers, gains[0].numbers * 1e-4, rtol=1e-6, atol=1e-12)
    assert np.isfinite(gains[1].numbers).all()


def test_buyers_gain_is_blank_where_a_good_is_sourced_in_value_or_was_not_served_before() -> None:
    params = two_stage_world()
    found = simulate(params)
    shown = routes_in_use(found)
    in_value = replace(params, sourcing=replace(params.sourcing, in_value=(1,)))
    blank = np.isnan(buyers_gain(in_value, found, params, found, shown).numbers[0, 1])
    assert blank.tolist() == [False] * 4 + [True] * 4
    unserved = found.unserved.copy()
    unserved[0, 1, 0, B] = 1e-3
    for one, other in ((found, replace(found, unserved=unserved)), (replace(found, unserved=unserved), found)):
        blank = np.isnan(buyers_gain(params, one, params, other, shown).numbers[0])
        assert np.argwhere(blank).tolist() == [[1, B]]
    nothing = found.final_use.copy()
    nothing[0, 2, 1, A] = 0.0
    blank = np.isnan(buyers_gain(params, replace(found, final_use=nothing), params, found, shown).numbers[0])
    assert np.argwhere(blank).tolist() == [[2, 4 + A]]


def test_what_was_touched_is_told_for_every_market_of_the_good() -> None:
    params = two_stage_world()  # D buys oxide and makes none
    found = simulate(params)
    told = [s for s in indicators_of(params, found, routes_in_use(found)) if s.indicator == "touched_supply"]
    assert told
    for series in told:
        assert series.regions == ("A", "B", "C", "D")
        assert series.goods == ("good1",) * 4


def test_every_country_of_a_chain_is_told_of_what_it_touched() -> None:
    params = random_world(2, stages=2, hard=False, years=2)
    found = simulate(params)
    shown = routes_in_use(found)
    told = {s.partners[0] for s in indicators_of(params, found, shown) if s.indicator == "touched_supply"}
    makers = {params.regions[o] for o in np.flatnonzero(shown.any(axis=(0, 2)))}
    assert told == makers
    assert len(makers) > len(params.goods)
