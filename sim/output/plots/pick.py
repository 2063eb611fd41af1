"""The rows of the summary that a figure is about."""

from __future__ import annotations

import pandas as pd

from sim.errors import DataError

NUMBERS = (
    "baseline",
    "central",
    "p05",
    "p50",
    "p95",
    "difference",
    "difference_p05",
    "difference_p50",
    "difference_p95",
)


def rows_of(summary: pd.DataFrame, indicator: str, good: str, region: str, *, focus: int | None = None) -> pd.DataFrame:
    """Rows of one indicator of a good in a region, sorted by partner and year.

    Raises DataError where there are none, where they are of several scenarios, or where ``focus`` is no year of
    theirs.
    """
    chosen = (summary["indicator"] == indicator) & (summary["good"] == good) & (summary["region"] == region)
    rows = summary.loc[chosen].sort_values(["partner", "year"], kind="stable")
    if rows.empty:
        raise DataError(f"summary: no {indicator} of {good} in {region}")
    scenarios = set(rows["scenario"])
    if len(scenarios) > 1:
        raise DataError(f"summary: {len(scenarios)} scenarios, one wanted")
    if focus is not None and not (rows["year"] == focus).any():
        raise DataError(f"summary: no {indicator} of {good} in {region} for {focus}")
    return rows.reset_index(drop=True)


def has_rows(summary: pd.DataFrame, indicator: str, good: str, region: str) -> bool:
    """True where the summary knows the indicator."""
    chosen = (summary["indicator"] == indicator) & (summary["good"] == good) & (summary["region"] == region)
    return bool(chosen.any())


def as_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with all numbers as shares of 1, whether they came in percent or not."""
    percent = (rows["unit"] == "%").to_numpy()
    scaled = rows.copy()
    for name in NUMBERS:
        scaled[name] = rows[name].where(~percent, rows[name] / 100)
    return scaled


def numbers_by(rows: pd.DataFrame, key: str, column: str) -> dict[str, float]:
    """One column as plain numbers by the entries of another."""
    return {str(name): float(value) for name, value in zip(rows[key], rows[column], strict=True)}
