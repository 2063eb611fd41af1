"""What holds between the rows of a table: nothing stands twice, the lower end of a range is not above the higher."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from sim.inputs.csv import Row

Key = str | tuple[str, str]


def check_once(row: Row, column: str, keys: Iterable[Key], seen: dict[Key, int]) -> None:
    """A fault where an earlier row has one of the keys; ``seen`` holds their lines."""
    for key in keys:
        if key in seen:
            told = key if isinstance(key, str) else " to ".join(key)
            row.fault(column, f"{told} stands twice, first in line {seen[key]}")
            return
        seen[key] = row.line


def check_ranges(row: Row) -> None:
    """Ranges and values that are shown and not used: numbers all the same, the lower one first."""
    for column in row.cells:
        if column.startswith("value_"):
            row.optional_number(column)
        if not column.startswith("low_"):
            continue
        about = column.removeprefix("low_")
        names = (column, about if about in row.cells else f"price_{about}", f"high_{about}")
        ends = [(name, row.optional_number(name)) for name in names if name in row.cells]
        known = [(name, value) for name, value in ends if value is not None]
        for (lower, low), (higher, high) in pairwise(known):
            if low > high:
                row.fault(lower, f"{row.cells[lower]} is above {higher}, {row.cells[higher]}")
