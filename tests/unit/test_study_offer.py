from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.model import simulate
from sim.records.outcome import OfferAnswer
from sim.records.params import Wedge
from sim.records.scenario import Scenario
from sim.study.offer import CLOSED, REASONS, REST, _without_obstacles, offers_in, shapley
from sim.study.run import Outcome
from tests.study_samples import (
    barred,
    barred_baseline,
    barred_world,
    measure,
    number,
    offer,
    outcome,
    params,
    sanctions,
)

LARGE, SMALL = 30.0, 1.0
DUTY = measure("tariff", origins=["A", "B"], destinations=["C"], starts=2025, numbers={"rate": 0.3})


def answer(given: Scenario, draws: int = 0) -> OfferAnswer:
    (found,) = outcome(given, draws).offers
    return found


@pytest.fixture(scope="module")
def large() -> OfferAnswer:
    return answer(barred(offer(LARGE), DUTY), draws=12)


@pytest.fixture(scope="module")
def small() -> Outcome:
    return outcome(barred(offer(SMALL)), draws=12)


def test_shapley_value_of_two_causes_by_hand() -> None:
    values = {(False, False): 0.0, (True, False): 3.0, (False, True): 5.0, (True, True): 10.0}
    assert shapley(values, 0) == pytest.approx((3 + 5) / 2)
    assert shapley(values, 1) == pytest.approx((5 + 7) / 2)


def test_shapley_values_add_up_and_a_cause_without_effect_gets_nothing() -> None:
    rng = np.random.default_rng(2)
    bits = [(a, b, c) for a in (False, True) for b in (False, True) for c in (False, True)]
    values = {case: float(rng.normal()) for case in bits}
    total = sum(shapley(values, k) for k in range(3))
    assert total == pytest.approx(values[True, True, True] - values[False, False, False])
    idle = {case: values[case[0], case[1], False] for case in bits}
    assert shapley(idle, 2) == 0.0


def test_reasons_add_up_to_what_is_offered_and_not_taken(large: OfferAnswer) -> None:
    assert [text for text, _ in large.reasons] == [*REASONS, REST]
    missing = large.offered.central - large.taken.central
    assert sum(part for _, part in large.reasons) == pytest.approx(missing, rel=1e-9)
    assert missing > 20.0


def test_contracts_and_scarcity_hold_back_tonnes_and_everybodys_duty_few(large: OfferAnswer) -> None:
    contracts, duties, scarcity, rest = (part for _, part in large.reasons)
    assert contracts > 0.5
    assert scarcity > 0.0
    assert abs(duties) < contracts
    assert rest > 10.0


def test_offer_above_what_is_taken_does_not_bind(large: OfferAnswer) -> None:
    assert large.binds == 0.0
    assert 2.0 < large.taken.central < 12.0
    assert large.taken.p05 < large.taken.p50 < large.taken.p95
    assert (large.year, large.first_year) == (2027, 2026)
    assert large.taken_first.central < large.taken.central


def test_changes_of_suppliers_add_up_to_that_of_use(large: OfferAnswer) -> None:
    assert [row.label for row in large.suppliers] == ["B", "A"]
    total = sum(row.change.central for row in large.suppliers)
    assert total == pytest.approx(large.use.change.central, abs=1e-8)
    assert large.suppliers[0].change.central == pytest.approx(large.taken.central)


def test_metal_comes_from_other_customers_and_new_output(large: OfferAnswer) -> None:
    assert [row.label for row in large.customers] == ["B"]
    lost = -sum(row.change.central for row in large.customers)
    assert lost + large.new_output.change.central == pytest.approx(large.taken.central, abs=1e-8)
    assert lost > 0
    assert large.price.change.central == large.price.scenario - large.price.baseline


def test_discount_places_the_tonnes() -> None:
    # one year only, so that one discount is all there is
    given = barred(offer(6.0), last=2026)
    found = answer(given)
    assert 0.05 < found.discount.central < 0.6
    assert found.discount_shortfall.central == 0.0
    free = params(given, barred_baseline(), barred_world())
    route = np.zeros((1, 1, 3, 3), dtype=bool)
    route[0, 0, 1, 2] = True
    cut = Wedge(routes=route, rate=np.array([[[0.0], [0.0], [-found.discount.central]]]))
    cheaper = replace(free, policy=replace(free.policy, export_taxes=cut))
    high = np.where(np.isfinite(free.bounds.high), 1e6, np.inf)
    cheaper = replace(cheaper, bounds=replace(free.bounds, high=high))
    assert simulate(cheaper).flow[0, 2, 0, 1, 2] == pytest.approx(6.0, rel=1e-8)


def test_what_no_discount_places_is_a_shortfall(large: OfferAnswer) -> None:
    assert large.discount.central == pytest.approx(0.7)
    assert large.discount_shortfall.central > 1.0


def test_offer_above_the_capacity_behind_it_falls_short_by_the_rest() -> None:
    found = answer(barred(offer(500.0)), draws=3)
    assert found.discount_shortfall.central > 500 - 0.98 * 75
    assert found.discount_shortfall.p05 > 500 - 0.98 * 75
    assert found.discount.central == pytest.approx(0.7)


def test_small_offer_is_taken_whole_and_binds_in_every_draw_with_a_rent(small: Outcome) -> None:
    (found,) = small.offers
    assert found.binds == 1.0
    for end in ("central", "p05", "p50", "p95"):
        assert getattr(found.taken, end) == pytest.approx(SMALL, rel=1e-9)
    assert sum(part for _, part in found.reasons) == pytest.approx(0.0, abs=1e-8)
    assert found.discount.central <= 0.0
    assert found.discount_shortfall.central == 0.0
    rents = small.summary.query("indicator == 'rent' and year >= 2026")
    assert (rents[["central", "p05", "p50", "p95"]] > 0.0).all(axis=None)


