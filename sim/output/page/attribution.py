"""The tables on the page of an attribution: inputs and tiers with their parts of the variance of each outcome."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.output.asked_text import told
from sim.output.attribution_text import (
    OTHERS,
    TIER_WORDS,
    by_swing,
    goods_of,
    input_ends,
    input_name,
    outcome_unit,
    outcome_words,
    part_words,
)
from sim.output.page.table import Column, Table
from sim.output.wording import capital
from sim.provenance import DOCUMENT, STATED_NOT_VALIDATED
from sim.records.attribution import TOGETHER, Attribution, OutcomeParts
from sim.records.target import Shown

MOST_ROWS = 40  # inputs of a table: who wants more opens attribution.csv and tornado.csv


def attribution_tables(found: Attribution, labels: Mapping[str, str]) -> list[Table]:
    """For each outcome the tables of inputs, of tiers, and of the outcome while one input alone goes."""
    return [table for i, each in enumerate(found.outcomes) for table in _of_outcome(found, each, labels, i)]


def _of_outcome(found: Attribution, each: OutcomeParts, labels: Mapping[str, str], i: int) -> Iterator[Table]:
    about = capital(outcome_words(found, each, labels))
    if each.varies:
        yield _parts(found, each, labels, name=f"table-inputs-{i}", title=f"{about}: parts of its variance by input")
        yield _tiers(each, name=f"table-tiers-{i}", title=f"{about}: parts of its variance by tier of evidence")
    unit = outcome_unit(found, each)
    told_unit = f", {unit.unit}" if unit.unit else ""
    yield _swings(
        found, each, labels, name=f"table-swings-{i}", title=f"{about}, while one input alone goes{told_unit}"
    )


def _tier(tier: str) -> str:
    return f"{tier} ({STATED_NOT_VALIDATED})" if tier == DOCUMENT else tier


def _parts(found: Attribution, each: OutcomeParts, labels: Mapping[str, str], *, name: str, title: str) -> Table:
    rows = [
        [
            input_name(part.input, labels, goods_of(found)),
            _tier(part.input.tier),
            part_words(part.part.first, part.part.first_half),
            part_words(part.part.total, part.part.total_half),
            part.input.name,
        ]
        for part in each.alone[:MOST_ROWS]
    ]
    if each.others is not None:
        count, rest = sum(part.fate == TOGETHER for part in each.inputs), each.others
        shares = (part_words(rest.first, rest.first_half), part_words(rest.total, rest.total_half))
        rows.append([f"{count} {OTHERS}", "", *shares, ""])
    return Table(
        name=name,
        title=title,
        columns=[
            *(Column(label=label) for label in ("Input", "Tier")),
            *(Column(label=label, numeric=True) for label in ("Alone", "With others")),
            Column(label="As SET takes it"),
        ],
        rows=rows,
        note="Alone: what goes away on average once the input is known. With others: what stays while only it is not "
        f"known. At most {MOST_ROWS} inputs; attribution.csv holds all, with intervals.",
    )


def _tiers(each: OutcomeParts, *, name: str, title: str) -> Table:
    return Table(
        name=name,
        title=title,
        columns=[
            *(Column(label=label) for label in ("Tier", "What that is")),
            *(
                Column(label=label, numeric=True)
                for label in ("Inputs with a range", "that act", "Numbers without one", "Alone", "With others")
            ),
        ],
        rows=[
            [
                _tier(tier.tier),
                TIER_WORDS[tier.tier],
                *(str(count) for count in (tier.inputs, tier.acting, tier.without_range)),
                part_words(tier.part.first, tier.part.first_half),
                part_words(tier.part.total, tier.part.total_half),
            ]
            for tier in each.tiers
        ],
        note="An input counts under its weakest tier. A number without a range adds nothing to a variance, however "
        "weak it is.",
    )


def _swings(found: Attribution, each: OutcomeParts, labels: Mapping[str, str], *, name: str, title: str) -> Table:
    bare = Shown(factor=outcome_unit(found, each).factor, unit="")
    return Table(
        name=name,
        title=title,
        columns=[
            *(Column(label=label) for label in ("Input", "Tier", "From its p05 to its p95")),
            *(Column(label=label, numeric=True) for label in ("Outcome at p05", "at p95", "Swing")),
        ],
        rows=[
            [
                input_name(part.input, labels, goods_of(found)),
                _tier(part.input.tier),
                input_ends(part.input),
                *(told(value, bare) for value in (part.at_low, part.at_high, part.swing)),
            ]
            for part in by_swing(each)[:MOST_ROWS]
        ],
        note=f"All others stay as in the central run, {told(each.spread.central, bare)}. At most {MOST_ROWS} inputs; "
        "tornado.csv holds all.",
    )
