"""The main numbers of a run in the format of the Integrated Assessment Modeling Consortium, for pyam and its like.

Names stand in the code list beside this module: those of the common definitions where they have one, else our own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from sim.output.tables import Contract, csv_bytes
from sim.output.wording import plain
from sim.records.outcome import RunFacts

MODEL = "sim"
WORLD = "World"
ROUTE = ">"  # between origin and destination in the name of a region
PERCENTILES = ("p05", "p50", "p95")
LONG = Contract(
    name="iamc",
    key=("model", "scenario", "region", "variable", "unit", "year"),
    columns=("model", "scenario", "region", "variable", "unit", "year", "value"),
    text=("model", "scenario", "region", "variable", "unit"),
)
_CODES = Path(__file__).parent / "iamc_codes"
_ANY, _FLOW, _HOME = "*", "flow", "home"
_SEPARATOR = "|"  # of the levels of a variable: no label may hold it
_KEY = ["region", "variable", "unit", "year"]


@dataclass(frozen=True, kw_only=True)
class Code:
    """A variable of the code list: its name, unit and description, and what its numbers are multiplied with.

    ``summed`` where the numbers of the regions add up to those of the world.
    """

    variable: str
    unit: str
    description: str
    source: str
    factor: float
    summed: bool


def code_list(labels: Mapping[str, str], year: int) -> dict[tuple[str, str], Code]:
    """Codes by indicator and good, for goods by their labels; prices are in dollars of ``year``."""
    goods = {row["good"]: row for row in _rows("goods.csv")}
    codes = {}
    for good, label in labels.items():
        row = goods.get(good, goods[_ANY])
        called = plain(label).replace(_SEPARATOR, "/")
        for each in _rows("variables.csv"):
            mass = "{mass}" in each["unit"]
            codes[each["indicator"], good] = Code(
                variable=each["variable"].format(good=row["name"].format(label=called)),
                unit=each["unit"].format(mass=row["unit"], year=year),
                description=f"{each['description']}. {row['description'].format(label=called)}.",
                source="own" if "own" in (each["source"], row["source"]) else each["source"],
                factor=float(row["per_kt"]) if mass else 1.0,
                summed=each["world"] == "sum",
            )
    return codes


@cache
def _rows(name: str) -> tuple[dict[str, str], ...]:
    with (_CODES / name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def iamc_table(summary: pd.DataFrame, flows: pd.DataFrame, facts: RunFacts, labels: Mapping[str, str]) -> pd.DataFrame:
    """The run in long format: the central run, and percentiles as ``Variable|p05`` where there are draws.

    Regions carry their short names, routes ``origin>destination``. The world of what adds up is there for the central
    run, elsewhere where the summary has it: percentiles do not add up. Blanks are left out.
    """
    goods = sorted(str(good) for good in summary["good"].unique())
    codes = code_list({good: labels.get(good, good) for good in goods}, facts.years[0])
    numbers = ["central", *(PERCENTILES if facts.draws else ())]
    known = {indicator for indicator, _ in codes}
    rows = summary[summary["indicator"].isin(known)][["indicator", "good", "region", "year", *numbers]]
    routes = flows.rename(columns={f"{name}_kt": name for name in numbers})
    home = routes["origin"] == routes["destination"]
    region = (routes["origin"] + ROUTE + routes["destination"]).where(~home, routes["origin"])
    routes = routes.assign(indicator=np.where(home, _HOME, _FLOW), region=region)[list(rows.columns)]
    both = pd.concat([rows, routes], ignore_index=True)
    told = [codes[key] for key in zip(both["indicator"].tolist(), both["good"].tolist(), strict=True)]
    both = both.assign(variable=[code.variable for code in told], unit=[code.unit for code in told])
    factor = np.array([code.factor for code in told])
    parts = [
        both[_KEY].assign(
            variable=both["variable"] + ("" if name == "central" else f"{_SEPARATOR}{name}"),
            value=factor * both[name].to_numpy(dtype=float),
        )
        for name in numbers
    ]
    parts.append(_world(parts[0], {code.variable for code in codes.values() if code.summed}))
    table = pd.concat(parts, ignore_index=True).dropna(subset=["value"])
    return table.assign(model=f"{MODEL} {facts.version}", scenario=facts.scenario)[list(LONG.columns)]


def iamc_of_baseline(
    summary: pd.DataFrame, flows: pd.DataFrame, facts: RunFacts, labels: Mapping[str, str]
) -> pd.DataFrame:
    """The baseline that a run stands against, its central run, under the name of the baseline."""
    as_central = summary.assign(central=summary["baseline"])
    carried = flows.assign(central_kt=flows["baseline_kt"])
    return iamc_table(as_central, carried, replace(facts, scenario=facts.baseline, draws=0), labels)


def _world(central: pd.DataFrame, summed: set[str]) -> pd.DataFrame:
    """The world of variables that add up and have none yet."""
    there = set(central.loc[central["region"] == WORLD, "variable"])
    rows = central[central["variable"].isin(summed - there)].dropna(subset=["value"])
    total = rows.groupby(["variable", "unit", "year"])["value"].sum().reset_index()
    return total.assign(region=WORLD)[[*_KEY, "value"]]


def iamc_bytes(summary: pd.DataFrame, flows: pd.DataFrame, facts: RunFacts, labels: Mapping[str, str]) -> bytes:
    """The table as CSV."""
    return csv_bytes(iamc_table(summary, flows, facts, labels), LONG)
