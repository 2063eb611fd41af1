"""What projects cost, in words: years of the world market, of their own earnings, and per point of dependence."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sim.output.textblock import paragraph, table
from sim.output.wording import NO_NUMBER, between, label_of, listed, number, the, tonnes
from sim.provenance import DOCUMENT, STATED_NOT_VALIDATED
from sim.records.outcome import Band, CapitalCost, ProjectAnswer, Removal, RunFacts

_THOUSAND = 1000.0  # M USD in a bn USD
_NEVER = "never"
_EARNINGS = (
    "What a project earns rests on a fitted cost curve that lies far below cash costs (docs/limits.md): it is too "
    "much, and the years in which it pays are too few."
)
_HEADER = ("", "central", "p05 to p95")


def capital_blocks(answer: ProjectAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[list[str]]:
    """A table for each stated cost of an answer, then a sentence; nothing where no cost is stated."""
    if not answer.costs:
        return []
    tables = [_table(cost, answer, facts, room) for cost in answer.costs]
    told = [_per_point(answer.removal, facts, names)] if answer.removal is not None else []
    told.append("The model does not use these costs.")
    if any(cost.first_year is not None for cost in answer.costs):
        told.append(_EARNINGS)
    return [*tables, paragraph(" ".join(told), room)]


def _table(cost: CapitalCost, answer: ProjectAnswer, facts: RunFacts, room: int) -> list[str]:
    origin = STATED_NOT_VALIDATED if cost.tier == DOCUMENT else f"tier: {cost.tier}"
    title = f"{cost.measure} is said to cost {_billions(cost.low, cost.high)} ({origin})"
    if cost.first_year is None or cost.last_year is None:
        return paragraph(f"{title}; nothing is spent on it in the central run.", room)
    spent = f"{cost.first_year}" if cost.first_year == cost.last_year else f"{cost.first_year} to {cost.last_year}"
    market = answer.world_market.central
    rows = [
        [f"Capital, bn USD, spent {spent}", *_cells(_scaled(cost.spent), facts)],
        [f"In years of the world's output of {answer.year}, {_billions(market, market)}",
         *_cells(cost.against_market, facts)],
        [f"In years of what it earns in {answer.year}, {_amount(cost.earned.central)} M USD",
         *_cells(cost.payback, facts, without_end=_NEVER)],
    ]  # fmt: skip
    return table(title, _HEADER, rows, room, total=False)


def _per_point(removal: Removal, facts: RunFacts, names: Mapping[str, str]) -> str:
    country, market = the(label_of(removal.country, names)), the(label_of(removal.market, names))
    part = f"the part of {country} in the supply of {market} at any stage"
    each = _scaled(removal.per_point)
    ends = f" ({_amount(each.p05)} to {_amount(each.p95)} in the draws)" if facts.draws and removal.draws else ""
    told = (
        f"Each point off {part} takes {_amount(each.central)} bn USD{ends}"
        if math.isfinite(each.central)
        else f"In the central run {part} does not fall by half a point{ends.replace('(', '(bn USD for each point: ')}"
    )
    if facts.draws:
        told += f"; {removal.draws} of {facts.solved} draws take off half a point or more"
    if removal.unstated:
        told += f"; no cost is stated for {listed(removal.unstated)}"
    return f"{told}."


def _cells(band: Band, facts: RunFacts, without_end: str = NO_NUMBER) -> list[str]:
    """The central number and its band; an end without a bound as told."""
    central, low, high = (
        _amount(end) if math.isfinite(end) else without_end for end in (band.central, band.p05, band.p95)
    )
    return [central, between(low, high) if facts.draws else ""]


def _amount(value: float) -> str:
    """Two digits of a large number, for what is known no better."""
    size = math.floor(math.log10(abs(value))) if math.isfinite(value) and abs(value) >= 100 else 0
    return number(value, 1 - size) if size else tonnes(value)


def _scaled(band: Band) -> Band:
    """M USD as bn USD."""
    return Band(**{name: getattr(band, name) / _THOUSAND for name in ("central", "p05", "p50", "p95")})


def _billions(low: float, high: float) -> str:
    """A range in M USD as billions."""
    first, last = tonnes(low / _THOUSAND), tonnes(high / _THOUSAND)
    return f"{first if first == last else f'{first} to {last}'} bn USD"
