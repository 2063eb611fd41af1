"""A table of a page: columns that can be sorted, rows of texts as they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table; ``of`` is the number of the scenario it belongs to, where a page has several."""

    label: str
    numeric: bool = False
    of: int | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table that can be sorted and searched; the first column names the row."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    note: str = ""
