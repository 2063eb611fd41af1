"""The disruption atlas as files and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from sim.indicators import WORLD
from sim.output.markdown import row as markdown_row
from sim.output.markdown import rule
from sim.output.tables import Contract, csv_bytes
from sim.output.textblock import paragraph, table
from sim.output.wording import (
    capital,
    counts,
    evidence_sentence,
    good_of,
    label_of,
    money,
    number,
    percent,
    small_tonnes,
    stated_sentence,
    the,
)
from sim.records.outcome import RunFacts
from sim.study.atlas import KEY, Atlas

TOLD = 12  # disruptions of a good in the answer and in its figure
_PERCENT = 100.0
_PLACES = ("good_cut_off", "exporter", "good", "importer")
_SPREADS = ("", "_mean", "_p05", "_p95")
_MEASURED = ("surplus_lost_m_usd", "price_percent", "lost_kt", "lost_percent")
CELLS = Contract(
    name="atlas",
    key=("good_cut_off", "exporter", "cut_percent", "good", "importer"),
    columns=(
        *("good_cut_off", "exporter", "cut_percent", "good", "importer", "year", "use_before_kt"),
        *(
            f"{name}{spread}"
            for name in ("lost_kt", "lost_percent", "price_percent", "surplus_lost_m_usd")
            for spread in _SPREADS
        ),
    ),
    text=_PLACES,
)
RANKING = Contract(
    name="ranking",
    key=("rank",),
    columns=(
        *("rank", *KEY),
        *("expected_lost_kt", "expected_lost_percent", "expected_price_percent", "expected_surplus_lost_m_usd"),
        *(f"{name}_at_largest_cut" for name in ("lost_kt", "lost_percent", "price_percent", "surplus_lost_m_usd")),
    ),
    whole=("rank",),
    text=_PLACES,
)


def atlas_files(atlas: Atlas) -> dict[str, bytes]:
    """``atlas.csv``, every importer in every disruption, and ``ranking.csv``, the largest expected loss first."""
    return {"atlas.csv": csv_bytes(atlas.cells, CELLS), "ranking.csv": csv_bytes(atlas.ranking, RANKING)}


def told_rows(atlas: Atlas, good: str) -> pd.DataFrame:
    """The disruptions of which single importers of a good lose most, the largest expected loss first."""
    rows = atlas.ranking
    rows = rows[(rows["good"] == good) & (rows["importer"] != WORLD) & (rows["expected_surplus_lost_m_usd"] > 0)]
    return rows.head(TOLD)


def goods_told(atlas: Atlas) -> list[str]:
    """Goods for final use whose buyers lose anything, the one with the largest loss first."""
    rows = atlas.ranking[atlas.ranking["expected_surplus_lost_m_usd"] > 0]
    return [good for good in dict.fromkeys(str(good) for good in rows["good"]) if good in atlas.finals]


def atlas_answer(
    atlas: Atlas,
    facts: RunFacts,
    year: int,
    labels: Mapping[str, str],
    width: int,
    figure: str,
    *,
    more: Sequence[str] = (),
) -> str:
    """The answer in lines of at most ``width`` characters; ``figure`` is the path named at its end."""
    blocks = [*atlas_blocks(atlas, facts, year, labels, width, more=more), [f"Open {figure}"]]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def atlas_blocks(
    atlas: Atlas, facts: RunFacts, year: int, labels: Mapping[str, str], width: int, *, more: Sequence[str] = ()
) -> list[list[str]]:
    """The blocks of the answer, the title first; lines have at most ``width`` characters.

    ``more`` are sentences on how the points went, after those that always have to be known.
    """
    blocks = [paragraph(facts.title, width)]
    for good in goods_told(atlas):
        title = (
            f"Buyers of {good_of(good, labels)} who lose most when an exporter sells less abroad in {year}: "
            "expected over all cuts, each as likely, and all draws"
        )
        header = ("cut off", "importer", "M USD", "price", "use lost", "")
        rows = [
            (
                disruption_words(row["exporter"], row["good_cut_off"], good, labels),
                label_of(str(row["importer"]), labels),
                money(row["expected_surplus_lost_m_usd"]),
                f"{percent(row['expected_price_percent'] / _PERCENT, sign=True)} %",
                f"{small_tonnes(row['expected_lost_kt'])} kt",
                f"{percent(row['expected_lost_percent'] / _PERCENT)} %",
            )
            for _, row in told_rows(atlas, good).iterrows()
        ]
        blocks.append(table(title, header, rows, width, total=False))
    return [*blocks, [line for note in (*atlas_notes(facts), *more) for line in paragraph(note, width)]]


def atlas_notes(facts: RunFacts) -> list[str]:
    """What has to be known of the numbers, a sentence each."""
    notes = [
        "What is cut off stays at home and makes metal cheap there. Stocks, which soften a year, are not in the model.",
        stated_sentence(facts),
        f"{capital(counts(facts))}.",
        evidence_sentence(facts),
    ]
    return [note for note in notes if note]


def atlas_lead(atlas: Atlas, year: int, labels: Mapping[str, str]) -> str:
    """Who loses most of each good, and by whom, in a paragraph."""
    told = [_most(told_rows(atlas, good).iloc[0], good, year, labels) for good in goods_told(atlas)]
    return " ".join(told) or f"No buyer loses anything in {year}, whoever sells less abroad."


def _most(row: pd.Series[Any], good: str, year: int, labels: Mapping[str, str]) -> str:
    who = the(label_of(str(row["importer"]), labels))
    cut = cut_words(row["exporter"], row["good_cut_off"], good, labels)
    return (
        f"Buyers of {good_of(good, labels)} in {who} lose most, when {cut} are cut in {year}: "
        f"{money(float(row['expected_surplus_lost_m_usd']))} M USD, the mean over all cuts and draws."
    )


def disruption_words(exporter: object, cut_off: object, good: str, labels: Mapping[str, str]) -> str:
    """Who is cut off, with the good where it is another one than the buyers'."""
    words = label_of(str(exporter), labels)
    return words if str(cut_off) == good else f"{good_of(str(cut_off), labels)} from {words}"


