from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from sim.errors import DataError
from sim.output.plots.about import About, in_draws, points, told_apart
from sim.output.plots.cases import IMPORTS, IMPORTS_CHANGE, OUTPUT, cases_apart, cases_data, cases_finding
from sim.output.plots.concentration import concentration
from sim.output.plots.dependence import TOUCHED_IMPORTS, dependence, dependence_data
from sim.output.plots.differences import differences
from sim.output.plots.flow_change import TOTAL, flow_change, flow_change_data, flow_change_finding, has_changes
from sim.output.plots.gallery import figure_files, gallery, made, shown_markets
from sim.output.plots.import_shares import import_shares, import_shares_data, import_shares_finding
from sim.output.plots.palette import (
    GREYS,
    OTHERS,
    REGION_COLOURS,
    STOCK,
    lent_colours,
    luminance,
    region_colours,
    text_colour,
)
from sim.output.plots.panel import PointLabel, number_ticks, point_labels, year_room, year_ticks
from sim.output.plots.prices import CENTS_PER_POUND, prices, prices_data, prices_finding
from sim.output.plots.style import evidence, png_bytes, sheet, svg_bytes
from sim.output.plots.supply_shares import LAYERS, supply_shares, supply_shares_data, supply_shares_finding
from sim.output.plots.text import shortened, spread, text_width, wrapped
from sim.output.plots.winners import COMES_FROM, REPLACES, winners, winners_data, winners_finding
from sim.output.wording import small_tonnes
from sim.records.outcome import Band, SwitchDraws
from tests import output_samples as samples
from tests.figures import beyond, drawn_boxes, overlapping, texts_of

FOUR = ("US", "China", "Russia", "Canada")
LONG = {name: f"The long and winding official name of {name}" for name in samples.REGIONS}
FOCUS = samples.FOCUS
NUMBERS = ["baseline", "central", "p05", "p50", "p95", "difference", "difference_p05", "difference_p95"]


def shares_at(data: pd.DataFrame, year: int, run: str) -> dict[str, float]:
    rows = data[data["year"] == year]
    return dict(zip(rows["layer"], rows[run], strict=True))


def told_of(market: str, parts: Iterable[str] = (), *, banded: bool = False) -> About:
    names = {name: name for name in parts}
    return About(market=market, good="aluminium", focus=FOCUS, names=names, banded=banded)


def draw_shares(effect: float = 1.0, regions: tuple[str, ...] = samples.REGIONS, **facts: object) -> Figure:
    table = samples.summary(effect, regions)
    return supply_shares(table, samples.facts(**facts), good="aluminium", destination="US", labels=samples.LABELS)


def all_text(figure: Figure) -> str:
    return "\n".join(text.get_text() for text in texts_of(figure)).replace("\xa0", " ")


# numbers


def test_shares_of_a_year_add_up_with_home_supply_at_the_bottom() -> None:
    data = supply_shares_data(samples.summary(), good="aluminium", destination="US", focus=FOCUS)
    sums = data.groupby("year")[["baseline", "scenario"]].sum()
    np.testing.assert_allclose(sums.to_numpy(), 1.0, atol=1e-9)
    layers = list(dict.fromkeys(data["layer"]))
    assert layers == ["US", "Canada", "Gulf", OTHERS, "Russia"]
    assert shares_at(data, FOCUS, "scenario")["Russia"] == pytest.approx(0.0399, abs=5e-5)


def test_small_suppliers_are_lumped_without_a_band() -> None:
    data = supply_shares_data(samples.summary(), good="aluminium", destination="EU", focus=FOCUS)
    assert len(set(data["layer"])) <= LAYERS + 1
    assert data.loc[data["layer"] == OTHERS, ["p05", "p95"]].isna().all().all()
    assert data.loc[data["layer"] != OTHERS, ["p05", "p95"]].notna().all().all()


def test_shares_in_percent_are_the_same_data() -> None:
    table = samples.summary(1.0, FOUR)
    percent = table.assign(unit="%")
    percent[NUMBERS] *= 100
    whole, scaled = (
        supply_shares_data(rows, good="aluminium", destination="US", focus=FOCUS) for rows in (table, percent)
    )
    pd.testing.assert_frame_equal(whole, scaled)


def test_unknown_market_is_named() -> None:
    with pytest.raises(DataError, match="no supply_share of aluminium in Atlantis"):
        supply_shares_data(samples.summary(1.0, FOUR), good="aluminium", destination="Atlantis", focus=FOCUS)


def test_several_scenarios_in_one_table_are_refused() -> None:
    table = samples.summary(1.0, FOUR)
    two = pd.concat([table, table.assign(scenario="other")])
    with pytest.raises(DataError, match="2 scenarios, one wanted"):
        supply_shares_data(two, good="aluminium", destination="US", focus=FOCUS)


def test_year_without_numbers_is_named() -> None:
    with pytest.raises(DataError, match="no delivered_price of aluminium in US for 2099"):
        prices_data(samples.summary(1.0, FOUR), good="aluminium", region="US", focus=2099)


@pytest.mark.parametrize(
    ("effect", "market", "finding"),
    [
        (
            1.0,
            "US",
            "Russia would gain 4.0 % of the supply of aluminium to the US by 2036, mostly at the expense of Canada",
        ),
        (
            0.0,
            "US",
            "The supply of aluminium to the US would hardly differ from the baseline in 2036: the US with 39 %",
        ),
        (
            -1.0,
            "Korea",
            "Russia would hold 22 % instead of 20 % of the supply of aluminium to Korea in 2036, mostly at",
        ),
        (
            1.0,
            "Korea",
            "Russia would hold 18 % instead of 20 % of the supply of aluminium to Korea in 2036, mostly to",
        ),
        (1.0, "Madagascar", "Madagascar would have no supply of aluminium in 2036"),
    ],
)
def test_finding_of_the_shares_follows_the_numbers(effect: float, market: str, finding: str) -> None:
    data = supply_shares_data(samples.summary(effect), good="aluminium", destination=market, focus=FOCUS)
    told = supply_shares_finding(data, told_of(market, data["layer"]))
    assert told.startswith(finding)


