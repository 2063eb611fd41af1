"""Whole runs of the shipped scenarios as processes of their own: what they find, and what disturbs them."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sim import cli
from sim.output.folder import fault_of, is_complete

ROOT = Path(__file__).parents[2]
VARIABLES = ("SCENARIO", "DRAWS", "SEED", "JOBS", "SET", "NAME", "FIGURES", "COLUMNS")
SHORT = "years.last=2026; years.focus=2026"
# the program on another project than its own
PROGRAM = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from sim import cli
cli.ROOT = Path(sys.argv[1])
sys.exit(cli.main(sys.argv[3:]))
"""
# the same, interrupted like by Ctrl-C once a file is written, or while the draws are being solved
DISTURBED = (
    """
import os, signal, sys, threading, time
sys.path.insert(0, sys.argv[2])
from sim import cli
from sim.output.folder import ResultFolder
from sim.study import run as study
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells tell background jobs to ignore it
write, pose = ResultFolder.write, study.pose

def interrupted_write(folder, name, content):
    write(folder, name, content)
    if name == "flows.csv":
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(10)

def soon_interrupted(*given, **named):
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    return pose(*given, **named)

if os.environ["DISTURB"] == "writing":
    ResultFolder.write = interrupted_write
else:
    study.pose = soon_interrupted
"""
    + PROGRAM
)


def new_project(folder: Path) -> Path:
    shutil.copytree(ROOT / "scenarios", folder / "scenarios")
    (folder / "results").mkdir()
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of its own with the shipped scenarios."""
    return new_project(tmp_path_factory.mktemp("project"))


def command(project: Path, *words: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, str(project), str(ROOT), *words]


def environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in (*VARIABLES, "PYTHONUNBUFFERED")}
    return kept | {"OPENBLAS_NUM_THREADS": "1"} | changes


def run(project: Path, *words: str, cwd: Path | None = None, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(project, "run", *words),
        cwd=cwd,
        env=environment(**changes),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        encoding="utf-8",
    )


@pytest.fixture
def here(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """A run in this process, which saves the start of another: takes its words, gives its answer."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cli, "ROOT", project)

    def answered(*words: str) -> str:
        code = cli.main(["run", *words])
        said = capsys.readouterr()
        assert code == 0, said.err
        return " ".join(said.out.split())

    return answered


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a result but the manifest, which names the command."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "manifest.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


# ---- what the shipped scenario finds


@pytest.fixture(scope="module")
def lifted(project: Path) -> tuple[Path, str]:
    """The shipped scenario over all its years with four draws: folder and answer."""
    done = run(project, "--scenario", "sanctions_lifted", "--draws", "4", "--no-figures", "--name", "whole")
    assert done.returncode == 0, done.stderr
    return project / "results" / "sanctions_lifted@whole", done.stdout


@pytest.mark.parametrize("run_name", ["baseline", "central"])
def test_flows_balance_the_markets_as_written_on_disk(lifted: tuple[Path, str], run_name: str) -> None:
    flows, markets = (pd.read_csv(lifted[0] / f"{name}.csv") for name in ("flows", "markets"))
    assert sorted(set(markets["year"])) == list(range(2024, 2051))
    for end, column in (("destination", "consumption"), ("origin", "production")):
        tonnes = markets.set_index(["year", "good", "region"])[f"{run_name}_{column}_kt"]
        summed = flows.groupby(["year", "good", end])[f"{run_name}_kt"].sum()
        summed = summed.rename_axis(tonnes.index.names).reindex(tonnes.index).fillna(0.0)
        gap = (summed - tonnes).abs() / tonnes.where(tonnes > 0, 1.0)
        assert gap.max() < 1e-6, gap.idxmax()


