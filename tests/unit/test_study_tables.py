from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.model import simulate
from sim.output.tables import FLOWS, MARKETS, SUMMARY, UNSOLVED, check_columns
from sim.records.params import Params
from sim.study.beside import routes_in_use
from sim.study.block import Block
from sim.study.table_draws import TableDraws, rows_shown, table_draws
from sim.study.tables import flows_table, markets_table, summary_table, unsolved_table
from tests.worlds import tiny_world, with_ban, with_bound, with_wedge

A, B, C = range(3)
DRAWS = np.arange(1, 5)
TIERS = {"good0": ("document", "statistic")}


def told(after: Params, before: Params) -> TableDraws:
    """All that the tables need of two runs."""
    block = Block(params=after, base_params=before, found=simulate(after), base=simulate(before))
    return table_draws(block, np.ones(before.benchmark_flow.shape, dtype=bool))


def summary(after: Params, before: Params) -> pd.DataFrame:
    table = summary_table("x", rows_shown(told(after, before)), DRAWS, TIERS)
    check_columns(table, SUMMARY)
    return table.set_index(["indicator", "region", "partner", "year"]).sort_index()


def spread() -> Params:
    return tiny_world(draws=5, supply_elasticity=np.linspace(0.2, 0.9, 5)[:, None, None])


def test_flows_stand_beside_those_of_the_baseline() -> None:
    before, after = spread(), with_ban(spread(), [(0, A, B)])
    found = simulate(after)
    table = flows_table(told(after, before), DRAWS)
    check_columns(table, FLOWS)
    assert len(table) == 5 * len(before.years)
    row = table.query("year == 2025 and origin == 'A' and destination == 'B'").iloc[0]
    assert (row.baseline_kt, row.central_kt, row.p05_kt, row.p95_kt) == (pytest.approx(30), 0, 0, 0)
    row = table.query("year == 2026 and origin == 'B' and destination == 'B'").iloc[0]
    drawn = found.flow[1:, 2, 0, B, B]
    assert [row.p05_kt, row.p50_kt, row.p95_kt] == np.percentile(drawn, (5, 50, 95)).tolist()
    assert row.central_kt == found.flow[0, 2, 0, B, B]


def test_route_that_opens_in_one_draw_of_one_run_is_shown() -> None:
    closed = with_ban(tiny_world(draws=2), [(0, A, C)], np.array([1.0, 0.0]), first=0)
    assert routes_in_use(simulate(closed))[0, A, C]
    shut = with_ban(tiny_world(draws=2), [(0, A, C)])
    found = simulate(shut)
    assert routes_in_use(found)[0, A, C]  # open in the benchmark year


def test_flows_add_up_to_the_markets() -> None:
    before, after = spread(), with_wedge(spread(), "tariffs_cif", [(0, A, C)], 0.3)
    both = told(after, before)
    flows = flows_table(both, DRAWS)
    markets = markets_table(both.central)
    check_columns(markets, MARKETS)
    markets = markets.set_index(["year", "region"]).sort_index()
    for run in ("baseline", "central"):
        bought = flows.groupby(["year", "destination"])[f"{run}_kt"].sum()
        sold = flows.groupby(["year", "origin"])[f"{run}_kt"].sum()
        np.testing.assert_allclose(markets.loc[bought.index, f"{run}_consumption_kt"], bought, rtol=1e-9)
        np.testing.assert_allclose(markets.loc[sold.index, f"{run}_production_kt"], sold, rtol=1e-9)
    assert markets.loc[(2024, "C"), "central_production_kt"] == 0.0
    assert np.isnan(markets.loc[(2024, "C"), "central_producer_price_usd_t"])
    assert markets.loc[(2024, "A"), "baseline_capacity_kt"] == pytest.approx(125)


def test_difference_and_its_band_are_paired_by_draw() -> None:
    before, after = spread(), with_wedge(spread(), "tariffs_cif", [(0, A, C)], 0.3)
    row = summary(after, before).loc[("consumption", "C", "", 2026)]
    change = (simulate(after).final_use - simulate(before).final_use)[:, 2, 0, C]
    assert row["difference"] == change[0] == row["central"] - row["baseline"]
    assert [row["difference_p05"], row["difference_p50"], row["difference_p95"]] == np.percentile(
        change[1:], (5, 50, 95)
    ).tolist()
    assert row["tier"] == "document statistic"
    assert row["scenario"] == "x"


