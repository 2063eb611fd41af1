"""What becomes of promised tonnes: what floors and take-or-pay contracts place, at which price, and who pays."""

from __future__ import annotations

import numpy as np

from sim.provenance import DOCUMENT
from sim.quantity import THOUSANDS_PER_MILLION, Array, Index
from sim.records.outcome import GuaranteeAnswer, GuaranteeYear
from sim.records.params import Params
from sim.records.scenario import Scenario
from sim.records.trajectory import Trajectory
from sim.study.bands import band
from sim.study.deal import (
    Deal,
    below_rivals,
    customers_of,
    deal_of,
    output_change,
    price_change,
    rivals_price,
    suppliers_of,
    use_change,
    world_price_change,
)

FLOOR, CONTRACT = "floor", "contract"
_MISSING_FROM = 0.05  # kt a year


def answer_guarantees(
    scenario: Scenario,
    baseline: Scenario,
    params: Params,
    found: Trajectory,
    base: Trajectory,
    draws: Index,
) -> tuple[GuaranteeAnswer, ...]:
    """An answer for each floor and contract on one route that the baseline does not have.

    It is about the focus year or, where nothing is promised then, the last year in force. What is in force in no
    year of the central run has none.
    """
    answers = []
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
        volume = measure.numbers["volume"]
        told = _year(deal, promised, params, found, t, draws)
        shown = sorted({int(in_force[0]), t, int(in_force[-1])})
        rows = draws if len(draws) else np.array([0])
        short = (promised - _placed(deal, promised, found))[rows, t] >= _MISSING_FROM
        answers.append(
            GuaranteeAnswer(
                measure=name,
                kind=measure.kind,
                good=measure.good,
                origin=measure.origins[0],
                destination=measure.destinations[0],
                year=told.year,
                first_year=found.years[int(in_force[0])],
                stated=volume.tier == DOCUMENT,
                quote=volume.quote,
                told=told,
                years=tuple(_year(deal, promised, params, found, each, draws) for each in shown),
                falls_short=float(short.mean()),
                suppliers=suppliers_of(deal, params, found, base, t, draws),
                customers=customers_of(deal, params, found, base, t, draws),
                use=use_change(deal, found, base, t, draws),
                new_output=output_change(deal, found, base, t, draws),
                price=price_change(deal, found, base, t, draws),
                world_price=world_price_change(deal, found, base, t, draws),
            )
        )
    return tuple(answers)


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


def _year(deal: Deal, promised: Array, params: Params, found: Trajectory, t: int, draws: Index) -> GuaranteeYear:
    placed = _placed(deal, promised, found)[:, t]
    price = found.delivered_price[:, t, deal.good, deal.origin, deal.destination]
    if deal.measure.kind == FLOOR:
        b = params.bounds.names.index(deal.measure.name)
        discount = np.maximum(-np.expm1(found.rent_wedge[:, t, b]), 0.0)
        cost = np.maximum(-found.rent[:, t, b], 0.0)
    else:
        discount = np.zeros_like(price)
        cost = (price - rivals_price(deal, found, t)) * placed / THOUSANDS_PER_MILLION
    return GuaranteeYear(
        year=found.years[t],
        placed=band(placed, draws),
        missing=band(promised[:, t] - placed, draws),
        price=band(price, draws),
        discount=band(discount, draws),
        below_rivals=band(below_rivals(deal, found, t), draws),
        cost=band(cost, draws),
    )
