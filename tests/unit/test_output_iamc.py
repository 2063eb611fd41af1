from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from sim.output.iamc import LONG, code_list, iamc_bytes, iamc_of_baseline, iamc_table
from tests import output_samples as samples

ROOT = Path(__file__).parents[2]
PRIMARY = "Non-Ferrous Metals|Aluminum|Primary"


def summary() -> pd.DataFrame:
    """Output, exports and a price of two regions, one year, with bands."""
    rows = [
        ("production", "US", "kt/yr", 700.0),
        ("production", "Russia", "kt/yr", 4000.0),
        ("production", "World", "kt/yr", 4700.0),
        ("exports", "US", "kt/yr", 100.0),
        ("exports", "Russia", "kt/yr", 2700.0),
        ("delivered_price", "US", "USD/t", 3500.0),
        ("delivered_price", "Russia", "USD/t", float("nan")),
        ("buyers_surplus", "US", "M USD/yr", 5.0),
    ]
    table = pd.DataFrame(rows, columns=["indicator", "region", "unit", "central"])
    bands = {"p05": table["central"] - 1, "p50": table["central"], "p95": table["central"] + 2}
    return table.assign(good="aluminium", partner="", year=2036, **bands)


def flows() -> pd.DataFrame:
    rows = [("Russia", "US", 268.0), ("US", "US", 600.0)]
    table = pd.DataFrame(rows, columns=["origin", "destination", "central_kt"])
    bands = {f"{end}_kt": table["central_kt"] for end in ("p05", "p50", "p95")}
    return table.assign(year=2036, good="aluminium", **bands)


def value(table: pd.DataFrame, region: str, variable: str) -> float:
    return float(table[(table["region"] == region) & (table["variable"] == variable)]["value"].iloc[0])


def told(**facts: object) -> pd.DataFrame:
    return iamc_table(summary(), flows(), samples.facts(**facts), samples.LABELS)


def test_aluminium_has_the_names_and_units_of_the_common_definitions() -> None:
    table = told()
    assert value(table, "Russia", f"Production|{PRIMARY}") == pytest.approx(4.0)
    assert value(table, "US", f"Production|{PRIMARY}|p95") == pytest.approx(0.702)
    assert set(table.loc[table["variable"].str.startswith("Production"), "unit"]) == {"Mt/yr"}
    assert set(table["model"]) == {"sim 0.1.0"}
    assert set(table["scenario"]) == {"sanctions_lifted"}


def test_routes_are_regions_of_gross_trade_and_home_sales_are_none() -> None:
    table = told()
    assert value(table, "Russia>US", f"Gross Trade|{PRIMARY}") == pytest.approx(0.268)
    assert value(table, "US", f"Home Supply|{PRIMARY}") == pytest.approx(0.6)
    assert "US>US" not in set(table["region"])


def test_world_is_added_for_what_adds_up_and_not_a_second_time() -> None:
    table = told()
    assert value(table, "World", f"Gross Exports|{PRIMARY}") == pytest.approx(2.8)
    assert len(table[(table["region"] == "World") & (table["variable"] == f"Production|{PRIMARY}")]) == 1
    assert f"Gross Exports|{PRIMARY}|p05" not in set(table.loc[table["region"] == "World", "variable"])
    assert "World" not in set(table.loc[table["variable"].str.startswith("Price|Market"), "region"])


def test_prices_carry_the_year_of_their_dollars_and_blanks_are_left_out() -> None:
    table = told()
    prices = table[table["variable"] == f"Price|Market|{PRIMARY}"]
    assert prices[["region", "unit", "value"]].to_numpy().tolist() == [["US", "USD_2024/t", 3500.0]]


def test_what_has_no_name_in_the_code_list_is_left_out() -> None:
    assert not told()["variable"].str.contains("urplus").any()


def test_run_without_draws_has_no_percentiles() -> None:
    variables = set(told(draws=0)["variable"])
    assert not any(name.endswith(("|p05", "|p50", "|p95")) for name in variables)


def test_baseline_of_a_run_is_told_under_its_own_name() -> None:
    table = summary().assign(baseline=summary()["central"] / 2)
    carried = flows().assign(baseline_kt=0.0)
    found = iamc_of_baseline(table, carried, samples.facts(), samples.LABELS)
    assert set(found["scenario"]) == {"baseline"}
    assert value(found, "Russia", f"Production|{PRIMARY}") == pytest.approx(2.0)
    assert value(found, "Russia>US", f"Gross Trade|{PRIMARY}") == 0.0
    assert not found["variable"].str.endswith("|p05").any()


def test_every_variable_stands_in_the_code_list() -> None:
    codes = {code.variable: code for code in code_list({"aluminium": "Aluminium"}, 2024).values()}
    table = told()
    for variable, unit in zip(table["variable"], table["unit"], strict=True):
        plain = variable.rsplit("|", 1)[0] if variable.endswith(("|p05", "|p50", "|p95")) else variable
        assert codes[plain].unit == unit
        assert codes[plain].description.endswith(".")
    own = {code.source for name, code in codes.items() if name.startswith("Gross Trade")}
    assert own == {"own"}
    assert codes[f"Production|{PRIMARY}"].source == "common-definitions"


def test_a_metal_without_an_entry_is_named_by_its_label() -> None:
    code = code_list({"nickel": "Class 1 | nickel"}, 2023)["production", "nickel"]
    assert (code.variable, code.unit, code.source) == ("Production|Class 1 / nickel", "kt/yr", "own")


def test_file_is_in_long_format_without_a_row_twice() -> None:
    content = iamc_bytes(summary(), flows(), samples.facts(), samples.LABELS)
    assert content.decode().splitlines()[0] == ",".join(LONG.columns)
    assert content == iamc_bytes(summary().iloc[::-1], flows(), samples.facts(), samples.LABELS)


def test_page_on_other_tools_shows_the_whole_code_list() -> None:
    page = (ROOT / "docs" / "other_tools.md").read_text(encoding="utf-8")
    codes = code_list({"aluminium": "Aluminium"}, 2024)
    shown = page.replace("\\|", "|")
    missing = [code.variable for code in codes.values() if code.variable.replace(PRIMARY, "…") not in shown]
    assert missing == []
