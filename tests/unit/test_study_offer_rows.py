from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.study.run import Outcome
from tests.study_samples import barred, number, offer, outcome, sanctions


@pytest.fixture(scope="module")
def found() -> Outcome:
    return outcome(barred(offer(number(20.0, "measures.sale.volume", low=15.0, high=25.0)), last=2028, focus=2027), 8)


def row(found: Outcome, indicator: str, year: int = 2027) -> pd.Series:
    table = found.summary.query("indicator == @indicator and year == @year")
    assert len(table) == 1, indicator
    return table.iloc[0]


def test_take_up_is_the_part_of_what_is_offered_in_every_year_of_the_offer(found: Outcome) -> None:
    table = found.summary.query("indicator == 'offer_take_up'")
    assert table["year"].tolist() == [2026, 2027, 2028]
    assert set(zip(table["good"], table["region"], table["partner"], strict=True)) == {("metal", "C", "sale")}
    answer = found.offers[0]
    told = row(found, "offer_take_up")
    assert told["central"] == pytest.approx(answer.taken.central / answer.offered.central)
    assert told["baseline"] == 0.0
    assert 0 < told["p05"] < told["p95"] <= 1
    offered = row(found, "offer_offered")
    assert (offered["central"], offered["p05"]) == (20.0, pytest.approx(answer.offered.p05))


def test_discount_and_shortfall_are_those_of_the_answer(found: Outcome) -> None:
    answer = found.offers[0]
    for indicator, band in (
        ("offer_discount", answer.discount),
        ("offer_below_rivals", answer.below_rivals),
        ("offer_discount_shortfall", answer.discount_shortfall),
        ("offer_new_output", answer.new_output.change),
    ):
        told = row(found, indicator)
        assert (told["central"], told["p05"], told["p50"], told["p95"]) == pytest.approx(
            (band.central, band.p05, band.p50, band.p95), abs=1e-12
        )
    assert row(found, "offer_discount")["central"] > 0


def test_reasons_add_up_to_what_is_not_taken_and_have_no_percentiles(found: Outcome) -> None:
    names = ("contracts", "duties", "scarcity", "price_and_taste")
    rows = [row(found, f"offer_not_taken_{name}") for name in names]
    whole = row(found, "offer_not_taken")
    assert sum(each["central"] for each in rows) == pytest.approx(whole["central"])
    assert [each["central"] for each in rows] == pytest.approx([tonnes for _, tonnes in found.offers[0].reasons])
    assert all(np.isnan(each["p50"]) for each in rows)
    assert whole["p05"] < whole["p95"]


def test_closed_route_leaves_the_ban_as_the_reason() -> None:
    still = outcome(barred(offer(20.0), name="baseline_with_offer", switches=[sanctions()]))
    told = row(still, "offer_not_taken_ban")
    assert told["central"] == pytest.approx(20.0)
    assert row(still, "offer_take_up")["central"] == 0.0


def test_run_without_an_offer_has_no_rows_of_offers() -> None:
    assert not outcome(barred()).summary["indicator"].str.startswith("offer").any()
