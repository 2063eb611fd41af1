"""Estimates from episodes: a known truth is found again, nothing of the episode left out is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.model import simulate
from sim.records.backtest import Observation
from sim.records.scenario import Measure
from sim.study import estimate as estimation
from sim.study.backtest import Posed, pose
from sim.study.estimate import estimate, loss, resampled, trial_points, tried, with_factors
from tests.study_samples import measure, metal_world, scenario

DUTY = measure("tariff", origins=["A"], destinations=["C"], starts=2025, numbers={"rate": 0.3})
BAN = measure("ban", origins=["B"], destinations=["C"], starts=2026)
QUOTA = measure("cap", origins=["A"], destinations=["B", "C"], starts=2025, numbers={"volume": 35.0})


def episode(shock: Measure, truth: Sequence[float] = (1.0, 1.0, 1.0)) -> Posed:
    """An episode as a model with other factors would have made it."""
    given, before = scenario(shock, name=f"backtests/{shock.kind}"), scenario(name="before")
    rows = [
        Observation(
            quantity="flow", good="metal", region="C", partner="A", year=year, value=0.0, unit="kt/yr", source="s"
        )
        for year in (2024, 2027)
    ]
    ready = pose(given, before, metal_world(), rows, 0, 1)
    found = simulate(with_factors(ready.params, np.array([truth])))
    seen = []
    for t, year in enumerate(ready.params.years):
        blank = replace(rows[0], year=year)
        seen += [replace(blank, partner=name, value=found.flow[0, t, 0, o, 2]) for o, name in enumerate("AB")]
        seen.append(replace(blank, quantity="supply", region="", partner="A", value=found.output[0, t, 0]))
        seen.append(replace(blank, quantity="price", partner="", value=found.market_price[0, t, 0, 2]))
    return pose(given, before, metal_world(), seen, 0, 1)


def twin_of(posed: Posed) -> Posed:
    """The same history as from another benchmark year."""
    return replace(posed, scenario=replace(posed.scenario, name=f"{posed.scenario.name}_from_2016"))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimation, "GRID", 32)
    monkeypatch.setattr(estimation, "RESAMPLED", 20)


def test_factors_multiply_what_they_say() -> None:
    params = episode(DUTY).params
    found = with_factors(params, np.array([[1.0, 1.0, 1.0], [2.0, 0.5, 3.0], [0.5, 4.0, 4.0]]))
    assert found.sourcing.elasticity[:, 0].tolist() == pytest.approx([4.0, 7.0, 2.5])
    assert found.sourcing.elasticity_short[:, 0].tolist() == pytest.approx([1.6, 2.2, 1.3])
    assert found.sourcing.renewal[:, 0].tolist() == pytest.approx([0.4, 0.2, 1.0])
    assert found.demand.elasticity[:, 0].tolist() == pytest.approx([0.2, 0.6, 0.8])
    assert found.demand.elasticity_long[:, 0].tolist() == pytest.approx([0.6, 1.0, 1.0])


def test_trial_points_start_with_the_shipped_and_stay_within_bounds() -> None:
    points = trial_points()
    assert points[0].tolist() == [1.0, 1.0, 1.0]
    assert points.shape == (estimation.GRID + 27, 3)
    assert [estimation.WIDEST] * 3 in points.tolist()
    assert points.min() >= 1 / estimation.WIDEST
    assert points.max() <= estimation.WIDEST
    assert np.abs(np.log(points).mean(axis=0)).max() < 0.02


def test_loss_is_nought_at_the_truth_and_one_without_any_change() -> None:
    right = tried(episode(DUTY), np.array([[1.0, 1.0, 1.0], [2.0, 1.0, 1.0]]))
    found = loss([right])
    assert found[0] == pytest.approx(0.0, abs=1e-8)
    assert found[1] > 0.05
    idle = replace(right, misses=np.tile(right.change, (2, 1)))
    assert loss([idle]).tolist() == pytest.approx([1.0, 1.0])


def test_loss_weighs_a_quantity_by_its_series() -> None:
    right = tried(episode(DUTY), np.ones((1, 3)))
    flow = right.quantity == 1  # two series of flows, one of supply, one price
    wrong = replace(right, misses=np.where(flow, 0.5, 0.1) * right.change[None])
    assert loss([wrong])[0] == pytest.approx((2 * 0.5 + 2 * 0.1) / 4)


def test_loss_of_what_is_not_solved_is_worst() -> None:
    right = tried(episode(DUTY), np.ones((2, 3)))
    broken = replace(right, misses=np.stack([right.misses[0], np.full_like(right.misses[1], np.nan)]))
    assert loss([broken]).tolist() == pytest.approx([0.0, estimation.UNSOLVED], abs=1e-8)


@pytest.mark.slow
@pytest.mark.campaign
def test_truth_is_found_again_and_helps_the_episode_left_out(small: None) -> None:
    truth = (2.0, 0.6, 0.5)
    found = estimate([episode(DUTY, truth), episode(BAN, truth), episode(QUOTA, truth)])
    assert [each.left_out for each in found] == ["tariff", "ban", "cap", ""]
    factors = [factor.estimate for factor in found[-1].factors]
    assert factors[:2] == pytest.approx(truth[:2], rel=0.1)
    assert [factor.name for factor in found[-1].factors] == list(estimation.FACTORS)
    for each in found:
        assert each.loss < 0.3 * each.loss_shipped
        assert all(0 < factor.low <= factor.high for factor in each.factors)
    for each in found[:-1]:
        assert {score.quantity for score in each.scores} == {"flow", "supply", "price"}
        assert np.mean([score.estimated - score.shipped for score in each.scores]) > 0
    assert found[-1].scores == ()


def test_estimate_looks_at_nothing_of_the_episode_left_out(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimation, "MOST_TRIALS", 10)
    first = estimate([episode(DUTY, (2.0, 1.0, 1.0)), episode(BAN)])
    other = estimate([episode(DUTY, (2.0, 1.0, 1.0)), episode(BAN, (0.4, 0.3, 2.0))])
    assert first[1].left_out == "ban"
    assert first[1].factors == other[1].factors
    assert first[1].scores != other[1].scores


def test_resampling_counts_a_series_as_a_whole() -> None:
    trials = np.array([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]])
    seen = tried(episode(DUTY), trials)
    # one series likes the first point, the other the second; each is drawn alone in a quarter of the times
    misses = np.zeros((2, len(seen.change)))
    flow = seen.quantity == 1
    first = seen.series == seen.series[flow].min()
    misses[1, flow & first], misses[0, flow & ~first] = 1.0, 3.0
    keep = np.flatnonzero(flow)
    only = replace(
        seen, misses=misses[:, keep], change=np.ones(len(keep)), quantity=seen.quantity[keep], series=seen.series[keep]
    )
    share = float((resampled([only], trials)[:, 0] == 1.0).mean())
    assert share == pytest.approx(0.25, abs=0.06)


def test_one_episode_is_not_enough() -> None:
    with pytest.raises(ScenarioError, match=r"an estimate needs two histories, one to leave out; there is tariff$"):
        estimate([episode(DUTY), twin_of(episode(DUTY))])


def test_one_history_from_two_benchmark_years_is_left_out_as_one(small: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimation, "MOST_TRIALS", 10)
    duty = episode(DUTY, (2.0, 1.0, 1.0))
    found = estimate([duty, twin_of(duty), episode(BAN)])
    assert [each.left_out for each in found] == ["tariff", "ban", ""]
    assert {score.episode for score in found[0].scores} == {"tariff", "tariff_from_2016"}
    # a history told twice counts once
    once, twice = tried(duty, np.ones((1, 3))), tried(twin_of(duty), np.full((1, 3), 0.5))
    other = tried(episode(BAN, (2.0, 2.0, 2.0)), np.ones((1, 3)))
    parts = [loss([each])[0] for each in (once, twice, other)]
    assert loss([once, twice, other])[0] == pytest.approx(((parts[0] + parts[1]) / 2 + parts[2]) / 2)
