"""Draws of every number with a range: one stream per name, so that numbers do not disturb each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import scipy

from sim.quantity import Array, Mask
from sim.records.sampling import LATIN, PLAIN, SAMPLINGS
from sim.records.scenario import Number, Switch

PERT_WEIGHT = 4.0  # weight of the mode in a PERT distribution beside one for each end: its usual form
SPAN = 0.9  # share of a normal or log-normal, before it is cut, that a range is as wide as: as the bands that are told


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Row 0 is the central run, rows 1 to ``count`` are draws; the same seed and name give the same row.

    Latin hypercube sampling puts one draw of each name into each of ``count`` slices of equal probability; then a
    row depends on ``count`` as well. ``part`` narrows the rows to the central run and the draws from the first to
    before the second of two positions; it changes none of them.
    """

    seed: int
    count: int
    sampling: str = PLAIN
    part: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if self.sampling not in SAMPLINGS:
            raise ValueError(f"no sampling {self.sampling!r}; there are {', '.join(SAMPLINGS)}")

    @property
    def span(self) -> tuple[int, int]:
        """The draws that the rows after the central run hold: from the first to before the second of two positions."""
        return (1, self.count + 1) if self.part is None else self.part

    @property
    def rows(self) -> int:
        """Length of the draw axis."""
        first, end = self.span
        return 1 + end - first

    def values(self, number: Number) -> Array:
        """Central value and draws of a number without a path over years, (n,) in its unit."""
        if number.shape == "by_year":
            raise ValueError(f"{number.path} is a path over years")
        out = np.full(self.rows, central(number))
        if number.shape != "point" and self.rows > 1:
            out[1:] = quantile(number, self._level(number))
        return out

    def path(self, number: Number, years: tuple[int, ...]) -> Array:
        """A number over years, (n, t): constant, or held from each stated year until the next."""
        if number.shape != "by_year":
            return np.repeat(self.values(number)[:, None], len(years), axis=1)
        stated = np.array([year for year, _ in number.by_year])
        values = np.array([value for _, value in number.by_year])
        at = np.searchsorted(stated, np.array(years), side="right") - 1
        return np.tile(values[np.maximum(at, 0)], (self.rows, 1))

    def switched_on(self, switch: Switch, central_state: bool) -> Mask:
        """Whether a switch with a probability is on, (n,): decided once for all years of a draw."""
        if switch.probability is None:
            raise ValueError(f"{switch.name} has no probability")
        chance = central(switch.probability)
        on = np.empty(self.rows, dtype=bool)
        on[0] = central_state if chance == 0.5 else chance > 0.5
        on[1:] = self._uniform(f"switches.{switch.name}") < chance
        return on

    def _level(self, number: Number) -> Array:
        """Where in its distribution each draw of a number lies, in 0..1."""
        if number.drawn_with is None or number.correlation is None:
            return self._uniform(number.drawn_with or number.path)
        # normal scores of both: uniform again, whatever the correlation
        own, other = (scipy.special.ndtri(self._uniform(name)) for name in (number.path, number.drawn_with))
        level: Array = scipy.special.ndtr(number.correlation * other + np.sqrt(1 - number.correlation**2) * own)
        return level

    def _uniform(self, name: str) -> Array:
        first, end = self.span
        source = np.random.PCG64([self.seed, crc32(name.encode())])
        if self.sampling == LATIN:
            stream = np.random.Generator(source)
            level: Array = (stream.permutation(self.count) + stream.random(self.count)) / self.count
            return level[first - 1 : end - 1]
        # each draw takes one number from the source: those before the part need not be made
        return np.random.Generator(source.advance(first - 1)).random(end - first)


