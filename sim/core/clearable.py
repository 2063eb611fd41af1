"""Whether a market can clear at all at prices that mean something: a linear programme over tonnes (section 6).

At prices between a thousandth and a thousand times the benchmark's, what an asset makes and what a market uses lie
between two amounts. Where no flows over the open routes fit between them, under the caps and with the take-or-pay
tonnes, there is no equilibrium in that range, whatever a solver does; and an equilibrium in it is such a set of flows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.core.market import Market
from sim.core.stock import MOST_FROM_STOCK
from sim.core.supply import net_price, unbounded_utilisation, utilisation
from sim.quantity import Array, Index, Mask

LEAST_TONNES = 1e-9  # kt: only keeps a market without tonnes from dividing by nought

WIDEST = 1e3  # prices beyond this multiple of the benchmark's, or under its inverse, mean nothing
TOO_MUCH = 1e-6  # share of all tonnes by which flows must miss what is asked, to be out of reach of rounding


def within_range(market: Market, price: Array, market_price: Array, benchmark: Array) -> Mask:
    """Which draws have all prices of what is live within the range, (n,).

    ``price`` and ``benchmark`` (n, c, o) producer prices, ``market_price`` (n, c, d). [USD/t]
    """
    made = np.abs(np.log(price / benchmark)) * market.live_origin
    bought = np.abs(np.log(market_price) - market.log_benchmark) * market.live_destination
    furthest = np.maximum(made.max(axis=(1, 2)), bought.max(axis=(1, 2)))
    inside: Mask = furthest <= np.log(WIDEST)
    return inside


@dataclass(frozen=True, kw_only=True)
class Miss:
    """What a market misses most, in kt/yr: "use" of a good in a place, "output" there, or a "contract" from there.

    ``good`` and ``place`` are positions on the market's axes, ``buyer`` that of the contract's destination.
    """

    kind: str
    good: int
    place: int
    buyer: int
    tonnes: float


def out_of_reach(market: Market, benchmark: Array, draws: Index) -> dict[int, Miss]:
    """Those of some draws whose tonnes add up at no prices in the range; for draws without a known equilibrium.

    ``benchmark`` (n, c, o) are producer prices. [USD/t]
    """
    if market.in_value.any():
        return {}  # a composite has no least tonnes
    found = {i: _programme(market, benchmark, i).worst_miss() for i in draws.tolist()}
    return {i: miss for i, miss in found.items() if miss is not None}


def undeliverable(market: Market, draws: Index) -> dict[int, Miss]:
    """Those of some draws whose take-or-pay is above a cap on its routes or beyond what feeds its origin.

    Only a market so poor that it takes less than was promised lets such a draw clear; for draws that did not.
    """
    found = {i: _above_a_cap(market, i) or _beyond_its_input(market, i) for i in draws.tolist()}
    return {i: miss for i, miss in found.items() if miss is not None}


def _above_a_cap(market: Market, i: int) -> Miss | None:
    """Take-or-pay that a cap over its routes does not let through, if any; the largest of its contracts is named."""
    for b in np.flatnonzero(market.live_bound[i]).tolist():
        promised = market.take_or_pay[i] * market.routes[b]
        above = float(promised.sum() - np.exp(market.log_high[i, b]))
        if above > TOO_MUCH * promised.sum():
            c, o, d = (int(k) for k in np.unravel_index(np.argmax(promised), promised.shape))
            return Miss(kind="contract", good=c, place=o, buyer=d, tonnes=above)
    return None


def _beyond_its_input(market: Market, i: int) -> Miss | None:
    """Take-or-pay of an origin that all capacity of those who could sell it the input would not feed, if any."""
    promised = market.take_or_pay[i]
    usable = np.isfinite(market.contestable[i]) | np.isfinite(market.contract[i]) | (promised > 0)
    made = np.zeros(market.live_origin.shape[1:])
    np.add.at(made, (market.good, market.origin), market.capacity[i])
    for c, o in np.argwhere(promised.any(axis=2)).tolist():
        most = 0.0
        for a in range(len(market.good)):
            if (market.good[a], market.origin[a]) == (c, o):
                h = market.input_good[a]
                fed = (usable[h, :, market.region[a]] * made[h]).sum() / market.input_ratio[i, a] if h >= 0 else np.inf
                most += min(float(market.capacity[i, a]), float(fed))
        beyond = float(promised[c, o].sum()) - most
        if beyond > TOO_MUCH * most:
            return Miss(kind="contract", good=c, place=o, buyer=int(np.argmax(promised[c, o])), tonnes=beyond)
    return None


@dataclass(eq=False)
class _Programme:
    """Tonnes as variables between limits, rows of sums, and slacks whose total is to be least."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    slacks: dict[int, tuple[str, int, int, int]] = field(default_factory=dict)
    entries: list[tuple[int, int, float]] = field(default_factory=list)  # row, variable, factor
    limits: list[float] = field(default_factory=list)
    equal: list[bool] = field(default_factory=list)

    def variable(self, low: float, high: float) -> int:
        self.low.append(low)
        self.high.append(high)
        return len(self.low) - 1

    def slack(self, kind: str, good: int, place: int, buyer: int = -1) -> int:
        at = self.variable(0.0, np.inf)
        self.slacks[at] = (kind, good, place, buyer)
        return at

    def row(self, terms: Sequence[tuple[int, float]], limit: float, equal: bool = True) -> None:
        self.entries += [(len(self.limits), at, factor) for at, factor in terms]
        self.limits.append(limit)
        self.equal.append(equal)

    def worst_miss(self) -> Miss | None:
        """The largest slack; none where all fits, or where nothing can be told."""
        from scipy.optimize import linprog  # slow to load, and hardly ever wanted
        from scipy.sparse import coo_array

        low, high, limits = np.array(self.low), np.array(self.high), np.array(self.limits)
        scale = max(float(low.sum() + limits.sum()), LEAST_TONNES)  # tonnes that have to be placed
        rows, columns, factors = zip(*self.entries, strict=True)
        table = coo_array((factors, (rows, columns)), shape=(len(limits), len(low))).tocsr()
        cost = np.zeros(len(low))
        cost[list(self.slacks)] = 1.0
        equal = np.array(self.equal)
        answer = linprog(
            cost,
            A_eq=table[equal],
            b_eq=limits[equal] / scale,
            A_ub=table[~equal],
            b_ub=limits[~equal] / scale,
            bounds=np.stack([low, high], axis=1) / scale,
            method="highs",
        )
        if not answer.success or answer.fun <= TOO_MUCH:
            return None
        at = max(self.slacks, key=lambda k: float(answer.x[k]))
        kind, good, place, buyer = self.slacks[at]
        return Miss(kind=kind, good=good, place=place, buyer=buyer, tonnes=float(answer.x[at]) * scale)


