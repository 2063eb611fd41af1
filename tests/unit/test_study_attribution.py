"""Where the variance of an outcome comes from, in worlds small enough to work it out otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.assemble.draws import Levels
from sim.errors import ConvergenceError, ScenarioError
from sim.output.attribution_text import HEAVY, attribution_answer, attribution_files
from sim.quantity import Array
from sim.records.attribution import ALONE, IDLE, TOGETHER, Attribution, OutcomeParts
from sim.records.footing import DIFFERENCE, LEVEL
from sim.records.scenario import Measure, Number, Scenario
from sim.records.sweep import Wanted
from sim.records.world import World
from sim.study.attribution import Asked, attribute, default_outcomes, tail_of
from sim.study.case import Case, case_of, solve_case
from sim.study.inputs import acting_inputs, inputs_of
from tests.study_samples import (
    BARRED,
    PLACE,
    barred,
    barred_baseline,
    barred_world,
    measure,
    metal_world,
    number,
    offer,
    scenario,
    switch,
)

PRICE = Wanted(names=("delivered_price", "metal", "C"), year=2026, place=PLACE)
WRITTEN = {"low": "20 %", "high": "30 %"}
RATE = number(path="measures.duty.rate", low=0.2, high=0.3, tier="document", source="seed", written=WRITTEN)
SOURCING = {"sourcing_elasticity.metal": number(low=2.0, high=8.0)}


def duty(rate: Number | float = RATE, name: str = "duty", **fields: Any) -> Measure:
    """A duty of C on what A sells it, from 2026 on."""
    given = {"origins": ["A"], "destinations": ["C"], "starts": 2026, "numbers": {"rate": rate}}
    return measure("tariff", name, choices={"base": "CIF"}, **given | fields)


def before(**parameters: Number | float) -> Scenario:
    return scenario(name="baseline", parameters=SOURCING | parameters)


def shared_out(
    given: Scenario,
    wanted: Sequence[Wanted] = (PRICE,),
    baseline: Scenario | None = None,
    world: World | None = None,
    **changes: Any,
) -> Attribution:
    asked: dict[str, Any] = {"of": DIFFERENCE, "base": 64, "most_alone": None, "seed": 1, "jobs": 1}
    return attribute(
        given, baseline or before(), world or metal_world(), tuple(wanted), Asked(**asked | changes), version="0"
    )


def only(found: Attribution) -> OutcomeParts:
    assert len(found.outcomes) == 1
    return found.outcomes[0]


def fates(found: OutcomeParts) -> dict[str, str]:
    return {each.input.name: each.fate for each in found.inputs}


TAXED = scenario(duty(), parameters=SOURCING)


@pytest.fixture(scope="module")
def taxed() -> Attribution:
    return shared_out(TAXED, base=512)


def levels_of(case: Case, levels: Array) -> Array:
    """The change of the outcome at levels of the inputs of the taxed scenario, (m,)."""
    names = ("parameters.sourcing_elasticity.metal", "measures.duty.rate")
    columns = {name: levels[:, i] for i, name in enumerate(names)}
    solved = solve_case(case, Levels(seed=0, count=len(levels), levels=columns))
    return (solved.level - solved.before)[1:, 0]


def test_parts_agree_with_a_fine_grid_over_both_inputs(taxed: Attribution) -> None:
    found = only(taxed)
    case = case_of(TAXED, before(), metal_world(), (PRICE,))
    points, weights = np.polynomial.legendre.leggauss(12)
    points, weights = (points + 1) / 2, weights / 2
    grid = np.array([[a, b] for a in points for b in points])
    values = levels_of(case, grid).reshape(12, 12)
    mean = weights @ values @ weights
    variance = weights @ (values - mean) ** 2 @ weights
    first = {
        "parameters.sourcing_elasticity.metal": weights @ (values @ weights - mean) ** 2 / variance,
        "measures.duty.rate": weights @ (weights @ values - mean) ** 2 / variance,
    }
    assert found.deviation == pytest.approx(np.sqrt(variance), rel=0.02)
    total = dict(zip(first, [1 - share for share in reversed(first.values())], strict=True))
    for each in found.inputs:
        assert each.part.first == pytest.approx(first[each.input.name], abs=0.02)
        assert each.part.total == pytest.approx(total[each.input.name], abs=0.02)
        assert abs(each.part.first - first[each.input.name]) < each.part.first_half
    assert found.inputs[0].input.name == "measures.duty.rate"
    assert min(first.values()) > 0.03  # both count


def test_tier_of_a_single_input_has_the_part_of_that_input(taxed: Attribution) -> None:
    found = only(taxed)
    of_input = {each.input.tier: each.part for each in found.inputs}
    assert [tier.tier for tier in found.tiers] == ["document", "assumption"]
    assert {tier.tier: tier.part for tier in found.tiers} == of_input
    assert [(tier.inputs, tier.acting, tier.without_range) for tier in found.tiers] == [(1, 1, 0), (1, 1, 6)]
    assert found.others is None


def test_swing_is_the_outcome_at_both_percentiles_of_one_input(taxed: Attribution) -> None:
    found = only(taxed)
    case = case_of(TAXED, before(), metal_world(), (PRICE,))
    at = levels_of(case, np.array([[0.5, 0.05], [0.5, 0.95], [0.5, 0.5]]))  # uniform: central at the middle
    rate = found.inputs[0]
    assert (rate.input.low, rate.input.high) == pytest.approx((0.205, 0.295))
    assert (rate.at_low, rate.at_high, found.spread.central) == pytest.approx(tuple(at), rel=1e-9)
    assert rate.swing > 0


def test_number_of_processes_changes_no_byte() -> None:
    given = scenario(duty(), duty(0.1, "other", origins=["B"]), parameters=SOURCING | {"contract_renewal.metal": SMALL})
    told = []
    for jobs in (1, 2, 4):
        found = shared_out(
            given, baseline=before(**{"contract_renewal.metal": SMALL}), base=128, most_alone=1, jobs=jobs
        )
        told.append((attribution_files(found), attribution_answer(found, {}, 100, figure="x")))
    assert told[0] == told[1] == told[2]


SMALL = number(low=0.35, high=0.45)


def test_inputs_that_move_little_stand_together() -> None:
    given = scenario(duty(), parameters=SOURCING | {"contract_renewal.metal": SMALL})
    baseline = before(**{"contract_renewal.metal": SMALL})
    found = only(shared_out(given, baseline=baseline, most_alone=1, base=256))
    assert fates(found)["measures.duty.rate"] == ALONE
    assert sorted(fates(found).values()) == [ALONE, TOGETHER, TOGETHER]
    assert found.others is not None
    assumed = next(tier for tier in found.tiers if tier.tier == "assumption")
    parts = (found.others.first, found.others.total), (assumed.part.first, assumed.part.total)
    assert parts[0] == pytest.approx(parts[1])  # the two others are the assumptions
    assert all(np.isnan(each.part.total) for each in found.inputs if each.fate == TOGETHER)
    assert all(np.isfinite(each.swing) for each in found.inputs)
    alone = only(shared_out(given, baseline=baseline, base=256))
    assert alone.inputs[0].part.total == pytest.approx(found.inputs[0].part.total)
    assert "2 others together" in attribution_answer(
        shared_out(given, most_alone=1, baseline=baseline), {}, 100, figure=""
    )


def test_input_that_reaches_no_run_in_time_has_no_part() -> None:
    later = duty(number(path="measures.later.rate", low=0.1, high=0.9), "later", starts=2027)
    found = only(shared_out(scenario(duty(), later, parameters=SOURCING)))
    idle = next(each for each in found.inputs if each.fate == IDLE)
    assert idle.input.name == "measures.later.rate"
    assert (idle.part.first, idle.part.total, idle.part.total_half, idle.swing) == (0.0, 0.0, 0.0, 0.0)
    assert next(tier for tier in found.tiers if tier.tier == "assumption").acting == 1


def test_numbers_drawn_with_another_one_are_one_input_with_it() -> None:
    other = replace(RATE, path="measures.other.rate", drawn_with=RATE.path, tier="statistic", low=0.1, high=0.2)
    found = only(shared_out(scenario(duty(), duty(other, "other", origins=["B"]), parameters=SOURCING)))
    assert len(found.inputs) == 2
    first = found.inputs[0].input
    assert (first.name, first.others, first.tiers) == (RATE.path, ("measures.other.rate",), ("document", "statistic"))


def correlated(**changes: Any) -> Measure:
    rate = replace(RATE, path="measures.other.rate", drawn_with=RATE.path, correlation=changes.pop("correlation", 0.6))
    return duty(rate, "other", origins=["B"], **changes)


@pytest.mark.parametrize("correlation", [0.6, 1.0, -1.0])
def test_correlated_inputs_that_act_are_refused(correlation: float) -> None:
    given = scenario(duty(), correlated(correlation=correlation), parameters=SOURCING)
    with pytest.raises(
        ScenarioError,
        match=rf"measures\.other\.rate: drawn with measures\.duty\.rate at a correlation of {correlation:g}",
    ):
        shared_out(given)


def test_correlated_input_that_reaches_no_run_in_time_is_no_matter() -> None:
    found = only(shared_out(scenario(duty(), correlated(starts=2027), parameters=SOURCING)))
    assert fates(found)["measures.other.rate"] == IDLE


def test_switch_with_a_probability_is_one_input() -> None:
    chance = switch("talks", probability=0.3)
    given = scenario(duty(0.25, when=["talks"]), switches=[chance])
    found = only(shared_out(given, baseline=scenario(name="baseline"), base=1024))
    (each,) = found.inputs
    assert each.input.is_switch
    assert each.input.name == "switches.talks"
    # it alone moves the outcome, by a step: a Bernoulli variable
    assert (each.part.first, each.part.total) == pytest.approx((1.0, 1.0), abs=0.03)
    assert each.at_low == 0.0
    assert found.deviation == pytest.approx(np.sqrt(0.3 * 0.7) * each.at_high, rel=0.03)


PROMISE = measure(
    "floor",
    "promise",
    origins=["B"],
    destinations=["C"],
    starts=2026,
    numbers={"volume": number(path="measures.promise.volume", low=40.0, high=74.0)},
)


def promised(high: float) -> Scenario:
    """A floor that cannot be kept from some 73 kt a year on, B's capacity being 75 kt."""
    volume = replace(PROMISE.numbers["volume"], high=high)
    return scenario(duty(), replace(PROMISE, numbers={"volume": volume}), parameters=SOURCING)


