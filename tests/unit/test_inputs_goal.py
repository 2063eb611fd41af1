from __future__ import annotations

import re
from dataclasses import replace

import pytest

from sim.errors import ScenarioError
from sim.inputs import units
from sim.inputs.goal import (
    Varied,
    amount_text,
    read_bound,
    read_goal,
    read_limit,
    read_outcomes,
    usual_span,
    varied_number,
    written_in,
)
from tests.study_samples import measure, number, scenario

DUTY = measure("tariff", "duty", origins=["A"], destinations=["C"], numbers={"rate": 0.25})


def test_goal_is_taken_apart() -> None:
    found = read_goal(" import_share.metal.C.A.2027  <=  50 % ")
    assert (found.names, found.year) == (("import_share", "metal", "C", "A"), 2027)
    assert (found.comparison, found.amount) == ("<=", "50 %")
    assert found.text == "import_share.metal.C.A.2027 <= 50 %"
    assert read_goal("consumption.metal.C.2027 ≥ 5 kt/yr").comparison == ">="


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "GOAL='': indicator.good.region.year <= value is wanted"),
        ("consumption.metal.C.2027 = 5 kt/yr", "with <= or >="),
        ("consumption.metal.C.2027 < 5 kt/yr", "with <= or >="),
        ("consumption.metal.2027 <= 5 kt/yr", "has 3 names"),
        ("consumption.metal..2027 <= 5 kt/yr", "has 4 names"),
        ("consumption.metal.C.A <= 5 kt/yr", "'A' is no year"),
        ("a\nb.metal.C.2027 <= 5 kt/yr", "is wanted"),
        ("x" * 2000, "is wanted"),
    ],
)
def test_what_is_no_goal_is_refused(text: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault.replace(".", r"\.").replace("<=", "<=")):
        read_goal(text)


@pytest.mark.parametrize(
    ("indicator", "amount", "unit", "value", "shown"),
    [
        ("import_share", "50 %", "1", 0.5, "%"),
        ("imports", "2 Mt/yr", "kt/yr", 2000.0, "Mt/yr"),
        ("delivered_price", "14 USD/kg", "USD/t", 14000.0, "USD/kg"),
        ("price_against_baseline", "1.3", "1", 1.3, ""),
        ("price_against_baseline", "130 %", "1", 1.3, "%"),
        ("buyers_surplus", "-2 bn USD/yr", "M USD/yr", -2000.0, "bn USD/yr"),
    ],
)
def test_value_of_a_goal_is_read_in_the_unit_of_its_indicator(
    indicator: str, amount: str, unit: str, value: float, shown: str
) -> None:
    limit, factor, told = read_limit(read_goal(f"{indicator}.metal.C.2027 <= {amount}"), unit)
    assert limit == pytest.approx(value)
    assert told == shown
    assert amount_text(limit, factor, told) == amount


@pytest.mark.parametrize(
    ("amount", "unit", "fault"),
    [
        ("50", "1", "50 has no unit; write 50 %"),
        ("50 kt/yr", "1", "a share is wanted"),
        ("50 %", "kt/yr", "a yearly flow is wanted"),
        ("", "kt/yr", "nothing stands here"),
    ],
)
def test_value_without_its_unit_is_refused(amount: str, unit: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault):
        read_limit(read_goal(f"import_share.metal.C.A.2027 <= {amount}"), unit)


def test_number_is_found_by_its_path_and_the_nearest_is_told() -> None:
    given = scenario(DUTY)
    found = varied_number(given, "measures.duty.rate")
    assert found.number is given.measures["duty"].numbers["rate"]
    assert (found.good, found.of_parameters, found.kind) == ("metal", False, units.RATE)
    assert varied_number(given, "parameters.sourcing_elasticity.metal").kind is units.SOURCING_ELASTICITY
    with pytest.raises(
        ScenarioError, match=r"no number measures\.duty\.rte in scenario; nearest is measures\.duty\.rate"
    ):
        varied_number(given, "measures.duty.rte")
    with pytest.raises(ScenarioError, match=r"known: measures\.duty\.rate"):
        varied_number(given, "measures.duty")
    with pytest.raises(ScenarioError, match="`show` lists them"):
        varied_number(given, "zzz")


def variable(value: float, kind: units.UnitKind, **fields: float) -> Varied:
    return Varied(number=number(value, "x.y", **fields), key=("x",), of_parameters=True, good="metal", kind=kind)


@pytest.mark.parametrize(
    ("given", "span"),
    [
        (variable(5.0, units.FLOW, low=3.0, high=12.0), (3.0, 12.0)),
        (variable(0.2, units.SHARE), (0.0, 1.0)),
        (variable(0.1, units.RATE), (0.0, 1.0)),
        (variable(0.5, units.RATE), (0.0, 1.5)),
        (variable(5.0, units.FLOW), (0.0, 15.0)),
        (variable(-3.0, units.YEARS_CHANGE), (-9.0, 0.0)),
        (variable(-0.5, units.CHANGE), (-1.0, 0.0)),
        (variable(0.5, units.SUPPLY_ELASTICITY), (0.05, 1.5)),
        (variable(5.0, units.SOURCING_ELASTICITY), (3.0, 15.0)),
    ],
)
def test_bounds_without_any_given(given: Varied, span: tuple[float, float]) -> None:
    low, high, origin = usual_span(given, given.number.value or 0.0)
    assert (low, high) == pytest.approx(span)
    assert origin


def test_number_that_tells_no_bounds_asks_for_them() -> None:
    with pytest.raises(ScenarioError, match="say LOW= and HIGH="):
        usual_span(variable(0.0, units.FLOW), 0.0)


def test_bounds_are_read_in_the_unit_of_the_number() -> None:
    assert read_bound("LOW", "2 Mt/yr", variable(1.0, units.FLOW)) == 2000.0
    with pytest.raises(ScenarioError, match="HIGH: 2 has no unit"):
        read_bound("HIGH", "2", variable(1.0, units.FLOW))


def test_amounts_are_told_so_that_they_are_read_again() -> None:
    assert written_in("2 Mt/yr", units.FLOW) == (1000.0, "Mt/yr")
    assert written_in("", replace(units.FLOW)) == (1000.0, "Mt/yr")
    for value in (0.366, 1e-5, 12.0, 0.1 + 0.2):
        text = amount_text(value, 0.01, "%")
        assert units.parse_amount(text, units.RATE).value == pytest.approx(value, rel=1e-12)
    assert amount_text(12.0, 1.0, "") == "12"
    assert amount_text(0.366, 0.01, "%") == "36.6 %"


def test_outcomes_are_taken_apart() -> None:
    told = read_outcomes("delivered_price.aluminium.US.2030; import_share . aluminium.US.Canada. 2035;")
    assert [(each.names, each.year) for each in told] == [
        (("delivered_price", "aluminium", "US"), 2030),
        (("import_share", "aluminium", "US", "Canada"), 2035),
    ]
    assert {str(each.place) for each in told} == {"OUTCOMES:1:1"}
    assert read_outcomes(" ; ") == ()
    assert len(read_outcomes("a.b.c.2030; a.b.c.2030")) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("delivered_price.aluminium.2030", "has 3 names"),
        ("delivered_price.aluminium.US.30", "'30' is no year"),
        ("delivered_price.*.US.2030", "one indicator is wanted"),
        ("delivered_price..US.2030", "has 4 names"),
        ("a" * 2000, "is wanted"),
        ("a.b.c\x07.2030", "is wanted"),
    ],
)
def test_outcomes_at_fault_are_told(text: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=f"^OUTCOMES.*{re.escape(fault)}"):
        read_outcomes(text)
