"""No bare number in the program: each is a small whole, a place on an axis, or a constant with a name and a reason."""

from __future__ import annotations

import ast
import io
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAFE = {0, 0.5, 1, 2, 10, 100}  # signs apart; halves, doubles, percent and powers of ten explain themselves
PLACES = range(8)  # a whole number in brackets or after `axis=` is a place, no quantity
PLACED_BY = ("axis", "level", "get_level_values")


def faults(source: str, path: str) -> list[str]:
    """Every number of a module that has no name, and every named one without a reason beside it or above it."""
    tree = ast.parse(source)
    explained = _commented(source)
    named = [node for node in tree.body if isinstance(node, (ast.Assign, ast.AnnAssign)) and _is_constant(node)]
    inside = {id(inner) for node in named for inner in ast.walk(node)}
    inside |= {id(inner) for node in ast.walk(tree) for inner in _places(node)}
    found = [
        f"{path}:{node.lineno}: {node.value!r} has no name"
        for node in ast.walk(tree)
        if _is_number(node) and node.value not in SAFE and id(node) not in inside
    ]
    for node in named:
        numbers = [inner for inner in ast.walk(node) if _is_number(inner) and inner.value not in SAFE]
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        if numbers and not explained & {*lines} and not _above(node.lineno, named, explained):
            found.append(f"{path}:{node.lineno}: {_names(node)[0]} gives no reason")
    return found


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def _names(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [inner.id for target in targets for inner in ast.walk(target) if isinstance(inner, ast.Name)]


def _is_constant(node: ast.Assign | ast.AnnAssign) -> bool:
    names = _names(node)
    return bool(names) and all(name == name.upper() for name in names)


def _places(node: ast.AST) -> list[ast.AST]:
    """Whole numbers that say where something stands: in brackets, or as an axis."""
    if isinstance(node, ast.Subscript):
        parts: list[ast.AST] = [node.slice]
    elif isinstance(node, ast.keyword) and node.arg in PLACED_BY:
        parts = [node.value]
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in PLACED_BY:
        parts = list(node.args)
    else:
        return []
    return [inner for part in parts for inner in ast.walk(part) if _is_number(inner) and inner.value in PLACES]


def _commented(source: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}


def _above(line: int, named: list[ast.Assign | ast.AnnAssign], explained: set[int]) -> bool:
    """Whether a comment stands above the line, perhaps above other constants of one block."""
    ends = {(node.end_lineno or node.lineno): node.lineno for node in named}
    while line - 1 in ends:
        line = ends[line - 1]
    return line - 1 in explained


def test_no_number_of_the_program_is_without_name_and_reason() -> None:
    modules = sorted((ROOT / "sim").rglob("*.py"))
    assert ROOT / "sim" / "model.py" in modules
    told = [
        fault
        for path in modules
        for fault in faults(path.read_text(encoding="utf-8"), path.relative_to(ROOT / "sim").as_posix())
    ]
    assert told == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("x = price * 0.85", "m.py:1: 0.85 has no name"),
        ("def f(x=3):\n    return x", "m.py:1: 3 has no name"),
        ("def f(x):\n    return x > -7", "m.py:2: 7 has no name"),
        ("class A:\n    LIMIT = 3  # no module constant", "m.py:2: 3 has no name"),
        ("LIMIT = 3", "m.py:1: LIMIT gives no reason"),
        ("# why\n\nLIMIT = 3", "m.py:3: LIMIT gives no reason"),
        ("share = table[9]", "m.py:1: 9 has no name"),
        ("total = flow.sum(axis=2.5)", "m.py:1: 2.5 has no name"),
    ],
)
def test_each_bare_number_is_told(source: str, fault: str) -> None:
    assert fault in faults(source, "m.py")


@pytest.mark.parametrize(
    "source",
    [
        "x = -1 * price / 2 + 100 * 0.5 - 10.0",
        "LIMIT = 0.85  # of capacity, where the first plant failed",
        "# most that a file may hold\nMOST, LEAST = 3.5, -4.2",
        "# lengths in inches\n_WIDTH = 3.5\n_HEIGHT: float = 4.2",
        "total = flow.sum(axis=(3, 4))[:, 3:5]",
        "SIZES = (  # points\n    7,\n    8,\n)",
        "kept = True",
    ],
)
def test_named_numbers_and_places_pass(source: str) -> None:
    assert faults(source, "m.py") == []
