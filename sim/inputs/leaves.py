"""Building blocks of the file declaration: how one value is read, and how JSON Schema says the same.

A leaf reads a ScalarNode (or the text of a key) and raises a fault that says what is wanted; what it may know
of the world comes as the validation context, a ``Names``, and is not checked where there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim.inputs.faults import known_or_nearest, listed, nearest, shortened
from sim.inputs.marks import ScalarNode, describe
from sim.inputs.units import Amount, AmountError, UnitKind, parse_amount
from sim.records.scenario import Place
from sim.records.world import WorldDefinition

EVERYWHERE = ("all", "all_foreign")
FAULT = "scenario_fault"
FIRST_YEAR, LAST_YEAR = 1900, 2199  # what can be meant as a year; all else is a slip
_YEAR = "(19|20|21)[0-9]{2}"


@dataclass(frozen=True)
class Names:
    """What a scenario file may refer to in its world."""

    world: WorldDefinition
    switches: tuple[str, ...] | None = None

    def tier(self, source: str) -> str:
        """Tier of a source; whatever is not in sources.yaml is at best an assumption, and a fault elsewhere."""
        return self.world.sources[source].tier if source in self.world.sources else "assumption"

    @property
    def regions(self) -> tuple[str, ...]:
        """Names of the regions."""
        return tuple(region.name for region in self.world.regions)

    @property
    def groups(self) -> tuple[str, ...]:
        """Names of the groups, those included that every world has."""
        return (*EVERYWHERE, *self.world.groups)

    @property
    def goods(self) -> tuple[str, ...]:
        """Names of the goods."""
        return tuple(good.name for good in self.world.goods)

    def region_of_code(self, code: str) -> str | None:
        """The region an ISO3 code belongs to."""
        return next((region.name for region in self.world.regions if code.upper() in region.iso3), None)


def fault(message: str) -> PydanticCustomError:
    """A fault with our own words (braces in it stay braces)."""
    return PydanticCustomError(FAULT, "{message}", {"message": message})


@dataclass(frozen=True, eq=False)
class Leaf:
    """One value: ``parse`` reads it, ``json`` declares it."""

    parse: Callable[[ScalarNode, Names | None], Any]
    json: dict[str, Any]
    what: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(self.json)

    def _validate(self, value: Any, info: core_schema.ValidationInfo) -> Any:
        if isinstance(value, str):
            value = key_node(value)
        if not isinstance(value, ScalarNode):
            raise fault(f"{self.what} is wanted here, not a {'list' if isinstance(value, list) else 'mapping'}")
        if value.kind == "null":
            raise fault(f"nothing stands here; {self.what} is wanted")
        return self.parse(value, info.context)


@dataclass(frozen=True, eq=False)
class OrScalar:
    """A mapping of ``model``, or in its place a single value that ``parse`` reads."""

    model: type[BaseModel]
    parse: Callable[[ScalarNode], Any]
    json: dict[str, Any]

    def __get_pydantic_core_schema__(self, _source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_wrap_validator_function(self._validate, handler.generate_schema(self.model))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [dict(self.json), handler(schema)]}

    def _validate(self, value: Any, inner: core_schema.ValidatorFunctionWrapHandler) -> Any:
        return self.parse(value) if isinstance(value, ScalarNode) else inner(value)


@dataclass(frozen=True, eq=False)
class OneOrMany:
    """A list, of which a single value is a short form; never empty."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._as_list, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        many = {**handler(schema), "minItems": 1}
        return {"anyOf": [many["items"], many]}

    @staticmethod
    def _as_list(value: Any) -> Any:
        if isinstance(value, ScalarNode):
            return [value]
        if value == []:
            raise fault("the list is empty")
        return value


def key_node(text: str) -> ScalarNode:
    """The text of a key as a scalar; its place is known to the caller."""
    return ScalarNode(text, Place(file="", line=0, column=0), plain=False)


def _text(node: ScalarNode, _names: Names | None) -> str:
    if node.kind != "str":
        raise fault(f"a text is wanted; put {shortened(node.text)} in quotes")
    if not node.text.strip():
        raise fault("the text is empty")
    return " ".join(node.text.split())


