"""What measures do to a route in one year: closures, duties, taxes and freight (eq. 7)."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Mask


def summed_rates(routes: Mask, rate: Array) -> Array:
    """Sum of the measures' rates on each route, (n, c, o, d).

    ``routes`` (m, c, o, d), ``rate`` (n, m); the unit is that of the rate.
    """
    total = np.zeros((len(rate), *routes.shape[1:]))
    for m in range(rate.shape[1]):
        if rate[:, m].any():
            total += rate[:, m, None, None, None] * routes[m]
    return total


def open_part(routes: Mask, closed: Array) -> Array:
    """Part of the year in which each route is open under all bans together, (n, c, o, d). [1]

    ``routes`` (m, c, o, d), ``closed`` (n, m): share of the year in which the ban is in force.
    """
    part = np.ones((len(closed), *routes.shape[1:]))
    for m in range(closed.shape[1]):
        if closed[:, m].any():
            part *= np.where(routes[m], 1.0 - closed[:, m, None, None, None], 1.0)
    return part
