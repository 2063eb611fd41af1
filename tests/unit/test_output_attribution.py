"""The words, tables and figure of an attribution where its parts differ."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

from sim.output.attribution_page import attribution_entry
from sim.output.attribution_text import (
    attribution_answer,
    attribution_files,
    finding,
    input_ends,
    input_name,
    outcome_sentences,
    part_words,
)
from sim.output.plots.attribution import attribution
from sim.output.plots.palette import TIER_COLOURS
from sim.output.plots.style import svg_bytes
from sim.records.attribution import ALONE, IDLE, TOGETHER, Attribution, Input, InputPart, OutcomeParts, Part, TierPart
from sim.records.footing import DIFFERENCE, LEVEL
from sim.records.outcome import Band
from sim.records.sweep import Column
from sim.records.target import Shown
from tests.output_samples import LABELS, facts

BLANK = Part(first=np.nan, first_half=np.nan, total=np.nan, total_half=np.nan)
NONE = Part(first=0.0, first_half=0.0, total=0.0, total_half=0.0)
OFFER = Input(
    name="measures.russian_aluminium_offer.volume",
    tiers=("document", "assumption"),
    unit="kt/yr",
    shown=Shown(factor=1000.0, unit="Mt/yr"),
    low=1500.0,
    high=2400.0,
)
GROWTH = Input(
    name="parameters.demand_growth.aluminium.China",
    tiers=("assumption",),
    unit="1/yr",
    shown=Shown(factor=0.01, unit="%/yr"),
    low=0.00291,
    high=0.01456,
)
TALKS = Input(
    name="switches.us_talks",
    tiers=("assumption",),
    unit="1",
    shown=Shown(factor=1.0, unit=""),
    low=0.0,
    high=1.0,
)
SHARE = replace(GROWTH, name="parameters.reference_share.aluminium.US.Russia", tiers=("derived",))


def part(first: float, half: float = 0.05) -> Part:
    return Part(first=first, first_half=half, total=first + 0.02, total_half=half)


def outcome(**changes: object) -> OutcomeParts:
    """A share that hangs on a figure of the documents, then on growth; a switch stands with others."""
    given = OutcomeParts(
        column=Column(indicator="import_share", good="aluminium", region="US", partner="Russia", year=2030, unit="1"),
        spread=Band(central=0.052, p05=0.01, p50=0.05, p95=0.09),
        deviation=0.02,
        tail=0.09,
        rows=1000,
        dropped=24,
        inputs=(
            InputPart(input=OFFER, fate=ALONE, part=part(0.6), at_low=0.03, at_high=0.07),
            InputPart(input=GROWTH, fate=ALONE, part=part(0.3), at_low=0.06, at_high=0.04),
            InputPart(input=TALKS, fate=TOGETHER, part=BLANK, at_low=0.052, at_high=np.nan),
            InputPart(input=SHARE, fate=IDLE, part=NONE, at_low=0.052, at_high=0.052),
        ),
        others=part(0.01, 0.04),
        tiers=(
            TierPart(tier="document", inputs=1, acting=1, without_range=2, part=part(0.6)),
            TierPart(tier="assumption", inputs=2, acting=2, without_range=0, part=part(0.31)),
            TierPart(tier="derived", inputs=1, acting=0, without_range=0, part=NONE),
        ),
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def found(*outcomes: OutcomeParts, of: str = DIFFERENCE) -> Attribution:
    return Attribution(
        facts=facts(draws=9000),
        of=of,
        base=1024,
        outcomes=outcomes or (outcome(),),
        fixed=(("document", "70 % (us_ban)"), ("statistic", "3")),
    )


@pytest.mark.parametrize(
    ("value", "half", "words"),
    [
        (0.4, 0.05, "40 ± 5 %"),
        (0.4, 0.001, "40 %"),
        (0.02, 0.05, "under 7 %"),
        (-0.02, 0.01, "under 1 %"),
        (-0.02, 0.05, "under 5 %"),
        (0.001, 0.002, "0 %"),
        (0.0, 0.0, "0 %"),
        (0.004, 0.0055, "under 1 %"),
        (0.6, 0.7, "under 100 %"),
        (np.nan, np.nan, "n/a"),
    ],
)
def test_part_whose_interval_is_wider_than_itself_is_told_as_a_bound(value: float, half: float, words: str) -> None:
    assert part_words(value, half) == words


def test_finding_names_number_and_tier() -> None:
    told = finding(found(), outcome(), LABELS)
    assert told == (
        "the change of the share of Russia in the imports of primary aluminium by the United States against the "
        "baseline in 2030 hangs most on Russian aluminium offer, volume (tier document: stated by the documents, not "
        "validated)"
    )
    level = finding(found(of=LEVEL), outcome(), LABELS)
    assert level.startswith(
        "the share of Russia in the imports of primary aluminium by the United States in 2030 hangs"
    )


def test_inputs_whose_intervals_meet_are_not_ranked() -> None:
    near = list(outcome().inputs)
    near[1] = replace(near[1], part=part(0.55))
    told = finding(found(), outcome(inputs=tuple(near)), LABELS)
    assert told.endswith("which the intervals do not tell from Demand growth, China (tier assumption)")


@pytest.mark.parametrize(
    ("given", "name", "ends"),
    [
        (OFFER, "Russian aluminium offer, volume", "1.5 to 2.4 Mt/yr"),
        (GROWTH, "Demand growth, China", "0.291 to 1.46 %/yr"),
        (TALKS, "Switch US talks", "off to on"),
    ],
)
def test_input_is_named_with_its_range(given: Input, name: str, ends: str) -> None:
    assert input_name(given, LABELS, ("aluminium",)) == name
    assert input_ends(given) == ends


def test_answer_says_what_is_left_out_and_what_is_stated() -> None:
    said = " ".join(attribution_answer(found(), LABELS, 100, figure="x.png").split())
    assert "SET takes it as measures.russian_aluminium_offer.volume." in said
    assert "It is 5.2 points in the central run and 1 to 9 points in 90 % of the draws." in said
    assert (
        "Of its variance come 60 ± 5 % from figures of the documents (not validated) and 31 ± 5 % from assumptions "
        "of ours; the rest"
    ) in said
    assert "No figure of the documents" not in said
    assert "24 of 1024 base rows are left out whole" in said
    assert "1 of 4 inputs reach neither run" in said
    assert "however weak it is: 1 of tier document and 1 of tier statistic." in said
    assert "Figures of the documents among them, stated by the documents, not validated: 70 % (us_ban)." in said
    assert "1 others together under 5 % under 7 %" in said
    assert "Stated by the documents, not validated: 2 Mt/yr (russian_aluminium_offer)." in said


def test_tier_of_which_no_input_acts_has_no_part_of_nought() -> None:
    idle = outcome(tiers=tuple(replace(each, acting=0 if each.tier == "document" else 1) for each in outcome().tiers))
    said = " ".join(attribution_answer(found(idle), LABELS, 100, figure="x.png").split())
    assert "Of its variance come 31 ± 5 % from assumptions of ours and 0 % from figures derived" in said
    assert "No figure of the documents that reaches it has a range: none of the variance can be theirs." in said


def test_variance_of_a_few_extreme_draws_is_told() -> None:
    words = "The farthest hundredth of the draws makes 41 % of the variance, of a normal distribution 8 %"
    assert words in " ".join(outcome_sentences(found(), outcome(tail=0.41), LABELS))
    assert "farthest" not in " ".join(outcome_sentences(found(), outcome(tail=0.1), LABELS))


def test_page_has_the_same_words_and_its_mark() -> None:
    entry = attribution_entry(found(), LABELS, "abc")
    assert entry.endswith("Made from scenario abc.\n")
    assert "| Russian aluminium offer, volume | document | 60 ± 5 % | 62 ± 5 % | 1.5 to 2.4 Mt/yr | 3 to 7 |" in entry
    assert "Stated by the documents, not validated" in entry


def test_tables_hold_intervals_and_every_input() -> None:
    files = {name: pd.read_csv(io.BytesIO(content)) for name, content in attribution_files(found()).items()}
    shares = files["attribution.csv"]
    assert shares["input"].tolist() == [OFFER.name, GROWTH.name, TALKS.name, SHARE.name, "others together"]
    assert shares.loc[0, ["first_low", "first", "first_high"]].tolist() == pytest.approx([0.55, 0.6, 0.65])
    assert shares.loc[0, ["tier", "tiers"]].tolist() == ["document", "document assumption"]
    assert shares["fate"].tolist() == ["alone", "alone", "together", "idle", "together"]
    assert files["tornado.csv"]["input"].tolist() == [OFFER.name, GROWTH.name, SHARE.name, TALKS.name]
    assert files["tornado.csv"]["swing"].iloc[0] == pytest.approx(0.04)
    assert files["outcomes.csv"].loc[0, ["rows", "dropped"]].tolist() == [1000, 24]
    assert files["tiers.csv"]["without_range"].tolist() == [2, 0, 0]


def test_bars_have_the_colour_of_their_tier_and_the_length_of_their_part() -> None:
    figure = attribution(found(), outcome(), LABELS)
    bars, tornado, strip = figure.axes
    lengths = [round(patch.get_width(), 6) for patch in bars.patches]
    assert lengths == pytest.approx([62, 60, 32, 30, 3, 1])
    colours = [to_hex(patch.get_facecolor()).upper() for patch in bars.patches[:4]]
    assert colours == [TIER_COLOURS["document"]] * 2 + [TIER_COLOURS["assumption"]] * 2
    ends = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in tornado.patches]
    assert ends == [pytest.approx(pair) for pair in ((5.2, 3.0), (5.2, 7.0), (5.2, 6.0), (5.2, 4.0))]
    assert [round(patch.get_width(), 6) for patch in strip.patches] == [0.6, 0.31]
    assert svg_bytes(figure) == svg_bytes(attribution(found(), outcome(), LABELS))


def test_outcome_that_does_not_vary_has_a_sheet_that_says_so() -> None:
    flat = outcome(deviation=0.0, others=None, tiers=tuple(replace(t, part=BLANK) for t in outcome().tiers))
    figure = attribution(found(flat), flat, LABELS)
    assert figure.axes == []
    assert "does not vary" in str(figure.get_label())
