"""Mutations of the tables of a world: rows, cells, columns, separators and bytes; each from one seed."""

from __future__ import annotations

import random

from tests.robustness.mutate import NUMBERS, WORDS, spoilt


def mutated_table(text: str, seed: int) -> bytes:
    """A table of a world after one to three mutations of its rows, cells, separators or bytes."""
    rng = random.Random(seed)  # noqa: S311
    rows = [line.split(",") for line in text.splitlines()]
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice(TABLE_CHANGES)(rows, rng)
    separator = ";" if rng.random() < 0.02 else ","
    data = "\n".join(separator.join(row) for row in rows).encode("utf-8", "surrogatepass") + b"\n"
    return spoilt(data, rng) if rng.random() < 0.15 else data


def _cell(rows: list[list[str]], rng: random.Random) -> tuple[list[str], int] | None:
    found = [row for row in rows if row]
    row = rng.choice(found) if found else None
    return None if row is None else (row, rng.randrange(len(row)))


def change_cell(rows: list[list[str]], rng: random.Random) -> None:
    """A cell that says something else."""
    place = _cell(rows, rng)
    if place is None:
        return
    row, i = place
    try:
        near = f"{float(row[i]) * rng.choice((0, 0.5, 0.99, 1.01, 2, 1000, -1)):.6g}"
    except ValueError:
        near = row[i][:-1]
    row[i] = rng.choice(
        (near, near, near, rng.choice(NUMBERS), rng.choice(WORDS), "NA", "NAM", "USA", '"', '"a', "a\nb")
    )


def drop_row(rows: list[list[str]], rng: random.Random) -> None:
    """A row, perhaps the header, that is missing."""
    if rows:
        del rows[rng.randrange(len(rows))]


def repeat_row(rows: list[list[str]], rng: random.Random) -> None:
    """A row that stands twice."""
    if rows:
        rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))


def drop_cell(rows: list[list[str]], rng: random.Random) -> None:
    """A row with a cell too few."""
    place = _cell(rows, rng)
    if place is not None:
        del place[0][place[1]]


def add_cell(rows: list[list[str]], rng: random.Random) -> None:
    """A row with a cell too many, or an empty row."""
    place = _cell(rows, rng)
    if place is not None:
        place[0].insert(place[1], rng.choice(("", "x", "1")))
    if rng.random() < 0.2:
        rows.insert(rng.randrange(len(rows) + 1), [])


def swap_cells(rows: list[list[str]], rng: random.Random) -> None:
    """Two cells in each other's place."""
    first, second = _cell(rows, rng), _cell(rows, rng)
    if first is not None and second is not None:
        (a, i), (b, j) = first, second
        a[i], b[j] = b[j], a[i]


def drop_column(rows: list[list[str]], rng: random.Random) -> None:
    """A column that is missing from every row."""
    place = _cell(rows, rng)
    if place is not None:
        for row in rows:
            del row[place[1] : place[1] + 1]


TABLE_CHANGES = (
    change_cell,
    change_cell,
    change_cell,
    drop_row,
    repeat_row,
    drop_cell,
    add_cell,
    swap_cells,
    drop_column,
)
