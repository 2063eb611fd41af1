"""One file's tree made ready: numbers that YAML split are mended, short forms are written out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sim.inputs.check import dotted
from sim.inputs.faults import Faults, shortened
from sim.inputs.marks import Entry, ListNode, MappingNode, Node, ScalarNode
from sim.inputs.measure_schema import number_fields
from sim.inputs.schema import SwitchEntry
from sim.inputs.units import comma_message

Path = tuple[str, ...]
_DIGITS = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z", re.ASCII)
_REST = re.compile(r"([0-9]+)(?: *([A-Za-z%].*))?\Z", re.ASCII)


def mapping_of(place_node: Node, *pairs: tuple[str, Node]) -> MappingNode:
    """A mapping that stands where ``place_node`` stands."""
    entries = (Entry(ScalarNode(name, value.place), value) for name, value in pairs)
    return MappingNode(tuple(entries), place_node.place)


def mend_split_numbers(node: Node, faults: Faults, path: Path = ()) -> Node:
    """``{low: 1,500 kt/yr}`` is two keys to YAML: one fault instead of several, and the number joined again."""
    if isinstance(node, ListNode):
        items = (mend_split_numbers(item, faults, (*path, f"[{index}]")) for index, item in enumerate(node.items))
        return ListNode(tuple(items), node.place)
    if not isinstance(node, MappingNode):
        return node
    entries: list[Entry] = []
    groups = list(_groups(node))
    for entry, rests in groups:
        inner = (*path, entry.key.text)
        value = mend_split_numbers(entry.value, faults, inner)
        if rests and isinstance(value, ScalarNode):
            typed = ",".join([value.text, *rests])
            digits = [value.text, *(_rest(rest)[0] for rest in rests)]
            unit = _rest(rests[-1])[1]
            message = comma_message(shortened(typed), ",".join(digits), unit)
            faults.add(value.place, dotted(inner), f"in braces YAML splits a number at its comma; {message}")
            value = ScalarNode(f"{''.join(digits)} {unit}".strip(), value.place)
        entries.append(Entry(entry.key, value))
    return MappingNode(tuple(entries), node.place, node.flow)


def _rest(text: str) -> tuple[str, str]:
    match = _REST.match(text)
    return (match.group(1), match.group(2) or "") if match else (text, "")


def _groups(node: MappingNode) -> Iterator[tuple[Entry, list[str]]]:
    """Each entry with the empty keys after it that continue its number."""
    current: Entry | None = None
    rests: list[str] = []
    for entry in node.entries:
        if node.flow and current is not None and _continues(current.value, entry):
            rests.append(entry.key.text)
            continue
        if current is not None:
            yield current, rests
        current, rests = entry, []
    if current is not None:
        yield current, rests


def _continues(value: Node, entry: Entry) -> bool:
    number = isinstance(value, ScalarNode) and value.plain and _DIGITS.match(value.text)
    empty = isinstance(entry.value, ScalarNode) and entry.value.plain and not entry.value.text
    return bool(number and empty and _REST.match(entry.key.text))


def wrap_states(root: Node) -> Node:
    """Write out switches of which an heir gives just the state."""
    return _each(
        root, "switches", lambda switch: switch if _is_entry(switch) else mapping_of(switch, ("state", switch))
    )


def _is_entry(switch: Node) -> bool:
    return isinstance(switch, MappingNode) and any(name in SwitchEntry.model_fields for name in switch.names)


def wrap_bare_numbers(root: Node) -> Node:
    """Give bare numbers the source (and note) of the measure they stand in, as this file states it."""
    return _each(root, "measures", _with_sources)


def _with_sources(measure: Node) -> Node:
    if not isinstance(measure, MappingNode) or (source := measure.get("source")) is None:
        return measure
    note = measure.get("note")
    credit = [("source", source), *([("note", note)] if note is not None else [])]

    def credited(value: Node) -> Node:
        return mapping_of(value, ("value", value), *credit) if isinstance(value, ScalarNode) else value

    entries = []
    for entry in measure.entries:
        value = entry.value
        if entry.key.text == "entry_share" and isinstance(value, MappingNode):
            shares = tuple(Entry(share.key, credited(share.value)) for share in value.entries)
            value = MappingNode(shares, value.place, value.flow)
        elif entry.key.text in number_fields():
            value = credited(value)
        entries.append(Entry(entry.key, value))
    return MappingNode(tuple(entries), measure.place, measure.flow)


def _each(root: Node, section: str, change: Callable[[Node], Node]) -> Node:
    if not isinstance(root, MappingNode) or not isinstance(part := root.get(section), MappingNode):
        return root
    changed = MappingNode(tuple(Entry(each.key, change(each.value)) for each in part.entries), part.place, part.flow)
    entries = (Entry(e.key, changed if e.key.text == section else e.value) for e in root.entries)
    return MappingNode(tuple(entries), root.place, root.flow)
