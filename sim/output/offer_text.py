"""What became of an offer, in words and tables of plain text."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.output.deal_text import NOTHING as _NOTHING
from sim.output.deal_text import RELATIVE as _RELATIVE
from sim.output.deal_text import deal_tables, prices_sentence, sources_sentence
from sim.output.textblock import headline, paragraph, rounded_parts, table
from sim.output.wording import (
    TEN_SHOWN,
    TENTH_SHOWN,
    capital,
    good_of,
    label_of,
    number,
    part_of,
    percent,
    plain,
    the,
    tonnes,
    volume_scale,
)
from sim.records.outcome import OfferAnswer, RunFacts

DEEPEST_CUT = 0.70  # the model lowers a price to 0.3 of what it was, not further
_OFF_THE_MIDDLE = 0.2  # of the band, between central run and median: worth a word


def offer_blocks(
    offer: OfferAnswer, facts: RunFacts, names: Mapping[str, str], room: int, *, named: bool
) -> list[list[str]]:
    """Paragraphs and tables on one offer, each a list of lines of at most ``room`` characters."""
    blocks = [headline(plain(offer.measure))] if named else []
    blocks.append(paragraph(_take_up(offer, facts, names), room))
    blocks.append(_reasons(offer, room))
    blocks.append(paragraph(_discount(offer, facts, names), room))
    blocks.append(deal_tables(offer, facts, names, room))
    blocks.append(
        [*paragraph(sources_sentence(offer, names), room), *paragraph(prices_sentence(offer, facts, names), room)]
    )
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
        told = f"{number(factor * first, decimals)} {unit}" if factor * first >= TENTH_SHOWN else f"{tonnes(first)} kt"
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
    decimals = 0 if shortfall >= TEN_SHOWN else 1
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
