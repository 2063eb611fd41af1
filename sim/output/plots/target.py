"""How an indicator responds to the number that is varied, with the goal, the present value and the values found."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.asked_text import subject, told
from sim.output.plots.measures import (
    AXIS_LINE,
    AXIS_ROOM,
    BAND_SHOWS,
    DASHES,
    DATA_LINE,
    DOTS,
    GAP,
    HEADING_GAP,
    MARGIN,
    PANEL_HEIGHT,
    POINT,
    SMALL_SIZE,
    WIDTH,
    YEAR_ROOM,
)
from sim.output.plots.palette import BASELINE, INK, SCENARIO, SOFT_INK
from sim.output.plots.panel import grid, number_ticks
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import line_height, shortened, text_width
from sim.output.target_text import central_sentence, limit_words
from sim.output.wording import MINUS, capital
from sim.records.target import TURNS, TargetAnswer

_ROOM = 0.05  # of the range: above and below curve and goal
_LIFT = 3.0  # points between the goal's line and its words


@styled
def response(found: TargetAnswer, labels: Mapping[str, str]) -> Figure:
    """The central run and the band of the draws over the span; the band of the solutions stands along the goal."""
    goal, shown = found.goal, found.goal.shown
    banded = found.facts.draws > 0
    band = "; shaded: 5th to 95th percentile; bar on the goal: the same of the values at which draws begin to meet it"
    what = f"{capital(subject(goal, labels))} in {goal.year}, over values of {found.path}{band if banded else ''}."
    below = YEAR_ROOM + line_height() + GAP
    page = report(
        capital(central_sentence(found, labels)),
        found.facts,
        what,
        good=goal.good,
        body=headed(PANEL_HEIGHT, below=below),
    )
    width = WIDTH - 2 * MARGIN - AXIS_ROOM - GAP
    axes = page.axes(AXIS_ROOM, below, width, PANEL_HEIGHT)
    across = found.grid / found.shown.factor
    central = np.array([each.central for each in found.response]) / shown.factor
    low, high = (np.array([getattr(each, end) for each in found.response]) / shown.factor for end in ("p05", "p95"))
    grid(axes)
    if banded:
        axes.fill_between(across, low, high, color=SCENARIO, alpha=BAND_SHOWS, linewidth=0)
    axes.plot(across, central, color=SCENARIO, linewidth=DATA_LINE)
    limit = goal.limit / shown.factor
    axes.axhline(limit, color=INK, linewidth=AXIS_LINE, linestyle=DASHES)
    reached = np.concatenate([central, [limit], *([low, high] if banded else [])])
    _limits(axes, across, reached[np.isfinite(reached)])
    _present(axes, found, across)
    _solutions(axes, found, limit, banded=banded)
    axes.annotate(
        f"goal: {limit_words(goal)}", (1, limit), (0, _LIFT), xycoords=("axes fraction", "data"),
        textcoords="offset points", ha="right", va="bottom", size=SMALL_SIZE, color=INK,
    )  # fmt: skip
    number_ticks(axes.yaxis)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS))
    axes.set_xlabel(f"{found.path}{f', {found.shown.unit}' if found.shown.unit else ''}")
    name = f"{capital(goal.indicator.replace('_', ' '))}{f', {shown.unit}' if shown.unit else ''}"
    heading(axes, shortened(name, width, 1))
    return page.figure


def _limits(axes: Axes, across: np.ndarray[tuple[int], np.dtype[np.float64]], reached: np.ndarray) -> None:
    low, high = float(reached.min()), float(reached.max())
    room = _ROOM * (high - low or abs(high) or 1.0)
    axes.set_ylim(low - room, high + room)
    axes.set_xlim(float(across[0]), float(across[-1]))


def _present(axes: Axes, found: TargetAnswer, across: np.ndarray) -> None:
    """A dotted line at the present value of the central run, where it lies within the span."""
    value = float(found.present[0]) / found.shown.factor
    if not across[0] <= value <= across[-1]:
        return
    axes.axvline(value, color=BASELINE, linewidth=AXIS_LINE, linestyle=DOTS)
    words = f"now {told(float(found.present[0]), found.shown)}"
    part = (value - across[0]) / (across[-1] - across[0])
    right = (1 - part) * axes.get_position().width * WIDTH > text_width(words, SMALL_SIZE) + HEADING_GAP
    axes.annotate(
        words, (value, 0), (_LIFT if right else -_LIFT, _LIFT), xycoords=("data", "axes fraction"),
        textcoords="offset points", ha="left" if right else "right", va="bottom", size=SMALL_SIZE, color=SOFT_INK,
    )  # fmt: skip


def _solutions(axes: Axes, found: TargetAnswer, limit: float, *, banded: bool) -> None:
    """The value of the central run as a dot on the goal, the band of the draws as a bar."""
    factor = found.shown.factor
    if banded and np.isfinite(found.band.p05):
        axes.hlines(limit, found.band.p05 / factor, found.band.p95 / factor, color=INK, linewidth=2 * DATA_LINE)
    if found.outcome[0] == TURNS:
        axes.plot([found.solution[0] / factor], [limit], marker="o", markersize=2 * POINT, color=SCENARIO)
