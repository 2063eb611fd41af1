from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.bounds import (
    DEEPEST_DISCOUNT,
    bound_flows,
    complementarity,
    implied,
    rents,
    route_wedges,
    upper_limits,
    with_rents,
)


def residual(flow: float, wedge: float, low: float, high: float) -> tuple[float, float, float]:
    logs = [np.array([[math.log(x) if x > 0 else -math.inf]]) if x < math.inf else np.array([[math.inf]])
            for x in (flow, low, high)]  # fmt: skip
    found = complementarity(logs[0], np.array([[wedge]]), logs[1], logs[2])
    return float(found[0][0, 0]), float(found[1][0, 0]), float(found[2][0, 0])


def test_bound_that_leaves_room_wants_no_wedge() -> None:
    assert residual(50.0, 0.0, 10.0, 100.0) == (0.0, 0.0, 1.0)
    assert residual(50.0, 0.1, 10.0, 100.0)[0] == pytest.approx(0.1)


def test_cap_that_binds_wants_its_limit_and_takes_any_positive_wedge() -> None:
    assert residual(100.0, 0.4, 0.0, 100.0)[0] == pytest.approx(0.0, abs=1e-15)
    assert residual(120.0, 0.4, 0.0, 100.0)[0] == pytest.approx(math.log(100 / 120))


def test_floor_that_binds_wants_its_limit_with_a_discount() -> None:
    assert residual(80.0, -0.4, 80.0, math.inf)[0] == pytest.approx(0.0, abs=1e-15)
    assert residual(70.0, -0.4, 80.0, math.inf)[0] == pytest.approx(math.log(80 / 70))


def test_floor_out_of_reach_stops_at_the_deepest_discount() -> None:
    assert math.exp(DEEPEST_DISCOUNT) == pytest.approx(0.3)
    assert residual(10.0, DEEPEST_DISCOUNT, 80.0, math.inf)[0] == pytest.approx(0.0, abs=1e-15)
    assert residual(10.0, -0.5, 80.0, math.inf)[0] == pytest.approx(-0.5 - math.log(0.3))


def test_limit_that_is_just_met_counts_as_binding() -> None:
    assert residual(1.0, 0.0, 0.0, 1.0) == (0.0, -1.0, 0.0)
    assert residual(1.0, 0.0, 1.0, math.inf) == (0.0, -1.0, 0.0)


def test_discount_that_is_just_at_its_deepest_is_held_there() -> None:
    assert residual(1.0, DEEPEST_DISCOUNT, 1.0, math.inf) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize("flow", [5.0, 50.0, 99.0, 300.0])
@pytest.mark.parametrize("wedge", [-1.3, -0.2, 0.05, 2.0])
def test_residual_is_equation_11_with_its_slopes(flow: float, wedge: float) -> None:
    low, high, h = 20.0, 100.0, 1e-6

    def plain(x: float, z: float) -> float:
        inside = min(max(x + z, math.log(low)), math.log(high))
        return z - max(z + x - inside, DEEPEST_DISCOUNT)

    found, by_flow, by_wedge = residual(flow, wedge, low, high)
    x = math.log(flow)
    assert found == pytest.approx(plain(x, wedge), abs=1e-12)
    assert by_flow == pytest.approx((plain(x + h, wedge) - plain(x - h, wedge)) / (2 * h), abs=1e-8)
    assert by_wedge == pytest.approx((plain(x, wedge + h) - plain(x, wedge - h)) / (2 * h), abs=1e-8)


def test_upper_limit_is_tonnes_plus_a_share_of_the_last_free_flow() -> None:
    limits = upper_limits(np.array([[30.0, 0.0, np.inf]]), np.array([[0.0, 0.5, 0.5]]), np.array([[80.0, 80.0, 80.0]]))
    assert limits.tolist() == [[30.0, 40.0, math.inf]]


def two_bounds() -> np.ndarray:
    routes = np.zeros((2, 1, 2, 2), dtype=bool)
    routes[0, 0, 0] = True
    routes[1, 0, :, 1] = True
    return routes


def test_wedges_add_up_where_bounds_overlap() -> None:
    total = route_wedges(np.array([[0.3, -0.1]]), two_bounds())
    np.testing.assert_allclose(total[0, 0], [[0.3, 0.2], [0.0, -0.1]], rtol=1e-15)


def test_rent_is_the_wedge_part_of_the_price_and_is_shared_where_bounds_overlap() -> None:
    value = np.array([[[[10.0, 20.0], [5.0, 40.0]]]])
    found = rents(np.array([[0.3, 0.1]]), two_bounds(), value)[0]
    both = (1 - math.exp(-0.4)) * 20.0
    np.testing.assert_allclose(found[0], (1 - math.exp(-0.3)) * 10.0 + both * 0.75)
    np.testing.assert_allclose(found[1], (1 - math.exp(-0.1)) * 40.0 + both * 0.25)


def test_rents_of_wedges_that_cancel_out_cancel_out() -> None:
    value = np.array([[[[0.0, 20.0], [0.0, 0.0]]]])
    np.testing.assert_allclose(rents(np.array([[0.3, -0.3]]), two_bounds(), value), [[6.0, -6.0]])


def test_bound_without_a_wedge_has_no_rent_whatever_the_others_have() -> None:
    value = np.array([[[[10.0, 20.0], [5.0, 40.0]]]])
    np.testing.assert_array_equal(rents(np.zeros((1, 2)), two_bounds(), value), [[0.0, 0.0]])
    np.testing.assert_allclose(
        rents(np.array([[0.3, 0.0]]), two_bounds(), value), [[(1 - math.exp(-0.3)) * 30.0, 0.0]], rtol=1e-14
    )


def test_rents_come_on_top_of_the_price_where_bounds_overlap_one_on_the_other() -> None:
    line = np.array([[[[100.0, 200.0], [300.0, 400.0]]]])
    found = with_rents(line, np.log([[1.5, 0.5]]), two_bounds())
    np.testing.assert_allclose(found[0, 0], [[150.0, 150.0], [300.0, 200.0]], rtol=1e-15)
    assert line[0, 0, 0, 0] == 100.0


def test_flow_under_a_bound_is_that_over_its_routes() -> None:
    flow = np.array([[[[10.0, 20.0], [5.0, 40.0]]], [[[1.0, 2.0], [3.0, 4.0]]]])
    assert bound_flows(flow, two_bounds()).tolist() == [[30.0, 60.0], [3.0, 6.0]]


def test_no_bounds_no_rents() -> None:
    assert rents(np.zeros((2, 0)), np.zeros((0, 1, 2, 2), dtype=bool), np.ones((2, 1, 2, 2))).shape == (2, 0)


@pytest.mark.parametrize(
    ("first", "second", "idle"),
    [
        ((0.0, 30.0), (0.0, 20.0), [True, False]),
        ((0.0, 20.0), (0.0, 30.0), [False, True]),
        ((5.0, 30.0), (10.0, 30.0), [True, False]),
        ((10.0, 30.0), (5.0, 30.0), [False, True]),
        ((5.0, 30.0), (5.0, 30.0), [False, True]),
        ((5.0, 20.0), (10.0, 30.0), [False, False]),
    ],
)
def test_bound_that_says_no_more_than_another_on_its_routes_is_idle(
    first: tuple[float, float], second: tuple[float, float], idle: list[bool]
) -> None:
    routes = two_bounds()[[0, 0, 1]]
    # the third has the narrowest limits, over other routes
    low, high = np.array([[first[0], second[0], 15.0]]), np.array([[first[1], second[1], 16.0]])
    assert implied(routes, low, high).tolist() == [[*idle, False]]