def test_import_shares_show_the_largest_origins_first() -> None:
    data = import_shares_data(samples.summary(), good="aluminium", destination="US", focus=FOCUS)
    origins = list(dict.fromkeys(data["origin"]))
    assert origins[:2] == ["Canada", "Gulf"]
    assert "Russia" in origins
    assert len(origins) <= 5
    at_focus = data[(data["year"] == FOCUS) & (data["origin"] == "Canada")].iloc[0]
    canada, imports = 1949 * 1.01**12, 3451 * 1.01**12  # the flows of 2024 but home supply, grown
    assert at_focus["baseline"] == pytest.approx(canada / imports)
    assert at_focus["central"] == pytest.approx((canada - 150) / (imports + 32))


@pytest.mark.parametrize(
    ("effect", "market", "finding"),
    [
        (
            1.0,
            "US",
            "The US would get 52 % of its imports of aluminium from Canada in 2036 instead of 56 %; 6.5 % from Russia",
        ),
        (0.0, "US", "The US would still get 56 % of its imports of aluminium from Canada in 2036"),
        (-1.0, "Korea", "Korea would get 25 % of its imports of aluminium from Australia in 2036 instead of 26 %"),
    ],
)
def test_finding_of_the_imports_follows_the_numbers(effect: float, market: str, finding: str) -> None:
    data = import_shares_data(samples.summary(effect), good="aluminium", destination=market, focus=FOCUS)
    told = import_shares_finding(data, told_of(market, data["origin"]))
    assert told.startswith(finding)


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-0.131, 0.0, "in the draws up to 13 points less (5th percentile)"),
        (-0.004, 0.051, "in the draws up to 5.1 points more (95th percentile)"),
        (-0.131, 0.051, "in the draws between 13 points less and 5.1 points more (5th to 95th percentile)"),
        (-0.004, 0.004, ""),
        (np.nan, np.nan, ""),
    ],
)
def test_draws_are_told_where_they_go_further_than_the_central_run(low: float, high: float, told: str) -> None:
    assert in_draws(told_of("US", banded=True), low, high, 0.005, points) == told
    assert in_draws(told_of("US"), low, high, 0.005, points) == ""


def test_titles_speak_of_the_central_run_where_the_draws_differ_from_it() -> None:
    table = samples.summary(0.0)
    table = table.assign(difference_p05=-0.05 * table["baseline"], difference_p95=0.0)
    facts = samples.facts(switched=(SwitchDraws(switch="talks", on=131, central=False),))
    drawn = [
        supply_shares(table, facts, good="aluminium", destination="US", labels=samples.LABELS),
        import_shares(table, facts, good="aluminium", destination="US", labels=samples.LABELS),
        prices(table, facts, good="aluminium", region="US", labels=samples.LABELS),
    ]
    titles = [str(figure.get_label()) for figure in drawn]
    assert all(title.startswith("In the central run ") for title in titles)
    assert [title.partition("; in the draws ")[2] for title in titles] == [
        "the United States up to 2.0 points less (5th percentile)",
        "up to 2.8 points less (5th percentile)",
        "up to 5.0 % less (5th percentile)",
    ]
    switch = "talks is on in 131 draws, off in the central run."
    assert all(switch in " ".join(all_text(figure).split()) for figure in drawn)


def test_market_without_imports_is_told() -> None:
    table = samples.summary(1.0, FOUR)
    blank = table.assign(**dict.fromkeys(NUMBERS, np.nan))
    figure = import_shares(blank, samples.facts(), good="aluminium", destination="US", labels=samples.LABELS)
    told = " ".join(all_text(figure).split())
    assert "The United States would have no imports of primary aluminium to compare in 2036" in told


def test_both_waterfalls_step_down_from_what_is_taken_to_nought() -> None:
    data = winners_data(samples.offer())
    for panel in (REPLACES, COMES_FROM):
        steps = data[data["panel"] == panel]
        assert steps["value"].iloc[0] == pytest.approx(256.0)
        assert steps["value"].iloc[1:].sum() == pytest.approx(256.0)
        assert steps["end"].iloc[-1] == pytest.approx(0.0, abs=1e-9)
        np.testing.assert_allclose(steps["start"].iloc[2:], steps["end"].iloc[1:-1])
        assert "gap" not in set(steps["role"])


def test_waterfall_bands_are_those_of_the_losses() -> None:
    data = winners_data(samples.offer())
    canada = data[(data["panel"] == REPLACES) & (data["row"] == "Canada")].iloc[0]
    assert (canada["p05"], canada["value"], canada["p95"]) == pytest.approx((105.0, 150.0, 210.0))


def test_waterfall_shows_what_does_not_add_up() -> None:
    data = winners_data(samples.offer(use=samples.row("use", 6000.0, 50.0)))
    gap = data[data["role"] == "gap"]
    assert list(gap["panel"]) == [REPLACES]
    assert gap["value"].iloc[0] == pytest.approx(-38.0)


