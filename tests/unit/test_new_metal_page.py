"""docs/new_metal.md against the program: every name it must tell, and its example carried out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from sim import cli
from sim.inputs import world_schema
from sim.inputs.schema import Parameters
from sim.inputs.statistics import COLUMNS, OPTIONAL, REFERENCE
from sim.inputs.world import BUILT_IN_GROUPS, COUNTRY_COLUMNS
from sim.inputs.world_schema import (
    ClosedRoutesFile,
    ContentFile,
    GoodFile,
    InputRatioFile,
    NetImportsFile,
    RecordsFile,
    RulesFile,
    SourceFile,
    TablesFile,
    WorldFile,
)
from sim.provenance import TIERS

PAGE = (Path(__file__).parents[2] / "docs" / "new_metal.md").read_text(encoding="utf-8")
WORLD = "nickel_2023"


def part(heading: str) -> str:
    """What stands under a heading of the second order."""
    found = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def code_words(text: str) -> set[str]:
    return {word for span in re.findall(r"`([^`]+)`", text) for word in (span, *re.findall(r"\w+", span))}


def rows_of(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line[:1] == "|"]


def words_of(model: type[BaseModel]) -> set[str]:
    """Fields of a model, and the words that they may hold."""
    choices: set[str] = set()

    def gather(annotation: Any) -> None:
        for inner in get_args(annotation):
            choices.add(inner) if isinstance(inner, str) else gather(inner)

    for field in model.model_fields.values():
        gather(field.annotation)
    return {*model.model_fields, *choices}


@pytest.mark.parametrize("kind", COLUMNS)
def test_columns_of_each_table_stand_in_their_order(kind: str) -> None:
    section = re.search(rf"^### `{kind}`[^\n]*\n(.*?)(?=^##|\Z)", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert section, kind
    columns = [row[0].strip("`") for row in rows_of(section[1])[2:]]
    assert columns == [*COLUMNS[kind], *OPTIONAL.get(kind, ())]


def test_units_of_columns_agree_with_their_names() -> None:
    units = {"kt": "kt", "usd_t": "USD/t", "usd_kg": "USD/kg", "pct": "%", "kusd": "1000 USD", "gross_t": "t"}
    checked = 0
    for row in rows_of(part("The tables")):
        name = row[0].strip("`")
        unit = next((unit for end, unit in units.items() if name == end or name.endswith(f"_{end}")), None)
        if unit is not None:
            assert row[1] == unit, name
            checked += 1
    assert checked > 15


def test_every_kind_of_table_is_told_and_no_other() -> None:
    told = re.findall(r"^### `(\w+)`(.*)$", PAGE, flags=re.MULTILINE)
    assert [name for name, _ in told] == list(COLUMNS)
    assert set(TablesFile.model_fields) == set(COLUMNS)
    required = {name for name, field in TablesFile.model_fields.items() if field.is_required()}
    assert required | {"trade"} == {name for name, rest in told if "required" in rest}


@pytest.mark.parametrize(
    ("heading", "models"),
    [
        ("world.yaml", (WorldFile, GoodFile, RulesFile, InputRatioFile, RecordsFile, ContentFile, NetImportsFile,
                        ClosedRoutesFile)),
        ("sources.yaml", (SourceFile,)),
    ],
)  # fmt: skip
def test_every_field_is_named(heading: str, models: tuple[type[BaseModel], ...]) -> None:
    named = code_words(part(heading))
    for model in models:
        assert words_of(model) <= named, model.__name__


def test_no_part_of_the_files_is_forgotten_here() -> None:
    models = {
        name for name, each in vars(world_schema).items() if name.endswith("File") and issubclass(each, BaseModel)
    }
    told_otherwise = {"RegionFile", "RuleFile", "RatioFile", "TablesFile", "SourcesFile"}  # below, or in others
    assert models - told_otherwise == {
        each.__name__
        for each in (WorldFile, GoodFile, RulesFile, InputRatioFile, RecordsFile, ContentFile, NetImportsFile)
    } | {"ClosedRoutesFile", "SourceFile"}
    named = code_words(part("world.yaml"))
    assert {"label", "countries", "remainder", "value", "note", *BUILT_IN_GROUPS} <= named
    assert {REFERENCE, *COUNTRY_COLUMNS, *TIERS} <= code_words(PAGE)


def test_rules_are_required_as_told() -> None:
    told = {
        row[0].strip("`"): row[1] for row in rows_of(part("world.yaml")) if row[0].strip("`") in RulesFile.model_fields
    }
    assert {name for name, word in told.items() if word == "yes"} == {
        name for name, field in RulesFile.model_fields.items() if field.is_required()
    }
    assert set(told) == set(RulesFile.model_fields)


def test_parameters_are_all_named_and_those_that_a_run_needs_are_marked() -> None:
    rows = rows_of(part("What a run needs"))[2:]
    names = [name for row in rows for name in re.findall(r"`(\w+)`", row[0])]
    assert sorted(names) == sorted(Parameters.model_fields)
    needed = {name for row in rows if row[1].startswith("yes") for name in re.findall(r"`(\w+)`", row[0])}
    source = "".join(path.read_text() for path in (Path(cli.__file__).parent / "assemble").glob("*.py"))
    asked = set(re.findall(r'by_good\("(\w+)"\)', source)) | set(re.findall(r'\.parameter\("(\w+)"', source))
    assert needed == asked


# ---- the example


def printed(name: str) -> list[str]:
    """The lines that the page says are printed."""
    found = re.search(rf"<!-- printed: {name} -->\n```text\n(.*?)```", PAGE, flags=re.DOTALL)
    assert found, name
    return found[1].splitlines()


def block(language: str) -> str:
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert len(found) == 1, language
    return str(found[0])


def test_example_does_what_the_page_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("SCENARIO", "WORLD", "SET", "NAME", "DRAWS", "FROM"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(cli, "ROOT", tmp_path)
    folder = tmp_path / "scenarios" / "worlds" / WORLD
    folder.parent.mkdir(parents=True)
    (tmp_path / "results").mkdir()

    def said(*words: str, code: int = 0) -> list[str]:
        assert cli.main(words) == code
        told = capsys.readouterr()
        return (told.err if code else told.out).splitlines()

    def change(path: Path, pattern: str, new: str) -> None:
        text, times = re.subn(pattern, new, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert times
        path.write_text(text, encoding="utf-8")

    said("new-world", "--world", WORLD)
    report = said("world", "--world", WORLD)
    assert set(printed("start")) <= set(report)

    (folder / "nickel_trade_facts.csv").write_text(block("csv"))
    change(folder / "world.yaml", r"^(      home_use: .*)$", r"\1\n      trade_facts: nickel_trade_facts.csv")
    assert set(printed("fact")) <= set(said("world", "--world", WORLD))

    baseline = tmp_path / "scenarios" / f"{WORLD}_baseline.yaml"
    for path in (folder / "world.yaml", baseline):
        change(path, r"^#(?=\w|  )", "")
    assert set(printed("ore")) <= set(said("world", "--world", WORLD))
    change(folder / "nickel_ore_production.csv", "CHN,240", "CHN,230")
    assert said("world", "--world", WORLD, code=2) == printed("short")
    change(folder / "nickel_ore_production.csv", "CHN,230", "CHN,240")

    assert said("validate", "--scenario", f"{WORLD}_baseline") == [f"{WORLD}_baseline: no fault"]
    run = ("run", "--jobs", "1", "--no-figures", "--scenario")
    assert set(printed("run")) <= set(said(*run, f"{WORLD}_baseline", "--draws", "16"))

    said("new", "--scenario", "chinese_tax_on_nickel", "--from", f"{WORLD}_baseline")
    (tmp_path / "scenarios" / "chinese_tax_on_nickel.yaml").write_text(f"schema_version: 1\n{block('yaml')}")
    answer = " ".join(said(*run, "chinese_tax_on_nickel", "--draws", "0"))
    price = re.search(r"price of nickel there would be ([\d,]+) instead of ([\d,]+) USD/t", answer)
    world = re.search(r"the world price ([\d,]+) instead of ([\d,]+) USD/t", answer)
    share = re.search(
        r"would get (\d+) % of its imports of nickel from the rest of the world in 2029 instead of (\d+) %", answer
    )
    assert price is not None, answer
    assert world is not None, answer
    assert share is not None, answer
    after, before = (float(text.replace(",", "")) for text in price.groups())
    assert after > before
    after, before = (float(text.replace(",", "")) for text in world.groups())
    assert after < before
    assert int(share[1]) > int(share[2])
