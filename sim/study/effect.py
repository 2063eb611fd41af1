"""Whether a scenario can differ from its baseline at all, and where it cannot, why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace

import numpy as np

from sim.assemble.calendar import first_day_on, in_force
from sim.assemble.draws import Draws, central
from sim.quantity import Array
from sim.records.scenario import Condition, Measure, Number, Scenario, Switch
from sim.records.trajectory import SOLVED, Trajectory
from sim.study.difference import differences, same_amount, same_state

NO_EFFECT = "This scenario has no effect"
MOST = 4  # reasons told
LEAST_FLOW, LEAST_PRICE = 1e-4, 1e-6  # kt, and share of the price: far above what the solver leaves open
# what a measure of a kind does is in proportion to one of these
_STRENGTH = {
    "tariff": ("rate",),
    "export_tax": ("rate",),
    "freight": ("amount",),
    "floor": ("volume",),
    "contract": ("volume",),
    "project": ("capacity",),
    "outage": ("capacity",),
    "demand_shift": ("change", "volume"),
    "cost_shift": ("change",),
}


def same_on_paper(scenario: Scenario, baseline: Scenario) -> bool:
    """Whether every measure does the same in every year solved, and every parameter is the same, as in the baseline."""
    return not changed_inputs(scenario, baseline)


def changed_inputs(scenario: Scenario, baseline: Scenario) -> tuple[str, ...]:
    """Paths of the measures and parameters that can make a difference, e.g. ``measures.eu_customs_duty``."""
    baseline = replace(baseline, years=scenario.years)
    mine, theirs = _acts(scenario), _acts(baseline)
    found = [f"measures.{name}" for name in {**theirs, **mine} if mine.get(name) != theirs.get(name)]
    for path in {**baseline.parameters, **scenario.parameters}:
        one, other = scenario.parameters.get(path), baseline.parameters.get(path)
        if one is None or other is None or not same_amount(one, other):
            found.append(f"parameters.{'.'.join(path)}")
    return tuple(found)


def why_no_effect(scenario: Scenario, baseline: Scenario) -> str:
    """Reasons why a scenario does the same as its baseline, as one text; empty where it does not."""
    if not same_on_paper(scenario, baseline):
        return ""
    reasons = tuple(dict.fromkeys(_reasons(scenario, replace(baseline, years=scenario.years))))
    more = f"; and {len(reasons) - MOST} more" if len(reasons) > MOST else ""
    return "; ".join(reasons[:MOST]) + more


def no_effect_notices(scenario: Scenario, baseline: Scenario, found: Trajectory, base: Trajectory) -> tuple[str, ...]:
    """A sentence where no flow and no price differs in any draw, and why; none for a baseline beside itself."""
    if scenario.name == baseline.name or not _same_result(found, base):
        return ()
    told = f"{NO_EFFECT}: no flow and no price differs from the baseline in any draw"
    why = why_no_effect(scenario, baseline)
    if not why:
        changed = changed_inputs(scenario, baseline)
        more = f" and {len(changed) - MOST} more" if len(changed) > MOST else ""
        why = f"what it changes is too small to count, or comes to nothing: {', '.join(changed[:MOST])}{more}"
    return (f"{told}; {why}",)


def measures_at_rest(scenario: Scenario) -> dict[str, str]:
    """The measures that do nothing in any year solved, each with the reason."""
    told = {name: _at_rest(measure, scenario) for name, measure in scenario.measures.items()}
    return {name: why for name, why in told.items() if why}


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


def _acts(scenario: Scenario) -> dict[str, _Act]:
    """What each measure does that does anything."""
    rest = measures_at_rest(scenario)
    return {name: _act(measure, scenario) for name, measure in scenario.measures.items() if name not in rest}


def _act(measure: Measure, scenario: Scenario) -> _Act:
    switches = _certain(scenario.switches)
    sure = tuple(each for each in measure.when if switches[each.switch].probability is None)
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
    alone = replace(measure, when=sure)
    return _Act(
        shares=tuple(_shares(alone, scenario)),
        first_day=first_day_on(alone, switches) if measure.kind == "project" else 0.0,
        chances=tuple(sorted(chances, key=str)),
        rest=tuple(rest),
    )


def _amount(number: Number) -> tuple[object, ...]:
    return number.value, number.low, number.high, number.shape, number.by_year, number.drawn_with


def _certain(switches: Mapping[str, Switch]) -> dict[str, Switch]:
    """A probability of 0 or 100 % is none."""
    found = dict(switches)
    for name, switch in switches.items():
        chance = None if switch.probability is None else central(switch.probability)
        if chance in (0.0, 1.0):
            found[name] = replace(switch, probability=None, always_off=not chance)
    return found


def _shares(measure: Measure, scenario: Scenario) -> Array:
    """Share of each year solved in which the measure is in force at its longest, (t,), chances left aside."""
    switches = _certain(scenario.switches)
    sure = tuple(each for each in measure.when if switches[each.switch].probability is None)
    numbers = dict(measure.numbers)
    if (length := numbers.get("duration")) is not None:
        longest = length.value if length.high is None else length.high
        numbers["duration"] = replace(length, value=longest, low=None, high=None, shape="point", drawn_with=None)
    alone = replace(measure, when=sure, numbers=numbers)
    years = tuple(range(scenario.years.first, scenario.years.last + 1))
    share: Array = in_force(alone, switches, switches, years, Draws(seed=0, count=0))[0]
    return share


def _at_rest(measure: Measure, scenario: Scenario) -> str:
    """Why a measure does nothing in the years solved; empty where it does something."""
    first, last = scenario.years.first, scenario.years.last
    if not _shares(replace(measure, when=()), scenario).any():
        late = measure.starts is not None and measure.starts.year > last
        return f"begins after the last year, {last}" if late else f"is over before the first year, {first}"
    for condition in measure.when:
        if not _shares(replace(measure, when=(condition,)), scenario).any():
            return _kept_off(condition, scenario)
    if not _shares(measure, scenario).any():
        return f"is never in force from {first} to {last}: its dates and those of its switches do not meet"
    strength = [measure.numbers[name] for name in _STRENGTH.get(measure.kind, ()) if name in measure.numbers]
    if strength and all(_is_nought(number) for number in strength):
        return f"has no strength: its {_STRENGTH[measure.kind][0]} is 0"
    if measure.kind == "project" and _stands_after(measure, scenario):
        return f"would stand only after the last year, {last}"
    return ""


def _kept_off(condition: Condition, scenario: Scenario) -> str:
    name = condition.switch
    switch = _certain(scenario.switches)[name]
    if condition.negated:
        constant = not switch.always_off and switch.on_from is None and switch.off_from is None
    else:
        constant = switch.always_off
    state = "on" if condition.negated else "off"
    if constant:
        return f"depends on {'not ' if condition.negated else ''}{name}, which stays {state}"
    return (
        f"depends on {'not ' if condition.negated else ''}{name}, which is {state} whenever "
        f"the measure could be in force from {scenario.years.first} to {scenario.years.last}"
    )


def _is_nought(number: Number) -> bool:
    points = [number.value, number.low, number.high, *(value for _, value in number.by_year)]
    return all(point in (None, 0.0) for point in points)


def _stands_after(measure: Measure, scenario: Scenario) -> bool:
    """Whether a project's earliest output comes after the last year; a transfer of technology might hasten it."""
    if any("lead_time_change" in each.numbers for each in scenario.measures.values()):
        return False
    lead = measure.numbers["lead_time"]
    shortest = lead.value if lead.low is None else lead.low
    switches = _certain(scenario.switches)
    sure = tuple(each for each in measure.when if switches[each.switch].probability is None)
    start = first_day_on(replace(measure, when=sure), switches)
    return bool(start + (shortest or 0.0) >= scenario.years.last + 1)


def _reasons(scenario: Scenario, baseline: Scenario) -> Iterator[str]:
    resting = measures_at_rest(scenario)
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


def _same_result(found: Trajectory, base: Trajectory) -> bool:
    both = np.flatnonzero((found.status == SOLVED) & (base.status == SOLVED))
    return bool((found.status == base.status).all()) and all(
        _close(found.flow[n], base.flow[n], LEAST_FLOW, 0.0)
        and _close(found.market_price[n], base.market_price[n], 0.0, LEAST_PRICE)
        and _close(found.producer_price[n], base.producer_price[n], 0.0, LEAST_PRICE)
        for n in both
    )


def _close(one: Array, other: Array, absolute: float, relative: float) -> bool:
    return one.shape == other.shape and np.allclose(one, other, rtol=relative, atol=absolute, equal_nan=True)