@pytest.mark.parametrize(
    ("effect", "finding"),
    [
        (
            1.0,
            (
                "The United States would take 0.3 of the 2.0 Mt that Russia offers: Canada would lose most sales, "
                "China would give up most metal"
            ),
        ),
        (
            0.0,
            "The United States would take none of the 2.0 Mt that Russia offers in 2036: no metal changes hands",
        ),
        (
            -1.0,
            (
                "The United States would take none of the 2.0 Mt that Russia offers in 2036, 256 kt less than in the "
                "baseline"
            ),
        ),
    ],
)
def test_finding_of_the_waterfall_follows_the_numbers(effect: float, finding: str) -> None:
    offer = samples.offer(effect)
    assert winners_finding(offer, winners_data(offer), samples.LABELS) == finding


def test_finding_of_an_offer_that_is_withdrawn_says_so() -> None:
    offer = samples.offer(0.0, offered=samples.band(0.0))
    told = winners_finding(offer, winners_data(offer), samples.LABELS)
    assert told == "The offer of Russia is not in force in 2036 in the central run"


def test_finding_of_the_waterfall_tells_home_supply_and_new_output() -> None:
    offer = samples.offer(
        suppliers=(samples.row("Russia", 0.0, 100.0), samples.row("US", 2000.0, -100.0)),
        use=samples.row("use", 6000.0, 0.0),
        customers=(),
        new_output=samples.row("output", 4000.0, 100.0),
    )
    told = winners_finding(offer, winners_data(offer), samples.LABELS)
    assert told.endswith("home suppliers would lose most sales, most would be new output")


def test_waterfall_of_more_than_changes_hands_says_so() -> None:
    # 100 kt from Russia and 150 more from Canada, since another measure adds 250 to use
    offer = samples.offer(
        suppliers=(samples.row("Russia", 0.0, 100.0), samples.row("Canada", 1000.0, 150.0)),
        use=samples.row("use", 6000.0, 250.0),
        customers=(samples.row("China", 500.0, 20.0),),
        new_output=samples.row("output", 4000.0, 120.0),
    )
    told = winners_finding(offer, winners_data(offer), samples.LABELS)
    assert told.endswith("use would rise by more than that, output would rise by more than that")
    figure = winners(offer, samples.facts(), labels=samples.LABELS)
    texts = " ".join(" ".join(all_text(figure).split()).split())
    assert "Canada, sells more" in texts
    assert "China, gets more" in texts
    assert "Hatched: who gets or sells more as well." in texts
    assert sum(patch.get_hatch() is not None for axes in figure.axes for patch in axes.patches) == 2
    plain = winners(samples.offer(), samples.facts(), labels=samples.LABELS)
    assert "atched" not in all_text(plain)


def test_what_stockpiles_sell_fills_the_stack_of_shares() -> None:
    table = samples.summary().copy()
    held = (table["indicator"] == "supply_share") & (table["region"] == "US") & (table["year"] == FOCUS)
    table.loc[held, "central"] *= 0.8  # the rest comes from a stock
    data = supply_shares_data(table, good="aluminium", destination="US", focus=FOCUS)
    stock = data[data["layer"] == STOCK].set_index("year")
    assert stock["scenario"][FOCUS] == pytest.approx(0.2)
    assert stock["scenario"].drop(FOCUS).abs().max() < 1e-9
    assert stock["baseline"].abs().max() < 1e-9
    assert data["layer"].iloc[-1] == STOCK
    assert STOCK not in set(
        supply_shares_data(samples.summary(), good="aluminium", destination="US", focus=FOCUS)["layer"]
    )
    figure = supply_shares(table, samples.facts(), good="aluminium", destination="US", labels=samples.LABELS)
    assert [area.get_hatch() is not None for area in figure.axes[1].collections].count(True) == 1
    assert "Stockpiles" in all_text(figure)
    assert "while stockpiles deliver 20 %" in " ".join(all_text(figure).split()).replace("\N{NO-BREAK SPACE}", " ")


def test_what_a_run_stands_against_is_named_where_it_is_no_baseline() -> None:
    facts = samples.facts(baseline="us_china_escalation")
    of = {"good": "aluminium", "labels": samples.LABELS}
    price = all_text(prices(samples.summary(), facts, region="US", **of))  # type: ignore[arg-type]
    assert "us china\nescalation" in price
    assert "Baseline" not in price
    shares = " ".join(all_text(import_shares(samples.summary(), facts, destination="US", **of)).split())  # type: ignore[arg-type]
    assert "Dashed: us_china_escalation" in shares
    assert "Dashed: baseline" in " ".join(
        all_text(
            import_shares(samples.summary(), samples.facts(baseline="nickel_baseline"), destination="US", **of)
        ).split()
    )


def test_labels_of_differences_tell_the_focus_and_the_last_year() -> None:
    data = samples.balances()
    figure = differences(data, samples.facts(), good="aluminium", labels=samples.LABELS)
    rows = data[(data["indicator"] == "production") & (data["region"] == "Russia")].set_index("year")["difference"]
    now, later = (small_tonnes(rows[year], sign=True) for year in (FOCUS, rows.index.max()))
    assert now != later
    told = " ".join(all_text(figure).split())
    assert f"{now} → {later}" in told.replace("\N{NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")


@pytest.mark.parametrize(
    ("kind", "missing", "finding"),
    [
        ("floor", 0.0, "Russia would deliver the whole 2.0 Mt guaranteed to the United States: Canada would lose"),
        ("contract", 500.0, "Russia would deliver 2.0 of the 2.5 Mt under contract to the United States: Canada would"),
    ],
)
def test_waterfall_serves_floors_and_contracts(kind: str, missing: float, finding: str) -> None:
    deal = samples.guarantee(kind, missing)
    data = winners_data(deal)
    assert list(data.loc[data["role"] == "total", "value"]) == pytest.approx([256.0, 256.0])
    pd.testing.assert_frame_equal(data, winners_data(samples.offer()))
    assert winners_finding(deal, data, samples.LABELS).startswith(finding)
    flows, both = samples.flows(), [samples.offer(), deal]
    names = [name for name, _ in gallery(samples.summary(), flows, [deal], samples.facts(), {})]
    assert "winners_and_losers" in names
    names = [name for name, _ in gallery(samples.summary(), flows, both, samples.facts(), {})]
    assert {"winners_and_losers_russian_aluminium_offer", "winners_and_losers_delivered"} <= set(names)


