"""The pages of docs/ that the program writes, against what it would write now."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.inputs.probes import read_probes
from sim.output.docs import made_from_line
from sim.pages import quick_pages
from sim.study.made_from import made_from
from sim.study.world import build_world
from tests.plausibility_page import ROOT, SPECIFICATIONS, WORLDS, load, printed_tables, sources_of

QUICK = ("notation.md", "assumptions.md", "claims.md")


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {path.name: text for path, text in quick_pages(ROOT).items()}


def test_every_quick_page_is_written(pages: dict[str, str]) -> None:
    assert set(pages) == set(QUICK)


@pytest.mark.parametrize("name", QUICK)
def test_page_is_what_the_program_would_write(pages: dict[str, str], name: str) -> None:
    shipped = (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
    written = pages[name].splitlines()
    stale = [line for line in written if line not in set(shipped)] + [
        line for line in shipped if line not in set(written)
    ]
    # where this fails: `python -m sim docs --quick` writes these pages anew, `make docs` all of them
    assert stale == []
    assert shipped == written


@pytest.mark.parametrize("specification", SPECIFICATIONS, ids=lambda path: path.stem)
def test_slow_page_was_made_from_the_inputs_as_they_are(specification: Path) -> None:
    page = read_probes(specification, sources_of)
    mark = made_from(page, load, build_world(WORLDS / page.world, ROOT / ".cache"))
    # where this fails a scenario, the base year or a question has changed since: `make docs` makes the tables anew.
    # Words, notes and sources move nothing; that the program still finds the same is for test_plausibility_page.py
    assert printed_tables(specification)["made_from"][0] == [made_from_line(mark).strip()]
