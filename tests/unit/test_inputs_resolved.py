"""A resolved scenario is read back as it was written: a run can be made again from its folder alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.errors import DataError, ScenarioError
from sim.inputs.resolve import load_scenario
from sim.inputs.resolved import read_resolved
from sim.inputs.resolved_text import resolved_yaml
from sim.records.scenario import Number, Place, Scenario
from tests.scenario_files import CAP, load, measures
from tests.shipped import ROOT, shipped

LISTED = "{values: {2 Mt/yr: 30 %, 1 Mt/yr: 70 %}, correlation: 0.6, source: D4, drawn_with: "


def back(scenario: Scenario, folder: Path) -> Scenario:
    path = folder / "resolved.yaml"
    path.write_text(resolved_yaml(scenario), encoding="utf-8")
    return read_resolved(path)


def unplaced(record: Any) -> Any:
    """The record without columns, which the text does not tell."""
    if isinstance(record, Place):
        return replace(record, column=1)
    if isinstance(record, dict):
        return [(name, unplaced(value)) for name, value in record.items()]  # order counts
    if isinstance(record, tuple):
        return tuple(unplaced(value) for value in record)
    if hasattr(record, "__dataclass_fields__"):
        return type(record), [(name, unplaced(getattr(record, name))) for name in record.__dataclass_fields__]
    return record


@pytest.mark.parametrize("scenario", shipped(), ids=lambda scenario: scenario.name)
def test_every_shipped_scenario_comes_back_in_its_order(tmp_path: Path, scenario: Scenario) -> None:
    assert unplaced(back(scenario, tmp_path)) == unplaced(scenario)


def test_values_with_weights_and_text_that_needs_escapes_come_back(tmp_path: Path) -> None:
    line = f'm: {CAP}note: "a \\"b\\" \\t\\u200b: #, 1", volume: {LISTED}parameters.sourcing_elasticity.aluminium}}}}'
    found = load(tmp_path, "x", measures(line))
    again = back(found, tmp_path)
    assert unplaced(again) == unplaced(found)
    volume = again.measures["m"].numbers["volume"]
    assert volume.values == ((1000.0, 0.7), (2000.0, 0.3))
    assert isinstance(volume, Number)


def test_numbers_come_back_bit_by_bit(tmp_path: Path) -> None:
    scenario = shipped()[0]
    path, number = next(iter(scenario.parameters.items()))
    for value in (0.1 + 0.2, 1e-300, 5e-324, 1.7976931348623157e308, -0.0, 123456789.12345679):
        changed = replace(scenario, parameters={path: replace(number, value=value)})
        assert repr(back(changed, tmp_path).parameters[path].value) == repr(value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('world: "metals_2024"', 'world: "../metals_2024"', r"resolved\.yaml:5:8: world: String should match"),
        ('files: ["scenarios/', 'files: ["../scenarios/', r"resolved\.yaml:9:9: files\.0: String should match"),
        ('files: ["scenarios/', 'files: ["scenarios/../', r"resolved\.yaml:9:9: files\.0: String should match"),
        ('scenario: "sanctions', 'scenario: "../sanctions', r"resolved\.yaml:2:11: scenario: String should match"),
        ("value: 2000.0", "value: .nan", r"value: Input should be a (valid|finite) number"),
        ("value: 2000.0", "value: .inf", r"value: Input should be a (valid|finite) number"),
        ('kind: "offer"', 'kind: "gift"', r"russian_aluminium_offer\.kind: String should match pattern"),
        ("switches:", "motto: x\nswitches:", r"resolved\.yaml:10:8: motto: Extra inputs"),
        ("years: {first: 2025", "years: {first: soon", r"years\.first: Input should be a valid integer"),
    ],
)
def test_what_is_no_resolved_scenario_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = resolved_yaml(load_scenario("sanctions_lifted", ROOT))
    assert old in text
    (tmp_path / "resolved.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_resolved(tmp_path / "resolved.yaml")


def test_what_is_no_yaml_is_told(tmp_path: Path) -> None:
    (tmp_path / "resolved.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"resolved\.yaml:1:5: not YAML"):
        read_resolved(tmp_path / "resolved.yaml")
