"""What a scenario file may hold: kinds, fields and the unit of each, declared once.

The reader validates with these models and the JSON Schema for editors is made from them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.inputs import leaves, units
from sim.inputs.faults import listed, shortened
from sim.inputs.leaves import Names, OneOrMany, OrScalar, choice, fault
from sim.inputs.marks import ScalarNode, describe
from sim.inputs.strict import KEY, FileJsonSchema, Found, Strict
from sim.inputs.units import Amount, UnitKind
from sim.records.scenario import KINDS

ASSUMPTION = "assumption"
DOCUMENT = "document"
ROUTES = ("origin", "destination", "except", "except_destination")
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
        ("input", "input_ratio", "break_even", "entry_share", "capital_cost", "trend"),
    ),
    "outage": (("good", "region", "capacity"), ()),
    "demand_shift": (("good", "region", "change"), ()),
    "cost_shift": (("good", "region", "change"), ()),
}


def fields_of(kind: str) -> tuple[str, ...]:
    """Every field a measure of that kind may have; a project starts with ``decided``."""
    needed, may = FIELDS[kind]
    common = DECIDED if kind == "project" else COMMON
    return tuple(dict.fromkeys((*common, *needed, *may)))


def _if(condition: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    return {"if": condition, "then": then}


def _is(name: str, value: str) -> dict[str, Any]:
    return {"properties": {name: {"const": value}}, "required": [name]}


_ASSUMPTION_NEEDS_NOTE = _if(_is("source", ASSUMPTION), {"required": ["note"]})


def _assumption_without_note(written: dict[str, Any]) -> Found:
    source = written.get("source")
    if isinstance(source, ScalarNode) and source.text == ASSUMPTION and "note" not in written:
        return [(("source",), "source: assumption needs a note that gives the reason")]
    return []


# ---- numbers


class NumberEntry(Strict):
    """A point or a range, with its source."""

    model_config = {
        "json_schema_extra": {
            "anyOf": [{"required": ["value"]}, {"required": ["low", "high"]}],
            "allOf": [
                _if({"required": ["low"]}, {"required": ["high"]}),
                _if({"required": ["high"]}, {"required": ["low"]}),
                _if({"required": ["shape"]}, {"required": ["low", "high"]}),
                _if({"required": ["range_source"]}, {"required": ["value", "low", "high"]}),
                _if(_is("shape", "triangular"), {"required": ["value"]}),
                _ASSUMPTION_NEEDS_NOTE,
            ],
        }
    }

    value: Amount | None = None
    low: Amount | None = None
    high: Amount | None = None
    shape: Annotated[str, choice("triangular", "uniform", "loguniform")] | None = None
    source: Annotated[str, leaves.SOURCE]
    range_source: Annotated[str, leaves.SOURCE] | None = None
    quote: Annotated[str, leaves.TEXT] | None = None
    note: Annotated[str, leaves.TEXT] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any]) -> Found:
        found: Found = []
        keys, ends = set(written), {"low", "high"} & set(written)
        if not keys & {"value", "low", "high", "by_year"}:
            found.append(((), "no value: state value, or low and high, or both"))
        if len(ends) == 1:
            found.append(((min(ends),), "a range has both low and high"))
        elif not ends:
            found += [((name,), f"{name} needs low and high") for name in ("shape", "range_source") if name in keys]
        elif "range_source" in keys and "value" not in keys:
            found.append((("range_source",), "without a value the range has source for its source"))
        shape = written.get("shape")
        if isinstance(shape, ScalarNode) and shape.text == "triangular" and "value" not in keys:
            found.append((("shape",), "triangular needs a value for its peak"))
        return found + _assumption_without_note(written)

    def agreement(self, names: Names | None) -> Found:
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
    def structure(cls, written: dict[str, Any]) -> Found:
        beside = [name for name in ("value", "low", "high", "shape", "range_source") if name in written]
        if "by_year" not in written:
            return super().structure(written)
        found: Found = [((name,), f"{name} cannot stand beside by_year") for name in beside]
        if written["by_year"] == {}:
            found.append((("by_year",), "no year stands here"))
        return found + _assumption_without_note(written)


_OVER_YEARS: dict[str, Any] = {
    "if": {"required": ["by_year"]},
    "then": {
        "not": {"anyOf": [{"required": [name]} for name in ("value", "low", "high", "shape", "range_source")]},
        "properties": {"by_year": {"minProperties": 1}},
        "allOf": [_ASSUMPTION_NEEDS_NOTE],
    },
}
_models: dict[tuple[str, bool], type[NumberEntry]] = {}


def _number_model(kind: UnitKind, over_years: bool) -> type[NumberEntry]:
    key = (kind.what, over_years)
    if key not in _models:
        amount = Annotated[Amount, leaves.amount(kind)]
        fields: dict[str, Any] = {name: (amount | None, None) for name in ("value", "low", "high")}
        rules: dict[str, Any] = dict(NumberEntry.model_config["json_schema_extra"])  # type: ignore[arg-type]
        if over_years:
            fields["by_year"] = (dict[Annotated[int, leaves.YEAR_KEY], amount] | None, None)  # type: ignore[valid-type]
            rules = {**_OVER_YEARS, "else": rules}
        name = re.sub(r"\W+", "_", f"{kind.what}{' over years' if over_years else ''}")
        base = PathEntry if over_years else NumberEntry
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
            raise fault(f"a number states its source: {{value: {shortened(node.text, 20)}, source: ...}}")
        return NumberEntry.model_construct(value=value, source="")


# ---- switches


def _state_word(node: ScalarNode) -> bool:
    if node.text in _ON or node.text in _OFF:
        return node.text in _ON
    wanted = "on, off, {on_from: 2026}, {off_from: 2026} or {probability: 50 %}"
    raise fault(f"{describe(node)} is no state of a switch; {wanted} is wanted")


_ON = ("on", "yes", "true", "True", "TRUE")
_OFF = ("off", "no", "false", "False", "FALSE")
_WORDS: dict[str, Any] = {"enum": [*_ON, *_OFF, True, False]}


class State(Strict):
    """When or how likely a switch is on."""

    model_config = {
        "json_schema_extra": {"minProperties": 1, **_if({"required": ["probability"]}, {"maxProperties": 1})}
    }

    on_from: Annotated[date, leaves.DATE] | None = None
    off_from: Annotated[date, leaves.DATE] | None = None
    probability: Annotated[NumberEntry, NumberOf(units.SHARE)] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any]) -> Found:
        known = [name for name in written if name in cls.model_fields]
        if not known:
            return [((), f"a state is on, off, or a mapping with one of {listed(cls.model_fields)}")]
        return [((), "probability stands alone")] if "probability" in known and len(known) > 1 else []

    def agreement(self, names: Names | None) -> Found:
        if self.on_from is not None and self.off_from is not None and self.on_from >= self.off_from:
            return [(("off_from",), f"off from {self.off_from}, but on only from {self.on_from}")]
        return []


class SwitchEntry(Strict):
    """A switch: meaning and source where it is first declared; an heir may write just the state."""

    model_config = {"json_schema_extra": {"minProperties": 1, "allOf": [_ASSUMPTION_NEEDS_NOTE]}}

    state: Annotated[State | bool, OrScalar(State, _state_word, _WORDS)] | None = None
    meaning: Annotated[str, leaves.TEXT] | None = None
    source: Annotated[str, leaves.SOURCE] | None = None
    note: Annotated[str, leaves.TEXT] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any]) -> Found:
        return _assumption_without_note(written)


class _JustState:
    """JSON Schema only: in a file the state may stand in place of the switch (the reader wraps it beforehand)."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        entry = handler(schema)
        state = handler.resolve_ref_schema(entry)["properties"]["state"]
        return {"anyOf": [*state["anyOf"], entry]}


