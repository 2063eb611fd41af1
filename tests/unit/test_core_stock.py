"""Stockpiles and reserves: what is sold at what price, how long it lasts, and what that does to a market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.checks import checks_of
from sim.core.stock import MOST_FROM_STOCK, alone, by_market, released, stock_room
from sim.errors import BalanceError, DataError
from sim.model import simulate
from sim.records.params import Stockpiles
from sim.records.trajectory import SOLVED
from tests.worlds import six_region_world, tiny_world, with_ban, with_capacity, with_reserves, with_stockpile

GOOD = np.zeros(1, dtype=np.int64)


def sold_at(price: float, *, room: float = 10.0, use: float = 100.0) -> tuple[float, float, bool]:
    sold, slope, limited = released(
        np.array([[[room]]]), np.array([[1000.0]]), np.array([[[price]]]), GOOD, np.array([[[use]]])
    )
    return float(sold[0, 0, 0]), float(slope[0, 0, 0]), bool(limited[0, 0, 0])


@pytest.mark.parametrize(
    ("price", "share"), [(800.0, 0.0012), (1000.0, 0.5), (1010.0, 0.574), (1100.0, 0.946), (2000.0, 1.0)]
)
def test_stockpile_sells_at_its_trigger_price_and_above(price: float, share: float) -> None:
    sold, _, limited = sold_at(price)
    assert sold == pytest.approx(10.0 * share, rel=0.04)
    assert not limited


def test_slope_of_the_release_is_its_derivative() -> None:
    for price in (950.0, 1000.0, 1060.0):
        numeric = (sold_at(price + 0.01)[0] - sold_at(price - 0.01)[0]) / 0.02
        assert sold_at(price)[1] == pytest.approx(numeric, rel=1e-6)


@pytest.mark.parametrize("use", [100.0, 0.1])
def test_stockpile_leaves_a_market_some_of_its_trade(use: float) -> None:
    sold, slope, limited = sold_at(2000.0, room=5.0 * use, use=use)
    assert sold == pytest.approx(MOST_FROM_STOCK * use)
    assert slope == 0.0
    assert limited


def test_market_without_use_and_without_an_offer_is_not_limited() -> None:
    assert sold_at(2000.0, room=0.0, use=0.0) == (0.0, 0.0, False)


def test_room_is_the_rate_or_what_is_left_shared_out_over_markets() -> None:
    room = stock_room(np.array([[10.0], [10.0]]), np.array([[50.0], [4.0]]), np.array([[0.75, 0.25]]))
    assert room.tolist() == [[[7.5, 2.5]], [[3.0, 1.0]]]


@pytest.mark.parametrize("size", [1.0, 0.01])
def test_market_without_a_source_gets_what_it_wants_and_no_more(size: float) -> None:
    room = np.array([[[30.0, 30.0, 30.0]]]) * size
    given = alone(room, GOOD, np.array([[[20.0, 50.0, 20.0]]]) * size, np.array([[[False, False, True]]]))
    np.testing.assert_allclose(given, [[[20.0 * size, 30.0 * size, 0.0]]], rtol=1e-15)
    np.testing.assert_array_equal(by_market(given, GOOD, (1, 1, 3)), given)


def test_stockpiles_share_a_market_by_their_room() -> None:
    goods, served = np.array([1, 0, 1]), np.zeros((1, 2, 1), dtype=bool)
    room, wanted = np.array([[[30.0], [7.0], [10.0]]]), np.array([[[9.0], [20.0]]])
    given = alone(room, goods, wanted, served)
    assert given[0, :, 0].tolist() == [15.0, 7.0, 5.0]
    assert by_market(given, goods, (1, 2, 1))[0, :, 0].tolist() == [7.0, 20.0]
    # at ten times their triggers nearly all is offered; the second good's market takes 95 % of 20 kt
    price = np.full((1, 2, 1), 1e4)
    sold, slope, limited = released(room, np.full((1, 3), 1e3), price, goods, np.array([[[9.0], [20.0]]]))
    np.testing.assert_allclose(sold[0, :, 0], [19.0 * 0.75, 7.0, 19.0 * 0.25], rtol=1e-12)
    assert limited[0, :, 0].tolist() == [False, True]
    assert slope[0, 1, 0] == 0.0
    assert 0 <= slope[0, 0, 0] < 1e-20


def test_stockpile_is_sold_until_it_is_empty() -> None:
    params = with_stockpile(tiny_world(), "pile", 0, [0, 0, 1.0], stock=25.0, rate=10.0, trigger=500.0)
    found = simulate(params)
    np.testing.assert_allclose(found.released[0, :, 0, 2], [0, 10, 10, 5], rtol=1e-6)
    np.testing.assert_allclose(found.stock_left[0, :, 0], [25, 15, 5, 0], atol=1e-5)
    assert (found.released[0, :, 0, :2] == 0).all()
    assert {check.name for check in checks_of(params, found)} >= {"stockpiles and reserves hold out"}


def test_release_takes_the_place_of_purchases_and_lowers_the_price() -> None:
    plain = simulate(tiny_world())
    params = with_stockpile(tiny_world(), "pile", 0, [0, 0, 1.0], stock=100.0, rate=10.0, trigger=500.0)
    found = simulate(params)
    assert found.market_price[0, 1, 0, 2] < plain.market_price[0, 1, 0, 2]
    bought = found.flow[0, 1, 0, :, 2].sum()
    assert bought + 10.0 == pytest.approx(found.final_use[0, 1, 0, 2], rel=1e-6)
    assert found.final_use[0, 1, 0, 2] > plain.final_use[0, 1, 0, 2]


def test_stockpile_far_from_its_trigger_changes_nothing() -> None:
    params = with_stockpile(tiny_world(), "pile", 0, [0, 0, 1.0], stock=100.0, rate=10.0, trigger=5000.0)
    np.testing.assert_allclose(simulate(params).flow, simulate(tiny_world()).flow, rtol=1e-9)


def test_cut_off_market_lives_from_its_stockpile() -> None:
    closed = with_ban(six_region_world(), [(0, o, 5) for o in range(5)])
    wanted = simulate(closed).unserved[0, 1, 0, 5]
    params = with_stockpile(closed, "pile", 0, [0, 0, 0, 0, 0, 1.0], stock=200.0, rate=100.0, trigger=3000.0)
    found = simulate(params)
    assert found.released[0, 1, 0, 5] == pytest.approx(100.0)
    assert found.final_use[0, 1, 0, 5] == pytest.approx(100.0)
    assert found.unserved[0, 1, 0, 5] == pytest.approx(wanted - 100.0)
    assert np.isnan(found.market_price[0, 1, 0, 5])
    checks_of(params, found)


def test_mine_stops_when_its_reserves_are_worked_out() -> None:
    params = with_reserves(tiny_world(), np.array([np.inf, 150.0, np.inf]))
    found = simulate(params)
    dug = found.output[0, 1:, 1]
    assert dug.sum() <= 150.0 * (1 + 1e-9)
    assert dug[0] == pytest.approx(60.0, rel=1e-6)
    assert 0 < dug[2] < 50.0
    assert found.status[0] == SOLVED
    checks_of(params, found)


def test_worked_out_mine_fades_and_then_closes_its_region() -> None:
    params = with_reserves(tiny_world(years=6), np.array([np.inf, 150.0, np.inf]))
    found = simulate(params)
    assert found.output[0, -1, 1] < 0.1 * found.output[0, -2, 1]
    assert found.output[0, -2, 1] < 6.0
    emptied = simulate(with_reserves(tiny_world(), np.array([np.inf, 0.0, np.inf])))
    assert (emptied.output[0, 1:, 1] == 0.0).all()
    assert np.isnan(emptied.producer_price[0, 1:, 0, 1]).all()
    assert emptied.output[0, 1, 0] > 100.0


def test_taste_for_an_origin_goes_with_what_it_can_still_dig() -> None:
    """A region whose capacity falls is met with the same taste whether it was planned or for want of reserves."""
    planned = np.ones((1, 4, 3))
    planned[:, 1:, 1] = 30.0 / 75.0
    by_plan = simulate(with_capacity(tiny_world(), planned, 1.0))
    dug_out = simulate(with_reserves(tiny_world(), np.array([np.inf, 30.0, np.inf])))
    np.testing.assert_allclose(dug_out.flow[0, 1], by_plan.flow[0, 1], rtol=1e-9)


def test_checks_find_what_left_a_stockpile_unseen() -> None:
    params = with_stockpile(tiny_world(2), "pile", 0, [0, 0, 1.0], stock=25.0, rate=10.0, trigger=500.0)
    found = simulate(params)
    leaking = replace(found, stock_left=found.stock_left - np.array([0, 1.0, 2.0, 0.0])[None, :, None])
    with pytest.raises(BalanceError, match="stockpiles and reserves hold out"):
        checks_of(params, leaking)


def test_good_sourced_in_value_has_no_stockpile() -> None:
    params = with_stockpile(tiny_world(), "pile", 0, [0, 0, 1.0], stock=25.0, rate=10.0, trigger=500.0)
    with pytest.raises(DataError, match="cannot be stockpiled"):
        replace(params, sourcing=replace(params.sourcing, in_value=(0,)))


def test_none_is_no_stockpile() -> None:
    nothing = Stockpiles.none(2, 3, 4)
    assert nothing.release_rate.shape == (2, 3, 0)
    assert nothing.reach.shape == (0, 4)
