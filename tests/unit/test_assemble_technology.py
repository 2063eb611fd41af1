from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.assemble.projects import planned_capacity, projects_of
from sim.core.supply import net_price, utilisation
from sim.errors import DataError
from sim.model import simulate
from sim.records.params import NO_INPUT, Params
from sim.records.scenario import Measure, Number
from sim.records.world import World
from tests.study_samples import chain_world, frame, measure, metal_world, number, params, scenario, switch


def project(*, name: str = "plant", decided: date | int = 2025, **fields: object) -> Measure:
    numbers: dict[str, float | Number] = {"lead_time": 1.0, "ramp": 2.0, "capacity": 20.0}
    numbers |= fields.pop("numbers", {})  # type: ignore[arg-type]
    return measure("project", name, **{"region": "B", "starts": decided, "numbers": numbers} | fields)


def two_fleets() -> World:
    """A's 125 kt of capacity as 100 kt of smelters and 25 kt of recyclers, run alike."""
    return replace(
        metal_world(),
        asset_names=("smelters", "old_scrap", "smelters"),
        asset_good=np.zeros(3, dtype=np.int64),
        asset_region=np.array([0, 0, 1]),
        output=np.array([80.0, 20.0, 60.0]),
        capacity=np.array([100.0, 25.0, 75.0]),
        input_ratio=np.zeros(3),
    )


@pytest.mark.parametrize(
    ("decided", "lead", "ramp", "standing"),
    [
        (2025, 1.0, 2.0, [0, 0, 0.5, 1, 1, 1]),
        (2025, 0.0, 1.0, [0, 1, 1, 1, 1, 1]),
        (2025, 1.5, 2.0, [0, 0, 0.25, 0.75, 1, 1]),
        (2024, 1.0, 4.0, [0, 0.25, 0.5, 0.75, 1, 1]),
        (2025, 10.0, 1.0, [0] * 6),
        (date(2025, 7, 2), 1.0, 1.0, [0, 0, 1 - 182 / 365, 1, 1, 1]),
        (2025, 1.0, 0.5, [0, 0, 1, 1, 1, 1]),  # a ramp takes a year at least
    ],
)
def test_project_stands_after_its_lead_time_and_on_a_linear_ramp(
    decided: date | int, lead: float, ramp: float, standing: list[float]
) -> None:
    given = scenario(project(decided=decided, numbers={"lead_time": lead, "ramp": ramp}), last=2029)
    found = projects_of(frame(given))
    np.testing.assert_allclose(found.capacity[0, :, 0], 20 * np.array(standing), rtol=1e-12, atol=1e-12)
    assert found.whole.tolist() == [[20.0]]


def test_lead_time_ramp_and_capacity_are_drawn() -> None:
    spread = {
        "lead_time": number(low=0.0, high=3.0, path="lead"),
        "capacity": number(20.0, low=0.0, high=30.0, path="size"),
    }
    found = projects_of(frame(scenario(project(numbers=spread), last=2030), draws=30))
    assert len(set(found.whole[:, 0].tolist())) == 31
    np.testing.assert_allclose(found.capacity[:, -1, 0], found.whole[:, 0])
    years_lost = (found.whole[:, None, 0] - found.capacity[:, 1:, 0]).sum(axis=1) / found.whole[:, 0]
    assert years_lost[1:].min() >= 0.5
    assert years_lost[1:].max() <= 3.5
    assert years_lost[1:].std() > 0.5


def test_project_waits_for_its_switch_and_stops_with_it() -> None:
    late = switch("s", on_from=date(2027, 1, 1))
    given = scenario(project(when=["s"]), switches=[late], last=2030)
    assert projects_of(frame(given)).capacity[0, :, 0].tolist() == [0, 0, 0, 0, 10, 20, 20]
    early = switch("s", off_from=date(2028, 1, 1))
    given = scenario(project(when=["s"]), switches=[early], last=2030)
    assert projects_of(frame(given)).capacity[0, :, 0].tolist() == [0, 0, 10, 20, 0, 0, 0]
    never = switch("s", always_off=True)
    given = scenario(project(when=["s"]), switches=[never], last=2030)
    assert projects_of(frame(given)).capacity[0, :, 0].tolist() == [0] * 7


