"""From countries to regions: lists of ISO3 codes are data, so any list gives a world."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.errors import DataError
from sim.quantity import Array, Mask
from sim.records.world import Region


def membership(regions: Sequence[Region], countries: Sequence[str]) -> Array:
    """Which country belongs to which region.

    Returns
    -------
    (region, country)
        1 where the country is in the region, else 0.

    Raises DataError for a country with statistics that no region or more than one region takes.
    """
    matrix = np.array([[country in region.iso3 for country in countries] for region in regions], dtype=np.float64)
    matrix = matrix.reshape(len(regions), len(countries))
    for country, times in zip(countries, matrix.sum(axis=0), strict=True):
        if times != 1:
            raise DataError(f"{country} has statistics and belongs to {times:.0f} regions, 1 wanted")
    return matrix


def sum_countries(member: Array, values: Array) -> Array:
    """Totals of the regions. (region, country), (country) -> (region)."""
    return member @ values


def sum_flows(member: Array, trade: Array) -> tuple[Array, Array]:
    """Flows between the regions, and what flows inside each of them. [kt/yr]

    (region, country), (country, country) -> (region, region) with zero diagonal, (region)
    """
    between = member @ trade @ member.T
    inside = np.diag(between).copy()
    np.fill_diagonal(between, 0.0)
    return between, inside


def covered_by(member: Array, present: Mask, pairs: Mask) -> Mask:
    """Region pairs all of whose present country pairs are marked.

    Parameters
    ----------
    member : (region, country)
        Membership.
    present : (2, country)
        Countries that count as origins (first row) and as destinations (second row).
    pairs : (country, country)
        Marked pairs, e.g. closed routes.

    Returns
    -------
    (region, region)
        False where a region has no present country.
    """
    origins, destinations = member * present[0], member * present[1]
    wanted = np.outer(origins.sum(axis=1), destinations.sum(axis=1))
    marked = origins @ pairs @ destinations.T
    covered: Mask = (wanted > 0) & (marked == wanted)
    return covered
