"""The commands people type: what they typed reaches the program unchanged, and nothing they typed is run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VARIABLES = (
    "SCENARIO",
    "SCENARIOS",
    "DRAWS",
    "SEED",
    "SAMPLING",
    "JOBS",
    "SET",
    "NAME",
    "FIGURES",
    "EXCEL",
    "ESTIMATE",
    "A",
    "B",
    "FROM",
    "WORLD",
    "GOAL",
    "VARY",
    "LOW",
    "HIGH",
    "OUTCOMES",
    "OF",
    "BASE",
    "INPUTS",
    "SWEEP",
    "PART",
    "SHARD",
    "CLUSTER",
    "DRY_RUN",
    "RUN",
    "ENGINE",
    "PYTHON",
)
COMMANDS = (
    *("run", "compare", "report", "list", "show", "diff", "new", "new-world"),
    *("validate", "world", "backtest", "target", "attribution", "reproduce", "docs", "gallery", "fast"),
)
PINS = ("requirements.txt", "requirements-extras.txt", "requirements-fast.txt", "requirements-dev.txt")

# stands for the program: tells what reached it
ECHO = """
import json, os, sys
print(json.dumps({"argv": sys.argv[1:], "environment": dict(os.environ)}))
sys.exit(int(os.environ.get("ANSWER", 0)))
"""

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


def make(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make` as from a shell of its own: nothing of the make that runs the tests comes through."""
    hidden = {"MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "MAKEFILES", *VARIABLES}
    clean = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        ["make", *words], cwd=folder, env=clean | environment, capture_output=True, text=True, timeout=120, check=False
    )


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Environment the stand-in program saw."""
    assert done.returncode == 0, done.stderr
    seen: dict[str, str] = json.loads(done.stdout)["environment"]
    return seen


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the commands around a stand-in program that needs no packages; its folder has spaces."""
    folder = tmp_path_factory.mktemp("project") / "metals of the world"
    (folder / "sim").mkdir(parents=True)
    (folder / "scenarios" / "mixins").mkdir(parents=True)
    (folder / "results").mkdir()
    for name in ("baseline", "sanctions_lifted"):
        (folder / "scenarios" / f"{name}.yaml").write_text("")
    (folder / "scenarios" / "mixins" / "no_scenario.yaml").write_text("")
    (folder / "sim" / "__main__.py").write_text(ECHO)
    shutil.copy(ROOT / "Makefile", folder)
    shutil.copytree(ROOT / "tools", folder / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    for name in PINS:
        (folder / name).write_text("# nothing\n")
    done = make(folder, "list", PYTHON=sys.executable)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("setting up, about a minute, 450 MB\n") == 1
    return folder


def test_second_command_sets_nothing_up(project: Path) -> None:
    done = make(project, "list")
    assert done.returncode == 0
    assert done.stderr == ""


def test_make_alone_prints_every_command_and_no_other() -> None:
    done = make(ROOT)
    printed = re.findall(r"^  make ([\w-]+) +\S", done.stdout, flags=re.MULTILINE)
    targets = re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    assert printed
    assert ["help", *printed] == targets
    for target in printed:
        assert make(ROOT, "--dry-run", target, "SCENARIO=baseline").returncode == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_command_is_handed_to_the_program_without_arguments(project: Path, command: str) -> None:
    done = make(project, command, "SCENARIO=baseline")
    assert json.loads(done.stdout)["argv"] == [command]


def test_values_travel_by_environment(project: Path) -> None:
    values = {
        "SCENARIO": "sanctions_lifted",
        "DRAWS": "0",
        "SEED": "7",
        "JOBS": "2",
        "SET": "a.b=1; c.d=2 Mt/yr",
        "NAME": "trial",
        "FIGURES": "no",
        "ESTIMATE": "yes",
        "A": "baseline",
        "B": "sanctions_lifted",
        "FROM": "../x",
        "WORLD": "../y",
        "GOAL": "imports.x.US.2030 <= 5 kt/yr > /dev/null",
        "VARY": "measures.a.rate",
        "LOW": "-1 %",
        "HIGH": "2 %",
        "RUN": "results/../x",
    }
    seen = answer(make(project, "run", *(f"{name}={value}" for name, value in values.items())))
    assert {name: seen.get(name) for name in values} == values


def test_variable_that_was_not_typed_is_not_set(project: Path) -> None:
    hidden = {
        "NAME": "my-laptop",
        "SEED": "3",
        "A": "x",
        "B": "y",
        "FROM": "me@here",
        "WORLD": "z",
        "GOAL": "g",
        "LOW": "1",
    }
    seen = answer(make(project, "run", "SCENARIO=baseline", **hidden))
    assert not {*hidden, "DRAWS", "SET"} & set(seen)


@pytest.mark.parametrize(
    "text",
    [
        "a; touch X",
        "$(shell touch X)",
        "$(touch X)",
        "`touch X`",
        "$$(touch X)",
        "$(SEED) ${SEED} $SEED",
        "'; touch X; '",
        '"; touch X; "',
        "a\ntouch X\n",
        "a # b \\",
        "$(eval X := 1)$(error caught)",
        "ü € $(",
    ],
)
@pytest.mark.parametrize(
    "name", ["SCENARIO", "SET", "NAME", "DRAWS", "A", "FROM", "WORLD", "GOAL", "VARY", "LOW", "RUN"]
)
def test_text_is_handed_on_as_typed_and_never_run(project: Path, name: str, text: str) -> None:
    before = sorted(project.iterdir())
    words = {"SCENARIO": "baseline", name: text}
    seen = answer(make(project, "run", *(f"{key}={value}" for key, value in words.items())))
    assert seen[name] == text
    assert sorted(project.iterdir()) == before


@pytest.mark.parametrize("name", ["SCENARIO", "PYTHON"])
def test_text_in_the_environment_is_never_run(project: Path, name: str) -> None:
    before = sorted(project.iterdir())
    done = make(project, "list", **{name: "$(shell touch X)`touch X`"})
    assert done.returncode == (0 if name == "SCENARIO" else 2)
    assert sorted(project.iterdir()) == before


def test_interpreter_that_does_not_start_is_named(project: Path) -> None:
    done = make(project, "list", "PYTHON=/no/python $(shell touch X)")
    assert done.returncode == 2
    assert "PYTHON=/no/python $(shell touch X) does not start" in done.stderr
    assert not (project / "X").exists()


def test_misspelt_variable_is_refused_with_those_that_exist(project: Path) -> None:
    done = make(project, "run", "SCENRIO=baseline", "SET=$(shell touch X)")
    assert done.returncode == 2
    assert f"no variable SCENRIO; there are {' '.join(VARIABLES)}" in done.stderr
    assert done.stdout == ""
    assert not (project / "X").exists()


def test_unknown_variable_is_not_expanded(project: Path) -> None:
    assert make(project, "list", "FOO=$(shell touch X)").returncode == 2
    assert not (project / "X").exists()


@pytest.mark.parametrize("words", [("run",), ("run", "SCENARIO="), ("run", "SCENARIO= ", "DRAWS=0")])
def test_missing_scenario_is_refused_with_those_that_exist(project: Path, words: tuple[str, ...]) -> None:
    done = make(project, *words)
    assert done.returncode == 2
    assert "Say SCENARIO= and one of: baseline sanctions_lifted all." in done.stderr
    assert done.stdout == ""


def test_unknown_command_is_refused_with_those_that_exist(project: Path) -> None:
    done = make(project, "rnu")
    assert done.returncode == 2
    assert "no command rnu; there are help run compare report list show diff new" in done.stderr


def test_failing_program_fails_the_command(project: Path) -> None:
    assert make(project, "list", ANSWER="3").returncode == 2


def test_runs_use_one_thread_per_process(project: Path) -> None:
    seen = answer(make(project, "run", "SCENARIO=baseline", OPENBLAS_NUM_THREADS="8"))
    threads = {name: seen[name] for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")}
    assert set(threads.values()) == {"1"}


def test_memory_that_was_given_back_is_kept_for_the_next_arrays(project: Path) -> None:
    seen = answer(make(project, "run", "SCENARIO=baseline"))
    kept, largest = (int(seen[f"MALLOC_{name}_THRESHOLD_"]) for name in ("TRIM", "MMAP"))
    assert kept >= largest >= 2**27


def test_clean_keeps_results_and_environment(project: Path) -> None:
    kept = project / "results" / "baseline" / "manifest.json"
    kept.parent.mkdir()
    kept.write_text("{}")
    for cache in ("sim/__pycache__", ".pytest_cache", ".mypy_cache", "build"):
        (project / cache).mkdir(exist_ok=True)
    assert make(project, "clean").returncode == 0
    assert kept.read_text() == "{}"
    assert (project / ".venv").is_dir()
    for cache in ("sim/__pycache__", ".pytest_cache", ".mypy_cache", "build"):
        assert not (project / cache).exists()


@pytest.mark.slow
def test_failed_set_up_is_not_taken_for_ready(project: Path) -> None:
    sound = (project / "requirements.txt").read_text()
    (project / "requirements.txt").write_text("no package at all\n")
    done = make(project, "list")
    assert done.returncode == 2
    assert "the next command starts it afresh" in done.stderr
    assert not (project / ".venv" / "installed-requirements.txt").exists()
    (project / "requirements.txt").write_text(sound + "# changed\n")
    assert "setting up, about" in make(project, "list").stderr
    assert make(project, "list").stderr == ""


@pytest.mark.slow
def test_interrupted_set_up_is_done_anew_and_once_by_commands_that_meet(project: Path) -> None:
    (project / ".venv" / "installed-requirements.txt").unlink(missing_ok=True)  # it is written last
    (project / ".venv" / "half_a_package").write_text("")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    commands = [
        subprocess.Popen(["make", "list"], cwd=project, env=clean, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    told = "".join(command.communicate(timeout=120)[1].decode() for command in commands)
    assert [command.returncode for command in commands] == [0, 0, 0]
    assert told.count("setting up, about") == 1
    assert not (project / ".venv" / "half_a_package").exists()


def stand_in(folder: Path, version: str, *, venv: bool) -> None:
    """A python3 that claims a version and may lack the module for environments."""
    folder.mkdir()
    python = folder / "python3"
    old = int(tuple(map(int, version.split("."))) < (3, 11))
    python.write_text(
        f'#!/bin/sh\ncase "$2" in\n*ensurepip*) exit {0 if venv else 1} ;;\n*exit*) exit {old} ;;\n'
        f"*) echo {version}.0 ;;\nesac\n"
    )
    python.chmod(0o755)
    for tool in ("dirname", "cmp", "sh"):
        (folder / tool).symlink_to(shutil.which(tool) or f"/usr/bin/{tool}")


@pytest.mark.parametrize(
    ("version", "venv", "message"),
    [
        ("3.12", False, "apt-get install python3.12-venv"),
        ("3.9", True, "Python 3.11 or newer is needed, python3 is 3.9.0"),
    ],
)
def test_unsuitable_python_tells_what_to_install(tmp_path: Path, version: str, venv: bool, message: str) -> None:
    stand_in(tmp_path / "bin", version, venv=venv)
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / "setup"), "python"],
        env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert message in done.stderr


def test_machine_without_python_tells_what_to_install(tmp_path: Path) -> None:
    stand_in(tmp_path / "bin", "3.12", venv=True)
    (tmp_path / "bin" / "python3").unlink()
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / "setup"), "python"],
        env={"PATH": str(tmp_path / "bin")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no python3 found" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr


@pytest.mark.parametrize("name", PINS)
def test_requirements_are_pinned_and_hashed_and_name_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, flags=re.MULTILINE)
    entries = re.sub(r"\\\n", " ", text).splitlines()
    pinned = [entry for entry in entries if entry and not entry.startswith("#")]
    assert pinned
    for entry in pinned:
        assert re.match(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[\w.]+ ", entry), entry
        assert "--hash=sha256:" in entry


def test_tools_keep_the_pins_of_the_program() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^[^\s#]+==[\w.]+", (ROOT / name).read_text(), flags=re.MULTILINE))

    extras, fast = pins("requirements-extras.txt"), pins("requirements-fast.txt")
    assert pins("requirements.txt") <= extras & fast
    assert extras | fast < pins("requirements-dev.txt")
