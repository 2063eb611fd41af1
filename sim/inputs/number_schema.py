"""What a number in a file may hold, and which values of it go together."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Annotated, Any

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.inputs import leaves
from sim.inputs.faults import shortened
from sim.inputs.leaves import Names, OrScalar, choice, fault
from sim.inputs.marks import ScalarNode
from sim.inputs.strict import Found, Strict
from sim.inputs.units import CORRELATION, WEIGHT, Amount, UnitKind
from sim.provenance import DOCUMENT

_LONGEST_NUMBER = 20  # characters of a number that are repeated in a fault

ASSUMPTION = "assumption"
UNSOURCED = ""  # a bare number whose measure states no source in the same file: a fault of that file


def when(condition: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema: where the condition holds, so must the other."""
    return {"if": condition, "then": then}


def is_(name: str, value: str) -> dict[str, Any]:
    """JSON Schema: the key is there and has that value."""
    return {"properties": {name: {"const": value}}, "required": [name]}


# what cannot stand beside by_year
BESIDE = ("value", "low", "high", "values", "shape", "drawn_with", "correlation", "range_source")
NOT_LISTED = ("low", "high", "shape")  # what cannot stand beside values
PEAKED = {"triangular": "peak", "pert": "peak", "normal": "mean", "lognormal": "median"}  # shape: what its value is
POSITIVE = ("loguniform", "lognormal")
SHAPES = ("triangular", "uniform", "loguniform", "pert", "normal", "lognormal")
FEWEST_LISTED = 2  # values: one alone is no range

ASSUMPTION_NEEDS_NOTE = when(is_("source", ASSUMPTION), {"required": ["note"]})


def assumption_without_note(written: dict[str, Any]) -> Found:
    """The fault of a mapping that gives no reason for its assumption."""
    source = written.get("source")
    if isinstance(source, ScalarNode) and source.text == ASSUMPTION and "note" not in written:
        return [(("source",), "source: assumption needs a note that gives the reason")]
    return []


_RANGED: dict[str, Any] = {"anyOf": [{"required": ["low", "high"]}, {"required": ["values"]}]}
POINT_OR_RANGE: dict[str, Any] = {
    "anyOf": [{"required": ["value"]}, *_RANGED["anyOf"]],
    "allOf": [
        when({"required": ["low"]}, {"required": ["high"]}),
        when({"required": ["high"]}, {"required": ["low"]}),
        when({"required": ["shape"]}, {"required": ["low", "high"]}),
        when({"required": ["drawn_with"]}, _RANGED),
        when({"required": ["correlation"]}, {"required": ["drawn_with"]}),
        when({"required": ["range_source"]}, {"required": ["value"], **_RANGED}),
        when({"properties": {"shape": {"enum": list(PEAKED)}}, "required": ["shape"]}, {"required": ["value"]}),
        when(
            {"required": ["values"]},
            {
                "not": {"anyOf": [{"required": [name]} for name in NOT_LISTED]},
                "properties": {"values": {"minProperties": FEWEST_LISTED}},
            },
        ),
        ASSUMPTION_NEEDS_NOTE,
    ],
}


class NumberEntry(Strict):
    """A point, a range, or a list of values with weights, with its source."""

    model_config = ConfigDict(json_schema_extra={**POINT_OR_RANGE})

    value: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    values: dict[Amount, Amount] | None = None
    shape: Annotated[str, choice(*SHAPES)] | None = None
    drawn_with: Annotated[str, leaves.TEXT] | None = None
    correlation: Annotated[Amount, leaves.amount(CORRELATION)] | None = None
    source: Annotated[str, leaves.SOURCE]
    range_source: Annotated[str, leaves.SOURCE] | None = None
    quote: Annotated[str, leaves.TEXT] | None = None
    note: Annotated[str, leaves.TEXT] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        found: Found = []
        keys, ends = set(written), {"low", "high"} & set(written)
        listed = "values" in keys
        if not keys & {"value", "low", "high", "values", "by_year"}:
            found.append(((), "no value: state value, or low and high, or both"))
        if listed:
            found += cls._beside_values(written)
        elif len(ends) == 1:
            found.append(((min(ends),), "a range has both low and high"))
        elif not ends:
            ranged = [name for name in ("shape", "drawn_with", "range_source") if name in keys]
            found += [((name,), f"{name} needs low and high") for name in ranged]
        if (ends or listed) and "range_source" in keys and "value" not in keys:
            found.append((("range_source",), "without a value the range has source for its source"))
        if "correlation" in keys and "drawn_with" not in keys:
            found.append((("correlation",), "correlation needs drawn_with, the path of the other number"))
        shape = written.get("shape")
        if isinstance(shape, ScalarNode) and shape.text in PEAKED and "value" not in keys:
            found.append((("shape",), f"{shape.text} needs a value for its {PEAKED[shape.text]}"))
        return found + assumption_without_note(written)

    @classmethod
    def _beside_values(cls, written: dict[str, Any]) -> Found:
        found: Found = [((name,), f"{name} cannot stand beside values") for name in NOT_LISTED if name in written]
        stated = written["values"]
        if isinstance(stated, dict) and len(stated) < FEWEST_LISTED:
            found.append((("values",), "at least two values are wanted, each with its weight: {1 kt/yr: 30 %, ...}"))
        return found

    def agreement(self, names: Names | None) -> Found:
        """Faults in how the values go together."""
        low, value, high = self.low, self.value, self.high
        if self.values is not None:
            return self._listed(self.values) + self._credit(names)
        if low is None or high is None:
            return []
        if low.value >= high.value:
            return [(("low",), f"low ({shortened(low.text)}) is not below high ({shortened(high.text)})")]
        found: Found = []
        if value is not None and not low.value <= value.value <= high.value:
            end, bound, word = ("low", low, "below") if value.value < low.value else ("high", high, "above")
            message = f"value ({shortened(value.text)}) is {word} {end} ({shortened(bound.text)})"
            found.append((("value",), message))
        if self.shape in POSITIVE and low.value <= 0:
            found.append((("low",), f"{self.shape} needs low above 0, not {shortened(low.text)}"))
        return found + self._credit(names)

    def _listed(self, values: dict[Amount, Amount]) -> Found:
        """Faults of values with weights: each stands once, all weights make 100 %, and the value is one of them."""
        found: Found = []
        for one, next_one in pairwise(sorted(values, key=lambda each: each.value)):
            if one.value == next_one.value:
                message = f"{shortened(one.text)} and {shortened(next_one.text)} are the same value"
                found.append((("values",), message))
        total = sum(weight.value for weight in values.values())
        if not math.isclose(total, 1):
            found.append((("values",), f"the weights add up to {100 * total:g} %, not to 100 %"))
        if self.value is not None and self.value.value not in {each.value for each in values}:
            found.append((("value",), f"value ({shortened(self.value.text)}) is none of the values"))
        return found

    def _credit(self, names: Names | None) -> Found:
        """A range beside a value is ours: never credited to a document."""
        if names is None or self.value is None:
            return []
        if self.range_source is not None:
            if names.tier(self.range_source) != DOCUMENT:
                return []
            return [
                (
                    ("range_source",),
                    f"{self.range_source} is a document; a range beside a value is never credited to one",
                )
            ]
        if names.tier(self.source) != DOCUMENT:
            return []
        stated = "low" if self.values is None else "values"
        return [((stated,), f"the range would be credited to the document {self.source}; state its range_source")]


