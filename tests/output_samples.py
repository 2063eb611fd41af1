"""Tables of realistic size and shape for the tests of the output: aluminium, 28 regions, 2024 to 2050.

The flows are those of 2024 in kt, rounded; what the scenario does to them is made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache

import pandas as pd

from sim.records.cases import StateCase, SwitchCases
from sim.records.outcome import (
    Band,
    CapitalCost,
    ChangeRow,
    DealAnswer,
    GuaranteeAnswer,
    GuaranteeYear,
    OfferAnswer,
    ProjectAnswer,
    ProjectPart,
    Removal,
    RunFacts,
    Subject,
)

FLOWS: dict[str, dict[str, float]] = {
    "US": {"US": 2236},
    "China": {"US": 104, "China": 43858},
    "Russia": {
        "China": 1729,
        "Russia": 1099,
        "Japan": 38,
        "Korea": 296,
        "EU": 341,
        "Turkey": 243,
        "Thailand": 22,
        "Rest_of_World": 88,
    },
    "Canada": {"US": 1949, "Canada": 1216, "EU": 148},
    "India": {
        "US": 144,
        "China": 214,
        "Japan": 145,
        "Korea": 286,
        "India": 2370,
        "EU": 332,
        "Turkey": 227,
        "Malaysia": 90,
        "Vietnam": 131,
        "Thailand": 76,
        "Rest_of_World": 169,
    },
    "Gulf": {
        "US": 672,
        "China": 281,
        "Japan": 629,
        "Korea": 325,
        "India": 95,
        "Gulf": 959,
        "Norway_Iceland": 25,
        "EU": 1689,
        "UK": 60,
        "Turkey": 924,
        "Malaysia": 113,
        "Indonesia": 17,
        "Vietnam": 73,
        "Thailand": 181,
        "Rest_of_World": 260,
    },
    "Norway_Iceland": {"US": 49, "Norway_Iceland": 196, "EU": 1666, "UK": 84, "Rest_of_World": 17},
    "EU": {"US": 32, "EU": 1124},
    "UK": {"UK": 29},
    "Turkey": {"Turkey": 80},
    "Malaysia": {
        "US": 41,
        "China": 83,
        "Japan": 41,
        "Korea": 133,
        "EU": 110,
        "Turkey": 96,
        "Malaysia": 364,
        "Vietnam": 107,
        "Thailand": 33,
        "Rest_of_World": 39,
    },
    "Indonesia": {"US": 17, "China": 147, "Korea": 21, "EU": 23, "Indonesia": 213, "Vietnam": 21, "Rest_of_World": 18},
    "Australia": {
        "US": 109,
        "China": 74,
        "Japan": 308,
        "Korea": 373,
        "EU": 60,
        "Turkey": 24,
        "Malaysia": 42,
        "Indonesia": 16,
        "Australia": 148,
        "Vietnam": 180,
        "Thailand": 113,
        "Rest_of_World": 116,
    },
    "Brazil": {"Japan": 154, "EU": 149, "UK": 18, "Brazil": 738, "Rest_of_World": 18},
    "Argentina": {"US": 139, "Japan": 25, "EU": 67, "Brazil": 40, "Argentina": 145, "Rest_of_World": 23},
    "South_Africa": {
        "US": 120,
        "Japan": 60,
        "EU": 173,
        "UK": 17,
        "Turkey": 21,
        "South_Africa": 145,
        "Thailand": 35,
        "Rest_of_World": 114,
    },
    "Mozambique": {"EU": 298, "UK": 85, "Mozambique": 26, "Rest_of_World": 64},
    "Kazakhstan": {"China": 19, "EU": 120, "Turkey": 55, "Kazakhstan": 20, "Rest_of_World": 38},
    "Rest_of_World": {"US": 75, "China": 60, "Japan": 55, "Korea": 27, "EU": 137, "Turkey": 111, "Rest_of_World": 950},
}
LABELS = {
    "US": "United States",
    "Korea": "South Korea",
    "Gulf": "Gulf states",
    "Norway_Iceland": "Norway and Iceland",
    "EU": "EU without Estonia",
    "UK": "United Kingdom",
    "South_Africa": "South Africa",
    "Rest_of_World": "Rest of the world",
    "aluminium": "Primary aluminium",
}
REGIONS = (
    *(
        "US",
        "China",
        "Russia",
        "Ukraine",
        "Canada",
        "Japan",
        "Korea",
        "India",
        "Gulf",
        "Norway_Iceland",
        "EU",
        "Estonia",
    ),
    *("UK", "Turkey", "Malaysia", "Indonesia", "Australia", "Myanmar", "Brazil", "Argentina", "South_Africa"),
    *("Mozambique", "Kazakhstan", "Vietnam", "Thailand", "Madagascar", "Nigeria", "Rest_of_World"),
)
YEARS = tuple(range(2024, 2051))
FOCUS = 2036
DISPLACED = {"Canada": 150.0, "Gulf": 40.0, "US": 20.0, "India": 12.0, "Australia": 9.0, "Argentina": 8.0, "China": 5.0}
CUSTOMERS = {"China": 130.0, "EU": 30.0, "Korea": 35.0, "Turkey": 26.0, "Japan": 4.0, "Rest_of_World": 9.0}
FILLED = {"Canada": "EU", "Gulf": "China", "India": "China", "Australia": "Korea", "Argentina": "EU", "China": "China"}
NEW_OUTPUT, MORE_USE = 22.0, 12.0


def facts(**changes: object) -> RunFacts:
    """A run of 256 draws, two of them without a solution."""
    known = RunFacts(
        scenario="sanctions_lifted",
        title="The United States lift their sanctions on Russian metals",
        question="How much of the offered 2 Mt would the US market take, who loses it, and what happens to the price?",
        baseline="baseline",
        baseline_title="Policies in force stay",
        world="metals_2024",
        years=YEARS,
        focus=FOCUS,
        draws=256,
        solved=254,
        infeasible=1,
        failed=1,
        tiers=("document", "assumption", "derived", "literature", "statistic"),
        stated=("2 Mt/yr (russian_aluminium_offer)",),
        version="0.1.0",
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def phase(year: int) -> float:
    """How far the market has taken the change up: 0 up to 2025, 1 in the focus year, a little more later."""
    return 0.0 if year < 2026 else min((year - 2025) / (FOCUS - 2025), 1.0) ** 0.6 + max(year - FOCUS, 0) * 0.004


def shocked(origin: str, destination: str, year: int, effect: float = 1.0) -> float:
    """Change of one flow against the baseline, kt."""
    change = 0.0
    if destination == "US":
        change -= DISPLACED.get(origin, 0.0)
        change += sum(DISPLACED.values()) + MORE_USE if origin == "Russia" else 0.0
    if origin == "Russia":
        change -= CUSTOMERS.get(destination, 0.0)
    if FILLED.get(origin) == destination:
        change += DISPLACED[origin]
    return effect * change * phase(year)


def growth(year: int) -> float:
    """Flows of the baseline over those of 2024."""
    return 1.01 ** (year - YEARS[0])


@cache
def flows(effect: float = 1.0, regions: tuple[str, ...] = REGIONS) -> pd.DataFrame:
    """The table of flows; shared, so copy it before a change."""
    rows = []
    for year in YEARS:
        for origin in regions:
            for destination in regions:
                base = FLOWS.get(origin, {}).get(destination, 0.0) * growth(year)
                change = shocked(origin, destination, year, effect)
                low, high = sorted((base + 0.6 * change, base + 1.5 * change))
                rows.append((year, "aluminium", origin, destination, base, base + change, low, base + change, high))
    names = ("year", "good", "origin", "destination", "baseline_kt", "central_kt", "p05_kt", "p50_kt", "p95_kt")
    return pd.DataFrame(rows, columns=list(names))


@cache
def summary(effect: float = 1.0, regions: tuple[str, ...] = REGIONS) -> pd.DataFrame:
    """Supply and import shares by origin for each destination, and prices; shared, so copy before a change."""
    table = flows(effect, regions)
    shares = [
        shares_of(table, "supply_share"),
        shares_of(table[table["origin"] != table["destination"]], "import_share"),
    ]
    return pd.concat([*shares, prices(effect)], ignore_index=True)


@cache
def balances(effect: float = 1.0, regions: tuple[str, ...] = REGIONS) -> pd.DataFrame:
    """Output, use and concentration of supply by region, output and use of the world; shared, so copy it."""
    table = flows(effect, regions)
    runs = {"baseline_kt": "baseline", "central_kt": "central"}
    parts = []
    for indicator, end in (("production", "origin"), ("consumption", "destination")):
        by_region = table.groupby([end, "year"])[list(runs)].sum().reset_index().rename(columns={end: "region"})
        world = by_region.groupby("year")[list(runs)].sum().reset_index().assign(region="World")
        parts.append(pd.concat([by_region, world]).rename(columns=runs).assign(indicator=indicator, unit="kt/yr"))
    shares = shares_of(table, "concentration")
    squared = shares.assign(baseline=shares["baseline"] ** 2, central=shares["central"] ** 2)
    index = squared.groupby(["region", "year"])[["baseline", "central"]].sum().reset_index()
    parts.append(index.assign(indicator="concentration", unit="1"))
    return with_bands(pd.concat(parts, ignore_index=True).assign(good="aluminium", partner=""), 0.6, 1.5)


def shares_of(table: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Shares of each destination by origin, with bands."""
    total = table.groupby(["destination", "year"])[["baseline_kt", "central_kt"]].transform("sum")
    share = table[["baseline_kt", "central_kt"]] / total.where(total > 0)
    shares = pd.DataFrame(
        {
            "indicator": indicator,
            "good": "aluminium",
            "region": table["destination"],
            "partner": table["origin"],
            "year": table["year"],
            "unit": "1",
            "baseline": share["baseline_kt"],
            "central": share["central_kt"],
        }
    )
    return with_bands(shares.fillna(0.0), 0.6, 1.5)