@dataclass(frozen=True, eq=False, kw_only=True)
class Levels(Draws):
    """Draws that lie where they are told to in the distribution of each name, row by row; no name may be missing.

    A switch is named ``switches.<name>`` and on where its level is below its probability. A blank level leaves the
    number at its central value, the switch in its central state.
    """

    levels: Mapping[str, Array]  # (count,) in 0..1, or blank

    def values(self, number: Number) -> Array:
        """Central value and draws of a number, (n,) in its unit."""
        drawn = super().values(number)
        if number.shape != "point" and self.count:
            drawn[1:][np.isnan(self._level(number))] = drawn[0]
        return drawn

    def switched_on(self, switch: Switch, central_state: bool) -> Mask:
        """Whether a switch with a probability is on, (n,)."""
        on = super().switched_on(switch, central_state)
        on[1:][np.isnan(self._uniform(f"switches.{switch.name}"))] = on[0]
        return on

    def _uniform(self, name: str) -> Array:
        return self.levels[name]


@dataclass(frozen=True, eq=False, kw_only=True)
class Varied(Draws):
    """Draws in which one number takes given values, row by row; all others are drawn as ever.

    The number is known by being the same object: one of the same name in another scenario stays what it is.
    """

    number: Number
    tried: Array  # (n,) in the number's unit

    def values(self, number: Number) -> Array:
        """The given values of the number that is varied, the draws of any other."""
        return self.tried.copy() if number is self.number else super().values(number)

    def path(self, number: Number, years: tuple[int, ...]) -> Array:
        """The same over years (n, t): one value stands for a path over years in all of them."""
        if number is self.number:
            return np.repeat(self.tried[:, None], len(years), axis=1)
        return super().path(number, years)


def central(number: Number) -> float:
    """The value; else the likeliest of stated values (of equals the least), or the median of the range."""
    if number.value is not None:
        return number.value
    if number.values:
        return max(number.values, key=lambda each: each[1])[0]
    return float(quantile(number, np.array([0.5]))[0])


def quantile(number: Number, level: Array) -> Array:
    """Inverse distribution function of a number with a range at ``level`` in 0..1, in its unit."""
    low, high = number.low, number.high
    if low is None or high is None:
        raise ValueError(f"{number.path} has no range")
    if low == high:
        return np.full(level.shape, low)
    if number.shape == "discrete":
        return _discrete(number.values, level)
    if number.shape == "uniform":
        return low + level * (high - low)
    if number.shape == "loguniform":
        return np.asarray(low * (high / low) ** level)
    if number.shape in _PEAKED and number.value is not None:
        drawn = _PEAKED[number.shape](low, number.value, high, level)
        return np.asarray(np.clip(drawn, low, high))  # rounding may lead past an end
    raise ValueError(f"{number.path}: no distribution {number.shape!r}")


def _triangular(low: float, mode: float, high: float, level: Array) -> Array:
    turn = (mode - low) / (high - low)
    rising = low + np.sqrt(level * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - level) * (high - low) * (high - mode))
    return np.where(level <= turn, rising, falling)


def _pert(low: float, mode: float, high: float, level: Array) -> Array:
    rise, fall = (1 + PERT_WEIGHT * part / (high - low) for part in (mode - low, high - mode))
    return np.asarray(low + (high - low) * scipy.special.betaincinv(rise, fall, level))


def _normal(low: float, mean: float, high: float, level: Array) -> Array:
    """A normal cut at both ends; its standard deviation makes its middle ``SPAN`` as wide as the range."""
    deviation = (high - low) / (2 * scipy.special.ndtri((1 + SPAN) / 2))
    below, above = scipy.special.ndtr((low - mean) / deviation), scipy.special.ndtr((high - mean) / deviation)
    return np.asarray(mean + deviation * scipy.special.ndtri(below + level * (above - below)))


def _lognormal(low: float, median: float, high: float, level: Array) -> Array:
    return np.exp(_normal(np.log(low), np.log(median), np.log(high), level))


def _discrete(values: tuple[tuple[float, float], ...], level: Array) -> Array:
    """The values in order, each over as much of 0..1 as its weight."""
    points, weights = np.array(sorted(values)).T
    reached = np.cumsum(weights) / weights.sum()
    at = np.searchsorted(reached, level, side="right")
    return np.asarray(points[np.minimum(at, len(points) - 1)])


_PEAKED = {"triangular": _triangular, "pert": _pert, "normal": _normal, "lognormal": _lognormal}
