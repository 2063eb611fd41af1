from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd
import pytest

from sim.output.answer import lead_of, render_answer
from sim.output.textblock import beside, rounded_parts, table
from sim.records.outcome import Band
from tests import output_samples as samples


def answer(width: int = 80, effect: float = 1.0, facts: dict[str, object] | None = None, **offer: object) -> str:
    offers = (samples.offer(effect, **offer),)
    return render_answer(samples.facts(**(facts or {})), offers, width, labels=samples.LABELS)


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def numbers_of(text: str, label: str) -> list[float]:
    line = next(line for line in text.splitlines() if line.strip().startswith(label))
    return [float(word.replace(",", "")) for word in re.findall(r"[+-]?[\d,]*\d(?:\.\d+)?", line.split(label)[1])]


def test_answer_starts_with_the_take_up_and_its_band() -> None:
    told = in_one_line(answer())
    assert (
        "The United States would take 0.3 of the 2.0 Mt of primary aluminium that Russia offers in 2036 "
        "(0.2 to 0.4 Mt in 90 % of 254 draws), after 0.1 Mt in 2026." in told
    )


def test_central_run_at_the_end_of_its_band_is_explained() -> None:
    skewed = Band(central=232.0, p05=114.0, p50=187.0, p95=267.0)
    told = in_one_line(answer(taken=skewed))
    assert "near the upper end of the band" in told
    assert "the median of the draws is 187 kt" in told
    assert "near the" not in in_one_line(answer(taken=Band(central=190.0, p05=114.0, p50=187.0, p95=267.0)))


def test_reasons_add_up_to_what_is_not_taken() -> None:
    text = answer()
    reasons = [
        numbers_of(text, label)[0]
        for label in ("Contracts not yet up", "Russian capacity", "Duties that stay", "Price and taste")
    ]
    assert sum(reasons) == numbers_of(text, "Not taken")[0] == 1744


def test_supplier_changes_add_up_to_the_change_of_use() -> None:
    text = answer().split("Who supplies the United States")[1].split("Who buys")[0]
    changes = [
        numbers_of(text, name)[2]
        for name in ("Russia", "Canada", "Gulf states", "United States, home", "India", "Australia", "Argentina")
    ]
    assert sum(changes) + numbers_of(text, "China")[2] == numbers_of(text, "Use in all")[2] == 12


def test_customers_and_new_output_account_for_the_metal() -> None:
    assert (
        "Of the 256 kt more, 234 kt (91 %) come from other customers of Russia and 22 kt (9 %) are new output."
        in in_one_line(answer())
    )


def test_output_that_grows_by_more_than_is_sold_is_not_split() -> None:
    more = samples.row("output", 4000.0, 600.0)
    told = in_one_line(answer(new_output=more))
    assert "The output of Russia grows by 600 kt: 256 kt more are sold here and 344 kt more to its other" in told
    assert "%) are new output" not in told


def test_home_customers_are_marked() -> None:
    customers = (samples.row("Russia", 1240.0, -234.0),)
    assert "Russia, home" in answer(customers=customers)


def test_discount_is_told_with_its_band() -> None:
    told = in_one_line(answer())
    assert (
        "To place the whole 2.0 Mt in the United States, Russia would have to sell 31 % (22 to 42 %) below its rivals "
        "there. Its delivered price, bid up as other customers lose the metal, would be cut by 41 % (33 to 52 %)."
        in told
    )


def test_offer_that_no_discount_places_is_told_with_its_shortfall() -> None:
    deepest = Band(central=0.7, p05=0.6, p50=0.7, p95=0.7)
    told = in_one_line(answer(discount=deepest, discount_shortfall=samples.band(400.0)))
    assert (
        "The whole 2.0 Mt could not be placed in the United States at any discount down to -70 %: 0.4 Mt "
        "(0.3 to 0.6) would stay unsold." in told
    )


