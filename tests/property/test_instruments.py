"""What measures must do, and which of them are the same thing in other words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import INFEASIBLE, SOLVED
from tests.worlds import (
    lifted,
    random_world,
    six_region_world,
    take_draws,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_contract,
    with_wedge,
)


def test_cap_and_the_tariff_of_its_rent_move_the_same_tonnes() -> None:
    free = six_region_world(2, renewal=1.0)
    routes = [(0, 2, 0), (0, 2, 1), (0, 2, 5)]
    capped = simulate(with_bound(free, routes, high=60.0))
    assert (capped.rent_wedge[:, 1:] > 0.01).all()
    taxed = free
    for route in routes:
        duty = {0: 0.25, 1: 0.06, 5: 0.0}[route[2]]
        taxed = with_wedge(taxed, "tariffs_cif", [route], (1 + duty) * np.expm1(capped.rent_wedge[:, :, 0]))
    found = simulate(taxed)
    np.testing.assert_allclose(found.flow, capped.flow, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.producer_price, capped.producer_price, rtol=1e-9)
    np.testing.assert_allclose(
        found.duties.sum(axis=(2, 3)), capped.duties.sum(axis=(2, 3)) + capped.rent.sum(axis=2), rtol=1e-9
    )


def _traded(params: Params, rng: np.random.Generator, good: int, count: int) -> list[tuple[int, int, int]]:
    """Foreign routes of one origin of a good that carry metal, in a drawn order."""
    trade = params.benchmark_flow[good].copy()
    np.fill_diagonal(trade, 0.0)
    origin = int(np.argmax((trade > 0).sum(axis=1)))
    buyers = np.flatnonzero(trade[origin] > 0)
    rng.shuffle(buyers)
    return [(good, origin, int(d)) for d in buyers[:count]]


def _free(seed: int, stages: int) -> Params:
    """A quiet random world whose contracts all come up each year."""
    params = random_world(seed, stages=stages, hard=False, draws=2, years=3)
    return replace(params, sourcing=replace(params.sourcing, renewal=np.ones_like(params.sourcing.renewal)))


@pytest.mark.parametrize(("seed", "stages", "good"), [(60, 1, 0), (61, 1, 0), (60, 2, 0), (61, 2, 1), (62, 2, 0)])
def test_cap_and_the_tariff_of_its_rent_agree_in_random_worlds_and_chains(seed: int, stages: int, good: int) -> None:
    free = _free(seed, stages)
    before = simulate(free)
    routes = _traded(free, np.random.default_rng(seed), good, 2)
    limit = 0.6 * np.stack([before.flow[:, :, c, o, d] for c, o, d in routes]).sum(axis=0)
    limit[:, 0] = np.inf
    capped = simulate(with_bound(free, routes, high=limit))
    assert (capped.status == SOLVED).all()
    wedge = capped.rent_wedge[:, :, -1]
    assert (wedge[:, 1:] > 0.01).all()
    taxed = free
    for c, o, d in routes:
        duty = summed_at(free, "tariffs_cif", (c, o, d)) + 1.0
        fob = summed_at(free, "tariffs_fob", (c, o, d))
        taxed = with_wedge(taxed, "tariffs_cif", [(c, o, d)], duty * np.expm1(wedge))
        taxed = with_wedge(taxed, "tariffs_fob", [(c, o, d)], fob * np.expm1(wedge))
    found = simulate(taxed)
    np.testing.assert_allclose(found.flow, capped.flow, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.producer_price, capped.producer_price, rtol=1e-8)


def summed_at(params: Params, kind: str, route: tuple[int, int, int]) -> np.ndarray:
    """Rates of a kind in force on a route, (n, t)."""
    measures = getattr(params.policy, kind)
    return (measures.rate * measures.routes[(slice(None), *route)]).sum(axis=2)


@pytest.mark.parametrize(("seed", "stages", "good"), [(70, 1, 0), (71, 1, 0), (70, 2, 0), (71, 2, 1)])
def test_export_tax_and_tariff_agree_in_random_worlds_and_chains(seed: int, stages: int, good: int) -> None:
    free = _free(seed, stages)
    (route,) = _traded(free, np.random.default_rng(seed), good, 1)
    c, o, d = route
    rate = 0.2
    tariff = simulate(with_wedge(free, "tariffs_cif", [route], rate))
    assert (tariff.status == SOLVED).all()
    # (1 + x') (1 + fob + cif) p + f (1 + cif) = (1 + x) (1 + fob + cif + rate) p + f (1 + cif + rate)
    price = tariff.producer_price[:, :, c, o]
    freight = free.policy.freight[:, None, c, o, d] + summed_at(free, "surcharges", route)
    duties = 1 + summed_at(free, "tariffs_fob", route) + summed_at(free, "tariffs_cif", route)
    tax = rate * ((1 + summed_at(free, "export_taxes", route)) + freight / price) / duties
    tax[:, 0] = 0.0
    found = simulate(with_wedge(free, "export_taxes", [route], tax))
    np.testing.assert_allclose(found.flow, tariff.flow, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(found.producer_price, tariff.producer_price, rtol=1e-8)


@pytest.mark.parametrize(("seed", "stages", "good"), [(80, 1, 0), (80, 2, 0), (81, 2, 1)])
def test_ban_is_the_limit_of_a_rising_tariff_in_random_worlds(seed: int, stages: int, good: int) -> None:
    free = _free(seed, stages)
    routes = _traded(free, np.random.default_rng(seed), good, 1)
    banned = simulate(with_ban(free, routes)).flow
    gaps = [
        np.abs(simulate(with_wedge(free, "tariffs_cif", routes, rate)).flow - banned).max() for rate in (1.0, 30.0, 1e4)
    ]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-7 * banned.max()


def test_export_tax_on_the_price_with_freight_is_a_tariff_paid_to_the_origin() -> None:
    free = six_region_world(2)
    route, rate = (0, 4, 2), 0.2
    tariff = simulate(with_wedge(free, "tariffs_cif", [route], rate))
    price, freight = tariff.producer_price[:, :, 0, 4], free.policy.freight[:, None, 0, 4, 2]
    tax = rate * (1 + freight / price)
    tax[:, 0] = 0.0
    found = simulate(with_wedge(free, "export_taxes", [route], tax))
    np.testing.assert_allclose(found.flow, tariff.flow, rtol=1e-9, atol=1e-9)
    received = tariff.duties[:, 1:, 0, 2] - found.duties[:, 1:, 0, 2]
    np.testing.assert_allclose(found.export_taxes[:, 1:, 0, 4], received, rtol=1e-9)
    equal_rates = simulate(with_wedge(free, "export_taxes", [route], rate))
    assert np.abs(equal_rates.flow[:, 1:] - tariff.flow[:, 1:]).max() > 0.01


@pytest.mark.parametrize("world", [six_region_world, two_stage_world])
def test_ban_is_the_limit_of_a_rising_tariff(world) -> None:
    free = world(2, renewal=1.0, years=2)
    routes = [(0, 2, 3), (0, 0, 1)]
    banned = simulate(with_ban(free, routes)).flow
    gaps = [
        np.abs(simulate(with_wedge(free, "tariffs_cif", routes, rate)).flow - banned).max()
        for rate in (1.0, 10.0, 100.0, 1e4)
    ]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-9 * banned.max()


def test_cap_of_50_kt_binds_in_every_draw_with_a_positive_rent() -> None:
    rng = np.random.default_rng(5)
    draws = 24
    params = six_region_world(
        draws,
        sigma=rng.uniform(2.0, 8.0, (draws, 1)),
        supply_elasticity=rng.uniform(0.1, 1.0, (draws, 1, 6)),
        demand_elasticity=rng.uniform(0.05, 0.4, (draws, 1)),
        renewal=rng.uniform(0.1, 1.0, (draws, 1)),
    )
    found = simulate(with_bound(params, [(0, 2, 1)], high=50.0))
    assert (found.status == SOLVED).all()
    np.testing.assert_allclose(found.flow[:, 1:, 0, 2, 1], 50.0, rtol=1e-9)
    assert (found.rent[:, 1:] > 0).all()
    value = found.delivered_price[:, 1:, 0, 2, 1] * 50.0 / 1000
    np.testing.assert_allclose(found.rent[:, 1:, 0], (1 - np.exp(-found.rent_wedge[:, 1:, 0])) * value, rtol=1e-9)


def test_floor_is_kept_or_its_shortfall_is_booked() -> None:
    rng = np.random.default_rng(6)
    params = six_region_world(16)
    low = rng.uniform(30.0, 400.0, 16)
    found = simulate(with_bound(params, [(0, 1, 2)], low=low))
    assert (found.status == SOLVED).all()
    placed = found.flow[:, 1:, 0, 1, 2]
    np.testing.assert_allclose(np.maximum(placed, low[:, None]), placed + found.shortfall[:, 1:, 0], rtol=1e-9)
    at_the_end = found.rent_wedge[:, 1:, 0] <= np.log(0.3) + 1e-9
    np.testing.assert_array_equal(found.shortfall[:, 1:, 0] > 1e-6, at_the_end & (placed < low[:, None] - 1e-6))
    assert at_the_end.any()
    assert not at_the_end.all()
    assert (found.rent[:, 1:, 0] <= 0).all()


def test_banned_supplier_sells_nothing_until_the_ban_is_lifted() -> None:
    params = with_contract(six_region_world(2), (0, 4, 0), 25.0, first=0)
    found = simulate(lifted(params, 0, first=2))
    assert (found.flow[:, :2, 0, 4, 0] == 0).all()
    assert (found.flow[:, 2:, 0, 4, 0] > 25.0).all()


def test_ban_ends_kept_contracts_and_take_or_pay_at_once() -> None:
    params = with_contract(six_region_world(2, renewal=0.1), (0, 2, 1), 40.0)
    found = simulate(with_ban(params, [(0, 2, d) for d in (0, 1, 3, 4, 5)], first=2))
    assert (found.flow[:, 1, 0, 2, 1] > 40.0).all()
    assert (found.flow[:, 2:, 0, 2, [0, 1, 3, 4, 5]] == 0).all()
    assert (found.flow[:, 2:, 0, 2, 2] > 0).all()


def test_take_or_pay_stops_at_95_percent_of_capacity() -> None:
    params = with_contract(tiny_world(2), (0, 1, 2), 500.0)
    params = with_contract(params, (0, 1, 1), 500.0)
    found = simulate(params)
    assert (found.status == SOLVED).all()
    sold = found.flow[:, 1:, 0, 1].sum(axis=-1)
    assert (sold >= 0.95 * found.capacity[:, 1:, 1] - 1e-9).all()


def test_floor_above_its_own_cap_is_infeasible_and_says_so() -> None:
    clean = tiny_world(3)
    params = with_bound(clean, [(0, 0, 1)], low=[0.0, 30.0, 0.0], high=[20.0, 20.0, 25.0])
    found = simulate(params)
    assert found.status.tolist() == [SOLVED, INFEASIBLE, SOLVED]
    assert "floor is above" in found.reasons[1]
    assert np.isnan(found.flow[1, 1:]).all()
    alone = simulate(take_draws(params, [0, 2]))
    np.testing.assert_array_equal(alone.flow, found.flow[[0, 2]])


def test_cut_off_market_reports_its_use_as_unserved() -> None:
    params = six_region_world(2)
    found = simulate(with_ban(params, [(0, o, 5) for o in range(5)]))
    assert (found.flow[:, 1:, 0, :, 5] == 0).all()
    assert np.isnan(found.market_price[:, 1:, 0, 5]).all()
    np.testing.assert_allclose(found.unserved[:, 1:, 0, 5], params.benchmark_flow[0, :, 5].sum())
    assert not np.isnan(found.flow).any()


@given(seed=st.integers(0, 10_000), stages=st.sampled_from([1, 2]))
@settings(max_examples=12, derandomize=True)
def test_tonnes_and_money_add_up(seed: int, stages: int) -> None:
    params = random_world(seed, stages=stages, hard=False)
    found = simulate(params)
    for n in np.flatnonzero(found.status == SOLVED):
        flow = found.flow[n]
        assert (flow >= 0).all()
        np.testing.assert_allclose(flow.sum(axis=2), found.final_use[n] + found.derived_use[n], rtol=1e-8, atol=1e-9)
        made = np.zeros(flow.shape[:3])
        for a, (c, r) in enumerate(zip(params.technology.good, params.technology.region, strict=True)):
            made[:, c, r] += found.output[n, :, a]
        np.testing.assert_allclose(flow.sum(axis=3), made, rtol=1e-8, atol=1e-9)
        paid = np.nansum(flow * np.nan_to_num(found.delivered_price[n]), axis=(1, 2, 3)) / 1000
        kept = np.nansum(flow.sum(axis=3) * np.nan_to_num(found.producer_price[n]), axis=(1, 2)) / 1000
        others = sum(getattr(found, name)[n].sum(axis=(1, 2)) for name in ("duties", "export_taxes", "freight_cost"))
        np.testing.assert_allclose(kept + others + found.rent[n].sum(axis=1), paid, rtol=1e-10)
        assert (found.money_gap[n] < 1e-10).all()
