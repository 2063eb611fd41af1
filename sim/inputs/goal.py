"""What ``make target`` and ``make attribution`` are told: indicators, a goal, a number and bounds, as texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from sim.errors import ScenarioError
from sim.inputs.faults import known_or_nearest, shortened
from sim.inputs.measure_schema import number_fields
from sim.inputs.schema import parameter_kinds
from sim.inputs.units import FLOW, MASS, PRICE, AmountError, UnitKind, parse_amount
from sim.records.scenario import Number, Place, Scenario
from sim.records.sweep import EACH, Wanted

MOST_CHARACTERS = 1_000  # of a goal or some outcomes: names of a world are at most 64 long
_GOAL = re.compile(r"\s*([^<>=≤≥]*?)\s*(<=|>=|≤|≥)\s*(.*?)\s*\Z")
_COMPARISONS = {"≤": "<=", "≥": ">="}
_WANTED = (
    "indicator.good.region.year <= value is wanted, or .region.partner.year, with <= or >=, e.g. "
    '"import_share.rare_earth_oxide.US.China.2035 <= 50 %"'
)
_WANTED_OUTCOMES = (
    "indicator.good.region.year is wanted, or .region.partner.year, several apart by semicolons, e.g. "
    '"delivered_price.aluminium.US.2030; import_share.aluminium.US.Canada.2030"'
)
_PLACES = (4, 5)  # names between the points of a goal: without and with a partner
_UNIT = re.compile(r"[A-Za-z%].*\Z", re.ASCII)
_MOST = Decimal(10) ** 12  # of any indicator: above all that a run can find
_DIGITS = 15  # after the point: as many as the reader takes
# without bounds a number is tried from 0 to three times its value: what is beyond has to be asked for; rates up to
# 100 % at least; what has to stay above 0 from a tenth of its value on
_REACH, _RATE_REACH, _NEAR_NOUGHT = 3.0, 1.0, 10.0
_ANY = UnitKind(what="a number", unit="1", low=-_MOST, high=_MOST, example="0.5")
_RESULTS = {
    "kt/yr": replace(FLOW, low=-_MOST, high=_MOST),
    "kt": replace(MASS, low=-_MOST, high=_MOST),
    "USD/t": replace(PRICE, low=-_MOST, high=_MOST),
    "1": replace(_ANY, what="a share", spellings={"%": Decimal("0.01")}, example="50 %"),
    "M USD/yr": replace(
        _ANY,
        what="a yearly sum of money",
        unit="M USD/yr",
        spellings={"M USD/yr": Decimal(1), "bn USD/yr": Decimal(1000)},
        example="200 M USD/yr",
    ),
}
# relative numbers that people also write without a percent sign
_PLAIN = ("concentration", "price_against_baseline", "price_against_benchmark")


@dataclass(frozen=True, kw_only=True)
class GoalText:
    """A goal taken apart; names and value are not checked yet."""

    names: tuple[str, ...]  # indicator, good, region and perhaps partner
    year: int
    comparison: str
    amount: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Varied:
    """The number of a scenario that is to be varied, and what its field accepts."""

    number: Number
    key: tuple[str, ...]  # parameters: path below them; measures: name and field
    of_parameters: bool
    good: str
    kind: UnitKind


def read_goal(text: str) -> GoalText:
    """Take a goal apart; ScenarioError says what is wanted."""
    found = _GOAL.match(text) if len(text) <= MOST_CHARACTERS and text.isprintable() else None
    if found is None:
        raise ScenarioError(f"GOAL={shortened(text)!r}: {_WANTED}")
    left, comparison, amount = found.groups()
    names, year = _names_and_year(left, "GOAL", _WANTED)
    comparison = _COMPARISONS.get(comparison, comparison)
    return GoalText(names=names, year=year, comparison=comparison, amount=amount, text=" ".join(text.split()))


def read_outcomes(text: str) -> tuple[Wanted, ...]:
    """The indicators that OUTCOMES names, apart by semicolons; whether they exist is not known yet."""
    if len(text) > MOST_CHARACTERS or not text.isprintable():
        raise ScenarioError(f"OUTCOMES={shortened(text)!r}: {_WANTED_OUTCOMES}")
    place = Place(file="OUTCOMES", line=1, column=1)
    wanted = []
    for each in filter(None, (part.strip() for part in text.split(";"))):
        names, year = _names_and_year(each, "OUTCOMES", _WANTED_OUTCOMES)
        wanted.append(Wanted(names=names, year=year, place=place))
    return tuple(dict.fromkeys(wanted))


def _names_and_year(text: str, at: str, wanted: str) -> tuple[tuple[str, ...], int]:
    """An indicator taken apart; a ScenarioError begins with ``at`` and says what is wanted."""
    *names, year = (part.strip() for part in text.split("."))
    if len(names) + 1 not in _PLACES or not all(names):
        raise ScenarioError(f"{at}: {shortened(text)!r} has {len(names) + 1} names: {wanted}")
    if EACH in names:
        raise ScenarioError(f"{at}: {shortened(text)!r}: one indicator is wanted, {EACH} stands for many")
    if not re.fullmatch(r"(19|20|21)[0-9]{2}", year, re.ASCII):
        raise ScenarioError(f"{at}: {shortened(year)!r} is no year: {wanted}")
    return tuple(names), int(year)


def read_limit(goal: GoalText, unit: str) -> tuple[float, float, str]:
    """The value of a goal in the indicator's unit, and the factor and the unit in which it was written."""
    indicator = goal.names[0]
    kind = _RESULTS.get(unit, replace(_ANY, unit=unit, spellings={unit: Decimal(1)}, example=f"1 {unit}"))
    if indicator in _PLAIN and _UNIT.search(goal.amount) is None:
        kind = replace(_ANY, what="a ratio", example="1.3")
    try:
        value = parse_amount(goal.amount, kind).value
    except AmountError as error:
        raise ScenarioError(f"GOAL: {indicator}: {error}") from None
    return value, *written_in(goal.amount, kind)


