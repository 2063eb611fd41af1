from __future__ import annotations

import numpy as np
import pytest

from sim.assemble.draws import Draws, central, quantile
from sim.study.run import drawn_inputs
from tests.study_samples import number, scenario, switch

TRIANGLE = number(5.0, low=3.0, high=12.0)


def test_triangular_quantiles_by_hand() -> None:
    # F(x) = (x - 3)^2 / (9 * 2) up to 5, where it is 2/9, and 1 - (12 - x)^2 / (9 * 7) above
    level = np.array([0.0, 1 / 18, 2 / 9, 1 - 28 / 63 / 4, 1.0])
    expected = [3.0, 4.0, 5.0, 12 - np.sqrt(7.0), 12.0]
    np.testing.assert_allclose(quantile(TRIANGLE, level), expected, rtol=1e-14)


def test_triangle_with_its_mode_at_an_end() -> None:
    falling = number(0.0, low=0.0, high=1.0)
    rising = number(1.0, low=0.0, high=1.0)
    np.testing.assert_allclose(quantile(falling, np.array([0.0, 0.75, 1.0])), [0.0, 0.5, 1.0], atol=1e-15)
    np.testing.assert_allclose(quantile(rising, np.array([0.0, 0.25, 1.0])), [0.0, 0.5, 1.0], atol=1e-15)


def test_uniform_and_loguniform_quantiles_by_hand() -> None:
    level = np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(quantile(number(low=10.0, high=30.0), level), [10, 20, 30])
    logs = number(low=1.0, high=100.0, shape="loguniform")
    np.testing.assert_allclose(quantile(logs, level), [1, 10, 100], rtol=1e-14)


def test_range_of_no_width_is_a_point() -> None:
    for shape in ("uniform", "loguniform", "triangular"):
        point = number(2.0, low=2.0, high=2.0, shape=shape)
        assert quantile(point, np.array([0.0, 0.3, 1.0])).tolist() == [2.0, 2.0, 2.0]


def test_central_run_takes_the_value_else_the_median() -> None:
    assert central(TRIANGLE) == 5.0
    assert central(number(low=10.0, high=30.0)) == 20.0
    assert central(number(low=1.0, high=100.0, shape="loguniform")) == pytest.approx(10.0, rel=1e-14)
    assert Draws(seed=1, count=3).values(TRIANGLE)[0] == 5.0


def test_draws_follow_the_distribution() -> None:
    drawn = Draws(seed=4, count=20_000).values(TRIANGLE)[1:]
    assert drawn.min() >= 3.0
    assert drawn.max() <= 12.0
    np.testing.assert_allclose(drawn.mean(), (3 + 5 + 12) / 3, rtol=0.01)
    np.testing.assert_allclose(np.median(drawn), quantile(TRIANGLE, np.array(0.5)), rtol=0.01)


def test_point_is_the_same_in_every_draw() -> None:
    assert set(Draws(seed=1, count=5).values(number(7.0)).tolist()) == {7.0}


def test_first_draws_stay_when_more_are_asked_for() -> None:
    few, many = Draws(seed=9, count=7).values(TRIANGLE), Draws(seed=9, count=70).values(TRIANGLE)
    assert few.tolist() == many[:8].tolist()


def test_draws_of_a_name_do_not_depend_on_the_other_numbers() -> None:
    first = {"demand_growth.metal.default": TRIANGLE}
    more = {"contract_renewal.metal": number(low=0.1, high=0.9), **first}
    sample = Draws(seed=3, count=20)
    alone = drawn_inputs(scenario(parameters=first), sample)
    beside = drawn_inputs(scenario(parameters=more), sample)
    path = "parameters.demand_growth.metal.default"
    assert alone[path].tolist() == beside[path].tolist()
    assert sorted(beside) == ["parameters.contract_renewal.metal", path]


def test_draws_differ_by_name_and_by_seed() -> None:
    other_name = number(5.0, "y", low=3.0, high=12.0)
    sample = Draws(seed=1, count=5)
    assert not np.isclose(sample.values(TRIANGLE)[1:], sample.values(other_name)[1:]).any()
    assert not np.isclose(sample.values(TRIANGLE)[1:], Draws(seed=2, count=5).values(TRIANGLE)[1:]).any()


def test_same_number_in_another_range_keeps_its_place_in_the_distribution() -> None:
    sample = Draws(seed=1, count=9)
    narrow, wide = number(low=0.0, high=1.0), number(low=0.0, high=10.0)
    np.testing.assert_allclose(10 * sample.values(narrow), sample.values(wide), rtol=1e-14)


def test_path_holds_each_value_until_the_next_and_the_first_before_it() -> None:
    stated = number(by_year=((2025, 0.1), (2028, 0.5)))
    path = Draws(seed=1, count=1).path(stated, (2024, 2025, 2027, 2028, 2050))
    assert path.tolist() == [[0.1, 0.1, 0.1, 0.5, 0.5]] * 2


def test_path_has_no_single_value() -> None:
    with pytest.raises(ValueError, match="x is a path over years"):
        Draws(seed=1, count=1).values(number(by_year=((2025, 0.1),)))


def test_number_without_a_range_or_with_an_unknown_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="x has no range"):
        quantile(number(1.0), np.array([0.5]))
    with pytest.raises(ValueError, match="x: no distribution 'normal'"):
        quantile(number(1.0, low=0.0, high=2.0, shape="normal"), np.array([0.5]))


@pytest.mark.parametrize(
    ("chance", "in_baseline", "central_state"),
    [(0.5, True, True), (0.5, False, False), (0.51, False, True), (0.49, True, False), (1.0, False, True)],
)
def test_central_run_has_the_likelier_state_and_that_of_the_baseline_at_one_half(
    chance: float, in_baseline: bool, central_state: bool
) -> None:
    on = Draws(seed=1, count=4).switched_on(switch("s", probability=chance), in_baseline)
    assert on[0] == central_state


def test_switch_is_on_in_its_share_of_draws() -> None:
    sample = Draws(seed=1, count=10_000)
    assert sample.switched_on(switch("s", probability=0.3), True)[1:].mean() == pytest.approx(0.3, abs=0.02)
    assert not sample.switched_on(switch("s", probability=0.0), True).any()
    assert sample.switched_on(switch("s", probability=1.0), True).all()


def test_switch_without_a_probability_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="s has no probability"):
        Draws(seed=1, count=1).switched_on(switch("s"), True)
