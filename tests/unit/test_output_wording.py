from __future__ import annotations

import pytest

from sim.output.wording import (
    counts,
    good_of,
    label_of,
    money,
    number,
    part_of,
    percent,
    plain,
    stated_sentence,
    the,
    tonnes,
)
from tests import output_samples as samples


@pytest.mark.parametrize(
    ("value", "decimals", "sign", "told"),
    [
        (-0.0004, 1, True, "0.0"),
        (-0.4, 0, False, "0"),
        (1234567.8, 0, False, "1,234,568"),
        (0.26, 1, True, "+0.3"),
        (-0.26, 1, True, "-0.3"),
        (float("nan"), 1, True, "n/a"),
        (float("inf"), 0, False, "n/a"),
        (12345.0, -1, False, "12,340"),
    ],
)
def test_number_is_rounded_and_never_minus_nought(value: float, decimals: int, sign: bool, told: str) -> None:
    assert number(value, decimals, sign=sign) == told


def test_small_numbers_keep_a_decimal_and_nothing_is_a_bare_nought() -> None:
    assert [tonnes(value) for value in (0.0, -0.04, 0.06, 9.94, 9.96, 252.3)] == ["0", "0", "0.1", "9.9", "10", "252"]
    assert [percent(share) for share in (0.0, 0.004, 0.1049, 1.0)] == ["0", "0.4", "10", "100"]
    assert money(-3.04, sign=True) == "-3.0"
    assert money(12344.0) == "12,340"


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (252.0, 2000.0, "0.3 of the 2.0 Mt"),
        (12.0, 2000.0, "12 of the 2,000 kt"),
        (3.2, 2000.0, "3.2 of the 2,000.0 kt"),
        (0.0, 2000.0, "none of the 2.0 Mt"),
        (-3.0, 2000.0, "none of the 2.0 Mt"),
        (1999.0, 2000.0, "the whole 2.0 Mt"),
        (4.0, 10.0, "4.0 of the 10.0 kt"),
        (0.0, 0.0, "none of the 0.0 kt"),
    ],
)
def test_part_of_a_volume_is_told_in_one_unit(part: float, whole: float, told: str) -> None:
    assert part_of(part, whole) == told


def test_labels_stand_in_sentences() -> None:
    assert the("United States") == "the United States"
    assert the("Rest of the world") == "the rest of the world"
    assert the("Gulf states") == "the Gulf states"
    assert the("Russia") == "Russia"
    assert the("EUrope") == "EUrope"
    assert label_of("South_Africa", {}) == "South Africa"
    assert good_of("aluminium", samples.LABELS) == "primary aluminium"
    assert good_of("ndpr", {"ndpr": "NdPr oxide"}) == "ndPr oxide"


def test_control_characters_do_not_reach_the_terminal() -> None:
    assert plain("a\x1b[31mb\n\tc\u202e") == "a [31mb c"


def test_counts_tell_what_was_solved() -> None:
    assert counts(samples.facts()) == "254 of 256 draws solved, 1 infeasible, 1 failed"
    assert counts(samples.facts(draws=0)) == "central run only, no draws"


def test_stated_figures_are_called_not_validated() -> None:
    told = "Stated by the documents, not validated: 2 Mt/yr (russian_aluminium_offer)."
    assert stated_sentence(samples.facts()) == told
    assert stated_sentence(samples.facts(stated=())) == ""


def test_draws_behind_the_bands_of_tables_are_told_where_they_are_not_all() -> None:
    assert counts(samples.facts()).endswith("failed")
    many = samples.facts(draws=10_000, solved=10_000, infeasible=0, failed=0, table_draws=2048)
    assert counts(many).endswith("0 failed; bands of indicators and flows: of the first 2048")
