"""A sweep: what is varied, over which points, and which indicators are wanted of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.quantity import Array, Index
from sim.records.scenario import Place

EACH = "*"  # in place of a name: every one there is


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """An indicator that is asked for: indicator, good, region, perhaps partner; without a year in all years."""

    names: tuple[str, ...]  # three or four; EACH for every one there is
    year: int | None
    place: Place


@dataclass(frozen=True, kw_only=True)
class Column:
    """One number that is kept of each draw: an indicator at a place in a year."""

    indicator: str
    good: str
    region: str
    partner: str
    year: int
    unit: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What it is a year of."""
        return self.indicator, self.good, self.region, self.partner

    @property
    def text(self) -> str:
        """The indicator as people name it."""
        names = (self.indicator, self.good, self.region, *((self.partner,) if self.partner else ()))
        return ".".join((*names, str(self.year)))


@dataclass(frozen=True, kw_only=True)
class Vary:
    """One axis as a file states it: paths that take the same value, as SET would set them.

    A measure is changed in the scenario alone unless ``baseline_too``, a parameter in both. Either ``values`` one by
    one, or from ``low`` to ``high`` in ``steps``, or between them at the points of a sample.
    """

    paths: tuple[str, ...]
    label: str
    place: Place
    values: tuple[str, ...] = ()
    low: str = ""
    high: str = ""
    steps: int | None = None
    baseline_too: bool = False


@dataclass(frozen=True, kw_only=True)
class Disruption:
    """Every exporter of some goods sells less abroad for a year, each by every cut."""

    year: int
    cuts: tuple[float, ...]  # shares of what it sells abroad in the baseline
    goods: tuple[str, ...]  # EACH for all
    place: Place


@dataclass(frozen=True, kw_only=True)
class SweepFile:
    """A file of scenarios/sweeps/ as it was read; whether its paths and names exist is not known yet."""

    name: str
    title: str
    question: str
    scenarios: tuple[str, ...]  # EACH for every scenario there is
    draws: int | None
    wanted: tuple[Wanted, ...]
    file: str
    vary: tuple[Vary, ...] = ()
    points: int | None = None  # of a sample; a grid has none
    disrupt: Disruption | None = None


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One axis of the points: numbers are in the unit that people read; switches and scenarios have words only."""

    label: str
    unit: str
    numeric: bool


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point: a scenario with settings, and where it lies on each axis."""

    scenario: str
    settings: str  # as SET takes them, empty for the scenario as it is
    baseline_settings: str  # those that hold for the baseline as well
    words: tuple[str, ...]  # per axis, as it was typed
    numbers: tuple[float, ...]  # per axis; blank where the axis has words only


@dataclass(frozen=True, eq=False, kw_only=True)
class Solved:
    """What is kept of some draws of a point: row 0 is the central run; ``before`` is the baseline's."""

    level: Array  # (n, k)
    before: Array  # (n, k)
    status: Index  # (n,)

    def joined(self, others: tuple[Solved, ...]) -> Solved:
        """With the draws of more parts behind its own; each part's central run is left out."""
        parts = (self, *others)
        return Solved(
            level=np.concatenate([part.level[1 if i else 0 :] for i, part in enumerate(parts)]),
            before=np.concatenate([part.before[1 if i else 0 :] for i, part in enumerate(parts)]),
            status=np.concatenate([part.status[1 if i else 0 :] for i, part in enumerate(parts)]),
        )

    def until(self, draws: int) -> Solved:
        """The central run and the first ``draws`` draws."""
        return Solved(level=self.level[: draws + 1], before=self.before[: draws + 1], status=self.status[: draws + 1])
