"""The commands for people who edit scenarios, on a project with the shipped scenarios."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import cli, editing
from sim.inputs.chain import MOST_PARENTS
from sim.inputs.resolve import load_scenario
from sim.records.scenario import KINDS

ROOT = Path(__file__).parents[2]
VARIABLES = ("SCENARIO", "SET", "A", "B", "FROM", "NAME")
HEAD = "schema_version: 1\ntitle: A trial\nquestion: What then?\nextends: baseline\n"
NOTED = "source: assumption, note: x"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("project")
    names = ("baseline", "sanctions_lifted", "sanctions_lifted_without_232", "joint_extraction")
    for name in names:
        (root / "scenarios").mkdir(exist_ok=True)
        shutil.copy(ROOT / "scenarios" / f"{name}.yaml", root / "scenarios")
    for folder in ("mixins", "worlds"):
        shutil.copytree(ROOT / "scenarios" / folder, root / "scenarios" / folder)
    return root


@pytest.fixture
def project(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(cli, "ROOT", shipped)
    monkeypatch.setenv("COLUMNS", "100")
    before = set(shipped.rglob("*.yaml"))
    yield shipped
    for path in set(shipped.rglob("*.yaml")) - before:
        path.unlink()


def heir(project: Path, name: str, text: str) -> None:
    (project / "scenarios" / f"{name}.yaml").write_text(HEAD + text, encoding="utf-8")


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command answers."""
    assert cli.main(words) == 0
    return capsys.readouterr().out


def one_line(text: str) -> str:
    return " ".join(text.split())


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """What a command says against its words, with exit code 2."""
    assert cli.main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


# ---- show


def test_show_tells_value_range_source_tier_and_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "show", "--scenario", "sanctions_lifted")
    lines = (project / "scenarios" / "sanctions_lifted.yaml").read_text().split("\n")
    at = 1 + next(i for i, line in enumerate(lines) if line.startswith("    volume:"))
    assert re.search(r"^ +volume +2 Mt/yr \(1.5 to 2 Mt/yr\)$", told, flags=re.MULTILINE)
    assert "D0 (document: stated by the documents, not validated); range: assumption" in one_line(told)
    assert re.search(rf" scenarios/sanctions_lifted\.yaml:{at}$", told, flags=re.MULTILINE)
    assert '"etwa 2 Millionen Tonnen"' in told


def test_show_names_every_value_there_is(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "show", "--scenario", "sanctions_lifted")
    scenario = load_scenario("sanctions_lifted", project)
    for name in (*scenario.switches, *scenario.measures):
        assert re.search(rf"^  {name}: \S", told, flags=re.MULTILINE), name
    for path in scenario.parameters:
        assert re.search(rf"^    {re.escape('.'.join(path[1:]))}( |$)", told, flags=re.MULTILINE), path
    assert "us_sanctions_on_russian_metals: off from 2026" in told
    assert "all but US, UK to US" in told
    assert "from 2025-02-26, until 2026-02-26, while eu_sanctions_on_russian_aluminium is on" in one_line(told)