def test_russia_sells_exactly_nothing_to_the_us_while_the_ban_stands(lifted: tuple[Path, str]) -> None:
    flows = pd.read_csv(lifted[0] / "flows.csv").query("origin == 'Russia' and destination == 'US'")
    assert len(flows) == 27
    assert (flows["baseline_kt"] == 0.0).all()
    before = flows.query("year < 2026")[["central_kt", "p05_kt", "p50_kt", "p95_kt"]]
    assert (before == 0.0).all(axis=None)
    assert (flows.query("year >= 2026")["p05_kt"] > 10.0).all()


def test_shipped_offer_does_not_bind_and_the_answer_says_so(lifted: tuple[Path, str]) -> None:
    summary = pd.read_csv(lifted[0] / "summary.csv", low_memory=False)
    rent = summary.query("indicator == 'rent' and partner == 'russian_aluminium_offer'")
    assert (rent["p95"].abs() < 1e-6).all()
    words = " ".join(lifted[1].split())
    assert "The limit of the offer binds in none of the draws" in words
    assert "Stated by the documents, not validated: 2 Mt/yr (russian_aluminium_offer)" in words
    assert "4 of 4 draws solved, 0 infeasible, 0 failed" in words


def test_benchmark_year_is_the_same_in_every_draw_and_scenario(lifted: tuple[Path, str]) -> None:
    flows = pd.read_csv(lifted[0] / "flows.csv").query("year == 2024")
    for column in ("central_kt", "p05_kt", "p95_kt"):
        np.testing.assert_allclose(flows[column], flows["baseline_kt"], rtol=1e-8, atol=1e-8)


def test_manifest_is_whole_and_its_checks_hold(lifted: tuple[Path, str]) -> None:
    assert is_complete(lifted[0])
    manifest = json.loads((lifted[0] / "manifest.json").read_text())
    assert manifest["draws"] == {"solved": 4, "infeasible": 0, "failed": 0}
    assert all(check["worst"] <= check["allowed"] for check in manifest["checks"].values())


def test_small_offer_binds_in_every_draw_with_a_rent(project: Path, here: Callable[..., str]) -> None:
    cap = f"{SHORT}; measures.russian_aluminium_offer.volume=50 kt/yr"
    done = here("--scenario", "sanctions_lifted", "--draws", "4", "--no-figures", "--name", "fifty", "--set", cap)
    assert "The limit of the offer binds in all of the draws" in done
    summary = pd.read_csv(project / "results" / "sanctions_lifted@fifty" / "summary.csv", low_memory=False)
    later = summary.query("partner == 'russian_aluminium_offer' and year >= 2026").set_index("indicator")
    assert (later.loc["rent", ["central", "p05", "p50", "p95"]] > 1.0).all(axis=None)
    flow = later.loc["flow_under_bound", ["central", "p05", "p50", "p95"]].to_numpy(dtype=float)
    np.testing.assert_allclose(flow, 50.0, rtol=1e-8)


def test_sanctions_that_stay_change_exactly_nothing(project: Path, here: Callable[..., str]) -> None:
    same = f"{SHORT}; switches.us_sanctions_on_russian_metals=on; measures.russian_aluminium_offer=removed"
    done = here("--scenario", "sanctions_lifted", "--draws", "3", "--no-figures", "--name", "on", "--set", same)
    assert "Nothing changes against the baseline" in done
    summary = pd.read_csv(project / "results" / "sanctions_lifted@on" / "summary.csv")
    differences = summary[["difference", "difference_p05", "difference_p50", "difference_p95"]]
    assert (differences.fillna(0.0) == 0.0).all(axis=None)


def test_scenario_of_ones_own_with_a_probability_runs(project: Path, here: Callable[..., str]) -> None:
    (project / "scenarios" / "even_chance.yaml").write_text(
        """\
schema_version: 1
title: The sanctions may end
question: What if it is a matter of a coin?
extends: sanctions_lifted
years: {last: 2027, focus: 2027}
switches:
  us_sanctions_on_russian_metals: {probability: 50 %}
""",
        encoding="utf-8",
    )
    here("--scenario", "even_chance", "--draws", "12", "--no-figures")
    flows = pd.read_csv(project / "results" / "even_chance" / "flows.csv")
    row = flows.query("origin == 'Russia' and destination == 'US' and year == 2027").iloc[0]
    assert row["central_kt"] == 0.0
    assert row["p05_kt"] == 0.0
    assert row["p95_kt"] > 50.0


