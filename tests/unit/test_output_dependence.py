from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from sim.errors import DataError
from sim.output.answer import render_answer
from sim.output.plots.about import About
from sim.output.plots.dependence import dependence_data, dependence_finding
from sim.output.plots.gallery import gallery, shown_markets
from sim.records.outcome import Band, ProjectAnswer
from tests import output_samples as samples

LABELS = samples.LABELS | {"oxide": "Oxide", "ore": "Ore"}
FOCUS = samples.FOCUS


def answer(
    *projects: ProjectAnswer, effect: float = 1.0, unserved: float = 0.0, width: int = 100, **facts: object
) -> str:
    table = samples.chain_summary(effect, unserved)
    return render_answer(samples.chain_facts(**facts), (), width, projects=projects, labels=LABELS, summary=table)


def told(*projects: ProjectAnswer, **given: object) -> str:
    return " ".join(answer(*projects, **given).split())  # type: ignore[arg-type]


# the finding


def test_finding_tells_imports_supply_and_any_stage_with_bands() -> None:
    text = told()
    assert (
        "The United States would get 20 % (16 to 24) of its imports of oxide from China in 2036 instead of 60 %, and "
        "15 % (11 to 19) of all its supply instead of 54 %." in text
    )
    assert (
        "At some stage China would have a part in 35 % of that supply instead of 70 % (-35.0 points; -38.5 to -31.5)."
        in text
    )
    assert "Shares are gained by Malaysia (+18.0 points), home suppliers (+15.0 points) and the EU without " in text
    assert "The United States would buy no ore from China in either case." in text


def test_finding_tells_price_use_and_the_last_year() -> None:
    text = told()
    assert (
        "The price of oxide there would be 15,400 instead of 14,000 USD/t (+10 %; +9.0 to +11 %), the world price "
        "practically unchanged at 14,000 USD/t." in text
    )
    assert "Use there would be 9.5 instead of 10.0 kt (-5.0 %)." in text
    assert "By 2050: 18 instead of 60 % of imports, a part at some stage in 33 instead of 70 % of supply." in text
    assert "By 2050" not in told(focus=2050)


def test_unserved_demand_is_told_in_tonnes() -> None:
    assert "No demand is left unserved." in told()
    assert "Demand without a source: 0.40 instead of 0 kt." in told(unserved=0.4)


def test_dependence_that_hardly_moves_is_told_as_such() -> None:
    text = told(effect=0.01)
    assert "would still get 60 % of its imports of oxide from China in 2036 (-0.40 points; -0.44 to -0.36)" in text
    assert "as in the baseline (-0.35 points; " in text
    assert "By 2050 60 % of imports, as in the baseline." in text


def test_share_that_moves_within_a_percent_is_told_with_a_digit_more() -> None:
    table = samples.chain_summary()
    touched = table["indicator"].isin(["touched_supply", "import_share"]) & (table["partner"] == "China")
    table.loc[touched, ["baseline", "central", "difference"]] = [0.137, 0.144, 0.007]
    text = " ".join(render_answer(samples.chain_facts(), (), 100, summary=table, labels=LABELS).split())
    assert "would get 14.4 % " in text
    assert "from China in 2036 instead of 13.7 %" in text
    assert "By 2050: 14.4 instead of 13.7 % of imports, a part at some stage in 14.4 instead of 13.7 %" in text


def test_last_year_tells_each_share_beside_the_baseline() -> None:
    table = samples.chain_summary()
    alike = (table["indicator"] == "import_share") & (table["partner"] == "China") & (table["year"] == 2050)
    table.loc[alike, ["baseline", "central", "difference"]] = [0.98, 0.98, 0.0]
    text = " ".join(render_answer(samples.chain_facts(), (), 100, summary=table, labels=LABELS).split())
    assert "By 2050: 98 % of imports as in the baseline, a part at some stage in 33 instead of 70 % of supply." in text


def test_nothing_is_told_against_itself() -> None:
    table = samples.chain_summary(0.01)
    price = (table["indicator"] == "delivered_price") & (table["good"] == "oxide")
    table.loc[price, ["baseline", "central", "difference"]] = [13926.0, 13934.0, 8.0]
    text = " ".join(render_answer(samples.chain_facts(), (), 100, summary=table, labels=LABELS).split())
    for ours, theirs in re.findall(r"([\d,.]+)(?: %| kt)? instead of ([\d,.]+)", text):
        assert ours != theirs
    table.loc[price, ["baseline", "central", "difference"]] = [13901.0, 13904.9, 8.0]
    text = " ".join(render_answer(samples.chain_facts(), (), 100, summary=table, labels=LABELS).split())
    assert "The price of oxide there would be 13,905 instead of 13,901 USD/t" in text


