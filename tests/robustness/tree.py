"""YAML files as trees that can be changed and written again: what the mutator and the small project work on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from sim.inputs.marks import ListNode, MappingNode, Node, ScalarNode, read_yaml

_INDENT = 2
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


@dataclass
class Scalar:
    """A value as typed."""

    text: str
    plain: bool = True


@dataclass
class Items:
    """A list."""

    items: list[Tree] = field(default_factory=list)


@dataclass
class Mapping:
    """Keys and values in their order; a key may stand twice."""

    entries: list[tuple[str, Tree]] = field(default_factory=list)

    def get(self, key: str) -> Tree | None:
        """The first value of a key."""
        return next((value for name, value in self.entries if name == key), None)

    def drop(self, key: str) -> None:
        """Take a key away."""
        self.entries = [(name, value) for name, value in self.entries if name != key]


Tree = Scalar | Items | Mapping


def read_tree(path: Path) -> Tree:
    """The tree of a sound file."""
    return _tree(read_yaml(path, path.name))


def _tree(node: Node) -> Tree:
    if isinstance(node, MappingNode):
        return Mapping([(entry.key.text, _tree(entry.value)) for entry in node.entries])
    if isinstance(node, ListNode):
        return Items([_tree(item) for item in node.items])
    assert isinstance(node, ScalarNode)
    return Scalar(node.text, node.plain)


def written(tree: Tree, depth: int = 0) -> str:
    """The tree as a file: two levels as lines, what is deeper in braces."""
    if not isinstance(tree, Mapping) or not tree.entries:
        return flow(tree) + "\n"
    lines = []
    for key, value in tree.entries:
        head = f"{' ' * _INDENT * depth}{_scalar(Scalar(key))}:"
        if isinstance(value, Mapping) and value.entries and depth < 2:
            lines.append(f"{head}\n{written(value, depth + 1)}")
        else:
            lines.append(f"{head} {flow(value)}\n")
    return "".join(lines)


def flow(tree: Tree) -> str:
    """The tree in braces and brackets, on one line."""
    if isinstance(tree, Mapping):
        return "{" + ", ".join(f"{_scalar(Scalar(key))}: {flow(value)}" for key, value in tree.entries) + "}"
    if isinstance(tree, Items):
        return "[" + ", ".join(flow(item) for item in tree.items) + "]"
    return _scalar(tree)


def _scalar(scalar: Scalar) -> str:
    text = scalar.text
    quoted = not scalar.plain or not text or text != text.strip() or any(c in text for c in ':#,[]{}"\n\t\\&*!|>%@`')
    if not quoted or (scalar.plain and text.replace("%", "").replace(" ", "").replace(".", "").isalnum()):
        return text
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'