def test_binding_share_counts_draws() -> None:
    between = answer(barred(offer(number(low=1.0, high=12.0))), draws=40)
    assert 0.1 < between.binds < 0.9


def test_quote_and_tier_of_the_volume_are_told() -> None:
    stated = number(SMALL, tier="document", quote="two", written={"value": "2 kt/yr"})
    found = answer(barred(offer(stated)))
    assert found.stated
    assert found.quote == "two"
    assert not answer(barred(offer(SMALL))).stated


def test_offer_that_is_never_in_force_is_not_answered() -> None:
    assert outcome(barred(offer(LARGE, starts=2060))).offers == ()


def test_offer_that_ends_is_answered_for_its_last_year() -> None:
    found = answer(barred(offer(LARGE, ends=2027), last=2028, focus=2028))
    assert (found.year, found.first_year) == (2026, 2026)


def test_offer_of_a_part_of_a_year_offers_a_part() -> None:
    found = answer(barred(offer(10.0, starts=date(2026, 7, 2)), last=2026))
    assert found.offered.central == pytest.approx(10 * 183 / 365)


def test_two_offers_are_answered_apart_and_know_each_other() -> None:
    second = offer(40.0, "more", origins=["A"], destinations=["B"])
    both = outcome(barred(offer(SMALL), second), draws=3)
    assert [found.measure for found in both.offers] == ["sale", "more"]
    assert both.offers[0].taken.central == pytest.approx(SMALL)
    assert 25.0 < both.offers[1].taken.central < 31.0
    assert both.offers[1].suppliers[0].label == "A"
    series = sorted(name for name in both.headline if "taken" in name)
    assert series == ["scenario/taken/more", "scenario/taken/sale"]


def test_ban_that_stays_is_the_whole_reason() -> None:
    found = answer(barred(offer(LARGE), switches=[sanctions()]))
    assert found.taken.central == 0.0
    assert found.reasons == ((CLOSED, LARGE),)
    assert found.discount_shortfall.central == pytest.approx(LARGE)


def test_offer_withdrawn_in_some_draws_is_no_infinite_one() -> None:
    given = barred(offer(LARGE, when=["not sanctions"]), switches=[sanctions(probability=0.4)])
    found = answer(given, draws=30)
    assert found.offered.central == found.offered.p95 == LARGE
    assert found.offered.p05 == found.taken.p05 == 0.0
    assert found.taken.p95 > 2.0


def test_offer_to_several_regions_is_refused() -> None:
    given = barred(offer(LARGE, destinations=["A", "C"]))
    wanted = (
        r"scenarios/sample\.yaml:3:5: measures\.sale: an offer is made by one region to one region, not from B to A, C"
    )
    with pytest.raises(ScenarioError, match=wanted):
        outcome(given)


def test_reasons_do_not_count_draws_but_the_central_run() -> None:
    few, many = answer(barred(offer(LARGE), DUTY)), answer(barred(offer(LARGE), DUTY), draws=5)
    assert few.reasons == many.reasons
    assert few.taken.p05 == few.taken.central == many.taken.central


def test_whole_offer_sells_that_much_below_the_rivals_mean_price() -> None:
    found = answer(barred(offer(6.0), last=2026))
    given = params(barred(offer(6.0), last=2026), barred_baseline(), barred_world())
    low = np.where(np.isfinite(given.bounds.high), given.bounds.high, 0.0)
    placed = simulate(replace(given, bounds=replace(given.bounds, low=low)))
    paid = placed.delivered_price[0, 2, 0, :, 2]
    # A is the only other supplier of C
    assert found.below_rivals.central == pytest.approx(1.0 - paid[1] / paid[0], rel=1e-9)
    assert 0.05 < found.below_rivals.central < found.discount.central


def test_duty_on_the_offering_region_is_a_reason_from_its_first_year_on() -> None:
    own = measure("tariff", "own", origins=["B"], destinations=["C"], starts=2025, numbers={"rate": 0.3})
    found = dict(answer(barred(offer(LARGE), own), draws=0).reasons)
    assert found[REASONS[1]] > 1.0
    first_year = dict(answer(barred(offer(LARGE), own, last=2026), draws=0).reasons)
    assert first_year[REASONS[1]] > 0.5
    elsewhere = replace(own, destinations=("A",))
    assert dict(answer(barred(offer(LARGE), elsewhere)).reasons)[REASONS[1]] == pytest.approx(0.0, abs=1e-6)


def test_without_scarcity_the_offered_tonnes_come_at_the_price_of_the_baseline() -> None:
    given = barred(offer(LARGE))
    free, before = params(given, barred_baseline(), barred_world()), params(barred_baseline(), world=barred_world())
    base = simulate(before)
    (offered,) = offers_in(given, free)
    cases = np.array([[False, False, False], [False, False, True]])
    scarce, plenty = simulate(_without_obstacles(offered, free, base, cases)).producer_price[:, 3, 0, 1]
    price = base.producer_price[0, 3, 0, 1]
    assert scarce > 1.002 * price
    assert plenty == pytest.approx(price, rel=4e-3)
    spare = _without_obstacles(offered, free, base, cases).technology
    assert spare.capacity[:, :, -1].tolist() == [[0, 0, 0, 0], [0, 0, 2 * LARGE, 2 * LARGE]]
