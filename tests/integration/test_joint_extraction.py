"""Mines with and without processing as they are shipped: which moves dependence, and what the answer says of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.inputs.resolve import load_scenario
from sim.output.answer import render_answer
from sim.records.world import World
from sim.study.run import Outcome, run_scenario
from sim.study.world import build_world

ROOT = Path(__file__).parents[2]
UNTIL_2040 = "years.last=2040; years.focus=2040"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(ROOT / "scenarios" / "worlds" / "metals_2024")


def run(name: str, world: World) -> Outcome:
    given, base = load_scenario(name, ROOT, UNTIL_2040), load_scenario("baseline", ROOT, UNTIL_2040)
    return run_scenario(given, base, world, draws=24, seed=1, jobs=2, version="1.0")


@pytest.fixture(scope="module")
def mines(world: World) -> Outcome:
    return run("joint_extraction", world)


@pytest.fixture(scope="module")
def processing(world: World) -> Outcome:
    return run("joint_extraction_processing", world)


def touched(found: Outcome, indicator: str = "touched_supply") -> tuple[float, float]:
    """Central change and median of the draws of what China touches in American supply."""
    chosen = f"indicator == '{indicator}' and region == 'US' and partner == 'China' and year == 2040"
    row = found.summary.query(chosen).iloc[0]
    return float(row["difference"]), float(row["difference_p50"])


@pytest.mark.parametrize("indicator", ["touched_supply", "touched_imports"])
def test_mines_without_processing_move_dependence_less(mines: Outcome, processing: Outcome, indicator: str) -> None:
    for alone, both in zip(touched(mines, indicator), touched(processing, indicator), strict=True):
        assert abs(alone) < 0.01
        assert both < -0.03


def test_plant_left_out_is_the_scenario_without_processing(mines: Outcome, processing: Outcome) -> None:
    plant = next(answer for answer in processing.projects if answer.good == "rare_earth_oxide")
    assert plant.without is not None
    assert (plant.without.change.central, plant.without.change.p50) == pytest.approx(touched(mines))


def test_answer_says_why_mines_alone_do_little_and_where_their_metal_goes(mines: Outcome) -> None:
    answer = mines.projects[0]
    first = answer.destinations[0]
    added = sum(row.change.central for row in answer.destinations)
    assert first.label == "China"
    assert first.change.central > 0.9 * added
    labels = {"China": "China", "US": "United States", "Russia": "Russia"}
    told = render_answer(mines.facts, (), 100, projects=mines.projects, summary=mines.summary, labels=labels)
    told = " ".join(told.split())
    assert f"{100 * first.change.central / added:.0f} % goes to China" in told
    assert "What China processes counts as touched by China, wherever it was dug" in told
    assert "One basket of rare earths hides" in told


def test_cost_of_the_plant_is_that_of_many_years_of_the_world_market(processing: Outcome) -> None:
    plant = next(answer for answer in processing.projects if answer.good == "rare_earth_oxide")
    low, high = (end / plant.world_market.central for end in (plant.costs[0].low, plant.costs[0].high))
    assert 10 < low < 20
    assert 100 < high < 200
    assert plant.parts[0].first_year in range(2031, 2036)
