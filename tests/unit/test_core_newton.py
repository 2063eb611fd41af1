from __future__ import annotations

import numpy as np

from sim.core.newton import TOLERANCE, Point, newton_step, solve_batch
from sim.quantity import Array, Index


def cubes(unknowns: Array, draws: Index) -> Point:
    """Draw n wants x^3 = n + 1 in each of two unknowns."""
    wanted = (draws + 1.0)[:, None]
    slopes = np.zeros((len(draws), 2, 2))
    slopes[:, [0, 1], [0, 1]] = 3 * unknowns**2
    return Point(residual=unknowns**3 - wanted, jacobian=lambda rows: slopes[rows])


def test_each_draw_finds_its_own_root() -> None:
    root = solve_batch(cubes, np.full((5, 2), 3.0))
    assert root.converged.all()
    np.testing.assert_allclose(root.unknowns[:, 0], np.arange(1, 6) ** (1 / 3), rtol=1e-14)


def test_draw_that_starts_at_its_root_takes_no_step() -> None:
    root = solve_batch(cubes, np.ones((2, 2)))
    assert root.steps[0] == 0
    assert root.steps[1] > 0


def test_draw_without_a_root_fails_alone() -> None:
    def hopeless(unknowns: Array, draws: Index) -> Point:
        first = (draws == 0)[:, None]
        residual = np.where(first, 1.0 + unknowns**2, unknowns)
        slopes = np.where(first, 2 * unknowns, 1.0)[:, :, None]
        return Point(residual=residual, jacobian=lambda rows: slopes[rows])

    root = solve_batch(hopeless, np.full((3, 1), 0.7))
    assert root.converged.tolist() == [False, True, True]
    assert (np.abs(root.unknowns[1:]) <= TOLERANCE).all()


def test_step_by_hand_and_its_longest_length() -> None:
    jacobian = np.array([[[2.0]], [[1e-3]]])
    move = newton_step(np.array([[1.0], [1.0]]), jacobian)
    np.testing.assert_allclose(move, [[-0.5], [-1.5]])


def test_singular_draw_does_not_stop_the_others() -> None:
    jacobian = np.array([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]])
    move = newton_step(np.array([[0.2, 0.2], [0.1, 0.3]]), jacobian)
    np.testing.assert_allclose(move, [[-0.1, -0.1], [-0.1, -0.3]], atol=1e-12)
