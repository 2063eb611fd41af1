"""The pages of docs/ that the program writes, against what it would write now."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.pages import quick_pages

ROOT = Path(__file__).parents[2]
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
