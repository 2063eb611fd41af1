from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import ScenarioError
from sim.inputs.marks import read_yaml
from sim.inputs.resolve import list_scenarios, load_scenario, validate_all
from sim.inputs.resolved_text import resolved_yaml
from sim.records.scenario import Condition, Place
from tests.scenario_files import CAP, EXAMPLES, faults_of, heir, load, measures, tiny_world, write_project

OFFER = "measures.russian_aluminium_offer"
SANCTIONS = "us_sanctions_on_russian_metals"


# ---- the examples of the format


def test_the_example_of_lifted_sanctions_resolves(tmp_path: Path):
    scenario = load(tmp_path, "sanctions_lifted", {})
    assert scenario.chain == ("sanctions_lifted", "baseline")
    assert scenario.files == ("scenarios/sanctions_lifted.yaml", "scenarios/baseline.yaml")
    assert scenario.compare_with == "baseline"
    assert scenario.question.startswith("How much of the offered 2 Mt would the US market take, who")
    assert (scenario.years.first, scenario.years.last, scenario.years.focus) == (2025, 2050, 2050)
    switch = scenario.switches[SANCTIONS]
    assert (switch.on_from, switch.off_from, switch.always_off) == (None, date(2026, 1, 1), False)
    assert switch.meaning.startswith("The import ban of 2024")
    assert switch.source == "ofac_2024"


def test_a_documented_figure_keeps_value_range_and_credit_apart(tmp_path: Path):
    offer = load(tmp_path, "sanctions_lifted", {}).measures["russian_aluminium_offer"]
    assert (offer.origins, offer.destinations, offer.starts) == (("Russia",), ("US",), date(2026, 1, 1))
    assert offer.choices == {"rent_to": "exporter"}
    volume = offer.numbers["volume"]
    assert (volume.low, volume.value, volume.high, volume.unit, volume.shape) == (
        1500.0,
        2000.0,
        2000.0,
        "kt/yr",
        "triangular",
    )
    assert volume.tiers == ("document", "assumption")
    assert volume.quote == "etwa 2 Millionen Tonnen"
    assert volume.written == {"value": "2 Mt/yr", "low": "1.5 Mt/yr", "high": "2 Mt/yr"}
    assert str(volume.place) == "scenarios/sanctions_lifted.yaml:19:5"


def test_the_example_of_a_baseline_resolves(tmp_path: Path):
    scenario = load(tmp_path, "baseline", {})
    assert scenario.compare_with is None
    duty = scenario.measures["us_section_232_aluminium"]
    assert duty.origins == ("Russia", "EU", "China")
    assert duty.numbers["rate"].by_year == ((2024, 0.1), (2025, 0.366), (2026, 0.5))
    assert duty.numbers["rate"].shape == "by_year"
    assert duty.choices == {"base": "CIF"}
    ban = scenario.measures["us_ban_on_russian_aluminium"]
    assert ban.when == (Condition(switch=SANCTIONS),)
    elasticity = scenario.parameters["sourcing_elasticity", "aluminium"]
    assert (elasticity.low, elasticity.value, elasticity.high, elasticity.tier) == (3.0, 5.0, 12.0, "derived")


def test_the_example_of_a_project_resolves(tmp_path: Path):
    plant = load(tmp_path, "joint_extraction_processing", {}).measures["russian_separation_plant"]
    assert (plant.region, plant.starts) == ("Russia", date(2026, 1, 1))
    assert plant.choices == {"input": "rare_earth_concentrate", "trend": "additional"}
    assert plant.numbers["entry_share.US"].value == 0.1
    cost = plant.numbers["capital_cost"]
    assert (cost.value, cost.low, cost.high, cost.shape, cost.range_source) == (None, 1e11, 9.99e11, "loguniform", None)


def test_a_range_without_a_value_is_uniform(tmp_path: Path):
    files = measures(f"m: {CAP}volume: {{low: 1 kt/yr, high: 2 kt/yr, source: D4}}}}")
    assert load(tmp_path, "x", files).measures["m"].numbers["volume"].shape == "uniform"


def test_values_with_weights_become_a_range_in_their_order(tmp_path: Path):
    files = measures(f"m: {CAP}volume: {{values: {{2 Mt/yr: 30 %, 500 kt/yr: 70 %}}, source: D4}}}}")
    volume = load(tmp_path, "x", files).measures["m"].numbers["volume"]
    assert (volume.shape, volume.value) == ("discrete", None)
    assert volume.values == ((500.0, 0.7), (2000.0, 0.3))
    assert (volume.low, volume.high) == (500.0, 2000.0)
    assert volume.spread_as_written == "500 kt/yr: 70 %, 2 Mt/yr: 30 %"


def test_a_correlation_stands_beside_the_number_it_is_with(tmp_path: Path):
    files = measures(
        f"m: {CAP}volume: {{low: 1 kt/yr, high: 2 kt/yr, correlation: -0.6, source: D4, "
        "drawn_with: parameters.sourcing_elasticity.aluminium}}"
    )
    volume = load(tmp_path, "x", files).measures["m"].numbers["volume"]
    assert volume.correlation == -0.6
    told = "parameters.sourcing_elasticity.aluminium at a correlation of -0.6"
    assert volume.drawn_with_as_written == told


