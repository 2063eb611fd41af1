"""What becomes of promised tonnes: what floors and take-or-pay contracts place, at which price, and who pays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.provenance import DOCUMENT
from sim.quantity import THOUSANDS_PER_MILLION, Array, Index, Mask
from sim.records.by_draw import ByDraw
from sim.records.outcome import GuaranteeAnswer, GuaranteeYear
from sim.records.params import Params
from sim.records.scenario import Measure, Scenario
from sim.records.trajectory import Trajectory
from sim.study.bands import band
from sim.study.block import Block
from sim.study.deal import Deal, DealTold, below_rivals, deal_of, deal_told, rivals_price

FLOOR, CONTRACT = "floor", "contract"
_MISSING_FROM = 0.05  # kt a year


@dataclass(frozen=True, eq=False, kw_only=True)
class YearTold(ByDraw):
    """What a guarantee comes to in one year, (n,) each; as in the year of the answer."""

    year: int
    placed: Array
    missing: Array
    price: Array
    discount: Array
    below_rivals: Array
    cost: Array

    def bands(self, draws: Index) -> GuaranteeYear:
        """The year as the answer tells it."""
        return GuaranteeYear(
            year=self.year,
            placed=band(self.placed, draws),
            missing=band(self.missing, draws),
            price=band(self.price, draws),
            discount=band(self.discount, draws),
            below_rivals=band(self.below_rivals, draws),
            cost=band(self.cost, draws),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class GuaranteeTold(ByDraw):
    """What becomes of one guarantee draw by draw; ``told`` is the year of the answer."""

    measure: Measure
    first_year: int
    told: YearTold
    years: tuple[YearTold, ...]
    short: Mask  # (n,) whether part of it is not placed in the year of the answer
    deal: DealTold


def guarantees_told(scenario: Scenario, baseline: Scenario, block: Block) -> tuple[GuaranteeTold, ...]:
    """What a block tells of each floor and contract on one route that the baseline does not have.

    It is about the focus year or, where nothing is promised then, the last year in force. Of what is in force in no
    year of the central run nothing is told.
    """
    params, found = block.params, block.found
    guarantees = []
    for name, measure in scenario.measures.items():
        if measure.kind not in (FLOOR, CONTRACT) or measure == baseline.measures.get(name):
            continue
        deal = deal_of(measure, params)
        if deal is None:
            continue
        promised = _promised(deal, params)
        in_force = np.flatnonzero(promised[0] > 0)
        if len(in_force) == 0:
            continue
        focus = found.years.index(scenario.years.focus) if scenario.years.focus in found.years else -1
        t = focus if focus in in_force else int(in_force[-1])
        shown = sorted({int(in_force[0]), t, int(in_force[-1])})
        guarantees.append(
            GuaranteeTold(
                measure=measure,
                first_year=found.years[int(in_force[0])],
                told=_year(deal, promised, params, found, t),
                years=tuple(_year(deal, promised, params, found, each) for each in shown),
                short=(promised - _placed(deal, promised, found))[:, t] >= _MISSING_FROM,
                deal=deal_told(deal, block, t),
            )
        )
    return tuple(guarantees)


def answer_guarantee(told: GuaranteeTold, draws: Index) -> GuaranteeAnswer:
    """Everything the answer says about one guarantee."""
    measure = told.measure
    volume = measure.numbers["volume"]
    rows = draws if len(draws) else np.array([0])
    return GuaranteeAnswer(
        measure=measure.name,
        kind=measure.kind,
        good=measure.good,
        origin=measure.origins[0],
        destination=measure.destinations[0],
        year=told.told.year,
        first_year=told.first_year,
        stated=volume.tier == DOCUMENT,
        quote=volume.quote,
        told=told.told.bands(draws),
        years=tuple(each.bands(draws) for each in told.years),
        falls_short=float(told.short[rows].mean()),
        **told.deal.rows(draws),
    )


def _promised(deal: Deal, params: Params) -> Array:
    """Tonnes promised in each year, (n, t). [kt/yr]"""
    name = deal.measure.name
    if deal.measure.kind == FLOOR:
        return params.bounds.low[:, :, params.bounds.names.index(name)]
    return params.contracts.volume[:, :, params.contracts.names.index(name)]


def _placed(deal: Deal, promised: Array, found: Trajectory) -> Array:
    """What of it reaches the destination, (n, t). [kt/yr]"""
    placed: Array = np.minimum(found.flow[:, :, deal.good, deal.origin, deal.destination], promised)
    return placed


def _year(deal: Deal, promised: Array, params: Params, found: Trajectory, t: int) -> YearTold:
    placed = _placed(deal, promised, found)[:, t]
    price = found.delivered_price[:, t, deal.good, deal.origin, deal.destination]
    if deal.measure.kind == FLOOR:
        b = params.bounds.names.index(deal.measure.name)
        discount = np.maximum(-np.expm1(found.rent_wedge[:, t, b]), 0.0)
        cost = np.maximum(-found.rent[:, t, b], 0.0)
    else:
        discount = np.zeros_like(price)
        cost = (price - rivals_price(deal, found, t)) * placed / THOUSANDS_PER_MILLION
    return YearTold(
        year=found.years[t],
        placed=placed,
        missing=promised[:, t] - placed,
        price=price,
        discount=discount,
        below_rivals=below_rivals(deal, found, t),
        cost=cost,
    )
