"""The analytic derivative of the residuals of a market."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.market import Market
from sim.core.position import Position, bound_rows, by_place, positive
from sim.quantity import Array

TERMS = 3  # of the derivative of a flow: of the free shares, of the tied ones, of the size of the market


def jacobian(market: Market, state: Position) -> Array:
    """Analytic derivative of ``residuals`` by log producer prices and wedges: (n, x, x).

    Notes
    -----
    With the two pools, a tonne answers a log delivered price k of its market by
    dX_o/dln q_k = -[o = k] e_o + sum_i A_i,o B_i,k, with e the two pools' own responses and three rank-one
    terms: the two pools and the size of the market. So the assembly is one product over destinations.
    """
    n, goods, origins, _ = state.flow.shape
    size = goods * origins
    bounds = len(market.routes)
    out = np.zeros((n, size + bounds, size + bounds))
    supply_slope, input_slope, feed = _supply_slopes(market, state)
    _, slope_flow, slope_wedge = bound_rows(market, state)
    bound_good = [int(np.flatnonzero(market.routes[b].any(axis=(1, 2)))[0]) for b in range(bounds)]
    pass_on = market.slope * state.price[:, :, :, None]  # elasticity of the delivered price in the producer price
    pass_on /= state.line

    answers: list[_Responses] = []
    diagonal = np.arange(origins)
    for c in range(goods):
        rows = slice(c * origins, (c + 1) * origins)
        answer = _responses(market, state, c, feed[:, c], pass_on[:, c])
        answers.append(answer)
        sold = positive(state.sold[:, c], market.live_origin[:, c])
        block = answer.left.reshape(n, origins, -1) @ answer.passed.reshape(n, origins, -1).transpose(0, 2, 1)
        block[:, diagonal, diagonal] -= _times(answer.passed[:, :, :2], answer.pools)
        block /= -sold[:, :, None]
        block[:, diagonal, diagonal] += supply_slope[:, c]
        out[:, rows, rows] = block

        mine = [b for b in range(bounds) if bound_good[b] == c]
        for b in mine:
            route = market.routes[b, c]
            out_of, into, own, own_passed = _over_bound(answer, route, pass_on[:, c])
            out[:, rows, size + b] = (own - _times(answer.left, into)) / sold
            weight = slope_flow[:, b] / positive(state.bound_flow[:, b], market.live_bound[:, b])
            out[:, size + b, rows] = weight[:, None] * (_times(answer.passed, out_of) - own_passed)
            for other in mine:
                _, into, _, _ = _over_bound(answer, market.routes[other, c], pass_on[:, c])
                _, _, both, _ = _over_bound(answer, route * market.routes[other, c], pass_on[:, c])
                by_wedge = (out_of * into).reshape(n, -1).sum(axis=1) - both.sum(axis=1)
                out[:, size + b, size + other] = weight * by_wedge
            out[:, size + b, size + b] += slope_wedge[:, b]

    for a in np.flatnonzero(market.input_good >= 0).tolist():
        c, h, r = int(market.good[a]), int(market.input_good[a]), int(market.region[a])
        row, inputs = c * origins + int(market.origin[a]), slice(h * origins, (h + 1) * origins)
        pull, marginal = answers[h].pull[:, :, r], answers[h].marginal[:, :, r]
        out[:, row, inputs] += input_slope[:, a, None] * pull * pass_on[:, h, :, r]
        sold = positive(state.sold[:, h], market.live_origin[:, h])
        asked = market.input_ratio[:, a] * _output_slope(market, state, a) * state.traded_part[:, h, r]
        out[:, inputs, row] -= marginal * (asked[:, None] / sold)
        for b in range(bounds):
            if bound_good[b] == h:
                route = market.routes[b, h, :, r]
                out[:, row, size + b] += input_slope[:, a] * (pull * route).sum(axis=1)
                weight = slope_flow[:, b] / positive(state.bound_flow[:, b], market.live_bound[:, b])
                out[:, size + b, row] += weight * asked * (marginal * route).sum(axis=1)
    return _with_dead_rows(out, market)


def _with_dead_rows(out: Array, market: Market) -> Array:
    """Rows and columns of what takes no part: the identity, so that it stays where it is."""
    n = len(out)
    live = np.concatenate([market.live_origin.reshape(n, -1), market.live_bound], axis=1)
    if live.all():
        return out
    out *= live[:, :, None] & live[:, None, :]
    place = np.arange(live.shape[1])
    out[:, place, place] += ~live
    return out


@dataclass(frozen=True, eq=False, kw_only=True)
class _Responses:
    """How the flows of one good answer: the terms of ``jacobian``; the middle axis of (n, o, 3, d) counts the A, B."""

    left: Array  # (n, o, 3, d) A
    right: tuple[Array, Array, Array]  # B, (n, o, d) each
    pools: Array  # (n, 2, d) e is their sum with the first two B
    passed: Array  # (n, o, 3, d) B by log producer price
    pull: Array  # (n, o, d) d market price / d ln q
    marginal: Array  # (n, o, d) d flow / d use


def _responses(market: Market, state: Position, c: int, feed: Array, pass_on: Array) -> _Responses:
    """Responses of good ``c``, with ``feed`` (n, d) the slope of its derived use and ``pass_on`` (n, o, d)."""
    free, tied, share = state.free_share[:, c], state.tied_share[:, c], state.share[:, c]
    delivered, kept = state.delivered[:, c], market.kept[:, c][:, None, :]
    sigma = market.elasticity[:, c, None, None]
    sigma_short = market.elasticity_short[:, c, None, None]
    market_size, marginal = _left_to_the_market(market, state, c)
    price = state.market_price[:, c]
    use_slope = -market.demand_elasticity[:, c, None] * state.final_use[:, c] / price + feed
    use_slope = use_slope * state.traded_part[:, c] - state.release_slope[:, c]

    pull_free, pull_tied = sigma * (1.0 - kept), sigma_short * kept
    free_own, tied_own = pull_free * free, pull_tied * tied
    pull = share - free_own
    pull -= tied_own
    pull *= delivered
    for shares, own in ((free, free_own), (tied, tied_own)):
        spent = shares * delivered
        pull += np.multiply(own, spent.sum(axis=1, keepdims=True), out=spent)

    third = pull
    if market.in_value[c]:
        spent = share * delivered
        spent /= spent.sum(axis=1, keepdims=True)
        pull = price[:, None, :] * spent
        # d ln X_o / d ln q_k = -sigma [o = k] + (sigma - epsilon) times the share of k in spending
        third = (sigma - market.demand_elasticity[:, c, None, None]) * spent - sigma * share
    n, origins, destinations = free.shape
    left = np.empty((origins, n, TERMS, destinations)).swapaxes(0, 1)  # in memory as all it is made of
    np.multiply(free_own, market_size, out=left[:, :, 0])
    np.multiply(tied_own, market_size, out=left[:, :, 1])
    np.multiply(marginal, market_size if market.in_value[c] else use_slope[:, None, :], out=left[:, :, 2])
    passed = np.empty_like(left)
    for i, term in enumerate((free, tied, third)):
        np.multiply(term, pass_on, out=passed[:, :, i])
    return _Responses(
        left=left,
        right=(free, tied, third),
        pools=np.concatenate([market_size * pull_free, market_size * pull_tied], axis=1),
        passed=passed,
        pull=pull,
        marginal=marginal,
    )


def _left_to_the_market(market: Market, state: Position, c: int) -> tuple[Array, Array]:
    """Tonnes not under take-or-pay (n, 1, d) and d flow / d traded use (n, o, d) of good ``c``."""
    use = state.traded[:, c][:, None, :]
    if not market.promises:
        return use, state.share[:, c]
    promised = market.take_or_pay[:, c].sum(axis=1, keepdims=True)
    slack = promised <= use
    market_size = np.where(slack, use - state.contracted[:, c].sum(axis=1, keepdims=True), 0.0)
    full = market.take_or_pay[:, c] / np.where(promised > 0, promised, 1.0)
    return market_size, np.where(slack, state.share[:, c], full)


def _over_bound(answer: _Responses, route: Array, pass_on: Array) -> tuple[Array, Array, Array, Array]:
    """Sums over a bound's routes (o, d): of A and B (n, 3, d), of e by log q and by log producer price (n, o)."""
    origins = np.flatnonzero(route.any(axis=1))
    on = route[origins]
    left = answer.left.take(origins, axis=1)
    into = [(term.take(origins, axis=1) * on).sum(axis=1) for term in answer.right]
    own, own_passed = np.zeros(answer.left.shape[:2]), np.zeros(answer.left.shape[:2])
    responses = (left[:, :, 0] + left[:, :, 1]) * on
    own[:, origins] = responses.sum(axis=2)
    own_passed[:, origins] = (responses * pass_on.take(origins, axis=1)).sum(axis=2)
    return (left * on[:, None, :]).sum(axis=1), np.stack(into, axis=1), own, own_passed


