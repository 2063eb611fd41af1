"""The equilibrium of one chain in one year: residuals, analytic Jacobian, solution (eq. 10-12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.core.bounds import complementarity, route_wedges
from sim.core.market import Market
from sim.core.newton import Root, solve_batch
from sim.core.sourcing import logit_shares
from sim.core.supply import net_price, utilisation
from sim.quantity import Array, Index, Mask


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """All quantities of a market at given producer prices and rent wedges; shapes as in ``Market``."""

    price: Array  # (n, c, o)
    wedge: Array  # (n, b)
    delivered: Array  # (n, c, o, d)
    pass_on: Array  # (n, c, o, d) elasticity of the delivered price in the producer price
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


def state_of(market: Market, price: Array, wedge: Array) -> State:
    """Everything that follows from producer prices (n, c, o) and rent wedges (n, b) in one year."""
    line = market.slope * price[:, :, :, None] + market.intercept
    log_delivered = np.log(line)
    delivered = line
    if len(market.routes):
        on_route = route_wedges(wedge, market.routes)
        log_delivered += on_route
        delivered = line * np.exp(on_route)
    free_share = logit_shares(market.contestable, log_delivered, market.elasticity)
    tied_share = logit_shares(market.contract, log_delivered, market.elasticity_short)
    kept = market.kept[:, :, None, :]
    share = (1.0 - kept) * free_share + kept * tied_share
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
    use = final + derived
    promised = market.take_or_pay.sum(axis=2)
    scale = np.where(promised > use, use / np.where(promised > 0, promised, 1.0), 1.0)
    contracted = market.take_or_pay * scale[:, :, None, :]
    flow = contracted + share * (use - contracted.sum(axis=2))[:, :, None, :]
    bound_flow = np.zeros_like(wedge)
    for b in range(len(market.routes)):
        bound_flow[:, b] = (flow * market.routes[b]).reshape(len(flow), -1).sum(axis=1)
    return State(
        price=price,
        wedge=wedge,
        delivered=delivered,
        pass_on=market.slope * price[:, :, :, None] / line,
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
        bound_flow=bound_flow,
    )


def residuals(market: Market, state: State) -> Array:
    """Excess supply in logs of each live origin (eq. 12), then each bound (eq. 11): (n, c*o + b)."""
    live = market.live_origin
    clearing = np.log(np.where(live, state.supply, 1.0)) - np.log(np.where(live, state.sold, 1.0))
    n = len(clearing)
    if not len(market.routes):
        return clearing.reshape(n, -1)
    limit, _, _ = _bound_rows(market, state)
    return np.concatenate([clearing.reshape(n, -1), limit], axis=1)


def jacobian(market: Market, state: State) -> Array:
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

    price_pull = np.zeros_like(state.flow)  # d market price / d ln q
    marginal = np.zeros_like(state.flow)  # d flow / d use
    for c in range(goods):
        rows = slice(c * origins, (c + 1) * origins)
        own, left, right, pull, marginal_c = _responses(market, state, c, feed[:, c])
        price_pull[:, c], marginal[:, c] = pull, marginal_c
        pass_on = state.pass_on[:, c]
        passed = right * np.concatenate([pass_on] * 3, axis=2)
        own_passed = own * pass_on
        sold = np.where(market.live_origin[:, c], state.sold[:, c], 1.0)
        block = -np.matmul(left, passed.transpose(0, 2, 1))
        diagonal = np.arange(origins)
        block[:, diagonal, diagonal] += own_passed.sum(axis=2)
        out[:, rows, rows] = block / sold[:, :, None]
        out[:, rows, rows][:, diagonal, diagonal] += supply_slope[:, c]

        mine = [b for b in range(bounds) if bound_good[b] == c]
        wide = {b: np.concatenate([market.routes[b, c]] * 3, axis=1) for b in mine}
        into = {b: (right * wide[b]).sum(axis=1) for b in mine}
        for b in mine:
            route = market.routes[b, c]
            column = (own * route).sum(axis=2) - (left * into[b][:, None, :]).sum(axis=2)
            out[:, rows, size + b] = column / sold
            out_of = (left * wide[b]).sum(axis=1)
            weight = slope_flow[:, b] / np.where(market.live_bound[:, b], state.bound_flow[:, b], 1.0)
            by_price = (passed * out_of[:, None, :]).sum(axis=2) - (own_passed * route).sum(axis=2)
            out[:, size + b, rows] = weight[:, None] * by_price
            for other in mine:
                both = (own * route * market.routes[other, c]).reshape(n, -1).sum(axis=1)
                by_wedge = (out_of * into[other]).sum(axis=1) - both
                out[:, size + b, size + other] = weight * by_wedge
            out[:, size + b, size + b] += slope_wedge[:, b]

    for a in np.flatnonzero(market.input_good >= 0).tolist():
        c, h, r = int(market.good[a]), int(market.input_good[a]), int(market.region[a])
        row, inputs = c * origins + int(market.origin[a]), slice(h * origins, (h + 1) * origins)
        pull = price_pull[:, h, :, r]
        out[:, row, inputs] += input_slope[:, a, None] * pull * state.pass_on[:, h, :, r]
        sold = np.where(market.live_origin[:, h], state.sold[:, h], 1.0)
        asked = market.input_ratio[:, a] * _output_slope(market, state, a)
        out[:, inputs, row] -= marginal[:, h, :, r] * (asked[:, None] / sold)
        for b in range(bounds):
            if bound_good[b] == h:
                route = market.routes[b, h, :, r]
                out[:, row, size + b] += input_slope[:, a] * (pull * route).sum(axis=1)
                weight = slope_flow[:, b] / np.where(market.live_bound[:, b], state.bound_flow[:, b], 1.0)
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


def _responses(market: Market, state: State, c: int, feed: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Own responses e (n, o, d), factors A and B (n, o, 3 d), dP/dln q and dX/dD (n, o, d) of good ``c``."""
    free, tied, share = state.free_share[:, c], state.tied_share[:, c], state.share[:, c]
    delivered, kept = state.delivered[:, c], market.kept[:, c][:, None, :]
    sigma = market.elasticity[:, c, None, None]
    sigma_short = market.elasticity_short[:, c, None, None]
    use = (state.final_use[:, c] + state.derived_use[:, c])[:, None, :]
    contracted = state.contracted[:, c]
    promised = market.take_or_pay[:, c].sum(axis=1, keepdims=True)
    slack = promised <= use
    market_size = np.where(slack, use - contracted.sum(axis=1, keepdims=True), 0.0)
    marginal = np.where(slack, share, market.take_or_pay[:, c] / np.where(promised > 0, promised, 1.0))

    pull_free, pull_tied = sigma * (1.0 - kept), sigma_short * kept
    mean_free = (free * delivered).sum(axis=1, keepdims=True)
    mean_tied = (tied * delivered).sum(axis=1, keepdims=True)
    pull = share * delivered
    pull -= pull_free * free * (delivered - mean_free)
    pull -= pull_tied * tied * (delivered - mean_tied)

    price = state.market_price[:, c]
    use_slope = -market.demand_elasticity[:, c, None] * state.final_use[:, c] / price + feed
    free_left, tied_left = market_size * pull_free * free, market_size * pull_tied * tied
    left = np.concatenate([free_left, tied_left, marginal * use_slope[:, None, :]], axis=2)
    right = np.concatenate([free, tied, pull], axis=2)
    return free_left + tied_left, left, right, pull, marginal


