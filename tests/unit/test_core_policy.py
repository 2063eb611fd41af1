from __future__ import annotations

import numpy as np
import pytest

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


@pytest.mark.parametrize("rates", [[0.2, 0.2, 0.2], [0.2, 0.0, 0.2], [0.2, 0.4, 0.6]])
def test_measure_holds_in_each_draw_with_the_rate_of_that_draw(rates: list[float]) -> None:
    routes = np.zeros((1, 2, 2, 2), dtype=bool)
    routes[0, 1, 0, 1] = True
    expected = np.zeros((3, 2, 2, 2))
    expected[:, 1, 0, 1] = rates
    np.testing.assert_array_equal(summed_rates(routes, np.array(rates)[:, None]), expected)
    np.testing.assert_array_equal(open_part(routes, np.array(rates)[:, None]), 1.0 - expected)


def test_without_measures_all_routes_are_open() -> None:
    none = np.zeros((0, 2, 3, 3), dtype=bool)
    np.testing.assert_array_equal(open_part(none, np.zeros((4, 0))), np.ones((4, 2, 3, 3)))
    np.testing.assert_array_equal(summed_rates(none, np.zeros((4, 0))), np.zeros((4, 2, 3, 3)))
