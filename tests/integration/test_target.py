"""Goal seek from the command line to its folder, held to a plain run with SET at the value found."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from sim import cli
from sim.output.facts import read_study
from sim.output.folder import is_complete

ROOT = Path(__file__).parents[2]
VARIABLES = ("SCENARIO", "DRAWS", "SEED", "JOBS", "SET", "NAME", "FIGURES", "GOAL", "VARY", "LOW", "HIGH")
CAPACITY = "measures.russian_separation_plant.capacity"
GOAL = "import_share.rare_earth_oxide.US.China.2036 <= 50 %"
WORDS = ["target", "--scenario", "joint_extraction_processing", "--goal", GOAL, "--vary", CAPACITY]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "results").mkdir()
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.campaign
def test_run_with_set_at_the_value_found_meets_the_goal(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = "years.last=2037; years.focus=2036"
    assert cli.main([*WORDS, "--draws", "4", "--set", short, "--low", "0 kt/yr", "--high", "40 kt/yr"]) == 0
    said = capsys.readouterr().out
    folder = project / "results" / "_target" / "joint_extraction_processing"
    assert is_complete(folder)
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    figures = ["figures/response.png", "figures/response.svg"]
    told = ["facts.json", *figures, "manifest.json", "report.html"]
    assert names == [*told, "resolved.yaml", "solutions.csv", "target.csv"]
    study = read_study(folder)
    assert study.asks.startswith(f"At which value of {CAPACITY} is the share of China")
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert study.lead in page
    assert page.count('role="img"') == 1
    assert "assumption</td><td>scenarios/mixins/joint_separation.yaml:" in page
    check = re.search(rf'SET="({re.escape(CAPACITY)}=[^"]+)" it is 50 %', " ".join(said.split()))
    assert check is not None
    overrides = f"{short}; {check.group(1)}"
    run = ["run", "--scenario", "joint_extraction_processing", "--draws", "4", "--no-figures", "--set", overrides]
    assert cli.main(run) == 0
    summary = pd.read_csv(project / "results" / "joint_extraction_processing" / "summary.csv")
    rows = summary.query(
        "indicator == 'import_share' and good == 'rare_earth_oxide' and region == 'US' and partner == 'China'"
    ).query("year == 2036")
    assert float(rows["central"].iloc[0]) == pytest.approx(0.5, abs=1e-6)
    table = pd.read_csv(folder / "target.csv")
    assert table["value"].iloc[[0, -1]].tolist() == [0.0, 40.0]
    assert table["central"].is_monotonic_decreasing
    command = json.loads((folder / "manifest.json").read_text())["command"]
    assert command[:7] == WORDS
    assert "--low=0 kt/yr" in command


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--goal", "import_share.rare_earth_oxide.US.Chima.2036 <= 50 %"], "unknown partner Chima; nearest is China"),
        (["--vary", "measures.russian_separation_plant.capacty"], f"nearest is {CAPACITY}"),
        (["--set", f"{CAPACITY}=3 kt/yr"], "is set by SET as well"),
        (["--low", "9 kt/yr", "--high", "8 kt/yr"], "LOW (9 kt/yr) is not below HIGH (8 kt/yr)"),
        (["--low", "9"], "LOW: 9 has no unit"),
        (["--goal", ""], "target needs GOAL="),
    ],
)
def test_what_is_at_fault_is_told_and_nothing_written(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], fault: str
) -> None:
    assert cli.main([*WORDS, "--draws", "0", *words]) == 2
    assert fault in capsys.readouterr().err
    assert list((project / "results").iterdir()) == []


def test_bounds_that_the_reader_refuses_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["target", "--scenario", "joint_extraction_processing", "--goal", GOAL, "--draws", "0"]
    vary = "parameters.demand_elasticity.rare_earth_oxide"
    assert cli.main([*words, "--vary", vary, "--low", "0.01", "--high", "1"]) == 2
    said = capsys.readouterr().err
    assert "HIGH=1 (as given) cannot be tried:" in said
    assert "but demand_elasticity_long is" in said
