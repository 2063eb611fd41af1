from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sim.checks import BALANCE, Check, checks_of
from sim.errors import BalanceError
from sim.model import simulate
from sim.quantity import Array
from sim.records.params import Params
from sim.records.trajectory import FAILED, Trajectory
from tests.worlds import tiny_world, with_ban, with_bound, with_stockpile

A, B, C = range(3)
Change = Callable[[Array], None]


def world() -> Params:
    """A sells at most 20 kt to B and at least 30 kt to C from the second year on; B may not sell to C at all."""
    given = with_bound(tiny_world(draws=3), [(0, A, B)], high=20.0)
    given = with_bound(given, [(0, A, C)], low=30.0)
    return with_ban(given, [(0, B, C)])


def broken(found: Trajectory, **changes: Change) -> Trajectory:
    """The trajectory with some of its arrays changed in place."""
    arrays = {}
    for name, change in changes.items():
        arrays[name] = getattr(found, name).copy()
        change(arrays[name])
    return replace(found, **arrays)


def add(place: tuple[int, ...], amount: float) -> Change:
    def change(array: Array) -> None:
        array[place] += amount

    return change


def set_to(place: tuple[int, ...], value: float) -> Change:
    def change(array: Array) -> None:
        array[place] = value

    return change


@pytest.fixture(scope="module")
def solved() -> tuple[Params, Trajectory]:
    given = world()
    return given, simulate(given)


def test_all_statements_hold_in_a_run(solved: tuple[Params, Trajectory]) -> None:
    checks = checks_of(*solved)
    assert len(checks) == 11
    assert all(check.holds for check in checks)
    assert {check.allowed for check in checks} == {0.0, 1e-9, 1e-8}


BREACHES: list[tuple[str, dict[str, Change]]] = [
    ("flows into a market add up to its use", {"final_use": add((1, 2, 0, B), 1e-3)}),
    ("flows into a market add up to its use", {"flow": add((1, 2, 0, A, A), 1e-3)}),
    ("flows out of a region add up to its output", {"output": add((2, 3, A), 1e-3)}),
    ("closed routes carry nothing", {"flow": add((0, 2, 0, B, C), 1e-12)}),
    ("caps are kept", {"flow": set_to((0, 3, 0, A, B), 20.1)}),
    ("floors are kept or their shortfall is booked", {"flow": set_to((0, 3, 0, A, C), 29.9)}),
    ("money adds up", {"money_gap": set_to((1, 1), 1e-6)}),
    ("residual of the solver", {"residual": set_to((0, 0), 1e-8)}),
    ("benchmark flows are replicated", {"flow": add((0, 0, 0, A, A), 1e-5)}),
    ("benchmark prices are replicated", {"producer_price": add((2, 0, 0, B), 1e-4)}),
]


@pytest.mark.parametrize(("name", "changes"), BREACHES, ids=[f"{name}-{i}" for i, (name, _) in enumerate(BREACHES)])
def test_breach_of_a_statement_is_named(
    solved: tuple[Params, Trajectory], name: str, changes: dict[str, Change]
) -> None:
    params, found = solved
    with pytest.raises(BalanceError, match=name) as caught:
        checks_of(params, broken(found, **changes))
    assert caught.value.exit_code == 4


def test_negative_tonnes_are_named(solved: tuple[Params, Trajectory]) -> None:
    params, found = solved
    negative = found.flow.copy()
    negative[1, 2, 0, C, B] = -1e-12
    tampered = replace(found)
    object.__setattr__(tampered, "flow", negative)  # the record itself refuses such an array
    with pytest.raises(BalanceError, match="nothing is negative: 1e-12, allowed 0"):
        checks_of(params, tampered)


def test_not_a_number_is_no_balance(solved: tuple[Params, Trajectory]) -> None:
    params, found = solved
    with pytest.raises(BalanceError, match="flows into a market add up to its use: nan"):
        checks_of(params, broken(found, flow=set_to((1, 2, 0, A, A), np.nan)))


def test_booked_shortfall_is_no_breach_and_a_missing_booking_is() -> None:
    params = with_bound(tiny_world(), [(0, A, C)], low=95.0)
    found = simulate(params)
    assert found.shortfall[0, 1, 0] > 1.0
    assert checks_of(params, found)
    with pytest.raises(BalanceError, match="floors are kept or their shortfall is booked"):
        checks_of(params, broken(found, shortfall=set_to((0, 1, 0), 0.0)))


def test_every_breach_is_told_at_once(solved: tuple[Params, Trajectory]) -> None:
    params, found = solved
    tampered = broken(found, money_gap=set_to((1, 1), 1e-6), residual=set_to((0, 0), 1e-8))
    wanted = r"money adds up: 1e-06, allowed 1e-08; residual of the solver: 1e-08, allowed 1e-09"
    with pytest.raises(BalanceError, match=wanted):
        checks_of(params, tampered)


def test_draws_that_are_not_solved_are_not_checked(solved: tuple[Params, Trajectory]) -> None:
    params, found = solved
    tampered = broken(found, money_gap=set_to((1, 1), 1.0), status=set_to((1,), FAILED))
    assert all(check.holds for check in checks_of(params, tampered))
    assert checks_of(params, broken(found, status=set_to((slice(None),), FAILED))) == ()


def test_cap_of_a_part_of_a_year_is_checked_against_the_last_free_flow() -> None:
    part = np.array([[np.inf, 10.0, 20.0, 20.0]])
    rest = np.array([[0.0, 0.5, 0.0, 0.0]])
    params = with_bound(tiny_world(), [(0, A, B)], high=part, high_share=rest)
    found = simulate(params)
    assert found.flow[0, 1, 0, A, B] == pytest.approx(25.0, rel=1e-9)
    assert checks_of(params, found)
    with pytest.raises(BalanceError, match="caps are kept"):
        checks_of(params, broken(found, flow=set_to((0, 1, 0, A, B), 25.1)))


def test_what_is_not_a_number_does_not_hold() -> None:
    assert not Check(name="x", worst=float("nan"), allowed=BALANCE).holds
    assert Check(name="x", worst=BALANCE, allowed=BALANCE).holds


def test_last_free_flow_is_that_of_the_year_before_the_cap() -> None:
    # A sells 40 instead of 20 kt to C once B is barred; half a year later a cap of 10 kt a year comes
    part = np.array([[np.inf, np.inf, 5.0, 10.0]])
    rest = np.array([[0.0, 0.0, 0.5, 0.0]])
    params = with_bound(with_ban(tiny_world(), [(0, B, C)]), [(0, A, C)], high=part, high_share=rest)
    found = simulate(params)
    assert found.flow[0, 2, 0, A, C] == pytest.approx(5.0 + found.flow[0, 1, 0, A, C] / 2, rel=1e-9)
    assert found.flow[0, 1, 0, A, C] > 35.0
    assert checks_of(params, found)


def test_grams_out_of_a_large_stockpile_are_no_breach_and_a_lost_tonne_is() -> None:
    plain = tiny_world()
    trigger = 2.0 * plain.demand.benchmark_price[0, 0, B]
    params = with_stockpile(plain, "pile", 0, [0.0, 1.0, 0.0], stock=200.0, rate=5.0, trigger=trigger)
    found = simulate(params)
    assert 0.0 < found.released[0, 1, 0, B] < 1e-6
    assert checks_of(params, found)
    with pytest.raises(BalanceError, match="stockpiles and reserves hold out"):
        checks_of(params, broken(found, stock_left=add((0, 2, 0), 0.001)))
