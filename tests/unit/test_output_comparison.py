from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.output.comparison import (
    PAIRS,
    common_years,
    compared,
    compared_contract,
    differing_inputs,
    inputs_contract,
    one_baseline,
    pairs,
    themes,
    why_not,
    year_told,
)
from sim.output.facts import RunRecord
from sim.output.page.compare import compare_page
from sim.output.page.drawings import Drawing, Drawings
from sim.output.plots.gallery import beside
from sim.output.plots.lines import PRICE, SHARE, lines_data, lines_finding
from sim.output.plots.mix import BASELINE_ROW, mix_data, mix_finding
from sim.output.plots.palette import OTHERS, SCENARIO_COLOURS, luminance
from sim.output.plots.scenarios import Together
from sim.output.plots.shifts import ROWS, shifts_data, shifts_finding
from sim.output.plots.style import svg_bytes
from sim.output.results import Result
from sim.output.tables import csv_bytes
from tests import output_samples as samples
from tests.figures import beyond, drawn_boxes, overlapping

FOUR = ("US", "China", "Russia", "Canada")
WORLD = {"scenarios/worlds/m/a.csv": "1234"}
INPUTS = {"switches.ban": ("off", "s", "f:1"), "parameters.e": ("5", "s", "g:1")}
BASELINE = {"switches.ban": ("on", "s", "g:2"), "parameters.e": ("5", "s", "g:1"), "years.last": ("2050", "", "")}


def result(
    name: str, effect: float = 1.0, *, regions: tuple[str, ...] = samples.REGIONS, seed: int = 1, **changes: Any
) -> Result:
    """A finished run of that effect; changes are of the facts."""
    facts = samples.facts(scenario=name, **changes)
    rise = np.arange(3.0)[:, None] * np.ones(len(samples.YEARS))
    return Result(
        name=name,
        record=RunRecord(
            facts=facts, labels=samples.LABELS, lead=f"{name} does it.", inputs=INPUTS, baseline_inputs=BASELINE
        ),
        manifest={"seed": seed, "status": "complete", "command": ["run"], "inputs": WORLD},
        summary=samples.summary(effect, regions).assign(scenario=name),
        series={"scenario/price/US": 100 + effect * rise**2, "baseline/price/US": 100 + rise},
    )


def with_record(one: Result, **changes: Any) -> Result:
    return replace(one, record=replace(one.record, **changes))


def together(*results: Result) -> Together:
    names = tuple(each.name for each in results)
    facts = results[0].record.facts
    return Together(names=names, facts=facts, one_baseline=one_baseline(results), labels=samples.LABELS)


def summaries(*results: Result) -> dict[str, pd.DataFrame]:
    return {each.name: each.summary for each in results}


# whether results may be compared


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (result("b", seed=2), "seed: 1 (a); 2 (b)"),
        (result("b", draws=64), "draws: 256 (a); 64 (b)"),
        (result("b", version="0.2.0"), "version: 0.1.0 (a); 0.2.0 (b)"),
        (result("b", world="metals_2020"), "world: metals_2024 (a); metals_2020 (b)"),
        (
            replace(result("b"), manifest={**result("b").manifest, "command": ["run", "--sampling", "latin"]}),
            "sampling: plain (a); latin (b)",
        ),
        (
            replace(result("b"), manifest={**result("b").manifest, "inputs": {"scenarios/worlds/m/a.csv": "9"}}),
            "world: its files have changed between a and b",
        ),
    ],
)
def test_runs_that_differ_in_more_than_the_scenario_are_refused(other: Result, told: str) -> None:
    fault = why_not([result("a"), other])
    assert told in fault
    assert fault.endswith("make run SCENARIO=b DRAWS=256 SEED=1")


def test_runs_on_the_same_draws_may_be_compared() -> None:
    assert why_not([result("a"), result("b"), result("c")]) == ""


def test_the_seed_of_runs_without_draws_does_not_matter() -> None:
    assert why_not([result("a", draws=0), result("b", draws=0, seed=2)]) == ""


def test_a_baseline_with_another_parameter_is_another_baseline() -> None:
    one = result("a")
    assert one_baseline([one, result("b")])
    longer = with_record(one, baseline_inputs={**BASELINE, "years.last": ("2030", "", "")})
    assert one_baseline([one, longer])
    assert not one_baseline([one, with_record(one, baseline_inputs={**BASELINE, "parameters.e": ("8", "s", "g")})])


def test_a_variant_is_run_again_with_what_set_said() -> None:
    told = {**result("a").manifest, "seed": 2, "command": ["run", "--set", "x=1; y=2"]}
    fault = why_not([result("a"), replace(result("a@soft"), manifest=told)])
    assert fault.endswith('make run SCENARIO=a NAME=soft SET="x=1; y=2" DRAWS=256 SEED=1')


def test_year_told_is_one_that_all_runs_have() -> None:
    short = result("b", years=samples.YEARS[:6], focus=2029)
    assert year_told([result("a"), result("b", focus=2030)]) == samples.FOCUS
    assert year_told([result("a"), short]) == 2029
    assert common_years([result("a"), short]) == samples.YEARS[:6]
    assert themes([result("a"), short])[0][0] == "aluminium"


