"""The given quantities of one year: policy, capacity, live rows and weights (sections 4 to 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from sim.core.bounds import implied, upper_limits
from sim.core.demand import final_use
from sim.core.live import Live, live_rows
from sim.core.market import Market
from sim.core.memory import Memory, capacity_by_place
from sim.core.policy import open_part, summed_rates
from sim.core.sourcing import kept_contracts, log_weights, price_line
from sim.core.stock import stock_room
from sim.quantity import Array, Index, Mask
from sim.records.params import Params

MOST_CONTRACTED = 0.95  # take-or-pay of an origin, as a share of its capacity (eq. 10)


@dataclass(frozen=True, eq=False, kw_only=True)
class Year:
    """What a year gives; ``market`` holds all goods together, to be cut into chains."""

    live: Live
    capacity: Array  # (n, a) [kt/yr]
    place_capacity: Array  # (n, c, o) of what runs [kt/yr]
    tariff_fob: Array  # (n, c, o, d) [1]
    tariff_cif: Array
    export_tax: Array
    freight: Array  # (n, c, o, d) [USD/t]
    low: Array  # (n, b) [kt/yr]
    high: Array  # (n, b) [kt/yr]
    unlimited: Mask  # (n, b)
    stock_room: Array  # (n, s, d) most that stockpiles can sell, whether the market has a source or not [kt/yr]
    market: Market


class _Wedges(NamedTuple):
    """What stands between producer price and delivered price, (n, c, o, d): rates [1] and freight [USD/t]."""

    tariff_fob: Array
    tariff_cif: Array
    export_tax: Array
    freight: Array


class _Trade(NamedTuple):
    """Who may sell where and what is tied, (n, c, o, d)."""

    in_use: Mask  # seller and market take part
    taste: Array  # of open routes [1]
    kept: Array  # share still under contract [1]
    take_or_pay: Array  # [kt/yr]


def year_inputs(params: Params, t: int, draws: Index, memory: Memory) -> Year:
    """Everything given in year ``t`` for the draws under way; ``memory`` is last year's state."""
    technology, bounds, stockpiles = params.technology, params.bounds, params.stockpiles
    planned = technology.capacity[draws, t]
    capacity = np.minimum(planned, memory.extractable) if t else planned
    low = bounds.low[draws, t]
    high = upper_limits(bounds.high[draws, t], bounds.high_share[draws, t], memory.unlimited_flow)
    open_year = open_part(params.policy.bans.routes, params.policy.bans.rate[draws, t])
    open_year = _under_bounds(open_year, bounds.routes, (high > 0).astype(np.float64))  # a limit of nothing is a ban
    taste = _taste(params, t, draws, open_year, capacity, planned)
    promised = _promised(params, t, draws, open_year)
    live = live_rows(
        capacity,
        params.demand.reference[draws, t],
        taste > 0,
        promised > 0,
        technology.good,
        technology.region,
        technology.input_good,
    )
    running = np.where(live.asset, capacity, 0.0)
    # what is shut, for want of an input too, keeps no contract
    place_capacity = capacity_by_place(params, running)
    # the benchmark year lost nothing, not even what its own policy keeps shut
    room = _what_is_left(place_capacity, memory.capacity if t else place_capacity)[:, :, :, None]
    room = _under_bounds(room, bounds.routes, _what_is_left(high, memory.bound_flow))
    kept = kept_contracts(memory.share, params.sourcing.renewal[draws], open_year, room)
    trade = _trade(params, live, taste, kept, promised, place_capacity)
    wedges = _wedges(params, t, draws)
    room_in_stock = stock_room(stockpiles.release_rate[draws, t], memory.stock, stockpiles.reach)
    return Year(
        live=live,
        capacity=capacity,
        place_capacity=place_capacity,
        tariff_fob=wedges.tariff_fob,
        tariff_cif=wedges.tariff_cif,
        export_tax=wedges.export_tax,
        freight=wedges.freight,
        low=low,
        high=high,
        unlimited=np.isinf(bounds.high[draws, t]),
        stock_room=room_in_stock,
        market=_market(params, t, draws, memory, live, running, trade, wedges, low, high, room_in_stock),
    )


def _taste(params: Params, t: int, draws: Index, open_year: Array, capacity: Array, planned: Array) -> Array:
    """Taste for each origin on its open routes (n, c, o, d); what is worked out takes its part of it along. [1]"""
    sourcing = params.sourcing
    growth = sourcing.taste_growth[draws, t]
    if (capacity < planned).any():
        stands = _what_is_left(capacity_by_place(params, capacity), capacity_by_place(params, planned))
        growth = growth * stands ** sourcing.follows_capacity[draws][:, :, None]
    taste: Array = open_year * _of(sourcing.taste, draws) * growth[:, :, :, None]
    return taste


def _trade(params: Params, live: Live, taste: Array, kept: Array, promised: Array, place_capacity: Array) -> _Trade:
    """Contracts between those who take part; one with a market that is cut off takes no room from the others."""
    in_use = live.origin[:, :, :, None] & live.destination[:, :, None, :]
    take_or_pay = _within_capacity(np.where(in_use, promised, 0.0) if promised.any() else promised, place_capacity)
    kept = np.where(in_use & (taste > 0), kept, 0.0)
    kept[:, list(params.sourcing.in_value)] = 0.0
    return _Trade(in_use=in_use, taste=taste, kept=kept, take_or_pay=take_or_pay)


