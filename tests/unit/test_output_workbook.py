from __future__ import annotations

import io
import time

import pandas as pd
import pytest

from sim.errors import ScenarioError
from sim.output import workbook
from sim.output.facts import RunRecord
from sim.output.workbook import workbook_bytes
from tests import output_samples as samples

openpyxl = pytest.importorskip("openpyxl")


def content(title: str = "Title") -> bytes:
    record = RunRecord(
        facts=samples.facts(title=title, years=(2024, samples.FOCUS)),
        labels=samples.LABELS,
        lead="It would.",
        inputs={},
        baseline_inputs={},
    )
    table = samples.summary(regions=("US", "China", "Russia", "Canada"))
    flows = samples.flows(regions=("US", "China", "Russia", "Canada"))
    markets = pd.DataFrame({"year": [2036], "good": ["aluminium"], "region": ["US"], "central_production_kt": [700.5]})
    found = workbook_bytes(record, table, flows, markets)
    assert found is not None
    return found


def test_sheets_hold_the_numbers_of_the_tables() -> None:
    book = openpyxl.load_workbook(io.BytesIO(content()))
    assert book.sheetnames == ["About", "Indicators 2036", "Flows 2036", "By year", "Markets"]
    assert [cell.value for cell in book["Markets"][2]] == [2036, "Primary aluminium", "United States", 700.5]
    rows = list(book["Indicators 2036"].values)
    table = samples.summary(regions=("US", "China", "Russia", "Canada"))
    assert len(rows) == 1 + (table["year"] == samples.FOCUS).sum()
    by_year = list(book["By year"].values)
    assert by_year[0][:5] == ("indicator", "good", "region", "unit", "2024")


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    book = openpyxl.load_workbook(io.BytesIO(content('=HYPERLINK("http://a","b")')))
    cell = book["About"]["B1"]
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://a","b")')


def test_file_has_the_same_bytes_whenever_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    first = content()
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(2e9))
    assert content() == first
    assert b"2026" not in first or b"dcterms" not in first


def test_without_the_package_it_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "find_spec", lambda _: None)
    with pytest.raises(ScenarioError, match=r"tables.xlsx needs the optional packages: make extras"):
        workbook_bytes(None, None, None, None)  # type: ignore[arg-type]
