"""Everything that follows from prices and rents in one draw, as in ``core.position`` but route by route."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from sim.compiled.equations import complementarity, exponentials, logarithms, net_price, utilisations
from sim.compiled.rows import (
    BREAK_EVEN,
    CAPACITY,
    CONTESTABLE,
    CONTRACT,
    DEMAND_ELASTICITY,
    FED_BY,
    HIGH,
    INPUT_RATIO,
    INTERCEPT,
    LOW,
    MAKER,
    PROMISED,
    ROOM,
    SELLER,
    SERVED,
    SIGMA,
    SIGMA_SHORT,
    SLOPE,
    STEEPNESS,
    TAKE_OR_PAY,
    TIED_PART,
    TRIGGER,
    USE_AT_ONE,
    Rows,
)
from sim.core.jacobian import TERMS
from sim.core.position import SMALLEST
from sim.core.stock import MOST_FROM_STOCK, RELEASE_STEEPNESS
from sim.quantity import Array, Index

# the quantities of each kind of row, and how many there are; SPARE holds what is in between
OF_PRICE, OF_ROUTE, OF_MARKET, OF_ASSET, OF_BOUND = 5, 13, 12, 6, 3
PRICE, SUPPLY, SOLD, SPARE_PRICE, SCRATCH = range(OF_PRICE)  # of an origin
# a route answers to its own delivered price in either pool and with the size of its market, and is MARGINAL in its use;
# PULL is d market price / d ln delivered price
WEDGE, PASSED_ON, DELIVERED, FREE, TIED, SHARE, FLOW, OWN_FREE, OWN_TIED, OWN_SIZE, PULL, MARGINAL, SPARE_ROUTE = range(
    OF_ROUTE
)
# contracts are kept where SLACK is 1, and LEFT are the tonnes that no take-or-pay ties
(
    MARKET_PRICE,
    FREE_MEAN,
    TIED_MEAN,
    FINAL,
    DERIVED,
    TRADED,
    TRADED_PART,
    RELEASE_SLOPE,
    SLACK,
    LEFT,
    USE_SLOPE,
    SPARE,
) = range(OF_MARKET)
# RESPONSE is d output / d net price, MARGIN the net price over the break-even margin
OUTPUT, RESPONSE, SLOPE_PRICE, SLOPE_INPUT, MARGIN, SPARE_ASSET = range(OF_ASSET)
BOUND_FLOW, SLOPE_FLOW, SLOPE_WEDGE = range(OF_BOUND)
AT_ONCE = 8  # entries that a processor may add at once: of a row, so many are dealt with that none is left over


class Place(NamedTuple):
    """Quantities of ``core.position.Position`` over the rows of ``Rows``; written anew by each evaluation."""

    price: Array  # (5, u)
    route: Array  # (13, r)
    market: Array  # (12, m)
    asset: Array  # (6, a)
    bound: Array  # (3, b)
    released: Array  # (s,)
    residual: Array  # (u + b,)
    on: Array  # (3, ...) how one market answers to the prices of all sellers of its good: pools and size


@register_jitable
def new_place(rows: Rows) -> Place:
    """Room for one draw's quantities."""
    prices, bounds = rows.first[-1], len(rows.bound)
    return Place(
        np.empty((OF_PRICE, prices)),
        np.zeros((OF_ROUTE, rows.route.shape[1])),
        np.empty((OF_MARKET, rows.market.shape[1])),
        np.empty((OF_ASSET, rows.asset.shape[1])),
        np.empty((OF_BOUND, bounds)),
        np.empty(rows.stock.shape[1]),
        np.empty(prices + bounds),
        np.empty((TERMS, prices + AT_ONCE)),
    )


@register_jitable
def evaluate(rows: Rows, at: Place, unknowns: Array) -> None:
    """Fill ``at`` with what follows from log prices and wedges (u + b,)."""
    prices = at.price.shape[1]
    price = at.price[PRICE]
    for k in range(prices):
        price[k] = unknowns[k]
    exponentials(price, at.price[SPARE_PRICE])
    if len(rows.bound):
        _add_wedges(rows.bound_start, rows.bound_route, unknowns[prices:], at.route[WEDGE])
    _deliver(rows.route[SELLER], rows.route_data, price, at.route)
    _buy(rows.start, rows.route_data, at.route, at.market)
    _make(rows.asset, rows.asset_data, at.price, at.market, at.asset)
    _use(rows.market_data, at.market)
    if len(at.released):
        _release(rows.stock, rows.stock_data, at.market, at.released)
    _flow(rows.start, rows.market_data[PROMISED], rows.route_data[TAKE_OR_PAY], at.market, at.route)
    _clear(rows.route[SELLER], at.route[FLOW], at.price, at.residual)
    if len(rows.bound):
        _limit(rows, at.route[FLOW], unknowns[prices:], at.bound, at.residual[prices:])


