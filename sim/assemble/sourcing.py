"""Taste, reference prices and freight of every route (section 4)."""

from __future__ import annotations

import numpy as np

from sim.assemble.frame import Frame
from sim.assemble.projects import Projects
from sim.core.policy import summed_rates
from sim.core.sourcing import price_line
from sim.errors import ScenarioError
from sim.quantity import Array, Mask
from sim.records.params import Policy, Sourcing

ENTRY = "entry_share."  # of a project, followed by the market that it enters
SHORT_RUN_DIVISOR = 5.0  # our assumption: last year's suppliers are told apart by price a fifth as sharply


def freight_of(frame: Frame) -> Array:
    """Freight of each route, nothing at home, (n, c, o, d). [USD/t]"""
    world = frame.world
    freight = np.zeros((frame.draws.rows, *frame.shape))
    for c, good in enumerate(world.good_names):
        usual = frame.optional("freight", good, "default")
        if usual is not None:
            freight[:, c] = frame.draws.values(usual)[:, None, None]
        for o, origin in enumerate(world.region_names):
            for destination, number in frame.below("freight", good, origin).items():
                freight[:, c, o, world.region_index(destination)] = frame.draws.values(number)
    freight[:, :, np.eye(frame.shape[1], dtype=bool)] = 0.0
    return freight


def entries_of(frame: Frame, home_share: Array, projects: Projects) -> tuple[Array, list[tuple[Mask, Array]]]:
    """Market shares of suppliers without a benchmark flow that may enter, and when their routes are not open yet.

    ``home_share`` (c, d) turns a share of imports into one of the market. The first result is (n, c, o, d); the
    second pairs routes (c, o, d) with the share of each year (n, t) in which they are shut: all in the benchmark
    year, in which nothing flowed, and those of projects until one of them produces.
    """
    world = frame.world
    share = np.zeros((frame.draws.rows, *frame.shape))
    for c, good in enumerate(world.good_names):
        for d, destination in enumerate(world.region_names):
            for origin, number in frame.below("reference_share", good, destination).items():
                share[:, c, world.region_index(origin), d] = frame.draws.values(number) * (1.0 - home_share[c, d])
            for origin, number in frame.below("entry_share", good, destination).items():
                share[:, c, world.region_index(origin), d] = frame.draws.values(number)
    by_project: dict[tuple[int, int, int], list[tuple[Array, Array]]] = {}
    for a, measure in enumerate(projects.measures):
        for name, number in measure.numbers.items():
            if name.startswith(ENTRY):
                c, o = world.good_index(measure.good), world.region_index(measure.region or "")
                d = world.region_index(name.removeprefix(ENTRY))
                part = frame.draws.values(number) * projects.comes[:, a]  # one that never stands has no customers
                by_project.setdefault((c, o, d), []).append((part, projects.capacity[:, :, a]))
    shut: list[tuple[Mask, Array]] = []
    for place, parts in by_project.items():
        share[:, *place] = sum(part for part, _ in parts)
        route = np.zeros(frame.shape, dtype=bool)
        route[place] = world.flows[place] == 0  # a supplier that is there already grows with its capacity
        producing = np.logical_or.reduce([capacity > 0 for _, capacity in parts])
        shut.append((route, np.where(producing, 0.0, 1.0)))
    share = np.where(world.flows > 0, 0.0, share)
    full = share.sum(axis=2) >= 1.0
    if full.any():
        _, c, d = (int(i) for i in np.argwhere(full)[0])
        raise ScenarioError(
            f"{frame.scenario.name}: those who enter {world.region_names[d]} with {world.good_names[c]} "
            f"would hold {share[:, c, :, d].sum(axis=1).max():.0%} of it; under 100 % is wanted"
        )
    only_then = np.zeros((frame.draws.rows, len(frame.years)))
    only_then[:, 0] = 1.0
    entering: Mask = np.any(share > 0, axis=0)
    return share, [(entering, only_then), *shut]