def test_the_resolved_text_tells_values_and_correlations(tmp_path: Path):
    files = measures(
        f"m: {CAP}volume: {{values: {{2 Mt/yr: 30 %, 1 Mt/yr: 70 %}}, correlation: 0.6, source: D4, "
        "drawn_with: parameters.sourcing_elasticity.aluminium}}"
    )
    text = resolved_yaml(load(tmp_path, "x", files))
    assert 'high: 2000.0, values: {1000.0: 0.7, 2000.0: 0.3}, unit: "kt/yr", shape: "discrete", ' in text
    assert 'drawn_with: "parameters.sourcing_elasticity.aluminium", correlation: 0.6, ' in text


# ---- faults: each with file, line, column and path


# a ^ marks where the caret must stand
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (f"m: {CAP}volume: ^2 Mt, source: D0}}", "measures.m.volume: 2 Mt is not a yearly figure; write 2 Mt/yr"),
        (f"m: {CAP}volume: ^2, source: D0}}", "measures.m.volume: 2 has no unit; a yearly flow is wanted"),
        (f"m: {CAP}^volume: {{value: 2 kt/yr}}}}", "measures.m.volume: source is missing"),
        (
            f"m: {CAP}volume: ^2 kt/yr}}",
            "measures.m.volume: a bare number takes the source of its measure, which states none here",
        ),
        (
            f"m: {CAP}volume: {{value: 2 kt/yr, source: ^assumption}}}}",
            "measures.m.volume.source: source: assumption needs a note",
        ),
        (
            f"m: {CAP}volume: {{value: 2 kt/yr, source: ^d0}}}}",
            "measures.m.volume.source: no source d0 in sources.yaml; nearest is D0",
        ),
        (
            f"m: {CAP}volume: {{value: 2 kt/yr, low: ^1 kt/yr, high: 3 kt/yr, source: D0}}}}",
            "measures.m.volume.low: the range would be credited to the document D0; state its range_source",
        ),
        (
            f"m: {CAP}volume: {{value: 2 kt/yr, low: 1 kt/yr, high: 3 kt/yr, source: D0, range_source: ^D4}}}}",
            "measures.m.volume.range_source: D4 is a document; a range beside a value is never credited to one",
        ),
        (
            f"m: {CAP}volume: {{value: ^5 kt/yr, low: 1 kt/yr, high: 3 kt/yr, source: iea_2025}}}}",
            "measures.m.volume.value: value (5 kt/yr) is above high (3 kt/yr)",
        ),
        (
            f"m: {CAP}volume: {{low: ^3 kt/yr, high: 3 kt/yr, source: iea_2025}}}}",
            "measures.m.volume.low: low (3 kt/yr) is not below high (3 kt/yr)",
        ),
        (
            f"m: {CAP}volume: {{low: ^0 kt/yr, high: 3 kt/yr, shape: loguniform, source: iea_2025}}}}",
            "measures.m.volume.low: loguniform needs low above 0, not 0 kt/yr",
        ),
        (
            f"m: {CAP}volume: {{value: 1 kt/yr, low: ^0 kt/yr, high: 3 kt/yr, shape: lognormal, source: iea_2025}}}}",
            "measures.m.volume.low: lognormal needs low above 0, not 0 kt/yr",
        ),
        (
            f"m: {CAP}volume: {{low: 1 kt/yr, high: 3 kt/yr, shape: ^normal, source: iea_2025}}}}",
            "measures.m.volume.shape: normal needs a value for its mean",
        ),
        (
            f"m: {CAP}volume: {{low: 1 kt/yr, high: 3 kt/yr, shape: ^normall, source: iea_2025}}}}",
            "measures.m.volume.shape: unknown word normall; nearest is normal",
        ),
        (
            f"m: {CAP}volume: {{low: 1 kt/yr, high: 3 kt/yr, correlation: ^0.5, source: iea_2025}}}}",
            "measures.m.volume.correlation: correlation needs drawn_with, the path of the other number",
        ),
        (
            f"m: {CAP}volume: {{^values: {{1 kt/yr: 30 %, 2 kt/yr: 60 %}}, source: iea_2025}}}}",
            "measures.m.volume.values: the weights add up to 90 %, not to 100 %",
        ),
        (
            f"m: {CAP}volume: {{^values: {{1 Mt/yr: 30 %, 1000 kt/yr: 70 %}}, source: iea_2025}}}}",
            "measures.m.volume.values: 1 Mt/yr and 1000 kt/yr are the same value",
        ),
        (
            f"m: {CAP}volume: {{^values: {{1 Mt/yr: 100 %}}, source: iea_2025}}}}",
            "measures.m.volume.values: at least two values are wanted, each with its weight",
        ),
        (
            f"m: {CAP}volume: {{values: {{^1 Mt: 30 %, 2 Mt/yr: 70 %}}, source: iea_2025}}}}",
            "measures.m.volume.values.1 Mt: 1 Mt is not a yearly figure; write 1 Mt/yr",
        ),
        (
            f"m: {CAP}volume: {{values: {{1 Mt/yr: ^0 %, 2 Mt/yr: 100 %}}, source: iea_2025}}}}",
            "measures.m.volume.values.1 Mt/yr: 0 % is not above 0; a weight above 0 % is wanted",
        ),
        (
            f"m: {CAP}volume: {{value: ^3 kt/yr, values: {{1 kt/yr: 30 %, 2 kt/yr: 70 %}}, source: iea_2025}}}}",
            "measures.m.volume.value: value (3 kt/yr) is none of the values",
        ),
        (
            f"m: {CAP}volume: {{value: 1 kt/yr, ^values: {{1 kt/yr: 30 %, 2 kt/yr: 70 %}}, source: D0}}}}",
            "measures.m.volume.values: the range would be credited to the document D0; state its range_source",
        ),
        (
            f"m: {CAP}volume: {{values: {{1 kt/yr: 30 %, 2 kt/yr: 70 %}}, shape: ^uniform, source: D0}}}}",
            "measures.m.volume.shape: shape cannot stand beside values",
        ),
        (
            "m: {kind: cost_shift, region: US, ^change: {values: {-100 %: 40 %, 5 %: 60 %}, source: D0}}",
            "measures.m.change: costs cannot fall by 100 %",
        ),
        (
            f"m: {CAP}volume: {{low: ^1,500 kt/yr, high: 2 Mt/yr, source: D0}}}}",
            "measures.m.volume.low: in braces YAML splits a number at its comma; 1,500 kt/yr: a comma could",
        ),
        ("m: {kind: ^embargo}", "measures.m.kind: unknown word embargo; known: ban, tariff"),
        ("m: {kind: ^tarif}", "measures.m.kind: unknown word tarif; nearest is tariff"),
        ("^m: {good: aluminium}", "measures.m: kind is missing"),
        ("^m: {kind: ban, good: aluminium, origin: US}", "measures.m: destination is missing, which ban needs"),
        ("m: {kind: ban, ^rate: 3 %}", "measures.m.rate: rate does not belong to a ban; its fields: kind, good"),
        ("m: {kind: ban, ^orign: US}", "measures.m.orign: unknown key orign; nearest is origin"),
        ("m: {kind: ban, good: ^aluminum}", "measures.m.good: unknown good aluminum; nearest is aluminium"),
        ("m: {kind: ban, origin: ^Rusia}", "measures.m.origin: unknown region Rusia; nearest is Russia"),
        (
            "m: {kind: ban, origin: [US, ^DEU]}",
            "measures.m.origin[1]: DEU is an ISO3 code; its region is EU: regions stand by name only",
        ),
        ("m: {kind: ban, origin: ^NO}", "measures.m.origin: unknown region NO"),
        ("m: {kind: ban, origin: ^true}", "measures.m.origin: true is no name"),
        (
            "m: {kind: ban, when: ^us_sanction_on_russian_metals}",
            "measures.m.when: unknown switch us_sanction_on_russian_metals; nearest is us_sanctions_on_russian_metals",
        ),
        (
            f"m: {CAP}volume: {{value: 1 t/yr, source: D0}}, ^when: [{SANCTIONS}, not {SANCTIONS}]}}",
            f"measures.m.when: {SANCTIONS} and not {SANCTIONS} are never both true",
        ),
        ("m: {kind: ban, starts: ^2026-02-30}", "measures.m.starts: 2026-02-30 is no day of the calendar"),
        ("m: {kind: ban, starts: ^26}", "measures.m.starts: 26: a year (2026) or a date (2026-03-15) is wanted"),
        (
            "m: {kind: ban, starts: 2027, ends: ^2026-06-01}",
            "measures.m.ends: ends 2026-06-01, not after its start 2027-01-01",
        ),
        (
            "m: {kind: ban, good: aluminium, origin: US, destination: EU, ^duration: 3 years, source: D0}",
            "measures.m.duration: a duration needs starts",
        ),
        (
            "^m: {kind: tariff, good: aluminium, origin: US, destination: US, rate: 5 %, source: D0}",
            "measures.m: touches no route",
        ),
        (
            "m: {kind: ban, good: aluminium, origin: [US], destination: EU, ^except: [China]}",
            "measures.m.except: China is not among those it is taken out of",
        ),
        (
            "m: {kind: ban, good: aluminium, origin: ^all_foreign, destination: sanctioning}",
            "measures.m.origin: all_foreign needs a single region at the other end",
        ),
        (
            "m: {kind: contract, good: aluminium, ^origin: [US, EU], destination: China, volume: 1 kt/yr, source: D0}",
            "measures.m.origin: a single region is wanted here, no list and no group",
        ),
        (
            "m: {kind: outage, good: aluminium, region: ^sanctioning, capacity: 1 kt/yr, source: D0}",
            "measures.m.region: a single region is wanted here",
        ),
        (
            "m: {kind: project, good: rare_earth_oxide, input: ^aluminium}",
            "measures.m.input: rare_earth_oxide is made from rare_earth_concentrate, not from aluminium",
        ),
        (
            "m: {kind: project, good: rare_earth_oxide, ^input_ratio: 1 t/t, source: D0}",
            "measures.m.input_ratio: an input_ratio needs input",
        ),
        (
            "m: {kind: cost_shift, good: aluminium, region: US, ^change: -100 %, source: D0}",
            "measures.m.change: costs cannot fall by 100 %",
        ),
        (
            "m: {kind: technology_transfer, good: aluminium, region: US, ^change: -100 %, source: D0}",
            "measures.m.change: costs cannot fall by 100 %",
        ),
        (
            "m: {kind: stockpile, good: aluminium, ^region: [US, Russia], source: D0}",
            "measures.m.region: a single region is wanted here, no list and no group",
        ),
        ("^m: removed", "measures.m: no inherited measure m to remove; known: us_ban_on_russian_aluminium"),
        ("m: ^gone", "measures.m: a measure is a mapping, or removed; not gone"),
        ("^m:", "measures.m: a measure is a mapping, or removed; not nothing"),
        ("^m: [a]", "measures.m: a mapping is wanted here, not a list"),
        ("^M: {}", "measures.M: M is no name: small letters"),
        ("^1: {}", "measures.1: 1 is no name: small letters"),
    ],
)
def test_a_fault_in_a_measure_names_its_place_and_what_is_wanted(tmp_path: Path, line: str, wanted: str):
    told = faults_of(tmp_path, "x", measures(line.replace("^", "")))
    place = f"scenarios/x.yaml:3:{line.index('^') + 3}"
    assert [fault for fault in told if fault.startswith(f"{place}: {wanted}")]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "parameters: {sourcing_elasticity: {aluminium: ^5}}",
            "parameters.sourcing_elasticity.aluminium: a number states its source",
        ),
        (
            "parameters: {sourcing_elasticity: {aluminium: {value: 5, low: ^1, high: 9, source: iea_2025}}}",
            "parameters.sourcing_elasticity.aluminium.low: 1 is not above 1",
        ),
        (
            "parameters: {demand_elasticity: {aluminium: {value: ^1.3, source: iea_2025}}}",
            "parameters.demand_elasticity.aluminium.value: 1.3 is above 1",
        ),
        (
            (
                "parameters: {demand_elasticity: {^aluminium: {value: 0.2, low: 0.1, high: 0.5, source: D0, "
                "range_source: iea_2025}}, demand_elasticity_long: {aluminium: {value: 0.4, source: iea_2025}}}"
            ),
            "parameters.demand_elasticity.aluminium: 0.5 at most, but demand_elasticity_long is 0.4 at least",
        ),
        (
            "parameters: {demand_growth: {aluminium: {^RUS: {value: 2 %/yr, source: iea_2025}}}}",
            "parameters.demand_growth.aluminium.RUS: RUS is an ISO3 code; its region is Russia",
        ),
        (
            "parameters: {freight: {aluminium: {^Rusia: {US: {value: 2 USD/t, source: iea_2025}}}}}",
            "parameters.freight.aluminium.Rusia: unknown region Rusia; nearest is Russia",
        ),
        ("parameters: {^steel_growth: {}}", "parameters.steel_growth: unknown key steel_growth"),
        ("parameters: ^3", "parameters: a mapping is wanted here, not 3"),
        ("switches: {^s: on}", "switches.s: meaning is missing: no file declares it"),
        ("switches: {s: ^maybe}", "switches.s.state: maybe is no state of a switch; on, off, {on_from: 2026}"),
        ("switches: {s: {on_from: 2027, off_from: ^2026}}", "switches.s.state.off_from: off from 2026-01-01"),
        ("years: {last: ^2020}", "years.last: 2020 is before the first year, 2025"),
        ("years: {first: ^2024}", "years.first: 2024 must come after the benchmark year 2024"),
        ("years: {last: ^2150}", "years.last: 2150 is more than 100 years after the first"),
        ("years: {focus: ^2051}", "years.focus: 2051 is not from 2025 to 2050"),
        ("years: {last: ^.inf}", "years.last: .inf: a year from 1900 to 2199 is wanted"),
        ("years: {last: ^0x7F8}", "years.last: 0x7F8: a year from 1900 to 2199 is wanted"),
        ("compare_with: ^x", "compare_with: a scenario cannot be its own baseline"),
        ("compare_with: ^basline", "compare_with: no scenario basline; nearest is baseline"),
        ("mixins: [^nope]", "mixins: no mixin nope; there is none"),
        ("world: ^metals", "world: no world metals; nearest is metals_2024"),
        ("world: ^../..", "world: ../.. is no name"),
        ("mixins: ^/etc/passwd", "mixins: /etc/passwd is no name"),
        ("^~: 1", "~: unknown key ~"),
        ("^2: 1", "2: unknown key 2"),
        ("schema_version: ^2", "schema_version: schema_version 2: this program reads 1"),
    ],
)
def test_a_fault_elsewhere_names_its_place_and_what_is_wanted(tmp_path: Path, text: str, wanted: str):
    told = faults_of(tmp_path, "x", heir(text.replace("^", "")))
    place = f"scenarios/x.yaml:2:{text.index('^') + 1}"
    assert [fault for fault in told if fault.startswith(f"{place}: {wanted}")]


