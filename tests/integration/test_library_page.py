"""The page of scenarios against the scenarios, and against what a run of one finds now."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from sim.app import baseline_of
from sim.inputs.resolve import load_scenario
from sim.pages import compared_scenarios, library_block
from sim.study.fingerprint import fingerprint

ROOT = Path(__file__).parents[2]
baseline_named = cache(lambda name: load_scenario(name, ROOT))
BLOCKS = dict(
    re.findall(
        r"<!-- table: (\w+) -->\n(.*?)<!-- end -->", (ROOT / "docs" / "scenarios.md").read_text("utf-8"), re.DOTALL
    )
)


def test_page_has_every_scenario_with_a_baseline() -> None:
    assert set(BLOCKS) == set(compared_scenarios(ROOT))


@pytest.mark.parametrize("name", BLOCKS)
def test_result_on_the_page_is_that_of_the_scenario_as_it_stands(name: str) -> None:
    scenario = load_scenario(name, ROOT)
    block = BLOCKS[name]
    # where this fails the scenario or its baseline was changed since: `make docs` writes its result anew
    beside = baseline_named(baseline_of(scenario))
    assert block.rstrip().endswith(f"scenario {fingerprint(scenario, beside)}")
    assert block.startswith(f"**{scenario.title}.** {scenario.question}")
    assert re.search(r"^> .*\d", block, re.MULTILINE)


def test_run_finds_what_the_page_says() -> None:
    assert library_block(ROOT, "sanctions_lifted") == BLOCKS["sanctions_lifted"]


@pytest.mark.campaign
@pytest.mark.parametrize("name", BLOCKS)
def test_every_run_finds_what_the_page_says(name: str) -> None:
    assert library_block(ROOT, name) == BLOCKS[name]