def _name(what: str, pattern: str, saying: str) -> Callable[[ScalarNode, Names | None], str]:
    compiled = re.compile(pattern.removesuffix("$") + r"\Z", re.ASCII)

    def parse(node: ScalarNode, _names: Names | None) -> str:
        if node.kind != "str" or not compiled.match(node.text):
            raise fault(f"{describe(node)} is no {what}: {saying}")
        return node.text

    return parse


def _known(name: str, known: tuple[str, ...], what: str) -> str:
    if name not in known:
        raise fault(f"unknown {what} {shortened(name)}{known_or_nearest(name, known)}")
    return name


WORLD_NAME = "^[A-Za-z][A-Za-z0-9_]{0,63}$"
OWN_NAME = "^[a-z][a-z0-9_]{0,63}$"
_world_name = _name("name", WORLD_NAME, "letters, digits and _ only")


def _region(node: ScalarNode, names: Names | None) -> str:
    name = _world_name(node, names)
    if names is None or name in names.regions:
        return name
    owner = names.region_of_code(name)
    if owner is not None:
        raise fault(f"{name} is an ISO3 code; its region is {owner}: regions stand by name only")
    return _known(name, names.regions, "region")


def _region_or_group(node: ScalarNode, names: Names | None) -> str:
    return node.text if names is not None and node.text in names.groups else _region(node, names)


def _supply_key(node: ScalarNode, names: Names | None) -> str:
    """``default``, a region or an asset; assets are statistics, so any name in small letters may be one."""
    name = _world_name(node, names)
    return name if name == name.lower() else _region(node, names)


def _recipient(node: ScalarNode, names: Names | None) -> str:
    return node.text if node.text in {"exporter", "importer"} else _region(node, names)


def _good(node: ScalarNode, names: Names | None) -> str:
    name = _world_name(node, names)
    return name if names is None else _known(name, names.goods, "good")


def _source(node: ScalarNode, names: Names | None) -> str:
    name = _world_name(node, names)
    known = () if names is None else ("assumption", *names.world.sources)
    if names is None or name in known:
        return name
    raise fault(f"no source {shortened(name)} in sources.yaml{nearest(name, known)}")


def _default_or(parse: Callable[[ScalarNode, Names | None], str]) -> Callable[[ScalarNode, Names | None], str]:
    return lambda node, names: node.text if node.text == "default" else parse(node, names)


def _date(node: ScalarNode, _names: Names | None) -> date:
    wanted = "a year (2026) or a date (2026-03-15) is wanted"
    if re.match(rf"{_YEAR}\Z", node.text, re.ASCII):
        return date(int(node.text), 1, 1)
    if re.match(rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}\Z", node.text, re.ASCII):
        try:
            return date.fromisoformat(node.text)
        except ValueError:
            raise fault(f"{node.text} is no day of the calendar; {wanted}") from None
    raise fault(f"{describe(node)}: {wanted}, from {FIRST_YEAR} to {LAST_YEAR}")


def _year(node: ScalarNode, _names: Names | None) -> int:
    if not re.match(rf"{_YEAR}\Z", node.text, re.ASCII):
        raise fault(f"{describe(node)}: a year from {FIRST_YEAR} to {LAST_YEAR} is wanted")
    return int(node.text)


def _condition(node: ScalarNode, names: Names | None) -> str:
    if node.kind != "str" or not re.match(r"(not +)?[a-z][a-z0-9_]{0,63}\Z", node.text, re.ASCII):
        raise fault(f"{describe(node)}: the name of a switch is wanted, or not NAME")
    words = node.text.split()
    if names is not None and names.switches is not None:
        _known(words[-1], names.switches, "switch")
    return " ".join(words)


def _version(node: ScalarNode, _names: Names | None) -> int:
    if node.kind != "int" or node.text != "1":
        raise fault(f"schema_version {describe(node)}: this program reads 1")
    return 1


def choice(*options: str) -> Leaf:
    """One of a few words."""

    def parse(node: ScalarNode, _names: Names | None) -> str:
        return _known(node.text, options, "word")

    return Leaf(parse, {"enum": list(options)}, f"one of {listed(options)}")


