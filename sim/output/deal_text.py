"""Who gives way to metal that one region sells to another, in tables and sentences of plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.output.textblock import CHANGE_HEADER, beside, table
from sim.output.wording import between, label_of, money, number, percent, price_instead, small_tonnes, the, tonnes
from sim.records.outcome import ChangeRow, DealAnswer, RunFacts

ROWS = 8  # regions with a line of their own
NOTHING = 0.5  # kt
RELATIVE = 0.0005  # a price that moves by less has not moved
_SMALL = 0.01  # of the metal gained
_WHOLE_FROM = 50.0  # kt gained, from which on the tables show whole kt
_SMALL_MARKET = 100.0  # kt a year, below which tonnes are told with two decimals
_NOTHING_OF_LITTLE = 0.005  # kt there


def deal_tables(deal: DealAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    """Suppliers of the market and customers of the seller, side by side where that fits."""
    suppliers, customers = suppliers_table(deal, facts, names, room), customers_table(deal, facts, names, room)
    return beside(suppliers, [customers, _changes_only(deal, facts, names, room)], room)


def suppliers_table(deal: DealAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    """Who sells in the market, with the changes."""
    market = the(label_of(deal.destination, names))
    rows = _change_rows(deal.suppliers, deal, facts, names, keep=deal.origin, home=deal.destination)
    rows.append(_change_cells("Use in all", deal.use, facts, _table_decimals(deal)))
    return table(f"Who supplies {market}, kt in {deal.year}", CHANGE_HEADER, rows, room, total=True)


def customers_table(deal: DealAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    """Who buys from the seller, with the changes."""
    rows = _customer_rows(deal, facts, names)
    return table(_customers_title(deal, names), CHANGE_HEADER, rows, room, total=True)


def _changes_only(deal: DealAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    rows = [[row[0], *row[3:]] for row in _customer_rows(deal, facts, names)]
    return table(_customers_title(deal, names), (CHANGE_HEADER[0], *CHANGE_HEADER[3:]), rows, room, total=True)


def _customers_title(deal: DealAnswer, names: Mapping[str, str]) -> str:
    return f"Who buys from {the(label_of(deal.origin, names))}, kt in {deal.year}"


def _customer_rows(deal: DealAnswer, facts: RunFacts, names: Mapping[str, str]) -> list[list[str]]:
    taken = deal.suppliers[0]
    sold = ChangeRow(label=deal.destination, baseline=taken.baseline, scenario=taken.scenario, change=taken.change)
    rows = _change_rows((sold, *deal.customers), deal, facts, names, keep=deal.destination, home=deal.origin)
    return [*rows, _change_cells("Output in all", deal.new_output, facts, _table_decimals(deal))]


def _change_rows(
    rows: Sequence[ChangeRow], deal: DealAnswer, facts: RunFacts, names: Mapping[str, str], *, keep: str, home: str
) -> list[list[str]]:
    least = max(_SMALL * abs(deal.suppliers[0].scenario), _nothing(deal))
    ranked = sorted(rows[1:], key=lambda row: (-abs(row.change.central), row.label))
    shown = [row for row in ranked if abs(row.change.central) >= least][:ROWS]
    own_sales = [row for row in ranked if row.label == home]
    if own_sales and own_sales[0] not in shown and own_sales[0].baseline >= _nothing(deal):
        shown = [*shown[: ROWS - 1], *own_sales]  # the market's own producers are always of interest
    rest = [row for row in ranked if row not in shown]
    shown.sort(key=lambda row: row.change.central)
    decimals = _table_decimals(deal)
    cells = [_change_cells(label_of(keep, names), rows[0], facts, decimals)]
    for row in shown:
        own = ", home" if row.label == home else ""
        cells.append(_change_cells(label_of(row.label, names) + own, row, facts, decimals))
    if rest:
        sums = [number(sum(getattr(row, part) for row in rest), decimals) for part in ("baseline", "scenario")]
        change = number(sum(row.change.central for row in rest), decimals, sign=True)
        cells.append([f"{len(rest)} other{'s' if len(rest) > 1 else ''}", *sums, change, ""])
    return cells


def _change_cells(label: str, row: ChangeRow, facts: RunFacts, decimals: int) -> list[str]:
    change = row.change
    band = between(number(change.p05, decimals, sign=True), number(change.p95, decimals, sign=True))
    levels = [number(level, decimals) for level in (row.baseline, row.scenario)]
    return [label, *levels, number(change.central, decimals, sign=True), band if facts.draws else ""]


def _table_decimals(deal: DealAnswer) -> int:
    if _is_small(deal):
        return 2
    return 0 if abs(deal.suppliers[0].change.central) >= _WHOLE_FROM else 1


def _is_small(deal: DealAnswer) -> bool:
    return max(deal.use.baseline, deal.use.scenario) < _SMALL_MARKET


def _nothing(deal: DealAnswer) -> float:
    """Tonnes of that market that are not worth a line. [kt]"""
    return _NOTHING_OF_LITTLE if _is_small(deal) else NOTHING


def sources_sentence(deal: DealAnswer, names: Mapping[str, str]) -> str:
    """Where the metal comes from: other customers or new output."""
    gained, output = deal.suppliers[0].change.central, deal.new_output.change.central
    if gained < _nothing(deal):
        return "No metal changes hands."
    drawn = gained - output
    told = small_tonnes if _is_small(deal) else tonnes
    seller = the(label_of(deal.origin, names))
    if output < 0:
        return f"All {told(gained)} kt come from other customers of {seller}; its output falls by {told(-output)} kt."
    if drawn < 0:
        return (
            f"The output of {seller} grows by {told(output)} kt: {told(gained)} kt more are sold here and "
            f"{told(-drawn)} kt more to its other customers."
        )
    return (
        f"Of the {told(gained)} kt more, {told(drawn)} kt ({number(100 * drawn / gained, 0)} %) come from other "
        f"customers of {seller} and {told(output)} kt ({number(100 * output / gained, 0)} %) are new output."
    )


def prices_sentence(deal: DealAnswer, facts: RunFacts, names: Mapping[str, str]) -> str:
    """What becomes of the price in the market and in the world."""
    market = the(label_of(deal.destination, names))
    return f"Price in {market}: {_price(deal.price, facts)}. World price: {_price(deal.world_price, facts)}."


def _price(row: ChangeRow, facts: RunFacts) -> str:
    if not row.baseline > 0:
        return f"{money(row.scenario)} USD/t, none in the baseline"
    change, low, high = (part / row.baseline for part in (row.change.central, row.change.p05, row.change.p95))
    band = between(percent(low, sign=True), percent(high, sign=True), unit=" %")
    if abs(change) < RELATIVE:
        told = f" ({band})" if facts.draws and band and max(abs(low), abs(high)) >= RELATIVE else ""
        return f"practically unchanged at {money(row.scenario)} USD/t{told}"
    told = f"{percent(change, sign=True)} %{f'; {band}' if facts.draws and band else ''}"
    return f"{price_instead(row.scenario, row.baseline)} ({told})"
