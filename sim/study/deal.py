"""Metal that one region sells to another by one measure: who gives way, who loses it, and at which price."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.indicators import world_price
from sim.quantity import Array, Index
from sim.records.outcome import ChangeRow
from sim.records.params import Params
from sim.records.scenario import Measure
from sim.records.trajectory import Trajectory
from sim.study.bands import band


@dataclass(frozen=True, eq=False, kw_only=True)
class Deal:
    """A measure on one route, and the positions of its good and its two ends."""

    measure: Measure
    good: int
    origin: int
    destination: int


def deal_of(measure: Measure, params: Params) -> Deal | None:
    """The measure in its place; None where it has several routes."""
    if len(measure.origins) != 1 or len(measure.destinations) != 1:
        return None
    return Deal(
        measure=measure,
        good=params.goods.index(measure.good),
        origin=params.regions.index(measure.origins[0]),
        destination=params.regions.index(measure.destinations[0]),
    )


def change(label: str, before: Array, after: Array, draws: Index) -> ChangeRow:
    """Levels of the central run and the change with its band, of (n,) each."""
    return ChangeRow(
        label=label, baseline=float(before[0]), scenario=float(after[0]), change=band(after - before, draws)
    )


def suppliers_of(
    deal: Deal, params: Params, found: Trajectory, baseline: Trajectory, t: int, draws: Index
) -> tuple[ChangeRow, ...]:
    """Who sells in the destination, the selling region first."""
    c, d = deal.good, deal.destination
    before, after = baseline.flow[:, t, c, :, d], found.flow[:, t, c, :, d]
    order = [deal.origin, *(o for o in range(len(params.regions)) if o != deal.origin)]
    return tuple(
        change(params.regions[o], before[:, o], after[:, o], draws)
        for o in order
        if o == deal.origin or before[0, o] > 0 or after[0, o] > 0
    )


def customers_of(
    deal: Deal, params: Params, found: Trajectory, baseline: Trajectory, t: int, draws: Index
) -> tuple[ChangeRow, ...]:
    """Who else buys from the selling region."""
    c, o = deal.good, deal.origin
    before, after = baseline.flow[:, t, c, o], found.flow[:, t, c, o]
    return tuple(
        change(params.regions[d], before[:, d], after[:, d], draws)
        for d in range(len(params.regions))
        if d != deal.destination and (before[0, d] > 0 or after[0, d] > 0)
    )


def use_change(deal: Deal, found: Trajectory, baseline: Trajectory, t: int, draws: Index) -> ChangeRow:
    """Use in the destination."""
    before, after = ((run.final_use + run.derived_use)[:, t, deal.good, deal.destination] for run in (baseline, found))
    return change("use", before, after, draws)


def output_change(deal: Deal, found: Trajectory, baseline: Trajectory, t: int, draws: Index) -> ChangeRow:
    """Output of the selling region."""
    before, after = (run.flow[:, t, deal.good, deal.origin].sum(axis=1) for run in (baseline, found))
    return change("output", before, after, draws)


def price_change(deal: Deal, found: Trajectory, baseline: Trajectory, t: int, draws: Index) -> ChangeRow:
    """Market price of the destination."""
    before, after = (run.market_price[:, t, deal.good, deal.destination] for run in (baseline, found))
    return change("price", before, after, draws)


def world_price_change(deal: Deal, found: Trajectory, baseline: Trajectory, t: int, draws: Index) -> ChangeRow:
    """World price of the good."""
    # the flows know the output by place whatever assets a run has
    before, after = (
        world_price(run.producer_price, run.flow.sum(axis=4))[:, t, deal.good] for run in (baseline, found)
    )
    return change("world_price", before, after, draws)


def rivals_price(deal: Deal, run: Trajectory, t: int) -> Array:
    """Mean delivered price of all other suppliers in the destination, blank where there are none, (n,). [USD/t]"""
    flow, price = (each[:, t, deal.good, :, deal.destination] for each in (run.flow, run.delivered_price))
    rivals = np.delete(flow, deal.origin, axis=1)
    paid = np.nansum(rivals * np.delete(price, deal.origin, axis=1), axis=1)
    bought = rivals.sum(axis=1)
    mean: Array = np.where(bought > 0, paid, np.nan) / np.where(bought > 0, bought, 1.0)
    return mean


def below_rivals(deal: Deal, run: Trajectory, t: int) -> Array:
    """How far the selling region sells below that price, as a share of it, (n,)."""
    own = run.delivered_price[:, t, deal.good, deal.origin, deal.destination]
    below: Array = 1.0 - own / rivals_price(deal, run, t)
    return below
