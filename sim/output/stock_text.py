"""What stockpiles sell and when they are empty, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sim.output.textblock import paragraph
from sim.output.wording import good_of, label_of, listed, money, percent, plain, small_tonnes, the
from sim.records.outcome import Band, RunFacts, StockAnswer, StockYear

MOST_YEARS = 4  # told one by one: of more only the first two, the focus and the last
_NOTHING = 0.005  # kt: less is printed as 0


def stock_blocks(
    answers: Sequence[StockAnswer], facts: RunFacts, names: Mapping[str, str], room: int
) -> list[list[str]]:
    """A paragraph on each stockpile: what it sells by year, what is left, and at what price it sells."""
    return [paragraph(" ".join(_told(answer, facts, names)), room) for answer in answers]


def _told(answer: StockAnswer, facts: RunFacts, names: Mapping[str, str]) -> list[str]:
    name = f"{plain(answer.measure)}, {good_of(answer.good, names)} of {the(label_of(answer.holder, names))},"
    told = [_sales(answer, name, facts)]
    if facts.draws:
        told.append(
            f"In {percent(answer.sells)} % of the draws it sells at all, in {percent(answer.empty)} % it is empty by "
            f"{answer.last_year}."
        )
    markets = listed([the(label_of(market, names)) for market in answer.markets])
    told.append(
        f"At a price of about {money(answer.trigger.central)} USD/t in {markets}"
        f"{_ends(answer.trigger, facts, told_as=money)} half of what may leave it in a year is sold, at a tenth more "
        "nearly all, at a tenth less next to nothing."
    )
    return told


def _sales(answer: StockAnswer, name: str, facts: RunFacts) -> str:
    stock = small_tonnes(answer.stock.central)
    if not answer.sold:
        return f"{name} sells nothing of its {stock} kt{_in_the_central_run(facts)}."
    years = _chosen(answer.sold, facts.focus)
    parts = [
        f"{small_tonnes(entry.sold.central)}{' kt' if place == 0 else ''} in {entry.year}"
        f"{_ends(entry.sold, facts, told_as=small_tonnes)}"
        for place, entry in enumerate(years)
    ]
    left_out = len(answer.sold) - len(years)
    more = f", in {len(answer.sold)} years in all" if left_out else ""
    if answer.empty_year is not None:
        rest = f"its {stock} kt are used up by the end of {answer.empty_year}{_in_the_central_run(facts)}"
    else:
        left = small_tonnes(answer.left.central) if answer.left.central >= _NOTHING else "0"
        ends = _ends(answer.left, facts, told_as=small_tonnes)
        rest = f"{left} of its {stock} kt are left in {answer.last_year}{ends}"
    return f"{name} sells {listed(parts)}{more}; {rest}."


def _in_the_central_run(facts: RunFacts) -> str:
    return " in the central run" if facts.draws else ""


def _chosen(sold: Sequence[StockYear], focus: int) -> list[StockYear]:
    """All years with sales where they are few; else the first two, the focus year and the last."""
    if len(sold) <= MOST_YEARS:
        return list(sold)
    wanted = {sold[0].year, sold[1].year, focus, sold[-1].year}
    return [entry for entry in sold if entry.year in wanted]


def _ends(band: Band, facts: RunFacts, *, told_as: Callable[[float], str]) -> str:
    """The band in brackets; nothing without draws or where both ends are printed the same."""
    low, high = told_as(band.p05), told_as(band.p95)
    return f" ({low} to {high})" if facts.draws and low != high else ""
