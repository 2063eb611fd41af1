"""Whose output and whose use of a good the scenario moves over the years: differences with their bands."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.about import about, span_of, years_told
from sim.output.plots.measures import AXIS_ROOM, GAP, MARGIN, NAME_GAP, PANEL_HEIGHT, WIDTH
from sim.output.plots.palette import lent_colours
from sim.output.plots.panel import draw_line, edge_labels, finish, pad_limits, year_room, zero_line
from sim.output.plots.pick import numbers_by
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import NARROW, shortened
from sim.output.wording import MINUS, capital, good_of, label_of, small_tonnes, the
from sim.records.outcome import RunFacts

OUTPUT, USE = "production", "consumption"
LINES = 5  # regions in a panel at most: more bands could not be told apart
_WORLD = "World"
_LEAST, _WORTH = 1e-5, 2e-4  # of the world's tonnes: what moves less is noise; from where there is news
_LABEL_ROOM = 1.55  # inches beside a panel: a name with its numbers in two lines
_SHARE_OF_SCALE = 1e-4  # of the world's tonnes: a smaller scale would make noise look like news
_NUMBERS = ["difference", "difference_p05", "difference_p95"]


def differences_data(summary: pd.DataFrame, *, good: str, focus: int) -> pd.DataFrame:
    """Indicator (OUTPUT, USE), region, year and the difference with its band, kt/yr, of those that move most.

    Regions stand in the order of their difference in the focus year, who gains first. Empty where nobody moves.
    """
    parts = []
    for indicator in (OUTPUT, USE):
        rows = summary[(summary["indicator"] == indicator) & (summary["good"] == good)]
        at_focus = rows[rows["year"] == focus].set_index("region")
        world = float(at_focus["baseline"].get(_WORLD, at_focus["baseline"].sum()))
        size = at_focus[_NUMBERS].abs().max(axis=1).drop(_WORLD, errors="ignore").fillna(0.0)
        moved = sorted((name for name in size.index if size[name] > _LEAST * world), key=lambda n: (-size[n], n))
        change = at_focus["difference"].fillna(0.0)
        named = sorted(moved[:LINES], key=lambda name: (-change[name], name))
        for name in named:
            mine = rows[rows["region"] == name].sort_values("year", kind="stable")
            parts.append(mine[["indicator", "region", "year", *_NUMBERS]])
    if not parts:
        return pd.DataFrame(columns=["indicator", "region", "year", *_NUMBERS])
    found: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return found


def has_differences(summary: pd.DataFrame, good: str, focus: int) -> bool:
    """Whether anybody's output or use moves by what is worth a figure."""
    data = differences_data(summary, good=good, focus=focus)
    return bool((data[_NUMBERS].abs() > _WORTH * _world(summary, good)).any(axis=None))


def _world(summary: pd.DataFrame, good: str) -> float:
    """The most that the world makes of a good in any year of the baseline, kt/yr."""
    rows = summary[(summary["indicator"] == OUTPUT) & (summary["good"] == good) & (summary["region"] == _WORLD)]
    return float(rows["baseline"].max()) if len(rows) else 0.0


def differences_finding(data: pd.DataFrame, *, good: str, focus: int, labels: Mapping[str, str]) -> str:
    """Who makes more, who makes less and who uses more in the focus year, in a sentence."""
    metal = good_of(good, labels)
    told: list[tuple[str, str]] = []
    for indicator, verb in ((OUTPUT, "make"), (USE, "use")):
        rows = data[(data["indicator"] == indicator) & (data["year"] == focus)].dropna(subset=["difference"])
        change = numbers_by(rows, "region", "difference")
        moved = max(change, key=lambda name: abs(change[name]), default=None)
        if moved is not None and small_tonnes(change[moved]) != "0":
            how = "more" if change[moved] > 0 else "less"
            told.append((the(label_of(moved, labels)), f"{verb} {small_tonnes(abs(change[moved]))} kt {how}"))
    if not told:
        return capital(f"in the central run hardly any output or use of {metal} moves in {focus}; draws go further")
    if len({who for who, _ in told}) == 1:
        return capital(f"{told[0][0]} would {' and '.join(what for _, what in told)} {metal} in {focus}")
    return capital(f"{' and '.join(f'{who} would {what}' for who, what in told)} {metal} in {focus}")


@styled
def differences(summary: pd.DataFrame, facts: RunFacts, *, good: str, labels: Mapping[str, str]) -> Figure:
    """Two panels, output and use, on one scale each, a line with its band for each region that moves most."""
    data = differences_data(summary, good=good, focus=facts.focus)
    told = about(facts, labels, good=good, market=_WORLD)
    years = sorted({int(year) for year in summary["year"]})
    shaded = "; shaded: 5th to 95th percentile of the draws" if told.banded else ""
    what = f"Change of output and use of {told.good} against {told.against}, {span_of(years)}, kt a year{shaded}. "
    what += f"{years_told(facts.focus, years)}. Largest changes only."
    width = (WIDTH - 2 * MARGIN - GAP) / 2 - AXIS_ROOM - _LABEL_ROOM
    below = year_room(years, width, facts.focus)
    finding = differences_finding(data, good=good, focus=facts.focus, labels=labels)
    page = report(finding, facts, what, good=good, body=headed(PANEL_HEIGHT, below=below))
    least = _SHARE_OF_SCALE * (_world(summary, good) or 1.0)
    for number, (indicator, title) in enumerate(((OUTPUT, "Output"), (USE, "Use"))):
        left = number * ((WIDTH - 2 * MARGIN - GAP) / 2 + GAP) + AXIS_ROOM
        axes = page.axes(left, below, width, PANEL_HEIGHT)
        rows = data[data["indicator"] == indicator]
        zero_line(axes)
        _draw(axes, rows, banded=told.banded)
        pad_limits(axes, least)
        finish(axes, years, facts.focus, width, sign=True)
        # not beside the axis: numbers of five digits leave no room there
        heading(axes, [f"{title}, kt a year"])
        _label(axes, rows, facts.focus, labels)
    return page.figure


def _draw(axes: Axes, rows: pd.DataFrame, *, banded: bool) -> None:
    colours = lent_colours(list(dict.fromkeys(rows["region"])))
    for name, colour in colours.items():
        mine = rows[rows["region"] == name]
        line, low, high = (mine[column].to_numpy(dtype=float) for column in _NUMBERS)
        draw_line(axes, [int(year) for year in mine["year"]], line, low, high, colour, banded=banded)


def _label(axes: Axes, rows: pd.DataFrame, focus: int, labels: Mapping[str, str]) -> None:
    colours = lent_colours(list(dict.fromkeys(rows["region"])))
    now, later = (
        numbers_by(rows[rows["year"] == year], "region", "difference") for year in (focus, rows["year"].max())
    )
    ends, numbers = [], []
    for name, colour in colours.items():
        known = rows.loc[(rows["region"] == name) & rows["difference"].notna(), "difference"]
        if len(known):
            # the label stands beside the last year and the finding speaks of the focus year: it needs both
            told = dict.fromkeys(small_tonnes(each.get(name, np.nan), sign=True) for each in (now, later))
            tail = f" {f'{NARROW}→{NARROW}'.join(told)}".replace("-", MINUS)
            words = shortened(label_of(name, labels), _LABEL_ROOM - NAME_GAP, 2, tail=tail)
            ends.append((float(known.iloc[-1]), words, colour))
            numbers.append(now.get(name, np.nan))
    edge_labels(axes, ends, PANEL_HEIGHT, told=numbers)
