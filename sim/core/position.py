"""Everything that follows from prices and rents in a market, and how far it is from clearing (eq. 1-12)."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sim.core.armington import composite_price, log_total_weight, tonnes_per_composite
from sim.core.bounds import add_wedges, bound_flows, complementarity, with_rents
from sim.core.market import Market, some_draws
from sim.core.sourcing import logit_shares
from sim.core.stock import MOST_FROM_STOCK, by_market, released
from sim.core.supply import net_price, unbounded_utilisation, utilisation
from sim.quantity import Array, Index, Mask

SMALLEST = 1e-250  # kt: less than any tonne, more than what a log cannot take


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
    released: Array  # (n, s, d) from stockpiles
    release_slope: Array  # (n, c, d) of all of it by the market price
    traded_part: Array  # (n, c, d) of one more tonne of use, what is left to trade
    traded: Array  # (n, c, d) use that is not met from stockpiles
    contracted: Array  # (n, c, o, d) take-or-pay after scaling
    flow: Array  # (n, c, o, d)
    sold: Array  # (n, c, o)
    bound_flow: Array  # (n, b)

    def take(self, draws: Index) -> Position:
        """The position of some draws."""
        return Position(**{f.name: some_draws(getattr(self, f.name), draws) for f in fields(self)})


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

    totals: dict[int, Array] = {}
    input_cost = _input_cost(market, market_price)
    net, slope_price, slope_input = net_price(price[:, market.good, market.origin], input_cost)
    utilised = _utilised(market, net)
    output = market.capacity * utilised
    supply = by_place(output, market.good, market.origin, price.shape)

    for c in np.flatnonzero(market.in_value).tolist():
        totals[c] = log_total_weight(market.contestable[:, c], log_delivered[:, c], market.elasticity[:, c])
        market_price[:, c] = composite_price(
            totals[c], market_price[:, c], market.log_benchmark[:, c], market.elasticity[:, c]
        )
    final = market.use_at_one * market_price ** -market.demand_elasticity[:, :, None]
    for c, total in totals.items():
        final[:, c] *= tonnes_per_composite(
            total, market_price[:, c], market.log_benchmark[:, c], market.elasticity[:, c]
        )
    derived = np.zeros_like(final)
    for a in np.flatnonzero(market.input_good >= 0).tolist():
        derived[:, market.input_good[a], market.region[a]] += market.input_ratio[:, a] * output[:, a]
    use = final + derived
    sold, release_slope, traded_part, traded = _beside_stock(market, market_price, use)
    contracted, flow = _flows(market, share, traded)
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
        released=sold,
        release_slope=release_slope,
        traded_part=traded_part,
        traded=traded,
        contracted=contracted,
        flow=flow,
        sold=flow.sum(axis=3),
        bound_flow=bound_flows(flow, market.routes),
    )


def residuals(market: Market, state: Position) -> Array:
    """Excess supply in logs of each live origin (eq. 12), then each bound (eq. 11): (n, c*o + b)."""
    live = market.live_origin
    clearing = np.log(positive(state.supply, live)) - np.log(positive(state.sold, live))
    n = len(clearing)
    if not len(market.routes):
        return clearing.reshape(n, -1)
    limit, _, _ = bound_rows(market, state)
    return np.concatenate([clearing.reshape(n, -1), limit], axis=1)


def _beside_stock(market: Market, price: Array, use: Array) -> tuple[Array, Array, Array, Array]:
    """What stockpiles sell, its slope by price, the part of marginal use and the use that are left to trade."""
    if not len(market.stock_good):
        return market.stock_room, np.broadcast_to(0.0, use.shape), np.broadcast_to(1.0, use.shape), use
    sold, slope, limited = released(market.stock_room, market.stock_trigger, price, market.stock_good, use)
    traded = use - by_market(sold, market.stock_good, use.shape)
    return sold, slope, np.where(limited, 1.0 - MOST_FROM_STOCK, 1.0), traded


def _flows(market: Market, share: Array, use: Array) -> tuple[Array, Array]:
    """Tonnes under take-or-pay and all tonnes of each route (eq. 10), (n, c, o, d)."""
    if not market.promises:
        return market.take_or_pay, share * use[:, :, None, :]
    promised = market.take_or_pay.sum(axis=2)
    scale = np.where(promised > use, use / np.where(promised > 0, promised, 1.0), 1.0)
    contracted = market.take_or_pay * scale[:, :, None, :]
    # rounding may leave less than nothing of a market that take-or-pay fills
    contestable = np.maximum(use - contracted.sum(axis=2), 0.0)
    return contracted, contracted + share * contestable[:, :, None, :]


def _utilised(market: Market, net: Array) -> Array:
    used = utilisation(net, market.break_even, market.steepness)
    free = market.unbounded
    if free.any():
        used[:, free] = unbounded_utilisation(net[:, free], market.break_even[:, free], market.steepness[:, free])
    return used


def _input_cost(market: Market, market_price: Array) -> Array:
    cost = np.zeros_like(market.capacity)
    for a in np.flatnonzero(market.input_good >= 0).tolist():
        cost[:, a] = market.input_ratio[:, a] * market_price[:, market.input_good[a], market.region[a]]
    return cost


def by_place(values: Array, good: Index, origin: Index, shape: tuple[int, ...]) -> Array:
    """Add values of assets (n, a) up to their good and origin (n, c, o)."""
    places = (good * shape[2] + origin).tolist()
    if places == list(range(shape[1] * shape[2])):  # one in each, in their order, as in most markets of one good
        return values.reshape(shape)
    total = np.zeros(shape)
    if len(set(places)) == len(places):
        total[:, good, origin] = values
        return total
    for a in range(values.shape[1]):
        total[:, good[a], origin[a]] += values[:, a]
    return total


def positive(tonnes: Array, live: Mask) -> Array:
    """Tonnes to take a log of or to divide by: 1 where nothing takes part, never nothing.

    A live route carries nothing where take-or-pay tonnes fill its market.
    """
    return np.where(live, np.maximum(tonnes, SMALLEST), 1.0)


def bound_rows(market: Market, state: Position) -> tuple[Array, Array, Array]:
    """Residuals of the bounds with their slopes by log flow and by wedge (n, b); nought where a bound is dead."""
    live = market.live_bound
    if not live.size:
        nothing = np.zeros(live.shape)
        return nothing, nothing, nothing
    log_flow = np.log(positive(state.bound_flow, live))
    residual, slope_flow, slope_wedge = complementarity(
        log_flow, state.wedge, np.where(live, market.log_low, -np.inf), np.where(live, market.log_high, np.inf)
    )
    return np.where(live, residual, 0.0), np.where(live, slope_flow, 0.0), np.where(live, slope_wedge, 0.0)
