"""A tree of nodes against a declared model: every fault gets its path and its place in the file."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError

from sim.inputs.faults import Faults, shortened
from sim.inputs.leaves import Names
from sim.inputs.marks import ListNode, MappingNode, Node, ScalarNode
from sim.inputs.strict import KEY, Strict
from sim.records.scenario import Place

_LONGEST_PART = 40  # characters of a name within a path; longer ones are no names of ours

M = TypeVar("M", bound=Strict)
Path = tuple[str, ...]


def check(model: type[M], node: Node, key: Place, path: Path, faults: Faults, names: Names | None) -> M | None:
    """What the model makes of the node, or None after its faults were added; ``key`` is the place of its key."""
    try:
        return model.model_validate(_written(node), context=names)
    except ValidationError as error:
        for each in error.errors(include_url=False):
            place, inner = _locate(node, key, each["loc"])
            faults.add(place, dotted((*path, *inner)), str(each["ctx"]["message"]))
        return None


def dotted(path: Path) -> str:
    """A path as people write it; the position in a list follows its key directly."""
    return ".".join(shortened(part, _LONGEST_PART) for part in path).replace(".[", "[")


def place_of(node: Node, key: Place) -> Place:
    """Where a fault of that value is shown: at the value if it is a single one, else at its key."""
    return node.place if isinstance(node, ScalarNode) and node.kind != "null" else key


def _written(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {entry.key.text: _written(entry.value) for entry in node.entries}
    if isinstance(node, ListNode):
        return [_written(item) for item in node.items]
    return node


def _locate(node: Node, key: Place, loc: tuple[int | str, ...]) -> tuple[Place, Path]:
    path: Path = ()
    for part in loc:
        if part == KEY:
            return key, path
        if isinstance(node, MappingNode) and (entry := node.entry(str(part))):
            node, key = entry.value, entry.key.place
            path = (*path, str(part))
        elif isinstance(node, ListNode) and isinstance(part, int):
            node = node.items[part]
            key = node.place
            path = (*path, f"[{part}]")
    return place_of(node, key), path
