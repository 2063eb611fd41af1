"""The shipped pages of plausibility, taken apart for tests."""

from __future__ import annotations

import re
from pathlib import Path

from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_sources
from sim.records.scenario import Scenario
from sim.records.world import Source

ROOT = Path(__file__).parents[1]
SPECIFICATION = ROOT / "docs" / "plausibility.yaml"
RARE_EARTHS = ROOT / "docs" / "plausibility_rare_earths.yaml"
SPECIFICATIONS = (SPECIFICATION, RARE_EARTHS)
WORLDS = ROOT / "scenarios" / "worlds"
_TABLE = re.compile(r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", re.DOTALL)


def load(name: str, overrides: str) -> Scenario:
    return load_scenario(name, ROOT, overrides)


def sources_of(world: str) -> dict[str, Source]:
    return dict(read_sources(WORLDS / world / "sources.yaml"))


def printed_tables(specification: Path = SPECIFICATION) -> dict[str, list[list[str]]]:
    """Cells of each table of the page, heading first, without the line under it."""
    page = specification.with_suffix(".md").read_text(encoding="utf-8")
    tables = {}
    for name, text in _TABLE.findall(page):
        rows = [[cell.strip() for cell in line.strip("|").split(" |")] for line in text.splitlines()]
        tables[name] = [rows[0], *rows[2:]]
    return tables


def first_number(cell: str) -> float:
    """The number a cell begins with, before any band."""
    return float(cell.split(" ", maxsplit=1)[0].replace(",", ""))
