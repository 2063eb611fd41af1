from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from sim.assemble.growth import final_demand, use_trend
from sim.model import simulate
from sim.quantity import Array
from sim.records.params import Params
from sim.records.scenario import Measure
from tests.study_samples import chain_world, frame, measure, metal_world, number, params, scenario

USE = np.array([[50.0, 70.0, 40.0]])
GROWING_HOME: dict[str, float] = {"demand_growth.metal.A": 0.1}


def built(*measures: Measure, draws: int = 0, **parameters: object) -> Params:
    stated = {path.replace("__", "."): value for path, value in parameters.items()}
    return params(scenario(*measures, last=2026, parameters={**GROWING_HOME, **stated}), draws=draws)  # type: ignore[arg-type]


def capacity(given: Params, year: int = 1) -> list[float]:
    found: list[float] = given.technology.capacity[0, year].tolist()
    return found


def test_use_grows_at_the_rate_of_its_region_else_at_that_of_the_good() -> None:
    rates: Mapping[str, float] = {"demand_growth.metal.default": 0.02, "demand_growth.metal.B": -0.5}
    shifted, trend = final_demand(frame(scenario(parameters=dict(rates), last=2026)), USE)
    np.testing.assert_allclose(trend[0, :, 0], [[50, 70, 40], [51, 35, 40.8], [52.02, 17.5, 41.616]])
    assert (shifted == trend).all()


def test_growth_rate_may_follow_a_path() -> None:
    rate = number(by_year=((2025, 0.1), (2026, 0.0), (2027, 0.5)))
    _, trend = final_demand(frame(scenario(parameters={"demand_growth.metal.A": rate})), USE)
    np.testing.assert_allclose(trend[0, :, 0, 0], [50, 55, 55, 82.5])


def test_fleets_follow_their_customers_and_add_up_to_the_pace_of_the_world() -> None:
    # world use 165 instead of 160; the customers of A grow by 5 %, those of B not at all
    assert capacity(built()) == pytest.approx([131.25, 75.0], rel=1e-14)


def test_balanced_growth_holds_in_every_draw_and_year() -> None:
    growth = number(0.1, low=-0.1, high=0.3)
    given = params(scenario(parameters={"demand_growth.metal.default": growth, "demand_growth.metal.B": 0.5}), draws=20)
    use = given.demand.reference.sum(axis=(2, 3))
    fleets = given.technology.capacity.sum(axis=2)
    np.testing.assert_allclose(fleets / fleets[:, :1], use / use[:, :1], rtol=1e-13)


def test_region_at_its_limit_stays_there_and_the_others_rise() -> None:
    assert capacity(built(capacity_limit__metal__A=128.0)) == pytest.approx([128.0, 206.25 - 128.0])


def test_limit_below_what_stands_binds_growth_and_closes_nothing() -> None:
    assert capacity(built(capacity_limit__metal__A=50.0)) == pytest.approx([125.0, 81.25])


def test_limits_on_all_leave_the_world_short() -> None:
    given = built(capacity_limit__metal__A=126.0, capacity_limit__metal__B=76.0)
    assert capacity(given) == pytest.approx([126.0, 76.0])


def test_limit_also_holds_a_stated_rate() -> None:
    given = built(capacity_limit__metal__A=130.0, capacity_growth__metal__A=0.2)
    assert capacity(given, 2) == pytest.approx([130.0, 200 * 170.5 / 160 - 130.0])


def test_stated_rate_holds_and_the_others_make_up_for_it() -> None:
    assert capacity(built(capacity_growth__metal__B=0.0)) == pytest.approx([131.25, 75.0])
    assert capacity(built(capacity_growth__metal__B=0.1)) == pytest.approx([206.25 - 82.5, 82.5])
    assert capacity(built(capacity_growth__metal__A=0.0)) == pytest.approx([125.0, 81.25])


def test_stated_rates_for_all_need_not_keep_pace() -> None:
    given = built(capacity_growth__metal__A=0.0, capacity_growth__metal__B=-0.2)
    assert capacity(given, 2) == pytest.approx([125.0, 48.0])


def project(trend: str) -> Measure:
    numbers = {"lead_time": 0.0, "ramp": 1.0, "capacity": 5.0}
    return measure("project", region="B", starts=2025, numbers=numbers, choices={"trend": trend})


def test_included_project_is_part_of_the_trend_and_an_additional_one_comes_on_top() -> None:
    included, additional = built(project("included")), built(project("additional"))
    assert sum(capacity(included)) == pytest.approx(206.25)
    assert capacity(included)[2] == 5.0
    assert capacity(included)[0] / capacity(included)[1] == pytest.approx(131.25 / 75)
    assert capacity(additional) == pytest.approx([131.25, 75.0, 5.0])


def test_shift_of_demand_moves_use_and_not_the_trend_of_capacity() -> None:
    shift = measure("demand_shift", destinations=["A", "C"], starts=2025, numbers={"change": -0.1})
    given, without = built(shift), built()
    assert capacity(given) == capacity(without)
    ratio: Array = given.demand.reference[0, 1, 0] / without.demand.reference[0, 1, 0]
    np.testing.assert_allclose(ratio, [0.9, 1.0, 0.9])


def test_baseline_prices_stay_near_todays_under_balanced_growth() -> None:
    given = params(scenario(parameters={"demand_growth.metal.default": 0.03}, last=2044))
    price = simulate(given).producer_price[0, :, 0, :2]
    np.testing.assert_allclose(price, 1000.0, rtol=1e-6)


def test_input_grows_with_the_use_of_what_is_made_from_it() -> None:
    given = frame(scenario(goods=("ore", "metal"), parameters={"demand_growth.metal.A": 0.1}), world=chain_world())
    final = np.array([[50.0, 30.0, 0.0], [50.0, 70.0, 40.0]])
    derived = np.array([[200.0, 120.0, 0.0], [0.0] * 3])
    _, trend = final_demand(given, final)
    use = use_trend(given, trend, derived)
    np.testing.assert_allclose(use[0, 1, 1], [55, 70, 40])
    np.testing.assert_allclose(use[0, 1, 0], [50 + 200 * 165 / 160, 30 + 120 * 165 / 160, 0])


def test_fleets_stay_as_they_are_where_use_does() -> None:
    given = params(scenario(parameters={"demand_growth.metal.default": 0.0}))
    assert (given.technology.capacity == metal_world().capacity).all()