def test_project_of_a_switch_with_a_probability_stands_in_its_draws_only() -> None:
    chance = switch("s", probability=0.5)
    given = scenario(project(when=["s"]), switches=[chance])
    found = projects_of(frame(given, draws=40)).capacity[:, -1, 0]
    assert set(found.tolist()) == {0.0, 20.0}
    assert 5 < (found[1:] > 0).sum() < 35


def test_only_included_projects_are_planned() -> None:
    given = frame(scenario(project(), project(name="other", choices={"trend": "included"})))
    assert planned_capacity(given, projects_of(given))[0, :, 0].tolist() == [0, 0, 10, 20]


def test_outage_takes_its_tonnes_in_proportion_to_the_fleets_of_its_region() -> None:
    outage = measure("outage", region="A", starts=2025, ends=date(2026, 7, 2), numbers={"capacity": 50.0})
    capacity = params(scenario(outage), world=two_fleets()).technology.capacity[0]
    lost_in_2026 = 50 * 182 / 365
    np.testing.assert_allclose(capacity[1], [60, 15, 75])
    np.testing.assert_allclose(capacity[2], [100 - 0.8 * lost_in_2026, 25 - 0.2 * lost_in_2026, 75])
    np.testing.assert_allclose(capacity[3], [100, 25, 75])


def test_outages_add_up_and_take_no_more_than_there_is() -> None:
    first = measure("outage", "first", region="A", starts=2025, numbers={"capacity": 25.0})
    second = measure("outage", "second", region="A", starts=2026, numbers={"capacity": 75.0})
    third = measure("outage", "third", region="A", starts=2027, numbers={"capacity": 75.0})
    capacity = params(scenario(first, second, third), world=two_fleets()).technology.capacity[0]
    np.testing.assert_allclose(capacity[:, :2].sum(axis=1), [125, 100, 25, 0], atol=1e-12)
    assert (capacity[:, 2] == 75).all()


def test_fleet_returns_its_output_at_benchmark_prices_with_the_stated_elasticity() -> None:
    technology = params(scenario()).technology
    for price, output in ((1000.0, 0.8), (1001.0, 0.8 * 1.001**0.5)):
        net, _, _ = net_price(np.array([price, price]), np.zeros(2))
        used = utilisation(net, technology.break_even[0, 0], technology.steepness[0])
        np.testing.assert_allclose(used, output, rtol=2e-6)


def test_elasticity_of_a_fleet_goes_before_that_of_its_region_and_of_the_good() -> None:
    stated: dict[str, float | Number] = {
        "supply_elasticity.metal.default": 0.1,
        "supply_elasticity.metal.A": 0.2,
        "supply_elasticity.metal.old_scrap": 0.4,
    }
    steepness = params(scenario(parameters=stated), world=two_fleets()).technology.steepness[0]
    np.testing.assert_allclose(steepness / steepness[2], [2, 4, 1], rtol=1e-12)


def test_project_runs_like_the_fleets_of_its_good_unless_its_cost_is_stated() -> None:
    given = params(scenario(project(), project(name="cheap", numbers={"break_even": 500.0})))
    technology = given.technology
    assert technology.names == ("metal/A/smelters", "metal/B/smelters", "plant", "cheap")
    np.testing.assert_allclose(technology.break_even[0, :, 2], technology.break_even[0, :, 1])
    assert (technology.break_even[0, :, 3] == 500.0).all()


