"""Small worlds for tests, calibrated here in plain numpy, and ways to put measures on them.

Every builder returns ``Params`` that replicate their own benchmark; ``with_*`` return changed copies. Measures
start in the second year unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.quantity import declared_quantities
from sim.records.params import (
    NO_INPUT,
    RENT_TO_EXPORTER,
    Bounds,
    Contracts,
    Demand,
    Params,
    Policy,
    Sourcing,
    Stockpiles,
    Technology,
    Wedge,
)

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Route = tuple[int, int, int]


@dataclass(kw_only=True)
class Statistics:
    """A benchmark year, balanced, and the elasticities: what ``calibrated`` turns into parameters.

    ``flow`` (c, o, d); ``price`` (c, o); ``freight``, ``duty`` (c, o, d); ``utilisation``, ``supply_elasticity``
    (n, c, o); ``input_good`` names the good each good is made from. ``excluded`` holds the routes banned in every
    year with the share of the market their supplier would have. With ``split_assets`` each region has two assets of
    a good, the first (40 % of the output) fed with nothing, as a recycler is.
    """

    flow: Array
    price: Array
    freight: Array
    duty: Array
    utilisation: Array
    supply_elasticity: Array
    demand_elasticity: Array
    demand_elasticity_long: Array
    memory: Array
    sigma: Array
    sigma_short: Array
    renewal: Array
    input_good: Sequence[int] = (NO_INPUT,)
    input_ratio: float = 1.2
    years: int = 4
    excluded: dict[Route, float] = field(default_factory=dict)
    split_assets: bool = False


def calibrated(stats: Statistics) -> Params:
    """Parameters that return the statistics to rounding (sections 2, 4 and 7)."""
    draws, goods, regions = stats.utilisation.shape
    delivered = (stats.price[:, :, None] + stats.freight) * (1 + stats.duty)
    use = stats.flow.sum(axis=1)
    share = np.divide(stats.flow, use[:, None], out=np.zeros_like(stats.flow), where=use[:, None] > 0)
    market = (share * delivered).sum(axis=1)
    mean_price = stats.price.mean(axis=1)[:, None]
    market = np.where(use > 0, market, mean_price)

    output = stats.flow.sum(axis=2)
    good, region, parts, fed = [], [], [], []
    for c in range(goods):
        for r in range(regions):
            for part in (0.4, 0.6) if stats.split_assets else (1.0,):
                good.append(c)
                region.append(r)
                parts.append(part)
                fed.append(NO_INPUT if stats.split_assets and part < 0.5 else stats.input_good[c])
    good_of, region_of = np.array(good), np.array(region)
    input_good = np.array(fed)
    ratio = np.where(input_good == NO_INPUT, 0.0, stats.input_ratio)
    made = output[good_of, region_of] * np.array(parts)
    used = stats.utilisation[:, good_of, region_of]
    p0 = stats.price[good_of, region_of]
    v0 = p0 - ratio * market[input_good, region_of] * (input_good != NO_INPUT)
    assert (v0 > 0).all(), "an asset's input costs more than its product"
    steepness = stats.supply_elasticity[:, good_of, region_of] * (v0 / p0) / (1 - used)
    smooth = (v0 + np.sqrt(v0**2 + (1e-3 * p0) ** 2)) / 2
    break_even = smooth * ((1 - used) / used) ** (1 / steepness)
    derived = np.zeros((goods, regions))
    for a in range(len(good_of)):
        if input_good[a] != NO_INPUT:
            derived[input_good[a], region_of[a]] += ratio[a] * made[a]
    final = use - derived
    assert (final > -1e-9 * use.max()).all(), "processing needs more than is bought"
    final = np.where(final < 1e-9 * use.max(), 0.0, final)

    reserved = np.zeros((goods, regions))
    for (c, _, d), part in stats.excluded.items():
        reserved[c, d] += part
    taste = share * (1 - reserved)[:, None]
    closed = np.zeros(stats.flow.shape, dtype=bool)
    for route, part in stats.excluded.items():
        assert stats.flow[route] == 0
        taste[route] = part
        closed[route] = True
    years = stats.years
    no_wedge = Wedge(routes=np.zeros((0, *stats.flow.shape), dtype=bool), rate=np.zeros((draws, years, 0)))
    params = Params(
        years=tuple(range(2024, 2024 + years)),
        goods=tuple(f"good{c}" for c in range(goods)),
        regions=tuple("ABCDEFGHIJKL"[:regions]) if regions <= 12 else tuple(f"R{k}" for k in range(regions)),
        technology=Technology(
            names=tuple(f"fleet{a}" for a in range(len(good_of))),
            good=good_of,
            region=region_of,
            input_good=input_good,
            input_ratio=np.tile(ratio, (draws, 1)),
            capacity=np.repeat((made / used)[:, None], years, axis=1),
            break_even=np.repeat(break_even[:, None], years, axis=1),
            steepness=steepness,
            extractable=np.full(steepness.shape, np.inf),
        ),
        demand=Demand(
            reference=np.tile(final, (draws, years, 1, 1)),
            benchmark_price=np.tile(market, (draws, 1, 1)),
            elasticity=stats.demand_elasticity,
            elasticity_long=stats.demand_elasticity_long,
            memory=stats.memory,
        ),
        sourcing=Sourcing(
            taste=np.tile(taste, (draws, 1, 1, 1)),
            taste_growth=np.ones((draws, years, goods, regions)),
            follows_capacity=np.ones((draws, goods)),
            reference_price=np.tile(delivered, (draws, 1, 1, 1)),
            benchmark_share=share,
            elasticity=stats.sigma,
            elasticity_short=stats.sigma_short,
            renewal=stats.renewal,
        ),
        policy=Policy(
            bans=no_wedge,
            tariffs_fob=no_wedge,
            tariffs_cif=no_wedge,
            export_taxes=no_wedge,
            surcharges=no_wedge,
            freight=np.tile(stats.freight, (draws, 1, 1, 1)),
        ),
        bounds=Bounds(
            names=(),
            rent_to=np.zeros(0, dtype=np.int64),
            routes=np.zeros((0, *stats.flow.shape), dtype=bool),
            low=np.zeros((draws, years, 0)),
            high=np.zeros((draws, years, 0)),
            high_share=np.zeros((draws, years, 0)),
        ),
        contracts=Contracts(
            names=(),
            good=np.zeros(0, dtype=np.int64),
            origin=np.zeros(0, dtype=np.int64),
            destination=np.zeros(0, dtype=np.int64),
            volume=np.zeros((draws, years, 0)),
        ),
        stockpiles=Stockpiles.none(draws, years, regions),
        benchmark_flow=stats.flow,
        benchmark_producer_price=np.tile(stats.price, (draws, 1, 1)),
    )
    for route in zip(*np.nonzero(stats.duty), strict=True):
        params = with_wedge(params, "tariffs_cif", [route], stats.duty[route], first=0)
    if closed.any():
        params = with_wedge(params, "bans", list(stats.excluded), 1.0, first=0)
    return params


def plain_statistics(flow: Array, price: Array, draws: int = 1, **changes: Any) -> Statistics:
    """Statistics with one elasticity of each kind for all, no freight and no duty unless given."""
    goods, regions = price.shape
    scalars = {
        "utilisation": 0.8,
        "supply_elasticity": 0.5,
        "demand_elasticity": 0.2,
        "demand_elasticity_long": 0.6,
        "memory": 0.3,
        "sigma": 4.0,
        "sigma_short": 1.6,
        "renewal": 0.4,
    }
    given: dict[str, Any] = {"freight": np.zeros_like(flow), "duty": np.zeros_like(flow)}
    for name, value in scalars.items():
        shape = (draws, goods, regions) if name in ("utilisation", "supply_elasticity") else (draws, goods)
        given[name] = np.broadcast_to(changes.pop(name, value), shape).astype(float)
    return Statistics(flow=flow, price=price, **(given | changes))


def tiny_world(draws: int = 1, **changes: Any) -> Params:
    """Three regions, one good at 1,000 USD/t, two producers, round numbers: small enough for paper.

    A makes 100 kt (50 sold at home, 30 to B, 20 to C), B makes 60 kt (40 at home, 20 to C), C makes none.
    """
    flow = np.array([[[50.0, 30.0, 20.0], [0.0, 40.0, 20.0], [0.0, 0.0, 0.0]]])
    return calibrated(plain_statistics(flow, np.full((1, 3), 1000.0), draws, **changes))


def six_region_statistics(draws: int = 1, **changes: Any) -> Statistics:
    """One good, six regions with freight and duties; F has no home output, E is barred from A and would hold 15 %."""
    flow = np.array(
        [
            [
                [300.0, 20.0, 0.0, 10.0, 0.0, 15.0],
                [120.0, 150.0, 30.0, 0.0, 0.0, 40.0],
                [60.0, 80.0, 900.0, 70.0, 20.0, 30.0],
                [40.0, 0.0, 50.0, 200.0, 0.0, 25.0],
                [0.0, 90.0, 60.0, 30.0, 110.0, 35.0],
                [0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
            ]
        ]
    )
    price = np.array([[2400.0, 2450.0, 2300.0, 2350.0, 2200.0, 2400.0]])
    distance = np.abs(np.subtract.outer(np.arange(6), np.arange(6)))
    duty = np.zeros_like(flow)
    duty[0, 1:5, 0] = [0.1, 0.25, 0.1, 0.5]
    duty[0, 2, 1] = 0.06
    freight = 40.0 * distance[None].astype(float)
    given: dict[str, Any] = {"freight": freight, "duty": duty, "excluded": {(0, 4, 0): 0.15}}
    return plain_statistics(flow, price, draws, **(given | changes))


def six_region_world(draws: int = 1, **changes: Any) -> Params:
    """``six_region_statistics``, calibrated."""
    return calibrated(six_region_statistics(draws, **changes))


def two_stage_world(draws: int = 1, **changes: Any) -> Params:
    """Concentrate (good 0) and the oxide made from it (good 1), four regions; C separates most of it, D none."""
    oxide = np.array([[20.0, 0, 0, 0], [5.0, 15.0, 0, 5.0], [30.0, 20.0, 100.0, 25.0], [0, 0, 0, 0]])
    needed = 1.2 * oxide.sum(axis=1)
    final = np.array([3.0, 2.0, 5.0, 4.0])
    origin_shares = np.array([[0.7, 0.2, 0.15, 0.3], [0.0, 0.5, 0.1, 0.3], [0.0, 0.0, 0.65, 0.0], [0.3, 0.3, 0.1, 0.4]])
    flow = np.stack([origin_shares * (needed + final), oxide])
    price = np.array([[2000.0, 2100.0, 1800.0, 1900.0], [6500.0, 6300.0, 5200.0, 6000.0]])
    freight = np.stack([np.where(np.eye(4, dtype=bool), 0.0, 80.0), np.where(np.eye(4, dtype=bool), 0.0, 50.0)])
    given: dict[str, Any] = {"freight": freight, "input_good": (NO_INPUT, 0)}
    return calibrated(plain_statistics(flow, price, draws, **(given | changes)))


def metal_and_ore_beside_another(draws: int = 1, **changes: Any) -> Params:
    """Good 0 stands alone, good 2 is made from good 1; two regions."""
    flow, price = np.ones((3, 2, 2)) + np.eye(2), np.array([[1000.0, 1100.0], [1000.0, 900.0], [9000.0, 8000.0]])
    flow[1] *= 5.0
    given: dict[str, Any] = {"input_good": (NO_INPUT, NO_INPUT, 1)}
    return calibrated(plain_statistics(flow, price, draws, **(given | changes)))


def route_mask(params: Params, routes: Iterable[Route]) -> Flags:
    """(c, o, d), true on the given routes."""
    mask = np.zeros(params.benchmark_flow.shape, dtype=bool)
    for route in routes:
        mask[route] = True
    return mask


def _routes_of(mask: Flags) -> list[Route]:
    return [(int(c), int(o), int(d)) for c, o, d in np.argwhere(mask)]


def _by_year(params: Params, value: Any, first: int, before: float = 0.0) -> Array:
    """(n, t): ``value`` (scalar, or one per draw) from the year ``first`` on; all of it where it is (n, t)."""
    if np.ndim(value) == 2:
        return np.asarray(value, dtype=float)
    rates = np.full((params.draws, len(params.years)), before)
    rates[:, first:] = np.broadcast_to(np.asarray(value, dtype=float), (params.draws,))[:, None]
    return rates


def with_wedge(params: Params, kind: str, routes: Iterable[Route], rate: Any, first: int = 1) -> Params:
    """One more measure of ``kind`` (a field of Policy)."""
    old: Wedge = getattr(params.policy, kind)
    new = Wedge(
        routes=np.concatenate([old.routes, route_mask(params, routes)[None]]),
        rate=np.concatenate([old.rate, _by_year(params, rate, first)[:, :, None]], axis=2),
    )
    changes: dict[str, Any] = {kind: new}
    return replace(params, policy=replace(params.policy, **changes))


def with_ban(params: Params, routes: Iterable[Route], rate: Any = 1.0, first: int = 1) -> Params:
    """Routes closed for the part ``rate`` of each year."""
    return with_wedge(params, "bans", routes, rate, first)


def with_bound(
    params: Params,
    routes: Iterable[Route],
    *,
    low: Any = 0.0,
    high: Any = np.inf,
    high_share: Any = 0.0,
    first: int = 1,
    rent_to: int = RENT_TO_EXPORTER,
) -> Params:
    """One more cap, floor or both."""
    old = params.bounds

    def extended(name: str, value: Any, before: float) -> Array:
        return np.concatenate([getattr(old, name), _by_year(params, value, first, before)[:, :, None]], axis=2)

    bounds = Bounds(
        names=(*old.names, f"bound{len(old.names)}"),
        rent_to=np.append(old.rent_to, rent_to),
        routes=np.concatenate([old.routes, route_mask(params, routes)[None]]),
        low=extended("low", low, 0.0),
        high=extended("high", high, np.inf),
        high_share=extended("high_share", high_share, 0.0),
    )
    return replace(params, bounds=bounds)


def with_contract(params: Params, route: Route, volume: Any, first: int = 1) -> Params:
    """One more take-or-pay contract."""
    old = params.contracts
    contracts = Contracts(
        names=(*old.names, f"contract{len(old.names)}"),
        good=np.append(old.good, route[0]),
        origin=np.append(old.origin, route[1]),
        destination=np.append(old.destination, route[2]),
        volume=np.concatenate([old.volume, _by_year(params, volume, first)[:, :, None]], axis=2),
    )
    return replace(params, contracts=contracts)


def with_stockpile(
    params: Params,
    name: str,
    good: int,
    reach: Sequence[float],
    *,
    stock: Any,
    rate: Any,
    trigger: Any,
    holder: int = 0,
    first: int = 1,
) -> Params:
    """One more stockpile; ``reach`` (d) is how its releases are shared out over markets."""
    old = params.stockpiles

    def per_draw(value: Any) -> Array:
        return np.broadcast_to(np.asarray(value, dtype=float), (params.draws,))[:, None]

    new = Stockpiles(
        names=(*old.names, name),
        good=np.append(old.good, good),
        holder=np.append(old.holder, holder),
        release_rate=np.concatenate([old.release_rate, _by_year(params, rate, first)[:, :, None]], axis=2),
        stock=np.concatenate([old.stock, per_draw(stock)], axis=1),
        trigger=np.concatenate([old.trigger, per_draw(trigger)], axis=1),
        reach=np.concatenate([old.reach, np.array([reach], dtype=float)]),
    )
    return replace(params, stockpiles=new)


def with_reserves(params: Params, most: Array) -> Params:
    """Assets that may produce ``most`` (a) or (n, a) kt in all."""
    given = np.broadcast_to(most, params.technology.extractable.shape).copy()
    return replace(params, technology=replace(params.technology, extractable=given))


def with_stocks_and_reserves(params: Params, seed: int) -> Params:
    """Two stockpiles around the benchmark prices and mines that may run out, drawn from ``seed``."""
    rng = np.random.default_rng([seed, 2])
    draws, goods, regions = params.draws, len(params.goods), len(params.regions)
    use = params.benchmark_flow.sum(axis=1)
    for name in ("first", "second"):
        c, d = int(rng.integers(goods)), int(rng.integers(regions))
        other = int(rng.integers(regions))
        reach = np.zeros(regions)
        reach[d] += 0.7
        reach[other] += 0.3
        size = float(max(use[c, d], 1.0))
        params = with_stockpile(
            params,
            name,
            c,
            reach.tolist(),
            stock=rng.uniform(0.2, 2.0, size=draws) * size,
            rate=rng.uniform(0.1, 1.5, size=draws) * size,
            trigger=rng.uniform(0.8, 1.4, size=draws) * params.demand.benchmark_price[:, c, d],
            holder=d,
        )
    tech = params.technology
    most = tech.capacity[:, 0] * rng.uniform(2.3, 6.0, size=tech.extractable.shape)
    return with_reserves(params, np.where(rng.random(most.shape) < 0.25, most, np.inf))


def with_capacity(params: Params, factor: Array, taste_follows: float = 1.0) -> Params:
    """Capacities times ``factor`` (n, t, a); tastes follow the capacity of the origin (section 4)."""
    tech = params.technology
    capacity = tech.capacity * factor
    growth = np.ones(params.sourcing.taste_growth.shape)
    for c in range(len(params.goods)):
        for r in range(len(params.regions)):
            own = (tech.good == c) & (tech.region == r)
            base, now = tech.capacity[:, :1, own].sum(axis=2), capacity[:, :, own].sum(axis=2)
            ratio = np.divide(now, base, out=np.ones_like(now), where=base > 0)
            growth[:, :, c, r] = np.where(ratio > 0, np.maximum(ratio, 1e-300) ** taste_follows, 0.0)
    return replace(
        params,
        technology=replace(tech, capacity=capacity),
        sourcing=replace(params.sourcing, taste_growth=growth),
    )


def take_draws(params: Any, rows: Sequence[int]) -> Any:
    """The record with the given draws only, in the given order."""
    changes = {}
    declared = declared_quantities(params)
    for entry in fields(params):
        value = getattr(params, entry.name)
        if entry.name in declared:
            if declared[entry.name].axes.startswith("n"):
                changes[entry.name] = value[list(rows)]
        elif hasattr(value, "__dataclass_fields__"):
            changes[entry.name] = take_draws(value, rows)
    return replace(params, **changes)


def lifted(params: Params, measure: int, first: int) -> Params:
    """The ban at position ``measure`` ended from the year ``first`` on."""
    rate = params.policy.bans.rate.copy()
    rate[:, first:, measure] = 0.0
    return replace(params, policy=replace(params.policy, bans=replace(params.policy.bans, rate=rate)))


def in_other_money(params: Params, factor: float) -> Params:
    """Every figure in USD times ``factor``."""
    policy = params.policy
    surcharges = replace(policy.surcharges, rate=policy.surcharges.rate * factor)
    return replace(
        params,
        technology=replace(params.technology, break_even=params.technology.break_even * factor),
        demand=replace(params.demand, benchmark_price=params.demand.benchmark_price * factor),
        sourcing=replace(params.sourcing, reference_price=params.sourcing.reference_price * factor),
        policy=replace(policy, freight=policy.freight * factor, surcharges=surcharges),
        stockpiles=replace(params.stockpiles, trigger=params.stockpiles.trigger * factor),
        benchmark_producer_price=params.benchmark_producer_price * factor,
    )


def reordered(record: Any, order: Sequence[int]) -> Any:
    """The record (of parameters or results) with its regions in another order."""
    changes: dict[str, Any] = {}
    declared = declared_quantities(record)
    new_place = np.argsort(order)
    for entry in fields(record):
        value = getattr(record, entry.name)
        if entry.name in declared:
            for letter in "od":
                if letter in declared[entry.name].axes:
                    value = np.take(value, order, axis=declared[entry.name].axes.index(letter))
            if entry.name in ("region", "origin", "destination", "holder"):
                value = new_place[value]
            changes[entry.name] = value
        elif hasattr(value, "__dataclass_fields__"):
            changes[entry.name] = reordered(value, order)
    return replace(record, **changes)


def split_region(stats: Statistics, region: int) -> Statistics:
    """The same world with one region as two identical halves, which sell at home and not to each other.

    The second half comes last; routes of ``excluded`` must not touch the region.
    """
    twice = [*range(stats.flow.shape[1]), region]
    half = np.ones(len(twice))
    half[[region, -1]] = 0.5
    flow = stats.flow[:, twice][:, :, twice] * half[:, None] * half
    ends = [region, -1]
    for c in range(len(flow)):
        home = stats.flow[c, region, region] / 2
        flow[c][np.ix_(ends, ends)] = [[home, 0.0], [0.0, home]]
    return replace(
        stats,
        flow=flow,
        price=stats.price[:, twice],
        freight=stats.freight[:, twice][:, :, twice],
        duty=stats.duty[:, twice][:, :, twice],
        utilisation=stats.utilisation[:, :, twice],
        supply_elasticity=stats.supply_elasticity[:, :, twice],
    )


def random_world(  # noqa: C901 - a list of things that may be drawn
    seed: int, *, stages: int = 1, draws: int = 4, years: int = 4, hard: bool = True
) -> Params:
    """Random benchmark and, from the second year on, random measures, both reproducible from ``seed``.

    Hard ones have elasticities over their whole ranges (sourcing 1.2-30, demand 0-1, supply 0.01-1, renewal 0-1),
    capacities at 30-150 %, duties to 200 %, bans, caps, floors and contracts.
    """
    rng = np.random.default_rng([seed, stages])
    regions = int(rng.integers(4, 7))
    stats = random_statistics(rng, regions, stages, draws, years, hard)
    params = calibrated(stats)
    goods = range(stages)
    tech = params.technology
    spread = (0.3, 1.5) if hard else (0.85, 1.15)
    factor = np.ones(tech.capacity.shape)
    factor[:, 1:] = rng.uniform(*spread, size=factor[:, 1:].shape)
    if hard:
        factor[:, 1:][rng.random(factor[:, 1:].shape) < 0.02] = 0.0
    params = with_capacity(params, factor, float(rng.choice([0.0, 0.5, 1.0])))
    shift = np.ones(params.demand.reference.shape)
    shift[:, 1:] = rng.uniform(0.8, 1.2, size=shift[:, 1:].shape)
    params = replace(params, demand=replace(params.demand, reference=params.demand.reference * shift))

    def some(probability: float) -> list[Route]:
        foreign = [(c, o, d) for c in goods for o in range(regions) for d in range(regions) if o != d]
        return [route for route in foreign if rng.random() < probability]

    def per_draw(low: float, high: float) -> Array:
        return rng.uniform(low, high, size=draws)

    worst = 2.0 if hard else 0.3
    params = with_wedge(params, "tariffs_cif", some(0.3), per_draw(0, worst))
    params = with_wedge(params, "tariffs_fob", some(0.15), per_draw(0, worst / 2))
    params = with_wedge(params, "export_taxes", some(0.15), per_draw(0, worst / 4))
    params = with_wedge(params, "surcharges", some(0.2), per_draw(0, 200), first=2)
    for _ in range(int(rng.integers(0, 3))):
        params = with_ban(params, some(0.2 if hard else 0.08), first=int(rng.integers(1, years)))
    params = with_ban(params, some(0.1), per_draw(0, 0.9))
    trade = params.benchmark_flow
    used = _routes_of(trade > 0)
    for _ in range(int(rng.integers(0, 4))):
        c, o, d = used[int(rng.integers(len(used)))]
        if rng.random() < 0.5:
            routes = [(c, o, d)]
        else:
            routes = [(c, o, e) for e in range(regions) if e != o and trade[c, o, e] > 0] or [(c, o, d)]
        total = sum(trade[route] for route in routes)
        kind = rng.random()
        first = int(rng.integers(1, years))
        if kind < 0.4:
            params = with_bound(params, routes, high=total * per_draw(0.3, 1.2), first=first)
        elif kind < 0.6:
            params = with_bound(params, routes, high=0.0, high_share=per_draw(0.2, 1.0), first=first, rent_to=d)
        elif kind < 0.9:
            low = total * per_draw(0.2, 0.5)
            params = with_bound(params, routes, low=low, first=first)
        else:
            low = total * per_draw(0.1, 0.3)
            params = with_bound(params, routes, low=low, high=4 * low, first=first)
    for _ in range(int(rng.integers(0, 3))):
        route = used[int(rng.integers(len(used)))]
        if params.bounds.routes[:, route[0], route[1], route[2]].any():
            continue  # a contract above a cap has no solution
        params = with_contract(params, route, trade[route] * per_draw(0.2, 1.5), first=int(rng.integers(1, years)))
    return params


def random_statistics(
    rng: np.random.Generator, regions: int, stages: int, draws: int, years: int, hard: bool
) -> Statistics:
    flows: list[Array] = []
    ratio = 1.2
    for stage in reversed(range(stages)):
        produces = rng.random(regions) < 0.8
        produces[: 1 + stages] = True
        pattern = rng.lognormal(0.0, 1.2, (regions, regions)) * (rng.random((regions, regions)) < 0.7)
        pattern[np.diag_indices(regions)] += rng.uniform(1.0, 5.0, regions)
        pattern[:2] += 0.05
        pattern *= produces[:, None]
        if stage == stages - 1:
            use = rng.lognormal(4.0, 1.0, regions)
        else:
            use = ratio * flows[-1].sum(axis=1) + rng.lognormal(1.0, 1.0, regions)
        flows.append(pattern / pattern.sum(axis=0) * use)
    flow = np.stack(flows[::-1])
    base = np.array([2000.0, 6000.0])[-stages:] if stages > 1 else np.array([2400.0])
    price = base[:, None] * rng.uniform(0.9, 1.2, (stages, regions))
    off_diagonal = ~np.eye(regions, dtype=bool)
    freight = rng.uniform(10, 150, flow.shape) * off_diagonal
    duty = rng.uniform(0, 0.25, flow.shape) * off_diagonal * (rng.random(flow.shape) < 0.3)
    excluded: dict[Route, float] = {}
    for route in _routes_of((flow == 0) & (flow.sum(axis=2) > 0)[:, :, None])[:2]:
        excluded[route] = float(rng.uniform(0.02, 0.2))

    def draw(low: float, high: float, *shape: int) -> Array:
        return rng.uniform(low, high, size=(draws, stages, *shape))

    def draw_log(low: float, high: float, *shape: int) -> Array:
        return np.exp(rng.uniform(np.log(low), np.log(high), size=(draws, stages, *shape)))

    short = draw(0.0, 1.0) if hard else draw(0.1, 0.4)
    sigma = draw_log(1.2, 30.0) if hard else draw(3.0, 6.0)
    return Statistics(
        flow=flow,
        price=price,
        freight=freight,
        duty=duty,
        utilisation=draw(0.5, 0.98, regions) if hard else draw(0.6, 0.9, regions),
        supply_elasticity=draw_log(0.01, 1.0, regions) if hard else draw(0.2, 0.8, regions),
        demand_elasticity=short,
        demand_elasticity_long=short + (1 - short) * draw(0.0, 1.0),
        memory=draw(0.0, 1.0),
        sigma=sigma,
        sigma_short=1 + (sigma - 1) / 5,
        renewal=draw(0.0, 1.0) if hard else draw(0.3, 1.0),
        input_good=(NO_INPUT, 0)[:stages],
        input_ratio=ratio,
        years=years,
        excluded=excluded,
        split_assets=bool(rng.random() < 0.3),
    )
