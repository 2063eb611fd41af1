"""The analytic derivative of one draw's residuals, market by market; see ``core.jacobian`` for the terms."""

from __future__ import annotations

import numpy as np
from numba.extending import register_jitable

from sim.compiled.position import (
    BOUND_FLOW,
    DELIVERED,
    FINAL,
    FREE,
    LEFT,
    MARKET_PRICE,
    PASSED_ON,
    PRICE,
    PROMISED,
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
    TRADED_PART,
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
    SELLER,
    TAKE_OR_PAY,
    Rows,
)
from sim.quantity import Array, Index, Mask

# of a route: how it answers to its own delivered price in either pool and with the size of its market, and
# d market price / d ln delivered price
ANSWERS = 4  # of a route
OWN_FREE, OWN_TIED, OWN_SIZE, PULL = range(ANSWERS)


@register_jitable
def jacobian(rows: Rows, at: Place, out: Array) -> None:
    """Derivative of the residuals by log prices and wedges, into ``out`` (x, x)."""
    out[:] = 0.0
    marginal, answer = np.empty(rows.route.shape[1]), np.empty((ANSWERS, rows.route.shape[1]))
    use_slope = _slopes_of_use(rows.asset, rows.asset_data, rows.market_data, at.asset, at.market)
    _answers(
        rows.start, rows.market_data, rows.route_data[TAKE_OR_PAY], at.market, at.route, use_slope, marginal, answer
    )
    _add_flows(rows.start, rows.first, rows.market[GOOD], rows.route[SELLER], at.route, answer, out)
    if len(rows.bound):
        _add_bounds(rows, at.route, answer, at.price.shape[1], out)
    _over_tonnes(at.price[SOLD], at.bound, out)
    _add_assets(rows, at, answer[PULL], marginal, out)


@register_jitable
def _slopes_of_use(asset: Index, asset_data: Array, data: Array, made: Array, market: Array) -> Array:
    """Slope of traded use by the market price, (m,)."""
    slope = np.zeros(market.shape[1])
    for a in range(asset.shape[1]):
        if asset[FED_BY, a] >= 0:
            ratio = asset_data[INPUT_RATIO, a]
            slope[asset[FED_BY, a]] += ratio * made[RESPONSE, a] * made[SLOPE_INPUT, a] * ratio
    for m in range(len(slope)):
        slope[m] -= data[DEMAND_ELASTICITY, m] * market[FINAL, m] / market[MARKET_PRICE, m]
        slope[m] = slope[m] * market[TRADED_PART, m] - market[RELEASE_SLOPE, m]
    return slope


@register_jitable
def _answers(
    start: Index,
    data: Array,
    take_or_pay: Array,
    market: Array,
    route: Array,
    use_slope: Array,
    marginal: Array,
    answer: Array,
) -> None:
    """How each route answers, and d flow / d use (r,)."""
    free, tied, share, delivered = route[FREE], route[TIED], route[SHARE], route[DELIVERED]
    own_free, own_tied, own_size, pull = answer[OWN_FREE], answer[OWN_TIED], answer[OWN_SIZE], answer[PULL]
    for m in range(len(use_slope)):
        kept, left = data[KEPT, m], market[LEFT, m]
        pull_free, pull_tied = data[ELASTICITY, m] * (1.0 - kept), data[ELASTICITY_SHORT, m] * kept
        free_mean, tied_mean = 0.0, 0.0
        for r in range(start[m], start[m + 1]):
            free_mean += free[r] * delivered[r]
            tied_mean += tied[r] * delivered[r]
        for r in range(start[m], start[m + 1]):
            by_free, by_tied = pull_free * free[r], pull_tied * tied[r]
            pull[r] = (share[r] - by_free - by_tied) * delivered[r] + by_free * free_mean + by_tied * tied_mean
            marginal[r] = share[r] if market[SLACK, m] > 0.0 else take_or_pay[r] / market[PROMISED, m]
            own_free[r], own_tied[r], own_size[r] = by_free * left, by_tied * left, marginal[r] * use_slope[m]


