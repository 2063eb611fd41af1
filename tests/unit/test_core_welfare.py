"""Surplus against quadrature, by hand, and as the difference of revenue and cost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betainc, gamma, hyp2f1

from sim.core.supply import net_price, utilisation
from sim.core.welfare import M_USD, _far_above, assets_surplus, buyers_surplus_change, producer_surplus

STEEPNESS = [0.2, 0.5, 1.0, 2.0, 5.0, 20.0, 100.0]
MARGINS = [0.05, 0.3, 0.9, 0.999, 1.0, 1.001, 1.1, 2.0, 5.0, 20.0]


def area_under_utilisation(net: float, steepness: float) -> float:
    def used(v: float) -> float:
        return float(utilisation(np.array(v), np.array(1.0), np.array(steepness)))

    pieces = [0.0, min(net, 1.0), *([net] if net > 1.0 else [])]
    return sum(quad(used, a, b, epsabs=1e-14, epsrel=1e-13, limit=500)[0] for a, b in pairwise(pieces))


@pytest.mark.parametrize("steepness", STEEPNESS)
@pytest.mark.parametrize("net", MARGINS)
def test_producer_surplus_is_the_area_under_utilisation(net: float, steepness: float) -> None:
    found = producer_surplus(np.array(1.0), np.array(net), np.array(1.0), np.array(steepness))
    assert float(found) == pytest.approx(area_under_utilisation(net, steepness) * M_USD, rel=1e-9, abs=1e-18)


@pytest.mark.parametrize("steepness", [1.5, 2.0, 5.0, 20.0])
def test_producer_surplus_is_revenue_less_the_cost_of_the_tonnes_made(steepness: float) -> None:
    # the cost of the tonne at utilisation s is k (s / (1 - s))^(1/eta); its integral is an incomplete beta function
    net, break_even, capacity, inverse = 2100.0, 1900.0, 4000.0, 1.0 / steepness
    used = float(utilisation(np.array(net), np.array(break_even), np.array(steepness)))
    whole = gamma(1.0 + inverse) * gamma(1.0 - inverse)
    cost = capacity * break_even * whole * betainc(1.0 + inverse, 1.0 - inverse, used)
    surplus = producer_surplus(np.array(capacity), np.array(net), np.array(break_even), np.array(steepness))
    assert float(surplus) == pytest.approx((capacity * used * net - cost) * M_USD, rel=1e-12)


def test_far_above_the_margin_both_forms_meet() -> None:
    net = np.exp(np.array([29.99, 30.01]) / 20.0) * 1000.0
    found = producer_surplus(np.full(2, 1.0), net, np.full(2, 1000.0), np.full(2, 20.0))
    assert (found[1] - found[0]) / M_USD == pytest.approx(net[1] - net[0], rel=1e-9)


@pytest.mark.parametrize("inverse", [0.05, 0.3, 0.49])
def test_expansion_far_above_the_margin_is_the_hypergeometric_function(inverse: float) -> None:
    heat = np.array([14.0, 17.0, 20.0])  # the next term is of the order of e^(-2 heat)
    found = _far_above(np.full(3, inverse), heat, np.full(3, True))
    np.testing.assert_allclose(found, hyp2f1(1.0, inverse, 1.0 + inverse, -np.exp(heat)), rtol=1e-9)


@pytest.mark.parametrize("cost", [0.0, 600.0, 999.8, 1000.0, 1000.5])
def test_asset_earns_the_plain_margin_on_what_it_makes_by_the_smoothed_one(cost: float) -> None:
    price, capacity, break_even, steepness = 1000.0, 40.0, 1.5 if cost > 900 else 300.0, 2.0
    net = float(net_price(np.array(price), np.array(cost))[0])
    used = float(utilisation(np.array(net), np.array(break_even), np.array(steepness)))
    area = quad(lambda v: float(utilisation(np.array(v), np.array(break_even), np.array(steepness))), 0.0, net)[0]
    # revenue less input and variable cost, which is what the area leaves of the smoothed margin
    variable = used * net - area
    found = assets_surplus(*(np.array(x) for x in (capacity, price, cost, break_even, steepness)))
    expected = capacity * (used * (price - cost) - variable) * M_USD
    assert float(found) == pytest.approx(expected, rel=1e-7, abs=1e-12)


@pytest.mark.parametrize("heat", [-20.0, -1.0, 1.0, 10.0, 25.0])
def test_surplus_at_a_steepness_of_one_is_that_of_a_logarithm(heat: float) -> None:
    # the integral of v / (1 + v) is v - ln(1 + v)
    net = np.exp(heat)
    found = producer_surplus(np.array(1.0), np.array(net), np.array(1.0), np.array(1.0))
    assert float(found) == pytest.approx((net - np.log1p(net)) * M_USD, rel=1e-6 if heat < -10 else 1e-12)


def test_surplus_of_a_step_is_capacity_times_margin() -> None:
    found = producer_surplus(np.array(10.0), np.array(1500.0), np.array(1000.0), np.array(5000.0))
    assert float(found) == pytest.approx(10.0 * 500.0 * M_USD, rel=1e-3)


@pytest.mark.parametrize("elasticity", [0.0, 0.1, 0.7, 1.0])
def test_buyers_lose_the_area_left_of_their_demand(elasticity: float) -> None:
    scale, cheap, dear = 3e4, 2000.0, 2600.0
    area = quad(lambda p: scale * p**-elasticity, cheap, dear, epsrel=1e-13)[0]
    found = buyers_surplus_change(
        np.array(scale * dear**-elasticity),
        np.array(dear),
        np.array(scale * cheap**-elasticity),
        np.array(cheap),
        np.array(elasticity),
    )
    assert float(found) == pytest.approx(-area * M_USD, rel=1e-12)


def test_no_change_of_price_is_no_change_of_surplus() -> None:
    same = np.array([2000.0])
    assert buyers_surplus_change(np.array([5.0]), same, np.array([7.0]), same, np.array([0.3])) == 0.0
