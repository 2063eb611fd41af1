from __future__ import annotations

from dataclasses import replace

import pytest

from sim.output.answer import render_answer
from sim.records.outcome import ProjectAnswer
from sim.study.project import own_projects, with_processing
from sim.study.run import Outcome
from tests.study_samples import JOINT, JOINT_GOODS, MINE, SMELTER, chain_world, joint, scenario


@pytest.fixture(scope="module")
def mines() -> Outcome:
    return joint(MINE, draws=6)


@pytest.fixture(scope="module")
def both() -> Outcome:
    return joint(MINE, SMELTER, draws=6)


def of(found: Outcome, good: str) -> ProjectAnswer:
    return next(answer for answer in found.projects if answer.good == good)


def flow(found: Outcome, good: str, origin: str, destination: str) -> tuple[float, float]:
    rows = found.flows.query("year == 2028 and good == @good and origin == @origin and destination == @destination")
    return (float(rows["baseline_kt"].sum()), float(rows["central_kt"].sum()))


def test_projects_of_the_baseline_are_not_answered_for() -> None:
    given = scenario(MINE, SMELTER, goods=JOINT_GOODS, parameters=JOINT)
    before = scenario(SMELTER, name="baseline", goods=JOINT_GOODS, parameters=JOINT)
    assert own_projects(given, before) == {("ore", "C"): (MINE,)}
    assert own_projects(given, given) == {}


def test_projects_of_one_region_and_good_stand_together() -> None:
    second = replace(MINE, name="second")
    given = scenario(MINE, SMELTER, second, goods=JOINT_GOODS)
    assert own_projects(given, scenario()) == {("ore", "C"): (MINE, second), ("metal", "C"): (SMELTER,)}


def test_processing_is_told_apart_only_beside_what_it_processes() -> None:
    empty = scenario(name="baseline")
    world = chain_world()
    assert with_processing(scenario(MINE, SMELTER, goods=JOINT_GOODS), empty, world) == (("metal", "C"),)
    assert with_processing(scenario(MINE, goods=JOINT_GOODS), empty, world) == ()
    assert with_processing(scenario(SMELTER, goods=JOINT_GOODS), empty, world) == ()


def test_destinations_add_up_to_the_output_that_projects_bring(mines: Outcome) -> None:
    answer = of(mines, "ore")
    assert sum(row.change.central for row in answer.destinations) == pytest.approx(answer.output.change.central)
    assert answer.output.baseline == 0
    assert answer.output.scenario == pytest.approx(answer.parts[0].output.central)
    for row in answer.destinations:
        assert (row.baseline, row.scenario) == pytest.approx(flow(mines, "ore", "C", row.label))


def test_part_tells_the_first_year_and_the_drawn_capacity(mines: Outcome) -> None:
    part = of(mines, "ore").parts[0]
    assert part.first_year == 2026
    assert part.capacity.central == 50
    assert 40 < part.capacity.p05 < part.capacity.p95 < 60
    assert not part.stated


def test_what_comes_back_is_the_share_of_the_ore_in_each_smelters_feed(mines: Outcome) -> None:
    answer = of(mines, "ore")
    assert (answer.next_good, answer.market) == ("metal", "C")
    for row in answer.returns:
        fed = sum(flow(mines, "ore", origin, row.label)[1] for origin in "ABC")
        share = flow(mines, "ore", "C", row.label)[1] / fed
        assert row.scenario == pytest.approx(share * flow(mines, "metal", row.label, "C")[1])
    assert {row.label for row in answer.returns} == {"A", "B"}


def test_leaving_the_smelter_out_is_the_run_with_mines_alone(both: Outcome) -> None:
    alone = of(both, "metal").without
    # the smelter's market for ore at home stands without a customer then, so the mines are those of the first run
    given = joint(MINE, draws=6)
    rows = given.summary.query(
        "indicator == 'touched_supply' and region == 'C' and partner == 'A' and good == 'metal' and year == 2028"
    )
    assert alone is not None
    assert alone.label == both.facts.subjects[0].country == "A"
    assert alone.scenario == pytest.approx(float(rows["central"].iloc[0]))
    assert alone.change.p50 == pytest.approx(float(rows["difference_p50"].iloc[0]))
    assert of(both, "ore").without is None


def test_mines_alone_move_dependence_less_than_mines_with_a_smelter(both: Outcome) -> None:
    rows = both.summary.query(
        "indicator == 'touched_supply' and region == 'C' and partner == 'A' and good == 'metal' and year == 2028"
    )
    alone = of(both, "metal").without
    assert alone is not None
    assert float(rows["difference_p50"].iloc[0]) < alone.change.p50 < 0


def test_ore_of_the_smelter_is_told_by_origin(both: Outcome) -> None:
    answer = of(both, "metal")
    assert answer.feed_good == "ore"
    assert [row.label for row in answer.feed] == ["C"]
    assert answer.feed[0].scenario == pytest.approx(2 * answer.output.scenario)


def test_capital_cost_stands_beside_a_years_world_market(both: Outcome) -> None:
    answer = of(both, "metal")
    cost = answer.costs[0]
    assert (cost.low, cost.high, cost.tier, cost.quote) == (1000, 2000, "document", "billions")
    rows = both.markets.query("year == 2028 and good == 'metal' and central_production_kt > 0")
    value = (rows["central_production_kt"] * rows["central_producer_price_usd_t"]).sum() / 1000
    assert answer.world_market.central == pytest.approx(value)


def test_answer_says_where_the_ore_goes_and_what_it_costs(both: Outcome) -> None:
    told = " ".join(
        render_answer(both.facts, (), 100, projects=both.projects, summary=both.summary, labels={"C": "Cland"}).split()
    )
    assert "Without the processing, ore alone would move the part of A in the supply of Cland at any stage by" in told
    assert "smelter is said to cost 1.0 to 2.0 bn USD (stated by the documents, not validated)" in told
    assert "Stated by the documents, not validated: 1 bn USD to 2 bn USD (smelter)." in told
    assert told.index("What Cland sells of metal") < told.index("What Cland sells of ore")


def test_idle_scenario_has_no_answer_on_projects() -> None:
    late = replace(MINE, numbers={**MINE.numbers, "lead_time": replace(MINE.numbers["lead_time"], value=40.0)})
    found = joint(late)
    assert found.projects == ()
    assert found.facts.subjects == ()
