from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.errors import ConvergenceError, ScenarioError
from sim.inputs.goal import read_goal, varied_number
from sim.model import simulate
from sim.output.target_text import target_answer, target_files
from sim.quantity import Array
from sim.records.scenario import Scenario
from sim.records.target import EVERYWHERE, NOWHERE, TURNS, UNTOLD, Goal, Shown, Span, TargetAnswer
from sim.records.world import World
from sim.study.target import bracket, measured, narrowed, seek
from tests.study_samples import chain_world, measure, metal_world, number, scenario

PRICE = "price_against_baseline.metal.C.2027 >= 105 %"
SUPPLY = number(low=0.3, high=0.9)


def taxed(rate: float = 0.1, **changes: Any) -> Scenario:
    """A duty of C on what A sells it; suppliers' elasticity is drawn."""
    duty = measure(
        "tariff",
        "duty",
        origins=["A"],
        destinations=["C"],
        starts=2026,
        numbers={"rate": rate},
        choices={"base": "CIF"},
    )
    return scenario(duty, parameters={"supply_elasticity.metal.default": SUPPLY}, **changes)


def sought(
    goal: str = PRICE,
    vary: str = "measures.duty.rate",
    span: tuple[float, float] = (0.0, 1.0),
    given: Scenario | None = None,
    world: World | None = None,
    *,
    draws: int = 5,
    jobs: int = 1,
) -> TargetAnswer:
    given = given or taxed()
    baseline = scenario(name="baseline", parameters={"supply_elasticity.metal.default": SUPPLY})
    return seek(
        given,
        baseline,
        world or metal_world(),
        read_goal(goal),
        varied_number(given, vary),
        Span(low=span[0], high=span[1], origin="as given"),
        draws=draws,
        seed=3,
        jobs=jobs,
        version="0",
    )


def with_rate(rate: float) -> Scenario:
    """The scenario as SET would change it."""
    return taxed(rate)


def central(goal: Goal, rate: float) -> float:
    baseline = scenario(name="baseline", parameters={"supply_elasticity.metal.default": SUPPLY})
    return measured(with_rate(rate), baseline, metal_world(), goal)


def test_scenario_run_at_the_value_found_meets_the_goal() -> None:
    found = sought()
    assert found.outcome[0] == TURNS
    assert found.met_above[0] == 1
    assert central(found.goal, float(found.solution[0])) == pytest.approx(1.05, abs=1e-6)


def test_value_agrees_with_a_fine_sweep() -> None:
    found = sought(draws=0)
    fine = np.linspace(0.0, 1.0, 101)
    met = np.array([central(found.goal, float(rate)) >= 1.05 for rate in fine])
    first = int(np.argmax(met))
    assert first > 0
    assert met[first:].all()
    assert fine[first - 1] < found.solution[0] <= fine[first]


def test_every_draw_meets_the_goal_at_its_own_value() -> None:
    found = sought(draws=6)
    assert (found.outcome == TURNS).all()
    baseline = scenario(name="baseline", parameters={"supply_elasticity.metal.default": SUPPLY})
    for row in range(1, 7):
        given = with_rate(float(found.solution[row]))
        sample = Draws(seed=3, count=6)
        run = simulate(build_params(given, baseline, metal_world(), sample))
        base = simulate(build_params(replace(baseline, years=given.years), baseline, metal_world(), sample))
        ratio = run.market_price[row, -1, 0, 2] / base.market_price[row, -1, 0, 2]
        assert ratio == pytest.approx(1.05, abs=1e-6)
    assert len(set(found.solution.tolist())) == 7
    assert found.band.p05 < found.band.p50 < found.band.p95


def test_goal_that_cannot_be_met_and_one_that_is_met_throughout_are_told() -> None:
    never = sought(span=(0.0, 0.01))
    assert (never.outcome == NOWHERE).all()
    assert np.isnan(never.solution).all()
    assert np.isnan(never.band.p50)
    always = sought("price_against_baseline.metal.C.2027 >= 50 %", draws=2)
    assert (always.outcome == EVERYWHERE).all()
    assert always.met_now.all()
    assert "at no value of measures.duty.rate from 0 % to 1 %" in text_of(never)
    assert "It cannot be met within the bounds in 5 of 5 draws" in text_of(never)
    assert "is met throughout them in 2" in text_of(always)


def text_of(found: TargetAnswer) -> str:
    told = target_answer(found, {}, 100, check=None, figure="results/x")
    return " ".join(told.split())


