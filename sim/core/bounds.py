"""Limits on sums of flows: the rent wedge as a complementarity (eq. 11)."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Mask

FLAT = 1e-8  # log of a rent below which (1 - e^-t) / t is 1 to all digits that count

DEEPEST_DISCOUNT = np.log(0.3)  # a guarantor gives up to 70 % of the delivered price, not more


def complementarity(log_flow: Array, wedge: Array, log_low: Array, log_high: Array) -> tuple[Array, Array, Array]:
    """Residual of eq. 11 with its slopes.

    Parameters
    ----------
    log_flow, wedge, log_low, log_high : (n, b)
        Log of the flow over the set, its rent wedge z, and the logs of its limits (infinite where none).

    Returns
    -------
    residual, slope_flow, slope_wedge : (n, b)
        The residual and its derivatives by log flow (-1 or 0) and by wedge (0 or 1).

    Notes
    -----
    Inside the limits the residual is z itself; at a cap or floor it is ln limit - x; at the deepest discount
    it is z - z_min.
    """
    reach = log_flow + wedge
    inner = np.clip(reach, log_low, log_high)
    at_deepest = reach - inner <= DEEPEST_DISCOUNT
    free = at_deepest | ((reach > log_low) & (reach < log_high))
    residual = np.where(at_deepest, wedge - DEEPEST_DISCOUNT, inner - log_flow)
    return residual, np.where(free, 0.0, -1.0), np.where(free, 1.0, 0.0)


def upper_limits(high: Array, high_share: Array, last_flow: Array) -> Array:
    """Upper limit of each bound in a year: its own tonnes and a share of the last unlimited flow (n, b). [kt/yr]"""
    return np.where(np.isinf(high), np.inf, high + high_share * last_flow)


def implied(routes: Mask, low: Array, high: Array) -> Mask:
    """Bounds (n, b) that say no more than another on the same routes; together they would leave z undetermined.

    ``routes`` (b, c, o, d), ``low`` and ``high`` (n, b) in kt/yr. Of equal bounds the first counts.
    """
    idle = np.zeros(low.shape, dtype=bool)
    for b in range(len(routes)):
        for other in range(len(routes)):
            if other != b and np.array_equal(routes[b], routes[other]):
                looser = (low[:, b] <= low[:, other]) & (high[:, b] >= high[:, other])
                equal = (low[:, b] == low[:, other]) & (high[:, b] == high[:, other])
                idle[:, b] |= looser & (~equal | (other < b))
    return idle


def rents(wedge: Array, routes: Mask, value: Array) -> Array:
    """What each bound's wedge takes out of the delivered value of its routes. [M USD/yr]

    Parameters
    ----------
    wedge : (n, b)
        Rent wedges z. [1]
    routes : (b, c, o, d)
        Routes of each bound. [bool]
    value : (n, c, o, d)
        Delivered value of each flow. [M USD/yr]

    Notes
    -----
    A route under several bounds gives (1 - exp(-sum z)) of its value, shared in proportion to z; where the
    wedges cancel out, the limit z of that ratio.
    """
    if not wedge.any():
        return np.zeros_like(wedge)
    total = route_wedges(wedge, routes)
    # (1 - e^-t) / t, finite at t = 0
    safe = np.where(np.abs(total) < FLAT, 1.0, total)
    ratio = np.where(np.abs(total) < FLAT, 1.0, -np.expm1(-safe) / safe)
    share = value * ratio
    taken = [(share * routes[b]).reshape(len(wedge), -1).sum(axis=1) for b in range(len(routes))]
    return np.asarray(wedge * np.stack(taken, axis=1))


def route_wedges(wedge: Array, routes: Mask | Array) -> Array:
    """Sum of the wedges on each route, (n, c, o, d). [1]"""
    total = np.zeros((len(wedge), *routes.shape[1:]))
    add_wedges(total, wedge, routes)
    return total


def add_wedges(logs: Array, wedge: Array, routes: Mask | Array) -> None:
    """Add the wedges (n, b) in place to log prices (n, c, o, d) on the routes (b, c, o, d) of each bound."""
    for b in range(len(routes)):
        c, o, d = np.nonzero(routes[b])
        logs[:, c, o, d] += wedge[:, b, None]


def with_rents(line: Array, wedge: Array, routes: Mask | Array) -> Array:
    """Prices (n, c, o, d) times exp(sum of wedges) on the routes (b, c, o, d) of the bounds (eq. 7). [USD/t]"""
    if not len(routes):
        return line
    delivered = line.copy(order="K")
    for b in range(len(routes)):
        c, o, d = np.nonzero(routes[b])
        delivered[:, c, o, d] *= np.exp(wedge[:, b, None])
    return delivered


def bound_flows(flow: Array, routes: Mask | Array) -> Array:
    """Flow over the routes (b, c, o, d) of each bound, (n, b). [kt/yr]"""
    flat = flow.reshape(len(flow), -1)
    total = np.empty((len(flow), len(routes)))
    for b in range(len(routes)):
        total[:, b] = flat.take(np.flatnonzero(routes[b]), axis=1).sum(axis=1)
    return total
