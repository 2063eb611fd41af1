"""Benchmark prices that are stated and drawn, numbers drawn together, and demand in tonnes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.assemble.build import producer_prices
from sim.assemble.draws import Draws
from sim.assemble.growth import final_demand
from tests.study_samples import frame, measure, metal_world, number, scenario

USE = np.array([[50.0, 70.0, 40.0]])


def test_stated_price_takes_the_place_of_the_mean_of_the_producers() -> None:
    world = metal_world()
    dear = replace(world, producer_price=np.array([[1200.0, 800.0, 1000.0]]))
    output = world.flows[0].sum(axis=1)
    mean = float((output * dear.producer_price[0]).sum() / output.sum())
    found = producer_prices(frame(scenario(parameters={"benchmark_price.metal": 2 * mean}), world=dear))
    np.testing.assert_allclose(found[0, 0], [2400.0, 1600.0, 2000.0], rtol=1e-14)


def test_without_a_stated_price_those_of_the_world_hold() -> None:
    found = producer_prices(frame(scenario(), draws=3))
    assert (found == metal_world().producer_price).all()
    assert found.shape == (4, *metal_world().producer_price.shape)


def test_numbers_drawn_together_are_low_and_high_together() -> None:
    first = number(5.0, path="a", low=3.0, high=12.0)
    alone = number(low=10.0, high=30.0, path="b")
    draws = Draws(seed=2, count=200)
    together = draws.values(replace(alone, drawn_with="a"))[1:]
    order = np.argsort(draws.values(first)[1:])
    assert (np.diff(together[order]) >= 0).all()
    assert (np.diff(draws.values(alone)[1:][order]) < 0).any()


def test_central_value_does_not_follow_who_it_is_drawn_with() -> None:
    assert Draws(seed=2, count=9).values(number(7.0, low=1.0, high=8.0, drawn_with="a"))[0] == 7.0


def test_tonnes_of_demand_come_on_top_of_shares_of_the_trend() -> None:
    half = measure("demand_shift", "half", destinations=["A", "B"], starts=2025, numbers={"change": -0.5})
    stock = measure("demand_shift", "stock", destinations=["A"], starts=2025, ends=2026, numbers={"volume": 18.0})
    shifted, trend = final_demand(frame(scenario(stock, half)), USE)
    np.testing.assert_allclose(shifted[0, 1, 0], [25.0 + 18.0, 35.0, 40.0])
    np.testing.assert_allclose(shifted[0, 2, 0], [25.0, 35.0, 40.0])
    np.testing.assert_allclose(trend[0, 1], USE)


def test_tonnes_for_part_of_a_year_count_in_part() -> None:
    stock = measure("demand_shift", destinations=["B"], starts=2025, numbers={"volume": 10.0})
    late = replace(stock, starts=stock.starts.replace(month=7, day=2) if stock.starts else None)
    shifted, _ = final_demand(frame(scenario(late)), USE)
    assert shifted[0, 1, 0, 1] == pytest.approx(70.0 + 10.0 * 183 / 365)
