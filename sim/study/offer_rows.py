"""What becomes of offers, as rows of the summary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.indicators import Series
from sim.quantity import Array
from sim.records.outcome import OfferAnswer
from sim.study.beside import Beside
from sim.study.offer import REASON_NAMES, OfferTold


def offer_beside(answered: Sequence[tuple[OfferTold, OfferAnswer]], years: tuple[int, ...]) -> tuple[Beside, ...]:
    """Rows of each offer, named by its measure in the place of a partner.

    What is offered and the share that is taken for every year in which the offer is made; what it takes to place the
    whole, new output of the offering region and what is not taken for the year of the answer. The split by reason is
    that of the central run and has no percentiles.
    """
    rows: list[Beside] = []
    for told, answer in answered:
        offered, taken, t = told.offered, told.taken, told.t
        made = np.flatnonzero(told.made[0])
        made_years = tuple(years[i] for i in made)
        take_up = np.where(offered > 0, taken / np.where(offered > 0, offered, 1.0), np.nan)
        offered = np.where(np.isnan(taken), np.nan, offered)  # blank in a draw without a solution, as all else
        rows += [
            _row(answer, "offered", "kt/yr", offered[:, made], made_years),
            _row(answer, "take_up", "1", take_up[:, made], made_years),
        ]
        of_year = [
            ("discount", "1", told.placing.discount),
            ("below_rivals", "1", told.placing.below_rivals),
            ("discount_shortfall", "kt/yr", told.placing.shortfall),
            ("new_output", "kt/yr", told.more_output),
            ("not_taken", "kt/yr", (offered - taken)[:, t]),
        ]
        of_year += [
            (f"not_taken_{REASON_NAMES[reason]}", "kt/yr", _central_only(amount, len(taken)))
            for reason, amount in answer.reasons
        ]
        rows += [_row(answer, name, unit, values[:, None], (answer.year,)) for name, unit, values in of_year]
    return tuple(rows)


def _central_only(amount: float, draws: int) -> Array:
    values = np.full(draws, np.nan)
    values[0] = amount
    return values


def _row(answer: OfferAnswer, indicator: str, unit: str, values: Array, years: tuple[int, ...]) -> Beside:
    """A series of one offer (n, t) against nothing: the baseline knows no offer."""
    series = Series(
        indicator=f"offer_{indicator}",
        unit=unit,
        goods=(answer.good,),
        regions=(answer.destination,),
        partners=(answer.measure,),
        numbers=values[:, :, None],
    )
    return Beside(series=series, base=np.zeros(series.numbers.shape), years=years)