# ---- the same bytes, whatever the machine is set to


@pytest.fixture(scope="module")
def reference(project: Path) -> tuple[dict[str, bytes], str]:
    """A run that nothing disturbs: its files and its answer."""
    done = run(project, *SMALL)
    assert done.returncode == 0, done.stderr
    return contents(project / "results" / "sanctions_lifted"), done.stdout


SMALL = ("--scenario", "sanctions_lifted", "--draws", "3", "--no-figures", "--set", SHORT)


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        (("--jobs", "1"), {"LC_ALL": "C", "NAME": "my-laptop"}),
        (("--jobs", "2"), {"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8", "LANGUAGE": "de"}),
        ((), {"PYTHONIOENCODING": "ascii", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "7", "SOURCE_DATE_EPOCH": "1"}),
    ],
    ids=["one job, C locale", "two jobs, German locale", "ascii, other variables"],
)
def test_surroundings_do_not_change_a_byte(
    project: Path,
    reference: tuple[dict[str, bytes], str],
    tmp_path: Path,
    words: tuple[str, ...],
    changes: dict[str, str],
) -> None:
    manifest = (project / "results" / "sanctions_lifted" / "manifest.json").read_bytes()
    done = run(project, *SMALL, *words, cwd=tmp_path, **changes)
    assert done.returncode == 0, done.stderr
    assert contents(project / "results" / "sanctions_lifted") == reference[0]
    assert (project / "results" / "sanctions_lifted" / "manifest.json").read_bytes() == manifest
    assert done.stdout == reference[1]
    assert list(tmp_path.iterdir()) == []


# ---- what disturbs a run


