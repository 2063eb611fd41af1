"""The disruption atlas in words, as tables and as a figure: the largest expected loss first."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.output.atlas_text import atlas_answer, atlas_files, disruption_words, goods_told, page_tables, told_rows
from sim.output.plots.atlas import losers
from sim.output.wording import money
from sim.study.atlas import Atlas
from tests.figures import beyond, drawn_boxes, overlapping
from tests.output_samples import facts
from tests.unit.test_study_atlas import atlas

LABELS = {"A": "Land A", "B": "Land B", "C": "Land C", "metal": "Metal", "ore": "Ore"}


@pytest.fixture(scope="module")
def found() -> Atlas:
    return atlas()


def test_told_are_importers_that_lose_not_the_world(found: Atlas) -> None:
    rows = told_rows(found, "metal")
    assert goods_told(found) == ["metal"]
    assert set(rows["importer"]) <= {"A", "B", "C"}
    losses = rows["expected_surplus_lost_m_usd"].to_numpy()
    assert (losses > 0).all()
    assert (np.diff(losses) <= 0).all()


def test_answer_begins_with_the_largest_loss_and_keeps_to_the_width(found: Atlas) -> None:
    first = told_rows(found, "metal").iloc[0]
    answer = atlas_answer(found, facts(), 2026, LABELS, 90, "results/x.png")
    row = next(line.split() for line in answer.splitlines() if line.startswith("  Land "))
    assert " ".join(row[:4]) == f"{LABELS[first['exporter']]} {LABELS[first['importer']]}"
    assert row[4] == money(first["expected_surplus_lost_m_usd"])
    assert max(len(line) for line in answer.splitlines()) <= 90
    assert answer.endswith("Open results/x.png\n")


def test_page_has_the_same_disruptions_on_average_and_at_the_largest_cut(found: Atlas) -> None:
    tables = page_tables(found, LABELS)
    expected, full = ([line.split(" | ") for line in tables[name].splitlines()[2:]] for name in ("expected", "full"))
    assert len(expected) == len(full) == len(told_rows(found, "metal"))
    assert [row[:3] for row in expected] == [row[:3] for row in full]
    cells = found.cells.set_index(["exporter", "importer", "cut_percent"])
    first = told_rows(found, "metal").iloc[0]
    cell = cells.loc[(first["exporter"], first["importer"], 100.0)]
    assert f"({cell['price_percent_p05']:.1f} to {cell['price_percent_p95']:.1f})" in full[0][4]


def test_files_hold_every_cell_and_every_rank(found: Atlas) -> None:
    files = atlas_files(found)
    assert files["atlas.csv"].count(b"\n") == 1 + len(found.cells)
    assert files["ranking.csv"].count(b"\n") == 1 + len(found.ranking)


def test_exporter_of_an_earlier_stage_is_named_with_what_it_sells() -> None:
    assert disruption_words("A", "metal", "metal", LABELS) == "Land A"
    assert disruption_words("A", "ore", "metal", LABELS) == "ore from Land A"


def test_figure_has_a_bar_for_each_loss_the_largest_on_top(found: Atlas, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = losers(found, facts(), good="metal", year=2026, labels=LABELS)
    rows = told_rows(found, "metal")
    (panel,) = figure.axes
    bars = sorted(panel.patches, key=lambda bar: -bar.get_y())
    np.testing.assert_allclose([bar.get_width() for bar in bars], rows["expected_surplus_lost_m_usd"])
    first = rows.iloc[0]
    assert f"in {LABELS[first['importer']]} lose most" in figure.get_label()
    boxes = drawn_boxes(figure, monkeypatch)
    assert beyond(figure, boxes) == []
    assert overlapping(boxes) == []


def test_nobody_who_loses_nothing_is_told(found: Atlas) -> None:
    none = replace(found, ranking=found.ranking.assign(expected_surplus_lost_m_usd=0.0))
    assert goods_told(none) == []
    assert page_tables(none, LABELS)["expected"].count("\n") == 2