def test_parameter_is_varied_in_the_baseline_as_well() -> None:
    goal = "price_against_baseline.metal.C.2027 <= 115 %"
    found = sought(goal, "parameters.sourcing_elasticity.metal", (1.5, 12.0), taxed(0.5), draws=0)
    assert found.outcome[0] == TURNS
    value = float(found.solution[0])
    both = {"supply_elasticity.metal.default": SUPPLY, "sourcing_elasticity.metal": value}
    given = replace(taxed(0.5), parameters=scenario(parameters=both).parameters)
    reached = measured(given, scenario(name="baseline", parameters=both), metal_world(), found.goal)
    assert reached == pytest.approx(1.15, abs=1e-6)


def test_path_over_years_is_replaced_by_one_value() -> None:
    given = taxed()
    duty = given.measures["duty"]
    path = number(path="measures.duty.rate", by_year=((2026, 0.0), (2027, 0.2)), written={"by_year.2026": "0 %"})
    given = replace(given, measures={"duty": replace(duty, numbers={"rate": path})})
    found = sought(given=given, draws=0)
    assert found.constant
    assert found.present[0] == 0.2
    assert central(found.goal, float(found.solution[0])) == pytest.approx(1.05, abs=1e-6)
    assert "is a path over the years; one value stands for it" in text_of(found)


def test_jobs_do_not_change_a_byte() -> None:
    first, second = sought(draws=5, jobs=1), sought(draws=5, jobs=3)
    assert target_files(first) == target_files(second)
    lines = target_files(first)["solutions.csv"].decode().splitlines()
    assert lines[0] == "draw,present,at_present,met_at_present,outcome,solution,met_on,jumps,turns"
    assert len(lines) == 7
    assert lines[1].split(",")[4:7:2] == ["turns", "above"]


def test_years_after_the_goal_do_not_matter() -> None:
    given = taxed(last=2035)
    params = build_params(given, scenario(name="baseline"), metal_world(), Draws(seed=1, count=2))
    whole, part = simulate(params), simulate(params.until(2027))
    assert part.years == (2024, 2025, 2026, 2027)
    np.testing.assert_array_equal(whole.market_price[:, :4], part.market_price)
    np.testing.assert_array_equal(whole.flow[:, :4], part.flow)


@pytest.mark.parametrize(
    ("goal", "fault"),
    [
        ("import_shar.metal.C.A.2027 <= 50 %", "unknown indicator import_shar; nearest is import_share"),
        ("import_share.metl.C.A.2027 <= 50 %", "unknown good metl; nearest is metal"),
        ("import_share.metal.D.A.2027 <= 50 %", "unknown region D; known: B, C, A"),
        ("import_share.metal.C.D.2027 <= 50 %", "unknown partner D; known: A, B"),
        ("import_share.metal.C.2027 <= 50 %", "needs a partner between region and year, one of A, B"),
        ("delivered_price.metal.C.A.2027 <= 50 USD/t", "has no partner: leave A out"),
        ("import_share.metal.C.A.2040 <= 50 %", "no year 2040: scenario goes from 2024 to 2027"),
        ("import_share.metal.World.A.2027 <= 50 %", "no import_share of metal in World"),
        ("import_share.metal.C.A.2027 <= 50", "write 50 %"),
    ],
)
def test_unknown_names_are_told_with_the_nearest(goal: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault):
        sought(goal, draws=0)


def test_number_of_another_chain_is_refused() -> None:
    world = chain_world()
    apart = replace(world, goods=(world.goods[0], replace(world.goods[1], input=None)))
    given = scenario(
        measure("cost_shift", "dearer", good="ore", region="A", numbers={"change": 0.1}), goods=("ore", "metal")
    )
    with pytest.raises(ScenarioError, match="is about ore, which metal neither is made from nor goes into"):
        sought("imports.metal.C.2027 <= 5 kt/yr", "measures.dearer.change", given=given, world=apart)


def test_central_run_without_an_equilibrium_is_told() -> None:
    cap = measure("floor", "much", origins=["A"], destinations=["C"], numbers={"volume": 1e6})
    contract = measure("cap", "little", origins=["A"], destinations=["C"], numbers={"volume": 1.0})
    with pytest.raises(ConvergenceError, match="the central run is infeasible"):
        sought("imports.metal.C.2027 <= 5 kt/yr", "measures.much.volume", given=scenario(cap, contract), draws=0)