def test_offer_beyond_what_the_seller_can_make_is_told() -> None:
    told = in_one_line(answer(discount_shortfall=samples.band(400.0)))
    assert (
        "The whole 2.0 Mt could not be placed: 0.4 Mt (0.3 to 0.6) are more than Russia can make. To place the rest "
        "in the United States, it would have to cut its delivered price by 41 % (33 to 52 %)." in told
    )


def test_discount_that_was_not_solved_is_told() -> None:
    nan = float("nan")
    unknown = Band(central=nan, p05=nan, p50=nan, p95=nan)
    told = in_one_line(answer(discount=unknown, discount_shortfall=unknown))
    assert "At which discount the whole 2.0 Mt would be placed could not be computed." in told


def test_offer_that_is_withdrawn_in_the_central_run_is_told() -> None:
    none = Band(central=0.0, p05=0.0, p50=0.0, p95=2000.0)
    told = in_one_line(answer(effect=0.0, offered=none, taken=none))
    assert "In the central run the offer is not in force in 2036; the United States would buy 0 kt" in told
    assert "Why not more" not in told
    assert "discount" not in told


def test_small_first_year_is_told_in_kilotonnes() -> None:
    assert "after 12 kt in 2026" in in_one_line(answer(taken_first=samples.band(12.0)))


def test_offer_the_market_wants_more_of_needs_no_discount() -> None:
    dearer = Band(central=-0.1, p05=-0.2, p50=-0.1, p95=0.0)
    assert "No discount is needed to place the whole 2.0 Mt." in in_one_line(answer(discount=dearer))


def test_draws_that_no_discount_helps_are_mentioned() -> None:
    short = Band(central=0.0, p05=0.0, p50=0.0, p95=300.0)
    assert "In some draws no discount is enough." in in_one_line(answer(discount_shortfall=short))


def test_offer_taken_whole_needs_no_reasons_and_no_discount() -> None:
    whole = Band(central=2000.0, p05=1900.0, p50=2000.0, p95=2000.0)
    none = Band(central=0.0, p05=0.0, p50=0.0, p95=0.0)
    told = in_one_line(answer(taken=whole, offered=whole, discount=none, binds=1.0, reasons=()))
    assert "would take the whole 2.0 Mt" in told
    assert "Why not more" not in told
    assert "No discount is needed" in told
    assert "The limit of the offer binds in all of the draws." in told


def test_limit_that_binds_in_some_draws_is_told() -> None:
    assert "The limit of the offer binds in 12 % of the draws." in in_one_line(answer(binds=0.12))
    assert "The limit of the offer does not bind." in in_one_line(answer(facts={"draws": 0}))


def test_price_is_told_against_the_baseline() -> None:
    told = in_one_line(answer())
    assert "Price in the United States: 3,624 instead of 3,706 USD/t (-2.2 %; -3.1 to -1.5 %)." in told
    assert "World price: 2,500 instead of 2,498 USD/t" in told


def test_price_that_moves_in_some_draws_only_keeps_its_band() -> None:
    still = replace(samples.row("price", 2000.0, 0.4), change=Band(central=0.4, p05=-4.0, p50=0.0, p95=8.0))
    told = in_one_line(answer(world_price=still))
    assert "World price: practically unchanged at 2,000 USD/t (-0.2 to +0.4 %)." in told


def test_answer_says_what_it_rests_on_and_what_it_leaves_out() -> None:
    text = answer()
    for sentence in (
        "Stated by the documents, not validated: 2 Mt/yr (russian_aluminium_offer).",
        'The documents\' words: "etwa 2 Millionen Tonnen".',
        "254 of 256 draws solved, 1 infeasible, 1 failed.",
        "No new investment is assumed beyond the projects named.",
        "Open results/sanctions_lifted/figures/us_supply_shares.png",
    ):
        assert sentence in text.splitlines()


def test_stated_offer_is_called_so_even_where_the_facts_forget_it() -> None:
    assert "The offered tonnes are stated by the documents, not validated." in answer(facts={"stated": ()})
    assert "not validated" not in answer(facts={"stated": ()}, stated=False)


