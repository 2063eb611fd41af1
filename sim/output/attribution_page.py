"""What an attribution found, as the page of the documentation tells it."""

from __future__ import annotations

from collections.abc import Mapping

from sim.output.asked_text import told
from sim.output.attribution_text import (
    OTHERS,
    goods_of,
    input_ends,
    input_name,
    outcome_sentences,
    outcome_unit,
    part_words,
)
from sim.output.markdown import row, rule
from sim.output.wording import capital, counts, stated_sentence
from sim.records.attribution import TOGETHER, Attribution, OutcomeParts
from sim.records.target import Shown

_LEAST = 0.01  # of the variance, interval included: inputs below are left to attribution.csv


def attribution_entry(found: Attribution, labels: Mapping[str, str], mark: str) -> str:
    """Each outcome of an attribution in words and as a table; ``mark`` tells which scenario it was made from."""
    parts = [f"**{found.facts.title}** (`make attribution SCENARIO={found.facts.scenario}`)"]
    for each in found.outcomes:
        parts += [" ".join(outcome_sentences(found, each, labels)), _table(found, each, labels)]
    honesty = f"{stated_sentence(found.facts)} {capital(counts(found.facts))}, {found.base:,} base rows."
    parts += [honesty, f"Made from scenario {mark}."]
    return "\n\n".join(parts) + "\n"


def _table(found: Attribution, each: OutcomeParts, labels: Mapping[str, str]) -> str:
    unit = outcome_unit(found, each)
    bare = Shown(factor=unit.factor, unit="")
    ends = f"outcome at these two{f', {unit.unit}' if unit.unit else ''}"
    lines = [row(["input", "tier", "alone", "with others", "p05 to p95 of the input", ends]), rule("llrrrr")]
    for part in each.alone:
        index = part.part
        if index.total + index.total_half < _LEAST:
            continue
        lines.append(
            row(
                [
                    input_name(part.input, labels, goods_of(found)),
                    part.input.tier,
                    part_words(index.first, index.first_half),
                    part_words(index.total, index.total_half),
                    input_ends(part.input),
                    f"{told(part.at_low, bare)} to {told(part.at_high, bare)}",
                ]
            )
        )
    if each.others is not None:
        count, rest = sum(part.fate == TOGETHER for part in each.inputs), each.others
        shares = [part_words(rest.first, rest.first_half), part_words(rest.total, rest.total_half)]
        lines.append(row([f"{count} {OTHERS}", "", *shares, "", ""]))
    return "\n".join(lines)
