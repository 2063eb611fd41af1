"""What a way of foretelling says of a market, and the number it gives for an observation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.axes import ORIGIN
from sim.errors import DataError
from sim.indicators import WORLD, by_place, world_price
from sim.quantity import Array
from sim.records.backtest import FLOW, IMPORT_SHARE, PRICE, SUPPLY, Observation
from sim.records.params import Params
from sim.records.trajectory import Trajectory


@dataclass(frozen=True, eq=False, kw_only=True)
class Told:
    """Tonnes and prices by draw and year, the benchmark year first; blank where nothing is told."""

    years: tuple[int, ...]
    goods: tuple[str, ...]
    regions: tuple[str, ...]
    flow: Array  # (n, t, c, o, d) [kt/yr]
    output: Array  # (n, t, c, o) [kt/yr]
    producer_price: Array  # (n, t, c, o) [USD/t]
    market_price: Array  # (n, t, c, d) [USD/t]
    delivered_price: Array  # (n, t, c, o, d) [USD/t]


def told_by(params: Params, found: Trajectory) -> Told:
    """What a trajectory says."""
    return Told(
        years=params.years,
        goods=params.goods,
        regions=params.regions,
        flow=found.flow,
        output=by_place(params, found.output),
        producer_price=found.producer_price,
        market_price=found.market_price,
        delivered_price=found.delivered_price,
    )


def mean_price(flow: Array, delivered: Array) -> Array:
    """Mean price of what a market buys, (..., c, d), blank where that is nothing. [USD/t]"""
    bought = flow.sum(axis=ORIGIN)
    paid = (flow * np.where(flow > 0, delivered, 0.0)).sum(axis=ORIGIN)
    return np.where(bought > 0, paid / np.where(bought > 0, bought, 1.0), np.nan)


def level(observed: Observation, told: Told) -> Array:
    """The quantity of an observation over the years, (n, t), in its unit.

    Raises DataError where the world of ``told`` has no such good or region.
    """
    c = _position(told.goods, observed.good)
    if observed.quantity == SUPPLY:
        return told.output[:, :, c, _position(told.regions, observed.partner)]
    if observed.quantity == PRICE and observed.region == WORLD:
        return world_price(told.producer_price, told.output)[:, :, c]
    d = _position(told.regions, observed.region)
    if observed.quantity == PRICE and not observed.partner:
        return told.market_price[:, :, c, d]
    o = _position(told.regions, observed.partner)
    if observed.quantity == PRICE:
        return told.delivered_price[:, :, c, o, d]
    if observed.quantity == FLOW:
        return told.flow[:, :, c, o, d]
    if observed.quantity == IMPORT_SHARE:
        abroad = np.arange(len(told.regions)) != d
        imports = told.flow[:, :, c, abroad, d].sum(axis=2)
        share: Array = told.flow[:, :, c, o, d] / np.where(imports > 0, imports, 1.0)
        return share
    raise DataError(f"no quantity {observed.quantity!r} can be told")


def foretold(observed: Observation, base: float, told: Told) -> Array:
    """The observed benchmark ``base`` carried on by what is told: with its change, a price in proportion, (n,)."""
    levels = level(observed, told)
    start, now = levels[:, 0], levels[:, told.years.index(observed.year)]
    carried: Array = base * now / start if observed.quantity == PRICE else base + (now - start)
    return carried


def distance(quantity: str, first: Array | float, second: Array | float) -> Array:
    """How far two numbers are apart: prices in logs, all else in their unit."""
    if quantity == PRICE:
        return np.asarray(np.abs(np.log(np.asarray(first) / second)))
    return np.asarray(np.abs(np.asarray(first) - second))


def _position(names: tuple[str, ...], name: str) -> int:
    if name not in names:
        raise DataError(f"no {name!r} among {', '.join(names)}")
    return names.index(name)
