"""Which files make up a scenario: itself, its parents, their mixins; nothing outside the scenarios folder."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sim.inputs.faults import Faults, known_or_nearest, shortened
from sim.inputs.leaves import OWN_NAME
from sim.inputs.marks import ListNode, MappingNode, Node, ScalarNode, scan_yaml
from sim.inputs.merge import body, merge, merge_mixins
from sim.inputs.prepare import mend_split_numbers, wrap_bare_numbers, wrap_states
from sim.records.scenario import Place

FOLDER = "scenarios"
MIXINS = "mixins"
WORLDS = "worlds"
BACKTESTS = "backtests"  # episodes of the past: a scenario in it is called backtests/<file>
MOST_PARENTS = 5  # files in a chain, the scenario itself included
_OWN = re.compile(OWN_NAME.removesuffix("$") + r"\Z", re.ASCII)


def is_own_name(text: str) -> bool:
    """Whether a text may name a file or folder of the project."""
    return _OWN.match(text) is not None


def _folder_of(name: str) -> str:
    """The folder a scenario's name begins with: that of the backtests, or none."""
    return BACKTESTS if name.startswith(f"{BACKTESTS}/") else ""


@dataclass(frozen=True)
class File:
    """One file as read: mended, with the switches' short forms written out."""

    name: str
    shown: str
    root: Node

    @property
    def start(self) -> Place:
        """The beginning of the file."""
        return Place(file=self.shown, line=1, column=1)

    def named(self, key: str) -> tuple[ScalarNode, ...]:
        """The names a key gives, those that are names."""
        value = self.root.get(key) if isinstance(self.root, MappingNode) else None
        items = value.items if isinstance(value, ListNode) else (value,)
        return tuple(item for item in items if isinstance(item, ScalarNode) and is_own_name(item.text))


class Library:
    """The scenarios folder of a project; each file is read once."""

    def __init__(self, root: Path, faults: Faults) -> None:
        self._folder = root / FOLDER
        self._faults = faults
        self._read: dict[str, File | None] = {}

    def names(self, below: str = "") -> tuple[str, ...]:
        """Names of the scenarios, or of the mixins, that have a file."""
        found = (path for path in (self._folder / below).glob("*.yaml") if path.is_file())
        return tuple(sorted(path.stem for path in found if is_own_name(path.stem)))

    def backtests(self) -> tuple[str, ...]:
        """Names of the scenarios about the past, each with the folder it begins with."""
        return tuple(f"{BACKTESTS}/{name}" for name in self.names(BACKTESTS))

    def named_in(self, file: File, name: str) -> str:
        """The scenario that a file means by a name: one of its own folder first."""
        folder = _folder_of(file.name)
        return f"{folder}/{name}" if folder and name in self.names(folder) else name

    def misnamed(self) -> tuple[str, ...]:
        """Files beside the scenarios that no name can reach."""
        found = (path for below in ("", MIXINS, BACKTESTS) for path in (self._folder / below).glob("*.y*ml"))
        bad = (path for path in found if path.suffix != ".yaml" or not is_own_name(path.stem))
        return tuple(sorted(path.relative_to(self._folder.parent).as_posix() for path in bad))

    def scenario(self, name: str, asked: Place | None = None, path: str = "") -> File | None:
        """The file of a scenario, or None after a fault at the place that asks for it."""
        below = _folder_of(name)
        return self._file(name[len(below) + 1 :] if below else name, below, "scenario", asked, path)

    def mixin(self, name: str, asked: Place | None = None, path: str = "") -> File | None:
        """The file of a mixin, or None after a fault at the place that asks for it."""
        return self._file(name, MIXINS, "mixin", asked, path)

    def world_folder(self, name: str, asked: Place) -> Path | None:
        """The folder of a world, or None after a fault."""
        worlds = self._folder / WORLDS
        known = tuple(sorted(each.name for each in worlds.glob("*") if each.is_dir())) if worlds.is_dir() else ()
        if name in known and self._inside(worlds / name):
            return worlds / name
        self._faults.add(asked, "world", f"no world {shortened(name)}{known_or_nearest(name, known)}")
        return None

    def _file(self, name: str, below: str, what: str, asked: Place | None, path: str) -> File | None:
        known = self.names(below)
        if name not in known or not self._inside(self._folder / below / f"{name}.yaml"):
            message = f"no {what} {shortened(name)}{known_or_nearest(name, known)}"
            self._faults.add_told(message) if asked is None else self._faults.add(asked, path, message)
            return None
        shown = (Path(FOLDER) / below / f"{name}.yaml").as_posix()
        if shown not in self._read:
            root = scan_yaml(self._folder / below / f"{name}.yaml", shown, self._faults)
            whole = None if root is None else wrap_states(mend_split_numbers(root, self._faults))
            called = f"{BACKTESTS}/{name}" if below == BACKTESTS else name
            self._read[shown] = None if whole is None else File(called, shown, whole)
        return self._read[shown]

    def _inside(self, path: Path) -> bool:
        return path.resolve().is_relative_to(self._folder.resolve())