def varied_number(scenario: Scenario, path: str) -> Varied:
    """The number at a path of SET; a ScenarioError names the nearest one."""
    known: dict[str, Varied] = {}
    for key, number in scenario.parameters.items():
        kind = parameter_kinds()[key[0]].kind
        known[number.path] = Varied(number=number, key=key, of_parameters=True, good=key[1], kind=kind)
    for name, measure in scenario.measures.items():
        for field, number in measure.numbers.items():
            kind = number_fields()[field.split(".")[0]].kind
            known[number.path] = Varied(
                number=number, key=(name, field), of_parameters=False, good=measure.good, kind=kind
            )
    wanted = ".".join(step.strip() for step in path.split("."))
    if wanted not in known:
        raise ScenarioError(f"VARY: no number {shortened(path)} in {scenario.name}{_few(wanted, known)}")
    return known[wanted]


def _few(wanted: str, known: Iterable[str]) -> str:
    """The nearest path or, where none is near, those of the same measure or parameter."""
    paths = tuple(known)
    inside = tuple(path for path in paths if path.startswith(f"{wanted}."))
    if inside:
        return known_or_nearest("", inside)
    return known_or_nearest(wanted, paths) if len(paths) == 0 else (_near(wanted, paths) or "; `show` lists them")


def _near(wanted: str, paths: tuple[str, ...]) -> str:
    told = known_or_nearest(wanted, paths)
    return told if told.startswith("; nearest") else ""


def read_bound(name: str, text: str, varied: Varied) -> float:
    """LOW or HIGH in the unit of the varied number."""
    try:
        return parse_amount(text.strip(), varied.kind).value
    except AmountError as error:
        raise ScenarioError(f"{name}: {error}") from None


def written_in(text: str, kind: UnitKind) -> tuple[float, str]:
    """Factor and unit of a text of that kind; the first spelling where it has none."""
    found = _UNIT.search(text)
    unit = found.group() if found is not None else next(iter(kind.spellings), "")
    if unit not in kind.spellings:
        unit = next(iter(kind.spellings), "")
    return float(kind.spellings.get(unit, Decimal(1))), unit


def amount_text(value: float, factor: float, unit: str) -> str:
    """A value in model units as SET takes it, in its own unit, with as many digits as it takes to tell it again."""
    exact = round(Decimal(repr(value)) / Decimal(repr(factor)), _DIGITS)
    digits = f"{exact:f}"
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    return f"{digits} {unit}".rstrip()


def usual_span(varied: Varied, present: float) -> tuple[float, float, str]:
    """Bounds where none are given: the number's own range, else what its field accepts or a reach around its value."""
    number, kind = varied.number, varied.kind
    if number.low is not None and number.high is not None and number.low < number.high:
        return number.low, number.high, "the number's own range"
    if kind.low is not None and kind.low >= 0 and kind.high == 1:
        return float(kind.low), 1.0, "all that its field accepts"
    low, high = sorted((0.0, _REACH * present))
    reach = f"{_REACH:g} times its present value"
    origin = f"from 0 to {reach}"
    if kind.unit == "1" and "%" in kind.spellings and kind.low == 0:
        high = max(high, _RATE_REACH)
        origin = f"from 0 to 100 %, or {reach}"
    if kind.above is not None:
        low = max(present / _NEAR_NOUGHT, float(kind.above))
        origin = f"from a tenth of its present value to {reach}"
        if low <= float(kind.above):
            low = (float(kind.above) + present) / 2
            origin = f"from halfway to {kind.above} to {reach}"
    low = max(low, float(kind.low)) if kind.low is not None else low
    high = min(high, float(kind.high))
    if low >= high:
        raise ScenarioError(f"VARY: {number.path} is {present:g}, which tells no bounds to search: say LOW= and HIGH=")
    return low, high, origin
