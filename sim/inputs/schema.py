"""What a scenario file may hold, declared once.

The reader validates with these models and the JSON Schema for editors is made from them.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from sim.inputs import leaves, units
from sim.inputs.faults import listed
from sim.inputs.leaves import Names, OneOrMany, OrScalar, fault
from sim.inputs.marks import ScalarNode, describe
from sim.inputs.measure_schema import MeasureEntry, OrRemoved
from sim.inputs.number_schema import (
    ASSUMPTION_NEEDS_NOTE,
    NumberEntry,
    NumberOf,
    PathEntry,
    assumption_without_note,
    marks_of,
    when,
)
from sim.inputs.strict import KEY, FileJsonSchema, Found, Strict


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

    model_config = ConfigDict(
        json_schema_extra={"minProperties": 1, **when({"required": ["probability"]}, {"maxProperties": 1})}
    )

    on_from: Annotated[date, leaves.DATE] | None = None
    off_from: Annotated[date, leaves.DATE] | None = None
    probability: Annotated[NumberEntry, NumberOf(units.SHARE)] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        known = [name for name in written if name in cls.model_fields]
        if not known:
            return [((), f"a state is on, off, or a mapping with one of {listed(cls.model_fields)}")]
        return [((), "probability stands alone")] if "probability" in known and len(known) > 1 else []

    def agreement(self, _names: Names | None) -> Found:
        """Faults in how the values go together."""
        if self.on_from is not None and self.off_from is not None and self.on_from >= self.off_from:
            return [(("off_from",), f"off from {self.off_from}, but on only from {self.on_from}")]
        return []


class SwitchEntry(Strict):
    """A switch: meaning and source where it is first declared; an heir may write just the state."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "allOf": [ASSUMPTION_NEEDS_NOTE]})

    state: Annotated[State | bool, OrScalar(State, _state_word, _WORDS)] | None = None
    meaning: Annotated[str, leaves.TEXT] | None = None
    source: Annotated[str, leaves.SOURCE] | None = None
    note: Annotated[str, leaves.TEXT] | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], _names: Names | None) -> Found:
        """Faults in how the keys go together."""
        return assumption_without_note(written)


class _JustState:
    """JSON Schema only: in a file the state may stand in place of the switch (the reader wraps it beforehand)."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        entry = handler(schema)
        state = handler.resolve_ref_schema(entry)["properties"]["state"]
        return {"anyOf": [*state["anyOf"], entry]}


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
_Reserves = Annotated[NumberEntry, NumberOf(units.MASS, bare=False)]
_Price = Annotated[NumberEntry, NumberOf(units.BREAK_EVEN, bare=False)]
_Freight = Annotated[PathEntry, NumberOf(units.PRICE, bare=False)]


class FreightEntry(Strict):
    """Freight of one good: by origin and destination, and ``default`` for all routes not named."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"propertyNames": leaves.REGION_OR_DEFAULT.json})

    __pydantic_extra__: dict[str, dict[_Region, _Freight]] = Field(init=False)
    default: _Freight | None = None

    @classmethod
    def structure(cls, written: dict[str, Any], names: Names | None) -> Found:
        """Faults in the names of the origins."""
        found: Found = []
        for name in written:
            try:
                leaves.REGION_OR_DEFAULT.parse(leaves.key_node(name), names)
            except PydanticCustomError as error:
                found.append(((name, KEY), error.message()))
        return found


class Parameters(Strict):
    """How markets respond and grow, by good and where needed by region."""

    benchmark_price: dict[_Good, _Price] | None = None
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
    reserves: dict[_Good, dict[_Region, _Reserves]] | None = None
    taste_follows_capacity: dict[_Good, _Exponent] | None = None
    freight: dict[_Good, FreightEntry] | None = None
    reference_share: dict[_Good, dict[_Region, dict[_Region, _Share]]] | None = None
    entry_share: dict[_Good, dict[_Region, dict[_Region, _Share]]] | None = None


@cache
def parameter_kinds() -> dict[str, NumberOf]:
    """The unit of each parameter, by its name."""
    kinds = {name: marks_of(field.annotation, field.metadata) for name, field in Parameters.model_fields.items()}
    return {name: marks[0] for name, marks in kinds.items() if marks} | {"freight": NumberOf(units.PRICE)}


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
    measures: dict[Annotated[str, leaves.OWN], Annotated[MeasureEntry, OrRemoved()]] | None = None
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
