"""What becomes of offers, as rows of the summary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.indicators import Series
from sim.quantity import Array
from sim.records.outcome import OfferAnswer
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from sim.study.beside import Beside
from sim.study.offer import REASON_NAMES, Offered, Placing


@dataclass(frozen=True, eq=False, kw_only=True)
class Answered:
    """An offer with what the answer says of it and what it takes to place the whole of it."""

    offer: Offered
    answer: OfferAnswer
    placing: Placing


def offer_beside(
    answered: Sequence[Answered], params: Params, found: Trajectory, baseline: Trajectory
) -> tuple[Beside, ...]:
    """Rows of each offer, named by its measure in the place of a partner.

    What is offered and the share that is taken for every year in which the offer is made; what it takes to place the
    whole, new output of the offering region and what is not taken for the year of the answer. The split by reason is
    that of the central run and has no percentiles.
    """
    rows: list[Beside] = []
    for each in answered:
        offer, answer = each.offer, each.answer
        c, o, d = offer.good, offer.origin, offer.destination
        high = params.bounds.high[:, :, offer.bound]
        made = np.isfinite(high)
        offered, taken = np.where(made, high, 0.0), found.flow[:, :, c, o, d]
        years = np.flatnonzero(made[0])
        t = found.years.index(answer.year)
        made_years = tuple(found.years[i] for i in years)
        take_up = np.where(offered > 0, taken / np.where(offered > 0, offered, 1.0), np.nan)
        offered = np.where(np.isnan(taken), np.nan, offered)  # blank in a draw without a solution, as all else
        rows += [
            _row(each, "offered", "kt/yr", offered[:, years], made_years, params),
            _row(each, "take_up", "1", take_up[:, years], made_years, params),
        ]
        new_output = (found.flow[:, t, c, o] - baseline.flow[:, t, c, o]).sum(axis=1)
        told = [
            ("discount", "1", each.placing.discount),
            ("below_rivals", "1", each.placing.below_rivals),
            ("discount_shortfall", "kt/yr", each.placing.shortfall),
            ("new_output", "kt/yr", new_output),
            ("not_taken", "kt/yr", (offered - taken)[:, t]),
        ]
        told += [
            (f"not_taken_{REASON_NAMES[reason]}", "kt/yr", _central_only(amount, params.draws))
            for reason, amount in answer.reasons
        ]
        rows += [_row(each, name, unit, values[:, None], (answer.year,), params) for name, unit, values in told]
    return tuple(rows)


def _central_only(amount: float, draws: int) -> Array:
    values = np.full(draws, np.nan)
    values[0] = amount
    return values


def _row(each: Answered, indicator: str, unit: str, values: Array, years: tuple[int, ...], params: Params) -> Beside:
    """A series of one offer (n, t) against nothing: the baseline knows no offer."""
    series = Series(
        indicator=f"offer_{indicator}",
        unit=unit,
        goods=(params.goods[each.offer.good],),
        regions=(params.regions[each.offer.destination],),
        partners=(each.offer.measure.name,),
        numbers=values[:, :, None],
    )
    return Beside(series=series, base=np.zeros(series.numbers.shape), years=years)