@register_jitable
def _add_wedges(start: Index, route: Index, of_bounds: Array, wedge: Array) -> None:
    """The sum of the wedges (b,) on each route."""
    wedge[:] = 0.0
    for b in range(len(of_bounds)):
        for k in range(start[b], start[b + 1]):
            wedge[route[k]] += of_bounds[b]


@register_jitable
def _deliver(seller: Index, data: Array, price: Array, route: Array) -> None:
    """Delivered prices (eq. 7), and their logs in the row of shares."""
    slope, intercept = data[SLOPE], data[INTERCEPT]
    wedge, passed_on, delivered, logs = route[WEDGE], route[PASSED_ON], route[DELIVERED], route[SHARE]
    for r in range(len(seller)):
        passed_on[r] = slope[r] * price[seller[r]]
    for r in range(len(seller)):
        delivered[r] = passed_on[r] + intercept[r]
        passed_on[r] /= delivered[r]
    logarithms(delivered, logs, route[SPARE_ROUTE])
    for r in range(len(seller)):
        if wedge[r] != 0.0:
            delivered[r] *= np.exp(wedge[r])
            logs[r] += wedge[r]


@register_jitable
def _buy(start: Index, data: Array, route: Array, market: Array) -> None:
    """Shares in all markets and their prices (eq. 9); nothing where all weights are nothing."""
    delivered, free, tied, share = route[DELIVERED], route[FREE], route[TIED], route[SHARE]
    contestable, contract, part = data[CONTESTABLE], data[CONTRACT], data[TIED_PART]
    sigma, short = data[SIGMA], data[SIGMA_SHORT]
    for r in range(len(share)):
        free[r] = contestable[r] - sigma[r] * share[r]
        tied[r] = contract[r] - short[r] * share[r]
    for m in range(market.shape[1]):
        most_free, most_tied = -np.inf, -np.inf
        for r in range(start[m], start[m + 1]):
            most_free, most_tied = max(most_free, free[r]), max(most_tied, tied[r])
        most_free = most_free if most_free > -np.inf else 0.0
        most_tied = most_tied if most_tied > -np.inf else 0.0
        for r in range(start[m], start[m + 1]):
            free[r] -= most_free
            tied[r] -= most_tied
    exponentials(free, route[SPARE_ROUTE])
    exponentials(tied, route[SPARE_ROUTE])
    for m in range(market.shape[1]):
        all_free, all_tied = 0.0, 0.0
        for r in range(start[m], start[m + 1]):
            all_free += free[r]
            all_tied += tied[r]
        by_free = 1.0 / all_free if all_free > 0.0 else 0.0
        by_tied = 1.0 / all_tied if all_tied > 0.0 else 0.0
        mean, free_mean, tied_mean = 0.0, 0.0, 0.0
        for r in range(start[m], start[m + 1]):
            free[r] *= by_free
            tied[r] *= by_tied
            share[r] = free[r] + (tied[r] - free[r]) * part[r]
            mean += share[r] * delivered[r]
            free_mean += free[r] * delivered[r]
            tied_mean += tied[r] * delivered[r]
        market[MARKET_PRICE, m], market[FREE_MEAN, m], market[TIED_MEAN, m] = mean, free_mean, tied_mean


@register_jitable
def _make(asset: Index, data: Array, price: Array, market: Array, made: Array) -> None:
    """Output of assets, what it takes of inputs, and the supply of origins (eq. 1-3, 5)."""
    supply, derived = price[SUPPLY], market[DERIVED]
    output, response, slope_price, slope_input = made[OUTPUT], made[RESPONSE], made[SLOPE_PRICE], made[SLOPE_INPUT]
    supply[:] = 0.0
    derived[:] = 0.0
    for a in range(asset.shape[1]):
        m = asset[FED_BY, a]
        cost = data[INPUT_RATIO, a] * market[MARKET_PRICE, m] if m >= 0 else 0.0
        net, slope_price[a], slope_input[a] = net_price(price[PRICE, asset[MAKER, a]], cost)
        response[a] = data[STEEPNESS, a] / net
        made[MARGIN, a] = net / data[BREAK_EVEN, a]
    utilisations(made[MARGIN], data[STEEPNESS], output, made[SPARE_ASSET])
    for a in range(asset.shape[1]):
        used = output[a]
        output[a] = data[CAPACITY, a] * used
        response[a] *= output[a] * (1.0 - used)
        supply[asset[MAKER, a]] += output[a]
        if asset[FED_BY, a] >= 0:
            derived[asset[FED_BY, a]] += data[INPUT_RATIO, a] * output[a]