def test_flow_changes_keep_their_totals() -> None:
    data = flow_change_data(samples.flows(), good="aluminium", year=FOCUS)
    assert data.loc["Russia", "US"] == pytest.approx(256.0)
    assert data.loc["Canada", "US"] == pytest.approx(-150.0)
    np.testing.assert_allclose(data.drop(columns=TOTAL).sum(axis=1), data[TOTAL])
    np.testing.assert_allclose(data.drop(index=TOTAL).sum(axis=0), data.loc[TOTAL], atol=1e-9)
    table = samples.flows().query("year == @FOCUS")
    expected = (table["central_kt"] - table["baseline_kt"]).sum()
    assert data.loc[TOTAL, TOTAL] == pytest.approx(expected, abs=1e-9)
    assert OTHERS in data.index


def test_a_single_small_region_is_not_called_others() -> None:
    data = flow_change_data(samples.flows(1.0, FOUR), good="aluminium", year=FOCUS)
    assert OTHERS not in data.index
    assert set(data.index) == {*FOUR, TOTAL}


@pytest.mark.parametrize(
    ("effect", "finding"),
    [
        (1.0, "Sales of Russia to the United States would grow most (+256 kt), sales of Canada to the United States"),
        (-1.0, "Sales of Canada to the United States would grow most (+150 kt), sales of Russia to the United States"),
        (0.0, "No flow of aluminium would change in 2036"),
    ],
)
def test_finding_of_the_flows_follows_the_numbers(effect: float, finding: str) -> None:
    data = flow_change_data(samples.flows(effect), good="aluminium", year=FOCUS)
    told = flow_change_finding(data, good="aluminium", year=FOCUS, labels=samples.LABELS)
    assert told.replace("\N{MINUS SIGN}", "-").startswith(finding)


@pytest.mark.parametrize(
    ("baseline", "central", "finding"),
    [
        (3700.0, 3626.0, "Metal would be 2.0 % cheaper in 2036 (-3.0 to -1.0 % in 90 % of draws)"),
        (2000.0, 2500.0, "Metal would be 25 % dearer in 2036"),
        (
            2000.0,
            2000.4,
            (
                "In the central run metal would cost the same in 2036: 2,000 USD/t, as in the baseline; in the draws "
                "up to 3.0 % less (5th percentile)"
            ),
        ),
        (2000.0, np.nan, "Metal would have no price in 2036: nothing is sold"),
        (np.nan, 2000.0, "Metal would cost 2,000 USD/t in 2036; in the baseline nothing is sold"),
    ],
)
def test_finding_of_the_price_follows_the_numbers(baseline: float, central: float, finding: str) -> None:
    data = pd.DataFrame(
        {
            "year": [FOCUS],
            "baseline": [baseline],
            "central": [central],
            "difference_p05": [-0.03 * baseline],
            "difference_p95": [-0.01 * baseline],
        }
    )
    told = prices_finding(data, told_of("US", banded=True), what="metal")
    assert told.replace("\N{MINUS SIGN}", "-").startswith(finding)


def test_prices_come_by_year() -> None:
    table = samples.summary(1.0, FOUR)
    data = prices_data(
        table.sample(frac=1, random_state=np.random.default_rng(2)), good="aluminium", region="US", focus=FOCUS
    )
    assert list(data["year"]) == list(samples.YEARS)
    assert data["baseline"].iloc[0] == pytest.approx(3620.0)


def test_cents_per_pound_agree_with_the_pound() -> None:
    assert pytest.approx(164.2, abs=0.05) == 3620 * CENTS_PER_POUND


def test_flows_of_a_small_market_are_told_in_tenths() -> None:
    table = samples.flows()
    numbers = table.select_dtypes("number").columns.drop("year")
    small = table.assign(**{name: table[name] / 100 for name in numbers})
    figure = flow_change(small, samples.facts(), good="aluminium", labels=samples.LABELS)
    assert "Blank: under 0.05 kt." in all_text(figure)
    assert "+2.6" in all_text(figure)
    assert "Blank: under 0.5 kt." in all_text(FIGURES["flows"](samples.LABELS, 1.0))


def test_totals_do_not_take_the_tenths_of_the_cells() -> None:
    flows = pd.DataFrame(
        {
            "year": FOCUS,
            "good": "ore",
            "origin": ["Russia", "Russia", "Russia", "China", "Canada"],
            "destination": ["Russia", "China", "Estonia", "China", "Canada"],
            "baseline_kt": [1.0, 1.0, 1.0, 9.0, 5.0],
            "central_kt": [9.0, 5.0, 1.46, 4.5, 5.01],
        }
    )
    data = flow_change_data(flows, good="ore", year=FOCUS)
    assert (list(data.index), list(data.columns)) == (["Russia", "China", TOTAL], ["China", "Russia", "Estonia", TOTAL])
    told = all_text(flow_change(flows, samples.facts(), good="ore", labels={}))
    assert all(number in told for number in ("+8.0", "+4.0", "+0.5", "+12.5"))
    assert "Canada" not in told.split("\n")


