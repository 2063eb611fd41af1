"""The analytic derivative of one draw's residuals, market by market; see ``core.jacobian`` for the terms."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from sim.compiled.position import (
    AT_ONCE,
    BOUND_FLOW,
    DELIVERED,
    FINAL,
    FREE,
    FREE_MEAN,
    LEFT,
    MARGINAL,
    MARKET_PRICE,
    OWN_FREE,
    OWN_SIZE,
    OWN_TIED,
    PASSED_ON,
    PRICE,
    PULL,
    RELEASE_SLOPE,
    RESPONSE,
    SHARE,
    SLACK,
    SLOPE_FLOW,
    SLOPE_INPUT,
    SLOPE_PRICE,
    SLOPE_WEDGE,
    SOLD,
    SUPPLY,
    TIED,
    TIED_MEAN,
    TRADED_PART,
    USE_SLOPE,
    Place,
)
from sim.compiled.rows import (
    DEMAND_ELASTICITY,
    ELASTICITY,
    ELASTICITY_SHORT,
    FED_BY,
    GOOD,
    INPUT_RATIO,
    KEPT,
    MAKER,
    PROMISED,
    SELLER,
    TAKE_OR_PAY,
    Rows,
)
from sim.quantity import Array, Index, Mask


@register_jitable
def jacobian(rows: Rows, at: Place, out: Array) -> None:
    """Derivative of the residuals by log prices and wedges, into ``out`` (x, x and AT_ONCE columns that are lost)."""
    out[:] = 0.0
    _slopes_of_use(rows.asset, rows.asset_data, rows.market_data, at.asset, at.market)
    _answers(rows.start, rows.market_data, rows.route_data[TAKE_OR_PAY], at.market, at.route)
    _add_flows(rows.start, rows.first, rows.market[GOOD], rows.route[SELLER], at.route, at.on, out)
    if len(rows.bound):
        _add_bounds(rows, at.route, at.price.shape[1], out)
    _over_tonnes(at.price[SOLD], at.bound, out)
    _add_assets(rows, at, out)


@register_jitable
def _slopes_of_use(asset: Index, asset_data: Array, data: Array, made: Array, market: Array) -> None:
    """Slope of traded use by the market price."""
    slope = market[USE_SLOPE]
    slope[:] = 0.0
    for a in range(asset.shape[1]):
        if asset[FED_BY, a] >= 0:
            ratio = asset_data[INPUT_RATIO, a]
            slope[asset[FED_BY, a]] += ratio * made[RESPONSE, a] * made[SLOPE_INPUT, a] * ratio
    for m in range(len(slope)):
        slope[m] -= data[DEMAND_ELASTICITY, m] * market[FINAL, m] / market[MARKET_PRICE, m]
        slope[m] = slope[m] * market[TRADED_PART, m] - market[RELEASE_SLOPE, m]


@register_jitable
def _answers(start: Index, data: Array, take_or_pay: Array, market: Array, route: Array) -> None:
    """How each route answers, and d flow / d use."""
    free, tied, share, delivered = route[FREE], route[TIED], route[SHARE], route[DELIVERED]
    own_free, own_tied, own_size = route[OWN_FREE], route[OWN_TIED], route[OWN_SIZE]
    pull, marginal = route[PULL], route[MARGINAL]
    for m in range(market.shape[1]):
        kept, left, use_slope = data[KEPT, m], market[LEFT, m], market[USE_SLOPE, m]
        pull_free, pull_tied = data[ELASTICITY, m] * (1.0 - kept), data[ELASTICITY_SHORT, m] * kept
        free_mean, tied_mean = market[FREE_MEAN, m], market[TIED_MEAN, m]
        slack, promised = market[SLACK, m] > 0.0, data[PROMISED, m]
        for r in range(start[m], start[m + 1]):
            by_free, by_tied = pull_free * free[r], pull_tied * tied[r]
            pull[r] = (share[r] - by_free - by_tied) * delivered[r] + by_free * free_mean + by_tied * tied_mean
            marginal[r] = share[r] if slack else take_or_pay[r] / promised
            own_free[r], own_tied[r], own_size[r] = by_free * left, by_tied * left, marginal[r] * use_slope


@register_jitable
def _add_flows(
    start: Index, first_price: Index, good: Index, seller: Index, route: Array, on: Array, out: Array
) -> None:
    """Add d sold by log prices, times the tonnes sold."""
    free, tied, passed_on = route[FREE], route[TIED], route[PASSED_ON]
    own_free, own_tied, own_size, pull = route[OWN_FREE], route[OWN_TIED], route[OWN_SIZE], route[PULL]
    for m in range(len(good)):
        base, last = first_price[good[m]], first_price[good[m] + 1]
        # a good's sellers side by side, those without a route with nothing: a row is added in one go
        width = (last - base + AT_ONCE - 1) // AT_ONCE * AT_ONCE
        on_free, on_tied, on_size = on[0, :width], on[1, :width], on[2, :width]
        on_free[:] = 0.0
        on_tied[:] = 0.0
        on_size[:] = 0.0
        for r in range(start[m], start[m + 1]):
            k = seller[r] - base
            on_free[k], on_tied[k], on_size[k] = free[r] * passed_on[r], tied[r] * passed_on[r], pull[r] * passed_on[r]
        for r in range(start[m], start[m + 1]):
            row, by_one, by_other, by_third = out[seller[r], base : base + width], own_free[r], own_tied[r], own_size[r]
            for k in range(len(row)):
                row[k] += by_one * on_free[k] + by_other * on_tied[k] + by_third * on_size[k]
            row[seller[r] - base] -= (by_one + by_other) * passed_on[r]


@register_jitable
def _add_bounds(rows: Rows, route: Array, prices: int, out: Array) -> None:
    """Add d sold by wedges, and d bound flow by log prices and wedges."""
    bounds = len(rows.bound)
    on = np.zeros((bounds, route.shape[1]), dtype=np.bool_)
    for b in range(bounds):
        for k in range(rows.bound_start[b], rows.bound_start[b + 1]):
            on[b, rows.bound_route[k]] = True
    for m in range(len(rows.start) - 1):
        first, end = rows.start[m], rows.start[m + 1]
        for b in range(bounds):
            if on[b, first:end].any():
                _add_bound(first, end, b, on, rows.route[SELLER], route, prices, out)


@register_jitable
def _add_bound(first: int, end: int, b: int, on: Mask, seller: Index, route: Array, prices: int, out: Array) -> None:
    """The same for one bound in the market with the routes from ``first`` to ``end``."""
    free, tied, pull, own_free, own_tied, own_size = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for r in range(first, end):
        if on[b, r]:
            free, tied, pull = free + route[FREE, r], tied + route[TIED, r], pull + route[PULL, r]
            own_free, own_tied = own_free + route[OWN_FREE, r], own_tied + route[OWN_TIED, r]
            own_size += route[OWN_SIZE, r]
    for r in range(first, end):
        by_wedge = route[OWN_FREE, r] * free + route[OWN_TIED, r] * tied + route[OWN_SIZE, r] * pull
        by_price = own_free * route[FREE, r] + own_tied * route[TIED, r] + own_size * route[PULL, r]
        if on[b, r]:
            by_wedge -= route[OWN_FREE, r] + route[OWN_TIED, r]
            by_price -= route[OWN_FREE, r] + route[OWN_TIED, r]
        out[seller[r], prices + b] += by_wedge
        out[prices + b, seller[r]] += by_price * route[PASSED_ON, r]
        for other in range(len(on)):
            if on[other, r]:
                out[prices + other, prices + b] += by_wedge


@register_jitable
def _over_tonnes(sold: Array, bound: Array, out: Array) -> None:
    """From tonnes to logs: over the tonnes sold, or the tonnes under a bound where its limit counts."""
    for k in range(len(sold)):
        _scale(out[k], -1.0 / sold[k])
    for b in range(bound.shape[1]):
        row = len(sold) + b
        _scale(out[row], bound[SLOPE_FLOW, b] / bound[BOUND_FLOW, b])
        out[row, row] += bound[SLOPE_WEDGE, b]


@register_jitable
def _scale(row: Array, factor: float) -> None:
    for k in range(len(row)):
        row[k] *= factor


@register_jitable
def _add_assets(rows: Rows, at: Place, out: Array) -> None:
    """Add d supply by log prices, and what ties an asset to the market of its input."""
    asset, seller, start, prices = rows.asset, rows.route[SELLER], rows.start, at.price.shape[1]
    supply, sold = at.price[SUPPLY], at.price[SOLD]
    passed_on, pull, marginal = at.route[PASSED_ON], at.route[PULL], at.route[MARGINAL]
    for a in range(asset.shape[1]):
        row, m = asset[MAKER, a], asset[FED_BY, a]
        by_price = at.asset[RESPONSE, a] * at.asset[SLOPE_PRICE, a] * at.price[PRICE, row]
        out[row, row] += by_price / supply[row]
        if m < 0:
            continue
        ratio = rows.asset_data[INPUT_RATIO, a]
        by_cost = at.asset[RESPONSE, a] * at.asset[SLOPE_INPUT, a] * ratio / supply[row]
        asked = ratio * by_price * at.market[TRADED_PART, m]
        for r in range(start[m], start[m + 1]):
            out[row, seller[r]] += by_cost * pull[r] * passed_on[r]
            out[seller[r], row] -= marginal[r] * asked / sold[seller[r]]
        for b in range(len(rows.bound)):
            weight = at.bound[SLOPE_FLOW, b] / at.bound[BOUND_FLOW, b]
            for k in range(rows.bound_start[b], rows.bound_start[b + 1]):
                r = rows.bound_route[k]
                if start[m] <= r < start[m + 1]:
                    out[row, prices + b] += by_cost * pull[r]
                    out[prices + b, row] += weight * asked * marginal[r]