def disturbed(project: Path, when: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A run that is interrupted while it is ``writing`` or ``solving``."""
    return subprocess.run(
        [sys.executable, "-c", DISTURBED, str(project), str(ROOT), "run", *words],
        env=environment(DISTURB=when),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_interrupt_while_writing_leaves_no_complete_result_and_the_same_command_ends_it(
    project: Path, reference: tuple[dict[str, bytes], str], tmp_path: Path
) -> None:
    other = new_project(tmp_path)
    folder = other / "results" / "sanctions_lifted"
    stopped = disturbed(other, "writing", *SMALL)
    assert stopped.returncode == 130
    assert stopped.stderr.startswith("interrupted; ")
    assert "Traceback" not in stopped.stderr
    assert (folder / "flows.csv").read_bytes() == reference[0]["flows.csv"]
    assert "no manifest.json, the result is incomplete" in str(fault_of(folder))
    assert run(other, *SMALL).returncode == 0
    assert is_complete(folder)
    assert contents(folder) == reference[0]
    manifest = project / "results" / "sanctions_lifted" / "manifest.json"
    assert (folder / "manifest.json").read_bytes() == manifest.read_bytes()


@pytest.mark.parametrize("jobs", ["1", "2"], ids=["here", "in other processes"])
def test_interrupt_while_solving_writes_nothing_and_keeps_the_earlier_result(
    project: Path, reference: tuple[dict[str, bytes], str], jobs: str
) -> None:
    folder = project / "results" / "sanctions_lifted"
    words = ("--scenario", "sanctions_lifted", "--draws", "300", "--no-figures", "--jobs", jobs)
    stopped = disturbed(project, "solving", *words)
    assert stopped.returncode == 130
    assert stopped.stderr.splitlines()[-1].startswith("interrupted; ")
    assert is_complete(folder)
    assert contents(folder) == reference[0]


def test_reader_that_goes_away_does_not_harm_the_result(project: Path) -> None:
    words = (*SMALL, "--name", "unread")
    with subprocess.Popen(
        command(project, "run", *words), env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()
    assert process.returncode == 0
    assert told == ""
    assert is_complete(project / "results" / "sanctions_lifted@unread")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_answer_to_a_full_disk_is_a_sentence(project: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            command(project, "list"), env=environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "the answer cannot be printed: No space left on device; files already written are whole\n"


def test_two_runs_of_one_scenario_at_once_leave_one_whole_result(
    project: Path, reference: tuple[dict[str, bytes], str]
) -> None:
    both = [
        subprocess.Popen(
            command(project, "run", *SMALL, "--name", "both"),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    told = [process.communicate(timeout=120)[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 0], [0, 1])
    assert all(text == "" or "being written by process" in text for text in told)
    assert is_complete(project / "results" / "sanctions_lifted@both")
    assert contents(project / "results" / "sanctions_lifted@both") == reference[0]


@pytest.fixture
def locked_results(tmp_path: Path) -> Iterator[Path]:
    """A project whose results nobody may write to."""
    project = new_project(tmp_path)
    (project / "results").chmod(0o555)
    yield project
    (project / "results").chmod(0o755)


def without_privilege() -> None:
    """Let root be bound by permissions like everybody else (PR_CAPBSET_DROP of CAP_DAC_OVERRIDE)."""
    ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)


def test_results_that_cannot_be_written_are_named(locked_results: Path) -> None:
    def started(words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            preexec_fn=without_privilege if os.geteuid() == 0 else None,
        )

    if started(["mkdir", str(locked_results / "results" / "probe")]).returncode == 0:
        pytest.skip("permissions bind nobody here")
    done = started(command(locked_results, "run", *SMALL))
    assert done.returncode == 1
    assert "results/sanctions_lifted: cannot be created: Permission denied" in done.stderr
    assert "Traceback" not in done.stderr
    assert list((locked_results / "results").iterdir()) == []


# ---- what the README says


def test_scenario_in_the_readme_is_the_shipped_file() -> None:
    shown = re.search(
        r"```yaml\n# (scenarios/\S+)\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL
    )
    assert shown is not None
    first, rest = (ROOT / shown[1]).read_text(encoding="utf-8").split("\n", 1)
    assert first.startswith("# yaml-language-server: ")
    assert shown[2] == rest


def test_numbers_in_the_readme_are_accepted(project: Path, here: Callable[..., str]) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r'`SET="(parameters\.[^"]*)"`', readme)
    assert shown is not None
    here(*SMALL[:-1], f"{SHORT}; {shown[1]}", "--name", "readme")


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.skipif(not (ROOT / ".venv").is_dir(), reason="the environment of the project is not set up")
def test_commands_of_the_readme_run(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```sh\n(.*?)```", readme, re.DOTALL)
    assert block is not None
    commands = [line.split("#")[0].split() for line in block[1].splitlines()]
    assert [words[0] for words in commands] == ["make", "make"]
    project = new_project(tmp_path)
    for name in (
        "Makefile",
        "requirements.txt",
        "requirements-extras.txt",
        "requirements-fast.txt",
        "requirements-dev.txt",
    ):
        shutil.copy(ROOT / name, project)
    for name in ("sim", "tools"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    (project / ".venv").symlink_to(ROOT / ".venv")
    kept = {name: value for name, value in environment().items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        [*commands[0], "DRAWS=2", "ENGINE=numpy"],
        cwd=project,
        env=kept,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert is_complete(project / "results" / "sanctions_lifted")
    shown = re.search(r"Open (\S+)", done.stdout)
    assert shown is not None
    assert (project / shown[1]).is_file()
    dry = subprocess.run(
        [*commands[1], "--dry-run"], cwd=project, env=kept, capture_output=True, text=True, timeout=60, check=False
    )
    assert "-m pytest" in dry.stdout
