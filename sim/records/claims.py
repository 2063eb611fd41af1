"""What the documents state, row by row, and the statistics that stand beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.records.world import Source


@dataclass(frozen=True, kw_only=True)
class Span:
    """A figure or a range of one; both ends equal for a point. Units: %, kt, bn USD, years, t, as ``unit`` says."""

    low: float
    high: float
    unit: str


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A figure that is computed: from the base year, from a shipped table, or a number of a scenario as typed.

    ``of`` names the calculation; the other fields are what it needs, empty where it does not.
    """

    of: str
    good: str = ""
    region: str = ""
    partner: str = ""
    table: str = ""
    column: str = ""
    share: Mapping[str, str] | None = None  # cells that count
    within: Mapping[str, str] | None = None  # cells that are counted in
    scenario: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """A figure beside a claim: typed with its source, computed, or words with a source.

    ``decimals`` are those it is shown with.
    """

    what: str
    source: str = ""  # empty for what is computed
    span: Span | None = None
    text: str = ""
    asked: Asked | None = None
    decimals: int = 0


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One row: what is stated where, the mechanism it drives, and what stands beside it.

    ``mechanism`` is empty for what is only shown beside data. ``scenarios`` exercise the mechanism.
    """

    row: int
    heading: str
    stated: str
    quotes: Mapping[str, str]  # by document
    mechanism: str
    scenarios: tuple[str, ...]
    span: Span | None
    beside: tuple[Statistic, ...]
    said: str


@dataclass(frozen=True, kw_only=True)
class ClaimPage:
    """All rows; ``sources`` are those of the page besides those of the world."""

    world: str
    sources: Mapping[str, Source]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A statistic with its figure, and the sources behind it."""

    what: str
    shown: str
    span: Span | None
    sources: tuple[str, ...]
    computed: str = ""  # how, where the program computed it


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """A scenario that exercises a claim, with what in its files carries the documents' words."""

    scenario: str
    carries: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AnsweredClaim:
    """A row with the figures beside it and the scenarios that there are."""

    claim: Claim
    beside: tuple[Answered, ...]
    exercises: tuple[Exercise, ...]
