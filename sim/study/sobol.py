"""Parts of the variance of what a model tells that come from its inputs, alone and in groups: Sobol indices by SALib.

The model takes levels, (m, d) in 0..1, and tells outcomes, (m, k), blank where it cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from zlib import crc32

import numpy as np
from scipy.stats import qmc

from sim.errors import ConvergenceError, ScenarioError
from sim.quantity import Array, Mask

Model = Callable[[Array], Array]

MOST_DROPPED = 0.05  # share of the base rows: what is left without more is no sample of the inputs any longer
RESAMPLES = 100  # of a bootstrap: the half-width is known to a fourteenth
CONSTANT = 1e-9  # of the largest number: what varies less is rounding of the solver
SCREENED = 16  # base rows that tell which inputs move an outcome most


@dataclass(frozen=True, eq=False, kw_only=True)
class Design:
    """Two independent samples of all inputs, each a scrambled Sobol sequence; inputs that do not act are known."""

    first: Array  # (n, d) levels
    second: Array  # (n, d)
    acting: Mask  # (d,)
    seed: int

    @property
    def samples(self) -> Array:
        """Both samples one after the other, (2 n, d)."""
        return np.concatenate([self.first, self.second])

    def crossed(self, groups: Mask, rows: int | None = None) -> Array:
        """The first sample with the inputs of each group taken from the second one, group by group, (g n, d)."""
        first, second = self.first[:rows], self.second[:rows]
        return np.concatenate([np.where(group, second, first) for group in groups])


@dataclass(frozen=True, eq=False, kw_only=True)
class Told:
    """What the model told over a design: in both samples and, for each group, where that is exchanged."""

    first: Array  # (n, k)
    second: Array  # (n, k)
    crossed: Array  # (g, n, k)

    def kept(self, k: int) -> Mask:
        """The base rows in which an outcome is known in every evaluation, (n,): a part of a row would bias."""
        known = np.isfinite(self.first[:, k]) & np.isfinite(self.second[:, k])
        kept: Mask = known & np.isfinite(self.crossed[:, :, k]).all(axis=0)
        return kept


@dataclass(frozen=True, eq=False, kw_only=True)
class Indices:
    """First-order and total indices of each group, (g,), with half-widths of their intervals of 95 %."""

    first: Array
    first_half: Array
    total: Array
    total_half: Array


def design_of(inputs: int, rows: int, seed: int, acting: Mask | None = None) -> Design:
    """Samples of ``rows`` points, a power of two; the same for the same seed."""
    sampler = qmc.Sobol(d=2 * inputs, scramble=True, seed=_stream(seed, "design"))
    points = sampler.random(rows)
    return Design(
        first=points[:, :inputs],
        second=points[:, inputs:],
        acting=np.ones(inputs, dtype=bool) if acting is None else acting,
        seed=seed,
    )


def told_over(model: Model, design: Design, groups: Mask) -> Told:
    """What the model tells over a design with groups of inputs, (g, d); what must come out the same is solved once."""
    acting = groups & design.acting
    distinct, place = np.unique(acting, axis=0, return_inverse=True)
    moved = distinct.any(axis=1) & (distinct != design.acting).any(axis=1)
    levels = [design.samples, *([design.crossed(distinct[moved])] if moved.any() else [])]
    told = model(np.concatenate(levels))
    told = told.reshape(-1, len(design.first), told.shape[1])
    whole: Mask = np.any(distinct, axis=1)
    crossed = np.where(whole[:, None, None], told[1], told[0])
    crossed[moved] = told[2:]
    return Told(first=told[0], second=told[1], crossed=crossed[place.reshape(-1)])


def movers(told_first: Array, told_crossed: Array) -> Array:
    """How far each input moves the outcome that it moves most, in standard deviations of that outcome, (g,).

    ``told_crossed`` (g, n, k) is told where one input is exchanged in the first sample (n, k).
    """
    change = np.abs(told_crossed - told_first)
    columns = [column[np.isfinite(column)] for column in told_first.T]
    spread = np.array([column.std() if len(column) else 0.0 for column in columns])
    known = np.isfinite(change)
    mean = np.where(known, change, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.asarray((mean / np.where(spread > 0, spread, 1.0)).max(axis=1))


def indices(table: Array, seed: int) -> Indices | None:
    """Indices by SALib from an outcome in the first sample, each group exchanged, and the second, (n, g + 2).

    None where the outcome does not vary. Raises ValueError where an outcome is blank, which the estimator would take
    for a number, ScenarioError where SALib is not installed.
    """
    if not np.isfinite(table).all():
        raise ValueError("an outcome that is not known must not reach the estimator")
    samples = table[:, [0, -1]]
    if np.ptp(samples) <= CONSTANT * np.abs(samples).max():
        return None
    found = _analyser()(
        {"num_vars": table.shape[1] - 2, "names": [str(g) for g in range(table.shape[1] - 2)]},
        table.ravel(),
        calc_second_order=False,
        num_resamples=RESAMPLES,
        seed=[seed, crc32(b"bootstrap")],  # a bare 0 would take the clock
    )
    return Indices(first=found["S1"], first_half=found["S1_conf"], total=found["ST"], total_half=found["ST_conf"])


def indices_of(told: Told, k: int, seed: int, name: str) -> tuple[Indices | None, Mask]:
    """The indices of one outcome from the base rows that are whole, and which these are.

    Raises ConvergenceError where too many are not.
    """
    kept = told.kept(k)
    dropped = int((~kept).sum())
    if dropped > MOST_DROPPED * len(kept):
        raise ConvergenceError(
            f"{name}: {dropped} of {len(kept)} base rows have an evaluation that is not solved or has no such number; "
            f"above {MOST_DROPPED:.0%} the others are no sample of the inputs and no part is told"
        )
    table = np.column_stack([told.first[kept, k], told.crossed[:, kept, k].T, told.second[kept, k]])
    return indices(table, seed), kept


def screening(design: Design, inputs: Mask) -> Array:
    """Levels that tell which of the inputs (g, d) move an outcome: a few rows of the design, then each exchanged."""
    return np.concatenate([design.first[:SCREENED], design.crossed(inputs, SCREENED)])


def screened(told: Array, rows: int) -> Array:
    """How far each input moves an outcome, from what was told of ``screening`` with ``rows`` in the design, (g,)."""
    cut = told.reshape(-1, min(rows, SCREENED), told.shape[1])
    return movers(cut[0], cut[1:])


def _stream(seed: int, name: str) -> np.random.Generator:
    return np.random.default_rng([seed, crc32(name.encode())])


def need_library() -> None:
    """Raise ScenarioError where SALib is not installed, before anything is solved."""
    _analyser()


def _analyser() -> Callable[..., dict[str, Array]]:
    try:
        from SALib.analyze.sobol import analyze
    except ModuleNotFoundError as missing:
        raise ScenarioError(
            f"attribution needs {missing.name}, which is not installed: `make extras` adds it"
        ) from None
    found: Callable[..., dict[str, Array]] = analyze
    return found
