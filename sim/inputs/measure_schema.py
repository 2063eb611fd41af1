"""What a measure in a file may hold: the kinds, the fields of each and their units."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.inputs import leaves, units
from sim.inputs.faults import listed
from sim.inputs.leaves import Names, OneOrMany, OrScalar, choice, fault
from sim.inputs.marks import ScalarNode, describe
from sim.inputs.number_schema import (
    ASSUMPTION_NEEDS_NOTE,
    NumberEntry,
    NumberOf,
    PathEntry,
    assumption_without_note,
    is_,
    marks_of,
    when,
)
from sim.inputs.strict import KEY, Found, Strict
from sim.records.scenario import KINDS

REMOVED = "removed"
COMMON = ("kind", "good", "when", "starts", "ends", "duration", "source", "note")
DECIDED = tuple(name for name in COMMON if name != "starts")

# kind: fields it must have, fields it may have, beside COMMON
_ROUTE = (("good", "origin", "destination"), ("except", "except_destination"))


def _routes(*needed: str, may: tuple[str, ...] = ()) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (*_ROUTE[0], *needed), (*_ROUTE[1], *may)


FIELDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ban": _routes(may=("leakage",)),
    "tariff": _routes("rate", may=("base",)),
    "export_tax": _routes("rate"),
    "freight": _routes("amount"),
    "cap": _routes("volume", may=("rent_to",)),
    "offer": _routes("volume", may=("rent_to",)),
    "floor": _routes("volume"),
    "contract": (("good", "origin", "destination", "volume"), ()),
    "project": (
        ("good", "region", "decided", "lead_time", "ramp", "capacity"),
        ("input", "input_ratio", "break_even", "entry_share", "capital_cost", "reserves", "trend"),
    ),
    "outage": (("good", "region", "capacity"), ()),
    "stockpile": (("good", "region", "stock", "release_rate", "trigger_price"), ("destination",)),
    "demand_shift": (("good", "region"), ("change", "volume")),  # one of the two
    "cost_shift": (("good", "region", "change"), ()),
    "technology_transfer": (("good", "region", "lead_time_change"), ("change", "capital_cost_change")),
}


def fields_of(kind: str) -> tuple[str, ...]:
    """Every field a measure of that kind may have; a project starts with ``decided``."""
    needed, may = FIELDS[kind]
    common = DECIDED if kind == "project" else COMMON
    return tuple(dict.fromkeys((*common, *needed, *may)))


_Flow = Annotated[PathEntry, NumberOf(units.FLOW)]
_Regions = Annotated[list[Annotated[str, leaves.REGION_OR_GROUP]], OneOrMany()]


def _measure_rules(schema: dict[str, Any]) -> None:
    numbers = [name for name in number_fields() if name != "entry_share"]
    mapped: dict[str, Any] = {name: {"type": "object"} for name in numbers}
    mapped["entry_share"] = {"additionalProperties": {"type": "object"}}
    schema["allOf"] = [
        *(when(is_("kind", kind), {"propertyNames": {"enum": list(fields_of(kind))}}) for kind in KINDS),
        when({"not": {"required": ["source"]}}, {"properties": mapped}),
        {"not": {"required": ["ends", "duration"]}},
        ASSUMPTION_NEEDS_NOTE,
    ]


class MeasureEntry(Strict):
    """One instrument of policy or one change of the world; which fields it has depends on its kind."""

    model_config = ConfigDict(json_schema_extra=_measure_rules)

    kind: Annotated[str, choice(*KINDS)] | None = None
    good: Annotated[str, leaves.GOOD] | None = None
    when: Annotated[list[Annotated[str, leaves.CONDITION]], OneOrMany()] | None = None
    starts: Annotated[date, leaves.DATE] | None = None
    ends: Annotated[date, leaves.DATE] | None = None
    duration: Annotated[NumberEntry, NumberOf(units.YEARS)] | None = None
    source: Annotated[str, leaves.SOURCE] | None = None
    note: Annotated[str, leaves.TEXT] | None = None
    origin: _Regions | None = None
    destination: _Regions | None = None
    except_: _Regions | None = Field(None, alias="except")
    except_destination: _Regions | None = None
    leakage: Annotated[PathEntry, NumberOf(units.SHARE)] | None = None
    rate: Annotated[PathEntry, NumberOf(units.RATE)] | None = None
    base: Annotated[str, choice("FOB", "CIF")] | None = None
    amount: Annotated[PathEntry, NumberOf(units.PRICE)] | None = None
    volume: _Flow | None = None
    rent_to: Annotated[str, leaves.RECIPIENT] | None = None
    region: _Regions | None = None
    input: Annotated[str, leaves.GOOD] | None = None
    decided: Annotated[date, leaves.DATE] | None = None
    lead_time: Annotated[NumberEntry, NumberOf(units.YEARS)] | None = None
    ramp: Annotated[NumberEntry, NumberOf(units.RAMP)] | None = None
    capacity: Annotated[NumberEntry, NumberOf(units.FLOW)] | None = None
    input_ratio: Annotated[NumberEntry, NumberOf(units.INPUT_RATIO)] | None = None
    break_even: Annotated[NumberEntry, NumberOf(units.BREAK_EVEN)] | None = None
    entry_share: dict[Annotated[str, leaves.REGION], Annotated[NumberEntry, NumberOf(units.SHARE)]] | None = None
    capital_cost: Annotated[NumberEntry, NumberOf(units.MONEY)] | None = None
    reserves: Annotated[NumberEntry, NumberOf(units.MASS)] | None = None
    trend: Annotated[str, choice("additional", "included")] | None = None
    stock: Annotated[NumberEntry, NumberOf(units.MASS)] | None = None
    release_rate: _Flow | None = None
    trigger_price: Annotated[NumberEntry, NumberOf(units.BREAK_EVEN)] | None = None
    lead_time_change: Annotated[NumberEntry, NumberOf(units.YEARS_CHANGE)] | None = None
    capital_cost_change: Annotated[NumberEntry, NumberOf(units.CHANGE)] | None = None
    change: Annotated[PathEntry, NumberOf(units.CHANGE)] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        kind = written.get("kind")
        found: Found = []
        if isinstance(kind, ScalarNode) and kind.text in FIELDS:
            fit = fields_of(kind.text)
            found += [
                ((name, KEY), f"{name} does not belong to {_a(kind.text)}; its fields: {listed(fit)}")
                for name in written
                if name in MEASURE_FIELDS and name not in fit
            ]
        if "source" not in written:
            found += [
                (loc, "a bare number takes the source of its measure, which states none here")
                for loc in _bare_numbers(written)
            ]
        if "ends" in written and "duration" in written:
            found.append((("duration",), "a measure has either ends or duration"))
        return found + assumption_without_note(written)

    def agreement(self, _names: Names | None) -> Found:
        """Faults in how the values go together."""
        if self.starts is not None and self.ends is not None and self.starts >= self.ends:
            return [(("ends",), f"ends {self.ends}, not after its start {self.starts}")]
        return []


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _bare_numbers(written: dict[str, Any]) -> list[tuple[int | str, ...]]:
    shares = written.get("entry_share")
    inner = shares if isinstance(shares, dict) else {}
    return [
        *((name,) for name in number_fields() if isinstance(written.get(name), ScalarNode) and name != "entry_share"),
        *(("entry_share", region) for region, share in inner.items() if isinstance(share, ScalarNode)),
    ]


MEASURE_FIELDS: dict[str, str] = {(field.alias or name): name for name, field in MeasureEntry.model_fields.items()}


@cache
def number_fields() -> dict[str, NumberOf]:
    """Fields of a measure that are numbers, with their units; those of ``entry_share`` stand one level down."""
    found: dict[str, NumberOf] = {}
    for name, field in MeasureEntry.model_fields.items():
        for mark in marks_of(field.annotation, field.metadata):
            found[name] = mark
    return found


class OrRemoved:
    """``removed`` in place of a measure takes away an inherited one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return OrScalar(source, self._parse, {}).__get_pydantic_core_schema__(source, handler)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [{"const": REMOVED}, handler(schema)]}

    @staticmethod
    def _parse(node: ScalarNode) -> MeasureEntry:
        if node.text != REMOVED:
            raise fault(f"a measure is a mapping, or {REMOVED}; not {describe(node)}")
        return MeasureEntry.model_construct()
