"""Published functions in the place of the model, through the design, the rows left out, the groups and SALib."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from scipy.stats import sobol_indices, uniform

from sim.errors import ConvergenceError, ScenarioError
from sim.quantity import Array, Mask
from sim.study.sobol import Indices, design_of, indices, indices_of, movers, told_over

WITHIN = 0.02
A, B = 7.0, 0.1
G_COEFFICIENTS = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])


def ishigami(levels: Array) -> Array:
    x = np.pi * (2 * levels - 1)
    return (np.sin(x[:, 0]) + A * np.sin(x[:, 1]) ** 2 + B * x[:, 2] ** 4 * np.sin(x[:, 0]))[:, None]


def g_function(levels: Array) -> Array:
    return np.prod((np.abs(4 * levels - 2) + G_COEFFICIENTS) / (1 + G_COEFFICIENTS), axis=1)[:, None]


def parts_of_ishigami() -> dict[frozenset[int], float]:
    """Variance of each term of its decomposition, in closed form."""
    return {
        frozenset({0}): (1 + B * np.pi**4 / 5) ** 2 / 2,
        frozenset({1}): A**2 / 8,
        frozenset({0, 2}): B**2 * np.pi**8 * (1 / 18 - 1 / 50),
    }


def parts_of_g() -> dict[frozenset[int], float]:
    single = 1 / (3 * (1 + G_COEFFICIENTS) ** 2)
    sets = (frozenset(each) for size in range(1, 9) for each in combinations(range(8), size))
    return {each: float(np.prod(single[list(each)])) for each in sets}


def exact(parts: dict[frozenset[int], float], groups: Mask) -> tuple[Array, Array]:
    """First-order index of a group: the terms within it; total: those it has a part in."""
    whole = sum(parts.values())
    members = [frozenset(np.flatnonzero(group).tolist()) for group in groups]
    first = [sum(v for term, v in parts.items() if term <= group) / whole for group in members]
    total = [sum(v for term, v in parts.items() if term & group) / whole for group in members]
    return np.array(first), np.array(total)


def groups_of(inputs: int, *sets: tuple[int, ...]) -> Mask:
    """Each input alone, then some of them together."""
    together = [[i in members for i in range(inputs)] for members in sets]
    return np.concatenate([np.eye(inputs, dtype=bool), np.array(together, dtype=bool).reshape(-1, inputs)])


@dataclass(frozen=True)
class Function:
    model: Callable[[Array], Array]
    groups: Mask
    parts: dict[frozenset[int], float]
    rows: int


FUNCTIONS = {
    "ishigami": Function(ishigami, groups_of(3, (0, 2)), parts_of_ishigami(), 2**15),
    "g": Function(g_function, groups_of(8, (0, 4, 5), (1, 2), (3, 6, 7)), parts_of_g(), 2**14),
}


def estimated(model: Callable[[Array], Array], groups: Mask, rows: int, seed: int = 1) -> Indices:
    found, _ = indices_of(told_over(model, design_of(groups.shape[1], rows, seed), groups), 0, seed, "outcome")
    assert found is not None
    return found


@pytest.fixture(scope="module", params=FUNCTIONS)
def case(request: pytest.FixtureRequest) -> tuple[Function, Indices]:
    function = FUNCTIONS[request.param]
    return function, estimated(function.model, function.groups, function.rows)


def test_indices_of_inputs_and_groups_are_the_published_ones(case: tuple[Function, Indices]) -> None:
    function, found = case
    first, total = exact(function.parts, function.groups)
    np.testing.assert_allclose(found.first, first, atol=WITHIN)
    np.testing.assert_allclose(found.total, total, atol=WITHIN)
    assert max(found.first_half.max(), found.total_half.max()) < WITHIN
    # the bootstrap knows nothing of how evenly the points lie, and docs/attribution.md says so
    assert np.abs(found.first - first).max() < found.first_half.max() / 10
    assert np.abs(found.total - total).max() < found.total_half.max() / 10


def test_closed_form_of_the_published_functions() -> None:
    first, total = exact(parts_of_ishigami(), np.eye(3, dtype=bool))
    np.testing.assert_allclose(first, [0.3139, 0.4424, 0.0], atol=5e-5)
    np.testing.assert_allclose(total, [0.5576, 0.4424, 0.2437], atol=5e-5)
    first, _ = exact(parts_of_g(), np.eye(8, dtype=bool))
    np.testing.assert_allclose(first[:4], [0.7162, 0.1790, 0.0237, 0.0072], atol=6e-5)


def test_another_library_finds_the_same() -> None:
    found = estimated(ishigami, np.eye(3, dtype=bool), 2**12)
    other = sobol_indices(func=lambda x: ishigami(x.T).T, n=2**12, dists=[uniform()] * 3, rng=np.random.default_rng(5))
    np.testing.assert_allclose(found.first, other.first_order, atol=WITHIN)
    np.testing.assert_allclose(found.total, other.total_order, atol=WITHIN)


def failing(level: float) -> Callable[[Array], Array]:
    """The Ishigami function, not known where its third input is near its upper end."""

    def model(levels: Array) -> Array:
        return np.where(levels[:, 2:] > level, np.nan, ishigami(levels))

    return model


def test_rows_with_a_failed_evaluation_are_left_out_whole() -> None:
    groups = groups_of(3, (0, 2))
    told = told_over(failing(0.99), design_of(3, 4096, 1), groups)
    found, kept = indices_of(told, 0, 1, "outcome")
    failed = np.isnan(told.first[:, 0]) | np.isnan(told.second[:, 0]) | np.isnan(told.crossed[:, :, 0]).any(axis=0)
    assert kept.tolist() == (~failed).tolist()
    assert 0.015 < failed.mean() < 0.025  # the third input of either sample
    assert found is not None
    first, total = exact(parts_of_ishigami(), groups)
    assert np.isfinite([found.first, found.first_half, found.total, found.total_half]).all()
    # what is left is the function over a little less of its range
    np.testing.assert_allclose(found.first, first, atol=0.06)
    np.testing.assert_allclose(found.total, total, atol=0.06)


def test_blank_outcome_is_refused_before_the_estimator_takes_it_for_a_number() -> None:
    table = np.random.default_rng(1).random((16, 4))
    table[3, 2] = np.nan
    with pytest.raises(ValueError, match="must not reach the estimator"):
        indices(table, 1)


def test_too_many_failed_rows_are_refused() -> None:
    told = told_over(failing(0.9), design_of(3, 256, 1), groups_of(3))
    with pytest.raises(ConvergenceError, match=r"take-up: \d+ of 256 base rows have an evaluation that is not solved"):
        indices_of(told, 0, 1, "take-up")


@pytest.mark.parametrize("value", [0.0, 1234.5])
def test_outcome_that_does_not_vary_has_no_parts(value: float) -> None:
    rounding = 1e-12 * np.arange(16)[:, None]
    assert indices(value * (1 + np.tile(rounding, (1, 5))), 1) is None


def test_what_must_come_out_the_same_is_solved_once() -> None:
    solved = []

    def model(levels: Array) -> Array:
        solved.append(len(levels))
        return ishigami(np.column_stack([levels[:, :2], np.full(len(levels), 0.7)]))

    design = design_of(3, 512, 1, np.array([True, True, False]))
    groups = groups_of(3, (0, 2), (0, 1), (0, 1, 2))
    told = told_over(model, design, groups)
    assert solved == [4 * 512]  # both samples, the first and the second input exchanged
    plain = told_over(model, design_of(3, 512, 1), groups)
    assert solved[1:] == [7 * 512]  # and the third, and two of the groups: all inputs at once are the second sample
    assert told.crossed.tolist() == plain.crossed.tolist()
    assert told.crossed[2].tolist() == told.first.tolist()


def test_same_seed_same_indices_and_another_one_others() -> None:
    groups = np.eye(3, dtype=bool)
    found = [estimated(ishigami, groups, 256, seed) for seed in (0, 0, 7)]
    told = [[each.first, each.first_half, each.total, each.total_half] for each in found]
    assert np.array_equal(told[0], told[1])
    assert not np.isclose(told[0], told[2]).any()


def test_input_that_moves_an_outcome_most_comes_first() -> None:
    design = design_of(8, 16, 1)
    crossed = g_function(design.crossed(np.eye(8, dtype=bool))).reshape(8, 16, 1)
    moved = movers(g_function(design.first), crossed)
    assert np.argsort(-moved)[:3].tolist() == [0, 1, 2]
    assert moved[4:].max() < moved[3]
    crossed[5, 3] = np.nan
    assert np.isfinite(movers(g_function(design.first), crossed)).all()


def test_without_the_library_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "SALib.analyze.sobol", None)
    with pytest.raises(ScenarioError, match="is not installed: `make extras` adds it"):
        indices(np.random.default_rng(1).random((8, 3)), 1)
