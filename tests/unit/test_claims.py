"""The documents' claims beside statistics: the strict file, the computed figures, the differences told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sim.errors import DataError, ScenarioError
from sim.inputs.claims import read_claims
from sim.inputs.world import read_sources
from sim.output.claims_text import claims_page, difference
from sim.records.claims import Answered, AnsweredClaim, Asked, ClaimPage, Span, Statistic
from sim.records.scenario import Scenario
from sim.records.world import Source, World
from sim.study.claims import answer_claims
from sim.study.world import build_world
from tests.shipped import shipped

ROOT = Path(__file__).parents[2]
WORLD = ROOT / "scenarios" / "worlds" / "metals_2024"
ROWS = 20  # of the list of what the documents state
MECHANISMS = {*range(1, 6), *range(7, 13), *range(14, 20)}  # rows that drive the model


def sources_of(_world: str) -> dict[str, Source]:
    return dict(read_sources(WORLD / "sources.yaml"))


@pytest.fixture(scope="module")
def page() -> ClaimPage:
    return read_claims(ROOT / "docs" / "claims.yaml", sources_of)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WORLD, ROOT / ".cache")


@pytest.fixture(scope="module")
def scenarios() -> tuple[Scenario, ...]:
    return shipped()


@pytest.fixture(scope="module")
def answered(page: ClaimPage, world: World, scenarios: tuple[Scenario, ...]) -> tuple[AnsweredClaim, ...]:
    return answer_claims(page, world, WORLD, scenarios)


def beside(answered: tuple[AnsweredClaim, ...], row: int, words: str) -> Answered:
    return next(each for each in answered[row - 1].beside if words in each.what)


def asked(page: ClaimPage, world: World, scenarios: tuple[Scenario, ...], question: Asked) -> Answered:
    claim = replace(page.claims[0], beside=(Statistic(what="it", asked=question),))
    return answer_claims(replace(page, claims=(claim,)), world, WORLD, scenarios)[0].beside[0]


def test_every_row_has_its_place(page: ClaimPage) -> None:
    assert [claim.row for claim in page.claims] == list(range(1, ROWS + 1))
    assert {claim.row for claim in page.claims if claim.mechanism} >= MECHANISMS
    assert all(claim.said and claim.quotes for claim in page.claims)


def test_the_share_of_china_stands_beside_three_counts(answered: tuple[AnsweredClaim, ...]) -> None:
    told = {each.what: each.shown for each in answered[0].beside}
    assert [told[what] for what in told if "by content" in what] == ["70 %", "71 %"]
    assert beside(answered, 1, "balanced").shown == "70 %"
    assert beside(answered, 1, "gross weight").shown == "78 %"
    assert beside(answered, 1, "gross weight").sources == ("baci_re",)
    assert beside(answered, 1, "as the survey prints it").shown == "53 %"
    assert "document" in beside(answered, 1, "balanced").computed


def test_the_offer_stands_beside_what_russia_makes_and_sold(answered: tuple[AnsweredClaim, ...]) -> None:
    text = claims_page(answered, {**sources_of(""), **_own(answered)})
    assert "| Russian output in the base year | 3,880 kt | 0.52 times it |" in text
    assert "| 991 kt | 2.0 times it |" in text
    assert "| 636 kt | 3.1 times it |" in text


def test_the_sum_stands_beside_the_market_and_the_programme(answered: tuple[AnsweredClaim, ...]) -> None:
    market = beside(answered, 7, "oxides and metals").span
    stated = answered[6].claim.span
    assert market is not None
    assert stated is not None
    assert market.low == pytest.approx(344.29 * 14500 / 1e6, rel=1e-3)  # kt and USD/t of the base year
    assert difference(stated, market) == "20 to 200 times it"
    assert difference(stated, beside(answered, 7, "programme").span) == "25 to 250 times it"


def test_a_scenario_is_found_by_name_or_by_the_words_it_quotes(
    page: ClaimPage, world: World, scenarios: tuple[Scenario, ...]
) -> None:
    nameless = replace(page, claims=tuple(replace(claim, scenarios=()) for claim in page.claims))
    found = answer_claims(nameless, world, WORLD, scenarios)
    by_words = {each.scenario: each.carries for each in found[1].exercises}
    assert "measures.russian_aluminium_offer.volume" in by_words["sanctions_lifted"]
    assert found[2].exercises == ()
    named = answer_claims(page, world, WORLD, scenarios)
    assert "sanctions_lifted" in {each.scenario for each in named[2].exercises}


def test_a_scenario_without_a_file_is_left_out(page: ClaimPage, world: World, scenarios: tuple[Scenario, ...]) -> None:
    claim = replace(page.claims[16], scenarios=("nowhere_to_be_found",))
    assert answer_claims(replace(page, claims=(claim,)), world, WORLD, scenarios)[0].exercises == ()


def test_a_number_of_a_scenario_is_shown_as_typed(answered: tuple[AnsweredClaim, ...]) -> None:
    drawn = beside(answered, 7, "as the scenario draws it")
    assert drawn.shown == "100 bn USD to 999 bn USD"
    assert drawn.sources == ("D4",)


@pytest.mark.parametrize(
    ("question", "fault"),
    [
        (Asked(of="number", scenario="nowhere", number="x"), "no scenario 'nowhere'"),
        (Asked(of="number", scenario="baseline", number="x"), "baseline: no number 'x'"),
        (Asked(of="output", good="unobtainium", region="US"), "no good 'unobtainium'"),
        (
            Asked(of="table_share", table="aluminium_trade.csv", column="tons", within={"importer": "USA"}),
            "aluminium_trade.csv: no column tons",
        ),
        (
            Asked(of="table_share", table="aluminium_trade.csv", column="kt", within={"importer": "XXX"}),
            "no row with None among",
        ),
    ],
)
def test_what_cannot_be_computed_is_told(
    page: ClaimPage, world: World, scenarios: tuple[Scenario, ...], question: Asked, fault: str
) -> None:
    with pytest.raises(DataError, match=re.escape(fault)):
        asked(page, world, scenarios, question)


@pytest.mark.parametrize(
    ("stated", "found", "told"),
    [
        (Span(low=70, high=70, unit="%"), Span(low=70.2, high=70.2, unit="%"), "the same"),
        (Span(low=70, high=70, unit="%"), Span(low=71, high=71, unit="%"), "1 point lower"),
        (Span(low=70, high=70, unit="%"), Span(low=53, high=53, unit="%"), "17 points higher"),
        (Span(low=20, high=20, unit="%"), Span(low=18, high=20, unit="%"), "0 to 2 points higher"),
        (Span(low=20, high=20, unit="%"), Span(low=18, high=25, unit="%"), "5 points lower to 2 higher"),
        (Span(low=2000, high=2000, unit="kt"), Span(low=4000, high=4000, unit="kt"), "0.50 times it"),
        (Span(low=2000, high=2000, unit="kt"), Span(low=0, high=0, unit="kt"), "the figure is nought"),
        (Span(low=2000, high=2000, unit="kt"), Span(low=5, high=5, unit="bn USD"), ""),
        (Span(low=2000, high=2000, unit="kt"), None, ""),
    ],
)
def test_differences_are_told(stated: Span, found: Span | None, told: str) -> None:
    assert difference(stated, found) == told


def test_page_says_what_nobody_validated_and_links_every_source(answered: tuple[AnsweredClaim, ...]) -> None:
    text = claims_page(answered, {**sources_of(""), **_own(answered)})
    assert "stated by the documents, not validated" in text
    linked = set(re.findall(r"\]\(#source-([a-z0-9-]+)\)", text))
    assert linked == set(re.findall(r'<a id="source-([a-z0-9-]+)">', text))
    assert {f"D{i}".lower() for i in range(5)} <= linked


VALID = """
world: metals_2024
sources:
  a_book: {title: A book, tier: literature}