# tables


def test_indicators_side_by_side_keep_each_runs_paired_differences() -> None:
    one, half = result("a"), result("b", 0.5)
    table = compared([one, half])
    assert len(table) == len(one.summary)
    key = ["indicator", "good", "region", "partner", "year", "unit"]
    mine = half.summary.sort_values(key, kind="stable").reset_index(drop=True)
    np.testing.assert_array_equal(table["b_difference_p95"], mine["difference_p95"])
    np.testing.assert_array_equal(table["baseline"], mine["baseline"])
    np.testing.assert_allclose(table["b_central"] - table["baseline"], mine["difference"], atol=1e-9)
    content = csv_bytes(table, compared_contract(table))
    assert content.startswith(b"indicator,good,region,partner,year,unit,baseline,a_central,a_difference,")


def test_a_good_that_one_run_leaves_out_is_blank_there() -> None:
    one, other = result("a"), result("b")
    ore = other.summary.assign(good="ore")
    table = compared([one, replace(other, summary=ore)])
    assert table.loc[table["good"] == "ore", "a_central"].isna().all()
    assert table.loc[table["good"] == "ore", "baseline"].notna().all()


def test_runs_against_baselines_of_their_own_keep_them_apart() -> None:
    other = with_record(result("b"), baseline_inputs={})
    table = compared([result("a"), other])
    assert "baseline" not in table.columns
    assert {"a_baseline", "b_baseline"} <= set(table.columns)


def test_pairs_are_taken_draw_by_draw_without_those_unsolved() -> None:
    one, other = result("a"), result("b", 3.0)
    other.series["scenario/price/US"][2] = np.nan
    table = pairs([one, other])
    assert set(table["series"]) == {"price/US"}
    row = table.iloc[0]
    # draws 0, 1, 2 of a rise by 0, 1, 4 and of b by 0, 3, unsolved: the central run differs by 0, the one draw by 2
    assert (row["central"], row["p05"], row["p95"], row["draws"]) == (0.0, 2.0, 2.0, 1)
    assert csv_bytes(table, PAIRS).count(b"\n") == 1 + len(samples.YEARS)


def test_table_of_inputs_tells_all_runs_beside_the_baseline() -> None:
    on = with_record(result("b"), inputs={**INPUTS, "switches.ban": ("on", "s", "f:1")})
    table = differing_inputs([result("a"), on])
    assert table.to_dict("list") == {"input": ["switches.ban"], "baseline": ["on"], "a": ["off"], "b": ["on"]}
    assert csv_bytes(table, inputs_contract(table)) == b"input,baseline,a,b\nswitches.ban,on,off,on\n"


def test_theme_is_the_market_of_the_run_and_who_moves_most_there() -> None:
    assert themes([result("a"), result("b", 0.5)])[0][:1] == ("aluminium",)
    about = samples.chain_facts().subjects[0]
    subject = replace(about, goods=("aluminium",), market="US", country="Canada")
    facts = samples.facts(subjects=(subject,))
    assert themes([with_record(result("a"), facts=facts), result("b")]) == [("aluminium", "US", "Russia")]
    still = with_record(result("a", 0.0), facts=facts), result("b", 0.0)
    assert themes(still) == [("aluminium", "US", "Canada")]


# figures: numbers


def test_bars_add_up_and_stand_in_one_order() -> None:
    runs = result("a"), result("b", 0.5)
    data = mix_data(summaries(*runs), together(*runs), good="aluminium", region="US")
    assert list(dict.fromkeys(data["row"])) == [BASELINE_ROW, "a", "b"]
    np.testing.assert_allclose(data.groupby("row")["share"].sum(), 1.0, atol=1e-9)
    orders = {tuple(rows["part"]) for _, rows in data.groupby("row")}
    assert len(orders) == 1
    (order,) = orders
    assert order[0] == "US"
    assert order[-1] == OTHERS


def test_finding_of_the_bars_names_both_ends() -> None:
    runs = result("a"), result("b", 0.5)
    data = mix_data(summaries(*runs), together(*runs), good="aluminium", region="US")
    told = mix_finding(data, together(*runs), good="aluminium", region="US")
    assert told.startswith("Russia would hold between 0 % (baseline) and 4.0 % (a) of the supply of primary aluminium")


def test_bars_without_a_common_baseline_leave_it_out() -> None:
    runs = result("a"), with_record(result("b"), baseline_inputs={})
    data = mix_data(summaries(*runs), together(*runs), good="aluminium", region="US")
    assert set(data["row"]) == {"a", "b"}


def test_shifts_are_the_paired_differences_of_the_largest_movers() -> None:
    runs = result("a"), result("b", 0.5)
    data = shifts_data(summaries(*runs), together(*runs), good="aluminium", region="US")
    assert data["supplier"].nunique() <= ROWS
    assert data["supplier"].iloc[0] == "Russia"
    rows = samples.summary(0.5)
    russia = rows[(rows["indicator"] == "supply_share") & (rows["region"] == "US") & (rows["partner"] == "Russia")]
    expected = russia.loc[russia["year"] == samples.FOCUS, "difference_p95"].iloc[0]
    found = data[(data["scenario"] == "b") & (data["supplier"] == "Russia")]["difference_p95"].iloc[0]
    assert found == expected


