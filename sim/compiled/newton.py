"""Damped Newton for one draw, step for step as ``core.newton`` takes them; hard draws are left to that."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from sim.compiled.jacobian import jacobian
from sim.compiled.position import AT_ONCE, Place, evaluate
from sim.compiled.rows import Rows
from sim.core.newton import LEAP, LONGEST_STEP, MEMORY, MOST_HALVINGS, MOST_STEPS, ROUNDING, SUFFICIENT, TOLERANCE
from sim.quantity import Array, Index


class Space(NamedTuple):
    """Room for the steps of a draw."""

    slopes: Array  # (x, x and more): the Jacobian, and then its factors
    order: Index  # (x,) of its rows
    move: Array  # (x,)
    trial: Array  # (x,)
    history: Array  # (MEMORY,) the latest residuals


@register_jitable
def new_space(size: int) -> Space:
    """Room for so many unknowns."""
    return Space(
        np.empty((size, size + AT_ONCE)),
        np.empty(size, dtype=np.int64),
        np.empty(size),
        np.empty(size),
        np.empty(MEMORY),
    )


@register_jitable
def solve(rows: Rows, at: Place, space: Space, unknowns: Array) -> bool:
    """Move ``unknowns`` (u + b,) to the root and evaluate it there; whether it was found."""
    slopes, order, move, history = space.slopes, space.order, space.move, space.history
    factored = False
    evaluate(rows, at, unknowns)
    history[:] = _norm(at.residual)
    for step in range(MOST_STEPS):
        worst = largest(at.residual)
        if worst <= TOLERANCE:
            # a solved draw takes a last step, undamped, for which the last Jacobian will do
            if worst > ROUNDING:
                if not factored:
                    jacobian(rows, at, slopes)
                    factored = _factored(slopes, order)
                if factored:
                    _step(slopes, order, at.residual, move)
                    if largest(move) < LEAP:
                        unknowns += move
                        evaluate(rows, at, unknowns)
            return True
        if not np.isfinite(worst):
            return False
        jacobian(rows, at, slopes)
        factored = _factored(slopes, order)
        if not factored:
            return False
        _step(slopes, order, at.residual, move)
        _search(rows, at, unknowns, move, space.trial, largest(history))
        history[step % MEMORY] = _norm(at.residual)
    return False


@register_jitable
def _search(rows: Rows, at: Place, unknowns: Array, move: Array, trial: Array, worst: float) -> None:
    """Move along the step, halving it until it improves; the last half is taken as it is."""
    length = 1.0
    while True:
        for x in range(len(move)):
            trial[x] = unknowns[x] + length * move[x]
        evaluate(rows, at, trial)
        good = _norm(at.residual) <= (1.0 - SUFFICIENT * length) * worst or largest(at.residual) <= TOLERANCE
        if good or length <= 0.5**MOST_HALVINGS:
            unknowns[:] = trial
            return
        length *= 0.5


@register_jitable
def _factored(slopes: Array, order: Index) -> bool:
    """Eliminate in place with exchange of rows, whose ``order`` is kept; False where the matrix is singular."""
    size = len(slopes)
    for k in range(size):
        pivot, largest = k, abs(slopes[k, k])
        for x in range(k + 1, size):
            if abs(slopes[x, k]) > largest:
                pivot, largest = x, abs(slopes[x, k])
        if not 0.0 < largest < np.inf:
            return False
        order[k] = pivot
        if pivot != k:
            for y in range(size):
                slopes[k, y], slopes[pivot, y] = slopes[pivot, y], slopes[k, y]
        row = slopes[k]
        for x in range(k + 1, size):
            other = slopes[x]
            factor = other[k] / row[k]
            other[k] = factor
            if factor != 0.0:
                for y in range(k + 1, size):
                    other[y] -= factor * row[y]
    return True


@register_jitable
def _step(factors: Array, order: Index, residual: Array, move: Array) -> None:
    """The full Newton step, shortened to the longest one, into ``move``."""
    size = len(residual)
    for k in range(size):
        move[k] = -residual[k]
    for k in range(size):
        move[k], move[order[k]] = move[order[k]], move[k]
    for k in range(size):
        total = move[k]
        for y in range(k):
            total -= factors[k, y] * move[y]
        move[k] = total
    for k in range(size - 1, -1, -1):
        total = move[k]
        for y in range(k + 1, size):
            total -= factors[k, y] * move[y]
        move[k] = total / factors[k, k]
    longest = largest(move)
    if longest > LONGEST_STEP:
        for k in range(size):
            move[k] *= LONGEST_STEP / longest


@register_jitable
def largest(values: Array) -> float:
    """Largest absolute value, NaN where there is one."""
    largest = 0.0
    for value in values:
        size = abs(value)
        if not size <= largest:
            largest = size
    return largest


@register_jitable
def _norm(values: Array) -> float:
    total = 0.0
    for value in values:
        total += value * value
    return math.sqrt(total)
