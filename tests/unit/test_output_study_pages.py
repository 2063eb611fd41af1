"""Pages of sweeps, goal seeks and attributions, and where the page over all results lists them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim.errors import DataError
from sim.output.atlas_text import atlas_blocks
from sim.output.attribution_text import attribution_blocks, attribution_lead, attribution_question
from sim.output.facts import FACTS_NAME, StudyRecord, facts_bytes, read_facts, read_study
from sim.output.page.attribution import attribution_tables
from sim.output.page.index import StudyEntry, index_page
from sim.output.page.inputs import inputs_table
from sim.output.page.study import DEGRADED_WORDS, study_page
from sim.output.page.sweep import MOST_ROWS, atlas_tables, sweep_tables
from sim.output.page.table import Table
from sim.output.page.target import MOST_DRAWS, target_tables
from sim.output.plots.sweep import finding
from sim.output.sweep_text import (
    central_notes,
    extremes,
    responses,
    sweep_answer,
    sweep_blocks,
    sweep_lead,
    sweep_question,
)
from sim.output.target_text import target_answer, target_blocks, target_question
from sim.records.outcome import RunFacts
from sim.records.sweep import Axis, Column, Point
from sim.study.atlas import AXES
from sim.study.sweep import PointAnswer
from tests.output_samples import LABELS, facts
from tests.unit import test_output_attribution as parts
from tests.unit import test_output_target as goal
from tests.unit.test_output_page import HOSTILE, Page
from tests.unit.test_study_atlas import atlas

SHARE = Column(indicator="import_share", good="aluminium", region="US", partner="Russia", year=2030, unit="1")
SOLVED = "254 of 256 draws solved, 1 infeasible, 1 failed"
AXIS = (Axis(label="Offer", unit="Mt/yr", numeric=True), Axis(label="Sanctions", unit="", numeric=False))


def answer(share: float, **changes: object) -> PointAnswer:
    """A point at which a share of 2 % in the baseline becomes ``share``, give or take a point."""
    row = {"baseline": 0.02, "central": share, "p05": share - 0.01, "p50": share, "p95": share + 0.01}
    row |= {f"difference{end}": row[name] - 0.02 for name, end in (("central", ""), ("p05", "_p05"), ("p95", "_p95"))}
    row |= {"mean": share, "difference_p50": share - 0.02, "difference_mean": share - 0.02}
    about = {name: [getattr(SHARE, name)] for name in ("indicator", "good", "region", "partner", "year", "unit")}
    given = PointAnswer(
        columns=(SHARE,),
        rows=pd.DataFrame(about | {name: [value] for name, value in row.items()}),
        central="solved",
        solved=3,
        infeasible=0,
        failed=0,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def points(count: int = 4, word: str = "{off_from: 2028}") -> list[Point]:
    return [
        Point(
            scenario="sanctions_lifted",
            settings=f"volume={1 + i // 2} Mt/yr",
            baseline_settings="",
            words=(f"{1 + i // 2} Mt/yr", word if i % 2 else "on"),
            numbers=(1.0 + i // 2, np.nan),
        )
        for i in range(count)
    ]


ANSWERS = [answer(0.04), answer(0.04001), answer(0.08, failed=1, solved=2), answer(0.05, central="infeasible")]


def record(told: RunFacts | None = None, **changes: object) -> StudyRecord:
    given = StudyRecord(facts=told or facts(), asks="What does it matter?", lead="It matters.")
    return replace(given, **changes)  # type: ignore[arg-type]


def page_of(
    blocks: Sequence[Sequence[str]], tables: Sequence[Table], told: StudyRecord | None = None, *, degraded: bool = False
) -> Page:
    content = study_page(told or record(), blocks, (), tables, seed=7, degraded=degraded)
    assert not any(address in content for address in (b"http:", b"https:", b"@import", b"<link", b"<img", b"<iframe"))
    return Page(content)


def sweep_page(labels: dict[str, str], told: RunFacts, axes: tuple[Axis, ...], word: str) -> Page:
    found = sweep_blocks(told, axes, points(word=word), ANSWERS, labels, 88, worded=True)
    asked = replace(record(told), asks=sweep_question(told, axes, responses(ANSWERS, 2030), labels))
    return page_of(found, sweep_tables(axes, points(word=word), ANSWERS, 2030, labels, banded=True), asked)


def target_page(labels: dict[str, str], told: RunFacts, path: str) -> Page:
    found = replace(goal.found(path=path), facts=told)
    tables = [*target_tables(found, labels), inputs_table({}, {path: (path, path, path)}, also=(path,))]
    asked = record(told, asks=target_question(found, labels))
    return page_of(target_blocks(found, labels, 88, check=(path, 0.5)), tables, asked)


def attribution_page(labels: dict[str, str], told: RunFacts) -> Page:
    found = replace(parts.found(), facts=told)
    asked = record(told, asks=attribution_question(found, labels))
    return page_of(attribution_blocks(found, labels, 88), attribution_tables(found, labels), asked)


def cells(table: Table) -> dict[str, list[str]]:
    return {column.label: [row[i] for row in table.rows] for i, column in enumerate(table.columns)}


# sweeps


def test_sweep_tables_hold_level_and_paired_change_in_the_unit_of_the_answer() -> None:
    share, about = sweep_tables(AXIS, points(), ANSWERS, 2030, LABELS, banded=True)
    told = cells(share)
    assert share.title.endswith("in 2030, %")
    assert told["Offer, Mt/yr"] == ["1", "1", "2", "2"]
    assert told["Sanctions"] == ["on", "off from 2028", "on", "off from 2028"]
    assert told["Baseline"] == ["2.0"] * 4
    assert told["Central run"] == ["4.0", "4.0", "8.0", "5.0"]
    assert told["Change"] == ["+2.0", "+2.0", "+6.0", "+3.0"]
    assert (told["p05"][2], told["Change, p95"][2]) == ("7.0", "+7.0")
    assert "A change of a share is in points" in share.note
    went = cells(about)
    assert (went["Failed"], went["Central run"][3]) == (["0", "0", "1", "0"], "infeasible")
    assert went["As SET takes it"][0] == "volume=1 Mt/yr"
    assert "Scenario" not in went  # the same at all points
    assert "2 of 4 points have a draw or a central run that is not solved" in about.note
    alone = cells(sweep_tables(AXIS, points(), ANSWERS, 2030, LABELS, banded=False)[0])
    assert not {"p05", "Change, p05"} & set(alone)


def test_points_at_fault_are_shown_where_there_are_more_than_a_page_holds() -> None:
    many = [answer(0.03)] * (MOST_ROWS + 50) + [answer(0.03, failed=2)]
    shown = cells(sweep_tables(AXIS, points(len(many)), many, 2030, LABELS, banded=True)[1])
    assert len(shown["Point"]) == MOST_ROWS
    assert shown["Point"][-1] == str(len(many))


def test_ends_of_a_sweep_are_the_first_points_that_are_printed_so() -> None:
    (share,) = responses([answer(0.04001), answer(0.04), answer(0.08), answer(0.08001)], 2030)
    words = [("1", "on"), ("1", "off"), ("2", "on"), ("2", "off")]
    assert share.ends == (0, 2)
    assert "from 4.0 % (1, on) to 8.0 % (2, on)" in finding(share, words, LABELS)
    told = extremes(share, AXIS, points(), LABELS)
    assert told.endswith("least 4.0 at Offer 1 Mt/yr, Sanctions on; largest 8.0 at Offer 2 Mt/yr, Sanctions on.")


@pytest.mark.parametrize(
    ("values", "words"), [((0.04,), "4.0 in the central run."), ((0.04, 0.04), ": 4.0 at every point.")]
)
def test_sweep_without_ends_is_told_otherwise(values: tuple[float, ...], words: str) -> None:
    (share,) = responses([answer(value) for value in values], 2030)
    assert extremes(share, AXIS, points(len(values)), LABELS).endswith(words)


def test_answer_of_a_sweep_begins_with_words_on_its_page_only() -> None:
    lead = sweep_lead(responses(ANSWERS, 2030), AXIS, points(), LABELS)
    blocks = sweep_blocks(facts(), AXIS, points(), ANSWERS, LABELS, 88, worded=True)
    assert " ".join(blocks[1]) == lead
    assert any(line.startswith("  ") for line in blocks[2])
    assert lead not in " ".join(sweep_answer(facts(), AXIS, points(), ANSWERS, LABELS, 88, "x").split())
    many = [answer(0.02 + 0.001 * i) for i in range(40)]
    plain = [replace(point, words=point.words[:1], numbers=point.numbers[:1]) for point in points(40)]
    text = [" ".join(block) for block in sweep_blocks(facts(), AXIS[:1], plain, many, LABELS, 88, worded=True)]
    assert len([block for block in text if "least" in block]) == 1


def test_question_of_a_sweep_that_asks_none_is_made_from_its_axes() -> None:
    silent = facts(question="")
    asked = sweep_question(silent, AXIS, responses(ANSWERS, 2030), LABELS)
    assert asked.startswith("How do these depend on Offer and Sanctions: the share of Russia in the imports")
    assert sweep_question(silent, (), responses(ANSWERS, 2030), LABELS) == ""
    assert sweep_question(facts(question="Why?"), AXIS, (), LABELS) == "Why?"


def test_atlas_tables_hold_the_ranking_and_the_largest_cut() -> None:
    found = atlas()
    cuts = [
        Point(scenario="baseline", settings="", baseline_settings="", words=("metal", "A", f"{cut} %"), numbers=numbers)
        for cut, numbers in ((50, (np.nan, np.nan, 50.0)), (100, (np.nan, np.nan, 100.0)))
    ]
    went = [answer(0.04), answer(0.04, central="infeasible")]
    expected, full, about = atlas_tables(found, AXES, cuts, went, {"metal": "Metal"})
    assert [column.numeric for column in expected.columns] == [False] * 3 + [True] * 4
    first = found.ranking[found.ranking["importer"] != "World"].iloc[0]
    assert cells(expected)["In"][0] == first["importer"]
    assert cells(expected)["Price, %"][0] == f"{first['expected_price_percent']:+.1f}"
    assert cells(full)["Price, % (5 to 95 %)"][0].startswith(f"{first['price_percent_at_largest_cut']:+.1f} (")
    assert about.rows == [["2", "Metal", "A", "100", "infeasible", "3", "0", "0"]]
    assert atlas_tables(found, AXES, cuts, [answer(0.04)] * 2, {})[2].rows == []
    (note,) = central_notes(went)
    assert note == "The central run of point 2 has no equilibrium."
    blocks = atlas_blocks(found, facts(), 2026, {}, 88, more=[note])
    assert note in " ".join(blocks[-1])
    assert central_notes([answer(0.04)]) == []


# goal seeks


def test_target_tables_hold_response_and_what_became_of_the_draws() -> None:
    response, outcomes, draws = target_tables(goal.found(), LABELS)
    told = cells(response)
    assert told["Capacity, kt/yr"] == ["0", "5", "10", "15", "20"]
    assert told["Central run"] == ["60", "55", "50", "45", "40"]
    assert told["Goal met, % of draws"] == ["20", "20", "40", "60", "80"]
    assert response.note.startswith("The goal: at most 50 %.")
    assert cells(outcomes)["Draws"] == ["3", "1", "1", "0"]
    assert cells(outcomes)["% of them"] == ["60", "20", "20", "0"]
    assert cells(draws)["Turns at, kt/yr"] == ["10", "", "10", "14", "7", ""]
    assert cells(draws)["Goal met"] == ["no", "yes", "no", "no", "yes", "no"]


def test_target_page_lists_the_first_of_many_draws_and_none_of_a_central_run() -> None:
    one = goal.found()
    many = {
        name: np.concatenate([getattr(one, name)] * 40)
        for name in ("present", "at_present", "outcome", "solution", "met_above", "jumps", "turns")
    }
    found = replace(one, facts=facts(draws=239, solved=239), **many)
    assert len(target_tables(found, LABELS)[2].rows) == MOST_DRAWS + 1
    alone = replace(one, facts=facts(draws=0, solved=0))
    (response,) = target_tables(alone, LABELS)
    assert [column.label for column in response.columns] == ["Capacity, kt/yr", "Central run"]


def test_words_of_a_target_are_those_of_its_page() -> None:
    found = goal.found()
    blocks = target_blocks(found, LABELS, 100, check=None)
    said = target_answer(found, LABELS, 100, check=None, figure="x.png")
    assert said == "\n\n".join("\n".join(block) for block in blocks) + "\n\nOpen x.png\n"
    assert target_question(found, LABELS).startswith("At which value of measures.plant.capacity is the share of China")


def test_varied_number_stands_first_among_the_inputs_with_its_credit() -> None:
    before = {"a": ("1", "usitc", "b.yaml:1"), "z": ("3", "assumption", "b.yaml:2")}
    after = {"a": ("2", "usitc", "a.yaml:1"), "z": ("3", "assumption", "b.yaml:2")}
    told = cells(inputs_table(before, after, also=("z",)))
    assert (told["Input"], told["Scenario"]) == (["z", "a"], ["3", "2"])
    assert told["File and line"] == ["b.yaml:2", "a.yaml:1"]


# attributions


def test_attribution_tables_hold_parts_tiers_and_swings() -> None:
    inputs, tiers, swings = attribution_tables(parts.found(), LABELS)
    told = cells(inputs)
    assert told["Input"] == ["Russian aluminium offer, volume", "Demand growth, China", "1 others together"]
    assert told["Tier"][0] == "document (stated by the documents, not validated)"
    assert told["Alone"] == ["60 ± 5 %", "30 ± 5 %", "under 5 %"]
    assert cells(tiers)["Numbers without one"] == ["2", "0", "0"]
    assert cells(swings)["Swing"] == ["4", "-2", "0", "n/a"]
    assert swings.title.endswith("while one input alone goes, points")
    flat = parts.outcome(deviation=0.0, others=None)
    assert len(attribution_tables(parts.found(flat), LABELS)) == 1


def test_lead_of_an_attribution_says_what_each_outcome_hangs_on() -> None:
    lead = attribution_lead(parts.found(), LABELS)
    assert lead.startswith("The change of the share of Russia")
    assert "hangs most on Russian aluminium offer, volume (tier document: stated by the documents, not valid" in lead


# what all pages share


def test_page_tells_question_facts_stated_figures_and_evidence() -> None:
    text = page_of([["Title"], ["It matters."]], []).text
    assert "What does it matter?" in text
    assert SOLVED in text
    assert "seed 7." in text
    assert "Stated by the documents, not validated: 2 Mt/yr (russian_aluminium_offer)." in text
    assert "Evidence, weakest first: " in text
    assert DEGRADED_WORDS not in text
    assert DEGRADED_WORDS in page_of([["Title"]], [], degraded=True).text


def test_hostile_texts_of_studies_come_out_as_texts() -> None:
    labels = {**LABELS, "US": HOSTILE, "aluminium": HOSTILE}
    told = facts(title=HOSTILE, question=HOSTILE, stated=(HOSTILE,), scenario=HOSTILE, cautions=(("x", HOSTILE),))
    axes = (replace(AXIS[0], label=HOSTILE, unit=HOSTILE), replace(AXIS[1], label=HOSTILE))
    for page in (
        sweep_page(labels, told, axes, HOSTILE),
        target_page(labels, replace(told, draws=5), HOSTILE),
        attribution_page(labels, told),
    ):
        assert len(page.all_of("script")) == len(page.all_of("style")) == 1
        assert page.all_of("img") == []
        assert page.text.count(HOSTILE) > 5
        names = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(names) == len(set(names))


def test_study_is_listed_under_its_heading_with_question_draws_and_seed() -> None:
    told = record(facts(title=HOSTILE))
    whole = StudyEntry(name="a+b", link="_sweep/a%2Bb/report.html", record=told, status="complete", seed=7)
    degraded = replace(whole, name="c", status="degraded")
    broken = StudyEntry(name="d", link="", fault="results/_sweep/d: no manifest.json")
    page = Page(
        index_page([], {"Comparisons": (), "Sweeps": (whole, degraded, broken)}, [("_x/y", "_x/y/report.html")])
    )
    assert page.text.count("What does it matter?") == 2
    assert f"{SOLVED}, seed 7; against baseline" in page.text
    assert page.text.count(DEGRADED_WORDS) == 1
    assert "results/_sweep/d: no manifest.json" in page.text
    assert "Comparisons" not in page.text
    assert {each["href"] for each in page.all_of("a")} >= {"_sweep/a%2Bb/report.html", "_x/y/report.html"}
    assert page.all_of("img") == []
    assert HOSTILE in page.text


def test_record_of_a_study_comes_back_and_others_are_refused(tmp_path: Path) -> None:
    (tmp_path / FACTS_NAME).write_bytes(facts_bytes(record()))
    assert asdict(read_study(tmp_path)) == asdict(record())
    with pytest.raises(DataError, match="not what a run of this version writes"):
        read_facts(tmp_path)
    content = json.loads(facts_bytes(record()))
    for text in (json.dumps({"facts": content["facts"]}), "[]", "", json.dumps(content | {"facts": 3})):
        (tmp_path / FACTS_NAME).write_text(text)
        with pytest.raises(DataError, match=r"facts\.json: not what"):
            read_study(tmp_path)
