from __future__ import annotations

import math

import numpy as np
import pytest

from sim.core.accounts import money_of


def one(x: float) -> np.ndarray:
    return np.full((1, 1, 1, 1), x)


def test_money_of_one_route_by_hand() -> None:
    price, tax, freight, fob, cif, wedge = 1000.0, 0.1, 50.0, 0.05, 0.2, 0.3
    border = price * (1 + tax)
    before_rent = border + freight + fob * border + cif * (border + freight)
    delivered = before_rent * math.exp(wedge)
    money = money_of(
        flow=one(10.0),
        price=np.full((1, 1, 1), price),
        delivered=one(delivered),
        wedge=np.array([[wedge]]),
        routes=np.ones((1, 1, 1, 1), dtype=bool),
        tariff_fob=one(fob),
        tariff_cif=one(cif),
        export_tax=one(tax),
        freight=one(freight),
    )
    # 10 kt at 1 USD/t is 0.01 M USD
    np.testing.assert_allclose(money.export_taxes, 1.0)
    np.testing.assert_allclose(money.freight, 0.5)
    np.testing.assert_allclose(money.duties, 0.01 * (0.05 * 1100 + 0.2 * 1150))
    np.testing.assert_allclose(money.rent, 0.01 * (delivered - before_rent))
    assert money.gap[0] < 1e-15


def gap_of(tonnes: float, delivered: float) -> np.ndarray:
    """Gap of a single flow whose seller gets 900 USD/t, without any levy or freight."""
    money = money_of(
        flow=one(tonnes),
        price=np.full((1, 1, 1), 900.0),
        delivered=one(delivered),
        wedge=np.zeros((1, 0)),
        routes=np.zeros((0, 1, 1, 1), dtype=bool),
        tariff_fob=one(0.0),
        tariff_cif=one(0.0),
        export_tax=one(0.0),
        freight=one(0.0),
    )
    return money.gap


@pytest.mark.parametrize("tonnes", [10.0, 1e-6])
def test_money_that_goes_missing_is_the_gap(tonnes: float) -> None:
    np.testing.assert_allclose(gap_of(tonnes, delivered=1000.0), 0.1)


@pytest.mark.parametrize(("flow", "gap"), [(0.0, 0.0), (10.0, 9.0)])
def test_gap_is_told_in_money_where_buyers_pay_nothing(flow: float, gap: float) -> None:
    np.testing.assert_allclose(gap_of(flow, delivered=0.0), gap)


def test_money_of_many_routes_is_the_sum_over_them() -> None:
    rng = np.random.default_rng(4)
    flow, freight, fob, cif, tax = rng.uniform(0.0, 1.0, (5, 2, 1, 3, 3))
    price = rng.uniform(500.0, 900.0, (2, 1, 3))
    border = price[:, :, :, None] * (1 + tax)
    delivered = border + freight + fob * border + cif * (border + freight)
    money = money_of(
        flow=flow,
        price=price,
        delivered=delivered,
        wedge=np.zeros((2, 0)),
        routes=np.zeros((0, 1, 3, 3), dtype=bool),
        tariff_fob=fob,
        tariff_cif=cif,
        export_tax=tax,
        freight=freight,
    )
    for n, o, d in np.ndindex(2, 3, 3):
        money.duties[n, 0, d] -= (fob * border + cif * (border + freight))[n, 0, o, d] * flow[n, 0, o, d] / 1000
        money.export_taxes[n, 0, o] -= tax[n, 0, o, d] * price[n, 0, o] * flow[n, 0, o, d] / 1000
        money.freight[n, 0, d] -= freight[n, 0, o, d] * flow[n, 0, o, d] / 1000
    for left in (money.duties, money.export_taxes, money.freight):
        np.testing.assert_allclose(left, 0.0, atol=1e-12)
    assert (money.gap < 1e-14).all()
