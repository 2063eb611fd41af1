"""A market cut into its chains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.core.market import Market
from sim.core.memory import benchmark_memory
from sim.core.year import year_inputs
from sim.records.params import NO_INPUT
from tests.worlds import calibrated, random_statistics, with_bound


def two_metals() -> Market:
    """Two goods that have nothing to do with each other, each with a cap of its own."""
    stats = random_statistics(np.random.default_rng(5), 5, 2, 2, 2, hard=False)
    params = calibrated(replace(stats, input_good=(NO_INPUT, NO_INPUT), split_assets=False))
    params = with_bound(params, [(0, 0, 1)], high=2.0)
    params = with_bound(params, [(1, 0, 2), (1, 1, 2)], high=3.0)
    return year_inputs(params, 1, np.arange(2), benchmark_memory(params)).market


def test_goods_without_inputs_are_chains_of_their_own() -> None:
    assert [goods.tolist() for goods in two_metals().chains()] == [[0], [1]]


def test_chain_has_its_own_goods_assets_and_bounds_and_no_others() -> None:
    market = two_metals()
    part, cut = market.cut(np.array([1]))
    assert cut.bounds.tolist() == [1]
    assert (market.good[cut.assets] == 1).all()
    assert (part.good == 0).all()
    np.testing.assert_array_equal(part.routes, market.routes[1:, 1:])
    np.testing.assert_array_equal(part.log_high, market.log_high[:, 1:])
    np.testing.assert_array_equal(part.contestable, market.contestable[:, 1:])
    np.testing.assert_array_equal(part.capacity, market.capacity[:, market.good == 1])


def test_market_of_one_chain_is_cut_to_itself() -> None:
    part, cut = two_metals().cut(np.array([1]))
    again, whole = part.cut(np.array([0]))
    assert again is part
    assert whole.bounds.tolist() == [0]
    assert cut.goods.tolist() == [1]
