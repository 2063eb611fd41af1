"""The shipped pages of plausibility against the program as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.assemble.draws import Draws
from sim.inputs.probes import read_probes
from sim.records.probes import RunKey
from sim.records.world import World
from sim.study.probes import answer, in_chains, parts_of, solve_run
from sim.study.world import build_world
from tests.plausibility_page import (
    RARE_EARTHS,
    ROOT,
    SPECIFICATION,
    WORLDS,
    first_number,
    load,
    printed_tables,
    sources_of,
)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WORLDS / "metals_2024", ROOT / ".cache")


@pytest.mark.parametrize(
    ("specification", "name", "label"),
    [
        (SPECIFICATION, "take_up", "As shipped, elasticity 5 (the central run)"),
        (SPECIFICATION, "take_up", "Equal terms, elasticity 5"),
        (RARE_EARTHS, "prices", "Oxide, used in the United States"),
        (RARE_EARTHS, "china_share_causes", "The model"),
        (RARE_EARTHS, "joint_causes", "Mines and plant"),
        (RARE_EARTHS, "joint_causes", "Mines alone"),
        (RARE_EARTHS, "ban_us", "all open and nothing leaks, %"),
        (RARE_EARTHS, "ban_all", "US price in 2026 over the baseline, nothing leaks"),
    ],
)
def test_shipped_numbers_are_what_the_program_finds(world: World, specification: Path, name: str, label: str) -> None:
    page = read_probes(specification, sources_of)
    table = next(table for table in page.tables if table.name == name)
    row = next(row for row in table.rows if row.label == label)
    last: dict[RunKey, int] = {}
    for cell in row.cells:
        for probe in parts_of(cell.probe):
            for key in probe.runs:
                last[key] = max(last.get(key, 0), *probe.years)
    goods = in_chains({cell.probe.good for cell in row.cells}, world)
    runs = {
        key: solve_run(key, load, world, year, Draws(seed=page.seed, count=0), goods=goods)
        for key, year in last.items()
    }
    shown = next(cells for cells in printed_tables(specification)[name] if cells[0] == label)
    for cell, text in zip(row.cells, shown[1:], strict=False):
        if cell.median:  # of draws, which are not solved here
            continue
        found = answer(cell.probe, runs).central * (100 if cell.unit == "%" else 1)
        # where this fails the model has moved: `make docs` writes the tables anew, and the prose is to be read again
        assert first_number(text) == pytest.approx(found, abs=0.5 * 10.0**-cell.decimals + 1e-9)
