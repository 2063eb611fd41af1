"""The JSON Schema for editors and the reader's own declaration pass the same files."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from sim.inputs.check import check
from sim.inputs.faults import Faults
from sim.inputs.marks import ListNode, Node, ScalarNode, scan_text
from sim.inputs.measure_schema import FIELDS, fields_of, number_fields
from sim.inputs.prepare import mend_split_numbers, wrap_states
from sim.inputs.schema import MixinFile, ScenarioFile, parameter_kinds
from sim.inputs.schema_export import schema_texts, write_schemas
from sim.records.scenario import KINDS
from tests.scenario_files import EXAMPLES

ROOT = Path(__file__).parents[2]
SOURCED = "source: iea_2025"

# lines of a file, in braces where that is shorter
GOOD = [
    "{}",
    "schema_version: 1",
    "{title: A title, question: Why so, extends: baseline, compare_with: other, world: metals_2024}",
    "title: '2026'",
    "title: yes",
    "mixins: one",
    "mixins: [one, two]",
    "years: {first: 2025, last: 2050, focus: 2036}",
    "years: {last: '2040'}",
    "switches: {s: on}",
    "switches: {s: off}",
    "switches: {s: yes, t: true, u: 'false', v: no}",
    "switches: {s: {on_from: 2026}}",
    "switches: {s: {off_from: 2026-03-15}}",
    "switches: {s: {on_from: 2026, off_from: 2030}}",
    "switches: {s: {probability: 50 %}}",
    f"switches: {{s: {{probability: {{value: 50 %, low: 10 %, high: 60 %, {SOURCED}}}}}}}",
    "switches: {s: {state: {off_from: 2026}, meaning: A ban, source: D0}}",
    "switches: {s: {meaning: Another}}",
    "switches: {s: {state: on, source: assumption, note: Why}}",
    "measures: {m: removed}",
    "measures: {m: {}}",
    "measures: {m: {starts: 2027}}",
    "measures: {m: {kind: ban, good: a, origin: Russia, destination: [US, EU], when: [s, not t]}}",
    "measures: {m: {kind: ban, origin: all, except: China, except_destination: [US], leakage: 5 %, source: D0}}",
    f"measures: {{m: {{kind: tariff, rate: {{value: 25.5 %, {SOURCED}}}, base: FOB}}}}",
    f"measures: {{m: {{kind: tariff, rate: {{by_year: {{2024: 10 %, 2025: 20 %}}, {SOURCED}}}}}}}",
    f"measures: {{m: {{kind: cap, volume: {{low: 1 t/yr, high: 2 Mt/yr, shape: loguniform, {SOURCED}}}, rent_to: A}}}}",
    f"measures: {{m: {{volume: {{value: 1 kt/yr, low: 0 t/yr, high: 2 kt/yr, range_source: D0, {SOURCED}}}}}}}",
    "measures: {m: {volume: 2 kt/yr, source: D0}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, drawn_with: measures.n.volume, source: iea_2025}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, drawn_with: x, correlation: -0.6, source: iea_2025}}}",
    f"measures: {{m: {{volume: {{value: 2 kt/yr, low: 1 kt/yr, high: 4 kt/yr, shape: pert, {SOURCED}}}}}}}",
    f"measures: {{m: {{volume: {{value: 2 kt/yr, low: 0 kt/yr, high: 4 kt/yr, shape: normal, {SOURCED}}}}}}}",
    f"measures: {{m: {{volume: {{value: 2 kt/yr, low: 1 kt/yr, high: 4 kt/yr, shape: lognormal, {SOURCED}}}}}}}",
    f"measures: {{m: {{volume: {{values: {{1 Mt/yr: 30 %, 2000 kt/yr: 70 %}}, {SOURCED}}}}}}}",
    f"measures: {{m: {{change: {{values: {{-10 %: 33.3 %, 0 %: 33.3 %, 5 %: 33.4 %}}, value: 0 %, {SOURCED}}}}}}}",
    f"measures: {{m: {{lead_time: {{values: {{4 years: 50 %, 9 years: 50 %}}, drawn_with: x, {SOURCED}}}}}}}",
    f"parameters: {{sourcing_elasticity: {{aluminium: {{values: {{3: 50 %, 8.5: 50 %}}, value: 3, {SOURCED}}}}}}}",
    f"switches: {{s: {{probability: {{values: {{20 %: 50 %, 60 %: 50 %}}, {SOURCED}}}}}}}",
    "parameters: {benchmark_price: {aluminium: {value: 2.4 USD/kg, source: D0}}}",
    "measures: {m: {volume: 2 kt/yr, source: assumption, note: Why}}",
    "measures: {m: {kind: project, entry_share: {US: 10 %}, trend: included, decided: 2026, source: D0}}",
    "measures: {m: {kind: demand_shift, region: sanctioning, change: -10 %, source: D0, ends: 2030-01-31}}",
    "measures: {m: {duration: 8 years, source: D0}}",
    "measures: {m: {kind: stockpile, stock: 18 kt, release_rate: 2 kt/yr, trigger_price: 20 USD/kg, source: D0}}",
    "measures: {m: {kind: technology_transfer, lead_time_change: -3 years, change: -20 %, source: D0}}",
    "measures: {m: {kind: project, reserves: 1.5 Mt, source: D0}}",
    f"parameters: {{reserves: {{a: {{Russia: {{value: 3800 kt, {SOURCED}}}}}}}}}",
    f"parameters: {{sourcing_elasticity: {{aluminium: {{value: 5, low: 3.5, high: 12, {SOURCED}}}}}}}",
    f"parameters: {{demand_elasticity: {{aluminium: {{value: 0, {SOURCED}}}}}}}",
    f"parameters: {{supply_elasticity: {{aluminium: {{default: {{value: 0.1, {SOURCED}}}}}}}}}",
    f"parameters: {{demand_growth: {{aluminium: {{India: {{value: -2.5 %/yr, {SOURCED}}}}}}}}}",
    f"parameters: {{freight: {{a: {{default: {{value: 5 USD/t, {SOURCED}}}}}}}}}",
    f"parameters: {{freight: {{a: {{Russia: {{US: {{value: 1 USD/kg, {SOURCED}}}}}}}}}}}",
    f"parameters: {{reference_share: {{a: {{US: {{Russia: {{value: 14.6 %, {SOURCED}}}}}}}}}}}",
]
BAD = [
    "",
    "[]",
    "hello",
    "titel: A",
    "title: 2026",
    "title: true",
    "title:",
    "title: ''",
    "title: [a]",
    "1: 2",
    "schema_version: 2",
    "schema_version: '1'",
    "extends: ../secrets",
    "extends: Baseline",
    "extends: [a, b]",
    "mixins: []",
    "mixins: [a, 3]",
    "mixins: {a: b}",
    "years: 2025",
    "years: {first: 2.5}",
    "years: {first: 1066}",
    "years: {begin: 2025}",
    "switches:",
    "switches: {s: maybe}",
    "switches: {s: }",
    "switches: {s: 1}",
    "switches: {S: on}",
    "switches: {s: {}}",
    "switches: {s: {from: 2026}}",
    "switches: {s: {on_from: soon}}",
    "switches: {s: {on_from: 26}}",
    "switches: {s: {probability: 50}}",
    "switches: {s: {probability: 150 %}}",
    "switches: {s: {probability: 50 %, on_from: 2026}}",
    "switches: {s: {state: on, source: assumption}}",
    "measures: [a]",
    "measures: {m: gone}",
    "measures: {m: }",
    "measures: {M: {kind: ban}}",
    "measures: {m: {kind: embargo}}",
    "measures: {m: {kind: stockpile, stock: 18 kt/yr, source: D0}}",
    "measures: {m: {kind: stockpile, change: 5 %, source: D0}}",
    "measures: {m: {kind: technology_transfer, lead_time_change: -3, source: D0}}",
    "measures: {m: {kinds: ban}}",
    "measures: {m: {good: Al-1}}",
    "measures: {m: {origin: []}}",
    "measures: {m: {origin: {a: b}}}",
    "measures: {m: {when: [s, 'not not t']}}",
    "measures: {m: {when: Not s}}",
    "measures: {m: {starts: 2026-13-01}}",
    "measures: {m: {kind: ban, volume: 2 kt/yr, source: D0}}",
    "measures: {m: {kind: project, starts: 2026}}",
    "measures: {m: {ends: 2030, duration: 8 years, source: D0}}",
    "measures: {m: {base: EXW}}",
    "measures: {m: {trend: true}}",
    "measures: {m: {volume: 2 kt/yr}}",
    "measures: {m: {entry_share: {US: 10 %}}}",
    "measures: {m: {entry_share: 10 %, source: D0}}",
    "measures: {m: {volume: 2 kt/yr, source: assumption}}",
    "measures: {m: {volume: 2, source: D0}}",
    "measures: {m: {volume: 2 Mt, source: D0}}",
    "measures: {m: {volume: '1,5 Mt/yr', source: D0}}",
    "measures: {m: {volume: -1 Mt/yr, source: D0}}",
    "measures: {m: {volume: 5 knots, source: D0}}",
    "measures: {m: {volume: [1 kt/yr], source: D0}}",
    "measures: {m: {rate: 25, source: D0}}",
    "measures: {m: {rate: 0.25, source: D0}}",
    "measures: {m: {volume: {value: 2 kt/yr}}}",
    "measures: {m: {volume: {source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, source: D0}}}",
    "measures: {m: {volume: {low: 1,500 kt/yr, high: 2000 kt/yr, source: D0}}}",
    "measures: {m: {volume: {value: 2 kt/yr, shape: uniform, source: D0}}}",
    "measures: {m: {volume: {value: 2 kt/yr, range_source: D0, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, range_source: D0, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, shape: triangular, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, shape: normal, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, shape: lognormal, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, shape: pert, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, shape: beta, source: D0}}}",
    "measures: {m: {volume: {value: 1 kt/yr, shape: normal, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, correlation: 0.5, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, drawn_with: x, correlation: 1.5, source: D0}}}",
    "measures: {m: {volume: {low: 1 kt/yr, high: 2 kt/yr, drawn_with: x, correlation: 50 %, source: D0}}}",
    "measures: {m: {volume: {values: {}, source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 100 %}, source: D0}}}",
    "measures: {m: {volume: {values: [1 kt/yr, 2 kt/yr], source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 30, 2 kt/yr: 70}, source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: , 2 kt/yr: 100 %}, source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 130 %, 2 kt/yr: 70 %}, source: D0}}}",
    "measures: {m: {volume: {values: {1: 30 %, 2: 70 %}, source: D0}}}",
    "measures: {m: {volume: {values: {1 Mt: 30 %, 2 Mt: 70 %}, source: D0}}}",
    "measures: {m: {volume: {values: {-1 Mt/yr: 30 %, 2 Mt/yr: 70 %}, source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 30 %, 2 kt/yr: 70 %}}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 30 %, 2 kt/yr: 70 %}, low: 1 kt/yr, high: 2 kt/yr, source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 30 %, 2 kt/yr: 70 %}, shape: uniform, source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 30 %, 2 kt/yr: 70 %}, by_year: {2025: 2 kt/yr}, source: D0}}}",
    "measures: {m: {volume: {values: {1 kt/yr: 30 %, 2 kt/yr: 70 %}, range_source: D0, source: D0}}}",
    "measures: {m: {volume: {by_year: {2025: 2 kt/yr}, correlation: 0.5, source: D0}}}",
    "parameters: {sourcing_elasticity: {aluminium: {values: {3 %: 50 %, 8 %: 50 %}, source: D0}}}",
    "measures: {m: {volume: {value: 2 kt/yr, source: assumption}}}",
    "measures: {m: {volume: {value: 2 kt/yr, source: D0, comment: x}}}",
    "measures: {m: {volume: {by_year: {}, source: D0}}}",
    "measures: {m: {volume: {by_year: {soon: 2 kt/yr}, source: D0}}}",
    "measures: {m: {volume: {by_year: {2025: 2}, source: D0}}}",
    "measures: {m: {volume: {by_year: {2025: 2 kt/yr}, value: 2 kt/yr, source: D0}}}",
    "measures: {m: {volume: {by_year: {2025: 2 kt/yr}, source: assumption}}}",
    "measures: {m: {volume: {by_year: {2025: 2 kt/yr}, drawn_with: x, source: D0}}}",
    "measures: {m: {volume: {value: 2 kt/yr, drawn_with: x, source: D0}}}",
    "measures: {m: {lead_time: {by_year: {2025: 8 years}, source: D0}}}",
    "parameters: {elasticity: {}}",
    "parameters: {sourcing_elasticity: 5}",
    "parameters: {sourcing_elasticity: {aluminium: 5}}",
    "parameters: {sourcing_elasticity: {aluminium: {value: 1, source: D0}}}",
    "parameters: {sourcing_elasticity: {aluminium: {value: 5, low: 0.5, high: 9, source: D0}}}",
    "parameters: {sourcing_elasticity: {aluminium: {value: '5', source: D0}}}",
    "parameters: {sourcing_elasticity: {aluminium: {value: 5 %, source: D0}}}",
    "parameters: {demand_elasticity: {aluminium: {value: 1.5, source: D0}}}",
    "parameters: {demand_growth: {aluminium: {value: 2 %/yr, source: D0}}}",
    "parameters: {demand_growth: {aluminium: {default: {value: 2 %, source: D0}}}}",
    "parameters: {freight: {aluminium: {default: 50 USD/t}}}",
    "parameters: {freight: {aluminium: {Russia: {value: 50 USD/t, source: D0}}}}",
    "parameters: {freight: {aluminium: {1st: {US: {value: 50 USD/t, source: D0}}}}}",
]


def typed(node: Node) -> Any:
    """What an editor's YAML 1.2 reader makes of a tree."""
    if isinstance(node, ListNode):
        return [typed(item) for item in node.items]
    if not isinstance(node, ScalarNode):
        return {entry.key.text: typed(entry.value) for entry in node.entries}
    match node.kind:
        case "null":
            return None
        case "bool":
            return node.text.lower() == "true"
        case "int":
            return int(node.text, 0 if node.text.startswith("0x") else 10)
        case "float":
            return float(node.text.replace(".inf", "inf"))
    return node.text


