"""``SET="path=value; path=value"``: one more layer on top of the files, with places in the text of SET."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.inputs.check import dotted
from sim.inputs.faults import Faults, listed, nearest, shortened
from sim.inputs.marks import Entry, MappingNode, Node, ScalarNode, scan_text
from sim.inputs.measure_schema import REMOVED
from sim.inputs.merge import is_number
from sim.inputs.number_schema import ASSUMPTION
from sim.inputs.prepare import mapping_of
from sim.records.scenario import Place

SET = "SET"
SET_NOTE = "set on the command line"
MOST_CHARACTERS = 10_000  # of SET: hundreds of values, checked in a blink
_LONGEST_CHOICE = 300  # characters of the names offered in place of a path that holds several values
SECTIONS = ("years", "switches", "measures", "parameters")
Path = tuple[str, ...]


def overrides_layer(text: str, tree: MappingNode, faults: Faults) -> MappingNode | None:
    """The layer that SET lays on the merged tree; None without one. Paths must exist in the tree."""
    start = Place(file=SET, line=1, column=1)
    if len(text) > MOST_CHARACTERS:
        faults.add(start, "", f"longer than {MOST_CHARACTERS} characters")
        return None
    if not text.isprintable():
        faults.add(start, "", "holds a line break or another character that cannot be printed")
        return None
    set_so_far: dict[Path, Node] = {}
    for column, part in _parts(text):
        place = Place(file=SET, line=1, column=column)
        left, equals, right = part.partition("=")
        path = _path(part)
        node = _value(text, column + len(left) + 1, right, faults) if equals else None
        faults.remember(SET, text)
        if not equals:
            faults.add(place, "", f"path=value is wanted, not {shortened(part)}")
        elif any(path[: len(each)] == each or each[: len(path)] == path for each in set_so_far):
            faults.add(place, dotted(path), "is set twice")
        elif node is not None and (fitted := _fitted(path, node, tree, place, faults)) is not None:
            set_so_far[path] = fitted
    return _layer(set_so_far, start) if set_so_far else None


def only_paths(text: str, known: Iterable[str]) -> str:
    """What SET says of the known paths, the rest left out."""
    wanted = set(known)
    return "; ".join(part for _, part in _parts(text) if ".".join(_path(part)) in wanted)


def stated_paths(text: str) -> tuple[str, ...]:
    """Every path that SET gives a value."""
    return tuple(".".join(_path(part)) for _, part in _parts(text))


def _path(part: str) -> Path:
    return tuple(step.strip() for step in part.partition("=")[0].strip().split("."))


def _parts(text: str) -> Iterator[tuple[int, str]]:
    """Pieces between semicolons outside quotes and brackets, with the column each begins at."""
    begin, depth, quote = 0, 0, ""
    for index, char in enumerate(f"{text};"):
        if quote:
            quote = "" if char == quote and index < len(text) else quote
        elif char in "\"'":
            quote = char
        elif char in "[{":
            depth += 1
        elif char in "]}":
            depth -= 1
        if index == len(text) or (char == ";" and depth <= 0 and not quote):
            part = text[begin:index]
            if part.strip():
                yield begin + len(part) - len(part.lstrip()) + 1, part.strip()
            begin = index + 1


def _value(text: str, column: int, right: str, faults: Faults) -> Node | None:
    node = scan_text(right, SET, faults, column=column)
    faults.remember(SET, text)
    return node


def _fitted(path: Path, node: Node, tree: MappingNode, place: Place, faults: Faults) -> Node | None:
    """The value as it lies on the tree, or None after a fault."""
    name = dotted(path)
    if path[0] not in SECTIONS:
        faults.add(place, name, f"SET changes {listed(SECTIONS)} only{nearest(path[0], SECTIONS)}")
        return None
    current: Node = tree
    for depth, step in enumerate(path):
        if depth > 0 and is_number(path[:depth], current):
            faults.add(place, name, f"a number is set as one unit: {dotted(path[:depth])}=...")
            return None
        found = current.get(step) if isinstance(current, MappingNode) else None
        if found is None:
            near = nearest(name, (dotted(each) for each in _paths(tree)))
            faults.add(place, name, f"no file states this path{near}")
            return None
        current = found
    if is_number(path, current):
        return _sourced(node)
    if isinstance(current, MappingNode) and not _may_replace(path, node):
        inner = listed(f"{name}.{each}" for each in current.names)
        faults.add(place, name, f"holds several values; set one of {shortened(inner, _LONGEST_CHOICE)}")
        return None
    return node


def _may_replace(path: Path, node: Node) -> bool:
    if path[0] == "switches":
        return len(path) == 2 or path[2:] == ("state",)
    return path[0] == "measures" and len(path) == 2 and isinstance(node, ScalarNode) and node.text == REMOVED


def _sourced(node: Node) -> Node:
    if isinstance(node, MappingNode) and node.get("source") is not None:
        return node
    credit = (("source", ScalarNode(ASSUMPTION, node.place)), ("note", ScalarNode(SET_NOTE, node.place)))
    if not isinstance(node, MappingNode):
        return mapping_of(node, ("value", node), *credit)
    kept = tuple(entry for entry in node.entries if entry.key.text != "note")
    return MappingNode((*kept, *mapping_of(node, *credit).entries), node.place, node.flow)


def _paths(node: MappingNode, path: Path = ()) -> Iterator[Path]:
    for entry in node.entries:
        inner = (*path, entry.key.text)
        if inner[0] in SECTIONS:
            yield inner
            if isinstance(entry.value, MappingNode) and not is_number(inner, entry.value):
                yield from _paths(entry.value, inner)


def _layer(values: dict[Path, Node], start: Place) -> MappingNode:
    by_step: dict[str, dict[Path, Node]] = {}
    for path, node in values.items():
        by_step.setdefault(path[0], {})[path[1:]] = node
    entries = []
    for step, inner in by_step.items():
        value = inner[()] if () in inner else _layer(inner, start)
        entries.append(Entry(ScalarNode(step, value.place), value))
    return MappingNode(tuple(entries), entries[0].value.place)
