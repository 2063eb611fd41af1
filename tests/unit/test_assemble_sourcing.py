from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.assemble.projects import projects_of
from sim.assemble.sourcing import entries_of, freight_of, possible_routes, taste_growth
from sim.errors import ScenarioError
from sim.model import simulate
from sim.quantity import Array
from sim.records.scenario import Measure, Number
from sim.records.world import World
from tests.study_samples import barred_world, frame, measure, metal_world, number, params, scenario

HOME = np.array([[1.0, 0.6, 0.0]])
A, B, C = range(3)


def plant(name: str = "plant", decided: int = 2025, share: float = 0.1, **numbers: Any) -> Measure:
    given = {"lead_time": 1.0, "ramp": 1.0, "capacity": 10.0, "entry_share.B": share} | numbers
    return measure("project", name, region="C", starts=decided, numbers=given)


def shares_of(parameters: dict[str, Number | float], world: World | None = None) -> Array:
    given = frame(scenario(parameters=parameters), world=world)
    share, _ = entries_of(given, HOME, projects_of(given))
    found: Array = share[0, 0]
    return found


def test_reference_share_of_imports_becomes_a_share_of_use() -> None:
    # 60 % of B's use is met at home: 20 % of its imports are 8 % of its use
    assert shares_of({"reference_share.metal.B.C": 0.2})[C, B] == pytest.approx(0.08)


def test_entry_share_is_a_share_of_use_as_it_stands() -> None:
    assert shares_of({"entry_share.metal.B.C": 0.2})[C, B] == 0.2


def test_supplier_with_a_benchmark_flow_does_not_enter() -> None:
    assert not shares_of({"reference_share.metal.B.A": 0.2, "entry_share.metal.C.B": 0.3}).any()


def test_tastes_of_the_others_are_scaled_by_what_the_entrants_leave() -> None:
    given = params(scenario(parameters={"entry_share.metal.B.C": 0.2}))
    np.testing.assert_allclose(given.sourcing.taste[0, 0, :, B], [0.8 * 30 / 70, 0.8 * 40 / 70, 0.2])
    np.testing.assert_allclose(given.sourcing.taste[0, 0].sum(axis=0), 1.0)


def test_entrant_holds_its_share_at_the_average_price_of_the_market() -> None:
    duty = measure("tariff", origins=["A"], destinations=["C"], numbers={"rate": 0.1})
    punitive = measure("tariff", "punitive", origins=["B"], destinations=["A"], numbers={"rate": 2.0})
    stated: dict[str, Number | float] = {"entry_share.metal.C.C": 0.1, "reference_share.metal.A.B": 0.2}
    reference = params(scenario(duty, punitive, parameters=stated)).sourcing.reference_price[0, 0]
    assert reference[:, C].tolist() == pytest.approx([1100.0, 1000.0, 1050.0])
    assert reference[B, A] == pytest.approx(3000.0)  # no share of A's imports, as A imports nothing


def test_sanctioned_supplier_comes_back_with_its_reference_share_at_the_going_price() -> None:
    stated: dict[str, Number | float] = {"reference_share.metal.C.B": 0.25, "contract_renewal.metal": 1.0}
    ban = measure("ban", origins=["B"], destinations=["C"], ends=2026)
    baseline = replace(measure("ban", origins=["B"], destinations=["C"]))
    given = params(scenario(ban, parameters=stated), scenario(baseline, parameters=stated), world=barred_world())
    found = simulate(given)
    assert found.flow[0, :2, 0, B, C].tolist() == [0.0, 0.0]
    share = found.flow[0, 2, 0, B, C] / found.flow[0, 2, 0, :, C].sum()
    relative = found.delivered_price[0, 2, 0, B, C] / found.delivered_price[0, 2, 0, A, C]
    assert share / (1 - share) == pytest.approx(0.25 / 0.75 * relative**-4, rel=1e-9)


@pytest.mark.parametrize("banned", [True, False])
def test_benchmark_is_replicated_whether_the_supplier_was_banned_or_not(banned: bool) -> None:
    measures = [measure("ban", origins=["B"], destinations=["C"])] if banned else []
    stated: dict[str, Number | float] = {"reference_share.metal.C.B": number(0.25, low=0.1, high=0.3)}
    found = simulate(params(scenario(*measures, parameters=stated), world=barred_world(), draws=3))
    np.testing.assert_allclose(found.flow[:, 0], np.stack([barred_world().flows] * 4), atol=1e-8)
    assert (found.flow[:, 1, 0, B, C] > 1.0).all() == (not banned)


