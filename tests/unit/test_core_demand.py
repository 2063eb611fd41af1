from __future__ import annotations

import numpy as np

from sim.core.demand import final_use, price_memory


def one(x: float) -> np.ndarray:
    return np.full((1, 1, 1), x)


def use(price: float, memory: float, short: float, long: float) -> float:
    found = final_use(one(80.0), one(price), one(1000.0), one(memory), np.array([[short]]), np.array([[long]]))
    return float(found[0, 0, 0])


def test_use_at_benchmark_prices_is_the_reference() -> None:
    assert use(1000.0, 1000.0, 0.2, 0.7) == 80.0


def test_doubled_price_by_hand() -> None:
    np.testing.assert_allclose(use(2000.0, 1000.0, 0.5, 0.5), 80.0 / 2**0.5)
    # once the memory has caught up, the long-run elasticity is all that counts
    np.testing.assert_allclose(use(2000.0, 2000.0, 0.25, 1.0), 40.0)


def test_rigid_demand_feels_no_price() -> None:
    assert use(1e6, 1e6, 0.0, 0.0) == 80.0


def test_use_of_an_array_is_that_of_its_entries() -> None:
    rng = np.random.default_rng(2)
    reference, price, benchmark, memory = rng.uniform(1.0, 9.0, (4, 3, 2, 5))
    short, more = rng.uniform(0.0, 0.5, (2, 3, 2))
    found = final_use(reference, price, benchmark, memory, short, short + more)
    for n, c, d in np.ndindex(found.shape):
        habit = (memory[n, c, d] / benchmark[n, c, d]) ** -more[n, c]
        plain = reference[n, c, d] * (price[n, c, d] / benchmark[n, c, d]) ** -short[n, c] * habit
        np.testing.assert_allclose(found[n, c, d], plain, rtol=1e-12)


def test_memory_follows_the_price_at_its_speed() -> None:
    assert price_memory(one(100.0), one(400.0), np.array([[0.0]]))[0, 0, 0] == 100.0
    assert price_memory(one(100.0), one(400.0), np.array([[1.0]]))[0, 0, 0] == 400.0
    np.testing.assert_allclose(price_memory(one(100.0), one(400.0), np.array([[0.5]])), 200.0)
