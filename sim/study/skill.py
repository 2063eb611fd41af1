"""How well an episode was foretold: skill, coverage and width, over all rows, by market and by the size of markets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from sim.quantity import Array
from sim.records.backtest import ALTERNATIVES, FLOW, IMPORT_SHARE, PRICE, QUANTITIES, SHOCKED, WEIGHTED, Compared, Skill
from sim.study.told import distance

NORMAL_90 = 1.645  # standard deviations on either side of the middle nine tenths of a normal
_ROUNDING = 1e-9  # of a band's ends: a number on the edge is inside


def skills_of(episode: str, rows: Sequence[Compared], *, banded: bool) -> tuple[Skill, ...]:
    """The skill of each quantity that was observed, in the order of QUANTITIES."""
    return tuple(
        _skill(episode, quantity, mine, banded)
        for quantity in QUANTITIES
        if (mine := [row for row in rows if row.observed.quantity == quantity])
    )


def skills_weighted(
    episode: str, rows: Sequence[Compared], imports: Mapping[tuple[str, str], float], *, banded: bool
) -> tuple[Skill, ...]:
    """Import shares, each point counted by the imports of its market in the benchmark year, where there are several.

    ``imports`` are by good and region, in kt a year: so a point counts the tonnes it stands for.
    """
    mine = [row for row in rows if row.observed.quantity == IMPORT_SHARE]
    markets = [(row.observed.good, row.observed.region) for row in mine]
    if len(set(markets)) < 2:
        return ()
    weights = [imports[market] for market in markets]
    return (_skill(episode, IMPORT_SHARE, mine, banded, WEIGHTED, weights),)


def skills_where(
    episode: str, rows: Sequence[Compared], markets: Collection[str], *, banded: bool
) -> tuple[Skill, ...]:
    """The same for what some markets buy from abroad; nothing where these are all that was observed, or none."""
    found = []
    for quantity in (IMPORT_SHARE, FLOW):
        mine = [row for row in rows if row.observed.quantity == quantity]
        there = [row for row in mine if row.observed.region in markets]
        if there and len(there) < len(mine):
            found.append(_skill(episode, quantity, there, banded, SHOCKED))
    return tuple(found)


def skills_by_market(episode: str, rows: Sequence[Compared], *, banded: bool) -> tuple[Skill, ...]:
    """The same market by market for what importers buy, the markets that changed most first."""
    found = []
    for quantity in (IMPORT_SHARE, FLOW):
        mine = [row for row in rows if row.observed.quantity == quantity]
        markets = dict.fromkeys(row.observed.region for row in mine)
        skills = [
            _skill(episode, quantity, [row for row in mine if row.observed.region == market], banded, market)
            for market in markets
        ]
        found += sorted(skills, key=lambda skill: -skill.observed)
    return tuple(found)


def _skill(
    episode: str,
    quantity: str,
    rows: Sequence[Compared],
    banded: bool,
    region: str = "",
    weights: Sequence[float] | None = None,
) -> Skill:
    there = [not np.isnan(row.model) for row in rows]
    told = [row for row, each in zip(rows, there, strict=True) if each]

    def numbers(of: Sequence[float]) -> Array:
        return np.array(of, dtype=np.float64)

    weight = np.ones(len(told)) if weights is None else numbers(weights)[there]
    observed, base = numbers([row.observed.value for row in told]), numbers([row.base for row in told])
    error = weight * distance(quantity, numbers([row.model for row in told]), observed)
    skill = {
        name: skill_of(error, weight * distance(quantity, numbers([row.alternatives[name] for row in told]), observed))
        for name in ALTERNATIVES
    }
    low, high = numbers([row.low for row in told]), numbers([row.high for row in told])
    bands = (low, high), made_wider(told)
    signed = weight * _signed(quantity, observed, base)
    coverage, width = zip(*(_band(quantity, *ends, observed, weight, signed) for ends in bands), strict=True)
    shown = banded and len(told) > 0
    return Skill(
        episode=episode,
        quantity=quantity,
        region=region,
        rows=len(rows),
        blank=len(rows) - len(told),
        observed=float((weight * distance(quantity, observed, base)).sum()),
        error=float(error.sum()),
        skill=skill,
        coverage=coverage[0] if shown else np.nan,
        width=width[0] if shown else np.nan,
        coverage_before=coverage[1] if shown else np.nan,
        width_before=width[1] if shown else np.nan,
    )


def made_wider(rows: Sequence[Compared]) -> tuple[Array, Array]:
    """Ends of the bands (k,) with the spread of the draws and that of the past taken as independent.

    The distance of an end from the central number and 1.645 times how far the series used to move, the root of the sum
    of squares; prices in logs. NaN where the past is not known.
    """
    ends = []
    for sign in (-1.0, 1.0):
        side = []
        for row in rows:
            end = row.low if sign < 0 else row.high
            past = NORMAL_90 * row.before
            if row.observed.quantity == PRICE:
                side.append(row.model * np.exp(sign * np.hypot(np.log(end / row.model), past)))
            else:
                side.append(row.model + sign * np.hypot(end - row.model, past))
        ends.append(np.array(side, dtype=np.float64))
    return ends[0], ends[1]


def _band(quantity: str, low: Array, high: Array, observed: Array, weight: Array, signed: Array) -> tuple[float, float]:
    """Coverage and width of bands, over the rows that have one; ``signed`` are the changes of all rows by weight."""
    known = ~np.isnan(low)
    if not known.any():
        return np.nan, np.nan
    low, high, observed, weight = (each[known] for each in (low, high, observed, weight))
    inside = (observed >= low - _ROUNDING * np.abs(low)) & (observed <= high + _ROUNDING * np.abs(high))
    return float(np.average(inside, weights=weight)), _width(weight * distance(quantity, high, low), signed)


def skill_of(error: Array, other: Array) -> float:
    """1 - sum of errors / sum of the other's, over the rows that the other tells; NaN where it errs nowhere."""
    there = ~np.isnan(other)
    total = other[there].sum()
    return float(1.0 - error[there].sum() / total) if total > 0 else np.nan


def _signed(quantity: str, observed: Array, base: Array) -> Array:
    """Observed changes with their sign."""
    return np.asarray(np.where(observed < base, -1.0, 1.0) * distance(quantity, observed, base))


def _width(bands: Array, changes: Array) -> float:
    """Mean width of the bands over the range of the observed changes, NaN where all changes are one."""
    span = changes.max() - changes.min()
    return float(bands.mean() / span) if span > 0 else np.nan