# ---- measures

_Flow = Annotated[PathEntry, NumberOf(units.FLOW)]
_Regions = Annotated[list[Annotated[str, leaves.REGION_OR_GROUP]], OneOrMany()]


def _measure_rules(schema: dict[str, Any]) -> None:
    numbers = [name for name in number_fields() if name != "entry_share"]
    mapped: dict[str, Any] = {name: {"type": "object"} for name in numbers}
    mapped["entry_share"] = {"additionalProperties": {"type": "object"}}
    schema["allOf"] = [
        *(_if(_is("kind", kind), {"propertyNames": {"enum": list(fields_of(kind))}}) for kind in KINDS),
        _if({"not": {"required": ["source"]}}, {"properties": mapped}),
        {"not": {"required": ["ends", "duration"]}},
        _ASSUMPTION_NEEDS_NOTE,
    ]


class MeasureEntry(Strict):
    """One instrument of policy or one change of the world; which fields it has depends on its kind."""

    model_config = {"json_schema_extra": _measure_rules, "populate_by_name": False}

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
    trend: Annotated[str, choice("additional", "included")] | None = None
    change: Annotated[PathEntry, NumberOf(units.CHANGE)] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any]) -> Found:
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
        return found + _assumption_without_note(written)

    def agreement(self, names: Names | None) -> Found:
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


def number_fields() -> dict[str, NumberOf]:
    """Fields of a measure that are numbers, with their units; those of ``entry_share`` stand one level down."""
    found: dict[str, NumberOf] = {}
    for name, field in MeasureEntry.model_fields.items():
        for mark in _marks(field.annotation, field.metadata):
            found[name] = mark
    return found


