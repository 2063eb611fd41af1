from __future__ import annotations

from dataclasses import replace

from sim.records.world import World
from sim.study.provenance import stated_figures, tiers_by_good
from tests.study_samples import chain_world, measure, metal_world, number, scenario, switch

STATED = number(2000.0, tier="document", source="D0", written={"value": "2 Mt/yr", "low": "1.5 Mt/yr"})


def separate_world() -> World:
    """Ore and metal as goods that have nothing to do with each other."""
    world = chain_world()
    return replace(world, goods=tuple(replace(good, input=None) for good in world.goods))


def test_good_rests_on_its_statistics_parameters_and_measures() -> None:
    cap = measure("cap", origins=["A"], destinations=["B"], numbers={"volume": STATED})
    assert tiers_by_good(scenario(), metal_world()) == {"metal": ("assumption", "statistic")}
    assert tiers_by_good(scenario(cap), metal_world()) == {"metal": ("document", "assumption", "statistic")}


def test_tier_of_a_range_counts() -> None:
    ranged = number(4.0, low=3.0, high=5.0, tier="literature", range_tier="derived")
    found = tiers_by_good(scenario(parameters={"sourcing_elasticity.metal": ranged}), metal_world())
    assert found == {"metal": ("assumption", "derived", "literature", "statistic")}


def test_chance_of_a_switch_counts_where_a_measure_hangs_on_it() -> None:
    chance = replace(switch("s"), probability=number(0.5, tier="document"))
    ban = measure("ban", origins=["A"], destinations=["B"], when=["s"])
    assert "document" in tiers_by_good(scenario(ban, switches=[chance]), metal_world())["metal"]
    assert "document" not in tiers_by_good(scenario(switches=[chance]), metal_world())["metal"]


def test_goods_of_one_chain_share_their_tiers_and_others_do_not() -> None:
    cap = measure("cap", good="ore", origins=["A"], destinations=["B"], numbers={"volume": STATED})
    given = scenario(cap, goods=("ore", "metal"))
    assert tiers_by_good(given, chain_world())["metal"] == ("document", "assumption", "statistic")
    assert tiers_by_good(given, separate_world())["metal"] == ("assumption", "statistic")


def test_documented_figures_are_told_as_written_with_their_measure() -> None:
    offer = measure("offer", "sale", origins=["A"], destinations=["B"], numbers={"volume": STATED})
    ours = measure("cap", origins=["A"], destinations=["B"], numbers={"volume": 3.0})
    assert stated_figures(scenario(offer, ours), metal_world()) == ("2 Mt/yr (sale)",)
    assert stated_figures(scenario(ours), metal_world()) == ()


def test_documented_range_is_told_with_both_ends() -> None:
    cost = number(low=1e11, high=9e11, tier="document", written={"low": "100 bn USD", "high": "900 bn USD"})
    plant = measure("project", "plant", region="A", numbers={"capital_cost": cost})
    assert stated_figures(scenario(plant), metal_world()) == ("100 bn USD to 900 bn USD (plant)",)


def test_documented_values_are_told_with_their_weights() -> None:
    written = {"values.1 Mt/yr": "30 %", "values.2 Mt/yr": "70 %"}
    given = number(low=1e3, high=2e3, values=((1e3, 0.3), (2e3, 0.7)), tier="document", written=written)
    offer = measure("offer", "sale", origins=["A"], destinations=["B"], numbers={"volume": given})
    assert stated_figures(scenario(offer), metal_world()) == ("1 Mt/yr: 30 %, 2 Mt/yr: 70 % (sale)",)


def test_documented_parameters_and_chances_are_told_as_well() -> None:
    growth = replace(STATED, written={"value": "7.7 %/yr"})
    chance = replace(STATED, written={"value": "50 %"})
    given = scenario(parameters={"demand_growth.metal.A": growth}, switches=[replace(switch("s"), probability=chance)])
    assert stated_figures(given, metal_world()) == ("7.7 %/yr (demand_growth.metal.A)", "50 % (s)")


def test_documented_statistics_of_the_base_year_are_told_with_their_good() -> None:
    world = replace(metal_world(), stated=("70 % of the imports of USA from CHN",))
    assert stated_figures(scenario(), world) == ("70 % of the imports of USA from CHN (base year, Metal)",)
    assert stated_figures(scenario(), replace(world, stated=("",))) == ()
