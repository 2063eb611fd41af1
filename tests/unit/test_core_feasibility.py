from __future__ import annotations

import numpy as np

from sim.core.feasibility import contradictions

NAMES = ("narrow", "wide")


def bounds() -> np.ndarray:
    """One route of the first origin, and all of its routes."""
    routes = np.zeros((2, 1, 2, 3), dtype=bool)
    routes[0, 0, 0, 1] = True
    routes[1, 0, 0, :] = True
    return routes


def found(low: list[float], high: list[float], capacity: float = 100.0, live: bool = True) -> dict[int, str]:
    return contradictions(
        NAMES, bounds(), np.array([low]), np.array([high]), np.full((1, 1, 2), capacity), np.full((1, 2), live)
    )


def test_bounds_that_can_hold_are_no_contradiction() -> None:
    assert found([10.0, 0.0], [20.0, 50.0]) == {}


def test_floor_above_its_own_limit_is_told() -> None:
    assert "narrow: its floor is above its own limit" in found([30.0, 0.0], [20.0, np.inf])[0]


def test_floor_above_the_limit_around_it_is_told() -> None:
    assert "above the limit of wide" in found([30.0, 0.0], [np.inf, 20.0])[0]


def test_floors_beyond_98_percent_of_capacity_are_told() -> None:
    assert "98%" in found([99.0, 0.0], [np.inf, np.inf])[0]
    assert found([97.0, 0.0], [np.inf, np.inf]) == {}


def test_floor_inside_a_wider_floor_is_counted_once() -> None:
    assert found([60.0, 70.0], [np.inf, np.inf]) == {}


def test_dead_bounds_contradict_nothing() -> None:
    assert found([99.0, 0.0], [20.0, 5.0], live=False) == {}


def test_only_the_draw_with_the_contradiction_is_named() -> None:
    low, high = np.array([[1.0, 0.0], [9.0, 0.0]]), np.full((2, 2), 5.0)
    told = contradictions(NAMES, bounds(), low, high, np.full((2, 1, 2), 100.0), np.full((2, 2), True))
    assert list(told) == [1]
