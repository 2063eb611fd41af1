"""What a scenario changes most, in tables of plain text."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from sim.output.textblock import CHANGE_HEADER, paragraph, table
from sim.output.wording import between, capital, label_of, money, number, plain, small_tonnes, the
from sim.records.outcome import RunFacts

ROWS, TOLD_ROWS, INPUT_ROWS = 6, 4, 3  # lines per table: of a good alone, of one made from another, of that other
MARKETS = 4  # whose prices the baseline is told by
WORLD = "World"
_POINTS, _RELATIVE = 0.0005, 0.0005  # a share or a price that moves by less has not moved
_LITTLE = 0.01  # the same for what a good is made from
_TONNES = 1e-5  # of the world's use
_OF_TONNES = {"production": "output", "consumption": "use", "exports": "exports", "imports": "imports"}


def change_blocks(facts: RunFacts, summary: pd.DataFrame, names: Mapping[str, str], room: int) -> list[list[str]]:
    """Tables of what changes most in the focus year per good: tonnes, supply shares, prices; or that none does."""
    if facts.scenario == facts.baseline:
        told = "This is the baseline itself: there is nothing to compare it with. What it holds, central run:"
        return [paragraph(told, room), *_levels(facts, summary, names, room)]
    at_focus = summary[summary["year"] == facts.focus]
    shares = at_focus[at_focus["indicator"] == "supply_share"]
    prices = at_focus[at_focus["indicator"].isin(["delivered_price", "world_price"])]
    percent = shares["unit"] == "%"
    shares = shares.assign(size=shares["difference"].abs().where(~percent, shares["difference"].abs() / 100))
    prices = prices.assign(size=(prices["difference"] / prices["baseline"]).abs())
    blocks = []
    inputs = {good for subject in facts.subjects for good in subject.goods[1:]}
    processed = {subject.goods[0] for subject in facts.subjects if len(subject.goods) > 1}
    for good in _final_first(facts, set(at_focus["good"])):
        metal = capital(label_of(good, names))
        most = INPUT_ROWS if good in inputs else TOLD_ROWS if good in processed else ROWS
        least = _LITTLE if good in inputs else _TONNES
        moved = _largest(_tonnes(at_focus[at_focus["good"] == good]), least, most)
        if not moved.empty:
            rows = [_tonnes_cells(row, facts, names) for _, row in moved.iterrows()]
            title = f"{metal}: tonnes that change most by {facts.focus}, kt"
            blocks.append(table(title, CHANGE_HEADER, rows, room, total=False))
        points, relative = (_LITTLE, _LITTLE) if good in inputs else (_POINTS, _RELATIVE)
        moved = _largest(shares[shares["good"] == good], points, most)
        if not moved.empty:
            scale = 1.0 if (moved["unit"] == "%").all() else 100.0
            rows = [_share_cells(row, facts, names, scale) for _, row in moved.iterrows()]
            title = f"{metal}: supply shares that change most by {facts.focus}, % (change in points)"
            blocks.append(table(title, CHANGE_HEADER, rows, room, total=False))
        moved = _largest(prices[prices["good"] == good], relative, most)
        if not moved.empty:
            rows = [_price_cells(row, facts, names) for _, row in moved.iterrows()]
            title = f"{metal}: prices that change most by {facts.focus}, USD/t"
            blocks.append(table(title, CHANGE_HEADER, rows, room, total=False))
    moved_in_a_draw = (at_focus[["difference_p05", "difference_p95"]].abs() > 0).any(axis=None)
    return blocks if blocks or moved_in_a_draw else [paragraph(_nothing(facts, summary), room)]


def _levels(facts: RunFacts, summary: pd.DataFrame, names: Mapping[str, str], room: int) -> list[list[str]]:
    """World price and output, and the prices of the largest markets, in the first, the focus and the last year."""
    years = sorted({facts.years[0], facts.focus, facts.years[-1]})
    blocks = []
    for good in sorted(set(summary["good"])):
        mine = summary[summary["good"] == good]
        used = mine[(mine["indicator"] == "consumption") & (mine["region"] != WORLD) & (mine["year"] == facts.focus)]
        largest = used.sort_values(["central", "region"], ascending=[False, True])["region"].head(MARKETS)
        wanted = [("World price, USD/t", "world_price", WORLD), ("World output, kt", "production", WORLD)]
        wanted += [
            (f"Price in {the(label_of(str(region), names))}, USD/t", "delivered_price", str(region))
            for region in largest
        ]
        rows = []
        for label, indicator, region in wanted:
            found = mine[(mine["indicator"] == indicator) & (mine["region"] == region)]
            if len(found):
                by_year = dict(zip(found["year"], found["central"], strict=True))
                rows.append([label, *(money(float(by_year.get(year, float("nan")))) for year in years), ""])
        if rows:
            header = ("", *(str(year) for year in years), "")
            blocks.append(table(capital(label_of(good, names)), header, rows, room, total=False))
    return blocks


def _final_first(facts: RunFacts, goods: set[str]) -> list[str]:
    """Goods of the run's chains, what is made before what it is made from; then all others by name."""
    chained = [good for subject in facts.subjects for good in subject.goods if good in goods]
    return [*chained, *sorted(goods - set(chained))]


