from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.assemble.instruments import bounds_of, contracts_of, policy_of, stockpiles_of
from sim.model import simulate
from sim.records.params import RENT_TO_EXPORTER, RENT_TO_IMPORTER, Policy
from sim.records.scenario import Measure, Scenario
from tests.study_samples import NAMES, frame, measure, metal_world, number, params, scenario, switch

MIDDLE = date(2026, 7, 2)  # 183 of 365 days are left
PART = 183 / 365


def route(origin: str, destination: str) -> tuple[int, int, int]:
    return 0, NAMES.index(origin), NAMES.index(destination)


def policy(given: Scenario, baseline: Scenario | None = None) -> Policy:
    return policy_of(frame(given, baseline), np.zeros((1, 1, 3, 3)), ())


def capped(**fields: object) -> Measure:
    return measure("cap", origins=["A"], destinations=["B"], numbers={"volume": 10.0}, **fields)


def test_cap_of_a_part_of_a_year_leaves_the_rest_of_it_at_the_last_free_pace() -> None:
    bounds = bounds_of(frame(scenario(capped(starts=MIDDLE))))
    np.testing.assert_allclose(bounds.high[0, :, 0], [np.inf, np.inf, 10 * PART, 10])
    np.testing.assert_allclose(bounds.high_share[0, :, 0], [0, 0, 1 - PART, 0], atol=1e-15)
    found = simulate(params(scenario(capped(starts=MIDDLE))))
    flow = found.flow[0, :, 0, 0, 1]
    np.testing.assert_allclose(flow, [30, 30, 10 * PART + (1 - PART) * 30, 10], rtol=1e-9)


def test_ban_that_leaks_lets_its_share_of_the_last_free_flow_through() -> None:
    leaking = measure("ban", origins=["A"], destinations=["B"], starts=MIDDLE, numbers={"leakage": 0.1})
    given = frame(scenario(leaking))
    bounds = bounds_of(given)
    np.testing.assert_allclose(bounds.high[0, :, 0], [np.inf, np.inf, 0, 0])
    np.testing.assert_allclose(bounds.high_share[0, :, 0], [0, 0, 1 - 0.9 * PART, 0.1])
    assert policy(scenario(leaking)).bans.routes.shape[0] == 0
    flow = simulate(params(scenario(leaking))).flow[0, :, 0, 0, 1]
    np.testing.assert_allclose(flow, [30, 30, 30 * (1 - 0.9 * PART), 3], rtol=1e-9)


def test_ban_without_leakage_is_no_bound_and_lets_exactly_nothing_through() -> None:
    banned = scenario(measure("ban", origins=["A"], destinations=["B"], starts=2026))
    assert bounds_of(frame(banned)).names == ()
    assert simulate(params(banned)).flow[0, 2:, 0, 0, 1].tolist() == [0.0, 0.0]


def test_floor_is_a_lower_limit_pro_rata() -> None:
    floor = measure("floor", origins=["A"], destinations=["C"], starts=MIDDLE, numbers={"volume": 40.0})
    bounds = bounds_of(frame(scenario(floor)))
    np.testing.assert_allclose(bounds.low[0, :, 0], [0, 0, 40 * PART, 40])
    assert np.isinf(bounds.high).all()
    np.testing.assert_allclose(simulate(params(scenario(floor))).flow[0, 3, 0, 0, 2], 40, rtol=1e-9)


def test_caps_offers_floors_and_leaks_keep_their_names_and_draws() -> None:
    offer = measure(
        "offer", "sale", origins=["B"], destinations=["A"], numbers={"volume": number(low=5.0, high=9.0, path="v")}
    )
    leak = measure("ban", "leak", origins=["B"], destinations=["C"], numbers={"leakage": 0.2})
    bounds = bounds_of(frame(scenario(leak, offer, capped()), draws=4))
    assert bounds.names == ("sale", "cap", "leak")
    assert len(set(bounds.high[:, 1, 0].tolist())) == 5
    assert (bounds.high[:, 1, 0] == bounds.high[:, 3, 0]).all()


