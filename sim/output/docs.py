"""Pages of the documentation that are made from the program and from runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sim.axes import AXES
from sim.quantity import declared_quantities


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


def table_page(title: str, opening: Sequence[str], header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A page with one table."""
    lines = [f"# {title}", "", *opening, "", _row(header), _row(["---"] * len(header))]
    return "\n".join([*lines, *(_row(row) for row in rows)]) + "\n"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
