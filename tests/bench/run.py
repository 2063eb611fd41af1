"""``make bench``: one table after the other, medians of several in turn, ratios within one run."""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is loaded

import json
import math
import sys
from typing import Any

from tests.bench.commands import against_an_interpreter, parts_of_a_run
from tests.bench.equilibria import AGREEMENT, ROOT, cases, measured
from tests.bench.growth import over_draws, over_regions, over_years

WIDEST = 6  # columns of a table that is printed upright
SMALL, LARGE = 1e-3, 100.0  # between which a number is told with three digits
SHORT, LONG = (1_000, 10_000), (1_000, 10_000, 100_000)


def main(words: list[str]) -> int:
    """Print and write the tables; 1 where engine and opponent do not find the same prices."""
    counts = LONG if "--long" in words else SHORT
    tables: dict[str, list[dict[str, Any]]] = {}
    for title, made in (
        ("equilibria", lambda: [row for name, params in cases() for row in measured(name, params)]),
        ("regions", over_regions),
        ("years", over_years),
        ("draws", lambda: over_draws(counts)),
        ("commands", against_an_interpreter),
        ("parts of a run", parts_of_a_run),
    ):
        tables[title] = made()
        print(f"\n{title}\n" + "\n".join(lines_of(tables[title])), flush=True)
    folder = ROOT / "results" / "_bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench.json").write_text(json.dumps(tables, indent=1) + "\n", encoding="utf-8")
    return int(any(row["largest difference"] > AGREEMENT for row in tables["equilibria"]))


def lines_of(rows: list[dict[str, Any]]) -> list[str]:
    """A table in plain text; on its side where it has many columns."""
    if len(rows[0]) > WIDEST:
        cells = [[name, *(_told(row[name]) for row in rows)] for name in rows[0]]
    else:
        cells = [list(rows[0]), *([_told(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[k]) for row in cells) for k in range(len(cells[0]))]
    return [
        "  ".join(
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]


def _told(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    if math.isnan(value):
        return ""
    return f"{value:.1e}" if 0 < abs(value) < SMALL else f"{value:,.3g}" if abs(value) < LARGE else f"{value:,.0f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
