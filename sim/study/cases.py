"""The draws of a run apart by the state of a drawn switch: a probability is a case distinction, not a weight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.dependence import Dependence
from sim.quantity import Array, Index, Mask
from sim.records.by_draw import ByDraw
from sim.records.cases import StateCase, SwitchCases
from sim.records.outcome import Band, Subject
from sim.records.scenario import Switch
from sim.records.trajectory import Trajectory
from sim.study.bands import percentiles
from sim.study.block import Block


@dataclass(frozen=True, eq=False, kw_only=True)
class CaseTold(ByDraw):
    """What a subject's cases are told of, (n,) each; ``output`` by good and region."""

    imports: Array
    imports_change: Array
    touched_change: Array
    price_change: Array
    output: Mapping[tuple[str, str], Array]


def case_told(subject: Subject, places: tuple[tuple[str, str], ...], focus: int, block: Block) -> CaseTold:
    """What a block tells of a subject in the year ``focus``, with the output of some goods and regions."""
    params, found, base = block.params, block.found, block.base
    t = found.years.index(focus)
    c, market = params.goods.index(subject.goods[0]), params.regions.index(subject.market)
    country = params.regions.index(subject.country)
    imports = [_import_share(run, t, c, country, market) for run in (base, found)]
    touched = [Dependence(params, run).supply(country, c)[:, t, market] for run in (base, found)]
    price = [run.market_price[:, t, c, market] for run in (base, found)]
    output: dict[tuple[str, str], Array] = {}
    for good, region in places:
        if good in subject.goods:
            i, o = params.goods.index(good), params.regions.index(region)
            output[good, region] = (found.flow[:, t, i, o] - base.flow[:, t, i, o]).sum(axis=1)
    return CaseTold(
        imports=imports[1],
        imports_change=imports[1] - imports[0],
        touched_change=touched[1] - touched[0],
        price_change=price[1] / price[0] - 1.0,
        output=output,
    )


def cases_of(
    told: Sequence[tuple[Subject, CaseTold]],
    switches: Mapping[str, Switch],
    states: Mapping[str, Mask],
    focus: int,
    draws: Index,
) -> tuple[SwitchCases, ...]:
    """For each subject and each drawn switch what its states come to in the year ``focus``.

    Parameters
    ----------
    states
        Which draws have a switch on, (n,), by name.
    draws
        The draws solved in both runs; without any there is nothing to tell apart.
    """
    if not len(draws):
        return ()
    cases = []
    for subject, case in told:
        for name, on in states.items():
            chance = switches[name].probability
            split = tuple(
                _state(state, case, rows) for state in (True, False) if len(rows := draws[on[draws] == state])
            )
            cases.append(
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
    return tuple(cases)


def _import_share(run: Trajectory, t: int, c: int, country: int, market: int) -> Array:
    """Share of the country in what the market buys abroad, (n,); blank where it buys nothing there. [1]"""
    flow = run.flow[:, t, c, :, market]
    abroad = flow.sum(axis=1) - flow[:, market]
    share: Array = np.divide(flow[:, country], abroad, out=np.full_like(abroad, np.nan), where=abroad > 0)
    return share


def _state(on: bool, case: CaseTold, rows: Index) -> StateCase:
    return StateCase(
        on=on,
        draws=len(rows),
        imports=_band(case.imports, rows),
        imports_change=_band(case.imports_change, rows),
        touched_change=_band(case.touched_change, rows),
        price_change=_band(case.price_change, rows),
        output=tuple((*place, _band(values, rows)) for place, values in case.output.items()),
    )


def _band(values: Array, rows: Index) -> Band:
    low, middle, high = (float(each) for each in percentiles(values, rows))
    return Band(central=middle, p05=low, p50=middle, p95=high)
