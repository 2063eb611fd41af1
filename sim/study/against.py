"""Indicators that are changes against the baseline: use lost, relative prices, what buyers gain route by route."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.axes import ORIGIN
from sim.core.accounts import M_USD
from sim.indicators import Series, by_place, demand_stays, finally_used, of_places, of_world, world_price
from sim.quantity import Array, Mask
from sim.records.params import Params
from sim.records.trajectory import Trajectory


def consumption_lost(params: Params, found: Trajectory, baseline: Trajectory, shown: Mask) -> Iterator[Series]:
    """Use of the baseline less that of the scenario: positive where less is used. Unserved demand is part of it."""
    lost = _use(baseline) - _use(found)
    yield of_places(params, "consumption_lost", "kt/yr", lost, np.any(shown, axis=1))
    yield of_world(params, "consumption_lost", "kt/yr", lost.sum(axis=3))


def price_against_baseline(
    params: Params, found: Trajectory, baseline_params: Params, baseline: Trajectory, shown: Mask
) -> Iterator[Series]:
    """Market prices, and the price of the world, over those of the baseline; blank where either has none."""
    name = "price_against_baseline"
    yield of_places(params, name, "1", found.market_price / baseline.market_price, np.any(shown, axis=1))
    yield of_world(params, name, "1", _world_price(params, found) / _world_price(baseline_params, baseline))


def buyers_gain_by_route(
    params: Params,
    found: Trajectory,
    baseline_params: Params,
    baseline: Trajectory,
    shown: Mask,
    used: Mask | None = None,
) -> Series:
    """What buyers for final use save on what they buy: minus the sum of 1/2 (X0 + X1) (q1 - q0). [M USD/yr]

    Summed over the routes that carry metal in both runs, and cut to the part of final use where a market also buys
    for the next stage. Origins keep their own prices, unlike in ``buyers_gain``; what a route that opens or closes
    is worth is not in it. Blank where that one is blank.
    """
    told = demand_stays(params, found, baseline_params, baseline)
    both = (found.flow > 0) & (baseline.flow > 0)
    dearer = np.where(both, found.delivered_price - baseline.delivered_price, 0.0)
    bought = _for_final_use(found) + _for_final_use(baseline)
    gain = -0.5 * (bought * dearer).sum(axis=ORIGIN) * M_USD
    name = "buyers_surplus_by_route"
    return of_places(params, name, "M USD/yr", np.where(told, gain, np.nan), finally_used(params, shown, used))


def _use(run: Trajectory) -> Array:
    return run.final_use + run.derived_use


def _for_final_use(run: Trajectory) -> Array:
    """Flows, of each market's the share that goes into final use, (n, t, c, o, d). [kt/yr]"""
    use = _use(run)
    part = run.final_use / np.where(use > 0, use, 1.0)
    tonnes: Array = run.flow * part[:, :, :, None]
    return tonnes


def _world_price(params: Params, run: Trajectory) -> Array:
    return world_price(run.producer_price, by_place(params, run.output))
