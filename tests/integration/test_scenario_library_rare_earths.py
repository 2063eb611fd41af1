"""Each rare-earth scenario of the library moves what it is about, in the direction it should, in the central run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.app import baseline_of
from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.inputs.resolve import load_scenario
from sim.model import simulate
from sim.output.answer import render_answer
from sim.quantity import Array
from sim.records.trajectory import SOLVED, Trajectory
from sim.records.world import World
from sim.study.run import run_scenario
from sim.study.scope import within
from sim.study.world import build_world

ROOT = Path(__file__).parents[2]
CONCENTRATE, OXIDE = "rare_earth_concentrate", "rare_earth_oxide"
GOODS = (CONCENTRATE, OXIDE)
AREAS = {
    "Far North": ("russian_lovozero_enlarged", "russian_tomtor", "far_north_afrikanda"),
    "Siberia": ("siberia_chuktukon", "siberia_beloziminskoye"),
    "Far East": ("far_east_seligdar",),
}
COMPARED = {
    "joint_extraction_by_area": "baseline",
    "new_territories": "joint_extraction_processing",
    "ukraine_fund": "baseline",
    "ukraine_half_of_resources": "baseline",
    "ukraine_withdraws": "ukraine_half_of_resources",
    "technology_for_access": "joint_extraction_processing",
    "us_china_escalation": "baseline",
    "us_china_deal": "us_china_escalation",
    "price_surge": "baseline",
    "demand_boom": "baseline",
    "stockpile_against_ban": "china_export_ban",
    "talks_fifty_fifty": "baseline",
}


@cache
def whole() -> World:
    return build_world(ROOT / "scenarios" / "worlds" / "metals_2024")


@cache
def world() -> World:
    return whole().cut(GOODS)


@cache
def solved(name: str, last: int = 2050, overrides: str = "") -> Trajectory:
    """The central run of a scenario's rare earths up to a year."""
    years = f"years.last={last}; years.focus={last}"
    given = within(load_scenario(name, ROOT, f"{years}; {overrides}".rstrip("; ")), GOODS, whole())
    base = within(load_scenario("baseline", ROOT, years), GOODS, whole())
    run = simulate(build_params(given, base, world(), Draws(seed=1, count=0)))
    assert run.status[0] == SOLVED, f"{name}: {run.reasons[0]}"
    return run


def sold(run: Trajectory, good: str, origin: str, destination: str, year: int) -> float:
    c, o, d = world().good_index(good), world().region_index(origin), world().region_index(destination)
    return float(run.flow[0, year - world().year, c, o, d])


def made(run: Trajectory, good: str, region: str, year: int) -> float:
    c, o = world().good_index(good), world().region_index(region)
    return float(run.flow[0, year - world().year, c, o].sum())


def price(run: Trajectory, region: str, year: int) -> float:
    return float(run.market_price[0, year - world().year, world().good_index(OXIDE), world().region_index(region)])


def china_in_american_imports(run: Trajectory, year: int) -> float:
    column: Array = run.flow[0, year - world().year, world().good_index(OXIDE), :, world().region_index("US")]
    return float(column[world().region_index("China")] / (column.sum() - column[world().region_index("US")]))


@pytest.mark.parametrize(("name", "other"), COMPARED.items())
def test_scenario_asks_something_and_knows_what_it_is_compared_with(name: str, other: str) -> None:
    scenario = load_scenario(name, ROOT)
    assert scenario.question.endswith(("?", "it."))
    assert baseline_of(scenario) == other


def test_american_ore_keeps_a_buyer_after_the_stockpile() -> None:
    run = solved("baseline")
    c, here = world().good_index(CONCENTRATE), world().region_index("US")
    path = run.producer_price[0, :, c, here] / run.producer_price[0, :, c, world().region_index("China")]
    assert path[2030 - world().year : 2036 - world().year].min() > 0.6
    assert path[2036 - world().year :].min() > 0.45
    assert sold(run, CONCENTRATE, "US", "Malaysia", 2034) == 0
    assert 1 < sold(run, CONCENTRATE, "US", "Malaysia", 2040) < 8