_PLACED = ("buyers of", "in", "cut off", "M USD")
EXPECTED_COLUMNS = (*_PLACED, "price, %", "use lost, kt", "use lost, %")
FULL_COLUMNS = (*_PLACED, "price, % (5 to 95 %)", "use lost, kt", "use lost, % (5 to 95 %)")  # band beside number
WORDS = 3  # of these columns, before the numbers


def cut_words(exporter: object, cut_off: object, good: str, labels: Mapping[str, str]) -> str:
    """What is cut, in the plural: ``sales abroad by Russia``, with the good where it is not that of the buyers."""
    of = "" if str(cut_off) == good else f" of {good_of(str(cut_off), labels)}"
    return f"sales abroad{of} by {the(label_of(str(exporter), labels))}"


def page_tables(atlas: Atlas, labels: Mapping[str, str]) -> dict[str, str]:
    """The tables of the page of docs/: the ranking of each good, and the same disruptions at the largest cut."""
    rows = told_both(atlas, labels)
    expected, full = [list(EXPECTED_COLUMNS)], [list(FULL_COLUMNS)]
    expected += [each for each, _ in rows]
    full += [each for _, each in rows]
    return {"expected": _table(expected), "full": _table(full)}


def told_both(atlas: Atlas, labels: Mapping[str, str]) -> list[tuple[list[str], list[str]]]:
    """The disruptions of the answer as cells: expected over all cuts, and at the largest cut with bands."""
    both = []
    largest = atlas.cells[atlas.cells["cut_percent"] == atlas.cells["cut_percent"].max()].set_index(list(KEY))
    for good in goods_told(atlas):
        for _, row in told_rows(atlas, good).iterrows():
            who = [
                good_of(good, labels),
                label_of(str(row["importer"]), labels),
                disruption_words(row["exporter"], row["good_cut_off"], good, labels),
            ]
            numbers = {name: float(row[f"expected_{name}"]) for name in _MEASURED}
            cell = largest.loc[tuple(row[name] for name in KEY)]
            told = _printed({name: float(cell[name]) for name in _MEASURED})
            for name in ("price_percent", "lost_percent"):
                low, high = (number(float(cell[f"{name}_{end}"]), 1) for end in ("p05", "p95"))
                told[_MEASURED.index(name)] += f" ({low} to {high})"
            both.append(([*who, *_printed(numbers)], [*who, *told]))
    return both


def _printed(numbers: Mapping[str, float]) -> list[str]:
    surplus, price, lost, share = (numbers[name] for name in _MEASURED)
    return [money(surplus), number(price, 1, sign=True), small_tonnes(lost), number(share, 1)]


def _table(rows: list[list[str]]) -> str:
    lines = [markdown_row(rows[0]), rule("lllrrrr"), *(markdown_row(row) for row in rows[1:])]
    return "\n".join(lines) + "\n"
