from __future__ import annotations

import numpy as np
import pytest

from sim.study.bands import at_either_end, band, percentiles

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


def test_infinite_numbers_count_in_their_order_and_give_no_percentile() -> None:
    values = np.array([np.inf, 10.0, 20.0, 30.0, 40.0, np.inf])
    low, middle, high = percentiles(values, ALL)
    assert (low, middle) == (12.0, 30.0)
    assert np.isnan(high)
    found = band(values, ALL)
    assert np.isnan(found.central)
    assert found.p50 == 30.0


def test_order_agrees_with_plain_percentiles_where_all_is_finite() -> None:
    values = np.random.default_rng(4).normal(size=(42, 3))
    low, high = at_either_end(values, np.arange(1, 42))
    np.testing.assert_allclose(low, np.percentile(values[1:], (5, 50, 95), axis=0), rtol=1e-12)
    np.testing.assert_array_equal(low, high)


def test_unsolved_draws_stand_at_either_end() -> None:
    values = np.concatenate([[7.0], np.arange(20.0), [np.nan]])
    low, high = at_either_end(values, np.arange(1, 21))
    # 21 draws: a place of 1 for the 5th percentile, 10 for the median, 19 for the 95th
    np.testing.assert_array_equal(low, [0.0, 9.0, 18.0])
    np.testing.assert_array_equal(high, [1.0, 10.0, 19.0])


def test_percentile_among_the_unsolved_has_no_bound() -> None:
    values = np.concatenate([[7.0], np.arange(18.0), [np.nan, np.nan, np.nan]])
    low, high = at_either_end(values, np.arange(1, 19))
    np.testing.assert_array_equal(low, [np.nan, 7.0, 16.0])
    np.testing.assert_array_equal(high, [1.0, 10.0, np.nan])
    assert np.isnan(at_either_end(values, np.array([], dtype=np.int64))).all()


def test_blank_of_a_solved_draw_is_left_out_at_either_end() -> None:
    values = np.array([[0.0], [np.nan], [5.0], [6.0], [np.nan]])
    low, high = at_either_end(values, np.array([1, 2, 3]))
    np.testing.assert_array_equal(low[:, 0], [np.nan, 5.0, 5.9])
    np.testing.assert_allclose(high[:, 0], [5.1, 6.0, np.nan])


@pytest.mark.parametrize("draws", [1, 2, 3, 20, 21, 256, 333])
def test_percentiles_are_those_of_numpy_to_the_last_digit(draws: int) -> None:
    values = np.random.default_rng(draws).normal(size=(draws + 1, 4, 3)) * 1e3
    expected = np.percentile(values[1:], [5, 50, 95], axis=0)
    assert np.array_equal(percentiles(values, np.arange(1, draws + 1)), expected)
