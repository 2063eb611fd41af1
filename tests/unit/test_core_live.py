from __future__ import annotations

import numpy as np

from sim.core.live import Live, live_rows

# ore (good 0) is made in both regions, metal (good 1) from ore in region 1 only
GOOD, REGION, INPUT = np.array([0, 0, 1]), np.array([0, 1, 1]), np.array([-1, -1, 0])


def rows(capacity: list[float], use: list[list[float]], closed: list[tuple[int, int, int]] | None = None) -> Live:
    usable = np.ones((1, 2, 2, 2), dtype=bool)
    for route in closed or []:
        usable[(0, *route)] = False
    return live_rows(np.array([capacity]), np.array([use]), usable, np.zeros_like(usable), GOOD, REGION, INPUT)


def test_everything_lives_where_everything_is_open() -> None:
    live = rows([10.0, 10.0, 10.0], [[1.0, 1.0], [5.0, 5.0]])
    assert live.asset.all()
    assert live.origin[0].tolist() == [[True, True], [False, True]]
    assert live.destination.all()


def test_origin_without_capacity_is_dead() -> None:
    live = rows([0.0, 10.0, 10.0], [[1.0, 1.0], [5.0, 5.0]])
    assert live.origin[0, 0].tolist() == [False, True]


def test_asset_without_input_is_shut_and_its_product_unserved() -> None:
    live = rows([10.0, 10.0, 10.0], [[1.0, 0.0], [5.0, 5.0]], [(0, 0, 1), (0, 1, 1)])
    assert live.asset[0].tolist() == [True, True, False]
    assert not live.destination[0, 1].any()
    assert not live.destination[0, 0, 1]


def test_closure_runs_down_the_chain_to_what_nobody_needs() -> None:
    # metal cannot leave and is not used at home: the smelter closes, and with it the only use of ore in region 1
    live = rows([10.0, 10.0, 10.0], [[1.0, 0.0], [5.0, 0.0]], [(1, 1, 0), (0, 1, 0)])
    assert not live.asset[0, 2]
    assert not live.destination[0, 0, 1]
    assert not live.origin[0, 0, 1]
    assert live.origin[0, 0, 0]


def one_good(usable: list[tuple[int, int]], contracted: list[tuple[int, int]]) -> Live:
    routes = np.zeros((2, 1, 1, 2, 2), dtype=bool)
    for kind, chosen in enumerate((usable, contracted)):
        for o, d in chosen:
            routes[kind, 0, 0, o, d] = True
    return live_rows(
        np.ones((1, 2)), np.ones((1, 1, 2)), routes[0], routes[1], np.zeros(2, int), np.arange(2), np.full(2, -1)
    )


def test_contract_with_a_served_market_is_an_outlet() -> None:
    live = one_good([(0, 0), (0, 1)], [(1, 0)])
    assert live.origin[0, 0].tolist() == [True, True]


def test_contract_alone_is_no_source_for_a_market() -> None:
    live = one_good([(0, 0)], [(1, 1)])
    assert live.destination[0, 0].tolist() == [True, False]
    assert live.origin[0, 0].tolist() == [True, False]


def test_draws_live_apart() -> None:
    usable = np.ones((2, 1, 2, 2), dtype=bool)
    capacity = np.array([[1.0, 0.0], [1.0, 1.0]])
    live = live_rows(
        capacity, np.ones((2, 1, 2)), usable, np.zeros_like(usable), np.zeros(2, int), np.arange(2), np.full(2, -1)
    )
    assert live.origin[:, 0].tolist() == [[True, False], [True, True]]
