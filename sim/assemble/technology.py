"""Fleets, projects and outages: the cost curve of each asset (section 2)."""

from __future__ import annotations

import numpy as np

from sim.assemble.frame import Frame
from sim.assemble.projects import Projects
from sim.core.supply import calibrated_curve
from sim.errors import DataError
from sim.quantity import Array, Index
from sim.records.params import NO_INPUT, Technology


def technology_of(frame: Frame, fleets: Array, projects: Projects, price: Array, input_price: Array) -> Technology:
    """All assets, fleets first, each calibrated at the benchmark.

    Parameters
    ----------
    fleets : (n, t, a)
        Capacity of the benchmark year's fleets before outages. [kt/yr]
    price : (n, c, o)
        Benchmark producer prices. [USD/t]
    input_price : (n, c, d)
        Benchmark market prices, at which inputs are bought. [USD/t]

    Raises
    ------
    DataError
        Where an asset would not pay for its input at benchmark prices.
    """
    world = frame.world
    n, t = frame.draws.rows, len(frame.years)
    fed_by = world.input_index()
    new = [(m, world.good_index(m.good), world.region_index(m.region or "")) for m in projects.measures]
    good = np.concatenate([world.asset_good, np.array([c for _, c, _ in new], dtype=np.int64)])
    region = np.concatenate([world.asset_region, np.array([r for _, _, r in new], dtype=np.int64)])
    input_good = np.where(fed_by[good] >= 0, fed_by[good], NO_INPUT)
    ratio = np.zeros((n, len(good)))
    ratio[:, : len(world.output)] = world.input_ratio
    for i, (measure, _, _) in enumerate(new, start=len(world.output)):
        if "input_ratio" in measure.numbers:
            ratio[:, i] = frame.draws.values(measure.numbers["input_ratio"])
    capacity = np.concatenate([_after_outages(frame, fleets), projects.capacity], axis=2)

    break_even, steepness = np.ones((n, len(good))), np.ones((n, len(good)))
    names = [f"{world.good_names[g]}/{world.region_names[r]}" for g, r in zip(good, region, strict=True)]
    names[: len(world.asset_names)] = [
        f"{place}/{own}" for place, own in zip(names[: len(world.asset_names)], world.asset_names, strict=True)
    ]
    names[len(world.asset_names) :] = [m.name for m in projects.measures]
    for a, name in enumerate(names):
        c, r, h = int(good[a]), int(region[a]), int(input_good[a])
        cost = ratio[:, a] * input_price[:, h, r] if h >= 0 else np.zeros(n)
        if (price[:, c, r] <= cost).any():
            raise DataError(
                f"{name}: input costs {cost.max():.0f} USD/t where a tonne earns {price[:, c, r].min():.0f} USD/t"
            )
        own = world.asset_names[a] if a < len(world.asset_names) else None
        used = _benchmark_utilisation(frame, a, c)
        elasticity = _elasticity(frame, world.good_names[c], world.region_names[r], own)
        break_even[:, a], steepness[:, a] = calibrated_curve(np.full(n, used), price[:, c, r], cost, elasticity)
        if own is None:
            project = a - len(world.output)
            if "break_even" in (numbers := projects.measures[project].numbers):
                break_even[:, a] = frame.draws.values(numbers["break_even"])
            break_even[:, a] *= projects.cost_factor[:, project]
    dated = np.repeat(break_even[:, None, :], t, axis=1)
    for measure in frame.measures("cost_shift"):
        here = (good == world.good_index(measure.good)) & (region == world.region_index(measure.region or ""))
        change = 1.0 + frame.in_force(measure) * frame.path(measure.numbers["change"])
        dated[:, :, here] *= change[:, :, None]
    return Technology(
        names=tuple(names),
        good=good,
        region=region,
        input_good=input_good,
        input_ratio=ratio,
        capacity=capacity,
        break_even=dated,
        steepness=steepness,
        extractable=_extractable(frame, good, region, projects),
    )


def _extractable(frame: Frame, good: Index, region: Index, projects: Projects) -> Array:
    """Most that each asset may ever produce, (n, a): its project's reserves, or its share of its region's. [kt]

    The fleets of a region share its reserves in proportion to their benchmark capacity; a project has its own.
    """
    world = frame.world
    fleets = len(world.output)
    most = np.full((frame.draws.rows, len(good)), np.inf)
    for c, name in enumerate(world.good_names):
        for place, number in frame.below("reserves", name).items():
            there = np.flatnonzero((good[:fleets] == c) & (region[:fleets] == world.region_index(place)))
            total = world.capacity[there].sum()
            if total > 0:
                most[:, there] = frame.draws.values(number)[:, None] * world.capacity[there] / total
    for a, measure in enumerate(projects.measures, start=fleets):
        if "reserves" in measure.numbers:
            most[:, a] = frame.draws.values(measure.numbers["reserves"])
    return most


def _after_outages(frame: Frame, fleets: Array) -> Array:
    """Capacity of fleets less what outages take, in proportion where a region has several fleets. [kt/yr]"""
    world = frame.world
    left = fleets.copy()
    for measure in frame.measures("outage"):
        here = (world.asset_good == world.good_index(measure.good)) & (
            world.asset_region == world.region_index(measure.region or "")
        )
        standing = left[:, :, here].sum(axis=2)
        lost = frame.in_force(measure) * frame.path(measure.numbers["capacity"])
        share = np.divide(lost, standing, out=np.zeros_like(lost), where=standing > 0)
        left[:, :, here] *= np.maximum(1.0 - share, 0.0)[:, :, None]
    return left


def _benchmark_utilisation(frame: Frame, a: int, c: int) -> float:
    """Observed utilisation of a fleet; a project is taken to be run like the good's fleets on average."""
    world = frame.world
    if a < len(world.output) and world.output[a] > 0:
        return float(world.output[a] / world.capacity[a])
    mine = world.asset_good == c
    return float(world.output[mine].sum() / world.capacity[mine].sum())


def _elasticity(frame: Frame, good: str, region: str, asset: str | None) -> Array:
    stated = frame.below("supply_elasticity", good)
    for name in (asset, region):
        if name is not None and name in stated:
            return frame.draws.values(stated[name])
    return frame.draws.values(frame.parameter("supply_elasticity", good, "default"))
