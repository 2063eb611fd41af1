"""Trees of several files into one: mappings merge, lists replace, a number or a switch's state is one unit."""

from __future__ import annotations

from collections.abc import Iterator

from sim.inputs.check import dotted
from sim.inputs.faults import Faults, known_or_nearest, shortened
from sim.inputs.marks import Entry, MappingNode, Node, ScalarNode
from sim.inputs.measure_schema import REMOVED, number_fields
from sim.inputs.number_schema import PathEntry
from sim.records.scenario import Place

# lengths of a path: measures.NAME.FIELD or switches.NAME.state, and measures.NAME.entry_share.REGION
_MEASURE_FIELD, _ENTRY_SHARE = 3, 4

Path = tuple[str, ...]
HEAD = ("schema_version", "title", "question", "extends", "mixins", "compare_with")


def body(root: Node) -> MappingNode:
    """The part of a file that heirs inherit."""
    if not isinstance(root, MappingNode):
        return MappingNode((), root.place)
    return MappingNode(tuple(entry for entry in root.entries if entry.key.text not in HEAD), root.place, root.flow)


def is_number(path: Path, node: Node) -> bool:
    """Whether a number stands at that path (or a text in its place)."""
    if path[0] == "measures" and len(path) >= _MEASURE_FIELD:
        return path[2] in number_fields() and len(path) == (
            _ENTRY_SHARE if path[2] == "entry_share" else _MEASURE_FIELD
        )
    if path[0] == "parameters" and isinstance(node, MappingNode):
        return len(path) > 2 and any(name in PathEntry.model_fields for name in node.names)
    return path[0] == "parameters" and len(path) > 2


def is_unit(path: Path, node: Node) -> bool:
    """Whether a node replaces as a whole what it overrides."""
    if not isinstance(node, MappingNode):
        return True
    return is_number(path, node) or (len(path) == _MEASURE_FIELD and path[0] == "switches" and path[2] == "state")


def merge(base: MappingNode, over: MappingNode, faults: Faults, path: Path = ()) -> MappingNode:
    """``over`` laid on ``base``; the keys of base keep their order."""
    entries = {entry.key.text: entry for entry in base.entries}
    for entry in over.entries:
        inner, value, below = (*path, entry.key.text), entry.value, entries.get(entry.key.text)
        if len(inner) == 2 and inner[0] == "measures" and isinstance(value, ScalarNode):
            if value.text == REMOVED:
                _remove(entry, entries, base.names, inner, faults)
            continue  # any other text was a fault of its own file
        lower = None if below is None or is_unit(inner, value) or is_number(inner, below.value) else below.value
        if isinstance(lower, MappingNode) and isinstance(value, MappingNode):
            value = merge(lower, value, faults, inner)
        entries[entry.key.text] = Entry(entry.key, value)
    return MappingNode(tuple(entries.values()), over.place)


def _remove(entry: Entry, entries: dict[str, Entry], inherited: tuple[str, ...], path: Path, faults: Faults) -> None:
    name = entry.key.text
    if entries.pop(name, None) is None:
        hint = known_or_nearest(name, inherited)
        faults.add(entry.key.place, dotted(path), f"no inherited measure {shortened(name)} to remove{hint}")


def leaves(node: Node, path: Path = ()) -> Iterator[tuple[Path, Place]]:
    """Paths and places of everything that is set as one unit."""
    if not isinstance(node, MappingNode) or (path and is_unit(path, node)):
        yield path, node.place
        return
    for entry in node.entries:
        yield from leaves(entry.value, (*path, entry.key.text))


def merge_mixins(mixins: list[tuple[str, MappingNode]], faults: Faults) -> MappingNode | None:
    """Mixins side by side; two that set one key are at fault."""
    if not mixins:
        return None
    owner: dict[Path, tuple[str, Place]] = {}
    within: dict[Path, tuple[str, Place]] = {}  # every path above a leaf
    together = MappingNode((), mixins[0][1].place)
    for name, root in mixins:
        mine = list(leaves(root))
        for path, place in mine:
            above = [path[:length] for length in range(1, len(path) + 1)]
            other = next((owner[each] for each in above if each in owner), within.get(path))
            if other is not None:
                faults.add(place, dotted(path), f"the mixins {other[0]} and {name} both set it (first at {other[1]})")
        for path, place in mine:
            owner.setdefault(path, (name, place))
            for length in range(1, len(path)):
                within.setdefault(path[:length], (name, place))
        together = _beside(together, root)
    return together


def _beside(base: MappingNode, other: MappingNode) -> MappingNode:
    """Like merge, but ``removed`` stays: it speaks of what the parent declares."""
    entries = {entry.key.text: entry for entry in base.entries}
    for entry in other.entries:
        below = entries.get(entry.key.text)
        value = entry.value
        if below is not None and isinstance(below.value, MappingNode) and isinstance(value, MappingNode):
            value = _beside(below.value, value)
        entries[entry.key.text] = Entry(entry.key, value)
    return MappingNode(tuple(entries.values()), other.place)
