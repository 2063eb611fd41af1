"""Amounts as people type them into model units: a closed list of spellings for each kind of field.

No general unit parser: ``kt`` is never read as knots. Conversion is decimal, so ``36.6 %`` is 0.366 exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sim.inputs.faults import nearest, shortened

LONGEST_UNIT, LONGEST_NUMBER = 20, 30  # characters that are repeated in a fault

_NUMBER = r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?"
_AMOUNT = re.compile(rf"({_NUMBER}) *([A-Za-z%].*)?\Z", re.ASCII)
_COMMA = re.compile(r"(-?[0-9][0-9.]*(?:[,'’][0-9]+)+(?:\.[0-9]+)?) *([A-Za-z%].*)?\Z", re.ASCII)


class AmountError(ValueError):
    """A text that is no amount of the wanted kind; the message says what is accepted."""


@dataclass(frozen=True)
class Amount:
    """A value in model units and the text it was written as."""

    value: float
    text: str


@dataclass(frozen=True, eq=False, kw_only=True)
class UnitKind:
    """What one kind of field accepts: spellings of its unit with their factor to the model unit, and bounds.

    ``low`` and ``high`` are inclusive, ``above`` is not; all in model units.
    """

    what: str
    unit: str
    spellings: Mapping[str, Decimal] = field(default_factory=dict)
    low: Decimal | None = None
    above: Decimal | None = None
    high: Decimal
    example: str

    @property
    def accepted(self) -> str:
        """The accepted units with an example, for messages."""
        if not self.spellings:
            return f"a plain number such as {self.example}"
        return f"{', '.join(self.spellings)} (e.g. {self.example})"

    @property
    def pattern(self) -> str:
        """Regular expression (ECMA 262) of the accepted texts, as far as one can say it."""
        sign = "-?" if self.low is not None and self.low < 0 else ""
        digits = r"[0-9]{1,15}(\.[0-9]{1,15})?"
        if self.high == 1 and "%" in self.spellings:
            digits = r"0{0,9}(100(\.0{1,15})?|[0-9]{1,2}(\.[0-9]{1,15})?)"
        return f"^{sign}{digits} *({'|'.join(self.spellings)})$"


def _kind(what: str, unit: str, example: str, high: str, low: str = "0", **spellings: str) -> UnitKind:
    factors = {_SPELLING[name]: Decimal(factor) for name, factor in spellings.items()}
    return UnitKind(what=what, unit=unit, spellings=factors, low=Decimal(low), high=Decimal(high), example=example)


_SPELLING = {
    "Mt_yr": "Mt/yr",
    "kt_yr": "kt/yr",
    "t_yr": "t/yr",
    "Mt": "Mt",
    "kt": "kt",
    "t": "t",
    "t_t": "t/t",
    "USD_t": "USD/t",
    "USD_kg": "USD/kg",
    "bn_USD": "bn USD",
    "M_USD": "M USD",
    "percent": "%",
    "percent_yr": "%/yr",
    "years": "years",
}

FLOW = _kind("a yearly flow", "kt/yr", "2 Mt/yr", "1e7", Mt_yr="1000", kt_yr="1", t_yr="0.001")
MASS = _kind("an amount of metal", "kt", "2 Mt", "1e8", Mt="1000", kt="1", t="0.001")
INPUT_RATIO = replace(
    _kind("tonnes of input per tonne of output, above 0", "t/t", "1.05 t/t", "1000", t_t="1"),
    low=None,
    above=Decimal(0),
)
PRICE = _kind("a price per tonne", "USD/t", "2500 USD/t", "1e9", USD_t="1", USD_kg="1000")
BREAK_EVEN = replace(PRICE, what="a price above 0", low=None, above=Decimal(0))
MONEY = _kind("a sum of money", "USD", "100 bn USD", "1e15", bn_USD="1e9", M_USD="1e6")
SHARE = _kind("a share from 0 to 100 %", "1", "15 %", "1", percent="0.01")
WEIGHT = replace(SHARE, what="a weight above 0 %", low=None, above=Decimal(0))
RATE = _kind("a rate", "1", "25 %", "100", percent="0.01")
CHANGE = _kind("a change", "1", "-10 %", "100", low="-1", percent="0.01")
GROWTH = _kind("a yearly growth rate", "1/yr", "2.5 %/yr", "1", low="-0.5", percent_yr="0.01")
SPEED = _kind("a share a year", "1/yr", "30 %/yr", "1", percent_yr="0.01")
YEARS = _kind("a number of years", "years", "8 years", "200", years="1")
YEARS_CHANGE = _kind("a number of years, more or less", "years", "-3 years", "200", low="-200", years="1")
RAMP = _kind("a number of years, at least 1", "years", "6 years", "200", low="1", years="1")


def _plain(what: str, example: str, high: str, low: str | None = None, above: str | None = None) -> UnitKind:
    return UnitKind(
        what=what,
        unit="1",
        low=None if low is None else Decimal(low),
        above=None if above is None else Decimal(above),
        high=Decimal(high),
        example=example,
    )


SOURCING_ELASTICITY = _plain("an elasticity above 1", "5", "200", above="1")
DEMAND_ELASTICITY = _plain("an elasticity from 0 to 1", "0.2", "1", low="0")
SUPPLY_ELASTICITY = _plain("an elasticity above 0", "0.3", "200", above="0")
EXPONENT = _plain("an exponent from 0 to 1", "1", "1", low="0")
CORRELATION = _plain("a correlation from -1 to 1", "0.6", "1", low="-1")

UNIT_KINDS = (FLOW, MASS, INPUT_RATIO, PRICE, MONEY, SHARE, RATE, CHANGE, GROWTH, SPEED, YEARS)


def parse_amount(text: str, kind: UnitKind) -> Amount:
    """Read an amount such as ``36.6 %`` into model units; AmountError says what is accepted."""
    match = _AMOUNT.match(text)
    if match is None:
        raise AmountError(_no_number(text, kind))
    number, unit = match.group(1), match.group(2) or ""
    if unit not in kind.spellings and (unit or kind.spellings):
        raise AmountError(_wrong_unit(text, number, unit, kind))
    exact = Decimal(number) * kind.spellings.get(unit, Decimal(1))
    outside = _outside(exact, kind)
    if outside:
        raise AmountError(f"{shortened(text)} is {outside}; {kind.what} is wanted")
    return Amount(float(exact), text)


def _outside(value: Decimal, kind: UnitKind) -> str:
    unit = _shown_unit(kind)
    if kind.above is not None and value <= kind.above:
        return f"not above {kind.above}"
    if kind.low is not None and value < kind.low:
        return f"below {_shown(kind.low, kind)}{unit}"
    if value > kind.high:
        return f"above {_shown(kind.high, kind)}{unit}, the most that is accepted"
    return ""


def _shown_unit(kind: UnitKind) -> str:
    if "%" in kind.spellings or "%/yr" in kind.spellings:
        return f" {next(iter(kind.spellings))}"
    return "" if kind.unit == "1" else f" {kind.unit}"


def _shown(bound: Decimal, kind: UnitKind) -> str:
    return f"{bound * (100 if '%' in _shown_unit(kind) else 1):f}"


def _no_number(text: str, kind: UnitKind) -> str:
    shown = shortened(text)
    comma = _COMMA.match(text)
    if comma:
        return comma_message(shown, comma.group(1), comma.group(2) or "")
    if not text.strip():
        return f"nothing stands here; {kind.what} is wanted: {kind.accepted}"
    if "\u00a0" in text or "\u202f" in text:
        return f"{shown} holds a no-break space; type an ordinary one"
    return f"{shown} is no number with a unit; {kind.what} is wanted: {kind.accepted}"


def comma_message(shown: str, number: str, unit: str) -> str:
    """What to write instead of a number with a comma: both readings where both are possible."""
    unit = f" {shortened(unit, LONGEST_UNIT)}" if unit else ""
    number = shortened(number, LONGEST_NUMBER)
    joined = re.sub("[,'’]", "", number)
    if number.count(",") != 1 or "." in number:
        example = "" if "." in number else f"; write {joined}{unit}"
        return f"{shown}: the decimal sign is a point and digits are not grouped{example}"
    point = number.replace(",", ".")
    if re.search(r",[0-9]{3}\Z", number):
        return f"{shown}: a comma could be either; write {joined}{unit} or {point}{unit}"
    return f"{shown}: the decimal sign is a point; write {point}{unit}"


def _wrong_unit(text: str, number: str, unit: str, kind: UnitKind) -> str:
    shown = shortened(text)
    if not unit:
        hint = f"; write {number} %" if "%" in kind.spellings else ""
        hint = f"; write {number} %/yr" if "%/yr" in kind.spellings else hint
        return f"{shown} has no unit{hint}; {kind.what} is wanted: {kind.accepted}"
    if not kind.spellings:
        return f"{shown} has a unit; {kind.what} is wanted: {kind.accepted}"
    if f"{unit}/yr" in kind.spellings:
        return f"{shown} is not a yearly figure; write {number} {unit}/yr; {kind.what} is wanted: {kind.accepted}"
    owner = next((other for other in UNIT_KINDS if unit in other.spellings), None)
    if owner is not None:
        return f"{shown} is {owner.what.split(' from ')[0]}; {kind.what} is wanted: {kind.accepted}"
    near = nearest(unit, kind.spellings)
    return f"{shown}: unknown unit {shortened(unit, LONGEST_UNIT)}{near}; {kind.what} is wanted: {kind.accepted}"
