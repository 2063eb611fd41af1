"""Tracing re-exports: cases by hand, and what must hold."""

from __future__ import annotations

import numpy as np
import pytest

from sim.benchmark.trace import trace
from sim.errors import DataError


def use_of(production: np.ndarray, trade: np.ndarray) -> np.ndarray:
    return production + trade.sum(axis=0) - trade.sum(axis=1)


def test_re_exported_metal_is_the_producers() -> None:
    # A makes 100 and sends 60 to B, which sends half of that on to C
    production = np.array([100.0, 0.0, 0.0])
    trade = np.array([[0.0, 60.0, 0.0], [0.0, 0.0, 30.0], [0.0, 0.0, 0.0]])
    traced = trace(production, use_of(production, trade), trade)
    assert traced == pytest.approx(np.array([[40.0, 30.0, 30.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))


def test_a_hub_sends_on_its_own_and_others_metal_alike() -> None:
    # B has 50 of its own and 50 from A; what it sends to C is half of each
    production = np.array([100.0, 50.0, 0.0])
    trade = np.array([[0.0, 50.0, 0.0], [0.0, 0.0, 50.0], [0.0, 0.0, 0.0]])
    traced = trace(production, use_of(production, trade), trade)
    assert traced == pytest.approx(np.array([[50.0, 25.0, 25.0], [0.0, 25.0, 25.0], [0.0, 0.0, 0.0]]))


def test_metal_that_goes_round_is_counted_once() -> None:
    # A makes 100 and sends 40 to B, which sends 20 back: in the end A uses 80 and B 20
    production = np.array([100.0, 0.0])
    trade = np.array([[0.0, 40.0], [20.0, 0.0]])
    traced = trace(production, use_of(production, trade), trade)
    assert traced == pytest.approx(np.array([[80.0, 20.0], [0.0, 0.0]]))


@pytest.mark.parametrize("seed", range(20))
def test_rows_sum_to_production_and_columns_to_use(seed: int) -> None:
    random = np.random.default_rng(seed)
    production = random.lognormal(3, 2, 12) * (random.random(12) < 0.6)
    trade = random.lognormal(0, 2, (12, 12)) * (random.random((12, 12)) < 0.3)
    np.fill_diagonal(trade, 0)
    # scale exports until nobody sends more than he has
    for _ in range(2000):
        at_hand, sent = production + trade.sum(axis=0), trade.sum(axis=1)
        trade *= np.minimum(1.0, np.divide(0.9 * at_hand, sent, out=np.ones(12), where=sent > 0))[:, None]
    use = use_of(production, trade)
    assert (use >= 0).all()
    traced = trace(production, use, trade)
    assert np.abs(traced.sum(axis=1) - production).max() < 1e-9 * production.sum()
    assert np.abs(traced.sum(axis=0) - use).max() < 1e-9 * production.sum()
    assert (traced >= 0).all()


def test_use_below_zero_is_refused_not_clipped() -> None:
    production = np.array([10.0, 0.0])
    trade = np.array([[0.0, 12.0], [0.0, 0.0]])
    with pytest.raises(DataError, match="use does not follow from output and trade"):
        trace(production, np.array([-2.0, 12.0]), trade)
    with pytest.raises(DataError, match="worst by 2 kt"):
        trace(production, np.array([0.0, 12.0]), trade)


def test_a_country_with_nothing_stays_empty() -> None:
    production = np.array([10.0, 0.0])
    traced = trace(production, np.array([10.0, 0.0]), np.zeros((2, 2)))
    assert traced == pytest.approx(np.array([[10.0, 0.0], [0.0, 0.0]]))
