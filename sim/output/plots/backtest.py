"""Predicted against observed changes of an episode: a panel for each quantity, the largest misses named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.backtest_text import QUANTITY_WORDS, largest_misses, place_of
from sim.output.plots.measures import HEADING_SIZE, MARGIN, POINTS, SMALL_SIZE, WIDTH
from sim.output.plots.palette import INK, RULE, SCENARIO, SOFT_INK
from sim.output.plots.panel import grid
from sim.output.plots.style import heading, sheet, styled
from sim.output.plots.text import line_height, spread
from sim.output.wording import MINUS, capital, number, plain
from sim.quantity import Array
from sim.records.backtest import IMPORT_SHARE, NO_CHANGE, PRICE, QUANTITIES, Compared, Episode

UNITS = {IMPORT_SHARE: "percentage points", PRICE: "%"}
TONNES = "kt"
NAMED = 4  # misses with a name in a panel: more would not be read
_COLUMNS = 2
_HEIGHT, _LEFT, _BETWEEN, _BELOW = 2.9, 0.8, 0.95, 0.85  # inches: of a panel, and around it
_GAP = 0.1  # inches: over a heading, and twice that under the ticks
_ROOM = 0.08  # of the range beyond the outermost point
_SIDE = 10.0  # points between a point and its name
_BAR, _DOT, _LINE, _FAINT, _VEIL = 2.0, 4.0, 0.8, 0.4, 0.8  # widths in points; how much shows through


def points(rows: Sequence[Compared]) -> Array:
    """Observed and predicted changes with the ends of the band, (4, k): points, kt, or % of a price."""
    base = np.array([row.base for row in rows])
    found = np.array([[row.observed.value, row.model, row.low, row.high] for row in rows]).T
    quantity = rows[0].observed.quantity
    if quantity == PRICE:
        return np.asarray(100 * (found / base - 1.0))
    return np.asarray((100 if quantity == IMPORT_SHARE else 1) * (found - base))


def finding(episode: Episode) -> str:
    """The skill of each quantity against no change, in a sentence."""
    told = []
    for skill in episode.skills:
        value = skill.skill[NO_CHANGE]
        if np.isfinite(value):
            told.append(f"{QUANTITY_WORDS[skill.quantity]} {number(100 * value, 0, sign=True)} %")
    said = ", ".join(told).replace("-", MINUS) or "nothing observed had changed"
    return capital(f"skill against no change: {said}")


@styled
def predicted_against_observed(episode: Episode) -> Figure:
    """Observed change across, predicted change up, the diagonal where both are the same; bars are the bands."""
    panels = [
        (quantity, mine)
        for quantity in QUANTITIES
        if (mine := [row for row in episode.rows if row.observed.quantity == quantity and np.isfinite(row.model)])
    ]
    bands = f"bars: 5th to 95th percentile of {episode.solved} draws" if episode.solved else "central run only"
    context = [
        f"Change since {episode.year}, predicted against observed; a point on the diagonal was foretold; {bands}.",
        f"{plain(episode.title)} ({episode.name}, world {plain(episode.world)}).",
    ]
    note = "Only what was decided at the time goes in as shock. No parameter is tuned to an episode."
    down = -(-len(panels) // _COLUMNS)
    top = line_height(HEADING_SIZE) + _GAP
    each = _HEIGHT + _BELOW + top
    page = sheet(finding(episode), context, note, body=max(down, 1) * each)
    width = (WIDTH - 2 * MARGIN - _COLUMNS * _LEFT - (_COLUMNS - 1) * (_BETWEEN - _LEFT) - 0.5) / _COLUMNS
    for i, (quantity, rows) in enumerate(panels):
        column, line = i % _COLUMNS, i // _COLUMNS
        axes = page.axes(
            _LEFT + column * (width + _BETWEEN), (down - 1 - line) * each + _BELOW - 2 * _GAP, width, _HEIGHT
        )
        _draw(axes, quantity, rows, banded=episode.solved > 0)
    return page.figure


def _draw(axes: Axes, quantity: str, rows: Sequence[Compared], *, banded: bool) -> None:
    found = points(rows)
    observed, model, low, high = found
    shown = found if banded else found[:2]
    ends = float(min(np.nanmin(shown), 0.0)), float(max(np.nanmax(shown), 0.0))
    room = _ROOM * max(ends[1] - ends[0], 1.0)
    ends = ends[0] - room, ends[1] + room
    grid(axes)
    axes.plot(ends, ends, color=SOFT_INK, linewidth=1.0)
    for line in (axes.axhline, axes.axvline):
        line(0.0, color=RULE, linewidth=_LINE)
    if banded:
        axes.vlines(observed, low, high, color=SCENARIO, alpha=_FAINT, linewidth=_BAR)
    axes.plot(observed, model, linestyle="", marker="o", markersize=_DOT, color=SCENARIO)
    axes.set_xlim(ends)
    axes.set_ylim(ends)
    unit = UNITS.get(quantity, TONNES)
    axes.set_xlabel(f"observed change, {unit}")
    axes.set_ylabel(f"predicted change, {unit}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS))
    heading(axes, [capital(QUANTITY_WORDS[quantity])])
    _name_misses(axes, rows, ends)


def _name_misses(axes: Axes, rows: Sequence[Compared], ends: tuple[float, float]) -> None:
    """Names beside the largest misses: towards the middle of the panel, none over another."""
    middle = (ends[0] + ends[1]) / 2
    high = line_height(SMALL_SIZE) * (ends[1] - ends[0]) / _HEIGHT
    missed = largest_misses(rows, NAMED)
    for right in (False, True):
        side = [(*points([row])[:2, 0].tolist(), row) for row in missed]
        side = sorted(((x, y, row) for x, y, row in side if (x > middle) == right), key=lambda point: point[1])
        places = spread([y for _, y, _ in side], [high] * len(side), *ends)
        for (x, y, row), place in zip(side, places, strict=True):
            up = POINTS * _HEIGHT * (place - y) / (ends[1] - ends[0])
            axes.annotate(
                f"{place_of(row)} {row.observed.year}", (x, y), (-_SIDE if right else _SIDE, up),
                textcoords="offset points", ha="right" if right else "left", va="center", size=SMALL_SIZE, color=INK,
                arrowprops={"arrowstyle": "-", "color": SOFT_INK, "linewidth": 0.5, "shrinkA": 0, "shrinkB": 2},
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5, "alpha": _VEIL},
            )  # fmt: skip