def test_deposits_are_listed_by_area_and_may_not_come_where_there_is_no_plan() -> None:
    measures = load_scenario("joint_extraction_by_area", ROOT).measures
    mines = {name for name, each in measures.items() if each.region == "Russia" and each.kind == "project"}
    assert {name for area in AREAS.values() for name in area} <= mines
    for name in ("far_north_afrikanda", *AREAS["Siberia"], *AREAS["Far East"]):
        assert measures[name].numbers["capacity"].low == 0
    nothing = measures["caucasus_no_deposit_found"].numbers["capacity"]
    assert (nothing.value, nothing.quote) == (0, "im Kaukasus")
    stated = measures["russian_separation_plant"].numbers["capital_cost"]
    assert (stated.tier, stated.low, stated.high, stated.shape) == ("document", 100e9, 999e9, "loguniform")
    derived = [
        each.numbers["capital_cost"]
        for name, each in measures.items()
        if name in mines | {"siberian_separation_plant"} and "capital_cost" in each.numbers and each is not stated
    ]
    low, high = (
        sum(getattr(cost, end) for cost in derived if cost.tier != "document") / 1e9 for end in ("low", "high")
    )
    assert 1.5 < low < 3 < high < 20


def test_deposits_of_all_areas_bring_more_than_the_two_and_later() -> None:
    two, all_areas = solved("joint_extraction_processing"), solved("joint_extraction_by_area")
    assert made(all_areas, CONCENTRATE, "Russia", 2045) > made(two, CONCENTRATE, "Russia", 2045) + 5
    assert abs(made(all_areas, CONCENTRATE, "Russia", 2030) - made(two, CONCENTRATE, "Russia", 2030)) < 0.5
    gain = [china_in_american_imports(run, 2045) for run in (solved("baseline"), two, all_areas)]
    assert gain[0] > gain[1] + 0.05 > gain[2] + 0.05
    assert sold(all_areas, OXIDE, "Russia", "US", 2045) < 0.5 * made(all_areas, OXIDE, "Russia", 2045)


def test_occupied_deposits_have_a_switch_of_their_own() -> None:
    usual, opened = solved("joint_extraction_processing"), solved("new_territories")
    shut = solved("new_territories", overrides="switches.occupied_deposits_opened=off")
    assert made(opened, CONCENTRATE, "Russia", 2045) > made(usual, CONCENTRATE, "Russia", 2045) + 2
    assert made(shut, CONCENTRATE, "Russia", 2045) == pytest.approx(made(usual, CONCENTRATE, "Russia", 2045), rel=1e-9)


def test_ukraine_mines_nothing_until_the_lead_time_is_over_and_processes_nothing() -> None:
    run = solved("ukraine_fund")
    assert made(run, CONCENTRATE, "Ukraine", 2039) == 0
    assert 2 < made(run, CONCENTRATE, "Ukraine", 2050) < 3
    assert made(run, OXIDE, "Ukraine", 2050) == 0
    assert sold(run, CONCENTRATE, "Ukraine", "US", 2050) > 0
    assert abs(china_in_american_imports(run, 2050) - china_in_american_imports(solved("baseline"), 2050)) < 0.01


def test_deposits_out_of_reach_would_add_to_what_ukraine_mines() -> None:
    more = solved("ukraine_fund", overrides="switches.deposits_out_of_reach_opened=on")
    assert made(more, CONCENTRATE, "Ukraine", 2050) > made(solved("ukraine_fund"), CONCENTRATE, "Ukraine", 2050) + 1


def test_contract_over_nearly_half_sends_that_to_the_united_states() -> None:
    capacity = load_scenario("ukraine_half_of_resources", ROOT).measures["ukrainian_mines"].numbers["capacity"].value
    run = solved("ukraine_half_of_resources")
    assert capacity is not None
    assert sold(run, CONCENTRATE, "Ukraine", "US", 2050) == pytest.approx(0.49 * capacity, rel=0.1)
    assert sold(run, CONCENTRATE, "Ukraine", "US", 2050) > 5 * sold(
        solved("ukraine_fund"), CONCENTRATE, "Ukraine", "US", 2050
    )


def test_withdrawal_undoes_what_the_agreement_gave() -> None:
    bound, ended = solved("ukraine_half_of_resources"), solved("ukraine_withdraws")
    assert sold(ended, CONCENTRATE, "Ukraine", "US", 2046) == sold(bound, CONCENTRATE, "Ukraine", "US", 2046) > 1
    assert sold(ended, CONCENTRATE, "Ukraine", "US", 2047) == 0
    assert made(ended, CONCENTRATE, "Ukraine", 2050) > 2  # the mines go on
    never = solved("ukraine_half_of_resources", overrides="switches.us_ukraine_agreement=off")
    assert sold(never, CONCENTRATE, "Ukraine", "US", 2050) == 0


