"""Everything that follows from prices and rents in one draw, as in ``core.position`` but route by route."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from sim.compiled.equations import complementarity, exponentials, net_price, utilisation
from sim.compiled.rows import (
    BREAK_EVEN,
    CAPACITY,
    CONTESTABLE,
    CONTRACT,
    DEMAND_ELASTICITY,
    ELASTICITY,
    ELASTICITY_SHORT,
    FED_BY,
    HIGH,
    INPUT_RATIO,
    INTERCEPT,
    KEPT,
    LOW,
    MAKER,
    ROOM,
    SELLER,
    SERVED,
    SLOPE,
    STEEPNESS,
    TAKE_OR_PAY,
    TRIGGER,
    USE_AT_ONE,
    Rows,
)
from sim.core.position import SMALLEST
from sim.core.stock import MOST_FROM_STOCK, RELEASE_STEEPNESS
from sim.quantity import Array, Index

# the quantities of each kind of row, and how many there are
OF_PRICE, OF_ROUTE, OF_MARKET, OF_ASSET, OF_BOUND = 3, 7, 9, 4, 3
PRICE, SUPPLY, SOLD = range(OF_PRICE)  # of an origin
WEDGE, PASSED_ON, DELIVERED, FREE, TIED, SHARE, FLOW = range(OF_ROUTE)
# contracts are kept where SLACK is 1, and LEFT are the tonnes that no take-or-pay ties
MARKET_PRICE, FINAL, DERIVED, TRADED, TRADED_PART, RELEASE_SLOPE, PROMISED, SLACK, LEFT = range(OF_MARKET)
OUTPUT, RESPONSE, SLOPE_PRICE, SLOPE_INPUT = range(OF_ASSET)  # RESPONSE is d output / d net price
BOUND_FLOW, SLOPE_FLOW, SLOPE_WEDGE = range(OF_BOUND)


class Place(NamedTuple):
    """Quantities of ``core.position.Position`` over the rows of ``Rows``; written anew by each evaluation."""

    price: Array  # (3, u)
    route: Array  # (7, r)
    market: Array  # (9, m)
    asset: Array  # (4, a)
    bound: Array  # (3, b)
    released: Array  # (s,)
    residual: Array  # (u + b,)


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
    )


@register_jitable
def evaluate(rows: Rows, at: Place, unknowns: Array) -> None:
    """Fill ``at`` with what follows from log prices and wedges (u + b,)."""
    prices = at.price.shape[1]
    price = at.price[PRICE]
    for k in range(prices):
        price[k] = np.exp(unknowns[k])
    if len(rows.bound):
        _add_wedges(rows.bound_start, rows.bound_route, unknowns[prices:], at.route[WEDGE])
    _deliver(rows.route[SELLER], rows.route_data, price, at.route)
    _buy(rows.start, rows.market_data, rows.route_data, at.route, at.market)
    _make(rows.asset, rows.asset_data, at.price, at.market, at.asset)
    _use(rows.market_data, at.market)
    if len(at.released):
        _release(rows.stock, rows.stock_data, at.market, at.released)
    _flow(rows.start, rows.route_data[TAKE_OR_PAY], at.market, at.route)
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
        raised = slope[r] * price[seller[r]]
        line = raised + intercept[r]
        passed_on[r] = raised / line
        delivered[r] = line
        logs[r] = np.log(line)
        if wedge[r] != 0.0:
            delivered[r] *= np.exp(wedge[r])
            logs[r] += wedge[r]


@register_jitable
def _buy(start: Index, market_data: Array, data: Array, route: Array, market: Array) -> None:
    """Shares in all markets and their prices (eq. 9)."""
    delivered, free, tied, share = route[DELIVERED], route[FREE], route[TIED], route[SHARE]
    _as_shares(start, data[CONTESTABLE], market_data[ELASTICITY], share, free, route[FLOW])
    if market_data[KEPT].any():
        _as_shares(start, data[CONTRACT], market_data[ELASTICITY_SHORT], share, tied, route[FLOW])
    for m in range(market.shape[1]):
        kept, mean = market_data[KEPT, m], 0.0
        for r in range(start[m], start[m + 1]):
            share[r] = free[r] + (tied[r] - free[r]) * kept
            mean += share[r] * delivered[r]
        market[MARKET_PRICE, m] = mean


@register_jitable
def _as_shares(
    start: Index, constant: Array, elasticity: Array, log_price: Array, share: Array, scratch: Array
) -> None:
    """Shares of the routes of each market; nothing where all its weights are nothing."""
    for m in range(len(elasticity)):
        sigma, top = elasticity[m], -np.inf
        for r in range(start[m], start[m + 1]):
            share[r] = constant[r] - sigma * log_price[r]
            top = max(top, share[r])
        if top > -np.inf:
            for r in range(start[m], start[m + 1]):
                share[r] -= top
    exponentials(share, scratch)
    for m in range(len(elasticity)):
        total = 0.0
        for r in range(start[m], start[m + 1]):
            total += share[r]
        inverse = 1.0 / total if total > 0.0 else 0.0
        for r in range(start[m], start[m + 1]):
            share[r] *= inverse


@register_jitable
def _make(asset: Index, data: Array, price: Array, market: Array, made: Array) -> None:
    """Output of assets, what it takes of inputs, and the supply of origins (eq. 1-3, 5)."""
    supply, derived = price[SUPPLY], market[DERIVED]
    supply[:] = 0.0
    derived[:] = 0.0
    for a in range(asset.shape[1]):
        m, ratio, steepness = asset[FED_BY, a], data[INPUT_RATIO, a], data[STEEPNESS, a]
        cost = ratio * market[MARKET_PRICE, m] if m >= 0 else 0.0
        net, made[SLOPE_PRICE, a], made[SLOPE_INPUT, a] = net_price(price[PRICE, asset[MAKER, a]], cost)
        used = utilisation(net, data[BREAK_EVEN, a], steepness)
        output = data[CAPACITY, a] * used
        made[OUTPUT, a], made[RESPONSE, a] = output, output * steepness * (1.0 - used) / net
        supply[asset[MAKER, a]] += output
        if m >= 0:
            derived[m] += ratio * output


@register_jitable
def _use(data: Array, market: Array) -> None:
    """Final use (eq. 4), and as long as no stockpile and no contract says otherwise, what is traded."""
    for m in range(market.shape[1]):
        market[FINAL, m] = data[USE_AT_ONE, m] * market[MARKET_PRICE, m] ** -data[DEMAND_ELASTICITY, m]
        market[TRADED, m] = market[FINAL, m] + market[DERIVED, m]
        market[TRADED_PART, m], market[RELEASE_SLOPE, m] = 1.0, 0.0


@register_jitable
def _release(stock: Index, data: Array, market: Array, released: Array) -> None:
    """What stockpiles sell, as in ``core.stock.released``; what is left of use is traded."""
    sold, steep = np.zeros(market.shape[1]), np.zeros(market.shape[1])
    for s in range(len(released)):
        m = stock[SERVED, s]
        used = utilisation(market[MARKET_PRICE, m], data[TRIGGER, s], RELEASE_STEEPNESS)
        released[s] = data[ROOM, s] * used
        sold[m] += released[s]
        steep[m] += released[s] * RELEASE_STEEPNESS * (1.0 - used) / market[MARKET_PRICE, m]
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
def _flow(start: Index, take_or_pay: Array, market: Array, route: Array) -> None:
    """Tonnes of each route: take-or-pay first, the rest by shares (eq. 10)."""
    share, flow = route[SHARE], route[FLOW]
    for m in range(market.shape[1]):
        traded, promised = market[TRADED, m], 0.0
        for r in range(start[m], start[m + 1]):
            promised += take_or_pay[r]
        slack = promised <= traded
        scale = 1.0 if slack else traded / promised
        left = max(traded - promised * scale, 0.0)
        market[PROMISED, m], market[SLACK, m], market[LEFT, m] = promised, 1.0 if slack else 0.0, left if slack else 0.0
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
        residual[k] = np.log(supply[k]) - np.log(sold[k])


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
