from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.quantity import Array
from sim.records.outcome import ProjectAnswer, Subject
from sim.records.scenario import Measure
from sim.study.capital import Invested, Removed
from sim.study.run import Outcome, run_scenario
from tests.study_samples import JOINT, JOINT_GOODS, MINE, SMELTER, chain_world, joint, number, scenario

SLOW = replace(
    SMELTER,
    numbers={**SMELTER.numbers, "lead_time": number(2.0, "measures.smelter.lead_time", unit="years")},
)


STATED = JOINT | {"entry_share.ore.C.C": 0.9}


def run(*projects: Measure, before: tuple[Measure, ...] = (), draws: int = 0) -> Outcome:
    """Projects in C beside a baseline with some of them."""
    given = scenario(*projects, name="joint", goods=JOINT_GOODS, parameters=STATED, last=2028)
    baseline = scenario(*before, name="baseline", goods=JOINT_GOODS, parameters=STATED if before else JOINT, last=2028)
    return run_scenario(given, baseline, chain_world(), draws=draws, seed=1, jobs=1, version="1.0")


@pytest.fixture(scope="module")
def built() -> Outcome:
    return run(MINE, SLOW, draws=6)


def rows(found: Outcome, indicator: str) -> dict[int, tuple[float, float, float]]:
    table = found.summary[found.summary["indicator"] == indicator]
    return {row.year: (row.central, row.p05, row.p95) for row in table.itertuples()}


def of(found: Outcome) -> ProjectAnswer:
    return next(answer for answer in found.projects if answer.costs)


def test_capital_is_spent_evenly_over_the_lead_time(built: Outcome) -> None:
    spent = rows(built, "capital_spent")
    assert [year for year, (central, _, _) in spent.items() if central > 0] == [2025, 2026]
    drawn = built.drawn["measures.smelter.capital_cost"] / 1e6
    assert spent[2025][0] == spent[2026][0] == pytest.approx(drawn[0] / 2)
    np.testing.assert_allclose(spent[2025][1:], np.percentile(drawn[1:] / 2, (5, 95)))
    table = built.summary.query("indicator == 'capital_spent'")
    assert set(table["partner"]) == {"smelter"}
    assert (table["baseline"] == 0).all()


def test_payback_is_capital_over_the_surplus_of_the_focus_year(built: Outcome) -> None:
    cost = of(built).costs[0]
    surplus = built.summary.query("indicator == 'producers_surplus' and good == 'metal' and region == 'C'")
    earned = float(surplus.query("year == 2028")["central"].iloc[0])  # the smelter is the only one there
    assert cost.earned.central == pytest.approx(earned)
    assert cost.payback.central == pytest.approx(cost.spent.central / earned)
    assert rows(built, "payback")[2028][0] == pytest.approx(cost.payback.central)
    assert (cost.first_year, cost.last_year) == (2025, 2026)


def test_capital_stands_against_a_years_world_market(built: Outcome) -> None:
    cost, market = of(built).costs[0], of(built).world_market
    assert cost.against_market.central == pytest.approx(cost.spent.central / market.central)
    assert rows(built, "capital_against_world_market")[2028][0] == pytest.approx(cost.against_market.central)


def test_capital_per_point_divides_by_the_fall_of_the_part_at_any_stage(built: Outcome) -> None:
    removal = of(built).removal
    assert removal is not None
    touched = built.summary.query(
        "indicator == 'touched_supply' and good == 'metal' and region == 'C' and partner == 'A' and year == 2028"
    )
    points = -100 * float(touched["difference"].iloc[0])
    assert removal.points.central == pytest.approx(points)
    assert removal.per_point.central == pytest.approx(of(built).costs[0].spent.central / points)
    assert rows(built, "capital_per_point")[2028][0] == pytest.approx(removal.per_point.central)
    assert removal.draws == 6
    assert removal.unstated == ("mine",)
    assert (removal.country, removal.market) == ("A", "C")


def invested(spent: Array, earned: Array) -> Invested:
    return Invested(measure=SMELTER, spent=spent, before=np.zeros_like(spent), earned=earned, market=np.full(3, 50.0))


def test_what_earns_nothing_is_never_paid_back_and_what_is_not_built_has_no_payback() -> None:
    found = invested(np.array([[10.0, 20.0], [5.0, 5.0], [0.0, 0.0]]), np.array([15.0, 0.0, 0.0]))
    assert found.capital.tolist() == [30.0, 10.0, 0.0]
    np.testing.assert_array_equal(found.payback, [2.0, np.inf, np.nan])
    assert found.against_market.tolist() == [0.6, 0.2, 0.0]
    unsolved = invested(np.full((3, 1), 10.0), np.array([np.nan, 1.0, 1.0]))
    np.testing.assert_array_equal(unsolved.payback, [np.nan, 10.0, 10.0])


def test_points_below_a_half_and_a_dependence_that_grows_have_no_capital_per_point() -> None:
    removed = Removed(
        subject=Subject(goods=("metal",), market="C", country="A"),
        year=2028,
        points=np.array([2.0, 0.5, 0.49, -3.0, np.nan, 2.0]),
        capital=np.array([10.0, 10.0, 10.0, 10.0, 10.0, 0.0]),
        unstated=(),
    )
    assert removed.told.tolist() == [True, True, False, False, False, False]
    np.testing.assert_array_equal(removed.per_point, [5.0, 20.0, np.nan, np.nan, np.nan, np.nan])


def test_capital_of_a_project_that_the_baseline_has_stands_in_both_and_is_not_answered_for() -> None:
    found = run(MINE, SLOW, before=(SLOW,))
    table = found.summary.query("indicator == 'capital_spent' and year == 2025")
    assert float(table["baseline"].iloc[0]) == float(table["central"].iloc[0]) > 0
    assert "capital_per_point" not in set(found.summary["indicator"])
    assert all(not answer.costs for answer in found.projects)


def test_run_without_stated_costs_has_no_capital() -> None:
    found = joint(MINE)
    assert not found.summary["indicator"].str.contains("capital|payback").any()
    assert found.projects[0].removal is None
