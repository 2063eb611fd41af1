"""The pages of docs/ that the program writes."""

from __future__ import annotations

import os
from pathlib import Path

from sim.app import CACHE, WORLDS
from sim.inputs.probes import read_probes
from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_sources
from sim.output.docs import notation_page, probes_table, sources_table, with_tables
from sim.records.params import Bounds, Contracts, Demand, Params, Policy, Sourcing, Technology, Wedge
from sim.records.probes import ProbePage
from sim.records.trajectory import Trajectory
from sim.records.world import World
from sim.study.probes import answer_probes
from sim.study.world import build_world

RECORDS = (World, Params, Technology, Demand, Sourcing, Wedge, Policy, Bounds, Contracts, Trajectory)
CHECKED_PAGES = ("plausibility", "plausibility_rare_earths")


def write_docs(root: Path) -> tuple[Path, ...]:
    """Write the pages of docs/ that the program makes, and the tables of those that it checks; returns them."""
    notation = root / "docs" / "notation.md"
    notation.write_text(notation_page(RECORDS), encoding="utf-8")
    checked = tuple(root / "docs" / f"{name}.md" for name in CHECKED_PAGES)
    for path in checked:
        page = with_tables(path.read_text(encoding="utf-8"), plausibility_tables(root, path.stem))
        path.write_text(page, encoding="utf-8")
    return notation, *checked


def plausibility_tables(root: Path, name: str) -> dict[str, str]:
    """The tables of a checked page by name, from the runs that the questions of that name ask for."""
    page = probes_page(root, name)
    folder = root / WORLDS / page.world
    world = build_world(folder, root / CACHE)
    answered = answer_probes(
        page, lambda name, overrides: load_scenario(name, root, overrides), world, os.cpu_count() or 1
    )
    cited = [beside.source for table in page.tables for row in table.rows for beside in row.beside]
    known = {**read_sources(folder / "sources.yaml"), **page.sources}
    return {found.table.name: probes_table(found) for found in answered} | {"sources": sources_table(cited, known)}


def probes_page(root: Path, name: str) -> ProbePage:
    """What docs/<name>.yaml asks, checked against the sources of its world."""
    return read_probes(
        root / "docs" / f"{name}.yaml", lambda world: read_sources(root / WORLDS / world / "sources.yaml")
    )
