"""What one year hands to the next, by hand."""

from __future__ import annotations

import numpy as np

from sim.core.equilibrium import solve
from sim.core.memory import _less, benchmark_memory, capacity_by_place, next_memory
from sim.core.year import year_inputs
from tests.worlds import tiny_world, with_bound, with_capacity, with_reserves


def test_year_before_the_benchmark_has_its_flows_and_no_rents() -> None:
    params = with_bound(tiny_world(2), [(0, 0, 1), (0, 0, 2)], high=20.0)
    params = with_bound(params, [(0, 1, 2)], low=5.0)
    memory = benchmark_memory(params)
    assert memory.bound_flow.tolist() == memory.unlimited_flow.tolist() == [[50.0, 20.0]] * 2
    assert (memory.wedge == 0).all()
    assert memory.wedge.shape == (2, 2)
    np.testing.assert_allclose(memory.capacity[0, 0], [125.0, 75.0, 0.0])
    np.testing.assert_allclose(memory.share[0, 0], [[1.0, 3 / 7, 0.5], [0.0, 4 / 7, 0.5], [0.0, 0.0, 0.0]])
    memory.price[:] = 1.0
    assert (params.benchmark_producer_price == 1000.0).all()  # the memory's price is its own


def test_memory_before_the_benchmark_has_the_capacity_of_that_year() -> None:
    factor = np.ones((1, 4, 3))
    factor[:, 1:] = 0.5
    memory = benchmark_memory(with_capacity(tiny_world(), factor))
    np.testing.assert_allclose(memory.capacity[0, 0], [125.0, 75.0, 0.0])


def test_what_is_produced_counts_against_reserves_once_they_are_mined() -> None:
    params = with_reserves(tiny_world(2), np.array([np.inf, 150.0, np.inf]))
    before, draws = benchmark_memory(params), np.arange(2)
    given = year_inputs(params, 1, draws, before)
    found = solve(given.market, before.price, before.wedge).state
    for mined, left in ((True, 90.0), (False, 150.0)):
        after = next_memory(
            before, params, draws, given.live, given.place_capacity, given.unlimited, found, np.zeros((2, 0)), mined
        )
        np.testing.assert_allclose(after.extractable[:, 1], left, rtol=1e-9)


def test_remainder_in_the_last_digits_is_nothing() -> None:
    found = _less(np.array([10.0, 10.0, 10.0, np.inf, 0.0]), np.array([4.0, 10.0, 10.0 - 5e-9, 7.0, 0.0]))
    assert found.tolist() == [6.0, 0.0, 0.0, np.inf, 0.0]
    assert _less(np.array([10.0]), np.array([10.0 - 5e-8]))[0] > 0


def test_capacities_of_a_place_add_up() -> None:
    params = tiny_world(1, split_assets=True)
    assert capacity_by_place(params, np.arange(1.0, 7.0)[None])[0, 0].tolist() == [3.0, 7.0, 11.0]
