"""Mutants of the equations and the accounting: one change of one place, such as might be made by mistake.

Another comparison, operator, number or sign, minimum for maximum, a statement left out. What only shapes the way to
the solution is left out: newton.py as a whole (step lengths, halvings, tolerances), and the constants of modules. A
wrong step is slow or fails, and the residual of every solution is checked in every run.
"""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
LEFT_OUT = ("__init__.py", "newton.py")
FILES = (
    *sorted(f"sim/core/{path.name}" for path in (ROOT / "sim" / "core").glob("*.py") if path.name not in LEFT_OUT),
    "sim/indicators.py",
)
SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
NAMES = {
    "minimum": "maximum",
    "maximum": "minimum",
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "ones_like": "zeros_like",
    "sum": "max",
    "argmin": "argmax",
    "argmax": "argmin",
    "logical_and": "logical_or",
    "logical_or": "logical_and",
    "exp": "expm1",
    "log": "log1p",
    "abs": "negative",
    "cumsum": "cumprod",
}


@dataclass(frozen=True)
class Mutant:
    """One change: the file, the function, the line, and its old and new text; ``number`` tells equal ones apart."""

    file: str
    place: str
    line: int
    old: str
    new: str
    number: int

    @property
    def key(self) -> str:
        """A name that stays when lines move."""
        return f"{self.file} {self.place}: {self.old} -> {self.new}" + (f" #{self.number}" if self.number else "")


def mutants_of(file: str, source: str | None = None) -> list[Mutant]:
    """Every mutant of a file, in the order of the file."""
    return [mutant for mutant, _ in _each(parsed(file, source), file)]


def tree_of(mutant: Mutant, source: str | None = None) -> ast.Module:
    """The module with the change in it."""
    tree = parsed(mutant.file, source)
    for each, _ in _each(tree, mutant.file):
        if each == mutant:
            return tree  # left as it is now, with the change
    raise ValueError(f"no mutant {mutant.key}")


def parsed(file: str, source: str | None = None) -> ast.Module:
    """The module as it stands, or as ``source`` has it."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8") if source is None else source)


def _each(tree: ast.Module, file: str) -> Iterator[tuple[Mutant, ast.Module]]:
    """Every mutant with the tree as it is changed, which is put back when the next one is asked for."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for node, place in list(_places(tree, "")):
        before = _shown(node)
        for change in list(_changes(node)):
            undo = change()
            after = _shown(node)
            if after != before:
                number = seen[place, before, after]
                seen[place, before, after] += 1
                yield Mutant(file, place or "module", getattr(node, "lineno", 0), before, after, number), tree
            undo()


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


def _places(node: ast.AST, place: str) -> Iterator[tuple[ast.AST, str]]:
    """Every node that may be changed, with the function it stands in; no annotations, no docstrings."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        place = f"{place}.{node.name}" if place else node.name
        for inner in node.body:
            yield from _places(inner, place)
        return
    if isinstance(node, ast.Assign | ast.AnnAssign) and not place:
        return  # constants of the module: steps, tolerances and widths, each with its reason
    if isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(node, ast.Expr) and _is_text(node.value)):
        return
    yield node, place
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list"):
            continue
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, ast.AST):
                yield from _places(inner, place)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _changes(node: ast.AST) -> Iterator[Callable[[], Callable[[], None]]]:
    """Functions that change the node in place and give one that puts it back."""
    if isinstance(node, ast.Compare):
        yield from (_set(node.ops, i, SWAPPED[type(op)]()) for i, op in enumerate(node.ops) if type(op) in SWAPPED)
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in SWAPPED:
        yield _put(node, "op", SWAPPED[type(node.op)]())
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not | ast.Invert):
        yield from _without_sign(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _put(node, "value", not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield _put(node, "value", node.value + 1)
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield _put(node, "attr", NAMES[node.attr])
    if isinstance(node, ast.Name) and node.id in NAMES:
        yield _put(node, "id", NAMES[node.id])
    if isinstance(node, ast.AugAssign) or (isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)):
        yield _left_out(node)
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        yield _put(node, "test", ast.copy_location(ast.UnaryOp(op=ast.Not(), operand=node.test), node.test))


def _without_sign(node: ast.UnaryOp) -> Iterator[Callable[[], Callable[[], None]]]:
    """``-x`` as ``+x``, ``not x`` as ``not not x``; ``~mask`` as ``~~mask``."""
    if isinstance(node.op, ast.USub):
        yield _put(node, "op", ast.UAdd())
    else:
        yield _put(node, "operand", ast.UnaryOp(op=copy.copy(node.op), operand=node.operand))


def _put(node: ast.AST, name: str, value: object) -> Callable[[], Callable[[], None]]:
    def change() -> Callable[[], None]:
        before = getattr(node, name)
        setattr(node, name, value)
        return lambda: setattr(node, name, before)

    return change


def _set(items: list[ast.cmpop], i: int, value: ast.AST) -> Callable[[], Callable[[], None]]:
    def change() -> Callable[[], None]:
        before = items[i]
        items[i] = value  # type: ignore[assignment]

        def undo() -> None:
            items[i] = before

        return undo

    return change


def _left_out(node: ast.AST) -> Callable[[], Callable[[], None]]:
    """The statement as one that does nothing: its targets stay, what is added or set becomes what is there."""

    def change() -> Callable[[], None]:
        target = node.target if isinstance(node, ast.AugAssign) else node.targets[0]  # type: ignore[attr-defined]
        value = copy.deepcopy(target)
        for inner in ast.walk(value):
            if hasattr(inner, "ctx"):
                inner.ctx = ast.Load()
        if isinstance(node, ast.AugAssign):
            op, before = node.op, node.value
            node.op, node.value = ast.Mult(), ast.copy_location(ast.Constant(1), before)

            def undo_added() -> None:
                node.op, node.value = op, before

            return undo_added
        return _put(node, "value", value)()

    return change
