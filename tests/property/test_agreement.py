"""The vectorised engine against the plain implementation, on quiet and on hard random worlds."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import INFEASIBLE, SOLVED
from tests.plain import simulate as plain_module
from tests.plain.simulate import ContradictionError, NoEquilibriumError, simulate_draw
from tests.property.agreement import TOLERANCE, differences
from tests.worlds import (
    random_world,
    six_region_world,
    take_draws,
    tiny_world,
    two_stage_world,
    with_ban,
    with_bound,
    with_capacity,
    with_contract,
    with_stockpile,
    with_stocks_and_reserves,
    with_wedge,
)


def assert_agreement(params: Params, draws: int) -> None:
    found = simulate(params)
    for draw in range(draws):
        try:
            plain = simulate_draw(params, draw)
        except ContradictionError:
            assert found.status[draw] == INFEASIBLE
            continue
        assert found.status[draw] == SOLVED, found.reasons[draw]
        apart = {k: gap for k, gap in differences(params, found, draw, plain).items() if not gap <= TOLERANCE}
        assert not apart, f"draw {draw}: {apart}"


def test_plain_implementation_imports_only_the_records() -> None:
    tree = ast.parse(Path(plain_module.__file__).read_text(encoding="utf-8"))
    imported = {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.module}
    imported |= {alias.name for n in ast.walk(tree) if isinstance(n, ast.Import) for alias in n.names}
    assert {name for name in imported if name.startswith("sim")} == {"sim.records.params"}


@pytest.mark.parametrize("world", [tiny_world, six_region_world, two_stage_world])
def test_plain_and_vectorised_agree_on_the_benchmark(world) -> None:
    assert_agreement(world(2), 1)


def test_plain_and_vectorised_agree_on_one_of_each_measure() -> None:
    params = six_region_world(2, renewal=0.3)
    params = with_ban(params, [(0, 2, 1), (0, 2, 3)])
    params = with_ban(params, [(0, 1, 2)], 0.4)
    params = with_wedge(params, "tariffs_fob", [(0, 3, 0)], 0.2)
    params = with_wedge(params, "export_taxes", [(0, 0, d) for d in range(1, 6)], 0.15)
    params = with_wedge(params, "surcharges", [(0, 4, 1)], 120.0)
    params = with_bound(params, [(0, 2, 5), (0, 2, 0)], high=60.0)
    params = with_bound(params, [(0, 3, 2)], low=60.0)
    params = with_bound(params, [(0, 1, 0)], high=0.0, high_share=0.5, first=2)
    params = with_contract(params, (0, 4, 2), 100.0)
    assert_agreement(params, 1)


def test_plain_and_vectorised_agree_where_an_input_disappears() -> None:
    params = two_stage_world(2, split_assets=True)
    foreign = [(0, o, 1) for o in range(4)]
    assert_agreement(with_contract(with_ban(params, foreign), (1, 1, 3), 9.0), 1)


def test_plain_and_vectorised_agree_where_a_market_is_cut_off() -> None:
    params = six_region_world(2)
    assert_agreement(with_ban(params, [(0, o, 5) for o in range(5)]), 1)


def test_plain_and_vectorised_agree_where_origins_close_and_reopen() -> None:
    params = six_region_world(2)
    factor = np.ones(params.technology.capacity.shape)
    factor[:, 1, 1] = 0.0
    factor[:, 1, 4] = 0.5
    factor[:, 2, 4] = 2.0
    assert_agreement(with_capacity(params, factor), 1)


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_plain_and_vectorised_agree_on_stockpiles_and_reserves(seed: int, stages: int) -> None:
    calm = random_world(seed, stages=stages, hard=False, years=5)
    assert_agreement(with_stocks_and_reserves(calm, seed), 2)


def test_plain_and_vectorised_agree_where_only_a_stockpile_is_left() -> None:
    params = with_ban(six_region_world(2), [(0, o, 5) for o in range(5)])
    params = with_stockpile(params, "last", 0, [0, 0.5, 0, 0, 0, 0.5], stock=200.0, rate=120.0, trigger=1000.0)
    assert_agreement(params, 1)


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", range(8))
def test_plain_and_vectorised_agree_on_quiet_random_worlds(seed: int, stages: int) -> None:
    assert_agreement(random_world(seed, stages=stages, hard=False), 1)


@pytest.mark.parametrize("stages", [1, 2])
@pytest.mark.parametrize("seed", range(20, 28))
def test_plain_and_vectorised_agree_on_hard_random_worlds(seed: int, stages: int) -> None:
    assert_agreement(random_world(seed, stages=stages, hard=True), 1)


@pytest.mark.parametrize(
    ("seed", "stages", "draw"),
    [
        (1058, 1, 5),  # take-or-pay fills a market to the last digit
        (1054, 1, 0),  # and more than fills it at the first guess
        (1069, 1, 5),  # two caps on one set of routes
        (1075, 1, 1),
        (1087, 1, 5),
        (1034, 2, 4),  # kinks between which Newton's method goes back and forth
        (1011, 2, 1),
        (1013, 2, 3),
        (1046, 2, 5),
    ],
)
def test_engine_solves_what_plain_newton_steps_cannot(seed: int, stages: int, draw: int) -> None:
    params = take_draws(random_world(seed, stages=stages, draws=8), [draw, draw])
    assert_agreement(params, 1)


def test_contract_with_a_market_that_is_cut_off_takes_no_room_from_others() -> None:
    params = with_ban(tiny_world(2), [(0, 0, 0)])  # A has no other supplier
    for route, volume in (((0, 1, 2), 15.0), ((0, 1, 0), 150.0)):
        params = with_contract(params, route, volume)
    assert_agreement(params, 1)


def test_plain_solver_says_when_it_finds_nothing() -> None:
    params = with_contract(tiny_world(renewal=1.0), (0, 0, 2), 30.0)
    capped = with_bound(params, [(0, 0, 2)], high=20.0)
    with pytest.raises(NoEquilibriumError, match="smallest residual"):
        simulate_draw(capped, 0)
