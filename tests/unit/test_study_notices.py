"""What a run says of what nobody would look for: unserved tonnes, shortages, rents, draws without a solution."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import INFEASIBLE, Trajectory
from sim.study.notices import SHORTAGE, ended, notices_of
from tests.worlds import six_region_world, tiny_world, with_ban, with_bound


def notices(params: Params, found: Trajectory, base: Trajectory) -> tuple[str, ...]:
    return notices_of(params, found, (ended(found), ended(base)), params.years[-1])


def test_quiet_run_has_nothing_to_say() -> None:
    params = six_region_world(2)
    found = simulate(params)
    assert notices(params, found, found) == ()


def test_market_without_a_source_is_named_with_its_tonnes() -> None:
    params = six_region_world(2)
    closed = with_ban(params, [(0, o, 5) for o in range(6)])
    told = notices(closed, simulate(closed), simulate(params))
    assert any(f"No source is open to {params.regions[5]}" in sentence for sentence in told)


def test_cap_that_binds_is_named_with_its_rent() -> None:
    params = six_region_world(2)
    flow = float(params.benchmark_flow[0, 0, 1])
    capped = with_bound(params, [(0, 0, 1)], high=0.5 * flow)
    found = simulate(capped)
    rent = found.rent[0, -1, -1]
    told = notices(capped, found, simulate(params))
    assert rent > 0
    assert any(f"a rent of {rent:,.0f} M USD" in sentence for sentence in told)


def test_price_over_ten_times_the_benchmark_is_called_a_shortage() -> None:
    params = six_region_world(2)
    found = simulate(params)
    dear = found.market_price.copy()
    dear[0, -1, 0, 2] = 1.01 * SHORTAGE * params.demand.benchmark_price[0, 0, 2]
    told = notices(params, replace(found, market_price=dear), found)
    assert len(told) == 1
    assert told[0].startswith(f"Shortage of {params.goods[0]} in {params.regions[2]}")


def test_draws_without_a_solution_are_counted_by_their_reason() -> None:
    params = six_region_world(3)
    found = simulate(params)
    status = found.status.copy()
    status[1:] = INFEASIBLE
    unsolved = replace(found, status=status, reasons=("", *["2025: why"] * (len(status) - 1)))
    told = notices(params, unsolved, found)
    assert told == (f"Not solved: 2025: why ({np.sum(status > 0)} draws)",)


def test_ban_that_leaks_is_told_by_what_still_passes() -> None:
    params = tiny_world()
    leaking = with_bound(params, [(0, 0, 1)], high=0.0, high_share=0.2)
    names = (*leaking.bounds.names[:-1], "closed_to_all")
    leaking = replace(leaking, bounds=replace(leaking.bounds, names=names))
    found = simulate(leaking)
    told = notices(leaking, found, simulate(params))
    assert told == (f"closed_to_all leaks: 6.0 kt still pass in {params.years[-1]}",)