def test_run_without_a_changed_flow_gets_no_sheet_of_them() -> None:
    assert not has_changes(samples.flows(0.0), "aluminium", FOCUS)
    assert has_changes(samples.flows(), "aluminium", FOCUS)
    names = [name for name, _ in gallery(samples.summary(0.0), samples.flows(0.0), [], samples.facts(), {})]
    assert "flow_change" not in names
    with pytest.raises(DataError, match="none of aluminium changes in 2036"):
        flow_change(samples.flows(0.0), samples.facts(), good="aluminium", labels={})


def test_both_sides_of_a_comparison_never_read_alike() -> None:
    assert told_apart(0.446, 0.451) == ("44.6", "45.1")
    assert told_apart(0.44, 0.451) == ("44", "45")
    data = pd.DataFrame({"origin": ["Brazil", "Canada"], "year": FOCUS, "baseline": [0.451, 0.437]})
    data = data.assign(central=[0.452, 0.444], p05=0.3, p95=0.6, difference=[0.001, 0.007])
    told = import_shares_finding(data, told_of("US", data["origin"]))
    assert told == (
        "The US would still get 45 % of its imports of aluminium from Brazil in 2036; "
        "44.4 % from Canada instead of 43.7 %"
    )


def test_brackets_are_announced_only_where_there_are_some() -> None:
    assert "in brackets" in all_text(draw_shares())
    assert "in brackets" not in all_text(draw_shares(0.0))


def test_stages_without_the_country_are_left_out() -> None:
    data = dependence_data(samples.chain_summary(), goods=("oxide", "ore"), market="US", country="China", focus=FOCUS)
    panels = list(dict.fromkeys(zip(data["indicator"], data["good"], strict=True)))
    assert panels == [
        ("import_share", "oxide"), ("supply_share", "oxide"), ("touched_imports", "oxide"), ("touched_supply", "oxide")
    ]  # fmt: skip


def test_what_is_touched_of_imports_gives_way_to_a_stage() -> None:
    table = samples.chain_summary()
    ore = (table["good"] == "ore") & (table["partner"] == "Australia")
    chained = table.assign(partner=table["partner"].where(~ore, "China"))
    data = dependence_data(chained, goods=("oxide", "ore"), market="US", country="China", focus=FOCUS)
    assert data["indicator"].iloc[0] == "import_share"
    assert data["good"].iloc[0] == "ore"
    assert TOUCHED_IMPORTS not in set(data["indicator"])


def test_shares_that_go_home_are_said_to_go_to_home_suppliers() -> None:
    table = samples.chain_summary()
    data = supply_shares_data(table, good="oxide", destination="US", focus=FOCUS)
    names = {name: samples.LABELS.get(name, name) for name in data["layer"]}
    told = replace(told_of("United States"), good="oxide", names=names)
    finding = supply_shares_finding(data[data["layer"].isin(["China", "US"])], told)
    assert finding == (
        "China would hold 15 % instead of 54 % of the supply of oxide to the United States "
        "in 2036, first of all to the benefit of home suppliers"
    )


def test_caution_stands_under_the_figures_of_its_good_alone() -> None:
    facts = samples.chain_facts()
    assert "One basket hides" in evidence(facts, good="oxide")
    assert "One basket hides" not in evidence(facts, good="ore")


def test_states_of_a_switch_are_told_apart() -> None:
    cases = samples.cases()
    data = cases_data(cases).set_index(["panel", "good", "state"])
    assert data.loc[(IMPORTS, "oxide", "on"), "value"] == pytest.approx(47.0)
    assert data.loc[(IMPORTS_CHANGE, "oxide", "on"), "value"] == pytest.approx(-13.0)
    assert data.loc[(IMPORTS_CHANGE, "oxide", "off"), "value"] == 0.0
    assert tuple(data.loc[(OUTPUT, "ore", "on"), ["p05", "value", "p95"]]) == pytest.approx((6.3, 9.0, 12.6))
    told = cases_finding(cases, cases_data(cases), samples.LABELS).replace("\xa0", " ").replace("\N{MINUS SIGN}", "-")
    assert told == (
        "The share of China in the imports of oxide of the United States would move by -13 points (-18 to -9.1) with "
        "talks on and by 0 points with it off in 2036"
    )


def test_numbers_that_no_state_has_are_left_out() -> None:
    cases = samples.cases()
    blank = Band(central=np.nan, p05=np.nan, p50=np.nan, p95=np.nan)
    states = tuple(replace(state, imports=blank, imports_change=blank) for state in cases.states)
    none = replace(cases, states=states)
    data = cases_data(none)
    assert not {IMPORTS, IMPORTS_CHANGE} & set(data["panel"])
    assert len(data) == 8
    assert cases_finding(none, data, {}).endswith("cannot be told apart in 2036: nothing is imported")


def test_cases_come_first_where_the_central_run_shows_nothing() -> None:
    facts = samples.facts(switched=(SwitchDraws(switch="talks", on=27, central=False),))
    idle, moving = (
        [name for name, _ in gallery(samples.summary(effect), samples.flows(effect), [], facts, {}, cases=cases)]
        for effect, cases in ((0.0, [samples.cases()]), (1.0, [samples.cases()]))
    )
    assert idle == ["cases", "us_import_shares", "us_price"]
    assert moving == ["us_supply_shares", "us_import_shares", "us_price", "flow_change", "cases"]
    one = replace(samples.cases(), states=samples.cases().states[:1])
    alone = [name for name, _ in gallery(samples.summary(), samples.flows(), [], facts, {}, cases=[one])]
    assert "cases" not in alone
    two = [samples.cases(), samples.cases(good="ore")]
    named = [name for name, _ in gallery(samples.summary(), samples.flows(), [], facts, {}, cases=two)]
    assert named[-2:] == ["cases_talks_oxide", "cases_talks_ore"]


