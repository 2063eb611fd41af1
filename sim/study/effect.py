"""Whether a scenario can differ from its baseline at all, and where it cannot, why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from sim.assemble.calendar import first_day_on
from sim.quantity import Array, Mask
from sim.records.by_draw import ByDraw
from sim.records.scenario import Measure, Number, Scenario
from sim.records.trajectory import SOLVED, Trajectory
from sim.records.world import World
from sim.study.block import Block
from sim.study.difference import differences, same_amount, same_state
from sim.study.rest import certain, measures_at_rest, shares_in_force, sure_conditions

NO_EFFECT = "This scenario has no effect"
MOST = 4  # reasons told
LEAST_FLOW, LEAST_PRICE = 1e-4, 1e-6  # kt, and share of the price: far above what the solver leaves open


def same_on_paper(scenario: Scenario, baseline: Scenario, world: World | None = None) -> bool:
    """Whether every measure does the same in every year solved, and every parameter is the same, as in the baseline."""
    return not changed_inputs(scenario, baseline, world)


def changed_inputs(scenario: Scenario, baseline: Scenario, world: World | None = None) -> tuple[str, ...]:
    """Paths of the measures and parameters that can make a difference, e.g. ``measures.eu_customs_duty``."""
    baseline = replace(baseline, years=scenario.years)
    mine, theirs = _acts(scenario, world), _acts(baseline, world)
    found = [f"measures.{name}" for name in {**theirs, **mine} if mine.get(name) != theirs.get(name)]
    for path in {**baseline.parameters, **scenario.parameters}:
        one, other = scenario.parameters.get(path), baseline.parameters.get(path)
        if one is None or other is None or not same_amount(one, other):
            found.append(f"parameters.{'.'.join(path)}")
    return tuple(found)


def why_no_effect(scenario: Scenario, baseline: Scenario, world: World | None = None) -> str:
    """Reasons why a scenario does the same as its baseline, as one text; empty where it does not.

    Without a ``world`` it is not told of what a region has no capacity for.
    """
    if not same_on_paper(scenario, baseline, world):
        return ""
    reasons = tuple(dict.fromkeys(_reasons(scenario, replace(baseline, years=scenario.years), world)))
    more = f"; and {len(reasons) - MOST} more" if len(reasons) > MOST else ""
    return "; ".join(reasons[:MOST]) + more


@dataclass(frozen=True, eq=False, kw_only=True)
class EffectTold(ByDraw):
    """Whether a draw comes out as in the baseline, (n,), and what the measures that differ come to.

    By the path of the measure: the most sold on its routes abroad in any year after the first, and the largest rent
    of a limit, (n,) each.
    """

    same: Mask
    sold: Mapping[str, Array]
    rent: Mapping[str, Array]


def effect_told(paths: Collection[str], scenario: Scenario, block: Block) -> EffectTold:
    """What a block tells of the measures at some paths."""
    params, found = block.params, block.found
    sold: dict[str, Array] = {}
    rent: dict[str, Array] = {}
    for path in paths:
        section, name = path.split(".", 1)
        measure = scenario.measures.get(name) if section == "measures" else None
        if measure is None or not measure.origins or measure.good not in params.goods:
            continue
        o, d = ([params.regions.index(region) for region in ends] for ends in (measure.origins, measure.destinations))
        flow = np.nan_to_num(found.flow[:, 1:, params.goods.index(measure.good)][:, :, o][:, :, :, d])
        sold[path] = (flow * np.not_equal.outer(o, d)).max(axis=(1, 2, 3), initial=0.0)
        if name in params.bounds.names and measure.kind in ("cap", "offer"):
            of_limit = np.nan_to_num(found.rent[:, :, params.bounds.names.index(name)])
            rent[path] = np.abs(of_limit).max(axis=1, initial=0.0)
    return EffectTold(same=_same_result(found, block.base), sold=sold, rent=rent)


def no_effect_notices(
    scenario: Scenario, baseline: Scenario, told: EffectTold, world: World | None = None
) -> tuple[str, ...]:
    """A sentence where no flow and no price differs in any draw, and why; none for a baseline beside itself."""
    if scenario.name == baseline.name or not told.same.all():
        return ()
    sentence = f"{NO_EFFECT}: no flow and no price differs from the baseline in any draw"
    why = why_no_effect(scenario, baseline, world)
    if not why:
        resting = measures_at_rest(scenario, world)
        changes = [change.name for change in differences(baseline, scenario) if change.section == "measures"]
        known = [f"the measure {name} {resting[name]}" for name in dict.fromkeys(changes) if name in resting]
        paths = changed_inputs(scenario, baseline, world)
        loose = {path: _loose(path, told) for path in paths}
        known += [reason for reason in loose.values() if reason]
        changed = [path for path in paths if not loose[path]]
        if changed:
            more = f" and {len(changed) - MOST} more" if len(changed) > MOST else ""
            known.append(
                f"what it changes is too small to count, or comes to nothing: {', '.join(changed[:MOST])}{more}"
            )
        why = "; ".join(known)
    return (f"{sentence}; {why}",)


def _loose(path: str, told: EffectTold) -> str:
    """Why a measure did nothing although it was in force, as the run shows; empty where it does not show."""
    name = path.split(".", 1)[1]
    if path in told.sold and told.sold[path].max() < LEAST_FLOW:
        return f"nothing is sold on the routes of {name} in any year, with it or without"
    if path in told.rent and told.rent[path].max() < LEAST_FLOW:
        return f"{name} is never reached: less is sold than it allows"
    return ""


def listeners(scenario: Scenario, switch: str) -> tuple[str, ...]:
    """The measures that depend on a switch."""
    return tuple(name for name, each in scenario.measures.items() if any(c.switch == switch for c in each.when))


@dataclass(frozen=True)
class _Act:
    """What a measure does: when, how likely, and everything else of it that counts."""

    shares: tuple[float, ...]  # of each year in force
    first_day: float
    chances: tuple[tuple[object, ...], ...]
    rest: tuple[tuple[str, object], ...]


def _acts(scenario: Scenario, world: World | None) -> dict[str, _Act]:
    """What each measure does that does anything."""
    rest = measures_at_rest(scenario, world)
    return {name: _act(measure, scenario) for name, measure in scenario.measures.items() if name not in rest}


def _act(measure: Measure, scenario: Scenario) -> _Act:
    switches = certain(scenario.switches)
    chances = [
        (each.switch, each.negated, _amount(chance))
        for each in measure.when
        if (chance := switches[each.switch].probability) is not None
    ]
    plain = [each.name for each in fields(Measure)]
    hidden = {"name", "place", "when", "starts", "ends", "numbers", "choices", "source", "note"}
    rest: list[tuple[str, object]] = [(name, getattr(measure, name)) for name in plain if name not in hidden]
    rest += sorted((name, str(value)) for name, value in measure.choices.items())
    rest += sorted((name, _amount(number)) for name, number in measure.numbers.items())
    alone = replace(measure, when=sure_conditions(measure, switches))
    return _Act(
        shares=tuple(shares_in_force(alone, scenario)),
        first_day=first_day_on(alone, switches) if measure.kind == "project" else 0.0,
        chances=tuple(sorted(chances, key=str)),
        rest=tuple(rest),
    )


def _amount(number: Number) -> tuple[object, ...]:
    drawn = number.shape, number.values, number.drawn_with, number.correlation
    return number.value, number.low, number.high, number.by_year, drawn


def _reasons(scenario: Scenario, baseline: Scenario, world: World | None) -> Iterator[str]:
    resting = measures_at_rest(scenario, world)
    stated = differences(baseline, scenario)
    for change in stated:
        if change.section == "measures" and change.name in resting:
            yield f"the measure {change.name} {resting[change.name]}"
    for name, switch in scenario.switches.items():
        before = baseline.switches.get(name)
        if before is None or not same_state(before, switch):
            yield from _idle_switch(name, scenario, resting)
    mine = {*scenario.files, "SET"} - set(baseline.files)
    for path, number in scenario.parameters.items():
        if number.place.file in mine:
            yield f"parameters.{'.'.join(path)} has the value that it has in the baseline"
    changed = {change.name for change in stated if change.section == "measures"}
    for name, measure in scenario.measures.items():
        if measure.place.file in mine and name not in changed:
            yield f"the measure {name} is stated as in the baseline"
    if not any(change.section in ("switches", "measures", "parameters") for change in stated):
        yield f"it states no value that differs from {baseline.name}"


def _idle_switch(name: str, scenario: Scenario, resting: Mapping[str, str]) -> Iterator[str]:
    hearing = listeners(scenario, name)
    if not hearing:
        yield f"no measure depends on the switch {name}"
        return
    for each in hearing:
        if each in resting and name not in resting[each]:  # else the measure's own reason names the switch
            yield f"the switch {name} moves nothing: the measure {each} {resting[each]}"
    acting = [each for each in hearing if each not in resting]
    if acting:
        years = f"{scenario.years.first} to {scenario.years.last}"
        yield f"the switch {name} leaves the times of {', '.join(acting)} from {years} as they are in the baseline"


def _same_result(found: Trajectory, base: Trajectory) -> Mask:
    """Draws (n,) that end alike and, where both are solved, have the same flows and prices."""
    both = (found.status == SOLVED) & (base.status == SOLVED)
    same: Mask = found.status == base.status
    for mine, theirs, absolute, relative in (
        (found.producer_price, base.producer_price, 0.0, LEAST_PRICE),
        (found.market_price, base.market_price, 0.0, LEAST_PRICE),
        (found.flow, base.flow, LEAST_FLOW, 0.0),
    ):
        at = np.flatnonzero(same & both)  # few are left for what takes longest
        same[at] = _close(mine[at], theirs[at], absolute, relative)
    return same


def _close(one: Array, other: Array, absolute: float, relative: float) -> Mask:
    near: Mask = np.isclose(one, other, rtol=relative, atol=absolute, equal_nan=True)
    all_near: Mask = np.all(near, axis=tuple(range(1, near.ndim)))
    return all_near
