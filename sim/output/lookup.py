"""Single numbers of the summary, by what they say of whom."""

from __future__ import annotations

import math
from dataclasses import dataclass

import pandas as pd

from sim.output.wording import between, number
from sim.records.outcome import Band

_ONE_POINT = 0.95  # points: what one decimal would show as less than one gets a second

WORLD = "World"
SMALL = 0.005  # a share that moves by less is told as hardly moved

_COLUMNS = {
    "baseline": "baseline",
    "central": "central",
    "p05": "p05",
    "p95": "p95",
    "change": "difference",
    "middle": "difference_p50",
    "low": "difference_p05",
    "high": "difference_p95",
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One indicator of one year: the central runs of both and the change with its band; shares are of 1."""

    baseline: float
    central: float
    p05: float
    p95: float
    change: float
    middle: float  # the median of the draws
    low: float
    high: float

    @property
    def band(self) -> Band:
        """The change with its band."""
        return Band(central=self.change, p05=self.low, p50=self.middle, p95=self.high)

    @property
    def moved(self) -> bool:
        """Whether a share changes by half a point or more."""
        return abs(self.change) >= SMALL


class Lookup:
    """The summary as cells; what it does not know is None."""

    def __init__(self, summary: pd.DataFrame) -> None:
        self._rows = summary.set_index(["indicator", "good", "region", "partner", "year"]).sort_index()

    def cell(self, indicator: str, good: str, region: str, year: int, partner: str = "") -> Cell | None:
        """One cell; None where the summary has no such row, or no number in it."""
        key = (indicator, good, region, partner, year)
        if key not in self._rows.index:
            return None
        row = self._rows.loc[[key]].iloc[0]
        scale = 1 / 100 if row["unit"] == "%" else 1.0
        values = {field: scale * float(row[column]) for field, column in _COLUMNS.items()}
        return Cell(**values) if math.isfinite(values["baseline"]) and math.isfinite(values["central"]) else None

    def partners(self, indicator: str, good: str, region: str, year: int) -> dict[str, Cell]:
        """The cells of all partners, by name."""
        known = self._rows.index
        chosen = known[
            (known.get_level_values(0) == indicator)
            & (known.get_level_values(1) == good)
            & (known.get_level_values(2) == region)
            & (known.get_level_values(4) == year)
        ]
        cells = {str(key[3]): self.cell(indicator, good, region, year, str(key[3])) for key in chosen}
        return {name: cell for name, cell in cells.items() if cell is not None}

    def regions(self, indicator: str, good: str, year: int) -> dict[str, Cell]:
        """The cells of all regions of an indicator without partners, the world left out."""
        known = self._rows.index
        chosen = known[
            (known.get_level_values(0) == indicator)
            & (known.get_level_values(1) == good)
            & (known.get_level_values(4) == year)
        ]
        cells = {str(key[2]): self.cell(indicator, good, str(key[2]), year, str(key[3])) for key in chosen}
        return {name: cell for name, cell in cells.items() if cell is not None and name != WORLD}


def points(cell: Cell, *, banded: bool) -> str:
    """The change of a share in points with its band: ``-33 points; -44 to -27``; small ones with two decimals."""
    ends = [cell.change, *((cell.low, cell.high) if banded else ())]
    decimals = 2 if max(abs(100 * end) for end in ends) < _ONE_POINT else 1
    told = [number(100 * end, decimals, sign=True) for end in ends]
    return f"{told[0]} points{between(told[1], told[2], before='; ') if banded else ''}"


def by_points(change: Band, *, banded: bool) -> str:
    """The same within a sentence, with the median of the draws: ``-33 points (-44 to -27, median -35)``."""
    ends = [change.central, *((change.p05, change.p95, change.p50) if banded else ())]
    decimals = 2 if max(abs(100 * end) for end in ends) < _ONE_POINT else 1
    told = [number(100 * end, decimals, sign=True) for end in ends]
    wide = banded and told[1] != told[2]
    return f"{told[0]} points{f' ({told[1]} to {told[2]}, median {told[3]})' if wide else ''}"