def test_draws_without_a_solution_are_left_out_by_whole_rows() -> None:
    found = shared_out(promised(74.0), base=256)
    assert found.facts.infeasible > 0
    assert found.facts.solved + found.facts.infeasible == found.facts.draws
    each = only(found)
    assert 0 < each.dropped <= 0.05 * 256
    assert each.rows + each.dropped == 256
    parts = [part.part for part in each.inputs]
    assert np.isfinite([[part.first, part.first_half, part.total, part.total_half] for part in parts]).all()
    assert f"{each.dropped} of 256 base rows are left out whole" in attribution_answer(found, {}, 200, figure="")


def test_too_many_draws_without_a_solution_are_refused() -> None:
    with pytest.raises(ConvergenceError, match=r"delivered_price\.metal\.C\.2026: \d+ of 64 base rows"):
        shared_out(promised(80.0))


def test_outcome_that_nothing_drawn_moves_has_no_parts() -> None:
    export = Wanted(names=("exports", "metal", "A"), year=2025, place=PLACE)
    found = only(shared_out(TAXED, [export]))
    assert not found.varies
    assert all(np.isnan(tier.part.first) for tier in found.tiers)
    assert "does not vary" in attribution_answer(shared_out(TAXED, [export]), {}, 100, figure="")


def test_level_of_a_baseline_has_parts_of_its_own() -> None:
    found = only(shared_out(before(), of=LEVEL))
    assert [each.input.name for each in found.inputs] == ["parameters.sourcing_elasticity.metal"]
    assert not found.varies  # without a change of use or capacity the benchmark goes on whatever the elasticity


