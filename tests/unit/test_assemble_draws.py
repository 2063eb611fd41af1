from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import beta, spearmanr, truncnorm

from sim.assemble.draws import Draws, Levels, central, quantile
from sim.records.sampling import LATIN
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


def test_pert_is_a_beta_with_its_mode_at_the_value() -> None:
    # mean (3 + 4 * 5 + 12) / 6
    level = np.linspace(0.0, 1.0, 101)
    pert = number(5.0, low=3.0, high=12.0, shape="pert")
    expected = 3 + 9 * beta.ppf(level, 1 + 4 * 2 / 9, 1 + 4 * 7 / 9)
    np.testing.assert_allclose(quantile(pert, level), expected, rtol=1e-12)
    middles = (np.arange(20_000) + 0.5) / 20_000
    assert quantile(pert, middles).mean() == pytest.approx(35 / 6, rel=1e-6)


def test_normal_is_as_wide_as_its_range_in_the_middle_nine_tenths_and_cut_there() -> None:
    # 5 and 95 % lie 1.6449 deviations from the mean: of 3 to 7 the deviation is 2 / 1.6449
    level = np.linspace(0.0, 1.0, 101)
    deviation = 2 / 1.6448536269514722
    normal = number(5.0, low=3.0, high=7.0, shape="normal")
    expected = truncnorm.ppf(level, -2 / deviation, 2 / deviation, loc=5, scale=deviation)
    np.testing.assert_allclose(quantile(normal, level), expected, rtol=1e-12)
    assert quantile(normal, np.array([0.0, 0.5, 1.0])) == pytest.approx([3.0, 5.0, 7.0])


def test_lopsided_normal_keeps_its_ends() -> None:
    # a deviation of 9 / (2 * 1.6449) around 5: cut at 0.731 deviations below and 2.559 above
    normal = number(5.0, low=3.0, high=12.0, shape="normal")
    deviation = 4.5 / 1.6448536269514722
    expected = truncnorm.ppf([0.0, 0.3, 1.0], -2 / deviation, 7 / deviation, loc=5, scale=deviation)
    np.testing.assert_allclose(quantile(normal, np.array([0.0, 0.3, 1.0])), expected, rtol=1e-12)


def test_lognormal_is_the_normal_of_the_logarithms() -> None:
    level = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
    lognormal = number(10.0, low=1.0, high=100.0, shape="lognormal")
    logs = number(1.0, low=0.0, high=2.0, shape="normal")
    np.testing.assert_allclose(quantile(lognormal, level), 10 ** quantile(logs, level), rtol=1e-12)
    assert quantile(lognormal, np.array([0.5]))[0] == pytest.approx(10.0)


@pytest.mark.parametrize("shape", ["pert", "normal", "lognormal", "triangular"])
@pytest.mark.parametrize("value", [3.0, 3.1, 11.9, 12.0])
def test_no_draw_leaves_its_range_and_higher_levels_give_no_less(shape: str, value: float) -> None:
    level = np.linspace(0.0, 1.0, 1001)
    drawn = quantile(number(value, low=3.0, high=12.0, shape=shape), level)
    assert (drawn[0], drawn[-1]) == pytest.approx((3.0, 12.0))
    assert drawn.min() >= 3.0
    assert drawn.max() <= 12.0
    assert (np.diff(drawn) > 0).all()


LISTED = number(values=((1.0, 0.2), (2.0, 0.5), (4.0, 0.3)), low=1.0, high=4.0, shape="discrete")


def test_values_with_weights_by_hand() -> None:
    level = np.array([0.0, 0.199, 0.2, 0.699, 0.7, 0.999, 1.0])
    assert quantile(LISTED, level).tolist() == [1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 4.0]


def test_values_are_drawn_as_often_as_their_weights_say() -> None:
    drawn = Draws(seed=2, count=20_000).values(LISTED)[1:]
    shares = [(drawn == value).mean() for value in (1.0, 2.0, 4.0)]
    np.testing.assert_allclose(shares, [0.2, 0.5, 0.3], atol=0.01)
    assert sum(shares) == pytest.approx(1.0)


def test_central_run_takes_the_likeliest_of_values_or_the_stated_one() -> None:
    assert central(LISTED) == 2.0
    assert central(replace(LISTED, value=4.0)) == 4.0
    even = number(values=((1.0, 0.5), (2.0, 0.5)), low=1.0, high=2.0, shape="discrete")
    assert central(even) == 1.0


def test_range_of_no_width_is_a_point() -> None:
    for shape in ("uniform", "loguniform", "triangular", "pert", "normal", "lognormal"):
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


def test_draws_at_given_levels() -> None:
    told = Levels(
        seed=1, count=3, levels={TRIANGLE.path: np.array([0.0, 1 / 18, 1.0]), "switches.s": np.array([0.1, 0.3, 0.4])}
    )
    np.testing.assert_allclose(told.values(TRIANGLE), [5.0, 3.0, 4.0, 12.0])
    chance = switch("s", probability=0.3)
    assert told.switched_on(chance, False).tolist() == [False, True, False, False]
    with pytest.raises(KeyError, match="elsewhere"):
        told.values(replace(TRIANGLE, path="elsewhere"))


