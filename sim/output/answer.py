"""The answer to a run, in words and tables of plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from sim.output.case_text import case_blocks
from sim.output.change_text import change_blocks
from sim.output.dependence_text import finding, stages_table
from sim.output.guarantee_text import guarantee_blocks
from sim.output.lookup import Lookup
from sim.output.offer_text import offer_blocks
from sim.output.project_text import project_blocks
from sim.output.stock_text import stock_blocks
from sim.output.textblock import headline_in, paragraph
from sim.output.threshold_text import threshold_block
from sim.output.wording import (
    capital,
    counts,
    evidence_sentence,
    label_of,
    percent,
    plain,
    stated_sentence,
    with_labels,
)
from sim.provenance import STATED_NOT_VALIDATED
from sim.records.cases import SwitchCases
from sim.records.outcome import DealAnswer, GuaranteeAnswer, OfferAnswer, ProjectAnswer, RunFacts, StockAnswer

NARROWEST = 50  # characters: the tables need as many
_DEGRADED = 0.01  # of the draws failed
_EDGE, _WORTH_SAYING = 0.01, 0.01  # of a band's width: on its edge; of the figures: fewer are chance


def render_answer(
    facts: RunFacts,
    offers: tuple[OfferAnswer, ...],
    width: int,
    *,
    guarantees: tuple[GuaranteeAnswer, ...] = (),
    projects: tuple[ProjectAnswer, ...] = (),
    stocks: tuple[StockAnswer, ...] = (),
    cases: tuple[SwitchCases, ...] = (),
    labels: Mapping[str, str] | None = None,
    summary: pd.DataFrame | None = None,
    figure: str | None = None,
) -> str:
    """The answer in lines of at most ``width`` characters (50 at least), with a line feed at the end.

    ``labels`` maps names of regions and goods to what is printed. The finding and the largest changes of goods
    without an offer or a guarantee are taken from ``summary``; so is the finding where a good has stages. ``figure``
    is the path named at the end; by default the supply shares of the first market.
    """
    blocks = answer_blocks(
        facts,
        offers,
        width,
        guarantees=guarantees,
        projects=projects,
        stocks=stocks,
        cases=cases,
        labels=labels,
        summary=summary,
    )
    deals = (*offers, *guarantees)
    market = deals[0].destination.lower() if deals else None
    shown = figure or (f"results/{facts.scenario}/figures/{market}_supply_shares.png" if market else None)
    return answer_text(blocks, shown or f"results/{facts.scenario}/figures/")


def answer_text(blocks: Sequence[Sequence[str]], figure: str) -> str:
    """The blocks of an answer and the path to open last, blank lines between them."""
    return "\n\n".join("\n".join(block) for block in [*blocks, [f"Open {figure}"]]) + "\n"


def answer_blocks(
    facts: RunFacts,
    offers: tuple[OfferAnswer, ...],
    width: int,
    *,
    guarantees: tuple[GuaranteeAnswer, ...] = (),
    projects: tuple[ProjectAnswer, ...] = (),
    stocks: tuple[StockAnswer, ...] = (),
    cases: tuple[SwitchCases, ...] = (),
    labels: Mapping[str, str] | None = None,
    summary: pd.DataFrame | None = None,
) -> list[list[str]]:
    """The answer in blocks of lines: the title, the finding, tables, and what stands behind the numbers."""
    names = labels or {}
    room = max(width, NARROWEST)
    blocks = [paragraph(plain(facts.title), room)]
    several = len(offers) + len(guarantees) > 1
    for offer in offers:
        blocks += offer_blocks(offer, facts, names, room, named=several)
    for guarantee in guarantees:
        blocks += guarantee_blocks(guarantee, facts, names, room, named=several)
    dealt = {deal.good for deal in (*offers, *guarantees)}
    known = Lookup(summary) if summary is not None and facts.subjects else None
    told = [subject for subject in facts.subjects if len(subject.goods) > 1 or subject.goods[0] not in dealt]
    for case in cases:
        blocks += case_blocks(case, names, room)
    if known is not None:
        blocks += [finding(subject, facts, known, names, room) for subject in told]
    if summary is not None:
        blocks += [threshold_block(subject, facts, summary, names, room) for subject in told]
    blocks += stock_blocks(stocks, facts, names, room)
    blocks += project_blocks(projects, facts, known, names, room)
    if known is not None:
        blocks += [stages_table(subject, facts, known, names, room) for subject in told]
    if summary is not None and not dealt.issuperset(summary["good"]):
        blocks += change_blocks(facts, summary[~summary["good"].isin(dealt)], names, room)
    goods = {*facts.left_out, *(good for subject in facts.subjects for good in subject.goods)}
    goods |= set() if summary is None else set(summary["good"])
    honesty = _honesty(facts, (*offers, *guarantees), names, goods)
    if summary is not None and facts.draws:
        honesty += _outside(facts, summary)
    blocks.append([line for sentence in honesty for line in paragraph(sentence, room)])
    return [block for block in blocks if block]


def lead_of(blocks: Sequence[Sequence[str]]) -> str:
    """The first paragraph after the title, in one line; names of measures that stand over blocks are passed over.

    A last sentence that only leads over to a table is left out.
    """
    text = " ".join(next(block for block in blocks[1:] if not headline_in(block)))
    before, stop, _ = text.rpartition(". ")
    return f"{before}." if stop and text.endswith(":") else text


def _outside(facts: RunFacts, summary: pd.DataFrame) -> list[str]:
    """How many of the changed figures have the central run outside their band, where that is worth knowing."""
    rows = summary[(summary["year"] == facts.focus) & (summary["difference"].abs() > 0)]
    low, high = rows["difference_p05"], rows["difference_p95"]
    width = (high - low).abs()
    outside = (rows["difference"] < low - _EDGE * width) | (rows["difference"] > high + _EDGE * width)
    if rows.empty or outside.mean() < _WORTH_SAYING:
        return []
    sentence = (
        f"In {percent(outside.mean())} % of the figures that change in {facts.focus} the central run lies outside the "
        "band: ranges that reach to one side of their value only; the middle of the draws is p50 in summary.csv."
    )
    return [sentence]


def _honesty(facts: RunFacts, deals: Sequence[DealAnswer], names: Mapping[str, str], goods: set[str]) -> list[str]:
    metals = {name: label for name, label in names.items() if name in goods}
    places = {name: label for name, label in names.items() if name not in goods}
    sentences = [stated_sentence(facts)]
    if not facts.stated and any(deal.stated for deal in deals):
        sentences = [f"The offered tonnes are {STATED_NOT_VALIDATED}."]
    quotes = dict.fromkeys(plain(deal.quote) for deal in deals if deal.stated and deal.quote)
    sentences += [f'The documents\' words: "{quote}".' for quote in quotes]
    sentences.append(f"{capital(counts(facts))}.")
    if facts.draws and facts.failed > _DEGRADED * facts.draws:
        sentences.append("More than 1 % of the draws failed: the bands leave those out and may be too narrow.")
    if facts.solved < facts.draws:
        sentences.append("The bands leave out what is not solved; summary_unsolved.csv puts it at either end.")
    sentences += [f"{with_labels(plain(notice), places, metals)}." for notice in facts.notices]
    sentences += [f"{plain(caution)}." for _, caution in facts.cautions]
    if facts.left_out:
        untouched = " and ".join(label_of(good, names) for good in facts.left_out)
        sentences.append(f"Untouched by the scenario and left out: {untouched}.")
    sentences.append("No new investment is assumed beyond the projects named.")
    sentences.append(evidence_sentence(facts))
    return [sentence for sentence in sentences if sentence]
