"""What blocks of draws tell for the tables of a run; workers load this, and no more of the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import numpy as np

from sim.quantity import Array, Mask
from sim.records.by_draw import joined
from sim.study.beside import Beside, Shown, all_shown, indicators_beside, keys_of, shown_in
from sim.study.block import Block

TABLE_DRAWS = 2048  # the first so many draws at most stand behind the percentiles of indicators and flows
PLACES_AT_ONCE = 32  # of an indicator, so that no more of it is in memory twice


@dataclass(frozen=True, eq=False, kw_only=True)
class TableDraws:
    """What some blocks tell for the tables: every indicator, and the flows (n, t, k) on the ``routes`` (c, o, d).

    Beside what they show they hold what they could have shown.
    """

    central: Block
    shown: Shown
    routes: Mask
    indicators: tuple[tuple[Beside, ...], ...]  # by block
    flows: tuple[Array, ...]  # by block


def table_draws(block: Block, routes: Mask) -> TableDraws:
    """What a block tells for the tables; no route but ``routes`` may carry metal in any block."""
    c, o, d = np.argwhere(routes).T
    return TableDraws(
        central=block.central(),
        shown=shown_in(block),
        routes=routes,
        indicators=(tuple(indicators_beside(block, all_shown(routes))),),
        flows=(block.found.flow[:, :, c, o, d],),
    )


def together(parts: Sequence[TableDraws]) -> TableDraws:
    """Those of all parts, in their order."""
    return TableDraws(
        central=parts[0].central,
        shown=reduce(or_, (part.shown for part in parts)),
        routes=parts[0].routes,
        indicators=tuple(each for part in parts for each in part.indicators),
        flows=tuple(each for part in parts for each in part.flows),
    )


def rows_shown(told: TableDraws) -> Iterator[Beside]:
    """The indicators of all blocks with something to show, a few places at a time, in the order of any run."""
    place = {key: (s, k) for s, each in enumerate(told.indicators[0]) for k, key in enumerate(keys_of(each.series))}
    for layout in indicators_beside(told.central, told.shown):
        keys = keys_of(layout.series)
        for first in range(0, len(keys), PLACES_AT_ONCE):
            chosen = [place[key] for key in keys[first : first + PLACES_AT_ONCE]]
            s, columns = chosen[0][0], [k for _, k in chosen]
            yield joined([_columns(block[s], columns) for block in told.indicators])


def _columns(beside: Beside, columns: list[int]) -> Beside:
    """Some places of a series."""
    series = beside.series
    side_by_side = columns == list(range(columns[0], columns[-1] + 1))
    at = slice(columns[0], columns[-1] + 1) if side_by_side else columns  # a slice copies nothing
    part = replace(
        series,
        goods=tuple(series.goods[k] for k in columns),
        regions=tuple(series.regions[k] for k in columns),
        partners=tuple(series.partners[k] for k in columns),
        numbers=series.numbers[:, :, at],
    )
    return replace(beside, series=part, base=beside.base[:, :, at])
