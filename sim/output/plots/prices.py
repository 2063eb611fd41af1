"""What a market pays over the years: the scenario with its band, the baseline beside it, and the difference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.about import About, about, central_only, in_draws
from sim.output.plots.measures import GAP, HEADING_GAP, PANEL_HEIGHT, POINTS, TEXT_SIZE, TOGETHER
from sim.output.plots.palette import BASELINE, INK, SCENARIO, SOFT_INK, text_colour
from sim.output.plots.panel import (
    PointLabel,
    difference_heading,
    draw_baseline,
    draw_line,
    finish,
    pad_limits,
    point_labels,
    side_by_side,
    year_room,
    zero_line,
)
from sim.output.plots.pick import NUMBERS, rows_of
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import line_height, shortened, spread
from sim.output.wording import MINUS, THE_BASELINE, capital, money, percent, the
from sim.records.outcome import RunFacts

CENTS_PER_POUND = 100 / 2204.62262  # of 1 USD/t; a pound is 0.45359237 kg
# of the price: what rounds to nothing; a difference of draws worth a title; least range of a panel, so that noise
# does not look like news
_NOTICEABLE, _NEWS, _LEAST_LEVEL, _LEAST_DIFFERENCE = 0.0005, 0.005, 0.02, 0.01
# inches: seven digits before the axis, a price and its year beside a line, the axis of cents
_AXIS_ROOM, _LABEL_ROOM, _CENTS_ROOM = 0.75, 1.25, 0.65
_NAME_ROOM, _NAME_LINES = 1.1, 3  # inches, and lines at most, of what a run stands against
_LABEL_OFF = 8.0  # points; the label hides the grid behind it, not the end of its line
_LEAD = 0.3  # of a line, above and below a label


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


def prices_finding(data: pd.DataFrame, told: About, *, what: str) -> str:
    """Where the price stands in the focus year against the baseline, in a sentence."""
    focus = told.focus
    at_focus = data[data["year"] == focus]
    baseline, central, low, high = (
        float(at_focus[name].iloc[0]) for name in ("baseline", "central", "difference_p05", "difference_p95")
    )
    if not np.isfinite(central):
        return capital(f"{what} would have no price in {focus}: nothing is sold")
    if not np.isfinite(baseline):
        return capital(f"{what} would cost {money(central)} USD/t in {focus}; in {told.against} nothing is sold")
    change = central / baseline - 1
    if abs(change) < _NOTICEABLE:
        draws = in_draws(told, low / baseline, high / baseline, _NEWS, lambda share: f"{percent(share)} %")
        return central_only(
            f"{what} would cost the same in {focus}: {money(central)} USD/t, as in {told.against}", draws
        )
    moved = f"{percent(abs(change))} % {'dearer' if change > 0 else 'cheaper'} in {focus}"
    if told.banded and np.isfinite(low) and np.isfinite(high):
        ends = f"{percent(low / baseline, sign=True)} to {percent(high / baseline, sign=True)} %"
        moved += f" ({ends.replace('-', MINUS)} in 90 % of draws)"
    return capital(f"{what} would be {moved}")


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
    told = about(facts, labels, good=good, market=region)
    where = "in the world" if region == "World" else f"in {the(told.market)}"
    cents = good == "aluminium" and region == "US"
    price = "Producer price" if indicator == "producer_price" else "Market price"
    duties = ", duties and rents included" if indicator == "delivered_price" else ""
    shown = "; shaded: 5th to 95th percentile" if told.banded else ""
    what = f"{price}{duties}, USD of the base year per tonne{shown}."
    years = [int(year) for year in data["year"]]
    whose = f"{told.good} {where}"
    finding = (
        level_finding(data, what=whose, focus=told.focus) if told.alone else prices_finding(data, told, what=whose)
    )
    width, left, rest = side_by_side(_AXIS_ROOM, _LABEL_ROOM + (_CENTS_ROOM if cents else GAP), alone=told.alone)
    below = year_room(years, width if told.alone else rest, told.focus)
    page = report(finding, facts, what, good=good, body=headed(PANEL_HEIGHT, below=below))
    level = page.axes(_AXIS_ROOM, below, width + _LABEL_ROOM, PANEL_HEIGHT)
    _draw_level(level, data, told, width)
    heading(level, ["Price, USD/t"])
    if cents:
        _cents_axis(level)
    if told.alone:
        return page.figure
    difference = page.axes(left, below, rest, PANEL_HEIGHT)
    _draw_difference(difference, data, told, rest)
    difference_heading(difference, _difference_told(data, told.focus))
    return page.figure


def _draw_level(axes: Axes, data: pd.DataFrame, told: About, width: float) -> None:
    years = [int(year) for year in data["year"]]
    line, low, high, before = (data[name].to_numpy(dtype=float) for name in ("central", "p05", "p95", "baseline"))
    draw_line(axes, years, line, low, high, SCENARIO, banded=told.banded)
    if not told.alone:
        draw_baseline(axes, years, before, BASELINE)
    pad_limits(axes, _LEAST_LEVEL * float(np.nanmax(np.abs(line), initial=1.0)))
    finish(axes, years, told.focus, width, beyond=_LABEL_ROOM / width)
    _label_lines(axes, data, told, (width + _LABEL_ROOM, PANEL_HEIGHT))


def _label_lines(axes: Axes, data: pd.DataFrame, told: About, size: tuple[float, float]) -> None:
    """The names of the lines at their ends, their numbers at the points of the focus year."""
    known = data.dropna(subset=["central"])
    other = "Baseline" if told.against == THE_BASELINE else told.against.replace("_", " ")
    beside = shortened(other, _NAME_ROOM, _NAME_LINES)
    lines = [(beside, "baseline", BASELINE), (["Scenario"], "central", text_colour(SCENARIO))]
    if len(known) and (known["difference"].abs() <= _NOTICEABLE * known["central"]).all():
        lines = [(beside if told.alone else [*beside[:-1], f"{beside[-1]} and", "scenario"], "central", INK)]
    at_focus = {column: float(data.loc[data["year"] == told.focus, column].iloc[0]) for _, column, _ in lines}
    highest = max((level for level in at_focus.values() if np.isfinite(level)), default=0.0)
    last = told.focus == data["year"].max()
    names, marks = [], {}
    for name, column, colour in lines:
        drawn = data.dropna(subset=[column])
        if len(drawn):
            level = at_focus[column]
            number = money(level) if np.isfinite(level) else ""
            text = [*name, *([f"{number} in {told.focus}"] if last and number else [])]
            names.append((float(drawn["year"].iloc[-1]), float(drawn[column].iloc[-1]), text, colour))
            if number and not last:
                marks[number] = PointLabel(level=level, lines=[number], colour=colour, above=level == highest)
    _name_lines(axes, names)
    years = [int(year) for year in data["year"]]
    curves = [(years, data[column].to_numpy(dtype=float)) for _, column, _ in lines]
    if marks:
        point_labels(axes, told.focus, [*marks.values()], curves, size)


def _name_lines(axes: Axes, names: Sequence[tuple[float, float, Sequence[str], str]]) -> None:
    """Names beside the last year of their lines: year, height, lines of text, colour."""
    low, high = axes.get_ylim()
    ranked = sorted(names, key=lambda name: (name[1], name[2]))
    heights = [(len(text) + _LEAD) * line_height() * (high - low) / PANEL_HEIGHT for *_, text, _ in ranked]
    places = spread([name[1] for name in ranked], heights, low, high)
    for (year, _, text, colour), place in zip(ranked, places, strict=True):
        axes.annotate(
            "\n".join(text), (year, place), (_LABEL_OFF, 0), textcoords="offset points", va="center", color=colour,
            linespacing=TOGETHER, bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip


def _draw_difference(axes: Axes, data: pd.DataFrame, told: About, width: float) -> None:
    years = [int(year) for year in data["year"]]
    line, low, high = (data[f"difference{end}"].to_numpy(dtype=float) for end in ("", "_p05", "_p95"))
    zero_line(axes)
    draw_line(axes, years, line, low, high, SCENARIO, banded=told.banded)
    pad_limits(axes, _LEAST_DIFFERENCE * float(np.nanmax(data["central"].abs(), initial=1.0)))
    finish(axes, years, told.focus, width, sign=True)


def _difference_told(data: pd.DataFrame, focus: int) -> str:
    value = float(data.loc[data["year"] == focus, "difference"].iloc[0])
    told = f": {money(value, sign=True)} USD/t in {focus}" if np.isfinite(value) else ""
    return f"Difference{told}".replace("-", MINUS)


def _cents_axis(level: Axes) -> None:
    cents = level.secondary_yaxis("right", functions=(_to_cents, _to_dollars))
    # its ticks are placed when it is drawn: the digits are those that a number has
    cents.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS))
    cents.spines["right"].set_visible(True)
    # over the axis, not beside it, where long numbers would meet those of the difference
    level.annotate(
        "¢/lb", (1, 1), (0, POINTS * HEADING_GAP), xycoords="axes fraction", textcoords="offset points", ha="center",
        size=TEXT_SIZE, color=SOFT_INK, annotation_clip=False,
    )  # fmt: skip


def _to_cents(dollars: Any) -> Any:  # an array or a number, as matplotlib likes
    return dollars * CENTS_PER_POUND


def _to_dollars(cents: Any) -> Any:
    return cents / CENTS_PER_POUND
