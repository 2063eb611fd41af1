"""Percentiles over the draws that were solved in both runs, and the central run beside them."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Index
from sim.records.outcome import Band

LEVELS = (5.0, 50.0, 95.0)


def percentiles(values: Array, draws: Index) -> Array:
    """The 5th, 50th and 95th percentile over some draws of (n, ...): (3, ...), linear between draws.

    Without draws the central run, row 0, stands in. A place that is blank in some draws gets the percentiles
    of the others.
    """
    if len(draws) == 0:
        return np.stack([values[0]] * len(LEVELS))
    chosen = values[draws]
    blank = np.isnan(chosen).any(axis=0)
    if not blank.any():
        return np.asarray(np.percentile(chosen, LEVELS, axis=0))
    found = np.full((len(LEVELS), *values.shape[1:]), np.nan)
    found[:, ~blank] = np.percentile(chosen[:, ~blank], LEVELS, axis=0)
    some = blank & ~np.isnan(chosen).all(axis=0)
    if some.any():
        found[:, some] = np.nanpercentile(chosen[:, some], LEVELS, axis=0)
    return found


def band(values: Array, draws: Index) -> Band:
    """Central number and percentiles of (n,)."""
    low, middle, high = percentiles(values, draws)
    return Band(central=float(values[0]), p05=float(low), p50=float(middle), p95=float(high))
