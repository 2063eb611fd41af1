"""Demand over the years, and the capacity trend that keeps pace with it (section 8)."""

from __future__ import annotations

import numpy as np

from sim.assemble.frame import Frame
from sim.quantity import Array, Index, Mask


def final_demand(frame: Frame, use: Array) -> tuple[Array, Array]:
    """Final use at benchmark prices over the years, with and without the scenario's shifts, (n, t, c, d). [kt/yr]

    ``use`` (c, d) is final use in the benchmark year. The trend without shifts is what capacity follows.
    """
    world, years = frame.world, frame.years
    growth = np.ones((frame.draws.rows, len(years), *use.shape))
    for c, good in enumerate(world.good_names):
        rates = frame.below("demand_growth", good)
        for d, region in enumerate(world.region_names):
            number = rates.get(region, rates.get("default"))
            if number is not None:
                growth[:, 1:, c, d] = np.cumprod(1.0 + frame.path(number)[:, 1:], axis=1)
    trend = growth * use
    shifted = trend.copy()
    for measure in frame.measures("demand_shift"):
        c = world.good_index(measure.good)
        here = [world.region_index(name) for name in measure.destinations]
        if "change" in measure.numbers:
            change = 1.0 + frame.in_force(measure) * frame.path(measure.numbers["change"])
            shifted[:, :, c, here] *= change[:, :, None]
    for measure in frame.measures("demand_shift"):
        if "volume" in measure.numbers:  # tonnes come on top of what the shares make of the trend
            c, d = world.good_index(measure.good), world.region_index(measure.destinations[0])
            shifted[:, :, c, d] += frame.in_force(measure) * frame.path(measure.numbers["volume"])
    return shifted, trend


def use_trend(frame: Frame, trend: Array, derived: Array) -> Array:
    """Total use of each good in each market at benchmark prices, (n, t, c, d). [kt/yr]

    ``trend`` (n, t, c, d) is final use, ``derived`` (c, d) what the benchmark year puts into the next stage; an
    input grows with the world's use of what is made from it.
    """
    names = frame.world.good_names
    total = trend.copy()
    for c in _last_stage_first(frame):
        children = [i for i, good in enumerate(frame.world.goods) if good.input == names[c]]
        for child in children:
            world_use = total[:, :, child].sum(axis=2)
            total[:, :, c] += derived[c] / len(children) * (world_use / world_use[:, :1])[:, :, None]
    return total


def fleet_capacity(frame: Frame, use: Array, planned: Array) -> Array:
    """Capacity of the benchmark year's fleets over the years, (n, t, a). [kt/yr]

    Parameters
    ----------
    use : (n, t, c, d)
        Use in each market at benchmark prices. [kt/yr]
    planned : (n, t, c)
        Capacity of projects that are part of the trend. [kt/yr]

    Notes
    -----
    A stated growth rate holds for its region; every other fleet grows with the use of its benchmark customers,
    times a factor common to all, such that the good's capacity keeps pace with the world's use. So where a limit
    caps a region, the others grow by that much more. One rate for all regions would flood the markets that grow
    slowly and starve those that grow fast.
    """
    world = frame.world
    start = world.capacity
    capacity = np.broadcast_to(start, (frame.draws.rows, len(frame.years), len(start))).copy()
    for c, good in enumerate(world.good_names):
        mine = np.flatnonzero(world.asset_good == c)
        rates = frame.below("capacity_growth", good)
        stated = np.zeros(len(start), dtype=bool)
        for a in mine.tolist():
            number = rates.get(world.asset_names[a], rates.get(world.region_names[world.asset_region[a]]))
            if number is not None:
                stated[a] = True
                capacity[:, 1:, a] *= np.cumprod(1.0 + frame.path(number)[:, 1:], axis=1)
        limit = _limits(frame, good, mine)
        capacity[:, :, mine] = np.minimum(capacity[:, :, mine], limit)
        free = mine[~stated[mine]]
        world_use = use[:, :, c].sum(axis=2)
        pace = world_use / world_use[:, :1]
        wanted = pace * start[mine].sum() - planned[:, :, c] - capacity[:, :, mine[stated[mine]]].sum(axis=2)
        alike = start[free] * _customers(frame, c, use[:, :, c])[:, :, world.asset_region[free]]
        capacity[:, :, free] = _share_out(wanted, alike, limit[:, :, ~stated[mine]])
    return capacity


def _customers(frame: Frame, c: int, use: Array) -> Array:
    """Growth of the use of each origin's benchmark customers, (n, t, o). [1]"""
    flows = frame.world.flows[c]
    sold = flows.sum(axis=1)
    growth = np.divide(use, use[:, :1], out=np.ones_like(use), where=use[:, :1] > 0)
    weights = np.divide(flows, sold[:, None], out=np.zeros_like(flows), where=sold[:, None] > 0)
    # not a product of matrices over draws: its last bits would depend on their number
    customers: Array = (growth[:, :, None, :] * weights).sum(axis=3)
    return customers


def _share_out(wanted: Array, start: Array, limit: Array) -> Array:
    """Spread capacity (n, t) over fleets in proportion to ``start`` (n, t, a), none above its limit (n, t, a)."""
    capped: Mask = np.zeros(limit.shape, dtype=bool)
    for _ in range(limit.shape[2] + 1):
        room = np.where(capped, 0.0, start).sum(axis=2)
        left = wanted - np.where(capped, limit, 0.0).sum(axis=2)
        factor = np.maximum(np.divide(left, room, out=np.zeros_like(left), where=room > 0), 0.0)
        now = np.where(capped, limit, start * factor[:, :, None])
        over = now > limit
        if not over.any():
            return now
        capped |= over
    return np.minimum(now, limit)


def _limits(frame: Frame, good: str, assets: Index) -> Array:
    """Upper limit of each fleet, (n, t, a): its region's, shared in proportion to benchmark capacity."""
    world = frame.world
    limit = np.full((frame.draws.rows, len(frame.years), len(assets)), np.inf)
    for region, number in frame.below("capacity_limit", good).items():
        there = np.flatnonzero(world.asset_region[assets] == world.region_index(region))
        total = world.capacity[assets[there]].sum()
        if total > 0:
            share = world.capacity[assets[there]] / total
            # a limit below what stands binds growth, it closes nothing
            stands = np.maximum(frame.path(number), total)
            limit[:, :, there] = stands[:, :, None] * share
    return limit


def _last_stage_first(frame: Frame) -> list[int]:
    """Goods in an order in which what is made from a good comes before it."""
    names = frame.world.good_names

    def stages_before(c: int) -> int:
        source = frame.world.goods[c].input
        return 0 if source is None else 1 + stages_before(names.index(source))

    return sorted(range(len(names)), key=stages_before, reverse=True)
