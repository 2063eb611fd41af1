"""The tools of the campaigns: they kill, starve and mutate, and they would notice."""

from __future__ import annotations

import ast
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.robustness import crash, kills, mutation_tests, reached
from tests.robustness.commands import Ended, Found, Project, contents, differing
from tests.robustness.mutants import FILES, ROOT, Mutant, mutants_of, tree_of

SOURCE = """
STEP = 0.5  # left out

def f(a, b):
    \"\"\"Text.\"\"\"
    if a < b and not b:
        a[0] += 2
    a[1] = -b
    return np.minimum(a, b) * True
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root = tmp_path_factory.mktemp("crash")
    yield Project(root, ["run"])
    shutil.rmtree(root)


def test_killed_commands_leave_nothing_that_passes_for_complete(project: Project) -> None:
    heard: list[Found] = []
    found = kills.kills(project, "run", 2, heard.append)
    assert found == heard
    assert [each.fault for each in found] == [""] * len(found)
    assert sum(each.outcome != kills.LATE for each in found) == 2


def test_command_that_had_ended_before_is_no_kill(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills.time, "sleep", lambda _: None)
    monkeypatch.setattr(kills.os, "kill", lambda *_: None)
    monkeypatch.setattr(kills, "_wait_for", lambda *_: None)
    assert kills.killed(project, "run", 1) == Found(kills.KILL, "run", kills.LATE)
    monkeypatch.setattr(kills, "killed", lambda *_: Found(kills.KILL, "run", kills.LATE))
    with pytest.raises(RuntimeError, match="run: too few of 20 kills came in time"):
        kills.kills(project, "run", 1, lambda _: None)


def test_two_at_once_leave_one_whole_result(project: Project) -> None:
    assert crash.two_at_once(project, "run", 1).fault == ""


def test_what_should_not_be_left_is_found(project: Project) -> None:
    project.begin("run", earlier=False)
    assert project.made_again("run") == ""
    folder, whole, old = project.folder("run"), project.whole["run"], project.earlier["run"]
    assert kills.left(folder, None, whole) == ("the new result, whole", "")
    (folder / ".written").write_text("flows.csv\n")
    assert kills.left(folder, None, whole) == ("the new result, whole", "")
    (folder / "notes.txt").write_text("x")
    outcome, fault = kills.left(folder, old, whole)
    assert outcome == "BROKEN"
    assert "new: other bytes than an undisturbed run: notes.txt; old: " in fault
    assert differing(contents(folder), whole) == "other bytes than an undisturbed run: .written, notes.txt"
    (folder / "notes.txt").unlink()
    (folder / "flows.csv").write_text("x")
    assert "flows.csv" in kills.left(folder, old, whole)[1]  # though the program sees that it is not whole
    (folder / "manifest.json").unlink()
    assert kills.left(folder, old, whole) == ("unfinished, and says so", "")
    (folder / "manifest.json").write_text("{}")
    assert kills.left(folder, old, whole)[0] == "BROKEN"


def test_earlier_result_with_the_journal_of_a_run_that_had_just_begun_is_whole(project: Project) -> None:
    project.begin("run", earlier=True)
    (project.folder("run") / ".written").write_text("flows.csv\n")
    found = kills.left(project.folder("run"), project.earlier["run"], project.whole["run"])
    assert found == ("the earlier result, whole", "")
    assert kills.left(project.folder("run"), None, project.whole["run"])[0] == "BROKEN"
    project.begin("run", earlier=False)
    assert kills.left(project.folder("run"), None, project.whole["run"]) == ("no folder", "")


def test_half_a_part_of_a_sweep_is_found(tmp_path: Path) -> None:
    name = "parts_1/point_00000_after_000000000_draws_000000002.npy"
    whole = {"sweep.csv": b"x", "manifest.json": b"{}", name: b"numbers"}
    (tmp_path / "parts_1").mkdir()
    (tmp_path / name).write_bytes(b"numbers")
    assert kills.left(tmp_path, None, whole) == ("unfinished, and says so, parts kept", "")
    (tmp_path / name).write_bytes(b"num")
    assert kills.left(tmp_path, None, whole)[1] == f"parts that are not whole: {name}"


def test_refusal_is_one_sentence_that_says_why_and_where(tmp_path: Path) -> None:
    why = "No space left"
    assert crash.refused(Ended(1, f"{tmp_path}/x: {why} on device\n"), why, tmp_path) == ""
    assert crash.refused(Ended(1, f"12% done, about 9 s left\n{tmp_path}/x: {why}\n"), why, tmp_path) == ""
    assert "exit code 0" in crash.refused(Ended(0, ""), why, tmp_path)
    assert "not one sentence" in crash.refused(Ended(1, f"Traceback\n{tmp_path}: {why}"), why, tmp_path)
    assert "not one sentence" in crash.refused(Ended(1, f"/elsewhere: {why}"), why, tmp_path)


def test_table_counts_kills_that_hit_by_command() -> None:
    kept = Found(kills.KILL, "sweep", "no folder")
    late = Found(kills.KILL, "sweep", kills.LATE)
    lines = crash.lines_of([kept, kept, late, Found(kills.KILL, "run", "no folder", "bad")])
    assert lines[0] == (
        "Killed while they lived: 3 commands, 2 of `sweep`, 1 of `run`. 1 more had ended before the kill came."
    )
    assert "| kill | sweep | no folder | 2 | 0 |" in lines
    assert lines[-1] == "| kill | run | no folder | 1 | 1 |"


def test_every_place_of_a_function_is_mutated_and_put_back() -> None:
    found = [(each.old, each.new) for each in mutants_of("m.py", SOURCE)]
    assert ("a < b", "a <= b") in found
    assert ("a < b and (not b)", "a < b or not b") in found
    assert ("not b", "not not b") in found
    assert ("a[0] += 2", "a[0] -= 2") in found
    assert ("a[0] += 2", "a[0] *= 1") in found
    assert ("a[1] = -b", "a[1] = a[1]") in found
    assert ("-b", "+b") in found
    assert ("np.minimum", "np.maximum") in found
    assert ("True", "False") in found
    assert ("2", "3") in found
    assert not any("0.5" in old for old, _ in found)
    first = mutants_of("m.py", SOURCE)
    assert first == mutants_of("m.py", SOURCE)
    for each in first:
        assert each.new in " ".join(ast.unparse(tree_of(each, SOURCE)).split()) or "if" in each.new


def test_sample_is_the_same_each_time_and_all_of_the_equations_are_in_it() -> None:
    assert mutation_tests.sample(40, 1) == mutation_tests.sample(40, 1)
    assert mutation_tests.sample(40, 1) != mutation_tests.sample(40, 2)
    assert {"sim/core/accounts.py", "sim/core/welfare.py", "sim/core/supply.py", "sim/indicators.py"} <= {*FILES}
    assert "sim/core/newton.py" not in FILES
    for file in FILES:
        for stage in mutation_tests.tests_of(file):
            for test in stage:
                path, _, name = test.partition("::")
                assert name in (ROOT / path).read_text(encoding="utf-8"), test


def test_every_argument_is_about_a_mutant_that_exists() -> None:
    keys = {each.key for file in FILES for each in mutants_of(file)}
    assert set(mutation_tests.argued()) <= keys


def test_score_leaves_out_what_changes_nothing() -> None:
    one = Mutant("sim/core/x.py", "f", 1, "a", "b", 0)
    lines = mutation_tests.lines_of(
        [(one, mutation_tests.KILLED), (one, mutation_tests.ARGUED), (one, mutation_tests.SURVIVED)], 500
    )
    assert "3 were tried: 1 were killed, 1 change nothing that counts, 1 survived." in lines[0]
    assert lines[0].endswith("50.0%.")


def test_statements_and_branches_are_told_apart(tmp_path: Path) -> None:
    def summary(statements: int, lines: int, branches: int, taken: int) -> dict[str, object]:
        names = ("num_statements", "covered_lines", "num_branches", "covered_branches")
        return {"summary": dict(zip(names, (statements, lines, branches, taken), strict=True))}

    report = tmp_path / "coverage.json"
    files = {
        "sim/core/a.py": summary(90, 90, 10, 9),
        "sim/core/b.py": summary(10, 8, 10, 9),
        "sim/cli.py": summary(4, 4, 0, 0),
    }
    report.write_text(json.dumps({"files": files}))
    found = reached.read(report)
    assert reached.lines_of(found)[2:] == [
        "| `sim/*.py` | 4 | 100.0 | 0 | 100.0 |",
        "| `sim/core/` | 100 | 98.0 | 20 | 90.0 |",
        "| all | 104 | 98.1 | 20 | 90.0 |",
    ]
    assert not reached.is_enough(found)  # though it is 96.8 % of both together
    report.write_text(json.dumps({"files": files | {"sim/core/b.py": summary(10, 8, 10, 10)}}))
    assert reached.is_enough(reached.read(report))


def test_mutants_killed_earlier_are_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = mutation_tests.mutants_of("sim/core/demand.py")[:3]
    late = f"killed: takes too long: line 4: {third.key}"
    log = f"killed: line 3: {first.key}\nnoise\nsurvived: line 4: {second.key}\n{late}\n"
    told = mutation_tests.told_by(log)
    assert told == {first.key: "killed", second.key: "survived", third.key: "killed: takes too long"}
    assert mutation_tests.tried_before(told) == [first, second, third]
    monkeypatch.setattr(mutation_tests, "check_sound", lambda _: None)
    monkeypatch.setattr(mutation_tests, "LOADED", ())
    tried: list[str] = []

    def begun(mutant: Mutant, *_: object) -> int:
        tried.append(mutant.key)
        return os.posix_spawn(sys.executable, [sys.executable, "-c", "raise SystemExit(1)"], os.environ)  # a test fails

    monkeypatch.setattr(mutation_tests, "_begun", begun)
    found = mutation_tests.campaign([first, second, third], 1, time.monotonic() + 60, lambda *_: None, told)
    assert tried == [second.key]
    assert found == [(first, "killed"), (second, "killed"), (third, "killed: takes too long")]
