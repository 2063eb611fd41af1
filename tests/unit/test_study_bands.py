from __future__ import annotations

import numpy as np

from sim.study.bands import band, percentiles

VALUES = np.array([999.0, 0.0, 10.0, 20.0, 30.0, 40.0])
ALL = np.arange(1, 6)


def test_percentiles_are_linear_between_draws_and_leave_the_central_run_out() -> None:
    assert percentiles(VALUES, ALL).tolist() == [2.0, 20.0, 38.0]


def test_only_the_given_draws_count() -> None:
    assert percentiles(VALUES, np.array([2, 4])).tolist() == [11.0, 20.0, 29.0]
    assert percentiles(VALUES, np.array([3])).tolist() == [20.0] * 3


def test_central_run_stands_in_without_draws() -> None:
    assert percentiles(VALUES[:1], np.array([], dtype=np.int64)).tolist() == [999.0] * 3


def test_blank_of_some_draws_leaves_the_others() -> None:
    with_blanks = np.array([[1.0, np.nan, 1.0], [2.0, np.nan, 5.0], [4.0, np.nan, np.nan]])
    found = percentiles(with_blanks, np.array([1, 2]))
    assert found[:, 0].tolist() == [2.1, 3.0, 3.9]
    assert np.isnan(found[:, 1]).all()
    assert found[:, 2].tolist() == [5.0] * 3


def test_percentiles_agree_with_those_of_each_place_alone() -> None:
    values = np.random.default_rng(3).normal(size=(40, 3, 2))
    values[5, 1, 0] = np.nan
    draws = np.arange(1, 40)
    found = percentiles(values, draws)
    for t in range(3):
        for k in range(2):
            alone = values[1:, t, k]
            np.testing.assert_array_equal(found[:, t, k], np.percentile(alone[~np.isnan(alone)], (5, 50, 95)))


def test_band_holds_the_central_number_beside_its_percentiles() -> None:
    found = band(VALUES, ALL)
    assert (found.central, found.p05, found.p50, found.p95) == (999.0, 2.0, 20.0, 38.0)
