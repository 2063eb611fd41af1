"""What measures do to a route in one year: closures, duties, taxes and freight (eq. 7)."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Mask


def summed_rates(routes: Mask, rate: Array) -> Array:
    """Sum of the measures' rates on each route, (n, c, o, d), not to be written to.

    ``routes`` (m, c, o, d), ``rate`` (n, m); the unit is that of the rate.
    """
    total = np.zeros((1, *routes.shape[1:]))
    for m in np.flatnonzero(rate.any(axis=0)).tolist():
        total = total + _once_if_equal(rate[:, m])[:, None, None, None] * routes[m]
    return np.broadcast_to(total, (len(rate), *total.shape[1:]))


def open_part(routes: Mask, closed: Array) -> Array:
    """Part of the year in which each route is open under all bans together, (n, c, o, d), not to be written to. [1]

    ``routes`` (m, c, o, d), ``closed`` (n, m): share of the year in which the ban is in force.
    """
    part = np.ones((1, *routes.shape[1:]))
    for m in np.flatnonzero(closed.any(axis=0)).tolist():
        part = part * np.where(routes[m], 1.0 - _once_if_equal(closed[:, m])[:, None, None, None], 1.0)
    return np.broadcast_to(part, (len(closed), *part.shape[1:]))


def _once_if_equal(rate: Array) -> Array:
    """The rate of a measure by draw (n,), or once (1,) where it is the same in all: sums then cost one draw."""
    return rate[:1] if (rate == rate[0]).all() else rate
