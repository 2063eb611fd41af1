"""Measures that do nothing in any year solved, each with the reason in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.assemble.calendar import first_day_on, in_force
from sim.assemble.draws import Draws, central
from sim.quantity import Array, Mask
from sim.records.scenario import Condition, Measure, Number, Scenario, Switch
from sim.records.world import World

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
    "stockpile": ("stock",),
    "technology_transfer": ("lead_time_change", "change", "capital_cost_change"),
}
_BAN, _PROJECT, _TRANSFER = "ban", "project", "technology_transfer"
_ON_ROUTES = (_BAN, "tariff", "export_tax", "freight", "cap", "offer", "contract")  # nothing where nothing can pass
_ON_FLEETS = ("outage", "cost_shift")

Routes = frozenset[tuple[str, str]]


@dataclass(frozen=True, eq=False, kw_only=True)
class _Closing:
    """A ban that certainly lets nothing pass, with the years solved that it covers whole."""

    name: str
    good: str
    routes: Routes
    whole_years: Mask  # (t,)


def measures_at_rest(scenario: Scenario, world: World | None = None) -> dict[str, str]:
    """The measures that do nothing in any year solved, each with the reason.

    Without a ``world`` it is not told of what a region has no capacity for.
    """
    closings: list[_Closing] = []
    told = {}
    for name, measure in scenario.measures.items():
        why = _asleep(measure, scenario)
        if measure.kind == _BAN and not why:
            why = _shut(measure, scenario, closings)
            if not why and _is_certain(measure, scenario):
                whole = _shares(measure, scenario, longest=False) >= 1.0
                closings.append(_Closing(name=name, good=measure.good, routes=_routes(measure), whole_years=whole))
        if why:
            told[name] = why
    for name, measure in scenario.measures.items():
        if name in told or measure.kind == _BAN:
            continue
        why = _shut(measure, scenario, closings) or _without_project(measure, scenario, told)
        if not why and world is not None:
            why = _without_capacity(measure, scenario, world)
        if why:
            told[name] = why
    return {name: told[name] for name in scenario.measures if name in told}


def outages_of_all(scenario: Scenario, world: World) -> tuple[str, ...]:
    """A sentence on each outage that acts and is as large as all that the region has in the benchmark year."""
    resting = measures_at_rest(scenario, world)
    told = []
    for name, measure in scenario.measures.items():
        if measure.kind != "outage" or name in resting:
            continue
        there, size = _capacity(measure, world), _least(measure.numbers["capacity"])
        if size >= there:
            told.append(
                f"{name} takes all the capacity that there was in {world.year}: {there:,.1f} kt a year of "
                f"{measure.good} in {measure.region}, and it is stated with {size:,.1f} or more"
            )
    return tuple(told)


def certain(switches: Mapping[str, Switch]) -> dict[str, Switch]:
    """The switches; a probability of 0 or 100 % is none."""
    found = dict(switches)
    for name, switch in switches.items():
        chance = None if switch.probability is None else central(switch.probability)
        if chance in (0.0, 1.0):
            found[name] = replace(switch, probability=None, always_off=not chance)
    return found


def sure_conditions(measure: Measure, switches: Mapping[str, Switch]) -> tuple[Condition, ...]:
    """The conditions of a measure that no chance decides."""
    return tuple(each for each in measure.when if switches[each.switch].probability is None)


def shares_in_force(measure: Measure, scenario: Scenario) -> Array:
    """Share of each year solved in which the measure is in force at its longest, (t,), chances left aside."""
    return _shares(measure, scenario, longest=True)


def _shares(measure: Measure, scenario: Scenario, *, longest: bool) -> Array:
    switches = certain(scenario.switches)
    numbers = dict(measure.numbers)
    if (length := numbers.get("duration")) is not None:
        end = length.high if longest else length.low
        years = length.value if end is None else end
        numbers["duration"] = replace(length, value=years, low=None, high=None, shape="point", drawn_with=None)
    alone = replace(measure, when=sure_conditions(measure, switches), numbers=numbers)
    solved = tuple(range(scenario.years.first, scenario.years.last + 1))
    share: Array = in_force(alone, switches, switches, solved, Draws(seed=0, count=0))[0]
    return share


def _asleep(measure: Measure, scenario: Scenario) -> str:
    """Why a measure is never in force, has no strength or comes too late; empty where it does not."""
    first, last = scenario.years.first, scenario.years.last
    if not shares_in_force(replace(measure, when=()), scenario).any():
        late = measure.starts is not None and measure.starts.year > last
        return f"begins after the last year, {last}" if late else f"is over before the first year, {first}"
    for condition in measure.when:
        if not shares_in_force(replace(measure, when=(condition,)), scenario).any():
            return _kept_off(condition, scenario)
    if not shares_in_force(measure, scenario).any():
        return f"is never in force from {first} to {last}: its dates and those of its switches do not meet"
    strength = [measure.numbers[name] for name in _STRENGTH.get(measure.kind, ()) if name in measure.numbers]
    if strength and all(_is_nought(number, scenario) for number in strength):
        return f"has no strength: its {_STRENGTH[measure.kind][0]} is 0"
    if measure.kind == _PROJECT and _stands_after(measure, scenario):
        return f"would stand only after the last year, {last}"
    return ""


def _kept_off(condition: Condition, scenario: Scenario) -> str:
    name = condition.switch
    switch = certain(scenario.switches)[name]
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


def _is_nought(number: Number, scenario: Scenario) -> bool:
    """Whether a number is 0 in every year solved."""
    points = [number.value, number.low, number.high, *_held(number, scenario)]
    return all(point in (None, 0.0) for point in points)


def _held(number: Number, scenario: Scenario) -> list[float]:
    """The values of a path that hold in some year solved: each until the next, the first before it as well."""
    first, last = scenario.years.first, scenario.years.last
    ends = [*(year for year, _ in number.by_year[1:]), np.inf][: len(number.by_year)]
    return [
        value
        for place, ((start, value), end) in enumerate(zip(number.by_year, ends, strict=True))
        if end > first and (start <= last or place == 0)
    ]


def _stands_after(measure: Measure, scenario: Scenario) -> bool:
    """Whether a project's earliest output comes after the last year; a transfer of technology might hasten it."""
    if any("lead_time_change" in each.numbers for each in scenario.measures.values()):
        return False
    shortest = _least(measure.numbers["lead_time"])
    switches = certain(scenario.switches)
    start = first_day_on(replace(measure, when=sure_conditions(measure, switches)), switches)
    return bool(start + shortest >= scenario.years.last + 1)


