"""How far a market depends on one country, stage by stage and at any of them, over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import DataError
from sim.output.plots.about import About, about, central_only, drawn_as, in_draws, points, span_of, told_apart
from sim.output.plots.measures import (
    AXIS_ROOM,
    HEADING_SIZE,
    MARGIN,
    NAME_GAP,
    WIDTH,
)
from sim.output.plots.palette import BASELINE, region_colours, text_colour
from sim.output.plots.panel import PointLabel, draw_baseline, draw_line, finish, point_labels, year_room
from sim.output.plots.pick import NUMBERS, as_shares, numbers_by
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import NARROW, wrapped
from sim.output.wording import capital, label_of, percent, the
from sim.records.outcome import RunFacts

IMPORTS, SUPPLY = "import_share", "supply_share"
TOUCHED_IMPORTS, TOUCHED = "touched_imports", "touched_supply"
# shares: half a point is a change; nearer than six two numbers would stand over each other; what rounds to nothing
_NOTICEABLE, _CLOSE, _NONE = 0.005, 0.06, 0.0005
PANELS = 4  # at most: one more and the years of each would touch
_HEIGHT, _GAP = 2.7, 0.42  # inches: up to four small panels in a row, half a year's tick on either side
_LEAST_TOP, _OVER = 5.0, 1.12  # least end of the scale, %; times the highest number, for what is printed above it


def dependence_data(
    summary: pd.DataFrame, *, goods: Sequence[str], market: str, country: str, focus: int
) -> pd.DataFrame:
    """The country's shares in the market: indicator, good, year and the columns of NUMBERS (shares of 1).

    ``goods`` is a chain, final goods first. In order: imports of each good from the raw one on, then supply of the
    final good, then what the country touches at any stage of the imports and of the supply of it. A stage before the
    last at which it sells nothing is left out, and what it touches of imports where there are PANELS without it.
    Raises DataError where nothing is known of the final good, or not for ``focus``.
    """
    final = goods[0]
    panels = [
        *((IMPORTS, good) for good in reversed(goods)), (SUPPLY, final), (TOUCHED_IMPORTS, final), (TOUCHED, final)
    ]  # fmt: skip
    here = summary[(summary["region"] == market) & (summary["partner"] == country)]
    parts = []
    for indicator, good in panels:
        rows = here[(here["indicator"] == indicator) & (here["good"] == good)].sort_values("year", kind="stable")
        shares = as_shares(rows)[["indicator", "good", "year", *NUMBERS]].fillna(0.0)
        if len(rows) and shares[list(NUMBERS)].abs().to_numpy().max() >= _NONE:
            parts.append(shares)
        elif good == final and indicator in (IMPORTS, SUPPLY):  # none is told as well
            years = sorted(set(summary["year"]))
            nothing = pd.DataFrame(0.0, index=range(len(years)), columns=list(NUMBERS))
            parts.append(nothing.assign(indicator=indicator, good=good, year=years))
    if not ((here["good"] == final) & (here["year"] == focus)).any():
        raise DataError(f"summary: {market} gets no {final} from {country}, or not in {focus}")
    if len(parts) > PANELS:
        parts = [part for part in parts if part["indicator"].iloc[0] != TOUCHED_IMPORTS]
    return pd.concat(parts, ignore_index=True)


def dependence_finding(data: pd.DataFrame, told: About, *, country: str) -> str:
    """What the country has a part in at any stage with and without, and its share of imports, in a sentence."""
    at_focus = data[(data["year"] == told.focus) & (data["good"] == data["good"].iloc[-1])]
    before, after, low, high = (
        numbers_by(at_focus, "indicator", column)
        for column in ("baseline", "central", "difference_p05", "difference_p95")
    )
    widest = TOUCHED if TOUCHED in after else SUPPLY
    holds = "have a part in" if widest == TOUCHED else "hold"
    begins = f"{the(country)} would {holds}"
    supply = f"of the supply of {told.good} to {the(told.market)} in {told.focus}"
    part = f"{begins} {percent(after[widest])} % {supply}"
    if told.alone:
        return capital(part)
    if abs(after[widest] - before[widest]) < _NOTICEABLE:
        draws = in_draws(told, low[widest], high[widest], _NOTICEABLE, points)
        return central_only(f"{part}, as in {told.against}", draws)
    old, new = told_apart(before[widest], after[widest])
    finding = f"{begins} {new} % {supply} instead of {old} %"
    if abs(after[IMPORTS] - before[IMPORTS]) < _NOTICEABLE:
        return capital(f"{finding}; of imports it would still sell {percent(after[IMPORTS])} %")
    old, new = told_apart(before[IMPORTS], after[IMPORTS])
    return capital(f"{finding}; of imports it would sell {new} instead of {old} %")


@styled
def dependence(
    summary: pd.DataFrame,
    facts: RunFacts,
    *,
    goods: Sequence[str],
    market: str,
    country: str,
    labels: Mapping[str, str],
) -> Figure:
    """A small panel per stage on one scale, the baseline dashed, the numbers of the focus year at their points."""
    data = dependence_data(summary, goods=goods, market=market, country=country, focus=facts.focus)
    told = about(facts, labels, good=goods[0], market=market)
    source = label_of(country, labels)
    years = sorted({int(year) for year in data["year"]})
    what = f"Share of {the(source)} in what {the(told.market)} gets, by stage, {span_of(years)}, %. "
    what += f"{drawn_as(told)}Numbers: {told.focus}."
    panels = list(dict.fromkeys(zip(data["indicator"], data["good"], strict=True)))
    width = (WIDTH - 2 * MARGIN - AXIS_ROOM - _GAP * len(panels)) / len(panels)
    below = year_room(years, width, told.focus)
    titles = [wrapped(_title(indicator, good, labels), width + _GAP - NAME_GAP, HEADING_SIZE, "bold")
              for indicator, good in panels]  # fmt: skip
    lines = max(len(title) for title in titles)
    finding = dependence_finding(data, told, country=source)
    page = report(finding, facts, what, good=goods[0], body=headed(_HEIGHT, lines, below=below))
    at_focus = data[data["year"] == told.focus]
    apart = at_focus[(at_focus["central"] - at_focus["baseline"]).abs() >= _CLOSE]
    first = next(zip(apart["indicator"], apart["good"], strict=True), None)
    top = 100 * float(np.nanmax(data[["baseline", "central", "p95"]].to_numpy(dtype=float)))
    for position, (indicator, good) in enumerate(panels):
        rows = data[(data["indicator"] == indicator) & (data["good"] == good)]
        axes = page.axes(AXIS_ROOM + position * (width + _GAP), below, width, _HEIGHT)
        _draw(axes, rows, country, told)
        axes.set_ylim(0, max(_OVER * top, _LEAST_TOP))
        finish(axes, years, told.focus, width)
        if position:
            axes.tick_params(axis="y", labelleft=False)
        else:
            axes.set_ylabel("%")
        _tell(axes, rows, country, told, (width, _HEIGHT), named=not told.alone and (indicator, good) == first)
        title = titles[position]
        heading(axes, [*title, *[""] * (lines - len(title))])
    return page.figure


def _title(indicator: str, good: str, labels: Mapping[str, str]) -> str:
    if indicator == TOUCHED:
        return "At any stage, of supply"
    if indicator == TOUCHED_IMPORTS:
        return "At any stage, of imports"
    return f"{capital(label_of(good, labels))}, of {'imports' if indicator == IMPORTS else 'supply'}"


def _colour(country: str) -> str:
    return region_colours([country, "US"])[country]


def _draw(axes: Axes, rows: pd.DataFrame, country: str, told: About) -> None:
    years = [int(year) for year in rows["year"]]
    line, low, high, before = (100 * rows[name].to_numpy(dtype=float) for name in ("central", "p05", "p95", "baseline"))
    draw_line(axes, years, line, low, high, _colour(country), banded=told.banded)
    if not told.alone:
        draw_baseline(axes, years, before, BASELINE)


def _tell(axes: Axes, rows: pd.DataFrame, country: str, told: About, size: tuple[float, float], *, named: bool) -> None:
    """The numbers of the focus year at their points, the higher one above; one number where they are close.

    ``named`` says which of the two is the baseline; ``size`` is the panel's in inches.
    """
    at_focus = rows[rows["year"] == told.focus]
    if at_focus.empty:
        return
    after, before = float(at_focus["central"].iloc[0]), float(at_focus["baseline"].iloc[0])
    marks = [(after, text_colour(_colour(country)), "bold", "scenario")]
    if not told.alone and abs(after - before) >= _CLOSE:
        marks.append((before, BASELINE, "normal", told.mark))
    highest = max(mark[0] for mark in marks)
    labels = [
        PointLabel(
            level=100 * value,
            lines=[*([name] if named else []), f"{percent(value)}{NARROW}%"],
            colour=ink,
            weight=weight,
            above=value == highest,
        )
        for value, ink, weight, name in marks
    ]
    years = [int(year) for year in rows["year"]]
    curves = [(years, 100 * rows[name].to_numpy(dtype=float)) for name in ("central", "baseline")]
    point_labels(axes, told.focus, labels, curves, size)
