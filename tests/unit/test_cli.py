from __future__ import annotations

import io
import json
import runpy
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from sim import cli, terminal
from sim.checks import checks_of
from sim.model import simulate
from sim.output.folder import is_complete
from sim.records.params import Params
from sim.records.trajectory import FAILED, Trajectory
from sim.study import telling

ROOT = Path(__file__).parents[2]
VARIABLES = ("SCENARIO", "DRAWS", "SEED", "SAMPLING", "JOBS", "SET", "NAME", "FIGURES", "A", "B", "FROM")
SHORT = "years.last=2026; years.focus=2026"
QUICK = ["--draws", "0", "--no-figures", "--set", SHORT]


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own with the shipped scenarios."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "scenarios", root / "scenarios")
    (root / "results").mkdir()
    return root


@pytest.fixture
def project(scenarios: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The project with empty results, in which the command line works; nothing of our own environment counts."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cli, "ROOT", scenarios)
    shutil.rmtree(scenarios / "results")
    (scenarios / "results").mkdir()
    before = set((scenarios / "scenarios").glob("*.yaml"))
    yield scenarios
    for path in set((scenarios / "scenarios").glob("*.yaml")) - before:
        path.unlink()


def written(project: Path) -> list[str]:
    return sorted(path.name for path in (project / "results").iterdir())


def heir(project: Path, name: str, text: str) -> None:
    head = """\
schema_version: 1
title: A trial
question: What then?
extends: sanctions_lifted
years: {last: 2026, focus: 2026}
"""
    (project / "scenarios" / f"{name}.yaml").write_text(head + text, encoding="utf-8")


def test_workbook_is_written_where_it_is_asked_for(project: Path) -> None:
    assert cli.main(["run", "--scenario", "baseline", "--excel", *QUICK]) == 0
    folder = project / "results" / "baseline"
    assert is_complete(folder)
    assert (folder / "tables.xlsx").is_file()
    assert "--excel" in json.loads((folder / "manifest.json").read_text())["command"]


def test_run_writes_a_complete_folder_and_answers(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--scenario", "sanctions_lifted", *QUICK]) == 0
    said = capsys.readouterr()
    assert "Open results/sanctions_lifted/summary.csv" in said.out
    assert said.err == ""
    folder = project / "results" / "sanctions_lifted"
    assert is_complete(folder)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        *("draws.npz", "facts.json", "flows.csv", "iamc.csv", "manifest.json", "markets.csv"),
        *("report.html", "resolved.yaml", "resolved_baseline.yaml", "summary.csv"),
    ]


def test_manifest_tells_the_command_that_makes_the_same_again(project: Path) -> None:
    words = ["run", "--scenario", "baseline", "--jobs", "2", "--seed", "5", "--name", "try", *QUICK]
    assert cli.main(words) == 0
    manifest = json.loads((project / "results" / "baseline@try" / "manifest.json").read_text())
    told = ["run", "--scenario", "baseline", "--draws", "0", "--seed", "5", "--set", SHORT, "--name", "try"]
    assert manifest["command"] == [*told, "--no-figures"]
    assert manifest["seed"] == 5
    assert manifest["status"] == "complete"
    assert "scenarios/worlds/metals_2024/world.yaml" in manifest["inputs"]
    assert len(manifest["checks"]) == 11


def test_latin_hypercube_is_told_in_the_command_and_draws_otherwise(project: Path) -> None:
    words = ["run", "--scenario", "baseline", "--draws", "2", "--no-figures", "--set", SHORT]
    assert cli.main([*words, "--name", "plain", "--sampling", "plain"]) == 0
    assert cli.main([*words, "--name", "latin", "--sampling", "latin"]) == 0
    folders = [project / "results" / f"baseline@{name}" for name in ("plain", "latin")]
    commands = [json.loads((folder / "manifest.json").read_text())["command"] for folder in folders]
    assert "--sampling" not in commands[0]
    assert commands[1][-2:] == ["--sampling", "latin"]
    plain, latin = (np.load(folder / "draws.npz") for folder in folders)
    elasticity = next(name for name in plain.files if name.endswith("parameters.sourcing_elasticity.aluminium"))
    assert plain[elasticity][0] == latin[elasticity][0]
    assert not np.isclose(plain[elasticity][1:], latin[elasticity][1:]).any()


def test_values_are_taken_from_the_environment(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"SCENARIO": "baseline", "DRAWS": "0", "SEED": "9", "SET": SHORT, "NAME": "env", "FIGURES": "no"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["run"]) == 0
    assert written(project) == ["baseline@env"]
    assert not (project / "results" / "baseline@env" / "figures").exists()


def test_name_of_the_machine_is_no_variant(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "my-laptop")
    assert cli.main(["run", "--scenario", "baseline", *QUICK]) == 0
    assert written(project) == ["baseline"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scenario", "sanction_lifted"], "sanctions_lifted"),
        (["--scenario", "../baseline"], "scenario"),
        ([], "run which scenario? There are baseline, china_export_ban"),
        (["--scenario", "baseline", "--draws", "many"], "DRAWS='many': a whole number from 0 to 1000000 is wanted"),
        (["--scenario", "baseline", "--draws", "-1"], "DRAWS='-1': a whole number from 0"),
        (["--scenario", "baseline", "--draws", "1e3"], "DRAWS='1e3'"),
        (["--scenario", "baseline", "--draws", "1000001"], "DRAWS='1000001'"),
        (["--scenario", "baseline", "--draws", "٣"], "DRAWS="),
        (["--scenario", "baseline", "--seed", "1.5"], "SEED='1.5'"),
        (["--scenario", "baseline", "--sampling", "sobol"], "SAMPLING='sobol': plain or latin is wanted"),
        (["--scenario", "baseline", "--jobs", "0"], "JOBS='0': a whole number from 1 to 1024"),
        (["--scenario", "baseline", "--name", "../up"], "NAME='../up': letters, digits"),
        (["--scenario", "baseline", "--name", ".hidden"], "NAME='.hidden'"),
        (["--scenario", "baseline", "--set", "parameters.sourcing_elasticity.aluminum=8"], "aluminium"),
        (["--scenario", "baseline", "--set", "parameters.sourcing_elasticity.aluminium"], "SET:1:"),
        (["--scenario", "sanctions_lifted", "--set", "measures.russian_aluminium_offer.volume=2"], "Mt/yr"),
        (["--scenario", "baseline", "--set", "years.last=2020"], "SET:1:"),
    ],
)
def test_wrong_words_are_explained_with_exit_code_2_and_nothing_is_written(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert cli.main(["run", "--no-figures", *words]) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.out == ""
    assert written(project) == []


def test_unknown_option_and_command_have_exit_code_2(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["run", "--drawz", "3"], ["fly"], []):
        with pytest.raises(SystemExit) as caught:
            cli.main(words)
        assert caught.value.code == 2
    assert "usage: python -m sim" in capsys.readouterr().err


def test_fault_in_a_file_is_told_with_its_place(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(project, "faulty", "measures:\n  x: {kind: bann, good: aluminium}\n")
    assert cli.main(["run", "--scenario", "faulty"]) == 2
    assert "scenarios/faulty.yaml:7:" in capsys.readouterr().err
    assert written(project) == []


FLOOR = """
measures:
  guarantee:
    kind: floor
    good: aluminium
    origin: Russia
    destination: China
    starts: 2025
    volume: {value: 9 Mt/yr, source: assumption, note: More than there is}
"""


def test_central_run_without_an_equilibrium_has_exit_code_3_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heir(project, "impossible", FLOOR)
    assert cli.main(["run", "--scenario", "impossible", "--draws", "2", "--no-figures"]) == 3
    assert "impossible: the central run is infeasible: 2025: floors promise more than 98%" in capsys.readouterr().err
    assert written(project) == []


def test_failed_draws_degrade_the_result_with_exit_code_3(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def one_fails(params: Params, *, for_central: bool) -> Trajectory:
        found = simulate(params, for_central=for_central)
        status = found.status.copy()
        status[1] = FAILED
        return replace(found, status=status)

    monkeypatch.setattr(telling, "simulate", one_fails)
    words = ["run", "--scenario", "baseline", "--draws", "3", "--no-figures", "--set", SHORT]
    assert cli.main(words) == 3
    assert "baseline: more than 1 % of the draws failed" in capsys.readouterr().out
    folder = project / "results" / "baseline"
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["status"] == "degraded"
    assert manifest["draws"] == {"solved": 2, "infeasible": 0, "failed": 1}
    assert is_complete(folder)


def test_broken_balance_has_exit_code_4_and_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def tampered(params: Params, found: Trajectory) -> object:
        flow = found.flow.copy()
        flow[0, 1, 0, 0, 0] += 1.0
        return checks_of(params, replace(found, flow=flow))

    monkeypatch.setattr(telling, "checks_of", tampered)
    assert cli.main(["run", "--scenario", "baseline", *QUICK]) == 4
    assert "flows into a market add up to its use" in capsys.readouterr().err
    assert written(project) == []


def test_result_of_an_earlier_run_stays_whole_when_the_next_one_fails(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["run", "--scenario", "baseline", *QUICK]) == 0
    before = (project / "results" / "baseline" / "manifest.json").read_bytes()
    monkeypatch.setattr(telling, "checks_of", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert cli.main(["run", "--scenario", "baseline", *QUICK]) == 130
    assert is_complete(project / "results" / "baseline")
    assert (project / "results" / "baseline" / "manifest.json").read_bytes() == before


def test_interrupt_while_the_words_are_read_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_parser", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    assert cli.main(["list"]) == 130
    assert capsys.readouterr().err == "interrupted; a result without its manifest is unfinished\n"


def test_interrupt_while_the_program_is_loaded_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Loading:
        """Stands for a module that is interrupted as soon as something is wanted of it."""

        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "sim.cli", Loading())
    with pytest.raises(SystemExit, match="130"):
        runpy.run_module("sim", run_name="__main__")
    assert capsys.readouterr().err == "interrupted before the program was loaded; nothing was done\n"


class LeftError(Exception):
    """The program has left by the short way."""


def left_with(code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose command ends with a code; what is registered for its end is done first."""

    def leave(with_code: int) -> None:
        assert done == ["what was registered"]
        raise LeftError(with_code)

    done: list[str] = []
    monkeypatch.setitem(sys.modules, "sim.cli", SimpleNamespace(main=lambda _: code))
    monkeypatch.setattr("atexit._run_exitfuncs", lambda: done.append("what was registered"))
    monkeypatch.setattr("os._exit", leave)
    runpy.run_module("sim", run_name="__main__")


def test_program_leaves_with_its_code_and_nothing_unsaid(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    sys.stdout.write("the answer")
    with pytest.raises(LeftError, match=r"^3$"):
        left_with(3, monkeypatch)
    assert capfd.readouterr().out == "the answer"


@pytest.mark.parametrize("closed", [False, True])
def test_program_leaves_as_any_other_where_its_answer_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch, *, closed: bool
) -> None:
    class Full(io.StringIO):
        def flush(self) -> None:
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as changed:
        changed.setattr(sys, "stdout", None if closed else Full())
        with pytest.raises(LeftError if closed else SystemExit, match=r"^1$"):
            left_with(1, changed)


def test_bug_keeps_its_traceback(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "checks_of", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError, match="division"):
        cli.main(["run", "--scenario", "baseline", *QUICK])
    assert written(project) == []


def few(project: Path) -> None:
    """Leave one scenario of each kind: they take as long to run as there are many."""
    kept = ("baseline", "sanctions_lifted", "joint_extraction", "joint_extraction_processing", "talks_fifty_fifty")
    for path in (project / "scenarios").glob("*.yaml"):
        if path.stem not in kept:
            path.unlink()


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.campaign)])
def test_all_runs_every_scenario(project: Path, capsys: pytest.CaptureFixture[str], *, every: bool) -> None:
    if not every:
        few(project)
    assert cli.main(["run", "--scenario", "all", *QUICK]) == 0
    names = sorted(path.stem for path in (project / "scenarios").glob("*.yaml"))
    assert written(project) == names
    assert all(is_complete(project / "results" / name) for name in names)
    assert capsys.readouterr().out.count("Open results/") == len(names)


def test_all_reads_every_scenario_before_it_solves_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few(project)
    heir(project, "zz_faulty", "measures: {x: {kind: bann, good: aluminium}}\n")
    assert cli.main(["run", "--scenario", "all", "--draws", "0", "--no-figures"]) == 2
    assert "scenarios/zz_faulty.yaml" in capsys.readouterr().err
    assert written(project) == []


def test_list_and_validate_name_the_scenarios(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["list"]) == 0
    listed = capsys.readouterr().out.splitlines()
    named = [line.split(":")[0] for line in listed[: listed.index("")] if not line.startswith(" ")]
    assert named == sorted(p.stem for p in (project / "scenarios").glob("*.yaml"))
    assert cli.main(["validate"]) == 0
    assert "baseline: no fault" in capsys.readouterr().out
    assert cli.main(["validate", "--scenario", "baseline"]) == 0
    assert capsys.readouterr().out == "baseline: no fault\n"
    assert cli.main(["validate", "--scenario", "nowhere"]) == 2


@pytest.mark.parametrize(("columns", "widest"), [("40", 80), ("90", 90), ("500", 120)])
def test_answer_fits_the_terminal(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: str, widest: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert cli.main(["run", "--scenario", "sanctions_lifted", *QUICK]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines) <= widest


def test_terminal_without_our_letters_shows_question_marks(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(screen, encoding="ascii"))
    terminal.say("Süden → Norden")
    assert screen.getvalue() == b"S?den ? Norden\n"


def test_progress_is_told_every_ten_seconds_where_nobody_watches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 5.0, 10.0, 10.0, 12.0, 20.5, 20.5])
    monkeypatch.setattr(terminal.time, "monotonic", lambda: next(clock))
    progress = terminal.Progress()
    for share in (0.1, 0.25, 0.3, 0.5):
        progress(share, "baseline")
    progress.close()
    assert capsys.readouterr().err.splitlines() == [
        "25% done, about 30 s left (baseline)",
        "50% done, about 20 s left (baseline)",
    ]


def test_parameter_that_is_set_holds_for_the_baseline_too(project: Path) -> None:
    for name, value in (("low", "3"), ("high", "12")):
        changed = ["--name", name, "--set", f"{SHORT}; parameters.sourcing_elasticity.aluminium={value}"]
        assert cli.main(["run", "--scenario", "sanctions_lifted", "--draws", "0", "--no-figures", *changed]) == 0
    low, high = (
        pd.read_csv(project / "results" / f"sanctions_lifted@{name}" / "flows.csv") for name in ("low", "high")
    )
    assert (low["baseline_kt"] - high["baseline_kt"]).abs().max() > 1.0


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    progress = terminal.Progress()
    progress(0.5, "baseline")
    progress(1.0, "tables")
    progress.close()
    assert "tables" in screen.getvalue()
    progress.close()
