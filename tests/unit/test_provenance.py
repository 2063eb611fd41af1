"""A result carries all tiers of its inputs, the weakest first."""

from __future__ import annotations

import pytest

from sim.provenance import TIERS, weakest_first


def test_tiers_come_weakest_first_and_once() -> None:
    assert weakest_first(["statistic", "document", "statistic", "literature"]) == (
        "document",
        "literature",
        "statistic",
    )


def test_all_tiers_keep_their_order_however_they_come() -> None:
    assert weakest_first(reversed(TIERS)) == TIERS


def test_no_inputs_carry_no_tier() -> None:
    assert weakest_first([]) == ()


def test_unknown_tier_is_named() -> None:
    with pytest.raises(ValueError, match="unknown tier 'rumour', one of document, assumption,"):
        weakest_first(["statistic", "rumour"])


def test_a_document_is_weaker_than_an_assumption() -> None:
    assert TIERS.index("document") < TIERS.index("assumption") < TIERS.index("statistic")
