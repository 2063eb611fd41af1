"""Year 0, and every year in which nothing happens, is the benchmark."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import SOLVED
from tests.worlds import (
    calibrated,
    random_statistics,
    random_world,
    six_region_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
)

WORLDS = [tiny_world, six_region_world, two_stage_world]


@pytest.mark.parametrize("world", WORLDS)
def test_zero_shock_is_the_baseline_in_every_year(world) -> None:
    params = world(2)
    found = simulate(params)
    expected = np.broadcast_to(params.benchmark_flow, found.flow.shape)
    np.testing.assert_allclose(found.flow, expected, rtol=1e-9, atol=1e-9)
    made = params.benchmark_flow.sum(axis=2) > 0
    prices = np.broadcast_to(params.benchmark_producer_price[:, None], found.producer_price.shape)
    np.testing.assert_allclose(found.producer_price[..., made], prices[..., made], rtol=1e-9)
    assert np.isnan(found.producer_price[..., ~made]).all()


@pytest.mark.parametrize("world", WORLDS)
def test_measures_of_no_size_change_nothing(world) -> None:
    params = world(2)
    idle = with_bound(with_ban(params, [(0, 1, 0)], 0.0), [(0, 0, 1)], low=1.0, high=1e6)
    np.testing.assert_allclose(simulate(idle).flow, simulate(params).flow, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("world", WORLDS)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=5, derandomize=True)
def test_benchmark_replicates_from_prices_disturbed_by_30_percent(world, seed: int) -> None:
    params = world(4)
    disturbance = np.random.default_rng(seed).uniform(0.7, 1.3, params.benchmark_producer_price.shape)
    found = simulate(params, params.benchmark_producer_price * disturbance)
    assert (found.status == SOLVED).all()
    np.testing.assert_allclose(
        found.flow[:, 0], np.broadcast_to(params.benchmark_flow, found.flow[:, 0].shape), atol=1e-9
    )
    made = params.benchmark_flow.sum(axis=2) > 0
    np.testing.assert_allclose(found.producer_price[:, 0][:, made], params.benchmark_producer_price[:, made], rtol=1e-9)


@given(seed=st.integers(0, 10_000), stages=st.sampled_from([1, 2]))
@settings(max_examples=10, derandomize=True)
def test_benchmark_replicates_in_random_worlds(seed: int, stages: int) -> None:
    params = random_world(seed, stages=stages, hard=True, years=2)
    found = simulate(params)
    largest = params.benchmark_flow.max()
    np.testing.assert_allclose(
        found.flow[:, 0], np.broadcast_to(params.benchmark_flow, found.flow[:, 0].shape), atol=1e-9 * largest
    )


def quiet(seed: int, stages: int) -> Params:
    """A random benchmark with elasticities over their whole ranges and nothing that happens."""
    rng = np.random.default_rng([seed, stages])
    return calibrated(random_statistics(rng, int(rng.integers(4, 7)), stages, 2, 3, hard=True))


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", range(5))
def test_zero_shock_is_the_baseline_in_random_worlds(seed: int, stages: int) -> None:
    params = quiet(seed, stages)
    found = simulate(params)
    assert (found.status == SOLVED).all()
    expected = np.broadcast_to(params.benchmark_flow, found.flow.shape)
    np.testing.assert_allclose(found.flow, expected, rtol=1e-9, atol=1e-9 * params.benchmark_flow.max())
    made = params.benchmark_flow.sum(axis=2) > 0
    prices = np.broadcast_to(params.benchmark_producer_price[:, None], found.producer_price.shape)
    np.testing.assert_allclose(found.producer_price[..., made], prices[..., made], rtol=1e-9)
