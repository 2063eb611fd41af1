"""How concentrated the supply of markets is: one market over the years, and the largest beside each other."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.about import About, about, central_only, drawn_as, in_draws, span_of
from sim.output.plots.measures import (
    AXIS_ROOM,
    BASELINE_LINE,
    GAP,
    MARGIN,
    NAME_GAP,
    NAME_ROOM,
    PANEL_HEIGHT,
    POINT,
    WIDTH,
)
from sim.output.plots.palette import BASELINE, SCENARIO, text_colour
from sim.output.plots.panel import PointLabel, draw_baseline, draw_line, finish, number_ticks, point_labels, year_room
from sim.output.plots.pick import NUMBERS, rows_of
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import shortened
from sim.output.wording import capital, label_of, number, the
from sim.records.outcome import RunFacts

MARKETS = 8  # beside each other: the largest by use, and the one the figure is about
INDICATOR = "concentration"
_NOTICEABLE, _CLOSE = 0.005, 0.04  # of the index: from where it is a change; nearer two numbers would touch
_DECIMALS = 3  # a thousandth: finer than any change that is told
_TOP = 1.05  # of the index, which ends at 1
_LEVEL_PART = 0.5  # of the sheet's width


def concentration_data(
    summary: pd.DataFrame, *, good: str, market: str, focus: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The index of the market by year, and that of the largest markets in the focus year, by region.

    The Herfindahl index is the sum of the squared shares of supply by origin: 1 where all comes from one, 1/n where n
    have equal shares. The markets stand in the order of their scenario's index, the highest first. Raises DataError
    where nothing is known.
    """
    over_years = rows_of(summary, INDICATOR, good, market, focus=focus)[["year", *NUMBERS]]
    at_focus = summary[(summary["good"] == good) & (summary["year"] == focus)]
    use = at_focus[at_focus["indicator"] == "consumption"].set_index("region")["baseline"]
    rows = at_focus[at_focus["indicator"] == INDICATOR].set_index("region")[list(NUMBERS)]
    size = use.reindex(rows.index).fillna(0.0)
    largest = sorted((name for name in rows.index if name != market), key=lambda name: (-size[name], name))
    kept = rows.loc[[market, *largest[: MARKETS - 1]]].dropna(subset=["central"])
    kept = kept.reset_index().sort_values(["central", "region"], ascending=[False, True], kind="stable")
    return over_years.reset_index(drop=True), kept.reset_index(drop=True)


def concentration_finding(over_years: pd.DataFrame, told: About) -> str:
    """Whether the supply of the market grows more or less concentrated, in a sentence."""
    row = over_years[over_years["year"] == told.focus]
    before, after, low, high = (
        float(row[name].iloc[0]) for name in ("baseline", "central", "difference_p05", "difference_p95")
    )
    supply = f"the supply of {told.good} to {the(told.market)}"
    if not np.isfinite(after):
        return capital(f"{the(told.market)} would have no supply of {told.good} in {told.focus}")
    if told.alone or not np.isfinite(before):
        return capital(f"the concentration of {supply} would be {_told(after)} on a scale from 0 to 1 in {told.focus}")
    if abs(after - before) < _NOTICEABLE:
        draws = in_draws(told, low, high, _NOTICEABLE, _told)
        return central_only(
            f"{supply} would be as concentrated in {told.focus} as in {told.against}: {_told(after)}", draws
        )
    how = "more" if after > before else "less"
    return capital(f"{supply} would be {how} concentrated in {told.focus}: {_told(after)} instead of {_told(before)}")


def _told(value: float) -> str:
    return number(value, _DECIMALS)