@pytest.mark.parametrize("columns", [80, 100])
def test_show_fits_the_terminal(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for name in ("sanctions_lifted", "joint_extraction"):
        lines = said(capsys, "show", "--scenario", name).splitlines()
        assert max(len(line) for line in lines) <= columns


def test_show_takes_what_is_set_and_says_so(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "parameters.capacity_limit.aluminium.China=50 Mt/yr; switches.us_section_232=off; years.focus=2031"
    told = said(capsys, "show", "--scenario", "sanctions_lifted", "--set", words)
    assert re.search(r"aluminium\.China +50 Mt/yr\n +assumption +SET$", told, flags=re.MULTILINE)
    assert re.search(r"^  us_section_232: off +SET$", told, flags=re.MULTILINE)
    assert re.search(r"^  focus +2031 .* SET$", told, flags=re.MULTILINE)
    assert "NO EFFECT" in told
    assert "it depends on us_section_232, which stays off" in told


def test_show_needs_a_scenario_that_is_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "show which scenario? There are baseline, joint_extraction, sanctions_lifted" in refused(capsys, "show")
    assert "nearest is sanctions_lifted" in refused(capsys, "show", "--scenario", "sanction_lifted")
    assert "no scenario ../x" in refused(capsys, "show", "--scenario", "../x")


SHAPES = f"""parameters:
  capacity_limit:
    aluminium: {{China: {{values: {{46 Mt/yr: 30 %, 45000 kt/yr: 70 %}}, {NOTED}}}}}
  sourcing_elasticity:
    aluminium: {{value: 5, low: 3, high: 12, shape: lognormal, {NOTED}}}
  contract_renewal:
    aluminium: {{values: {{20 %: 50 %, 60 %: 50 %}}, value: 60 %, {NOTED}}}
  demand_memory:
    aluminium:
      value: 30 %/yr
      low: 20 %/yr
      high: 50 %/yr
      shape: pert
      drawn_with: parameters.sourcing_elasticity.aluminium
      correlation: -0.4
      source: assumption
      note: Why
"""


def test_show_tells_shapes_values_and_correlations(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(project, "shaped", SHAPES)
    told = one_line(said(capsys, "show", "--scenario", "shaped"))
    assert "45000 kt/yr: 70 %, 46 Mt/yr: 30 % " in told
    assert "5 (3 to 12, lognormal)" in told
    assert "60 % (20 %: 50 %, 60 %: 50 %)" in told
    assert (
        "30 %/yr (20 to 50 %/yr, pert, drawn with parameters.sourcing_elasticity.aluminium at a correlation of -0.4)"
        in told
    )


def test_new_file_repeats_shapes_and_values_of_its_parent(project: Path) -> None:
    heir(project, "shaped", SHAPES)
    editing.new(project, "open", "shaped")
    path = project / "scenarios" / "open.yaml"
    text = path.read_text(encoding="utf-8")
    assert "value: 5, low: 3, high: 12, shape: lognormal, source: assumption" in text
    assert "value: 60 %, values: {20 %: 50 %, 60 %: 50 %}, source: assumption" in text
    path.write_text(re.sub(r"(?m)^#(?=\w|  )", "", text), encoding="utf-8")
    found, parent = (load_scenario(name, project).parameters for name in ("open", "shaped"))
    for name in ("sourcing_elasticity", "contract_renewal"):
        key = (name, "aluminium")
        assert found[key].written == parent[key].written
        assert (found[key].shape, found[key].values) == (parent[key].shape, parent[key].values)


# ---- diff


def test_diff_tells_weights_and_correlations_that_changed(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(project, "shaped", SHAPES)
    heir(project, "weighted", SHAPES.replace("50 %, 60 %: 50 %", "25 %, 60 %: 75 %"))
    heir(project, "correlated", SHAPES.replace("-0.4", "0.4"))
    told = said(capsys, "diff", "--a", "shaped", "--b", "weighted")
    assert "1 parameter changed" in one_line(told)
    assert "60 % (20 %: 25 %, 60 %: 75 %)" in one_line(told)
    told = one_line(said(capsys, "diff", "--a", "shaped", "--b", "correlated"))
    assert "at a correlation of 0.4" in told
    assert "contract_renewal" not in told


def test_diff_tells_old_and_new_with_their_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "diff", "--a", "baseline", "--b", "sanctions_lifted_without_232")
    assert "(new): 2 switches changed, 1 measure added." in one_line(told)
    switch = told.split("  us_section_232\n")[1].split("\n")
    assert re.fullmatch(r" +old  on +scenarios/baseline\.yaml:\d+", switch[0])
    assert re.fullmatch(r" +new  off from 2026 +scenarios/sanctions_lifted_without_232\.yaml:8", switch[1])
    assert "russian_aluminium_offer (added)" in told
    assert "PARAMETERS" not in told


def test_diff_the_other_way_round_takes_away_what_was_added(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "diff", "--a", "sanctions_lifted", "--b", "baseline")
    assert "(new): 1 switch changed, 1 measure removed." in one_line(told)
    assert "russian_aluminium_offer (removed)" in told
    assert re.search(r"old  off from 2026 +\S+\n +new  on ", told)


def test_diff_tells_fields_and_numbers_one_by_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(
        project,
        "changed",
        "years: {last: 2040}\n"
        "measures:\n"
        f"  eu_customs_duty:\n    starts: 2027\n    except: [UK]\n    rate: {{value: 4 %, {NOTED}}}\n"
        "  uk_ban_on_russian_aluminium: removed\n"
        "parameters:\n"
        f"  capacity_limit:\n    aluminium:\n      China: {{value: 46 Mt/yr, {NOTED}}}\n",
    )
    told = said(capsys, "diff", "--a", "baseline", "--b", "changed")
    found = re.findall(r"^ +new  (.*?)(?:  +scenarios/changed\.yaml:(\d+))?$", told, flags=re.MULTILINE)
    assert ("2040", "5") in found
    assert ("2027-01-01", "8") in found
    assert re.search(r"rate\n +old  3 %\n.*\n +new  4 %\n +assumption +scenarios/changed\.yaml:10\n", told)
    assert "uk_ban_on_russian_aluminium (removed)" in told
    assert re.search(r"capacity_limit\.aluminium\.China\n +old  45 Mt/yr\n.*\n +new  46 Mt/yr\n", told)


def test_diff_of_what_says_the_same_says_that_nothing_differs(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heir(project, "same", "switches: {us_section_232: on}\n")
    assert "nothing differs" in said(capsys, "diff", "--a", "baseline", "--b", "same")
    assert "one and the same scenario" in said(capsys, "diff", "--a", "baseline", "--b", "baseline")


def test_diff_tells_another_baseline(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(project, "beside", "compare_with: sanctions_lifted\n")
    told = said(capsys, "diff", "--a", "baseline", "--b", "beside")
    assert "compare_with\n      old  baseline\n      new  sanctions_lifted\n" in told
    assert "(new): no value, only what stands here first." in one_line(told)


def test_diff_tells_a_change_of_the_source_alone(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(
        project, "credited", f"parameters: {{capacity_limit: {{aluminium: {{China: {{value: 45 Mt/yr, {NOTED}}}}}}}}}\n"
    )
    told = one_line(said(capsys, "diff", "--a", "baseline", "--b", "credited"))
    assert re.search(r"old 45 Mt/yr reuters_home_2025 \(\w+\) .* new 45 Mt/yr assumption ", told)


def test_diff_needs_two_scenarios_that_are_there(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "diff needs A= and B=, two of baseline" in refused(capsys, "diff", "--a", "baseline")
    assert "no scenario a; echo X" in refused(capsys, "diff", "--a", "a; echo X", "--b", "baseline")
    monkeypatch.setenv("SET", "years.last=2030")
    assert "no SET" in refused(capsys, "diff", "--a", "baseline", "--b", "sanctions_lifted")


# ---- new


def test_new_file_is_valid_and_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "new", "--scenario", "my_first")
    assert told.startswith("written: scenarios/my_first.yaml, which extends baseline")
    text = (project / "scenarios" / "my_first.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=../schema/scenario.schema.json\nschema_version: 1\n")
    assert "REPLACE THIS TITLE" in text
    assert "make run SCENARIO=my_first" in text
    assert max(len(line) for line in text.splitlines() if re.match("# [^ ]", line) and "make " not in line) <= 112
    assert load_scenario("my_first", project).chain == ("my_first", "baseline")
    assert "my_first: no fault, but no effect: it states no value" in said(capsys, "validate", "--scenario", "my_first")


def test_every_example_of_the_new_file_is_valid_when_its_sign_is_taken_away(project: Path) -> None:
    editing.new(project, "open", "sanctions_lifted")
    path = project / "scenarios" / "open.yaml"
    lines = path.read_text(encoding="utf-8").split("\n")
    examples = [line for line in lines if re.match(r"#(\w|  )", line)]
    assert len(examples) > 100
    path.write_text("\n".join(re.sub(r"^#(?=\w|  )", "", line) for line in lines), encoding="utf-8")
    found = load_scenario("open", project)
    assert {measure.kind for name, measure in found.measures.items() if name.startswith("my_")} == set(KINDS)
    parent = load_scenario("sanctions_lifted", project)
    assert found.switches["us_sanctions_on_russian_metals"].off_from is not None
    assert {path[0] for path in found.parameters} == {path[0] for path in parent.parameters}
    assert {path: number.value for path, number in found.parameters.items()} == {
        path: number.value for path, number in parent.parameters.items()
    }
    assert len(found.measures) == len(parent.measures) + len(KINDS) - 1


@pytest.mark.parametrize(
    "name", ["../x", "x/y", "X", "1a", "a b", "a; echo X", "$(touch X)", "all", "é", "a" * 65, "x\n"]
)
def test_name_that_cannot_be_one_writes_nothing(project: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    before = sorted(project.rglob("*"))
    assert "a scenario is named with small letters, digits and _" in refused(capsys, "new", "--scenario", name)
    assert sorted(project.rglob("*")) == before


@pytest.mark.parametrize(
    ("parent", "told"),
    [
        ("sanction_lifted", "nearest is sanctions_lifted"),
        ("../x", "no scenario ../x; known: baseline"),
        ("a; echo X", "no scenario a; echo X; known: baseline"),
    ],
)
def test_parent_that_is_not_there_writes_nothing(
    project: Path, capsys: pytest.CaptureFixture[str], parent: str, told: str
) -> None:
    before = sorted(project.rglob("*"))
    assert told in refused(capsys, "new", "--scenario", "fresh", "--from", parent)
    assert sorted(project.rglob("*")) == before


def test_new_never_overwrites(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / "scenarios" / "baseline.yaml").read_bytes()
    told = refused(capsys, "new", "--scenario", "baseline", "--from", "sanctions_lifted")
    assert told == "scenarios/baseline.yaml is there already; nothing was written\n"
    assert (project / "scenarios" / "baseline.yaml").read_bytes() == before
    link = project / "scenarios" / "link.yaml"
    link.symlink_to(project / "elsewhere.yaml")
    assert "is there already" in refused(capsys, "new", "--scenario", "link")
    assert not (project / "elsewhere.yaml").exists()


def test_new_refuses_a_parent_at_fault_or_too_deep(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(project, "faulty", "measures: {x: {kind: bann, good: aluminium}}\n")
    assert "scenarios/faulty.yaml:5:" in refused(capsys, "new", "--scenario", "fresh", "--from", "faulty")
    parent = "baseline"
    for depth in range(MOST_PARENTS - 1):
        editing.new(project, f"deep_{depth}", parent)
        parent = f"deep_{depth}"
    assert f"the last of {MOST_PARENTS} files" in refused(capsys, "new", "--scenario", "fresh", "--from", parent)
    assert not (project / "scenarios" / "fresh.yaml").exists()


def test_folder_that_cannot_be_written_has_exit_code_1(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = Path.open

    def full(self: Path, mode: str = "r", **given: Any) -> Any:
        if mode == "x":
            raise OSError(28, "No space left on device")
        return sound(self, mode, **given)

    monkeypatch.setattr(Path, "open", full)
    assert cli.main(["new", "--scenario", "fresh"]) == 1
    assert "scenarios/fresh.yaml cannot be written: No space left on device" in capsys.readouterr().err


# ---- list


def test_list_tells_switches_faults_and_what_has_no_effect(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    heir(project, "faulty", "measures: {x: {kind: bann, good: aluminium}}\n")
    heir(project, "idle", f"switches: {{lonely: {{state: on, meaning: x, {NOTED}}}}}\n")
    told = said(capsys, "list")
    blocks = {re.split(r"[:\n]", block)[0]: one_line(block) for block in re.split(r"\n(?=\S)", told)}
    assert "on: us_ore_stays_home" in blocks["baseline"]
    assert "FAULT: scenarios/faulty.yaml:5:" in blocks["faulty"]
    assert blocks["idle"].endswith("switches: lonely: on (new) NO EFFECT: no measure depends on the switch lonely")
    assert blocks["sanctions_lifted"].endswith("switches: us_sanctions_on_russian_metals: off from 2026")
    assert "6 scenarios; 1 at fault" in told


def test_fault_of_a_parent_is_told_of_its_heirs_and_of_no_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heir(project, "faulty", "measures: {x: {kind: bann, good: aluminium}}\n")
    (project / "scenarios" / "heir.yaml").write_text("extends: faulty\n", encoding="utf-8")
    told = said(capsys, "list")
    faulty = [block.split("\n")[0] for block in re.split(r"\n(?=\S)", told) if "FAULT" in block]
    assert [line.split(":")[0] for line in faulty] == ["faulty", "heir"]
    assert told.count("scenarios/faulty.yaml:5:") == 2
