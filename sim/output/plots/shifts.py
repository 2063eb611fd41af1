"""How the scenarios shift the shares of a market's suppliers in the focus year: dots with bands on one scale."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.output.plots.measures import (
    AXIS_LINE,
    BASELINE_LINE,
    GAP,
    LABEL_ROOM,
    MARGIN,
    NAME_GAP,
    NAME_ROOM,
    POINT,
    WIDTH,
)
from sim.output.plots.palette import RULE, SOFT_INK
from sim.output.plots.panel import edge_labels, number_ticks
from sim.output.plots.pick import as_shares
from sim.output.plots.scenarios import Together, belonging, in_order, mark_labels, page_of
from sim.output.plots.style import styled
from sim.output.plots.text import shortened
from sim.output.wording import MINUS, capital, percent, the

ROWS = 8  # suppliers shown at most
_MOVED = 0.0005  # of supply: what rounds to nothing
_DOT_ROW, _ROW_GAP, _BELOW = 0.16, 0.22, 0.5  # inches: of a dot, between suppliers, for the axis
_SLACK = 1.08  # times the range: dots keep off the edges
_LEAST = 0.5  # points: a smaller scale would make noise look like news
_COLUMNS = ["scenario", "supplier", "difference", "difference_p05", "difference_p95"]


def shifts_data(summaries: Mapping[str, pd.DataFrame], together: Together, *, good: str, region: str) -> pd.DataFrame:
    """Scenario, supplier and the paired difference of its share of supply with its band (of 1), focus year.

    The suppliers that move most in any scenario, those that gain first.
    """
    parts = []
    for name in in_order(together.names, list(summaries)):
        rows = summaries[name]
        chosen = (rows["indicator"] == "supply_share") & (rows["good"] == good) & (rows["region"] == region)
        rows = as_shares(rows[chosen & (rows["year"] == together.facts.focus)])
        parts.append(rows.assign(scenario=name).rename(columns={"partner": "supplier"})[_COLUMNS])
    table = pd.concat(parts, ignore_index=True).fillna(0.0)
    size = table.set_index("supplier")[_COLUMNS[2:]].abs().max(axis=1).groupby(level=0).max()
    named = sorted((name for name in size.index if size[name] >= _MOVED), key=lambda name: (-size[name], name))[:ROWS]
    mean = table.groupby("supplier")["difference"].mean()
    named.sort(key=lambda name: (-mean[name], name))
    place = {name: position for position, name in enumerate(named)}
    kept = table[table["supplier"].isin(named)]
    return kept.sort_values("supplier", key=lambda column: column.map(place), kind="stable").reset_index(drop=True)


def shifts_finding(data: pd.DataFrame, together: Together, *, good: str, region: str) -> str:
    """Who gains and who loses most in any scenario, in a sentence."""
    market, focus = the(together.label(region)), together.facts.focus
    supply = f"of the supply of {together.good(good)} to {market}"
    if data.empty:
        return capital(f"no share {supply} would move in {focus} in any scenario")
    ranked = data.sort_values("difference", kind="stable")
    ends = [
        (str(ranked["scenario"].iloc[end]), str(ranked["supplier"].iloc[end]), float(ranked["difference"].iloc[end]))
        for end in (-1, 0)
    ]
    told = []
    for (scenario, supplier, moved), sign in zip(ends, (1, -1), strict=True):
        if sign * moved >= _MOVED:
            who = "home suppliers" if supplier == region else the(together.label(supplier))
            told.append(f"{who} would {'gain' if sign > 0 else 'lose'} up to {percent(abs(moved))} points ({scenario})")
    if not told:
        return capital(f"in the central runs no share {supply} would move in {focus}; the bands tell how far draws go")
    return capital(f"{' and '.join(told)} {supply} in {focus}")


@styled
def shifts(summaries: Mapping[str, pd.DataFrame], together: Together, *, good: str, region: str) -> Figure:
    """A row for each supplier, in it a dot for each scenario; the names of the scenarios beside the first row."""
    data = shifts_data(summaries, together, good=good, region=region)
    suppliers = list(dict.fromkeys(data["supplier"]))
    present = in_order(together.names, list(data["scenario"])) or list(together.names)
    row = len(present) * _DOT_ROW + _ROW_GAP
    height = max(len(suppliers), 2) * row
    banded = ", bars: 5th to 95th percentile of the draws" if together.banded else ""
    what = (
        f"Change of shares in the supply of {together.good(good)} to {the(together.label(region))} against the "
        f"baseline in {together.facts.focus}, points{banded}."
    )
    finding = shifts_finding(data, together, good=good, region=region)
    page = page_of(together, finding, what, good=good, body=height + _BELOW + GAP)
    width = WIDTH - 2 * MARGIN - NAME_ROOM - LABEL_ROOM - GAP
    axes = page.axes(NAME_ROOM, _BELOW, width, height)
    above = max(len(suppliers), 2) - 1  # height of the first row; the last stands at 0
    for place in range(1, len(suppliers)):
        axes.axhline(place + above - len(suppliers) + 0.5, color=RULE, linewidth=AXIS_LINE)
    axes.axvline(0, color=SOFT_INK, linewidth=AXIS_LINE)
    step = _DOT_ROW / row
    offsets = {name: (number - (len(present) - 1) / 2) * step for number, name in enumerate(present)}
    for name in present:
        rows = data[data["scenario"] == name]
        heights = [above - suppliers.index(supplier) - offsets[name] for supplier in rows["supplier"]]
        middle, low, high = (100 * rows[column].to_numpy(dtype=float) for column in _COLUMNS[2:])
        with belonging(axes, together, name):
            if together.banded:
                axes.hlines(heights, low, high, color=together.colour(name), linewidth=BASELINE_LINE)
            axes.plot(middle, heights, "o", color=together.colour(name), markersize=POINT)
    numbers = 100 * data[_COLUMNS[2:]].to_numpy(dtype=float)
    slack = max((_SLACK - 1) * float(np.abs(numbers).max(initial=0.0)), _LEAST)
    axes.set_xlim(numbers.min(initial=0.0) - slack, numbers.max(initial=0.0) + slack)
    axes.set_ylim(-0.5, above + 0.5)
    names = [f"{together.label(each)}{', home' if each == region else ''}" for each in suppliers]
    ticks = [above - place for place in range(len(names))]
    axes.set_yticks(ticks, ["\n".join(shortened(name, NAME_ROOM - NAME_GAP, 2)) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    number_ticks(axes.xaxis, sign=True)
    axes.set_xlabel(f"Points of supply in {together.facts.focus}".replace("-", MINUS))
    labels = [
        (above - offsets[name], shortened(name.replace("_", " "), LABEL_ROOM - NAME_GAP, 2), together.colour(name))
        for name in present
    ]
    edge_labels(axes, labels, height)
    mark_labels(axes, together)
    return page.figure
