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
        change = 1.0 + frame.in_force(measure) * frame.path(measure.numbers["change"])
        c = world.good_index(measure.good)
        for name in measure.destinations:
            shifted[:, :, c, world.region_index(name)] *= change
    return shifted, trend


def pace_of_use(frame: Frame, trend: Array, derived: Array) -> Array:
    """Growth of each good's total use against the benchmark year, (n, t, c). [1]

    ``trend`` (n, t, c, d) is final use, ``derived`` (c,) what the benchmark year puts into the next stage; an
    input grows with what is made from it.
    """
    names = frame.world.good_names
    final = trend.sum(axis=3)
    pace = np.ones(final.shape)
    for c in _last_stage_first(frame):
        children = [i for i, good in enumerate(frame.world.goods) if good.input == names[c]]
        fed = pace[:, :, children].mean(axis=2) if children else 1.0
        total = final[:, :, c] + derived[c] * fed
        at_start = total[:, :1]
        pace[:, :, c] = np.divide(total, at_start, out=np.ones_like(total), where=at_start > 0)
    return pace


def fleet_capacity(frame: Frame, pace: Array, planned: Array) -> Array:
    """Capacity of the benchmark year's fleets over the years, (n, t, a). [kt/yr]

    Parameters
    ----------
    pace : (n, t, c)
        Growth of use. [1]
    planned : (n, t, c)
        Capacity of projects that are part of the trend. [kt/yr]

    Notes
    -----
    A stated growth rate holds for its region; all other fleets of the good grow at one common rate, such that
    the good's capacity keeps pace with its use; where a limit caps a region, the others grow by that much more.
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
        wanted = pace[:, :, c] * start[mine].sum() - planned[:, :, c] - capacity[:, :, mine[stated[mine]]].sum(axis=2)
        capacity[:, :, free] = _share_out(wanted, start[free], limit[:, :, ~stated[mine]])
    return capacity


def _share_out(wanted: Array, start: Array, limit: Array) -> Array:
    """Spread capacity (n, t) over fleets in proportion to ``start`` (a,), none above its limit (n, t, a)."""
    capped: Mask = np.zeros(limit.shape, dtype=bool)
    for _ in range(len(start) + 1):
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
