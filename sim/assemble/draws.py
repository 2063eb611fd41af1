"""Draws of every number with a range: one stream per name, so that numbers do not disturb each other."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np

from sim.quantity import Array, Mask
from sim.records.scenario import Number, Switch


@dataclass(frozen=True, kw_only=True)
class Draws:
    """Row 0 is the central run, rows 1 to ``count`` are draws; the same seed and name give the same row."""

    seed: int
    count: int

    @property
    def rows(self) -> int:
        """Length of the draw axis."""
        return self.count + 1

    def values(self, number: Number) -> Array:
        """Central value and draws of a number without a path over years, (n,) in its unit."""
        if number.shape == "by_year":
            raise ValueError(f"{number.path} is a path over years")
        out = np.full(self.rows, central(number))
        if number.shape != "point" and self.count:
            out[1:] = quantile(number, self._uniform(number.drawn_with or number.path))
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

    def _uniform(self, name: str) -> Array:
        return np.random.default_rng([self.seed, crc32(name.encode())]).random(self.count)


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
    """The value, else the median of the range."""
    if number.value is not None:
        return number.value
    return float(quantile(number, np.array([0.5]))[0])


def quantile(number: Number, level: Array) -> Array:
    """Inverse distribution function of a number with a range at ``level`` in 0..1, in its unit."""
    low, high = number.low, number.high
    if low is None or high is None:
        raise ValueError(f"{number.path} has no range")
    if low == high:
        return np.full(level.shape, low)
    if number.shape == "uniform":
        return low + level * (high - low)
    if number.shape == "loguniform":
        return np.asarray(low * (high / low) ** level)
    if number.shape == "triangular" and number.value is not None:
        return _triangular(low, number.value, high, level)
    raise ValueError(f"{number.path}: no distribution {number.shape!r}")


def _triangular(low: float, mode: float, high: float, level: Array) -> Array:
    turn = (mode - low) / (high - low)
    rising = low + np.sqrt(level * (high - low) * (mode - low))
    falling = high - np.sqrt((1.0 - level) * (high - low) * (high - mode))
    return np.where(level <= turn, rising, falling)
