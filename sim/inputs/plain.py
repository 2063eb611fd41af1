"""Files without units and marks of their own: the tree as plain values, checked against a pydantic model."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from sim.errors import DataError
from sim.inputs.marks import MOST_BYTES, ListNode, MappingNode, Node, read_yaml

Model = TypeVar("Model", bound=BaseModel)


def read_plain(path: Path, model: type[Model], most: int = MOST_BYTES) -> Model:
    """A YAML file of at most so many bytes as ``model``.

    Raises ScenarioError for what is no YAML, DataError with every fault, each with file, line and column.
    """
    node = read_yaml(path, path.name, most)
    try:
        return model.model_validate(_plain(node))
    except ValidationError as error:
        lines = []
        for fault in error.errors():
            place = _deepest(node, fault["loc"]).place
            told = ".".join(str(key) for key in fault["loc"]) or "file"
            lines.append(f"{path.name}:{place.line}:{place.column}: {told}: {fault['msg']}")
        raise DataError("\n".join(lines)) from None


def _plain(node: Node) -> object:
    if isinstance(node, MappingNode):
        return {entry.key.text: _plain(entry.value) for entry in node.entries}
    if isinstance(node, ListNode):
        return [_plain(item) for item in node.items]
    if node.kind == "int":
        try:
            return int(node.text, 0)
        except ValueError:  # 007, or thousands of digits: left as text, which no number field takes
            return node.text
    if node.kind == "bool":
        return node.text.lower() == "true"
    return None if node.kind == "null" else node.text


def _deepest(node: Node, keys: tuple[int | str, ...]) -> Node:
    """The deepest node that the keys reach."""
    found = node
    for key in keys:
        inner: Node | None = None
        if isinstance(found, MappingNode):
            inner = found.get(str(key))
        elif isinstance(found, ListNode) and isinstance(key, int) and key < len(found.items):
            inner = found.items[key]
        if inner is None:
            break
        found = inner
    return found
