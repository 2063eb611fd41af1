"""A market cut into its chains."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from sim.core.market import Market
from sim.core.memory import benchmark_memory
from sim.core.year import year_inputs
from sim.records.params import NO_INPUT, Params
from tests.worlds import (
    calibrated,
    metal_and_ore_beside_another,
    random_statistics,
    six_region_world,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_capacity,
    with_contract,
    with_stockpile,
)


def two_metals() -> Market:
    """Two goods that have nothing to do with each other, each with a cap and a stockpile of its own."""
    stats = random_statistics(np.random.default_rng(5), 5, 2, 2, 2, hard=False)
    params = calibrated(replace(stats, input_good=(NO_INPUT, NO_INPUT), split_assets=False))
    params = with_bound(params, [(0, 0, 1)], high=2.0)
    params = with_bound(params, [(1, 0, 2), (1, 1, 2)], high=3.0)
    params = with_stockpile(params, "first", 0, [1.0, 0.0, 0.0, 0.0, 0.0], stock=9.0, rate=2.0, trigger=2000.0)
    params = with_stockpile(params, "second", 1, [0.0, 0.5, 0.5, 0.0, 0.0], stock=9.0, rate=4.0, trigger=7000.0)
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
    assert (part.input_good == NO_INPUT).all()


def test_chain_has_the_stockpiles_of_its_goods() -> None:
    market = two_metals()
    part, cut = market.cut(np.array([1]))
    assert cut.stocks.tolist() == [1]
    assert part.stock_good.tolist() == [0]
    np.testing.assert_array_equal(part.stock_room, [[[0.0, 2.0, 2.0, 0.0, 0.0]]] * 2)
    np.testing.assert_array_equal(part.stock_trigger, [[7000.0]] * 2)


def test_chain_behind_another_good_is_fed_with_its_own_input() -> None:
    market = market_of(metal_and_ore_beside_another(2))
    assert [goods.tolist() for goods in market.chains()] == [[0], [1, 2]]
    part, _ = market.cut(np.array([1, 2]))
    assert part.good.tolist() == [0, 0, 1, 1]
    assert part.input_good.tolist() == [NO_INPUT, NO_INPUT, 0, 0]
    assert part.region.tolist() == part.origin.tolist() == [0, 1, 0, 1]


def test_market_of_one_chain_is_cut_to_itself() -> None:
    part, cut = two_metals().cut(np.array([1]))
    again, whole = part.cut(np.array([0]))
    assert again is part
    assert whole.bounds.tolist() == [0]
    assert cut.goods.tolist() == [1]


def market_of(params: Params) -> Market:
    return year_inputs(params, 1, np.arange(params.draws), benchmark_memory(params)).market


def test_asset_that_runs_in_one_draw_only_is_left_in() -> None:
    params = tiny_world(2, split_assets=True)
    factor = np.ones(params.technology.capacity.shape)
    factor[1, 1:, 0] = 0.0
    factor[:, 1:, 1] = 0.0
    factor[:, 1:, 2] = 0.01  # 0.3 kt
    market = market_of(with_capacity(params, factor))
    part, left = market.restrict()
    assert left.assets.tolist() == [0, 2, 3]  # C makes nothing
    np.testing.assert_array_equal(part.capacity, market.capacity[:, [0, 2, 3]])


def test_market_halfway_is_between_what_it_was_and_what_it_is() -> None:
    before = tiny_world(2)
    factor = np.ones(before.technology.capacity.shape)
    factor[:, 1:, 0] = 0.5
    after = with_contract(with_ban(with_capacity(before, factor, 0.0), [(0, 1, 2)]), (0, 0, 1), 8.0)
    after = with_bound(after, [(0, 0, 2)], high=5.0)
    earlier, now = market_of(before), market_of(after)
    between = now.blend(earlier, 0.25)
    np.testing.assert_allclose(between.capacity[0, :2], [125.0 * 0.875, 75.0], rtol=1e-14)
    np.testing.assert_allclose(between.take_or_pay[0, 0, 0, 1], 2.0, rtol=1e-14)
    np.testing.assert_allclose(between.kept, 0.75 * earlier.kept + 0.25 * now.kept, rtol=1e-14)
    for name in ("contestable", "contract"):
        mixed = 0.75 * np.exp(getattr(earlier, name)) + 0.25 * np.exp(getattr(now, name))
        np.testing.assert_allclose(np.exp(getattr(between, name)), mixed, rtol=1e-12)
    assert np.isneginf(now.contestable[0, 0, 1, 2])
    assert np.isfinite(between.contestable[0, 0, 1, 2])
    np.testing.assert_array_equal(between.log_high, np.log([[5.0]] * 2))


SHARED = {"good", "origin", "region", "input_good", "unbounded", "in_value", "routes", "stock_good"}


def test_some_draws_of_a_market_have_what_is_theirs_and_share_the_rest() -> None:
    market = two_metals()
    part = market.take(np.array([1, 0, 1]))
    for each in fields(market):
        mine, whole = getattr(part, each.name), getattr(market, each.name)
        np.testing.assert_array_equal(mine, whole if each.name in SHARED else whole[[1, 0, 1]], err_msg=each.name)


def test_good_and_its_input_are_one_chain() -> None:
    assert [goods.tolist() for goods in market_of(two_stage_world(2)).chains()] == [[0, 1]]


def with_live(draws: int, *, origins: list[list[bool]], destinations: list[list[bool]]) -> Market:
    """The tiny world with the given live rows, (n, 3) each."""
    masks = {"live_origin": np.array(origins)[:, None], "live_destination": np.array(destinations)[:, None]}
    return replace(market_of(tiny_world(draws)), **masks)


def test_draws_that_are_alive_alike_are_solved_together() -> None:
    some, every = [True, True, False], [True, True, True]
    assert [draws.tolist() for draws in market_of(tiny_world(3)).alike()] == [[0, 1, 2]]
    assert [draws.tolist() for draws in market_of(tiny_world(1)).alike()] == [[0]]
    market = with_live(5, origins=[some, every, some, every, some], destinations=[every] * 5)
    assert [draws.tolist() for draws in market.alike()] == [[0, 2, 4], [1, 3]]
    market = with_live(3, origins=[some] * 3, destinations=[every, every, some])
    assert [draws.tolist() for draws in market.alike()] == [[0, 1], [2, 2]]  # no batch of one


def test_what_is_dead_in_every_draw_is_left_out_and_nothing_else() -> None:
    # the first supplier is shut, the second only in the one draw; the first market is cut off, the third in one draw
    params = with_ban(six_region_world(2, years=2), [(0, o, 0) for o in range(6)])
    params = with_ban(params, [(0, o, 2) for o in range(6)], [1.0, 0.0])
    factor = np.ones(params.technology.capacity.shape)
    factor[:, 1:, 0] = 0.0
    factor[0, 1:, 1] = 0.0
    params = with_capacity(params, factor)
    params = with_bound(params, [(0, 0, 3)], high=5.0)  # dead
    params = with_bound(params, [(0, 1, 5)], high=7.0)  # in the one draw
    params = with_bound(params, [(0, 2, 3)], high=9.0)
    params = with_stockpile(params, "pile", 0, [0, 0, 0, 0, 0, 1.0], stock=9.0, rate=2.0, trigger=2000.0)
    tech = replace(params.technology, unbounded=(params.technology.names[2],))
    market = market_of(replace(params, technology=tech))
    part, left = market.restrict()
    origins, destinations = [1, 2, 3, 4], [1, 2, 3, 4, 5]
    assert left.origins.tolist() == left.assets.tolist() == origins
    assert left.destinations.tolist() == destinations
    assert left.bounds.tolist() == [1, 2]
    of_routes = np.ix_([0, 1], [0], origins, destinations)
    for name in ("contestable", "contract", "slope", "intercept", "take_or_pay"):
        np.testing.assert_array_equal(getattr(part, name), getattr(market, name)[of_routes], err_msg=name)
    for name in ("use_at_one", "kept", "log_benchmark", "live_destination", "stock_room"):
        np.testing.assert_array_equal(getattr(part, name), getattr(market, name)[:, :, 1:], err_msg=name)
    for name in ("input_ratio", "capacity", "break_even", "steepness"):
        np.testing.assert_array_equal(getattr(part, name), getattr(market, name)[:, 1:5], err_msg=name)
    for name in ("log_low", "log_high", "live_bound"):
        np.testing.assert_array_equal(getattr(part, name), getattr(market, name)[:, 1:], err_msg=name)
    np.testing.assert_array_equal(part.routes, market.routes[np.ix_([1, 2], [0], origins, destinations)])
    np.testing.assert_array_equal(part.live_origin, market.live_origin[:, :, 1:5])
    assert part.unbounded.tolist() == [False, True, False, False]
    assert part.origin.tolist() == part.region.tolist() == [0, 1, 2, 3]
    assert (part.good == 0).all()
