"""How an indicator responds over the points of a sweep: a curve, a table of shades, a row of dots, or clouds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.output.asked_text import subject
from sim.output.plots.measures import (
    AXIS_LINE,
    AXIS_ROOM,
    BAND_SHOWS,
    DATA_LINE,
    GAP,
    GRID_SHOWS,
    HAIR_LINE,
    HEADING_GAP,
    HEADING_SIZE,
    MARGIN,
    NAME_GAP,
    NAME_ROOM,
    PANEL_HEIGHT,
    POINT,
    SMALL_SIZE,
    TEXT_SIZE,
    TINY_SIZE,
    WIDTH,
    YEAR_ROOM,
)
from sim.output.plots.palette import CHANGE_MAP, FAINT_INK, INK, RULE, SCENARIO, luminance
from sim.output.plots.panel import grid, number_ticks
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import line_height, shortened, text_width
from sim.output.sweep_text import Response, about, point_words
from sim.output.wording import MINUS, capital
from sim.records.outcome import RunFacts
from sim.records.sweep import Axis, Point

_ROW, _CELL, _CELL_EDGE = 0.3, 0.36, 0.08  # inches: a row of dots, a row of cells, what keeps cells apart
_ROOM = 0.05  # of the range: around curves and dots
_CLOUD, _ACROSS = 2.3, 3  # inches of a cloud's side, clouds beside each other
_DARK = 0.3  # luminance under which white letters read better than black ones
_CORNER = (-4.0, 5.0)  # points from the corner of the table to what its sides mean
_NAME_WIDER = 1.3  # times the usual room for names of points, which are titles


@styled
def sweep_figure(
    response: Response, axes: Sequence[Axis], points: Sequence[Point], facts: RunFacts, labels: Mapping[str, str]
) -> Figure:
    """The response in the form that fits its axes; the draws' band is drawn where there is one."""
    words = [point_words(point, axes, labels) for point in points]
    full = len(axes) == 2 and len({w[0] for w in words}) * len({w[1] for w in words}) == len(points)
    if full:
        return _shades(response, axes, words, facts, labels)
    if len(axes) == 1 and axes[0].numeric:
        return _curve(response, axes[0], points, facts, labels)
    if len(axes) <= 1:
        return _dots(response, words, facts, labels)
    return _clouds(response, axes, points, facts, labels)


def finding(response: Response, words: Sequence[tuple[str, ...]], labels: Mapping[str, str]) -> str:
    """From the least to the largest number, each with the point it stands at."""
    what = capital(subject(response.column, labels))
    if np.isnan(response.central).all():
        return f"{what} in {response.column.year} is known at no point"
    ends = response.ends
    least, largest = (f"{response.told(response.central[i])} {response.shown.unit}".rstrip() for i in ends)
    if least == largest:
        return f"{what} is {least} in {response.column.year} at every point"
    where = [", ".join(words[i]) for i in ends]
    return f"{what}: from {least} ({where[0]}) to {largest} ({where[1]}) in {response.column.year}"


def _banded(response: Response) -> bool:
    return bool(np.isfinite(response.low).any())


def _what(response: Response, labels: Mapping[str, str], text: str) -> str:
    band = "; bars and shades: 5th to 95th percentile of the draws" if _banded(response) else ""
    return f"{about(response, labels)}, {text}{band}."


def _curve(
    response: Response, axis: Axis, points: Sequence[Point], facts: RunFacts, labels: Mapping[str, str]
) -> Figure:
    below = YEAR_ROOM + line_height() + GAP
    words = [point_words(point, (axis,), labels) for point in points]
    page = report(
        finding(response, words, labels),
        facts,
        _what(response, labels, f"central run over {axis.label.lower()}"),
        good=response.column.good,
        body=headed(PANEL_HEIGHT, below=below),
    )
    panel = page.axes(AXIS_ROOM, below, WIDTH - 2 * MARGIN - AXIS_ROOM - GAP, PANEL_HEIGHT)
    order = np.argsort([point.numbers[0] for point in points], kind="stable")
    across = np.array([points[i].numbers[0] for i in order])
    grid(panel)
    if _banded(response):
        low, high = response.low[order], response.high[order]
        panel.fill_between(across, low, high, color=SCENARIO, alpha=BAND_SHOWS, linewidth=0)
    panel.plot(across, response.central[order], color=SCENARIO, linewidth=DATA_LINE, marker="o", markersize=POINT)
    _vertical(panel, response)
    _horizontal(panel, axis)
    heading(panel, shortened(about(response, labels), WIDTH - 2 * MARGIN - AXIS_ROOM - GAP, 1, size=HEADING_SIZE))
    return page.figure


def _dots(response: Response, words: Sequence[tuple[str, ...]], facts: RunFacts, labels: Mapping[str, str]) -> Figure:
    order = np.argsort(np.nan_to_num(response.central, nan=-np.inf), kind="stable")
    height = _ROW * len(words)
    below = YEAR_ROOM + line_height()
    page = report(
        finding(response, words, labels),
        facts,
        _what(response, labels, "central run of each point, dots"),
        good=response.column.good,
        body=headed(height, below=below),
    )
    room = NAME_ROOM * _NAME_WIDER
    panel = page.axes(room, below, WIDTH - 2 * MARGIN - room - GAP, height)
    rows = np.arange(len(words))
    panel.grid(axis="x", color=RULE, alpha=GRID_SHOWS, linewidth=HAIR_LINE)
    panel.set_axisbelow(True)
    if _banded(response):
        panel.hlines(rows, response.low[order], response.high[order], color=SCENARIO, alpha=2 * BAND_SHOWS,
                     linewidth=2 * DATA_LINE)  # fmt: skip
    panel.plot(response.central[order], rows, marker="o", markersize=POINT, linestyle="none", color=SCENARIO)
    names = [shortened(" ".join(words[i]) or "as it is", room - NAME_GAP, 1, size=SMALL_SIZE)[0] for i in order]
    panel.set_yticks(rows, names)
    panel.set_ylim(-1, len(words))
    panel.tick_params(axis="y", length=0, labelsize=SMALL_SIZE)
    number_ticks(panel.xaxis)
    heading(panel, shortened(about(response, labels), WIDTH - 2 * MARGIN - room - GAP, 1, size=HEADING_SIZE))
    return page.figure


