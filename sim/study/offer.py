"""What becomes of an offer: how much is taken, why not more, who gives way, what discount would place it all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations, product
from math import factorial

import numpy as np

from sim.core.feasibility import MOST_GUARANTEED
from sim.core.policy import open_part
from sim.errors import ScenarioError
from sim.indicators import by_place
from sim.model import simulate
from sim.provenance import DOCUMENT
from sim.quantity import Array, Index, Mask
from sim.records.by_draw import ByDraw
from sim.records.outcome import Band, Case, OfferAnswer
from sim.records.params import NO_INPUT, Params, Technology, Wedge
from sim.records.scenario import Scenario
from sim.records.trajectory import SOLVED, Trajectory
from sim.study.bands import band, percentiles
from sim.study.block import Block
from sim.study.deal import Deal, DealTold, below_rivals, deal_told

_BINDS = 1e-9  # log of a rent: above it a bound is at its limit, below is rounding

REASONS = (
    "contracts of other suppliers that are not up yet",
    "duties in force at the border, on all who pay them",
    "metal that has to be bid away from other customers",
)
REST = "price and taste: what buyers would not take even then"
CLOSED = "a ban that keeps the route closed"
REASON_NAMES = {
    **dict(zip(REASONS, ("contracts", "duties", "scarcity"), strict=True)),
    REST: "price_and_taste",
    CLOSED: "ban",
}
SPARE_STEEPNESS = 1000.0  # spare capacity that nobody wants lowers the price by 0.3 % at most


@dataclass(frozen=True, eq=False, kw_only=True)
class Offered(Deal):
    """An offer in its place: the route it opens, the bound it is."""

    bound: int


@dataclass(frozen=True, eq=False, kw_only=True)
class Placing(ByDraw):
    """What it takes to place a whole offer in one year, draw by draw; blank in draws that are not solved."""

    discount: Array  # (n,) cut of the delivered price [1]
    below_rivals: Array  # (n,) the same as a distance from the mean delivered price of all others there [1]
    shortfall: Array  # (n,) what no discount places [kt/yr]


def offers_in(scenario: Scenario, params: Params) -> tuple[Offered, ...]:
    """The offers of a scenario that are in force in some year.

    Raises ScenarioError where an offer has several routes: who takes it and who gives way could not be told.
    """
    found = []
    for measure in scenario.measures.values():
        if measure.kind != "offer":
            continue
        if len(measure.origins) != 1 or len(measure.destinations) != 1:
            raise ScenarioError(
                f"{measure.place}: measures.{measure.name}: an offer is made by one region to one region, not from "
                f"{', '.join(measure.origins)} to {', '.join(measure.destinations)}; a cap may have several routes"
            )
        bound = params.bounds.names.index(measure.name)
        if np.isfinite(params.bounds.high[0, :, bound]).any():
            found.append(
                Offered(
                    measure=measure,
                    bound=bound,
                    good=params.goods.index(measure.good),
                    origin=params.regions.index(measure.origins[0]),
                    destination=params.regions.index(measure.destinations[0]),
                )
            )
    return tuple(found)


@dataclass(frozen=True, eq=False, kw_only=True)
class OfferTold(ByDraw):
    """What becomes of one offer draw by draw; ``t`` is the position of the year that the answer speaks of."""

    offer: Offered
    t: int
    limit: Array  # (n, t) what is offered, infinite without an offer [kt/yr]
    taken: Array  # (n, t) [kt/yr]
    wedge: Array  # (n,) log of what the limit adds to the price
    more_output: Array  # (n,) of the offering region, against the baseline [kt/yr]
    reasons: tuple[tuple[str, float], ...]  # why not more in the central run [kt/yr]
    placing: Placing
    deal: DealTold

    @property
    def made(self) -> Mask:
        """Where there is an offer, (n, t): a switch may withdraw it."""
        return np.isfinite(self.limit)

    @property
    def offered(self) -> Array:
        """What is offered, nothing without an offer, (n, t). [kt/yr]"""
        return np.where(self.made, self.limit, 0.0)


def offer_told(offer: Offered, focus: int, block: Block, step: Callable[[], None] = lambda: None) -> OfferTold:
    """What a block tells of an offer in the year ``focus``, or in the last one in which it is made.

    The block is solved once more for what it takes to place the whole.
    """
    params, found = block.params, block.found
    t, sold = year_told(offer, focus, params), (offer.good, offer.origin)
    placing = placing_of(offer, t, params, block.solved)
    step()
    limit = params.bounds.high[:, :, offer.bound]
    taken = found.flow[:, :, offer.good, offer.origin, offer.destination]
    return OfferTold(
        offer=offer,
        t=t,
        limit=limit,
        taken=taken,
        wedge=found.rent_wedge[:, t, offer.bound],
        more_output=(found.flow[:, t, *sold] - block.base.flow[:, t, *sold]).sum(axis=1),
        reasons=_reasons(offer, params, block.base, t, float(limit[0, t]), float(taken[0, t])),
        placing=placing,
        deal=deal_told(offer, block, t),
    )


def answer_offer(told: OfferTold, central: Block, draws: Index, states: Mapping[str, Mask]) -> OfferAnswer:
    """Everything the answer says about one offer, from what all draws tell and the central run."""
    offer, t, params = told.offer, told.t, central.params
    first = int(np.flatnonzero(told.made[0])[0])
    volume = offer.measure.numbers["volume"]
    return OfferAnswer(
        measure=offer.measure.name,
        good=params.goods[offer.good],
        origin=params.regions[offer.origin],
        destination=params.regions[offer.destination],
        year=params.years[t],
        first_year=params.years[first],
        stated=volume.tier == DOCUMENT,
        quote=volume.quote,
        offered=band(told.offered[:, t], draws),
        taken=band(told.taken[:, t], draws),
        taken_first=band(told.taken[:, first], draws),
        cases=_cases(told.taken[:, t], draws, states),
        binds=_binding(told.wedge, draws),
        reasons=told.reasons,
        discount=band(told.placing.discount, draws),
        below_rivals=band(told.placing.below_rivals, draws),
        discount_shortfall=band(told.placing.shortfall, draws),
        **told.deal.rows(draws),
    )


def _binding(wedge: Array, draws: Index) -> float:
    rows = draws if len(draws) else np.array([0])
    return float((wedge[rows] > _BINDS).mean())


def _cases(taken: Array, draws: Index, states: Mapping[str, Mask]) -> tuple[Case, ...]:
    """The tonnes taken, apart for the two states of each switch that is drawn."""
    cases = []
    for name, on in states.items():
        for state in (True, False):
            rows = draws[on[draws] == state]
            if len(rows):
                low, middle, high = percentiles(taken, rows)
                told = Band(central=float(middle), p05=float(low), p50=float(middle), p95=float(high))
                cases.append(Case(switch=name, on=state, draws=len(rows), taken=told))
    return tuple(cases)


def year_told(offer: Offered, focus: int, params: Params) -> int:
    """Position of the year that an answer speaks of: the focus or, without an offer then, the last with one."""
    in_force = np.isfinite(params.bounds.high[0, :, offer.bound])
    t = params.years.index(focus) if focus in params.years else -1
    return t if t >= 0 and in_force[t] else int(np.flatnonzero(in_force)[-1])


def placing_of(offer: Offered, t: int, params: Params, draws: Index) -> Placing:
    """The offer as a guarantee: the run is solved once more with it to year ``t``, in the central run and some draws.

    Nobody can guarantee more than the offering region can make; the rest of a larger offer is a shortfall.
    """
    bounds = params.bounds
    low = bounds.low.copy()
    limit = bounds.high[:, :, offer.bound]
    whole = np.where(np.isfinite(limit), limit, 0.0)
    most = MOST_GUARANTEED * by_place(params, params.technology.capacity)[:, :, offer.good, offer.origin]
    low[:, :, offer.bound] = np.minimum(whole, most)
    rows = np.concatenate([[0], draws])
    guaranteed = replace(params, bounds=replace(bounds, low=low)).until(params.years[t]).take(rows)
    placed = simulate(guaranteed)
    discount, below, shortfall = (np.full(params.draws, np.nan) for _ in ("discount", "below", "shortfall"))
    solved = placed.status == SOLVED
    discount[rows[solved]] = -np.expm1(placed.rent_wedge[solved, t, offer.bound])
    below[rows[solved]] = below_rivals(offer, placed, t)[solved]
    shortfall[rows[solved]] = placed.shortfall[solved, t, offer.bound]
    shortfall += whole[:, t] - low[:, t, offer.bound]
    return Placing(discount=discount, below_rivals=below, shortfall=shortfall)


def _reasons(
    offer: Offered, params: Params, baseline: Trajectory, t: int, offered: float, taken: float
) -> tuple[tuple[str, float], ...]:
    """Split of what is not taken in the central run, in kt, adding up to it.

    Three obstacles are taken away one by one in every order, and each gets its mean effect on the tonnes
    taken (the Shapley value): contracts, duties, and the scarcity of the metal. What is not taken without any
    of them is left to price and taste. On a closed route no obstacle but the ban counts.
    """
    bans = params.policy.bans
    if open_part(bans.routes, bans.rate[:1, t])[0, offer.good, offer.origin, offer.destination] <= 0:
        return ((CLOSED, offered - taken),)
    cases = list(product((False, True), repeat=len(REASONS)))
    without = _without_obstacles(offer, params, baseline, np.array(cases))
    run = simulate(without.until(params.years[t]))
    take = {case: float(run.flow[i, t, offer.good, offer.origin, offer.destination]) for i, case in enumerate(cases)}
    if any(np.isnan(amount) for amount in take.values()):
        return ((REST, offered - taken),)
    effects = [shapley(take, k) for k in range(len(REASONS))]
    rest = offered - take[(True,) * len(REASONS)]
    return (*zip(REASONS, effects, strict=True), (REST, rest))


def shapley(values: dict[tuple[bool, ...], float], k: int) -> float:
    """Mean effect of the k-th of several causes over all orders in which they can come."""
    count = len(next(iter(values)))
    others = [i for i in range(count) if i != k]
    total = 0.0
    for size in range(count):
        weight = factorial(size) * factorial(count - size - 1) / factorial(count)
        for chosen in combinations(others, size):
            without = tuple(i in chosen for i in range(count))
            with_it = tuple(i in chosen or i == k for i in range(count))
            total += weight * (values[with_it] - values[without])
    return total


def _without_obstacles(offer: Offered, params: Params, baseline: Trajectory, cases: Array) -> Params:
    """The central run once per case (case, obstacle), each without the obstacles that are True."""
    many = params.take(np.zeros(len(cases), dtype=np.int64))
    free_contracts, no_duties, spare = (np.asarray(case, dtype=bool) for case in cases.T)
    sourcing, policy = many.sourcing, many.policy
    renewal = np.where(free_contracts[:, None], 1.0, sourcing.renewal)
    here: Mask = np.zeros(params.benchmark_flow.shape, dtype=bool)
    here[offer.good, :, offer.destination] = True
    return replace(
        many,
        sourcing=replace(sourcing, renewal=renewal),
        policy=replace(
            policy,
            tariffs_fob=_lifted(policy.tariffs_fob, here, no_duties, many.years, offer),
            tariffs_cif=_lifted(policy.tariffs_cif, here, no_duties, many.years, offer),
        ),
        technology=_with_spare(offer, many, baseline, spare),
    )


def _lifted(wedge: Wedge, here: Mask, lifted: Mask, years: tuple[int, ...], offer: Offered) -> Wedge:
    """Duties split into those on the routes ``here`` and elsewhere; the former fall away where ``lifted``.

    They fall away from the first year of the offer on, so that the benchmark stays what it is.
    """
    starts = offer.measure.starts
    from_year = years[1] if starts is None else starts.year
    later = np.array(years) >= from_year
    gone: Mask = lifted[:, None, None] & later[None, :, None]
    return Wedge(
        routes=np.concatenate([wedge.routes & here, wedge.routes & ~here]),
        rate=np.concatenate([np.where(gone, 0.0, wedge.rate), wedge.rate], axis=2),
    )


def _with_spare(offer: Offered, params: Params, baseline: Trajectory, spare: Mask) -> Technology:
    """The offered tonnes as spare capacity of the offering region at its price in the baseline."""
    technology = params.technology
    limit = params.bounds.high[:, :, offer.bound]
    price = baseline.producer_price[0, :, offer.good, offer.origin]
    price = np.where(np.isnan(price), params.benchmark_producer_price[0, offer.good, offer.origin], price)
    n, years = limit.shape
    capacity = np.where(np.isfinite(limit) & spare[:, None], limit, 0.0)
    # half of the capacity runs at the break-even margin: at twice the offer the whole of it is there
    return replace(
        technology,
        names=(*technology.names, "spare"),
        good=np.append(technology.good, offer.good),
        region=np.append(technology.region, offer.origin),
        input_good=np.append(technology.input_good, NO_INPUT),
        input_ratio=np.concatenate([technology.input_ratio, np.zeros((n, 1))], axis=1),
        capacity=np.concatenate([technology.capacity, 2.0 * capacity[:, :, None]], axis=2),
        break_even=np.concatenate([technology.break_even, np.broadcast_to(price, (n, years))[:, :, None]], axis=2),
        steepness=np.concatenate([technology.steepness, np.full((n, 1), SPARE_STEEPNESS)], axis=1),
        extractable=np.concatenate([technology.extractable, np.full((n, 1), np.inf)], axis=1),
    )
