"""Paragraphs and tables in plain text, the same on a terminal and in a pipe."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import zip_longest

CHANGE_HEADER = ("", "baseline", "scenario", "change", "p05 to p95")
_GAP = 2
_SHORTEST_LABEL = 12  # characters: a shorter one says nothing


def headline(text: str) -> list[str]:
    """What stands over several blocks, as a block."""
    return [f"== {text} =="]


def headline_in(block: Sequence[str]) -> str:
    """The text of a block that is a headline; empty for any other."""
    whole = len(block) == 1 and block[0].startswith("== ") and block[0].endswith(" ==")
    return block[0].strip("= ") if whole else ""


def paragraph(text: str, width: int) -> list[str]:
    """The text in lines of at most ``width`` characters; words stay whole."""
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, total: bool) -> list[str]:
    """A title, then columns: the first to the left, the others to the right, the last one to the left again.

    Labels are wrapped where the table would be wider than ``width``. With ``total`` a rule stands before the
    last row.
    """
    cells = [list(header), *(list(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    others = sum(widths[1:]) + _GAP * len(widths)
    widths[0] = max(min(widths[0], width - others), _SHORTEST_LABEL)
    lines = [_row(row, widths) for row in cells]
    if total and len(rows) > 1:
        lines.insert(-1, [" " * _GAP + "-" * (sum(widths) + _GAP * (len(widths) - 1))])
    return [*paragraph(title, width), *(line for block in lines for line in block)]


def _row(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    label = textwrap.wrap(row[0], widths[0]) or [""]
    parts = [label[0].ljust(widths[0])]
    parts += [cell.rjust(width) for cell, width in zip(row[1:-1], widths[1:-1], strict=True)]
    parts.append(row[-1])
    first = (" " * _GAP + (" " * _GAP).join(parts)).rstrip()
    return [first, *(" " * _GAP + line for line in label[1:])]


def beside(left: Sequence[str], rights: Sequence[Sequence[str]], width: int) -> list[str]:
    """The left block with the first of the right ones that fits beside it in ``width``.

    Where none fits the first stands below the left one.
    """
    widest = max((len(line) for line in left), default=0)
    for right in rights:
        if widest + 2 * _GAP + max((len(line) for line in right), default=0) <= width:
            pairs = zip_longest(left, right, fillvalue="")
            return [f"{a.ljust(widest)}{' ' * 2 * _GAP}{b}".rstrip() for a, b in pairs]
    return [*left, "", *rights[0]]


def rounded_parts(parts: Sequence[float], whole: float, decimals: int) -> list[float]:
    """The parts rounded so that they still add up to the rounded whole: the largest remainders give way."""
    unit = 10.0**-decimals
    floors = [int(part // unit) for part in parts]
    missing = round(whole / unit) - sum(floors)
    remainders = sorted(range(len(parts)), key=lambda i: (floors[i] * unit - parts[i], i))
    for place in remainders[: max(missing, 0)]:
        floors[place] += 1
    return [round(floor * unit, decimals) + 0.0 for floor in floors]