GOAL = Goal(
    indicator="x", good="g", region="r", partner="", year=2030, comparison="<=", unit="1", limit=1.0, text="",
    shown=Shown(factor=1.0, unit=""),
)  # fmt: skip
GRID = np.array([0.0, 1.0, 2.0, 3.0, 4.0])


def turned(values: list[float], present: float, at_present: float) -> Any:
    tried: Array = np.array(values)[:, None]
    return bracket(GOAL, GRID, tried, np.array([present]), np.array([at_present]))


def test_of_several_turns_the_one_nearest_to_the_present_value_is_taken() -> None:
    values = [2.0, 0.5, 0.5, 0.5, 2.0]
    near = turned(values, 3.2, 0.8)
    assert near.turns[0] == 2
    assert (near.met[0], near.missed[0]) == (3.2, 4.0)
    assert near.others == ((0.0, 1.0),)
    far = turned(values, -5.0, np.nan)
    assert (far.missed[0], far.met[0]) == (0.0, 1.0)


def test_present_value_shows_a_turn_that_the_grid_passes_over() -> None:
    found = turned([2.0, 2.0, 2.0, 2.0, 2.0], 2.5, 0.5)
    assert found.outcome[0] == TURNS
    assert found.turns[0] == 2
    assert found.met[0] == 2.5
    assert {found.missed[0]} <= {2.0, 3.0}


def test_draw_that_is_not_solved_somewhere_and_never_turns_cannot_be_told() -> None:
    assert turned([2.0, 2.0, np.nan, 2.0, 2.0], 2.5, 2.0).outcome[0] == UNTOLD
    assert turned([2.0, 0.5, np.nan, 2.0, 2.0], 0.0, 2.0).outcome[0] == TURNS


class Response:
    """Stands for the runs of a scenario: the indicator as a function of the value."""

    def __init__(self, function: Any) -> None:
        self.function = function
        self.calls = 0

    def indicator(self, _goal: Goal, tried: Array, rows: Any) -> Array:
        self.calls += 1
        return np.array([self.function(float(value)) for value in tried[rows]])


def found_in(function: Any, present: float = 2.5) -> tuple[Any, ...]:
    response: Any = Response(function)
    brackets = turned([function(float(x)) for x in GRID], present, function(present))
    return (*narrowed(response, GOAL, brackets, Span(low=0.0, high=4.0, origin="")), response.calls)


def test_leap_over_the_goal_is_narrowed_to_its_place_and_told() -> None:
    solution, met_above, jumps, untold, calls = found_in(lambda x: 3.0 if x < np.pi else 0.2)
    assert np.pi <= solution[0] <= np.pi + 1e-8
    assert (met_above[0], jumps[0], untold[0]) == (1, 1, False)
    assert calls < 70


@pytest.mark.parametrize(
    "function", [lambda x: 3.0 - x**3 / 16, lambda x: np.exp(3.0 - 2 * x), lambda x: 1 + (x - 3) ** 3]
)
def test_smooth_response_is_solved_in_few_steps(function: Any) -> None:
    solution, _, jumps, _, calls = found_in(function)
    assert abs(function(float(solution[0])) - 1.0) <= 1e-7
    assert jumps[0] == 0
    assert calls < 25


def test_draw_without_an_equilibrium_on_the_way_cannot_be_told() -> None:
    untold = found_in(lambda x: np.nan if 2.55 < x < 2.95 else np.exp(2.9 - x))[3]
    assert untold[0]


def test_value_that_is_enough_for_a_share_of_all_draws_counts_those_that_never_meet_the_goal() -> None:
    found = sought(draws=2)
    n = np.array
    told = replace(
        found,
        outcome=n([TURNS, EVERYWHERE, TURNS, TURNS, NOWHERE]),
        solution=n([1.0, np.nan, 3.0, 2.0, np.nan]),
        met_above=n([1, 0, 1, 1, 0]),
        turns=n([1, 0, 1, 1, 0]),
    )
    assert [told.enough(share) for share in (0.25, 0.5, 0.75, 1.0)] == [-np.inf, 2.0, 3.0, np.inf]
    below = replace(told, met_above=n([0, 0, 0, 0, 0]))
    assert [below.enough(share) for share in (0.25, 0.5, 0.75, 1.0)] == [-np.inf, 3.0, 2.0, np.inf]
    assert replace(told, met_above=n([1, 0, 1, 0, 0])).enough(0.5) is None
    assert replace(told, turns=n([1, 0, 2, 1, 0])).enough(0.5) is None
