"""Single numbers of a run that are asked for by name: an indicator at a place in a year, draw by draw."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from sim.errors import ScenarioError
from sim.indicators import WORLD, Series, buyers_gain, flow_under_bounds, indicators_of, of_places
from sim.inputs.faults import known_or_nearest
from sim.quantity import Mask
from sim.records.params import Params
from sim.records.sweep import EACH, Column, Solved, Wanted
from sim.records.trajectory import SOLVED, Trajectory
from sim.study.against import buyers_gain_by_route, consumption_lost, price_against_baseline
from sim.study.beside import Beside, all_shown, indicators_beside
from sim.study.block import Block
from sim.study.rents import rents_received

# indicators that are a change against the baseline: only they need it solved
AGAINST_BASELINE = ("consumption_lost", "buyers_surplus", "buyers_surplus_by_route", "price_against_baseline")


def all_series(
    params: Params, found: Trajectory, base_params: Params, base: Trajectory | None, shown: Mask, wanted: str = ""
) -> Iterator[Series]:
    """The indicators that a goal can be about, of the places ``shown``; those against a baseline where it is given."""
    yield from indicators_of(params, found, shown, unserved=True)
    if wanted in ("", "rents_received") and params.bounds.names:
        places: Mask = np.any(shown, axis=1) | np.any(shown, axis=2)
        yield of_places(params, "rents_received", "M USD/yr", rents_received(params, found), places)
    if params.bounds.names:
        yield discounts(params, found)
    if base is None:
        return
    yield from consumption_lost(params, found, base, shown)
    runs = params, found, base_params, base, shown
    yield buyers_gain(*runs)
    yield buyers_gain_by_route(*runs)
    yield from price_against_baseline(*runs)


def discounts(params: Params, found: Trajectory) -> Series:
    """What a cap, floor or offer takes off the delivered price on its routes, as a share; below 0 what it adds."""
    flow = flow_under_bounds(params, found)
    return replace(flow, indicator="discount", unit="1", numbers=-np.expm1(found.rent_wedge))


def routes_of(places: Iterable[tuple[str, str]], params: Params) -> Mask:
    """All routes into and out of some places, each a good and a region, (c, o, d); of the world all of the good's."""
    shown: Mask = np.zeros(params.benchmark_flow.shape, dtype=bool)
    for good, region in places:
        c = params.goods.index(good)
        if region in params.regions:
            r = params.regions.index(region)
            shown[c, r, :] = shown[c, :, r] = True
        else:
            shown[c] = True
    return shown


def place_checked(
    names: tuple[str, str, str, str], series: Sequence[Series], regions: Sequence[str], at: str
) -> Series:
    """The series that has an indicator of a good in a region from a partner, the last empty where there is none.

    Raises ScenarioError, which begins with ``at`` and names what there is.
    """
    indicator, good, region, partner = names
    known = tuple(dict.fromkeys(each.indicator for each in series))
    if indicator not in known:
        raise ScenarioError(f"{at}: unknown indicator {indicator}{known_or_nearest(indicator, known)}")
    mine = [each for each in series if each.indicator == indicator]
    places = [place for each in mine for place in _places(each)]
    there = tuple(dict.fromkeys(place[1] for place in places if place[0] == good))
    if region not in there:
        what = "region" if region not in (*regions, WORLD) else f"{indicator} of {good} in"
        known_ones = known_or_nearest(region, there)
        raise ScenarioError(f"{at}: {'unknown' if what == 'region' else 'no'} {what} {region}{known_ones}")
    partners = tuple(dict.fromkeys(place[2] for place in places if place[:2] == (good, region)))
    if partner not in partners:
        place = f"{indicator}.{good}.{region}"
        if not partner:
            raise ScenarioError(f"{at}: {place} needs a partner between region and year, one of {', '.join(partners)}")
        if partners == ("",):
            raise ScenarioError(f"{at}: {place} has no partner: leave {partner} out")
        raise ScenarioError(f"{at}: {place}: unknown partner {partner}{known_or_nearest(partner, partners)}")
    return next(each for each in mine if (good, region, partner) in set(_places(each)))


def columns_of(
    wanted: Sequence[Wanted],
    params: Params,
    found: Trajectory,
    base_params: Params,
    base: Trajectory,
) -> tuple[Column, ...]:
    """Every number that is asked for, in the order of asking; EACH and a missing year stand for all there are.

    ``found`` and ``base`` are central runs. Raises ScenarioError where a name or a year does not exist, or nothing
    fits.
    """
    block = Block(params=params, base_params=base_params, found=found, base=base)
    every: Mask = np.ones(params.benchmark_flow.shape, dtype=bool)
    series = [each.series for each in _all_beside(block, every)]
    columns: dict[Column, None] = {}
    for each in wanted:
        at = str(each.place)
        indicator, good, region, partner = (*each.names, "")[:4]
        if good not in (EACH, *params.goods):
            raise ScenarioError(f"{at}: unknown good {good}{known_or_nearest(good, params.goods)}")
        if EACH not in each.names:
            place_checked((indicator, good, region, partner), series, params.regions, at)
        if each.year is not None and each.year not in params.years:
            span = f"{params.years[0]} to {params.years[-1]}"
            raise ScenarioError(f"{at}: no year {each.year}: the scenario goes from {span}")
        years = params.years if each.year is None else (each.year,)
        pattern = (indicator, good, region, partner)
        fitting = [
            Column(indicator=indicator, good=c, region=r, partner=o, year=year, unit=one.unit)
            for one in series
            for c, r, o in _places(one)
            if _fits(pattern, (one.indicator, c, r, o))
            for year in years
        ]
        if not fitting:
            raise ScenarioError(f"{at}: {'.'.join(each.names)} fits nothing")
        columns |= dict.fromkeys(fitting)
    return tuple(columns)


def values_of(
    columns: Sequence[Column], params: Params, found: Trajectory, base_params: Params, base: Trajectory
) -> Solved:
    """The numbers of some columns, draw by draw, in scenario and baseline; blank where either is not solved."""
    asked = routes_of({(each.good, each.region) for each in columns}, params)
    at: dict[tuple[str, str, str, str], list[tuple[int, int]]] = {}
    for k, column in enumerate(columns):
        at.setdefault(column.key, []).append((k, params.years.index(column.year)))
    level = np.full((params.draws, len(columns)), np.nan)
    before = level.copy()
    block = Block(params=params, base_params=base_params, found=found, base=base)
    for each in _all_beside(block, asked):
        one = each.series
        for i, place in enumerate(_places(one)):
            for k, t in at.get((one.indicator, *place), ()):
                level[:, k], before[:, k] = one.numbers[:, t, i], each.base[:, t, i]
    status = np.maximum(found.status, base.status)
    level[status != SOLVED] = before[status != SOLVED] = np.nan
    return Solved(level=level, before=before, status=status)


def _all_beside(block: Block, asked: Mask) -> Iterator[Beside]:
    yield from indicators_beside(block, all_shown(asked))
    if block.params.bounds.names:
        off = discounts(block.params, block.found)
        yield Beside(series=off, base=np.zeros(off.numbers.shape), years=block.found.years)


def _places(series: Series) -> Iterator[tuple[str, str, str]]:
    return zip(series.goods, series.regions, series.partners, strict=True)


def _fits(pattern: tuple[str, ...], names: tuple[str, ...]) -> bool:
    return all(wanted in (EACH, name) for wanted, name in zip(pattern, names, strict=True))
