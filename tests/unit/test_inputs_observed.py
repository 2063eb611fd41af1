"""The table of observed outcomes: what is read, and every fault that is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sim.errors import DataError
from sim.inputs.observed import read_before, read_observed
from sim.records.backtest import Observation
from sim.records.world import Good, Region, Source, WorldDefinition

HEADER = "quantity,good,region,partner,year,value,unit,source,note\n"
WORLD = WorldDefinition(
    name="sample",
    year=2024,
    regions=tuple(Region(name=name, label=name, iso3=(name * 3,)) for name in "ABC"),
    goods=(Good(name="metal", label="Metal", unit="content"),),
    groups={},
    sources={},
)
SOURCES = {"customs": Source(key="customs", title="Customs", tier="statistic")}
SOUND = (
    "import_share,metal,C,A,2024,50,%,customs,\n"
    "import_share,metal,C,A,2025,36.6,%,customs,a note\n"
    "flow,metal,C,B,2024,20000,t/yr,customs,\n"
    "flow,metal,C,B,2026,0,kt/yr,customs,\n"
    "supply,metal,,A,2024,0.1,Mt/yr,customs,\n"
    "supply,metal,,A,2025,110,kt/yr,customs,\n"
    "price,metal,World,,2024,1000,USD/t,customs,\n"
    "price,metal,World,,2025,1.2,USD/kg,customs,\n"
    "price,metal,C,B,2024,1000,USD/t,customs,\n"
    "price,metal,C,B,2025,1100,USD/t,customs,\n"
)


def read(folder: Path, rows: str) -> tuple[Observation, ...]:
    path = folder / "episode.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    return read_observed(path, WORLD, SOURCES)


def test_every_quantity_is_read_in_model_units(tmp_path: Path) -> None:
    found = read(tmp_path, SOUND)
    assert [(each.value, each.unit) for each in found] == [
        (0.5, "1"),
        (0.366, "1"),
        (20.0, "kt/yr"),
        (0.0, "kt/yr"),
        (100.0, "kt/yr"),
        (110.0, "kt/yr"),
        (1000.0, "USD/t"),
        (1200.0, "USD/t"),
        (1000.0, "USD/t"),
        (1100.0, "USD/t"),
    ]
    assert found[1].series == ("import_share", "metal", "C", "A")
    assert (found[1].year, found[1].note, found[1].source) == (2025, "a note", "customs")


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("share,metal,C,A,2025,5,%,customs,\n", "episode.csv:12: quantity: no quantity share"),
        ("flow,ore,C,A,2025,5,kt/yr,customs,\n", "episode.csv:12: good: no good ore"),
        ("flow,metal,D,A,2025,5,kt/yr,customs,\n", "episode.csv:12: region: no region D"),
        ("flow,metal,,A,2025,5,kt/yr,customs,\n", "episode.csv:12: region: empty"),
        ("flow,metal,C,E,2025,5,kt/yr,customs,\n", "episode.csv:12: partner: no partner E"),
        ("flow,metal,C,,2025,5,kt/yr,customs,\n", "episode.csv:12: partner: empty"),
        ("flow,metal,C,C,2025,5,kt/yr,customs,\n", "episode.csv:12: partner: C does not import from itself"),
        ("supply,metal,A,A,2025,5,kt/yr,customs,\n", "episode.csv:12: region: a supply has a partner"),
        ("supply,metal,,World,2025,5,kt/yr,customs,\n", "episode.csv:12: partner: no partner World"),
        ("price,metal,World,A,2025,5,USD/t,customs,\n", "episode.csv:12: partner: a price of the World has no partner"),
        ("price,metal,A,,2025,0,USD/t,customs,\n", "episode.csv:12: value: a price above 0 is wanted"),
        ("flow,metal,C,B,25,5,kt/yr,customs,\n", "episode.csv:12: year: '25' is no year"),
        ("flow,metal,C,B,2023,5,kt/yr,customs,\n", "episode.csv:12: year: 2023 is before the benchmark year 2024"),
        ("flow,metal,C,B,2025,-5,kt/yr,customs,\n", "episode.csv:12: value: '-5' is no number of 0 or more"),
        ("flow,metal,C,B,2025,,kt/yr,customs,\n", "episode.csv:12: value: empty"),
        ("flow,metal,C,B,2025,5,lb,customs,\n", "episode.csv:12: unit: no unit lb"),
        ("import_share,metal,C,B,2025,101,%,customs,\n", "episode.csv:12: value: 101 %: a share from 0 to 100 %"),
        ("flow,metal,C,B,2025,5,kt/yr,hearsay,\n", "episode.csv:12: source: no source hearsay"),
        ("flow,metal,C,B,2025,5,kt/yr,,\n", "episode.csv:12: source: empty"),
        ("flow,metal,C,B,2026,5,kt/yr,customs,\n", "episode.csv:12: row: the same as line 5, a second value for 2026"),
        ("flow,metal,A,B,2025,5,kt/yr,customs,\n", "episode.csv:12: year: no row of the benchmark year 2024"),
        ("flow,metal,A,B,2024,5,kt/yr,customs,\n", "episode.csv:12: year: no row after the benchmark year 2024"),
        ("flow,metal,C,B,2025\n", "episode.csv:12: row: 5 fields, wanted 9"),
    ],
)
def test_fault_is_told_with_line_and_column(tmp_path: Path, rows: str, fault: str) -> None:
    with pytest.raises(DataError, match=r"episode\.csv") as told:
        read(tmp_path, SOUND + rows)
    assert fault in str(told.value)
    assert str(told.value).count("\n") == 0


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no quantity") as told:
        read(tmp_path, SOUND + "share,metal,C,A,2025,5,%,customs,\nflow,ore,D,A,2025,x,lb,,\n")
    assert [line.split(": ")[1] for line in str(told.value).split("\n")] == [
        *("quantity", "region", "good", "value", "unit", "source"),
    ]


def test_table_without_rows_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no rows"):
        read(tmp_path, "")


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "episode.csv"
    path.write_text(HEADER.replace(",note", "") + "flow,metal,C,B,2024,5,kt/yr,customs\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"wanted quantity,good,region,partner,year,value,unit,source,note"):
        read_observed(path, WORLD, SOURCES)


PAST_HEADER = "quantity,good,region,partner,years,change,unit,source,note\n"
PAST = (
    "import_share,metal,C,A,1,0.05,1,customs,\n"
    "import_share,metal,C,A,2,0.08,1,customs,\n"
    "price,metal,World,,1,0.2,log,customs,\n"
)


def test_past_of_the_series_is_read_by_number_of_years(tmp_path: Path) -> None:
    observed = read(tmp_path, SOUND)
    (tmp_path / "past.csv").write_text(PAST_HEADER + PAST, encoding="utf-8")
    found = read_before(tmp_path / "past.csv", observed, SOURCES)
    share, price = ("import_share", "metal", "C", "A"), ("price", "metal", "World", "")
    assert found == {(share, 1): 0.05, (share, 2): 0.08, (price, 1): 0.2}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("flow,metal,C,A,1,5,kt/yr,customs,\n", "past.csv:5: row: flow metal C A is not observed in this episode"),
        ("import_share,metal,C,A,0,5,1,customs,\n", "past.csv:5: years: '0' is no number of years from 1 to 99"),
        ("price,metal,World,,2,0.2,USD/t,customs,\n", "past.csv:5: unit: 'USD/t', wanted log"),
        ("price,metal,World,,1,0.3,log,customs,\n", "past.csv:5: row: a second row for price metal World over 1 years"),
        ("price,metal,World,,2,-0.3,log,customs,\n", "past.csv:5: change: '-0.3' is no number of 0 or more"),
        ("price,metal,World,,2,0.3,log,custom,\n", "past.csv:5: source: no source custom; nearest is customs"),
        ("cost,metal,World,,2,0.3,log,customs,\n", "past.csv:5: quantity: no quantity cost"),
    ],
)
def test_faults_of_the_past_are_told(row: str, message: str, tmp_path: Path) -> None:
    observed = read(tmp_path, SOUND)
    (tmp_path / "past.csv").write_text(PAST_HEADER + PAST + row, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(message)):
        read_before(tmp_path / "past.csv", observed, SOURCES)
