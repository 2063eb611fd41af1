"""The tables of a run, scenario beside baseline on the same draws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd

from sim.indicators import by_place
from sim.quantity import Array, Index, Mask
from sim.records.by_draw import joined
from sim.study.bands import at_either_end, finite, percentiles
from sim.study.beside import Beside, Shown, all_shown, indicators_beside, keys_of, shown_in
from sim.study.block import Block

TABLE_DRAWS = 2048  # the first so many draws at most stand behind the percentiles of indicators and flows
PLACES_AT_ONCE = 32  # of an indicator, so that no more of it is in memory twice
LEVEL_NAMES = ("p05", "p50", "p95")


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
    part = replace(
        series,
        goods=tuple(series.goods[k] for k in columns),
        regions=tuple(series.regions[k] for k in columns),
        partners=tuple(series.partners[k] for k in columns),
        numbers=series.numbers[:, :, columns],
    )
    return replace(beside, series=part, base=beside.base[:, :, columns])


def summary_table(
    scenario: str, rows: Iterable[Beside], draws: Index, tiers: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """One row per indicator, place and year.

    ``draws`` are those solved in both runs; ``tiers`` are those behind each good's numbers, weakest first.
    """
    return pd.concat([_rows(scenario, each, draws, tiers) for each in rows], ignore_index=True)


def unsolved_table(scenario: str, rows: Iterable[Beside], draws: Index) -> pd.DataFrame:
    """The percentiles of the summary with the draws that are not solved below, and above, every number."""
    return pd.concat([_rows_at_either_end(scenario, each, draws) for each in rows], ignore_index=True)


def _places(scenario: str, beside: Beside) -> dict[str, object]:
    """The columns that tell the rows of a series apart, the years of one place together."""
    series = beside.series

    def repeated(texts: Sequence[str]) -> list[str]:
        return [text for text in texts for _ in beside.years]

    return {
        "scenario": scenario,
        "indicator": series.indicator,
        "good": repeated(series.goods),
        "region": repeated(series.regions),
        "partner": repeated(series.partners),
        "year": list(beside.years) * len(series.goods),
        "unit": series.unit,
    }


def _column(values: Array) -> Array:
    return values.T.reshape(-1)  # (t, k) with the years of one place together


def _rows(scenario: str, beside: Beside, draws: Index, tiers: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    series, base = beside.series, beside.base
    difference = series.numbers - base
    level, change = percentiles(series.numbers, draws), percentiles(difference, draws)
    central = {"baseline": base[0], "central": series.numbers[0]}
    columns = {name: _column(finite(values)) for name, values in central.items()}
    columns |= {name: _column(level[i]) for i, name in enumerate(LEVEL_NAMES)}
    columns["difference"] = _column(finite(difference[0]))
    columns |= {f"difference_{name}": _column(change[i]) for i, name in enumerate(LEVEL_NAMES)}
    tier = [" ".join(tiers[good]) for good in series.goods for _ in beside.years]
    return pd.DataFrame({**_places(scenario, beside), **columns, "tier": tier})


def _rows_at_either_end(scenario: str, beside: Beside, draws: Index) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for prefix, values in (("", beside.series.numbers), ("difference_", beside.series.numbers - beside.base)):
        for end, found in zip(("low", "high"), at_either_end(values, draws), strict=True):
            columns |= {f"{prefix}{name}_{end}": _column(found[i]) for i, name in enumerate(LEVEL_NAMES)}
    return pd.DataFrame({**_places(scenario, beside), **columns})


def flows_table(told: TableDraws, draws: Index) -> pd.DataFrame:
    """Every route that carries metal in either run, year by year. [kt/yr]"""
    central, shown = told.central, told.shown.routes
    params = central.params
    c, o, d = np.argwhere(shown).T
    at = np.flatnonzero(shown[told.routes])
    bands = [
        percentiles(joined([each[:, :, some] for each in told.flows]), draws)
        for some in np.array_split(at, -(-len(at) // PLACES_AT_ONCE))
    ]
    low, middle, high = np.concatenate(bands, axis=2)
    years = np.array(params.years)
    return pd.DataFrame(
        {
            "year": np.repeat(years, len(c)),
            "good": np.tile(np.array(params.goods)[c], len(years)),
            "origin": np.tile(np.array(params.regions)[o], len(years)),
            "destination": np.tile(np.array(params.regions)[d], len(years)),
            "baseline_kt": central.base.flow[0, :, c, o, d].T.reshape(-1),
            "central_kt": central.found.flow[0, :, c, o, d].T.reshape(-1),
            "p05_kt": low.reshape(-1),
            "p50_kt": middle.reshape(-1),
            "p95_kt": high.reshape(-1),
        }
    )


def markets_table(central: Block) -> pd.DataFrame:
    """Tonnes and prices of every good in every region, central runs only."""
    params, years = central.params, central.params.years
    goods, regions = params.goods, params.regions
    columns: dict[str, object] = {
        "year": np.repeat(np.array(years), len(goods) * len(regions)),
        "good": np.tile(np.repeat(np.array(goods), len(regions)), len(years)),
        "region": np.tile(np.array(regions), len(years) * len(goods)),
    }
    for name, run, given in (
        ("baseline", central.base, central.base_params),
        ("central", central.found, params),
    ):
        values = {
            "production_kt": by_place(given, run.output[:1]),
            "consumption_kt": run.final_use + run.derived_use,
            "capacity_kt": by_place(given, run.capacity[:1]),
            "unserved_kt": run.unserved,
            "producer_price_usd_t": run.producer_price,
            "delivered_price_usd_t": run.market_price,
        }
        columns |= {f"{name}_{what}": array[0].reshape(-1) for what, array in values.items()}
    return pd.DataFrame(columns)
