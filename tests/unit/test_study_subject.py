from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sim.model import simulate
from sim.records.outcome import Subject
from sim.records.scenario import Measure, Scenario
from sim.records.world import World
from sim.study.block import Block
from sim.study.subject import about, moved_in, subjects_in
from tests.study_samples import JOINT, JOINT_GOODS, MINE, chain_world, joint, measure, params, scenario


def told(given: Scenario, before: Scenario, world: World) -> tuple[Subject, ...]:
    """What a scenario beside its baseline is about."""
    ours, theirs = (params(entry, before, world) for entry in (given, before))
    block = Block(params=ours, base_params=theirs, found=simulate(ours), base=simulate(theirs))
    moved = moved_in(block, given.years.focus)
    return tuple(each for each in subjects_in(given, before, world, block) if about(each, ours.goods, moved))


def subjects(*measures: Measure, question: str = "What changes?", title: str = "A scenario") -> tuple[Subject, ...]:
    before = scenario(name="baseline", goods=JOINT_GOODS, parameters=JOINT)
    given = replace(scenario(*measures, goods=JOINT_GOODS, parameters=JOINT), question=question, title=title)
    world = chain_world()
    return told(given, before, world)


DUTY: dict[str, Any] = {"starts": 2026, "numbers": {"rate": 0.3}, "choices": {"base": "CIF"}}


def test_final_goods_stand_before_what_they_are_made_from() -> None:
    assert joint(MINE).facts.subjects[0].goods == ("metal", "ore")


def test_single_destination_of_a_measure_is_the_market() -> None:
    tariff = measure("tariff", origins=["A"], destinations=["B"], **DUTY)
    assert subjects(tariff, question="What happens in Land C?")[0].market == "B"


@pytest.mark.parametrize(
    ("question", "title", "market"),
    [
        ("Does Land C need less of Land B?", "Land B digs", "C"),
        ("Who needs less?", "Land B and Land C", "B"),
        ("Does Land A, which imports nothing, matter to Land B?", "", "B"),
    ],
)
def test_market_is_the_first_importer_the_question_or_the_title_speaks_of(
    question: str, title: str, market: str
) -> None:
    shift = measure("demand_shift", destinations=["B", "C"], starts=2026, numbers={"change": 0.2})
    assert subjects(shift, question=question, title=title)[0].market == market


def test_market_that_nobody_names_is_the_one_whose_imports_change_most() -> None:
    shift = measure("demand_shift", destinations=["A", "C"], starts=2026, numbers={"change": 0.5})
    assert subjects(shift)[0].market == "C"  # A imports nothing


def test_place_of_a_shift_of_demand_comes_after_the_question() -> None:
    shift = measure("demand_shift", destinations=["B"], starts=2026, numbers={"change": 0.2})
    assert subjects(shift, question="Does Land C pay?")[0].market == "C"
    assert subjects(shift)[0].market == "B"


def test_market_that_lives_on_its_own_metal_is_no_subject() -> None:
    world = chain_world()
    hardly_any = world.flows.copy()
    hardly_any[1] = [[50.0, 0.3, 49.7], [0.0, 40.0, 20.0], [0.0, 0.0, 0.0]]
    tariff = measure("tariff", origins=["A"], destinations=["B"], **DUTY)
    before = scenario(name="baseline", goods=JOINT_GOODS, parameters=JOINT)
    given = scenario(tariff, goods=JOINT_GOODS, parameters=JOINT)
    for flows, market in ((world.flows, "B"), (hardly_any, "C")):
        here = replace(world, flows=flows)
        assert told(given, before, here)[0].market == market


def test_country_is_the_foreign_one_with_a_part_in_most_of_the_supply() -> None:
    # half of the metal of C is made by B, from ore that A digs: A has a part in all of it
    tariff = measure("tariff", origins=["B"], destinations=["C"], **DUTY)
    assert subjects(tariff)[0].country == "A"


def test_scenario_that_changes_nothing_is_about_nobody() -> None:
    assert subjects() == ()
