"""What a simulation returns: equilibria of all years, draw by draw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sim.quantity import Array, Index, check_and_lock, declared_quantities, quantity

SOLVED, INFEASIBLE, FAILED = 0, 1, 2
STATUS_WORDS = ("solved", "infeasible", "failed")


@dataclass(frozen=True, eq=False, kw_only=True)
class Trajectory:
    """Equilibria by draw and year; the first year is the benchmark year.

    Prices are NaN where nothing is produced or bought; draws that are not solved hold NaN from the year in
    which they stopped. ``rent_wedge`` is z of eq. 11, ``shortfall`` what a floor could not place. ``released`` comes
    from stockpiles and is part of use beside the flows; ``stock_left`` is what they hold at the end of the year.
    """

    years: tuple[int, ...]
    reasons: tuple[str, ...]  # per draw, empty where solved
    status: Index = quantity("n", "index", low=SOLVED, high=FAILED)
    producer_price: Array = quantity("ntco", "USD/t", above=0, blank=True)
    market_price: Array = quantity("ntcd", "USD/t", above=0, blank=True)
    flow: Array = quantity("ntcod", "kt/yr", low=0, blank=True)
    delivered_price: Array = quantity("ntcod", "USD/t", above=0, blank=True)
    output: Array = quantity("nta", "kt/yr", low=0, blank=True)
    capacity: Array = quantity("nta", "kt/yr", low=0, blank=True)
    final_use: Array = quantity("ntcd", "kt/yr", low=0, blank=True)
    derived_use: Array = quantity("ntcd", "kt/yr", low=0, blank=True)
    unserved: Array = quantity("ntcd", "kt/yr", low=0, blank=True)
    released: Array = quantity("ntcd", "kt/yr", low=0, blank=True)
    stock_left: Array = quantity("nts", "kt", low=0, blank=True)
    rent_wedge: Array = quantity("ntb", "1", blank=True)
    rent: Array = quantity("ntb", "M USD/yr", blank=True)
    shortfall: Array = quantity("ntb", "kt/yr", low=0, blank=True)
    duties: Array = quantity("ntcd", "M USD/yr", blank=True)
    export_taxes: Array = quantity("ntco", "M USD/yr", blank=True)
    freight_cost: Array = quantity("ntcd", "M USD/yr", low=0, blank=True)
    residual: Array = quantity("nt", "1", low=0, blank=True)
    money_gap: Array = quantity("nt", "1", low=0, blank=True)

    def __post_init__(self) -> None:
        check_and_lock(self)

    def take(self, draws: Index) -> Trajectory:
        """The trajectories of some draws."""
        chosen: dict[str, Any] = {name: getattr(self, name)[draws] for name in declared_quantities(self)}
        return replace(self, reasons=tuple(self.reasons[i] for i in draws), **chosen)


def joined(parts: Sequence[Trajectory]) -> Trajectory:
    """Trajectories of several batches of draws as one, in their order."""
    names = declared_quantities(Trajectory)
    whole: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return replace(parts[0], reasons=tuple(why for part in parts for why in part.reasons), **whole)
