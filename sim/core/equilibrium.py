"""The equilibrium of one chain in one year: residuals, analytic Jacobian, solution (eq. 10-12)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from sim.core.bounds import add_wedges, bound_flows, complementarity, with_rents
from sim.core.market import Market
from sim.core.newton import Point, Root, solve_batch
from sim.core.sourcing import logit_shares
from sim.core.supply import net_price, utilisation
from sim.quantity import Array, Index, Mask

SMALLEST = 1e-250  # kt: less than any tonne, more than what a log cannot take


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """What is known of a solved market; shapes as in ``Market``."""

    price: Array  # (n, c, o)
    wedge: Array  # (n, b)
    delivered: Array  # (n, c, o, d)
    share: Array  # (n, c, o, d)
    market_price: Array  # (n, c, d)
    output: Array  # (n, a)
    final_use: Array  # (n, c, d)
    derived_use: Array  # (n, c, d)
    flow: Array  # (n, c, o, d)
    bound_flow: Array  # (n, b)


@dataclass(frozen=True, eq=False, kw_only=True)
class Position:
    """All quantities of a market at given producer prices and rent wedges; shapes as in ``Market``."""

    price: Array  # (n, c, o)
    wedge: Array  # (n, b)
    line: Array  # (n, c, o, d) delivered price before rents
    delivered: Array  # (n, c, o, d)
    free_share: Array  # (n, c, o, d) w1 of eq. 9
    tied_share: Array  # (n, c, o, d) w2 of eq. 9
    share: Array  # (n, c, o, d)
    market_price: Array  # (n, c, d)
    net: Array  # (n, a)
    slope_price: Array  # (n, a)
    slope_input: Array  # (n, a)
    utilised: Array  # (n, a)
    output: Array  # (n, a)
    supply: Array  # (n, c, o)
    final_use: Array  # (n, c, d)
    derived_use: Array  # (n, c, d)
    contracted: Array  # (n, c, o, d) take-or-pay after scaling
    flow: Array  # (n, c, o, d)
    sold: Array  # (n, c, o)
    bound_flow: Array  # (n, b)

    def take(self, draws: Index) -> Position:
        """The position of some draws."""
        return Position(**{f.name: getattr(self, f.name)[draws] for f in fields(self)})


def state_of(market: Market, price: Array, wedge: Array) -> Position:
    """Everything that follows from producer prices (n, c, o) and rent wedges (n, b) in one year."""
    line = market.slope * price[:, :, :, None]
    line += market.intercept
    log_delivered = np.log(line)
    delivered = with_rents(line, wedge, market.routes)
    add_wedges(log_delivered, wedge, market.routes)
    free_share = logit_shares(market.contestable, log_delivered, market.elasticity)
    tied_share = logit_shares(market.contract, log_delivered, market.elasticity_short)
    share = tied_share - free_share
    share *= market.kept[:, :, None, :]
    share += free_share
    # a market that nobody serves has no price; 1 keeps its powers finite and its use is 0 anyway
    market_price = np.where(market.live_destination, (share * delivered).sum(axis=2), 1.0)

    input_cost = _input_cost(market, market_price)
    net, slope_price, slope_input = net_price(price[:, market.good, market.origin], input_cost)
    utilised = utilisation(net, market.break_even, market.steepness)
    output = market.capacity * utilised
    supply = _by_place(output, market.good, market.origin, price.shape)

    final = market.use_at_one * market_price ** -market.demand_elasticity[:, :, None]
    derived = np.zeros_like(final)
    for a in np.flatnonzero(market.input_good >= 0).tolist():
        derived[:, market.input_good[a], market.region[a]] += market.input_ratio[:, a] * output[:, a]
    contracted, flow = _flows(market, share, final + derived)
    return Position(
        price=price,
        wedge=wedge,
        line=line,
        delivered=delivered,
        free_share=free_share,
        tied_share=tied_share,
        share=share,
        market_price=market_price,
        net=net,
        slope_price=slope_price,
        slope_input=slope_input,
        utilised=utilised,
        output=output,
        supply=supply,
        final_use=final,
        derived_use=derived,
        contracted=contracted,
        flow=flow,
        sold=flow.sum(axis=3),
        bound_flow=bound_flows(flow, market.routes),
    )


def _flows(market: Market, share: Array, use: Array) -> tuple[Array, Array]:
    """Tonnes under take-or-pay and all tonnes of each route (eq. 10), (n, c, o, d)."""
    if not market.take_or_pay.any():
        return market.take_or_pay, share * use[:, :, None, :]
    promised = market.take_or_pay.sum(axis=2)
    scale = np.where(promised > use, use / np.where(promised > 0, promised, 1.0), 1.0)
    contracted = market.take_or_pay * scale[:, :, None, :]
    return contracted, contracted + share * (use - contracted.sum(axis=2))[:, :, None, :]


def residuals(market: Market, state: Position) -> Array:
    """Excess supply in logs of each live origin (eq. 12), then each bound (eq. 11): (n, c*o + b)."""
    live = market.live_origin
    clearing = np.log(_positive(state.supply, live)) - np.log(_positive(state.sold, live))
    n = len(clearing)
    if not len(market.routes):
        return clearing.reshape(n, -1)
    limit, _, _ = _bound_rows(market, state)
    return np.concatenate([clearing.reshape(n, -1), limit], axis=1)


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
    _, slope_flow, slope_wedge = _bound_rows(market, state)
    bound_good = [int(np.flatnonzero(market.routes[b].any(axis=(1, 2)))[0]) for b in range(bounds)]
    pass_on = market.slope * state.price[:, :, :, None]  # elasticity of the delivered price in the producer price
    pass_on /= state.line

    price_pull = np.empty_like(state.flow)  # d market price / d ln q
    marginal = np.empty_like(state.flow)  # d flow / d use
    diagonal = np.arange(origins)
    for c in range(goods):
        rows = slice(c * origins, (c + 1) * origins)
        answer = _responses(market, state, c, feed[:, c], pass_on[:, c])
        price_pull[:, c], marginal[:, c] = answer.pull, answer.marginal
        sold = _positive(state.sold[:, c], market.live_origin[:, c])
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
            weight = slope_flow[:, b] / _positive(state.bound_flow[:, b], market.live_bound[:, b])
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
        pull = price_pull[:, h, :, r]
        out[:, row, inputs] += input_slope[:, a, None] * pull * pass_on[:, h, :, r]
        sold = _positive(state.sold[:, h], market.live_origin[:, h])
        asked = market.input_ratio[:, a] * _output_slope(market, state, a)
        out[:, inputs, row] -= marginal[:, h, :, r] * (asked[:, None] / sold)
        for b in range(bounds):
            if bound_good[b] == h:
                route = market.routes[b, h, :, r]
                out[:, row, size + b] += input_slope[:, a] * (pull * route).sum(axis=1)
                weight = slope_flow[:, b] / _positive(state.bound_flow[:, b], market.live_bound[:, b])
                out[:, size + b, row] += weight * asked * (marginal[:, h, :, r] * route).sum(axis=1)
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

    pull_free, pull_tied = sigma * (1.0 - kept), sigma_short * kept
    free_own, tied_own = pull_free * free, pull_tied * tied
    pull = share - free_own
    pull -= tied_own
    pull *= delivered
    pull += free_own * (free * delivered).sum(axis=1, keepdims=True)
    pull += tied_own * (tied * delivered).sum(axis=1, keepdims=True)

    left = np.empty((*free.shape[:2], 3, free.shape[2]))
    np.multiply(free_own, market_size, out=left[:, :, 0])
    np.multiply(tied_own, market_size, out=left[:, :, 1])
    np.multiply(marginal, use_slope[:, None, :], out=left[:, :, 2])
    passed = np.empty_like(left)
    for i, term in enumerate((free, tied, pull)):
        np.multiply(term, pass_on, out=passed[:, :, i])
    return _Responses(
        left=left,
        right=(free, tied, pull),
        pools=np.concatenate([market_size * pull_free, market_size * pull_tied], axis=1),
        passed=passed,
        pull=pull,
        marginal=marginal,
    )


def _left_to_the_market(market: Market, state: Position, c: int) -> tuple[Array, Array]:
    """Tonnes not under take-or-pay (n, 1, d) and d flow / d use (n, o, d) of good ``c``."""
    use = (state.final_use[:, c] + state.derived_use[:, c])[:, None, :]
    if not market.take_or_pay.any():
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
    steep = market.steepness * (1.0 - state.utilised) / state.net  # d ln u / d net
    responding = state.output * steep
    by_price = _by_place(
        responding * state.slope_price * state.price[:, market.good, market.origin],
        market.good,
        market.origin,
        state.price.shape,
    )
    supply = np.where(market.live_origin, state.supply, 1.0)
    by_input = responding * state.slope_input * market.input_ratio
    feed = np.zeros_like(state.final_use)
    for a in np.flatnonzero(market.input_good >= 0).tolist():
        feed[:, market.input_good[a], market.region[a]] += market.input_ratio[:, a] * by_input[:, a]
    return by_price / supply, by_input / supply[:, market.good, market.origin], feed


def _output_slope(market: Market, state: Position, a: int) -> Array:
    """Slope d output / d ln p of one asset, (n,)."""
    steep = market.steepness[:, a] * (1.0 - state.utilised[:, a]) / state.net[:, a]
    price = state.price[:, market.good[a], market.origin[a]]
    slope: Array = state.output[:, a] * steep * state.slope_price[:, a] * price
    return slope


def _input_cost(market: Market, market_price: Array) -> Array:
    cost = np.zeros_like(market.capacity)
    for a in np.flatnonzero(market.input_good >= 0).tolist():
        cost[:, a] = market.input_ratio[:, a] * market_price[:, market.input_good[a], market.region[a]]
    return cost


def _by_place(values: Array, good: Index, origin: Index, shape: tuple[int, ...]) -> Array:
    """Add values of assets (n, a) up to their good and origin (n, c, o)."""
    total = np.zeros(shape)
    if len(np.unique(good * shape[2] + origin)) == len(good):
        total[:, good, origin] = values
        return total
    for a in range(values.shape[1]):
        total[:, good[a], origin[a]] += values[:, a]
    return total


def _positive(tonnes: Array, live: Mask) -> Array:
    """Tonnes to take a log of or to divide by: 1 where nothing takes part, never nothing.

    A live route carries nothing where take-or-pay tonnes fill its market.
    """
    return np.where(live, np.maximum(tonnes, SMALLEST), 1.0)


def _bound_rows(market: Market, state: Position) -> tuple[Array, Array, Array]:
    live = market.live_bound
    log_flow = np.log(_positive(state.bound_flow, live))
    residual, slope_flow, slope_wedge = complementarity(
        log_flow, state.wedge, np.where(live, market.log_low, -np.inf), np.where(live, market.log_high, np.inf)
    )
    return np.where(live, residual, 0.0), np.where(live, slope_flow, 0.0), np.where(live, slope_wedge, 0.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Equilibrium:
    """A solved market: its state, which draws converged, the largest residual of each."""

    state: State
    converged: Mask
    residual: Array  # (n,)

    def with_draws(self, draws: Index, other: Equilibrium) -> Equilibrium:
        """A copy with some draws taken from the first draws of another."""

        def put(mine: Any, theirs: Any) -> Any:
            mixed = mine.copy()
            mixed[draws] = theirs[: len(draws)]
            return mixed

        state = State(**{name: put(array, getattr(other.state, name)) for name, array in vars(self.state).items()})
        return Equilibrium(
            state=state,
            converged=put(self.converged, other.converged),
            residual=put(self.residual, other.residual),
        )


def join(market: Market, parts: list[tuple[Index, Index, Index, Equilibrium]]) -> Equilibrium:
    """Equilibria of chains (their goods, assets and bounds) as one of the whole market."""
    n = market.draws
    sizes = {"goods": market.live_origin.shape[1], "assets": len(market.good), "bounds": len(market.routes)}
    whole: dict[str, Array] = {}
    if len(parts) == 1:
        return parts[0][3]
    for goods, assets, bounds, found in parts:
        for name, array in vars(found.state).items():
            axis, places = _joined_axis(name, goods, assets, bounds)
            whole.setdefault(name, np.zeros((n, sizes[axis], *array.shape[2:])))[:, places] = array
    return Equilibrium(
        state=State(**whole),
        converged=np.logical_and.reduce([found.converged for *_, found in parts]),
        residual=np.maximum.reduce([found.residual for *_, found in parts]),
    )


_OF_ASSETS = {"output"}
_OF_BOUNDS = {"wedge", "bound_flow"}


def _joined_axis(name: str, goods: Index, assets: Index, bounds: Index) -> tuple[str, Index]:
    if name in _OF_ASSETS:
        return "assets", assets
    return ("bounds", bounds) if name in _OF_BOUNDS else ("goods", goods)


def solve(market: Market, price: Array, wedge: Array) -> Equilibrium:
    """Equilibrium of a market from a first guess of producer prices (n, c, o) and wedges (n, b).

    Solved without what is dead, one set of draws with the same live rows after the other; dead origins keep the
    price of the guess, dead bounds have no wedge.
    """
    start, wedges, price, wedge = price, wedge, price.copy(), np.zeros_like(wedge)
    converged, residual = np.zeros(market.draws, dtype=bool), np.zeros(market.draws)
    share, flow = np.zeros_like(market.slope), np.zeros_like(market.slope)
    final, derived = np.zeros_like(market.use_at_one), np.zeros_like(market.use_at_one)
    market_price, output = np.ones_like(market.use_at_one), np.zeros_like(market.capacity)
    sets = market.alike()
    goods = np.arange(price.shape[1])
    for draws in sets:
        part, left = (market if len(sets) == 1 else market.take(draws)).restrict()
        origins, destinations = left.origins, left.destinations
        root, found = _solve_alike(part, start[np.ix_(draws, goods, origins)], wedges[np.ix_(draws, left.bounds)])
        converged[draws] = root.converged
        residual[draws] = np.abs(residuals(part, found)).max(axis=1, initial=0.0)
        price[np.ix_(draws, goods, origins)] = found.price
        wedge[np.ix_(draws, left.bounds)] = found.wedge
        output[np.ix_(draws, left.assets)] = found.output
        for whole, values in ((share, found.share), (flow, found.flow)):
            whole[np.ix_(draws, goods, origins, destinations)] = values
        for whole, values in (
            (market_price, found.market_price),
            (final, found.final_use),
            (derived, found.derived_use),
        ):
            whole[np.ix_(draws, goods, destinations)] = values
    state = State(
        price=price,
        wedge=wedge,
        delivered=with_rents(market.slope * price[:, :, :, None] + market.intercept, wedge, market.routes),
        share=share,
        market_price=market_price,
        output=output,
        final_use=final,
        derived_use=derived,
        flow=flow,
        bound_flow=bound_flows(flow, market.routes),
    )
    return Equilibrium(state=state, converged=converged, residual=residual)


def _solve_alike(market: Market, price: Array, wedge: Array) -> tuple[Root, Position]:
    """Root and position of draws that all have the same live rows and nothing else."""
    n, goods, origins = price.shape
    size = goods * origins
    active, part = np.arange(n), market

    def position(here: Market, unknowns: Array) -> Position:
        return state_of(here, np.exp(unknowns[:, :size]).reshape(-1, goods, origins), unknowns[:, size:])

    def evaluate(unknowns: Array, draws: Index) -> Point:
        nonlocal active, part
        if not np.array_equal(draws, active):
            active, part = draws, market.take(draws)
        here, state = part, position(part, unknowns)

        def slopes(rows: Index) -> Array:
            nonlocal active, part
            if len(rows) == len(draws):
                return jacobian(here, state)
            active, part = draws[rows], here.take(rows)
            return jacobian(part, state.take(rows))

        return Point(residual=residuals(here, state), jacobian=slopes)

    root = solve_batch(evaluate, np.concatenate([np.log(price).reshape(n, size), wedge], axis=1))
    return root, position(market, root.unknowns)
