"""The tables of a run, scenario beside baseline on the same draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from sim.indicators import by_place
from sim.quantity import Array, Index
from sim.records.by_draw import joined
from sim.study.bands import at_either_end, finite, percentiles
from sim.study.beside import Beside
from sim.study.block import Block
from sim.study.table_draws import PLACES_AT_ONCE, TableDraws

LEVEL_NAMES = ("p05", "p50", "p95")
Column = Array | list[Any]


def summary_table(
    scenario: str, rows: Iterable[Beside], draws: Index, tiers: Mapping[str, Sequence[str]]
) -> pd.DataFrame:
    """One row per indicator, place and year.

    ``draws`` are those solved in both runs; ``tiers`` are those behind each good's numbers, weakest first.
    """
    return _one_table([_rows(scenario, each, draws, tiers) for each in rows])


def unsolved_table(scenario: str, rows: Iterable[Beside], draws: Index) -> pd.DataFrame:
    """The percentiles of the summary with the draws that are not solved below, and above, every number."""
    return _one_table([_rows_at_either_end(scenario, each, draws) for each in rows])


def _one_table(parts: Sequence[Mapping[str, Column]]) -> pd.DataFrame:
    """Columns one below the other: one table is made in a fraction of the time that joining many takes."""
    return pd.DataFrame(
        {
            name: list(chain.from_iterable(part[name] for part in parts))
            if isinstance(first, list)
            else np.concatenate([part[name] for part in parts])
            for name, first in parts[0].items()
        }
    )


def _places(scenario: str, beside: Beside) -> dict[str, list[Any]]:
    """The columns that tell the rows of a series apart, the years of one place together."""
    series = beside.series

    def repeated(texts: Sequence[str]) -> list[Any]:
        return [text for text in texts for _ in beside.years]

    return {
        "scenario": repeated([scenario] * len(series.goods)),
        "indicator": repeated([series.indicator] * len(series.goods)),
        "good": repeated(series.goods),
        "region": repeated(series.regions),
        "partner": repeated(series.partners),
        "year": list(beside.years) * len(series.goods),
        "unit": repeated([series.unit] * len(series.goods)),
    }


def _column(values: Array) -> Array:
    return values.T.reshape(-1)  # (t, k) with the years of one place together


def _rows(scenario: str, beside: Beside, draws: Index, tiers: Mapping[str, Sequence[str]]) -> dict[str, Column]:
    series, base = beside.series, beside.base
    difference = series.numbers - base
    level, change = percentiles(series.numbers, draws), percentiles(difference, draws)
    central = {"baseline": base[0], "central": series.numbers[0]}
    columns = {name: _column(finite(values)) for name, values in central.items()}
    columns |= {name: _column(level[i]) for i, name in enumerate(LEVEL_NAMES)}
    columns["difference"] = _column(finite(difference[0]))
    columns |= {f"difference_{name}": _column(change[i]) for i, name in enumerate(LEVEL_NAMES)}
    told = [" ".join(tiers[good]) for good in series.goods]
    return {**_places(scenario, beside), **columns, "tier": [tier for tier in told for _ in beside.years]}


def _rows_at_either_end(scenario: str, beside: Beside, draws: Index) -> dict[str, Column]:
    columns: dict[str, Column] = {}
    for prefix, values in (("", beside.series.numbers), ("difference_", beside.series.numbers - beside.base)):
        for end, found in zip(("low", "high"), at_either_end(values, draws), strict=True):
            columns |= {f"{prefix}{name}_{end}": _column(found[i]) for i, name in enumerate(LEVEL_NAMES)}
    return {**_places(scenario, beside), **columns}


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
