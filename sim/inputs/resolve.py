"""Scenario files into a Scenario: inheritance, mixins, SET, and every check, before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sim.errors import SimError
from sim.inputs.chain import Chain, Library, is_own_name, read_chain
from sim.inputs.check import check, dotted, place_of
from sim.inputs.faults import Faults
from sim.inputs.leaves import Names
from sim.inputs.marks import MappingNode, Node, ScalarNode
from sim.inputs.measure_schema import MeasureEntry
from sim.inputs.measures import Written, check_fields, measure
from sim.inputs.merge import merge
from sim.inputs.numbers import check_drawn_with
from sim.inputs.overrides import overrides_layer
from sim.inputs.parameters import check_elasticities, parameter_numbers
from sim.inputs.prepare import wrap_states
from sim.inputs.schema import (
    MixinFile,
    Parameters,
    ScenarioFile,
    SwitchEntry,
    YearsEntry,
)
from sim.inputs.switches import switch
from sim.inputs.world import read_world as read_world_folder
from sim.records.scenario import Measure, Number, Place, Scenario, Switch, Years
from sim.records.world import WorldDefinition

ReadWorld = Callable[[Path], WorldDefinition]
MOST_YEARS = 100


def load_scenario(name: str, root: Path, overrides: str = "", *, read_world: ReadWorld = read_world_folder) -> Scenario:
    """Resolve and check a scenario of the project at ``root``, with the changes of SET in ``overrides``.

    Raises ScenarioError that lists every fault of every file, as ``file:line:column: path: message``.
    """
    faults = Faults()
    scenario = _Reader(root, faults, read_world).scenario(name, overrides)
    faults.raise_if_any()
    if scenario is None:  # never so: what is not whole has a fault
        raise SimError(f"scenario {name} could not be resolved")
    return scenario


def list_scenarios(root: Path) -> list[tuple[str, str]]:
    """Name and title of each scenario, in order of name; instead of the title the first fault of a broken file."""
    found = []
    for name in Library(root, Faults()).names():
        faults = Faults()
        file = Library(root, faults).scenario(name)
        if file is not None:
            check(ScenarioFile, file.root, file.start, (), faults, None)
        found.append(
            (name, faults.text().split("\n")[0] if file is None or faults else _head(file.root, "title", name))
        )
    return found


def load_all(root: Path, *, read_world: ReadWorld = read_world_folder) -> dict[str, Scenario | str]:
    """Every scenario resolved, by name; in place of one that is at fault the first line of its faults."""
    faults = Faults()
    reader = _Reader(root, faults, read_world)  # what several scenarios build on is read once
    found: dict[str, Scenario | str] = {}
    for name in Library(root, Faults()).names():
        scenario = reader.scenario(name, "")
        if scenario is not None and not faults:
            found[name] = scenario
            continue
        found[name] = faults.text().split("\n")[0]
        faults = Faults()  # a fault is told once by each set, so the next scenario gets one of its own
        reader = _Reader(root, faults, read_world)
    return found


def validate_all(root: Path, *, read_world: ReadWorld = read_world_folder) -> tuple[str, ...]:
    """Names of all scenarios, after each was resolved and each mixin was read; ScenarioError with all faults."""
    faults = Faults()
    reader = _Reader(root, faults, read_world)
    library = Library(root, faults)
    for shown in library.misnamed():
        place = Place(file=shown, line=1, column=1)
        faults.add(place, "", "no scenario can have this name: small letters, digits and _, ending in .yaml")
    names = (*library.names(), *library.backtests())
    for name in names:
        reader.scenario(name, "")
    reader.mixins()
    faults.raise_if_any()
    return names


def _head(root: Node, key: str, otherwise: str) -> str:
    value = root.get(key) if isinstance(root, MappingNode) else None
    return " ".join(value.text.split()) if isinstance(value, ScalarNode) else otherwise


class _Reader:
    """Reads scenarios of one project into one set of faults."""

    def __init__(self, root: Path, faults: Faults, read_world: ReadWorld) -> None:
        self._library = Library(root, faults)
        self._faults = faults
        self._read_world = read_world
        self._worlds: dict[str, Names | None] = {}

    def scenario(self, name: str, overrides: str) -> Scenario | None:
        """The resolved scenario, or None after faults were added."""
        before = len(self._faults)
        chain = read_chain(self._library, name, self._faults)
        if not chain.scenarios:
            return None
        tree = chain.tree(self._faults)
        names = self._names(tree, chain)
        self._check_files(chain, names)
        if not chain.whole:
            return None
        layer = overrides_layer(overrides, tree, self._faults) if overrides.strip() else None
        if layer is not None:
            layer = wrap_states(layer)  # type: ignore[assignment]
            check(MixinFile, layer, layer.place, (), self._faults, names)
            tree = merge(tree, layer, self._faults)
        if names is None:
            return None
        switches = self._switches(tree, names)
        names = Names(names.world, tuple(_section(tree, "switches").names))
        measures = self._measures(tree, names)
        parameters = self._parameters(tree, names)
        if len(self._faults) == before:  # a measure with faults of its own has no numbers to be named
            stated = [number for each in measures.values() for number in each.numbers.values()]
            check_drawn_with([*parameters.values(), *stated], self._faults)
        years = self._years(tree, chain, names)
        compare_with = self._compare_with(chain)
        if len(self._faults) > before or years is None:
            return None
        child = chain.scenarios[0].root
        return Scenario(
            name=name,
            title=_head(child, "title", name.replace("_", " ")),
            question=_head(child, "question", ""),
            world=names.world.name,
            years=years,
            compare_with=compare_with,
            chain=chain.names,
            files=chain.files,
            switches=switches,
            measures=measures,
            parameters=parameters,
        )

    def mixins(self) -> None:
        """Check every mixin, whether a scenario takes it in or not."""
        names = next((each for each in self._worlds.values() if each is not None), None)
        for name in self._library.names("mixins"):
            file = self._library.mixin(name)
            if file is not None:
                check(MixinFile, file.root, file.start, (), self._faults, names if len(self._worlds) == 1 else None)

    def _check_files(self, chain: Chain, names: Names | None) -> None:
        for file in chain.scenarios:
            check(ScenarioFile, file.root, file.start, (), self._faults, names)
            for mixin in chain.mixins[file.name]:
                check(MixinFile, mixin.root, mixin.start, (), self._faults, names)

    def _names(self, tree: MappingNode, chain: Chain) -> Names | None:
        world = tree.get("world")
        if not isinstance(world, ScalarNode) or not is_own_name(world.text):
            if chain.whole and world is None:
                self._faults.add(chain.scenarios[0].start, "world", "is stated in none of the files of this scenario")
            return None
        if world.text not in self._worlds:
            folder = self._library.world_folder(world.text, world.place)
            self._worlds[world.text] = None if folder is None else self._world(folder)
        return self._worlds[world.text]

    def _world(self, folder: Path) -> Names | None:
        try:
            return Names(self._read_world(folder))
        except SimError as error:
            self._faults.add_told(str(error))
            return None

    def _years(self, tree: MappingNode, chain: Chain, names: Names) -> Years | None:
        section = tree.entry("years")
        if section is None:
            self._faults.add(chain.scenarios[0].start, "years", "is stated in none of the files of this scenario")
            return None
        key, node = section.key.place, section.value
        entry = check(YearsEntry, node, key, ("years",), self._faults, names)
        if entry is None:
            return None
        if entry.first is None or entry.last is None:
            missing = "first" if entry.first is None else "last"
            self._faults.add(key, "years", f"{missing} is missing")
            return None
        focus = entry.last if entry.focus is None else entry.focus
        for name, wrong, message in (
            ("first", entry.first <= names.world.year, f"must come after the benchmark year {names.world.year}"),
            ("last", entry.last < entry.first, f"is before the first year, {entry.first}"),
            ("last", entry.last - entry.first >= MOST_YEARS, f"is more than {MOST_YEARS} years after the first"),
            ("focus", not entry.first <= focus <= entry.last, f"is not from {entry.first} to {entry.last}"),
        ):
            if wrong:
                at = node.entry(name) if isinstance(node, MappingNode) else None
                place = key if at is None else place_of(at.value, at.key.place)
                self._faults.add(place, f"years.{name}", f"{getattr(entry, name)} {message}")
        return Years(first=entry.first, last=entry.last, focus=focus)

    def _compare_with(self, chain: Chain) -> str | None:
        child = chain.scenarios[0]
        for stated in child.named("compare_with"):
            meant = self._library.named_in(child, stated.text)
            if meant != child.name:
                self._library.scenario(meant, stated.place, "compare_with")
                return meant
            self._faults.add(stated.place, "compare_with", "a scenario cannot be its own baseline")
        return chain.names[-1] if len(chain.names) > 1 else None

    def _switches(self, tree: MappingNode, names: Names) -> dict[str, Switch]:
        found: dict[str, Switch] = {}
        for each in _section(tree, "switches").entries:
            path = ("switches", each.key.text)
            entry = check(SwitchEntry, each.value, each.key.place, path, self._faults, names)
            node = each.value if isinstance(each.value, MappingNode) else MappingNode((), each.key.place)
            for needed in ("state", "meaning", "source"):
                if node.get(needed) is None:
                    self._faults.add(each.key.place, dotted(path), f"{needed} is missing: no file declares it")
            if entry is not None and entry.state is not None and entry.meaning and entry.source:
                found[each.key.text] = switch(each.key.text, entry, entry.state, node, each.key.place, names)
        return found

    def _measures(self, tree: MappingNode, names: Names) -> dict[str, Measure]:
        found: dict[str, Measure] = {}
        for each in _section(tree, "measures").entries:
            if not isinstance(each.value, MappingNode):
                continue  # a fault of its file
            written = Written(each.key.text, each.value, each.key.place)
            path = ("measures", written.name)
            entry = check(MeasureEntry, each.value, each.key.place, path, self._faults, names)
            check_fields(written, self._faults)
            record = None if entry is None or entry.kind is None else measure(entry, written, names, self._faults)
            if record is not None:
                found[written.name] = record
        return found

    def _parameters(self, tree: MappingNode, names: Names) -> dict[tuple[str, ...], Number]:
        section = tree.entry("parameters")
        if section is None:
            return {}
        entry = check(Parameters, section.value, section.key.place, ("parameters",), self._faults, names)
        if entry is None:
            return {}
        found = parameter_numbers(entry, section, names)
        check_elasticities(found, self._faults)
        return found


def _section(tree: MappingNode, name: str) -> MappingNode:
    section = tree.get(name)
    return section if isinstance(section, MappingNode) else MappingNode((), tree.place)