@pytest.mark.parametrize(
    ("choice", "owner"),
    [({}, RENT_TO_EXPORTER), ({"rent_to": "importer"}, RENT_TO_IMPORTER), ({"rent_to": "C"}, 2)],
)
def test_rent_goes_where_the_measure_says(choice: dict[str, str], owner: int) -> None:
    assert bounds_of(frame(scenario(capped(choices=choice)))).rent_to.tolist() == [owner]


def test_contract_has_its_route_and_its_part_of_the_year() -> None:
    contract = measure("contract", origins=["A"], destinations=["C"], starts=MIDDLE, numbers={"volume": 12.0})
    found = contracts_of(frame(scenario(contract)))
    assert (found.good[0], found.origin[0], found.destination[0]) == (0, 0, 2)
    np.testing.assert_allclose(found.volume[0, :, 0], [0, 0, 12 * PART, 12])


def test_duties_fall_on_the_price_or_on_price_and_freight_as_stated() -> None:
    given = scenario(
        measure("tariff", "fob", origins=["A"], destinations=["B"], numbers={"rate": 0.2}, choices={"base": "FOB"}),
        measure("tariff", "cif", origins=["B"], destinations=["C"], numbers={"rate": 0.3}, choices={"base": "CIF"}),
        measure("tariff", "unsaid", origins=["A"], destinations=["C"], numbers={"rate": 0.4}),
        measure("export_tax", "tax", origins=["A"], destinations=["C"], numbers={"rate": 0.1}),
        measure("freight", "levy", origins=["A"], destinations=["C"], starts=2026, numbers={"amount": 55.0}),
        parameters={"freight.metal.default": 100.0},
        last=2026,
    )
    found = simulate(params(given, scenario()))
    price = found.producer_price[0, 2, 0]
    delivered = found.delivered_price[0, 2, 0]
    assert delivered[0, 1] == pytest.approx(price[0] * 1.2 + 100)
    assert delivered[1, 2] == pytest.approx((price[1] + 100) * 1.3)
    assert delivered[0, 2] == pytest.approx((price[0] * 1.1 + 155) * 1.4)
    assert delivered[0, 0] == pytest.approx(price[0])


@pytest.mark.parametrize("kind", ["tariff", "export_tax", "freight", "ban", "cap"])
def test_no_measure_touches_sales_at_home(kind: str) -> None:
    field = {"freight": "amount", "cap": "volume"}.get(kind, "rate")
    given = scenario(measure(kind, origins=NAMES, destinations=NAMES, starts=2025, numbers={field: 0.25}))
    found = policy(given)
    masks = [wedge.routes for wedge in (found.bans, found.tariffs_cif, found.export_taxes, found.surcharges)]
    masks.append(bounds_of(frame(given)).routes)
    touched = np.concatenate(masks)
    assert touched.sum() == 6
    assert not np.einsum("mcdd->mcd", touched).any()


def test_rate_follows_its_path_and_its_dates() -> None:
    rate = number(path="r", by_year=((2025, 0.1), (2027, 0.5)))
    given = scenario(measure("tariff", origins=["A"], destinations=["B"], starts=MIDDLE, numbers={"rate": rate}))
    np.testing.assert_allclose(policy(given).tariffs_cif.rate[0, :, 0], [0, 0, 0.1 * PART, 0.5])


DUTY = {"origins": ["A"], "destinations": ["C"], "numbers": {"rate": 0.25}}