def possible_routes(frame: Frame) -> Mask:
    """Routes that may carry metal in some year of some draw, (c, o, d): all others have neither taste nor contract."""
    world = frame.world
    routes: Mask = world.flows > 0
    for c, good in enumerate(world.good_names):
        for d, destination in enumerate(world.region_names):
            for name in ("reference_share", "entry_share"):
                for origin in frame.below(name, good, destination):
                    routes[c, world.region_index(origin), d] = True
    for measure in frame.measures("project"):
        for name in measure.numbers:
            if name.startswith(ENTRY):
                c, o = world.good_index(measure.good), world.region_index(measure.region or "")
                routes[c, o, world.region_index(name.removeprefix(ENTRY))] = True
    for measure in frame.measures("contract"):
        routes |= frame.routes(measure)
    return routes


def reference_prices(policy: Policy, entering: Array, shares: Array, price: Array) -> Array:
    """Delivered prices of the benchmark year on every route, (n, c, o, d). [USD/t]

    Parameters
    ----------
    entering : (n, c, o, d)
        Market shares of suppliers without a benchmark flow. [1]
    shares : (c, o, d)
        Benchmark shares of each market. [1]
    price : (n, c, o)
        Benchmark producer prices. [USD/t]

    Notes
    -----
    Whoever enters, a newcomer or a supplier under sanctions, holds its stated share at the market's average
    price: that share was seen, or is meant, at the going price. Its own producer price plus the mean duty of the
    others would be another price where a preference has gone into the producer prices of the others: Canadian
    metal, exempt from the duty of 2024, sold in the United States at the price of metal that had paid it.
    """
    fob, cif = (summed_rates(w.routes, w.rate[:, 0]) for w in (policy.tariffs_fob, policy.tariffs_cif))
    tax = summed_rates(policy.export_taxes.routes, policy.export_taxes.rate[:, 0])
    freight = policy.freight + summed_rates(policy.surcharges.routes, policy.surcharges.rate[:, 0])
    slope, intercept = price_line(fob, cif, tax, freight)
    delivered = slope * price[:, :, :, None] + intercept
    average = market_prices(shares, delivered, price)
    return np.where(entering > 0, average[:, :, None, :], delivered)


def market_prices(shares: Array, delivered: Array, price: Array) -> Array:
    """Benchmark price of each market (n, c, d); where nobody buys, what its producers ask. [USD/t]"""
    bought = shares.sum(axis=1) > 0
    return np.where(bought, (shares * delivered).sum(axis=2), price)


def sourcing_of(frame: Frame, entering: Array, shares: Array, reference: Array, growth: Array) -> Sourcing:
    """Base taste with room made for those who may enter, its growth, and the elasticities."""
    room = 1.0 - entering.sum(axis=2, keepdims=True)
    taste = shares * room + entering
    sigma = frame.by_good("sourcing_elasticity")
    short = 1.0 + (sigma - 1.0) / SHORT_RUN_DIVISOR
    for c, good in enumerate(frame.world.good_names):
        stated = frame.optional("sourcing_elasticity_short", good)
        if stated is not None:
            short[:, c] = frame.draws.values(stated)
    return Sourcing(
        taste=taste,
        taste_growth=growth,
        follows_capacity=frame.by_good("taste_follows_capacity"),
        reference_price=reference,
        benchmark_share=shares,
        elasticity=sigma,
        elasticity_short=short,
        renewal=frame.by_good("contract_renewal"),
    )


def taste_growth(capacity: Array, whole: Array, follows: Array) -> Array:
    """Growth of taste with an origin's capacity, (n, t, c, o). [1]

    Parameters
    ----------
    capacity : (n, t, c, o)
        Capacity over the years. [kt/yr]
    whole : (n, c, o)
        Capacity of the projects of an origin when complete, the measure for one that starts from nothing. [kt/yr]
    follows : (n, c)
        The exponent chi of section 4. [1]
    """
    start = capacity[:, :1]
    measure = np.where(start > 0, start, whole[:, None])
    ratio = np.divide(capacity, measure, out=np.ones_like(capacity), where=measure > 0)
    growth: Array = ratio ** follows[:, None, :, None]
    return growth
