"""What each scenario of the library comes to, in a sentence or two, for the page that lists them."""

from __future__ import annotations

import re

from sim.records.scenario import Scenario

FINDINGS = 2  # paragraphs: what follows is about suppliers, customers, projects and prices one by one
SENTENCES = 2  # of each, and what it says of the price
_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")
_HEADING = re.compile(r"^== .* ==\s*")
_PRICE = "The price of "
_BESIDE = ("The share of ", "Open ")  # paragraphs that only make sense beside the others


def library_entry(scenario: Scenario, answer: str, mark: str, draws: int) -> str:
    """Title, question and finding of a scenario; ``answer`` is that of its run, in one line a paragraph."""
    blocks = [_HEADING.sub("", block) for block in answer.strip().split("\n\n")[1:]]
    findings = [block for block in blocks if "\n" not in block and not block.startswith(_BESIDE)]
    told = [_shortened(block) for block in findings[:FINDINGS]]
    return (
        f"**{scenario.title}.** {scenario.question}\n\n"
        f"> {' '.join(told)}\n\n"
        f"`make run SCENARIO={scenario.name}` · {draws} draws · scenario {mark}\n"
    )


def _shortened(paragraph: str) -> str:
    sentences = _END.split(paragraph)
    first = sentences[:SENTENCES]
    return " ".join([*first, *(each for each in sentences[SENTENCES:] if each.startswith(_PRICE))])
