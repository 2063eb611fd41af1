"""The base years of the episodes: that they balance and replicate, and how they compare with what was not used."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.app import baseline_of
from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.checks import checks_of
from sim.inputs.observed import read_before, read_observed
from sim.inputs.resolve import load_scenario
from sim.inputs.world import read_world
from sim.model import simulate
from sim.records.backtest import FLOW, IMPORT_SHARE, Observation
from sim.records.scenario import Scenario
from sim.records.trajectory import SOLVED
from sim.records.world import World
from sim.study.world import build_world

ROOT = Path(__file__).parents[2]
BACKTESTS = ROOT / "scenarios" / "backtests"
WORLDS = ("aluminium_2016", "aluminium_2017", "rare_earths_2009", "rare_earths_2010")
EPISODES = (
    "rare_earth_quota_2010",
    "rare_earth_quota_2010_from_2010",
    "rusal_and_232_2018",
    "rusal_and_232_2018_from_2016",
    "section_232_2025",
)
CARRIED = [name for name in EPISODES if name != "section_232_2025"]
# how markets respond: one set for the shipped scenarios and all episodes
RESPONSES = {
    "sourcing_elasticity",
    "sourcing_elasticity_short",
    "contract_renewal",
    "demand_elasticity",
    "demand_elasticity_long",
    "demand_memory",
    "supply_elasticity",
    "taste_follows_capacity",
    "freight",
}


def folder_of(name: str) -> Path:
    return ROOT / "scenarios" / "worlds" / name


@cache
def world_of(name: str) -> World:
    return build_world(folder_of(name))


@cache
def episode(name: str) -> Scenario:
    return load_scenario(f"backtests/{name}", ROOT)


@cache
def observed(name: str) -> tuple[Observation, ...]:
    definition = read_world(folder_of(episode(name).world))
    return read_observed(BACKTESTS / f"{name}.csv", definition, definition.sources)


def flow(world: World, origin: str, destination: str) -> float:
    return float(world.flows[0, world.region_index(origin), world.region_index(destination)])


def imports(world: World, destination: str) -> float:
    place = world.region_index(destination)
    return float(world.flows[0, :, place].sum() - world.flows[0, place, place])


def rows(world: str, table: str) -> list[dict[str, str]]:
    with (folder_of(world) / table).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_every_episode_has_its_files() -> None:
    assert sorted(path.stem for path in BACKTESTS.glob("*.csv")) == list(EPISODES)
    assert {path.stem for path in BACKTESTS.glob("*.yaml")} == {*EPISODES, *WORLDS, "metals_2024"}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_balances(name: str) -> None:
    world = world_of(name)
    made = np.zeros(len(world.regions))
    np.add.at(made, world.asset_region, world.output)
    assert np.abs(world.flows[0].sum(axis=1) - made).max() < 1e-8
    assert (world.flows >= 0).all()
    assert (world.capacity >= world.output / 0.98 - 1e-9).all()


@pytest.mark.parametrize("name", EPISODES)
def test_the_benchmark_year_replicates_and_every_year_balances(name: str) -> None:
    scenario = episode(name)
    world = world_of(scenario.world)
    params = build_params(scenario, load_scenario(baseline_of(scenario), ROOT), world, Draws(seed=1, count=0))
    found = simulate(params)
    assert found.status.tolist() == [SOLVED]
    told = checks_of(params, found)  # raises BalanceError where one is broken
    assert {"benchmark flows are replicated", "benchmark prices are replicated"} <= {check.name for check in told}
    assert np.abs(found.flow[0, 0] - world.flows).max() < 1e-6


@pytest.mark.parametrize("name", EPISODES)
def test_an_episode_responds_like_the_shipped_baseline(name: str) -> None:
    shipped, mine = load_scenario("baseline", ROOT).parameters, episode(name).parameters
    compared = [path for path in mine if path[0] in RESPONSES]
    assert len(compared) >= 8
    for path in compared:
        one, other = mine[path], shipped[path]
        assert (one.value, one.low, one.high, one.source) == (other.value, other.low, other.high, other.source)


@pytest.mark.parametrize("name", EPISODES)
def test_what_was_observed_starts_where_the_world_does(name: str) -> None:
    world = world_of(episode(name).world)
    starts = [each for each in observed(name) if each.year == world.year and each.quantity in {FLOW, IMPORT_SHARE}]
    assert {each.quantity for each in starts} == {FLOW, IMPORT_SHARE}
    for each in starts:
        cell = flow(world, each.partner, each.region)
        wanted = cell if each.quantity == FLOW else cell / imports(world, each.region)
        assert each.value == pytest.approx(wanted, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("name", CARRIED)
def test_later_flows_carry_the_change_of_what_was_reported(name: str) -> None:
    year = world_of(episode(name).world).year
    flows = {(each.series, each.year): each for each in observed(name) if each.quantity == FLOW}
    later = [(series, when) for series, when in flows if when > year]
    assert len(later) > 50
    for series, when in later:
        then, start = flows[series, when], flows[series, year]
        assert then.value / start.value == pytest.approx(_told(then) / _told(start), rel=0.01, abs=0.005)


@pytest.mark.parametrize("name", CARRIED)
def test_observed_shares_are_those_of_the_carried_flows_and_add_up(name: str) -> None:
    flows = {(*each.series[1:], each.year): each.value for each in observed(name) if each.quantity == FLOW}
    listed: dict[tuple[str, int], float] = {}
    for each in observed(name):
        if each.quantity == IMPORT_SHARE:
            assert each.value == pytest.approx(flows[*each.series[1:], each.year] / _told(each), abs=1e-4)
            market = each.region, each.year
            listed[market] = listed.get(market, 0.0) + each.value
    assert len(listed) > 12
    assert max(listed.values()) <= 1.0001


@pytest.mark.parametrize("name", CARRIED)
def test_past_is_known_of_nearly_every_series_and_grows_with_the_years(name: str) -> None:
    seen = observed(name)
    past = read_before(BACKTESTS / "before" / f"{name}.csv", seen, read_world(folder_of(episode(name).world)).sources)
    year = world_of(episode(name).world).year
    wanted = {(each.series, each.year - year) for each in seen if each.year > year}
    assert set(past) <= wanted
    assert len(past) > 0.9 * len(wanted)
    shortest, longest = min(ahead for _, ahead in past), max(ahead for _, ahead in past)
    grown = [past[series, longest] > past[series, shortest] for series, ahead in past if ahead == longest]
    assert np.mean(grown) > 0.5


def _told(observation: Observation) -> float:
    """The first number of the note: what was reported, or the imports that a share is of."""
    return float(observation.note.removeprefix("Reported ").removeprefix("Of ").split()[0])


def test_aluminium_of_2017_compares_with_figures_that_were_not_used() -> None:
    world = world_of("aluminium_2017")
    smelted = sum(made for name, made in zip(world.asset_names, world.output, strict=True) if name == "smelters")
    assert smelted == pytest.approx(62_646, abs=1)  # all that the British survey lists, the US after its own
    assert imports(world, "US") == pytest.approx(6_220 - 1_330)
    assert world.flows[0, :, world.region_index("US")].sum() == pytest.approx(741 + 1_590 + 4_890)
    # Aluminium Association of Canada: 209.6 kt a month
    assert flow(world, "Canada", "US") == pytest.approx(12 * 209.6, rel=0.05)
    # Trade Data Monitor: 14.6 % of imports in all forms
    assert flow(world, "Russia", "US") / imports(world, "US") == pytest.approx(0.146, abs=0.01)


def test_american_imports_in_all_forms_add_up_to_a_total_that_was_not_used() -> None:
    """HS 7601: 4,877 kt in 2017, 347 from Russia over its 8.9 % in 2018, 3,805 in 2019; 7601.10 alone fell by 36 %."""
    totals = {
        each.year: _told(each)
        for each in observed("rusal_and_232_2018")
        if each.quantity == IMPORT_SHARE and each.region == "US"
    }
    assert totals[2018] / totals[2017] == pytest.approx(347 / 0.089 / 4_877, abs=0.03)
    assert totals[2019] / totals[2017] == pytest.approx(3_805 / 4_877, abs=0.03)


def test_the_trade_code_says_what_it_is_cited_for() -> None:
    code = {
        (row["exporter"], row["importer"]): float(row["kt"]) for row in rows("aluminium_2017", "aluminium_trade.csv")
    }
    assert code["RUS", "USA"] == pytest.approx(636, abs=1)
    assert sum(kt for (_, importer), kt in code.items() if importer == "USA") == pytest.approx(2_978, abs=1)


def test_aluminium_of_2016_is_before_the_purchases_in_advance() -> None:
    world = world_of("aluminium_2016")
    assert imports(world, "US") == pytest.approx(3_967.1)
    assert world.output[world.asset_region == world.region_index("US")].tolist() == pytest.approx([818, 1_565])


@pytest.mark.parametrize(
    ("name", "gross", "content"), [("rare_earths_2009", 43_821, 29.65), ("rare_earths_2010", 56_267, 38.19)]
)
def test_chinese_exports_in_gross_weight_and_content(name: str, gross: float, content: float) -> None:
    records = [row for row in rows(name, "rare_earth_records.csv") if row["exporter"] == "CHN"]
    assert sum(float(row["gross_t"]) for row in records) == pytest.approx(gross, abs=1)
    factor = {"280530": 1.17, "284610": 0.592, "284690": 0.592}
    assert sum(float(row["gross_t"]) * factor[row["code"]] for row in records) / 1000 == pytest.approx(
        content, abs=0.01
    )
    world = world_of(name)
    china = world.region_index("China")
    # with what Hong Kong sells on, less what is sent there
    assert world.flows[0, china].sum() - world.flows[0, china, china] == pytest.approx(content, rel=0.01)


@pytest.mark.parametrize("name", ["rare_earths_2009", "rare_earths_2010"])
def test_records_left_out_are_told(name: str) -> None:
    told = [note for note in world_of(name).report if "record left out" in note]
    assert any("AUT to DEU" in note and "suspect" in note for note in told)
    assert len(told) == next(
        int(note.split("out: ")[1].split(",")[0]) for note in world_of(name).report if "records left out" in note
    )


def test_the_quota_holds_no_exports_of_its_years() -> None:
    quota = episode("rare_earth_quota_2010").measures
    announced = {"chinese_quota_of_2010": 30.258, "chinese_quota_of_2011": 30.246, "chinese_quota_of_2012": 30.996}
    assert set(quota) == set(announced)
    for name, tonnes in announced.items():
        volume = quota[name].numbers["volume"]
        ends = (tonnes * 0.677 / 0.85, tonnes * 0.677 / 0.775, tonnes / 0.70)  # gross, gross, content; 15, 22.5, 30 %
        assert (volume.low, volume.value, volume.high) == pytest.approx(ends, abs=0.06)


def test_duties_have_the_days_they_were_decided_for() -> None:
    measures = episode("rusal_and_232_2018").measures
    days = {
        name: (str(each.starts), str(each.ends)) for name, each in measures.items() if "232" in name or "rusal" in name
    }
    assert days == {
        "us_section_232_of_2018": ("2018-03-23", "None"),
        "us_section_232_on_korea": ("2018-05-01", "None"),
        "us_section_232_on_europe_and_brazil": ("2018-06-01", "None"),
        "us_section_232_on_neighbours": ("2018-06-01", "2019-05-20"),
        "rusal_shut_out_of_the_us": ("2018-04-06", "2019-01-27"),
        "rusal_shut_out_of_new_business": ("2018-04-06", "2019-01-27"),
    }
    assert not {"Canada", "Mexico", "Australia", "Argentina"} & set(measures["us_section_232_of_2018"].origins)


def test_what_was_decided_in_2026_is_no_part_of_2025() -> None:
    baseline, scenario = load_scenario("backtests/metals_2024", ROOT), episode("section_232_2025")
    ours = {name for name, each in scenario.measures.items() if each.good == "aluminium"}
    assert ours - set(baseline.measures) == {
        "us_section_232_of_march_2025",
        "us_section_232_of_june_2025",
        "us_section_232_on_the_uk",
        "eu_quota_on_russian_aluminium",
    }
    assert not [name for name in ours if "outage" in name or "carbon" in name]
    assert (scenario.years.first, scenario.years.last) == (2025, 2025)
