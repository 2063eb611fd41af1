"""What a scenario changes most, in tables of plain text."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sim.output.textblock import CHANGE_HEADER, paragraph, table
from sim.output.wording import capital, label_of, money, number, plain
from sim.records.outcome import RunFacts

ROWS = 6  # lines per table
_POINTS, _RELATIVE = 0.0005, 0.0005  # a share or a price that moves by less has not moved


def change_blocks(facts: RunFacts, summary: pd.DataFrame, names: Mapping[str, str], room: int) -> list[list[str]]:
    """Tables of the supply shares and prices that change most in the focus year, per good; or that none does."""
    if facts.scenario == facts.baseline:
        return [paragraph("This is the baseline itself: there is nothing to compare it with.", room)]
    at_focus = summary[summary["year"] == facts.focus]
    shares = at_focus[at_focus["indicator"] == "supply_share"]
    prices = at_focus[at_focus["indicator"].isin(["delivered_price", "world_price"])]
    percent = shares["unit"] == "%"
    shares = shares.assign(size=shares["difference"].abs().where(~percent, shares["difference"].abs() / 100))
    prices = prices.assign(size=(prices["difference"] / prices["baseline"]).abs())
    blocks = []
    for good in sorted(set(at_focus["good"])):
        metal = capital(label_of(good, names))
        moved = _largest(shares[shares["good"] == good], _POINTS)
        if not moved.empty:
            scale = 1.0 if (moved["unit"] == "%").all() else 100.0
            rows = [_share_cells(row, facts, names, scale) for _, row in moved.iterrows()]
            title = f"{metal}: supply shares that change most by {facts.focus}, % (change in points)"
            blocks.append(table(title, CHANGE_HEADER, rows, room, total=False))
        moved = _largest(prices[prices["good"] == good], _RELATIVE)
        if not moved.empty:
            rows = [_price_cells(row, facts, names) for _, row in moved.iterrows()]
            title = f"{metal}: prices that change most by {facts.focus}, USD/t"
            blocks.append(table(title, CHANGE_HEADER, rows, room, total=False))
    return blocks or [paragraph(_nothing(facts), room)]


def _largest(rows: pd.DataFrame, least: float) -> pd.DataFrame:
    kept = rows[rows["size"] >= least]
    ranked = kept.sort_values(["size", "region", "partner"], ascending=[False, True, True], kind="stable")
    return ranked.head(ROWS)


def _share_cells(row: pd.Series, facts: RunFacts, names: Mapping[str, str], scale: float) -> list[str]:
    origin = "home" if row["partner"] == row["region"] else f"from {label_of(str(row['partner']), names)}"
    low, high = (number(scale * float(row[end]), 1, sign=True) for end in ("difference_p05", "difference_p95"))
    return [
        f"{label_of(str(row['region']), names)}, {origin}",
        *(number(scale * float(row[level]), 1) for level in ("baseline", "central")),
        number(scale * float(row["difference"]), 1, sign=True),
        f"{low} to {high}" if facts.draws else "",
    ]


def _price_cells(row: pd.Series, facts: RunFacts, names: Mapping[str, str]) -> list[str]:
    low, high = (money(float(row[end]), sign=True) for end in ("difference_p05", "difference_p95"))
    return [
        label_of(str(row["region"]), names),
        *(money(float(row[level])) for level in ("baseline", "central")),
        money(float(row["difference"]), sign=True),
        f"{low} to {high}" if facts.draws else "",
    ]


def _nothing(facts: RunFacts) -> str:
    return (
        f"Nothing changes against the baseline ({plain(facts.baseline_title)}) in {facts.focus}: no supply share "
        f"moves by 0.05 points, no price by 0.05 %. Do the measures of {plain(facts.scenario)} act in that year?"
    )
