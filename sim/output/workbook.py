"""The tables of a run for people who work with spreadsheets; openpyxl is an optional package."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import pandas as pd

from sim.errors import ScenarioError
from sim.output.facts import RunRecord
from sim.output.indicator_names import indicator_name
from sim.output.tables import DECIMALS, archive_bytes
from sim.output.wording import capital, counts, evidence_sentence, label_of, plain, stated_sentence

NAME = "tables.xlsx"
_CORE = "docProps/core.xml"  # where the clock would come in
_STAMP = re.compile(rb"<dcterms:(created|modified)[^>]*>[^<]*</dcterms:\1>")
_WIDE, _NARROW = 24, 13  # characters: of a column of texts, of numbers
_KEYS = ("good", "region", "partner", "origin", "destination", "indicator", "unit", "tier", "scenario")
Cell = str | float | int | None


def workbook_bytes(record: RunRecord, summary: pd.DataFrame, flows: pd.DataFrame, markets: pd.DataFrame) -> bytes:
    """Sheets: what was run, indicators and flows of the focus year, central numbers by year, markets by year.

    The same tables give the same bytes. Raises ScenarioError where openpyxl is not installed.
    """
    check_installed()
    from openpyxl import Workbook  # noqa: PLC0415 - optional, and slow to load

    book = Workbook(write_only=True)
    facts = record.facts
    at_focus = summary[summary["year"] == facts.focus].drop(columns=["scenario", "year"])
    named = at_focus.assign(indicator=[indicator_name(str(name)).label for name in at_focus["indicator"]])
    sheets = {
        "About": _about(record),
        f"Indicators {facts.focus}": _rows(named, record.labels),
        f"Flows {facts.focus}": _rows(flows[flows["year"] == facts.focus].drop(columns=["year"]), record.labels),
        "By year": _rows(_by_year(summary), record.labels),
        "Markets": _rows(markets, record.labels),
    }
    for title, rows in sheets.items():
        _fill(book, title, rows)
    out = io.BytesIO()
    book.save(out)
    return _without_clock(out.getvalue())


def check_installed() -> None:
    """Raise ScenarioError where openpyxl, an optional package, is not installed."""
    if find_spec("openpyxl") is None:
        raise ScenarioError(f"{NAME} needs the optional packages: make extras")


def _about(record: RunRecord) -> Iterator[Sequence[Cell]]:
    facts = record.facts
    yield "Title", plain(facts.title)
    yield "Question", plain(facts.question)
    yield "Answer", plain(record.lead)
    yield "Scenario", facts.scenario
    yield "Baseline", facts.baseline
    yield "Years", f"{facts.years[0]} to {facts.years[-1]}, focus {facts.focus}"
    yield "Draws", capital(counts(facts))
    yield "Stated", stated_sentence(facts) or "No figure of the documents drives the run."
    yield "Evidence", evidence_sentence(facts)
    yield "Version", facts.version
    yield "Files", "summary.csv, flows.csv and markets.csv beside this file hold all years and percentiles."


def _by_year(summary: pd.DataFrame) -> pd.DataFrame:
    """Central numbers with a column for each year, routes left out."""
    rows = summary[summary["partner"] == ""]
    wide = rows.pivot_table(index=["indicator", "good", "region", "unit"], columns="year", values="central")
    table = wide.reset_index()
    table.columns = pd.Index([str(name) for name in table.columns])
    return table.assign(indicator=[indicator_name(str(name)).label for name in table["indicator"]])


def _rows(table: pd.DataFrame, labels: Mapping[str, str]) -> Iterator[Sequence[Cell]]:
    """The table with its head; regions and goods by their labels, blanks empty."""
    yield [str(name) for name in table.columns]
    columns: list[list[Cell]] = []
    for name in table.columns:
        if name in _KEYS:
            texts = [str(value) for value in table[name]]
            columns.append([label_of(text, labels) if text in labels else plain(text) for text in texts])
        else:
            numbers = table[name].astype(float).round(DECIMALS).tolist()
            columns.append([None if value != value else _number(value) for value in numbers])  # noqa: PLR0124 - NaN
    yield from zip(*columns, strict=True)


def _number(value: float) -> float | int:
    return int(value) if value.is_integer() else value


def _fill(book: object, title: str, rows: Iterator[Sequence[Cell]]) -> None:
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    sheet = book.create_sheet(title)  # type: ignore[attr-defined]
    first = list(next(rows))
    for place, name in enumerate(first, start=1):
        wide = str(name) in _KEYS or title == "About"
        sheet.column_dimensions[get_column_letter(place)].width = _WIDE if wide else _NARROW
    sheet.freeze_panes = "A2" if title != "About" else None
    for row in (first, *rows):
        sheet.append([_as_text(WriteOnlyCell(sheet, value)) if _like_formula(value) else value for value in row])


def _like_formula(value: Cell) -> bool:
    return isinstance(value, str) and value.startswith("=")


def _as_text(cell: Any) -> Any:  # of a library without types
    """The cell as a text: what begins with "=" would be worked out by whoever opens the file."""
    cell.data_type = "s"
    return cell


def _without_clock(content: bytes) -> bytes:
    """The file with fixed dates in place of the time it was written at."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in sorted(archive.namelist())}
    members[_CORE] = _STAMP.sub(b"", members[_CORE])
    return archive_bytes(members)
