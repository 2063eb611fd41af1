"""The only composer and the only loop over years: params in, trajectory out (section 8)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.core.accounts import Money, money_of
from sim.core.clearable import WIDEST, Miss, out_of_reach, undeliverable, within_range
from sim.core.equilibrium import Equilibrium, State, join, solve
from sim.core.feasibility import contradictions
from sim.core.market import Market
from sim.core.memory import benchmark_memory, next_memory
from sim.core.stock import alone, by_market
from sim.core.year import Year, year_inputs
from sim.engine import first_attempt
from sim.quantity import Array, Index, declared_quantities
from sim.records.params import Params
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED, Trajectory

MET = 1e-9  # of a floor: what is missing within the tolerance of the solver

STEADY = 0.05  # largest move of a log price in a year after which the next year is expected to go on so
SHOCK_STEPS = 8  # a draw that fails is led from last year's market to this one in so many steps


def simulate(params: Params, first_guess: Array | None = None, *, for_central: bool = False) -> Trajectory:
    """Solve all years of all draws, one year after the other.

    Parameters
    ----------
    params : Params
        What is given; the benchmark year is the first.
    first_guess : (n, c, o), optional
        Producer prices from which the solver of the first year starts. [USD/t]
    for_central : bool
        Whether all is for nothing once the first draw has no equilibrium: later years are left blank then.

    Returns
    -------
    Trajectory
        A draw without an equilibrium is marked and blank from that year on; it does not touch the others.
    """
    if params.draws == 1:
        # a batch of one takes other paths through numpy's loops: solve it as one of two equal draws
        guess = None if first_guess is None else np.repeat(first_guess, 2, axis=0)
        return simulate(params.take(np.array([0, 0])), guess, for_central=for_central).take(np.array([0]))
    record = _blank_record(params)
    status = np.full(params.draws, SOLVED, dtype=np.int64)
    reasons = [""] * params.draws
    under_way = np.arange(params.draws)
    memory = benchmark_memory(params)
    if first_guess is not None:
        memory = replace(memory, price=first_guess)
    earlier: Market | None = None
    price_before = memory.price
    for t, year in enumerate(params.years):
        given = year_inputs(params, t, under_way, memory)
        impossible = contradictions(
            params.bounds.names,
            params.bounds.routes,
            given.low,
            given.high,
            given.place_capacity,
            given.market.live_bound,
        )
        calm = params.benchmark_producer_price[under_way]
        found, misses = solve_year(
            given.market, _first_guess(memory.price, price_before), memory.wedge, calm, earlier, frozenset(impossible)
        )
        impossible = {i: _said(miss, params) for i, miss in misses.items()} | impossible
        stop = dict.fromkeys((int(i) for i in np.flatnonzero(~found.converged)), (FAILED, "no equilibrium found"))
        stop |= {i: (INFEASIBLE, why) for i, why in impossible.items()}
        for i, (code, why) in stop.items():
            status[under_way[i]], reasons[under_way[i]] = code, f"{year}: {why}"
        going = np.setdiff1d(np.arange(len(under_way)), np.array(list(stop), dtype=np.int64))
        sold = _from_stock(params, t, under_way, given, found)
        observed = _observed(params, t, under_way, given, found, sold)
        observed["stock_left"] = np.maximum(memory.stock - sold.sum(axis=2), 0.0)
        for name, values in observed.items():
            if len(going) == params.draws:  # as long as nothing stops, nothing is picked out
                record[name][:, t] = values
            else:
                record[name][under_way[going], t] = values[going]
        price_before, earlier = memory.price, given.market
        memory = next_memory(
            memory,
            params,
            under_way,
            given.live,
            given.place_capacity,
            given.unlimited,
            found.state,
            released=sold.sum(axis=2),
            mined=t > 0,
        )
        if stop:
            price_before, earlier, memory = price_before[going], earlier.take(going), memory.take(going)
        under_way = under_way[going]
        if len(under_way) == 0 or (for_central and under_way[0] > 0):
            break
    return Trajectory(years=params.years, reasons=tuple(reasons), status=status, **record)


def _first_guess(price: Array, before: Array) -> Array:
    """Producer prices (n, c, o) to start a year from: last year's, moved on by what they moved in that year."""
    step = np.log(price / before)
    largest = np.abs(step).max(axis=2, keepdims=True, initial=0.0)  # by good: chains know nothing of each other
    guess: Array = price * np.exp(np.where(largest <= STEADY, step, 0.0))
    return guess


def solve_year(
    market: Market, price: Array, wedge: Array, calm: Array, earlier: Market | None, lost: frozenset[int] = frozenset()
) -> tuple[Equilibrium, dict[int, Miss]]:
    """Equilibrium of all chains of a year, from the prices and wedges of the year before.

    Also the draws whose tonnes cannot add up at any price that means something. That verdict depends on what is
    given and not on the solver; an equilibrium at such prices proves that they can, so only draws without one
    are asked. A draw that fails though they can, and is not ``lost`` anyway, is tried again from ``calm``, the prices
    of the benchmark (after a shortage the way back is flat), and then stepped in from the market of the year before.
    """
    parts = []
    misses: dict[int, Miss] = {}
    for goods in market.chains():
        part, cut = market.cut(goods)
        start, wedges, benchmark = price[:, goods], wedge[:, cut.bounds], calm[:, goods]
        found = first_attempt(part, start, wedges)
        proven = found.converged & within_range(part, found.state.price, found.state.market_price, benchmark)
        doubtful = np.array([i for i in np.flatnonzero(~proven).tolist() if i not in lost], dtype=np.int64)
        if len(doubtful):
            missed = out_of_reach(part, benchmark, doubtful)
            failed = np.setdiff1d(doubtful[~found.converged[doubtful]], list(missed))
            before = None if earlier is None else earlier.cut(goods)[0]
            found = _tried_again(part, before, failed, start, wedges, benchmark, found)
            missed |= undeliverable(part, failed[~found.converged[failed]])
            misses |= {i: replace(miss, good=int(goods[miss.good])) for i, miss in missed.items()}
        parts.append((cut, found))
    return join(market, parts), misses


