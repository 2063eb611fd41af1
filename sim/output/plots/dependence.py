"""How far a market depends on one country, stage by stage and at any of them, over the years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.errors import DataError
from sim.output.plots.palette import BASELINE, region_colours, text_colour
from sim.output.plots.pick import NUMBERS, as_shares, numbers_by
from sim.output.plots.style import (
    MARGIN,
    WIDTH,
    context,
    evidence,
    focus_line,
    grid,
    heading,
    is_baseline,
    number_ticks,
    sheet,
    span_of,
    styled,
    year_limits,
    year_ticks,
)
from sim.output.plots.text import HEADING_SIZE, NARROW, SMALL_SIZE, TEXT_SIZE, line_height, wrapped
from sim.output.wording import capital, good_of, label_of, percent, the
from sim.records.outcome import RunFacts

IMPORTS, SUPPLY, TOUCHED = "import_share", "supply_share", "touched_supply"
_NOTICEABLE, _CLOSE, _NONE = 0.005, 0.06, 0.0005
_HEIGHT, _AXIS_ROOM, _GAP = 2.7, 0.62, 0.42


def dependence_data(
    summary: pd.DataFrame, *, goods: Sequence[str], market: str, country: str, focus: int
) -> pd.DataFrame:
    """The country's shares in the market: indicator, good, year and the columns of NUMBERS (shares of 1).

    ``goods`` is a chain, final goods first. In order: imports of each good from the raw one on, then supply of the
    final good, then what the country touches of that supply at any stage. Where it sells none of a good the numbers
    are 0. Raises DataError where nothing is known of the final good, or not for ``focus``.
    """
    final = goods[0]
    panels = [*((IMPORTS, good) for good in reversed(goods)), (SUPPLY, final), (TOUCHED, final)]
    here = summary[(summary["region"] == market) & (summary["partner"] == country)]
    parts = []
    for indicator, good in panels:
        rows = here[(here["indicator"] == indicator) & (here["good"] == good)].sort_values("year", kind="stable")
        if len(rows):
            parts.append(as_shares(rows)[["indicator", "good", "year", *NUMBERS]].fillna(0.0))
        elif indicator != TOUCHED:
            parts.append(pd.DataFrame({"indicator": indicator, "good": good, "year": sorted(set(summary["year"]))}))
    data = pd.concat(parts, ignore_index=True).fillna(0.0)
    if not ((here["good"] == final) & (here["year"] == focus)).any():
        raise DataError(f"summary: {market} gets no {final} from {country}, or not in {focus}")
    return data


def dependence_finding(
    data: pd.DataFrame, *, market: str, country: str, good: str, focus: int, alone: bool = False
) -> str:
    """What the country has a part in at any stage with and without, and its share of imports, in a sentence."""
    at_focus = data[(data["year"] == focus) & (data["good"] == data["good"].iloc[-1])]
    before, after = (numbers_by(at_focus, "indicator", column) for column in ("baseline", "central"))
    widest = TOUCHED if TOUCHED in after else SUPPLY
    part = f"{the(country)} would have a part in {percent(after[widest])} % of the supply of {good} to {the(market)}"
    if widest == SUPPLY:
        part = f"{the(country)} would hold {percent(after[widest])} % of the supply of {good} to {the(market)}"
    if alone or abs(after[widest] - before[widest]) < _NOTICEABLE:
        return capital(f"{part} in {focus}{'' if alone else ', as in the baseline'}")
    finding = f"{part} in {focus} instead of {percent(before[widest])} %"
    return capital(
        f"{finding}; of imports it would sell {percent(after[IMPORTS])} instead of {percent(before[IMPORTS])} %"
    )


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
    alone, banded = is_baseline(facts), facts.draws > 0
    place, source = label_of(market, labels), label_of(country, labels)
    years = sorted({int(year) for year in data["year"]})
    what = f"Share of {the(source)} in what {the(place)} gets, by stage, {span_of(years)}, %. "
    drawn = [*([] if alone else ["dashed: baseline"]), *(["shaded: 5th to 95th percentile"] if banded else [])]
    what += f"{capital('; '.join(drawn))}. " if drawn else ""
    what += f"Numbers: {facts.focus}."
    finding = dependence_finding(
        data, market=place, country=source, good=good_of(goods[0], labels), focus=facts.focus, alone=alone
    )
    panels = list(dict.fromkeys(zip(data["indicator"], data["good"], strict=True)))
    room = WIDTH - 2 * MARGIN - _AXIS_ROOM
    width = (room - _GAP * len(panels)) / len(panels)
    titles = [wrapped(_title(indicator, good, labels), width + _GAP - 0.15, HEADING_SIZE, "bold")
              for indicator, good in panels]  # fmt: skip
    lines = max(len(title) for title in titles)
    body = _HEIGHT + lines * line_height(HEADING_SIZE) + 0.45
    page = sheet(finding, context(facts, what), evidence(facts, good=goods[0]), body=body)
    at_focus = data[data["year"] == facts.focus]
    apart = at_focus[(at_focus["central"] - at_focus["baseline"]).abs() >= _CLOSE]
    first = next(zip(apart["indicator"], apart["good"], strict=True), None)
    top = 100 * float(np.nanmax(data[["baseline", "central", "p95"]].to_numpy(dtype=float)))
    for position, (indicator, good) in enumerate(panels):
        rows = data[(data["indicator"] == indicator) & (data["good"] == good)]
        axes = page.axes(_AXIS_ROOM + position * (width + _GAP), 0.3, width, _HEIGHT)
        _draw(axes, rows, country, banded=banded, alone=alone)
        axes.set_ylim(0, max(1.12 * top, 5.0))
        year_limits(axes, years)
        grid(axes)
        number_ticks(axes)
        focus_line(axes, facts.focus, years)
        year_ticks(axes, years, width, facts.focus)
        if position:
            axes.tick_params(axis="y", labelleft=False)
        else:
            axes.set_ylabel("%")
        named = not alone and (indicator, good) == first
        _tell(axes, rows, country, facts.focus, years, alone=alone, named=named)
        title = titles[position]
        heading(axes, [*title, *[""] * (lines - len(title))])
    return page.figure


def _title(indicator: str, good: str, labels: Mapping[str, str]) -> str:
    if indicator == TOUCHED:
        return "At any stage, of supply"
    return f"{capital(label_of(good, labels))}, of {'imports' if indicator == IMPORTS else 'supply'}"


def _draw(axes: Axes, rows: pd.DataFrame, country: str, *, banded: bool, alone: bool) -> None:
    colour = region_colours([country, "US"])[country]
    years = [int(year) for year in rows["year"]]
    line, low, high, before = (100 * rows[name].to_numpy(dtype=float) for name in ("central", "p05", "p95", "baseline"))
    if banded:
        axes.fill_between(years, low, high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(years, line, color=colour, linewidth=2)
    if not alone:
        axes.plot(years, before, color=BASELINE, linewidth=1.2, linestyle=(0, (4, 2)))


def _tell(
    axes: Axes, rows: pd.DataFrame, country: str, focus: int, years: Sequence[int], *, alone: bool, named: bool
) -> None:
    """The numbers of the focus year at their points, the higher one above; one number where they are close.

    ``named`` says which of the two is the baseline.
    """
    colour = region_colours([country, "US"])[country]
    at_focus = rows[rows["year"] == focus]
    if at_focus.empty:
        return
    after, before = float(at_focus["central"].iloc[0]), float(at_focus["baseline"].iloc[0])
    late = focus > (years[0] + years[-1]) / 2
    side, shift = ("right", -4) if late else ("left", 4)
    if max(after, before) < _NONE:
        axes.annotate(
            "none", (focus, 0), (shift, 6), textcoords="offset points", ha=side, size=SMALL_SIZE, color=BASELINE
        )
        return
    marks = [(after, text_colour(colour), "bold", "scenario")]
    if not alone and abs(after - before) >= _CLOSE:
        marks.append((before, BASELINE, "normal", "baseline"))
    highest = max(mark[0] for mark in marks)
    for value, ink, weight, name in marks:
        axes.plot([focus], [100 * value], "o", color=ink, markersize=4.5)
        up = value == highest
        told = [*([name] if named else []), f"{percent(value)}{NARROW}%"]
        axes.annotate(
            "\n".join(told), (focus, 100 * value), (shift, 5 if up else -5),
            textcoords="offset points", linespacing=1.0,
            ha=side, va="bottom" if up else "top", size=TEXT_SIZE, weight=weight, color=ink,
        )  # fmt: skip