def prices(effect: float = 1.0) -> pd.DataFrame:
    """Market prices in three regions and the price of the world."""
    rows = []
    levels = {"US": (3620.0, -0.022), "China": (2420.0, 0.004), "EU": (2690.0, 0.006), "World": (2440.0, 0.001)}
    for region, (level, change) in levels.items():
        for year in YEARS:
            base = level * (1 + 0.002 * (year - YEARS[0]) + (0.03 if year == 2026 and region == "US" else 0.0))
            name = "world_price" if region == "World" else "delivered_price"
            price = base * (1 + effect * change * phase(year))
            rows.append((name, "aluminium", region, "", year, "USD/t", base, price))
    columns = ["indicator", "good", "region", "partner", "year", "unit", "baseline", "central"]
    table = with_bands(pd.DataFrame(rows, columns=columns), 0.5, 1.7)
    wide = (table["year"] - YEARS[0]) * 0.004
    table["p05"], table["p95"] = table["central"] * (1 - wide), table["central"] * (1 + 1.3 * wide)
    return table


def with_bands(table: pd.DataFrame, low: float, high: float) -> pd.DataFrame:
    """The columns of the summary, percentiles at ``low`` and ``high`` times the central difference."""
    difference = table["central"] - table["baseline"]
    ends = pd.DataFrame({"low": low * difference, "high": high * difference})
    banded = table.assign(
        scenario="sanctions_lifted",
        p50=table["central"],
        difference=difference,
        difference_p05=ends.min(axis=1),
        difference_p50=difference,
        difference_p95=ends.max(axis=1),
        tier="document assumption statistic",
    )
    return banded.assign(
        p05=banded["baseline"] + banded["difference_p05"], p95=banded["baseline"] + banded["difference_p95"]
    )


