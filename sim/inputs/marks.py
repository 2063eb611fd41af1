"""YAML 1.2, strictly, as a tree of nodes that know their place: the one file that knows the YAML library.

Read on the event stream: aliases, anchors, merge keys, tags, directives, duplicate keys, a second document,
depth over 20 and files over 64 KiB are faults. Scalars stay texts; what they mean is for the field to say.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from sim.errors import ScenarioError
from sim.inputs.faults import Faults, shortened
from sim.records.scenario import Place

_KIB = 1024  # bytes
MOST_BYTES = 64 * _KIB  # of a file: half as much again as the largest that is shipped
KEPT_FILES = 64  # trees kept in memory: a listing reads the baseline once for each scenario
MOST_DEPTH = 20  # levels: three times what a scenario needs
_LONGEST_REASON = 120  # characters of what the YAML library complains of
_FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# what libyaml takes and PyYAML refuses: tabs for blanks, a comment that follows a block's mark at once
_LAX = re.compile(r"\t|[|>][-+0-9]*#")

# YAML 1.2 core schema, for plain scalars
_NULL = re.compile(r"(?:~|null|Null|NULL|)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(
    r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z"
)
# controls, surrogates, line breaks of YAML 1.1 only, and marks that turn the direction of writing
UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]"
)


@dataclass(frozen=True)
class ScalarNode:
    """A single value as typed; ``plain`` where it stands without quotes."""

    text: str
    place: Place
    plain: bool = True

    @property
    def kind(self) -> str:
        """What YAML 1.2 takes the scalar for: null, bool, int, float or str."""
        if not self.plain:
            return "str"
        for kind, pattern in (("null", _NULL), ("bool", _BOOL), ("int", _INT), ("float", _FLOAT)):
            if pattern.match(self.text):
                return kind
        return "str"


@dataclass(frozen=True)
class ListNode:
    """A list."""

    items: tuple[Node, ...]
    place: Place


@dataclass(frozen=True)
class Entry:
    """A key of a mapping with its value."""

    key: ScalarNode
    value: Node


@dataclass(frozen=True)
class MappingNode:
    """A mapping in the order of the file; ``flow`` where it is written in braces."""

    entries: tuple[Entry, ...]
    place: Place
    flow: bool = False
    _by_name: dict[str, Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {entry.key.text: entry for entry in self.entries})

    def entry(self, name: str) -> Entry | None:
        """The entry of that key, or None."""
        return self._by_name.get(name)

    def get(self, name: str) -> Node | None:
        """The value of that key, or None."""
        entry = self._by_name.get(name)
        return None if entry is None else entry.value

    @property
    def names(self) -> tuple[str, ...]:
        """The keys as texts."""
        return tuple(self._by_name)


Node = ScalarNode | ListNode | MappingNode


def describe(node: Node) -> str:
    """What stands there, for a message that wanted something else."""
    if isinstance(node, MappingNode):
        return "a mapping"
    if isinstance(node, ListNode):
        return "a list"
    return "nothing" if node.kind == "null" else shortened(node.text)


def read_yaml(path: Path, shown_name: str, most: int = MOST_BYTES) -> Node:
    """The tree of one file; ScenarioError with every fault of it."""
    faults = Faults()
    node = scan_yaml(path, shown_name, faults, most)
    faults.raise_if_any()
    if node is None:  # never so: a file without a tree has a fault
        raise ScenarioError(f"{shown_name}: cannot be read")
    return node


def scan_yaml(path: Path, shown_name: str, faults: Faults, most: int = MOST_BYTES) -> Node | None:
    """The tree of one file, its faults added to ``faults``; None where no tree can be had."""
    start = Place(file=shown_name, line=1, column=1)
    try:
        if not path.is_file():  # a pipe or a device would never end
            faults.add(start, "", "no such file")
            return None
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except (OSError, ValueError) as error:
        faults.add(start, "", f"cannot be read ({error.strerror if isinstance(error, OSError) else 'bad name'})")
        return None
    if len(data) > most:
        faults.add(start, "", f"the file is larger than {most // _KIB} KiB")
        return None
    try:
        text = data.removeprefix(BOM_UTF8).decode("utf-8")
    except UnicodeDecodeError as error:
        before, byte = error.object[: error.start].decode("utf-8"), error.object[error.start]
        faults.add(_place_after(before, shown_name), "", f"byte 0x{byte:02x} is not UTF-8; save the file as UTF-8")
        return None
    return scan_text(text, shown_name, faults)


def scan_text(text: str, shown_name: str, faults: Faults, column: int = 1) -> Node | None:
    """The tree of a text whose first character stands at ``column`` of its line; None where there is none."""
    faults.remember(shown_name, " " * (column - 1) + text)
    known = _sound_tree(text, shown_name, column)
    return _scanned(text, shown_name, column, faults) if known is None else known


@lru_cache(maxsize=KEPT_FILES)
def _sound_tree(text: str, shown_name: str, column: int) -> Node | None:
    """The tree of a text without a fault, which cannot be changed and so need not be made twice.

    libyaml reads it, where PyYAML has that, in a tenth of the time; for what it finds a fault with, and where it is
    known to be laxer, None is given, and PyYAML itself has the say.
    """
    faults = Faults()
    node = None if _LAX.search(text) else _scanned(text, shown_name, column, faults, _FAST)
    return None if len(faults) else node


def _scanned(text: str, shown_name: str, column: int, faults: Faults, loader: Any = yaml.SafeLoader) -> Node | None:
    unfit = UNFIT.search(text)
    if unfit:
        place = _place_after(text[: unfit.start()], shown_name, column)
        faults.add(place, "", f"character U+{ord(unfit.group()):04X} is not accepted")
        return None
    builder = _Builder(loader(text), shown_name, faults, column)
    try:
        return builder.document()
    except _StopFileError as stop:
        faults.add(stop.place, stop.path, stop.message)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = builder.place(mark) if mark else builder.here()
        faults.add(place, "", _worded(error, text, mark))
    except (yaml.YAMLError, ValueError, OverflowError):
        faults.add(builder.here(), "", "not YAML: a character or escape that cannot be read")
    return None


class _StopFileError(Exception):
    def __init__(self, place: Place, path: str, message: str) -> None:
        super().__init__(message)
        self.place, self.path, self.message = place, path, message


class _Builder:
    """Walks the events of one document; depth is bounded, so recursion is."""

    def __init__(self, events: Any, file: str, faults: Faults, column: int) -> None:
        self._events = events
        self._file = file
        self._faults = faults
        self._column = column
        self._broken = False  # an alias or merge key leaves a hole: no tree
        self._braces = 0  # or brackets, that are open

    def place(self, mark: Any) -> Place:
        shift = self._column if mark.line == 0 else 1
        return Place(file=self._file, line=mark.line + 1, column=mark.column + shift)

    def here(self) -> Place:
        return self.place(self._events.get_mark())

    def document(self) -> Node | None:
        self._next()  # stream start
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return ScalarNode("", Place(file=self._file, line=1, column=1))
        if event.version or event.tags:
            self._faults.add(self.place(event.start_mark), "", "YAML directives are not accepted; files are YAML 1.2")
        root = self._node(self._next(), 1, "")
        self._next()  # document end
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise _StopFileError(self.place(event.start_mark), "", "a second document begins here; a file holds one")
        return None if self._broken else root

    def _next(self) -> Any:  # PyYAML's events declare no attributes
        return self._events.get_event()

    def _node(self, event: Any, depth: int, path: str) -> Node:
        place = self.place(event.start_mark)
        if depth > MOST_DEPTH and not isinstance(event, yaml.ScalarEvent):
            raise _StopFileError(place, shortened(path), f"nested deeper than {MOST_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            self._broken = True
            self._faults.add(
                place, path, f"aliases (*{shortened(str(event.anchor))}) are not accepted; write the value out"
            )
            return ScalarNode("", place)
        if event.anchor is not None:
            self._faults.add(place, path, f"anchors (&{shortened(event.anchor)}) are not accepted")
        if event.tag is not None:
            self._faults.add(place, path, f"tags ({shortened(event.tag)}) are not accepted")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, place, path)
        self._braces += bool(event.flow_style)
        node = self._collection(event, place, depth, path)
        self._braces -= bool(event.flow_style)
        return node

    def _collection(self, event: Any, place: Place, depth: int, path: str) -> Node:
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Node] = []
            while not isinstance(event := self._next(), yaml.SequenceEndEvent):
                items.append(self._node(event, depth + 1, f"{path}[{len(items)}]"))
            return ListNode(tuple(items), place)
        return self._mapping(event, place, depth, path)

    def _scalar(self, event: yaml.ScalarEvent, place: Place, path: str) -> ScalarNode:
        if self._braces and not event.style and "?" in event.value:  # libyaml goes on where PyYAML refuses
            raise _StopFileError(place, path, "a question mark within braces or brackets stands in quotes")
        unfit = UNFIT.search(event.value)
        if unfit:  # by an escape: the raw text was searched before
            self._faults.add(place, path, f"character U+{ord(unfit.group()):04X} is not accepted")
        return ScalarNode(UNFIT.sub("?", event.value), place, plain=not event.style)

    def _mapping(self, start: yaml.MappingStartEvent, place: Place, depth: int, path: str) -> MappingNode:
        entries: list[Entry] = []
        seen: dict[str, int] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1, path)
            if isinstance(key, ScalarNode):
                inner = f"{path}.{shortened(key.text)}" if path else shortened(key.text)
            else:
                self._faults.add(key.place, path, f"a key is a plain name, not {describe(key)}")
                key, inner = ScalarNode("", key.place), path
                self._broken = True
            value = self._node(self._next(), depth + 1, inner)
            if key.plain and key.text == "<<":
                self._broken = True
                self._faults.add(key.place, path, "merge keys (<<) are not accepted; use extends or mixins")
            elif key.text in seen and not (start.flow_style and _is_rest(key, value)):
                self._faults.add(key.place, inner, f"key stands twice, first in line {seen[key.text]}")
            else:
                seen.setdefault(key.text, key.place.line)
                entries.append(Entry(key, value))
        return MappingNode(tuple(entries), place, flow=bool(start.flow_style))


def _is_rest(key: ScalarNode, value: Node) -> bool:
    """Whether a key is what YAML leaves of a number with a comma: ``{low: 1,500 kt/yr}``."""
    return key.text[:1].isdigit() and isinstance(value, ScalarNode) and value.plain and not value.text


def _place_after(before: str, file: str, column: int = 1) -> Place:
    lines = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return Place(file=file, line=len(lines), column=len(lines[-1]) + (column if len(lines) == 1 else 1))


def _worded(error: yaml.MarkedYAMLError, text: str, mark: Any) -> str:
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return "not YAML: a tab; indent with spaces"
    parts = [part for part in (error.context, error.problem) if part]
    begun = error.context_mark
    since = f", begun in line {begun.line + 1}" if begun and mark and begun.line < mark.line else ""
    return f"not YAML: {shortened(', '.join(parts), _LONGEST_REASON)}{since}"