def test_differences_are_told_by_their_bands_where_the_central_run_stays() -> None:
    table = samples.summary(0.0)
    table = table.assign(difference_p05=-0.05 * table["baseline"], difference_p95=0.0)
    figure = import_shares(table, samples.facts(), good="aluminium", destination="US", labels=samples.LABELS)
    told = all_text(figure).replace("\n", " ").replace("\N{MINUS SIGN}", "-")
    assert "Canada -2.8 to 0" in told
    assert "Canada +0" not in told


# drawing


FIGURES: dict[str, Callable[[dict[str, str], float], Figure]] = {
    "shares": lambda labels, effect: supply_shares(
        samples.summary(effect), samples.facts(), good="aluminium", destination="EU", labels=labels
    ),
    "winners": lambda labels, effect: winners(samples.offer(effect), samples.facts(), labels=labels),
    "guarantees": lambda labels, effect: winners(
        samples.guarantee("floor", 0.0, effect), samples.facts(), labels=labels
    ),
    "prices": lambda labels, effect: prices(
        samples.summary(effect), samples.facts(), good="aluminium", region="US", labels=labels
    ),
    "imports": lambda labels, effect: import_shares(
        samples.summary(effect), samples.facts(), good="aluminium", destination="Korea", labels=labels
    ),
    "flows": lambda labels, effect: flow_change(
        samples.flows(effect), samples.facts(), good="aluminium", labels=labels
    ),
    "dependence": lambda labels, effect: dependence(
        samples.chain_summary(effect),
        samples.chain_facts(),
        goods=("oxide", "ore"),
        market="US",
        country="China",
        labels=labels | {"oxide": "Oxides and metals"},
    ),
    "concentration": lambda labels, effect: concentration(
        samples.balances(effect), samples.facts(), good="aluminium", market="US", labels=labels
    ),
    "differences": lambda labels, effect: differences(
        samples.balances(effect), samples.facts(), good="aluminium", labels=labels
    ),
    "cases": lambda labels, effect: cases_apart(
        samples.cases(effect), samples.chain_facts(), labels=labels | {"oxide": "Oxides and metals"}
    ),
}


