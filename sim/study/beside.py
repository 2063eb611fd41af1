"""Every indicator of a scenario beside the same of its baseline, on the same draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.indicators import Series, buyers_gain, flow_under_bounds, indicators_of, of_places
from sim.quantity import Array, Mask
from sim.records.by_draw import ByDraw
from sim.records.trajectory import Trajectory
from sim.study.against import buyers_gain_by_route, consumption_lost, price_against_baseline
from sim.study.block import Block
from sim.study.rents import rents_received

Key = tuple[str, str, str, str]  # indicator, good, region, partner


@dataclass(frozen=True, eq=False, kw_only=True)
class Beside(ByDraw):
    """A series of the scenario and, of its shape (n, t, k), what it stands against; ``years`` are those of t."""

    series: Series
    base: Array
    years: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Shown:
    """What has something to show in any draw and year of either run, and so gets rows."""

    routes: Mask  # (c, o, d) that carry metal
    finally_used: Mask  # (c, d) with a final demand
    rents: Mask  # (c, r) where rents are received or paid
    unserved: bool  # whether any demand goes unserved

    def __or__(self, other: Shown) -> Shown:
        return Shown(
            routes=self.routes | other.routes,
            finally_used=self.finally_used | other.finally_used,
            rents=self.rents | other.rents,
            unserved=self.unserved or other.unserved,
        )


def shown_in(block: Block) -> Shown:
    """What a block has to show."""
    found, base = block.found, block.base
    rents = [rents_received(given, run) for given, run in ((block.params, found), (block.base_params, base))]
    return Shown(
        routes=routes_in_use(found, base),
        finally_used=np.any(block.params.demand.reference > 0, axis=(0, 1)),
        rents=np.logical_or.reduce([(np.nan_to_num(each) != 0).any(axis=(0, 1)) for each in rents]),
        unserved=bool((found.unserved > 0).any() or (base.unserved > 0).any()),
    )


def all_shown(routes: Mask) -> Shown:
    """Everything that could have something to show where no routes but these carry metal."""
    places = np.ones((routes.shape[0], routes.shape[2]), dtype=bool)
    return Shown(routes=routes, finally_used=places, rents=places, unserved=True)


def routes_in_use(*runs: Trajectory) -> Mask:
    """Routes that carry metal in any draw and year of any run, (c, o, d)."""
    used: Mask = np.logical_or.reduce([(run.flow > 0).any(axis=(0, 1)) for run in runs])
    return used


def indicators_beside(block: Block, shown: Shown) -> Iterator[Beside]:
    """All indicators of a run.

    Rent and shortfall of a bound that the baseline does not have stand against nothing there, its flow against
    what the same routes carry. What is a change already stands against nothing, a relative price against 1.
    """
    params, baseline_params, found, baseline = block.params, block.base_params, block.found, block.base
    of_baseline = list(indicators_of(baseline_params, baseline, shown.routes, shown.unserved))
    if params.bounds.names:
        of_baseline.append(flow_under_bounds(params, baseline))
    alike = {tuple(keys_of(series)): series.numbers for series in of_baseline}
    before = {key: series.numbers[:, :, k] for series in of_baseline for k, key in enumerate(keys_of(series))}
    for series in indicators_of(params, found, shown.routes, shown.unserved):
        keys = keys_of(series)
        base = alike.get(tuple(keys))
        if base is None:  # other places than in the baseline
            empty = np.zeros(series.numbers.shape[:2])
            base = np.stack([before.get(key, empty) for key in keys], axis=2)
        yield Beside(series=series, base=base, years=found.years)
    if shown.rents.any():
        name = "rents_received"
        received = of_places(params, name, "M USD/yr", rents_received(params, found), shown.rents)
        earlier = of_places(params, name, "M USD/yr", rents_received(baseline_params, baseline), shown.rents)
        yield Beside(series=received, base=earlier.numbers, years=found.years)
    runs = params, found, baseline_params, baseline, shown.routes
    changes = (
        *consumption_lost(params, found, baseline, shown.routes),
        buyers_gain(*runs, shown.finally_used),
        buyers_gain_by_route(*runs, shown.finally_used),
    )
    for series in changes:
        yield Beside(series=series, base=np.zeros(series.numbers.shape), years=found.years)
    for series in price_against_baseline(*runs):
        yield Beside(series=series, base=np.where(np.isnan(series.numbers), np.nan, 1.0), years=found.years)


def keys_of(series: Series) -> list[Key]:
    """What tells the places of a series from all others."""
    return [(series.indicator, *place) for place in zip(series.goods, series.regions, series.partners, strict=True)]