def test_tail_is_the_part_of_the_variance_of_the_farthest_hundredth() -> None:
    one_of_a_hundred = np.array([0.0] * 99 + [10.0])
    assert tail_of(one_of_a_hundred) == pytest.approx(9.9**2 / (9.9**2 + 99 * 0.1**2))
    normal = np.random.default_rng(1).normal(size=200_000)
    assert tail_of(normal) == pytest.approx(HEAVY / 1.5, abs=0.003)


def test_nothing_drawn_is_refused() -> None:
    with pytest.raises(ScenarioError, match="no number that acts on metal has a range"):
        shared_out(scenario(duty(0.2)), baseline=scenario(name="baseline"))


def test_outcomes_are_those_of_the_offer_and_of_the_market_it_is_for() -> None:
    wanted = default_outcomes(barred(offer(15.0)), barred_baseline(), barred_world())
    assert [(*each.names, each.year) for each in wanted] == [
        ("flow_under_bound", "metal", "C", "sale", 2027),
        ("delivered_price", "metal", "C", 2027),
        ("import_share", "metal", "C", "A", 2027),
    ]
    with pytest.raises(ScenarioError, match=r"moves nothing by 2027: say OUTCOMES="):
        default_outcomes(barred_baseline(), barred_baseline(), barred_world())


def test_outcomes_of_a_central_run_without_an_equilibrium_are_not_chosen() -> None:
    impossible = replace(PROMISE, numbers={"volume": number(90.0, "measures.promise.volume")})
    with pytest.raises(ConvergenceError, match="scenario: the central run is infeasible"):
        default_outcomes(scenario(impossible), scenario(name="baseline"), metal_world())


def test_switch_is_tried_on_and_off_however_unlikely_it_is() -> None:
    rare = switch("talks", probability=0.001)
    given = scenario(duty(when=["talks"]), switches=[rare])
    case = case_of(given, scenario(name="baseline"), metal_world(), (PRICE,))
    inputs = inputs_of(case)
    assert [each.name for each in inputs] == ["measures.duty.rate", "switches.talks"]
    assert acting_inputs(case, inputs, 1).tolist() == [True, True]


def test_inputs_of_the_baseline_alone_are_inputs_too() -> None:
    gone = barred(offer(15.0), parameters={"sourcing_elasticity.metal": 4.0})
    case = case_of(gone, barred_baseline(), barred_world(), (PRICE,))
    assert {each.name for each in inputs_of(case)} == {f"parameters.{path}" for path in BARRED}
