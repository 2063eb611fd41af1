from __future__ import annotations

import io
import locale
import zipfile

import numpy as np
import pandas as pd
import pytest

from sim.errors import DataError
from sim.output.tables import FLOWS, MARKETS, SUMMARY, Contract, csv_bytes, npz_bytes
from tests import output_samples as samples


def small_flows() -> pd.DataFrame:
    rows = [
        (2025, "aluminium", "Russia", "US", 0.0, 256.1234567, 179.0, 256.0, 358.0),
        (2024, "aluminium", "Canada", "US", 1948.8, -1e-12, np.nan, 1.0, 1.0),
    ]
    return pd.DataFrame(rows, columns=list(FLOWS.columns))


def test_csv_is_sorted_with_ten_digits_and_line_feeds() -> None:
    expected = (
        b"year,good,origin,destination,baseline_kt,central_kt,p05_kt,p50_kt,p95_kt\n"
        b"2024,aluminium,Canada,US,1948.8,0,,1,1\n"
        b"2025,aluminium,Russia,US,0,256.1234567,179,256,358\n"
    )
    assert csv_bytes(small_flows(), FLOWS) == expected


def test_csv_does_not_depend_on_the_order_of_rows_or_columns() -> None:
    table = samples.summary(regions=("US", "Russia", "Canada"))
    shuffled = table.sample(frac=1, random_state=np.random.default_rng(3))[sorted(table.columns)]
    assert csv_bytes(table, SUMMARY) == csv_bytes(shuffled, SUMMARY)


def test_csv_reads_back_as_the_same_numbers() -> None:
    table = samples.flows(regions=("US", "Russia", "Canada"))
    back = pd.read_csv(io.BytesIO(csv_bytes(table, FLOWS)))
    expected = table.sort_values(list(FLOWS.key)).reset_index(drop=True)
    np.testing.assert_allclose(back["central_kt"], expected["central_kt"], atol=5e-7)
    assert list(back.columns) == list(FLOWS.columns)


def test_csv_does_not_depend_on_the_locale() -> None:
    before = locale.setlocale(locale.LC_NUMERIC)
    plain = csv_bytes(small_flows(), FLOWS)
    try:
        locale.setlocale(locale.LC_NUMERIC, "de_DE.UTF-8")
    except locale.Error:
        locale.setlocale(locale.LC_NUMERIC, "C")
    try:
        assert csv_bytes(small_flows(), FLOWS) == plain
    finally:
        locale.setlocale(locale.LC_NUMERIC, before)


def test_market_columns_stand_baseline_before_central() -> None:
    assert MARKETS.columns[3:5] == ("baseline_production_kt", "central_production_kt")
    assert MARKETS.columns[-1] == "central_delivered_price_usd_t"
    assert len(MARKETS.columns) == 15


def test_missing_and_surplus_columns_are_named() -> None:
    wrong = small_flows().drop(columns="p50_kt").assign(extra=1)
    with pytest.raises(DataError, match="table flows: no column p50_kt; unknown column extra"):
        csv_bytes(wrong, FLOWS)


def test_row_told_twice_is_refused() -> None:
    twice = pd.concat([small_flows(), small_flows().head(1)])
    with pytest.raises(DataError, match="two rows for 2025, aluminium, Russia, US"):
        csv_bytes(twice, FLOWS)


def test_infinite_number_is_refused() -> None:
    with pytest.raises(DataError, match="p95_kt of sorted row 1 is infinite"):
        csv_bytes(small_flows().assign(p95_kt=[np.inf, 1.0]), FLOWS)


def test_text_among_numbers_and_half_years_are_refused() -> None:
    with pytest.raises(DataError, match="p95_kt holds something that is no number"):
        csv_bytes(small_flows().assign(p95_kt=["much", "1"]), FLOWS)
    with pytest.raises(DataError, match="year holds something that is no whole number"):
        csv_bytes(small_flows().assign(year=[2024.5, 2025.0]), FLOWS)


def test_text_with_commas_and_quotes_is_quoted() -> None:
    table = small_flows().assign(origin=['a,"b"', "c"])
    assert b',"a,""b""",US' in csv_bytes(table, FLOWS)


def test_draws_read_back_and_have_the_same_bytes_each_time() -> None:
    rng = np.random.default_rng(5)
    inputs = {"sourcing_elasticity.aluminium": rng.normal(size=8)}
    series = {"b": rng.normal(size=(8, 3)), "a": np.arange(8.0)}
    content = npz_bytes(inputs, series)
    assert content == npz_bytes(inputs, dict(reversed(series.items())))
    with np.load(io.BytesIO(content)) as back:
        assert back.files == ["input/sourcing_elasticity.aluminium", "series/a", "series/b"]
        np.testing.assert_array_equal(back["series/b"], series["b"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_draws_of_unequal_length_or_too_many_series_are_refused() -> None:
    with pytest.raises(DataError, match="input/x has 3 draws, series/y has 4"):
        npz_bytes({"x": np.zeros(3)}, {"y": np.zeros(4)})
    with pytest.raises(DataError, match="301 headline series, at most 300 wanted"):
        npz_bytes({}, {str(i): np.zeros(2) for i in range(301)})


NUMBERED = Contract(name="t", key=("v", "year"), columns=("v", "year", "w"))


def test_blank_in_a_key_comes_last_and_tells_rows_apart_once() -> None:
    table = pd.DataFrame({"v": [np.nan, 2.0, 1.0], "year": [2026, 2026, 2026], "w": [1.5, 2.5, 3.5]})
    expected = b"v,year,w\n1,2026,3.5\n2,2026,2.5\n,2026,1.5\n"
    assert csv_bytes(table, NUMBERED) == expected
    assert csv_bytes(table.astype({"v": object}), NUMBERED) == expected
    twice = pd.concat([table, table.iloc[:1]])
    with pytest.raises(DataError, match="two rows for nan, 2026"):
        csv_bytes(twice, NUMBERED)


def test_whole_number_of_a_key_told_twice_is_told_as_one() -> None:
    by_year = Contract(name="t", key=("year",), columns=("year", "w"))
    with pytest.raises(DataError, match=r"two rows for 2026$"):
        csv_bytes(pd.DataFrame({"year": [2026, 2026], "w": [1.5, 2.5]}), by_year)
