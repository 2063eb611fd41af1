"""What became of promised tonnes, in words and tables of plain text."""

from __future__ import annotations

from collections.abc import Mapping

from sim.output.deal_text import deal_tables, prices_sentence, sources_sentence
from sim.output.textblock import headline, paragraph, table
from sim.output.wording import (
    capital,
    good_of,
    label_of,
    money,
    number,
    part_of,
    percent,
    plain,
    small_tonnes,
    the,
    tonnes,
)
from sim.provenance import STATED_NOT_VALIDATED
from sim.quantity import THOUSANDS_PER_MILLION
from sim.records.outcome import Band, GuaranteeAnswer, GuaranteeYear, RunFacts

_FLOOR = "floor"
_MISSING = 0.05  # kt
_TINY = 1e-9  # kt: keeps the cost of each tonne finite where none is placed
_RELATIVE = 0.0005  # a discount or a distance of prices that is none


def guarantee_blocks(
    answer: GuaranteeAnswer, facts: RunFacts, names: Mapping[str, str], room: int, *, named: bool
) -> list[list[str]]:
    """Paragraphs and tables on one floor or contract, each a list of lines of at most ``room`` characters."""
    blocks = [headline(plain(answer.measure))] if named else []
    told = _floor(answer, facts, names) if answer.kind == _FLOOR else _contract(answer, facts, names)
    blocks.append(paragraph(told, room))
    blocks.append(_years(answer, room))
    blocks.append(deal_tables(answer, facts, names, room))
    prices = prices_sentence(answer, facts, names)
    if answer.kind != _FLOOR:
        prices += f" The price in {the(label_of(answer.destination, names))} is that outside the contract."
    blocks.append([*paragraph(sources_sentence(answer, names), room), *paragraph(prices, room)])
    return blocks


def _placed(answer: GuaranteeAnswer, facts: RunFacts, names: Mapping[str, str], verb: str) -> str:
    """How much of what is promised comes; what does not."""
    year, done = answer.told, "placed" if answer.kind == _FLOOR else "delivered"
    promised = year.placed.central + year.missing.central
    seller, market = the(label_of(answer.origin, names)), the(label_of(answer.destination, names))
    part = part_of(year.placed.central, promised)
    stated = f" ({STATED_NOT_VALIDATED})" if answer.stated else ""
    told = f"{seller} would deliver {part} of {good_of(answer.good, names)} {verb}{stated} to {market} in {year.year}"
    if year.year != facts.focus:
        told += ", the last year of that"
    if year.missing.central >= _MISSING:
        told += f"; {small_tonnes(year.missing.central)} kt cannot be {done}"
    if facts.draws and answer.falls_short > 0:
        missing = f"up to {small_tonnes(year.missing.p95)} kt" if year.missing.p95 >= _MISSING else "a part"
        told += f"; in {number(100 * answer.falls_short, 0)} % of the draws {missing} cannot be {done}"
    return capital(f"{told}.")


def _floor(answer: GuaranteeAnswer, facts: RunFacts, names: Mapping[str, str]) -> str:
    year, banded = answer.told, facts.draws > 0
    told = _placed(answer, facts, names, "that are guaranteed")
    if year.discount.central < _RELATIVE:
        return f"{told} That takes no discount."
    told += (
        f" That takes a discount of {_share(year.discount, banded)} on its delivered price, which its other customers "
        f"bid up as they lose the metal: the buyers pay {_money(year.price, banded)} USD/t, "
        f"{_distance(year.below_rivals, banded)} the mean of its rivals there."
    )
    each = THOUSANDS_PER_MILLION * year.cost.central / max(year.placed.central, _TINY)
    told += (
        f" The discount costs {_millions(year.cost, banded)} M USD in {year.year}, {money(each)} USD on each tonne. "
        "Whoever guarantees the tonnes pays that: neither the buyers nor the smelters bear it."
    )
    return told


def _contract(answer: GuaranteeAnswer, facts: RunFacts, names: Mapping[str, str]) -> str:
    year, banded = answer.told, facts.draws > 0
    told = _placed(answer, facts, names, "that are under contract")
    told += (
        f" Its buyers take them at the delivered price of the year, {_money(year.price, banded)} USD/t, "
        f"{_distance(year.below_rivals, banded)} the mean of the other suppliers there."
    )
    if year.cost.central > 0:
        told += (
            f" The same tonnes would cost them {_millions(year.cost, banded)} M USD less at that mean: what a "
            "guarantor pays under a discount, buyers pay under a contract."
        )
    return told


def _share(band: Band, banded: bool) -> str:
    low, high = percent(band.p05), percent(band.p95)
    return f"{percent(band.central)} %{f' ({low} to {high} %)' if banded else ''}"


def _distance(below: Band, banded: bool) -> str:
    """How far below or above the others, from a share that is negative where it is above."""
    if abs(below.central) < _RELATIVE:
        return "as much as"
    if below.central > 0:
        return f"{_share(below, banded)} below"
    return f"{_share(Band(central=-below.central, p05=-below.p95, p50=-below.p50, p95=-below.p05), banded)} above"


def _money(band: Band, banded: bool) -> str:
    return f"{money(band.central)}{f' ({money(band.p05)} to {money(band.p95)})' if banded else ''}"


def _millions(band: Band, banded: bool) -> str:
    return f"{tonnes(band.central)}{f' ({tonnes(band.p05)} to {tonnes(band.p95)})' if banded else ''}"


def _years(answer: GuaranteeAnswer, room: int) -> list[str]:
    """The first year, that of the answer and the last one, central run."""
    floor = answer.kind == _FLOOR
    header = (
        ("", "placed", "not placed", "discount", "price", "guarantor pays")
        if floor
        else ("", "delivered", "missing", "price", "above rivals", "beyond rivals")
    )
    rows = [[str(year.year), *_cells(year, floor=floor)] for year in answer.years]
    title = f"What the {'guarantee' if floor else 'contract'} comes to: kt, USD/t delivered, M USD a year (central run)"
    return table(title, header, rows, room, total=False)


def _cells(year: GuaranteeYear, *, floor: bool) -> list[str]:
    volumes = [small_tonnes(year.placed.central), small_tonnes(year.missing.central)]
    price, cost = money(year.price.central), tonnes(year.cost.central)
    if floor:
        return [*volumes, f"{percent(year.discount.central)} %", price, cost]
    return [*volumes, price, f"{percent(-year.below_rivals.central, sign=True)} %", cost]