def test_technology_brings_the_plant_earlier_and_not_without_offshore_structures() -> None:
    own, bought = solved("joint_extraction_processing"), solved("technology_for_access")
    kept = solved("technology_for_access", overrides="switches.offshore_structures=off")
    first = [next(y for y in range(2026, 2051) if sold(run, OXIDE, "Russia", "US", y) > 0) for run in (own, bought)]
    assert first[0] - first[1] in (2, 3)
    assert china_in_american_imports(bought, 2034) < china_in_american_imports(own, 2034) - 0.02
    assert abs(china_in_american_imports(bought, 2050) - china_in_american_imports(own, 2050)) < 0.02
    assert made(kept, OXIDE, "Russia", 2034) == pytest.approx(made(own, OXIDE, "Russia", 2034), rel=1e-9)


def test_escalation_makes_oxide_dearer_less_than_a_ban_and_a_deal_takes_it_back() -> None:
    usual, tense, agreed = (solved(name, 2030) for name in ("baseline", "us_china_escalation", "us_china_deal"))
    banned = solved("china_export_ban", 2030)
    assert 1.05 < price(tense, "US", 2027) / price(usual, "US", 2027) < 1.25
    assert sold(tense, OXIDE, "China", "US", 2027) > sold(banned, OXIDE, "China", "US", 2027)
    assert price(agreed, "US", 2027) == pytest.approx(price(usual, "US", 2027), rel=1e-9)
    assert china_in_american_imports(agreed, 2027) > china_in_american_imports(tense, 2027) + 0.2


def test_quota_for_all_makes_oxide_dearer_everywhere_but_in_china() -> None:
    usual, surge = solved("baseline", 2030), solved("price_surge", 2030)
    for region in ("US", "Japan", "EU"):
        assert 1.3 < price(surge, region, 2027) / price(usual, region, 2027) < 2
        assert (
            1.05
            < price(surge, region, 2029) / price(usual, region, 2029)
            < price(surge, region, 2027) / price(usual, region, 2027)
        )
    assert price(surge, "China", 2027) < price(usual, "China", 2027)


def test_boom_beyond_the_quotas_makes_oxide_dearer_and_the_united_states_more_dependent() -> None:
    usual, boom = solved("baseline", 2036), solved("demand_boom", 2036)
    assert price(boom, "US", 2026) == pytest.approx(price(usual, "US", 2026), rel=1e-9)
    assert price(boom, "US", 2035) > 1.2 * price(usual, "US", 2035)
    assert price(boom, "US", 2035) > price(boom, "US", 2030)
    assert china_in_american_imports(boom, 2035) > china_in_american_imports(usual, 2035) + 0.02
    short = solved("demand_boom", 2036, "measures.chinese_mines_follow_the_boom.capacity=0 kt/yr")
    assert price(short, "US", 2035) > price(boom, "US", 2035)


def test_stockpile_takes_a_part_off_the_rise_until_it_is_empty() -> None:
    usual, banned, eased = (solved(name, 2030) for name in ("baseline", "china_export_ban", "stockpile_against_ban"))
    rise = [price(run, "US", 2026) - price(usual, "US", 2026) for run in (banned, eased)]
    assert 0.2 * rise[0] < rise[1] < 0.9 * rise[0]
    assert abs(price(eased, "US", 2030) / price(banned, "US", 2030) - 1) < 0.02


def test_even_chance_is_shown_as_two_cases() -> None:
    years = "years.last=2040; years.focus=2040"
    given, base = load_scenario("talks_fifty_fifty", ROOT, years), load_scenario("baseline", ROOT, years)
    outcome = run_scenario(given, base, whole(), draws=10, seed=1, jobs=1, version="1.0")
    (case,) = outcome.cases
    on, off = case.states
    assert (case.market, case.country, case.chance, on.on, off.on) == ("US", "China", 0.5, True, False)
    assert on.draws + off.draws == outcome.facts.solved == 10
    assert min(on.draws, off.draws) >= 3
    assert on.imports_change.p95 < -0.05 < -0.03 < off.imports_change.p05
    assert {place[:2]: place[2].p50 > 2 for place in on.output} == {
        (CONCENTRATE, "Russia"): True,
        (OXIDE, "Russia"): True,
    }
    assert np.abs([place[2].p50 for place in off.output]).max() < 0.5
    told = render_answer(
        outcome.facts, (), 100, projects=outcome.projects, cases=outcome.cases, summary=outcome.summary
    )
    assert f"on ({on.draws} draws)" in told
    assert f"off ({off.draws} draws)" in told
    assert "with a chance of 50 %" in " ".join(told.split())
