"""Balancing: margins, fixed cells, optimality against a general solver, and what cannot be balanced."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from sim.benchmark.balance import balance
from sim.errors import DataError

FREE = np.nan


def entropy(x: np.ndarray, prior: np.ndarray) -> float:
    return float((x * np.log(x / prior) - x).sum())


def test_a_balanced_matrix_does_not_move() -> None:
    prior = np.array([[4.0, 6.0], [1.0, 9.0]])
    balanced = balance(prior, prior.sum(axis=1), prior.sum(axis=0), np.full((2, 2), FREE))
    assert balanced == pytest.approx(prior, rel=1e-14)


def test_equal_prior_gives_the_product_of_the_margins() -> None:
    balanced = balance(np.ones((2, 2)), np.array([3.0, 7.0]), np.array([4.0, 6.0]), np.full((2, 2), FREE))
    assert balanced == pytest.approx(np.array([[1.2, 1.8], [2.8, 4.2]]))


def test_fixed_cells_and_closed_routes_are_kept_exactly() -> None:
    prior = np.array([[5.0, 5.0, 2.0], [3.0, 6.0, 1.0], [2.0, 2.0, 9.0]])
    fixed = np.array([[FREE, 0.0, FREE], [4.0, FREE, FREE], [FREE, FREE, FREE]])
    balanced = balance(prior, prior.sum(axis=1), prior.sum(axis=0), fixed)
    assert balanced[0, 1] == 0.0
    assert balanced[1, 0] == 4.0
    assert np.abs(balanced.sum(axis=1) - prior.sum(axis=1)).max() < 1e-12 * prior.sum()
    assert np.abs(balanced.sum(axis=0) - prior.sum(axis=0)).max() < 1e-12 * prior.sum()


def test_result_is_the_minimum_that_a_general_solver_finds() -> None:
    random = np.random.default_rng(7)
    prior = random.uniform(1, 10, (3, 4))
    rows = np.array([20.0, 15.0, 25.0])
    columns = np.array([10.0, 20.0, 18.0, 12.0])
    fixed = np.full((3, 4), FREE)
    fixed[0, 1], fixed[2, 3] = 6.0, 0.0
    free = np.isnan(fixed)
    given = np.where(free, 0.0, fixed)

    def spread(cells: np.ndarray) -> np.ndarray:
        matrix = given.copy()
        matrix[free] = cells
        return matrix

    margins = [
        {"type": "eq", "fun": lambda cells: spread(cells).sum(axis=1) - rows},
        {"type": "eq", "fun": lambda cells: (spread(cells).sum(axis=0) - columns)[:-1]},
    ]
    found = minimize(
        lambda cells: entropy(cells, prior[free]),
        np.full(free.sum(), 5.0),
        jac=lambda cells: np.log(cells / prior[free]),
        bounds=[(1e-6, None)] * int(free.sum()),
        constraints=margins,
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 500},
    )
    balanced = balance(prior, rows, columns, fixed)
    assert found.success
    assert balanced[free] == pytest.approx(found.x, rel=1e-5)
    assert entropy(balanced[free], prior[free]) <= entropy(found.x, prior[free]) + 1e-8


def test_log_ratios_split_into_row_and_column_terms() -> None:
    # the first-order condition of the minimum: every 2 x 2 minor of log(x / prior) vanishes
    random = np.random.default_rng(3)
    prior = random.uniform(1, 10, (5, 5))
    rows, columns = random.uniform(5, 20, 5), random.uniform(5, 20, 5)
    columns *= rows.sum() / columns.sum()
    ratio = np.log(balance(prior, rows, columns, np.full((5, 5), FREE)) / prior)
    minors = ratio[:, :, None, None] + ratio[None, None] - ratio[:, None, None, :] - ratio.T[None, :, :, None]
    assert np.abs(minors).max() < 1e-9


def test_a_market_without_use_gets_a_zero_column() -> None:
    prior = np.array([[5.0, 1.0], [5.0, 1.0]])
    balanced = balance(prior, np.array([4.0, 6.0]), np.array([10.0, 0.0]), np.full((2, 2), FREE))
    assert balanced == pytest.approx(np.array([[4.0, 0.0], [6.0, 0.0]]))


def test_margins_of_different_totals_are_refused() -> None:
    with pytest.raises(DataError, match=r"output 10\.000000 and use 11\.000000 kt differ"):
        balance(np.ones((2, 2)), np.array([4.0, 6.0]), np.array([5.0, 6.0]), np.full((2, 2), FREE))


def test_fixed_cells_above_a_margin_are_refused() -> None:
    fixed = np.array([[9.0, FREE], [FREE, FREE]])
    with pytest.raises(DataError, match=r"fixed cells exceed the total of row 0 by 5\.000 kt"):
        balance(np.ones((2, 2)), np.array([4.0, 6.0]), np.array([9.0, 1.0]), fixed)


def test_margins_that_the_open_cells_cannot_carry_are_refused() -> None:
    # the first origin may sell to the first market only, which wants less
    prior = np.array([[1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(DataError, match=r"3\.000 kt find no open cell, most in row 0 and column 1"):
        balance(prior, np.array([8.0, 2.0]), np.array([5.0, 5.0]), np.full((2, 2), FREE))


def test_no_open_cell_at_all_is_refused() -> None:
    with pytest.raises(DataError, match=r"no open cell for 10\.000 kt"):
        balance(np.zeros((2, 2)), np.array([4.0, 6.0]), np.array([5.0, 5.0]), np.full((2, 2), FREE))
