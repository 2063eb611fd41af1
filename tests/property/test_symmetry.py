"""Money has no scale, regions have no order, and borders inside a region change nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import SOLVED
from tests.worlds import (
    calibrated,
    in_other_money,
    random_statistics,
    random_world,
    reordered,
    six_region_statistics,
    six_region_world,
    split_region,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_contract,
    with_wedge,
)


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_doubled_money_moves_the_same_tonnes_at_doubled_prices(seed: int, stages: int) -> None:
    params = random_world(seed, stages=stages, hard=False)
    one, two = simulate(params), simulate(in_other_money(params, 2.0))
    np.testing.assert_array_equal(one.status, two.status)
    np.testing.assert_allclose(two.flow, one.flow, rtol=1e-9, atol=1e-9)
    for name in ("producer_price", "market_price", "delivered_price", "rent", "duties", "export_taxes", "freight_cost"):
        np.testing.assert_allclose(getattr(two, name), 2 * getattr(one, name), rtol=1e-9, atol=1e-7, err_msg=name)


@given(seed=st.integers(0, 1000), stages=st.sampled_from([1, 2]))
@settings(max_examples=6, derandomize=True)
def test_relabelled_regions_give_relabelled_results(seed: int, stages: int) -> None:
    params = random_world(seed, stages=stages, hard=False, draws=2)
    order = np.random.default_rng(seed).permutation(len(params.regions)).tolist()
    one, two = reordered(simulate(params), order), simulate(reordered(params, order))
    np.testing.assert_array_equal(one.status, two.status)
    for name in ("producer_price", "market_price", "flow", "final_use", "unserved", "duties", "export_taxes"):
        np.testing.assert_allclose(getattr(two, name), getattr(one, name), rtol=1e-9, atol=1e-9, err_msg=name)


def _with_measures_on(params: Params, region: list[int]) -> Params:
    """Measures that treat the parts of a region alike."""
    params = with_ban(params, [(0, o, 3) for o in region])
    params = with_wedge(params, "tariffs_cif", [(0, 1, d) for d in region], 0.3)
    params = with_wedge(params, "export_taxes", [(0, o, 5) for o in region], 0.1)
    params = with_bound(params, [(0, o, 1) for o in region], high=60.0)
    for o in region:
        params = with_contract(params, (0, o, 0), 30.0 / len(region))
    return params


def test_region_split_into_identical_halves_has_the_same_totals() -> None:
    stats = six_region_statistics(2)
    whole = simulate(_with_measures_on(calibrated(stats), [2]))
    parts = simulate(_with_measures_on(calibrated(split_region(stats, 2)), [2, 6]))
    assert (whole.status == SOLVED).all()
    assert (parts.status == SOLVED).all()
    merged = parts.flow.copy()
    merged[..., 2, :] += merged[..., 6, :]
    merged[..., :, 2] += merged[..., :, 6]
    np.testing.assert_allclose(merged[..., :6, :6], whole.flow, rtol=1e-12, atol=1e-11)
    np.testing.assert_allclose(parts.producer_price[..., :6], whole.producer_price, rtol=1e-12)
    np.testing.assert_allclose(parts.producer_price[..., 6], parts.producer_price[..., 2], rtol=1e-12)


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_random_region_split_into_identical_halves_has_the_same_totals(seed: int, stages: int) -> None:
    rng = np.random.default_rng([seed, stages])
    # home sales stay in each half, so halves are like the whole where taste and freight at home are theirs alone
    stats = replace(random_statistics(rng, 5, stages, 2, 3, hard=False), excluded={})
    region, others = 2, [r for r in range(5) if r != 2]

    def shocked(params: Params, parts: list[int]) -> Params:
        last = stages - 1
        params = with_wedge(params, "tariffs_cif", [(0, 1, d) for d in parts], 0.3)
        params = with_wedge(params, "export_taxes", [(last, o, 0) for o in parts], 0.2)
        params = with_wedge(params, "surcharges", [(0, o, 4) for o in parts], 60.0)
        return with_ban(params, [(last, 0, 3)])

    whole = simulate(shocked(calibrated(stats), [region]))
    parts = simulate(shocked(calibrated(split_region(stats, region)), [region, 5]))
    assert (whole.status == SOLVED).all()
    assert (parts.status == SOLVED).all()
    merged = parts.flow.copy()
    merged[..., region, :] += merged[..., 5, :]
    merged[..., :, region] += merged[..., :, 5]
    np.testing.assert_allclose(merged[..., :5, :5], whole.flow, rtol=1e-11, atol=1e-10)
    np.testing.assert_allclose(parts.market_price[..., others], whole.market_price[..., others], rtol=1e-11)
    np.testing.assert_allclose(parts.market_price[..., 5], parts.market_price[..., region], rtol=1e-11)


@pytest.mark.parametrize("world", [tiny_world, six_region_world, two_stage_world])
def test_small_worlds_know_no_scale_of_money_and_no_order_of_regions(world: Callable[[int], Params]) -> None:
    params = with_wedge(with_ban(world(2), [(0, 0, 1)]), "tariffs_cif", [(len(world(2).goods) - 1, 1, 2)], 0.3)
    one, two = simulate(params), simulate(in_other_money(params, 2.0))
    np.testing.assert_allclose(two.flow, one.flow, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(two.producer_price, 2 * one.producer_price, rtol=1e-9)
    order = list(range(len(params.regions)))[::-1]
    here, there = reordered(one, order), simulate(reordered(params, order))
    np.testing.assert_allclose(there.flow, here.flow, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(there.market_price, here.market_price, rtol=1e-9)
