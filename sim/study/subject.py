"""Whose dependence on whom a run is about: told by the scenario, else by what changes most."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from sim.dependence import Dependence
from sim.quantity import Array, Mask
from sim.records.outcome import Subject
from sim.records.params import Params
from sim.records.scenario import Scenario
from sim.records.trajectory import Trajectory
from sim.records.world import World
from sim.study.block import Block

_MOVED = 1e-6  # kt
_IMPORTER_FROM = 0.01  # share of imports in all that a market buys


def subjects_in(scenario: Scenario, baseline: Scenario, world: World, central: Block) -> tuple[Subject, ...]:
    """A subject for each chain of goods whose market imports anything, in the order of the world.

    Told by the central run, row 0 of any block.
    """
    params, base = central.params, central.base
    t = params.years.index(scenario.years.focus)
    subjects = []
    for chain in world.chains():
        goods = tuple(sorted(chain, key=lambda good: (-_depth(world, good), chain.index(good))))
        c = world.good_index(goods[0])
        before = _imports(base, t, c)
        change = np.abs(_imports(central.found, t, c) - before).sum(axis=0)
        bought = base.flow[0, t, c].sum(axis=0)
        importing = [world.region_names[d] for d in np.flatnonzero(before.sum(axis=0) > _IMPORTER_FROM * bought)]
        if not importing:
            continue
        named = next((name for name in _named(scenario, baseline, world, chain) if name in importing), None)
        market = named or max(importing, key=lambda name: change[world.region_index(name)])
        country = _leaned_on(params, base, c, world.region_index(market))
        subjects.append(Subject(goods=goods, market=market, country=world.region_names[country]))
    return tuple(subjects)


def moved_in(block: Block, focus: int) -> Mask:
    """In which goods anything moves by the year ``focus``, draw by draw, (n, c)."""
    t = block.found.years.index(focus)
    change = np.abs(block.found.flow[:, t] - block.base.flow[:, t])
    moved: Mask = np.any(np.nan_to_num(change) > _MOVED, axis=(2, 3))
    return moved


def about(subject: Subject, goods: tuple[str, ...], moved: Mask) -> bool:
    """Whether anything moves in a subject's chain in any draw: the central run may have a switch off."""
    return bool(moved[:, [goods.index(good) for good in subject.goods]].any())


def _depth(world: World, good: str) -> int:
    source = world.goods[world.good_index(good)].input
    return 0 if source is None else 1 + _depth(world, source)


def _imports(run: Trajectory, t: int, c: int) -> Array:
    """Imports of the central run, (o, d)."""
    flow = run.flow[0, t, c]
    return np.where(np.eye(len(flow), dtype=bool), 0.0, flow)


def _named(scenario: Scenario, baseline: Scenario, world: World, chain: tuple[str, ...]) -> Iterator[str]:
    """The importers a scenario is about, the likeliest first.

    Single destinations of its own measures on trade, then the regions its question and its title speak of, then
    single places of its other measures.
    """
    own = [
        measure
        for name, measure in scenario.measures.items()
        if measure != baseline.measures.get(name) and measure.good in chain and len(measure.destinations) == 1
    ]
    yield from (measure.destinations[0] for measure in own if measure.origins)
    for text in (scenario.question, scenario.title):
        told = ((re.search(rf"\b{re.escape(region.label)}\b", text), region.name) for region in world.regions)
        yield from (name for _, name in sorted((match.start(), name) for match, name in told if match))
    yield from (measure.destinations[0] for measure in own if not measure.origins)


def _leaned_on(params: Params, base: Trajectory, c: int, market: int) -> int:
    """The foreign country with a part in most of the market's supply at any stage in the benchmark year.

    Later years may be under a ban that the scenario is compared with, which would hide the country it is about.
    """
    dependence = Dependence(params, base.take(np.array([0])))
    shares = {
        country: float(dependence.supply(country, c)[0, 0, market])
        for country in range(len(params.regions))
        if country != market
    }
    return max(shares, key=lambda country: (shares[country], -country))