def band(central: float, low: float = 0.7, high: float = 1.4) -> Band:
    """A band around a number, the lower end first whatever its sign."""
    first, last = sorted((low * central, high * central))
    return Band(central=central, p05=first, p50=central, p95=last)


def row(label: str, baseline: float, change: float) -> ChangeRow:
    """A line whose scenario is the baseline with the change."""
    return ChangeRow(label=label, baseline=baseline, scenario=baseline + change, change=band(change))


def offer(effect: float = 1.0, **changes: object) -> OfferAnswer:
    """The answer to the offer of 2 Mt in the focus year, its splits adding up."""
    scale = growth(FOCUS)
    taken = effect * (sum(DISPLACED.values()) + MORE_USE)
    reasons: Mapping[str, float] = {
        "contracts not yet up": 130.0,
        "Russian capacity": 560.0,
        "duties that stay": 640.0,
        "price and taste": 2000.0 - taken - 1330.0,
    }
    into_us = {name: FLOWS[name].get("US", 0.0) * scale for name in FLOWS if name != "Russia"}
    known = OfferAnswer(
        measure="russian_aluminium_offer",
        good="aluminium",
        origin="Russia",
        destination="US",
        year=FOCUS,
        first_year=2026,
        stated=True,
        quote="etwa 2 Millionen Tonnen",
        offered=Band(central=2000.0, p05=1580.0, p50=1850.0, p95=1985.0),
        taken=band(taken),
        taken_first=band(taken * phase(2026)),
        binds=0.0,
        reasons=tuple(reasons.items()),
        discount=Band(central=0.41, p05=0.33, p50=0.4, p95=0.52),
        below_rivals=Band(central=0.31, p05=0.22, p50=0.3, p95=0.42),
        discount_shortfall=Band(central=0.0, p05=0.0, p50=0.0, p95=0.0),
        suppliers=(
            row("Russia", 0.0, taken),
            *(row(name, base, -effect * DISPLACED.get(name, 0.0)) for name, base in into_us.items()),
        ),
        customers=tuple(
            row(name, FLOWS["Russia"].get(name, 0.0) * scale, -effect * CUSTOMERS.get(name, 0.0))
            for name in REGIONS
            if name != "US"
        ),
        use=row("use", 5716.0 * scale, effect * MORE_USE),
        new_output=row("output", 3880.0 * scale, effect * NEW_OUTPUT),
        price=row("price", 3706.0, -81.5 * effect),
        world_price=row("world", 2498.0, 2.5 * effect),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def guarantee(kind: str, missing: float, effect: float = 1.0) -> GuaranteeAnswer:
    """Two million tonnes that a floor or a contract places, with the splits of the offer."""
    shared = {field.name: getattr(offer(effect), field.name) for field in fields(DealAnswer)}
    year = GuaranteeYear(
        year=FOCUS,
        placed=band(2000.0),
        missing=band(missing),
        price=band(2200.0),
        discount=band(0.5 if kind == "floor" else 0.0),
        below_rivals=band(0.25),
        cost=band(5000.0),
    )
    given = shared | {"measure": "delivered"}
    return GuaranteeAnswer(**given, kind=kind, told=year, years=(year,), falls_short=0.0)


CHAIN = Subject(goods=("oxide", "ore"), market="US", country="China")
# baseline and scenario in the focus year, of 1
DEPENDENCE = {
    ("import_share", "oxide"): {"China": (0.6, 0.2), "Malaysia": (0.3, 0.6), "EU": (0.1, 0.2)},
    ("supply_share", "oxide"): {"China": (0.54, 0.15), "US": (0.1, 0.25), "Malaysia": (0.27, 0.45), "EU": (0.09, 0.15)},
    ("touched_supply", "oxide"): {"China": (0.7, 0.35), "Malaysia": (0.3, 0.45), "US": (0.1, 0.25)},
    ("touched_imports", "oxide"): {"China": (0.75, 0.45)},
    ("import_share", "ore"): {"Australia": (1.0, 1.0)},
    ("supply_share", "ore"): {"US": (0.9, 0.92), "Australia": (0.1, 0.08)},
}


def chain_facts(**changes: object) -> RunFacts:
    """A run about the dependence of the US on Chinese oxide, which is made from ore."""
    caution = "One basket hides that the dependence sits in a few elements"
    return replace(facts(subjects=(CHAIN,), cautions=(("oxide", caution),)), **changes)  # type: ignore[arg-type]


def chain_summary(effect: float = 1.0, unserved: float = 0.0) -> pd.DataFrame:
    """Shares by stage, prices, use and unserved demand of the US; the effect grows from 2025 to the focus year."""
    rows = []

    def add(indicator: str, good: str, region: str, partner: str, unit: str, before: float, after: float) -> None:
        for year in YEARS:
            central = before + effect * phase(year) * (after - before)
            rows.append((indicator, good, region, partner, year, unit, before, central))

    for (indicator, good), shares in DEPENDENCE.items():
        for partner, (before, after) in shares.items():
            add(indicator, good, "US", partner, "1", before, after)
    for good, price in (("oxide", 14000.0), ("ore", 5000.0)):
        add("delivered_price", good, "US", "", "USD/t", price, 1.1 * price)
        add("world_price", good, "World", "", "USD/t", price, price)
        add("consumption", good, "US", "", "kt/yr", 10.0, 9.5)
    add("unserved", "oxide", "US", "", "kt/yr", 0.0, unserved)
    columns = ["indicator", "good", "region", "partner", "year", "unit", "baseline", "central"]
    return with_bands(pd.DataFrame(rows, columns=columns), 0.9, 1.1)


def cases(effect: float = 1.0, **changes: object) -> SwitchCases:
    """Talks that are held in 27 draws of 48, where the dependence of the US on Chinese oxide falls."""

    def state(on: bool, draws: int, size: float) -> StateCase:
        return StateCase(
            on=on,
            draws=draws,
            imports=band(0.6 - 0.13 * size, 0.8, 1.2),
            imports_change=band(-0.13 * size),
            touched_change=band(-0.09 * size),
            price_change=band(-0.04 * size),
            output=(("ore", "Russia", band(9.0 * size)), ("oxide", "Russia", band(1600.0 * size))),
        )

    known = SwitchCases(
        switch="talks",
        good="oxide",
        market="US",
        country="China",
        year=FOCUS,
        chance=0.5,
        central=False,
        states=(state(True, 27, effect), state(False, 21, 0.0)),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def project(**changes: object) -> ProjectAnswer:
    """Mines in Russia of which nine tenths go to China."""
    known = ProjectAnswer(
        good="ore",
        region="Russia",
        year=FOCUS,
        market="US",
        parts=(ProjectPart(measure="mine", capacity=band(12.0), first_year=2031, output=band(10.0), stated=False),),
        output=row("output", 3.0, 10.0),
        destinations=(row("China", 0.0, 9.0), row("Estonia", 2.0, 1.0), row("Russia", 1.0, 0.0)),
        next_good="oxide",
        returns=(row("China", 0.0, 0.2), row("Estonia", 0.3, 0.1)),
        feed_good=None,
        feed=(),
        without=None,
        without_feed=(),
        costs=(),
        world_market=band(2000.0),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def plant(**changes: object) -> ProjectAnswer:
    """A plant in Russia that makes oxide of the mines' ore."""
    alone = ChangeRow(
        label="China", baseline=0.7, scenario=0.698, change=Band(central=-0.002, p05=-0.004, p50=-0.003, p95=-0.001)
    )
    known = project(
        good="oxide",
        parts=(ProjectPart(measure="plant", capacity=band(10.0), first_year=2034, output=band(5.0), stated=True),),
        output=row("output", 0.0, 5.0),
        destinations=(row("US", 0.0, 5.0),),
        next_good=None,
        returns=(),
        feed_good="ore",
        feed=(row("Russia", 1.0, 8.0), row("China", 0.0, 1.0)),
        without=alone,
        without_feed=(row("China", 0.0, 6.0), row("Estonia", 2.0, 2.0)),
        costs=(capital_cost(),),
        world_market=band(5000.0),
        removal=Removal(
            country="China",
            market="US",
            points=band(35.0),
            capital=band(300_000.0),
            per_point=band(8571.0),
            draws=250,
            unstated=("mine",),
        ),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def capital_cost(**changes: object) -> CapitalCost:
    """What the plant is said to cost."""
    known = CapitalCost(
        measure="plant",
        low=100_000.0,
        high=999_000.0,
        tier="document",
        quote=None,
        first_year=2026,
        last_year=2033,
        spent=band(300_000.0),
        earned=band(50.0),
        payback=band(6000.0),
        against_market=band(60.0),
    )
    return replace(known, **changes)  # type: ignore[arg-type]
