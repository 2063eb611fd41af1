"""Fleets, projects and outages: capacity over the years and the cost curve of each asset (section 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.assemble.calendar import decimal_year, first_day_on
from sim.assemble.frame import Frame
from sim.core.supply import calibrated_curve
from sim.errors import DataError
from sim.quantity import Array
from sim.records.params import NO_INPUT, Technology
from sim.records.scenario import Measure

INCLUDED = "included"  # a project that is part of the capacity trend instead of coming on top of it


@dataclass(frozen=True, eq=False, kw_only=True)
class Projects:
    """The projects of a scenario and their capacity: whole (n, a) and over the years (n, t, a). [kt/yr]"""

    measures: tuple[Measure, ...]
    whole: Array
    capacity: Array


def projects_of(frame: Frame) -> Projects:
    """Capacity of each project: nothing until its lead time is over, then a linear ramp."""
    measures = tuple(frame.measures("project"))
    shape = (frame.draws.rows, len(frame.years))
    whole = [frame.draws.values(m.numbers["capacity"]) for m in measures]
    paths = [_ramp(frame, m)[:, :] * size[:, None] for m, size in zip(measures, whole, strict=True)]
    return Projects(
        measures=measures,
        whole=np.stack(whole, axis=1) if measures else np.zeros((shape[0], 0)),
        capacity=np.stack(paths, axis=2) if measures else np.zeros((*shape, 0)),
    )


def _ramp(frame: Frame, measure: Measure) -> Array:
    """Share of a project's capacity that stands in each year (n, t), while its switches are on."""
    on = first_day_on(measure, frame.scenario.switches)
    decided = -np.inf if measure.starts is None else decimal_year(measure.starts)
    start = max(on, decided)
    if not np.isfinite(start):
        return np.zeros((frame.draws.rows, len(frame.years)))
    lead = frame.draws.values(measure.numbers["lead_time"])
    ramp = np.maximum(frame.draws.values(measure.numbers["ramp"]), 1.0)
    year = np.array(frame.years, dtype=np.float64)
    standing = np.clip((year - start - lead[:, None] + 1.0) / ramp[:, None], 0.0, 1.0)
    return standing * frame.in_force(measure)


def planned_capacity(frame: Frame, projects: Projects) -> Array:
    """Capacity of the projects that are part of the trend, by good (n, t, c). [kt/yr]"""
    planned = np.zeros((frame.draws.rows, len(frame.years), len(frame.world.goods)))
    for a, measure in enumerate(projects.measures):
        if measure.choices.get("trend") == INCLUDED:
            planned[:, :, frame.world.good_index(measure.good)] += projects.capacity[:, :, a]
    return planned


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
        if own is None and "break_even" in (numbers := projects.measures[a - len(world.output)].numbers):
            break_even[:, a] = frame.draws.values(numbers["break_even"])
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
    )


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
