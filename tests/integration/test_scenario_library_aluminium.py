"""The aluminium scenarios as they are shipped: each mechanism moves what it should, the way it should."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.inputs.resolve import load_scenario
from sim.model import simulate
from sim.quantity import Array
from sim.records.params import Params
from sim.records.trajectory import SOLVED, Trajectory
from sim.records.world import World
from sim.study.scope import within
from sim.study.world import build_world

ROOT = Path(__file__).parents[2]
METALS = ("aluminium",)
RARE_EARTHS = ("rare_earth_concentrate", "rare_earth_oxide")
LAST = 2038
CENTRAL = Draws(seed=1, count=0)
MOST_CONTRACTED = 0.95  # of what a seller can make

Run = tuple[Params, Trajectory]


@cache
def world() -> World:
    return build_world(ROOT / "scenarios" / "worlds" / "metals_2024")


@cache
def solved(name: str, last: int = LAST, overrides: str = "", goods: tuple[str, ...] = METALS) -> Run:
    """The central run of a shipped scenario, cut to some goods."""
    years = f"years.last={last}; years.focus={last}"
    given = load_scenario(name, ROOT, "; ".join(part for part in (years, overrides) if part))
    base = replace(load_scenario("baseline", ROOT), years=given.years)
    here = world().cut(goods)
    given, base = within(given, goods, world()), within(base, goods, world())
    params = build_params(given, base, here, CENTRAL)
    found = simulate(params)
    assert found.status[0] == SOLVED
    return params, found


def flow(run: Run, origin: str, destination: str, good: str = "aluminium") -> Array:
    """Tonnes by year. [kt/yr]"""
    params, found = run
    c, o, d = params.goods.index(good), params.regions.index(origin), params.regions.index(destination)
    return found.flow[0, :, c, o, d]


def output(run: Run, region: str = "Russia", good: str = "aluminium") -> Array:
    params, found = run
    return found.flow[0, :, params.goods.index(good), params.regions.index(region)].sum(axis=1)


def exports(run: Run, good: str = "aluminium") -> Array:
    return output(run, good=good) - flow(run, "Russia", "Russia", good)


def use(run: Run, good: str) -> Array:
    params, found = run
    return (found.final_use + found.derived_use)[0, :, params.goods.index(good), params.regions.index("Russia")]


def at(run: Run, year: int) -> int:
    return run[1].years.index(year)


# ---- 2 Mt, by a guarantee and by a contract


def test_what_is_placed_and_what_is_not_add_up_to_two_million_tonnes_every_year() -> None:
    run = solved("two_million_delivered")
    params, found = run
    b = params.bounds.names.index("russian_aluminium_delivered")
    placed, missing = flow(run, "Russia", "US")[at(run, 2026) :], found.shortfall[0, at(run, 2026) :, b]
    np.testing.assert_allclose(placed + missing, 2000.0, rtol=1e-8)
    assert missing[0] > 1.0  # contracts of others and the outage in the Gulf leave no room for all of it at once
    assert (missing[1:] < 1e-6).all()


def test_two_million_tonnes_take_a_discount_that_the_guarantor_pays() -> None:
    params, found = solved("two_million_delivered")
    b = params.bounds.names.index("russian_aluminium_delivered")
    discount = -np.expm1(found.rent_wedge[0, 2:, b])
    assert ((discount > 0.4) & (discount <= 0.7 + 1e-9)).all()
    assert (found.rent[0, 2:, b] < -1000.0).all()  # M USD a year
    assert (found.rent[0, :2, b] == 0.0).all()


def test_guaranteed_metal_comes_from_other_customers_and_makes_it_cheap_in_the_us_alone() -> None:
    delivered, lifted = solved("two_million_delivered"), solved("sanctions_lifted")
    gained = (flow(delivered, "Russia", "US") - flow(lifted, "Russia", "US"))[-1]
    assert output(delivered)[-1] - output(lifted)[-1] < 0.1 * gained
    lost = flow(lifted, "Russia", "China")[-1] - flow(delivered, "Russia", "China")[-1]
    assert lost > 0.5 * gained
    prices = [run[1].market_price[0, -1, 0] for run in (delivered, lifted)]
    change = dict(zip(delivered[0].regions, prices[0] / prices[1] - 1.0, strict=True))
    assert change["US"] < -0.15
    assert change["China"] > 0.01  # the largest of those who lose it
    assert change["Russia"] > 0.1  # at home as well


def test_contract_is_kept_as_far_as_the_smelters_can_make_it() -> None:
    run = solved("two_million_by_contract")
    years = slice(at(run, 2026), None)
    assert (flow(run, "Russia", "US")[years] >= 2000.0 - 1e-6).all()
    beyond = solved("two_million_by_contract", 2027, "measures.russian_aluminium_contract.volume=10 Mt/yr")
    made = beyond[1].capacity[0, :, [name.startswith("aluminium/Russia") for name in beyond[0].technology.names]].sum(0)
    market = beyond[1].flow[0, -1, 0, :, beyond[0].regions.index("US")].sum()
    assert flow(beyond, "Russia", "US")[-1] == pytest.approx(min(MOST_CONTRACTED * made[-1], market), rel=1e-6)


def test_contract_and_discount_place_the_same_tonnes_but_others_pay() -> None:
    contract, floor = solved("two_million_by_contract"), solved("two_million_delivered")
    us = contract[0].regions.index("US")
    own = contract[0].regions.index("Russia")
    paid = [run[1].delivered_price[0, -1, 0, own, us] for run in (contract, floor)]
    assert paid[0] > 1.4 * contract[1].market_price[0, -1, 0, us]  # the buyers of the contract
    assert paid[1] < 0.85 * floor[1].market_price[0, -1, 0, us]  # nobody there: the guarantor does
    assert flow(contract, "Russia", "US")[-1] == pytest.approx(flow(floor, "Russia", "US")[-1], rel=0.03)


def test_long_contracts_hold_for_their_years_and_no_longer() -> None:
    run, open_market = solved("long_term_contracts"), solved("sanctions_lifted")
    sold, anyhow = flow(run, "Russia", "US"), flow(open_market, "Russia", "US")
    during = slice(at(run, 2027), at(run, 2037))
    assert (sold[during] >= 500.0 - 1e-6).all()
    assert (sold[during] > 1.3 * anyhow[during]).all()
    np.testing.assert_allclose(sold[: at(run, 2027)], anyhow[: at(run, 2027)], rtol=1e-8)
    np.testing.assert_allclose(sold[at(run, 2037) :], anyhow[at(run, 2037) :], rtol=0.05)


def test_contract_on_oxide_brings_russian_metal_that_the_us_would_not_get() -> None:
    run = solved("long_term_contracts", 2034, goods=RARE_EARTHS)
    sold = flow(run, "Russia", "US", "rare_earth_oxide")
    start = at(run, 2032)
    np.testing.assert_allclose(sold[start:], 0.6, rtol=1e-6)
    assert (sold[:start] == 0.0).all()


# ---- the Krasnoyarsk project, cheap power


def test_smelter_makes_nothing_before_its_dam_and_most_of_its_capacity_after() -> None:
    run, without = solved("krasnoyarsk_hydro_smelter"), solved("sanctions_lifted")
    more = output(run) - output(without)
    assert (np.abs(more[: at(run, 2035)]) < 1e-6).all()
    assert more[at(run, 2035)] > 250.0
    assert 500.0 < more[-1] < 600.0


def test_own_power_lets_the_smelter_run_at_a_lower_price_than_without() -> None:
    (params, found), (same, dearer) = (
        solved("krasnoyarsk_hydro_smelter"),
        solved("krasnoyarsk_hydro_smelter", LAST, "measures.power_of_the_krasnoyarsk_plant=removed"),
    )
    a = params.technology.names.index("russian_krasnoyarsk_smelter")
    cheap, dear = (each.technology.break_even[0, -1, a] for each in (params, same))
    assert cheap == pytest.approx(0.82 * dear, rel=1e-9)
    assert found.output[0, -1, a] > dearer.output[0, -1, a]


def test_smelter_sells_to_its_neighbour_more_than_to_its_investor() -> None:
    run, without = solved("krasnoyarsk_hydro_smelter"), solved("sanctions_lifted")
    gained = {buyer: (flow(run, "Russia", buyer) - flow(without, "Russia", buyer))[-1] for buyer in ("US", "China")}
    assert gained["US"] > 10.0
    assert gained["China"] > 5.0 * gained["US"]


def test_cheap_power_raises_output_from_its_first_year_within_the_capacity_there_is() -> None:
    run, without = solved("energy_first"), solved("sanctions_lifted")
    more = output(run) - output(without)
    start = at(run, 2027)
    assert (np.abs(more[:start]) < 1e-6).all()
    assert (more[start:] > 10.0).all()
    assert (output(run)[start:] < 4380.0).all()  # 4,080 kt and the second stage of Boguchany
    price = [each[1].producer_price[0, start:, 0, each[0].regions.index("Russia")] for each in (run, without)]
    assert (price[0] < price[1]).all()
    fleet = run[0].technology.names.index("aluminium/Russia/smelters")
    cost = [each[0].technology.break_even[0, :, fleet] for each in (run, without)]
    np.testing.assert_allclose(cost[0][start:], 0.91 * cost[1][start:], rtol=1e-12)


def test_energy_comes_before_everything_that_has_to_be_built() -> None:
    run, built = solved("energy_first"), solved("krasnoyarsk_hydro_smelter")
    without = output(solved("sanctions_lifted"))
    first = [int(np.flatnonzero(output(each) - without > 1.0)[0]) for each in (run, built)]
    assert [run[1].years[t] for t in first] == [2027, 2035]


# ---- disarmament


@pytest.fixture(scope="module")
def disarmed() -> tuple[Run, Run]:
    goods = (*METALS, *RARE_EARTHS)
    return solved("peace_dividend", 2030, goods=goods), solved("baseline", 2030, goods=goods)


def test_aluminium_is_freed_for_export_but_never_more_than_the_arms_industry_releases(
    disarmed: tuple[Run, Run],
) -> None:
    run, base = disarmed
    start = at(run, 2027)
    released = 0.05 * use(base, "aluminium")[start:]
    more = (exports(run) - exports(base))[start:]
    assert (more > 0.8 * released).all()
    assert (more < released).all()
    np.testing.assert_array_equal(exports(run)[:start], exports(base)[:start])


def test_rare_earths_are_saved_on_imports_and_hardly_any_is_freed_for_export(disarmed: tuple[Run, Run]) -> None:
    run, base = disarmed
    start, good = at(run, 2027), "rare_earth_oxide"

    def imports(each: Run) -> Array:
        params, found = each
        here = params.regions.index("Russia")
        bought = found.flow[0, :, params.goods.index(good), :, here].sum(axis=1)
        return bought - flow(each, "Russia", "Russia", good)

    saved = (imports(base) - imports(run))[start:]
    assert (saved > 0.015).all()  # kt
    more = (exports(run, good) - exports(base, good))[start:]
    assert more[0] == 0.0  # before the plant at Solikamsk runs
    assert (more < 0.25 * saved).all()
    assert (saved + more <= 0.05 * use(base, good)[start:]).all()


# ---- what the files say of themselves


@pytest.mark.parametrize(
    ("name", "switch"),
    [
        ("krasnoyarsk_hydro_smelter", "krasnoyarsk_joint_investment"),
        ("energy_first", "energy_cooperation"),
        ("peace_dividend", "russian_military_budget_halved"),
        ("long_term_contracts", "us_russia_supply_contracts"),
    ],
)
def test_mechanism_of_a_mixin_is_off_without_its_switch(name: str, switch: str) -> None:
    base = load_scenario(name, ROOT).compare_with or "baseline"
    off = solved(name, 2030, f"switches.{switch}=off")
    without = solved(base, 2030 if base == "baseline" else LAST)
    np.testing.assert_allclose(off[1].flow, without[1].flow[:, : len(off[1].years)], rtol=1e-9, atol=1e-9)
