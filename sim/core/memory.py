"""What one year hands to the next (section 8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.demand import price_memory
from sim.core.equilibrium import State
from sim.core.live import Live
from sim.quantity import Array, Index, Mask
from sim.records.params import Params

ROUNDING = 1e-9  # of what was taken in a year: a mine or a stockpile with less than that left is empty


@dataclass(frozen=True, eq=False, kw_only=True)
class Memory:
    """State at the turn of the year, for the draws still under way."""

    price: Array  # (n, c, o) producer prices; of the dead the last they had [USD/t]
    wedge: Array  # (n, b)
    share: Array  # (n, c, o, d)
    delivered: Array  # (n, c, o, d) [USD/t]
    habit: Array  # (n, c, d) price memory H [USD/t]
    capacity: Array  # (n, c, o) [kt/yr]
    bound_flow: Array  # (n, b) [kt/yr]
    unlimited_flow: Array  # (n, b) flow in the last year without the bound [kt/yr]
    extractable: Array  # (n, a) most that may still be produced [kt]
    stock: Array  # (n, s) what stockpiles hold [kt]

    def take(self, draws: Index) -> Memory:
        """The memory of some draws."""
        return Memory(**{name: array[draws] for name, array in vars(self).items()})


def benchmark_memory(params: Params) -> Memory:
    """The state before the benchmark year, which is that of the benchmark year itself."""
    draws = params.draws
    flows = [(params.benchmark_flow * routes).sum() for routes in params.bounds.routes]
    bound_flow = np.tile(np.array(flows, dtype=np.float64), (draws, 1))
    return Memory(
        price=params.benchmark_producer_price.copy(),
        wedge=np.zeros_like(bound_flow),
        share=np.broadcast_to(params.sourcing.benchmark_share, params.sourcing.taste.shape),
        delivered=params.sourcing.reference_price,
        habit=params.demand.benchmark_price,
        capacity=capacity_by_place(params, params.technology.capacity[:, 0]),
        bound_flow=bound_flow,
        unlimited_flow=bound_flow,
        extractable=params.technology.extractable,
        stock=params.stockpiles.stock,
    )


def next_memory(
    earlier: Memory,
    params: Params,
    draws: Index,
    live: Live,
    capacity: Array,
    unlimited: Mask,
    state: State,
    released: Array,
    mined: bool,
) -> Memory:
    """The state after a year solved as ``state``; what was dead keeps its last price.

    ``released`` (n, s) left the stockpiles; what was produced counts against reserves where it is ``mined`` now, and
    not in the benchmark year, after which they are counted.
    """
    selling = live.origin[:, :, :, None]
    price = np.where(live.destination, state.market_price, earlier.habit)
    return Memory(
        price=np.where(live.origin, state.price, earlier.price),
        wedge=state.wedge,
        share=state.share,
        delivered=np.where(selling, state.delivered, earlier.delivered),
        habit=price_memory(earlier.habit, price, params.demand.memory[draws]),
        capacity=capacity,
        bound_flow=state.bound_flow,
        unlimited_flow=np.where(unlimited, state.bound_flow, earlier.unlimited_flow),
        extractable=_less(earlier.extractable, state.output) if mined else earlier.extractable,
        stock=_less(earlier.stock, released),
    )


def _less(amount: Array, taken: Array) -> Array:
    """What is left of an amount; a remainder in the last digits is nothing. [kt]"""
    left = amount - taken
    return np.where(left > ROUNDING * taken, left, 0.0)


def capacity_by_place(params: Params, capacity: Array) -> Array:
    """Capacity of assets (n, a) added up to good and region (n, c, o). [kt/yr]"""
    total = np.zeros((len(capacity), len(params.goods), len(params.regions)))
    for a, (good, region) in enumerate(zip(params.technology.good, params.technology.region, strict=True)):
        total[:, good, region] += capacity[:, a]
    return total
