"""A scenario without effect is told from one that has an effect, before and after the run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from sim.records.params import Params
from sim.records.scenario import Measure, Scenario
from sim.records.trajectory import INFEASIBLE, Trajectory
from sim.study.batches import simulate_batches
from sim.study.block import Block
from sim.study.effect import NO_EFFECT, changed_inputs, effect_told, no_effect_notices, why_no_effect
from sim.study.rest import measures_at_rest
from tests.study_samples import barred, measure, number, outcome, params, sanctions, scenario, switch

ROUTE: dict[str, Any] = {"origins": ["A"], "destinations": ["C"]}
BASE = scenario(name="baseline")


def ban(name: str = "barrier", **fields: Any) -> Measure:
    return measure("ban", name, **(ROUTE | fields))


def tariff(rate: Any, *, duration: Any = None, **fields: Any) -> Measure:
    numbers = {"rate": rate} if duration is None else {"rate": rate, "duration": duration}
    return measure("tariff", "duty", numbers=numbers, **(ROUTE | fields))


def project(decided: int, lead_time: Any) -> Measure:
    numbers = {"lead_time": lead_time, "ramp": 1.0, "capacity": 10.0}
    return measure("project", "plant", region="A", starts=decided, numbers=numbers)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (scenario(), "it states no value that differs from baseline"),
        (scenario(ban(starts=2030)), "the measure barrier begins after the last year, 2027"),
        (scenario(ban(ends=2025)), "the measure barrier is over before the first year, 2025"),
        (
            scenario(ban(when=["s"]), switches=[switch("s", always_off=True)]),
            "the measure barrier depends on s, which stays off",
        ),
        (scenario(ban(when=["not s"]), switches=[switch("s")]), "the measure barrier depends on not s, which stays on"),
        (
            scenario(ban(when=["s"]), switches=[switch("s", on_from=date(2029, 1, 1))]),
            "the measure barrier depends on s, which is off whenever the measure could be in force from 2025 to 2027",
        ),
        (
            scenario(
                ban(when=["s", "r"]),
                switches=[switch("s", on_from=date(2026, 1, 1)), switch("r", off_from=date(2026, 1, 1))],
            ),
            "the measure barrier is never in force from 2025 to 2027: its dates and those of its switches do not meet",
        ),
        (
            scenario(ban(when=["s"]), switches=[switch("s", probability=0.0)]),
            "the measure barrier depends on s, which stays off",
        ),
        (scenario(switches=[switch("s")]), "no measure depends on the switch s"),
        (scenario(tariff(0.0)), "the measure duty has no strength: its rate is 0"),
        (scenario(tariff(number(by_year=((2025, 0.0), (2026, 0.0))))), "the measure duty has no strength"),
        (scenario(project(2026, 3.0)), "the measure plant would stand only after the last year, 2027"),
        (
            scenario(project(2026, number(4.0, low=2.5, high=6.0))),
            "the measure plant would stand only after the last year, 2027",
        ),
    ],
)
def test_scenario_without_effect_is_told_why(given: Scenario, why: str) -> None:
    assert why_no_effect(given, BASE).startswith(why)


@pytest.mark.parametrize(
    "given",
    [
        scenario(ban()),
        scenario(ban(starts=2027)),
        scenario(ban(when=["s"]), switches=[switch("s", probability=0.01)]),
        scenario(ban(when=["not s"]), switches=[switch("s", always_off=True)]),
        scenario(tariff(number(low=0.0, high=0.1))),
        scenario(tariff(0.1, starts=date(2020, 1, 1), duration=number(1.0, low=1.0, high=5.5))),
        scenario(project(2026, number(4.0, low=1.5, high=6.0))),
        scenario(parameters={"demand_growth.metal.default": 0.02}),
        scenario(parameters={"sourcing_elasticity.metal": number(4.0, low=3.0, high=5.0)}),
    ],
)
def test_scenario_that_can_make_a_difference_has_nothing_to_be_told(given: Scenario) -> None:
    assert changed_inputs(given, BASE)
    assert why_no_effect(given, BASE) == ""


def test_switch_that_leaves_times_as_they_are_moves_nothing() -> None:
    tied = ban(when=["s"])
    base = scenario(tied, name="baseline", switches=[switch("s")])
    later = scenario(tied, switches=[switch("s", off_from=date(2028, 1, 1))])
    assert why_no_effect(later, base) == (
        "the switch s leaves the times of barrier from 2025 to 2027 as they are in the baseline"
    )
    earlier = scenario(tied, switches=[switch("s", off_from=date(2027, 7, 1))])
    assert changed_inputs(earlier, base) == ("measures.barrier",)


def test_removed_measure_makes_a_difference_only_where_it_acted() -> None:
    assert changed_inputs(BASE, scenario(ban(), name="baseline")) == ("measures.barrier",)
    assert changed_inputs(BASE, scenario(ban(ends=2020), name="baseline")) == ()


def test_longer_years_are_no_difference() -> None:
    short = scenario(ban(), last=2026)
    assert why_no_effect(short, scenario(ban(), name="baseline")) == "it states no value that differs from baseline"


def test_value_stated_again_is_named() -> None:
    given = scenario(ban(), parameters={"demand_growth.metal.default": 0.02})
    base = scenario(ban(), name="baseline", parameters={"demand_growth.metal.default": 0.02})
    mine = replace(given, files=("scenarios/sample.yaml",))
    told = why_no_effect(mine, base)
    assert "parameters.sourcing_elasticity.metal has the value that it has in the baseline" in told
    assert "; and " in told


def test_measures_at_rest_are_told_with_reasons() -> None:
    given = scenario(ban(), tariff(0.1, starts=2040))
    assert measures_at_rest(given) == {"duty": "begins after the last year, 2027"}


def test_run_without_effect_says_so_first_and_why() -> None:
    idle = barred(ban(when=["s"]), name="idle", switches=[sanctions(), switch("s", always_off=True)])
    notices = outcome(idle, draws=3).facts.notices
    assert notices[0] == (
        f"{NO_EFFECT}: no flow and no price differs from the baseline in any draw; "
        "the measure barrier depends on s, which stays off"
    )


def notices(given: Scenario, base: Scenario, ready: Params, found: Trajectory, before: Trajectory) -> tuple[str, ...]:
    block = Block(params=ready, base_params=ready, found=found, base=before)
    return no_effect_notices(given, base, effect_told(changed_inputs(given, base), given, block))


def test_change_that_comes_to_nothing_is_named() -> None:
    base = scenario(ban(), name="baseline")
    little = scenario(ban(), measure("demand_shift", "crumb", destinations=["C"], numbers={"change": -1e-12}))
    ready = params(little, base)
    found = simulate_batches(ready)
    told = notices(little, base, ready, found, found)
    assert told[0].endswith("what it changes is too small to count, or comes to nothing: measures.crumb")


def test_reasons_that_only_a_run_shows_are_told() -> None:
    base = scenario(name="baseline")
    wide = measure("cap", "wide", **ROUTE, numbers={"volume": 5000.0})
    unused = measure("freight", "dear_way", origins=["C"], destinations=["A"], numbers={"amount": 50.0})
    late = measure("tariff", "late", **ROUTE, starts=2040, numbers={"rate": 0.1})
    given = scenario(wide, unused, late)
    ready = params(given, base)
    found = simulate_batches(ready)
    (told,) = notices(given, base, ready, found, simulate_batches(params(base, base)))
    assert "the measure late begins after the last year, 2027" in told
    assert "wide is never reached: less is sold than it allows" in told
    assert "nothing is sold on the routes of dear_way in any year, with it or without" in told
    assert "too small to count" not in told


def test_run_with_effect_or_of_the_baseline_itself_says_nothing() -> None:
    base = scenario(name="baseline")
    ready = params(base, base)
    found = simulate_batches(ready)
    assert notices(base, base, ready, found, found) == ()
    flow = found.flow.copy()
    flow[0, -1, 0, 0, 1] += 1e-3
    given = replace(base, name="scenario")
    assert notices(given, base, ready, found, found) != ()
    assert notices(given, base, ready, replace(found, flow=flow), found) == ()
    dear = found.market_price.copy()
    dear[0, -1, 0, 1] *= 1 + 1e-5
    assert notices(given, base, ready, replace(found, market_price=dear), found) == ()
    unsolved = replace(found, status=np.full_like(found.status, INFEASIBLE))
    assert notices(given, base, ready, unsolved, found) == ()
