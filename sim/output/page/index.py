"""The page over all results: what each asks and finds, and the largest numbers of runs beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sim.output.facts import RunRecord, StudyRecord
from sim.output.indicator_names import shown_value
from sim.output.page.html import page_bytes
from sim.output.page.study import DEGRADED_WORDS
from sim.output.page.table import Column, Table
from sim.output.wording import capital, counts, label_of

COLUMNS = ("indicator", "good", "region", "partner", "year", "unit", "baseline", "central", "difference",
           "difference_p05", "difference_p95")  # fmt: skip
_SHOWN = (("delivered_price", False), ("consumption", False), ("supply_share", True))  # and whether of the country


@dataclass(frozen=True, eq=False, kw_only=True)
class Entry:
    """A folder of results: where its page is, its record, and some columns of its summary; or why it is not whole."""

    name: str
    link: str
    record: RunRecord | None = None
    status: str = ""
    seed: int = 0
    fault: str = ""
    summary: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class StudyEntry:
    """A folder of a study: where its page is, its record and the seed of its draws; or why it is not whole."""

    name: str
    link: str
    record: StudyRecord | None = None
    status: str = ""
    seed: int = 0
    fault: str = ""


def index_page(
    entries: Sequence[Entry], studies: Mapping[str, Sequence[StudyEntry]], others: Sequence[tuple[str, str]]
) -> bytes:
    """The page as HTML; ``studies`` by what they are headed with, ``others`` names and links of all other pages."""
    whole = [entry for entry in entries if entry.record is not None]
    headed = [
        (heading, [(each, counts(each.record.facts) if each.record is not None else "") for each in found])
        for heading, found in studies.items()
        if found
    ]
    return page_bytes(
        "index.html",
        title="All results",
        runs=[(entry, entry.record, counts(entry.record.facts)) for entry in whole if entry.record is not None],
        faulty=[entry for entry in entries if entry.record is None],
        studies=headed,
        others=list(others),
        degraded=DEGRADED_WORDS,
        table=_table(whole),
    )


def _table(entries: Sequence[Entry]) -> Table:
    """What each run changes in the market it is about, focus year."""
    columns = [Column(label=label) for label in ("Run", "Good", "Market", "What")]
    columns += [Column(label=label, numeric=True) for label in ("Year", "Baseline", "Scenario", "Change")]
    return Table(
        name="table-runs",
        title="In the market that each run is about",
        columns=[*columns, Column(label="p05 to p95", numeric=True), Column(label="Unit")],
        rows=[row for entry in entries for row in _rows(entry)],
    )


def _rows(entry: Entry) -> Iterator[list[str]]:
    if entry.record is None or entry.summary is None:
        return
    facts, labels = entry.record.facts, entry.record.labels
    at_focus = entry.summary[entry.summary["year"] == facts.focus]
    for subject in facts.subjects:
        good, market = subject.goods[0], subject.market
        here = at_focus[(at_focus["good"] == good) & (at_focus["region"] == market)]
        for indicator, of_country in _SHOWN:
            partner = subject.country if of_country else ""
            rows = here[(here["indicator"] == indicator) & (here["partner"] == partner)]
            for _, row in rows.iterrows():
                unit = str(row["unit"])
                numbers = [shown_value(float(row[name]), indicator, unit) for name in ("baseline", "central")]
                signed = [
                    shown_value(float(row[name]), indicator, unit, sign=True)
                    for name in ("difference", "difference_p05", "difference_p95")
                ]
                what = {"delivered_price": "price", "consumption": "use"}.get(
                    indicator, f"share of {label_of(partner, labels)} in supply"
                )
                places = [capital(label_of(good, labels)), label_of(market, labels), what, str(facts.focus)]
                band = f"{signed[1]} to {signed[2]}" if facts.draws else ""
                told_unit = "%, points" if of_country else unit
                yield [entry.name, *places, *numbers, signed[0], band, told_unit]