def test_single_draw_has_no_band() -> None:
    table = samples.chain_summary()
    for end in ("p05", "p50", "p95"):
        table[end], table[f"difference_{end}"] = table["central"], table["difference"]
    text = render_answer(samples.chain_facts(draws=1, solved=1), (), 100, summary=table, labels=LABELS)
    words = " ".join(text.split())
    assert "would get 20 % of its imports" in words
    assert "instead of 14,000 USD/t (+10 %)" in words
    assert not re.findall(r"([+-]?[\d,.]+) to \1\b", words.split("Dependence of")[0])


def test_notices_name_regions_and_goods_by_label() -> None:
    notices = ("No source is open to US: up to 3 kt a year of oxide unserved", "us_oxide_US binds: parameters.oxide.US")
    text = told(notices=notices)
    assert "No source is open to the United States: up to 3 kt a year of oxide unserved." in text
    assert "us_oxide_US binds: parameters.oxide.US." in text


def test_central_run_has_no_bands() -> None:
    assert "would get 20 % of its imports" in told(draws=0, solved=0)
    assert "(-35.0 points)." in told(draws=0, solved=0)


def test_stages_stand_in_one_table_before_the_changes() -> None:
    text = answer()
    table = text[text.index("Dependence of the United States on China in 2036") :].split("\n\n")[0]
    numbers = {line[:40].strip(): line.split()[-6:-4] for line in table.splitlines()[2:]}
    assert list(numbers) == [
        "Oxide: of imports",
        "Oxide: of supply",
        "Touched at any stage: of imports",
        "Touched at any stage: of supply",
        "Ore: of imports",
    ]
    assert text.index("Oxide: supply shares that change most") < text.index("Ore: supply shares that change most")
    assert text.index("Dependence of") < text.index("Oxide: supply shares")


def test_input_that_changes_by_little_has_no_table() -> None:
    assert "Ore: prices" in answer()
    assert "Ore:" not in answer(effect=0.05).split("Ore: of imports")[1]


def test_caution_of_the_world_is_told() -> None:
    assert "One basket hides that the dependence sits in a few elements." in told()
    assert "One basket" not in told(cautions=())


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = answer(samples.project(), samples.plant(), width=width)
    assert max(len(line) for line in text.splitlines()) <= width


# projects


def test_mines_without_processing_say_where_their_metal_goes_and_why_little_moves() -> None:
    text = told(samples.project(), effect=0.01)
    assert "Russia would make 10.0 kt more ore in 2036 (7.0 to 14.0), 13.0 instead of 3.0 kt." in text
    assert "Of the projects, mine (12.0 kt a year) runs from 2031 and makes 10.0 kt." in text
    assert (
        "No project of the scenario makes oxide of it. Of what is added, 90 % goes to China and 10 % goes to Estonia: "
        "it is processed there." in text
    )
    assert (
        "What China processes counts as touched by China, wherever it was dug: that is why its part in the supply of "
        "the United States at any stage hardly gives way (-0.35 points; " in text
    )
    assert (
        "Of the oxide made from the metal of Russia, the United States would get 0.60 kt instead of 0.30: by way of "
        "China +0.20, by way of Estonia +0.10." in text
    )


def test_reason_follows_from_the_flows() -> None:
    elsewhere = samples.project(destinations=(samples.row("Estonia", 2.0, 10.0),))
    text = told(elsewhere, effect=0.01)
    assert "Of what is added, 100 % goes to Estonia: it is processed there." in text
    assert "counts as touched by China" not in text


def test_mines_with_processing_do_not_say_that_nobody_processes() -> None:
    home = samples.project(destinations=(samples.row("Russia", 1.0, 8.0), samples.row("China", 0.0, 2.0)))
    text = told(home, samples.plant())
    assert "No project of the scenario" not in text
    assert "Of what is added, 80 % stays at home and 20 % goes to China: it is processed there." in text
    assert text.index("What Russia sells of oxide") < text.index("What Russia sells of ore")


def test_plant_is_compared_with_the_mines_alone() -> None:
    text = told(samples.project(), samples.plant())
    assert (
        "Without the processing, ore alone would move the part of China in the supply of the United States at any "
        "stage by -0.20 points (-0.40 to -0.10, median -0.30), because 75 % of what is added would go to China; with "
        "it that part moves by -35.0 points (-38.5 to -31.5, median -35.0)." in text
    )
    assert "Its ore, 10.0 kt: 90 % from its own mines and 10 % from China." in text


def test_other_producers_that_give_way_are_told() -> None:
    fewer = samples.project(output=samples.row("output", 3.0, 8.0))
    assert "Other producers there make 2.0 kt less, because the price falls." in told(fewer)
    assert "Other producers" not in told(samples.project())


def test_small_destinations_are_summed_and_add_up() -> None:
    many = tuple(samples.row(name, 0.0, 1.0) for name in samples.REGIONS[:10])
    text = answer(samples.project(destinations=many))
    assert "5 others" in text
    line = next(line for line in text.splitlines() if line.strip().startswith("5 others"))
    assert line.split()[-1] == "+5.0"


