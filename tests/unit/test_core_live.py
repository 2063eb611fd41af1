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


def test_asset_is_shut_for_want_of_its_own_input_in_a_longer_chain() -> None:
    # ore, metal from ore, alloy from metal, all in the one region; what is said is whether a stage can be bought
    for open_stages, running in (
        ([True, True, True], [True, True, True]),
        ([True, False, True], [False, False, False]),
        ([False, True, True], [False, False, False]),
    ):
        usable = np.reshape(open_stages, (1, 3, 1, 1))
        use = np.zeros((1, 3, 1))
        use[0, 2] = 5.0
        stages, here = np.arange(3), np.zeros(3, int)
        live = live_rows(np.ones((1, 3)), use, usable, np.zeros_like(usable), stages, here, stages - 1)
        assert live.asset[0].tolist() == running


def test_asset_without_metal_stands_still_where_ore_is_plenty() -> None:
    # ore is used up in the first region, too, but metal does not come to the second one, which makes the alloy
    usable = np.ones((1, 3, 2, 2), dtype=bool)
    usable[0, 1, :, 1] = False
    good, region = np.array([0, 1, 2]), np.array([0, 0, 1])
    use = np.ones((1, 3, 2))
    live = live_rows(np.ones((1, 3)), use, usable, np.zeros_like(usable), good, region, good - 1)
    assert live.asset[0].tolist() == [True, True, False]
    assert live.destination[0].tolist() == [[True, True], [True, False], [False, False]]


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