def test_an_unknown_kind_hides_no_other_fault_of_its_measure(tmp_path: Path):
    files = measures("m:", "  kind: tarif", "  good: alu", "  origin: RUS", "  rate: 25", "  wat: 3")
    told = faults_of(tmp_path, "x", files)
    assert [fault.split(": ")[1] for fault in told] == [
        "measures.m.kind",
        "measures.m.good",
        "measures.m.origin",
        "measures.m.rate",
        "measures.m.rate",
        "measures.m.wat",
    ]


def test_faults_of_all_files_come_at_once_in_order(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "x.yaml": "extends: y\nmixins: [m]\ntitel: a\n",
        "y.yaml": "extends: baseline\nquestoin: b\n",
        "mixins/m.yaml": "swiches: {}\n",
    }
    told = faults_of(tmp_path, "x", files)
    assert [fault.split(": ")[0] for fault in told] == [
        "scenarios/mixins/m.yaml:1:1",
        "scenarios/x.yaml:3:1",
        "scenarios/y.yaml:2:1",
    ]


def test_a_syntax_error_stops_only_its_own_file(tmp_path: Path):
    files: dict[str, str | bytes] = {"x.yaml": "extends: y\ntitel: a\n", "y.yaml": "extends: [baseline\n"}
    told = faults_of(tmp_path, "x", files)
    assert told[0].startswith("scenarios/x.yaml:2:1: titel: unknown key titel")
    assert told[1].startswith("scenarios/y.yaml:2:1: not YAML")
    assert len(told) == 2


