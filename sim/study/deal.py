"""Metal that one region sells to another by one measure: who gives way, who loses it, and at which price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from sim.indicators import world_price
from sim.quantity import Array, Index
from sim.records.by_draw import ByDraw
from sim.records.outcome import ChangeRow
from sim.records.params import Params
from sim.records.scenario import Measure
from sim.records.trajectory import Trajectory
from sim.study.block import Block
from sim.study.changed import Changed, changed


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


class DealRows(TypedDict):
    """What every answer on a deal has of rows."""

    suppliers: tuple[ChangeRow, ...]
    customers: tuple[ChangeRow, ...]
    use: ChangeRow
    new_output: ChangeRow
    price: ChangeRow
    world_price: ChangeRow


@dataclass(frozen=True, eq=False, kw_only=True)
class DealTold(ByDraw):
    """What metal sold by one measure does to both ends in one year; as in the answer on a deal."""

    suppliers: tuple[Changed, ...]
    customers: tuple[Changed, ...]
    use: Changed
    new_output: Changed
    price: Changed
    world_price: Changed

    def rows(self, draws: Index) -> DealRows:
        """The rows of the answer."""
        return {
            "suppliers": tuple(each.row(draws) for each in self.suppliers),
            "customers": tuple(each.row(draws) for each in self.customers),
            "use": self.use.row(draws),
            "new_output": self.new_output.row(draws),
            "price": self.price.row(draws),
            "world_price": self.world_price.row(draws),
        }


def deal_told(deal: Deal, block: Block, t: int) -> DealTold:
    """Who gives way to a deal in the year at ``t``, who loses the metal, and what becomes of the prices."""
    c, o, d = deal.good, deal.origin, deal.destination
    runs = block.base, block.found
    return DealTold(
        suppliers=_suppliers(deal, block, t),
        customers=_customers(deal, block, t),
        use=changed("use", *((run.final_use + run.derived_use)[:, t, c, d] for run in runs)),
        new_output=changed("output", *(run.flow[:, t, c, o].sum(axis=1) for run in runs)),
        price=changed("price", *(run.market_price[:, t, c, d] for run in runs)),
        # the flows know the output by place whatever assets a run has
        world_price=changed(
            "world_price", *(world_price(run.producer_price, run.flow.sum(axis=4))[:, t, c] for run in runs)
        ),
    )


def _suppliers(deal: Deal, block: Block, t: int) -> tuple[Changed, ...]:
    """Who sells in the destination, the selling region first."""
    c, d = deal.good, deal.destination
    before, after = block.base.flow[:, t, c, :, d], block.found.flow[:, t, c, :, d]
    regions = block.params.regions
    order = [deal.origin, *(o for o in range(len(regions)) if o != deal.origin)]
    return tuple(
        changed(regions[o], before[:, o], after[:, o])
        for o in order
        if o == deal.origin or before[0, o] > 0 or after[0, o] > 0
    )


def _customers(deal: Deal, block: Block, t: int) -> tuple[Changed, ...]:
    """Who else buys from the selling region."""
    c, o = deal.good, deal.origin
    before, after = block.base.flow[:, t, c, o], block.found.flow[:, t, c, o]
    return tuple(
        changed(region, before[:, d], after[:, d])
        for d, region in enumerate(block.params.regions)
        if d != deal.destination and (before[0, d] > 0 or after[0, d] > 0)
    )


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