def test_project_that_makes_nothing_yet_is_told() -> None:
    part = replace(samples.project().parts[0], first_year=None, output=Band(central=0.0, p05=0.0, p50=0.0, p95=0.0))
    assert "mine (12.0 kt a year) makes nothing yet." in told(samples.project(parts=(part,)))


# the figure


def panels(data: pd.DataFrame, column: str) -> dict[tuple[str, str], float]:
    rows = data[data["year"] == FOCUS]
    return dict(zip(zip(rows["indicator"], rows["good"], strict=True), rows[column], strict=True))


def data_of(table: pd.DataFrame) -> pd.DataFrame:
    return dependence_data(table, goods=("oxide", "ore"), market="US", country="China", focus=FOCUS)


def test_panels_go_from_the_raw_good_to_any_stage() -> None:
    table = samples.chain_summary()
    ore = (table["good"] == "ore") & (table["partner"] == "Australia")
    data = data_of(table.assign(partner=table["partner"].where(~ore, "China")))
    after = panels(data, "central")
    assert list(after) == [
        ("import_share", "ore"),
        ("import_share", "oxide"),
        ("supply_share", "oxide"),
        ("touched_supply", "oxide"),
    ]
    assert list(after.values()) == pytest.approx([1.0, 0.2, 0.15, 0.35])
    assert list(panels(data, "baseline").values()) == pytest.approx([1.0, 0.6, 0.54, 0.7])


def test_finding_of_the_figure_follows_from_its_data() -> None:
    told = About(market="United States", good="oxide", focus=FOCUS, names={}, banded=True)
    moved = dependence_finding(data_of(samples.chain_summary()), told, country="China")
    assert moved == (
        "China would have a part in 35 % of the supply of oxide to the United States in 2036 instead of 70 %; of "
        "imports it would sell 20 instead of 60 %"
    )
    still = dependence_finding(data_of(samples.chain_summary(0.0)), told, country="China")
    assert still.endswith("70 % of the supply of oxide to the United States in 2036, as in the baseline")
    central_stays = data_of(samples.chain_summary(0.0)).assign(difference_p05=-0.131, difference_p95=0.0)
    assert dependence_finding(central_stays, told, country="China") == (
        "In the central run China would have a part in 70 % of the supply of oxide to the United States in 2036, as in "
        "the baseline; in the draws up to 13 points less (5th percentile)"
    )


def test_unknown_country_is_named() -> None:
    with pytest.raises(DataError, match="US gets no oxide from Atlantis"):
        dependence_data(samples.chain_summary(), goods=("oxide",), market="US", country="Atlantis", focus=FOCUS)


def test_chain_starts_with_its_dependence_and_the_final_good() -> None:
    table = samples.chain_summary()
    flows = samples.flows().assign(good="oxide")
    flows = pd.concat([flows, flows.assign(good="ore")])
    names = [name for name, _ in gallery(table, flows, [], samples.chain_facts(), LABELS)]
    assert names == [
        "us_dependence",
        "us_supply_shares",
        "us_import_shares",
        "us_price",
        "us_supply_shares_ore",
        "us_import_shares_ore",
        "us_price_ore",
        "flow_change",
        "differences",
        "flow_change_ore",
        "differences_ore",
    ]


def test_market_of_the_subject_is_drawn_before_the_home_market() -> None:
    table = samples.chain_summary()
    elsewhere = pd.concat([table, table.assign(region="Japan")])
    subject = replace(samples.CHAIN, market="Japan")
    assert shown_markets(elsewhere, [], home="US", subjects=[subject]) == [("oxide", "Japan"), ("ore", "Japan")]
    assert shown_markets(elsewhere, [], home="US") == [("ore", "US"), ("oxide", "US")]


def test_year_in_which_the_price_is_furthest_off_is_told() -> None:
    early = samples.chain_summary()
    price = (early["indicator"] == "delivered_price") & (early["year"] == 2027) & (early["good"] == "oxide")
    early.loc[price, ["difference", "difference_p05", "difference_p95"]] = [9000.0, 8000.0, 9500.0]
    text = " ".join(render_answer(samples.chain_facts(), (), 100, summary=early, labels=LABELS).split())
    assert re.search(r"Furthest from the baseline is it in 2027: \+\d+ % \(\+\d+ to \+\d+ %\)\.", text)
    assert "Furthest" not in told()


def test_market_that_imports_nothing_has_no_share() -> None:
    empty = samples.chain_summary()
    rows = empty[(empty["indicator"] == "consumption") & (empty["region"] == "US") & (empty["good"] == "oxide")]
    imports = rows.assign(indicator="imports", baseline=8.0, central=0.0)
    summary = pd.concat([empty, imports], ignore_index=True)
    text = " ".join(render_answer(samples.chain_facts(), (), 100, summary=summary, labels=LABELS).split())
    assert "The United States would import no oxide in 2036 instead of 8.0 kt." in text
    assert "of its imports of oxide" not in text
