from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.supply import (
    calibrated_capacity,
    calibrated_curve,
    net_price,
    unbounded_utilisation,
    utilisation,
)


def test_net_price_is_the_margin_where_the_margin_is_wide() -> None:
    net, slope_price, slope_input = net_price(np.array([1000.0]), np.array([400.0]))
    np.testing.assert_allclose(net, 600.0, rtol=1e-6)
    np.testing.assert_allclose(slope_price, 1.0, rtol=1e-5)
    np.testing.assert_allclose(slope_input, -1.0, rtol=1e-5)


def test_net_price_by_hand_at_no_margin() -> None:
    net, _, slope_input = net_price(np.array([1000.0]), np.array([1000.0]))
    np.testing.assert_allclose(net, 0.5)  # half of a thousandth of the price
    np.testing.assert_allclose(slope_input, -0.5)


def test_net_price_stays_above_zero_in_a_deep_loss() -> None:
    net, slope_price, slope_input = net_price(np.array([1.0]), np.array([1e9]))
    assert 0 < net[0] < 1e-14
    np.testing.assert_allclose(net, 0.25e-6 / 1e9, rtol=1e-6)
    assert slope_price[0] >= 0
    assert slope_input[0] <= 0


def test_net_price_slopes_are_finite_differences() -> None:
    price, cost = np.array([1000.0, 1000.0, 800.0]), np.array([999.0, 200.0, 900.0])
    _, slope_price, slope_input = net_price(price, cost)
    h = 1e-4
    by_price = (net_price(price + h, cost)[0] - net_price(price - h, cost)[0]) / (2 * h)
    by_cost = (net_price(price, cost + h)[0] - net_price(price, cost - h)[0]) / (2 * h)
    np.testing.assert_allclose(slope_price, by_price, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(slope_input, by_cost, rtol=1e-6, atol=1e-9)


def test_half_the_capacity_runs_at_the_break_even_margin() -> None:
    np.testing.assert_allclose(utilisation(np.array([700.0]), np.array([700.0]), np.array([3.0])), 0.5)


def test_utilisation_by_hand() -> None:
    np.testing.assert_allclose(utilisation(np.array([1400.0]), np.array([700.0]), np.array([2.0])), 0.8)


def test_utilisation_goes_from_nothing_to_all_without_overflow() -> None:
    used = utilisation(np.array([1e-9, 1e9]), np.array([1000.0, 1000.0]), np.array([100.0, 100.0]))
    np.testing.assert_allclose(used, [0.0, 1.0])


def test_utilisation_of_an_array_is_that_of_its_entries() -> None:
    rng = np.random.default_rng(1)
    net, even, steep = rng.uniform(1, 2000, (3, 5)), rng.uniform(500, 900, (3, 5)), rng.uniform(0.1, 40, (3, 5))
    plain = [[1 / (1 + (net[i, j] / even[i, j]) ** -steep[i, j]) for j in range(5)] for i in range(3)]
    np.testing.assert_allclose(utilisation(net, even, steep), plain, rtol=1e-12)


def test_capacity_is_raised_only_where_output_needs_it() -> None:
    np.testing.assert_allclose(calibrated_capacity(np.array([98.0, 50.0]), np.array([98.0, 80.0])), [100.0, 80.0])


@pytest.mark.parametrize("cost", [0.0, 600.0])
def test_calibrated_curve_goes_through_the_benchmark_with_its_elasticity(cost: float) -> None:
    used, price, elasticity = np.array([0.8]), np.array([1000.0]), np.array([0.5])
    even, steep = calibrated_curve(used, price, np.array([cost]), elasticity)

    def output(p: float) -> float:
        net, _, _ = net_price(np.array([p]), np.array([cost]))
        return float(utilisation(net, even, steep)[0])

    assert output(1000.0) == pytest.approx(0.8, rel=1e-12)
    slope = (math.log(output(1000.01)) - math.log(output(999.99))) / (math.log(1000.01) - math.log(999.99))
    assert slope == pytest.approx(0.5, rel=1e-6)
    assert steep[0] == pytest.approx(0.5 * (1 - cost / 1000) / 0.2, rel=1e-5)


def test_calibrated_curve_has_its_elasticity_in_the_corner_of_the_net_price_too() -> None:
    # half of what the price moves by goes into the net price there
    used, price, cost, elasticity = np.array([0.8]), np.array([1000.0]), np.array([1000.0]), np.array([0.5])
    even, steep = calibrated_curve(used, price, cost, elasticity)
    logs = []
    for p in (1000.0 * (1 - 1e-6), 1000.0 * (1 + 1e-6)):
        net, _, _ = net_price(np.array([p]), cost)
        logs.append(math.log(utilisation(net, even, steep)[0]))
    assert (logs[1] - logs[0]) / 2e-6 == pytest.approx(0.5, rel=1e-5)


def test_supply_without_a_limit_is_iso_elastic_by_hand() -> None:
    found = unbounded_utilisation(np.array([800.0, 200.0, 50.0]), np.array([200.0] * 3), np.array([1.5, 3.0, 0.5]))
    np.testing.assert_allclose(found, [8.0, 1.0, 0.5], rtol=1e-15)
