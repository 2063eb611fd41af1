from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import ScenarioError
from sim.inputs.sweep import read_sweep, sweep_names
from sim.records.sweep import EACH
from tests.scenario_files import write_project
from tests.unit.test_inputs_schema import schema_accepts

HEAD = "schema_version: 1\ntitle: T\nscenarios: a\n"
OUT = "outcomes: [import_share.aluminium.US.Russia.2030]\n"
GOOD = [
    f"{HEAD}{OUT}",
    f"{HEAD}outcomes: consumption.*.US\ndraws: 0\nquestion: Q\n",
    f"{HEAD}{OUT}vary: [{{path: x.y, values: 1 Mt/yr}}]\n",
    f"{HEAD}{OUT}vary: [{{path: [x.y, x.z], label: L, low: 1 %, high: 5 %, steps: 5, baseline_too: yes}}]\n",
    f"{HEAD}{OUT}vary: [{{path: switches.s, values: [on, off, {{off_from: 2028}}]}}]\n",
    f"{HEAD}{OUT}points: 16\nvary: [{{path: x, low: 2, high: 9.5}}]\n",
    "schema_version: 1\ntitle: T\nscenarios: [a, b]\noutcomes: [a.b.c, a.b.c.d, a.b.c.d.2030]\n",
    f"{HEAD}disrupt: {{year: 2027, cuts: {{low: 10 %, high: 100 %, steps: 10}}}}\n",
    f"{HEAD}disrupt: {{year: 2027, goods: aluminium, cuts: {{low: 10 %, high: 50 %, steps: 2}}}}\n",
]
BAD = [
    (HEAD, "outcomes is missing"),
    (f"{HEAD}outcomes: []\n", "the list is empty"),
    (f"{HEAD}outcomes: [price]\n", "indicator.good.region"),
    (f"{HEAD}outcomes: [a..c]\n", "indicator.good.region"),
    (f"{HEAD}{OUT}draws: -1\n", "a whole number from 0 to 1000000"),
    (f"{HEAD}{OUT}draws: 1.5\n", "a whole number from 0 to 1000000"),
    (f"{HEAD}{OUT}vary: [{{values: [1]}}]\n", "path is missing"),
    (f"{HEAD}{OUT}vary: [{{path: x}}]\n", "an axis has values, or low and high"),
    (f"{HEAD}{OUT}vary: [{{path: x, low: 1}}]\n", "an axis has values, or low and high"),
    (f"{HEAD}{OUT}vary: [{{path: x, values: [1], low: 1, high: 2}}]\n", "either values, or low and high"),
    (f"{HEAD}{OUT}vary: [{{path: x, values: [[1]]}}]\n", "as SET takes it"),
    (f"{HEAD}{OUT}vary: [{{path: x, values: [~]}}]\n", "is no value"),
    (f"{HEAD}{OUT}vary: [{{path: x, low: 1, high: 2, steps: 1}}]\n", "a whole number from 2 to 1000"),
    (f"{HEAD}{OUT}vary: [{{path: x, values: [1], baseline_too: perhaps}}]\n", "known: yes, no"),
    (f"{HEAD}{OUT}points: 8\n", "a sample needs vary"),
    (
        f"{HEAD}{OUT}disrupt: {{year: 2027, cuts: {{low: 10 %, high: 100 %, steps: 10}}}}\n",
        "cannot stand beside disrupt",
    ),
    (f"{HEAD}disrupt: {{year: 2027}}\n", "cuts is missing"),
    (f"{HEAD}disrupt: {{year: 2027, cuts: {{low: 10, high: 100 %, steps: 10}}}}\n", "10 has no unit"),
    (f"{HEAD}{OUT}colour: red\n", "unknown key colour"),
    (f"title: T\nscenarios: a\n{OUT}", "schema_version is missing"),
]
# what the schema cannot say, since it compares values
BEYOND = [
    (f"{HEAD}{OUT}vary: [{{path: x, low: 1, high: 2}}]\n", "steps are missing"),
    (f"{HEAD}{OUT}points: 8\nvary: [{{path: x, values: [1]}}]\n", "with points each axis has low and high only"),
    (f"{HEAD}disrupt: {{year: 2027, cuts: {{low: 50 %, high: 10 %, steps: 10}}}}\n", "is not above 0 % and below high"),
    (f"{HEAD}{OUT}vary: [{{path: x, values: ['a; b']}}]\n", "a value has no semicolon"),
]


def project(tmp_path: Path, text: str) -> Path:
    return write_project(tmp_path / "project", {"sweeps/s.yaml": text})


@pytest.mark.parametrize("text", GOOD)
def test_good_files_pass_reader_and_schema(tmp_path: Path, text: str) -> None:
    assert read_sweep(project(tmp_path, text), "s").name == "s"
    assert schema_accepts(text, "sweep.schema.json")


@pytest.mark.parametrize(("text", "fault"), BAD)
def test_bad_files_fail_reader_and_schema(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault) as caught:
        read_sweep(project(tmp_path, text), "s")
    assert str(caught.value).startswith("scenarios/sweeps/s.yaml:")
    assert not schema_accepts(text, "sweep.schema.json")


@pytest.mark.parametrize(("text", "fault"), BEYOND)
def test_values_that_do_not_go_together_fail_the_reader(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault):
        read_sweep(project(tmp_path, text), "s")


def test_file_is_read_as_it_stands(tmp_path: Path) -> None:
    text = (
        f"{HEAD}outcomes: [import_share.aluminium.US.Russia.2030, consumption.aluminium.*]\n"
        "vary:\n  - {path: switches.s, values: [on, {off_from: 2028}]}\n"
        "  - {path: [a.b, a.c], label: Both, low: 1 %, high: 2 %, steps: 3, baseline_too: yes}\n"
    )
    found = read_sweep(project(tmp_path, text), "s")
    assert found.scenarios == ("a",)
    assert [(each.names, each.year) for each in found.wanted] == [
        (("import_share", "aluminium", "US", "Russia"), 2030),
        (("consumption", "aluminium", EACH), None),
    ]
    first, second = found.vary
    assert (first.values, first.label, first.baseline_too) == (("on", "{off_from: 2028}"), "switches.s", False)
    assert (second.paths, second.low, second.high, second.steps) == (("a.b", "a.c"), "1 %", "2 %", 3)
    assert second.baseline_too
    assert (second.place.line, second.place.column) == (7, 5)


def test_all_stands_for_every_scenario(tmp_path: Path) -> None:
    assert read_sweep(project(tmp_path, f"{HEAD}{OUT}".replace("scenarios: a", "scenarios: all")), "s").scenarios == (
        EACH,
    )


def test_cuts_of_a_disruption_are_evenly_spread(tmp_path: Path) -> None:
    found = read_sweep(project(tmp_path, GOOD[-1]), "s").disrupt
    assert found is not None
    assert found.cuts == pytest.approx((0.1, 0.5))
    assert found.goods == ("aluminium",)


def test_unknown_sweep_names_the_nearest_and_none_outside_the_folder_is_read(tmp_path: Path) -> None:
    root = project(tmp_path, GOOD[0])
    assert sweep_names(root) == ("s",)
    with pytest.raises(ScenarioError, match="no sweep t; known: s"):
        read_sweep(root, "t")
    with pytest.raises(ScenarioError, match="no sweep"):
        read_sweep(root, "../s")
    (root / "outside.yaml").write_text(GOOD[0])
    (root / "scenarios" / "sweeps" / "link.yaml").symlink_to(root / "outside.yaml")
    with pytest.raises(ScenarioError, match="no sweep link"):
        read_sweep(root, "link")
