"""The backtest as people run it: files, page, exit codes; and the shipped page against a run."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sim import cli, history, options
from sim.errors import ScenarioError
from sim.history import Backtested, BacktestOptions, backtest, episode_names
from sim.output.folder import is_complete

ROOT = Path(__file__).parents[2]
EPISODE = "section_232_2025"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenarios and the pages in a folder of their own."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    (folder / "docs").mkdir()
    for name in ("backtests", "estimates"):
        shutil.copy(ROOT / "docs" / f"{name}.md", folder / "docs")
    (folder / "results").mkdir()
    return folder


def run(root: Path, **fields: object) -> Backtested:
    given = {"draws": 0, "seed": 1, "jobs": 1, "overrides": "", "scenario": EPISODE}
    given |= {"estimate": False, "figures": False, "page": False}
    return backtest(root, BacktestOptions(**(given | fields)), "1.0", 100, lambda _share, _what: None)  # type: ignore[arg-type]


def test_one_episode_writes_its_tables_and_leaves_the_page(project: Path) -> None:
    before = (project / "docs" / "backtests.md").read_bytes()
    done = run(project)
    assert is_complete(done.folder)
    assert {path.name for path in done.folder.glob("*.csv")} == {"predicted.csv", "skill.csv"}
    assert f"{EPISODE}: the central run only" in done.answer
    assert done.pages == ()
    assert (project / "docs" / "backtests.md").read_bytes() == before


def test_set_changes_the_prediction(project: Path) -> None:
    run(project)
    before = (project / "results" / "_backtest" / "predicted.csv").read_bytes()
    run(project, overrides="parameters.sourcing_elasticity.aluminium=12")
    assert (project / "results" / "_backtest" / "predicted.csv").read_bytes() != before


def test_page_and_figures_are_written(project: Path) -> None:
    done = run(project, page=True, figures=True, draws=4)
    assert done.pages == (project / "docs" / "backtests.md",)
    page = done.pages[0].read_text(encoding="utf-8")
    assert page.count(f"[{EPISODE}](#{EPISODE})") == 4
    assert "rusal" not in page.split("<!-- table: skill -->")[1].split("<!-- end -->")[0]
    assert (project / "docs" / f"backtest_{EPISODE}.png").is_file()
    assert (done.folder / "figures" / f"{EPISODE}.svg").is_file()


def test_path_that_no_episode_has_is_refused(project: Path) -> None:
    with pytest.raises(ScenarioError, match=r"SET: parameters\.sourcing_elasticity\.tin: no parameter of any episode"):
        run(project, scenario="", overrides="parameters.sourcing_elasticity.tin=5")


def test_unknown_episode_is_refused_with_the_nearest(project: Path) -> None:
    with pytest.raises(ScenarioError, match="no episode section_232_2024; nearest is section_232_2025"):
        run(project, scenario="section_232_2024")


def test_project_without_episodes_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="no table of what was observed in scenarios/backtests/"):
        episode_names(tmp_path)


def test_fault_in_the_table_is_told_and_nothing_is_written(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "project"
    shutil.copytree(project / "scenarios", copy / "scenarios")
    (copy / "results").mkdir()
    table = copy / "scenarios" / "backtests" / f"{EPISODE}.csv"
    table.write_text(
        table.read_text(encoding="utf-8").replace(",US,Canada,2025,", ",US,Kanada,2025,"), encoding="utf-8"
    )
    with pytest.raises(Exception, match=rf"{EPISODE}\.csv:3: partner: no partner Kanada; nearest is Canada"):
        run(copy)
    assert list((copy / "results").iterdir()) == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scenario", "no_such_episode"], "no episode no_such_episode"),
        (["--draws", "many"], "DRAWS='many': a whole number"),
        (["--set", "parameters.nothing=1"], "SET: parameters.nothing: no parameter of any episode"),
    ],
)
def test_what_is_mistyped_has_exit_code_2(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["backtest", *words]) == 2
    assert message in capsys.readouterr().err


def test_estimate_takes_yes_or_no(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("ESTIMATE", "perhaps")
    assert cli.main(["backtest"]) == 2
    assert "ESTIMATE='perhaps': yes or no is wanted" in capsys.readouterr().err


def test_only_the_plain_command_writes_the_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[BacktestOptions] = []

    def noted(root: Path, options: BacktestOptions, *_rest: object) -> Backtested:
        seen.append(options)
        return Backtested(folder=root / "results" / "_backtest", pages=(), answer="done", degraded=len(seen) == 1)

    monkeypatch.setattr(history, "backtest", noted)
    changed = (["--draws", "8"], ["--seed", "2"], ["--scenario", EPISODE], ["--set", "a=1"], ["--no-figures"])
    codes = [cli.main(["backtest", *words]) for words in ([], ["--estimate"], *changed)]
    assert [options.page for options in seen] == [True, True, False, False, False, False, False]
    assert [options.estimate for options in seen] == [False, True, False, False, False, False, False]
    assert codes == [3, 0, 0, 0, 0, 0, 0]  # the first had too many failed draws
    assert seen[4].command == ["backtest", "--draws", "256", "--seed", "1", "--scenario", EPISODE]
    assert "written: results/_backtest" in capsys.readouterr().out


@pytest.mark.slow
def test_shipped_page_is_what_the_command_finds(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "docs").mkdir()
    (tmp_path / "results").mkdir()
    shutil.copy(ROOT / "docs" / "backtests.md", tmp_path / "docs")
    run(tmp_path, scenario="", draws=options.DEFAULT_DRAWS, seed=options.DEFAULT_SEED, page=True, figures=True, jobs=2)
    # where this fails: `make backtest` writes the page anew
    assert (tmp_path / "docs" / "backtests.md").read_text() == (ROOT / "docs" / "backtests.md").read_text()
