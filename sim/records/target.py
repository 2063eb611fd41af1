"""A goal, the number that is varied to meet it, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.quantity import Array, Index
from sim.records.outcome import Band, RunFacts

AT_MOST, AT_LEAST = "<=", ">="
# what becomes of a draw: it turns at a value; the goal is met, or not met, at every value; it cannot be told
TURNS, EVERYWHERE, NOWHERE, UNTOLD = 0, 1, 2, 3
OUTCOME_WORDS = ("turns", "met everywhere", "met nowhere", "not solved")
MET_WITHIN = 1e-7  # of the goal: a tenth of what is promised, and above the noise of the solver


@dataclass(frozen=True, kw_only=True)
class Shown:
    """How numbers of a model unit are printed: divided by ``factor``, ``unit`` behind them."""

    factor: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A bound that an indicator is to keep; ``limit`` in the indicator's unit, ``text`` as it was typed."""

    indicator: str
    good: str
    region: str
    partner: str
    year: int
    comparison: str
    unit: str  # of the indicator, as in the tables
    limit: float
    text: str
    shown: Shown

    def gap(self, values: Array) -> Array:
        """How far values are from the goal, as a part of it: above 0 where it is not met."""
        scale = abs(self.limit) or 1.0
        away = (values - self.limit) / scale
        return away if self.comparison == AT_MOST else -away


@dataclass(frozen=True, kw_only=True)
class Span:
    """The bounds of a search, in the unit of the varied number, and where they come from."""

    low: float
    high: float
    origin: str


@dataclass(frozen=True, eq=False, kw_only=True)
class TargetAnswer:
    """What was found: a response over the span, and per draw where the goal begins to be met; row 0 is central.

    ``met_above`` tells on which side of a draw's ``solution`` the goal is met; it means nothing in other draws.
    ``turns`` counts how often the goal is met or missed anew from one end of the span to the other.
    """

    facts: RunFacts
    goal: Goal
    path: str
    unit: str  # of the varied number
    shown: Shown
    span: Span
    constant: bool  # the number was a path over years, and one value stands for it throughout
    grid: Array  # (g,) values tried
    response: tuple[Band, ...]  # of the indicator, one for each value tried
    met: Array  # (g,) share of the solved draws in which the goal is met
    present: Array  # (n,) value of the number without the search
    at_present: Array  # (n,) the indicator there, blank where not solved
    outcome: Index  # (n,) TURNS, EVERYWHERE, NOWHERE or UNTOLD
    solution: Array  # (n,) the value where the goal begins to be met, nearest to the present one; blank elsewhere
    met_above: Index  # (n,) 1 where the goal is met above the solution, 0 below it
    jumps: Index  # (n,) 1 where the indicator leaps over the goal there
    turns: Index  # (n,)
    others: tuple[tuple[float, float], ...]  # spans of further turns of the central run
    band: Band  # of the solution, over the draws that have one

    @property
    def met_now(self) -> Index:
        """1 in the rows that meet the goal at the present value (n,)."""
        met: Index = (self.goal.gap(self.at_present) <= MET_WITHIN).astype(int)
        return met

    def enough(self, share: float) -> float | None:
        """The value from which on a share of all told draws meets the goal; None where it cannot be told.

        Draws that meet it everywhere count as below every value, those that meet it nowhere as above: minus infinity
        where the share meets it at every value of the span, infinity where no value in it is enough. Not told where
        draws turn more than once, or some upwards and some downwards.
        """
        outcome, solution, above = self.outcome[1:], self.solution[1:], self.met_above[1:]
        turning = outcome == TURNS
        sides = set(above[turning].tolist())
        if len(sides) != 1 or (self.turns[1:] > 1).any():
            return None
        sign = 1.0 if sides == {1} else -1.0
        sought = np.where(turning, sign * solution, np.where(outcome == EVERYWHERE, -np.inf, np.inf))
        ordered = np.sort(sought[outcome != UNTOLD])
        value = float(ordered[int(np.ceil(share * len(ordered))) - 1])
        return sign * value if np.isfinite(value) else value

    def counted(self, outcome: int) -> int:
        """Number of draws with an outcome, the central run left out."""
        return int((self.outcome[1:] == outcome).sum())
