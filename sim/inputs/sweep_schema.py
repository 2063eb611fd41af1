"""What a file of scenarios/sweeps/ may hold, declared once: the reader and the JSON Schema are made from it."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from sim.inputs import leaves
from sim.inputs.faults import shortened
from sim.inputs.leaves import Leaf, Names, OneOrMany, choice, fault, whole
from sim.inputs.marks import ScalarNode, describe
from sim.inputs.number_schema import when
from sim.inputs.strict import Found, Strict
from sim.inputs.units import SHARE, Amount
from sim.records.sampling import MOST_DRAWS

MOST_POINTS = 10_000  # of one sweep; more is a slip, or wants a sample
MOST_STEPS = 1_000  # of an axis: more cannot be told apart in a figure
_FEWEST_STEPS = 2
NOT_DISRUPTED = ("vary", "points", "outcomes")  # a disruption is all of these by itself
_NAMES = (3, 4)  # of an indicator: without and with a partner
_PART = r"([A-Za-z_][A-Za-z0-9_]*|\*)"


def _wanted(node: ScalarNode, _names: Names | None) -> str:
    parts = node.text.split(".")
    names = parts[:-1] if parts[-1].isdigit() else parts
    if len(names) not in _NAMES or not all(names):
        raise fault(
            f"{shortened(node.text)}: indicator.good.region, then a partner and a year where wanted; "
            "* stands for every name, no year for all years"
        )
    return node.text


class Setting:
    """A value as SET takes it: a word or number, or a mapping such as ``{off_from: 2028}``; read as its text."""

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self._text)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        scalar = {"type": ["string", "number", "boolean"], "pattern": r"\S"}
        return {"anyOf": [scalar, {"type": "object", "minProperties": 1, "additionalProperties": scalar}]}

    @staticmethod
    def _text(value: Any) -> str:
        if isinstance(value, dict) and value and all(isinstance(each, ScalarNode) for each in value.values()):
            return f"{{{', '.join(f'{name}: {_single(each)}' for name, each in value.items())}}}"
        if isinstance(value, ScalarNode):
            return _single(value)
        raise fault("a value is wanted here as SET takes it: a word, an amount, or {name: value}")


def _single(node: ScalarNode) -> str:
    if node.kind == "null" or not node.text.strip():
        raise fault(f"{describe(node)} is no value")
    if ";" in node.text:
        raise fault(f"{shortened(node.text)}: a value has no semicolon")
    return node.text


WANTED = Leaf(
    _wanted,
    {"type": "string", "pattern": rf"^{_PART}(\.{_PART}){{2,3}}(\.[0-9]+)?$"},
    "an indicator",
)
_Scenarios = Annotated[list[Annotated[str, leaves.OWN]], OneOrMany()]
_STEPS = whole(_FEWEST_STEPS, MOST_STEPS)


class VaryEntry(Strict):
    """One axis: what is varied, and over which values."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["values"]}, {"required": ["low", "high"]}],
            "allOf": [
                when({"required": [name]}, {"not": {"required": ["values"]}}) for name in ("low", "high", "steps")
            ],
        }
    )

    path: Annotated[list[Annotated[str, leaves.TEXT]], OneOrMany()]
    label: Annotated[str, leaves.TEXT] | None = None
    values: Annotated[list[Annotated[str, Setting()]], OneOrMany()] | None = None
    low: Annotated[str, leaves.TEXT_OR_NUMBER] | None = None
    high: Annotated[str, leaves.TEXT_OR_NUMBER] | None = None
    steps: Annotated[int, _STEPS] | None = None
    baseline_too: Annotated[str, choice("yes", "no")] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        ends = {"low", "high"} & set(written)
        if "values" in written and (ends or "steps" in written):
            return [(("values",), "an axis has either values, or low and high")]
        if "values" not in written and len(ends) != 2:
            return [((), "an axis has values, or low and high")]
        return []


class CutsEntry(Strict):
    """The sizes of a disruption, from the least to the largest."""

    low: Annotated[Amount, leaves.amount(SHARE)]
    high: Annotated[Amount, leaves.amount(SHARE)]
    steps: Annotated[int, _STEPS]

    def agreement(self, _names: Names | None) -> Found:
        """Faults in how the values go together."""
        return [] if 0 < self.low.value < self.high.value else [(("low",), "is not above 0 % and below high")]


class DisruptEntry(Strict):
    """Every exporter of the goods sells less abroad for a year."""

    year: Annotated[int, leaves.YEAR]
    cuts: CutsEntry
    goods: Annotated[list[Annotated[str, leaves.GOOD]], OneOrMany()] | None = None


class SweepEntry(Strict):
    """A sweep: scenarios, what is varied in them, and the indicators that are kept."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                when(
                    {"required": ["disrupt"]},
                    {"not": {"anyOf": [{"required": [name]} for name in NOT_DISRUPTED]}},
                ),
                when({"not": {"required": ["disrupt"]}}, {"required": ["outcomes"]}),
                when({"required": ["points"]}, {"required": ["vary"]}),
            ]
        }
    )

    schema_version: Annotated[int, leaves.VERSION]
    title: Annotated[str, leaves.TEXT]
    question: Annotated[str, leaves.TEXT] | None = None
    scenarios: _Scenarios
    draws: Annotated[int, whole(0, MOST_DRAWS)] | None = None
    points: Annotated[int, whole(_FEWEST_STEPS, MOST_POINTS)] | None = None
    vary: list[VaryEntry] | None = None
    disrupt: DisruptEntry | None = None
    outcomes: Annotated[list[Annotated[str, WANTED]], OneOrMany()] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        found: Found = []
        if "disrupt" in written:
            found += [((name,), f"{name} cannot stand beside disrupt") for name in NOT_DISRUPTED if name in written]
        elif "outcomes" not in written:
            found.append(((), "outcomes is missing: the indicators that are kept"))
        if "points" in written and "vary" not in written:
            found.append((("points",), "a sample needs vary: what is sampled between low and high"))
        return found

    def agreement(self, _names: Names | None) -> Found:
        """Faults in how the values go together."""
        found: Found = []
        for i, each in enumerate(self.vary or []):
            if self.points is not None and (each.values is not None or each.steps is not None):
                found.append((("vary", i), "with points each axis has low and high only"))
            if self.points is None and each.values is None and each.steps is None:
                found.append((("vary", i), "steps are missing: how many values from low to high"))
        return found
