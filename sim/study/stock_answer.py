"""What becomes of each stockpile: what it sells year by year, what is left, and when it is empty."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Index
from sim.records.outcome import StockAnswer, StockYear
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from sim.study.bands import band

LEAST_SOLD = 0.005  # kt a year: less would be told as 0
LEAST_PART = 0.01  # of the stock: with less left it counts as empty, with less sold in a year it did not sell


def answer_stockpiles(params: Params, found: Trajectory, solved: Index) -> tuple[StockAnswer, ...]:
    """The answer on each stockpile of the scenario, in the order of the files."""
    return tuple(_answer(s, params, found, solved) for s in range(len(params.stockpiles.names)))


def sold_by_year(params: Params, found: Trajectory, s: int) -> Array:
    """What one stockpile sells, (n, t): what it holds less from one year's end to the next. [kt/yr]"""
    left = found.stock_left[:, :, s]
    before = np.concatenate([params.stockpiles.stock[:, s, None], left[:, :-1]], axis=1)
    return np.asarray(before - left)


def _answer(s: int, params: Params, found: Trajectory, solved: Index) -> StockAnswer:
    stocks = params.stockpiles
    stock, left = stocks.stock[:, s], found.stock_left[:, :, s]
    sold = sold_by_year(params, found, s)
    empty = left <= LEAST_PART * stock[:, None]
    selling = np.flatnonzero(sold[0] >= max(LEAST_SOLD, LEAST_PART * stock[0]))
    told = solved if len(solved) else np.array([0])
    return StockAnswer(
        measure=stocks.names[s],
        good=params.goods[stocks.good[s]],
        holder=params.regions[stocks.holder[s]],
        markets=tuple(params.regions[d] for d in np.flatnonzero(stocks.reach[s])),
        stock=band(stock, solved),
        trigger=band(stocks.trigger[:, s], solved),
        sold=tuple(StockYear(year=found.years[t], sold=band(sold[:, t], solved)) for t in selling),
        left=band(left[:, -1], solved),
        last_year=found.years[-1],
        empty_year=found.years[int(np.argmax(empty[0]))] if empty[0].any() else None,
        empty=float(empty[told, -1].mean()),
        sells=float((stock[told] - left[told, -1] > LEAST_PART * stock[told]).mean()),
    )
