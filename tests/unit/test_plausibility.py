"""The page of plausibility: its questions, the answers of runs, and the tables as they are shipped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.assemble.draws import Draws
from sim.errors import DataError, ScenarioError
from sim.inputs.probes import read_probes
from sim.output.docs import probes_table, with_tables
from sim.records.outcome import Band
from sim.records.probes import (
    CHANGE,
    DIFFERENCE,
    AnsweredTable,
    Beside,
    Cell,
    Probe,
    ProbePage,
    ProbeRow,
    ProbeTable,
    RunKey,
)
from sim.records.world import World
from sim.study.probes import Solved, answer, answer_probes, in_chains, solve_run
from sim.study.run import Outcome, run_scenario
from sim.study.world import build_world
from tests.plausibility_page import (
    RARE_EARTHS,
    ROOT,
    SPECIFICATION,
    SPECIFICATIONS,
    WORLDS,
    first_number,
    load,
    printed_tables,
    sources_of,
)

LAST = 2027
LIFTED, BASELINE = RunKey(scenario="sanctions_lifted"), RunKey(scenario="baseline")
TAKEN = Probe(
    run=LIFTED, indicator="flow", good="aluminium", region="US", partner="Russia", years=(LAST,), kind="level"
)
PRICE = replace(TAKEN, indicator="delivered_price", partner="")
MOST_ON_EQUAL_TERMS = 1000.0  # kt a year; never reached between 1995 and 2018


@pytest.fixture(scope="module", params=SPECIFICATIONS, ids=lambda path: path.stem)
def specification(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture(scope="module")
def page(specification: Path) -> ProbePage:
    return read_probes(specification, sources_of)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WORLDS / "metals_2024", ROOT / ".cache")


@pytest.fixture(scope="module")
def runs(world: World) -> dict[RunKey, Solved]:
    return {key: solve_run(key, load, world, LAST, Draws(seed=1, count=4)) for key in (LIFTED, BASELINE)}


@pytest.fixture(scope="module")
def outcome(world: World) -> Outcome:
    short = "years.last=2027; years.focus=2027"
    return run_scenario(
        load("sanctions_lifted", short), load("baseline", short), world, draws=4, seed=1, jobs=1, version="test"
    )


def written(folder: Path, text: str) -> Path:
    path = folder / "questions.yaml"
    path.write_text(text, encoding="utf-8")
    return path


SMALL = """\
world: metals_2024
draws: 2
seed: 1
tables:
  taken:
    heading: Taken
    probe: {scenario: sanctions_lifted, set: a=1, good: aluminium, region: US, indicator: flow, partner: Russia}
    columns: [{label: first, years: 2026}]
    rows:
      - {label: low, set: b=2}
      - {label: rise, years: [2026, 2027], kind: difference, per: {partner: Canada}}
