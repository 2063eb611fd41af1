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
OF_MARKET = 6  # numbers that are given of it; PROMISED are all tonnes under take-or-pay
USE_AT_ONE, DEMAND_ELASTICITY, ELASTICITY, ELASTICITY_SHORT, KEPT, PROMISED = range(OF_MARKET)
SELLER, PAIR = range(2)  # of a route: position of the seller among the prices, place on the axes (c, o, d)
OF_ROUTE = 8  # numbers that are given of it, some of them of its market
CONTESTABLE, CONTRACT, SLOPE, INTERCEPT, TAKE_OR_PAY, SIGMA, SIGMA_SHORT, TIED_PART = range(OF_ROUTE)
PLACES = 3  # of an asset: its position, that of its price, that of its input's market or -1
ASSET, MAKER, FED_BY = range(PLACES)
OF_ASSET = 4  # numbers that are given of it
INPUT_RATIO, CAPACITY, BREAK_EVEN, STEEPNESS = range(OF_ASSET)
STOCKPILE, SERVED = range(2)  # of what a stockpile sells in a market: their positions
ROOM, TRIGGER = range(2)
LOW, HIGH = range(2)  # logs of a bound's limits


class Given(NamedTuple):
    """A market as plain arrays, all draws; names and units as in ``core.market.Market``.

    Axes after that of draws are laid end to end: a place on (c, o, d) is one number, a ``pair``.
    """

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
    bound_pair: Index  # (...) these routes


class Rows(NamedTuple):
    """The live rows of a draw: u prices, m markets, r routes sorted by market, a assets, b bounds, s sales of stock."""

    place: Index  # (c * o,) position among the prices, or -1
    first: Index  # (c + 1,) where the prices of a good begin
    market: Index  # (2, m)
    market_data: Array  # (6, m)
    start: Index  # (m + 1,) where the routes of a market begin
    route: Index  # (2, r)
    route_data: Array  # (8, r)
    usable: Mask  # (c * o * d,) routes that carry something if both ends are live
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
    """The live rows of draw ``i``, with their numbers yet to be filled in."""
    goods = given.elasticity.shape[1]
    buyers = given.live_destination.shape[1] // goods
    origins = given.live_origin.shape[1] // goods
    usable = np.empty(given.slope.shape[1], dtype=np.bool_)
    for k in range(len(usable)):
        usable[k] = _carries(given.contestable[i, k], given.contract[i, k], given.take_or_pay[i, k])
    place, first = _prices(given.live_origin[i], goods)
    market, start, route = _routes(given.live_destination[i].reshape(goods, buyers), place, usable)
    market_place = np.full(goods * buyers, -1, dtype=np.int64)
    for m in range(market.shape[1]):
        market_place[market[GOOD, m] * buyers + market[BUYER, m]] = m

    running = np.flatnonzero(given.capacity[i] > 0)
    asset = np.empty((PLACES, len(running)), dtype=np.int64)
    for k in range(len(running)):
        a = running[k]
        h = given.input_good[a]
        asset[ASSET, k], asset[MAKER, k] = a, place[given.good[a] * origins + given.origin[a]]
        asset[FED_BY, k] = market_place[h * buyers + given.region[a]] if h >= 0 else -1

    stock = _stocks(given.stock_good, given.stock_room[i], market, buyers)
    bound, bound_start, bound_route = _bounds(
        given.live_bound[i], given.bound_start, given.bound_pair, route[PAIR], len(usable)
    )
    return Rows(
        place,
        first,
        market,
        np.empty((OF_MARKET, market.shape[1])),
        start,
        route,
        np.empty((OF_ROUTE, route.shape[1])),
        usable,
        asset,
        np.empty((OF_ASSET, len(running))),
        stock,
        np.empty((2, stock.shape[1])),
        bound,
        np.empty((2, len(bound))),
        bound_start,
        bound_route,
    )


@register_jitable
def as_in(given: Given, i: int, earlier: int, usable: Mask) -> bool:
    """Whether the live rows of draw ``i`` are those of an ``earlier`` one, of which the ``usable`` routes are known."""
    differ = _differ(given.live_origin[i], given.live_origin[earlier])
    differ |= _differ(given.live_destination[i], given.live_destination[earlier])
    differ |= _differ(given.live_bound[i], given.live_bound[earlier])
    differ |= _differ_in_what_is_there(given.capacity[i], given.capacity[earlier])
    differ |= _differ_in_what_is_there(given.stock_room[i], given.stock_room[earlier])
    free, tied, tonnes = given.contestable[i], given.contract[i], given.take_or_pay[i]
    for k in range(len(usable)):
        differ |= _carries(free[k], tied[k], tonnes[k]) != usable[k]
    return not differ


@register_jitable
def _carries(free: float, tied: float, tonnes: float) -> bool:
    """Whether a route is one if both its ends are live."""
    return (free > -np.inf) | (tied > -np.inf) | (tonnes > 0.0)


@register_jitable
def _differ(one: Mask, other: Mask) -> bool:
    differ = False
    for k in range(len(one)):
        differ |= one[k] != other[k]
    return differ


@register_jitable
def _differ_in_what_is_there(one: Array, other: Array) -> bool:
    differ = False
    for k in range(len(one)):
        differ |= (one[k] > 0.0) != (other[k] > 0.0)
    return differ