def test_one_wrong_number_is_one_fault(tmp_path: Path):
    assert len(faults_of(tmp_path, "x", measures(f"m: {CAP}volume: 2 Mt, source: D0}}"))) == 1


def test_each_fault_shows_its_line_and_a_caret(tmp_path: Path):
    write_project(tmp_path, heir("titel: A\n"))
    with pytest.raises(ScenarioError, match="titel") as caught:
        load_scenario("x", tmp_path, read_world=tiny_world)
    assert str(caught.value).split("\n")[1:] == ["    titel: A", "    ^"]
    assert caught.value.exit_code == 2


# ---- inheritance


def test_an_unknown_scenario_is_told_with_the_nearest_one(tmp_path: Path):
    assert faults_of(tmp_path, "sanction_lifted", {}) == ["no scenario sanction_lifted; nearest is sanctions_lifted"]


@pytest.mark.parametrize(
    "name", ["../x", "/etc/passwd", "mixins/m", "", ".", "Baseline", "x" * 5000, "a\nb", "baseline.yaml"]
)
def test_a_name_never_leads_out_of_the_scenarios_folder(tmp_path: Path, name: str):
    (tmp_path / "x.yaml").write_text("world: metals_2024\n")
    assert len(faults_of(tmp_path, name, {"mixins/m.yaml": "{}"})) == 1


