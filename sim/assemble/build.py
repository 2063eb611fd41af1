"""Params from a scenario and a world: the order in which the parts follow from each other."""

from __future__ import annotations

import re

import numpy as np

from sim.assemble.draws import Draws
from sim.assemble.frame import Frame
from sim.assemble.growth import final_demand, fleet_capacity, use_trend
from sim.assemble.instruments import bounds_of, contracts_of, policy_of, stockpiles_of
from sim.assemble.projects import Projects, planned_capacity, projects_of
from sim.assemble.sourcing import (
    entries_of,
    freight_of,
    market_prices,
    reference_prices,
    sourcing_of,
    taste_growth,
)
from sim.assemble.technology import technology_of
from sim.errors import DataError, ScenarioError
from sim.quantity import Array
from sim.records.params import Demand, Params, Technology
from sim.records.scenario import Scenario
from sim.records.world import World

_ROUNDING = 1e-9  # of the largest use: what sums of floats may miss
_PLACED = re.compile(r"\S+:[0-9]+:[0-9]+: ", re.ASCII)  # begins a message that says where


def build_params(scenario: Scenario, baseline: Scenario, world: World, draws: Draws) -> Params:
    """Everything the engine needs, with the central run in row 0 of the draws.

    What is wrong only when the parts are put together stands in no line: it is told of the scenario's file.

    Raises
    ------
    ScenarioError
        Where the years do not follow the benchmark year, a parameter is missing, or nobody can buy from a project.
    DataError
        Where the world and the parameters contradict each other.
    """
    try:
        return _put_together(scenario, baseline, world, draws)
    except (ScenarioError, DataError) as fault:
        if _PLACED.match(str(fault)) or not scenario.files:
            raise
        raise type(fault)(f"{scenario.files[0]}:1:1: {fault}") from fault


def _put_together(scenario: Scenario, baseline: Scenario, world: World, draws: Draws) -> Params:
    if scenario.years.first != world.year + 1:
        raise ScenarioError(
            f"{scenario.name}: years.first is {scenario.years.first}, "
            f"after the benchmark year {world.year} it has to be {world.year + 1}"
        )
    frame = Frame(scenario=scenario, world=world, draws=draws, baseline=baseline)
    n = draws.rows
    use = world.flows.sum(axis=1)
    shares = np.divide(world.flows, use[:, None, :], out=np.zeros_like(world.flows), where=use[:, None, :] > 0)
    home = np.einsum("cdd->cd", shares)
    price = producer_prices(frame)

    projects = projects_of(frame)
    entering, shut = entries_of(frame, home, projects)
    _check_outlets(frame, projects, entering)
    policy = policy_of(frame, freight_of(frame), shut)
    reference = reference_prices(policy, entering, shares, price)
    market_price = market_prices(shares, reference, price)

    derived = _derived_use(world)
    final_use = use - derived
    if (final_use < -_ROUNDING * use.max()).any():
        c, d = (int(i) for i in np.argwhere(final_use < -_ROUNDING * use.max())[0])
        raise DataError(
            f"{world.region_names[d]} processes {derived[c, d]:.1f} kt of {world.good_names[c]}, "
            f"{use[c, d]:.1f} kt reach it"
        )
    shifted, trend = final_demand(frame, np.maximum(final_use, 0.0))
    fleets = fleet_capacity(frame, use_trend(frame, trend, derived), planned_capacity(frame, projects))
    technology = technology_of(frame, fleets, projects, price, market_price)
    whole = np.zeros((n, *world.producer_price.shape))
    for a, measure in enumerate(projects.measures):
        place = world.good_index(measure.good), world.region_index(measure.region or "")
        whole[:, *place] += projects.whole[:, a] * projects.comes[:, a]
    growth = taste_growth(_by_place(technology, world), whole, frame.by_good("taste_follows_capacity"))
    return Params(
        years=frame.years,
        goods=world.good_names,
        regions=world.region_names,
        technology=technology,
        demand=Demand(
            reference=shifted,
            benchmark_price=market_price,
            elasticity=frame.by_good("demand_elasticity"),
            elasticity_long=frame.by_good("demand_elasticity_long"),
            memory=frame.by_good("demand_memory"),
        ),
        sourcing=sourcing_of(frame, entering, shares, reference, growth),
        policy=policy,
        bounds=bounds_of(frame),
        contracts=contracts_of(frame),
        stockpiles=stockpiles_of(frame),
        benchmark_flow=world.flows,
        benchmark_producer_price=price,
    )


def _check_outlets(frame: Frame, projects: Projects, entering: Array) -> None:
    """Refuse a project whose metal has no market: it would change nothing, and nobody would notice."""
    world = frame.world
    contracted = {(measure.good, measure.origins[0]) for measure in frame.measures("contract")}
    for a, measure in enumerate(projects.measures):
        if not projects.comes[:, a].any():
            continue
        c, o = world.good_index(measure.good), world.region_index(measure.region or "")
        sold = world.flows[c, o].any() or entering[:, c, o].any() or (measure.good, measure.region) in contracted
        if not sold:
            raise ScenarioError(
                f"{measure.place}: measures.{measure.name}: {measure.region} sells no {measure.good} in {world.year}; "
                "an entry_share is wanted for each market that is to buy it, or a contract"
            )


def producer_prices(frame: Frame) -> Array:
    """Benchmark producer prices, (n, c, o). [USD/t]

    A stated benchmark price of a good takes the place of the mean of its producers' prices, weighted by output; the
    prices of the world keep their proportions.
    """
    world = frame.world
    price = np.broadcast_to(world.producer_price, (frame.draws.rows, *world.producer_price.shape)).copy()
    for c, good in enumerate(world.good_names):
        stated = frame.optional("benchmark_price", good)
        if stated is not None:
            output = world.flows[c].sum(axis=1)
            mean = float((output * world.producer_price[c]).sum() / output.sum())
            price[:, c] *= (frame.draws.values(stated) / mean)[:, None]
    return price


def _derived_use(world: World) -> Array:
    """What the benchmark year's assets put into the next stage, (c, d). [kt/yr]"""
    derived = np.zeros(world.producer_price.shape)
    fed_by = world.input_index()
    for a in np.flatnonzero(fed_by[world.asset_good] >= 0).tolist():
        derived[fed_by[world.asset_good[a]], world.asset_region[a]] += world.input_ratio[a] * world.output[a]
    return derived


def _by_place(technology: Technology, world: World) -> Array:
    """Capacity by good and region, (n, t, c, o). [kt/yr]"""
    total = np.zeros((*technology.capacity.shape[:2], *world.producer_price.shape))
    for a, (good, region) in enumerate(zip(technology.good, technology.region, strict=True)):
        total[:, :, good, region] += technology.capacity[:, :, a]
    return total
