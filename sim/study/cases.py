"""The draws of a run apart by the state of a drawn switch: a probability is a case distinction, not a weight."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.dependence import Dependence
from sim.quantity import Array, Index, Mask
from sim.records.cases import StateCase, SwitchCases
from sim.records.outcome import Band, Subject
from sim.records.params import Params
from sim.records.scenario import Switch
from sim.records.trajectory import Trajectory
from sim.study.bands import percentiles


def cases_of(
    subjects: tuple[Subject, ...],
    switches: Mapping[str, Switch],
    states: Mapping[str, Mask],
    places: tuple[tuple[str, str], ...],
    params: Params,
    found: Trajectory,
    base: Trajectory,
    focus: int,
    draws: Index,
) -> tuple[SwitchCases, ...]:
    """For each subject and each drawn switch what its states come to in the year ``focus``.

    Parameters
    ----------
    states
        Which draws have a switch on, (n,), by name.
    places
        Goods and regions whose output is told.
    draws
        The draws solved in both runs; without any there is nothing to tell apart.
    """
    if not len(draws) or not states:
        return ()
    t = found.years.index(focus)
    told = []
    for subject in subjects:
        series = _series(subject, places, params, found, base, t)
        for name, on in states.items():
            chance = switches[name].probability
            split = tuple(
                _state(state, series, rows) for state in (True, False) if len(rows := draws[on[draws] == state])
            )
            told.append(
                SwitchCases(
                    switch=name,
                    good=subject.goods[0],
                    market=subject.market,
                    country=subject.country,
                    year=focus,
                    chance=0.0 if chance is None or chance.value is None else chance.value,
                    central=bool(on[0]),
                    states=split,
                )
            )
    return tuple(told)


def _series(
    subject: Subject, places: tuple[tuple[str, str], ...], params: Params, found: Trajectory, base: Trajectory, t: int
) -> dict[str | tuple[str, str], Array]:
    """What is told of each draw, (n,)."""
    c, market = params.goods.index(subject.goods[0]), params.regions.index(subject.market)
    country = params.regions.index(subject.country)
    imports = [_import_share(run, t, c, country, market) for run in (base, found)]
    touched = [Dependence(params, run).supply(country, c)[:, t, market] for run in (base, found)]
    price = [run.market_price[:, t, c, market] for run in (base, found)]
    series: dict[str | tuple[str, str], Array] = {
        "imports": imports[1],
        "imports_change": imports[1] - imports[0],
        "touched_change": touched[1] - touched[0],
        "price_change": price[1] / price[0] - 1.0,
    }
    for good, region in places:
        if good in subject.goods:
            i, o = params.goods.index(good), params.regions.index(region)
            series[good, region] = (found.flow[:, t, i, o] - base.flow[:, t, i, o]).sum(axis=1)
    return series


def _import_share(run: Trajectory, t: int, c: int, country: int, market: int) -> Array:
    """Share of the country in what the market buys abroad, (n,); blank where it buys nothing there. [1]"""
    flow = run.flow[:, t, c, :, market]
    abroad = flow.sum(axis=1) - flow[:, market]
    share: Array = np.divide(flow[:, country], abroad, out=np.full_like(abroad, np.nan), where=abroad > 0)
    return share


def _state(on: bool, series: Mapping[str | tuple[str, str], Array], rows: Index) -> StateCase:
    bands = {name: _band(values, rows) for name, values in series.items()}
    return StateCase(
        on=on,
        draws=len(rows),
        imports=bands["imports"],
        imports_change=bands["imports_change"],
        touched_change=bands["touched_change"],
        price_change=bands["price_change"],
        output=tuple((*name, told) for name, told in bands.items() if isinstance(name, tuple)),
    )


def _band(values: Array, rows: Index) -> Band:
    low, middle, high = (float(each) for each in percentiles(values, rows))
    return Band(central=middle, p05=low, p50=middle, p95=high)
