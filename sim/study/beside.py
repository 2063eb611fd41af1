"""Every indicator of a scenario beside the same of its baseline, on the same draws."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.indicators import Series, buyers_gain, flow_under_bounds, indicators_of, of_places
from sim.quantity import Array, Mask
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from sim.study.against import buyers_gain_by_route, consumption_lost, price_against_baseline
from sim.study.rents import rents_received


@dataclass(frozen=True, eq=False, kw_only=True)
class Beside:
    """A series of the scenario and, of its shape (n, t, k), what it stands against; ``years`` are those of t."""

    series: Series
    base: Array
    years: tuple[int, ...]


def routes_in_use(*runs: Trajectory) -> Mask:
    """Routes that carry metal in any draw and year of any run, (c, o, d)."""
    used: Mask = np.logical_or.reduce([(np.nan_to_num(run.flow) > 0).any(axis=(0, 1)) for run in runs])
    return used


def indicators_beside(
    params: Params, baseline_params: Params, found: Trajectory, baseline: Trajectory, asked: Mask | None = None
) -> Iterator[Beside]:
    """All indicators of a run, of the routes that carry metal or, where they are ``asked`` for (c, o, d), of those.

    Rent and shortfall of a bound that the baseline does not have stand against nothing there, its flow against
    what the same routes carry. What is a change already stands against nothing, a relative price against 1.
    """
    shown = routes_in_use(found, baseline) if asked is None else asked
    unserved = asked is not None or bool((found.unserved > 0).any() or (baseline.unserved > 0).any())
    of_baseline = list(indicators_of(baseline_params, baseline, shown, unserved))
    if params.bounds.names:
        of_baseline.append(flow_under_bounds(params, baseline))
    before = {_key(series, k): series.numbers[:, :, k] for series in of_baseline for k in range(len(series.goods))}
    for series in indicators_of(params, found, shown, unserved):
        empty = np.zeros(series.numbers.shape[:2])
        base = [before.get(_key(series, k), empty) for k in range(series.numbers.shape[2])]
        yield Beside(series=series, base=np.stack(base, axis=2), years=found.years)
    rents, rents_before = rents_received(params, found), rents_received(baseline_params, baseline)
    got: Mask = ((np.nan_to_num(rents) != 0) | (np.nan_to_num(rents_before) != 0)).any(axis=(0, 1))
    if asked is not None:
        got = np.any(shown, axis=1) | np.any(shown, axis=2)
    if got.any():
        received = of_places(params, "rents_received", "M USD/yr", rents, got)
        earlier = of_places(params, "rents_received", "M USD/yr", rents_before, got)
        yield Beside(series=received, base=earlier.numbers, years=found.years)
    runs = params, found, baseline_params, baseline, shown
    for series in (*consumption_lost(params, found, baseline, shown), buyers_gain(*runs), buyers_gain_by_route(*runs)):
        yield Beside(series=series, base=np.zeros(series.numbers.shape), years=found.years)
    for series in price_against_baseline(*runs):
        yield Beside(series=series, base=np.where(np.isnan(series.numbers), np.nan, 1.0), years=found.years)


def _key(series: Series, k: int) -> tuple[str, str, str, str]:
    return series.indicator, series.goods[k], series.regions[k], series.partners[k]