def _largest(rows: pd.DataFrame, least: float, most: int) -> pd.DataFrame:
    kept = rows[rows["size"] >= least]
    ranked = kept.sort_values(["size", "region", "partner"], ascending=[False, True, True], kind="stable")
    return ranked.head(most)


def _tonnes(at_focus: pd.DataFrame) -> pd.DataFrame:
    """Output, use, exports and imports by region, sized by the world's use."""
    used = at_focus[(at_focus["indicator"] == "consumption") & (at_focus["region"] == WORLD)]["baseline"].sum()
    rows = at_focus[at_focus["indicator"].isin(list(_OF_TONNES)) & (at_focus["region"] != WORLD)]
    return rows.assign(size=rows["difference"].abs() / used if used > 0 else 0.0)


def _tonnes_cells(row: pd.Series, facts: RunFacts, names: Mapping[str, str]) -> list[str]:
    low, high = (small_tonnes(float(row[end]), sign=True) for end in ("difference_p05", "difference_p95"))
    return [
        f"{label_of(str(row['region']), names)}, {_OF_TONNES[str(row['indicator'])]}",
        *(small_tonnes(float(row[level])) for level in ("baseline", "central")),
        small_tonnes(float(row["difference"]), sign=True),
        between(low, high) if facts.draws else "",
    ]


def _share_cells(row: pd.Series, facts: RunFacts, names: Mapping[str, str], scale: float) -> list[str]:
    origin = "home" if row["partner"] == row["region"] else f"from {label_of(str(row['partner']), names)}"
    low, high = (number(scale * float(row[end]), 1, sign=True) for end in ("difference_p05", "difference_p95"))
    return [
        f"{label_of(str(row['region']), names)}, {origin}",
        *(number(scale * float(row[level]), 1) for level in ("baseline", "central")),
        number(scale * float(row["difference"]), 1, sign=True),
        between(low, high) if facts.draws else "",
    ]


def _price_cells(row: pd.Series, facts: RunFacts, names: Mapping[str, str]) -> list[str]:
    low, high = (money(float(row[end]), sign=True) for end in ("difference_p05", "difference_p95"))
    return [
        label_of(str(row["region"]), names),
        *(money(float(row[level])) for level in ("baseline", "central")),
        money(float(row["difference"]), sign=True),
        between(low, high) if facts.draws else "",
    ]


def _nothing(facts: RunFacts, summary: pd.DataFrame) -> str:
    """That nothing moves in the focus year, and in which year something first does."""
    told = (
        f"Nothing changes against the baseline ({plain(facts.baseline_title)}) in {facts.focus}: no supply share "
        f"moves by 0.05 points, no price by 0.05 %."
    )
    years = _moving(facts, summary)
    if not years:
        return f"{told} Nor does anything move in any other year of the run."
    first = years[0]
    return (
        f"{told} Something first moves in {first}; "
        f"years: {{focus: {first}}} in the scenario, or SET='years.focus={first}', asks for that year."
    )


def _moving(facts: RunFacts, summary: pd.DataFrame) -> list[int]:
    """Years of the run in which a supply share, a price or tonnes move as far as a table would show."""
    change, kind = summary["difference"].abs(), summary["indicator"]
    shares = (kind == "supply_share") & (change >= _POINTS * summary["unit"].map({"%": 100}).fillna(1))
    prices = kind.isin(["delivered_price", "world_price"]) & (change >= _RELATIVE * summary["baseline"].abs())
    used = summary[(kind == "consumption") & (summary["region"] == WORLD)].groupby(["good", "year"])["baseline"].sum()
    size = used.reindex(pd.MultiIndex.from_frame(summary[["good", "year"]])).to_numpy()
    tonnes = kind.isin(list(_OF_TONNES)) & (summary["region"] != WORLD) & (change >= _TONNES * size)
    moving = summary[(shares | prices | tonnes) & (change > 0)]["year"]
    return sorted({int(year) for year in moving} & set(facts.years))
