"""What each scenario of the library comes to, in a sentence or two, for the page that lists them."""

from __future__ import annotations

import re

from sim.records.scenario import Scenario

PARAGRAPHS = 2  # of findings; what follows them are tables and where they come from
SENTENCES = 2  # of each
_END = re.compile(r"(?<=[.!?]) (?=[A-Z])")


def library_entry(scenario: Scenario, answer: str, mark: str, draws: int) -> str:
    """Title, question and finding of a scenario; ``answer`` is that of its run, in one line a paragraph."""
    blocks = answer.strip().split("\n\n")[1:]
    told = []
    for block in blocks[:PARAGRAPHS]:
        if "\n" in block:
            break  # a table
        told.append(" ".join(_END.split(block)[:SENTENCES]))
    return (
        f"**{scenario.title}.** {scenario.question}\n\n"
        f"> {' '.join(told)}\n\n"
        f"`make run SCENARIO={scenario.name}` · {draws} draws · scenario {mark}\n"
    )