def test_a_link_out_of_the_scenarios_folder_is_not_followed(tmp_path: Path):
    outside = tmp_path / "secret.yaml"
    outside.write_text("title: secret\n")
    write_project(tmp_path / "project", {})
    (tmp_path / "project" / "scenarios" / "x.yaml").symlink_to(outside)
    with pytest.raises(ScenarioError, match="no scenario x"):
        load_scenario("x", tmp_path / "project", read_world=tiny_world)


def test_a_cycle_of_parents_is_an_error(tmp_path: Path):
    files: dict[str, str | bytes] = {"x.yaml": "extends: y\n", "y.yaml": "extends: x\n"}
    assert faults_of(tmp_path, "x", files) == ["scenarios/y.yaml:1:10: extends: a cycle: x > y > x"]


def test_a_chain_has_five_files_and_not_six(tmp_path: Path):
    files: dict[str, str | bytes] = {f"x{n}.yaml": f"extends: x{n + 1}\n" for n in range(1, 4)}
    files |= {"x0.yaml": "extends: x1\n", "x4.yaml": "extends: baseline\n"}
    assert load(tmp_path / "a", "x1", files).chain == ("x1", "x2", "x3", "x4", "baseline")
    assert faults_of(tmp_path / "b", "x0", files) == [
        "scenarios/x4.yaml:1:10: extends: more than 5 files in a chain: x0 > x1 > x2 > x3 > x4 > baseline"
    ]


def test_an_overridden_number_inherits_nothing(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "x.yaml": "extends: sanctions_lifted\nmeasures:\n  russian_aluminium_offer:\n"
        "    volume: {value: 1 Mt/yr, source: iea_2025}\n"
    }
    offer = load(tmp_path, "x", files).measures["russian_aluminium_offer"]
    volume = offer.numbers["volume"]
    assert (volume.value, volume.low, volume.high, volume.quote, volume.note) == (1000.0, None, None, None, None)
    assert offer.starts == date(2026, 1, 1)


def test_mappings_merge_and_lists_replace(tmp_path: Path):
    files = measures("us_section_232_aluminium: {except: [China]}")
    duty = load(tmp_path, "x", files).measures["us_section_232_aluminium"]
    assert duty.origins == ("Russia", "EU", "Australia", "Argentina")
    assert duty.numbers["rate"].source == "fr_2025_06"


def test_a_measure_can_be_removed(tmp_path: Path):
    scenario = load(tmp_path, "x", measures("us_section_232_aluminium: removed"))
    assert sorted(scenario.measures) == ["us_ban_on_russian_aluminium", "us_duty_on_russian_aluminium"]


def test_a_state_replaces_the_inherited_state_as_a_whole(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "y.yaml": f"extends: baseline\nswitches: {{{SANCTIONS}: {{off_from: 2030}}}}\n",
        "x.yaml": f"extends: y\nswitches: {{{SANCTIONS}: {{on_from: 2027}}}}\n",
    }
    switch = load(tmp_path, "x", files).switches[SANCTIONS]
    assert (switch.on_from, switch.off_from, switch.source) == (date(2027, 1, 1), None, "ofac_2024")


@pytest.mark.parametrize(("word", "off"), [("on", False), ("yes", False), ("true", False), ("off", True), ("no", True)])
def test_on_and_off_mean_a_switch_where_a_switch_stands(tmp_path: Path, word: str, off: bool):
    assert load(tmp_path, "x", heir(f"switches: {{{SANCTIONS}: {word}}}")).switches[SANCTIONS].always_off is off


def test_a_probability_without_a_source_is_an_assumption_of_the_scenario(tmp_path: Path):
    files = heir(f"switches: {{{SANCTIONS}: {{probability: 30 %}}}}")
    chance = load(tmp_path, "x", files).switches[SANCTIONS].probability
    assert chance is not None
    assert (chance.value, chance.tier, chance.note) == (0.3, "assumption", "a choice of the scenario")


