"""The page of estimates against the page of backtests: both are of the parameters and episodes as they are shipped."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def cells(page: str, table: str) -> list[list[str]]:
    """Cells of a table that a command writes, without its heading."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"<!-- table: {table} -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert found is not None
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found[1].splitlines()[2:]]


def test_skill_as_shipped_is_that_of_the_backtests() -> None:
    skill = {(re.sub(r"\[(\w+)\].*", r"\1", row[0]), row[1]): row[4] for row in cells("backtests.md", "skill")}
    told = {(row[0], row[1]): row[3] for row in cells("estimates.md", "out_of_sample")}
    assert len(told) >= 20
    # where this fails: `make backtest ESTIMATE=yes` writes the page anew
    assert told == {place: skill[place] for place in told}


def test_every_history_was_left_out_once() -> None:
    left_out = [row[0] for row in cells("estimates.md", "factors")]
    episodes = {row[0] for row in cells("estimates.md", "out_of_sample")}
    assert left_out[-1] == "none: all episodes"
    assert all(any(episode.startswith(history) for history in left_out[:-1]) for episode in episodes)