def _wedges(params: Params, t: int, draws: Index) -> _Wedges:
    policy = params.policy
    surcharges = summed_rates(policy.surcharges.routes, policy.surcharges.rate[draws, t])
    return _Wedges(
        tariff_fob=summed_rates(policy.tariffs_fob.routes, policy.tariffs_fob.rate[draws, t]),
        tariff_cif=summed_rates(policy.tariffs_cif.routes, policy.tariffs_cif.rate[draws, t]),
        export_tax=summed_rates(policy.export_taxes.routes, policy.export_taxes.rate[draws, t]),
        freight=_of(policy.freight, draws) + surcharges,
    )


def _market(
    params: Params,
    t: int,
    draws: Index,
    memory: Memory,
    live: Live,
    running: Array,
    trade: _Trade,
    wedges: _Wedges,
    low: Array,
    high: Array,
    room_in_stock: Array,
) -> Market:
    """The year's market; ``running`` (n, a) is capacity less what is shut. [kt/yr]"""
    technology, sourcing, bounds, stockpiles = params.technology, params.sourcing, params.bounds, params.stockpiles
    selling = trade.in_use & ((trade.taste > 0) | (trade.take_or_pay > 0))
    live_bound = ((low > 0) | np.isfinite(high)) & _any_route(bounds.routes, selling)
    live_bound &= ~implied(bounds.routes, low, high)
    slope, intercept = price_line(*wedges)
    reference = _of(sourcing.reference_price, draws)
    return Market(
        good=technology.good,
        origin=technology.region,
        region=technology.region,
        input_good=technology.input_good,
        unbounded=np.isin(technology.names, technology.unbounded),
        input_ratio=technology.input_ratio[draws],
        capacity=running,
        break_even=technology.break_even[draws, t],
        steepness=technology.steepness[draws],
        use_at_one=np.where(live.destination, _use_at_one(params, t, draws, memory.habit), 0.0),
        demand_elasticity=params.demand.elasticity[draws],
        in_value=np.isin(np.arange(len(params.goods)), sourcing.in_value),
        log_benchmark=np.log(params.demand.benchmark_price[draws]),
        contestable=log_weights(trade.taste, reference, sourcing.elasticity[draws], trade.in_use),
        contract=log_weights(trade.kept, memory.delivered, sourcing.elasticity_short[draws], trade.in_use),
        kept=np.minimum(trade.kept.sum(axis=2), 1.0),  # rounding apart, where nothing is renewed
        elasticity=sourcing.elasticity[draws],
        elasticity_short=sourcing.elasticity_short[draws],
        slope=slope,
        intercept=intercept,
        take_or_pay=trade.take_or_pay,
        routes=bounds.routes.astype(np.float64),
        log_low=_log_limit(low),
        log_high=_log_limit(high),
        live_origin=live.origin,
        live_destination=live.destination,
        live_bound=live_bound,
        stock_good=stockpiles.good,
        stock_room=room_in_stock * live.destination[:, stockpiles.good],
        stock_trigger=stockpiles.trigger[draws],
    )


def _promised(params: Params, t: int, draws: Index, open_year: Array) -> Array:
    """Contracted tonnes by route, (n, c, o, d). [kt/yr]"""
    contracts = params.contracts
    if not contracts.names:
        return np.broadcast_to(0.0, open_year.shape)
    tonnes = np.zeros_like(open_year)
    for k, route in enumerate(zip(contracts.good, contracts.origin, contracts.destination, strict=True)):
        c, o, d = route
        tonnes[:, c, o, d] += contracts.volume[draws, t, k] * open_year[:, c, o, d]
    return tonnes


def _within_capacity(promised: Array, place_capacity: Array) -> Array:
    """The contracted tonnes, an origin's in all at most MOST_CONTRACTED of its capacity. [kt/yr]"""
    if not promised.any():
        return promised
    total = promised.sum(axis=3)
    most = MOST_CONTRACTED * place_capacity
    scale = np.where(total > most, most / np.where(total > 0, total, 1.0), 1.0)
    return promised * scale[:, :, :, None]


def _use_at_one(params: Params, t: int, draws: Index, habit: Array) -> Array:
    """Final use at a market price of one USD/t, from which eq. 4 needs only the price. [kt/yr]"""
    demand = params.demand
    return final_use(
        demand.reference[draws, t],
        np.ones_like(habit),
        demand.benchmark_price[draws],
        habit,
        demand.elasticity[draws],
        demand.elasticity_long[draws],
    )


def _what_is_left(now: Array, before: Array) -> Array:
    """min(1, now / before), 1 where there was nothing before."""
    return np.minimum(1.0, np.where(before > 0, now / np.where(before > 0, before, 1.0), 1.0))


def _under_bounds(part: Array, routes: Mask, factor: Array) -> Array:
    """``part`` of each route (n, c, o, d) times the factors (n, b) of the bounds it is under."""
    for b in np.flatnonzero((factor != 1.0).any(axis=0)).tolist():
        part = part * np.where(routes[b], factor[:, b, None, None, None], 1.0)
    return part


def _of(array: Array, draws: Index) -> Array:
    """The rows of some draws, in ascending order; without a copy where these are all."""
    return array if len(draws) == len(array) else array[draws]


def _any_route(routes: Mask, selling: Mask) -> Mask:
    """Which bounds have a route in use, (n, b)."""
    found = np.empty((len(selling), len(routes)), dtype=bool)
    for b in range(len(routes)):
        found[:, b] = (selling & routes[b]).reshape(len(selling), -1).any(axis=1)
    return found


def _log_limit(tonnes: Array) -> Array:
    logs = np.full(tonnes.shape, -np.inf)
    np.log(tonnes, out=logs, where=tonnes > 0)
    return logs