def test_a_bare_number_takes_source_and_note_of_its_measure(tmp_path: Path):
    files = measures(f"m: {CAP}volume: 2 kt/yr, source: assumption, note: We think so}}")
    volume = load(tmp_path, "x", files).measures["m"].numbers["volume"]
    assert (volume.value, volume.source, volume.note) == (2.0, "assumption", "We think so")


def test_a_bare_number_is_never_credited_to_the_source_of_another_file(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "y.yaml": f"extends: baseline\nmeasures: {{m: {CAP}volume: 2 kt/yr, source: iea_2025}}}}\n",
        "x.yaml": "extends: y\nmeasures: {m: {volume: 9 kt/yr}}\n",
    }
    [told] = faults_of(tmp_path, "x", files)
    assert told.startswith("scenarios/x.yaml:2:24: measures.m.volume: a bare number takes the source of its measure")


def test_titles_are_not_inherited(tmp_path: Path):
    files: dict[str, str | bytes] = {"x_y.yaml": "extends: sanctions_lifted\n"}
    scenario = load(tmp_path, "x_y", files)
    assert (scenario.title, scenario.question) == ("x y", "")


def test_child_beats_mixins_and_mixins_beat_parent(tmp_path: Path):
    rate = "{kind: tariff, good: aluminium, origin: China, destination: EU, source: iea_2025, rate: %d %%}"
    files: dict[str, str | bytes] = {
        "p.yaml": f"extends: baseline\nmeasures:\n  a: {rate % 1}\n  b: {rate % 1}\n  c: {rate % 1}\n",
        "mixins/one.yaml": f"measures:\n  b: {rate % 2}\n",
        "mixins/two.yaml": f"measures:\n  c: {rate % 2}\n  us_section_232_aluminium: removed\n",
        "x.yaml": f"extends: p\nmixins: [one, two]\nmeasures:\n  c: {rate % 3}\n",
    }
    scenario = load(tmp_path, "x", files)
    rates = {name: scenario.measures[name].numbers["rate"].value for name in "abc"}
    assert rates == {"a": 0.01, "b": 0.02, "c": 0.03}
    assert "us_section_232_aluminium" not in scenario.measures
    assert scenario.files[:3] == ("scenarios/x.yaml", "scenarios/mixins/one.yaml", "scenarios/mixins/two.yaml")


def test_two_mixins_that_set_one_key_are_at_fault(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "mixins/one.yaml": "years: {last: 2040}\nmeasures: {us_section_232_aluminium: {starts: 2026}}\n",
        "mixins/two.yaml": "years: {last: 2040}\nmeasures: {us_section_232_aluminium: removed}\n",
        "x.yaml": "extends: baseline\nmixins: [one, two]\n",
    }
    both = "the mixins one and two both set it (first at scenarios/mixins/one.yaml"
    assert faults_of(tmp_path, "x", files) == [
        f"scenarios/mixins/two.yaml:1:15: years.last: {both}:1:15)",
        f"scenarios/mixins/two.yaml:2:38: measures.us_section_232_aluminium: {both}:2:47)",
    ]


# ---- regions


def test_groups_are_spelled_out_in_the_order_of_the_world(tmp_path: Path):
    files = measures("m: {kind: ban, good: aluminium, origin: [China, Russia], destination: sanctioning}")
    ban = load(tmp_path, "x", files).measures["m"]
    assert (ban.origins, ban.destinations) == (("Russia", "China"), ("US", "EU"))


def test_all_foreign_leaves_out_the_region_at_the_other_end(tmp_path: Path):
    files = measures(
        "m: {kind: ban, good: aluminium, origin: all_foreign, destination: US, except: [EU, China]}",
        "n: {kind: export_tax, good: aluminium, origin: China, destination: all_foreign, rate: 5 %, source: D0}",
        "o: {kind: tariff, good: aluminium, origin: all_foreign, destination: sanctioning, rate: 5 %, source: D0}",
    )
    scenario = load(tmp_path, "x", files)
    assert scenario.measures["m"].origins == ("Russia", "Australia", "Argentina")
    assert scenario.measures["n"].destinations == ("US", "Russia", "EU", "Australia", "Argentina")
    assert scenario.measures["o"].origins == ("US", "Russia", "EU", "Australia", "Argentina", "China")


def test_a_demand_shift_speaks_of_regions_as_destinations(tmp_path: Path):
    files = measures("m: {kind: demand_shift, good: aluminium, region: sanctioning, change: -10 %, source: D0}")
    shift = load(tmp_path, "x", files).measures["m"]
    assert (shift.destinations, shift.region, shift.numbers["change"].value) == (("US", "EU"), None, -0.1)


def test_parameters_are_keyed_by_their_path(tmp_path: Path):
    files = heir(
        "parameters:\n"
        "  supply_elasticity: {aluminium: {default: {value: 0.1, source: D0}, old_scrap: {value: 0.2, source: D0}}}\n"
        "  freight:\n"
        "    aluminium:\n"
        "      default: {value: 60 USD/t, source: D0}\n"
        "      Russia: {US: {value: 80 USD/t, source: D0}}\n"
        "  reference_share: {aluminium: {US: {Russia: {value: 14.6 %, source: D0}}}}\n"
    )
    found = {path: number.value for path, number in load(tmp_path, "x", files).parameters.items()}
    assert found == {
        ("sourcing_elasticity", "aluminium"): 5.0,
        ("supply_elasticity", "aluminium", "default"): 0.1,
        ("supply_elasticity", "aluminium", "old_scrap"): 0.2,
        ("freight", "aluminium", "default"): 60.0,
        ("freight", "aluminium", "Russia", "US"): 80.0,
        ("reference_share", "aluminium", "US", "Russia"): 0.146,
    }


