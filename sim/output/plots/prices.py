"""What a market pays over the years: the scenario with its band, the baseline beside it, and the difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.palette import BASELINE, INK, SCENARIO, SOFT_INK, text_colour
from sim.output.plots.pick import NUMBERS, rows_of
from sim.output.plots.style import (
    MARGIN,
    WIDTH,
    context,
    evidence,
    focus_line,
    grid,
    heading,
    is_baseline,
    marker,
    number_ticks,
    pad_limits,
    sheet,
    styled,
    year_limits,
    year_ticks,
)
from sim.output.plots.text import HEADING_SIZE, line_height, spread
from sim.output.wording import MINUS, capital, good_of, label_of, money, percent, the
from sim.records.outcome import RunFacts

CENTS_PER_POUND = 100 / 2204.62262  # of 1 USD/t; a pound is 0.45359237 kg
_NOTICEABLE = 0.0005  # of the price
_HEIGHT, _AXIS_ROOM, _LABEL_ROOM, _CENTS_ROOM = 3.4, 0.75, 1.25, 0.65


def prices_data(
    summary: pd.DataFrame, *, good: str, region: str, focus: int, indicator: str = "delivered_price"
) -> pd.DataFrame:
    """Prices by year in USD/t: year, baseline, central, p05, p50, p95, difference and its percentiles.

    Years in which nothing is sold are blank. Raises DataError where the summary has no such price.
    """
    rows = rows_of(summary, indicator, good, region, focus=focus)
    return rows[["year", *NUMBERS]].sort_values("year", kind="stable").reset_index(drop=True)


def level_finding(data: pd.DataFrame, *, what: str, focus: int) -> str:
    """Where the price stands in the focus year against the first year, in a sentence."""
    first, central = (float(data.loc[data["year"] == year, "central"].iloc[0]) for year in (data["year"].min(), focus))
    if not np.isfinite(central):
        return capital(f"{what} would have no price in {focus}: nothing is sold")
    change = central / first - 1
    if not abs(change) >= _NOTICEABLE:
        return capital(f"{what} would cost {money(central)} USD/t in {focus}")
    told = f"{percent(abs(change))} % {'more' if change > 0 else 'less'} than in {data['year'].min()}"
    return capital(f"{what} would cost {money(central)} USD/t in {focus}, {told}")


def prices_finding(data: pd.DataFrame, *, what: str, focus: int, banded: bool) -> str:
    """Where the price stands in the focus year against the baseline, in a sentence."""
    at_focus = data[data["year"] == focus]
    baseline, central, low, high = (
        float(at_focus[name].iloc[0]) for name in ("baseline", "central", "difference_p05", "difference_p95")
    )
    if not np.isfinite(central):
        return capital(f"{what} would have no price in {focus}: nothing is sold")
    if not np.isfinite(baseline):
        return capital(f"{what} would cost {money(central)} USD/t in {focus}; in the baseline nothing is sold")
    change = central / baseline - 1
    if abs(change) < _NOTICEABLE:
        return capital(f"{what} would cost the same in {focus}: {money(central)} USD/t with and without")
    told = f"{percent(abs(change))} % {'dearer' if change > 0 else 'cheaper'} in {focus}"
    if banded and np.isfinite(low) and np.isfinite(high):
        ends = f"{percent(low / baseline, sign=True)} to {percent(high / baseline, sign=True)} %"
        told += f" ({ends.replace('-', MINUS)} in 90 % of draws)"
    return capital(f"{what} would be {told}")


@styled
def prices(
    summary: pd.DataFrame,
    facts: RunFacts,
    *,
    good: str,
    region: str,
    labels: Mapping[str, str],
    indicator: str = "delivered_price",
) -> Figure:
    """Level with band at the left (US aluminium also in cents a pound), difference with band at the right."""
    data = prices_data(summary, good=good, region=region, focus=facts.focus, indicator=indicator)
    place, metal = the(label_of(region, labels)), good_of(good, labels)
    where = "in the world" if region == "World" else f"in {place}"
    cents = good == "aluminium" and region == "US"
    price = "Producer price" if indicator == "producer_price" else "Market price"
    duties = ", duties and rents included" if indicator == "delivered_price" else ""
    shown = "; shaded: 5th to 95th percentile" if facts.draws else ""
    what = f"{price}{duties}, USD of the base year per tonne{shown}."
    finding = prices_finding(data, what=f"{metal} {where}", focus=facts.focus, banded=facts.draws > 0)
    alone = is_baseline(facts)
    if alone:
        finding = level_finding(data, what=f"{metal} {where}", focus=facts.focus)
    page = sheet(
        finding, context(facts, what), evidence(facts, good=good), body=_HEIGHT + line_height(HEADING_SIZE) + 0.45
    )
    room = WIDTH - 2 * MARGIN - 2 * _AXIS_ROOM - (_CENTS_ROOM if cents else 0.2) - _LABEL_ROOM - 0.25
    width = room + _AXIS_ROOM if alone else 0.6 * room
    years = [int(year) for year in data["year"]]
    level = page.axes(_AXIS_ROOM, 0.3, width + _LABEL_ROOM, _HEIGHT)
    _draw_level(level, data, facts, width)
    year_ticks(level, years, width, facts.focus)
    level.set_ylabel("USD/t")
    heading(level, ["Price"])
    if cents:
        _cents_axis(level)
    if alone:
        return page.figure
    left = _AXIS_ROOM + width + _LABEL_ROOM + (_CENTS_ROOM if cents else 0.2) + _AXIS_ROOM
    difference = page.axes(left, 0.3, WIDTH - 2 * MARGIN - left - 0.25, _HEIGHT)
    _draw_difference(difference, data, facts)
    year_ticks(difference, years, 0.4 * room, facts.focus)
    heading(difference, [_difference_heading(data, facts.focus)], left=-0.3)
    return page.figure


def _draw_level(axes: Axes, data: pd.DataFrame, facts: RunFacts, width: float) -> None:
    years = [int(year) for year in data["year"]]
    if facts.draws:
        axes.fill_between(years, data["p05"], data["p95"], color=SCENARIO, alpha=0.2, linewidth=0)
    axes.plot(years, data["baseline"], color=BASELINE, linewidth=2, linestyle=(0, (4, 2)), marker=marker(years))
    axes.plot(years, data["central"], color=SCENARIO, linewidth=2, marker=marker(years))
    year_limits(axes, years, _LABEL_ROOM / width)
    pad_limits(axes, 0.02 * float(np.nanmax(data["central"].abs(), initial=1.0)))
    grid(axes)
    focus_line(axes, facts.focus, years)
    _label_lines(axes, data, facts.focus, "Baseline" if is_baseline(facts) else "Baseline and\nscenario")
    number_ticks(axes)


def _label_lines(axes: Axes, data: pd.DataFrame, focus: int, both: str) -> None:
    known = data.dropna(subset=["central"])
    lines = [("Baseline", "baseline", BASELINE), ("Scenario", "central", text_colour(SCENARIO))]
    if len(known) and (known["difference"].abs() <= _NOTICEABLE * known["central"]).all():
        lines = [(both, "central", INK)]
    low, high = axes.get_ylim()
    per_inch = (high - low) / _HEIGHT
    labels = []
    for name, column, colour in lines:
        drawn = data.dropna(subset=[column])
        if len(drawn):
            there = drawn.loc[drawn["year"] == focus, column]
            level = float(there.iloc[0]) if len(there) else float("nan")
            text = name if np.isnan(level) else f"{name}\n{money(level)} in {focus}"
            labels.append((float(drawn[column].iloc[-1]), level, float(drawn["year"].iloc[-1]), text, colour))
    labels.sort()
    heights = [(text.count("\n") + 1.3) * line_height() * per_inch for *_, text, _ in labels]
    if len(labels) == 2 and labels[1][0] - labels[0][0] < 0.3 * heights[0]:
        # lines that end in one place are told in the order of the numbers printed
        labels.sort(key=lambda label: label[1])
    ends = sorted(label[0] for label in labels)
    for (_, _, year, text, colour), y in zip(labels, spread(ends, heights, low, high), strict=True):
        axes.annotate(
            text, (year, y), (8, 0), textcoords="offset points", va="center", color=colour, linespacing=1.15,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip


def _draw_difference(axes: Axes, data: pd.DataFrame, facts: RunFacts) -> None:
    years = [int(year) for year in data["year"]]
    if facts.draws:
        axes.fill_between(years, data["difference_p05"], data["difference_p95"], color=SCENARIO, alpha=0.2, linewidth=0)
    axes.axhline(0, color=SOFT_INK, linewidth=0.9)
    axes.plot(years, data["difference"], color=SCENARIO, linewidth=2, marker=marker(years))
    year_limits(axes, years, 0.0)
    pad_limits(axes, 0.01 * float(np.nanmax(data["central"].abs(), initial=1.0)))
    grid(axes)
    focus_line(axes, facts.focus, years)
    number_ticks(axes, sign=True)


def _difference_heading(data: pd.DataFrame, focus: int) -> str:
    value = float(data.loc[data["year"] == focus, "difference"].iloc[0])
    told = f": {money(value, sign=True)} USD/t in {focus}" if np.isfinite(value) else ""
    return f"Difference{told}".replace("-", MINUS)


def _cents_axis(level: Axes) -> None:
    cents = level.secondary_yaxis("right", functions=(_to_cents, _to_dollars))
    cents.set_ylabel("¢/lb")
    cents.spines["right"].set_visible(True)


def _to_cents(dollars: Any) -> Any:  # an array or a number, as matplotlib likes
    return dollars * CENTS_PER_POUND


def _to_dollars(cents: Any) -> Any:
    return cents / CENTS_PER_POUND
