"""Scenarios about the past stand in a folder of their own: what reaches them, and what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.inputs.resolve import list_scenarios, load_all, load_scenario, validate_all
from tests.scenario_files import CAP, tiny_world, write_project

BASE = "schema_version: 1\nworld: metals_2024\nyears: {first: 2025, last: 2026}\n"
FILES: dict[str, str | bytes] = {
    "backtests/quiet.yaml": BASE,
    "backtests/quota.yaml": "extends: quiet\nmeasures:\n  quota: " + CAP + "volume: 1 kt/yr, source: ofac_2024}\n",
    "backtests/apart.yaml": "extends: baseline\ncompare_with: quiet\n",
}


def test_a_scenario_about_the_past_is_called_by_its_folder(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    quota = load_scenario("backtests/quota", root, read_world=tiny_world)
    assert quota.name == "backtests/quota"
    assert quota.chain == ("backtests/quota", "backtests/quiet")
    assert quota.files == ("scenarios/backtests/quota.yaml", "scenarios/backtests/quiet.yaml")
    assert quota.compare_with == "backtests/quiet"
    assert str(quota.measures["quota"].place) == "scenarios/backtests/quota.yaml:3:3"


def test_names_mean_the_own_folder_first_and_ordinary_scenarios_next(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    apart = load_scenario("backtests/apart", root, read_world=tiny_world)
    assert apart.chain == ("backtests/apart", "baseline")
    assert apart.compare_with == "backtests/quiet"


def test_a_namesake_of_an_ordinary_scenario_hides_it_in_its_folder_only(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**FILES, "backtests/baseline.yaml": BASE})
    assert load_scenario("backtests/apart", root, read_world=tiny_world).chain == (
        "backtests/apart",
        "backtests/baseline",
    )
    assert load_scenario("sanctions_lifted", root, read_world=tiny_world).chain == ("sanctions_lifted", "baseline")


def test_an_ordinary_scenario_does_not_reach_the_folder(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**FILES, "x.yaml": "extends: quota\n", "y.yaml": "extends: backtests/quota\n"})
    with pytest.raises(ScenarioError, match=r"x\.yaml:1:10: extends: no scenario quota"):
        load_scenario("x", root, read_world=tiny_world)
    with pytest.raises(ScenarioError, match=r"y\.yaml:1:10: extends: .*small letters, digits and _"):
        load_scenario("y", root, read_world=tiny_world)


@pytest.mark.parametrize(
    "name",
    [
        "backtests/",
        "backtests/../baseline",
        "backtests/../../etc/passwd",
        "backtests//quiet",
        "backtests/backtests/quiet",
        "backtests/quiet.yaml",
        "backtests\\quiet",
        "worlds/metals_2024",
        "quiet",
    ],
)
def test_no_other_name_reaches_a_file(tmp_path: Path, name: str) -> None:
    root = write_project(tmp_path, FILES)
    with pytest.raises(ScenarioError, match="no scenario"):
        load_scenario(name, root, read_world=tiny_world)


def test_a_link_out_of_the_folder_is_no_scenario(tmp_path: Path) -> None:
    root = write_project(tmp_path / "project", FILES)
    outside = tmp_path / "outside.yaml"
    outside.write_text(BASE, encoding="utf-8")
    (root / "scenarios" / "backtests" / "linked.yaml").symlink_to(outside)
    with pytest.raises(ScenarioError, match="no scenario linked"):
        load_scenario("backtests/linked", root, read_world=tiny_world)


def test_they_are_checked_with_all_others_and_listed_with_none(tmp_path: Path) -> None:
    root = write_project(tmp_path, FILES)
    ordinary = ("baseline", "joint_extraction_processing", "sanctions_lifted")
    past = ("backtests/apart", "backtests/quiet", "backtests/quota")
    assert validate_all(root, read_world=tiny_world) == (*ordinary, *past)
    assert tuple(name for name, _ in list_scenarios(root)) == ordinary
    assert tuple(load_all(root, read_world=tiny_world)) == ordinary


def test_a_fault_in_the_folder_is_told_with_the_others(tmp_path: Path) -> None:
    root = write_project(tmp_path, {**FILES, "backtests/quota.yaml": "extends: quet\n", "backtests/Old.yml": "{}"})
    with pytest.raises(ScenarioError, match="quet") as caught:
        validate_all(root, read_world=tiny_world)
    told = [line.split(": ")[0] for line in str(caught.value).split("\n") if not line.startswith("    ")]
    assert told == ["scenarios/backtests/Old.yml:1:1", "scenarios/backtests/quota.yaml:1:10"]