def _tried_again(
    market: Market, before: Market | None, failed: Index, price: Array, wedge: Array, calm: Array, found: Equilibrium
) -> Equilibrium:
    """Further attempts for the failed draws of a chain, each slower than the one before."""
    for guess, wedges in ((price, wedge), (calm, np.zeros_like(wedge))):
        if len(failed):
            pair = np.concatenate([failed, failed])  # never a batch of one
            found = found.with_draws(failed, solve(market.take(pair), guess[pair], wedges[pair], patient=True))
            failed = failed[~found.converged[failed]]
    if len(failed) and before is not None:
        found = _stepped_in(market, before, failed, price, wedge, found)
    return found


def _stepped_in(
    market: Market, before: Market, failed: Index, price: Array, wedge: Array, found: Equilibrium
) -> Equilibrium:
    """The last attempt for the failed draws; what still fails stays failed."""
    pair = np.concatenate([failed, failed])  # never a batch of one
    target, start = market.take(pair), before.take(pair)
    price, wedge = price[pair], wedge[pair]
    for step in range(1, SHOCK_STEPS):
        part = solve(target.blend(start, step / SHOCK_STEPS), price, wedge, patient=True)
        good = part.converged
        price = np.where(good[:, None, None], part.state.price, price)
        wedge = np.where(good[:, None], part.state.wedge, wedge)
    last = solve(target, price, wedge, patient=True)
    return found.with_draws(failed, last)


def _said(miss: Miss, params: Params) -> str:
    good, region = params.goods[miss.good], params.regions[miss.place]
    amount = f"{miss.tonnes:.3g} kt/yr of {good}"
    if miss.kind == "contract":
        return f"{amount} under take-or-pay from {region} to {params.regions[miss.buyer]} cannot be delivered"
    if miss.kind == "use":
        return f"at {WIDEST:,.0f} times the price, {amount} used in {region} cannot be had"
    return f"at 1/{WIDEST:,.0f} of the price, {amount} made in {region} find no buyer"


def _from_stock(params: Params, t: int, draws: Index, given: Year, found: Equilibrium) -> Array:
    """What stockpiles sell, in markets that clear and in those without any other source, (n, s, d). [kt/yr]"""
    if not params.stockpiles.names:
        return found.state.released
    wanted = params.demand.reference[draws, t]
    return found.state.released + alone(given.stock_room, params.stockpiles.good, wanted, given.live.destination)


def _observed(params: Params, t: int, draws: Index, given: Year, found: Equilibrium, sold: Array) -> dict[str, Array]:
    """The year's entry of each array of a Trajectory but the stock left, for the draws under way."""
    state = found.state
    money: Money = money_of(
        state.flow,
        state.price,
        state.delivered,
        state.wedge,
        params.bounds.routes,
        given.tariff_fob,
        given.tariff_cif,
        given.export_tax,
        given.freight,
    )
    live = given.live
    wanted = params.demand.reference[draws, t]
    released = by_market(sold, params.stockpiles.good, wanted.shape)
    return {
        "producer_price": np.where(live.origin, state.price, np.nan),
        "market_price": np.where(live.destination, state.market_price, np.nan),
        "flow": state.flow,
        "delivered_price": np.where(live.origin[:, :, :, None], state.delivered, np.nan),
        "output": state.output,
        "capacity": given.capacity,
        "final_use": np.where(live.destination, state.final_use, released),
        "derived_use": state.derived_use,
        "unserved": np.where(live.destination, 0.0, wanted - released),
        "released": released,
        "rent_wedge": state.wedge,
        "rent": money.rent,
        "shortfall": _shortfall(given, state),
        "duties": money.duties,
        "export_taxes": money.export_taxes,
        "freight_cost": money.freight,
        "residual": found.residual,
        "money_gap": money.gap,
    }


def _shortfall(given: Year, state: State) -> Array:
    """What floors miss beyond the solver's tolerance, (n, b). [kt/yr]"""
    missing: Array = given.low - state.bound_flow
    return np.where(missing > MET * given.low, missing, 0.0)


def _blank_record(params: Params) -> dict[str, Array]:
    from_axes = {
        "n": params.draws,
        "t": len(params.years),
        "a": len(params.technology.names),
        "b": len(params.bounds.names),
        "s": len(params.stockpiles.names),
        "c": len(params.goods),
        "o": len(params.regions),
        "d": len(params.regions),
    }
    from_record = declared_quantities(Trajectory)
    return {
        name: np.full([from_axes[letter] for letter in declared.axes], np.nan)
        for name, declared in from_record.items()
        if "t" in declared.axes
    }
