"""The shipped page of plausibility against the program as it is."""

from __future__ import annotations

import pytest

from sim.assemble.draws import Draws
from sim.inputs.probes import read_probes
from sim.study.probes import answer, solve_run
from sim.study.world import build_world
from tests.plausibility_page import ROOT, SPECIFICATION, WORLDS, first_number, load, printed_tables, sources_of

PRINTED_TO = 0.5  # kt: the table shows whole ones


@pytest.mark.parametrize("label", ["As shipped, elasticity 5 (the central run)", "Equal terms, elasticity 5"])
def test_shipped_take_up_is_what_the_program_finds(label: str) -> None:
    page = read_probes(SPECIFICATION, sources_of)
    table = next(table for table in page.tables if table.name == "take_up")
    row = next(row for row in table.rows if row.label == label)
    (key,) = {cell.probe.run for cell in row.cells}
    last = max(year for cell in row.cells for year in cell.probe.years)
    world = build_world(WORLDS / page.world, ROOT / ".cache")
    runs = {key: solve_run(key, load, world, last, Draws(seed=page.seed, count=0))}
    shown = next(cells for cells in printed_tables()["take_up"] if cells[0] == label)
    for cell, text in zip(row.cells, shown[1:], strict=False):
        found = answer(cell.probe, runs).central
        # where this fails the model has moved: `make docs` writes the tables anew, and the prose is to be read again
        assert first_number(text) == pytest.approx(found, abs=PRINTED_TO + 1e-9)