def test_same_run_differs_by_exactly_nothing() -> None:
    table = summary(spread(), spread())
    columns = ["difference", "difference_p05", "difference_p50", "difference_p95"]
    assert (table[columns].fillna(0.0) == 0.0).all(axis=None)
    assert (table["baseline"].dropna() == table["central"].dropna()).all()


def test_draws_left_out_do_not_touch_the_bands() -> None:
    after, before = with_ban(spread(), [(0, A, B)]), spread()
    kept = np.array([0, 1, 3])
    some = summary_table("x", rows_shown(told(after, before)), np.array([1, 3]), TIERS)
    fewer = summary_table("x", rows_shown(told(after.take(kept), before.take(kept))), np.array([1, 2]), TIERS)
    pd.testing.assert_frame_equal(some, fewer, check_exact=True)


def test_flow_under_a_new_cap_stands_against_that_of_the_baseline_on_its_routes() -> None:
    table = summary(with_bound(spread(), [(0, A, B)], high=20.0), spread())
    row = table.loc[("flow_under_bound", "B", "bound0", 2025)]
    assert row["baseline"] == pytest.approx(30.0)
    assert row["difference"] == pytest.approx(-10.0)
    assert table.loc[("rent", "B", "bound0", 2025), "baseline"] == 0.0


def test_tonnes_that_come_again_are_shown() -> None:
    unserved = with_ban(spread(), [(0, A, C), (0, B, C)])
    row = summary(spread(), unserved).loc[("unserved", "C", "", 2025)]
    assert (row["baseline"], row["central"], row["difference_p50"]) == (40.0, 0.0, -40.0)
    row = summary(unserved, spread()).loc[("unserved", "C", "", 2025)]
    assert (row["baseline"], row["central"], row["difference_p50"]) == (0.0, 40.0, 40.0)


def test_changes_stand_against_nothing_and_relative_prices_against_one() -> None:
    table = summary(with_wedge(spread(), "tariffs_cif", [(0, A, C)], 0.3), spread())
    lost, used = table.loc[("consumption_lost", "C", "", 2026)], table.loc[("consumption", "C", "", 2026)]
    assert lost["baseline"] == 0.0
    assert lost["central"] == lost["difference"] == -used["difference"] > 0
    assert lost["difference_p95"] == pytest.approx(-used["difference_p05"])
    dearer, price = (table.loc[(name, "C", "", 2026)] for name in ("price_against_baseline", "delivered_price"))
    assert dearer["baseline"] == 1.0
    assert dearer["difference"] == pytest.approx(price["difference"] / price["baseline"])


def test_rents_are_told_by_recipient_in_whichever_run_they_are_earned() -> None:
    capped = with_bound(spread(), [(0, A, B)], high=20.0)
    row = summary(capped, spread()).loc[("rents_received", "A", "", 2026)]
    assert row["baseline"] == 0.0 < row["central"]
    gone = summary(spread(), capped).loc[("rents_received", "A", "", 2026)]
    assert (gone["baseline"], gone["central"]) == (pytest.approx(row["central"]), 0.0)
    assert "rents_received" not in summary(spread(), spread()).index.get_level_values(0)


def test_unsolved_draws_widen_the_bands_from_either_end() -> None:
    before, after = spread(), with_wedge(spread(), "tariffs_cif", [(0, A, C)], 0.3)
    found = simulate(after)
    table = unsolved_table("x", rows_shown(told(after, before)), DRAWS[:3])
    check_columns(table, UNSOLVED)
    keys = ["indicator", "region", "partner", "year"]
    row = table.set_index(keys).sort_index().loc[("consumption", "C", "", 2026)]
    used = np.sort(found.final_use[1:4, 2, 0, C])
    assert np.isnan(row["p05_low"])
    assert np.isnan(row["p95_high"])
    assert row["p50_low"] == pytest.approx((used[0] + used[1]) / 2)
    assert row["p50_high"] == pytest.approx((used[1] + used[2]) / 2)
    assert row["difference_p50_high"] < 0
    assert len(table) == len(summary(after, before))


def test_surplus_of_buyers_stands_against_nothing_and_that_of_producers_against_the_baseline() -> None:
    table = summary(with_wedge(spread(), "tariffs_cif", [(0, A, C)], 0.3), spread())
    buyers, producers = table.loc[("buyers_surplus", "C", "", 2025)], table.loc[("producers_surplus", "A", "", 2025)]
    assert buyers["unit"] == producers["unit"] == "M USD/yr"
    assert buyers["baseline"] == 0.0
    assert buyers["difference"] == buyers["central"] < 0
    assert producers["baseline"] > producers["central"] > 0
