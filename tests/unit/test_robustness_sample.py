"""A small sample of the campaigns of `make fuzz`, the same each time: mutants are accepted or refused in words."""

from __future__ import annotations

import itertools
import signal
import time
from pathlib import Path

import pytest

from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_world
from sim.records.scenario import KINDS
from tests.robustness import scenarios, tables
from tests.robustness.mutate import mutated_scenario
from tests.robustness.mutate_tables import mutated_table
from tests.robustness.page import write_table
from tests.robustness.scenarios import ACCEPTED, BROKEN, REFUSED, SOLVED, Small, fault_in


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Without the shipped scenarios, which `make fuzz` has: they take longer to cut down than all tests here."""
    return Small(tmp_path_factory.mktemp("small"), shipped=False)


def test_the_small_project_has_six_regions_and_nearly_every_kind_of_measure(small: Small) -> None:
    kinds = {
        measure.kind
        for name in ("tiny_every_measure", "tiny_shapes")
        for measure in load_scenario(name, small.root).measures.values()
    }
    assert kinds == {*KINDS} - {"technology_transfer"}  # two of the shipped scenarios have it
    assert len(read_world(small.root / "scenarios" / "worlds" / "nickel_2024").regions) == 6


def test_mutated_scenario_files_are_accepted_and_solved_or_refused_with_file_and_line(small: Small) -> None:
    verdicts = [scenarios.validated(small, seed) for seed in range(45)]
    assert [verdict for verdict in verdicts if verdict.fault] == []
    assert {verdict.outcome for verdict in verdicts} == {ACCEPTED, REFUSED}
    assert {verdict.solved for verdict in verdicts if verdict.outcome == ACCEPTED} == {SOLVED}


def test_mutated_tables_are_accepted_or_refused_with_file_and_line(small: Small) -> None:
    verdicts = [tables.built(small, seed) for seed in range(25)]
    assert [verdict for verdict in verdicts if verdict.fault] == []
    assert {ACCEPTED, REFUSED} <= {verdict.outcome for verdict in verdicts}


def test_same_seed_gives_the_same_mutant_and_files_are_put_back(small: Small) -> None:
    assert small.mutant(7) == small.mutant(7)
    assert {small.mutant(seed)[2] for seed in range(20)} > {small.mutant(0)[2]}
    for file, sound in small.sound.items():
        assert (small.root / file).read_bytes() == sound
    tree = small.trees["scenarios/tiny_shapes.yaml"]
    assert mutated_scenario(tree, [tree], 3) == mutated_scenario(tree, [tree], 3)
    assert mutated_table("a,b\n1,2\n", 3) == mutated_table("a,b\n1,2\n", 3)


def test_what_should_not_happen_is_found(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault_in(0, "") == ""
    assert fault_in(2, "scenarios/x.yaml:1:2: no\n    here\n    ^\n... and 3 more") == ""
    assert fault_in(2, "something is wrong") == "no file and line: something is wrong"
    assert fault_in(2, "") == "refused without a word"
    assert fault_in(1, "no") == "exit code 1: no"
    assert fault_in(0, "warning") == "accepted with a message: warning"

    def broken(root: Path, *words: str) -> tuple[int, str, str]:
        (root / "results" / "left").mkdir()
        raise ZeroDivisionError("bug")

    monkeypatch.setattr(scenarios, "command", broken)
    verdict = scenarios.validated(small, 1)
    (small.root / "results" / "left").rmdir()
    assert verdict.outcome == BROKEN
    assert "ZeroDivisionError: bug" in verdict.fault
    assert verdict.fault.endswith("files were written")


def test_table_of_the_page_is_written_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- table: x -->\nold\n<!-- end -->\nb\n", encoding="utf-8")
    write_table("x", ["| 1 |"], page)
    assert page.read_text(encoding="utf-8") == "a\n<!-- table: x -->\n| 1 |\n<!-- end -->\nb\n"
    with pytest.raises(ValueError, match="one place for the table 'y' is wanted"):
        write_table("y", [], page)


def test_time_of_others_is_not_taken_for_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scenarios, "HANGS", 0.1)
    with scenarios.watched():
        time.sleep(0.3)  # as where a busy machine gives its processors to others
    with pytest.raises(scenarios.HangError, match="SIGPROF"), scenarios.watched():
        sum(1 for _ in itertools.count())
    monkeypatch.setattr(scenarios, "WAITS", 0.1)
    with pytest.raises(scenarios.HangError, match="SIGALRM"), scenarios.watched():
        signal.pause()
    assert signal.getitimer(signal.ITIMER_PROF) == signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
