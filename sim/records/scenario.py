"""A scenario as it was resolved: every number with unit, range, source and place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

KINDS = (
    "ban",
    "tariff",
    "export_tax",
    "freight",
    "cap",
    "floor",
    "offer",
    "contract",
    "project",
    "outage",
    "stockpile",
    "demand_shift",
    "cost_shift",
    "technology_transfer",
)

LISTED = "values."  # begins what Number.written holds of values with weights


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a value stands: file relative to the project (or ``SET``), line and column from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, kw_only=True)
class Number:
    """One number in model units: a point, a range to draw from, or a path over years.

    Units: kt/yr, kt, t/t, USD/t, USD, 1 (shares and rates), 1/yr, years, kt of content throughout.
    """

    path: str
    unit: str
    source: str
    tier: str
    place: Place
    value: float | None = None
    low: float | None = None
    high: float | None = None
    shape: str = "point"  # point | triangular | uniform | loguniform | pert | normal | lognormal | discrete | by_year
    drawn_with: str | None = None  # path of the number whose stream it takes: both low, or both high
    correlation: float | None = None  # with that number, of their normal scores; None takes the stream as it is
    values: tuple[tuple[float, float], ...] = ()  # (value, weight), rising; low and high are then the ends
    by_year: tuple[tuple[int, float], ...] = ()
    range_source: str | None = None
    range_tier: str | None = None
    quote: str | None = None
    note: str | None = None
    written: Mapping[str, str] = field(default_factory=dict)  # the texts as typed: {"value": "2 Mt/yr", ...}

    @property
    def tiers(self) -> tuple[str, ...]:
        """Tiers of the value and of its range."""
        return (self.tier,) if self.range_tier is None else (self.tier, self.range_tier)

    @property
    def spread_as_written(self) -> str:
        """The range as it was typed: ``1 kt/yr to 2 kt/yr``, or ``1 kt/yr: 30 %, 2 kt/yr: 70 %``; empty without."""
        texts = self.written
        if self.values:
            listed = ((name.removeprefix(LISTED), text) for name, text in texts.items() if name.startswith(LISTED))
            return ", ".join(f"{value}: {weight}" for value, weight in listed)
        return f"{texts['low']} to {texts['high']}" if "low" in texts and "high" in texts else ""

    @property
    def drawn_with_as_written(self) -> str:
        """The number it is drawn with, and how closely where that is stated; empty without."""
        if self.drawn_with is None or self.correlation is None:
            return self.drawn_with or ""
        return f"{self.drawn_with} at a correlation of {self.correlation:g}"


@dataclass(frozen=True, kw_only=True)
class Switch:
    """A named state of the world: on over an interval of dates, or with a probability."""

    name: str
    meaning: str
    source: str
    place: Place
    on_from: date | None = None  # on during [on_from, off_from); None is open-ended
    off_from: date | None = None
    always_off: bool = False
    probability: Number | None = None


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One switch of a ``when:`` list; ``negated`` for ``not NAME``."""

    switch: str
    negated: bool = False


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One instrument: what it is, whom it touches, when, and its numbers by field name.

    Region names are resolved: groups and ``except`` are already expanded into origins and destinations
    (each a tuple of region names; routes are all their pairs, for a tariff without domestic ones).
    """

    name: str
    kind: str
    good: str
    place: Place
    origins: tuple[str, ...] = ()
    destinations: tuple[str, ...] = ()
    region: str | None = None
    when: tuple[Condition, ...] = ()
    starts: date | None = None  # in force during [starts, ends); a year Y is 1 January of Y
    ends: date | None = None
    numbers: Mapping[str, Number] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)  # base: FOB | CIF, rent_to: ..., trend: ...
    source: str | None = None
    note: str | None = None


@dataclass(frozen=True, kw_only=True)
class Years:
    """First and last year solved after the benchmark year, and the year the answer is about."""

    first: int
    last: int
    focus: int


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Everything a run needs, resolved and checked.

    ``parameters`` is keyed by path below ``parameters:``, e.g. ``("sourcing_elasticity", "aluminium")``
    or ``("demand_growth", "aluminium", "India")``.
    """

    name: str
    title: str
    question: str
    world: str
    years: Years
    compare_with: str | None
    chain: tuple[str, ...]  # this scenario first, its root last
    files: tuple[str, ...]
    switches: Mapping[str, Switch]
    measures: Mapping[str, Measure]
    parameters: Mapping[tuple[str, ...], Number]
