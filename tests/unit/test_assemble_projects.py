"""What projects cost year by year, and what a transfer of technology changes."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from sim.assemble.projects import projects_of
from sim.records.scenario import Measure, Number
from tests.study_samples import frame, measure, number, params, scenario, switch

SMALL: dict[str, float | Number] = {"lead_time": 1.0, "ramp": 1.0, "capacity": 5.0}


def project(**fields: object) -> Measure:
    numbers: dict[str, float | Number] = {"lead_time": 4.0, "ramp": 1.0, "capacity": 20.0, "capital_cost": 8e9}
    numbers |= fields.pop("numbers", {})  # type: ignore[arg-type]
    return measure("project", "plant", **{"region": "B", "starts": 2025, "numbers": numbers} | fields)


def transfer(name: str = "transfer", *, region: str = "B", **fields: object) -> Measure:
    numbers: dict[str, float | Number] = {"lead_time_change": -3.0, "change": -0.2, "capital_cost_change": -0.25}
    numbers |= fields.pop("numbers", {})  # type: ignore[arg-type]
    return measure("technology_transfer", name, **{"region": region, "numbers": numbers} | fields)


def test_capital_is_spent_evenly_over_the_lead_time() -> None:
    found = projects_of(frame(scenario(project(), last=2031)))
    np.testing.assert_allclose(found.spent[0, :, 0], [0, 2e9, 2e9, 2e9, 2e9, 0, 0, 0])


@pytest.mark.parametrize(
    ("decided", "lead", "spent"),
    [
        (date(2025, 7, 2), 2.0, [0, 4e9 * 183 / 365, 4e9, 4e9 * 182 / 365, 0]),
        (2025, 1.5, [0, 8e9 / 1.5, 4e9 / 1.5, 0, 0]),
        (2026, 0.0, [0, 0, 8e9, 0, 0]),  # what stands at once is paid for in its first year
    ],
)
def test_parts_of_years_are_paid_pro_rata(decided: date | int, lead: float, spent: list[float]) -> None:
    given = scenario(project(starts=decided, numbers={"lead_time": lead}), last=2028)
    found = projects_of(frame(given))
    np.testing.assert_allclose(found.spent[0, :, 0], spent, rtol=1e-9)
    assert found.spent.sum() == pytest.approx(8e9)


def test_nothing_more_is_spent_once_the_switch_is_off() -> None:
    early = switch("s", off_from=date(2027, 1, 1))
    found = projects_of(frame(scenario(project(when=["s"]), switches=[early], last=2030)))
    assert found.spent[0, :, 0].tolist() == [0, 2e9, 2e9, 0, 0, 0, 0]
    never = switch("s", always_off=True)
    found = projects_of(frame(scenario(project(when=["s"]), switches=[never], last=2030)))
    assert not found.spent.any()


def test_project_without_a_stated_cost_spends_nothing() -> None:
    plain = project()
    numbers = {name: value for name, value in plain.numbers.items() if name != "capital_cost"}
    found = projects_of(frame(scenario(measure("project", "plant", region="B", starts=2025, numbers=numbers))))
    assert not found.spent.any()


def test_project_of_no_size_costs_nothing() -> None:
    assert not projects_of(frame(scenario(project(numbers={"capacity": 0.0})))).spent.any()


def test_transfer_shortens_the_lead_time_and_lowers_costs() -> None:
    plain, helped = (frame(scenario(project(), *more, last=2031)) for more in ((), (transfer(starts=2025, ends=2026),)))
    without, found = projects_of(plain), projects_of(helped)
    assert without.lead_time.tolist() == [[4.0]]
    assert found.lead_time.tolist() == [[1.0]]
    assert without.capacity[0, :, 0].tolist() == [0, 0, 0, 0, 0, 20, 20, 20]
    assert found.capacity[0, :, 0].tolist() == [0, 0, 20, 20, 20, 20, 20, 20]
    np.testing.assert_allclose(found.spent[0, :, 0], [0, 6e9, 0, 0, 0, 0, 0, 0])
    costs = [params(given.scenario).technology.break_even[0, :, 2] for given in (plain, helped)]
    np.testing.assert_allclose(costs[1], 0.8 * costs[0])


@pytest.mark.parametrize(
    "given",
    [
        transfer(region="A"),
        transfer(starts=2026),
        transfer(ends=2025),
        transfer(when=["not s"]),
    ],
)
def test_transfer_helps_only_what_is_decided_where_and_while_it_is_in_force(given: Measure) -> None:
    found = projects_of(frame(scenario(project(), given, switches=[switch("s")])))
    assert found.lead_time.tolist() == [[4.0]]
    assert found.cost_factor.tolist() == [[1.0]]


def test_transfers_add_up_and_no_lead_time_is_under_nothing() -> None:
    slower = transfer("ban", numbers={"lead_time_change": 2.0, "change": 0.0, "capital_cost_change": 0.0})
    found = projects_of(frame(scenario(project(), transfer(), slower)))
    assert found.lead_time.tolist() == [[3.0]]
    found = projects_of(frame(scenario(project(), transfer(), transfer("again"))))
    assert found.lead_time.tolist() == [[0.0]]
    assert found.cost_factor[0, 0] == pytest.approx(0.6)


def test_transfer_with_a_probability_helps_in_its_draws_only() -> None:
    given = scenario(project(), transfer(when=["s"]), switches=[switch("s", probability=0.5)])
    lead = projects_of(frame(given, draws=40)).lead_time[1:, 0]
    assert set(lead.tolist()) == {1.0, 4.0}
    drawn = transfer(numbers={"lead_time_change": number(low=-3.0, high=-1.0, path="faster")})
    several = np.sort(projects_of(frame(scenario(project(), drawn), draws=8)).lead_time[1:, 0])
    assert all(a < b for a, b in pairwise(several.tolist()))
    assert several[0] >= 1.0
    assert several[-1] <= 3.0


def test_project_that_is_never_built_leaves_every_taste_alone() -> None:
    """Its entry shares and its size count for nothing, so that a switch that stays off gives the baseline itself."""
    entering: dict[str, float | Number] = {"entry_share.C": 0.2, "entry_share.A": 0.1}
    home: dict[str, float | Number] = {"entry_share.C": 0.3}
    small = measure("project", "small", region="C", starts=2025, numbers=SMALL | home)
    large = measure("project", "large", region="C", starts=2025, when=["s"], numbers=SMALL | entering)
    never = params(scenario(small, large, switches=[switch("s", always_off=True)])).sourcing
    without = params(scenario(small)).sourcing
    np.testing.assert_array_equal(never.taste, without.taste)
    np.testing.assert_array_equal(never.taste_growth, without.taste_growth)
    drawn = params(scenario(small, large, switches=[switch("s", probability=0.5)]), draws=20).sourcing
    alone = (drawn.taste == without.taste[:1]).all(axis=(1, 2, 3))
    assert 3 < alone[1:].sum() < 17
