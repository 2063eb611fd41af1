"""What became of an offer, in words and tables of plain text."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from sim.output.textblock import CHANGE_HEADER, beside, paragraph, rounded_parts, table
from sim.output.wording import (
    capital,
    good_of,
    label_of,
    money,
    number,
    part_of,
    percent,
    plain,
    the,
    tonnes,
    volume_scale,
)
from sim.records.outcome import ChangeRow, OfferAnswer, RunFacts

DEEPEST_CUT = 0.70  # the model lowers a price to 0.3 of what it was, not further
ROWS = 8  # regions with a line of their own
_NOTHING = 0.5  # kt
_OFF_THE_MIDDLE = 0.2  # of the band, between central run and median: worth a word
_SMALL = 0.01  # of the metal taken
_WHOLE_FROM = 50.0  # kt taken, from which on the tables show whole kt
_RELATIVE = 0.0005  # a price that moves by less has not moved


def offer_blocks(
    offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str], room: int, *, named: bool
) -> list[list[str]]:
    """Paragraphs and tables on one offer, each a list of lines of at most ``room`` characters."""
    blocks = [[f"== {plain(offer.measure)} =="]] if named else []
    blocks.append(paragraph(_take_up(offer, facts, names), room))
    blocks.append(_reasons(offer, room))
    blocks.append(paragraph(_discount(offer, facts, names), room))
    suppliers, customers = _suppliers(offer, facts, names, room), _customers(offer, facts, names, room)
    blocks.append(beside(suppliers, [customers, _changes_only(offer, facts, names, room)], room))
    blocks.append([*paragraph(_sources(offer, names), room), *paragraph(_prices(offer, facts, names), room)])
    return blocks


def _take_up(offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str]) -> str:
    market, seller = the(label_of(offer.destination, names)), the(label_of(offer.origin, names))
    taken, offered = offer.taken, offer.offered
    if offered.central < _NOTHING:
        sentence = f"in the central run the offer is not in force in {offer.year}; {market} would buy "
        return capital(f"{sentence}{tonnes(taken.central)} kt of {good_of(offer.good, names)} from {seller}.")
    factor, decimals, unit = volume_scale(offered.central, taken.central)
    sentence = f"{market} would take {part_of(taken.central, offered.central)} of {good_of(offer.good, names)} "
    sentence += f"that {seller} offers in {offer.year}"
    if facts.draws:
        low, high = (number(factor * end, decimals) for end in (taken.p05, taken.p95))
        sentence += f" ({low} to {high} {unit} in 90 % of {facts.solved} draws)"
    if offer.first_year < offer.year:
        first = offer.taken_first.central
        told = f"{number(factor * first, decimals)} {unit}" if factor * first >= 0.05 else f"{tonnes(first)} kt"
        sentence += f", after {told} in {offer.first_year}"
    return capital(f"{sentence}. {_limit(offer, facts)}{_skewness(offer, facts)}{_cases(offer)}")


def _cases(offer: OfferAnswer) -> str:
    """The tonnes taken in each state of the switches that are drawn."""
    told = "".join(
        f" With {case.switch} {'on' if case.on else 'off'} ({case.draws} draws): {tonnes(case.taken.p50)} kt "
        f"({tonnes(case.taken.p05)} to {tonnes(case.taken.p95)})."
        for case in offer.cases
    )
    return f" The draws decide a switch; apart:{told}" if told else ""


def _skewness(offer: OfferAnswer, facts: RunFacts) -> str:
    """Why the central run lies near an end of its own band, where it does."""
    taken = offer.taken
    width = taken.p95 - taken.p05
    if not facts.draws or offer.cases or width <= 0 or abs(taken.central - taken.p50) < _OFF_THE_MIDDLE * width:
        return ""
    end = "upper" if taken.central > taken.p50 else "lower"
    return (
        f" The central run takes every number at its stated value and lies near the {end} end of the band, because "
        f"several ranges are skewed; the median of the draws is {tonnes(taken.p50)} kt."
    )


def _limit(offer: OfferAnswer, facts: RunFacts) -> str:
    if not facts.draws:
        return f"The limit of the offer {'binds' if offer.binds > 0.5 else 'does not bind'}."
    if offer.binds <= 0:
        return "The limit of the offer binds in none of the draws: the market sets the tonnes, not the offer."
    share = "all" if offer.binds >= 1 else f"{number(100 * offer.binds, 0)} %"
    return f"The limit of the offer binds in {share} of the draws."


def _reasons(offer: OfferAnswer, room: int) -> list[str]:
    shortfall = offer.offered.central - offer.taken.central
    if shortfall < _NOTHING:
        return []
    texts, parts = zip(*offer.reasons, strict=True) if offer.reasons else ((), ())
    decimals = 0 if shortfall >= 9.95 else 1
    rounded = rounded_parts(parts, shortfall, decimals)
    rows = [
        [capital(plain(text)), number(value, decimals), f"{number(100 * part / shortfall, 0):>3} %"]
        for text, value, part in zip(texts, rounded, parts, strict=True)
    ]
    rows.append(["Not taken", number(shortfall, decimals), ""])
    title = f"Why not more (kt in {offer.year}, of what is offered and not taken)"
    return table(title, ("", "kt", "share"), rows, room, total=True)


def _discount(offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str]) -> str:
    seller, market = the(label_of(offer.origin, names)), the(label_of(offer.destination, names))
    whole, short, cut = offer.offered.central, offer.discount_shortfall, offer.discount
    if whole < _NOTHING:
        return ""
    factor, decimals, unit = volume_scale(whole, whole)
    told = f"the whole {number(factor * whole, decimals)} {unit}"
    low, high = (percent(max(end, 0.0)) for end in (cut.p05, cut.p95))
    by = f"{percent(cut.central)} %{f' ({low} to {high} %)' if facts.draws else ''}"
    if not math.isfinite(cut.central):
        return f"At which discount {told} would be placed could not be computed."
    if short.central >= whole * (1.0 - _RELATIVE) and cut.central < _RELATIVE:
        return capital(f"in the central run nothing can be placed in {market}: the route is closed.")
    if short.central >= _NOTHING:
        factor, decimals, unit = volume_scale(whole, short.central)
        left = f"{number(factor * short.central, decimals)} {unit}"
        low, high = (number(factor * end, decimals) for end in (short.p05, short.p95))
        left += f" ({low} to {high})" if facts.draws else ""
        if cut.central < DEEPEST_CUT - _RELATIVE:
            # what is left over is not for want of buyers
            return capital(f"{told} could not be placed: {left} are more than {seller} can make. To place the rest in "
                           f"{market}, it would have to cut its delivered price by {by}.")  # fmt: skip
        deepest = f"any discount down to -{number(100 * DEEPEST_CUT, 0)} %"
        return capital(f"{told} could not be placed in {market} at {deepest}: {left} would stay unsold.")
    if cut.central < _RELATIVE:
        return f"No discount is needed to place {told}."
    below = offer.below_rivals
    low, high = (percent(end) for end in (below.p05, below.p95))
    rivals = f"{percent(below.central)} %{f' ({low} to {high} %)' if facts.draws else ''}"
    sentence = f"To place {told} in {market}, {seller} would have to sell {rivals} below its rivals there. "
    sentence += f"Its delivered price, bid up as other customers lose the metal, would be cut by {by}."
    if facts.draws and short.p95 >= _NOTHING:
        sentence += " In some draws no discount is enough."
    return sentence


def _suppliers(offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    market = the(label_of(offer.destination, names))
    rows = _change_rows(offer.suppliers, offer, facts, names, keep=offer.origin, home=offer.destination)
    rows.append(_change_cells("Use in all", offer.use, facts, _table_decimals(offer)))
    return table(f"Who supplies {market}, kt in {offer.year}", CHANGE_HEADER, rows, room, total=True)


def _customers(offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    rows = _customer_rows(offer, facts, names)
    return table(_customers_title(offer, names), CHANGE_HEADER, rows, room, total=True)


def _changes_only(offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    rows = [[row[0], *row[3:]] for row in _customer_rows(offer, facts, names)]
    return table(_customers_title(offer, names), (CHANGE_HEADER[0], *CHANGE_HEADER[3:]), rows, room, total=True)


def _customers_title(offer: OfferAnswer, names: Mapping[str, str]) -> str:
    return f"Who buys from {the(label_of(offer.origin, names))}, kt in {offer.year}"


def _customer_rows(offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str]) -> list[list[str]]:
    taken = offer.suppliers[0]
    sold = ChangeRow(label=offer.destination, baseline=taken.baseline, scenario=taken.scenario, change=taken.change)
    rows = _change_rows((sold, *offer.customers), offer, facts, names, keep=offer.destination, home=offer.origin)
    return [*rows, _change_cells("Output in all", offer.new_output, facts, _table_decimals(offer))]


def _change_rows(
    rows: Sequence[ChangeRow], offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str], *, keep: str, home: str
) -> list[list[str]]:
    least = max(_SMALL * abs(offer.taken.central), _NOTHING)
    ranked = sorted(rows[1:], key=lambda row: (-abs(row.change.central), row.label))
    shown = [row for row in ranked if abs(row.change.central) >= least][:ROWS]
    own_sales = [row for row in ranked if row.label == home]
    if own_sales and own_sales[0] not in shown and own_sales[0].baseline >= _NOTHING:
        shown = [*shown[: ROWS - 1], *own_sales]  # the market's own producers are always of interest
    rest = [row for row in ranked if row not in shown]
    shown.sort(key=lambda row: row.change.central)
    decimals = _table_decimals(offer)
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
    band = f"{number(change.p05, decimals, sign=True)} to {number(change.p95, decimals, sign=True)}"
    levels = [number(level, decimals) for level in (row.baseline, row.scenario)]
    return [label, *levels, number(change.central, decimals, sign=True), band if facts.draws else ""]


def _table_decimals(offer: OfferAnswer) -> int:
    return 0 if abs(offer.suppliers[0].change.central) >= _WHOLE_FROM else 1


def _sources(offer: OfferAnswer, names: Mapping[str, str]) -> str:
    gained, output = offer.suppliers[0].change.central, offer.new_output.change.central
    if gained < _NOTHING:
        return "No metal changes hands."
    drawn = gained - output
    seller = the(label_of(offer.origin, names))
    if output < 0:
        return (
            f"All {tonnes(gained)} kt come from other customers of {seller}; its output falls by {tonnes(-output)} kt."
        )
    return (
        f"Of the {tonnes(gained)} kt more, {tonnes(drawn)} kt ({number(100 * drawn / gained, 0)} %) come from other "
        f"customers of {seller} and {tonnes(output)} kt ({number(100 * output / gained, 0)} %) are new output."
    )


def _prices(offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str]) -> str:
    market = the(label_of(offer.destination, names))
    return f"Price in {market}: {_price(offer.price, facts)}. World price: {_price(offer.world_price, facts)}."


def _price(row: ChangeRow, facts: RunFacts) -> str:
    if not row.baseline > 0:
        return f"{money(row.scenario)} USD/t, none in the baseline"
    change, low, high = (part / row.baseline for part in (row.change.central, row.change.p05, row.change.p95))
    band = f"{percent(low, sign=True)} to {percent(high, sign=True)} %"
    if abs(change) < _RELATIVE:
        told = f" ({band})" if facts.draws and max(abs(low), abs(high)) >= _RELATIVE else ""
        return f"practically unchanged at {money(row.scenario)} USD/t{told}"
    told = f"{percent(change, sign=True)} %{f'; {band}' if facts.draws else ''}"
    return f"{money(row.scenario)} instead of {money(row.baseline)} USD/t ({told})"
