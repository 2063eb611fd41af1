"""What must not go unsaid: unserved demand, shortages, shortfalls, rents, and draws without a solution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.quantity import Index
from sim.records.by_draw import ByDraw
from sim.records.params import Params
from sim.records.trajectory import SOLVED, Trajectory

SHORTAGE = 10.0  # times the benchmark price: beyond, a price only says that the metal is not to be had
LEAST = 0.05  # kt or M USD a year that are worth a sentence
MOST = 4  # sentences of one kind


@dataclass(frozen=True, eq=False, kw_only=True)
class Ended(ByDraw):
    """How each draw of a run ended, (n,): its status and, where it is not solved, why."""

    status: Index
    reasons: NDArray[Any]  # of texts


def ended(run: Trajectory) -> Ended:
    """How the draws of a trajectory ended."""
    return Ended(status=run.status, reasons=np.array(run.reasons, dtype=object))


def notices_of(
    params: Params, found: Trajectory, ends: Sequence[Ended], focus: int, answered: Collection[str] = ()
) -> tuple[str, ...]:
    """Sentences on the central run, and on why draws of either run have no solution; region names as in the files.

    What the limits called ``answered`` come to is told elsewhere.
    """
    return (
        *_unserved(params, found),
        *_shortages(params, found),
        *_guarantees(params, found, focus, answered),
        *_unsolved(ends),
    )


def _unserved(params: Params, found: Trajectory) -> list[str]:
    lost = found.unserved[0]
    told = []
    for c, d in np.argwhere(lost.max(axis=0) >= LEAST):
        years = [found.years[t] for t in np.flatnonzero(lost[:, c, d] >= LEAST)]
        told.append((float(lost[:, c, d].max()), params.regions[d], params.goods[c], years))
    told.sort(key=lambda row: -row[0])
    return [
        f"No source is open to {region}: up to {tonnes:,.0f} kt a year of {good} unserved, {years[0]} to {years[-1]}"
        for tonnes, region, good, years in told[:MOST]
    ]


def _shortages(params: Params, found: Trajectory) -> list[str]:
    ratio = np.nan_to_num(found.market_price[0]) / params.demand.benchmark_price[0]
    told = []
    for c, d in np.argwhere(ratio.max(axis=0) > SHORTAGE):
        years = [found.years[t] for t in np.flatnonzero(ratio[:, c, d] > SHORTAGE)]
        told.append(
            f"Shortage of {params.goods[c]} in {params.regions[d]}, {years[0]} to {years[-1]}: the price is over "
            f"{SHORTAGE:g} times that of the benchmark year and says no more than that"
        )
    return [*told[:MOST], *([f"Shortages in {len(told) - MOST} other markets"] if len(told) > MOST else [])]


def _guarantees(params: Params, found: Trajectory, focus: int, answered: Collection[str]) -> list[str]:
    if focus not in found.years:
        return []
    t = found.years.index(focus)
    told = []
    for b, name in enumerate(params.bounds.names):
        if name in answered:
            continue
        missing, rent = float(found.shortfall[0, t, b]), float(found.rent[0, t, b])
        if missing >= LEAST:
            told.append(f"{name}: {missing:,.0f} kt of what is guaranteed find no buyer in {focus}")
        leaks = params.bounds.high[0, t, b] == 0 and params.bounds.high_share[0, t, b] > 0
        passing = float((found.flow[0, t] * params.bounds.routes[b]).sum())
        if leaks and passing >= LEAST:
            told.append(f"{name} leaks: {passing:,.1f} kt still pass in {focus}")
        elif rent >= LEAST:
            told.append(f"{name} binds in {focus}: a rent of {rent:,.0f} M USD")
        if rent <= -LEAST:
            told.append(f"{name}: the guarantor pays {-rent:,.0f} M USD in {focus}")
    return told


def _unsolved(ends: Sequence[Ended]) -> list[str]:
    reasons = Counter(
        why for run in ends for why, code in zip(run.reasons[1:], run.status[1:], strict=True) if code != SOLVED
    )
    return [f"Not solved: {why} ({count} draws)" for why, count in reasons.most_common(MOST)]
