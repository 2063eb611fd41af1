"""Minimum cross-entropy balancing of a matrix of flows to its margins."""

from __future__ import annotations

import numpy as np

from sim.errors import DataError
from sim.quantity import Array

_ROUNDING = 1e-9  # of the total: what sums of floats may miss
_SOLVER_SLACK = 1e-7  # of the total: what the linear programme may leave unplaced

MOST_ROUNDS = 100_000  # of scaling rows and columns: more means that the totals cannot be met
CONVERGED = 1e-12  # of each margin


def balance(prior: Array, rows: Array, columns: Array, fixed: Array) -> Array:
    """The matrix nearest to ``prior`` with the given margins and fixed cells.

    Parameters
    ----------
    prior : (o, d)
        Flows before balancing; a zero stays zero. [kt/yr]
    rows, columns : (o), (d)
        Output and use. [kt/yr]
    fixed : (o, d)
        Tonnes of cells that are given, NaN where a cell is free; a closed route is a fixed 0. [kt/yr]

    Returns
    -------
    (o, d)
        argmin of the sum of x ln(x / prior) - x over the free cells: x = prior r c. [kt/yr]

    Notes
    -----
    Found by scaling rows and columns in turn. Raises DataError where the margins differ in total, where the
    fixed cells exceed a margin, or where no matrix on these cells has the margins; it names what is short.
    """
    free = np.isnan(fixed)
    given = np.where(free, 0.0, fixed)
    rows_left, columns_left = rows - given.sum(axis=1), columns - given.sum(axis=0)
    weights = np.where(free, prior, 0.0)
    _check_margins(rows, columns, rows_left, columns_left)
    rows_left, columns_left = np.maximum(rows_left, 0.0), np.maximum(columns_left, 0.0)
    _check_feasible(weights, rows_left, columns_left)
    row_factor = np.ones(len(rows))
    for _ in range(MOST_ROUNDS):
        column_factor = _ratio(columns_left, row_factor @ weights)
        row_factor = _ratio(rows_left, weights @ column_factor)
        missed = np.abs(column_factor * (row_factor @ weights) - columns_left)
        if (missed <= CONVERGED * np.maximum(columns, 1.0)).all():
            return given + row_factor[:, None] * weights * column_factor
    raise DataError(f"balancing does not converge, worst column misses {missed.max():.3g} kt")


def _ratio(wanted: Array, got: Array) -> Array:
    return np.divide(wanted, got, out=np.zeros_like(wanted), where=got > 0)


def _check_margins(rows: Array, columns: Array, rows_left: Array, columns_left: Array) -> None:
    total = max(float(rows.sum()), 1.0)
    if abs(rows.sum() - columns.sum()) > _ROUNDING * total:
        raise DataError(f"output {rows.sum():.6f} and use {columns.sum():.6f} kt differ")
    for what, left in (("row", rows_left), ("column", columns_left)):
        if left.min() < -_ROUNDING * total:
            raise DataError(f"fixed cells exceed the total of {what} {int(left.argmin())} by {-left.min():.3f} kt")


def _check_feasible(weights: Array, rows_left: Array, columns_left: Array) -> None:
    """Place as much as the open cells allow; all of it, or the margins cannot be met."""
    from scipy.optimize import linprog  # slow to load, and a world is built only once
    from scipy.sparse import csr_array

    origin, destination = np.nonzero(weights > 0)
    total = float(rows_left.sum())
    cells = len(origin)
    if cells == 0:
        if total > 0:
            raise DataError(f"no open cell for {total:.3f} kt")
        return
    limits = csr_array(
        (np.ones(2 * cells), (np.concatenate([origin, destination + len(rows_left)]), np.tile(np.arange(cells), 2))),
        shape=(len(rows_left) + len(columns_left), cells),
    )
    bounds = np.concatenate([rows_left, columns_left])
    placed = linprog(-np.ones(cells), A_ub=limits, b_ub=bounds, bounds=(0, None), method="highs")
    if placed.status != 0:
        raise DataError(f"margins cannot be checked: {placed.message}")
    if total + placed.fun > _SOLVER_SLACK * max(total, 1.0):
        short = bounds - limits @ placed.x
        row, column = int(short[: len(rows_left)].argmax()), int(short[len(rows_left) :].argmax())
        raise DataError(
            f"no matrix has these margins: {total + placed.fun:.3f} kt find no open cell,"
            f" most in row {row} and column {column}"
        )