@dataclass
class Chain:
    """The files of a scenario, child first; ``whole`` where none is missing or unreadable."""

    scenarios: list[File] = field(default_factory=list)
    mixins: dict[str, list[File]] = field(default_factory=dict)  # by the scenario that takes them in
    whole: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """Scenario, parent, ... root."""
        return tuple(file.name for file in self.scenarios)

    @property
    def files(self) -> tuple[str, ...]:
        """Every file, the scenario first, each followed by its mixins."""
        return tuple(
            dict.fromkeys(each.shown for file in self.scenarios for each in (file, *self.mixins.get(file.name, [])))
        )

    def tree(self, faults: Faults) -> MappingNode:
        """All files laid on each other: child beats mixins beat parent."""
        tree = MappingNode((), self.scenarios[-1].start)
        for file in reversed(self.scenarios):
            beside = [(each.name, body(wrap_bare_numbers(each.root))) for each in self.mixins.get(file.name, [])]
            mixed = merge_mixins(beside, faults)
            tree = merge(tree, mixed, faults) if mixed is not None else tree
            tree = merge(tree, body(wrap_bare_numbers(file.root)), faults)
        return tree


def read_chain(library: Library, name: str, faults: Faults) -> Chain:
    """Follow ``extends`` from a scenario to its root and collect the mixins on the way."""
    chain = Chain()
    wanted: ScalarNode | None = None
    while True:
        asked = None if wanted is None else wanted.place
        file = library.scenario(name, asked, "extends")
        if file is None:
            chain.whole = False
            return chain
        chain.scenarios.append(file)
        chain.whole = chain.whole and isinstance(file.root, MappingNode)
        _take_in_mixins(library, file, chain)
        parents = file.named("extends")
        if not parents:
            stated = isinstance(file.root, MappingNode) and file.root.get("extends") is not None
            chain.whole = chain.whole and not stated  # stated, but no name: a fault of the file
            return chain
        wanted, name = parents[0], library.named_in(file, parents[0].text)
        round_trip = " > ".join([*chain.names, name])
        if name in chain.names:
            faults.add(wanted.place, "extends", f"a cycle: {round_trip}")
        elif len(chain.scenarios) == MOST_PARENTS:
            faults.add(wanted.place, "extends", f"more than {MOST_PARENTS} files in a chain: {round_trip}")
        else:
            continue
        chain.whole = False
        return chain


def _take_in_mixins(library: Library, file: File, chain: Chain) -> None:
    found: list[File] = []
    for each in dict.fromkeys(file.named("mixins")):
        mixin = library.mixin(each.text, each.place, "mixins")
        if mixin is None:
            chain.whole = False
        elif mixin not in found:
            found.append(mixin)
    chain.mixins[file.name] = found
