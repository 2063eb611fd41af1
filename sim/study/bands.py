"""Percentiles over the draws that were solved in both runs, and the central run beside them."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Index
from sim.records.outcome import Band

LEVELS = (5.0, 50.0, 95.0)  # percentiles: a band of 90 % around the median
HALFWAY = 0.5
_ROUNDING = 1e-9  # of a place between two draws: 0.05 times 20 is a whole number


def percentiles(values: Array, draws: Index) -> Array:
    """The 5th, 50th and 95th percentile over some draws of (n, ...): (3, ...), linear between draws.

    Without draws the central run, row 0, stands in. A place that is blank in some draws gets the percentiles
    of the others. Infinite numbers count in their order; a percentile that would be infinite is blank.
    """
    if len(draws) == 0:
        return np.stack([finite(values[0])] * len(LEVELS))
    chosen = values[draws]
    if np.isinf(chosen).any():
        return _ranked(chosen)
    blank = np.isnan(chosen).any(axis=0)
    if not blank.any():
        return _without_blanks(chosen)
    found = np.full((len(LEVELS), *values.shape[1:]), np.nan)
    found[:, ~blank] = _without_blanks(chosen[:, ~blank])
    some = blank & ~np.isnan(chosen).all(axis=0)
    if some.any():
        found[:, some] = np.nanpercentile(chosen[:, some], LEVELS, axis=0)
    return found


def _without_blanks(chosen: Array) -> Array:
    """As ``np.percentile`` has them, which looks for places in what is in order already; sorts in place."""
    chosen.sort(axis=0)  # numpy sorts with the vectors of the processor
    found = np.empty((len(LEVELS), *chosen.shape[1:]))
    for i, level in enumerate(LEVELS):
        place = (len(chosen) - 1) * (level / 100)
        below = int(place)
        low, high, part = chosen[below], chosen[min(below + 1, len(chosen) - 1)], place - below
        # from the nearer of two draws, so that rounding does not lead beyond either
        found[i] = low + (high - low) * part if part < HALFWAY else high - (high - low) * (1 - part)
    return found


def at_either_end(values: Array, draws: Index) -> tuple[Array, Array]:
    """The same percentiles with all draws but ``draws`` put below, and above, every number: (3, ...) each.

    Those are the draws without a solution. Where a percentile falls among them it has no bound and is blank.
    """
    chosen = values[draws]
    beyond = np.full((len(values) - 1 - len(draws), *values.shape[1:]), np.inf)
    return _ranked(np.concatenate([-beyond, chosen])), _ranked(np.concatenate([chosen, beyond]))


def finite(values: Array) -> Array:
    """The numbers, blank where infinite."""
    return np.where(np.isinf(values), np.nan, values)


def _ranked(chosen: Array) -> Array:
    """Percentiles of (m, ...) by order: blanks are left out, infinite numbers keep their end."""
    ordered = np.sort(chosen, axis=0)  # blanks come last
    count = (~np.isnan(ordered)).sum(axis=0)
    found = np.full((len(LEVELS), *chosen.shape[1:]), np.nan)
    if not len(ordered):
        return found
    for i, level in enumerate(LEVELS):
        place = np.maximum(count - 1, 0) * level / 100
        below = np.floor(place + _ROUNDING).astype(np.int64)
        part = np.maximum(place - below, 0.0)
        above = np.where(part > _ROUNDING, below + 1, below)
        first, second = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, above))
        told = np.isfinite(first) & np.isfinite(second)
        first, second = np.where(told, first, 0.0), np.where(told, second, 0.0)
        found[i] = np.where(told, first + (second - first) * part, np.nan)
    return found


def band(values: Array, draws: Index) -> Band:
    """Central number and percentiles of (n,); what is infinite is blank."""
    low, middle, high = percentiles(values, draws)
    return Band(central=float(finite(values[0])), p05=float(low), p50=float(middle), p95=float(high))
