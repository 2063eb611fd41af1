"""The mark of what a page was made from moves with what goes into its runs, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.inputs.probes import read_probes
from sim.records.probes import ProbePage
from sim.records.scenario import Scenario
from sim.records.world import World
from sim.study.made_from import made_from
from sim.study.world import build_world
from tests.plausibility_page import ROOT, SPECIFICATION, WORLDS, load, sources_of


@pytest.fixture(scope="module")
def page() -> ProbePage:
    return read_probes(SPECIFICATION, sources_of)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WORLDS / "metals_2024", ROOT / ".cache")


@pytest.fixture(scope="module")
def mark(page: ProbePage, world: World) -> str:
    return made_from(page, load, world)


def changed(name: str, overrides: str) -> Scenario:
    return load(name, "parameters.sourcing_elasticity.aluminium=6" if name == "baseline" else overrides)


def reworded(name: str, overrides: str) -> Scenario:
    scenario = load(name, overrides)
    numbers = {path: replace(number, note="Other words") for path, number in scenario.parameters.items()}
    return replace(scenario, title="Another title", parameters=numbers)


def test_mark_is_short_and_stays(page: ProbePage, world: World, mark: str) -> None:
    assert len(mark) == 12
    assert made_from(page, load, world) == mark


def test_words_leave_the_mark_alone(page: ProbePage, world: World, mark: str) -> None:
    tables = tuple(
        replace(table, heading="Another", rows=tuple(replace(row, label="x", expected=None) for row in table.rows))
        for table in page.tables
    )
    assert made_from(replace(page, tables=tables), reworded, replace(world, report=(), fingerprint="")) == mark


def test_a_number_of_a_scenario_moves_the_mark(page: ProbePage, world: World, mark: str) -> None:
    assert made_from(page, changed, world) != mark


def test_the_base_year_moves_the_mark_unless_by_rounding(page: ProbePage, world: World, mark: str) -> None:
    assert made_from(page, load, replace(world, flows=world.flows * 1.01)) != mark
    assert made_from(page, load, replace(world, flows=world.flows * (1 + 1e-13))) == mark


def test_what_is_asked_moves_the_mark(page: ProbePage, world: World, mark: str) -> None:
    assert made_from(replace(page, draws=page.draws + 1), load, world) != mark
    assert made_from(replace(page, tables=page.tables[1:]), load, world) != mark
