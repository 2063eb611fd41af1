"""The page of a run: its answer, its figures and what changes most, in one file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from sim.checks import Check
from sim.output.facts import RunRecord
from sim.output.indicator_names import GROUPS, indicator_name, shown_unit, shown_value
from sim.output.page.drawings import Drawing, Drawings
from sim.output.page.html import ANSWER, answer_parts, page_bytes
from sim.output.page.inputs import inputs_table
from sim.output.page.table import Column, Table
from sim.output.wording import MINUS, capital, counts, evidence_sentence, label_of, stated_sentence
from sim.records.outcome import RunFacts

MOST_ROWS = 6  # of an indicator of a good: who wants more opens summary.csv
_TOLD_ELSEWHERE = ("price_against_baseline", "consumption_lost")  # a change of another row, told once more
_BAND = ("difference_p05", "difference_p95")


def run_page(
    record: RunRecord,
    answer: Sequence[Sequence[str]],
    summary: pd.DataFrame,
    drawings: Sequence[Drawing],
    checks: Sequence[Check],
    seed: int,
) -> bytes:
    """The page as HTML; ``answer`` are the blocks of the answer in words, the title first."""
    facts = record.facts
    figures = Drawings()
    drawn = [(each.name, each.finding, figures.inline(each)) for each in drawings]
    tables = [
        *(table for group in GROUPS for table in _changes(group, summary, facts, record.labels)),
        inputs_table(record.baseline_inputs, record.inputs),
        _checks(checks),
    ]
    return page_bytes(
        ANSWER,
        title=facts.title,
        question=facts.question,
        context=run_context(facts, seed),
        stated=stated_sentence(facts),
        fault="",
        answer=list(answer_parts(answer[1:])),
        drawn=drawn,
        shared=figures.shared,
        tables=tables,
        foot=f"{evidence_sentence(facts)} Written by version {facts.version} of the model; "
        "manifest.json beside this page holds the command and the hashes of all files.",
    )


def run_context(facts: RunFacts, seed: int) -> str:
    """Scenario, years, draws and failures in a line."""
    against = "the baseline itself" if facts.scenario == facts.baseline else f"against {facts.baseline}"
    years = f"{facts.years[0]} to {facts.years[-1]}, numbers of {facts.focus}"
    return f"Scenario {facts.scenario}, {against}. World {facts.world}, {years}. {capital(counts(facts))}, seed {seed}."


def _changes(group: str, summary: pd.DataFrame, facts: RunFacts, labels: Mapping[str, str]) -> Iterator[Table]:
    """What changes most of a group of indicators in the focus year; of a baseline what is largest."""
    rows = summary[(summary["year"] == facts.focus) & ~summary["indicator"].isin(_TOLD_ELSEWHERE)]
    rows = rows[[indicator_name(str(name)).group == group for name in rows["indicator"]]]
    alone = facts.scenario == facts.baseline
    size = rows["central" if alone else "difference"].abs()
    if facts.draws and not alone:
        size = pd.concat([size, rows[list(_BAND)].abs().max(axis=1)], axis=1).max(axis=1)
    rows = rows.assign(size=size.fillna(0.0)).sort_values(
        ["good", "indicator", "size", "region", "partner"], ascending=[True, True, False, True, True], kind="stable"
    )
    rows = rows[rows["size"] > 0].groupby(["good", "indicator"], sort=False).head(MOST_ROWS)
    told = (_cells(row, facts, labels) for _, row in rows.iterrows())
    cells = [each for each in told if each is not None]
    if not cells:
        return
    numbers = (
        ["Level"]
        if alone
        else ["Baseline", "Scenario", "Change", *(["Change, p05", "Change, p95"] if facts.draws else [])]
    )
    what = "largest numbers" if alone else "largest changes"
    yield Table(
        name=f"table-{GROUPS.index(group)}",
        title=f"{group}: {what} in {facts.focus}",
        columns=[
            *(Column(label=label) for label in ("Indicator", "Good", "Region", "Partner")),
            *(Column(label=label, numeric=True) for label in numbers),
            Column(label="Unit"),
        ],
        rows=cells,
        note=f"At most {MOST_ROWS} rows of an indicator of a good; a share changes by points. All others and all years "
        "are in summary.csv.",
    )


def _cells(row: pd.Series[Any], facts: RunFacts, labels: Mapping[str, str]) -> list[str] | None:
    """A row as printed; None where nothing of its change would be seen."""
    indicator, unit = str(row["indicator"]), str(row["unit"])
    alone = facts.scenario == facts.baseline

    def told(column: str, *, sign: bool = False) -> str:
        return shown_value(float(str(row[column])), indicator, unit, sign=sign)

    numbers = [told("central")] if alone else [told("baseline"), told("central")]
    if not alone:
        changes = [told(name, sign=True) for name in ("difference", *(_BAND if facts.draws else ()))]
        if not any(digit in change for change in changes for digit in "123456789"):
            return None
        numbers += changes
    good, region, partner = (str(row[name]) for name in ("good", "region", "partner"))
    told_partner = label_of(partner, labels) if partner in labels else partner
    places = [capital(label_of(good, labels)), label_of(region, labels), told_partner]
    return [indicator_name(indicator).label, *places, *numbers, shown_unit(indicator, unit)]


def _checks(checks: Sequence[Check]) -> Table:
    return Table(
        name="table-checks",
        title="What was checked",
        columns=[Column(label="Check"), Column(label="Worst", numeric=True), Column(label="Allowed", numeric=True)],
        rows=[
            [check.name, *(f"{abs(value):.1e}".replace("-", MINUS) for value in (check.worst, check.allowed))]
            for check in checks
        ],
    )
