"""The sheet all figures are drawn on: finding as title, context under it, evidence in the footnote.

Lengths are inches. Text is measured before the axes are placed, so nothing is clipped and nothing overlaps.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.output.plots.measures import (
    AXIS_LINE,
    DPI,
    HEADING_GAP,
    HEADING_SIZE,
    MARGIN,
    NOTE_SIZE,
    PNG_DPI,
    POINTS,
    SUBTITLE_SIZE,
    TEXT_SIZE,
    TICK_SIZE,
    TITLE_SIZE,
    WIDTH,
    YEAR_ROOM,
)
from sim.output.plots.palette import FAINT_INK, INK, SOFT_INK
from sim.output.plots.text import FONT, line_height, wrapped
from sim.output.wording import capital, counts, evidence_sentence, plain, stated_sentence
from sim.records.outcome import RunFacts

_STYLE: dict[str, Any] = {
    "font.family": FONT,
    "font.size": TEXT_SIZE,
    "text.parse_math": False,  # labels are data: $, _ and ^ print as they are
    "text.hinting": "no_hinting",  # hinted letters of a PNG are up to 7 % wider than those that are measured
    "text.usetex": False,
    "axes.edgecolor": SOFT_INK,
    "axes.labelcolor": INK,
    "axes.linewidth": AXIS_LINE,
    "axes.unicode_minus": True,
    "axes.formatter.use_locale": False,
    "axes.formatter.use_mathtext": False,
    "xtick.color": SOFT_INK,
    "ytick.color": SOFT_INK,
    "xtick.labelsize": TICK_SIZE,
    "ytick.labelsize": TICK_SIZE,
    "figure.dpi": DPI,
    "path.simplify": False,
    # paths, not text: where DejaVu Sans is missing a browser would set wider letters over the neighbours
    "svg.fonttype": "path",
    "svg.hashsalt": "sim",
}
_Arguments = ParamSpec("_Arguments")


@contextmanager
def _project_style() -> Iterator[None]:
    """The project's style whatever the user's matplotlib settings are; those come back afterwards."""
    with mpl.rc_context():
        mpl.rcdefaults()
        cast("dict[str, Any]", mpl.rcParams).update(_STYLE)
        yield


def styled(draw: Callable[_Arguments, Figure]) -> Callable[_Arguments, Figure]:
    """Draw under the project's style."""

    @wraps(draw)
    def inner(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> Figure:
        with _project_style():
            return draw(*args, **kwargs)

    return inner


def svg_bytes(figure: Figure) -> bytes:
    """The figure as SVG: the same bytes for the same figure, the finding as its title for screen readers."""
    out = io.BytesIO()
    with _project_style():
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Title": str(figure.get_label())})
    return out.getvalue()


def png_bytes(figure: Figure) -> bytes:
    """The figure as PNG: the same bytes for the same figure, without date or program version."""
    out = io.BytesIO()
    with _project_style():
        figure.savefig(out, format="png", dpi=PNG_DPI, metadata={"Software": None})
    return out.getvalue()


def is_baseline(facts: RunFacts) -> bool:
    """True where the run is the baseline itself, which has nothing to stand beside."""
    return facts.scenario == facts.baseline


def context(facts: RunFacts, what: str) -> list[str]:
    """What the figure shows, and the run it comes from."""
    against = "" if is_baseline(facts) else f", against {plain(facts.baseline)}"
    run = f"{plain(facts.title)} ({plain(facts.scenario)}{against})"
    drawn = [
        f" {plain(each.switch)} is on in {each.on} draws, {'on' if each.central else 'off'} in the central run."
        for each in facts.switched
    ]
    return [what, f"{run}. {capital(counts(facts))}.{''.join(drawn)}"]


def evidence(facts: RunFacts, extra: str = "", *, good: str = "") -> str:
    """Footnote: tiers of the inputs, what is stated and not validated, and what the model leaves out.

    Where the world has a caution about ``good`` it is told as well.
    """
    limits = "No new investment beyond the projects named."
    cautions = " ".join(f"{plain(text)}." for about, text in facts.cautions if about == good)
    parts = (extra, stated_sentence(facts), cautions, evidence_sentence(facts), limits)
    return " ".join(part for part in parts if part)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A figure with its texts; ``body`` is the room left for axes: left, bottom, width, height."""

    figure: Figure
    body: tuple[float, float, float, float]

    def axes(self, left: float, bottom: float, width: float, height: float) -> Axes:
        """Bare axes, placed in inches from the lower left corner of the body."""
        whole = self.figure.get_figwidth(), self.figure.get_figheight()
        x, y = self.body[0] + left, self.body[1] + bottom
        axes = self.figure.add_axes((x / whole[0], y / whole[1], width / whole[0], height / whole[1]))
        axes.spines[["top", "right"]].set_visible(False)
        return axes


def headed(height: float, lines: int = 1, *, below: float = YEAR_ROOM) -> float:
    """Height of a body: panels of ``height``, headings of so many lines over them and the ticks below."""
    return height + lines * line_height(HEADING_SIZE) + HEADING_GAP + below


def report(finding: str, facts: RunFacts, what: str, *, good: str, body: float, extra: str = "") -> Sheet:
    """A sheet about a run: its finding, what is shown, and what stands behind the numbers of ``good``."""
    return sheet(finding, context(facts, what), evidence(facts, extra, good=good), body=body)


def sheet(title: str, subtitle: Sequence[str], footnote: str, *, body: float, width: float = WIDTH) -> Sheet:
    """A sheet with room of height ``body`` for the axes; title, subtitle and footnote take what they need."""
    room = width - 2 * MARGIN
    titles = wrapped(title, room, TITLE_SIZE, "bold")
    subtitles = [line for text in subtitle for line in wrapped(text, room, SUBTITLE_SIZE)]
    notes = wrapped(footnote, room, NOTE_SIZE)
    top = len(titles) * line_height(TITLE_SIZE) + len(subtitles) * line_height(SUBTITLE_SIZE) + 2 * MARGIN
    bottom = len(notes) * line_height(NOTE_SIZE) + 2 * MARGIN
    height = top + body + bottom
    figure = Figure(figsize=(width, height), facecolor="white", label=title)
    FigureCanvasAgg(figure)
    y = height - MARGIN
    for lines, size, weight, colour in (
        (titles, TITLE_SIZE, "bold", INK),
        (subtitles, SUBTITLE_SIZE, "normal", SOFT_INK),
    ):
        for line in lines:
            figure.text(MARGIN / width, y / height, line, size=size, weight=weight, color=colour, va="top")
            y -= line_height(size)
    y = bottom - MARGIN
    for line in notes:
        figure.text(MARGIN / width, y / height, line, size=NOTE_SIZE, color=FAINT_INK, va="top")
        y -= line_height(NOTE_SIZE)
    return Sheet(figure=figure, body=(MARGIN, bottom, room, body))


def heading(axes: Axes, lines: Sequence[str], *, left: float = 0.0) -> None:
    """Bold lines above the axes, starting ``left`` inches beside their left edge."""
    for above, line in enumerate(reversed(lines)):
        axes.annotate(
            line, (0, 1), (POINTS * left, POINTS * (HEADING_GAP + above * line_height(HEADING_SIZE))),
            xycoords="axes fraction", textcoords="offset points", size=HEADING_SIZE, weight="bold", color=INK,
            annotation_clip=False,
        )  # fmt: skip
