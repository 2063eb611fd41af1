"""Which assets, origins and destinations take part in a year's market (section 6 of the model page)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.quantity import Array, Index, Mask


@dataclass(frozen=True, eq=False, kw_only=True)
class Live:
    """Asset (n, a), origin (n, c, o), destination (n, c, d): True where it takes part."""

    asset: Mask
    origin: Mask
    destination: Mask


def live_rows(
    capacity: Array,
    final_reference: Array,
    usable: Mask,
    contracted: Mask,
    good: Index,
    region: Index,
    input_good: Index,
) -> Live:
    """Shut, to a fixed point, what has no input, no capacity, no outlet or no source.

    Parameters
    ----------
    capacity : (n, a)
        Capacity of the year. [kt/yr]
    final_reference : (n, c, d)
        Final use at benchmark prices. [kt/yr]
    usable, contracted : (n, c, o, d)
        Routes that are open and have a taste; routes that are open and have a take-or-pay contract, which is
        an outlet, but no source that a market can live from. [bool]
    good, region, input_good : (a,)
        What an asset makes, where, and from what (negative: nothing).
    """
    draws, goods, regions = final_reference.shape
    asset = capacity > 0
    has_input = input_good >= 0
    destination = np.ones((draws, goods, regions), dtype=bool)
    while True:
        origin = np.zeros((draws, goods, regions), dtype=bool)
        for a in range(len(good)):
            origin[:, good[a], region[a]] |= asset[:, a]
        wanted = final_reference > 0
        for a in np.flatnonzero(has_input).tolist():
            wanted[:, input_good[a], region[a]] |= asset[:, a]
        destination_now = destination & wanted
        # an origin sells where it can and where somebody buys; a market needs one such origin
        destination_now &= (usable & origin[:, :, :, None]).any(axis=2)
        origin &= ((usable | contracted) & destination_now[:, :, None, :]).any(axis=3)
        asset_now = asset & origin[:, good, region]
        fed = destination_now[:, np.maximum(input_good, 0), region]
        asset_now &= fed | ~has_input
        if np.array_equal(asset_now, asset) and np.array_equal(destination_now, destination):
            return Live(asset=asset, origin=origin, destination=destination)
        asset, destination = asset_now, destination_now
