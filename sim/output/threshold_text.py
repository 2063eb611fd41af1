"""Whether a dependence ever falls to a threshold, and when, in a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import pandas as pd

from sim.output.textblock import paragraph
from sim.output.wording import capital, good_of, label_of, percent, the
from sim.records.outcome import RunFacts, Subject

_NAME = re.compile(r"import_share_falls_to_(\d+)")


def threshold_block(
    subject: Subject, facts: RunFacts, summary: pd.DataFrame, names: Mapping[str, str], room: int
) -> list[str]:
    """For each threshold the share of draws that ever reach it and the median year; nothing where none moves."""
    mine = summary[
        (summary["good"] == subject.goods[0])
        & (summary["region"] == subject.market)
        & (summary["partner"] == subject.country)
        & (summary["year"] == facts.years[-1])
    ]
    told = []
    for name in sorted(filter(_NAME.fullmatch, mine["indicator"]), reverse=True):
        ever, year = mine[mine["indicator"] == name].iloc[0], mine[mine["indicator"] == f"{name}_median_year"].iloc[0]
        share = f"{name.rsplit('_', 1)[1]} % or less"
        ours, theirs = ((float(ever[run]), float(year[run])) for run in ("central", "baseline"))
        if not _alike(ours, theirs):
            told.append(f"to {share} {_told(ours, theirs, facts)}")
    if not told:
        return []
    country, market = the(label_of(subject.country, names)), the(label_of(subject.market, names))
    what = f"the share of {country} in the imports of {good_of(subject.goods[0], names)} of {market}"
    return paragraph(capital(f"{what} falls at some time until {facts.years[-1]} {'; '.join(told)}."), room)


def _alike(ours: tuple[float, float], theirs: tuple[float, float]) -> bool:
    """Whether share and median year would be printed the same of scenario and baseline."""
    same_year = f"{ours[1]:.0f}" == f"{theirs[1]:.0f}"
    return percent(ours[0]) == percent(theirs[0]) and same_year


def _told(ours: tuple[float, float], theirs: tuple[float, float], facts: RunFacts) -> str:
    """In how many draws, and when: ``in 62 % of the draws (median 2036; baseline: 10 %, 2040)``."""
    if not facts.draws:
        return f"{_when(ours[1])} (baseline: {_when(theirs[1])})"
    median = f"median {ours[1]:.0f}; " if math.isfinite(ours[1]) else ""
    before = f", {theirs[1]:.0f}" if math.isfinite(theirs[1]) else ""
    return f"in {percent(ours[0])} % of the draws ({median}baseline: {percent(theirs[0])} %{before})"


def _when(year: float) -> str:
    return f"in {year:.0f}" if math.isfinite(year) else "never"
