"""Sourcing in value: what holds where a market has one supplier, or none."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.armington import log_total_weight


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
