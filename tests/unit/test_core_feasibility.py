from __future__ import annotations

import numpy as np
import pytest

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


def test_floor_may_be_as_high_as_its_own_limit_and_that_around_it() -> None:
    assert found([20.0, 0.0], [20.0, 20.0]) == {}


def test_floor_above_the_limit_around_it_is_told() -> None:
    assert "above the limit of wide" in found([30.0, 0.0], [np.inf, 20.0])[0]


def test_floors_beyond_98_percent_of_capacity_are_told() -> None:
    assert "98%" in found([99.0, 0.0], [np.inf, np.inf])[0]
    assert found([98.0, 0.0], [np.inf, np.inf]) == {}


def test_floor_inside_a_wider_floor_is_counted_once() -> None:
    assert found([60.0, 70.0], [np.inf, np.inf]) == {}


@pytest.mark.parametrize("floors", [(60.0, 38.5), (38.5, 60.0), (50.0, 50.0)])
def test_floors_of_an_origin_over_different_markets_add_up(floors: tuple[float, float]) -> None:
    routes = np.zeros((2, 1, 2, 3), dtype=bool)
    routes[0, 0, 0, :2] = True
    routes[1, 0, 0, 1:] = True  # the two share a market
    limits = (np.array([floors]), np.full((1, 2), np.inf), np.full((1, 1, 2), 100.0), np.full((1, 2), True))
    assert "98%" in contradictions(NAMES, routes, *limits)[0]
    apart = routes.copy()
    apart[1] = np.roll(apart[1], 1, axis=1)  # of two origins
    assert contradictions(NAMES, apart, *limits) == {}


def test_floor_as_high_as_the_wider_one_around_it_is_counted_once() -> None:
    assert found([60.0, 60.0], [np.inf, np.inf]) == {}


@pytest.mark.parametrize("floors", [(60.0, 60.0), (60.0, 50.0), (50.0, 60.0)])
def test_floors_over_the_same_routes_are_counted_once(floors: tuple[float, float]) -> None:
    limits = (np.array([floors]), np.full((1, 2), np.inf), np.full((1, 1, 2), 100.0), np.full((1, 2), True))
    assert contradictions(NAMES, bounds()[[0, 0]], *limits) == {}
    for more in ((99.0, 99.0), (99.0, floors[1]), (floors[0], 99.0)):
        assert "98%" in contradictions(NAMES, bounds()[[0, 0]], np.array([more]), *limits[1:])[0]


def test_floor_over_several_origins_is_promised_by_none_of_them() -> None:
    routes = np.zeros((1, 1, 2, 3), dtype=bool)
    routes[0, 0, :, 1] = True
    few = np.full((1, 1, 2), 10.0)
    floor, no_limit, live = np.array([[15.0]]), np.full((1, 1), np.inf), np.full((1, 1), True)
    assert contradictions(NAMES[:1], routes, floor, no_limit, few, live) == {}


def test_origin_without_capacity_promises_nothing_where_no_floor_is() -> None:
    assert found([0.0, 0.0], [np.inf, np.inf], capacity=0.0) == {}
    assert found([30.0, 0.0], [np.inf, np.inf], capacity=0.5, live=False) == {}


def test_dead_bounds_contradict_nothing() -> None:
    assert found([99.0, 0.0], [20.0, 5.0], live=False) == {}


def test_only_the_draw_with_the_contradiction_is_named() -> None:
    low, high = np.array([[1.0, 0.0], [9.0, 0.0]]), np.full((2, 2), 5.0)
    told = contradictions(NAMES, bounds(), low, high, np.full((2, 1, 2), 100.0), np.full((2, 2), True))
    assert list(told) == [1]
