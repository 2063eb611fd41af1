"""What either state of a drawn switch comes to: the draws of each apart, since a chance is no weight."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.measures import (
    AXIS_LINE,
    BAND_SHOWS,
    GAP,
    HEADING_SIZE,
    LABEL_OFF,
    MARGIN,
    POINT,
    POINTS,
    TEXT_SIZE,
    WIDTH,
)
from sim.output.plots.palette import BASELINE, RULE, SCENARIO, SOFT_INK, text_colour
from sim.output.plots.panel import number_ticks
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import NARROW, text_width, wrapped
from sim.output.wording import MINUS, against_of, capital, good_of, label_of, percent, plain, small_tonnes, the
from sim.records.cases import SwitchCases
from sim.records.outcome import RunFacts

IMPORTS, IMPORTS_CHANGE, TOUCHED_CHANGE, PRICE_CHANGE, OUTPUT = (
    "imports",
    "imports_change",
    "touched_change",
    "price_change",
    "output",
)
STATES = {True: "on", False: "off"}
_COLUMNS = 3  # panels side by side: narrower ones leave their numbers no room
_NAME_ROOM, _ROW, _BELOW, _BETWEEN = 0.95, 0.42, 0.3, 0.45  # inches: before the panels, a state, ticks, between panels
_EDGE = 0.75  # of a row, from the outer states to the edges: the upper number stands there
_TICKS, _STEPS = 4, (1, 2, 5, 10)  # at most; steps between them in units of their first digit
_SLACK, _LEAST = 0.1, 1.2  # of the range beyond the outermost end, and the least range (points, %, kt)
_BAND = 6.0  # width of a band in points


def cases_data(cases: SwitchCases) -> pd.DataFrame:
    """A row for each number and state: panel, good, region, state, draws, value, p05, p95.

    ``value`` is the median of the draws of the state. Shares and their changes are in % and points, a change of the
    price in %, of output in kt a year; ``good`` and ``region`` tell outputs apart. Numbers blank in every state are
    left out.
    """
    rows: list[tuple[object, ...]] = []
    for state in cases.states:
        told = {IMPORTS: state.imports, IMPORTS_CHANGE: state.imports_change, TOUCHED_CHANGE: state.touched_change,
                PRICE_CHANGE: state.price_change}  # fmt: skip
        about = STATES[state.on], state.draws
        for panel, band in told.items():
            numbers = (100 * end for end in (band.p50, band.p05, band.p95))
            rows.append((panel, cases.good, cases.market, *about, *numbers))
        rows += [(OUTPUT, good, region, *about, band.p50, band.p05, band.p95) for good, region, band in state.output]
    data = pd.DataFrame(rows, columns=["panel", "good", "region", "state", "draws", "value", "p05", "p95"])
    known = data.groupby(["panel", "good", "region"])["value"].transform("count") > 0
    return data[known].reset_index(drop=True)


def cases_finding(cases: SwitchCases, data: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """By how much the country's share in the imports moves in either state, in a sentence."""
    market, country = the(label_of(cases.market, labels)), the(label_of(cases.country, labels))
    share = f"the share of {country} in the imports of {good_of(cases.good, labels)} of {market}"
    moved = data[data["panel"] == IMPORTS_CHANGE]
    if moved.empty:
        return capital(f"{share} cannot be told apart in {cases.year}: nothing is imported")
    told = [
        f"by {_number(row, ' points', sign=True)} with {plain(cases.switch) if first else 'it'} {row['state']}"
        for first, (_, row) in zip((True, *[False] * len(moved)), moved.iterrows(), strict=False)
    ]
    return capital(f"{share} would move {' and '.join(told)} in {cases.year}")