def _times(factors: Array, sums: Array) -> Array:
    """Sum over the last two axes of (n, o, 3, d) times (n, 3, d): (n, o)."""
    n, origins = factors.shape[:2]
    return np.asarray(factors.reshape(n, origins, -1) @ sums.reshape(n, -1, 1))[:, :, 0]


def _supply_slopes(market: Market, state: Position) -> tuple[Array, Array, Array]:
    """Slopes d ln S / d ln p (n, c, o); d ln S / d P of the input by asset (n, a); dI / dP (n, c, d)."""
    steep = market.steepness * _idle(market, state.utilised) / state.net  # d ln u / d net
    responding = state.output * steep
    by_price = by_place(
        responding * state.slope_price * state.price[:, market.good, market.origin],
        market.good,
        market.origin,
        state.price.shape,
    )
    supply = positive(state.supply, market.live_origin)
    by_input = responding * state.slope_input * market.input_ratio
    feed = np.zeros_like(state.final_use)
    for a in np.flatnonzero(market.input_good >= 0).tolist():
        feed[:, market.input_good[a], market.region[a]] += market.input_ratio[:, a] * by_input[:, a]
    return by_price / supply, by_input / supply[:, market.good, market.origin], feed


def _output_slope(market: Market, state: Position, a: int) -> Array:
    """Slope d output / d ln p of one asset, (n,)."""
    steep = market.steepness[:, a] * _idle(market, state.utilised)[:, a] / state.net[:, a]
    price = state.price[:, market.good[a], market.origin[a]]
    slope: Array = state.output[:, a] * steep * state.slope_price[:, a] * price
    return slope


def _idle(market: Market, utilised: Array) -> Array:
    """What the steepness is weakened by: the idle share of capacity, nothing for supply without a limit."""
    return np.where(market.unbounded, 1.0, 1.0 - utilised)
