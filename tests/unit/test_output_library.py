"""The entry of a scenario on the page that lists them: its findings, without tables and headings."""

from __future__ import annotations

from sim.output.library_text import library_entry
from tests.study_samples import scenario

ANSWER = """Title

== an_offer ==
The US take 0.3 Mt. The limit does not bind. The rest goes elsewhere. The price of metal there falls by 2 %.

Who supplies, kt
  Russia  1  2

The share of China falls at some time.

A second finding. It is short.

A third one.
"""


def test_entry_holds_the_first_sentences_of_two_findings_and_the_price() -> None:
    given = scenario(name="sample")
    text = library_entry(given, ANSWER.replace("==\n", "== "), "0123456789ab", 64)
    title, finding, command = text.strip().split("\n\n")
    assert title == f"**{given.title}.** {given.question}"
    assert finding == (
        "> The US take 0.3 Mt. The limit does not bind. The price of metal there falls by 2 %. "
        "A second finding. It is short."
    )
    assert command == "`make run SCENARIO=sample` · 64 draws · scenario 0123456789ab"
