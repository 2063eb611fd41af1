"""Records in gross weight: what is dropped, what is another stage, and what a tonne holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.benchmark.complete import complete_trade
from sim.benchmark.screen import screen_records
from sim.errors import DataError
from sim.records.statistics import ContentClass, GoodStatistics, HomeUse, Screening, Stage, TradeRecord
from tests.benchmark_samples import statistics


def record(route: str, unit_value: float, code: str = "10", gross: float = 10.0) -> TradeRecord:
    return TradeRecord(
        exporter=route[0] * 3, importer=route[1] * 3, code=code, gross_kt=gross, unit_value=unit_value, source="s"
    )


def stage(good: str, below: float = np.inf) -> Stage:
    return Stage(
        exporters=("AAA",),
        importers=("BBB",),
        code="10",
        below=below,
        good=good,
        content=0.5,
        reason="raw",
        source="s",
    )


def screened(*records: TradeRecord, listed: bool = False, stages: tuple[Stage, ...] = ()) -> GoodStatistics:
    rules = Screening(
        lowest_unit_value=0.2,
        takes_listed=listed,
        stages=stages,
        contents=(
            ContentClass(codes=("20",), from_unit_value=0.0, content=1.2),
            ContentClass(codes=("10",), from_unit_value=30.0, content=1.0),
            ContentClass(codes=("10",), from_unit_value=0.0, content=0.6),
        ),
    )
    return statistics("A B", [100, 0], [[0, 0], [0, 0]], records=records, screening=rules)


def test_content_follows_code_and_unit_value() -> None:
    dear, cheap, other = (
        screen_records(screened(each))[0].trade[0, 1]
        for each in (record("AB", 30.0), record("AB", 29.9), record("AB", 5.0, code="20"))
    )
    assert (dear, cheap, other) == pytest.approx((10.0, 6.0, 12.0))


def test_records_of_one_route_add_up() -> None:
    found, _ = screen_records(screened(record("AB", 5.0), record("AB", 5.0, code="20")))
    assert found.trade[0, 1] == pytest.approx(18.0)


def test_record_under_the_lowest_unit_value_is_dropped_and_told() -> None:
    found, notes = screen_records(screened(record("AB", 0.05), record("BA", 5.0)))
    assert found.trade[0, 1] == 0.0
    assert found.trade[1, 0] == pytest.approx(6.0)
    assert notes[0] == "record left out: AAA to BBB, 10, 10,000.0 t gross at 0.050 USD/kg: under 0.2 USD/kg"
    assert notes[1] == "records left out: 1, 10,000 t gross in all"


def test_record_of_another_stage_goes_to_its_good_with_its_content() -> None:
    given = screened(record("AB", 5.0), record("BA", 5.0), stages=(stage("ore"),))
    found, notes = screen_records(given)
    assert found.trade.tolist() == [[0.0, 0.0], [pytest.approx(6.0), 0.0]]
    assert notes[0].endswith("5.000 USD/kg: raw")
    rules = given.screening
    assert rules is not None
    ore, _ = screen_records(replace(given, good="ore", screening=replace(rules, takes_listed=True)))
    assert ore.trade.tolist() == [[0.0, pytest.approx(5.0)], [0.0, 0.0]]


def test_stage_holds_below_its_unit_value_only() -> None:
    found, _ = screen_records(screened(record("AB", 40.0), stages=(stage("", below=30.0),)))
    assert found.trade[0, 1] == pytest.approx(10.0)


def test_code_without_content_is_refused() -> None:
    with pytest.raises(DataError, match=r"AAA to BBB: no content is stated for code 30 at 5\.000 USD/kg"):
        screen_records(screened(record("AB", 5.0, code="30")))


def test_statistics_without_records_stay_as_they_are() -> None:
    given = statistics("A B", [100, 0], [[0, 7], [0, 0]])
    assert screen_records(given) == (given, ())


def test_one_country_takes_what_another_leaves_over() -> None:
    # A has 100, uses 20, sells 30 to B as reported; the remaining 50 go to C, which reports 5
    use = HomeUse(country="AAA", kt=20.0, pattern="", source="s", remainder_to="CCC")
    given = statistics("A B C", [100, 0, 0], [[0, 30, 5], [0, 0, 0], [0, 0, 0]], home_use=(use,))
    assert complete_trade(given).trade[0] == pytest.approx([0.0, 30.0, 50.0])


def test_who_reports_nothing_takes_what_is_left_as_well() -> None:
    use = HomeUse(country="AAA", kt=20.0, pattern="", source="s", remainder_to="CCC")
    given = statistics("A B C", [100, 0, 0], [[0, 30, 0], [0, 0, 0], [0, 0, 0]], home_use=(use,))
    assert complete_trade(given).trade[0] == pytest.approx([0.0, 30.0, 50.0])
