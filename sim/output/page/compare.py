"""The page of several runs side by side; a scenario is shown or hidden by a click, in tables and figures alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.output.comparison import one_baseline
from sim.output.indicator_names import GROUPS, indicator_name, shown_unit, shown_value
from sim.output.page.drawings import Drawing, Drawings
from sim.output.page.html import page_bytes
from sim.output.page.table import Column, Table
from sim.output.results import Result
from sim.output.wording import capital, counts, label_of, listed, stated_sentence
from sim.records.outcome import RunFacts

MOST_ROWS = 5  # of an indicator of a good: who wants more opens comparison.csv
_VISIBLE = 1e-9  # of a number: what is below is the rounding of the solver
_TOLD_ELSEWHERE = (
    "price_against_baseline",
    "price_against_benchmark",
    "consumption_lost",
)  # a change of another row, told once more


def compare_page(
    results: Sequence[Result],
    facts: RunFacts,
    labels: Mapping[str, str],
    table: pd.DataFrame,
    inputs: pd.DataFrame,
    drawings: Sequence[Drawing],
    colours: Sequence[str],
) -> bytes:
    """The page as HTML; ``facts`` are those of the first run with the stated figures of all."""
    figures = Drawings()
    drawn = [(each.name, each.finding, figures.inline(each)) for each in drawings]
    names = [result.name for result in results]
    against = f"Baseline: {facts.baseline}." if one_baseline(results) else "The baselines differ: each has its own."
    return page_bytes(
        "compare.html",
        title=f"{listed(names)} side by side",
        context=f"{against} World {facts.world}, numbers of {facts.focus}. {capital(counts(facts))}, "
        f"seed {results[0].seed}, the same draws in all: differences are taken draw by draw.",
        stated=stated_sentence(facts),
        scenarios=[(result.name, result.record.facts, result.record.lead) for result in results],
        colours=list(colours),
        inputs=_inputs(inputs, names),
        drawn=drawn,
        shared=figures.shared,
        tables=[made for group in GROUPS for made in _group(group, table, results, facts, labels)],
        foot=f"Written by version {facts.version} of the model. comparison.csv holds all indicators and years, "
        "pairs.csv differences between the scenarios draw by draw.",
    )


def _inputs(inputs: pd.DataFrame, names: Sequence[str]) -> Table:
    columns = [
        Column(label=str(column).replace("_", " ") if column == "input" else str(column), of=_number(column, names))
        for column in inputs.columns
    ]
    return Table(
        name="table-inputs",
        title="Inputs that differ",
        columns=columns,
        rows=[[str(cell) for cell in row] for row in inputs.itertuples(index=False)],
        note="Years to be solved are left out. resolved.yaml of each result holds every value with its source.",
    )


def _number(column: object, names: Sequence[str]) -> int | None:
    return names.index(str(column)) if column in names else None


def _group(
    group: str, table: pd.DataFrame, results: Sequence[Result], facts: RunFacts, labels: Mapping[str, str]
) -> Iterator[Table]:
    """Rows of the focus year that change most in any run, those of the groups of indicators apart."""
    rows = table[(table["year"] == facts.focus) & ~table["indicator"].isin(_TOLD_ELSEWHERE)]
    rows = rows[[indicator_name(str(name)).group == group for name in rows["indicator"]]]
    changes = [name for name in table.columns if "_difference" in str(name)]
    size = rows[changes].abs().max(axis=1).fillna(0.0)
    level = rows[[f"{result.name}_central" for result in results]].abs().max(axis=1)
    rows = rows.assign(size=size)[size > _VISIBLE * np.maximum(level, 1.0)]
    rows = rows.sort_values(
        ["good", "indicator", "size", "region", "partner"], ascending=[True, True, False, True, True], kind="stable"
    )
    rows = rows.groupby(["good", "indicator"], sort=False).head(MOST_ROWS)
    if rows.empty:
        return
    columns = [Column(label=label) for label in ("Indicator", "Good", "Region", "Partner", "Unit")]
    if "baseline" in table.columns:
        columns.append(Column(label="Baseline", numeric=True))
    for number, result in enumerate(results):
        own = [] if "baseline" in table.columns else ["baseline"]
        columns += [Column(label=f"{result.name} {what}".strip(), numeric=True, of=number) for what in (*own, "")]
        columns.append(Column(label="change", numeric=True, of=number))
        columns += [Column(label="p05 to p95", numeric=True, of=number)] if result.draws else []
    yield Table(
        name=f"table-{GROUPS.index(group)}",
        title=f"{group}: largest changes in {facts.focus}",
        columns=columns,
        rows=[_cells(row, results, labels) for _, row in rows.iterrows()],
        note=f"At most {MOST_ROWS} rows of an indicator of a good; a share changes by points. Blank: a run that leaves "
        "the good out.",
    )


def _cells(row: pd.Series[Any], results: Sequence[Result], labels: Mapping[str, str]) -> list[str]:
    indicator, unit = str(row["indicator"]), str(row["unit"])

    def told(column: str, *, sign: bool = False) -> str:
        value = float(row[column])
        return "" if np.isnan(value) else shown_value(value, indicator, unit, sign=sign)

    partner = str(row["partner"])
    cells = [
        indicator_name(indicator).label,
        capital(label_of(str(row["good"]), labels)),
        label_of(str(row["region"]), labels),
        label_of(partner, labels) if partner in labels else partner,
        shown_unit(indicator, unit),
    ]
    shared = "baseline" in row.index
    cells += [told("baseline")] if shared else []
    for result in results:
        cells += [] if shared else [told(f"{result.name}_baseline")]
        cells += [told(f"{result.name}_central"), told(f"{result.name}_difference", sign=True)]
        if result.draws:
            low, high = (told(f"{result.name}_difference_{end}", sign=True) for end in ("p05", "p95"))
            cells.append(f"{low} to {high}" if low and high else "")
    return cells
