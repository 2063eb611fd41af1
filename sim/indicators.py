"""Indicators of a trajectory: shares, prices, tonnes and money as labelled series (section 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.axes import DESTINATION, ORIGIN
from sim.core.bounds import bound_flows
from sim.core.welfare import assets_surplus, buyers_surplus_change
from sim.dependence import Dependence, stages
from sim.quantity import Array, Index, Mask
from sim.records.by_draw import ByDraw
from sim.records.params import Params
from sim.records.trajectory import Trajectory

WORLD = "World"


@dataclass(frozen=True, eq=False, kw_only=True)
class Series(ByDraw):
    """One indicator for several places: ``numbers`` (n, t, k) with a good, region and partner for each k."""

    indicator: str
    unit: str
    goods: tuple[str, ...]
    regions: tuple[str, ...]
    partners: tuple[str, ...]
    numbers: Array


def indicators_of(params: Params, found: Trajectory, shown: Mask, unserved: bool = False) -> Iterator[Series]:
    """All indicators of a trajectory, one after the other.

    ``shown`` (c, o, d) are the routes that carry metal in any of the runs that are to be compared;
    ``unserved`` asks for the tonnes that do not come even where they are nought throughout.
    """
    use = found.final_use + found.derived_use
    abroad: Mask = shown & ~np.eye(shown.shape[1], dtype=bool)
    importing: Mask = np.any(abroad, axis=1)
    got = found.flow.sum(axis=ORIGIN)
    yield _shares(params, "supply_share", found.flow, got + found.released, shown)
    foreign = np.where(np.eye(shown.shape[1], dtype=bool), 0.0, found.flow)
    bought_abroad = foreign.sum(axis=ORIGIN)
    yield _shares(params, "import_share", foreign, bought_abroad, abroad)
    bought: Mask = np.any(shown, axis=1)
    yield of_places(params, "consumption", "kt/yr", use, bought)
    yield of_places(params, "imports", "kt/yr", bought_abroad, importing)
    yield of_places(params, "delivered_price", "USD/t", found.market_price, bought)
    yield of_places(params, "concentration", "1", _concentration(found.flow, got), bought)
    if params.stockpiles.names:
        yield of_places(params, "stock_release", "kt/yr", found.released, bought)
        yield _stock_left(params, found)
    against_benchmark = found.market_price / params.demand.benchmark_price[:, None]
    yield of_places(params, "price_against_benchmark", "1", against_benchmark, bought)
    yield of_places(params, "duties", "M USD/yr", found.duties, importing)
    yield of_places(params, "freight_cost", "M USD/yr", found.freight_cost, importing)
    exporting: Mask = np.any(abroad, axis=2)
    yield of_places(params, "exports", "kt/yr", foreign.sum(axis=DESTINATION), exporting)
    yield of_places(params, "export_taxes", "M USD/yr", found.export_taxes, exporting)
    made: Mask = np.any(shown, axis=2)
    output, capacity = by_place(params, found.output), by_place(params, found.capacity)
    yield of_places(params, "production", "kt/yr", output, made)
    yield of_places(params, "capacity", "kt/yr", capacity, made)
    yield of_places(params, "producer_price", "USD/t", found.producer_price, made)
    yield of_places(params, "producers_surplus", "M USD/yr", by_place(params, assets_surplus_of(params, found)), made)
    yield from _touched(params, found, shown)
    if unserved or (found.unserved > 0).any():
        yield of_places(params, "unserved", "kt/yr", found.unserved, bought)
    mean_price = world_price(found.producer_price, output)
    yield of_world(params, "world_price", "USD/t", mean_price)
    yield of_world(params, "price_against_benchmark", "1", mean_price / mean_price[:, :1])
    yield of_world(params, "production", "kt/yr", output.sum(axis=3))
    yield of_world(params, "consumption", "kt/yr", use.sum(axis=3))
    if params.bounds.names:
        yield flow_under_bounds(params, found)
        yield _of_bounds(params, "rent", "M USD/yr", found.rent)
        yield _of_bounds(params, "shortfall", "kt/yr", found.shortfall)


def buyers_gain(
    params: Params,
    found: Trajectory,
    baseline_params: Params,
    baseline: Trajectory,
    shown: Mask,
    used: Mask | None = None,
) -> Series:
    """What the buyers for final use gain against the baseline: a change, there is no level.

    Blank where final demand itself moves or goes unserved in either run, and where a good is sourced in value. ``used``
    (c, d) are the markets with a final demand, where more than these draws are to be looked at.
    """
    told = demand_stays(params, found, baseline_params, baseline)

    def where_told(values: Array) -> Array:
        return np.where(told, values, 1.0)

    gain = buyers_surplus_change(
        where_told(found.final_use),
        where_told(found.market_price),
        where_told(baseline.final_use),
        where_told(baseline.market_price),
        params.demand.elasticity[:, None, :, None],
    )
    served = finally_used(params, shown, used)
    return of_places(params, "buyers_surplus", "M USD/yr", np.where(told, gain, np.nan), served)


def demand_stays(params: Params, found: Trajectory, baseline_params: Params, baseline: Trajectory) -> Mask:
    """Where final demand is the same in both runs and served, so that its surplus can be told, (n, t, c, d)."""
    told: Mask = (params.demand.reference == baseline_params.demand.reference) & (found.unserved == 0)
    told &= (baseline.unserved == 0) & (found.final_use > 0) & (baseline.final_use > 0)
    told[:, :, list(params.sourcing.in_value)] = False
    return told


def finally_used(params: Params, shown: Mask, used: Mask | None = None) -> Mask:
    """Goods and markets with a final demand, by default that of any draw, that any of the runs serves, (c, d)."""
    wanted = np.any(params.demand.reference > 0, axis=(0, 1)) if used is None else used
    served: Mask = wanted & np.any(shown, axis=1)
    return served


def assets_surplus_of(params: Params, found: Trajectory) -> Array:
    """Surplus of each asset, (n, t, a): 0 where it stands still, blank where supply has no capacity. [M USD/yr]"""
    return _surplus_of(params, found, np.arange(len(params.technology.names)))


def asset_surplus(params: Params, found: Trajectory, asset: int) -> Array:
    """The same of one asset, (n, t). [M USD/yr]"""
    return _surplus_of(params, found, np.array([asset]))[:, :, 0]


def _surplus_of(params: Params, found: Trajectory, assets: Index) -> Array:
    tech = params.technology
    good, region, fed_by = tech.good[assets], tech.region[assets], tech.input_good[assets]
    fed = fed_by >= 0
    paid = found.market_price[:, :, np.maximum(fed_by, 0), region]
    made = found.output[:, :, assets]
    runs = made > 0

    def where_run(values: Array) -> Array:
        return np.where(runs, values, 1.0)

    surplus = assets_surplus(
        found.capacity[:, :, assets],
        where_run(found.producer_price[:, :, good, region]),
        np.where(fed & runs, tech.input_ratio[:, None, assets] * paid, 0.0),
        where_run(tech.break_even[:, :, assets]),
        where_run(np.broadcast_to(tech.steepness[:, None, assets], runs.shape)),
    )
    blank = np.isin(np.array(tech.names)[assets], tech.unbounded) | np.isnan(made)
    return np.where(blank, np.nan, np.where(runs, surplus, 0.0))


def _touched(params: Params, found: Trajectory, shown: Mask) -> Iterator[Series]:
    """Per good that is made from another: what each country had a part in at any stage, of supply and of imports.

    The countries are those that make the good, or anything it is made from, in any of the runs.
    """
    processed = sorted(stages(params))
    places = [(c, d) for c in processed for d in np.flatnonzero(shown[c].any(axis=0)).tolist()]
    if not places:
        return
    chain = sorted({*processed, *stages(params).values()})
    goods = tuple(params.goods[c] for c, _ in places)
    regions = tuple(params.regions[d] for _, d in places)
    dependence = Dependence(params, found)
    for country in np.flatnonzero(shown[chain].any(axis=(0, 2))).tolist():
        partners = (params.regions[country],) * len(places)
        for indicator, share_of in (("touched_supply", dependence.supply), ("touched_imports", dependence.imports)):
            of_good = {c: share_of(country, c) for c in processed}
            yield Series(
                indicator=indicator,
                unit="1",
                goods=goods,
                regions=regions,
                partners=partners,
                numbers=np.stack([of_good[c][:, :, d] for c, d in places], axis=2),
            )


def by_place(params: Params, of_assets: Array) -> Array:
    """Values of assets (n, t, a) added up to good and region (n, t, c, o)."""
    total = np.zeros((*of_assets.shape[:2], len(params.goods), len(params.regions)))
    for a, (good, region) in enumerate(zip(params.technology.good, params.technology.region, strict=True)):
        total[:, :, good, region] += of_assets[:, :, a]
    return total


def world_price(producer_price: Array, output: Array) -> Array:
    """Producer prices weighted with output, (n, t, c). [USD/t]"""
    weight = output.sum(axis=3)
    value = np.where(output == 0, 0.0, producer_price * output).sum(axis=3)
    return np.where(weight > 0, value / np.where(weight > 0, weight, 1.0), np.nan)


def _stock_left(params: Params, found: Trajectory) -> Series:
    """What each stockpile holds at the end of the year; the partner is the name of the measure."""
    stocks = params.stockpiles
    return Series(
        indicator="stock_left",
        unit="kt",
        goods=tuple(params.goods[c] for c in stocks.good),
        regions=tuple(params.regions[r] for r in stocks.holder),
        partners=stocks.names,
        numbers=found.stock_left,
    )


def _shares(params: Params, indicator: str, flow: Array, total: Array, shown: Mask) -> Series:
    """Of the ``total`` (n, t, c, d) of each market, what the routes have that are ``shown`` (c, o, d); 0 of nothing."""
    c, o, d = np.argwhere(shown).T
    numbers = flow[:, :, c, o, d]
    numbers /= np.where(total > 0, total, 1.0)[:, :, c, d]
    return Series(
        indicator=indicator,
        unit="1",
        goods=tuple(params.goods[i] for i in c),
        regions=tuple(params.regions[i] for i in d),
        partners=tuple(params.regions[i] for i in o),
        numbers=numbers,
    )


def _concentration(flow: Array, total: Array) -> Array:
    """Herfindahl index of the supply by origin, (n, t, c, d); blank where the ``total`` is nothing. [1]"""
    share = flow / np.where(total > 0, total, 1.0)[:, :, :, None]
    share *= share
    index = share.sum(axis=ORIGIN)
    return np.where(index > 0, index, np.nan)


def of_places(params: Params, indicator: str, unit: str, values: Array, shown: Mask) -> Series:
    """A series of values (n, t, c, r) for the goods and regions that are ``shown`` (c, r)."""
    c, r = np.argwhere(shown).T
    return Series(
        indicator=indicator,
        unit=unit,
        goods=tuple(params.goods[i] for i in c),
        regions=tuple(params.regions[i] for i in r),
        partners=("",) * len(c),
        numbers=values[:, :, c, r],
    )


def of_world(params: Params, indicator: str, unit: str, values: Array) -> Series:
    """A series of values (n, t, c) for the world."""
    count = len(params.goods)
    return Series(
        indicator=indicator,
        unit=unit,
        goods=params.goods,
        regions=(WORLD,) * count,
        partners=("",) * count,
        numbers=values,
    )


def flow_under_bounds(params: Params, found: Trajectory) -> Series:
    """Flow over the routes of each bound of ``params``, whether the run was under it or not."""
    n, years = found.flow.shape[:2]
    flow = bound_flows(found.flow.reshape(n * years, *found.flow.shape[2:]), params.bounds.routes)
    return _of_bounds(params, "flow_under_bound", "kt/yr", flow.reshape(n, years, len(params.bounds.routes)))


def _of_bounds(params: Params, indicator: str, unit: str, values: Array) -> Series:
    """A series with a number for each bound; the partner is the name of the measure."""
    routes = params.bounds.routes
    good = [int(np.flatnonzero(r.any(axis=(1, 2)))[0]) for r in routes]
    return Series(
        indicator=indicator,
        unit=unit,
        goods=tuple(params.goods[c] for c in good),
        regions=tuple(_one_or_world(params, np.flatnonzero(r.any(axis=(0, 1)))) for r in routes),
        partners=params.bounds.names,
        numbers=values,
    )


def _one_or_world(params: Params, regions: Index) -> str:
    return params.regions[regions[0]] if len(regions) == 1 else WORLD