@styled
def cases_apart(cases: SwitchCases, facts: RunFacts, *, labels: Mapping[str, str]) -> Figure:
    """A small panel for each number, a line for each state with its band, on one scale within the panel."""
    data = cases_data(cases)
    states = list(dict.fromkeys(zip(data["state"], data["draws"], strict=True)))
    chance = f" {plain(cases.switch)} has a chance of {percent(cases.chance)}{NARROW}%." if cases.chance else ""
    what = f"The draws of each state in {cases.year}: median, in brackets and as bar 5th to 95th percentile."
    panels = [rows.reset_index(drop=True) for _, rows in data.groupby(["panel", "good", "region"], sort=False)]
    width = (WIDTH - 2 * MARGIN - _NAME_ROOM - GAP - _BETWEEN * (_COLUMNS - 1)) / _COLUMNS
    titles = [
        wrapped(_title(rows.iloc[0], cases, labels, against_of(facts)), width, HEADING_SIZE, "bold") for rows in panels
    ]
    lines = max(len(title) for title in titles)
    height = _ROW * (len(states) - 1 + 2 * _EDGE)
    each = headed(height, lines, below=_BELOW) + GAP
    down = -(-len(panels) // _COLUMNS)
    page = report(cases_finding(cases, data, labels), facts, what + chance, good=cases.good, body=down * each)
    for number, (rows, title) in enumerate(zip(panels, titles, strict=True)):
        column, line = number % _COLUMNS, number // _COLUMNS
        left, bottom = _NAME_ROOM + column * (width + _BETWEEN), (down - 1 - line) * each + _BELOW
        axes = page.axes(left, bottom, width, height)
        _draw(axes, rows, width)
        heading(axes, [*title, *[""] * (lines - len(title))])
        names = [f"{state}\n{count} draws" for state, count in states]
        axes.set_yticks(range(len(names)), names if not column else [""] * len(names))
    return page.figure


def _title(first: pd.Series, cases: SwitchCases, labels: Mapping[str, str], against: str) -> str:
    country, region = the(label_of(cases.country, labels)), the(label_of(str(first["region"]), labels))
    return {
        IMPORTS: f"{capital(country)} in the imports of {region}, %",
        IMPORTS_CHANGE: f"The same, change against {against}, points",
        TOUCHED_CHANGE: f"Touched by {country} at any stage, of supply, change in points",
        PRICE_CHANGE: f"Price in {region}, change in %",
        OUTPUT: f"{capital(label_of(str(first['good']), labels))} made in {region}, change in kt",
    }[str(first["panel"])]


def _draw(axes: Axes, rows: pd.DataFrame, width: float) -> None:
    ends = rows[["value", "p05", "p95"]].to_numpy(dtype=float)
    change = rows["panel"].iloc[0] != IMPORTS
    low, high = min(float(np.nanmin(ends)), 0.0), max(float(np.nanmax(ends)), 0.0)
    spare = max(_SLACK * (high - low), (_LEAST - (high - low)) / 2)
    axes.set_xlim(low - (spare if change else 0.0), high + spare)
    axes.set_ylim(len(rows) - 1 + _EDGE, -_EDGE)
    axes.axvline(0, color=SOFT_INK if change else RULE, linewidth=AXIS_LINE)
    for place, (_, row) in enumerate(rows.iterrows()):
        colour = SCENARIO if row["state"] == STATES[True] else BASELINE
        axes.plot([row["p05"], row["p95"]], [place, place], color=colour, alpha=2 * BAND_SHOWS, linewidth=_BAND,
                  solid_capstyle="butt")  # fmt: skip
        axes.plot([row["value"]], [place], "o", color=colour, markersize=POINT)
        text = _number(row, "", sign=change)
        start = _start(float(row["value"]), text_width(text), axes.get_xlim(), width)
        axes.annotate(
            text, (start, place), (0, LABEL_OFF), textcoords="offset points", ha="left", va="bottom", size=TEXT_SIZE,
            color=text_colour(colour),
        )  # fmt: skip
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.locator_params(axis="x", nbins=_TICKS, steps=_STEPS)
    number_ticks(axes.xaxis, sign=change)


def _start(value: float, wide: float, limits: tuple[float, float], width: float) -> float:
    """Where a number ``wide`` inches begins: over its point, but within the panel and on one side of nought."""
    low, high = limits
    inch = (high - low) / width
    off, room = LABEL_OFF / POINTS * inch, wide * inch
    below, above = (low, -off), (off, high)
    wider = max(below, above, key=lambda side: side[1] - side[0])
    own = wider if value == 0 else below if value < 0 else above
    sides = [own, below if own is above else above, limits]
    left, right = next((side for side in sides if side[1] - side[0] >= room), limits)
    return max(min(value - room / 2, right - room), left)


def _number(row: pd.Series, unit: str, *, sign: bool) -> str:
    """The median with its unit and its band in brackets."""
    output = row["panel"] == OUTPUT
    ends = [float(row[name]) for name in ("value", "p05", "p95")]
    value, low, high = (
        (small_tonnes(end, sign=sign) if output else percent(end / 100, sign=sign)).replace("-", MINUS) for end in ends
    )
    return f"{value}{unit}{NARROW}({low} to {high})" if low != high else f"{value}{unit}"