def _is_certain(ban: Measure, scenario: Scenario) -> bool:
    """Whether a ban lets nothing pass and no chance decides it."""
    switches = certain(scenario.switches)
    return "leakage" not in ban.numbers and len(sure_conditions(ban, switches)) == len(ban.when)


def _routes(measure: Measure) -> Routes:
    return frozenset((o, d) for o in measure.origins for d in measure.destinations if o != d)


def _shut(measure: Measure, scenario: Scenario, closings: list[_Closing]) -> str:
    """Which bans close all routes of a measure for the whole of every year in which it is in force; empty if none."""
    if measure.kind not in _ON_ROUTES:
        return ""
    mine = _routes(measure)
    by: dict[str, None] = {}
    for t in np.flatnonzero(shares_in_force(measure, scenario)):
        left = set(mine)
        for each in closings:
            if each.good == measure.good and each.whole_years[t] and left & each.routes:
                left -= each.routes
                by[each.name] = None
        if left:
            return ""
    bans = " and ".join(by)
    return f"acts only on routes that {bans} {'closes' if len(by) == 1 else 'close'} in every year of it" if by else ""


def _without_project(measure: Measure, scenario: Scenario, resting: Mapping[str, str]) -> str:
    """Why a transfer of technology acts on no project; empty for all else."""
    if measure.kind != _TRANSFER:
        return ""
    there = [
        each
        for each in scenario.measures.values()
        if each.kind == _PROJECT and (each.good, each.region) == (measure.good, measure.region)
    ]
    what = f"project of {measure.good} in {measure.region}"
    if not there:
        return f"has nothing to act on: there is no {what}"
    building = [each for each in there if each.name not in resting]
    if not building:
        return f"has nothing to act on: the only {what} is {there[0].name}, which {resting[there[0].name]}"
    first, last = scenario.years.first, scenario.years.last
    share = shares_in_force(measure, scenario)
    switches = certain(scenario.switches)
    for project in building:
        start = first_day_on(replace(project, when=sure_conditions(project, switches)), switches)
        decided = int(np.clip(np.floor(start), first, last))
        if share[decided - first] > 0:
            return ""
    return f"has nothing to act on: no {what} is decided while it is in force"


def _without_capacity(measure: Measure, scenario: Scenario, world: World) -> str:
    """Whether what takes or burdens capacity finds none in its region."""
    if measure.kind not in _ON_FLEETS or _capacity(measure, world) > 0:
        return ""
    built = any(
        each.kind == _PROJECT and (each.good, each.region) == (measure.good, measure.region)
        for each in scenario.measures.values()
    )
    if measure.kind == "cost_shift" and built:
        return ""
    return f"has nothing to act on: {measure.region} has no capacity of {measure.good} in {world.name}"


def _capacity(measure: Measure, world: World) -> float:
    """Capacity of a measure's good in its region in the benchmark year. [kt/yr]"""
    here = (world.asset_good == world.good_index(measure.good)) & (
        world.asset_region == world.region_index(measure.region or "")
    )
    return float(world.capacity[here].sum())


def _least(number: Number) -> float:
    """The least that a number can be."""
    points = [
        point for point in (number.value, number.low, *(value for _, value in number.by_year)) if point is not None
    ]
    return min(points, default=0.0)