def parameter_kinds() -> dict[str, NumberOf]:
    """The unit of each parameter, by its name."""
    kinds = {name: _marks(field.annotation, field.metadata) for name, field in Parameters.model_fields.items()}
    return {name: marks[0] for name, marks in kinds.items() if marks} | {"freight": NumberOf(units.PRICE)}


def _marks(annotation: Any, metadata: list[Any]) -> list[NumberOf]:
    here = [*metadata, *getattr(annotation, "__metadata__", ())]
    inner = [mark for part in getattr(annotation, "__args__", ()) for mark in _marks(part, [])]
    return [mark for mark in here if isinstance(mark, NumberOf)] + inner


class _OrRemoved:
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


REMOVED = "removed"

# ---- parameters

_Good = Annotated[str, leaves.GOOD]
_Region = Annotated[str, leaves.REGION]
_RegionOrDefault = Annotated[str, leaves.REGION_OR_DEFAULT]
_Share = Annotated[NumberEntry, NumberOf(units.SHARE, bare=False)]
_Sourcing = Annotated[NumberEntry, NumberOf(units.SOURCING_ELASTICITY, bare=False)]
_Demand = Annotated[NumberEntry, NumberOf(units.DEMAND_ELASTICITY, bare=False)]
_Supply = Annotated[NumberEntry, NumberOf(units.SUPPLY_ELASTICITY, bare=False)]
_Speed = Annotated[NumberEntry, NumberOf(units.SPEED, bare=False)]
_Exponent = Annotated[NumberEntry, NumberOf(units.EXPONENT, bare=False)]
_Growth = Annotated[PathEntry, NumberOf(units.GROWTH, bare=False)]
_Limit = Annotated[PathEntry, NumberOf(units.FLOW, bare=False)]
_Freight = Annotated[PathEntry, NumberOf(units.PRICE, bare=False)]


class FreightEntry(Strict):
    """Freight of one good: by origin and destination, and ``default`` for all routes not named."""

    model_config = {"extra": "allow"}

    __pydantic_extra__: dict[str, dict[_Region, _Freight]] = Field(init=False)
    default: _Freight | None = None


class Parameters(Strict):
    """How markets respond and grow, by good and where needed by region."""

    sourcing_elasticity: dict[_Good, _Sourcing] | None = None
    sourcing_elasticity_short: dict[_Good, _Sourcing] | None = None
    contract_renewal: dict[_Good, _Share] | None = None
    demand_elasticity: dict[_Good, _Demand] | None = None
    demand_elasticity_long: dict[_Good, _Demand] | None = None
    demand_memory: dict[_Good, _Speed] | None = None
    supply_elasticity: dict[_Good, dict[Annotated[str, leaves.SUPPLY_KEY], _Supply]] | None = None
    demand_growth: dict[_Good, dict[_RegionOrDefault, _Growth]] | None = None
    capacity_growth: dict[_Good, dict[_Region, _Growth]] | None = None
    capacity_limit: dict[_Good, dict[_Region, _Limit]] | None = None
    taste_follows_capacity: dict[_Good, _Exponent] | None = None
    freight: dict[_Good, FreightEntry] | None = None
    reference_share: dict[_Good, dict[_Region, dict[_Region, _Share]]] | None = None
    entry_share: dict[_Good, dict[_Region, dict[_Region, _Share]]] | None = None


# ---- files


class YearsEntry(Strict):
    """First and last year, and the year the answer is about (by default the last)."""

    first: Annotated[int, leaves.YEAR] | None = None
    last: Annotated[int, leaves.YEAR] | None = None
    focus: Annotated[int, leaves.YEAR] | None = None


class MixinFile(Strict):
    """A part of a scenario that several scenarios take in."""

    schema_version: Annotated[int, leaves.VERSION] | None = None
    title: Annotated[str, leaves.TEXT] | None = None
    years: YearsEntry | None = None
    switches: dict[Annotated[str, leaves.OWN], Annotated[SwitchEntry, _JustState()]] | None = None
    measures: dict[Annotated[str, leaves.OWN], Annotated[MeasureEntry, _OrRemoved()]] | None = None
    parameters: Parameters | None = None


class ScenarioFile(MixinFile):
    """One scenario: what differs from the one it extends."""

    question: Annotated[str, leaves.TEXT] | None = None
    extends: Annotated[str, leaves.OWN] | None = None
    mixins: Annotated[list[Annotated[str, leaves.OWN]], OneOrMany()] | None = None
    compare_with: Annotated[str, leaves.OWN] | None = None
    world: Annotated[str, leaves.OWN] | None = None


def json_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of one kind of file."""
    schema = model.model_json_schema(by_alias=True, schema_generator=FileJsonSchema)
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema}
