"""The CSV reader: what it takes, and how it tells what it does not take."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import DataError
from sim.inputs.csv import LARGEST_FILE, Table

COLUMNS = ("iso3", "kt", "note")


def table(folder: Path, text: str | bytes) -> Table:
    path = folder / "tonnes.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return Table(path, COLUMNS)


def test_cells_come_back_as_codes_numbers_and_text(tmp_path: Path) -> None:
    row = next(iter(table(tmp_path, 'iso3,kt,note\nUSA CAN,12.5,"a, b"\n')))
    assert row.codes("iso3") == ("USA", "CAN")
    assert row.number("kt") == 12.5
    assert row.text("note") == "a, b"


def test_empty_number_is_none_only_where_that_is_allowed(tmp_path: Path) -> None:
    rows = table(tmp_path, "iso3,kt,note\nUSA,,x\n")
    row = next(iter(rows))
    assert row.optional_number("kt") is None
    row.number("kt")
    with pytest.raises(DataError, match=r"^tonnes\.csv:2: kt: empty, a number wanted$"):
        rows.check()


@pytest.mark.parametrize("cell", ["nan", "inf", "1e5", "-1", "+1", "1_000", '"1,5"', "0x1F", "١٢", "1" * 13, " 1 2"])
def test_what_is_no_plain_number_is_refused_with_its_place(tmp_path: Path, cell: str) -> None:
    rows = table(tmp_path, f"iso3,kt,note\nCAN,1,x\nUSA,{cell},x\n")
    for row in rows:
        row.number("kt")
    with pytest.raises(DataError, match=r"^tonnes\.csv:3: kt: .* is no number of 0 or more"):
        rows.check()


@pytest.mark.parametrize("cell", ["usa", "US", "USAA", "U A", "../"])
def test_what_is_no_country_code_is_refused(tmp_path: Path, cell: str) -> None:
    rows = table(tmp_path, f"iso3,kt,note\n{cell},1,x\n")
    next(iter(rows)).codes("iso3")
    with pytest.raises(DataError, match=r"^tonnes\.csv:2: iso3: .* is no country code"):
        rows.check()


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    rows = table(tmp_path, "iso3,kt,note\nUSA,x,\nUSA USA,1,y\nCAN,1\n")
    for row in rows:
        row.codes("iso3")
        row.number("kt")
        row.text("note")
    with pytest.raises(DataError, match=r":2: kt: ") as caught:
        rows.check()
    told = str(caught.value)
    assert ":4: row: 2 fields, wanted 3" in told
    assert ":2: note: empty" in told
    assert ":3: iso3: a country twice" in told


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("iso3,kt\nUSA,1\n", r"tonnes\.csv:1: columns iso3,kt, wanted iso3,kt,note"),
        ("", r"tonnes\.csv:1: columns , wanted"),
        (b"iso3,kt,note\nUSA,1,\xff\n", "not UTF-8 at byte 19"),
        ('iso3,kt,note\nUSA,1,"x\n', "unexpected end of data"),
        (b"x" * (LARGEST_FILE + 1), "larger than"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        table(tmp_path, text)


def test_missing_file_is_named_without_its_whole_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"^gone\.csv: no such file in ") as caught:
        Table(tmp_path / "gone.csv", COLUMNS)
    assert str(tmp_path.parent) not in str(caught.value)
