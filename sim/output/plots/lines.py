"""One number over the years in several scenarios: levels with the baseline dashed, paired differences with bands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.about import span_of
from sim.output.plots.measures import AXIS_ROOM, GAP, LABEL_ROOM, NAME_GAP, PANEL_HEIGHT
from sim.output.plots.palette import BASELINE, text_colour
from sim.output.plots.panel import (
    difference_heading,
    draw_baseline,
    draw_line,
    edge_labels,
    finish,
    pad_limits,
    side_by_side,
    year_room,
    zero_line,
)
from sim.output.plots.pick import NUMBERS, as_shares
from sim.output.plots.scenarios import Together, at_focus, belonging, in_order, mark_labels, page_of, span_told
from sim.output.plots.style import headed, heading, styled
from sim.output.plots.text import NARROW, line_height, shortened
from sim.output.wording import MINUS, capital, money, percent, the

PRICE, SHARE = "delivered_price", "supply_share"
_PRICE_AXIS_ROOM = 0.75  # inches: seven digits before the axis
_DIFFERENCE_ROOM = 1.45  # inches beside the differences: a name with its number in two lines
_NAME_LINES = 3  # of a label where there is room: names of scenarios may differ in their last word only
_LEAST_PRICE, _LEAST_SHARE = 0.01, 0.01  # of the level; of 1: a smaller range would make noise look like news


def lines_data(
    summaries: Mapping[str, pd.DataFrame], *, indicator: str, good: str, region: str, partner: str = ""
) -> pd.DataFrame:
    """Scenario, year and the columns of NUMBERS (shares of 1, prices in USD/t) of those that have the indicator."""
    parts = []
    for name, summary in summaries.items():
        rows = summary[
            (summary["indicator"] == indicator)
            & (summary["good"] == good)
            & (summary["region"] == region)
            & (summary["partner"] == partner)
        ].sort_values("year", kind="stable")
        if len(rows):
            parts.append(as_shares(rows)[["year", *NUMBERS]].assign(scenario=name))
    if not parts:
        return pd.DataFrame(columns=["scenario", "year", *NUMBERS])
    return pd.concat(parts, ignore_index=True)[["scenario", "year", *NUMBERS]]


def lines_finding(
    data: pd.DataFrame, together: Together, *, indicator: str, good: str, region: str, partner: str
) -> str:
    """Where the scenarios take the number in the focus year, against the baseline, in a sentence."""
    focus = together.facts.focus
    levels, before = at_focus(data, focus, "central"), at_focus(data, focus, "baseline")
    market, metal = the(together.label(region)), together.good(good)
    if not levels:
        return capital(f"{metal} would have no number in {market} in {focus}")
    told = {name: _told(value, indicator) for name, value in levels.items()}
    unit = "USD/t" if indicator == PRICE else "%"
    was = {_told(value, indicator) for value in before.values()}
    against = ""
    if len(was) == 1:  # scenarios with baselines of their own may have several
        same = was == set(told.values())
        against = ", as in the baseline" if same else f", against {was.pop()} {unit} in the baseline"
    span = f"{span_told(told, levels)} {unit}" if len(set(told.values())) == 1 else _span(told, levels, unit)
    if indicator == PRICE:
        return capital(f"{metal} in {market} would cost {span} in {focus}{against}")
    who = "home suppliers" if partner == region else the(together.label(partner))
    return capital(f"{who} would hold {span} of the supply of {metal} to {market} in {focus}{against}")


def _span(told: Mapping[str, str], levels: Mapping[str, float], unit: str) -> str:
    return span_told({name: f"{value} {unit}" for name, value in told.items()}, levels)


def _told(value: float, indicator: str, *, sign: bool = False) -> str:
    text = money(value, sign=sign) if indicator == PRICE else percent(value, sign=sign)
    return text.replace("-", MINUS)


@styled
def lines(
    summaries: Mapping[str, pd.DataFrame],
    together: Together,
    *,
    indicator: str,
    good: str,
    region: str,
    partner: str = "",
) -> Figure:
    """Levels at the left, differences with their bands at the right, a colour for each scenario."""
    data = lines_data(summaries, indicator=indicator, good=good, region=region, partner=partner)
    years = sorted({int(year) for year in data["year"]})
    price = indicator == PRICE
    market = the(together.label(region))
    dashed = "Dashed: baseline" if together.one_baseline else "Dashed: baseline of each"
    shaded = ". Differences draw by draw, shaded: 5th to 95th percentile" if together.banded else ""
    about = (
        f"Market price of {together.good(good)} in {market}, duties and rents included, USD of the base year per tonne"
        if price
        else f"Share of {the(together.label(partner))} in the supply of {together.good(good)} to {market}, %"
    )
    axis_room = _PRICE_AXIS_ROOM if price else AXIS_ROOM
    width, left, rest = side_by_side(axis_room, LABEL_ROOM + GAP, alone=False, after=_DIFFERENCE_ROOM)
    below = year_room(years, rest, together.facts.focus)
    finding = lines_finding(data, together, indicator=indicator, good=good, region=region, partner=partner)
    what = f"{about}, {span_of(years)}. {dashed}{shaded}. Numbers: {together.facts.focus}."
    page = page_of(together, finding, what, good=good, body=headed(PANEL_HEIGHT, below=below))
    level = page.axes(axis_room, below, width, PANEL_HEIGHT)
    _draw(level, data, together, indicator, "central")
    _draw_baselines(level, data, together, indicator)
    top = float(np.nanmax(data["central"].abs(), initial=0.0)) * _scale(indicator)
    least = max(_LEAST_PRICE * top, 1.0) if price else 100 * _LEAST_SHARE
    pad_limits(level, least)
    if not price:
        level.set_ylim(max(level.get_ylim()[0], 0.0), level.get_ylim()[1])
    finish(level, years, together.facts.focus, width)
    heading(level, ["Price, USD/t" if price else "Share of supply, %"])
    _label(level, data, together, indicator, "central", LABEL_ROOM)
    difference = page.axes(left, below, rest, PANEL_HEIGHT)
    zero_line(difference)
    _draw(difference, data, together, indicator, "difference")
    pad_limits(difference, least / 2)
    finish(difference, years, together.facts.focus, rest, sign=True)
    difference_heading(difference, "Difference, USD/t" if price else "Difference, points")
    _label(difference, data, together, indicator, "difference", _DIFFERENCE_ROOM)
    return page.figure


def _scale(indicator: str) -> float:
    return 1.0 if indicator == PRICE else 100.0


def _draw(axes: Axes, data: pd.DataFrame, together: Together, indicator: str, column: str) -> None:
    """Lines of all scenarios; the differences with their bands, which belong to them."""
    apart = column == "difference"
    for name in in_order(together.names, list(data["scenario"])):
        rows = data[data["scenario"] == name]
        line, low, high = (
            _scale(indicator) * rows[f"{column}{end}"].to_numpy(dtype=float)
            for end in ("", *(("_p05", "_p95") if apart else ("", "")))
        )
        with belonging(axes, together, name):
            draw_line(
                axes,
                [int(year) for year in rows["year"]],
                line,
                low,
                high,
                together.colour(name),
                banded=apart and together.banded,
            )


def _draw_baselines(axes: Axes, data: pd.DataFrame, together: Together, indicator: str) -> None:
    names = in_order(together.names, list(data["scenario"]))
    for name in names[:1] if together.one_baseline else names:
        rows = data[data["scenario"] == name]
        before = _scale(indicator) * rows["baseline"].to_numpy(dtype=float)
        years = [int(year) for year in rows["year"]]
        if together.one_baseline:
            draw_baseline(axes, years, before, BASELINE)
        else:
            with belonging(axes, together, name):
                draw_baseline(axes, years, before, text_colour(together.colour(name)))


def _label(axes: Axes, data: pd.DataFrame, together: Together, indicator: str, column: str, room: float) -> None:
    """Names at the ends of the lines with the numbers of the focus year."""
    numbers = at_focus(data, together.facts.focus, column)
    most = min(_NAME_LINES, int(PANEL_HEIGHT / line_height() / len(together.names)))
    labels, known_numbers = [], []
    for name in in_order(together.names, list(data["scenario"])):
        known = data.loc[(data["scenario"] == name) & data[column].notna(), column]
        if len(known):
            told = _told(numbers[name], indicator, sign=column == "difference") if name in numbers else ""
            unit = f"{NARROW}%" if indicator != PRICE and column == "central" and told else ""
            tail = f" {told}{unit}" if told else ""
            words = shortened(name.replace("_", " "), room - NAME_GAP, most, tail=tail)
            labels.append((_scale(indicator) * float(known.iloc[-1]), words, together.colour(name)))
            known_numbers.append(numbers.get(name, np.nan))
    edge_labels(axes, labels, PANEL_HEIGHT, told=known_numbers)
    mark_labels(axes, together)