claims:
  - row: 1
    heading: A row
    stated: Something
    quotes: {D0: etwas}
    mechanism: A switch
    scenarios: [baseline]
    figure: {value: 5, unit: kt}
    beside:
      - {what: a figure, figure: {value: 4, unit: kt}, source: a_book}
    said: No figure here
"""


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("source: a_book", "source: hearsay", "row 1: no source 'hearsay'"),
        ("source: a_book", "text: both", "one of figure, text and asked"),
        (", source: a_book", "", "a source stands beside what is typed"),
        ("{D0: etwas}", "{a_book: etwas}", "'a_book' is no document"),
        ("No figure here", "It is 5", "said holds a figure"),
        ("row: 1", "row: 2", "rows [2], wanted 1 to 1"),
        ("mechanism: A switch", "mechanism: ''", "scenarios without a mechanism"),
        ("a_book: {title", "baci_re: {title", "the world has a source of that name"),
        ("a_book: {title: A book, tier: literature}", "b: {title: B, tier: literature}", "sources.b: nothing cites it"),
        ("value: 5, unit: kt", "value: 5, low: 4, unit: kt", "either value or low and high"),
        ("value: 5, unit: kt", "low: 5, high: 4, unit: kt", "low is not below high"),
        ("value: 5, unit: kt", "value: 5, unit: knots", "Input should be"),
        ("said: No", "sayd: No", "sayd"),
    ],
)
def test_faults_of_the_file_are_told(tmp_path: Path, old: str, new: str, fault: str) -> None:
    path = tmp_path / "claims.yaml"
    path.write_text(VALID, encoding="utf-8")
    assert read_claims(path, sources_of).claims[0].span == Span(low=5.0, high=5.0, unit="kt")
    assert old in VALID
    path.write_text(VALID.replace(old, new, 1), encoding="utf-8")
    with pytest.raises((DataError, ScenarioError), match=re.escape(fault)):
        read_claims(path, sources_of)


def _own(answered: tuple[AnsweredClaim, ...]) -> dict[str, Source]:
    assert answered
    return dict(read_claims(ROOT / "docs" / "claims.yaml", sources_of).sources)


def test_every_mechanism_is_exercised_by_a_scenario_that_exists(answered: tuple[AnsweredClaim, ...]) -> None:
    assert [found.claim.row for found in answered if found.claim.mechanism and not found.exercises] == []
    shown = {each.scenario for found in answered for each in found.exercises}
    assert {name for found in answered for name in found.claim.scenarios} - shown == set()