def tree_of(text: str) -> Node:
    faults = Faults()
    node = scan_text(text, "a.yaml", faults)
    assert node is not None, faults.text()
    return node


def reader_accepts(text: str) -> bool:
    faults = Faults()
    node = wrap_states(mend_split_numbers(tree_of(text), faults))
    checked = check(ScenarioFile, node, node.place, (), faults, None)
    assert (checked is None) <= bool(len(faults))
    return not len(faults)


@cache
def validator(name: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(json.loads(schema_texts()[name]))


def schema_accepts(text: str, name: str = "scenario.schema.json") -> bool:
    return validator(name).is_valid(typed(tree_of(text)))


@pytest.mark.parametrize("text", GOOD)
def test_good_files_pass_reader_and_schema(text: str):
    assert reader_accepts(text)
    assert schema_accepts(text)


@pytest.mark.parametrize("text", BAD)
def test_bad_files_pass_neither_reader_nor_schema(text: str):
    assert not reader_accepts(text)
    assert not schema_accepts(text)


@pytest.mark.parametrize(
    "path", sorted(EXAMPLES.glob("*.yaml")) + sorted((ROOT / "scenarios").glob("*.yaml")), ids=lambda path: path.stem
)
def test_scenario_files_pass_the_schema(path: Path):
    assert schema_accepts(path.read_text(encoding="utf-8"))


def test_mixins_pass_their_schema():
    for path in (ROOT / "scenarios" / "mixins").glob("*.yaml"):
        assert schema_accepts(path.read_text(encoding="utf-8"), "mixin.schema.json"), path.name


@pytest.mark.parametrize("key", ["extends: baseline", "mixins: [a]", "compare_with: baseline", "world: metals_2024"])
def test_a_mixin_has_no_parents_of_its_own(key: str):
    faults = Faults()
    node = tree_of(key)
    assert check(MixinFile, node, node.place, (), faults, None) is None
    assert "unknown key" in faults.text()
    assert not schema_accepts(key, "mixin.schema.json")


def test_the_committed_schemas_are_those_of_the_declaration():
    for name, text in schema_texts().items():
        committed = (ROOT / "schema" / name).read_text(encoding="utf-8")
        assert committed == text, f"write {name} anew: python -m sim.inputs.schema_export"


def test_schemas_are_written_where_asked(tmp_path: Path):
    write_schemas(tmp_path / "new")
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(schema_texts())


def test_the_schemas_are_schemas():
    for text in schema_texts().values():
        jsonschema.Draft7Validator.check_schema(json.loads(text))


def test_patterns_are_ones_that_editors_understand():
    for text in schema_texts().values():
        patterns = re.findall(r'"pattern": (".*")', text)
        assert patterns
        assert not [each for each in patterns if re.search(r"\(\?<|\\Z|\\A|\(\?P", each)]


def test_every_kind_has_its_fields_and_every_field_a_kind():
    assert set(FIELDS) == set(KINDS)
    used = {name for kind in KINDS for name in fields_of(kind)}
    assert set(number_fields()) <= used


def test_units_of_fields_are_those_of_the_model():
    wanted = {
        "volume": "kt/yr",
        "capacity": "kt/yr",
        "rate": "1",
        "amount": "USD/t",
        "break_even": "USD/t",
        "capital_cost": "USD",
        "input_ratio": "t/t",
        "lead_time": "years",
        "ramp": "years",
        "duration": "years",
        "leakage": "1",
        "entry_share": "1",
        "change": "1",
        "reserves": "kt",
        "stock": "kt",
        "release_rate": "kt/yr",
        "trigger_price": "USD/t",
        "lead_time_change": "years",
        "capital_cost_change": "1",
    }
    assert {name: mark.kind.unit for name, mark in number_fields().items()} == wanted
    units = {name: mark.kind.unit for name, mark in parameter_kinds().items()}
    assert {name for name, unit in units.items() if unit == "1/yr"} == {
        "demand_memory",
        "demand_growth",
        "capacity_growth",
    }
    assert units["capacity_limit"] == "kt/yr"
    assert units["freight"] == "USD/t"