def test_lines_hold_levels_and_differences_of_all_runs() -> None:
    runs = result("a"), result("b", 0.5)
    data = lines_data(summaries(*runs), indicator=PRICE, good="aluminium", region="US")
    assert len(data) == 2 * len(samples.YEARS)
    np.testing.assert_allclose(data["central"] - data["baseline"], data["difference"], atol=1e-9)


def test_where_nothing_changes_the_findings_say_so() -> None:
    runs = result("a", 0.0), result("b", 0.0)
    tables, both = summaries(*runs), together(*runs)
    about: dict[str, Any] = {"good": "aluminium", "region": "US"}
    assert "would differ by half a point" in mix_finding(mix_data(tables, both, **about), both, **about)
    assert "no share of the supply" in shifts_finding(shifts_data(tables, both, **about), both, **about).lower()
    data = lines_data(tables, indicator=PRICE, **about)
    told = lines_finding(data, both, indicator=PRICE, partner="", **about)
    assert "between" not in told
    assert told.endswith(", as in the baseline")


def test_scenarios_that_are_each_others_baseline_are_not_told_as_the_baseline() -> None:
    both = together(result("a"), with_record(result("b"), baseline_inputs={}))
    prices = {"a": (3516.0, 3477.0), "b": (3477.0, 3516.0)}
    data = pd.DataFrame(
        [
            {"scenario": name, "year": samples.FOCUS, "baseline": before, "central": after}
            for name, (before, after) in prices.items()
        ]
    )
    told = lines_finding(data, both, indicator=PRICE, good="aluminium", region="US", partner="")
    assert "between 3,477 USD/t (a) and 3,516 USD/t (b)" in told
    assert "baseline" not in told


# figures: as drawn


def drawn(*runs: Result) -> list[tuple[str, Figure]]:
    return [*beside(summaries(*runs), together(*runs), [("aluminium", "US", "Russia")])]


LONG = "a_scenario_with_a_name_that_is_as_long_as_names_can_be_and_then_some"


@pytest.mark.parametrize(
    "runs",
    [
        (result("a"), with_record(result("b", 0.5), baseline_inputs={})),
        (result("a", 0.0, regions=FOUR, draws=0), result("b", 0.0, regions=FOUR, draws=0)),
        tuple(result(f"{LONG}_{i}", i / 4 - 1) for i in range(len(SCENARIO_COLOURS))),
    ],
    ids=["two baselines", "four regions, no draws, nothing changes", "eight long names, gains and losses"],
)
def test_figures_side_by_side_keep_their_texts_apart(runs: tuple[Result, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, figure in drawn(*runs):
        boxes = drawn_boxes(figure, monkeypatch)
        assert beyond(figure, boxes) == [], name
        assert overlapping(boxes) == [], name


def test_colours_of_scenarios_differ_in_grey_print_as_far_as_names_stand_beside_them() -> None:
    greys = sorted(luminance(colour) for colour in SCENARIO_COLOURS[:4])
    assert min(b - a for a, b in pairwise(greys)) > 0.01
    assert len(set(SCENARIO_COLOURS)) == len(SCENARIO_COLOURS)


def test_what_belongs_to_a_scenario_can_be_hidden_with_it() -> None:
    for name, figure in drawn(result("a"), result("b", 0.5)):
        inside = str(Drawings().inline(Drawing(name=name, finding=name, svg=svg_bytes(figure))))
        assert min(inside.count(f'class="s{number}"') for number in (0, 1)) > 0, name
        assert 'class="s2"' not in inside


def test_figures_have_the_same_bytes_each_time() -> None:
    first, again = (svg_bytes(drawn(result("a"), result("b", 0.5))[0][1]) for _ in range(2))
    assert first == again


def test_page_has_a_switch_for_each_scenario_and_marks_what_is_its_own() -> None:
    runs = [result("a"), result("<b>", 0.5)]
    facts = runs[0].record.facts
    content = compare_page(
        runs, facts, samples.LABELS, compared(runs), differing_inputs(runs), [], list(SCENARIO_COLOURS[:2])
    ).decode()
    assert 'data-toggles="s0" checked' in content
    assert "<b>" not in content
    assert "&lt;b&gt; does it." in content
    assert content.count('class="n s0"') == content.count('class="n s1"') > 0
    assert (
        content
        == compare_page(
            runs, facts, samples.LABELS, compared(runs), differing_inputs(runs), [], list(SCENARIO_COLOURS[:2])
        ).decode()
    )


def test_share_of_one_supplier_is_told_in_percent() -> None:
    runs = result("a"), result("b", 0.5)
    about: dict[str, Any] = {"indicator": SHARE, "good": "aluminium", "region": "US", "partner": "Russia"}
    told = lines_finding(lines_data(summaries(*runs), **about), together(*runs), **about)
    assert told.startswith("Russia would hold between 2.0 % (b) and 4.0 % (a) of the supply")
    assert told.endswith("against 0 % in the baseline")
