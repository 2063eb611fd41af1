"""Damped Newton for many small systems at once, each draw on its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.quantity import Array, Index, Mask

TOLERANCE = 1e-11  # largest residual at which a draw counts as solved; one more step is taken then
ROUNDING = 2e-14  # residual at which another step would only stir the last digits
MOST_STEPS = 80  # what is not solved then gets a second attempt
MOST_HALVINGS = 8  # of a step: the last is a 256th of it
LONGEST_STEP = 1.5  # in logs: no unknown moves by more in one step
SUFFICIENT = 1e-4  # share of the predicted decrease that a step must bring
LEAP = 1e-4  # in logs: the last step of a solved draw is not taken where a flat system makes it longer
# second attempts: first pseudo-time step and number of steps; short ones follow the path of the market closely
ATTEMPTS = ((0.3, 300), (0.05, 600))
SHORTEST_TIME, LONGEST_TIME = 1e-3, 1e14
FURTHEST = 100.0  # in logs: a second attempt that goes further is given up
MEMORY = 5  # a step is also good if it beats the worst of so many earlier residuals


@dataclass(frozen=True, eq=False, kw_only=True)
class Point:
    """Residuals of some draws (m, x), and their Jacobians (k, x, x) for any k of these rows on demand."""

    residual: Array
    jacobian: Callable[[Index], Array]


# evaluate(unknowns of some draws (m, x), those draws (m,))
System = Callable[[Array, Index], Point]


@dataclass(frozen=True, eq=False, kw_only=True)
class Root:
    """Unknowns (n, x), whether each draw converged (n,), and the steps it took (n,)."""

    unknowns: Array
    converged: Mask
    steps: Index


def solve_batch(evaluate: System, start: Array, patient: bool = True) -> Root:
    """Find the root of each draw's system from ``start`` (n, x).

    A draw's path depends on nothing but its own numbers: converged draws are frozen, and every array
    operation works within a draw. Only with ``patient`` are those that fail tried along pseudo-time.
    """
    unknowns = start.copy()
    draws = len(start)
    steps = np.zeros(draws, dtype=np.int64)
    converged = np.zeros(draws, dtype=bool)
    active = np.arange(draws)
    point = evaluate(unknowns, active)
    jacobian = np.empty((draws, 0, 0))  # of the active draws where they were one step ago
    history = np.tile(_size(point.residual)[:, None], (1, MEMORY))
    for _ in range(MOST_STEPS):
        worst = np.abs(point.residual).max(axis=1, initial=0.0)
        near = worst <= TOLERANCE
        converged[active[near]] = True
        # a solved draw takes a last step, undamped and not looked at again, for which the last Jacobian will do
        unsettled = np.flatnonzero(near & (worst > ROUNDING))
        if len(unsettled):
            slopes = jacobian[unsettled] if jacobian.size else point.jacobian(unsettled)
            unknowns[active[unsettled]] += _last_step(newton_step(point.residual[unsettled], slopes))
        rows = np.flatnonzero(~near)
        if len(rows) == 0:
            break
        active, history = active[rows], history[rows]
        steps[active] += 1
        jacobian = point.jacobian(rows)
        move = newton_step(point.residual[rows], jacobian)
        point = _line_search(evaluate, unknowns, active, move, history)
        history = np.roll(history, 1, axis=1)
        history[:, 0] = _size(point.residual)
    for first_time, most in ATTEMPTS if patient else ():
        for draw, solution in _along_pseudo_time(evaluate, start, np.flatnonzero(~converged), first_time, most).items():
            unknowns[draw], converged[draw] = solution, True
    return Root(unknowns=unknowns, converged=converged, steps=steps)


def _along_pseudo_time(evaluate: System, start: Array, draws: Index, first_time: float, most: int) -> dict[int, Array]:
    """Solutions by draw of implicit tatonnement: prices fall with excess supply, faster the closer they are.

    The 1 / time added on the diagonal keeps a system regular where bounds overlap, and follows the market past
    a kink at which Newton's method goes back and forth.
    """
    found: dict[int, Array] = {}
    unknowns, time = start[draws].copy(), np.full(len(draws), first_time)
    size_before = np.full(len(draws), np.nan)
    identity = np.eye(start.shape[1])
    for _ in range(most):
        keep = np.abs(unknowns).max(axis=1, initial=0.0) <= FURTHEST
        draws, unknowns, time, size_before = draws[keep], unknowns[keep], time[keep], size_before[keep]
        if len(draws) == 0:
            break
        point = evaluate(unknowns, draws)
        jacobian = point.jacobian(np.arange(len(draws)))
        sane = np.isfinite(point.residual).all(axis=1) & np.isfinite(jacobian).all(axis=(1, 2))
        near = sane & (np.abs(point.residual).max(axis=1, initial=0.0) <= TOLERANCE)
        if near.any():
            last = unknowns[near] + _last_step(newton_step(point.residual[near], jacobian[near]))
            found |= dict(zip(draws[near].tolist(), last, strict=True))
        rows = np.flatnonzero(sane & ~near)
        size = _size(point.residual[rows])
        change = np.where(np.isnan(size_before[rows]), 1.0, size_before[rows] / np.maximum(size, TOLERANCE))
        time = np.clip(time[rows] * np.clip(change, 0.5, 2.0), SHORTEST_TIME, LONGEST_TIME)
        draws, size_before = draws[rows], size
        move = newton_step(point.residual[rows], jacobian[rows] + identity / time[:, None, None])
        unknowns = unknowns[rows] + move
    return found


def newton_step(residual: Array, jacobian: Array) -> Array:
    """The full Newton step, shortened to the longest one; a singular draw gets a least-squares step."""
    try:
        move = np.linalg.solve(jacobian, -residual[:, :, None])[:, :, 0]
    except np.linalg.LinAlgError:
        move = np.stack([_single_step(f, j) for f, j in zip(residual, jacobian, strict=True)])
    longest = np.abs(move).max(axis=1, keepdims=True, initial=0.0)
    shortened: Array = move * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, LONGEST_STEP))
    return shortened


def _last_step(move: Array) -> Array:
    """The last step of a solved draw, undamped and not looked at again; none where it would be a leap."""
    return np.where(np.abs(move).max(axis=1, keepdims=True, initial=0.0) < LEAP, move, 0.0)


def _single_step(residual: Array, jacobian: Array) -> Array:
    try:
        return np.asarray(np.linalg.solve(jacobian, -residual), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.asarray(np.linalg.lstsq(jacobian, -residual, rcond=None)[0], dtype=np.float64)


def _line_search(evaluate: System, unknowns: Array, active: Index, move: Array, history: Array) -> Point:
    """Move the active draws, halving the step of those that do not improve; changes ``unknowns``."""
    origin = unknowns[active]
    worst = history.max(axis=1)
    length = 1.0
    pending = np.arange(len(active))
    while True:
        trial = origin[pending] + length * move[pending]
        point = evaluate(trial, active[pending])
        good = _size(point.residual) <= (1.0 - SUFFICIENT * length) * worst[pending]
        good |= np.abs(point.residual).max(axis=1, initial=0.0) <= TOLERANCE
        if length <= 0.5**MOST_HALVINGS:
            good[:] = True  # a kink: move on, the non-monotone memory takes it from here
        unknowns[active[pending[good]]] = trial[good]
        pending = pending[~good]
        if len(pending) == 0:
            break
        length *= 0.5
    return point if length == 1.0 else evaluate(unknowns[active], active)


def _size(residual: Array) -> Array:
    size: Array = np.sqrt((residual**2).sum(axis=1))
    return size
