"""What the tables of a page were made from, as a short mark: it moves with the inputs of the runs, not with words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from sim.records.probes import ProbePage, RunKey
from sim.records.scenario import Scenario
from sim.records.world import World
from sim.study.fingerprint import LENGTH, fingerprint
from sim.study.probes import parts_of

_DIGITS = 5  # of each tonne and price: the same on every machine, and no table shows more


def made_from(page: ProbePage, load: Callable[[str, str], Scenario], world: World) -> str:
    """Mark of what is asked, of the scenarios that are run for it, and of the base year.

    Notes, sources, labels and the program leave it alone: that the program still finds the same is for tests of
    single rows. ``load`` gives a scenario by its name and what SET would change.
    """
    told = hashlib.sha256()
    for line in _asked(page):
        told.update(f"{line}\n".encode())
    asked = {name: load(name, "") for name in dict.fromkeys(key.scenario for key in _runs(page))}
    beside = {each.compare_with or each.chain[-1] for each in asked.values()} - set(asked)
    known = asked | {name: load(name, "") for name in beside}
    told.update(fingerprint(*(known[name] for name in sorted(known))).encode())
    for line in _base_year(world):
        told.update(f"{line}\n".encode())
    return told.hexdigest()[:LENGTH]


def _runs(page: ProbePage) -> Iterator[RunKey]:
    for table in page.tables:
        for row in table.rows:
            for cell in row.cells:
                for probe in parts_of(cell.probe):
                    yield from probe.runs


def _asked(page: ProbePage) -> Iterator[str]:
    yield f"{page.world} {page.draws} {page.seed}"
    for table in page.tables:
        for row in table.rows:
            yield from (f"{cell.probe} {cell.unit} {cell.decimals} {cell.band} {cell.median}" for cell in row.cells)


def _base_year(world: World) -> Iterator[str]:
    yield " ".join((*world.good_names, *world.region_names, *world.asset_names))
    for values in (world.output, world.capacity, world.input_ratio, world.producer_price, world.flows):
        yield " ".join(f"{value:.{_DIGITS}g}" for value in values.ravel())
