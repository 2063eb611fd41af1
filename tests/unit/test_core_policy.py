from __future__ import annotations

import numpy as np

from sim.core.policy import open_part, summed_rates


def measures() -> np.ndarray:
    routes = np.zeros((2, 1, 2, 2), dtype=bool)
    routes[0, 0, 0, 1] = True
    routes[1, 0, :, 1] = True
    return routes


def test_duties_on_one_route_add() -> None:
    total = summed_rates(measures(), np.array([[0.1, 0.25], [0.0, 0.0]]))
    np.testing.assert_allclose(total[0, 0], [[0.0, 0.35], [0.0, 0.25]])
    assert (total[1] == 0).all()


def test_bans_on_one_route_multiply() -> None:
    part = open_part(measures(), np.array([[0.5, 0.2]]))
    np.testing.assert_allclose(part[0, 0], [[1.0, 0.4], [1.0, 0.8]])


def test_ban_of_a_whole_year_leaves_exactly_nothing() -> None:
    part = open_part(measures(), np.array([[1.0, 0.3]]))
    assert part[0, 0, 0, 1] == 0.0


def test_without_measures_all_routes_are_open() -> None:
    none = np.zeros((0, 1, 2, 2), dtype=bool)
    assert (open_part(none, np.zeros((3, 0))) == 1).all()
    assert (summed_rates(none, np.zeros((3, 0))) == 0).all()
