"""Tiers of evidence and the words about documented figures reach every place a reader looks at."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sim.inputs.resolve import load_scenario
from sim.inputs.resolved_text import resolved_yaml
from sim.inputs.world import read_world
from sim.output.answer import render_answer
from sim.output.plots.style import evidence
from sim.output.tables import SUMMARY
from sim.provenance import TIERS, weakest_first
from sim.records.world import World
from sim.study.provenance import stated_figures, tiers_by_good
from sim.study.world import build_world
from tests import output_samples as samples

ROOT = Path(__file__).parents[2]
WORLD = ROOT / "scenarios" / "worlds" / "metals_2024"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WORLD, ROOT / ".cache")


def test_every_number_of_the_resolved_scenario_has_its_tier() -> None:
    text = resolved_yaml(load_scenario("joint_extraction_processing", ROOT))
    numbers = re.findall(r"\{(?:value|low|by_year): .*\}", text)
    assert len(numbers) > 150
    assert [line for line in numbers if not re.search(rf'tier: "({"|".join(TIERS)})"', line)] == []
    ranged = [line for line in numbers if "range_source" in line]
    assert ranged
    assert [line for line in ranged if "range_tier" not in line] == []


def test_summary_has_a_column_for_tiers() -> None:
    assert "tier" in SUMMARY.columns


def test_figure_the_base_year_takes_from_a_document_is_told_with_its_good(world: World) -> None:
    told = dict(zip(world.good_names, world.stated, strict=True))
    assert told["rare_earth_oxide"] == "70 % of the imports of United States from China"
    assert told["aluminium"] == ""
    assert {good for good, tiers in zip(world.good_names, world.tiers, strict=True) if "document" in tiers} == {
        good for good, text in told.items() if text
    }


def test_statement_of_a_good_goes_with_the_good(world: World) -> None:
    assert stated_figures(load_scenario("baseline", ROOT), world.cut(("aluminium",))) == ()
    chain = world.cut(("rare_earth_concentrate", "rare_earth_oxide"))
    told = stated_figures(load_scenario("baseline", ROOT), chain)
    assert told == ("70 % of the imports of United States from China (base year, Rare-earth oxides and metals)",)


def test_statement_survives_the_cache(tmp_path: Path, world: World) -> None:
    assert build_world(WORLD, tmp_path).stated == world.stated
    assert build_world(WORLD, tmp_path).stated == world.stated  # this time from the file
    assert read_world(WORLD).sources["D2"].tier == "document"


def test_every_good_rests_on_known_tiers(world: World) -> None:
    found = tiers_by_good(load_scenario("sanctions_lifted", ROOT), world)
    for tiers in found.values():
        assert tiers == weakest_first(tiers) != ()
    assert "document" in found["aluminium"]


def test_footnote_and_answer_name_tiers_and_what_nobody_validated() -> None:
    facts = samples.facts()
    footnote = evidence(facts)
    answer = " ".join(render_answer(facts, (samples.offer(),), 100).split())
    for text in (footnote, answer):
        assert "Evidence, weakest first: document, assumption, derived, literature, statistic." in text
        assert "Stated by the documents, not validated: 2 Mt/yr (russian_aluminium_offer)." in text
    bare = replace(facts, tiers=(), stated=())
    assert "Evidence" not in evidence(bare)
    assert "validated" not in evidence(bare)