def _programme(market: Market, benchmark: Array, i: int) -> _Programme:
    """All that must hold of the flows of draw ``i`` at any prices in the range."""
    programme = _Programme()
    least_made, most_made = _made(market, benchmark, i)
    running = np.flatnonzero(market.capacity[i] > 0).tolist()
    made = {a: programme.variable(least_made[a], most_made[a]) for a in running}
    start = np.exp(market.log_benchmark[i])
    epsilon = market.demand_elasticity[i][:, None]
    least_used, most_used = (market.use_at_one[i] * (start * k) ** -epsilon for k in (WIDEST, 1.0 / WIDEST))
    flows: dict[tuple[int, int, int], list[int]] = {}

    def route(c: int, o: int, d: int, most: float = np.inf) -> int:
        """A variable for what one pool sends over a route."""
        at = programme.variable(0.0, most)
        flows.setdefault((c, o, d), []).append(at)
        return at

    for c, d in np.argwhere(market.live_destination[i]).tolist():
        fed = [a for a in running if market.input_good[a] == c and market.region[a] == d]
        least = least_used[c, d] + sum(market.input_ratio[i, a] * least_made[a] for a in fed)
        in_stock = float(market.stock_room[i, market.stock_good == c, d].sum())
        least = max(least - in_stock, (1.0 - MOST_FROM_STOCK) * least)
        used = [(programme.variable(least_used[c, d], most_used[c, d]), 1.0)]
        used += [(made[a], float(market.input_ratio[i, a])) for a in fed]
        if in_stock > 0:
            used.append((programme.variable(0.0, in_stock), -1.0))
        promised = market.take_or_pay[i, c, :, d]
        # scaled down where it exceeds the market, which it cannot if the market uses at least as much
        fits = promised.sum() <= least
        taken = []
        for o in np.flatnonzero(promised > 0).tolist():
            taken.append(route(c, o, d, float(promised[o])))
            if fits:
                programme.row([(taken[-1], 1.0), (programme.slack("contract", c, o, d), 1.0)], float(promised[o]))
        held = np.isfinite(market.contract[i, c, :, d])
        tied = float(market.kept[i, c, d])
        for pool, part in ((np.isfinite(market.contestable[i, c, :, d]), 1.0 - tied), (held, tied)):
            bought = [*(route(c, o, d) for o in np.flatnonzero(pool).tolist()), programme.slack("use", c, d)]
            rest = [(at, -part * factor) for at, factor in used] + [(at, part) for at in taken]
            programme.row([(at, 1.0) for at in bought] + rest, 0.0)
    for c, o in np.argwhere(market.live_origin[i]).tolist():
        sold = [(at, 1.0) for (good, origin, _), some in flows.items() if (good, origin) == (c, o) for at in some]
        own = [(made[a], -1.0) for a in running if market.good[a] == c and market.origin[a] == o]
        programme.row([*sold, *own, (programme.slack("output", c, o), 1.0)], 0.0)
    for b in np.flatnonzero(market.live_bound[i] & np.isfinite(market.log_high[i])).tolist():
        over = [(at, 1.0) for place, some in flows.items() if market.routes[b][place] for at in some]
        if over:
            programme.row(over, float(np.exp(market.log_high[i, b])), equal=False)
    return programme


def _made(market: Market, benchmark: Array, i: int) -> tuple[Array, Array]:
    """Least and most that each asset makes at prices in the range, (a,). [kt/yr]"""
    price = benchmark[i, market.good, market.origin]
    start = np.exp(market.log_benchmark[i, np.maximum(market.input_good, 0), market.region])
    cost = np.where(market.input_good >= 0, market.input_ratio[i] * start, 0.0)
    amounts = []
    for own, other in ((1.0 / WIDEST, WIDEST), (WIDEST, 1.0 / WIDEST)):
        net, _, _ = net_price(price * own, cost * other)
        used = utilisation(net, market.break_even[i], market.steepness[i])
        free = market.unbounded
        used[free] = unbounded_utilisation(net[free], market.break_even[i, free], market.steepness[i, free])
        amounts.append(market.capacity[i] * used)
    return amounts[0], amounts[1]