@pytest.mark.parametrize(
    "changed",
    [
        scenario(measure("tariff", when=["s"], **DUTY), switches=[switch("s", always_off=True)]),
        scenario(switches=[switch("s")]),
        scenario(
            measure("tariff", when=["s"], origins=["A"], destinations=["C"], numbers={"rate": 0.6}),
            switches=[switch("s", off_from=date(2025, 1, 1))],
        ),
    ],
    ids=["switched off", "measure removed", "another rate until 2025"],
)
def test_benchmark_year_keeps_the_duties_of_the_baseline(changed: Scenario) -> None:
    baseline = scenario(measure("tariff", when=["s"], **DUTY), switches=[switch("s")])
    given, before = params(changed, baseline), params(baseline)
    assert (given.sourcing.reference_price == before.sourcing.reference_price).all()
    found = simulate(given)
    np.testing.assert_allclose(found.flow[0, 0], metal_world().flows, rtol=1e-9)
    assert found.duties[0, 0, 0, 2] == pytest.approx(20 * 1000 * 0.25 / 1000)
    assert found.duties[0, 1, 0, 2] == 0.0
    assert found.flow[0, 1, 0, 0, 2] > 20.1


def test_measure_without_a_start_acts_from_the_first_year_on() -> None:
    given = scenario(measure("tariff", **DUTY))
    found = simulate(params(given, scenario()))
    assert found.duties[0, :2, 0, 2].tolist()[0] == 0.0
    assert found.duties[0, 1, 0, 2] > 0.0
    assert found.flow[0, 1, 0, 0, 2] < 19.0


@pytest.mark.parametrize(
    "given",
    [
        measure("ban", origins=["A"], destinations=["B"]),
        measure("cap", origins=["A"], destinations=["B"], numbers={"volume": 10.0}),
        measure("floor", origins=["A"], destinations=["C"], numbers={"volume": 40.0}),
        measure("contract", origins=["A"], destinations=["C"], numbers={"volume": 40.0}),
        measure("outage", region="A", numbers={"capacity": 60.0}),
        measure("demand_shift", destinations=["B"], numbers={"change": -0.5}),
        measure("cost_shift", region="A", numbers={"change": 0.5}),
        measure("project", region="A", starts=2020, numbers={"lead_time": 1.0, "ramp": 1.0, "capacity": 50.0}),
    ],
    ids=lambda given: given.kind,
)
def test_no_measure_changes_the_benchmark_year(given: Measure) -> None:
    found = simulate(params(scenario(given)))
    np.testing.assert_allclose(found.flow[0, 0], metal_world().flows, atol=1e-9)
    assert np.abs(found.flow[0, 1] - metal_world().flows).max() > 1.0


def test_stockpile_is_shared_out_over_the_markets_it_serves_by_their_use() -> None:
    numbers = {"stock": 25.0, "release_rate": 10.0, "trigger_price": 1200.0}
    own = measure("stockpile", "own", region="C", destinations=["C"], starts=date(2025, 7, 2), numbers=numbers)
    both = measure("stockpile", "both", region="C", destinations=["B", "C"], starts=2026, ends=2027, numbers=numbers)
    found = params(scenario(own, both)).stockpiles
    assert found.names == ("own", "both")
    assert found.holder.tolist() == [2, 2]
    assert found.reach[0].tolist() == [0, 0, 1]
    used = metal_world().flows[0].sum(axis=0)
    np.testing.assert_allclose(found.reach[1], np.array([0, used[1], used[2]]) / used[1:].sum())
    np.testing.assert_allclose(found.release_rate[0, :, 0], [0, 10 * 183 / 365, 10, 10])
    assert found.release_rate[0, :, 1].tolist() == [0, 0, 10, 0]
    assert found.stock.tolist() == [[25.0, 25.0]]
    assert found.trigger.tolist() == [[1200.0, 1200.0]]


def test_stockpile_serves_markets_without_benchmark_use_alike() -> None:
    numbers = {"stock": 25.0, "release_rate": 10.0, "trigger_price": 1200.0}
    nowhere = replace(metal_world(), flows=metal_world().flows * np.array([1.0, 0.0, 0.0]))
    given = scenario(measure("stockpile", region="B", destinations=["B", "C"], numbers=numbers))
    reach = stockpiles_of(frame(given, world=nowhere)).reach
    assert reach.tolist() == [[0, 0.5, 0.5]]
