"""`reproduce`: a result made again from its folder, and what is told when something has changed since."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim import cli
from sim.output.folder import fault_of, is_complete
from sim.output.manifest import sha256

ROOT = Path(__file__).parents[2]
SHORT = "years.last=2026; years.focus=2026; parameters.sourcing_elasticity.aluminium=6"
WORDS = ["run", "--scenario", "sanctions_lifted", "--draws", "2", "--set", SHORT]
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one result, figures and all."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "scenarios", root / "scenarios")
    (root / "results").mkdir()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cli, "ROOT", root)
        assert cli.main([*WORDS, "--seed", "5", "--name", "whole"]) == 0
        assert cli.main([*WORDS, "--sampling", "latin", "--no-figures", "--name", "tables"]) == 0
    return root


@pytest.fixture
def project(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same, put back after the test."""
    monkeypatch.setattr(cli, "ROOT", made)
    for variable in ("RUN", "JOBS", "SET", "FIGURES", "SAMPLING"):
        monkeypatch.delenv(variable, raising=False)
    kept = made.parent / "kept"
    shutil.copytree(made, kept)
    yield made
    shutil.rmtree(made)
    kept.rename(made)


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def answer(*words: str) -> tuple[int, str, str]:
        code = cli.main(["reproduce", *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return answer


def edit_manifest(folder: Path, change: Callable[[dict[str, object]], object]) -> None:
    path = folder / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def restated(folder: Path, name: str, old: str, new: str) -> None:
    """Change a file of a result and its hash in the manifest, as somebody would who wants to deceive."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    edit_manifest(folder, lambda manifest: manifest["outputs"].update({name: sha256(path.read_bytes())}))  # type: ignore[attr-defined]


def test_result_comes_out_the_same_and_no_copy_is_left(project: Path, said: Said) -> None:
    code, out, _ = said("--run", "results/sanctions_lifted@whole/")  # a slow machine tells its progress
    assert code == 0
    files = len(json.loads((project / "results" / "sanctions_lifted@whole" / "manifest.json").read_text())["outputs"])
    assert f"sanctions_lifted@whole: made again, all {files} files are the same, byte by byte" in out
    assert files > 12
    assert not (project / "results" / "_reproduce").exists()


def test_scenario_files_may_have_changed_since(project: Path, said: Said) -> None:
    changed = project / "scenarios" / "sanctions_lifted.yaml"
    changed.write_text(changed.read_text(encoding="utf-8").replace("value: 2 Mt/yr", "value: 1.9 Mt/yr"))
    code, out, _ = said("--run", "sanctions_lifted@tables")
    assert code == 0
    assert "scenarios/sanctions_lifted.yaml: changed since" in out
    assert "files are the same, byte by byte" in out


def test_other_statistics_are_told_and_so_is_every_file_that_differs(project: Path, said: Said) -> None:
    table = project / "scenarios" / "worlds" / "metals_2024" / "aluminium_production.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("ARE,2690,", "ARE,2600,"), encoding="utf-8")
    code, out, _ = said("--run", "sanctions_lifted@tables")
    assert code == 1
    assert "scenarios/worlds/metals_2024/aluminium_production.csv: changed since" in out
    assert "made again, and not the same; the other one is in _reproduce/" in out
    for name in ("flows.csv", "markets.csv", "summary.csv"):
        assert f"  {name}: " in out
    assert "lines differ, first line 2\n    stored: 2024," in out
    assert "resolved.yaml" not in out
    assert is_complete(project / "results" / "_reproduce" / "sanctions_lifted@tables")
    assert is_complete(project / "results" / "sanctions_lifted@tables")


def test_file_edited_since_is_told(project: Path, said: Said) -> None:
    folder = project / "results" / "sanctions_lifted@tables"
    with (folder / "flows.csv").open("a") as stream:
        stream.write("edited\n")
    code, out, _ = said("--run", "sanctions_lifted@tables")
    assert code == 0
    assert "flows.csv: changed since the run that wrote it" in out


def test_file_changed_together_with_its_hash_is_found(project: Path, said: Said) -> None:
    restated(project / "results" / "sanctions_lifted@tables", "flows.csv", "2024,aluminium", "2024,aluminum")
    code, out, _ = said("--run", "sanctions_lifted@tables")
    assert code == 1
    assert "  flows.csv: 1 of " in out
    assert "    stored: 2024,aluminum," in out
    assert "    now   : 2024,aluminium," in out


def test_other_version_is_told(project: Path, said: Said) -> None:
    edit_manifest(project / "results" / "sanctions_lifted@tables", lambda manifest: manifest.update(version="0.0.1"))
    assert "made by version 0.0.1, this is " in said("--run", "sanctions_lifted@tables")[1]


def test_other_engine_is_told_and_none_is_no_other(project: Path, said: Said) -> None:
    folder = project / "results" / "sanctions_lifted@tables"
    edit_manifest(folder, lambda manifest: manifest.update(engine="abacus 1"))
    assert "solved by abacus 1, this is numpy " in said()[2]
    edit_manifest(folder, lambda manifest: manifest.pop("engine"))
    assert "solved by" not in said()[2]


@pytest.mark.parametrize("run", ["..", "../scenarios", "/etc", "nowhere", "sanctions_lifted@wole", "."])
def test_only_results_can_be_made_again(project: Path, said: Said, run: str) -> None:
    code, out, err = said("--run", run)
    assert (code, out) == (2, "")
    assert err.startswith(f"RUN: no result {run} with a manifest")


def test_results_that_lead_out_of_the_project_are_none(project: Path, said: Said, tmp_path: Path) -> None:
    shutil.copytree(project / "results" / "sanctions_lifted@tables", tmp_path / "elsewhere")
    (project / "results" / "link").symlink_to(tmp_path / "elsewhere")
    assert said("--run", "link")[0] == 2


def test_results_are_listed_with_what_is_to_be_known_of_them(project: Path, said: Said) -> None:
    results = project / "results"
    (results / "sanctions_lifted@whole" / "notes.txt").write_text("mine")
    (results / "sanctions_lifted@tables" / "flows.csv").unlink()
    code, out, err = said()
    assert (code, out) == (2, "")
    told = err.splitlines()
    assert told[0] == "reproduce which result? Say RUN= and one of"
    assert told[1].startswith("  sanctions_lifted@tables: ")
    assert "flows.csv: listed in the manifest, but cannot be read" in told[1]
    assert told[2] == "  sanctions_lifted@whole: also holds what no run wrote: notes.txt"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m.update(command=["target"]), "made by target: only what `run` wrote can be made again"),
        (lambda m: m.update(command=None), "made by nothing: only what"),
        (lambda m: m["command"].__setitem__(4, "9" * 30), "the manifest tells no command that this version knows"),
        (lambda m: m["command"].__setitem__(4, "2000000"), "the manifest tells no command that this version knows"),
        (lambda m: m["command"].__setitem__(4, "two"), "the manifest tells no command that this version knows"),
        (lambda m: m["outputs"].pop("resolved_baseline.yaml"), "made by a version that did not store it"),
        (lambda m: m["outputs"].update({"resolved.yaml": "0"}), "changed since the run that wrote it: it cannot be"),
    ],
)
def test_manifest_that_tells_no_run_is_refused(
    project: Path, said: Said, change: Callable[[dict[str, object]], object], message: str
) -> None:
    edit_manifest(project / "results" / "sanctions_lifted@tables", change)
    code, out, err = said("--run", "sanctions_lifted@tables")
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('world: "metals_2024"', 'world: "metals_2025"', "no file scenarios/worlds/metals_2025/world.yaml in the proj"),
        ('files: ["scenarios/', 'files: ["scenarios/mixins/', "no file scenarios/mixins/sanctions_lifted.yaml in the"),
        ('files: ["scenarios/', 'files: ["../../', "String should match pattern"),
    ],
)
def test_stored_scenario_that_leads_elsewhere_is_refused(
    project: Path, said: Said, old: str, new: str, message: str
) -> None:
    restated(project / "results" / "sanctions_lifted@tables", "resolved.yaml", old, new)
    code, out, err = said("--run", "sanctions_lifted@tables")
    assert (code, out) == (2, "")
    assert message in err


def test_run_tells_of_files_that_are_not_its_own(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = project / "results" / "sanctions_lifted@tables"
    (folder / "notes.txt").write_text("mine")
    words = [*WORDS[:-3], "0", "--set", SHORT, "--no-figures", "--name", "tables"]
    assert cli.main(words) == 0
    assert "sanctions_lifted@tables also holds what no run wrote, left as it is: notes.txt" in capsys.readouterr().out
    (folder / "manifest.json").unlink()  # nobody knows any more whose files these are
    assert cli.main(words) == 1
    assert "summary.csv: stands there already, and no run has written it; move it away" in capsys.readouterr().err
    assert fault_of(folder) is not None
