"""The tables of a run, scenario beside baseline on the same draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from sim.indicators import Series, buyers_gain, by_place, flow_under_bounds, indicators_of
from sim.quantity import Array, Index, Mask
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from sim.study.bands import percentiles


def routes_in_use(*runs: Trajectory) -> Mask:
    """Routes that carry metal in any draw and year of any run, (c, o, d)."""
    used: Mask = np.logical_or.reduce([(np.nan_to_num(run.flow) > 0).any(axis=(0, 1)) for run in runs])
    return used


def summary_table(
    scenario: str,
    params: Params,
    baseline_params: Params,
    found: Trajectory,
    baseline: Trajectory,
    draws: Index,
    tiers: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    """One row per indicator, place and year.

    ``draws`` are those solved in both runs; ``tiers`` are those behind each good's numbers, weakest first.
    Rent and shortfall of a bound that the baseline does not have stand against nothing there, its flow against
    what the same routes carry. The gain of buyers is a change already and stands against nothing.
    """
    shown = routes_in_use(found, baseline)
    unserved = bool((found.unserved > 0).any() or (baseline.unserved > 0).any())
    of_baseline = list(indicators_of(baseline_params, baseline, shown, unserved))
    if params.bounds.names:
        of_baseline.append(flow_under_bounds(params, baseline))
    before = {_key(series, k): series.numbers[:, :, k] for series in of_baseline for k in range(len(series.goods))}
    frames = []
    gain = buyers_gain(params, found, baseline_params, baseline, shown)
    for series in (*indicators_of(params, found, shown, unserved), gain):
        empty = np.zeros(series.numbers.shape[:2])
        base = [before.get(_key(series, k), empty) for k in range(series.numbers.shape[2])]
        frames.append(_rows(scenario, found.years, series, np.stack(base, axis=2), draws, tiers))
    return pd.concat(frames, ignore_index=True)


def _key(series: Series, k: int) -> tuple[str, str, str, str]:
    return series.indicator, series.goods[k], series.regions[k], series.partners[k]


def _rows(
    scenario: str,
    years: tuple[int, ...],
    series: Series,
    base: Array,
    draws: Index,
    tiers: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    count = series.numbers.shape[2]
    difference = series.numbers - base
    level, change = percentiles(series.numbers, draws), percentiles(difference, draws)

    def column(values: Array) -> Array:
        return values.T.reshape(-1)  # (t, k) with the years of one place together

    def repeated(texts: Sequence[str]) -> list[str]:
        return [text for text in texts for _ in years]

    return pd.DataFrame(
        {
            "scenario": scenario,
            "indicator": series.indicator,
            "good": repeated(series.goods),
            "region": repeated(series.regions),
            "partner": repeated(series.partners),
            "year": list(years) * count,
            "unit": series.unit,
            "baseline": column(base[0]),
            "central": column(series.numbers[0]),
            "p05": column(level[0]),
            "p50": column(level[1]),
            "p95": column(level[2]),
            "difference": column(difference[0]),
            "difference_p05": column(change[0]),
            "difference_p50": column(change[1]),
            "difference_p95": column(change[2]),
            "tier": repeated([" ".join(tiers[good]) for good in series.goods]),
        }
    )


def flows_table(params: Params, found: Trajectory, baseline: Trajectory, draws: Index) -> pd.DataFrame:
    """Every route that carries metal in either run, year by year. [kt/yr]"""
    c, o, d = np.argwhere(routes_in_use(found, baseline)).T
    flow, base = found.flow[:, :, c, o, d], baseline.flow[0, :, c, o, d].T
    low, middle, high = percentiles(flow, draws)
    years = np.array(found.years)
    return pd.DataFrame(
        {
            "year": np.repeat(years, len(c)),
            "good": np.tile(np.array(params.goods)[c], len(years)),
            "origin": np.tile(np.array(params.regions)[o], len(years)),
            "destination": np.tile(np.array(params.regions)[d], len(years)),
            "baseline_kt": base.reshape(-1),
            "central_kt": flow[0].reshape(-1),
            "p05_kt": low.reshape(-1),
            "p50_kt": middle.reshape(-1),
            "p95_kt": high.reshape(-1),
        }
    )


def markets_table(params: Params, baseline_params: Params, found: Trajectory, baseline: Trajectory) -> pd.DataFrame:
    """Tonnes and prices of every good in every region, central runs only."""
    goods, regions, years = params.goods, params.regions, found.years
    columns: dict[str, object] = {
        "year": np.repeat(np.array(years), len(goods) * len(regions)),
        "good": np.tile(np.repeat(np.array(goods), len(regions)), len(years)),
        "region": np.tile(np.array(regions), len(years) * len(goods)),
    }
    for name, run, given in (("baseline", baseline, baseline_params), ("central", found, params)):
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
