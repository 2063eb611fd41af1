"""What takes part in one draw of a market, as lists without gaps: the layout that compiled loops work on.

Quantities of one kind stand in one array, a row for each; the names of the rows are the constants below. Every array
that is handed from function to function costs seconds of compilation, so there are few.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from sim.quantity import Array, Index, Mask

GOOD, BUYER = range(2)  # of a market
OF_MARKET = 5  # numbers that are given of it
USE_AT_ONE, DEMAND_ELASTICITY, ELASTICITY, ELASTICITY_SHORT, KEPT = range(OF_MARKET)
SELLER, ORIGIN = range(2)  # of a route: position among the prices, and on the axis of origins
OF_ROUTE = 5  # numbers that are given of it
CONTESTABLE, CONTRACT, SLOPE, INTERCEPT, TAKE_OR_PAY = range(OF_ROUTE)
PLACES = 3  # of an asset: its position, that of its price, that of its input's market or -1
ASSET, MAKER, FED_BY = range(PLACES)
OF_ASSET = 4  # numbers that are given of it
INPUT_RATIO, CAPACITY, BREAK_EVEN, STEEPNESS = range(OF_ASSET)
STOCKPILE, SERVED = range(2)  # of what a stockpile sells in a market: their positions
ROOM, TRIGGER = range(2)
LOW, HIGH = range(2)  # logs of a bound's limits


class Given(NamedTuple):
    """A market as plain arrays, all draws; names, shapes and units as in ``core.market.Market``."""

    good: Index
    origin: Index
    region: Index
    input_good: Index
    input_ratio: Array
    capacity: Array
    break_even: Array
    steepness: Array
    use_at_one: Array
    demand_elasticity: Array
    contestable: Array
    contract: Array
    kept: Array
    elasticity: Array
    elasticity_short: Array
    slope: Array
    intercept: Array
    take_or_pay: Array
    stock_good: Index
    stock_room: Array
    stock_trigger: Array
    log_low: Array
    log_high: Array
    live_origin: Mask
    live_destination: Mask
    live_bound: Mask
    bound_start: Index  # (b + 1,) where the routes of a bound begin
    bound_at: Index  # (3, ...) good, origin and buyer of these routes


class Rows(NamedTuple):
    """The live rows of a draw: u prices, m markets, r routes sorted by market, a assets, b bounds, s sales of stock."""

    place: Index  # (c, o) position among the prices, or -1
    first: Index  # (c + 1,) where the prices of a good begin
    market: Index  # (2, m)
    market_data: Array  # (5, m)
    start: Index  # (m + 1,) where the routes of a market begin
    route: Index  # (2, r)
    route_data: Array  # (5, r)
    asset: Index  # (3, a)
    asset_data: Array  # (4, a)
    stock: Index  # (2, s)
    stock_data: Array  # (2, s)
    bound: Index  # (b,)
    bound_data: Array  # (2, b)
    bound_start: Index  # (b + 1,) where the routes of a bound begin
    bound_route: Index  # (...) positions among the routes


@register_jitable
def live_rows_of(given: Given, i: int) -> Rows:
    """The live rows of draw ``i``."""
    place, first = _prices(given.live_origin[i])
    market, start, route, route_data, route_place = _routes(
        given.live_destination[i],
        place,
        given.contestable[i],
        given.contract[i],
        given.slope[i],
        given.intercept[i],
        given.take_or_pay[i],
    )
    market_data = np.empty((OF_MARKET, market.shape[1]))
    market_place = np.full(given.live_destination.shape[1:], -1, dtype=np.int64)
    for m in range(market.shape[1]):
        c, d = market[GOOD, m], market[BUYER, m]
        market_place[c, d] = m
        market_data[USE_AT_ONE, m], market_data[DEMAND_ELASTICITY, m] = (
            given.use_at_one[i, c, d],
            given.demand_elasticity[i, c],
        )
        market_data[ELASTICITY, m], market_data[ELASTICITY_SHORT, m] = (
            given.elasticity[i, c],
            given.elasticity_short[i, c],
        )
        market_data[KEPT, m] = given.kept[i, c, d]

    running = np.flatnonzero(given.capacity[i] > 0)
    asset, asset_data = np.empty((PLACES, len(running)), dtype=np.int64), np.empty((OF_ASSET, len(running)))
    for k in range(len(running)):
        a = running[k]
        h = given.input_good[a]
        asset[ASSET, k], asset[MAKER, k] = a, place[given.good[a], given.origin[a]]
        asset[FED_BY, k] = market_place[h, given.region[a]] if h >= 0 else -1
        asset_data[INPUT_RATIO, k], asset_data[CAPACITY, k] = given.input_ratio[i, a], given.capacity[i, a]
        asset_data[BREAK_EVEN, k], asset_data[STEEPNESS, k] = given.break_even[i, a], given.steepness[i, a]

    stock, stock_data = _stocks(given.stock_good, given.stock_room[i], given.stock_trigger[i], market)
    bound, bound_start, bound_route = _bounds(given.live_bound[i], given.bound_start, given.bound_at, route_place)
    bound_data = np.empty((2, len(bound)))
    for k in range(len(bound)):
        bound_data[LOW, k], bound_data[HIGH, k] = given.log_low[i, bound[k]], given.log_high[i, bound[k]]
    return Rows(
        place,
        first,
        market,
        market_data,
        start,
        route,
        route_data,
        asset,
        asset_data,
        stock,
        stock_data,
        bound,
        bound_data,
        bound_start,
        bound_route,
    )


@register_jitable
def _prices(live: Mask) -> tuple[Index, Index]:
    """Positions of live origins (c, o) among the prices, and where those of a good begin."""
    place, first = np.full(live.shape, -1, dtype=np.int64), np.zeros(len(live) + 1, dtype=np.int64)
    prices = 0
    for c in range(live.shape[0]):
        for o in range(live.shape[1]):
            if live[c, o]:
                place[c, o] = prices
                prices += 1
        first[c + 1] = prices
    return place, first


@register_jitable
def _routes(
    live: Mask, place: Index, contestable: Array, contract: Array, slope: Array, intercept: Array, take_or_pay: Array
) -> tuple[Index, Index, Index, Array, Index]:
    """Live markets, where the routes of each begin, and the routes, with their positions (c, o, d) or -1."""
    goods, origins, buyers = slope.shape
    market, start = np.empty((2, live.size), dtype=np.int64), np.zeros(live.size + 1, dtype=np.int64)
    route, data = np.empty((2, slope.size), dtype=np.int64), np.empty((OF_ROUTE, slope.size))
    position = np.full(slope.shape, -1, dtype=np.int64)
    m, r = 0, 0
    for c in range(goods):
        for d in range(buyers):
            if not live[c, d]:
                continue
            market[GOOD, m], market[BUYER, m] = c, d
            for o in range(origins):
                free, tied, tonnes = contestable[c, o, d], contract[c, o, d], take_or_pay[c, o, d]
                if place[c, o] >= 0 and (free > -np.inf or tied > -np.inf or tonnes > 0.0):
                    route[SELLER, r], route[ORIGIN, r], position[c, o, d] = place[c, o], o, r
                    data[CONTESTABLE, r], data[CONTRACT, r], data[TAKE_OR_PAY, r] = free, tied, tonnes
                    data[SLOPE, r], data[INTERCEPT, r] = slope[c, o, d], intercept[c, o, d]
                    r += 1
            m += 1
            start[m] = r
    return market[:, :m].copy(), start[: m + 1], route[:, :r].copy(), data[:, :r].copy(), position


@register_jitable
def _stocks(good: Index, room: Array, trigger: Array, market: Index) -> tuple[Index, Array]:
    """Every live market that a stockpile serves."""
    most = len(good) * market.shape[1]
    stock, data, k = np.empty((2, most), dtype=np.int64), np.empty((2, most)), 0
    for s in range(len(good)):
        for m in range(market.shape[1]):
            if market[GOOD, m] == good[s] and room[s, market[BUYER, m]] > 0.0:
                stock[STOCKPILE, k], stock[SERVED, k] = s, m
                data[ROOM, k], data[TRIGGER, k] = room[s, market[BUYER, m]], trigger[s]
                k += 1
    return stock[:, :k].copy(), data[:, :k].copy()


@register_jitable
def _bounds(live: Mask, starts: Index, at: Index, position: Index) -> tuple[Index, Index, Index]:
    """Live bounds, where the routes of each begin, and their positions among the routes."""
    bound = np.flatnonzero(live)
    start, route = np.zeros(len(bound) + 1, dtype=np.int64), np.empty(at.shape[1], dtype=np.int64)
    carried = 0
    for k in range(len(bound)):
        for j in range(starts[bound[k]], starts[bound[k] + 1]):
            r = position[at[0, j], at[1, j], at[2, j]]
            if r >= 0:
                route[carried] = r
                carried += 1
        start[k + 1] = carried
    return bound, start, route[:carried]
