"""Indicators as a reader knows them: what they are called, and how their numbers are printed."""

from __future__ import annotations

from dataclasses import dataclass

from sim.output.wording import MINUS, money, number, percent, small_tonnes

PRICES, TONNES, SHARES, MONEY = "Prices", "Tonnes", "Shares and concentration", "Money and rents"
GROUPS = (PRICES, TONNES, SHARES, MONEY)
_INDEX_DECIMALS = 3  # of a number from 0 to 1 that is no share
_REACHED = "_falls_to_"  # in the names of indicators about thresholds; the percentage follows


@dataclass(frozen=True, kw_only=True)
class IndicatorName:
    """What an indicator is called and in which group it is shown; ``part`` where it is a share of 1, told in %."""

    label: str
    group: str
    part: bool = False


def _named(group: str, part: bool, labels: dict[str, str]) -> dict[str, IndicatorName]:
    return {name: IndicatorName(label=label, group=group, part=part) for name, label in labels.items()}


NAMES = {
    **_named(
        PRICES,
        False,
        {
            "world_price": "World price",
            "delivered_price": "Price at the market",
            "producer_price": "Price at the producer",
        },
    ),
    **_named(
        PRICES,
        True,
        {
            "price_against_baseline": "Price over that of the baseline",
            "price_against_benchmark": "Price over that of the benchmark year",
        },
    ),
    **_named(
        TONNES,
        False,
        {
            "production": "Output",
            "consumption": "Use",
            "consumption_lost": "Use lost",
            "imports": "Imports",
            "exports": "Exports",
            "capacity": "Capacity",
            "unserved": "Demand not served",
            "flow_under_bound": "Flow under a bound",
            "shortfall": "Shortfall of a floor",
            "stock_release": "Sold from a stockpile",
            "stock_left": "Left in a stockpile",
            "offer_offered": "Offered",
            "offer_new_output": "New output for an offer",
            "offer_discount_shortfall": "What no discount places",
            "offer_not_taken": "Offered and not taken",
            "offer_not_taken_contracts": "Not taken: contracts",
            "offer_not_taken_duties": "Not taken: duties",
            "offer_not_taken_scarcity": "Not taken: scarcity",
            "offer_not_taken_price_and_taste": "Not taken: price and taste",
            "offer_not_taken_ban": "Not taken: ban",
        },
    ),
    **_named(
        SHARES,
        True,
        {
            "supply_share": "Share of supply",
            "import_share": "Share of imports",
            "touched_supply": "Part in supply, at any stage",
            "touched_imports": "Part in imports, at any stage",
            "offer_take_up": "Share of the offer taken",
            "offer_discount": "Discount that places the offer",
            "offer_below_rivals": "The same, below the rivals",
        },
    ),
    **_named(SHARES, False, {"concentration": "Concentration of supply (Herfindahl, 0 to 1)"}),
    **_named(
        MONEY,
        False,
        {
            "buyers_surplus": "Gain of the buyers",
            "buyers_surplus_by_route": "Gain of the buyers, by route",
            "producers_surplus": "Surplus of the producers",
            "duties": "Duties paid",
            "export_taxes": "Export taxes paid",
            "freight_cost": "Freight paid",
            "rent": "Rent of a bound",
            "rents_received": "Rents received",
            "capital_spent": "Capital spent",
            "capital_per_point": "Capital per point of dependence",
            "payback": "Payback",
        },
    ),
    **_named(MONEY, True, {"capital_against_world_market": "Capital over a year's world market"}),
}


def indicator_name(indicator: str) -> IndicatorName:
    """What an indicator is called; one that has no name of its own is told as it is written."""
    if indicator in NAMES:
        return NAMES[indicator]
    begun, reached, percentage = indicator.partition(_REACHED)
    if reached and begun in NAMES:
        about = NAMES[begun].label
        if percentage.endswith("_median_year"):
            limit = percentage.removesuffix("_median_year")
            return IndicatorName(label=f"{about}: median year in which it falls to {limit} %", group=SHARES)
        return IndicatorName(label=f"{about}: draws in which it falls to {percentage} %", group=SHARES, part=True)
    return IndicatorName(label=indicator.replace("_", " "), group=MONEY)


def shown_unit(indicator: str, unit: str) -> str:
    """The unit in which the numbers of an indicator are printed; empty for a pure number."""
    if unit == "1":
        return "%" if indicator_name(indicator).part else ""
    return "" if unit == "year" else unit


def shown_value(value: float, indicator: str, unit: str, *, sign: bool = False) -> str:
    """A number of an indicator as it is printed, with a true minus sign; ``n/a`` for a blank."""
    if unit == "%":
        told = percent(value / 100, sign=sign)
    elif unit == "1":
        told = (
            percent(value, sign=sign) if indicator_name(indicator).part else number(value, _INDEX_DECIMALS, sign=sign)
        )
    elif unit == "USD/t":
        told = money(value, sign=sign)
    elif unit == "year":
        told = number(value).replace(",", "")
    else:
        told = small_tonnes(value, sign=sign)
    return told.replace("-", MINUS)