def test_shift_of_costs_moves_the_break_even_margin_for_its_part_of_the_year() -> None:
    shift = measure("cost_shift", region="A", starts=date(2026, 7, 2), numbers={"change": 0.2})
    shifted, plain = params(scenario(shift, project())).technology, params(scenario(project())).technology
    np.testing.assert_allclose(
        shifted.break_even[0] / plain.break_even[0],
        [[1, 1, 1], [1, 1, 1], [1 + 0.2 * 183 / 365, 1, 1], [1.2, 1, 1]],
    )


def test_input_is_bought_at_its_market_price() -> None:
    given = params(scenario(goods=("ore", "metal"), parameters={"freight.ore.default": 30.0}), world=chain_world())
    technology = given.technology
    assert technology.input_good.tolist() == [NO_INPUT, 0, 0]
    assert technology.input_ratio[0].tolist() == [0, 2, 2]
    assert given.demand.benchmark_price[0, 0, :2].tolist() == [100.0, 130.0]
    for a, margin in ((1, 800.0), (2, 740.0)):
        net, _, _ = net_price(np.array([1000.0]), np.array([1000.0 - margin]))
        used = utilisation(net, technology.break_even[0, 0, a : a + 1], technology.steepness[0, a : a + 1])
        assert used[0] == pytest.approx(0.8, rel=1e-12)


def test_chain_replicates_its_benchmark_and_metal_needs_its_ore() -> None:
    outage = measure("outage", good="ore", region="A", starts=2026, numbers={"capacity": 250.0})
    given = scenario(outage, goods=("ore", "metal"))
    found = simulate(params(given, world=chain_world()))
    np.testing.assert_allclose(found.flow[0, 0], chain_world().flows, atol=1e-8)
    np.testing.assert_allclose(found.derived_use[0, 0, 0], [200, 120, 0], rtol=1e-9)
    np.testing.assert_allclose(found.derived_use[0, 2, 0].sum(), 2 * found.output[0, 2, 1:].sum(), rtol=1e-9)
    assert found.output[0, 2, 1:].sum() < 150


def test_input_that_eats_up_the_price_is_an_error_that_names_the_asset() -> None:
    dear = replace(chain_world(), producer_price=np.array([[600.0] * 3, [1000.0] * 3]))
    wanted = r"metal/A/smelters: input costs 1200 USD/t where a tonne earns 1000 USD/t"
    with pytest.raises(DataError, match=wanted):
        params(scenario(goods=("ore", "metal")), world=dear)


def test_input_of_a_project_is_its_own_ratio() -> None:
    plant = project(numbers={"input_ratio": 1.5})
    technology = params(scenario(plant, goods=("ore", "metal")), world=chain_world()).technology
    assert technology.input_good[-1] == 0
    assert technology.input_ratio[0, -1] == 1.5


def test_every_draw_has_a_cost_curve_of_its_own() -> None:
    spread: dict[str, float | Number] = {"supply_elasticity.metal.default": number(0.5, low=0.1, high=0.9)}
    given: Params = params(scenario(parameters=spread), draws=6)
    assert len(set(given.technology.steepness[:, 0].tolist())) == 7
    assert (given.technology.steepness[:, 0] / given.technology.steepness[:, 1]).tolist() == [1.0] * 7


def test_reserves_are_shared_by_the_fleets_of_a_region_and_a_project_has_its_own() -> None:
    stated: dict[str, float | Number] = {"reserves.metal.A": 500.0}
    given = scenario(project(), project(name="mine", numbers={"reserves": 90.0}), parameters=stated)
    most = params(given, world=two_fleets()).technology.extractable
    assert most.tolist() == [[400.0, 100.0, np.inf, np.inf, 90.0]]


def test_region_stops_when_its_reserves_are_gone() -> None:
    stated: dict[str, float | Number] = {"reserves.metal.B": 100.0}
    found = simulate(params(scenario(parameters=stated, last=2029), world=metal_world()))
    dug = found.output[0, 1:, 1]
    assert dug[0] == pytest.approx(60.0, rel=1e-6)
    assert dug.sum() <= 100.0 * (1 + 1e-9)
    assert dug[-1] < 5.0