@register_jitable
def fill(given: Given, i: int, rows: Rows) -> None:
    """Fill in the numbers of draw ``i``."""
    of_route = rows.route_data
    _choose(rows.route[PAIR], given.contestable[i], of_route[CONTESTABLE])
    _choose(rows.route[PAIR], given.contract[i], of_route[CONTRACT])
    _choose(rows.route[PAIR], given.slope[i], of_route[SLOPE])
    _choose(rows.route[PAIR], given.intercept[i], of_route[INTERCEPT])
    _choose(rows.route[PAIR], given.take_or_pay[i], of_route[TAKE_OR_PAY])
    _fill_markets(given, i, rows.market, rows.market_data, rows.start, of_route)
    asset, of_asset = rows.asset, rows.asset_data
    for k in range(asset.shape[1]):
        a = asset[ASSET, k]
        of_asset[INPUT_RATIO, k], of_asset[CAPACITY, k] = given.input_ratio[i, a], given.capacity[i, a]
        of_asset[BREAK_EVEN, k], of_asset[STEEPNESS, k] = given.break_even[i, a], given.steepness[i, a]
    buyers = given.live_destination.shape[1] // given.elasticity.shape[1]
    for k in range(rows.stock.shape[1]):
        s = rows.stock[STOCKPILE, k]
        rows.stock_data[ROOM, k] = given.stock_room[i, s * buyers + rows.market[BUYER, rows.stock[SERVED, k]]]
        rows.stock_data[TRIGGER, k] = given.stock_trigger[i, s]
    for k in range(len(rows.bound)):
        b = rows.bound[k]
        rows.bound_data[LOW, k], rows.bound_data[HIGH, k] = given.log_low[i, b], given.log_high[i, b]


@register_jitable
def _choose(pair: Index, values: Array, chosen: Array) -> None:
    for r in range(len(pair)):
        chosen[r] = values[pair[r]]


@register_jitable
def _fill_markets(given: Given, i: int, market: Index, of_market: Array, start: Index, of_route: Array) -> None:
    buyers = given.live_destination.shape[1] // given.elasticity.shape[1]
    sigma, sigma_short, tied_part = of_route[SIGMA], of_route[SIGMA_SHORT], of_route[TIED_PART]
    for m in range(market.shape[1]):
        c, at = market[GOOD, m], market[GOOD, m] * buyers + market[BUYER, m]
        elasticity, short, kept = given.elasticity[i, c], given.elasticity_short[i, c], given.kept[i, at]
        of_market[USE_AT_ONE, m], of_market[DEMAND_ELASTICITY, m] = (
            given.use_at_one[i, at],
            given.demand_elasticity[i, c],
        )
        of_market[ELASTICITY, m], of_market[ELASTICITY_SHORT, m], of_market[KEPT, m] = elasticity, short, kept
        promised = 0.0
        for r in range(start[m], start[m + 1]):
            sigma[r], sigma_short[r], tied_part[r] = elasticity, short, kept
            promised += of_route[TAKE_OR_PAY, r]
        of_market[PROMISED, m] = promised


@register_jitable
def _prices(live: Mask, goods: int) -> tuple[Index, Index]:
    """Positions of live origins (c * o,) among the prices, and where those of a good begin."""
    place, first = np.full(len(live), -1, dtype=np.int64), np.zeros(goods + 1, dtype=np.int64)
    prices = 0
    for k in range(len(live)):
        if live[k]:
            place[k] = prices
            prices += 1
        first[k * goods // len(live) + 1] = prices
    return place, first


@register_jitable
def _routes(live: Mask, place: Index, usable: Mask) -> tuple[Index, Index, Index]:
    """Live markets, where the routes of each begin, and the routes."""
    goods, buyers = live.shape
    origins = len(place) // goods
    market, start = np.empty((2, live.size), dtype=np.int64), np.zeros(live.size + 1, dtype=np.int64)
    route = np.empty((2, len(usable)), dtype=np.int64)
    m, r = 0, 0
    for c in range(goods):
        for d in range(buyers):
            if not live[c, d]:
                continue
            market[GOOD, m], market[BUYER, m] = c, d
            for o in range(c * origins, (c + 1) * origins):
                if place[o] >= 0 and usable[o * buyers + d]:
                    route[SELLER, r], route[PAIR, r] = place[o], o * buyers + d
                    r += 1
            m += 1
            start[m] = r
    return market[:, :m].copy(), start[: m + 1], route[:, :r].copy()


@register_jitable
def _stocks(good: Index, room: Array, market: Index, buyers: int) -> Index:
    """Every live market that a stockpile serves."""
    stock, k = np.empty((2, len(good) * market.shape[1]), dtype=np.int64), 0
    for s in range(len(good)):
        for m in range(market.shape[1]):
            if market[GOOD, m] == good[s] and room[s * buyers + market[BUYER, m]] > 0.0:
                stock[STOCKPILE, k], stock[SERVED, k] = s, m
                k += 1
    return stock[:, :k].copy()


@register_jitable
def _bounds(live: Mask, starts: Index, pairs: Index, of_routes: Index, most: int) -> tuple[Index, Index, Index]:
    """Live bounds, where the routes of each begin, and their positions among the routes."""
    bound = np.flatnonzero(live)
    start, route = np.zeros(len(bound) + 1, dtype=np.int64), np.empty(len(pairs), dtype=np.int64)
    position = np.full(most, -1, dtype=np.int64)
    for r in range(len(of_routes)):
        position[of_routes[r]] = r
    carried = 0
    for k in range(len(bound)):
        for j in range(starts[bound[k]], starts[bound[k] + 1]):
            r = position[pairs[j]]
            if r >= 0:
                route[carried] = r
                carried += 1
        start[k + 1] = carried
    return bound, start, route[:carried]
