"""The tools of the campaigns: they kill, starve and mutate, and they would notice."""

from __future__ import annotations

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.robustness import crash, mutation_tests
from tests.robustness.crash import Ended, Found, Project, differing, refused
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
    found = [crash.killed(project, "run", seed) for seed in range(2)]
    assert [each.fault for each in found] == ["", ""]


def test_two_at_once_leave_one_whole_result(project: Project) -> None:
    assert crash.two_at_once(project, "run", 1).fault == ""


def test_what_should_not_be_left_is_found(project: Project, tmp_path: Path) -> None:
    assert project.made_again("run") == ""
    folder = project.folder("run")
    whole = project.whole["run"]
    assert crash._left(folder, None, whole) == ("whole: killed after the end", "")
    (folder / ".written").write_text("flows.csv\n")
    assert crash._left(folder, None, whole) == ("whole: killed after the end", "")
    (folder / "notes.txt").write_text("x")
    assert crash._left(folder, None, whole)[0] == "BROKEN"
    assert "notes.txt" in differing(folder, whole)
    (folder / "flows.csv").write_text("x")
    assert "flows.csv" in crash._left(folder, None, whole)[1] or crash._left(folder, None, whole)[1] == ""
    shutil.rmtree(folder)
    assert crash._left(folder, None, whole) == ("no folder", "")
    assert refused(Ended(1, "x: No space left on device\n"), "No space left") == ""
    assert "exit code 0" in refused(Ended(0, ""), "No space left")
    assert "not one sentence" in refused(Ended(1, "Traceback\nNo space left"), "No space left")
    assert crash.lines_of([Found("kill", "no folder"), Found("kill", "no folder", "bad")])[-1] == (
        "| kill | no folder | 2 | 1 |"
    )


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