@register_jitable
def _add_flows(
    start: Index, first_price: Index, good: Index, seller: Index, route: Array, answer: Array, out: Array
) -> None:
    """Add d sold by log prices, times the tonnes sold."""
    free, tied, passed_on = route[FREE], route[TIED], route[PASSED_ON]
    own_free, own_tied, own_size, pull = answer[OWN_FREE], answer[OWN_TIED], answer[OWN_SIZE], answer[PULL]
    by_free, by_tied, by_size = np.empty(len(out)), np.empty(len(out)), np.empty(len(out))
    for m in range(len(good)):
        base, last = first_price[good[m]], first_price[good[m] + 1]
        # a good's sellers side by side, those without a route with nothing: a row is added in one go
        on_free, on_tied, on_size = by_free[: last - base], by_tied[: last - base], by_size[: last - base]
        on_free[:] = 0.0
        on_tied[:] = 0.0
        on_size[:] = 0.0
        for r in range(start[m], start[m + 1]):
            k = seller[r] - base
            on_free[k], on_tied[k], on_size[k] = free[r] * passed_on[r], tied[r] * passed_on[r], pull[r] * passed_on[r]
        for r in range(start[m], start[m + 1]):
            row, by_one, by_other, by_third = out[seller[r], base:last], own_free[r], own_tied[r], own_size[r]
            for k in range(len(row)):
                row[k] += by_one * on_free[k] + by_other * on_tied[k] + by_third * on_size[k]
            row[seller[r] - base] -= (by_one + by_other) * passed_on[r]


@register_jitable
def _add_bounds(rows: Rows, route: Array, answer: Array, prices: int, out: Array) -> None:
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
                _add_bound(first, end, b, on, rows.route[SELLER], route, answer, prices, out)


@register_jitable
def _add_bound(
    first: int, end: int, b: int, on: Mask, seller: Index, route: Array, answer: Array, prices: int, out: Array
) -> None:
    """The same for one bound in the market with the routes from ``first`` to ``end``."""
    free, tied, pull, own_free, own_tied, own_size = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for r in range(first, end):
        if on[b, r]:
            free, tied, pull = free + route[FREE, r], tied + route[TIED, r], pull + answer[PULL, r]
            own_free, own_tied = own_free + answer[OWN_FREE, r], own_tied + answer[OWN_TIED, r]
            own_size += answer[OWN_SIZE, r]
    for r in range(first, end):
        by_wedge = answer[OWN_FREE, r] * free + answer[OWN_TIED, r] * tied + answer[OWN_SIZE, r] * pull
        by_price = own_free * route[FREE, r] + own_tied * route[TIED, r] + own_size * answer[PULL, r]
        if on[b, r]:
            by_wedge -= answer[OWN_FREE, r] + answer[OWN_TIED, r]
            by_price -= answer[OWN_FREE, r] + answer[OWN_TIED, r]
        out[seller[r], prices + b] += by_wedge
        out[prices + b, seller[r]] += by_price * route[PASSED_ON, r]
        for other in range(len(on)):
            if on[other, r]:
                out[prices + other, prices + b] += by_wedge


@register_jitable
def _over_tonnes(sold: Array, bound: Array, out: Array) -> None:
    """From tonnes to logs: over the tonnes sold, or the tonnes under a bound where its limit counts."""
    for k in range(len(sold)):
        out[k] *= -1.0 / sold[k]
    for b in range(bound.shape[1]):
        row = len(sold) + b
        out[row] *= bound[SLOPE_FLOW, b] / bound[BOUND_FLOW, b]
        out[row, row] += bound[SLOPE_WEDGE, b]


@register_jitable
def _add_assets(rows: Rows, at: Place, pull: Array, marginal: Array, out: Array) -> None:
    """Add d supply by log prices, and what ties an asset to the market of its input."""
    asset, seller, start, prices = rows.asset, rows.route[SELLER], rows.start, at.price.shape[1]
    supply, sold, passed_on = at.price[SUPPLY], at.price[SOLD], at.route[PASSED_ON]
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
