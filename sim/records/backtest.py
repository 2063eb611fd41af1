"""Episodes of the past: what was observed, what the model says of it, and how the two compare."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

IMPORT_SHARE, FLOW, SUPPLY, PRICE = QUANTITIES = ("import_share", "flow", "supply", "price")
NO_CHANGE, TREND, PROPORTIONAL, GSIM = ALTERNATIVES = ("no_change", "trend", "proportional", "gsim")

SHOCKED = "where the shock acts"
WEIGHTED = "weighted by imports"


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One observed number in model units: a share of imports (1), a flow or a supply (kt/yr), a price (USD/t).

    ``region`` buys and ``partner`` sells; a supply has no region, a price need not have a partner.
    """

    quantity: str
    good: str
    region: str
    partner: str
    year: int
    value: float
    unit: str
    source: str
    note: str = ""

    @property
    def series(self) -> tuple[str, str, str, str]:
        """What it is a year of."""
        return self.quantity, self.good, self.region, self.partner


Before = Mapping[tuple[tuple[str, str, str, str], int], float]
"""How far a series moved in so many years before the benchmark year, root mean square: by series and number of years.

In its unit, for prices in logs.
"""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One observed number after the benchmark year beside what was foretold.

    ``base`` is what was observed in the benchmark year. Everything foretold starts from there: the model's change
    since its own benchmark year is added to it, for a price multiplied with it. ``low`` and ``high`` are the 5th and
    95th percentile of the draws; ``alternatives`` has a number for each of ALTERNATIVES. ``before`` is how far the
    series used to move in as many years (Before). What cannot be told is NaN.
    """

    observed: Observation
    base: float
    model_base: float
    model: float
    low: float
    median: float
    high: float
    alternatives: Mapping[str, float]
    before: float = math.nan


@dataclass(frozen=True, kw_only=True)
class Skill:
    """How well one quantity of an episode was foretold.

    ``region`` is the market, empty where all are taken together, SHOCKED for those that the shock names, WEIGHTED for
    all with each share counted in tonnes of its market. ``observed`` and ``error`` are sums of absolute changes and
    misses over the rows: kt/yr, shares, or logs of prices. ``skill`` is 1 - error / the error of each alternative, NaN
    where that was right throughout. ``coverage`` is the share of rows within the band, ``width`` its mean width over
    the range of the observed changes. The last two are the same for the band made wider by how far each series used to
    move, over the rows of which that is known.
    """

    episode: str
    quantity: str
    region: str = ""
    rows: int
    blank: int
    observed: float
    error: float
    skill: Mapping[str, float]
    coverage: float
    width: float
    coverage_before: float
    width_before: float


@dataclass(frozen=True, kw_only=True)
class Episode:
    """An episode as it was and as it was foretold."""

    name: str
    title: str
    world: str
    year: int
    draws: int
    solved: int
    infeasible: int
    failed: int
    rows: tuple[Compared, ...]
    skills: tuple[Skill, ...]
    weighted: tuple[Skill, ...]  # import shares by the size of the markets, where there are several
    shocked: tuple[Skill, ...]  # what is bought in the markets that the shock names, where these are not all
    by_market: tuple[Skill, ...]
    notices: tuple[str, ...]


def history_of(episode: str) -> str:
    """The history that an episode tells, whatever its benchmark year: ``x`` of ``x_from_2016``."""
    return episode.partition("_from_")[0]


@dataclass(frozen=True, kw_only=True)
class Factor:
    """By how much one kind of parameter was multiplied, with the 5th and 95th percentile over resampled rows."""

    name: str
    estimate: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class OutOfSample:
    """Skill against no change of one quantity of an episode left out, as shipped and as estimated without it."""

    episode: str
    quantity: str
    rows: int
    shipped: float
    estimated: float


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Factors estimated on all histories but one, and how they do on that one; ``left_out`` is empty for all.

    Episodes that tell one history from several benchmark years, ``x`` and ``x_from_2016``, are left out together.
    """

    left_out: str
    factors: tuple[Factor, ...]
    loss_shipped: float
    loss: float
    scores: tuple[OutOfSample, ...]
