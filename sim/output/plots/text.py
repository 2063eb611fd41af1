"""Text measured before it is drawn: width, line breaks, and labels that keep clear of each other.

Lengths are inches, sizes points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from sim.output.plots.measures import LINE, POINTS, TEXT_SIZE

FONT = "DejaVu Sans"  # comes with matplotlib: the same letters everywhere
NARROW = "\N{NO-BREAK SPACE}"  # between a number and its unit: never broken there
_UNIT = re.compile(r"(?<=\d) (?=(?:%|kt|Mt|USD/t|points?)(?![\w/]))")  # the blank before it
_REMEMBERED = 8192  # widths: more than the trials of a run's line breaks


@lru_cache(maxsize=_REMEMBERED)
def text_width(text: str, size: float = TEXT_SIZE, weight: str = "normal") -> float:
    """Width of one line of text."""
    font = FontProperties(family=FONT, size=size, weight=weight)
    width, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(width) / POINTS


def line_height(size: float = TEXT_SIZE) -> float:
    """Height of one line of text with its lead."""
    return size * LINE / POINTS


def wrapped(text: str, width: float, size: float = TEXT_SIZE, weight: str = "normal") -> list[str]:
    """The text in lines no wider than ``width``, broken at blanks; a word wider than that is cut.

    A number stays with its unit.
    """
    lines: list[str] = []
    for word in _UNIT.sub(NARROW, text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
            continue
        rest = word
        while text_width(rest, size, weight) > width and len(rest) > 1:
            fits = next(n for n in range(len(rest) - 1, 0, -1) if n == 1 or text_width(rest[:n], size, weight) <= width)
            lines.append(rest[:fits])
            rest = rest[fits:]
        lines.append(rest)
    return lines or [""]


def shortened(
    name: str, width: float, lines: int, *, tail: str = "", size: float = TEXT_SIZE, weight: str = "normal"
) -> list[str]:
    """A name and its number in at most ``lines`` lines; a name too long for that ends in an ellipsis."""
    kept, told = name, wrapped(name + tail, width, size, weight)
    while len(told) > lines and kept:
        kept = kept[:-1]
        told = wrapped(f"{kept.rstrip()}…{tail}", width, size, weight)
    return told


def spread(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Centres of labels that stay as near as possible (least squares) to the wanted ones without overlapping.

    ``wanted`` ascends. Within [low, high] where the heights fit in there; above ``low`` in any case.
    """
    if not len(wanted):
        return []
    size = np.asarray(heights, dtype=float)
    offsets = np.concatenate([[0.0], np.cumsum((size[:-1] + size[1:]) / 2)])
    # what must not descend once the labels' own heights are taken off: isotonic regression by pooling
    blocks: list[tuple[float, int]] = []
    for value in np.asarray(wanted, dtype=float) - offsets:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, members = blocks.pop()
            mean, count = (before * members + mean * count) / (members + count), count + members
        blocks.append((mean, count))
    pooled = np.concatenate([np.full(count, mean) for mean, count in blocks])
    highest = high - size[-1] / 2 - offsets[-1]
    placed = np.maximum(np.minimum(pooled, highest), low + size[0] / 2) + offsets
    return [float(value) for value in placed]
