"""What figures are asked in tests: which texts come to paper, and where."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import pytest
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.output.plots.style import png_bytes

ACROSS, ALONG = 0.01, 0.03  # inches by which boxes of texts may meet: letters do not fill theirs


def texts_of(figure: Figure) -> list[Text]:
    return [text for text in figure.findobj(Text) if isinstance(text, Text) and text.get_text() and text.get_visible()]


def drawn_boxes(
    figure: Figure, monkeypatch: pytest.MonkeyPatch, written: Callable[[Figure], bytes] = png_bytes
) -> list[tuple[str, Bbox]]:
    """Texts that come to paper (ticks beyond the limits of an axis do not), as the file has them, in inches."""
    drawn: dict[int, tuple[str, Bbox]] = {}
    draw = Text.draw

    def noted(self: Text, renderer: RendererBase) -> None:
        if self.get_text().strip() and self.get_visible():
            box = self.get_window_extent(renderer)
            drawn[id(self)] = self.get_text(), Bbox(box.get_points() / figure.dpi)
        draw(self, renderer)

    with monkeypatch.context() as patched:
        patched.setattr(Text, "draw", noted)
        written(figure)
    return list(drawn.values())


def beyond(figure: Figure, boxes: list[tuple[str, Bbox]]) -> list[str]:
    """Texts that do not stand on the sheet in full."""
    width, height = figure.get_figwidth(), figure.get_figheight()
    return [told for told, box in boxes if min(box.x0, box.y0) < 0 or box.x1 > width or box.y1 > height]


def overlapping(boxes: list[tuple[str, Bbox]]) -> list[tuple[str, str]]:
    """Pairs of texts that stand over each other."""
    return [
        (one, other)
        for (one, first), (other, second) in combinations(boxes, 2)
        if min(first.x1, second.x1) - max(first.x0, second.x0) > ACROSS
        and min(first.y1, second.y1) - max(first.y0, second.y0) > ALONG
    ]