@register_jitable
def _use(data: Array, market: Array) -> None:
    """Final use (eq. 4), and as long as no stockpile and no contract says otherwise, what is traded."""
    final = market[FINAL]
    logarithms(market[MARKET_PRICE], final, market[SPARE])
    for m in range(len(final)):
        final[m] *= -data[DEMAND_ELASTICITY, m]
    exponentials(final, market[SPARE])
    for m in range(len(final)):
        final[m] *= data[USE_AT_ONE, m]
        market[TRADED, m] = final[m] + market[DERIVED, m]
        market[TRADED_PART, m], market[RELEASE_SLOPE, m] = 1.0, 0.0


@register_jitable
def _release(stock: Index, data: Array, market: Array, released: Array) -> None:
    """What stockpiles sell, as in ``core.stock.released``; what is left of use is traded."""
    sold, steep = np.zeros(market.shape[1]), np.zeros(market.shape[1])
    price, steepness = np.empty(len(released)), np.full(len(released), RELEASE_STEEPNESS)
    for s in range(len(released)):
        price[s] = market[MARKET_PRICE, stock[SERVED, s]] / data[TRIGGER, s]
    used = np.empty(len(released))
    utilisations(price, steepness, used, np.empty(len(released)))
    for s in range(len(released)):
        m = stock[SERVED, s]
        released[s] = data[ROOM, s] * used[s]
        sold[m] += released[s]
        steep[m] += released[s] * RELEASE_STEEPNESS * (1.0 - used[s]) / market[MARKET_PRICE, m]
    for s in range(len(released)):
        m = stock[SERVED, s]
        use = market[FINAL, m] + market[DERIVED, m]
        scale = 1.0
        if sold[m] > MOST_FROM_STOCK * use:
            scale = MOST_FROM_STOCK * use / sold[m]
            market[TRADED_PART, m], market[RELEASE_SLOPE, m] = 1.0 - MOST_FROM_STOCK, 0.0
        else:
            market[RELEASE_SLOPE, m] = steep[m]
        released[s] *= scale
        market[TRADED, m] -= released[s]


@register_jitable
def _flow(start: Index, promised: Array, take_or_pay: Array, market: Array, route: Array) -> None:
    """Tonnes of each route: take-or-pay first, the rest by shares (eq. 10)."""
    share, flow = route[SHARE], route[FLOW]
    for m in range(market.shape[1]):
        traded = market[TRADED, m]
        slack = promised[m] <= traded
        scale = 1.0 if slack else traded / promised[m]
        left = max(traded - promised[m] * scale, 0.0)
        market[SLACK, m], market[LEFT, m] = 1.0 if slack else 0.0, left if slack else 0.0
        for r in range(start[m], start[m + 1]):
            flow[r] = take_or_pay[r] * scale + share[r] * left


@register_jitable
def _clear(seller: Index, flow: Array, price: Array, residual: Array) -> None:
    """Excess supply of origins in logs (eq. 12)."""
    supply, sold = price[SUPPLY], price[SOLD]
    sold[:] = 0.0
    for r in range(len(seller)):
        sold[seller[r]] += flow[r]
    for k in range(len(sold)):
        sold[k], supply[k] = max(sold[k], SMALLEST), max(supply[k], SMALLEST)
        price[SPARE_PRICE, k] = supply[k] / sold[k]
    logarithms(price[SPARE_PRICE], residual[: len(sold)], price[SCRATCH])


@register_jitable
def _limit(rows: Rows, flow: Array, wedge: Array, bound: Array, residual: Array) -> None:
    """The limits on sums of flows (eq. 11)."""
    for b in range(len(wedge)):
        total = 0.0
        for k in range(rows.bound_start[b], rows.bound_start[b + 1]):
            total += flow[rows.bound_route[k]]
        bound[BOUND_FLOW, b] = max(total, SMALLEST)
        residual[b], bound[SLOPE_FLOW, b], bound[SLOPE_WEDGE, b] = complementarity(
            np.log(bound[BOUND_FLOW, b]), wedge[b], rows.bound_data[LOW, b], rows.bound_data[HIGH, b]
        )
