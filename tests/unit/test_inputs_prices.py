"""Benchmark prices, numbers drawn together and demand in tonnes, as scenario files state them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.inputs.resolved_text import resolved_yaml
from tests.scenario_files import faults_of, heir, load, measures

PRICES = (
    "parameters: {benchmark_price: {rare_earth_oxide: {value: 14.5 USD/kg, low: 11000 USD/t, high: 20100 USD/t, "
    "source: iea_2025}, rare_earth_concentrate: {value: 4850 USD/t, low: 4360 USD/t, high: 7300 USD/t, "
    "source: iea_2025, drawn_with: %s}}}"
)
OXIDE = "parameters.benchmark_price.rare_earth_oxide"
CONCENTRATE = "parameters.benchmark_price.rare_earth_concentrate"
SHIFT = "m: {kind: demand_shift, good: aluminium, "


def test_price_is_read_with_the_number_it_is_drawn_with(tmp_path: Path) -> None:
    found = load(tmp_path, "x", heir(PRICES % OXIDE))
    price = found.parameters["benchmark_price", "rare_earth_concentrate"]
    assert (price.value, price.unit, price.drawn_with) == (4850.0, "USD/t", OXIDE)
    assert found.parameters["benchmark_price", "rare_earth_oxide"].value == 14500.0
    assert f'drawn_with: "{OXIDE}"' in resolved_yaml(found)


def test_number_may_be_drawn_with_one_of_a_measure(tmp_path: Path) -> None:
    text = (
        "measures: {a: {kind: cap, good: aluminium, origin: Russia, destination: US, volume: {low: 1 kt/yr, "
        "high: 2 kt/yr, source: iea_2025}}}\nparameters: {demand_memory: {aluminium: {low: 10 %/yr, high: 20 %/yr, "
        "source: iea_2025, drawn_with: measures.a.volume}}}"
    )
    found = load(tmp_path, "x", heir(text))
    assert found.parameters["demand_memory", "aluminium"].drawn_with == "measures.a.volume"


@pytest.mark.parametrize(
    ("partner", "wanted"),
    [
        ("parameters.benchmark_price.oxide", "drawn_with: no number parameters.benchmark_price.oxide to be drawn"),
        ("measures.us_section_232_aluminium.rate", "no number measures.us_section_232_aluminium.rate to be drawn"),
        (CONCENTRATE, "drawn_with: drawn with itself"),
    ],
)
def test_partner_that_has_no_stream_of_its_own_is_refused(tmp_path: Path, partner: str, wanted: str) -> None:
    (told,) = faults_of(tmp_path, "x", heir(PRICES % partner))
    assert f"{CONCENTRATE}: " in told
    assert wanted in told


def test_partner_of_a_partner_is_refused(tmp_path: Path) -> None:
    text = (PRICES % OXIDE).replace("20100 USD/t, ", f"20100 USD/t, drawn_with: {CONCENTRATE}, ")
    told = "\n".join(faults_of(tmp_path, "x", heir(text)))
    assert f"drawn with {OXIDE}, which is drawn with {CONCENTRATE}" in told


def test_point_has_nothing_to_be_drawn_together(tmp_path: Path) -> None:
    text = "parameters: {demand_memory: {aluminium: {value: 20 %/yr, drawn_with: x, source: iea_2025}}}"
    assert any("drawn_with needs low and high" in told for told in faults_of(tmp_path, "x", heir(text)))


def test_path_over_years_is_not_drawn(tmp_path: Path) -> None:
    text = "parameters: {demand_growth: {aluminium: {US: {by_year: {2025: 2 %/yr}, drawn_with: x, source: iea_2025}}}}"
    assert any("drawn_with cannot stand beside by_year" in told for told in faults_of(tmp_path, "x", heir(text)))


def test_demand_may_be_shifted_by_tonnes_in_one_region(tmp_path: Path) -> None:
    found = load(tmp_path, "x", measures(f"{SHIFT}region: US, volume: 18 kt/yr, source: D0}}")).measures["m"]
    assert (found.destinations, found.numbers["volume"].value) == (("US",), 18.0)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ("region: US, source: D0}", "measures.m: change or volume is missing, one of which demand_shift needs"),
        ("region: US, volume: 1 kt/yr, change: 5 %, source: D0}", "a demand_shift has either change or volume"),
        ("region: sanctioning, volume: 1 kt/yr, source: D0}", "measures.m.region: a single region is wanted here"),
    ],
)
def test_shift_that_does_not_say_what_of_what_is_refused(tmp_path: Path, fields: str, wanted: str) -> None:
    assert any(wanted in told for told in faults_of(tmp_path, "x", measures(f"{SHIFT}{fields}")))
