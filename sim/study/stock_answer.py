"""What becomes of each stockpile: what it sells year by year, what is left, and when it is empty."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.quantity import Array, Index
from sim.records.by_draw import ByDraw
from sim.records.outcome import StockAnswer, StockYear
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from sim.study.bands import band
from sim.study.block import Block

LEAST_SOLD = 0.005  # kt a year: less would be told as 0
LEAST_PART = 0.01  # of the stock: with less left it counts as empty, with less sold in a year it did not sell


@dataclass(frozen=True, eq=False, kw_only=True)
class StockTold(ByDraw):
    """What becomes of one stockpile draw by draw."""

    measure: str
    good: str
    holder: str
    markets: tuple[str, ...]
    stock: Array  # (n,) to begin with [kt]
    trigger: Array  # (n,) [USD/t]
    sold: Array  # (n, t) [kt/yr]
    left: Array  # (n, t) at the end of the year [kt]


def stocks_told(block: Block) -> tuple[StockTold, ...]:
    """What a block tells of each stockpile of the scenario, in the order of the files."""
    params, found = block.params, block.found
    stocks = params.stockpiles
    return tuple(
        StockTold(
            measure=name,
            good=params.goods[stocks.good[s]],
            holder=params.regions[stocks.holder[s]],
            markets=tuple(params.regions[d] for d in np.flatnonzero(stocks.reach[s])),
            stock=stocks.stock[:, s],
            trigger=stocks.trigger[:, s],
            sold=sold_by_year(params, found, s),
            left=found.stock_left[:, :, s],
        )
        for s, name in enumerate(stocks.names)
    )


def sold_by_year(params: Params, found: Trajectory, s: int) -> Array:
    """What one stockpile sells, (n, t): what it holds less from one year's end to the next. [kt/yr]"""
    left = found.stock_left[:, :, s]
    before = np.concatenate([params.stockpiles.stock[:, s, None], left[:, :-1]], axis=1)
    return np.asarray(before - left)


def answer_stockpile(told: StockTold, years: tuple[int, ...], solved: Index) -> StockAnswer:
    """The answer on one stockpile."""
    stock, left, sold = told.stock, told.left, told.sold
    empty = left <= LEAST_PART * stock[:, None]
    selling = np.flatnonzero(sold[0] >= max(LEAST_SOLD, LEAST_PART * stock[0]))
    rows = solved if len(solved) else np.array([0])
    return StockAnswer(
        measure=told.measure,
        good=told.good,
        holder=told.holder,
        markets=told.markets,
        stock=band(stock, solved),
        trigger=band(told.trigger, solved),
        sold=tuple(StockYear(year=years[t], sold=band(sold[:, t], solved)) for t in selling),
        left=band(left[:, -1], solved),
        last_year=years[-1],
        empty_year=years[int(np.argmax(empty[0]))] if empty[0].any() else None,
        empty=float(empty[rows, -1].mean()),
        sells=float((stock[rows] - left[rows, -1] > LEAST_PART * stock[rows]).mean()),
    )