"""


@pytest.mark.campaign  # every question of both pages; their numbers are sampled in the integration test
def test_shipped_questions_are_answerable_in_the_words_of_the_world(page: ProbePage, world: World) -> None:
    cells = [cell for table in page.tables for row in table.rows for cell in row.cells]
    assert {cell.probe.good for cell in cells} <= set(world.good_names)
    assert {cell.probe.region for cell in cells} <= {*world.region_names, "World"}
    for key in {key for cell in cells for key in cell.probe.runs}:
        assert load(key.scenario, key.overrides).world == page.world


def test_table_column_and_row_each_state_part_of_a_probe(tmp_path: Path) -> None:
    low, rise = read_probes(written(tmp_path, SMALL), sources_of).tables[0].rows
    assert low.cells[0].probe.run == RunKey(scenario="sanctions_lifted", overrides="a=1; b=2")
    assert low.cells[0].probe.years == (2026,)
    probe = rise.cells[0].probe
    assert probe.kind == DIFFERENCE
    assert probe.years == (2026, 2027)
    assert probe.per is not None
    assert probe.per == replace(probe, partner="Canada", per=None)


def test_assumption_holds_for_both_sides_and_a_set_for_one(tmp_path: Path) -> None:
    text = SMALL.replace(
        "{label: low, set: b=2}",
        "{label: low, set: b=2, assuming: d=4, against: {scenario: baseline, set: c=3, relative: true}}",
    ).replace("per: {partner: Canada}", "assuming: d=4, per: {scenario: baseline, set: c=3}")
    low, rise = read_probes(written(tmp_path, text), sources_of).tables[0].rows
    probe = low.cells[0].probe
    assert probe.run.overrides == "d=4; a=1; b=2"
    assert probe.against == RunKey(scenario="baseline", overrides="d=4; c=3")
    assert probe.relative
    divisor = rise.cells[0].probe.per
    assert divisor is not None
    assert divisor.run == RunKey(scenario="baseline", overrides="d=4; c=3")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("label: low, set: b=2", "label: low, colour: red", r"questions.yaml:10:.*colour: Extra inputs"),
        ("years: [2026, 2027], kind", "years: 2026, kind", "rise, first: a difference is wanted with two years"),
        (
            "years: [2026, 2027], kind: difference",
            "kind: level, years: [2026, 2027]",
            "a level is wanted with one year",
        ),
        (", region: US", "", "low, first: region missing"),
        ("set: b=2", "observed: {text: '3', source: hearsay}", "taken: low: no source 'hearsay'"),
        ("seed: 1", "seed: 1\nsources: {iso_3166: {title: x, tier: derived}}", "the world has a source of that name"),
    ],
)
def test_each_fault_of_the_questions_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert SMALL.count(old) == 1
    with pytest.raises(DataError, match=told):
        read_probes(written(tmp_path, SMALL.replace(old, new)), sources_of)


def test_probe_gives_the_number_of_the_summary(runs: dict[RunKey, Solved], outcome: Outcome) -> None:
    summary = outcome.summary
    row = summary[(summary.indicator == "delivered_price") & (summary.region == "US") & (summary.year == LAST)].iloc[0]
    found = answer(PRICE, runs, banded=True)
    assert [found.central, found.p05, found.p50, found.p95] == pytest.approx(
        [row.central, row.p05, row.p50, row.p95], rel=1e-12
    )
    assert answer(replace(PRICE, against=BASELINE), runs).central == pytest.approx(row.difference, rel=1e-9)


def test_probe_gives_the_tonnes_of_the_flows(runs: dict[RunKey, Solved], outcome: Outcome) -> None:
    flows = outcome.flows
    row = flows[(flows.origin == "Russia") & (flows.destination == "US") & (flows.year == LAST)].iloc[0]
    assert answer(TAKEN, runs).central == pytest.approx(row.central_kt, rel=1e-12)
    assert answer(TAKEN, runs).central > 100


def test_change_is_a_share_of_the_first_year(runs: dict[RunKey, Solved]) -> None:
    first, last = (answer(replace(PRICE, years=(year,)), runs).central for year in (2026, LAST))
    change = answer(replace(PRICE, years=(2026, LAST), kind=CHANGE), runs).central
    difference = answer(replace(PRICE, years=(2026, LAST), kind=DIFFERENCE), runs).central
    assert change == pytest.approx(last / first - 1)
    assert difference == pytest.approx(last - first)


def test_years_after_the_last_asked_for_change_nothing(runs: dict[RunKey, Solved], world: World) -> None:
    shorter = solve_run(LIFTED, load, world, 2026, Draws(seed=1, count=0))
    assert np.array_equal(shorter.found.flow[0], runs[LIFTED].found.flow[0, :3])


def test_shares_by_hand_at_found_prices_are_those_of_the_benchmark_year(runs: dict[RunKey, Solved]) -> None:
    flow = runs[BASELINE].params.benchmark_flow[0]
    regions = runs[BASELINE].params.regions
    by_hand = replace(TAKEN, run=BASELINE, partner="Canada", years=(2024,))
    for indicator in ("flow_at_fixed_prices", "flow_at_own_price", "flow_at_found_prices"):
        found = answer(replace(by_hand, indicator=indicator), runs).central
        # the reference share of a supplier under sanctions is there, though its route is closed
        assert found == pytest.approx(flow[regions.index("Canada"), regions.index("US")], rel=1e-9)


def test_goods_of_other_chains_change_nothing(runs: dict[RunKey, Solved], world: World) -> None:
    goods = in_chains({"aluminium"}, world)
    alone = {LIFTED: solve_run(LIFTED, load, world, LAST, Draws(seed=1, count=4), goods=goods)}
    assert goods == ("aluminium",)
    assert alone[LIFTED].params.goods == goods
    for name, probe in (("flow", TAKEN), ("price", PRICE)):
        one, all_ = (answer(probe, some, banded=True) for some in (alone, runs))
        assert [one.central, one.p50] == pytest.approx([all_.central, all_.p50], rel=1e-9), name


def test_relative_difference_is_a_share_of_what_it_is_compared_with(runs: dict[RunKey, Solved]) -> None:
    own, other = (answer(replace(PRICE, run=key), runs).central for key in (LIFTED, BASELINE))
    found = answer(replace(PRICE, against=BASELINE, relative=True), runs).central
    assert found == pytest.approx(own / other - 1)
    assert found < 0


def test_project_gives_oxide_first_after_its_lead_time(world: World) -> None:
    key = RunKey(scenario="baseline")
    goods = in_chains({"rare_earth_oxide"}, world)
    runs = {key: solve_run(key, load, world, 2029, Draws(seed=1, count=0), goods=goods)}
    first = Probe(
        run=key,
        indicator="first_output",
        good="rare_earth_oxide",
        region="Russia",
        partner="russian_solikamsk",
        years=(2029,),
        kind="level",
    )
    assert answer(first, runs).central == 2028  # decided in September 2025, 2.5 years
    white_mesa = replace(first, region="US", partner="us_white_mesa", years=(2028,))
    assert answer(white_mesa, runs).central == 2029
    earlier = {key: solve_run(key, load, world, 2028, Draws(seed=1, count=0), goods=goods)}
    assert np.isnan(answer(white_mesa, earlier).central)


def test_premium_is_the_price_over_that_of_all_others(runs: dict[RunKey, Solved]) -> None:
    own, premium, elsewhere = (
        answer(replace(PRICE, indicator=name), runs).central
        for name in ("producer_price", "premium", "price_elsewhere")
    )
    assert own - elsewhere == pytest.approx(premium)
    assert 1000 < elsewhere < own


def test_duty_of_a_full_year_is_the_stated_rate(runs: dict[RunKey, Solved]) -> None:
    gulf = replace(TAKEN, indicator="duty", partner="Gulf")
    assert answer(gulf, runs).central == pytest.approx(0.5)
    assert answer(replace(gulf, years=(2024,)), runs).central == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"indicator": "mood"}, "no indicator 'mood' for aluminium US Russia"),
        ({"partner": "Atlantis"}, "flow: no 'Atlantis' among US, China"),
        ({"years": (2051,)}, "flow: no year 2051 in sanctions_lifted"),
        ({"indicator": "placing_discount", "partner": "Canada"}, "no offer from Canada to US"),
    ],
)
def test_probe_of_what_is_not_there_is_told(runs: dict[RunKey, Solved], changes: dict[str, object], told: str) -> None:
    with pytest.raises(ScenarioError, match=told):
        answer(replace(TAKEN, **changes), runs)  # type: ignore[arg-type]


def test_year_after_the_last_of_the_scenario_is_told(world: World) -> None:
    with pytest.raises(ScenarioError, match="2051 is after the last year, 2050"):
        solve_run(BASELINE, load, world, 2051, Draws(seed=1, count=0))


def test_whole_page_is_answered_row_by_row(world: World) -> None:
    cell = Cell(probe=replace(TAKEN, years=(2026,)), unit="", decimals=0, band=False)
    table = ProbeTable(name="t", heading="T", columns=("2026",), rows=(ProbeRow(label="r", cells=(cell,)),))
    page = ProbePage(world="metals_2024", draws=2, seed=1, sources={}, tables=(table,))
    (answered,) = answer_probes(page, load, world)
    assert answered.answers[0][0].central > 100


def test_table_prints_bands_shares_and_what_stands_beside() -> None:
    def cell(unit: str, band: bool) -> Cell:
        return Cell(probe=TAKEN, unit=unit, decimals=1, band=band)

    row = ProbeRow(label="r", cells=(cell("%", False), cell("", True)), observed=Beside(text="4", source="s"))
    table = ProbeTable(name="t", heading="T", columns=("a", "b"), rows=(row,))
    found = Band(central=1234.5, p05=-0.01, p50=1.0, p95=2.0)
    printed = probes_table(AnsweredTable(table=table, answers=((replace(found, central=0.125), found),)))
    assert printed.splitlines() == [
        "| T | a | b | observed |",
        "| --- | ---: | ---: | --- |",
        "| r | 12.5 | 1,234.5 (0.0 to 2.0) | 4 (`s`) |",
    ]


def test_median_stands_in_front_of_its_band_and_a_year_has_no_comma() -> None:
    cells = (
        Cell(probe=TAKEN, unit="", decimals=0, band=False, median=True),
        Cell(probe=TAKEN, unit="year", decimals=0, band=False),
    )
    table = ProbeTable(name="t", heading="T", columns=("a", "b"), rows=(ProbeRow(label="r", cells=cells),))
    found = Band(central=2034.0, p05=2032.0, p50=2033.0, p95=2035.0)
    printed = probes_table(AnsweredTable(table=table, answers=((found, found),)))
    assert printed.splitlines()[-1] == "| r | 2,033 (2,032 to 2,035) | 2034 |"


def test_tables_are_written_anew_and_prose_stays() -> None:
    page = "Before.\n<!-- table: one -->\nold\n<!-- end -->\nBetween.\n<!-- table: two -->\n<!-- end -->\nAfter.\n"
    changed = with_tables(page, {"one": "new\n", "two": "2\n"})
    assert changed == (
        "Before.\n<!-- table: one -->\nnew\n<!-- end -->\nBetween.\n<!-- table: two -->\n2\n<!-- end -->\nAfter.\n"
    )
    assert with_tables(changed, {"one": "new\n", "two": "2\n"}) == changed


@pytest.mark.parametrize(
    ("tables", "told"),
    [({}, "no table 'one'"), ({"one": "", "two": ""}, "table 'two' has 0 places")],
)
def test_table_without_a_place_is_told(tables: dict[str, str], told: str) -> None:
    with pytest.raises(DataError, match=told):
        with_tables("<!-- table: one -->\n<!-- end -->\n", tables)


def test_shipped_tables_ask_what_the_questions_ask(page: ProbePage, specification: Path) -> None:
    printed = printed_tables(specification)
    assert set(printed) == {table.name for table in page.tables} | {"sources", "made_from"}
    for table in page.tables:
        heading, *rows = printed[table.name]
        assert heading[: 1 + len(table.columns)] == [table.heading, *table.columns]
        assert [cells[0] for cells in rows] == [row.label for row in table.rows]


def test_shipped_take_up_on_equal_terms_stays_below_what_history_ever_saw() -> None:
    page = read_probes(SPECIFICATION, sources_of)
    heading, *rows = printed_tables()["take_up"]
    years = [column for column in heading if column.isdigit()]
    table = next(table for table in page.tables if table.name == "take_up")
    equal = {row.label for row in table.rows if "us_column_2_duty=removed" in row.cells[0].probe.run.overrides}
    assert len(equal) >= 10
    for cells in rows:
        taken = [first_number(cell) for cell in cells[1 : 1 + len(years)]]
        assert min(taken) > 0
        assert max(taken) < MOST_ON_EQUAL_TERMS, cells[0]


def test_shipped_share_of_china_in_2035_is_within_what_is_expected() -> None:
    (shown,) = (cells for cells in printed_tables(RARE_EARTHS)["china_shares"] if cells[0] == "Concentrate used, 2035")
    assert 71 <= first_number(shown[1]) <= 86


def test_shipped_mines_move_what_china_touches_less_than_a_plant_does() -> None:
    rows = printed_tables(RARE_EARTHS)["joint"]
    heads = [i for i, cells in enumerate(rows) if cells[0].startswith("Touched by China")]
    assert len(heads) == 2
    for i in heads:
        mines, plant = rows[i + 1], rows[i + 2]
        assert (mines[0], plant[0]) == ("mines alone, points", "mines and plant, points")
        for column in (3, 4):  # medians of paired differences, 2035 and 2040
            assert abs(first_number(mines[column])) < 0.5
            assert first_number(plant[column]) < -3


def test_shipped_ban_on_the_market_of_2024_is_the_one_found_apart() -> None:
    (shown,) = (
        cells for cells in printed_tables(RARE_EARTHS)["ban_us"] if cells[0] == "the same on the market of 2024, %"
    )
    assert [first_number(cell) for cell in shown[1:4]] == pytest.approx([35, 18, 6], abs=1)