# ---- SET


def test_set_replaces_a_number_as_an_assumption_of_its_own(tmp_path: Path):
    scenario = load(tmp_path, "sanctions_lifted", {}, f"{OFFER}.volume=1 Mt/yr; years.last = 2040")
    volume = scenario.measures["russian_aluminium_offer"].numbers["volume"]
    assert (volume.value, volume.low, volume.source, volume.note) == (
        1000.0,
        None,
        "assumption",
        "set on the command line",
    )
    assert volume.place == Place(file="SET", line=1, column=41)
    assert scenario.years.last == 2040


def test_set_takes_ranges_states_lists_and_removals(tmp_path: Path):
    text = (
        f"{OFFER}.volume={{low: 1 Mt/yr, high: 3 Mt/yr}}; switches.{SANCTIONS}={{probability: 40 %}};"
        " measures.us_duty_on_russian_aluminium.destination=[US, EU]; measures.us_section_232_aluminium=removed;"
        f"{OFFER}.starts='2027'"
    )
    scenario = load(tmp_path, "sanctions_lifted", {}, text)
    assert scenario.measures["russian_aluminium_offer"].numbers["volume"].shape == "uniform"
    assert scenario.measures["russian_aluminium_offer"].starts == date(2027, 1, 1)
    assert scenario.measures["us_duty_on_russian_aluminium"].destinations == ("US", "EU")
    assert "us_section_232_aluminium" not in scenario.measures
    chance = scenario.switches[SANCTIONS].probability
    assert chance is not None
    assert (chance.value, chance.note) == (0.4, "set on the command line")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (
            "measures.russian_aluminium_ofer.volume=1 Mt/yr",
            f"1: measures.russian_aluminium_ofer.volume: no file states this path; nearest is {OFFER}.volume",
        ),
        (f"{OFFER}.volume=1", f"41: {OFFER}.volume.value: 1 has no unit; a yearly flow is wanted"),
        (f"{OFFER}.volume.low=1 Mt/yr", f"1: {OFFER}.volume.low: a number is set as one unit: {OFFER}.volume=..."),
        (f"{OFFER}={{starts: 2027}}", f"1: {OFFER}: holds several values; set one of {OFFER}.kind, {OFFER}.good"),
        (f"{OFFER}.origin=RUS", f"41: {OFFER}.origin: RUS is an ISO3 code; its region is Russia"),
        (f"{OFFER}.starts=*x", "41: aliases (*x) are not accepted"),
        (f"{OFFER}.starts=[1", "43: not YAML"),
        ("years.last=", "1: years.last: nothing stands here; a year is wanted"),
        ("years.last", "1: path=value is wanted, not years.last"),
        ("years.last=2040; years.last=2041", "18: years.last: is set twice"),
        (f"{OFFER}=removed; {OFFER}.starts=2027", f"43: {OFFER}.starts: is set twice"),
        ("years=3", "1: years: holds several values; set one of years.first, years.last"),
        ("title=x", "1: title: SET changes years, switches, measures, parameters only"),
        ("world=../..", "1: world: SET changes years, switches, measures, parameters only"),
        ("=3", "1: SET changes years, switches, measures, parameters only"),
        (
            "parameters.sourcing_elasticity.aluminium=1",
            "42: parameters.sourcing_elasticity.aluminium.value: 1 is not above",
        ),
        ("x" * 10001, "1: longer than 10000 characters"),
        ("years.last=2040\nyears.first=2026", "1: holds a line break"),
    ],
)
def test_a_fault_of_set_names_its_column(tmp_path: Path, text: str, wanted: str):
    assert [fault for fault in faults_of(tmp_path, "sanctions_lifted", {}, text) if fault.startswith(f"SET:1:{wanted}")]


@pytest.mark.parametrize("text", ["", "  ", ";", " ; ;; "])
def test_an_empty_set_changes_nothing(tmp_path: Path, text: str):
    assert load(tmp_path / "a", "baseline", {}, text) == load(tmp_path / "b", "baseline", {})


# ---- all scenarios of a project


def test_scenarios_are_listed_by_title_or_first_fault(tmp_path: Path):
    root = write_project(tmp_path, {"x.yaml": "a: [1\n", "y.yaml": "titel: b\n", "Bad.yaml": "{}", "z.yml": "{}"})
    listed = dict(list_scenarios(root))
    assert list(listed) == ["baseline", "joint_extraction_processing", "sanctions_lifted", "x", "y"]
    assert listed["baseline"] == "baseline"
    assert listed["sanctions_lifted"] == "The United States lift their sanctions on Russian metals"
    assert listed["x"].startswith("scenarios/x.yaml:2:1: not YAML")
    assert listed["y"].startswith("scenarios/y.yaml:1:1: titel: unknown key")


def test_a_project_without_scenarios_lists_none(tmp_path: Path):
    assert list_scenarios(tmp_path) == []


