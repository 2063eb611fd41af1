"""Which goods a scenario touches: the others would only repeat the baseline and are left out."""

from __future__ import annotations

from dataclasses import replace

from sim.records.scenario import Measure, Scenario
from sim.records.world import World


def touched_goods(scenario: Scenario, baseline: Scenario, world: World) -> tuple[str, ...]:
    """The goods of all chains in which scenario and baseline differ; all goods where they differ in none."""
    switched = {
        name
        for name in {*scenario.switches, *baseline.switches}
        if scenario.switches.get(name) != baseline.switches.get(name)
    }

    def differ(mine: Measure | None, theirs: Measure | None) -> bool:
        return mine != theirs or (mine is not None and any(c.switch in switched for c in mine.when))

    named: set[str] = set()
    for name in {*scenario.measures, *baseline.measures}:
        mine, theirs = scenario.measures.get(name), baseline.measures.get(name)
        if differ(mine, theirs):
            named |= {measure.good for measure in (mine, theirs) if measure is not None}
    for path in {*scenario.parameters, *baseline.parameters}:
        if scenario.parameters.get(path) != baseline.parameters.get(path):
            named |= set(path)
    touched = {good for chain in world.chains() for good in chain if named & set(chain)}
    return tuple(good for good in world.good_names if good in touched) or world.good_names


def within(scenario: Scenario, goods: tuple[str, ...], world: World) -> Scenario:
    """The scenario with the measures and parameters of some goods only."""
    others = set(world.good_names) - set(goods)
    return replace(
        scenario,
        measures={name: measure for name, measure in scenario.measures.items() if measure.good not in others},
        parameters={path: number for path, number in scenario.parameters.items() if not others & set(path)},
    )
