from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from sim.output.tables import UNSOLVED, csv_bytes
from sim.study.run import Outcome
from tests.study_samples import MINE, SMELTER, barred, joint, measure, number, offer, outcome

PAGE = Path(__file__).parents[2] / "docs" / "indicators.md"


def told(indicator: str) -> bool:
    """Whether a row of the table names an indicator, whole or by one of its ends."""
    names = set(re.findall(r"`([^`]+)`", PAGE.read_text(encoding="utf-8")))
    ends = tuple(name.removeprefix("…") for name in names if name.startswith("…"))
    starts = tuple(name.removesuffix("…") for name in names if name.endswith("…"))
    return indicator in names or indicator.endswith(ends) or indicator.startswith(starts)


def test_every_row_of_a_summary_is_explained() -> None:
    runs: list[Outcome] = [joint(MINE, SMELTER, draws=2), outcome(barred(offer(20.0)), 2)]
    missing = {name for run in runs for name in run.summary["indicator"] if not told(name)}
    assert missing == set()
    assert not told("unheard_of")


@pytest.fixture(scope="module")
def some_unsolved() -> Outcome:
    """A guarantee that is more than B can make in some of the draws."""
    volume = number(56.0, "measures.promise.volume", low=40.0, high=100.0)
    return outcome(
        barred(measure("floor", "promise", origins=["B"], destinations=["C"], numbers={"volume": volume})), 12
    )


def test_run_with_unsolved_draws_tells_percentiles_at_either_end(some_unsolved: Outcome) -> None:
    facts, table = some_unsolved.facts, some_unsolved.unsolved
    assert 0 < facts.solved < facts.draws
    assert table is not None
    assert csv_bytes(table, UNSOLVED).startswith(b"scenario,indicator,good")
    keys = ["indicator", "good", "region", "partner", "year"]
    both = some_unsolved.summary.merge(table, on=keys)
    row = both.query("indicator == 'consumption' and region == 'A' and year == 2027").iloc[0]
    assert row["p50_low"] <= row["p50"] <= row["p50_high"]
    assert row["p50_low"] < row["p50_high"]
    assert np.isnan(row["p05_low"])
    assert np.isnan(row["p95_high"])


def test_solved_run_has_no_such_table() -> None:
    assert joint(MINE, draws=2).unsolved is None
