from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.errors import DataError, ScenarioError
from sim.model import simulate
from sim.records.scenario import Number
from sim.records.trajectory import SOLVED
from tests.study_samples import COMMON, chain_world, measure, metal_world, number, params, scenario


def test_years_have_to_follow_the_benchmark_year() -> None:
    wanted = r"scenario: years.first is 2026, after the benchmark year 2024 it has to be 2025"
    with pytest.raises(ScenarioError, match=wanted):
        params(scenario(first=2026))


@pytest.mark.parametrize("name", [*COMMON, "supply_elasticity"])
def test_missing_parameter_is_named(name: str) -> None:
    path = f"{name}.metal" if name in COMMON else f"{name}.metal.default"
    with pytest.raises(ScenarioError, match=rf"scenario: parameters\.{path} is missing"):
        params(scenario(without=[path]))


def test_every_good_needs_its_parameters() -> None:
    with pytest.raises(ScenarioError, match=r"parameters\.\w+\.ore\S* is missing"):
        params(scenario(goods=("metal",)), world=chain_world())


def test_short_elasticity_above_the_long_one_is_refused() -> None:
    stated: dict[str, Number | float] = {"demand_elasticity.metal": 0.7}
    with pytest.raises(DataError, match=r"elasticity\[0, 0\] = 0\.7 is above the long-run elasticity 0\.6"):
        params(scenario(parameters=stated))


def test_processing_more_than_arrives_is_refused() -> None:
    hungry = replace(chain_world(), input_ratio=np.array([0.0, 3.0, 2.0]))
    with pytest.raises(DataError, match=r"A processes 300\.0 kt of ore, 250\.0 kt reach it"):
        params(scenario(goods=("ore", "metal")), world=hungry)


PLANT = {"lead_time": 0.0, "ramp": 1.0, "capacity": 10.0}


def test_project_that_nobody_can_buy_from_is_refused() -> None:
    wanted = r"scenarios/sample\.yaml:3:5: measures\.plant: C sells no metal in 2024; an entry_share is wanted"
    with pytest.raises(ScenarioError, match=wanted):
        params(scenario(measure("project", "plant", region="C", starts=2025, numbers=PLANT)))


def test_project_whose_output_is_contracted_needs_no_entry_share() -> None:
    plant = measure("project", "plant", region="C", starts=2025, numbers=PLANT)
    contract = measure("contract", origins=["C"], destinations=["B"], starts=2025, numbers={"volume": 8.0})
    found = simulate(params(scenario(plant, contract)))
    assert found.flow[0, 1, 0, 2].tolist() == pytest.approx([0.0, 8.0, 0.0], rel=1e-6)


def test_no_shock_returns_the_benchmark_in_every_year_and_draw() -> None:
    spread: dict[str, Number | float] = {
        "sourcing_elasticity.metal": number(4.0, low=2.0, high=20.0),
        "supply_elasticity.metal.default": number(0.5, low=0.05, high=1.0),
        "freight.metal.default": number(low=10.0, high=200.0),
    }
    found = simulate(params(scenario(parameters=spread, last=2034), draws=12))
    assert (found.status == SOLVED).all()
    np.testing.assert_allclose(found.flow, np.broadcast_to(metal_world().flows, found.flow.shape), atol=1e-8)
    np.testing.assert_allclose(found.producer_price[:, :, 0, :2], 1000.0, rtol=1e-9)


def test_first_years_and_draws_do_not_depend_on_how_many_are_asked_for() -> None:
    spread: dict[str, Number | float] = {
        "sourcing_elasticity.metal": number(4.0, low=2.0, high=20.0),
        "demand_growth.metal.A": number(0.02, low=0.0, high=0.1),
    }
    few = simulate(params(scenario(parameters=spread), draws=3))
    many = simulate(params(scenario(parameters=spread, last=2030), draws=9))
    assert (few.flow == many.flow[:4, :4]).all()


def test_what_no_line_is_to_blame_for_is_told_of_the_file() -> None:
    bare = replace(scenario(without=["demand_memory.metal"]), files=("scenarios/x.yaml", "scenarios/y.yaml"))
    wanted = r"^scenarios/x\.yaml:1:1: scenario: parameters\.demand_memory\.metal is missing$"
    with pytest.raises(ScenarioError, match=wanted):
        params(bare)
