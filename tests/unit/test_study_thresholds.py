from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sim.model import simulate
from sim.quantity import Array
from sim.records.outcome import Subject
from sim.records.trajectory import Trajectory
from sim.study.block import Block
from sim.study.threshold_rows import thresholds_table
from sim.study.thresholds import HALF, MOST_FROM_ONE, THRESHOLDS, Reached, reached_by
from tests.study_samples import MINE, joint
from tests.worlds import tiny_world

A, B, C = range(3)
SUBJECT = Subject(goods=("good0",), market="C", country="A")
TIERS = {"good0": ("statistic",), "metal": ("statistic",)}
PARAMS = tiny_world(draws=5)
YEARS = PARAMS.years


def with_shares(shares: Array) -> Trajectory:
    """A run in which A has these shares (n, t) of the imports of C, the rest coming from B."""
    run = simulate(PARAMS)
    flow = run.flow.copy()
    flow[:, :, 0, A, C], flow[:, :, 0, B, C] = 40.0 * shares, 40.0 * (1 - shares)
    return replace(run, flow=flow)


STAYS = with_shares(np.full((5, 4), 0.8))
FALLS = with_shares(
    np.array(
        [
            [0.8, 0.8, 0.8, 0.8],
            [0.8, 0.7, 0.6, 0.4],
            [0.8, 0.6, 0.7, 0.7],  # comes back
            [0.8, 0.8, 0.8, 0.65],
            [0.8, 0.8, 0.8, 0.7],
        ]
    )
)


def reached(found: Trajectory, base: Trajectory) -> tuple[Reached, ...]:
    return reached_by(SUBJECT, Block(params=PARAMS, base_params=PARAMS, found=found, base=base))


def table(found: Trajectory, draws: Array, base: Trajectory = STAYS) -> pd.DataFrame:
    rows = thresholds_table("x", reached(found, base), YEARS, draws, TIERS)
    assert not rows.duplicated(["indicator", "year"]).any()
    return rows.set_index(["indicator", "year"]).sort_index()


def test_share_of_draws_counts_those_that_ever_fell_so_far() -> None:
    rows = table(FALLS, np.arange(1, 5)).loc["import_share_falls_to_65"]
    assert rows["central"].tolist() == [0.0, 0.25, 0.5, 0.75]
    assert (rows["baseline"] == 0).all()
    assert rows["difference"].tolist() == rows["central"].tolist()
    assert rows[["p05", "p50", "p95", "difference_p50"]].isna().all(axis=None)
    half = table(FALLS, np.arange(1, 5)).loc["import_share_falls_to_50"]
    assert half["central"].tolist() == [0.0, 0.0, 0.0, 0.25]


def test_median_is_taken_among_the_draws_that_ever_fall() -> None:
    rows = table(FALLS, np.arange(1, 5))
    row = rows.loc[("import_share_falls_to_65_median_year", 2027)]
    assert row["central"] == 2026.0  # of 2025, 2026 and 2027
    assert np.isnan(row["baseline"])
    assert row["unit"] == "year"
    assert rows.loc[("import_share_falls_to_50_median_year", 2027), "central"] == 2027.0


def test_only_the_given_draws_count_and_the_central_run_without_any() -> None:
    rows = table(FALLS, np.array([2, 4])).loc["import_share_falls_to_65"]
    assert rows["central"].tolist() == [0.0, 0.5, 0.5, 0.5]
    alone = table(FALLS, np.array([], dtype=np.int64)).loc["import_share_falls_to_65"]
    assert (alone["central"] == 0).all()


def test_threshold_that_the_benchmark_year_has_reached_is_left_out() -> None:
    start = np.repeat([[0.6]], 5, axis=0)
    low = with_shares(np.concatenate([start, np.full((5, 3), 0.4)], axis=1))
    names = set(table(low, np.arange(1, 5), low).index.get_level_values(0))
    assert not any(name.startswith("import_share_falls_to_65") for name in names)
    assert any(name.startswith("import_share_falls_to_50") for name in names)


def test_part_at_any_stage_is_told_beside_the_share_of_imports() -> None:
    rows = table(FALLS, np.arange(1, 5))
    # without stages and without suppliers at home both are the same
    touched, imports = rows.loc["touched_supply_falls_to_65"], rows.loc["import_share_falls_to_65"]
    assert touched["central"].tolist() == imports["central"].tolist()


def test_table_without_a_row_leaves_the_types_of_the_summary_alone() -> None:
    none = thresholds_table("x", (), YEARS, np.arange(1, 5), TIERS)
    some = thresholds_table("x", reached(FALLS, STAYS), YEARS, np.arange(1, 5), TIERS)
    assert none.empty
    both = pd.concat([some, none], ignore_index=True)
    numbers = ["year", "baseline", "central", "difference", "p05", "difference_p95"]
    assert both.dtypes[numbers].tolist() == some.dtypes[numbers].tolist() == [np.int64, *[np.float64] * 5]


def test_thresholds_are_the_act_and_the_half() -> None:
    assert THRESHOLDS == (MOST_FROM_ONE, HALF) == (0.65, 0.5)


def test_run_tells_thresholds_of_its_subjects() -> None:
    found = joint(MINE, draws=4)
    rows = found.summary[found.summary["indicator"].str.contains("falls_to_65")]
    assert set(rows["region"]) == {"C"}
    # A digs all ore of the benchmark year but sells C half of its metal
    assert set(rows["indicator"]) == {"touched_supply_falls_to_65", "touched_supply_falls_to_65_median_year"}
