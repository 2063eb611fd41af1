"""The model once more, plainly: one draw, one year and one route at a time, solved by scipy.

Written from the equations alone (numbers in brackets are theirs) to check the vectorised engine; it shares with it
only the records. Speed is no aim: every sum is a loop.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, root

from sim.records.params import NO_INPUT, Params, Wedge

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

LOWEST_WEDGE = math.log(0.3)
CONTRACTED_CAPACITY = 0.95
GUARANTEED_CAPACITY = 0.98
SMOOTHING = 1e-3
RELEASE_STEEPNESS = 30.0
MOST_FROM_STOCK = 0.95
EMPTY = 1e-9
TOLERANCE = 1e-12


class NoEquilibriumError(Exception):
    """The plain solver found no prices for a year."""


class ContradictionError(Exception):
    """Bounds that no prices can satisfy."""


@dataclass
class YearResult:
    """Equilibrium of one year: arrays without draw and year axis, named as in ``Trajectory``; NaN is "none"."""

    producer_price: Array
    market_price: Array
    delivered_price: Array
    flow: Array
    share: Array
    output: Array
    final_use: Array
    derived_use: Array
    unserved: Array
    released: Array
    stock_left: Array
    rent_wedge: Array
    rent: Array
    shortfall: Array
    duties: Array
    export_taxes: Array
    freight_cost: Array
    money_gap: float
    residual: float


@dataclass
class _State:
    """What a year inherits: shares, delivered prices, price memory, capacity by origin, flows over bounds."""

    share: Array
    delivered: Array
    memory: Array
    capacity: Array | None  # None before the benchmark year, which has lost nothing
    bound_flow: Array
    last_free_flow: Array
    price: Array
    in_ground: Array  # what each asset may still produce
    stock: Array  # what each stockpile holds


class _Year:
    """All that is given in one year of one draw, and the equations on it."""

    def __init__(self, params: Params, draw: int, year: int, state: _State) -> None:
        n, t = draw, year
        tech, demand, sourcing, policy = params.technology, params.demand, params.sourcing, params.policy
        self.goods, self.regions = range(len(params.goods)), range(len(params.regions))
        self.assets = range(len(tech.good))
        self.bounds = range(len(params.bounds.rent_to))
        self.good, self.region, self.input_good = tech.good, tech.region, tech.input_good
        self.input_ratio, self.steepness = tech.input_ratio[n], tech.steepness[n]
        self.capacity, self.break_even = tech.capacity[n, t].copy(), tech.break_even[n, t]
        self.standing_part = self._dig(t, state, params.benchmark_flow.shape[:2])
        piles = params.stockpiles
        self.piles = range(len(piles.names))
        self.pile_good, self.trigger = piles.good, piles.trigger[n]
        self.on_sale = [
            [min(piles.release_rate[n, t, s], state.stock[s]) * piles.reach[s, d] for d in self.regions]
            for s in self.piles
        ]
        self.reference, self.benchmark_price = demand.reference[n, t], demand.benchmark_price[n]
        self.elasticity, self.elasticity_long = demand.elasticity[n], demand.elasticity_long[n]
        self.memory = state.memory
        self.stock = state.stock
        self.sigma, self.sigma_short = sourcing.elasticity[n], sourcing.elasticity_short[n]
        self.reference_delivered, self.last_delivered = sourcing.reference_price[n], state.delivered
        shape = params.benchmark_flow.shape
        self.open = np.ones(shape)
        for measure in range(len(policy.bans.routes)):
            for route in zip(*np.nonzero(policy.bans.routes[measure]), strict=True):
                self.open[route] *= 1 - policy.bans.rate[n, t, measure]
        self.taste = sourcing.taste[n] * sourcing.taste_growth[n, t][:, :, None]
        self.taste *= (self.standing_part ** sourcing.follows_capacity[n][:, None])[:, :, None]
        self.export_tax = _summed(policy.export_taxes, n, t, shape)
        self.freight = policy.freight[n] + _summed(policy.surcharges, n, t, shape)
        self.tariff_fob = _summed(policy.tariffs_fob, n, t, shape)
        self.tariff_cif = _summed(policy.tariffs_cif, n, t, shape)
        self.routes = params.bounds.routes
        self.rent_to = params.bounds.rent_to
        self.low = params.bounds.low[n, t]
        self.high = np.array(
            [
                params.bounds.high[n, t, b] + params.bounds.high_share[n, t, b] * state.last_free_flow[b]
                for b in self.bounds
            ]
        )
        for b in self.bounds:
            if self.high[b] == 0:  # a cap of nothing is a ban
                self.open[self.routes[b]] = 0.0
        promised = np.zeros(shape)
        for k in range(len(params.contracts.good)):
            route = (params.contracts.good[k], params.contracts.origin[k], params.contracts.destination[k])
            promised[route] += params.contracts.volume[n, t, k] * self.open[route]
        self.promised = promised
        self._find_live_rows()
        self._limit_contracts()
        self._keep_last_contracts(state, 1 - sourcing.renewal[n])
        self._check_bounds()

    def _dig(self, t: int, state: _State, shape: tuple[int, ...]) -> Array:
        """Limit capacity to what is left in the ground; what part of each origin's that leaves."""
        planned, standing = np.zeros(shape), np.zeros(shape)
        for a in self.assets:
            place = self.good[a], self.region[a]
            planned[place] += self.capacity[a]
            if t > 0:
                self.capacity[a] = min(self.capacity[a], state.in_ground[a])
            standing[place] += self.capacity[a]
        return np.array(
            [
                [s / p if s < p else 1.0 for s, p in zip(*rows, strict=True)]
                for rows in zip(standing, planned, strict=True)
            ]
        )

    def _find_live_rows(self) -> None:  # noqa: C901, PLR0912 - one loop per sentence of section 6
        """Section 6: start with everything alive and strike out until nothing changes."""
        self.live_asset: list[bool] = [self.capacity[a] > 0 for a in self.assets]
        self.live_origin = {(c, r): True for c in self.goods for r in self.regions}
        self.served = {(c, r): True for c in self.goods for r in self.regions}
        self.wanted = {(c, r): True for c in self.goods for r in self.regions}
        changed = True
        while changed:
            before = (list(self.live_asset), dict(self.live_origin), dict(self.served), dict(self.wanted))
            for a in self.assets:
                c, r, h = self.good[a], self.region[a], self.input_good[a]
                if not self.live_origin[c, r]:
                    self.live_asset[a] = False
                if h != NO_INPUT and self.input_ratio[a] > 0 and not self.served[h, r]:
                    self.live_asset[a] = False
            for c in self.goods:
                for o in self.regions:
                    made = any(self.live_asset[a] for a in self.assets if self.good[a] == c and self.region[a] == o)
                    outlets = [
                        self.served[c, d]
                        and self.wanted[c, d]
                        and self.open[c, o, d] * (self.taste[c, o, d] + self.promised[c, o, d]) > 0
                        for d in self.regions
                    ]
                    if not (made and any(outlets)):
                        self.live_origin[c, o] = False
                for d in self.regions:
                    sources = [
                        self.live_origin[c, o] and self.open[c, o, d] * self.taste[c, o, d] > 0 for o in self.regions
                    ]
                    if not any(sources):
                        self.served[c, d] = False
                    processed = any(
                        self.live_asset[a] and self.input_ratio[a] > 0
                        for a in self.assets
                        if self.input_good[a] == c and self.region[a] == d
                    )
                    if not (self.reference[c, d] > 0 or processed):
                        self.wanted[c, d] = False
            changed = before != (self.live_asset, self.live_origin, self.served, self.wanted)
        for a in self.assets:
            if not self.live_asset[a]:
                self.capacity[a] = 0.0
        self.origin_capacity = np.zeros((len(self.goods), len(self.regions)))
        for a in self.assets:
            self.origin_capacity[self.good[a], self.region[a]] += self.capacity[a]
        for c in self.goods:
            for o in self.regions:
                for d in self.regions:
                    bought = self.served[c, d] and self.wanted[c, d]
                    if not (self.live_origin[c, o] and bought):
                        self.open[c, o, d] = 0.0
        self.rows = [(c, o) for c in self.goods for o in self.regions if self.live_origin[c, o]]

    def _limit_contracts(self) -> None:
        for c in self.goods:
            for o in self.regions:
                for d in self.regions:
                    if self.open[c, o, d] == 0:
                        self.promised[c, o, d] = 0.0
                total = sum(self.promised[c, o, d] for d in self.regions)
                most = CONTRACTED_CAPACITY * self.origin_capacity[c, o]
                if total > most:
                    for d in self.regions:
                        self.promised[c, o, d] *= most / total

    def _keep_last_contracts(self, state: _State, unrenewed: Array) -> None:
        """(8)."""
        self.kept = np.zeros_like(self.taste)
        for c in self.goods:
            for o in self.regions:
                ratio = 1.0
                if state.capacity is not None and state.capacity[c, o] > self.origin_capacity[c, o]:
                    ratio = self.origin_capacity[c, o] / state.capacity[c, o]
                for d in self.regions:
                    kept = unrenewed[c] * state.share[c, o, d] * self.open[c, o, d] * ratio
                    for b in self.bounds:
                        if self.routes[b, c, o, d] and state.bound_flow[b] > self.high[b]:
                            kept *= self.high[b] / state.bound_flow[b]
                    self.kept[c, o, d] = kept

    def _check_bounds(self) -> None:
        self.has_route = []
        for b in self.bounds:
            if self.low[b] > self.high[b]:
                raise ContradictionError(f"bound {b}: floor above cap")
            live = False
            for c, o, d in zip(*np.nonzero(self.routes[b]), strict=True):
                live = live or self.open[c, o, d] * (self.taste[c, o, d] + self.promised[c, o, d]) > 0
            self.has_route.append(live)
        self.active = [b for b in self.bounds if self.has_route[b] and (self.low[b] > 0 or self.high[b] < math.inf)]
        for c, o in self.rows:
            guaranteed = sum(self.low[b] for b in self.active if _only_of(self.routes[b], c, o))
            if guaranteed > GUARANTEED_CAPACITY * self.origin_capacity[c, o]:
                raise ContradictionError(f"guaranteed sales of {c}, {o} above its capacity")

    def evaluate(self, unknown: Array) -> dict[str, Array]:  # noqa: C901, PLR0912 - equations in their order
        """Everything that follows from log prices of the live origins and the z of the active bounds."""
        goods, regions = self.goods, self.regions
        shape = self.taste.shape
        price = np.full(shape[:2], np.nan)
        for i, row in enumerate(self.rows):
            price[row] = math.exp(unknown[i])
        wedge = np.zeros(len(self.bounds))
        for i, b in enumerate(self.active):
            wedge[b] = unknown[len(self.rows) + i]
        delivered, share = np.full(shape, np.nan), np.zeros(shape)
        market = np.full(shape[:2], np.nan)
        wedges = np.zeros(shape)
        for c in goods:
            for d in regions:
                for o in regions:
                    if not self.live_origin[c, o]:
                        continue
                    for b in self.active:
                        if self.routes[b, c, o, d]:
                            wedges[c, o, d] += wedge[b]
                    fob = price[c, o] * (1 + self.export_tax[c, o, d])
                    cif = fob + self.freight[c, o, d]
                    paid = cif + self.tariff_fob[c, o, d] * fob + self.tariff_cif[c, o, d] * cif
                    delivered[c, o, d] = paid * math.exp(wedges[c, o, d])  # (7)
                if not (self.served[c, d] and self.wanted[c, d]):
                    continue
                new = self._weights(
                    [self.open[c, o, d] * self.taste[c, o, d] for o in regions],
                    [delivered[c, o, d] / self.reference_delivered[c, o, d] for o in regions],
                    self.sigma[c],
                )
                old = self._weights(
                    [self.kept[c, o, d] for o in regions],
                    [delivered[c, o, d] / self.last_delivered[c, o, d] for o in regions],
                    self.sigma_short[c],
                )
                tied = math.fsum(self.kept[c, :, d])
                market[c, d] = 0.0
                for o in regions:
                    share[c, o, d] = (1 - tied) * new[o] + tied * old[o]  # (9)
                    if share[c, o, d] > 0:
                        market[c, d] += share[c, o, d] * delivered[c, o, d]  # (10)
        log_supply = np.full(shape[:2], -np.inf)
        output = np.zeros(len(self.assets))
        derived = np.zeros(shape[:2])
        for a in self.assets:
            if not self.live_asset[a]:
                continue
            c, r, h = self.good[a], self.region[a], self.input_good[a]
            spent = self.input_ratio[a] * market[h, r] if self.input_ratio[a] > 0 and h != NO_INPUT else 0.0
            log_use = _log_utilisation(price[c, r], spent, self.break_even[a], self.steepness[a])
            output[a] = self.capacity[a] * math.exp(log_use)
            log_supply[c, r] = np.logaddexp(log_supply[c, r], math.log(self.capacity[a]) + log_use)  # (3)
            if h != NO_INPUT:
                derived[h, r] += self.input_ratio[a] * output[a]  # (5)
        final = np.zeros(shape[:2])
        contracted, flow = np.zeros(shape), np.zeros(shape)
        from_stock = np.zeros((len(self.piles), len(regions)))
        for c in goods:
            for d in regions:
                if not (self.served[c, d] and self.wanted[c, d]):
                    continue
                p0 = self.benchmark_price[c, d]
                final[c, d] = (
                    self.reference[c, d]
                    * (market[c, d] / p0) ** -self.elasticity[c]
                    * (self.memory[c, d] / p0) ** -(self.elasticity_long[c] - self.elasticity[c])
                )  # (4)
                use = final[c, d] + derived[c, d]  # (6)
                mine = [s for s in self.piles if self.pile_good[s] == c]
                for s in mine:
                    over = RELEASE_STEEPNESS * math.log(market[c, d] / self.trigger[s])
                    from_stock[s, d] = self.on_sale[s][d] * math.exp(-float(np.logaddexp(0.0, -over)))
                total = math.fsum(from_stock[s, d] for s in mine)
                if total > MOST_FROM_STOCK * use:
                    for s in mine:
                        from_stock[s, d] *= MOST_FROM_STOCK * use / total
                    total = MOST_FROM_STOCK * use
                use -= total
                promised = math.fsum(self.promised[c, :, d])
                scale = use / promised if promised > use else 1.0
                for o in regions:
                    contracted[c, o, d] = scale * self.promised[c, o, d]
                    flow[c, o, d] = contracted[c, o, d] + share[c, o, d] * max(use - scale * promised, 0.0)
        return {
            "price": price,
            "wedge": wedge,
            "wedges": wedges,
            "delivered": delivered,
            "share": share,
            "market": market,
            "log_supply": log_supply,
            "output": output,
            "derived": derived,
            "final": final,
            "contracted": contracted,
            "flow": flow,
            "from_stock": from_stock,
        }

    @staticmethod
    def _weights(base: list[float], relative: list[float], elasticity: float) -> list[float]:
        logs = [
            math.log(b) - elasticity * math.log(x) if b > 0 else -math.inf for b, x in zip(base, relative, strict=True)
        ]
        top = max(logs)
        if top == -math.inf:
            return [0.0 for _ in logs]
        weights = [math.exp(x - top) for x in logs]
        total = math.fsum(weights)
        return [w / total for w in weights]

    def residual(self, unknown: Array) -> Array:
        """(12) for the live origins, then (11) for the active bounds."""
        found = self.evaluate(unknown)
        gaps = []
        for c, o in self.rows:
            sold = math.fsum(found["flow"][c, o, :])
            gaps.append(found["log_supply"][c, o] - math.log(max(sold, 1e-300)))
        for b in self.active:
            x, z = math.log(max(self.bound_flow(found["flow"], b), 1e-300)), found["wedge"][b]
            low = math.log(self.low[b]) if self.low[b] > 0 else -math.inf
            high = math.log(self.high[b]) if self.high[b] < math.inf else math.inf
            inside = min(max(x + z, low), high)
            gaps.append(z - max(z + x - inside, LOWEST_WEDGE))
        return np.array(gaps)

    def bound_flow(self, flow: Array, b: int) -> float:
        """Tonnes over the routes of a bound."""
        return math.fsum(flow[route] for route in zip(*np.nonzero(self.routes[b]), strict=True))

    def solve(self, start: Array, calm: Array) -> Array:
        """Unknowns with every residual under TOLERANCE, from last year's prices or else those of the benchmark.

        NoEquilibriumError where all ways of getting there fail.
        """
        if not self.rows:
            return np.zeros(0)
        best = math.inf
        ways = (self._by_hybrid, self._by_newton, self._by_single_markets, self._by_easing)
        for prices, attempt in itertools.product((start, calm), ways):
            begin = np.concatenate([[math.log(prices[row]) for row in self.rows], np.zeros(len(self.active))])
            try:
                unknown = self._polish(attempt(begin))
            except (FloatingPointError, OverflowError, ValueError, np.linalg.LinAlgError):
                continue
            worst = float(np.abs(self.residual(unknown)).max())
            if worst <= TOLERANCE:
                return unknown
            best = min(best, worst)
        raise NoEquilibriumError(f"smallest residual {best:g}")

    def _by_hybrid(self, begin: Array) -> Array:
        return np.asarray(root(self.residual, begin, method="hybr", options={"xtol": 1e-13, "maxfev": 4000}).x)

    def _by_newton(self, begin: Array, steps: int = 150) -> Array:
        unknown = begin
        for _ in range(steps):
            gap = self.residual(unknown)
            size = float(np.abs(gap).max())
            if size < 1e-9:
                break
            step = -np.linalg.lstsq(self._slopes(unknown), gap, rcond=1e-13)[0]
            step *= min(1.0, 1.0 / np.abs(step).max())
            length = 1.0
            while length > 1e-4 and np.linalg.norm(self.residual(unknown + length * step)) > np.linalg.norm(gap):
                length /= 2
            unknown = unknown + length * step
        return unknown

    def _by_single_markets(self, begin: Array) -> Array:
        """Clear one origin (or one bound) after the other, the rest held fixed, then Newton from there."""
        unknown = begin.copy()
        for _ in range(60):
            before = unknown.copy()
            for i in range(len(unknown)):

                def gap(value: float, i: int = i) -> float:
                    trial = unknown.copy()
                    trial[i] = value
                    return float(self.residual(trial)[i])

                lowest, highest = unknown[i] - 0.5, unknown[i] + 0.5
                for _ in range(8):
                    if gap(lowest) * gap(highest) <= 0:
                        unknown[i] = brentq(gap, lowest, highest, xtol=1e-10)
                        break
                    lowest, highest = lowest - 1, highest + 1
            if np.abs(unknown - before).max() < 1e-6:
                break
        return self._by_newton(unknown)

    def _by_easing(self, begin: Array) -> Array:
        """Make demand and supply supple and markets stiff, solve, then go back to the true elasticities."""
        true = self.elasticity, self.elasticity_long, self.steepness, self.sigma
        easy = true[0] + 1, true[1] + 1, np.maximum(true[2], 2.0), np.minimum(true[3], 3.0)
        unknown, done, stride = begin, 0.0, 0.25
        try:
            while done < 1 and stride > 1e-4:
                part = min(1.0, done + stride) if done or unknown is not begin else 0.0
                mixed = [part * x + (1 - part) * y for x, y in zip(true, easy, strict=True)]
                self.elasticity, self.elasticity_long, self.steepness, self.sigma = mixed
                trial = self._by_newton(unknown, steps=80)
                if np.abs(self.residual(trial)).max() < 1e-6:
                    unknown, done, stride = trial, part, stride * 1.5
                    continue
                if part == 0:
                    break
                stride /= 3
        finally:
            self.elasticity, self.elasticity_long, self.steepness, self.sigma = true
        return unknown

    def _slopes(self, unknown: Array) -> Array:
        step = 1e-6
        columns = []
        for i in range(len(unknown)):
            up, down = unknown.copy(), unknown.copy()
            up[i] += step
            down[i] -= step
            columns.append((self.residual(up) - self.residual(down)) / (2 * step))
        return np.array(columns).T

    def _polish(self, unknown: Array) -> Array:
        for _ in range(12):
            gap = self.residual(unknown)
            if not np.isfinite(gap).all() or np.abs(gap).max() > 1e-3:
                break
            trial = unknown - np.linalg.lstsq(self._slopes(unknown), gap, rcond=1e-13)[0]
            if np.abs(self.residual(trial)).max() >= np.abs(gap).max():
                break
            unknown = trial
        return unknown

    def account(self, unknown: Array) -> YearResult:
        """Tonnes and money of a solved year."""
        found = self.evaluate(unknown)
        flow, delivered, price = found["flow"], found["delivered"], found["price"]
        shape = flow.shape
        duties, freight_cost, export_taxes = np.zeros(shape[:2]), np.zeros(shape[:2]), np.zeros(shape[:2])
        rent = np.zeros(len(self.bounds))
        paid = kept = 0.0
        for c, o, d in zip(*np.nonzero(flow > 0), strict=True):
            tonnes, p = flow[c, o, d], price[c, o]
            fob = p * (1 + self.export_tax[c, o, d])
            cif = fob + self.freight[c, o, d]
            total = found["wedges"][c, o, d]
            duties[c, d] += (self.tariff_fob[c, o, d] * fob + self.tariff_cif[c, o, d] * cif) * tonnes / 1000
            export_taxes[c, o] += self.export_tax[c, o, d] * p * tonnes / 1000
            freight_cost[c, d] += self.freight[c, o, d] * tonnes / 1000
            paid += delivered[c, o, d] * tonnes / 1000
            kept += p * tonnes / 1000
            for b in self.active:
                if self.routes[b, c, o, d] and total != 0:
                    part = found["wedge"][b] / total
                    rent[b] += (1 - math.exp(-total)) * delivered[c, o, d] * tonnes * part / 1000
        spent = kept + export_taxes.sum() + freight_cost.sum() + duties.sum() + rent.sum()
        shortfall = np.array([max(self.low[b] - self.bound_flow(flow, b), 0.0) for b in self.bounds])
        unserved = np.zeros(shape[:2])
        from_stock, final = found["from_stock"], found["final"]
        released = np.zeros(shape[:2])
        for c in self.goods:
            for d in self.regions:
                mine = [s for s in self.piles if self.pile_good[s] == c]
                if not (self.served[c, d] and self.wanted[c, d]):
                    offered = math.fsum(self.on_sale[s][d] for s in mine)
                    for s in mine:
                        if offered > 0:
                            from_stock[s, d] = self.on_sale[s][d] * min(1.0, self.reference[c, d] / offered)
                    final[c, d] = math.fsum(from_stock[s, d] for s in mine)
                    unserved[c, d] = self.reference[c, d] - final[c, d]
                released[c, d] = math.fsum(from_stock[s, d] for s in mine)
        stock_left = np.array([self.stock[s] - math.fsum(from_stock[s]) for s in self.piles])
        gap = self.residual(unknown)
        return YearResult(
            producer_price=price,
            market_price=found["market"],
            delivered_price=delivered,
            flow=flow,
            share=found["share"],
            output=found["output"],
            final_use=final,
            derived_use=found["derived"],
            unserved=unserved,
            released=released,
            stock_left=stock_left,
            rent_wedge=found["wedge"],
            rent=rent,
            shortfall=shortfall,
            duties=duties,
            export_taxes=export_taxes,
            freight_cost=freight_cost,
            money_gap=abs(spent - paid) / max(paid, 1e-300),
            residual=float(np.abs(gap).max()) if len(gap) else 0.0,
        )


