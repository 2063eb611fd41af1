"""What a year begins with."""

from __future__ import annotations

import numpy as np
import pytest

from sim.core.year import MOST_CONTRACTED, _within_capacity


@pytest.mark.parametrize("size", [0.01, 1.0, 500.0])
def test_contracts_beyond_capacity_are_scaled_alike_however_small(size: float) -> None:
    promised = size * np.array([[[[0.3, 0.5], [0.1, 0.2]]]])
    found = _within_capacity(promised, size * np.array([[[0.4, 0.4]]]))
    assert found[0, 0, 0].sum() == pytest.approx(MOST_CONTRACTED * 0.4 * size, rel=1e-12)
    assert found[0, 0, 0, 0] / found[0, 0, 0, 1] == pytest.approx(0.6, rel=1e-12)
    np.testing.assert_array_equal(found[0, 0, 1], promised[0, 0, 1])
