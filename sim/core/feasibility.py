"""Contradictions among bounds that are found before anything is solved (section 6)."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Mask

MOST_GUARANTEED = 0.98  # share of an origin's capacity that floors may promise


def contradictions(
    names: tuple[str, ...], routes: Mask, low: Array, high: Array, capacity: Array, live: Mask
) -> dict[int, str]:
    """The draws whose bounds cannot all hold, each with its reason.

    Parameters
    ----------
    names, routes : (b,), (b, c, o, d)
        The bounds.
    low, high : (n, b)
        Their limits in the year. [kt/yr]
    capacity : (n, c, o)
        Capacity of the year. [kt/yr]
    live : (n, b)
        Bounds with a route in use; the others bind nothing.
    """
    found: dict[int, str] = {}

    def report(bad: Mask, why: str) -> None:
        for i in np.flatnonzero(bad):
            found.setdefault(int(i), why)

    low = np.where(live, low, 0.0)
    high = np.where(live, high, np.inf)
    guaranteed = np.zeros_like(capacity)
    for b, name in enumerate(names):
        report(low[:, b] > high[:, b], f"{name}: its floor is above its own limit")
        covered = np.zeros(len(low), dtype=bool)  # by a floor over a wider set, which then counts instead
        for other, other_name in enumerate(names):
            if other == b or (routes[b] & ~routes[other]).any():
                continue
            report(low[:, b] > high[:, other], f"{name}: its floor is above the limit of {other_name} around it")
            covered |= low[:, other] > low[:, b]
            if other < b or (routes[other] & ~routes[b]).any():  # of equal floors over the same routes the first counts
                covered |= low[:, other] == low[:, b]
        sellers = np.argwhere(routes[b].any(axis=2))
        if len(sellers) == 1:
            c, o = sellers[0]
            guaranteed[:, c, o] += np.where(covered, 0.0, low[:, b])
    over = (guaranteed > MOST_GUARANTEED * capacity).any(axis=(1, 2))
    report(np.asarray(over), f"floors promise more than {MOST_GUARANTEED:.0%} of an origin's capacity")
    return found