def amount(kind: UnitKind) -> Leaf:
    """An amount with a unit of that kind, or a plain number where the kind has none."""

    def parse(node: ScalarNode, _names: Names | None) -> Amount:
        if not kind.spellings and not node.plain:
            raise fault(f"{shortened(node.text)} stands in quotes; {kind.what} is wanted: {kind.accepted}")
        try:
            return parse_amount(node.text, kind)
        except AmountError as error:
            raise fault(str(error)) from None

    json: dict[str, Any] = {"type": "string", "pattern": kind.pattern, "examples": [kind.example]}
    if not kind.spellings:
        json = {"type": "number", "maximum": float(kind.high)}
        json |= {"exclusiveMinimum": float(kind.above)} if kind.above is not None else {"minimum": float(kind.low or 0)}
    return Leaf(parse, json, f"{kind.what} ({kind.accepted})")


def amount_key(kind: UnitKind) -> Leaf:
    """An amount of that kind as the key of a mapping, which is text even where the kind has no unit."""

    def parse(node: ScalarNode, _names: Names | None) -> Amount:
        try:
            return parse_amount(node.text, kind)
        except AmountError as error:
            raise fault(str(error)) from None

    return Leaf(parse, {"type": "string", "pattern": kind.pattern}, f"{kind.what} ({kind.accepted})")


def whole(low: int, high: int) -> Leaf:
    """A whole number from ``low`` to ``high``."""

    def parse(node: ScalarNode, _names: Names | None) -> int:
        if (
            node.kind != "int"
            or not re.match(r"[0-9]{1,9}\Z", node.text, re.ASCII)
            or not low <= int(node.text) <= high
        ):
            raise fault(f"{describe(node)}: a whole number from {low} to {high} is wanted")
        return int(node.text)

    return Leaf(parse, {"type": "integer", "minimum": low, "maximum": high}, f"a whole number from {low} to {high}")


def _as_typed(node: ScalarNode, _names: Names | None) -> str:
    return node.text


_YEAR_JSON = {"type": "integer", "minimum": FIRST_YEAR, "maximum": LAST_YEAR}
_YEAR_TEXT = {"type": "string", "pattern": f"^{_YEAR}$"}

TEXT = Leaf(_text, {"type": "string", "pattern": r"\S"}, "a text")
TEXT_OR_NUMBER = Leaf(_as_typed, {"type": ["string", "number"], "pattern": r"\S"}, "an amount")
OWN = Leaf(
    _name("name", OWN_NAME, "small letters, digits and _, beginning with a letter, at most 64"),
    {"type": "string", "pattern": OWN_NAME},
    "a name",
)
_WORLD_JSON = {"type": "string", "pattern": WORLD_NAME}
REGION = Leaf(_region, _WORLD_JSON, "the name of a region")
REGION_OR_GROUP = Leaf(_region_or_group, _WORLD_JSON, "the name of a region or group")
REGION_OR_DEFAULT = Leaf(_default_or(_region), _WORLD_JSON, "the name of a region, or default,")
SUPPLY_KEY = Leaf(_default_or(_supply_key), _WORLD_JSON, "the name of a region or asset, or default,")
RECIPIENT = Leaf(_recipient, _WORLD_JSON, "exporter, importer or the name of a region")
GOOD = Leaf(_good, _WORLD_JSON, "the name of a good")
SOURCE = Leaf(_source, _WORLD_JSON, "a key of sources.yaml, or assumption,")
DATE = Leaf(
    _date,
    {"anyOf": [_YEAR_JSON, {"type": "string", "pattern": f"^{_YEAR}(-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$"}]},
    "a year or a date",
)
YEAR = Leaf(_year, {"anyOf": [_YEAR_JSON, _YEAR_TEXT]}, "a year")
YEAR_KEY = Leaf(_year, _YEAR_TEXT, "a year")
CONDITION = Leaf(_condition, {"type": "string", "pattern": "^(not +)?[a-z][a-z0-9_]{0,63}$"}, "a switch, or not NAME,")
VERSION = Leaf(_version, {"const": 1}, "1")
