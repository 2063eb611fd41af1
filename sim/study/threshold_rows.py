"""When a dependence falls to a threshold, as rows of the summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sim.quantity import Index, Mask
from sim.study.thresholds import Reached

COLUMNS = ("scenario", "indicator", "good", "region", "partner", "year", "unit", "baseline", "central", "difference")
NUMBERS = ("baseline", "central", "difference")
BLANK = ("p05", "p50", "p95", "difference_p05", "difference_p50", "difference_p95")


def thresholds_table(
    scenario: str, told: Sequence[Reached], years: tuple[int, ...], draws: Index, tiers: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """Rows of the summary: the share of draws in which a dependence has fallen to a threshold by each year.

    ``baseline`` and ``central`` hold that share in either run, over the draws solved in both, or of the central run
    where there are no draws; a row of the last year holds the median of the years in which they first did. Left out
    where the benchmark year is at the threshold already.
    """
    chosen = draws if len(draws) else np.array([0])
    rows: list[dict[str, object]] = []
    for each in told:
        if each.there[chosen].all():
            continue
        subject, fell = each.subject, (each.before[chosen], each.after[chosen])
        place = {"scenario": scenario, "good": subject.goods[0], "region": subject.market, "partner": subject.country}
        for t, year in enumerate(years):
            shares = _pair(*(run[:, t].mean() for run in fell))
            rows.append({**place, "indicator": each.name, "year": year, "unit": "1", **shares})
        median = _pair(*(_median_year(run, years) for run in fell))
        name = f"{each.name}_median_year"
        rows.append({**place, "indicator": name, "year": years[-1], "unit": "year", **median})
    # without a row the columns would have no type, and take that of the summary's from it
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"year": np.int64} | dict.fromkeys(NUMBERS, np.float64))
    return table.assign(**dict.fromkeys(BLANK, np.nan), tier=[" ".join(tiers[str(good)]) for good in table["good"]])


def _pair(before: float, after: float) -> dict[str, object]:
    return {"baseline": float(before), "central": float(after), "difference": float(after - before)}


def _median_year(fell: Mask, years: tuple[int, ...]) -> float:
    """Median of the first years among the draws that ever fall that far, blank where none does."""
    ever = fell.any(axis=1)
    return float(np.median(np.array(years)[fell[ever].argmax(axis=1)])) if ever.any() else float("nan")
