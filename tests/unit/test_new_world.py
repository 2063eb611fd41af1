"""`make new-world`: starting files that are valid as they stand, and what it refuses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from sim import cli
from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_world
from sim.new_world import BASELINE, COMMON, DEFAULT_YEAR, LONGEST, RESERVED, STARTING_FILES
from sim.study.world import build_world

ROOT = Path(__file__).parents[2]
OTHER = "scenarios/worlds/metals_2024/countries.csv"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("SCENARIO", "WORLD", "SET", "NAME", "DRAWS", "FROM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "scenarios" / "worlds").mkdir(parents=True)
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(words) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def files(project: Path) -> list[str]:
    return sorted(path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file())


def uncomment(path: Path) -> int:
    """Take the # away from the lines that begin with it and no blank; how many there were."""
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(re.sub(r"^#(?=\w|  )", "", line) for line in lines), encoding="utf-8")
    return sum(bool(re.match(r"#(\w|  )", line)) for line in lines)


def test_new_world_is_built_checked_shown_and_run_as_it_stands(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = said(capsys, "new-world", "--world", "nickel")
    assert told.startswith("written: scenarios/worlds/nickel/ (10 files) and scenarios/nickel_baseline.yaml.\n")
    assert f"The good is called nickel, the base year is {DEFAULT_YEAR}." in told
    report = said(capsys, "world", "--world", "nickel")
    assert "World nickel, base year 2024: 5 regions, 1 goods" in report
    assert "NLD: scaled exports 25.000 to 19.800 kt (exports exceed output and imports)" in report
    assert said(capsys, "validate") == "nickel_baseline: no fault\n"
    shown = said(capsys, "show", "--scenario", "nickel_baseline")
    assert "World nickel. Extends no other scenario." in shown
    assert "Results of other scenarios are compared with this one." in " ".join(shown.split())
    listed = said(capsys, "list")
    assert listed.startswith("nickel_baseline: REPLACE THIS TITLE: Nickel after 2024")
    assert "NO EFFECT" not in listed
    answer = said(capsys, "run", "--scenario", "nickel_baseline", "--draws", "4", "--jobs", "1")
    assert "4 of 4 draws solved, 0 infeasible, 0 failed." in answer
    assert "The figures of this base year are invented and say nothing about any metal." in answer
    assert (project / "results" / "nickel_baseline" / "manifest.json").is_file()


def test_second_stage_stands_when_its_signs_are_taken_away(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "new-world", "--world", "nickel_2022")
    folder, baseline = (
        project / "scenarios" / "worlds" / "nickel_2022",
        project / "scenarios" / "nickel_2022_baseline.yaml",
    )
    assert min(uncomment(path) for path in (folder / "world.yaml", folder / "sources.yaml", baseline)) > 4
    world = build_world(folder)
    assert world.chains() == (("nickel", "nickel_ore"),)
    assert load_scenario("nickel_2022_baseline", project).measures["us_duty_in_force"].kind == "tariff"
    answer = said(capsys, "run", "--scenario", "nickel_2022_baseline", "--draws", "2", "--jobs", "1", "--no-figures")
    assert "2 of 2 draws solved" in answer
    assert "Nickel ore" in answer


def test_scenario_of_a_new_world_begins_like_any_other(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "new-world", "--world", "nickel")
    assert said(capsys, "new", "--scenario", "my_question", "--from", "nickel_baseline").startswith("written: ")
    uncomment(project / "scenarios" / "my_question.yaml")
    assert said(capsys, "validate", "--scenario", "my_question") == "my_question: no fault\n"
    assert "my_ban" in said(capsys, "diff", "--a", "nickel_baseline", "--b", "my_question")


def test_name_gives_good_and_base_year(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "new-world", "--world", "raw_lithium_2021")
    assert "The good is called raw_lithium, the base year is 2021." in told
    world = read_world(project / "scenarios" / "worlds" / "raw_lithium_2021")
    assert (world.year, world.goods[0].name, world.goods[0].label) == (2021, "raw_lithium", "Raw lithium")
    years = load_scenario("raw_lithium_2021_baseline", project).years
    assert (years.first, years.focus, years.last) == (2022, 2027, 2031)
    assert "the base year is 2024" in said(capsys, "new-world", "--world", "nickel_0815")


def test_every_figure_is_marked_as_invented(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "new-world", "--world", "nickel")
    folder = project / "scenarios" / "worlds" / "nickel"
    tables = sorted(folder.glob("nickel_*.csv"))
    assert len(tables) == 7
    for path in tables:
        assert all("invented" in line for line in path.read_text().splitlines()[1:]), path.name
    world = build_world(folder)
    assert world.tiers == ("assumption",)
    scenario = load_scenario("nickel_baseline", project)
    assert {number.source for number in scenario.parameters.values()} == {"assumption"}
    # an entry that is deleted at the end leaves a fault wherever it is still used
    sources = folder / "sources.yaml"
    sources.write_text(re.sub(r"(?m)^invented:\n  .*\n", "", sources.read_text()), encoding="utf-8")
    assert "no source 'invented' in sources.yaml" in refused(capsys, "world")


def test_countries_are_those_of_the_shipped_world() -> None:
    assert (STARTING_FILES / "countries.csv").read_bytes() == (ROOT / OTHER).read_bytes()
    assert {*COMMON, BASELINE} <= {path.name for path in STARTING_FILES.iterdir()}


@pytest.mark.parametrize(
    "name",
    [
        *("../x", "x/y", "/x", "X", "1a", "a b", "a; echo X", "$(touch X)", "é", "a" * (LONGEST + 1), "x\n", ".."),
        *RESERVED,
        *("default_2023", "no_2024"),
    ],
)
def test_name_that_cannot_be_one_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    before = sorted(project.rglob("*"))
    assert "a world is named with small letters, digits and _" in refused(capsys, "new-world", "--world", name)
    assert sorted(project.rglob("*")) == before


def test_name_is_wanted(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refused(capsys, "new-world") == "new-world needs WORLD=, the name of the folder to write\n"
    assert files(project) == []


@pytest.mark.parametrize("there", ["scenarios/worlds/nickel", "scenarios/nickel_baseline.yaml"])
@pytest.mark.parametrize("link", [False, True])
def test_what_is_there_stays(project: Path, capsys: pytest.CaptureFixture[str], there: str, link: bool) -> None:
    if link:
        (project / there).symlink_to(project / "elsewhere")
    elif there.endswith(".yaml"):
        (project / there).write_text("kept")
    else:
        (project / there).mkdir()
        (project / there / "kept").write_text("kept")
    before = sorted(project.rglob("*"))
    assert refused(capsys, "new-world", "--world", "nickel") == f"{there} is there already; nothing was written\n"
    assert sorted(project.rglob("*")) == before


def test_folder_that_leads_elsewhere_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (project / "scenarios" / "worlds").rmdir()
    (project / "scenarios" / "worlds").symlink_to(elsewhere)
    assert "is no folder of this project" in refused(capsys, "new-world", "--world", "nickel")
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("fault", "code", "message"),
    [
        (OSError(28, "No space left on device"), 1, "cannot be written: No space left on device; nothing was kept"),
        (FileExistsError(17, "File exists"), 2, "is there already; nothing was written"),
    ],
)
def test_half_a_world_is_taken_away(
    project: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    fault: OSError,
    code: int,
    message: str,
) -> None:
    sound = Path.open

    def full(self: Path, mode: str = "r", **given: Any) -> Any:
        if mode == "x" and self.name == "nickel_baseline.yaml":
            raise fault
        return sound(self, mode, **given)

    monkeypatch.setattr(Path, "open", full)
    assert cli.main(["new-world", "--world", "nickel"]) == code
    assert f"scenarios/nickel_baseline.yaml {message}" in capsys.readouterr().err
    assert files(project) == []
    assert list((project / "scenarios" / "worlds").iterdir()) == []


def test_report_is_of_the_world_that_is_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("nickel", "lithium"):
        said(capsys, "new-world", "--world", name)
    assert "World lithium" not in said(capsys, "world", "--world", "nickel")
    assert "World lithium" in said(capsys, "world")
    assert "no world nickle; nearest is nickel" in refused(capsys, "world", "--world", "nickle")
    assert "no world ../nickel" in refused(capsys, "world", "--world", "../nickel")