@styled
def concentration(
    summary: pd.DataFrame, facts: RunFacts, *, good: str, market: str, labels: Mapping[str, str]
) -> Figure:
    """The market's index with its band over the years; dots of the largest markets in the focus year at the right."""
    over_years, markets = concentration_data(summary, good=good, market=market, focus=facts.focus)
    told = about(facts, labels, good=good, market=market)
    years = [int(year) for year in over_years["year"]]
    what = (
        f"Herfindahl index of the supply of {told.good} by origin, home supply included: 1 where all comes from one, "
        f"{span_of(years)}. {drawn_as(told)}{_key(told)}"
    )
    width = _LEVEL_PART * (WIDTH - 2 * MARGIN) - AXIS_ROOM - GAP
    below = year_room(years, width, facts.focus)
    finding = concentration_finding(over_years, told)
    page = report(finding, facts, what, good=good, body=headed(PANEL_HEIGHT, below=below + GAP))
    level = page.axes(AXIS_ROOM, below + GAP, width, PANEL_HEIGHT)
    _draw_level(level, over_years, told, (width, PANEL_HEIGHT))
    heading(level, shortened(capital(told.market), width, 1, tail=f", {span_of(years)}", weight="bold"))
    left = AXIS_ROOM + width + 2 * GAP + NAME_ROOM
    beside = page.axes(left, below + GAP, WIDTH - 2 * MARGIN - left - GAP, PANEL_HEIGHT)
    _draw_markets(beside, markets, told, labels)
    heading(beside, [f"Large markets, {told.focus}"])
    return page.figure


def _key(told: About) -> str:
    """What the marks of the large markets mean."""
    marks = ["dots: central run"] if told.alone else ["dots: scenario", f"strokes: {told.against.removeprefix('the ')}"]
    marks += ["bars: 5th to 95th percentile"] if told.banded else []
    return f"At the right {', '.join(marks)}."


def _draw_level(axes: Axes, data: pd.DataFrame, told: About, size: tuple[float, float]) -> None:
    years = [int(year) for year in data["year"]]
    line, low, high, before = (data[name].to_numpy(dtype=float) for name in ("central", "p05", "p95", "baseline"))
    draw_line(axes, years, line, low, high, SCENARIO, banded=told.banded)
    if not told.alone:
        draw_baseline(axes, years, before, BASELINE)
    axes.set_ylim(0, _TOP)
    finish(axes, years, told.focus, size[0])
    axes.set_ylabel("Herfindahl index")
    row = data[data["year"] == told.focus]
    after, was = float(row["central"].iloc[0]), float(row["baseline"].iloc[0])
    marks = [(after, text_colour(SCENARIO), "scenario")] if np.isfinite(after) else []
    if not told.alone and np.isfinite(was) and not abs(after - was) < _CLOSE:
        marks.append((was, BASELINE, told.mark))
    top = max((value for value, *_ in marks), default=0.0)
    labels = [
        PointLabel(
            level=value,
            lines=[*([name] if len(marks) > 1 else []), _told(value)],
            colour=ink,
            weight="bold" if name == "scenario" else "normal",
            above=value == top,
        )
        for value, ink, name in marks
    ]
    if labels:
        point_labels(axes, told.focus, labels, [(years, line), (years, before)], size)


def _draw_markets(axes: Axes, markets: pd.DataFrame, told: About, labels: Mapping[str, str]) -> None:
    places = list(range(len(markets)))[::-1]
    after, before, low, high = (markets[name].to_numpy(dtype=float) for name in ("central", "baseline", "p05", "p95"))
    if told.banded:
        axes.hlines(places, low, high, color=SCENARIO, linewidth=BASELINE_LINE)
    if not told.alone:
        axes.plot(before, places, "|", color=BASELINE, markersize=2 * POINT, markeredgewidth=BASELINE_LINE)
    axes.plot(after, places, "o", color=SCENARIO, markersize=POINT)
    axes.set_xlim(0, _TOP)
    axes.set_ylim(-1, len(markets))
    names = ["\n".join(shortened(label_of(str(name), labels), NAME_ROOM - NAME_GAP, 2)) for name in markets["region"]]
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    number_ticks(axes.xaxis)
    axes.set_xlabel("Herfindahl index")