def _supply_slopes(market: Market, state: State) -> tuple[Array, Array, Array]:
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


def _output_slope(market: Market, state: State, a: int) -> Array:
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
    for a in range(values.shape[1]):
        total[:, good[a], origin[a]] += values[:, a]
    return total


def _bound_rows(market: Market, state: State) -> tuple[Array, Array, Array]:
    live = market.live_bound
    log_flow = np.log(np.where(live, state.bound_flow, 1.0))
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
    for goods, assets, bounds, found in parts:
        for name, array in vars(found.state).items():
            axis, places = _joined_axis(name, goods, assets, bounds)
            whole.setdefault(name, np.zeros((n, sizes[axis], *array.shape[2:])))[:, places] = array
    return Equilibrium(
        state=State(**whole),
        converged=np.logical_and.reduce([found.converged for *_, found in parts]),
        residual=np.maximum.reduce([found.residual for *_, found in parts]),
    )


_OF_ASSETS = {"net", "slope_price", "slope_input", "utilised", "output"}
_OF_BOUNDS = {"wedge", "bound_flow"}


def _joined_axis(name: str, goods: Index, assets: Index, bounds: Index) -> tuple[str, Index]:
    if name in _OF_ASSETS:
        return "assets", assets
    return ("bounds", bounds) if name in _OF_BOUNDS else ("goods", goods)


def solve(market: Market, price: Array, wedge: Array) -> Equilibrium:
    """Equilibrium of a market from a first guess of producer prices (n, c, o) and wedges (n, b).

    Solved without what is dead in every draw; dead origins keep the price of the guess.
    """
    small, origins = market.restrict()
    n, goods, size = len(price), price.shape[1], price.shape[1] * len(origins)

    def evaluate(unknowns: Array, draws: Index) -> tuple[Array, Array]:
        part = small if len(draws) == n else small.take(draws)
        guess = np.exp(unknowns[:, :size]).reshape(-1, goods, len(origins))
        state = state_of(part, guess, unknowns[:, size:])
        return residuals(part, state), jacobian(part, state)

    log_price = np.log(price[:, :, origins]).reshape(n, size)
    start = np.concatenate([log_price, np.where(market.live_bound, wedge, 0.0)], axis=1)
    root: Root = solve_batch(evaluate, start)
    found = price.copy()
    found[:, :, origins] = np.exp(root.unknowns[:, :size]).reshape(n, goods, len(origins))
    state = state_of(market, found, root.unknowns[:, size:])
    residual = np.abs(residuals(market, state)).max(axis=1, initial=0.0)
    return Equilibrium(state=state, converged=root.converged, residual=residual)
