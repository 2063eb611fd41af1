"""What one would have said without this model: the shock at its face value, and a run of the GSIM kind.

GSIM: Francois and Hall (2003), Global Simulation Analysis of Industry-Level Trade Policy.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from sim.axes import DESTINATION
from sim.core.policy import open_part, summed_rates
from sim.core.sourcing import price_line
from sim.core.supply import net_price, utilisation
from sim.indicators import by_place
from sim.quantity import Array, Mask
from sim.records.params import NO_INPUT, Contracts, Params, Stockpiles
from sim.records.trajectory import Trajectory
from sim.study.told import Told, mean_price, told_by


def face_value(params: Params, baseline: Params, replaced: Collection[str]) -> Told:
    """The central shock taken at its face value, on the flows and producer prices of the benchmark year.

    A ban closes its routes, and the market's other foreign suppliers make up for it in proportion, so that imports
    hold. A cap cuts all its routes in proportion, and nobody makes up for it. An outage cuts all sales of a region in
    proportion, a shift of demand all purchases of a market. A duty, an export tax or freight is passed on in full and
    moves no tonne. Guarantees, contracts and new projects are left out, and so are trends.

    ``replaced`` are the bounds whose loss others make up for, as under a ban: those of bans that leak.
    """
    n, years = 1, len(params.years)
    flow = np.broadcast_to(params.benchmark_flow, (n, years, *params.benchmark_flow.shape)).copy()
    made = np.minimum(
        _over(by_place(params, params.technology.capacity), by_place(baseline, baseline.technology.capacity)), 1.0
    )
    wanted = _over(params.demand.reference, baseline.demand.reference)
    flow *= made[:1, :, :, :, None] * wanted[:1, :, :, None, :]
    delivered = np.empty_like(flow)
    policy, bounds = params.policy, params.bounds
    for t in range(years):
        closed = open_part(policy.bans.routes, policy.bans.rate[:1, t])
        flow[:, t] = _made_up(flow[:, t], closed)
        for b, name in enumerate(bounds.names):
            before = (params.benchmark_flow * bounds.routes[b]).sum()
            limit = bounds.high[0, t, b] + bounds.high_share[0, t, b] * before
            total = (flow[:, t] * bounds.routes[b]).sum()
            if total > limit:
                part = np.where(bounds.routes[b], limit / total, 1.0)[None]
                flow[:, t] = _made_up(flow[:, t], part) if name in replaced else flow[:, t] * part
        fob, cif, tax, extra = (
            summed_rates(wedge.routes, wedge.rate[:1, t])
            for wedge in (policy.tariffs_fob, policy.tariffs_cif, policy.export_taxes, policy.surcharges)
        )
        slope, intercept = price_line(fob, cif, tax, policy.freight[:1] + extra)
        delivered[:, t] = slope * params.benchmark_producer_price[:1, :, :, None] + intercept
    price = params.benchmark_producer_price[:1, None]
    return Told(
        years=params.years,
        goods=params.goods,
        regions=params.regions,
        flow=flow,
        output=flow.sum(axis=DESTINATION),
        producer_price=np.broadcast_to(price, (n, years, *price.shape[2:])),
        market_price=mean_price(flow, delivered),
        delivered_price=delivered,
    )


def _made_up(flow: Array, left: Array) -> Array:
    """What is left of the flows (n, c, o, d), with the loss of each market on its untouched foreign origins."""
    kept = flow * left
    lost = (flow - kept).sum(axis=2)
    others = np.where((left == 1.0) & ~_at_home(flow.shape[2]), kept, 0.0)
    total = others.sum(axis=2)
    growth = np.divide(lost, total, out=np.zeros_like(lost), where=total > 0)
    return np.asarray(kept + others * growth[:, :, None, :])


def _at_home(regions: int) -> Mask:
    return np.eye(regions, dtype=bool)


def gsim_params(params: Params, baseline: Params) -> Params:
    """The same shock in a static constant-elasticity model, each year in one step from the benchmark year.

    Sourcing is CES in values with the same elasticity and no contracts, supply iso-elastic with each asset's elasticity
    at the benchmark, demand as elastic as in the short run. Goods stand alone: what feeds a later stage is final
    demand. Nothing grows; outages and shifts of demand act as they do against the baseline, projects do not exist.
    """
    draws, years, regions = params.draws, len(params.years), len(params.regions)
    technology = params.technology
    price = params.benchmark_producer_price[:, technology.good, technology.region]
    made, elasticity = _at_benchmark(params, price)
    standing = np.ones_like(technology.capacity)
    for a, before in _pairs(technology.names, baseline.technology.names):
        ratio = _over(technology.capacity[:, :, a], baseline.technology.capacity[:, :, before])
        standing[:, :, a] = np.minimum(ratio, 1.0)
    use = params.benchmark_flow.sum(axis=1)
    shift = _over(params.demand.reference, baseline.demand.reference)
    sourcing = params.sourcing
    return replace(
        params,
        technology=replace(
            technology,
            unbounded=technology.names,
            input_good=np.full_like(technology.input_good, NO_INPUT),
            input_ratio=np.zeros_like(technology.input_ratio),
            capacity=made[:, None] * standing,
            break_even=np.broadcast_to(net_price(price, np.zeros_like(price))[0][:, None], standing.shape),
            steepness=elasticity,
            extractable=np.full_like(technology.extractable, np.inf),
        ),
        demand=replace(
            params.demand,
            reference=use * shift,
            elasticity_long=params.demand.elasticity,
            memory=np.zeros_like(params.demand.memory),
        ),
        sourcing=replace(
            sourcing,
            in_value=tuple(range(len(params.goods))),
            taste=np.broadcast_to(sourcing.benchmark_share, sourcing.taste.shape),
            taste_growth=np.ones_like(sourcing.taste_growth),
        ),
        contracts=Contracts(
            names=(),
            good=np.zeros(0, dtype=np.int64),
            origin=np.zeros(0, dtype=np.int64),
            destination=np.zeros(0, dtype=np.int64),
            volume=np.zeros((draws, years, 0)),
        ),
        stockpiles=Stockpiles.none(draws, years, regions),
    )


def told_by_gsim(params: Params, found: Trajectory) -> Told:
    """What a run of ``gsim_params`` says; a market's price is that of its tonnes, not that of the CES composite.

    The composite grows dearer for every origin that is lost, whatever a tonne costs.
    """
    return replace(told_by(params, found), market_price=mean_price(found.flow, found.delivered_price))


def _at_benchmark(params: Params, price: Array) -> tuple[Array, Array]:
    """Output [kt/yr] and elasticity of supply [1] of each asset in the benchmark year, (n, a)."""
    technology = params.technology
    fed = technology.input_good >= 0
    bought = params.demand.benchmark_price[:, np.maximum(technology.input_good, 0), technology.region]
    net, slope, _ = net_price(price, np.where(fed, technology.input_ratio * bought, 0.0))
    used = utilisation(net, technology.break_even[:, 0], technology.steepness)
    return technology.capacity[:, 0] * used, technology.steepness * (1.0 - used) * price * slope / net


def _pairs(names: Collection[str], others: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Positions of the names that are in both."""
    for place, name in enumerate(names):
        if name in others:
            yield place, others.index(name)


def _over(values: Array, baseline: Array) -> Array:
    """Values over those of the baseline, 1 where it has none."""
    return np.divide(values, baseline, out=np.ones_like(values), where=baseline > 0)
