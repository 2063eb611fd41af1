"""Sourcing in value: what holds where a market has one supplier, or none."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.armington import composite_price, log_total_weight, tonnes_per_composite


def test_market_with_one_supplier_has_that_weight_whatever_its_size() -> None:
    constant = np.array([[[np.log(3.0), -np.inf], [-np.inf, -np.inf]]])
    found = log_total_weight(constant, np.log(np.full((1, 2, 2), 2.0)), np.array([4.0]))
    assert found[0, 0] == pytest.approx(np.log(3.0 * 2.0**-4.0), rel=1e-12)
    assert found[0, 1] == 0.0


def test_weights_of_several_suppliers_add_up() -> None:
    constant = np.log(np.array([[[1.0], [2.0], [5.0]]]))
    price = np.array([[[1.0], [2.0], [0.5]]])
    found = log_total_weight(constant, np.log(price), np.array([3.0]))
    assert np.exp(found[0, 0]) == pytest.approx(1.0 + 2.0 / 8.0 + 5.0 * 8.0, rel=1e-12)


def test_weights_of_markets_that_are_worlds_apart_stay_numbers() -> None:
    constant = np.array([[[-900.0, -800.0], [800.0, -800.0]]])
    found = log_total_weight(constant, np.zeros((1, 2, 2)), np.array([4.0]))
    assert found[0].tolist() == pytest.approx([800.0, -800.0 + np.log(2.0)], rel=1e-15)


def test_composite_of_two_suppliers_by_hand() -> None:
    # sigma 3, tastes 1/2 each at a price of 2; then 1 and 4: weights 1/2 * 2^3 and 1/2 * 2^-3, 65/16 in all
    sigma, start, now = 3.0, 2.0, np.array([1.0, 4.0])
    taste = np.array([0.5, 0.5])
    constant = (np.log(taste) + sigma * np.log(start)).reshape(1, 2, 1)
    total = log_total_weight(constant, np.log(now).reshape(1, 2, 1), np.array([sigma]))
    assert np.exp(total[0, 0]) == pytest.approx(65 / 16, rel=1e-14)
    mean = (0.5 * 8.0 * 1.0 + 0.5 / 8.0 * 4.0) / (65 / 16)
    log_benchmark = np.full((1, 1), np.log(start))
    price = composite_price(total, np.full((1, 1), mean), log_benchmark, np.array([sigma]))
    # CES index: P^(1 - sigma) is the taste-weighted mean of q^(1 - sigma) at the benchmark's quantities
    assert price[0, 0] == pytest.approx((0.5 * (1.0 / 2.0) ** -2 + 0.5 * (4.0 / 2.0) ** -2) ** -0.5 * start, rel=1e-14)
    tonnes = tonnes_per_composite(total, price, log_benchmark, np.array([sigma]))
    assert tonnes[0, 0] == pytest.approx(65 / 16 * (price[0, 0] / start) ** sigma, rel=1e-14)
    # what is spent on the composite is what is spent on its tonnes
    assert tonnes[0, 0] * mean == pytest.approx(price[0, 0], rel=1e-14)