@pytest.mark.parametrize(
    ("name", "effect"),
    [(name, effect) for name in sorted(FIGURES) for effect in (1.0, 0.0, -1.0) if (name, effect) != ("flows", 0.0)],
)
@pytest.mark.parametrize("labels", [samples.LABELS, LONG], ids=["short", "long"])
def test_no_text_is_clipped_or_overlaps_another(
    name: str, labels: dict[str, str], effect: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = FIGURES[name](labels, effect)
    for written in (png_bytes, svg_bytes):
        boxes = drawn_boxes(figure, monkeypatch, written)
        assert len(boxes) > 5
        assert beyond(figure, boxes) == []
        assert overlapping(boxes) == []


WORDS = "Narrow ill letters, WIDE MMM CAPITALS and 1,234.5 figures: 2 Mt/yr (russian_aluminium_delivered) " * 5


def test_no_line_of_a_sheet_runs_past_its_edge(monkeypatch: pytest.MonkeyPatch) -> None:
    for length in range(150, 400, 10):  # so that some lines end at the edge, whatever stands before it
        words = WORDS[:length]
        figure = sheet(words, [words], words, body=1.0).figure
        boxes = drawn_boxes(figure, monkeypatch)
        assert beyond(figure, boxes) == []
        assert " ".join(told for told, _ in boxes).split() == 3 * words.split()


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_long_titles_and_footnotes_are_broken_in_every_figure(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = samples.chain_facts(title=WORDS[:190], stated=(WORDS[:370],))
    monkeypatch.setattr(samples, "facts", lambda: facts)
    monkeypatch.setattr(samples, "chain_facts", lambda: facts)
    figure = FIGURES[name](samples.LABELS, 1.0)
    boxes = drawn_boxes(figure, monkeypatch)
    assert beyond(figure, boxes) == []
    told = " ".join(told for told, _ in boxes)
    assert WORDS[:190].strip() in told
    assert f"not validated: {WORDS[:370].strip()}." in told


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_figures_say_run_counts_evidence_and_what_is_not_validated(name: str) -> None:
    told = " ".join(all_text(FIGURES[name](samples.LABELS, 1.0)).split())
    assert "The United States lift their sanctions on Russian metals (sanctions_lifted, against baseline)" in told
    assert "254 of 256 draws solved, 1 infeasible, 1 failed." in told
    assert "Stated by the documents, not validated: 2 Mt/yr (russian_aluminium_offer)." in told
    assert "Evidence, weakest first: document, assumption, derived, literature, statistic." in told
    assert "2036" in told


@pytest.mark.parametrize("name", sorted(FIGURES))
def test_markup_in_names_prints_as_it_is(name: str) -> None:
    hostile = samples.LABELS | {"aluminium": "x $Al_2$ <b>&amp;", "US": "A_b$c$ ^<"}
    figure = FIGURES[name](hostile, 1.0)
    assert "$" in all_text(figure)
    assert not any(text.get_parse_math() for text in texts_of(figure))
    ET.fromstring(svg_bytes(figure))  # noqa: S314 (our own file; a name taken as markup would break it)
    assert b"<b>" not in svg_bytes(figure)


def test_figures_have_the_same_bytes_each_time_and_no_date() -> None:
    first, second = draw_shares(1.0, FOUR), draw_shares(1.0, FOUR)
    assert svg_bytes(first) == svg_bytes(second) == svg_bytes(first)
    assert png_bytes(first) == png_bytes(second) == png_bytes(first)
    assert b"<dc:date>" not in svg_bytes(first)
    assert b"<title>Russia would gain" in svg_bytes(first) or b"<dc:title>Russia would gain" in svg_bytes(first)
    assert set(Image.open(io.BytesIO(png_bytes(first))).info) <= {"dpi"}


def test_settings_of_the_user_do_not_reach_the_figures() -> None:
    plain = svg_bytes(draw_shares(1.0, FOUR))
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.fonttype": "none", "text.color": "blue"}):
        assert svg_bytes(draw_shares(1.0, FOUR)) == plain
        assert mpl.rcParams["font.size"] == 30


def test_drawing_needs_no_pyplot() -> None:
    code = "import sys, sim.output.plots.gallery; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_us_aluminium_has_an_axis_in_cents_a_pound() -> None:
    assert "¢/lb" in all_text(FIGURES["prices"](samples.LABELS, 1.0))
    elsewhere = prices(samples.summary(), samples.facts(), good="aluminium", region="EU", labels=samples.LABELS)
    assert "¢/lb" not in all_text(elsewhere)


def test_single_year_and_blank_years_are_drawn() -> None:
    table = samples.summary(1.0, FOUR)
    one = table[table["year"] == FOCUS]
    blank = table.copy()
    blank.loc[(blank["region"] == "US") & (blank["year"] > 2030), NUMBERS] = np.nan
    for rows, finding in ((one, "cheaper in 2036"), (blank, "would have no price in 2036")):
        assert finding in all_text(prices(rows, samples.facts(), good="aluminium", region="US", labels={}))
        figure = supply_shares(rows, samples.facts(), good="aluminium", destination="US", labels={})
        assert len(png_bytes(figure)) > 10_000


def test_market_that_supplies_itself_is_one_layer() -> None:
    figure = supply_shares(
        samples.summary(1.0, ("Turkey", "US")), samples.facts(), good="aluminium", destination="Turkey", labels={}
    )
    assert "Turkey 100 %" in all_text(figure)
    assert "Others" not in all_text(figure)


def test_labels_tell_the_focus_year_and_the_year_they_stand_beside() -> None:
    told = all_text(draw_shares()).replace("\n", " ")
    assert "Russia 4.0 → 3.7 %" in told
    assert "Russia 0 %" in told
    assert "Numbers: 2036 → 2050" in told
    to_focus = samples.summary().query("year <= @FOCUS")
    figure = supply_shares(to_focus, samples.facts(), good="aluminium", destination="US", labels=samples.LABELS)
    assert "Russia 4.0 %" in all_text(figure)


def test_band_of_the_largest_move_stands_in_the_title() -> None:
    assert "Russia would gain 4.0 % (2.4 to 6.0) of the supply" in " ".join(all_text(draw_shares()).split())


def test_central_run_draws_no_band() -> None:
    figure = draw_shares(draws=0)
    assert "percentile" not in all_text(figure)
    assert "Central run only, no draws." in all_text(figure)


def test_gallery_names_the_figures_of_a_run() -> None:
    names = [name for name, _ in gallery(samples.summary(), samples.flows(), [samples.offer()], samples.facts(), {})]
    assert names == ["us_supply_shares", "us_import_shares", "us_price", "winners_and_losers", "flow_change"]


def test_baseline_is_drawn_alone() -> None:
    facts = samples.facts(scenario="baseline", title="Policies in force stay")
    figures = dict(made(gallery(samples.summary(0.0), samples.flows(0.0), [], facts, samples.LABELS)))
    assert list(figures) == ["us_supply_shares", "us_import_shares", "us_price"]
    told = {name: " ".join(all_text(figure).split()) for name, figure in figures.items()}
    assert all("against" not in text and "Difference" not in text for text in told.values())
    assert told["us_supply_shares"].count("Policies in force stay") == 2  # in the subtitle and over one panel
    assert "in 2036 would be the United States with 39 %" in told["us_supply_shares"]
    assert "would get 56 % of its imports of primary aluminium from Canada in 2036" in told["us_import_shares"]
    assert "would cost 3,707 USD/t in 2036, 2.4 % more than in 2024" in told["us_price"]


def test_ticks_have_the_decimals_their_step_needs() -> None:
    for step, told in ((0.25, "+0.25"), (0.5, "+0.5"), (20.0, "+20"), (1000.0, "+1,000")):
        axes = Figure().add_subplot()
        axes.set_yticks([0.0, step])
        number_ticks(axes.yaxis, sign=True)
        assert axes.yaxis.get_major_formatter()(step) == told


def test_goods_without_an_offer_get_the_home_market_or_the_one_that_moves_most() -> None:
    table = samples.summary()
    other = pd.concat([table, table[table["region"] == "Korea"].assign(good="oxide")])
    offers = [samples.offer()]
    assert shown_markets(other, offers, home="US") == [("aluminium", "US"), ("oxide", "Korea")]
    assert shown_markets(table, [], home="US") == [("aluminium", "US")]
    assert shown_markets(table, [replace(samples.offer(), destination="EU")], home="US") == [("aluminium", "EU")]


def test_figure_files_are_svg_and_png() -> None:
    files = figure_files("us_price", draw_shares(1.0, FOUR))
    assert list(files) == ["figures/us_price.svg", "figures/us_price.png"]
    assert files["figures/us_price.png"].startswith(b"\x89PNG")
    assert b"<svg" in files["figures/us_price.svg"]


def test_first_year_keeps_its_tick_beside_an_early_focus_year() -> None:
    for room, told in ((9.0, "2027"), (2.0, "\n2027")):
        axes = Figure().add_subplot()
        year_ticks(axes, samples.YEARS, room, 2027)
        assert [text.get_text() for text in axes.get_xticklabels()][:2] == ["2024", told]
    assert year_room(samples.YEARS, 2.0, 2027) > year_room(samples.YEARS, 9.0, 2027)


def test_numbers_stand_at_their_points_and_off_the_curves() -> None:
    figure = Figure(figsize=(4.0, 4.0))
    axes = figure.add_axes((0.1, 0.1, 0.5, 0.5))
    years = list(range(2024, 2035))
    curve = np.array([10.0 + abs(year - 2028) for year in years])
    axes.plot(years, curve)
    axes.set_xlim(2024, 2034)
    axes.set_ylim(0, 20)
    label = PointLabel(level=10.0, lines=["10 %"], colour="black")
    point_labels(axes, 2028, [label], [(years, curve)], (2.0, 2.0))
    (told,) = (text for text in texts_of(figure) if text.get_text() == "10 %")
    figure.canvas.draw()
    box = told.get_window_extent()
    fine = np.linspace(2024, 2034, 2000)
    x, y = axes.transData.transform(np.column_stack([fine, np.interp(fine, years, curve)])).T
    assert not ((x >= box.x0) & (x <= box.x1) & (y >= box.y0) & (y <= box.y1)).any()
    point = axes.transData.transform((2028, 10.0))
    assert np.hypot(point[0] - min(max(point[0], box.x0), box.x1), point[1] - min(max(point[1], box.y0), box.y1)) < 20


def test_prices_are_told_at_their_year() -> None:
    figure = FIGURES["prices"](samples.LABELS, 1.0)
    told = all_text(figure).split("\n")
    assert "3,707" in told
    assert "Scenario" in told
    assert not any(line.endswith(f"in {FOCUS}") and line[0].isdigit() for line in told)


def test_waterfall_separates_thousands_on_its_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    big = samples.offer(suppliers=(samples.row("Russia", 0.0, 2400.0),), use=samples.row("use", 9000.0, 2400.0))
    boxes = drawn_boxes(winners(big, samples.facts(), labels=samples.LABELS), monkeypatch)
    assert "1,000" in [told for told, _ in boxes]


# palette and measures


def test_region_keeps_its_colour_in_any_company() -> None:
    for company in (FOUR, ("Russia", "India", "Japan"), samples.REGIONS):
        assert region_colours(company)["Russia"] == REGION_COLOURS["Russia"]
    assert len(set(REGION_COLOURS.values())) == 8


def test_unknown_regions_take_greys_unless_nobody_is_known() -> None:
    found = region_colours(("US", "India", "Japan", OTHERS))
    assert found["India"] in GREYS
    assert found["Japan"] in GREYS
    assert found["India"] != found["Japan"]
    own = region_colours(("Alpha", "Beta", "Gamma"))
    assert len(set(own.values())) == 3
    assert not set(own.values()) & set(GREYS)


def test_regions_without_a_colour_borrow_what_is_free() -> None:
    lent = lent_colours(("Madagascar", "Brazil", "Australia", OTHERS))
    assert lent == lent_colours((OTHERS, "Brazil", "Australia", "Madagascar"))
    assert lent["Australia"] == REGION_COLOURS["Australia"]
    assert len(set(lent.values())) == 4
    assert not {lent["Brazil"], lent["Madagascar"]} & {*GREYS, *(REGION_COLOURS[name] for name in FOUR[:3])}
    assert lent_colours((*REGION_COLOURS, "Japan"))["Japan"] in GREYS


def test_coloured_text_reads_on_white() -> None:
    for colour in (*REGION_COLOURS.values(), *GREYS):
        assert 1.05 / (luminance(text_colour(colour)) + 0.05) >= 4.5


def test_labels_that_do_not_touch_stay_where_they_are() -> None:
    assert spread([10.0, 50.0, 90.0], [5.0, 5.0, 5.0], 0.0, 100.0) == [10.0, 50.0, 90.0]


def test_labels_that_touch_move_apart_evenly() -> None:
    assert spread([50.0, 50.0], [10.0, 10.0], 0.0, 100.0) == pytest.approx([45.0, 55.0])
    assert spread([99.0, 99.0], [10.0, 10.0], 0.0, 100.0) == pytest.approx([85.0, 95.0])
    assert spread([0.0, 0.0, 0.0], [10.0, 20.0, 10.0], 0.0, 100.0) == pytest.approx([5.0, 20.0, 35.0])
    assert spread([], [], 0.0, 1.0) == []


def test_labels_never_overlap_for_any_wish() -> None:
    rng = np.random.default_rng(11)
    for _ in range(200):
        count = int(rng.integers(1, 12))
        heights = rng.uniform(1, 8, count)
        places = np.array(spread(list(np.sort(rng.uniform(0, 100, count))), list(heights), 0.0, 100.0))
        assert (np.diff(places) >= (heights[1:] + heights[:-1]) / 2 - 1e-9).all()
        assert places[0] - heights[0] / 2 >= -1e-9
        assert places[-1] + heights[-1] / 2 <= 100 + 1e-9


def test_wrapped_lines_fit_and_keep_the_words() -> None:
    text = "How much of the offered metal would the market take in the end"
    lines = wrapped(text, 1.5)
    assert " ".join(lines) == text
    assert all(text_width(line) <= 1.5 for line in lines)
    cut = wrapped("x" * 60, 1.0)
    assert "".join(cut) == "x" * 60
    assert all(text_width(line) <= 1.0 for line in cut)


def test_shortened_names_keep_their_number() -> None:
    lines = shortened("A name that goes on and on and never wants to end", 1.2, 2, tail=" 12 %")
    assert len(lines) == 2
    assert lines[-1].endswith("… 12\N{NO-BREAK SPACE}%")
    assert shortened("Canada", 1.2, 2, tail=" 12 %") == ["Canada 12\N{NO-BREAK SPACE}%"]
