"""The page of a study of many runs: what it asks, its answer, its figures and tables, in one file."""

from __future__ import annotations

from collections.abc import Sequence

from sim.output.facts import StudyRecord
from sim.output.page.drawings import Drawing, Drawings
from sim.output.page.html import ANSWER, answer_parts, page_bytes
from sim.output.page.table import Table
from sim.output.wording import capital, counts, evidence_sentence, stated_sentence

DEGRADED_WORDS = "More than 1 % of the draws failed: the bands are not to be trusted."


def study_page(
    record: StudyRecord,
    answer: Sequence[Sequence[str]],
    drawings: Sequence[Drawing],
    tables: Sequence[Table],
    *,
    seed: int,
    degraded: bool,
) -> bytes:
    """The page as HTML; ``answer`` are the blocks of the answer in words, the title first."""
    facts = record.facts
    figures = Drawings()
    drawn = [(each.name, each.finding, figures.inline(each)) for each in drawings]
    years = f"{facts.years[0]} to {facts.years[-1]}, numbers of {facts.focus} where nothing else is said"
    return page_bytes(
        ANSWER,
        title=facts.title,
        question=record.asks,
        context=f"{facts.scenario}, against {facts.baseline}. World {facts.world}, {years}. {capital(counts(facts))}, "
        f"seed {seed}.",
        stated=stated_sentence(facts),
        fault=DEGRADED_WORDS if degraded else "",
        answer=list(answer_parts(answer[1:])),
        drawn=drawn,
        shared=figures.shared,
        tables=list(tables),
        foot=f"{evidence_sentence(facts)} Written by version {facts.version} of the model; manifest.json beside this "
        "page holds the command and the hashes of all files.",
    )