def _shades(
    response: Response,
    axes: Sequence[Axis],
    words: Sequence[tuple[str, ...]],
    facts: RunFacts,
    labels: Mapping[str, str],
) -> Figure:
    down, across = (list(dict.fromkeys(word[k] for word in words)) for k in range(2))
    cells = {word: response.central[i] for i, word in enumerate(words)}
    values = np.array([[cells[first, second] for second in across] for first in down])
    wide = (WIDTH - 2 * MARGIN - NAME_ROOM) / len(across)
    heads = [shortened(text, wide - _CELL_EDGE, 2, size=SMALL_SIZE) for text in across]
    head_room = max(len(lines) for lines in heads) * line_height(SMALL_SIZE) + HEADING_GAP
    height = _CELL * len(down)
    page = report(
        finding(response, words, labels),
        facts,
        f"{about(response, labels)}, central run. Down: {axes[0].label.lower()}; across: {axes[1].label.lower()}.",
        good=response.column.good,
        body=height + head_room + 2 * MARGIN,
    )
    panel = page.axes(NAME_ROOM, MARGIN, wide * len(across), height)
    low, high = (float(end(values)) for end in (np.nanmin, np.nanmax)) if np.isfinite(values).any() else (0.0, 1.0)
    for row, column in np.ndindex(values.shape):
        part = (values[row, column] - low) / (high - low) if high > low else 0.0
        _cell(panel, row, column, response.told(float(values[row, column])), float(np.nan_to_num(part)), wide)
    panel.set_yticks(
        range(len(down)), ["\n".join(shortened(n, NAME_ROOM - NAME_GAP, 2, size=SMALL_SIZE)) for n in down]
    )
    panel.set_xticks(range(len(heads)), ["\n".join(lines) for lines in heads])
    panel.tick_params(length=0, labelsize=SMALL_SIZE, top=True, labeltop=True, bottom=False, labelbottom=False)
    panel.annotate(
        f"{axes[0].label} ↓  {axes[1].label} →", (0, 1), _CORNER, xycoords="axes fraction",
        textcoords="offset points", ha="right", color=FAINT_INK, size=TINY_SIZE,
    )  # fmt: skip
    panel.set_xlim(-0.5, len(across) - 0.5)
    panel.set_ylim(len(down) - 0.5, -0.5)
    panel.spines[:].set_visible(False)
    return page.figure


def _cell(panel: Axes, row: int, column: int, text: str, part: float, wide: float) -> None:
    """A cell with its number; ``part`` of the way from the least to the largest is how dark it is."""
    colour = CHANGE_MAP(0.5 + 0.5 * part)
    panel.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour, edgecolor=RULE, linewidth=HAIR_LINE))
    text = text.replace("-", MINUS)
    size = TEXT_SIZE if text_width(text) < wide - _CELL_EDGE else TINY_SIZE
    ink = "white" if luminance(colour[:3]) < _DARK else INK
    panel.text(column, row, text, ha="center", va="center_baseline", size=size, color=ink)


def _clouds(
    response: Response, axes: Sequence[Axis], points: Sequence[Point], facts: RunFacts, labels: Mapping[str, str]
) -> Figure:
    words = [point_words(point, axes, labels) for point in points]
    shown = [k for k, axis in enumerate(axes) if axis.numeric]
    lines = -(-max(len(shown), 1) // _ACROSS)
    below = YEAR_ROOM + line_height() + GAP
    page = report(
        finding(response, words, labels),
        facts,
        _what(response, labels, "central run of each point over each number that is varied"),
        good=response.column.good,
        body=lines * headed(_CLOUD, below=below),
    )
    step = (WIDTH - 2 * MARGIN) / _ACROSS
    for place, k in enumerate(shown):
        row, column = divmod(place, _ACROSS)
        bottom = (lines - 1 - row) * headed(_CLOUD, below=below) + below
        panel = page.axes(column * step + AXIS_ROOM, bottom, step - AXIS_ROOM - GAP, _CLOUD)
        grid(panel)
        across = [point.numbers[k] for point in points]
        if _banded(response):
            panel.vlines(across, response.low, response.high, color=SCENARIO, alpha=BAND_SHOWS, linewidth=AXIS_LINE)
        panel.plot(across, response.central, marker="o", markersize=POINT, linestyle="none", color=SCENARIO)
        _vertical(panel, response)
        _horizontal(panel, axes[k])
        heading(panel, shortened(response.shown.unit or response.column.unit, step - AXIS_ROOM - GAP, 1))
    return page.figure


def _vertical(panel: Axes, response: Response) -> None:
    reached = np.concatenate([response.central, response.low, response.high])
    reached = reached[np.isfinite(reached)]
    if len(reached):
        low, high = float(reached.min()), float(reached.max())
        room = _ROOM * (high - low or abs(high) or 1.0)
        panel.set_ylim(low - room, high + room)
    number_ticks(panel.yaxis)


def _horizontal(panel: Axes, axis: Axis) -> None:
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS))
    panel.set_xlabel(f"{axis.label}{f', {axis.unit}' if axis.unit else ''}")
