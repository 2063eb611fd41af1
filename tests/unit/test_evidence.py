"""Every number of the project with its source: how they are collected, and how the page shows them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from sim.errors import DataError, ScenarioError
from sim.inputs.chain import Library
from sim.inputs.evidence import world_numbers
from sim.inputs.faults import Faults
from sim.inputs.measure_schema import FIELDS
from sim.inputs.schema import parameter_kinds
from sim.output.assumptions_text import assumptions_page, carriers
from sim.provenance import TIERS
from sim.records.evidence import Evidence
from sim.records.scenario import Scenario
from sim.study.assumptions import collect_evidence, past_scenarios
from sim.study.uses import KINDS, PARAMETERS, use_of
from tests.shipped import shipped

ROOT = Path(__file__).parents[2]
WORLDS = "scenarios/worlds"
SHIPPED = ROOT / WORLDS / "metals_2024"


@pytest.fixture(scope="module")
def scenarios() -> tuple[Scenario, ...]:
    return (*shipped(), *past_scenarios(ROOT))


@pytest.fixture(scope="module")
def evidence(scenarios: tuple[Scenario, ...]) -> Evidence:
    return collect_evidence(ROOT, WORLDS, scenarios)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "metals_2024"))


def test_no_shipped_number_is_without_a_source(evidence: Evidence) -> None:
    assert len(evidence.stated) > 150
    for number in evidence.shown:
        assert number.source in evidence.sources, number.name
        assert not number.range_source or number.range_source in evidence.sources, number.name
        assert number.tier in TIERS
    for world in evidence.worlds.values():
        for column in world.columns:
            assert column.count == sum(column.by_tier.values()) > 0
            assert set(column.sources) <= set(evidence.sources)


def test_an_assumption_says_what_it_rests_on(evidence: Evidence) -> None:
    assert [number.name for number in evidence.stated if number.source == "assumption" and not number.note] == []


def test_a_range_is_never_credited_to_a_document(evidence: Evidence) -> None:
    ranged = [number for number in evidence.stated if number.tier == "document" and number.spread and number.value]
    assert ranged
    assert [number.name for number in ranged if not number.range_source] == []


def test_every_kind_and_parameter_names_its_equation() -> None:
    assert set(FIELDS) == set(KINDS)
    assert set(parameter_kinds()) == set(PARAMETERS)
    assert use_of("project", "entry_share.US") != use_of("project", "capacity")
    with pytest.raises(KeyError, match="riddle"):
        use_of("riddle", "volume")


def test_every_mixin_is_taken_in_by_a_scenario(scenarios: tuple[Scenario, ...]) -> None:
    taken = {file for scenario in scenarios for file in scenario.files}
    mixins = {f"scenarios/mixins/{name}.yaml" for name in Library(ROOT, Faults()).names("mixins")}
    assert mixins
    assert mixins - taken == set()


def test_every_table_of_the_world_is_accounted_for(evidence: Evidence) -> None:
    world = evidence.worlds["metals_2024"]
    told = {number.file for number in world.stated} | {column.file for column in world.columns}
    told |= {file for file, _ in world.without_numbers}
    assert told == {path.name for path in SHIPPED.glob("*.csv")} | {"world.yaml"}


def test_every_filled_cell_of_a_table_is_counted(evidence: Evidence) -> None:
    world = evidence.worlds["metals_2024"]
    trade = {column.name: column.count for column in world.columns if column.file == "aluminium_trade.csv"}
    assert trade["kt"] == len((SHIPPED / "aluminium_trade.csv").read_text(encoding="utf-8").splitlines()) - 1
    prices = [number for number in world.stated if number.file == "aluminium_prices.csv"]
    assert [number.value for number in prices][:2] == ["2419", "2855.0"]
    assert prices[2].spread == "2765.0 to 2815.0, shown and not drawn"


def test_the_documents_share_counts_as_stated(evidence: Evidence) -> None:
    stated = {number.value: number.source for number in evidence.shown if number.tier == "document"}
    assert stated["70"] == "D2"
    assert stated["2 Mt/yr"] == "D0"


@pytest.mark.parametrize(
    ("file", "old", "new", "fault"),
    [
        ("aluminium_prices.csv", "worldbank_pinksheet", "", "a number without a source"),
        ("aluminium_prices.csv", "worldbank_pinksheet", "hearsay", "no source 'hearsay' in sources.yaml"),
        ("aluminium_trade.csv", "baci_hs92", "hearsay", "aluminium_trade.csv: AFG FRA: kt: no source 'hearsay'"),
        ("world.yaml", "value: 0.05, source: baci_hs92", "value: 0.05, source: hearsay", "smallest_flow_kt: no source"),
    ],
)
def test_a_number_without_a_source_is_told(copied: Path, file: str, old: str, new: str, fault: str) -> None:
    path = copied / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(fault)):
        world_numbers(copied)


def test_a_table_that_no_entry_names_is_told(copied: Path) -> None:
    (copied / "stray.csv").write_text("iso3,kt\nUSA,1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"stray\.csv: no entry of world\.yaml"):
        world_numbers(copied)


def test_a_kind_that_no_equation_is_named_for_is_told(
    scenarios: tuple[Scenario, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(KINDS, "tariff")
    with pytest.raises(ScenarioError, match="no equation is named for a tariff"):
        collect_evidence(ROOT, WORLDS, scenarios)


def test_page_puts_the_weakest_first_and_links_every_source(evidence: Evidence) -> None:
    page = assumptions_page(evidence)
    sections = re.findall(r"^## (\w+)", page, re.MULTILINE)
    assert sections[:5] == ["Documents", "Assumptions", "Derived", "Literature", "Statistics"]
    linked = set(re.findall(r"\]\(#source-([a-z0-9-]+)\)", page))
    targets = re.findall(r'<a id="source-([a-z0-9-]+)">', page)
    assert linked == set(targets)
    assert len(targets) == len(set(targets))


def test_page_counts_what_it_shows(evidence: Evidence) -> None:
    page = assumptions_page(evidence)
    told = dict(re.findall(r"^\| (assumption|derived|literature|statistic) \| (\d+) \|", page, re.MULTILINE))
    shown = {tier: sum(number.tier == tier for number in evidence.shown) for tier in told}
    assert {tier: int(count) for tier, count in told.items()} == shown
    assert f"| together | {len(evidence.shown)} |" in page
    assert all(f"`{number.name}`" in page for number in evidence.shown)


def test_page_shows_the_numbers_of_the_equations(evidence: Evidence) -> None:
    page = assumptions_page(evidence)
    assert "| deepest discount of a floor | 70% | z_min in (11) |" in page
    assert "1 + (σ - 1) / 5" in page
    assert "95%" in page


def test_carriers_are_told_the_short_way() -> None:
    every = ["a", "b", "c", "d", "e", "f"]
    assert carriers(every, every) == "all"
    assert carriers(every[:5], every) == "all but `f`"
    assert carriers(["a", "c"], every) == "`a`, `c`"
    assert carriers([*every, "backtests/x"], [*every, "backtests/x"]) == "all, `backtests/x`"
    assert carriers(["backtests/x"], [*every, "backtests/x"]) == "`backtests/x`"