def test_validation_reads_every_file_and_tells_each_fault_once(tmp_path: Path):
    files: dict[str, str | bytes] = {
        "x.yaml": "extends: y\n",
        "y.yaml": "extends: baseline\ntitel: b\n",
        "z.yaml": "extends: y\n",
        "mixins/alone.yaml": "swiches: {}\n",
        "Bad.yaml": "{}",
        "old.yml": "{}",
    }
    root = write_project(tmp_path, files)
    with pytest.raises(ScenarioError, match="titel") as caught:
        validate_all(root, read_world=tiny_world)
    told = [line.split(": ")[0] for line in str(caught.value).split("\n") if not line.startswith("    ")]
    assert told == [
        "scenarios/Bad.yaml:1:1",
        "scenarios/mixins/alone.yaml:1:1",
        "scenarios/old.yml:1:1",
        "scenarios/y.yaml:2:1",
    ]


def test_validation_names_what_holds(tmp_path: Path):
    root = write_project(tmp_path, {})
    assert validate_all(root, read_world=tiny_world) == ("baseline", "joint_extraction_processing", "sanctions_lifted")


def test_a_fault_of_the_world_is_told_as_its_reader_words_it(tmp_path: Path):
    def broken(_folder: Path):
        raise ScenarioError("world.yaml:3:1: goods: nothing stands here")

    write_project(tmp_path, {})
    with pytest.raises(ScenarioError, match=r"^world\.yaml:3:1: goods: nothing stands here$"):
        load_scenario("baseline", tmp_path, read_world=broken)


# ---- the resolved scenario as text


def test_the_resolved_text_gives_each_value_with_source_tier_file_and_line(tmp_path: Path):
    text = resolved_yaml(load(tmp_path, "sanctions_lifted", {}))
    assert (
        '    volume: {value: 2000.0, low: 1500.0, high: 2000.0, unit: "kt/yr", shape: "triangular", '
        'written: {"value": "2 Mt/yr", "low": "1.5 Mt/yr", "high": "2 Mt/yr"}, source: "D0", tier: "document", '
        'range_source: "assumption", range_tier: "assumption", quote: "etwa 2 Millionen Tonnen", '
        'note: "The text gives one figure; the lower end is our reading of \\"etwa\\".", '
        'at: "scenarios/sanctions_lifted.yaml:19"}\n'
    ) in text
    assert '    off_from: "2026-01-01"\n' in text
    assert 'compare_with: "baseline"\n' in text


def test_the_resolved_text_is_yaml_and_the_same_each_time(tmp_path: Path):
    files = heir(
        'title: "\\"quoted\\", back\\\\slash, \u00fcber \U0001f6a2 \\u200b"\n'
        f"switches: {{{SANCTIONS}: {{probability: 5 %}}}}\n"
    )
    text = resolved_yaml(load(tmp_path / "a", "x", files))
    assert text == resolved_yaml(load(tmp_path / "b", "x", files))
    path = tmp_path / "resolved.yaml"
    path.write_text(text, encoding="utf-8")
    read_yaml(path, path.name)


# ---- whatever stands in a file


@pytest.mark.parametrize("content", ["", "\n", "# only a comment\n", "~", "[]", "hello", "- a\n- b\n", "---\n", "3"])
def test_a_file_that_is_no_mapping_is_one_fault(tmp_path: Path, content: str):
    told = faults_of(tmp_path, "x", {"x.yaml": content})
    assert len(told) == 1
    assert "a mapping is wanted here" in told[0]


LINES = sorted({line for path in EXAMPLES.glob("*.yaml") for line in path.read_text(encoding="utf-8").split("\n")})
ODD = [
    "~",
    "{}",
    "[]",
    "a: b: c",
    "\t",
    "&a",
    "*a",
    "<<: {}",
    "- -",
    "? x",
    ".inf",
    "0x10",
    "9" * 500,
    "'",
    '"',
    "!!x",
    "%",
    "\u2028",
    "on",
    "1,5 %",
]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.sampled_from(LINES + ODD) | st.text(max_size=20), max_size=30))
def test_whatever_lines_stand_in_a_file_it_loads_or_is_refused_in_words(tmp_path: Path, lines: list[str]):
    root = tmp_path / "project"
    if not root.exists():
        write_project(root, {})
    (root / "scenarios" / "x.yaml").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        load_scenario("x", root, read_world=tiny_world)
    except ScenarioError as error:
        assert str(error).startswith("scenarios/x.yaml:")  # noqa: PT017 -- the other outcome is as good


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.text(max_size=60)
    | st.builds(
        "{}={}".format,
        st.sampled_from([f"{OFFER}.volume", f"switches.{SANCTIONS}", "years.last"]),
        st.text(max_size=20),
    )
)
def test_whatever_stands_in_set_it_is_taken_or_refused_in_words(tmp_path: Path, text: str):
    root = tmp_path / "project"
    if not root.exists():
        write_project(root, {})
    try:
        load_scenario("sanctions_lifted", root, text, read_world=tiny_world)
    except ScenarioError as error:
        assert str(error).startswith("SET:1:")  # noqa: PT017 -- the other outcome is as good


def test_resolved_text_says_that_documented_figures_are_not_validated(tmp_path: Path):
    shipped = Path(__file__).parents[2]
    text = resolved_yaml(load_scenario("sanctions_lifted", shipped))
    assert text.startswith("# What is of tier document is stated by the documents, not validated\n")
    assert re.search(r"tier: \"?document", text)
