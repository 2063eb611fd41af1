"""One year's market of one chain of goods: what the equilibrium is solved for."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import NamedTuple

import numpy as np

from sim.quantity import Array, Index, Mask

# which axes of a field follow the draws, for taking some draws of a market
_SHARED = {"good", "origin", "region", "input_good", "unbounded", "in_value", "routes", "stock_good"}

# order in memory of the axes (n, c, o, d): a sum over origins then runs along all draws and destinations at once
BY_ROUTE = (1, 2, 0, 3)


@dataclass(frozen=True, eq=False, kw_only=True)
class Left:
    """Positions of what is left of each axis of a market without what is dead."""

    origins: Index
    destinations: Index
    assets: Index
    bounds: Index


class Cut(NamedTuple):
    """Positions of the goods, assets, bounds and stockpiles of a chain in the whole market."""

    goods: Index
    assets: Index
    bounds: Index
    stocks: Index


@dataclass(frozen=True, eq=False, kw_only=True)
class Market:
    """Given quantities of one year, (n, ...).

    ``contestable`` and ``contract`` are the constant log weights of the two pools of eq. 9, ``kept`` the total
    share under contract; ``slope`` and ``intercept`` are the delivered price in the producer price (eq. 7);
    ``take_or_pay`` is G of eq. 10, ``stock_*`` what stockpiles may sell beside it. ``good``, ``origin``, ``region``,
    ``input_good`` tell of each asset what it makes, its place on the axis of origins and on that of destinations,
    and what it is fed with (negative: nothing).
    Live masks as in ``core.live``.
    """

    good: Index  # (a,)
    origin: Index  # (a,)
    region: Index  # (a,)
    input_good: Index  # (a,)
    unbounded: Mask  # (a,) iso-elastic supply without a capacity, the second form
    input_ratio: Array  # (n, a) t/t
    capacity: Array  # (n, a) kt/yr, 0 where shut
    break_even: Array  # (n, a) USD/t
    steepness: Array  # (n, a)
    use_at_one: Array  # (n, c, d) final use at a market price of 1 USD/t, 0 where nobody buys
    demand_elasticity: Array  # (n, c)
    in_value: Mask  # (c,) CES sourcing, the second form
    log_benchmark: Array  # (n, c, d) log of the benchmark market price
    contestable: Array  # (n, c, o, d)
    contract: Array  # (n, c, o, d)
    kept: Array  # (n, c, d)
    elasticity: Array  # (n, c)
    elasticity_short: Array  # (n, c)
    slope: Array  # (n, c, o, d)
    intercept: Array  # (n, c, o, d) USD/t
    take_or_pay: Array  # (n, c, o, d) kt/yr
    stock_good: Index  # (s,) what a stockpile holds
    stock_room: Array  # (n, s, d) most that it can sell in a market, kt/yr
    stock_trigger: Array  # (n, s) USD/t
    routes: Array  # (b, c, o, d) 0 or 1
    log_low: Array  # (n, b)
    log_high: Array  # (n, b)
    live_origin: Mask  # (n, c, o)
    live_destination: Mask  # (n, c, d)
    live_bound: Mask  # (n, b)

    @property
    def draws(self) -> int:
        """Number of draws."""
        return len(self.capacity)

    @cached_property
    def promises(self) -> bool:
        """Whether there is any take-or-pay contract."""
        return bool(self.take_or_pay.any())

    def take(self, draws: Index) -> Market:
        """The same market for some of the draws."""
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, array in chosen.items():
            if name not in _SHARED:
                chosen[name] = some_draws(array, draws)
        return Market(**chosen)

    def chains(self) -> tuple[Index, ...]:
        """Goods tied by inputs, each set a system of its own; positions on the axis of goods."""
        group = np.arange(self.kept.shape[1])
        if (self.input_good < 0).all():
            return tuple(group[:, None])
        for made, fed_with in zip(self.good, self.input_good, strict=True):
            if fed_with >= 0:
                group[group == group[made]] = group[fed_with]
        return tuple(np.flatnonzero(group == g) for g in np.unique(group))

    def cut(self, goods: Index) -> tuple[Market, Cut]:
        """The market of some goods that trade inputs among themselves only; also what they are in the whole."""
        if len(goods) == self.kept.shape[1]:
            everything = (np.arange(len(axis)) for axis in (self.good, self.routes, self.stock_good))
            return self, Cut(goods, *everything)
        assets = np.flatnonzero(np.isin(self.good, goods))
        bounds = np.flatnonzero(self.routes[:, goods].any(axis=(1, 2, 3)))
        stocks = np.flatnonzero(np.isin(self.stock_good, goods))
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in (
            "use_at_one", "demand_elasticity", "log_benchmark", "contestable", "contract", "kept", "elasticity",
            "elasticity_short",
            "slope", "intercept", "take_or_pay", "live_origin", "live_destination",
        ):  # fmt: skip
            chosen[name] = chosen[name].take(goods, axis=1)
        for name in ("input_ratio", "capacity", "break_even", "steepness"):
            chosen[name] = chosen[name].take(assets, axis=1)
        for name in ("log_low", "log_high", "live_bound"):
            chosen[name] = chosen[name].take(bounds, axis=1)
        for name in ("stock_room", "stock_trigger"):
            chosen[name] = chosen[name].take(stocks, axis=1)
        place = np.full(self.kept.shape[1] + 1, -1, dtype=np.int64)  # the last entry answers for "no input", -1
        place[goods] = np.arange(len(goods))
        chosen["good"], chosen["input_good"] = place[self.good[assets]], place[self.input_good[assets]]
        chosen["origin"], chosen["region"] = self.origin[assets], self.region[assets]
        chosen["unbounded"], chosen["in_value"] = self.unbounded[assets], self.in_value[goods]
        chosen["routes"] = self.routes[bounds][:, goods]
        chosen["stock_good"] = place[self.stock_good[stocks]]
        return Market(**chosen), Cut(goods, assets, bounds, stocks)

    def alike(self) -> list[Index]:
        """The draws in sets with the same live rows; a lone draw comes twice, for want of a batch.

        What a set is solved without is dead in all its draws, so that no draw feels which others are there.
        """
        masks = (self.live_origin, self.live_destination, self.live_bound)
        rows = np.concatenate([mask.reshape(self.draws, -1) for mask in masks], axis=1)
        if (rows == rows[0]).all():
            return [np.arange(self.draws)]
        same: dict[bytes, list[int]] = {}
        for i, row in enumerate(rows):
            same.setdefault(row.tobytes(), []).append(i)
        sets = [np.array(draws, dtype=np.int64) for draws in same.values()]
        return [np.repeat(draws, 2) if len(draws) == 1 else draws for draws in sets]

    def restrict(self) -> tuple[Market, Left]:
        """The same market without what is dead in every draw; also what is left."""
        origins = np.flatnonzero(self.live_origin.any(axis=(0, 1)))
        destinations = np.flatnonzero(self.live_destination.any(axis=(0, 1)))
        assets = np.flatnonzero((self.capacity > 0).any(axis=0))
        bounds = np.flatnonzero(self.live_bound.any(axis=0))
        place = np.zeros(self.live_origin.shape[2], dtype=np.int64)
        place[origins] = np.arange(len(origins))
        column = np.zeros(self.live_destination.shape[2], dtype=np.int64)
        column[destinations] = np.arange(len(destinations))
        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        chosen["routes"] = chosen["routes"][bounds].take(origins, axis=2).take(destinations, axis=3)
        for name in ("contestable", "contract", "slope", "intercept", "take_or_pay"):
            chosen[name] = _of_routes(chosen[name], origins, destinations)
        for name in ("use_at_one", "kept", "log_benchmark", "live_destination", "stock_room"):
            chosen[name] = chosen[name].take(destinations, axis=2)
        for name in ("input_ratio", "capacity", "break_even", "steepness"):
            chosen[name] = chosen[name].take(assets, axis=1)
        for name in ("log_low", "log_high", "live_bound"):
            chosen[name] = chosen[name].take(bounds, axis=1)
        chosen["good"], chosen["input_good"] = self.good[assets], self.input_good[assets]
        chosen["origin"], chosen["region"] = place[self.origin[assets]], column[self.region[assets]]
        chosen["unbounded"] = self.unbounded[assets]
        chosen["live_origin"] = chosen["live_origin"].take(origins, axis=2)
        return Market(**chosen), Left(origins=origins, destinations=destinations, assets=assets, bounds=bounds)

    def blend(self, earlier: Market, weight: float) -> Market:
        """A market between an earlier one and this one (0 < weight < 1), for stepping a shock in.

        Weights are blended as weights, so that a route closes gradually; limits and live masks are this one's.
        """

        def straight(name: str) -> Array:
            return np.asarray((1.0 - weight) * getattr(earlier, name) + weight * getattr(self, name))

        def pooled(name: str) -> Array:
            mixed: Array = np.logaddexp(
                np.log(1.0 - weight) + getattr(earlier, name), np.log(weight) + getattr(self, name)
            )
            return mixed

        chosen = {f.name: getattr(self, f.name) for f in fields(self)}
        for name in ("capacity", "use_at_one", "slope", "intercept", "take_or_pay", "kept", "break_even", "stock_room"):
            chosen[name] = straight(name)
        for name in ("contestable", "contract"):
            chosen[name] = pooled(name)
        return Market(**chosen)


def some_draws(values: Array, draws: Index) -> Array:
    """Values (n, ...) of some draws; those of routes (n, c, o, d) keep the order of ``BY_ROUTE``, if it is theirs."""
    if values.ndim != len(BY_ROUTE) or values.flags.c_contiguous:
        return values[draws]
    return values.transpose(BY_ROUTE).take(draws, axis=BY_ROUTE.index(0)).transpose(np.argsort(BY_ROUTE))


def _of_routes(values: Array, origins: Index, destinations: Index) -> Array:
    """Some origins and destinations of values (n, c, o, d), in the order of ``BY_ROUTE``."""
    n, goods, _, buyers = values.shape
    chosen = np.empty((goods, len(origins), n, len(destinations)))
    everywhere = len(destinations) == buyers
    for k, o in enumerate(origins.tolist()):
        of_one = values[:, :, o].transpose(1, 0, 2)
        chosen[:, k] = of_one if everywhere else of_one.take(destinations, axis=2)
    return chosen.transpose(np.argsort(BY_ROUTE))