def test_many_failures_are_called_out() -> None:
    assert "More than 1 % of the draws failed" in answer(facts={"failed": 4})
    assert "More than 1 % of the draws failed" not in answer(facts={"failed": 2})


def test_central_run_has_no_bands() -> None:
    text = answer(facts={"draws": 0, "solved": 0, "infeasible": 0, "failed": 0})
    assert "Central run only, no draws." in text
    assert "90 %" not in text
    assert not re.search(r"\+\d+ to \+\d+", text)


def test_offer_nobody_takes_is_told_without_minus_nought() -> None:
    text = answer(effect=0.0)
    assert "would take none of the 2.0 Mt" in in_one_line(text)
    assert "No metal changes hands." in text
    assert "practically unchanged at 3,706 USD/t." in in_one_line(text)
    assert not re.search(r"-0(\.0+)?\b", text)


def test_two_offers_are_told_apart() -> None:
    offers = (samples.offer(), samples.offer(measure="second_offer"))
    text = render_answer(samples.facts(), offers, 80, labels=samples.LABELS)
    assert text.index("== russian_aluminium_offer ==") < text.index("== second_offer ==")


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = answer(width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert not any(line != line.rstrip() for line in text.splitlines())
    assert text.endswith("png\n")


def test_wide_terminals_get_both_tables_side_by_side() -> None:
    heading = re.compile(r"Who supplies .* Who buys", re.MULTILINE)
    both = re.compile(r"baseline +scenario +change +p05 to p95 +baseline +scenario +change")
    assert heading.search(answer(160))
    assert both.search(answer(160))
    assert heading.search(answer(120))
    assert not both.search(answer(120))
    assert not heading.search(answer(80))


def test_scenario_without_offer_lists_the_largest_changes() -> None:
    text = render_answer(samples.facts(), (), 80, labels=samples.LABELS, summary=samples.summary())
    assert numbers_of(text, "United States, from Russia")[:3] == [0.0, 4.0, 4.0]
    assert numbers_of(text, "United States  ")[:3] == [3707, 3625, -82]
    assert "Open results/sanctions_lifted/figures/" in text.splitlines()


def test_tonnes_that_change_most_are_told_with_what_they_are() -> None:
    at = {"good": "aluminium", "partner": "", "year": samples.FOCUS, "unit": "kt/yr"}
    levels = [
        ("consumption", "World", 73_000.0, 73_000.0),
        ("exports", "Russia", 2700.0, 2760.0),
        ("consumption", "Russia", 1314.0, 1251.0),
        ("production", "China", 44_000.0, 43_999.7),
    ]
    rows = [
        {"indicator": name, "region": region, "baseline": base, "central": new} | at
        for name, region, base, new in levels
    ]
    told = samples.with_bands(pd.DataFrame(rows), 0.5, 1.5)
    text = render_answer(samples.facts(), (), 80, summary=told, labels=samples.LABELS)
    assert numbers_of(text, "Russia, use")[:3] == [1314, 1251, -63]
    assert numbers_of(text, "Russia, exports")[:3] == [2700, 2760, 60]
    assert text.index("Russia, use") < text.index("Russia, exports")
    assert "China, output" not in text


def test_scenario_without_effect_is_called_out() -> None:
    text = render_answer(samples.facts(), (), 80, labels=samples.LABELS, summary=samples.summary(0.0))
    assert "Nothing changes against the baseline (Policies in force stay) in 2036" in in_one_line(text)


def test_first_year_in_which_something_moves_is_named() -> None:
    still = samples.summary(0.0)
    assert "Nor does anything move in any other year of the run." in in_one_line(
        render_answer(samples.facts(), (), 80, labels=samples.LABELS, summary=still)
    )
    later = still.copy()
    price = (later["indicator"] == "delivered_price") & (later["region"] == "US") & (later["year"] >= 2041)
    later.loc[price, "difference"] = 0.01 * later.loc[price, "baseline"]
    text = in_one_line(render_answer(samples.facts(), (), 80, labels=samples.LABELS, summary=later))
    assert "Something first moves in 2041; years: {focus: 2041} in the scenario, or SET='years.focus=2041'" in text
    small = later.copy()
    small.loc[price, "difference"] = 1e-6 * later.loc[price, "baseline"]
    assert "Nor does anything" in in_one_line(
        render_answer(samples.facts(), (), 80, labels=samples.LABELS, summary=small)
    )


def test_baseline_is_told_by_its_levels() -> None:
    facts = samples.facts(scenario="baseline", title="Policies in force stay")
    text = render_answer(facts, (), 80, summary=samples.summary(0.0), labels=samples.LABELS)
    assert "This is the baseline itself: there is nothing to compare it with." in in_one_line(text)
    assert "Nothing changes" not in text
    assert "2024   2036   2050" in text
    assert numbers_of(text, "World price, USD/t") == [2440, 2499, 2567]


def test_shares_in_percent_are_told_like_shares_of_one() -> None:
    share = samples.summary()
    numbers = ["baseline", "central", "difference", "difference_p05", "difference_p95"]
    percent = share[share["indicator"] == "supply_share"].assign(unit="%")
    percent[numbers] *= 100
    table_of = [
        render_answer(samples.facts(), (), 80, summary=rows)
        for rows in (share[share["indicator"] == "supply_share"], percent)
    ]
    assert table_of[0] == table_of[1]


def test_rounded_parts_keep_their_sum() -> None:
    assert rounded_parts([33.4, 33.3, 33.3], 100.0, 0) == [34, 33, 33]
    assert rounded_parts([-5.5, 10.7], 5.2, 0) == [-6, 11]
    assert rounded_parts([], 0.0, 0) == []
    assert sum(rounded_parts([0.14, 0.14, 0.14], 0.42, 1)) == pytest.approx(0.4)


def test_long_labels_are_wrapped_not_cut() -> None:
    lines = table("T", ("", "kt", ""), [["European Union without Estonia", "12", "x"]], 30, total=False)
    assert lines == ["T", 25 * " " + "kt", "  European Union         12  x", "  without Estonia"]


def test_blocks_stand_side_by_side_as_far_as_they_fit() -> None:
    wide, slim = ["cdef", "g"], ["c"]
    assert beside(["ab"], [wide, slim], 10) == ["ab    cdef", "      g"]
    assert beside(["ab"], [wide, slim], 9) == ["ab    c"]
    assert beside(["ab"], [wide, slim], 6) == ["ab", "", "cdef", "g"]


def test_central_run_outside_its_bands_is_told() -> None:
    def answered(table: pd.DataFrame, **facts: object) -> str:
        return in_one_line(render_answer(samples.facts(**facts), (samples.offer(),), 100, summary=table))

    summary = samples.summary()
    assert "lies outside the band" not in answered(summary)
    row = summary[(summary["year"] == samples.facts().focus) & (summary["difference"].abs() > 0)].index
    off = summary.copy()
    off.loc[row, "difference_p95"] = off.loc[row, "difference"] - 1.0
    off.loc[row, "difference_p05"] = off.loc[row, "difference"] - 2.0
    assert "In 100 % of the figures that change in 2036 the central run lies outside the band" in answered(off)
    assert "lies outside" not in answered(off, draws=0, solved=0)


def test_lead_leaves_out_what_only_leads_over_to_a_table() -> None:
    blocks = [["Title"], ["This is the baseline itself. What it holds,", "central run:"], ["  a  1"]]
    assert lead_of(blocks) == "This is the baseline itself."
    assert lead_of([["Title"], ["It would take 0.3 Mt. No more."]]) == "It would take 0.3 Mt. No more."
    assert lead_of([["Title"], ["What it holds:"]]) == "What it holds:"
