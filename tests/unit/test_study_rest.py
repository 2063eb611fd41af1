"""Measures that do nothing are told with the reason; those that may act are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sim.records.scenario import Measure, Scenario
from sim.study.effect import why_no_effect
from sim.study.rest import measures_at_rest, outages_of_all
from tests.study_samples import barred, measure, metal_world, number, outcome, scenario, switch

TO_C: dict[str, Any] = {"origins": ["A", "B"], "destinations": ["C"]}
NUMBERS = {"tariff": "rate", "export_tax": "rate", "freight": "amount", "cap": "volume", "offer": "volume"}


def ban(name: str = "barrier", **fields: Any) -> Measure:
    return measure("ban", name, **(TO_C | fields))


def on_route(kind: str, **fields: Any) -> Measure:
    given = {"origins": ["A"], "destinations": ["C"], "numbers": {NUMBERS.get(kind, "volume"): 0.1}}
    return measure(kind, "mine", **(given | fields))


def plant(**fields: Any) -> Measure:
    numbers = {"lead_time": 1.0, "ramp": 1.0, "capacity": 10.0} | fields.pop("numbers", {})
    return measure("project", "plant", **({"region": "A", "starts": 2026, "numbers": numbers} | fields))


def transfer(**fields: Any) -> Measure:
    given = {"region": "A", "numbers": {"lead_time_change": -1.0}}
    return measure("technology_transfer", "know_how", **(given | fields))


@pytest.mark.parametrize("kind", [*NUMBERS, "contract", "ban"])
def test_what_acts_on_closed_routes_only_is_told_with_the_ban(kind: str) -> None:
    base = scenario(ban(), name="baseline")
    given = scenario(ban(), on_route(kind))
    assert why_no_effect(given, base) == (
        "the measure mine acts only on routes that barrier closes in every year of it"
    )


def test_own_ban_and_several_bans_close_routes_too() -> None:
    split = (ban("east", origins=["A"]), ban("west", origins=["B"]))
    given = scenario(*split, on_route("tariff", origins=["A", "B"]))
    assert measures_at_rest(given) == {"mine": "acts only on routes that east and west close in every year of it"}


@pytest.mark.parametrize(
    "bar",
    [
        ban(origins=["B"]),
        ban(ends=2027),
        ban(starts=date(2025, 2, 1)),
        ban(numbers={"leakage": 0.1}),
        ban(when=["s"]),
        ban(numbers={"duration": number(9.0, low=1.0, high=9.0)}, starts=2025),
    ],
)
def test_ban_that_may_leave_a_route_open_silences_nothing(bar: Measure) -> None:
    given = scenario(bar, on_route("tariff"), switches=[switch("s", probability=0.5)])
    assert "mine" not in measures_at_rest(given)


def test_only_the_years_of_the_measure_have_to_be_closed() -> None:
    assert "mine" in measures_at_rest(scenario(ban(starts=2027), on_route("tariff", starts=2027)))
    assert "mine" not in measures_at_rest(scenario(ban(starts=2027), on_route("tariff", starts=2026)))


def test_of_two_bans_on_the_same_routes_one_acts() -> None:
    assert list(measures_at_rest(scenario(ban("first"), ban("second")))) == ["second"]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (scenario(transfer()), "there is no project of metal in A"),
        (scenario(transfer(), plant(region="B")), "there is no project of metal in A"),
        (
            scenario(transfer(), plant(numbers={"capacity": 0.0})),
            "the only project of metal in A is plant, which has no strength: its capacity is 0",
        ),
        (scenario(transfer(starts=2027), plant()), "no project of metal in A is decided while it is in force"),
    ],
)
def test_transfer_without_a_project_is_told(given: Scenario, why: str) -> None:
    assert measures_at_rest(given)["know_how"] == f"has nothing to act on: {why}"


def test_transfer_with_a_project_in_time_acts() -> None:
    assert measures_at_rest(scenario(transfer(), plant())) == {}
    assert measures_at_rest(scenario(transfer(starts=2026), plant(starts=date(2026, 6, 1)))) == {}


def test_path_that_is_nought_in_all_years_solved_has_no_strength() -> None:
    later = number(by_year=((2020, 0.2), (2024, 0.0), (2040, 0.3)))
    told = measures_at_rest(scenario(on_route("tariff", numbers={"rate": later})))
    assert told == {"mine": "has no strength: its rate is 0"}
    soon = number(by_year=((2024, 0.0), (2027, 0.3)))
    assert measures_at_rest(scenario(on_route("tariff", numbers={"rate": soon}))) == {}


def test_outage_where_nothing_is_made_is_told() -> None:
    given = scenario(measure("outage", "fire", region="C", numbers={"capacity": 5.0}))
    assert measures_at_rest(given) == {}
    assert measures_at_rest(given, metal_world()) == {
        "fire": "has nothing to act on: C has no capacity of metal in sample"
    }


def test_outage_larger_than_the_region_says_that_it_takes_all() -> None:
    fire = measure("outage", "fire", region="B", numbers={"capacity": 500.0})
    (told,) = outages_of_all(scenario(fire), metal_world())
    assert told == (
        "fire takes all the capacity that there was in 2024: 75.0 kt a year of metal in B, and it is stated with "
        "500.0 or more"
    )
    run = outcome(barred(measure("outage", "fire", region="B", numbers={"capacity": 500.0})))
    assert any(notice.startswith("fire takes all the capacity") for notice in run.facts.notices)
    part = replace(fire, numbers={"capacity": number(74.0)})
    assert outages_of_all(scenario(part), metal_world()) == ()
