"""The files of a benchmark world: world.yaml (names and rules) and sources.yaml (the bibliography)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import DataError
from sim.inputs.csv import Table, leads_out, raise_together, shown_path
from sim.inputs.marks import ListNode, MappingNode, Node, read_yaml
from sim.inputs.schema import Parameters
from sim.inputs.world_schema import GoodFile, SourcesFile, WorldFile
from sim.records.world import Good, Region, Source, WorldDefinition

COUNTRY_COLUMNS = ("iso3", "name", "source")
MOST_COUNTRIES = 400  # half as many again as ISO 3166 has
BUILT_IN_GROUPS = ("all", "all_foreign")
_NO_GOODS = ("default", "World")  # stand where goods and regions do

Model = TypeVar("Model", bound=BaseModel)


def read_world(folder: Path) -> WorldDefinition:
    """The names of a world: regions, groups, goods and sources.

    Raises ScenarioError for what is no YAML, DataError with every fault of world.yaml, sources.yaml or
    the table of countries, each with file, line and column.
    """
    world = read_world_file(folder)
    sources = read_sources(folder / "sources.yaml")
    regions = _regions(folder, world, sources)
    goods = tuple(
        Good(name=name, label=good.label, unit=good.unit, input=good.input, caution=good.caution)
        for name, good in world.goods.items()
    )
    definition = WorldDefinition(
        name=world.name,
        year=world.year,
        regions=regions,
        goods=goods,
        groups={name: tuple(members) for name, members in world.groups.items()},
        sources=sources,
    )
    _check_names(folder, definition, world)
    return definition


def read_world_file(folder: Path) -> WorldFile:
    """world.yaml checked against its schema; the name must be that of the folder."""
    path = folder / "world.yaml"
    world = _validated(path, _read(path), WorldFile)
    if world.name != folder.resolve().name:
        raise DataError(f"{shown_path(path)}: name {world.name!r}, the folder is called {folder.resolve().name!r}")
    return world


def read_sources(path: Path) -> Mapping[str, Source]:
    """The bibliography by key."""
    entries = _validated(path, _read(path), SourcesFile, under="entries").entries
    return {key: Source(key=key, **entry.model_dump()) for key, entry in entries.items()}


def _read(path: Path) -> Node:
    if leads_out(path):
        raise DataError(f"{shown_path(path)}:1:1: leads out of the folder of worlds")
    return read_yaml(path, shown_path(path))


def world_files(folder: Path) -> tuple[Path, ...]:
    """Every file a world is built from, in a fixed order."""
    world = read_world_file(folder)
    tables = {name for good in world.goods.values() for name in good.tables.model_dump().values() if name}
    names = ["world.yaml", "sources.yaml", world.countries, *sorted(tables)]
    return tuple(folder / name for name in names)


def _regions(folder: Path, world: WorldFile, sources: Mapping[str, Source]) -> tuple[Region, ...]:
    known = _countries(folder / world.countries, sources)
    file = shown_path(folder / "world.yaml")
    owner: dict[str, str] = {}
    faults: list[str] = []
    for name, region in world.regions.items():
        for code in region.countries if isinstance(region.countries, list) else []:
            if code not in known:
                faults.append(f"{file}: regions.{name}: {code} is not in {world.countries}")
            if code in owner:
                faults.append(f"{file}: regions.{name}: {code} belongs to {owner[code]} already")
            owner[code] = name
    takers = [name for name, region in world.regions.items() if region.countries == "remainder"]
    rest = tuple(code for code in known if code not in owner)
    if len(takers) > 1:
        faults.append(f"{file}: regions: {' and '.join(takers)} both take the remainder")
    if rest and not takers:
        faults.append(f"{file}: regions: no region takes {' '.join(rest[:10])}")
    raise_together(faults)
    return tuple(
        Region(name=name, label=region.label, iso3=tuple(region.countries) if name not in takers else rest)
        for name, region in world.regions.items()
    )


def _countries(path: Path, sources: Mapping[str, Source]) -> dict[str, int]:
    """The codes of a table of countries, each of them once, by their lines."""
    table = Table(path, COUNTRY_COLUMNS)
    known: dict[str, int] = {}
    for row in table:
        code = row.code("iso3")
        if code in known:
            row.fault("iso3", f"{code} stands twice, first in line {known[code]}")
        known.setdefault(code, row.line)
        row.text("name")
        row.one_of("source", sources, "source")
    if len(known) > MOST_COUNTRIES:
        table.fault(1, "iso3", f"{len(known)} countries, at most {MOST_COUNTRIES} wanted")
    table.check()
    return known


def _check_names(folder: Path, definition: WorldDefinition, world: WorldFile) -> None:
    regions = {region.name for region in definition.regions}
    faults = []
    for group, members in definition.groups.items():
        if group in regions or group in BUILT_IN_GROUPS:
            faults.append(f"groups.{group}: the name is taken")
        faults += [f"groups.{group}: no region {member!r}" for member in members if member not in regions]
    for good in definition.goods:
        faults += _good_faults(good, definition, world)
    for name, file in world.goods.items():
        unknown = [key for key in _cited(file) if key not in definition.sources]
        faults += [f"goods.{name}: no source {key!r} in sources.yaml" for key in unknown]
        tables = file.tables
        if (tables.trade is None) == (tables.records is None):
            faults.append(f"goods.{name}.tables: either trade or records is wanted")
        if len({tables.records is None, tables.stages is None, file.records is None}) > 1:
            faults.append(f"goods.{name}: records, tables.records and tables.stages go together")
    shown = shown_path(folder / "world.yaml")
    raise_together([f"{shown}: {fault}" for fault in faults])


def _good_faults(good: Good, definition: WorldDefinition, world: WorldFile) -> list[str]:
    """Faults in the name of a good and in what it is made from."""
    faults = []
    regions = {region.name for region in definition.regions}
    if good.name in {*regions, *definition.groups, *BUILT_IN_GROUPS, *Parameters.model_fields, *_NO_GOODS}:
        faults.append(f"goods.{good.name}: the name is taken")
    if good.input is not None and good.input not in world.goods:
        faults.append(f"goods.{good.name}.input: no good {good.input!r}")
    circle = _circle(good.name, world)
    if circle:
        faults.append(f"goods.{good.name}.input: made from itself: {' from '.join(circle)}")
    if (good.input is None) != (world.goods[good.name].rules.input_ratio is None):
        faults.append(f"goods.{good.name}: an input needs rules.input_ratio, and only an input does")
    return faults


def _circle(name: str, world: WorldFile) -> list[str]:
    """The goods that a good is made from, one from the other, where they lead back to it; else none."""
    passed = [name]
    while (made_from := world.goods[passed[-1]].input) in world.goods:
        passed.append(str(made_from))
        if made_from == name:
            return passed
        if len(passed) > len(world.goods):
            break  # a circle of others
    return []


def _cited(good: GoodFile) -> list[str]:
    """The sources behind the rules of a good."""
    rules = good.rules
    cited = [rules.export_limit.source, rules.highest_utilisation.source, rules.smallest_flow_kt.source]
    if rules.smallest_market_kt:
        cited.append(rules.smallest_market_kt.source)
    if rules.input_ratio:
        cited += [ratio.source for ratio in (rules.input_ratio, *rules.input_ratio.by_country.values())]
    if good.records:
        cited += [rule.source for rule in (good.records.lowest_usd_kg, *good.records.content)]
    return cited + [market.source for market in good.net_imports] + [route.source for route in good.closed_routes]


def _validated(path: Path, node: Node, model: type[Model], under: str = "") -> Model:
    plain = _plain(node)
    try:
        return model.model_validate({under: plain} if under else plain)
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            keys = [key for key in fault["loc"] if key != under or not under]
            place, told = _place(node, keys)
            lines.append(f"{shown_path(path)}:{place.place.line}:{place.place.column}: {told}: {fault['msg']}")
        raise DataError("\n".join(lines)) from None


def _plain(node: Node) -> object:
    if isinstance(node, MappingNode):
        return {entry.key.text: _plain(entry.value) for entry in node.entries}
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    try:
        if node.kind in {"int", "float"}:
            return float(node.text) if node.kind == "float" else int(node.text, 0)
    except ValueError:  # .inf, .nan, 007: left as text, which no number field takes
        return node.text
    return None if node.kind == "null" else node.text


def _place(node: Node, keys: list[int | str]) -> tuple[Node, str]:
    """The deepest node that the keys reach, and the keys as a dotted path."""
    found = node
    for key in keys:
        inner = _child(found, key)
        if inner is None:
            break
        found = inner
    return found, ".".join(str(key) for key in keys) or "file"


def _child(node: Node, key: int | str) -> Node | None:
    if isinstance(node, MappingNode):
        return node.get(str(key))
    if isinstance(node, ListNode) and isinstance(key, int) and key < len(node.items):
        return node.items[key]
    return None
