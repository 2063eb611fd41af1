"""Small statistics for paper, and the real world in other cuts."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np

from sim.records.statistics import GoodStatistics
from sim.records.world import Region

METALS_2024 = Path(__file__).parents[1] / "scenarios" / "worlds" / "metals_2024"


def statistics(countries: str, output: list[float], trade: list[list[float]], **changes: Any) -> GoodStatistics:
    """Statistics of a good "metal" for one-letter-thrice countries, e.g. "A B C" for AAA, BBB, CCC."""
    fields: dict[str, Any] = {
        "good": "metal",
        "fleet": "plants",
        "countries": codes(countries),
        "output": np.array(output, dtype=float),
        "capacity": np.array(output, dtype=float),
        "trade": np.array(trade, dtype=float),
        "reference_price": 100.0,
        "export_limit": 0.99,
        "highest_utilisation": 0.98,
    }
    return GoodStatistics(**(fields | changes))


def codes(letters: str) -> tuple[str, ...]:
    """ "A B" to ("AAA", "BBB")."""
    return tuple(letter * 3 for letter in letters.split())


def regions(**countries: str) -> tuple[Region, ...]:
    """Regions by name from letters."""
    return tuple(Region(name=name, label=name, iso3=codes(letters)) for name, letters in countries.items())


def copied_world(folder: Path, name: str = "metals_2024") -> Path:
    """A copy of the real world that a test may change."""
    target = folder / name
    shutil.copytree(METALS_2024, target)
    return target


def change(path: Path, old: str, new: str) -> None:
    """Replace a text that stands in the file exactly once."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")
