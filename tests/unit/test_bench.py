"""What the benchmark times: the opponent solves the same equations, and finds the same prices."""

from __future__ import annotations

import numpy as np
import pytest

from sim import engine
from sim.model import simulate
from tests.bench.commands import PARTS
from tests.bench.equilibria import OPPONENT_DRAWS, opponent, posed, solved_by, unbounded
from tests.bench.reference import solve_reference
from tests.bench.run import lines_of
from tests.worlds import six_region_world, two_stage_world, with_wedge


def test_opponent_finds_the_prices_that_the_engine_finds() -> None:
    given = posed(two_stage_world(OPPONENT_DRAWS, years=3))
    seconds, gap = opponent(given)
    assert gap < 1e-8
    assert seconds > 0


@pytest.mark.campaign
def test_compiled_reference_finds_the_prices_that_the_engine_finds() -> None:
    params = unbounded(with_wedge(six_region_world(2, years=3), "tariffs_cif", [(0, 3, 0)], 0.5))
    given = posed(params)
    for t, (market, guess) in enumerate(zip(given.markets, given.guesses, strict=True)):
        found = solve_reference(market, np.log(guess))
        expected = given.expected[:, t, 0]
        assert np.abs(np.exp(found) / expected[:, ~np.isnan(expected[0])] - 1).max() < 1e-9


def test_engine_is_put_back_after_a_measurement() -> None:
    before = engine.engine_told()
    with solved_by(engine.NUMBA):
        assert engine.engine_told().startswith("numba")
    assert engine.engine_told() == before


def test_markets_of_a_bench_are_those_of_the_run() -> None:
    params = two_stage_world(2, years=3)
    given = posed(params)
    assert given.equilibria == 6
    np.testing.assert_array_equal(given.expected, simulate(params).producer_price)


def test_parts_of_a_run_are_there_to_be_timed() -> None:
    import importlib

    for name, module in PARTS:
        assert callable(getattr(importlib.import_module(module), name))


def test_tables_are_told_upright_or_on_their_side() -> None:
    row = {"a": 1, "b": 2.5, "c": float("nan"), "d": 1e-9, "e": 12345.6}
    assert lines_of([row])[1].split() == ["1", "2.5", "1.0e-09", "12,346"]
    wide = row | {"f": "x", "g": "y"}
    assert [line.split()[0] for line in lines_of([wide])] == list(wide)
