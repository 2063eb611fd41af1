from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.inputs import units
from sim.inputs.units import AmountError, UnitKind, parse_amount


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2 Mt/yr", units.FLOW, 2000.0),
        ("1.5 Mt/yr", units.FLOW, 1500.0),
        ("10 kt/yr", units.FLOW, 10.0),
        ("250 t/yr", units.FLOW, 0.25),
        ("0 kt/yr", units.FLOW, 0.0),
        ("2 Mt", units.MASS, 2000.0),
        ("1.05 t/t", units.INPUT_RATIO, 1.05),
        ("2500 USD/t", units.PRICE, 2500.0),
        ("2.5 USD/kg", units.PRICE, 2500.0),
        ("100 bn USD", units.MONEY, 1e11),
        ("3.2 M USD", units.MONEY, 3.2e6),
        ("36.6 %", units.RATE, 0.366),
        ("36.6%", units.RATE, 0.366),
        ("200 %", units.RATE, 2.0),
        ("100 %", units.SHARE, 1.0),
        ("-10 %", units.CHANGE, -0.1),
        ("2.5 %/yr", units.GROWTH, 0.025),
        ("30 %/yr", units.SPEED, 0.3),
        ("8 years", units.YEARS, 8.0),
        ("5", units.SOURCING_ELASTICITY, 5.0),
        ("0.2", units.DEMAND_ELASTICITY, 0.2),
    ],
)
def test_each_unit_becomes_the_unit_of_the_model(text: str, kind: UnitKind, value: float):
    assert parse_amount(text, kind).value == value
    assert parse_amount(text, kind).text == text


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("1,5 Mt/yr", units.FLOW, "1,5 Mt/yr: the decimal sign is a point; write 1.5 Mt/yr"),
        ("1,500 kt/yr", units.FLOW, "1,500 kt/yr: a comma could be either; write 1500 kt/yr or 1.500 kt/yr"),
        ("1,500,000 t/yr", units.FLOW, "the decimal sign is a point and digits are not grouped; write 1500000 t/yr"),
        ("1'500 kt/yr", units.FLOW, "the decimal sign is a point and digits are not grouped; write 1500 kt/yr"),
        ("1.500,5 kt/yr", units.FLOW, "the decimal sign is a point and digits are not grouped"),
        ("2 Mt", units.FLOW, "2 Mt is not a yearly figure; write 2 Mt/yr; a yearly flow is wanted: Mt/yr, kt/yr, t/yr"),
        ("2", units.FLOW, "2 has no unit; a yearly flow is wanted: Mt/yr, kt/yr, t/yr (e.g. 2 Mt/yr)"),
        ("25", units.RATE, "25 has no unit; write 25 %; a rate is wanted: %"),
        ("2.5", units.GROWTH, "2.5 has no unit; write 2.5 %/yr"),
        ("2 %", units.GROWTH, "2 % is not a yearly figure; write 2 %/yr"),
        ("2 kt/yr", units.RATE, "2 kt/yr is a yearly flow; a rate is wanted: %"),
        ("15 %", units.FLOW, "15 % is a share; a yearly flow is wanted"),
        ("5 %", units.SOURCING_ELASTICITY, "5 % has a unit; an elasticity above 1 is wanted: a plain number such as 5"),
        ("10 knots", units.FLOW, "unknown unit knots"),
        ("2 mt/yr", units.FLOW, "unknown unit mt/yr; nearest is Mt/yr"),
        ("100 bn EUR", units.MONEY, "unknown unit bn EUR; nearest is bn USD"),
        ("1 year", units.YEARS, "unknown unit year; nearest is years"),
        ("1e3 t/yr", units.FLOW, "unknown unit e3 t/yr"),
        ("0x10 years", units.YEARS, "unknown unit x10 years"),
        ("+5 kt/yr", units.FLOW, "+5 kt/yr is no number with a unit"),
        (".5 kt/yr", units.FLOW, ".5 kt/yr is no number with a unit"),
        ("nan %", units.RATE, "nan % is no number with a unit"),
        (".inf", units.SOURCING_ELASTICITY, ".inf is no number with a unit"),
        ("inf kt/yr", units.FLOW, "inf kt/yr is no number with a unit"),
        ("٢ Mt/yr", units.FLOW, "is no number with a unit"),
        ("２ Mt/yr", units.FLOW, "is no number with a unit"),
        ("2\u00a0Mt/yr", units.FLOW, "holds a no-break space; type an ordinary one"),
        ("", units.FLOW, "nothing stands here; a yearly flow is wanted"),
        ("2 Mt/yr\n", units.FLOW, "is no number with a unit"),
        ("9" * 16 + " kt/yr", units.FLOW, "is no number with a unit"),
        ("99999999999 Mt/yr", units.FLOW, "is above 10000000 kt/yr, the most that is accepted"),
        ("-3 kt/yr", units.FLOW, "-3 kt/yr is below 0 kt/yr"),
        ("101 %", units.SHARE, "101 % is above 100 %, the most that is accepted"),
        ("-120 %", units.CHANGE, "-120 % is below -100 %"),
        ("0.5 years", units.RAMP, "0.5 years is below 1 years"),
        ("0 USD/t", units.BREAK_EVEN, "0 USD/t is not above 0"),
        ("1", units.SOURCING_ELASTICITY, "1 is not above 1; an elasticity above 1 is wanted"),
        ("0", units.SUPPLY_ELASTICITY, "0 is not above 0"),
        ("1.1", units.DEMAND_ELASTICITY, "1.1 is above 1, the most that is accepted"),
    ],
)
def test_other_texts_are_refused_with_what_is_accepted(text: str, kind: UnitKind, says: str):
    with pytest.raises(AmountError, match=re.escape(says)):
        parse_amount(text, kind)


@given(st.decimals(min_value=0, max_value=10_000, places=4))
def test_percent_is_the_nearest_float_to_the_written_decimal(percent):
    exact = float(f"{percent.scaleb(-2):f}")
    assert parse_amount(f"{percent:f} %", units.RATE).value == exact


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str):
    for kind in units.UNIT_KINDS:
        try:
            value = parse_amount(text, kind).value
        except AmountError as error:
            assert str(error)  # noqa: PT017 -- the other outcome is as good
        else:
            assert 0 <= abs(value) <= float(kind.high)


def test_a_message_stays_short_whatever_was_typed():
    with pytest.raises(AmountError, match=r"\.\.\.") as caught:
        parse_amount("x" * 1_000_000, units.FLOW)
    assert len(str(caught.value)) < 300
    with pytest.raises(AmountError, match="grouped") as caught:
        parse_amount("1," * 30_000 + "1 kt/yr", units.FLOW)
    assert len(str(caught.value)) < 300
