"""What an attribution found, in words, a table, and the tables of its folder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from sim.output.asked_text import subject, told, usual_unit
from sim.output.tables import Contract, csv_bytes
from sim.output.textblock import paragraph, table
from sim.output.wording import (
    NO_NUMBER,
    capital,
    counts,
    evidence_sentence,
    label_of,
    listed,
    number,
    plain,
    stated_sentence,
)
from sim.provenance import DOCUMENT, STATED_NOT_VALIDATED, weakest_first
from sim.records.attribution import IDLE, TOGETHER, Attribution, Input, InputPart, OutcomeParts, Part
from sim.records.footing import DIFFERENCE
from sim.records.target import Shown

SHOWN = 12  # inputs of a table: what follows hardly counts
OTHERS = "others together"
TIER_WORDS = {
    "document": "figures of the documents",
    "assumption": "assumptions of ours",
    "derived": "figures derived from statistics",
    "literature": "figures of the literature",
    "statistic": "statistics",
}
_NARROWEST = 80  # characters: the table needs as many
_END_DIGITS = 3  # of a percentile of an input
_NAMED = 3  # inputs and documents that a sentence names
_NORMAL_TAIL = 0.0845  # of the variance of a normal distribution that lies beyond 2.576 standard deviations
HEAVY = 1.5 * _NORMAL_TAIL  # half as much again: from here on a tail is told
_FINEST = 0.01  # of a variance: no bound is told more finely
_NOTHING = 0.005  # of a variance: below it rounds to nothing
_PLACE = ("scenario", "of", "indicator", "good", "region", "partner", "year", "unit")
_PARTS = ("first", "first_low", "first_high", "total", "total_low", "total_high")
_TEXT = ("scenario", "of", "indicator", "good", "region", "partner", "unit")
ATTRIBUTION = Contract(
    name="attribution",
    key=(*_PLACE, "rank"),
    columns=(*_PLACE, "rank", "input", "drawn_with_it", "tier", "tiers", "fate", *_PARTS),
    whole=("year", "rank"),
    text=(*_TEXT, "input", "drawn_with_it", "tier", "tiers", "fate"),
)
TIERS = Contract(
    name="tiers",
    key=(*_PLACE, "rank"),
    columns=(*_PLACE, "rank", "tier", "inputs", "acting", "without_range", *_PARTS),
    whole=("year", "rank", "inputs", "acting", "without_range"),
    text=(*_TEXT, "tier"),
)
TORNADO = Contract(
    name="tornado",
    key=(*_PLACE, "rank"),
    columns=(
        *(*_PLACE, "rank", "input", "tier", "low", "high", "input_unit"),
        *("central", "at_low", "at_high", "swing"),
    ),
    whole=("year", "rank"),
    text=(*_TEXT, "input", "tier", "input_unit"),
)
OUTCOMES = Contract(
    name="outcomes",
    key=_PLACE,
    columns=(*_PLACE, "central", "p05", "p50", "p95", "deviation", "tail", "rows", "dropped"),
    whole=("year", "rows", "dropped"),
    text=_TEXT,
)


def attribution_files(found: Attribution) -> dict[str, bytes]:
    """The tables of an attribution: by input, by tier, each input alone, and what was shared out."""
    shares, tiers, alone, outcomes = [], [], [], []
    for each in found.outcomes:
        place = _place(found, each)
        for rank, part in enumerate(each.inputs, 1):
            shares.append(
                {
                    **place,
                    "rank": rank,
                    "input": part.input.name,
                    "drawn_with_it": " ".join(part.input.others),
                    "tier": part.input.tier,
                    "tiers": " ".join(part.input.tiers),
                    "fate": part.fate,
                    **_ends(part.part),
                }
            )
        if each.others is not None:
            last = {"rank": len(each.inputs) + 1, "input": OTHERS, "drawn_with_it": "", "tier": "", "tiers": ""}
            shares.append({**place, **last, "fate": TOGETHER, **_ends(each.others)})
        for rank, tier in enumerate(each.tiers, 1):
            counted = {name: getattr(tier, name) for name in ("tier", "inputs", "acting", "without_range")}
            tiers.append({**place, "rank": rank, **counted, **_ends(tier.part)})
        alone += [{**place, "rank": rank, **row} for rank, row in enumerate(_swings(each), 1)]
        spread = {name: getattr(each.spread, name) for name in ("central", "p05", "p50", "p95")}
        counted = {name: getattr(each, name) for name in ("deviation", "tail", "rows", "dropped")}
        outcomes.append({**place, **spread, **counted})
    tables = (
        ("attribution.csv", shares, ATTRIBUTION),
        ("tiers.csv", tiers, TIERS),
        ("tornado.csv", alone, TORNADO),
        ("outcomes.csv", outcomes, OUTCOMES),
    )
    return {name: csv_bytes(pd.DataFrame(rows), contract) for name, rows, contract in tables}


def by_swing(each: OutcomeParts) -> list[InputPart]:
    """The inputs, the one that moves the outcome most by itself first; those that are not solved last."""
    return sorted(each.inputs, key=lambda part: -abs(part.swing) if np.isfinite(part.swing) else np.inf)


def input_name(given: Input, labels: Mapping[str, str], goods: Iterable[str] = ()) -> str:
    """An input as a reader knows it: ``Reference share, US, Russia``; names in ``goods`` go without saying."""
    kind, *names = given.name.split(".")
    if kind == "parameters":
        first, *rest = (names[0], *(name for name in names[1:] if name not in set(goods)))
    else:
        first, *rest = names
    # a file name has no capitals: those of regions such as the US are known
    words = [word.upper() if word.upper() in labels else word for word in first.split("_")]
    told_name = capital(", ".join((" ".join(words), *(label_of(name, labels) for name in rest))))
    return f"Switch {' '.join(words)}" if given.is_switch else told_name


def input_ends(given: Input) -> str:
    """Where an input goes from its 5th to its 95th percentile, a switch from off to on."""
    if given.is_switch:
        return "off to on"
    low, high = (
        told(value, Shown(factor=given.shown.factor, unit=unit), _END_DIGITS)
        for value, unit in ((given.low, ""), (given.high, given.shown.unit))
    )
    return f"{low} to {high}"


def goods_of(found: Attribution) -> tuple[str, ...]:
    """The good that all outcomes are about, which names need not repeat; none where there are several."""
    goods = {each.column.good for each in found.outcomes}
    return tuple(goods) if len(goods) == 1 else ()


def outcome_words(found: Attribution, each: OutcomeParts, labels: Mapping[str, str]) -> str:
    """What is shared out, in words."""
    about, year = subject(each.column, labels), each.column.year
    return f"the change of {about} against the baseline in {year}" if found.of == DIFFERENCE else f"{about} in {year}"


def outcome_unit(found: Attribution, each: OutcomeParts) -> Shown:
    """The unit its numbers are printed in: a difference of shares in points."""
    usual = usual_unit(each.column.unit)
    return Shown(factor=usual.factor, unit="points") if found.of == DIFFERENCE and usual.unit == "%" else usual


def part_words(value: float, half: float) -> str:
    """A part of a variance in percent with its half-width; ``under`` where it may as well be nothing."""
    if not np.isfinite(value):
        return NO_NUMBER
    if abs(value) < _NOTHING and half < _NOTHING:
        return "0 %"
    if half > value:  # an estimate below 0 is noise as well
        return f"under {number(100 * min(max(max(value, 0.0) + half, _FINEST), 1.0))} %"
    return f"{number(100 * value)} ± {number(100 * half)} %" if half >= _NOTHING else f"{number(100 * value)} %"


def finding(found: Attribution, each: OutcomeParts, labels: Mapping[str, str]) -> str:
    """Which input the outcome hangs on and of which tier that is, a sentence without a full stop."""
    what = outcome_words(found, each, labels)
    if not each.varies:
        return f"{what} does not vary: no number that is drawn moves it"
    if not each.alone:
        return f"{what} hangs on no input by itself"
    first = each.alone[0]
    rivals = [part.input for part in each.alone[1:] if not _clearly(first.part, part.part)]
    names = [_with_tier(given, found, labels) for given in (first.input, *rivals[:_NAMED])]
    begins = f"{what} hangs most on {names[0]}"
    return f"{begins}, which the intervals do not tell from {listed(names[1:])}" if rivals else begins


def attribution_question(found: Attribution, labels: Mapping[str, str]) -> str:
    """What is asked, as a question."""
    return f"Which number, and which tier of evidence, does the spread of {_outcomes(found, labels)} come from?"


def _outcomes(found: Attribution, labels: Mapping[str, str]) -> str:
    return listed([outcome_words(found, each, labels) for each in found.outcomes])


def attribution_lead(found: Attribution, labels: Mapping[str, str]) -> str:
    """What each outcome hangs on, in a paragraph."""
    return " ".join(f"{capital(finding(found, each, labels))}." for each in found.outcomes)


def attribution_answer(found: Attribution, labels: Mapping[str, str], width: int, *, figure: str) -> str:
    """The answer in lines of at most ``width`` characters; ``figure`` is the path named at its end."""
    blocks = [*attribution_blocks(found, labels, width), [f"Open {figure}"]]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def attribution_blocks(found: Attribution, labels: Mapping[str, str], width: int) -> list[list[str]]:
    """The blocks of the answer, the title first; lines have at most ``width`` characters."""
    room = max(width, _NARROWEST)
    blocks = [paragraph(plain(found.facts.title), room)]
    for each in found.outcomes:
        blocks.append([line for text in outcome_sentences(found, each, labels) for line in paragraph(text, room)])
        if each.varies:
            blocks.append(_table(found, each, labels, room))
    blocks.append([line for text in _notes(found) for line in paragraph(text, room)])
    honesty = [
        stated_sentence(found.facts),
        f"{capital(counts(found.facts))}.",
        *(f"{plain(caution)}." for _, caution in found.facts.cautions),
        evidence_sentence(found.facts),
    ]
    blocks.append([line for sentence in honesty if sentence for line in paragraph(sentence, room)])
    return [block for block in blocks if block]


def outcome_sentences(found: Attribution, each: OutcomeParts, labels: Mapping[str, str]) -> list[str]:
    """What there is to say of one outcome: how it spreads, what it hangs on, and how much comes from each tier."""
    shown, bare = outcome_unit(found, each), Shown(factor=outcome_unit(found, each).factor, unit="")
    spread = each.spread
    sentences = [f"{capital(finding(found, each, labels))}."]
    if not each.varies:
        return sentences
    if each.alone:
        sentences.append(f"SET takes it as {each.alone[0].input.name}.")
    sentences.append(
        f"It is {told(spread.central, shown)} in the central run and {told(spread.p05, bare)} to "
        f"{told(spread.p95, shown)} in 90 % of the draws."
    )
    tiers = sorted((tier for tier in each.tiers if tier.acting), key=lambda tier: -tier.part.first)
    told_tiers = [f"{part_words(tier.part.first, tier.part.first_half)} from {_tier(tier.tier)}" for tier in tiers]
    sentences.append(f"Of its variance come {listed(told_tiers)}; the rest from what these do together.")
    if all(tier.tier != DOCUMENT for tier in tiers):
        sentences.append("No figure of the documents that reaches it has a range: none of the variance can be theirs.")
    if each.tail > HEAVY:
        sentences.append(
            f"The farthest hundredth of the draws makes {number(100 * each.tail)} % of the variance, of a normal "
            f"distribution {number(100 * _NORMAL_TAIL)} %: the parts hang on a few extreme draws, and another seed may "
            "find others."
        )
    if each.dropped:
        total = each.rows + each.dropped
        sentences.append(
            f"{each.dropped} of {total} base rows are left out whole, for an evaluation that is not solved or has no "
            "such number."
        )
    return sentences


def _tier(tier: str) -> str:
    words = TIER_WORDS[tier]
    return f"{words} ({STATED_NOT_VALIDATED.rpartition(', ')[2]})" if tier == DOCUMENT else words


def _with_tier(given: Input, found: Attribution, labels: Mapping[str, str]) -> str:
    name = input_name(given, labels, goods_of(found))
    tier = f"{given.tier}: {STATED_NOT_VALIDATED}" if given.tier == DOCUMENT else given.tier
    return f"{name} (tier {tier})"


def _clearly(first: Part, second: Part) -> bool:
    """Whether the intervals of two total indices keep apart."""
    return first.total - first.total_half > second.total + second.total_half


def _table(found: Attribution, each: OutcomeParts, labels: Mapping[str, str], width: int) -> list[str]:
    bare = Shown(factor=outcome_unit(found, each).factor, unit="")
    rows = []
    for part in each.alone[:SHOWN]:
        swing = f"{told(part.at_low, bare)} to {told(part.at_high, bare)}"
        rows.append((input_name(part.input, labels, goods_of(found)), part.input.tier, *_told(part.part), swing))
    if each.others is not None:
        count = sum(part.fate == TOGETHER for part in each.inputs)
        rows.append((f"{count} {OTHERS}", "", *_told(each.others), ""))
    unit = outcome_unit(found, each).unit
    ends = f"p05 to p95{f', {unit}' if unit else ''}"
    header = ("input", "tier", "alone", "with others", ends)
    title = "Parts of the variance, and the outcome while one input alone goes"
    return table(title, header, rows, width, total=False)


def _told(part: Part) -> tuple[str, str]:
    return part_words(part.first, part.first_half), part_words(part.total, part.total_half)


def _notes(found: Attribution) -> list[str]:
    idle = {part.input.name for each in found.outcomes for part in each.inputs if part.fate == IDLE}
    told_inputs = {part.input.name for each in found.outcomes for part in each.inputs}
    notes = [
        (
            "Alone: what goes away on average once the input is known. With others: what stays while only it is not "
            f"known. ± is the half-width of an interval of 95 % ({found.base:,} base rows, BASE= sets others); under "
            "means that it is wider than the part. attribution.csv has the paths of the inputs as SET takes them."
        )
    ]
    if idle:
        notes.append(
            f"{len(idle)} of {len(told_inputs)} inputs reach neither run by the year that is told: their part is 0."
        )
    if found.fixed:
        tiers = [tier for tier, _ in found.fixed]
        counted = listed([f"{tiers.count(tier)} of tier {tier}" for tier in weakest_first(tiers)])
        notes.append(f"A number without a range adds nothing to a variance, however weak it is: {counted}.")
    documents = [plain(text) for tier, text in found.fixed if tier == DOCUMENT]
    if documents:
        more = f" and {len(documents) - _NAMED} more" if len(documents) > _NAMED else ""
        notes.append(
            f"Figures of the documents among them, {STATED_NOT_VALIDATED}: {'; '.join(documents[:_NAMED])}{more}."
        )
    return notes


def _place(found: Attribution, each: OutcomeParts) -> dict[str, object]:
    column = each.column
    names = {name: getattr(column, name) for name in ("indicator", "good", "region", "partner", "year", "unit")}
    return {"scenario": found.facts.scenario, "of": found.of, **names}


def _ends(part: Part) -> dict[str, float]:
    return {
        "first": part.first,
        "first_low": part.first - part.first_half,
        "first_high": part.first + part.first_half,
        "total": part.total,
        "total_low": part.total - part.total_half,
        "total_high": part.total + part.total_half,
    }


def _swings(each: OutcomeParts) -> Sequence[dict[str, object]]:
    return [
        {
            "input": part.input.name,
            "tier": part.input.tier,
            "low": part.input.low,
            "high": part.input.high,
            "input_unit": part.input.unit,
            "central": each.spread.central,
            "at_low": part.at_low,
            "at_high": part.at_high,
            "swing": part.swing,
        }
        for part in by_swing(each)
    ]