@pytest.mark.parametrize("shape", ["triangular", "uniform", "loguniform", "pert", "normal", "lognormal", "discrete"])
def test_blank_level_leaves_a_number_at_its_central_value(shape: str) -> None:
    given = LISTED if shape == "discrete" else number(None if "uniform" in shape else 5.0, low=3.0, high=12.0)
    given = replace(given, shape=shape)
    told = Levels(seed=1, count=3, levels={given.path: np.array([0.0, np.nan, 1.0])})
    drawn = told.values(given)
    assert drawn[[0, 2]].tolist() == [central(given)] * 2
    assert drawn[[1, 3]] == pytest.approx((given.low, given.high))


@pytest.mark.parametrize("state", [True, False])
def test_blank_level_leaves_a_switch_in_its_central_state(state: bool) -> None:
    told = Levels(seed=1, count=3, levels={"switches.s": np.array([0.0, np.nan, 1.0])})
    assert told.switched_on(switch("s", probability=0.5), state).tolist() == [state, True, state, False]


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
    with pytest.raises(ValueError, match="x: no distribution 'cauchy'"):
        quantile(number(1.0, low=0.0, high=2.0, shape="cauchy"), np.array([0.5]))


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


# ---- numbers drawn with others


@pytest.mark.parametrize("shape", ["pert", "normal", "lognormal", "discrete"])
def test_every_shape_takes_the_stream_of_another_number(shape: str) -> None:
    sample = Draws(seed=5, count=500)
    values = {"values": ((3.0, 0.4), (5.0, 0.2), (12.0, 0.4))} if shape == "discrete" else {}
    other = number(5.0, "other", low=3.0, high=12.0, shape=shape, drawn_with="x", **values)
    order = np.argsort(sample.values(TRIANGLE)[1:])
    assert (np.diff(sample.values(other)[1:][order]) >= 0).all()


@pytest.mark.parametrize("correlation", [-0.9, -0.3, 0.0, 0.6])
@pytest.mark.parametrize("sampling", ["plain", "latin"])
def test_correlated_numbers_keep_their_own_distributions(correlation: float, sampling: str) -> None:
    sample = Draws(seed=6, count=20_000, sampling=sampling)
    other = number(low=0.0, high=1.0, path="y", drawn_with="x", correlation=correlation)
    drawn = sample.values(other)[1:]
    # rank correlation of two normal scores: Pearson (1907)
    ranks = 6 / np.pi * np.arcsin(correlation / 2)
    assert spearmanr(sample.values(TRIANGLE)[1:], drawn).statistic == pytest.approx(ranks, abs=0.02)
    np.testing.assert_allclose(np.quantile(drawn, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.015)


def test_full_correlation_is_the_stream_itself_or_its_mirror() -> None:
    sample = Draws(seed=6, count=50)
    level = sample.values(number(low=0.0, high=1.0))
    same, turned = (
        sample.values(number(low=0.0, high=1.0, path="y", drawn_with="x", correlation=sign)) for sign in (1.0, -1.0)
    )
    np.testing.assert_allclose(same, level, rtol=1e-12)
    np.testing.assert_allclose(turned, 1 - level, rtol=1e-12)


# ---- Latin hypercube


@pytest.mark.parametrize("count", [1, 7, 64])
def test_latin_hypercube_puts_one_draw_of_a_name_in_each_slice(count: int) -> None:
    sample = Draws(seed=3, count=count, sampling=LATIN)
    for path in ("x", "y"):
        drawn = sample.values(number(low=0.0, high=1.0, path=path))[1:]
        assert sorted(np.floor(drawn * count).astype(int).tolist()) == list(range(count))


def test_latin_names_are_in_orders_of_their_own() -> None:
    sample = Draws(seed=3, count=4000, sampling=LATIN)
    one, other = (sample.values(number(low=0.0, high=1.0, path=path))[1:] for path in ("x", "y"))
    assert abs(spearmanr(one, other).statistic) < 0.05
    assert abs(spearmanr(one[1:], one[:-1]).statistic) < 0.05


def test_latin_draws_of_a_name_do_not_depend_on_the_other_numbers() -> None:
    first = {"demand_growth.metal.default": TRIANGLE}
    more = {"contract_renewal.metal": number(low=0.1, high=0.9), **first}
    sample = Draws(seed=3, count=20, sampling=LATIN)
    path = "parameters.demand_growth.metal.default"
    alone, beside = (drawn_inputs(scenario(parameters=stated), sample)[path] for stated in (first, more))
    assert alone.tolist() == beside.tolist()


def test_latin_draws_depend_on_how_many_there_are() -> None:
    few, many = (Draws(seed=9, count=count, sampling=LATIN).values(TRIANGLE) for count in (7, 70))
    assert not np.isclose(few[1:], many[1:8]).any()


def test_latin_switch_is_on_in_its_very_share() -> None:
    on = Draws(seed=1, count=200, sampling=LATIN).switched_on(switch("s", probability=0.3), True)
    assert on[1:].sum() == 60


def test_latin_percentiles_of_one_number_are_nearer() -> None:
    exact = quantile(TRIANGLE, np.array([0.05, 0.5, 0.95]))
    errors = {}
    for sampling in ("plain", LATIN):
        drawn = [Draws(seed=seed, count=64, sampling=sampling).values(TRIANGLE)[1:] for seed in range(20)]
        errors[sampling] = np.sqrt(((np.percentile(drawn, [5, 50, 95], axis=1).T - exact) ** 2).mean(axis=0))
    assert (errors[LATIN] < errors["plain"] / 2).all()


def test_unknown_sampling_is_refused() -> None:
    with pytest.raises(ValueError, match="no sampling 'sobol'; there are plain, latin"):
        Draws(seed=1, count=1, sampling="sobol")