def test_entry_route_opens_when_the_project_produces() -> None:
    found = simulate(params(scenario(plant())))
    assert found.flow[0, :2, 0, C].tolist() == [[0.0] * 3] * 2
    assert found.flow[0, 2:, 0, C, B].min() > 3.0
    assert not found.flow[0, :, 0, C, (A, C)].any()
    np.testing.assert_allclose(found.flow[0, 1], metal_world().flows, rtol=1e-8)


def test_route_of_two_projects_opens_with_the_first_and_their_shares_add_up() -> None:
    early, late = plant("early"), plant("late", decided=2026, share=0.05)
    given = frame(scenario(early, late))
    share, shut = entries_of(given, HOME, projects_of(given))
    assert share[0, 0, C, B] == pytest.approx(0.15)
    assert [mask[0, C, B] for mask, _ in shut] == [True, True]
    assert [rate[0].tolist() for _, rate in shut] == [[1, 0, 0, 0], [1, 1, 0, 0]]


def test_entry_share_of_a_project_is_not_shut_where_its_region_sells_already() -> None:
    extra = measure(
        "project",
        region="A",
        starts=2026,
        numbers={"lead_time": 0.0, "ramp": 1.0, "capacity": 10.0, "entry_share.B": 0.3},
    )
    found = simulate(params(scenario(extra)))
    np.testing.assert_allclose(found.flow[0, 1], metal_world().flows, rtol=1e-8)
    assert found.flow[0, 2, 0, A, B] > 30.5


def test_entrants_cannot_have_the_whole_market() -> None:
    stated: dict[str, Number | float] = {"entry_share.metal.A.B": 0.7, "entry_share.metal.A.C": 0.4}
    with pytest.raises(ScenarioError, match=r"those who enter A with metal would hold 110% of it"):
        params(scenario(parameters=stated))


def test_freight_is_that_of_the_route_else_the_usual_one_and_nothing_at_home() -> None:
    stated: dict[str, Number | float] = {
        "freight.metal.default": 100.0,
        "freight.metal.A.B": 40.0,
        "freight.metal.C.C": 70.0,
    }
    freight = freight_of(frame(scenario(parameters=stated)))[0, 0]
    assert freight.tolist() == [[0, 40, 100], [100, 0, 100], [100, 100, 0]]
    assert not freight_of(frame(scenario())).any()


def test_short_run_elasticity_is_a_fifth_of_the_way_unless_stated() -> None:
    assert params(scenario()).sourcing.elasticity_short.tolist() == [[1.0 + 3.0 / 5.0]]
    stated: dict[str, Number | float] = {"sourcing_elasticity_short.metal": 2.5}
    assert params(scenario(parameters=stated)).sourcing.elasticity_short.tolist() == [[2.5]]


def test_taste_grows_with_capacity_to_the_power_chi() -> None:
    capacity = np.array([[[[10.0, 0.0, 0.0]], [[20.0, 5.0, 0.0]]]])
    whole = np.array([[[0.0, 20.0, 0.0]]])
    for chi, expected in ((1.0, [2.0, 0.25, 1.0]), (0.5, [2**0.5, 0.5, 1.0]), (0.0, [1.0, 1.0, 1.0])):
        found = taste_growth(capacity, whole, np.array([[chi]]))
        assert found[0, 1, 0].tolist() == pytest.approx(expected)


def test_metal_goes_on_possible_routes_only_and_on_each_kind_of_them() -> None:
    stated: dict[str, Number | float] = {"reference_share.metal.B.C": 0.1, "entry_share.metal.C.C": 0.1}
    promised = measure("contract", origins=["C"], destinations=["A"], starts=2026, numbers={"volume": 1.0})
    for given in (scenario(plant(), promised), scenario(plant(), promised, parameters=stated)):
        possible = possible_routes(frame(given))
        flow = simulate(params(given)).flow[0, :, 0].max(axis=0)
        assert not (flow > 0)[~possible[0]].any()
        assert (flow > 0)[possible[0]].all()
    assert possible.sum() == (metal_world().flows > 0).sum() + 3
