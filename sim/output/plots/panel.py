"""Panels with years along their foot: axes, lines with bands, the baseline dashed, and where two stand side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sim.output.plots.measures import (
    AXIS_LINE,
    BAND_SHOWS,
    BASELINE_LINE,
    DASHES,
    DATA_LINE,
    DOTS,
    END_ROOM,
    GRID_SHOWS,
    HAIR_LINE,
    MARGIN,
    TOGETHER,
    WIDTH,
)
from sim.output.plots.palette import INK, RULE, SOFT_INK, text_colour
from sim.output.plots.style import heading
from sim.output.plots.text import text_width
from sim.output.wording import MINUS, number
from sim.quantity import Array

_LEVEL_PART = 0.6  # of two panels side by side: levels have more to show than their difference
_APART = 1.5  # of its width: room that a year takes among the ticks
_MANY_YEARS = 12  # from here on ticks stand at fives and tens
_WIDE_STEPS, _NARROW_STEPS = (10, 5), (5, 2, 1)  # years between ticks, the first that fits
_MOST_DECIMALS, _EXACT = 6, 1e-6  # of a tick; of a step, where rounding of floats begins
_SLACK = 1.1  # times the range of the data: lines keep off the upper and lower edge
_DIFFERENCE_LEFT = -0.3  # inches: the heading of a difference may begin over its ticks


def side_by_side(axis_room: float, between: float, *, alone: bool) -> tuple[float, float, float]:
    """Width of a panel of levels, and left edge and width of the one of differences right of it, inches.

    ``between`` is the room they keep beside that for the axis. The levels of a baseline, ``alone``, end there too.
    """
    room = WIDTH - 2 * MARGIN - 2 * axis_room - between - END_ROOM
    level = room + axis_room if alone else _LEVEL_PART * room
    return level, 2 * axis_room + level + between, room - level


def difference_heading(axes: Axes, text: str) -> None:
    """The heading of a panel of differences."""
    heading(axes, [text], left=_DIFFERENCE_LEFT)


def draw_line(
    axes: Axes, years: Sequence[int], line: Array, low: Array, high: Array, colour: str, *, banded: bool
) -> None:
    """A line of the scenario with its band; where it has a single year, a dot."""
    if banded:
        axes.fill_between(years, low, high, color=colour, alpha=BAND_SHOWS, linewidth=0)
    axes.plot(years, line, color=colour, linewidth=DATA_LINE, marker=_marker(years))


def draw_baseline(axes: Axes, years: Sequence[int], line: Array, colour: str) -> None:
    """The line of the baseline, dashed, over that of the scenario."""
    axes.plot(years, line, color=colour, linewidth=BASELINE_LINE, linestyle=DASHES, marker=_marker(years))


def zero_line(axes: Axes) -> None:
    """Where nothing differs."""
    axes.axhline(0, color=SOFT_INK, linewidth=AXIS_LINE)


def year_ticks(axes: Axes, years: Sequence[int], room: float, focus: int) -> None:
    """Ticks on the first and the focus year, and on round years where ``room`` inches leave them space."""
    first, last = min(years), max(years)
    per_year = room / max(last - first, 1)
    space = text_width("2000") * _APART
    ticks = sorted({first, focus} & set(years))
    if len(ticks) == 2 and (focus - first) * per_year < space:
        ticks = [focus]
    for step in _WIDE_STEPS if last - first > _MANY_YEARS else _NARROW_STEPS:
        for year in range(first + -first % step, last + 1, step):
            if all(abs(year - tick) * per_year >= space for tick in ticks):
                ticks.append(year)
    axes.set_xticks(sorted(ticks), [str(year) for year in sorted(ticks)])


def number_ticks(axes: Axes, *, sign: bool = False) -> None:
    """Numbers on the vertical axis with as many decimals as their step needs, thousands separated."""
    step = float(np.diff(axes.get_yticks()[:2])[0])
    decimals = next(
        (n for n in range(_MOST_DECIMALS) if abs(step * 10**n - round(step * 10**n)) < _EXACT * step * 10**n),
        _MOST_DECIMALS,
    )
    axes.yaxis.set_major_formatter(lambda value, _: number(value, decimals, sign=sign).replace("-", MINUS))


def focus_line(axes: Axes, focus: int, years: Sequence[int]) -> None:
    """A dotted line at the year the numbers are of, unless it is the edge of the panel."""
    if min(years) < focus < max(years):
        axes.axvline(focus, color=INK, linewidth=AXIS_LINE, linestyle=DOTS)


def grid(axes: Axes) -> None:
    """Faint horizontal lines behind the data."""
    axes.grid(axis="y", color=RULE, linewidth=HAIR_LINE, alpha=GRID_SHOWS)
    axes.set_axisbelow(True)


def finish(
    axes: Axes, years: Sequence[int], focus: int, room: float, *, sign: bool = False, beyond: float = 0.0
) -> None:
    """Limits, ticks, grid and the focus year of a panel with years over ``room`` inches, once its data are drawn.

    ``beyond`` is room right of the last year for labels, as a part of the span of years.
    """
    _year_limits(axes, years, beyond)
    grid(axes)
    number_ticks(axes, sign=sign)
    focus_line(axes, focus, years)
    year_ticks(axes, years, room, focus)


def edge_label(axes: Axes, lines: Sequence[str], y: float, colour: str, *, off: float) -> None:
    """A label right of the panel, its middle at the height ``y`` of the data, ``off`` points from the edge."""
    axes.annotate(
        "\n".join(lines), (1, y), (off, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
        va="center", color=text_colour(colour), linespacing=TOGETHER, annotation_clip=False,
    )  # fmt: skip


def _marker(years: Sequence[int]) -> str:
    """The marker of a line: a dot where it has a single year and would not be seen."""
    return "o" if len(years) == 1 else ""


def _year_limits(axes: Axes, years: Sequence[int], beyond: float = 0.0) -> None:
    """From the first to the last year, and ``beyond`` of that span further for labels."""
    span = max(years[-1] - years[0], 1)
    axes.set_xlim(years[0] - (0.5 if len(years) == 1 else 0.0), years[0] + span * (1 + beyond))


def pad_limits(axes: Axes, least: float) -> None:
    """Room above and below the data, ``least`` to either side: flat lines stand in the middle, noise stays small."""
    low, high = axes.get_ylim()
    middle, half = (low + high) / 2, max((high - low) / 2 * _SLACK, least)
    axes.set_ylim(middle - half, middle + half)