def simulate_draw(params: Params, draw: int) -> list[YearResult]:
    """Equilibria of all years of one draw."""
    bounds = params.bounds
    sets = [list(zip(*np.nonzero(routes), strict=True)) for routes in bounds.routes]
    benchmark = np.array([math.fsum(params.benchmark_flow[route] for route in routes) for routes in sets])
    state = _State(
        share=params.sourcing.benchmark_share,
        delivered=params.sourcing.reference_price[draw],
        memory=params.demand.benchmark_price[draw].copy(),
        capacity=None,
        bound_flow=benchmark,
        last_free_flow=benchmark.copy(),
        price=params.benchmark_producer_price[draw],
        in_ground=params.technology.extractable[draw],
        stock=params.stockpiles.stock[draw],
    )
    results = []
    for t in range(len(params.years)):
        year = _Year(params, draw, t, state)
        result = year.account(year.solve(state.price, params.benchmark_producer_price[draw]))
        results.append(result)
        memory = state.memory.copy()
        for c, d in zip(*np.nonzero(~np.isnan(result.market_price)), strict=True):
            pace = params.demand.memory[draw, c]
            memory[c, d] = state.memory[c, d] ** (1 - pace) * result.market_price[c, d] ** pace
        flows = np.array([year.bound_flow(result.flow, b) for b in year.bounds])
        free = [bounds.high[draw, t, b] == math.inf for b in year.bounds]
        state = _State(
            share=result.share,
            delivered=result.delivered_price,
            memory=memory,
            capacity=year.origin_capacity,
            bound_flow=flows,
            last_free_flow=np.where(free, flows, state.last_free_flow),
            price=np.where(np.isnan(result.producer_price), state.price, result.producer_price),
            in_ground=_rest(state.in_ground, result.output) if t > 0 else state.in_ground,
            stock=_rest(state.stock, state.stock - result.stock_left),
        )
    return results


def _rest(held: Array, taken: Array) -> Array:
    return np.array([h - x if h - x > EMPTY * x else 0.0 for h, x in zip(held, taken, strict=True)])


def _summed(wedge: Wedge, draw: int, year: int, shape: tuple[int, ...]) -> Array:
    total = np.zeros(shape)
    for measure in range(len(wedge.routes)):
        total[wedge.routes[measure]] += wedge.rate[draw, year, measure]
    return total


def _only_of(routes: Flags, good: int, origin: int) -> bool:
    return all((c, o) == (good, origin) for c, o, _ in zip(*np.nonzero(routes), strict=True))


def _log_utilisation(price: float, spent: float, break_even: float, steepness: float) -> float:
    """(1) and (2), in logs."""
    net = price - spent
    around = math.hypot(net, SMOOTHING * price)
    smoothed = (net + around) / 2 if net >= 0 else (SMOOTHING * price) ** 2 / (2 * (around - net))
    return -float(np.logaddexp(0.0, -steepness * math.log(smoothed / break_even)))
