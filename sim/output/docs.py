"""Pages of the documentation that are made from the program and from runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sim.axes import AXES
from sim.errors import DataError
from sim.output.markdown import rule
from sim.output.wording import number
from sim.quantity import declared_quantities
from sim.records.outcome import Band
from sim.records.probes import AnsweredTable, Beside, Cell
from sim.records.world import Source

_BLOCK = re.compile(r"(?P<begin><!-- table: (?P<name>[a-z][a-z0-9_]*) -->\n).*?(?P<end><!-- end -->)", re.DOTALL)


def notation_page(records: Iterable[type]) -> str:
    """Every array of the records with axes, unit and bounds, from the declarations that the checks read."""
    lines = [
        "# Notation",
        "",
        "Written by `make docs` from the declarations in `sim/records/`; the same declarations are what the program",
        "checks. Axes always come in this order: " + ", ".join(f"`{k}` {v}" for k, v in AXES.items()) + ".",
        "",
        "| record | array | axes | unit | values |",
        "|---|---|---|---|---|",
    ]
    for record in records:
        for name, declared in declared_quantities(record).items():
            axes = ", ".join(declared.axes)
            lines.append(f"| {record.__name__} | `{name}` | {axes} | {declared.unit} | {_values(declared)} |")
    return "\n".join(lines) + "\n"


def _values(declared: object) -> str:
    low, above, high = (getattr(declared, name) for name in ("low", "above", "high"))
    words = [f"above {above:g}"] if above is not None else [f"{low:g} or more"] if low > float("-inf") else []
    words += [f"{high:g} at most"] if high < float("inf") else []
    words += ["infinite: no limit"] if getattr(declared, "infinite", False) else []
    words += ["blank: nothing there"] if getattr(declared, "blank", False) else []
    return ", ".join(words) or "any"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def with_tables(page: str, tables: Mapping[str, str]) -> str:
    """The page with what stands between ``<!-- table: name -->`` and ``<!-- end -->`` written anew.

    Raises DataError where a table has no place on the page, has two, or a place has no table.
    """
    places = [match["name"] for match in _BLOCK.finditer(page)]
    faults = [f"no table {name!r}" for name in places if name not in tables]
    faults += [f"table {name!r} has {places.count(name)} places" for name in tables if places.count(name) != 1]
    if faults:
        raise DataError(f"page: {'; '.join(sorted(set(faults)))}")
    return _BLOCK.sub(lambda match: f"{match['begin']}{tables[match['name']]}{match['end']}", page)


def probes_table(answered: AnsweredTable) -> str:
    """The answers of a table row by row, and what stands beside them."""
    table = answered.table
    beside = [name for name in ("expected", "observed") if any(getattr(row, name) for row in table.rows)]
    lines = [
        _row([table.heading, *table.columns, *beside]),
        _row(["---", *["---:"] * len(table.columns), *["---"] * len(beside)]),
    ]
    for row, answers in zip(table.rows, answered.answers, strict=True):
        told = [_printed(cell, found) for cell, found in zip(row.cells, answers, strict=True)]
        lines.append(_row([row.label, *told, *(_beside(getattr(row, name)) for name in beside)]))
    return "\n".join(lines) + "\n"


def sources_table(keys: Iterable[str], sources: Mapping[str, Source]) -> str:
    """What stands behind the figures beside the model's."""
    rows = [_row([f"`{key}`", sources[key].tier, ". ".join(_said(sources[key]))]) for key in sorted(set(keys))]
    return "\n".join([_row(["source", "kind", "what it is"]), rule("lll"), *rows]) + "\n"


def made_from_line(mark: str) -> str:
    """The mark of what the tables were made from; a test tells when the inputs have moved on."""
    return f"Made from inputs with the mark `{mark}`.\n"


def _said(source: Source) -> list[str]:
    return [text.rstrip(".") for text in (source.title, source.locator, source.note) if text]


def _printed(cell: Cell, found: Band) -> str:
    factor = 100.0 if cell.unit == "%" else 1.0
    first = found.p50 if cell.median else found.central
    told, low, high = (number(factor * value, cell.decimals) for value in (first, found.p05, found.p95))
    if cell.unit == "year":
        told, low, high = (text.replace(",", "") for text in (told, low, high))
    return f"{told} ({low} to {high})" if cell.drawn else told


def _beside(figure: Beside | None) -> str:
    return "" if figure is None else f"{figure.text} (`{figure.source}`)"
