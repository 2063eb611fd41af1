"""Stockpiles: metal from stock that is sold in the markets it serves once their price is at the trigger (section 2)."""

from __future__ import annotations

import numpy as np

from sim.core.supply import utilisation
from sim.quantity import Array, Index, Mask

RELEASE_STEEPNESS = 30.0  # as good as a step: 1 % over the trigger 57 % of the rate is sold, 10 % over it 95 %
MOST_FROM_STOCK = 0.95  # of a market's use: the rest keeps its trade, and with it a price


def stock_room(release_rate: Array, left: Array, reach: Array) -> Array:
    """Most that each stockpile can sell in each market within a year, (n, s, d). [kt/yr]

    Parameters
    ----------
    release_rate : (n, s)
        Most that leaves the stockpile in a year. [kt/yr]
    left : (n, s)
        What is in it. [kt]
    reach : (s, d)
        How the release is shared out over the markets it serves, adding up to 1. [1]
    """
    room: Array = np.minimum(release_rate, left)[:, :, None] * reach
    return room


def released(room: Array, trigger: Array, price: Array, good: Index, use: Array) -> tuple[Array, Array, Mask]:
    """What stockpiles sell at market prices, with what that makes of the markets.

    Parameters
    ----------
    room : (n, s, d)
        Most that each can sell in each market. [kt/yr]
    trigger : (n, s)
        Price at which half of it is sold. [USD/t]
    price, use : (n, c, d)
        Market price [USD/t] and use [kt/yr] of all goods.
    good : (s,)
        What each stockpile holds.

    Returns
    -------
    sold : (n, s, d)
        Tonnes sold. [kt/yr]
    slope : (n, c, d)
        Derivative of all that is sold in a market by its price, 0 where use limits it. [kt/yr per USD/t]
    limited : (n, c, d)
        Markets that would take less than is offered. [bool]
    """
    mine = price[:, good]
    used = utilisation(mine, np.broadcast_to(trigger[:, :, None], mine.shape), np.array(RELEASE_STEEPNESS))
    offered = room * used
    total, steep = np.zeros_like(use), np.zeros_like(use)
    for s, c in enumerate(good.tolist()):
        total[:, c] += offered[:, s]
        steep[:, c] += offered[:, s] * RELEASE_STEEPNESS * (1.0 - used[:, s]) / mine[:, s]
    limited: Mask = total > MOST_FROM_STOCK * use
    scale = np.where(limited, MOST_FROM_STOCK * use / np.where(total > 0, total, 1.0), 1.0)
    return offered * scale[:, good], np.where(limited, 0.0, steep), limited


def alone(room: Array, good: Index, wanted: Array, served: Mask) -> Array:
    """What stockpiles give to markets that have no other source, as far as it is wanted, (n, s, d). [kt/yr]

    ``room`` (n, s, d) in kt/yr, ``wanted`` (n, c, d) use at benchmark prices, ``served`` (n, c, d) where there is one.
    """
    total = np.zeros_like(wanted)
    for s, c in enumerate(good.tolist()):
        total[:, c] += room[:, s]
    scale = np.where(served, 0.0, np.minimum(1.0, wanted / np.where(total > 0, total, 1.0)))
    given: Array = room * scale[:, good]
    return given


def by_market(sold: Array, good: Index, shape: tuple[int, ...]) -> Array:
    """Tonnes of stockpiles (n, s, d) added up by good and market, (n, c, d)."""
    total = np.zeros(shape)
    for s, c in enumerate(good.tolist()):
        total[:, c] += sold[:, s]
    return total
