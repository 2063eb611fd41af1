"""Panels with years along their foot: axes, lines with bands, the baseline dashed, and where two stand side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis

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
    LABEL_OFF,
    MARGIN,
    POINT,
    POINTS,
    TEXT_SIZE,
    TICK_SIZE,
    TOGETHER,
    WIDTH,
    YEAR_ROOM,
)
from sim.output.plots.palette import INK, RULE, SOFT_INK, text_colour
from sim.output.plots.style import heading
from sim.output.plots.text import line_height, spread, text_width
from sim.output.wording import MINUS, number
from sim.quantity import Array

_LEVEL_PART = 0.6  # of two panels side by side: levels have more to show than their difference
_APART = 1.5  # of its width: room that a year takes among the ticks
_TOUCHING = 1.2  # of its width: nearer than that two years read as one
_MANY_YEARS = 12  # from here on ticks stand at fives and tens
_WIDE_STEPS, _NARROW_STEPS = (10, 5), (5, 2, 1)  # years between ticks, the first that fits
_MOST_DECIMALS, _EXACT = 6, 1e-6  # of a tick; of a step, where rounding of floats begins
_SLACK = 1.1  # times the range of the data: lines keep off the upper and lower edge
_SAME_END = 0.01  # of the height of a panel: lines that end nearer to each other end at one place
_FINE = 500  # points of a curve: nearer to each other than a letter is wide
_ASIDE = 0.06  # inches between a point and its number, across
_STEPS = tuple(0.05 * step for step in range(20))  # inches between them up or down, the first that is free
_TURNED, _CROSSED = 0.15, 0.3  # inches: what a step to the other side, above or across, is worth
_CLEAR = 0.02  # inches between a label and a curve
_DIFFERENCE_LEFT = -0.3  # inches: the heading of a difference may begin over its ticks


def side_by_side(
    axis_room: float, between: float, *, alone: bool, after: float = END_ROOM
) -> tuple[float, float, float]:
    """Width of a panel of levels, and left edge and width of the one of differences right of it, inches.

    ``between`` is the room they keep beside that for the axis, ``after`` what stays free at the right. The levels of
    a baseline, ``alone``, have all of it.
    """
    if alone:
        level = WIDTH - 2 * MARGIN - axis_room - between - END_ROOM
        return level, 0.0, 0.0
    room = WIDTH - 2 * MARGIN - 2 * axis_room - between - after
    level = _LEVEL_PART * room
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


def year_room(years: Sequence[int], room: float, focus: int) -> float:
    """Height of the years below a panel ``room`` inches wide: two lines where the focus year would touch an end."""
    return YEAR_ROOM + (line_height(TICK_SIZE) if _focus_is_near(years, room, focus) else 0.0)


def _focus_is_near(years: Sequence[int], room: float, focus: int) -> bool:
    first, last = min(years), max(years)
    if not first < focus < last:
        return False
    return min(focus - first, last - focus) * room / (last - first) < text_width("2000", TICK_SIZE) * _TOUCHING


def year_ticks(axes: Axes, years: Sequence[int], room: float, focus: int) -> None:
    """Ticks on the first, the focus and the last year, and on round years where ``room`` inches leave them space.

    A focus year that would touch the first or the last one stands a line lower.
    """
    first, last = min(years), max(years)
    per_year = room / max(last - first, 1)
    space = text_width("2000") * _APART
    ticks = sorted({first, focus, last} & set(years))
    lower = focus if _focus_is_near(years, room, focus) else None
    for step in _WIDE_STEPS if last - first > _MANY_YEARS else _NARROW_STEPS:
        for year in range(first + -first % step, last + 1, step):
            if all(abs(year - tick) * per_year >= space for tick in ticks):
                ticks.append(year)
    axes.set_xticks(sorted(ticks), [f"\n{year}" if year == lower else str(year) for year in sorted(ticks)])


def number_ticks(axis: Axis, *, sign: bool = False) -> None:
    """Numbers on an axis with as many decimals as their step needs, thousands separated."""
    step = float(np.diff(axis.get_ticklocs()[:2])[0])
    decimals = next(
        (n for n in range(_MOST_DECIMALS) if abs(step * 10**n - round(step * 10**n)) < _EXACT * step * 10**n),
        _MOST_DECIMALS,
    )
    axis.set_major_formatter(lambda value, _: number(value, decimals, sign=sign).replace("-", MINUS))


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
    number_ticks(axes.yaxis, sign=sign)
    focus_line(axes, focus, years)
    year_ticks(axes, years, room, focus)


def edge_label(axes: Axes, lines: Sequence[str], y: float, colour: str, *, off: float) -> None:
    """A label right of the panel, its middle at the height ``y`` of the data, ``off`` points from the edge."""
    axes.annotate(
        "\n".join(lines), (1, y), (off, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
        va="center", color=text_colour(colour), linespacing=TOGETHER, annotation_clip=False,
    )  # fmt: skip


def edge_labels(
    axes: Axes,
    labels: Sequence[tuple[float, Sequence[str], str]],
    height: float,
    *,
    told: Sequence[float] = (),
    off: float = LABEL_OFF,
) -> None:
    """Labels (height of the data, lines, colour) right of a panel ``height`` inches high, none over another.

    ``told`` are the numbers that the labels print: they order those whose lines end at one place.
    """
    low, high = axes.get_ylim()
    numbers = np.nan_to_num(told) if len(told) else np.zeros(len(labels))
    ends = [round(level / (high - low) / _SAME_END) for level, *_ in labels]
    ranking = sorted(range(len(labels)), key=lambda i: (ends[i], numbers[i], labels[i][0], labels[i][1]))
    ranked = [labels[i] for i in ranking]
    heights = [len(lines) * line_height() * (high - low) / height for _, lines, _ in ranked]
    wanted = list(accumulate((level for level, *_ in ranked), max))  # hardly moved, and ascending
    places = spread(wanted, heights, low, high)
    for (_, lines, colour), place in zip(ranked, places, strict=True):
        edge_label(axes, lines, place, colour, off=off)


@dataclass(frozen=True, kw_only=True)
class PointLabel:
    """A number to print at its point: height of the data, lines of text, how they look, and whether above it."""

    level: float
    lines: Sequence[str]
    colour: str
    weight: str = "normal"
    above: bool = True


def point_labels(
    axes: Axes, year: int, labels: Sequence[PointLabel], curves: Sequence[tuple[Sequence[int], Array]],
    size: tuple[float, float],
) -> None:  # fmt: skip
    """Dots at ``year`` with their labels beside them, where they hide neither a curve nor another label.

    The label of the higher dot stands higher, where that can be had.
    ``curves`` are the years and heights of the lines drawn; ``size`` is the panel's width and height in inches.
    Limits must be set; labels stay left of the curves' ends. Where no place is free the first wish stands.
    """
    width, height = size
    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    lines = []
    for years, values in curves:
        fine = np.linspace(min(years), max(years), _FINE)
        lines.append((width * (fine - left) / (right - left), height * (np.interp(fine, years, values) - low)
                      / (high - low)))  # fmt: skip
    edge = max(float(x[-1]) for x, _ in lines)
    taken: list[tuple[float, _Box]] = []
    for label in labels:
        x, y = width * (year - left) / (right - left), height * (label.level - low) / (high - low)
        text = max(text_width(line, TEXT_SIZE, label.weight) for line in label.lines)
        tall = len(label.lines) * line_height()
        late = x > width / 2
        wishes = [
            _Box(x + (-_ASIDE - text if to_left else _ASIDE), y + (up if above else -up - tall), text, tall)
            for up, above, to_left in sorted(
                product(_STEPS, (label.above, not label.above), (late, not late)),
                key=lambda wish: wish[0] + _TURNED * (wish[1] != label.above) + _CROSSED * (wish[2] != late),
            )
        ]
        inside = [box for box in wishes if box.left >= 0 and box.low >= 0 and box.low + box.high <= height
                  and box.left + box.wide <= edge]  # fmt: skip
        dots = [height * (other.level - low) / (high - low) for other in labels]
        free = [
            box for box in inside
            if not any(box.holds(*line) for line in lines) and not any(box.meets(other) for _, other in taken)
            and not any(box.holds(np.array([x]), np.array([dot])) for dot in dots)
        ]  # fmt: skip
        ordered = [box for box in free if all(box.stands(label.level - level, other) for level, other in taken)]
        box = next(iter([*ordered, *free, *inside, *wishes]))
        taken.append((label.level, box))
        axes.plot([year], [label.level], "o", color=label.colour, markersize=POINT)
        beside = box.left < x
        axes.annotate(
            "\n".join(label.lines), (year, label.level),
            (POINTS * (-_ASIDE if beside else _ASIDE), POINTS * (box.low + box.high / 2 - y)),
            textcoords="offset points", ha="right" if beside else "left", va="center", linespacing=TOGETHER,
            size=TEXT_SIZE, weight=label.weight, color=label.colour,
        )  # fmt: skip


@dataclass(frozen=True)
class _Box:
    """Room of a label in inches from the lower left corner of its panel."""

    left: float
    low: float
    wide: float
    high: float

    def holds(self, x: Array, y: Array) -> bool:
        """Whether any of the points lies within or nearly so."""
        across = (x >= self.left - _CLEAR) & (x <= self.left + self.wide + _CLEAR)
        inside = across & (y >= self.low - _CLEAR) & (y <= self.low + self.high + _CLEAR)
        return bool(inside.any())

    def stands(self, above: float, other: _Box) -> bool:
        """Whether it is over the other box where ``above`` is more than nought, and under it where it is less."""
        return above == 0 or (above > 0) == (self.low > other.low)

    def meets(self, other: _Box) -> bool:
        """Whether the two overlap."""
        across = min(self.left + self.wide, other.left + other.wide) - max(self.left, other.left)
        along = min(self.low + self.high, other.low + other.high) - max(self.low, other.low)
        return across > 0 and along > 0


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
