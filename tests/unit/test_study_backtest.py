"""Backtests: what the alternatives say of a shock, and how skill and coverage are counted, each by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.errors import ConvergenceError, ScenarioError
from sim.model import simulate
from sim.records.backtest import SHOCKED, WEIGHTED, Compared, Observation
from sim.records.scenario import Measure, Number
from sim.study.alternatives import face_value, gsim_params
from sim.study.backtest import Posed, alternatives_of, hold_against, imports_of, pose, shocked_markets
from sim.study.skill import made_wider, skill_of, skills_by_market, skills_of, skills_weighted, skills_where
from sim.study.told import Told, foretold, level, told_by
from tests.study_samples import chain_world, measure, metal_world, number, scenario, switch

ROUTE_BC = {"origins": ["B"], "destinations": ["C"], "starts": 2025}
BAN = measure("ban", **ROUTE_BC)
DUTY = measure("tariff", origins=["A", "B"], destinations=["C"], starts=2025, numbers={"rate": 0.2})
TO_A = {"origins": ["B"], "destinations": ["A"], "numbers": {"volume": 5.0}}
QUOTA = measure("cap", origins=["A"], destinations=["B", "C"], starts=2025, numbers={"volume": 25.0})


def seen(quantity: str, region: str, partner: str, *values: float, good: str = "metal") -> list[Observation]:
    """The benchmark year and the years after it."""
    return [
        Observation(
            quantity=quantity,
            good=good,
            region=region,
            partner=partner,
            year=2024 + i,
            value=value,
            unit="kt/yr",
            source="customs",
        )
        for i, value in enumerate(values)
    ]


def posed(*measures: Measure, observed: list[Observation] | None = None, draws: int = 0, **fields: object) -> Posed:
    given = scenario(*measures, name="backtests/shock", **fields)  # type: ignore[arg-type]
    before = scenario(name="backtests/before", **fields)  # type: ignore[arg-type]
    rows = observed or seen("flow", "C", "B", 20.0, 10.0)
    return pose(given, before, metal_world(), rows, draws, 1)


def at_face_value(*measures: Measure, replaced: tuple[str, ...] = ()) -> Told:
    given = posed(*measures)
    return face_value(given.params, given.baseline, replaced)


def test_face_value_of_a_ban_puts_its_tonnes_on_other_foreign_suppliers() -> None:
    flow = at_face_value(BAN).flow[0, 1, 0]
    np.testing.assert_allclose(flow, [[50.0, 30.0, 40.0], [0.0, 40.0, 0.0], [0.0, 0.0, 0.0]])


def test_face_value_of_a_ban_on_the_only_supplier_leaves_a_hole() -> None:
    flow = at_face_value(measure("ban", origins=["A"], destinations=["B"], starts=2025)).flow[0, 1, 0]
    np.testing.assert_allclose(flow, [[50.0, 0.0, 20.0], [0.0, 40.0, 20.0], [0.0, 0.0, 0.0]])


def test_face_value_of_a_quota_cuts_all_destinations_and_nobody_steps_in() -> None:
    told = at_face_value(QUOTA)
    np.testing.assert_allclose(told.flow[0, 1, 0], [[50.0, 15.0, 10.0], [0.0, 40.0, 20.0], [0.0, 0.0, 0.0]])
    np.testing.assert_allclose(told.output[0, 1, 0], [75.0, 60.0, 0.0])
    np.testing.assert_allclose(told.flow[0, 0], metal_world().flows)


def test_face_value_of_a_ban_that_leaks_is_made_up_for() -> None:
    leak = measure("ban", "leak", **ROUTE_BC, numbers={"leakage": 0.25})
    flow = at_face_value(leak, replaced=("leak",)).flow[0, 1, 0]
    np.testing.assert_allclose(flow[:, 2], [35.0, 5.0, 0.0])


def test_face_value_of_a_duty_is_passed_on_and_moves_nothing() -> None:
    told = at_face_value(DUTY)
    np.testing.assert_allclose(told.flow[0, 1], metal_world().flows)
    assert told.market_price[0, :2, 0, 2] == pytest.approx([1000.0, 1200.0])
    assert told.market_price[0, :2, 0, 0] == pytest.approx([1000.0, 1000.0])


def test_face_value_of_an_outage_cuts_all_sales() -> None:
    flow = at_face_value(measure("outage", region="B", starts=2025, numbers={"capacity": 37.5})).flow[0, 1, 0]
    np.testing.assert_allclose(flow, [[50.0, 30.0, 20.0], [0.0, 20.0, 10.0], [0.0, 0.0, 0.0]])


def test_gsim_repeats_the_benchmark_and_has_no_trend_and_no_contracts() -> None:
    growing: dict[str, Number | float] = {"demand_growth.metal.default": 0.05, "contract_renewal.metal": 0.1}
    given = posed(DUTY, parameters=growing)
    simple = gsim_params(given.params, given.baseline)
    found = simulate(simple)
    assert found.status.tolist() == [0]
    np.testing.assert_allclose(found.flow[0, 0], metal_world().flows, rtol=1e-9, atol=1e-9)
    still = simulate(gsim_params(given.baseline, given.baseline))
    np.testing.assert_allclose(still.flow[0, 1:], np.stack([metal_world().flows]), rtol=1e-9, atol=1e-9)


def test_gsim_solves_its_own_equations() -> None:
    given = posed(DUTY)
    found = simulate(gsim_params(given.params, given.baseline))
    price, index = found.producer_price[0, 1, 0], found.market_price[0, 1, 0]
    # supply with the stated elasticity of 0.5, CES in values with 4, demand with 0.2
    np.testing.assert_allclose(found.output[0, 1], [100.0, 60.0] * (price[:2] / 1000.0) ** 0.5, rtol=1e-8)
    delivered = price[:2] * 1.2
    share = np.array([0.5, 0.5])
    assert index[2] == pytest.approx(1000.0 * (share * (delivered / 1000.0) ** -3.0).sum() ** (-1 / 3.0), rel=1e-8)
    composite = 40.0 * (index[2] / 1000.0) ** -0.2
    wanted = share * (delivered / 1000.0) ** -4.0 * (index[2] / 1000.0) ** 4.0 * composite
    np.testing.assert_allclose(found.flow[0, 1, 0, :2, 2], wanted, rtol=1e-8)


def test_price_told_by_gsim_is_that_of_a_tonne_and_not_of_the_composite() -> None:
    given = posed(BAN)
    told, notices = alternatives_of(given, simulate(given.baseline))
    assert notices == ()
    found = simulate(gsim_params(given.params, given.baseline))
    delivered = found.delivered_price[0, 1, 0, 0, 2]  # of A, who alone is left
    assert told["gsim"].market_price[0, 1, 0, 2] == pytest.approx(delivered)
    assert found.market_price[0, 1, 0, 2] > 1.2 * delivered


def test_gsim_of_a_small_duty_is_the_linear_solution() -> None:
    # two suppliers alike in one market each way: to first order supply and demand share the duty
    small = measure("tariff", origins=["A", "B"], destinations=["C"], starts=2025, numbers={"rate": 1e-4})
    given = posed(small)
    found = simulate(gsim_params(given.params, given.baseline))
    moved = found.producer_price[0, 1, 0, :2] / 1000.0 - 1.0
    # d ln demand of origin o = -sigma (q_o - P_d) - eps P_d in each market, d ln supply = 0.5 p_o
    flows = metal_world().flows[0, :2]
    within = flows / flows.sum(axis=0)
    outward = flows / flows.sum(axis=1, keepdims=True)
    duty = np.array([0.0, 0.0, 1e-4])
    matrix = np.zeros((2, 2))
    shock = np.zeros(2)
    for o in range(2):
        matrix[o, o] += 0.5
        for d in range(3):
            matrix[o, o] += 4.0 * outward[o, d]
            matrix[o] += outward[o, d] * (0.2 - 4.0) * within[:, d]
            shock[o] -= outward[o, d] * 0.2 * duty[d]
    np.testing.assert_allclose(moved, np.linalg.solve(matrix, shock), rtol=1e-3)


def test_gsim_keeps_a_quota_and_each_year_is_one_step_of_its_own() -> None:
    given = posed(QUOTA, observed=seen("flow", "C", "A", 20.0, 10.0, 10.0, 10.0))
    found = simulate(gsim_params(given.params, given.baseline))
    assert found.flow[0, 1:, 0, 0, 1:].sum(axis=1) == pytest.approx([25.0] * 3)
    np.testing.assert_allclose(found.flow[0, 1], found.flow[0, 3], rtol=1e-8, atol=1e-9)


def test_gsim_of_a_chain_sells_its_ore_as_final_demand() -> None:
    goods = ("ore", "metal")
    stated: dict[str, Number | float] = {"demand_elasticity.ore": 0.0, "demand_elasticity_long.ore": 0.0}
    duty = replace(DUTY, good="metal")
    given, before = (
        scenario(*some, name=name, goods=goods, parameters=stated)
        for some, name in (((duty,), "shock"), ((), "before"))
    )
    ready = pose(given, before, chain_world(), seen("flow", "C", "B", 20.0, 10.0), 0, 1)
    simple = gsim_params(ready.params, ready.baseline)
    found = simulate(simple)
    np.testing.assert_allclose(found.flow[0, 0], chain_world().flows, rtol=1e-9, atol=1e-9)
    assert simple.technology.steepness[0] == pytest.approx([0.5, 0.5, 0.5])
    np.testing.assert_allclose(found.flow[0, 1, 0], chain_world().flows[0], rtol=1e-9, atol=1e-9)
    assert found.flow[0, 1, 1, 1, 2] < 20.0


def test_levels_are_those_of_the_trajectory() -> None:
    given = posed(DUTY)
    found = simulate(given.params)
    told = told_by(given.params, found)

    def now(quantity: str, region: str, partner: str) -> float:
        return float(level(seen(quantity, region, partner, 0.0)[0], told)[0, 1])

    flow = found.flow[0, 1, 0]
    assert now("import_share", "C", "B") == pytest.approx(flow[1, 2] / flow[:2, 2].sum())
    assert now("import_share", "B", "A") == 1.0
    assert now("flow", "C", "A") == flow[0, 2]
    assert now("supply", "", "B") == pytest.approx(flow[1].sum())
    assert now("price", "C", "") == found.market_price[0, 1, 0, 2]
    assert now("price", "C", "A") == found.delivered_price[0, 1, 0, 0, 2]
    made, price = found.output[0, 1], found.producer_price[0, 1, 0, :2]
    assert now("price", "World", "") == pytest.approx((made * price).sum() / made.sum())


def test_change_is_added_to_what_was_observed_and_a_price_is_multiplied() -> None:
    told = at_face_value(DUTY, BAN)
    flow, price = seen("flow", "C", "A", 18.0, 0.0)[1], seen("price", "C", "", 900.0, 0.0)[1]
    assert foretold(flow, 18.0, told).tolist() == pytest.approx([38.0])
    assert foretold(price, 900.0, told).tolist() == pytest.approx([1080.0])


def compared(quantity: str, value: float, model: float, low: float, high: float, gsim: float = 0.0) -> Compared:
    others = {"no_change": 100.0, "trend": 100.0, "proportional": value, "gsim": gsim}
    return Compared(
        observed=seen(quantity, "C", "A", 0.0, value)[1],
        base=100.0,
        model_base=100.0,
        model=model,
        low=low,
        median=model,
        high=high,
        alternatives=others,
    )


def test_skill_and_coverage_by_hand() -> None:
    rows = [compared("flow", 80.0, 90.0, 75.0, 95.0, 60.0), compared("flow", 130.0, 110.0, 105.0, 115.0, np.nan)]
    [found] = skills_of("shock", rows, banded=True)
    assert (found.rows, found.blank, found.observed, found.error) == (2, 0, 50.0, 30.0)
    assert found.skill["no_change"] == pytest.approx(1 - 30 / 50)
    assert found.skill["gsim"] == pytest.approx(1 - 10 / 20)  # over the row that it tells
    assert np.isnan(found.skill["proportional"])  # never wrong
    assert found.coverage == 0.5
    assert found.width == pytest.approx(15.0 / 50.0)


def test_prices_are_counted_in_logs() -> None:
    [found] = skills_of("shock", [compared("price", 200.0, 400.0, 100.0, 200.0, 50.0)], banded=True)
    assert found.observed == pytest.approx(np.log(2.0))
    assert found.error == pytest.approx(np.log(2.0))
    assert found.skill["no_change"] == pytest.approx(0.0)
    assert found.skill["gsim"] == pytest.approx(0.5)
    assert found.coverage == 1.0  # on the edge is inside
    assert np.isnan(found.width)  # one row has no range


def test_band_with_the_past_is_wider_by_how_far_the_series_used_to_move() -> None:
    """The model says 90 (75 to 95) and 80 came; the series moved by 20 a year: 15 and 33 below, 5 and 33 above."""
    known = replace(compared("flow", 80.0, 90.0, 85.0, 95.0), before=20.0)
    unknown = compared("flow", 300.0, 120.0, 110.0, 130.0)
    low, high = made_wider([known, unknown])
    assert low[0] == pytest.approx(90 - np.hypot(5, 1.645 * 20))
    assert high[0] == pytest.approx(90 + np.hypot(5, 1.645 * 20))
    assert np.isnan([low[1], high[1]]).all()
    [found] = skills_of("shock", [known, unknown], banded=True)
    assert (found.coverage, found.coverage_before) == (0.0, 1.0)  # the second over the row whose past is known
    assert found.width_before == pytest.approx((high[0] - low[0]) / (200.0 + 20.0))
    [bare] = skills_of("shock", [unknown], banded=True)
    assert np.isnan([bare.coverage_before, bare.width_before]).all()


def test_band_of_a_price_is_made_wider_in_logs() -> None:
    row = replace(compared("price", 200.0, 400.0, 200.0, 800.0, 50.0), before=np.log(2.0) / 1.645)
    low, high = made_wider([row])
    assert low[0] == pytest.approx(400 * 2 ** -np.sqrt(2))
    assert high[0] == pytest.approx(400 * 2 ** np.sqrt(2))


def test_past_of_a_series_is_that_of_as_many_years() -> None:
    rows = seen("flow", "C", "B", 20.0, 10.0, 12.0)
    given = replace(posed(BAN, observed=rows), before={(rows[0].series, 2): 3.0})
    first, second = hold_against(given).rows
    assert np.isnan(first.before)
    assert second.before == 3.0


def test_row_without_a_prediction_is_counted_and_left_out() -> None:
    rows = [compared("flow", 80.0, 90.0, 75.0, 95.0), compared("flow", 300.0, np.nan, np.nan, np.nan)]
    [found] = skills_of("shock", rows, banded=True)
    assert (found.rows, found.blank, found.error) == (2, 1, 10.0)


def test_skill_by_market_starts_with_the_market_that_changed_most() -> None:
    near, far = (compared("flow", value, 90.0, 75.0, 95.0) for value in (99.0, 20.0))
    near = replace(near, observed=replace(near.observed, region="B"))
    found = skills_by_market("shock", [near, far], banded=True)
    assert [(skill.region, skill.observed) for skill in found] == [("C", 80.0), ("B", 1.0)]
    assert [skill.skill["no_change"] for skill in found] == pytest.approx([1 - 70 / 80, 1 - 9 / 1])


def test_a_point_of_a_large_market_weighs_more_than_one_of_a_small_market() -> None:
    """C imports ten times what B does: misses of 0.1 and 0.4 there and 0.1 and 0.2 for no change."""
    large = compared("import_share", 0.5, 0.6, 0.55, 0.7)
    large = replace(large, base=0.4, alternatives={**large.alternatives, "no_change": 0.4})
    small = replace(large, observed=replace(large.observed, region="B", value=0.6), model=0.2)
    imports = {("metal", "C"): 100.0, ("metal", "B"): 10.0}
    [found] = skills_weighted("shock", [large, small], imports, banded=True)
    assert (found.region, found.rows) == (WEIGHTED, 2)
    assert found.observed == pytest.approx(100 * 0.1 + 10 * 0.2)  # kt
    assert found.skill["no_change"] == pytest.approx(1 - (100 * 0.1 + 10 * 0.4) / (100 * 0.1 + 10 * 0.2))
    assert found.coverage == pytest.approx(10 / 110)  # only what was observed in B lies in the band
    assert skills_weighted("shock", [large], imports, banded=True) == ()  # one market needs no weight


def test_imports_leave_out_what_is_sold_at_home() -> None:
    world = metal_world()
    flows = world.flows[0]
    assert imports_of(world)["metal", "C"] == pytest.approx(flows[0, 2] + flows[1, 2])


def test_shocked_markets_are_those_the_shock_names() -> None:
    duty_on_both = measure("tariff", "old", origins=["A"], destinations=["B"], numbers={"rate": 0.1})
    given, before = scenario(DUTY, duty_on_both), scenario(duty_on_both, measure("cap", "gone", **TO_A))
    assert shocked_markets(given, before, 3) == {"A", "C"}
    assert shocked_markets(given, given, 3) == frozenset()
    assert shocked_markets(scenario(DUTY, QUOTA), scenario(), 3) == {"C"}  # a quota for two of three names none
    lost = measure("outage", region="B", numbers={"capacity": 1.0})
    assert shocked_markets(scenario(lost), scenario(), 3) == frozenset()
    switched = measure("ban", **ROUTE_BC, when=["war"])
    on, off = (scenario(switched, switches=[switch("war", **state)]) for state in ({}, {"always_off": True}))
    assert shocked_markets(on, off, 3) == {"C"}


def test_skill_where_the_shock_acts_is_told_where_that_is_not_everywhere() -> None:
    far = compared("flow", 20.0, 90.0, 75.0, 95.0)
    near = replace(far, observed=replace(far.observed, region="B"))
    [found] = skills_where("shock", [near, far], {"B"}, banded=True)
    assert (found.region, found.rows, found.observed) == (SHOCKED, 1, 80.0)
    assert skills_where("shock", [near, far], {"B", "C"}, banded=True) == ()
    assert skills_where("shock", [near, far], {"A"}, banded=True) == ()


def test_skill_is_one_where_all_is_right_and_negative_where_nothing_helps() -> None:
    assert skill_of(np.array([0.0, 0.0]), np.array([1.0, 2.0])) == 1.0
    assert skill_of(np.array([6.0]), np.array([3.0])) == -1.0


def test_model_is_right_about_its_own_history() -> None:
    wide = {"sourcing_elasticity.metal": number(4.0, low=2.0, high=8.0)}
    truth = posed(DUTY, BAN, observed=seen("flow", "C", "A", 20.0, 1.0, 1.0), parameters=wide)
    found = simulate(truth.params)
    flow = found.flow[0, :, 0]
    rows = seen("flow", "C", "A", *flow[:3, 0, 2]) + seen("flow", "C", "B", *flow[:3, 1, 2])
    rows += seen("supply", "", "B", *flow[:3, 1].sum(axis=1))
    rows += seen("import_share", "C", "A", *(flow[:3, 0, 2] / flow[:3, :2, 2].sum(axis=1)))
    rows += seen("price", "C", "", *found.market_price[0, :3, 0, 2])
    episode = hold_against(posed(DUTY, BAN, observed=rows, draws=20, parameters=wide))
    assert [skill.quantity for skill in episode.skills] == ["import_share", "flow", "supply", "price"]
    for skill in episode.skills:
        assert skill.skill["no_change"] == pytest.approx(1.0, abs=1e-6)
        assert skill.coverage == 1.0
    assert (episode.name, episode.draws, episode.solved, episode.year) == ("shock", 20, 20, 2024)
    assert len(episode.rows) == 10


def test_same_draws_serve_shock_and_trend() -> None:
    episode = hold_against(posed(observed=seen("flow", "C", "B", 20.0, 15.0, 10.0), draws=5))
    for row in episode.rows:
        assert row.model == pytest.approx(row.alternatives["trend"])
    assert episode.skills[0].skill["trend"] == pytest.approx(0.0, abs=1e-9)


def test_without_draws_there_is_no_coverage() -> None:
    episode = hold_against(posed(DUTY))
    assert np.isnan(episode.skills[0].coverage)
    assert np.isnan(episode.skills[0].width)


def test_year_after_the_last_one_is_refused() -> None:
    with pytest.raises(ScenarioError, match="2030 was observed, the last year is 2027"):
        posed(DUTY, observed=[*seen("flow", "C", "B", 20.0), replace(seen("flow", "C", "B", 1.0)[0], year=2030)])


def test_worlds_that_differ_are_refused() -> None:
    given, before = scenario(DUTY, name="shock"), replace(scenario(name="before"), world="other")
    with pytest.raises(ScenarioError, match="shock is about the world sample, its baseline before about other"):
        pose(given, before, metal_world(), seen("flow", "C", "B", 20.0, 10.0), 0, 1)


def test_episode_without_an_equilibrium_is_told() -> None:
    flood = measure("floor", origins=["A"], destinations=["C"], starts=2025, numbers={"volume": 1e6})
    with pytest.raises(ConvergenceError, match="backtests/shock: the central run is infeasible"):
        hold_against(posed(flood))