class PathEntry(NumberEntry):
    """A point, a range, or values by year, each held until the next."""

    by_year: dict[Annotated[int, leaves.YEAR_KEY], Amount] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        beside = [name for name in BESIDE if name in written]
        if "by_year" not in written:
            return super().structure(written, _names)
        found: Found = [((name,), f"{name} cannot stand beside by_year") for name in beside]
        if written["by_year"] == {}:
            found.append((("by_year",), "no year stands here"))
        return found + assumption_without_note(written)


_OVER_YEARS: dict[str, Any] = {
    "if": {"required": ["by_year"]},
    "then": {
        "not": {"anyOf": [{"required": [name]} for name in BESIDE]},
        "properties": {"by_year": {"minProperties": 1}},
        "allOf": [ASSUMPTION_NEEDS_NOTE],
    },
}
_models: dict[tuple[str, bool], type[NumberEntry]] = {}


def _number_model(kind: UnitKind, over_years: bool) -> type[NumberEntry]:
    key = (kind.what, over_years)
    if key not in _models:
        amount = Annotated[Amount, leaves.amount(kind)]
        fields: dict[str, Any] = dict.fromkeys(("value", "low", "high"), (amount | None, None))
        weight = Annotated[Amount, leaves.amount(WEIGHT)]
        fields["values"] = (dict[Annotated[Amount, leaves.amount_key(kind)], weight] | None, None)
        rules = POINT_OR_RANGE
        if over_years:
            fields["by_year"] = (dict[Annotated[int, leaves.YEAR_KEY], amount] | None, None)
            rules = {**_OVER_YEARS, "else": rules}
        name = re.sub(r"\W+", "_", f"{kind.what}{' over years' if over_years else ''}")
        base: type[NumberEntry] = PathEntry if over_years else NumberEntry
        model = create_model(name, __base__=base, **fields)
        model.model_config["json_schema_extra"] = rules
        model.model_rebuild(force=True)
        _models[key] = model
    return _models[key]


class NumberOf:
    """Marks a field as a number with a unit of ``kind``; ``bare`` where a single text may stand for the mapping."""

    def __init__(self, kind: UnitKind, *, bare: bool = True) -> None:
        self.kind = kind
        self.bare = bare

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        leaf = leaves.amount(self.kind)
        scalar = OrScalar(_number_model(self.kind, source is PathEntry), self._parse, leaf.json)
        return scalar.__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        mapping = handler(schema)
        return {"anyOf": [dict(leaves.amount(self.kind).json), mapping]} if self.bare else mapping

    def _parse(self, node: ScalarNode) -> NumberEntry:
        if node.kind == "null":
            raise fault(f"nothing stands here; {self.kind.what} is wanted: {self.kind.accepted}")
        value = leaves.amount(self.kind).parse(node, None)
        if not self.bare:
            raise fault(f"a number states its source: {{value: {shortened(node.text, _LONGEST_NUMBER)}, source: ...}}")
        return NumberEntry.model_construct(value=value, source=UNSOURCED)


def marks_of(annotation: Any, metadata: list[Any]) -> list[NumberOf]:
    """The units declared anywhere in the type of a field."""
    here = [*metadata, *getattr(annotation, "__metadata__", ())]
    inner = [mark for part in getattr(annotation, "__args__", ()) for mark in marks_of(part, [])]
    return [mark for mark in here if isinstance(mark, NumberOf)] + inner
