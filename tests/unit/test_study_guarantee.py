from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.records.outcome import GuaranteeAnswer
from sim.records.scenario import Measure
from sim.study.run import Outcome
from tests.study_samples import barred, barred_baseline, measure, number, outcome, sanctions

FLOOR = {"origins": ["B"], "destinations": ["C"], "starts": 2026}


def floor(volume: float, **fields: object) -> Measure:
    return measure("floor", "promise", **{**FLOOR, "numbers": {"volume": volume}, **fields})


def contract(volume: float) -> Measure:
    return measure("contract", "promise", **FLOOR, numbers={"volume": volume})


def answered(done: Outcome) -> GuaranteeAnswer:
    (answer,) = done.guarantees
    return answer


@pytest.mark.parametrize("volume", [8.0, 15.0, 19.0])
def test_placed_and_missing_are_what_was_promised(volume: float) -> None:
    done = outcome(barred(floor(volume)), draws=6)
    for year in answered(done).years:
        assert year.placed.central + year.missing.central == pytest.approx(volume, rel=1e-9)
        assert 0.0 <= year.discount.central <= 0.7 + 1e-9


def test_guarantor_pays_the_discount_on_what_is_placed() -> None:
    told = answered(outcome(barred(floor(12.0)))).told
    assert told.discount.central > 0.05
    before = told.price.central / (1.0 - told.discount.central)
    assert told.cost.central == pytest.approx((before - told.price.central) * told.placed.central / 1000.0, rel=1e-9)
    assert told.missing.central == pytest.approx(0.0, abs=1e-9)


def test_promise_the_market_takes_anyhow_costs_nothing() -> None:
    answer = answered(outcome(barred(floor(0.1))))
    assert answer.told.discount.central == 0.0
    assert answer.told.cost.central == 0.0
    assert answer.told.placed.central == pytest.approx(0.1)
    assert answer.falls_short == 0.0


def test_buyers_of_a_contract_pay_more_than_the_price_of_the_others() -> None:
    done = outcome(barred(contract(12.0)), draws=4)
    answer = answered(done)
    assert answer.kind == "contract"
    assert answer.told.placed.central == pytest.approx(12.0, rel=1e-9)
    assert answer.told.discount.central == 0.0
    rivals = answer.told.price.central / (1.0 - answer.told.below_rivals.central)
    assert answer.told.cost.central == pytest.approx((answer.told.price.central - rivals) * 12.0 / 1000.0, rel=1e-9)


def test_years_are_the_first_the_focus_and_the_last_in_force() -> None:
    given = barred(floor(8.0, ends=2030), last=2032, focus=2028)
    answer = answered(outcome(given, baseline=replace(barred_baseline(), years=given.years)))
    assert [year.year for year in answer.years] == [2026, 2028, 2029]
    assert answer.year == 2028
    late = replace(given, years=replace(given.years, focus=2032))
    assert answered(outcome(late, baseline=replace(barred_baseline(), years=late.years))).year == 2029


def test_suppliers_add_up_to_use_and_customers_to_output() -> None:
    answer = answered(outcome(barred(floor(15.0))))
    assert sum(row.change.central for row in answer.suppliers) == pytest.approx(answer.use.change.central)
    assert answer.suppliers[0].label == "B"
    gained = answer.suppliers[0].change.central
    lost = sum(row.change.central for row in answer.customers)
    assert gained + lost == pytest.approx(answer.new_output.change.central)


def test_share_of_draws_that_fall_short_counts_those_alone() -> None:
    wide = number(low=10.0, high=60.0, path="measures.promise.volume")
    done = outcome(barred(floor(0.0, numbers={"volume": wide})), draws=12)
    assert 0.0 < answered(done).falls_short < 1.0
    assert answered(done).told.missing.p95 > 1.0


def test_floor_of_the_baseline_and_one_on_several_routes_have_no_answer() -> None:
    same = floor(8.0)
    base = barred(same, name="baseline", switches=[sanctions()])
    assert outcome(barred(same), baseline=base).guarantees == ()
    both = measure("floor", "both", origins=["A", "B"], destinations=["C"], starts=2026, numbers={"volume": 5.0})
    done = outcome(barred(both))
    assert done.guarantees == ()


def test_what_has_an_answer_is_not_told_once_more_as_a_notice() -> None:
    done = outcome(barred(floor(12.0)))
    assert not any("promise" in notice for notice in done.facts.notices)
    several = measure("floor", "both", origins=["A", "B"], destinations=["C"], starts=2026, numbers={"volume": 30.0})
    assert any("both: the guarantor pays" in notice for notice in outcome(barred(several)).facts.notices)


def test_promise_without_a_year_in_force_has_no_answer() -> None:
    never = floor(8.0, when=["sanctions"])  # which are off from 2026 on
    assert outcome(barred(never)).guarantees == ()


def test_bands_hold_the_central_run_of_a_certain_world() -> None:
    told = answered(outcome(barred(floor(12.0)), draws=8)).told
    assert told.discount.p05 <= told.discount.p50 <= told.discount.p95
    assert told.placed.p05 == pytest.approx(12.0, rel=1e-8)
    assert np.isfinite(told.cost.p95)
