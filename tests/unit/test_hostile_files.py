"""Files from strangers: bounded time, nothing outside the project, nothing executed, a message with file and line."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import DataError
from sim.inputs.world import read_world
from tests.benchmark_samples import copied_world
from tests.robustness.scenarios import Small, command, fault_in

HEAD = "extends: nickel_2024_baseline\n"
SAID = "source: assumption, note: x"
LONGEST = 5.0  # seconds of the processor: on a machine at ease each takes under two
SLOWED = 4  # times that, where each line is counted as it is passed
ROOM = 63_000  # characters: as much as a file may hold


def filled(head: str, item: Callable[[int], str], tail: str = "") -> str:
    parts: list[str] = []
    size = len(head) + len(tail)
    while size < ROOM:
        parts.append(item(len(parts)))
        size += len(parts[-1])
    return head + "".join(parts) + tail


HOSTILE = {
    "many unknown keys": filled(HEAD, lambda i: f"k{i}: 1\n"),
    "many unknown regions": filled(
        HEAD + "measures:\n  m: {kind: ban, good: nickel, destination: China, origin: [", lambda i: f"Rus{i}, ", "]}\n"
    ),
    "many unknown parameters": filled(
        HEAD + "parameters: {demand_growth: {nickel: {", lambda i: f"R{i}: 1 %/yr, ", "x: 1}}}\n"
    ),
    "deep brackets": "[" * ROOM,
    "deep lines": "\n".join(" " * i + "a:" for i in range(340)),
    "anchors": filled("", lambda i: f"a{i}: &x{i} [*x{i}, *x{i}]\n"),
    "endless digits": HEAD + f"parameters: {{sourcing_elasticity: {{nickel: {{{SAID}, value: {'9' * ROOM}}}}}}}\n",
    "endless exponent": HEAD + f"parameters: {{sourcing_elasticity: {{nickel: {{{SAID}, value: 1e{'9' * ROOM}}}}}}}\n",
    "endless quote": 'a: "' + "x" * ROOM,
    "python in a tag": HEAD + "title: !!python/object/apply:os.system [touch executed]\n",
    "a path as parent": "extends: ../../outside\n",
    "a path as mixin": HEAD + "mixins: [../../outside]\n",
    "a path as world": "world: ../../outside\nyears: {first: 2025, last: 2026}\n",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    root = tmp_path_factory.mktemp("hostile") / "project"
    root.mkdir()
    (root.parent / "outside.yaml").write_text("title: secret\n", encoding="utf-8")
    return Small(root, shipped=False)


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_scenario_is_refused_quickly_with_file_and_line(small: Small, what: str) -> None:
    path = small.root / "scenarios" / "hostile.yaml"
    path.write_text(HOSTILE[what], encoding="utf-8")
    before = small.listing()
    begun = time.process_time()
    code, out, told = command(small.root, "validate", "--scenario", "hostile")
    assert time.process_time() - begun < (LONGEST if sys.gettrace() is None else SLOWED * LONGEST)
    path.unlink()
    assert (code, out) == (2, "")
    assert fault_in(code, told) == ""
    assert "secret" not in told
    assert len(told) < 100_000
    assert [name for name in small.listing() if not name.endswith("hostile.yaml")] == [
        name for name in before if not name.endswith("hostile.yaml")
    ]


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../outside", "outside\n", "$(touch executed)"])
def test_names_that_lead_out_of_the_project_name_no_scenario(small: Small, name: str) -> None:
    code, out, told = command(small.root, "validate", "--scenario", name)
    assert (code, out) == (2, "")
    assert told.startswith("no scenario ")
    assert not (Path.cwd() / "executed").exists()


def test_scenario_that_is_a_link_out_of_the_project_is_none(small: Small) -> None:
    link = small.root / "scenarios" / "linked.yaml"
    link.symlink_to(small.root.parent / "outside.yaml")
    code, _, told = command(small.root, "validate", "--scenario", "linked")
    link.unlink()
    assert code == 2
    assert told.startswith("no scenario linked")


@pytest.mark.parametrize("name", ["world.yaml", "sources.yaml", "countries.csv"])
def test_file_of_a_world_that_is_a_link_out_of_it_is_refused(tmp_path: Path, name: str) -> None:
    folder = copied_world(tmp_path / "worlds")
    elsewhere = tmp_path / name
    (folder / name).rename(elsewhere)
    (folder / name).symlink_to(elsewhere)
    with pytest.raises(DataError, match=rf"/{name}:1:\S* .*leads out of the folder of worlds$"):
        read_world(folder)


def test_pipe_in_place_of_a_table_is_no_file(tmp_path: Path) -> None:
    folder = copied_world(tmp_path)
    (folder / "countries.csv").unlink()
    os.mkfifo(folder / "countries.csv")
    with pytest.raises(DataError, match=r"countries\.csv:1: file: no such file"):
        read_world(folder)
