"""Sweeps from the command line: the same bytes whoever does the work and however often it is broken off."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from sim import cli
from sim.output.folder import is_complete

ROOT = Path(__file__).parents[2]
SWEEP = """\
schema_version: 1
title: Offer and sanctions
scenarios: sanctions_lifted
draws: 5
vary:
  - {path: measures.russian_aluminium_offer.volume, label: Offer, values: [0.1 Mt/yr, 2 Mt/yr]}
  - {path: switches.us_sanctions_on_russian_metals, label: Sanctions, values: [{off_from: 2026}, on]}
outcomes: [flow_under_bound.aluminium.US.russian_aluminium_offer.2026, delivered_price.aluminium.US]
"""
SHORT = "--set=years.last=2026; years.focus=2026"
VARIABLES = ("SCENARIO", "SWEEP", "DRAWS", "SEED", "JOBS", "SET", "NAME", "FIGURES", "SHARD", "PART", "CLUSTER")
FILES = ("sweep.csv", "points.csv", "facts.json", "report.html")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    shutil.copytree(ROOT / "scenarios", tmp_path / "scenarios")
    (tmp_path / "scenarios" / "sweeps" / "offers.yaml").write_text(SWEEP)
    (tmp_path / "results").mkdir()
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    return tmp_path


def swept(name: str, *more: str, command: str = "sweep") -> int:
    return cli.main([command, "--sweep", "offers", SHORT, "--no-figures", *(["--name", name] if name else []), *more])


def content(project: Path, name: str) -> dict[str, bytes]:
    folder = project / "results" / "_sweep" / f"offers@{name}"
    assert is_complete(folder)
    return {file: (folder / file).read_bytes() for file in FILES}


def test_same_bytes_whoever_does_the_work(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert swept("plain", "--jobs", "1") == 0
    expected = content(project, "plain")
    for name, more in (("two", ("--jobs", "2", "--part", "4")), ("ones", ("--jobs", "1", "--part", "1"))):
        assert swept(name, *more) == 0
        assert content(project, name) == expected
    for which in (1, 2):
        assert swept("shards", "--jobs", "1", "--shard", f"{which}/2", "--part", "4") == 0
        assert f"Shard {which} of 2 is done" in capsys.readouterr().out
    assert swept("shards", command="merge") == 0
    assert content(project, "shards") == expected
    commands = {
        json.loads((project / "results" / "_sweep" / f"offers@{name}" / "manifest.json").read_text())["command"][-1]
        for name in ("plain", "two", "ones")
    }
    assert commands == {"--no-figures"}  # not a word of jobs, parts or shards
    table = pd.read_csv(project / "results" / "_sweep" / "offers@plain" / "sweep.csv")
    offered = table[table["indicator"] == "flow_under_bound"].set_index("point")["central"]
    assert offered[1] == pytest.approx(100.0)
    assert offered[2] == offered[4] == 0.0
    assert 100 < offered[3] < 1000


def test_more_draws_go_on_from_those_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert swept("grown", "--jobs", "1", "--draws", "2") == 0
    parts = {path.name: path.stat().st_mtime_ns for path in project.glob("results/_sweep/offers@grown/parts_*/*.npy")}
    assert swept("grown", "--jobs", "1") == 0
    again = {path.name: path.stat().st_mtime_ns for path in project.glob("results/_sweep/offers@grown/parts_*/*.npy")}
    assert len(parts) == 4
    assert parts.items() <= again.items()
    assert swept("whole", "--jobs", "1") == 0
    assert content(project, "grown") == content(project, "whole")
    assert swept("grown", "--dry-run", "--jobs", "1") == 0
    assert "nothing is left to solve" in capsys.readouterr().out


def test_parts_of_another_seed_are_not_mixed_in(project: Path) -> None:
    assert swept("seeds", "--jobs", "1", "--draws", "3") == 0
    assert swept("seeds", "--jobs", "1", "--draws", "3", "--seed", "2") == 0
    assert swept("second", "--jobs", "1", "--draws", "3", "--seed", "2") == 0
    assert content(project, "seeds") == content(project, "second")
    assert len(list(project.glob("results/_sweep/offers@seeds/parts_*"))) == 1


def test_merge_tells_what_is_missing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert swept("", "--jobs", "1", "--shard", "2/2", "--draws", "3") == 0
    assert swept("", "--draws", "3", command="merge") == 2
    said = capsys.readouterr().err
    assert "6 draws of 2 points are not solved" in said
    assert "offers.shard_2_of_2" in said


def test_broken_part_is_told_with_its_name(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert swept("broken", "--jobs", "1", "--draws", "3") == 0
    part = next(iter(project.glob("results/_sweep/offers@broken/parts_*/*.npy")))
    part.write_bytes(part.read_bytes()[:200])
    assert swept("broken", "--jobs", "1", "--draws", "3") != 0
    assert f"{part}: cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (["--sweep", "offer"], "no sweep offer; nearest is offers"),
        (["--sweep", ""], "sweep which sweep? There are"),
        (["--shard", "3/2"], "SHARD='3/2': which of how many"),
        (["--part", "0"], "PART='0': a whole number from 1"),
        (["--cluster", "http://x"], "tcp://host:port is wanted"),
        (["--set", "measures.russian_aluminium_offer.volume=1 Mt/yr"], "is set by SET already"),
    ],
)
def test_what_is_at_fault_is_told_and_nothing_written(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str], fault: str
) -> None:
    assert cli.main(["sweep", "--sweep", "offers", "--draws", "0", "--no-figures", SHORT, *words]) == 2
    assert fault in capsys.readouterr().err
    assert not list(project.glob("results/_sweep/*/*.csv"))


def run_of(project: Path, name: str, *more: str) -> list[str]:
    start = "import sys; from pathlib import Path; from sim import cli; cli.ROOT = Path(sys.argv.pop(1)); "
    words = ["sweep", "--sweep", "offers", SHORT, "--no-figures", "--name", name, "--part", "2", *more]
    return [sys.executable, "-c", f"{start}sys.exit(cli.main(sys.argv[1:]))", str(project), *words]


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return kept | {"PYTHONPATH": str(ROOT)}


def nobody_works_for(project: Path) -> bool:
    """Whether the workers of a killed sweep end by themselves within a few seconds."""
    for _ in range(100):
        listed = subprocess.run(["ps", "-ww", "-eo", "args="], capture_output=True, text=True, check=True).stdout
        if project.name not in listed:
            return True
        time.sleep(0.1)
    return False


def killed_and_resumed(project: Path, name: str, moments: list[int]) -> int:
    """Kill the work once so many parts are there; returns how often it had not ended by itself."""
    killed = 0
    for moment in moments:
        process = subprocess.Popen(run_of(project, name), env=environment(), stdout=subprocess.DEVNULL, cwd=project)
        while process.poll() is None:
            if len(list(project.glob(f"results/_sweep/offers@{name}/parts_*/*.npy"))) >= moment:
                process.send_signal(signal.SIGKILL)
                killed += 1
                break
            time.sleep(0.01)
        process.wait()
        assert process.returncode == 0 or not is_complete(project / "results" / "_sweep" / f"offers@{name}")
    assert swept(name, "--jobs", "1") == 0
    return killed


def test_killed_sweep_is_resumed_to_the_same_bytes(project: Path) -> None:
    assert killed_and_resumed(project, "killed", [3]) == 1
    assert nobody_works_for(project)
    assert swept("whole", "--jobs", "1") == 0
    assert content(project, "killed") == content(project, "whole")


@pytest.mark.campaign
def test_sweep_killed_at_three_random_moments_is_resumed_to_the_same_bytes(project: Path) -> None:
    moments = sorted(random.Random(5).sample(range(1, 11), 3))  # noqa: S311 -- moments, no secrets
    assert killed_and_resumed(project, "killed", moments) == 3
    assert swept("whole", "--jobs", "1") == 0
    assert content(project, "killed") == content(project, "whole")


@pytest.mark.campaign
def test_cluster_that_loses_a_worker_gives_the_same_bytes(project: Path) -> None:
    pytest.importorskip("distributed", reason="optional packages are not installed: make extras")
    process = subprocess.Popen(
        run_of(project, "cluster", "--cluster", "local:2", "--draws", "60"), env=environment(), cwd=project,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    lost = False
    while process.poll() is None and not lost:
        if list(project.glob("results/_sweep/offers@cluster/parts_*/*.npy")):
            listed = subprocess.run(
                ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(process.pid)],
                capture_output=True,
                text=True,
                check=False,
            ).stdout
            workers = re.findall(r"^\s*(\d+) .*spawn_main", listed, flags=re.MULTILINE)
            if workers:
                os.kill(int(workers[0]), signal.SIGKILL)
                lost = True
        time.sleep(0.02)
    assert process.wait() == 0
    assert lost
    assert swept("whole", "--jobs", "1", "--draws", "60") == 0
    assert content(project, "cluster") == content(project, "whole")
