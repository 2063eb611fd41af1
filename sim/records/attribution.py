"""Which inputs the variance of an outcome comes from, and of which tier of evidence they are."""

from __future__ import annotations

from dataclasses import dataclass

from sim.records.outcome import Band, RunFacts
from sim.records.sweep import Column
from sim.records.target import Shown

# what becomes of an input: an index of its own, one with others in a group, or none, since it reaches no run
ALONE, TOGETHER, IDLE = "alone", "together", "idle"
FATES = (ALONE, TOGETHER, IDLE)


@dataclass(frozen=True, kw_only=True)
class Input:
    """One independent source of draws: a number with a range and all that is drawn with it, or a switch.

    ``low`` and ``high`` are the 5th and 95th percentile of the number, in its unit; of a switch off (0) and on (1).
    """

    name: str  # the path of the number, or switches.<name>
    tiers: tuple[str, ...]  # of its values and its ranges, the weakest first
    unit: str
    shown: Shown
    low: float
    high: float
    others: tuple[str, ...] = ()  # paths of the numbers that are drawn with it

    @property
    def tier(self) -> str:
        """The tier it counts under: its weakest."""
        return self.tiers[0]

    @property
    def is_switch(self) -> bool:
        """Whether it is a switch with a probability."""
        return self.name.startswith("switches.")


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of a variance with the half-width of its interval of 95 %; blank where it was not estimated.

    ``first`` is what goes away on average once the inputs are known, ``total`` what stays while only they are not.
    """

    first: float
    first_half: float
    total: float
    total_half: float


@dataclass(frozen=True, kw_only=True)
class InputPart:
    """An input and its part; ``at_low`` and ``at_high`` are the outcome while it alone leaves its central value."""

    input: Input
    fate: str
    part: Part
    at_low: float
    at_high: float

    @property
    def swing(self) -> float:
        """How far the outcome goes from one end to the other; blank where an end is not solved."""
        return self.at_high - self.at_low


@dataclass(frozen=True, kw_only=True)
class TierPart:
    """All inputs of a tier as one: how many there are, how many of them act, how many numbers have no range."""

    tier: str
    inputs: int
    acting: int
    without_range: int
    part: Part


@dataclass(frozen=True, kw_only=True)
class OutcomeParts:
    """Where the variance of one outcome comes from.

    ``rows`` base rows of the design were used, ``dropped`` left out since one of their evaluations was not solved or
    has no such number. ``spread`` and ``deviation`` are over the two independent samples of the rows used. Without
    any variance all parts are blank.
    """

    column: Column
    spread: Band
    deviation: float
    tail: float
    rows: int
    dropped: int
    inputs: tuple[InputPart, ...]  # the largest total index first
    others: Part | None  # of the inputs that stand together; None where there are none
    tiers: tuple[TierPart, ...]  # the weakest first

    @property
    def varies(self) -> bool:
        """Whether there is a variance to share out."""
        return self.deviation > 0

    @property
    def alone(self) -> tuple[InputPart, ...]:
        """The inputs with an index of their own, the largest first."""
        return tuple(each for each in self.inputs if each.fate == ALONE)


@dataclass(frozen=True, kw_only=True)
class Attribution:
    """An attribution: its outcomes, and of what; the draws that ``facts`` count are the evaluations."""

    facts: RunFacts
    of: str
    base: int  # rows of the design, as asked for
    outcomes: tuple[OutcomeParts, ...]
    fixed: tuple[tuple[str, str], ...]  # tier of each number without a range, and it as written, with its owner
