"""What a number in a file may hold, and which values of it go together."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import ConfigDict, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.inputs import leaves
from sim.inputs.faults import shortened
from sim.inputs.leaves import Names, OrScalar, choice, fault
from sim.inputs.marks import ScalarNode
from sim.inputs.strict import Found, Strict
from sim.inputs.units import Amount, UnitKind

_LONGEST_NUMBER = 20  # characters of a number that are repeated in a fault

ASSUMPTION = "assumption"
DOCUMENT = "document"
UNSOURCED = ""  # a bare number whose measure states no source in the same file: a fault of that file


def when(condition: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema: where the condition holds, so must the other."""
    return {"if": condition, "then": then}


def is_(name: str, value: str) -> dict[str, Any]:
    """JSON Schema: the key is there and has that value."""
    return {"properties": {name: {"const": value}}, "required": [name]}


BESIDE = ("value", "low", "high", "shape", "drawn_with", "range_source")  # what cannot stand beside by_year

ASSUMPTION_NEEDS_NOTE = when(is_("source", ASSUMPTION), {"required": ["note"]})


def assumption_without_note(written: dict[str, Any]) -> Found:
    """The fault of a mapping that gives no reason for its assumption."""
    source = written.get("source")
    if isinstance(source, ScalarNode) and source.text == ASSUMPTION and "note" not in written:
        return [(("source",), "source: assumption needs a note that gives the reason")]
    return []


POINT_OR_RANGE: dict[str, Any] = {
    "anyOf": [{"required": ["value"]}, {"required": ["low", "high"]}],
    "allOf": [
        when({"required": ["low"]}, {"required": ["high"]}),
        when({"required": ["high"]}, {"required": ["low"]}),
        when({"required": ["shape"]}, {"required": ["low", "high"]}),
        when({"required": ["drawn_with"]}, {"required": ["low", "high"]}),
        when({"required": ["range_source"]}, {"required": ["value", "low", "high"]}),
        when(is_("shape", "triangular"), {"required": ["value"]}),
        ASSUMPTION_NEEDS_NOTE,
    ],
}


class NumberEntry(Strict):
    """A point or a range, with its source."""

    model_config = ConfigDict(json_schema_extra={**POINT_OR_RANGE})

    value: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    shape: Annotated[str, choice("triangular", "uniform", "loguniform")] | None = None
    drawn_with: Annotated[str, leaves.TEXT] | None = None
    source: Annotated[str, leaves.SOURCE]
    range_source: Annotated[str, leaves.SOURCE] | None = None
    quote: Annotated[str, leaves.TEXT] | None = None
    note: Annotated[str, leaves.TEXT] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        found: Found = []
        keys, ends = set(written), {"low", "high"} & set(written)
        if not keys & {"value", "low", "high", "by_year"}:
            found.append(((), "no value: state value, or low and high, or both"))
        if len(ends) == 1:
            found.append(((min(ends),), "a range has both low and high"))
        elif not ends:
            ranged = [name for name in ("shape", "drawn_with", "range_source") if name in keys]
            found += [((name,), f"{name} needs low and high") for name in ranged]
        elif "range_source" in keys and "value" not in keys:
            found.append((("range_source",), "without a value the range has source for its source"))
        shape = written.get("shape")
        if isinstance(shape, ScalarNode) and shape.text == "triangular" and "value" not in keys:
            found.append((("shape",), "triangular needs a value for its peak"))
        return found + assumption_without_note(written)

    def agreement(self, names: Names | None) -> Found:
        """Faults in how the values go together."""
        low, value, high = self.low, self.value, self.high
        if low is None or high is None:
            return []
        if low.value >= high.value:
            return [(("low",), f"low ({shortened(low.text)}) is not below high ({shortened(high.text)})")]
        found: Found = []
        if value is not None and not low.value <= value.value <= high.value:
            end, bound, word = ("low", low, "below") if value.value < low.value else ("high", high, "above")
            message = f"value ({shortened(value.text)}) is {word} {end} ({shortened(bound.text)})"
            found.append((("value",), message))
        if self.shape == "loguniform" and low.value <= 0:
            found.append((("low",), f"loguniform needs low above 0, not {shortened(low.text)}"))
        return found + self._credit(names)

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
        return [(("low",), f"the range would be credited to the document {self.source}; state its range_source")]


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
