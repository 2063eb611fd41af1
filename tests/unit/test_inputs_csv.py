"""The CSV reader: what it takes, and how it tells what it does not take."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import DataError
from sim.inputs.csv import LARGEST_FILE, LONGEST_LINE, MOST_LINES, Table, shown_path

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
    with pytest.raises(DataError, match=r"/tonnes\.csv:2: kt: empty, a number wanted$"):
        rows.check()


@pytest.mark.parametrize("cell", ["nan", "inf", "1e5", "-1", "+1", "1_000", '"1,5"', "0x1F", "١٢", "1" * 13, " 1 2"])
def test_what_is_no_plain_number_is_refused_with_its_place(tmp_path: Path, cell: str) -> None:
    rows = table(tmp_path, f"iso3,kt,note\nCAN,1,x\nUSA,{cell},x\n")
    for row in rows:
        row.number("kt")
    with pytest.raises(DataError, match=r"/tonnes\.csv:3: kt: .* is no number of 0 or more"):
        rows.check()


@pytest.mark.parametrize("cell", ["usa", "US", "USAA", "U A", "../"])
def test_what_is_no_country_code_is_refused(tmp_path: Path, cell: str) -> None:
    rows = table(tmp_path, f"iso3,kt,note\n{cell},1,x\n")
    next(iter(rows)).codes("iso3")
    with pytest.raises(DataError, match=r"/tonnes\.csv:2: iso3: .* is no country code"):
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
        ("iso3,kt\nUSA,1\n", r"tonnes\.csv:1: note: columns iso3,kt, wanted iso3,kt,note$"),
        ("iso3,t,note\nUSA,1,\n", r"tonnes\.csv:1: kt: columns iso3,t,note, wanted iso3,kt,note$"),
        ("iso3,kt,note,kt\n", r"tonnes\.csv:1: row: columns iso3,kt,note,kt, wanted"),
        ("iso3;kt;note\nUSA;1;\n", r"tonnes\.csv:1: file: columns are separated by semicolons, commas wanted$"),
        ("iso3\tkt\tnote\nUSA\t1\t\n", r"tonnes\.csv:1: file: columns are separated by tabs, commas wanted$"),
        ("", r"tonnes\.csv:1: file: empty, the columns iso3,kt,note wanted$"),
        ("\niso3,kt,note\n", r"tonnes\.csv:1: row: an empty line$"),
        (b"iso3,kt,note\nUSA,1,\xff\n", r"tonnes\.csv:2: file: byte 0xff is not UTF-8; save the file as UTF-8$"),
        ("iso3,kt,note\n".encode("utf-16"), r"tonnes\.csv:1: file: byte 0xff is not UTF-8"),
        (b"x" * (LARGEST_FILE + 1), r"tonnes\.csv:1: file: larger than"),
        ("iso3,kt,note\n" * (MOST_LINES + 1), rf"tonnes\.csv:1: file: \d+ lines, at most {MOST_LINES} wanted"),
    ],
)
def test_a_file_that_is_no_such_table_is_refused(tmp_path: Path, text: str | bytes, message: str) -> None:
    found = table(tmp_path, text)
    assert not found.sound or "empty line" in message
    assert len(found) == 0
    with pytest.raises(DataError, match=message):
        found.check()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", r"row: an empty line$"),
        (" ", r"row: an empty line$"),
        ('USA,1,"x', r"note: quotes that do not match; around the whole cell, doubled inside it, on one line$"),
        ('"USA"x,1,', r"iso3: quotes that do not match"),
        ("USA,1,x\x00", r"note: character U\+0000 is not accepted \(character 8\)$"),
        ("USA\r,1,x", r"iso3: character U\+000D is not accepted"),
        ("USA,1,\u2028x", r"note: character U\+2028 is not accepted"),
        ("USA,1,\ufeffx", r"note: character U\+FEFF is not accepted"),
        (f"USA,1,{'x' * LONGEST_LINE}", rf"row: \d+ characters in one line, at most {LONGEST_LINE} wanted$"),
        ("USA,1", r"row: 2 fields, wanted 3$"),
        ("USA,1,a, b", r"row: 4 fields, wanted 3; a cell with a comma stands in quotes$"),
        ("USA;1;x", r"row: 1 fields, wanted 3; separated by semicolons$"),
        ("NA,1,x", r"iso3: 'NA' is no country code: three capital letters"),
        ("USA,10000001,x", r"kt: 10000001 is above 10,000,000 kt: a hundred times"),
        ("USA,NaN,x", r"kt: 'NaN' is no number"),
        ("USA,,x", r"kt: empty, a number wanted$"),
    ],
)
def test_a_line_at_fault_is_told_with_its_column_and_the_others_are_read(
    tmp_path: Path, line: str, message: str
) -> None:
    found = table(tmp_path, f"iso3,kt,note\nCAN,1,x\n{line}\nRUS,2,y\n")
    for row in found:
        row.codes("iso3")
        row.number("kt")
    with pytest.raises(DataError, match=rf"^\S+/tonnes\.csv:3: {message}"):
        found.check()
    assert {"CAN", "RUS"} <= {row.cells["iso3"] for row in found}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_the_mark_of_spreadsheets_change_nothing(tmp_path: Path, ends: str, mark: bytes) -> None:
    text = ends.join(["iso3,kt,note", 'USA,1,"a ""b"", c"', "CAN,2,NA"])
    for end in ("", ends):
        found = table(tmp_path, mark + (text + end).encode())
        found.check()
        assert [row.cells["note"] for row in found] == ['a "b", c', "NA"]


def test_no_more_than_a_hundred_faults_are_told(tmp_path: Path) -> None:
    found = table(tmp_path, "iso3,kt,note\n" + "\n" * 150)
    with pytest.raises(DataError, match=r"an empty line\n\.\.\. and 50 more$") as caught:
        found.check()
    assert str(caught.value).count("\n") == 100


def test_missing_file_is_named_without_its_whole_path(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"/gone\.csv:1: file: no such file$") as caught:
        Table(tmp_path / "gone.csv", COLUMNS).check()
    assert str(tmp_path.parent) not in str(caught.value)


def test_files_are_named_from_the_folder_of_scenarios_on() -> None:
    assert shown_path(Path("/a/scenarios/worlds/w/t.csv")) == "scenarios/worlds/w/t.csv"
    assert shown_path(Path("/a/b/t.csv")) == "b/t.csv"
    assert shown_path(Path("t.csv")) == "t.csv"
