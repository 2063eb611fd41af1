"""Projects: when they stand, what they cost, and what a transfer of technology changes (section 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.assemble.calendar import decimal_year, first_day_on
from sim.assemble.frame import Frame
from sim.quantity import Array, Mask
from sim.records.scenario import Measure

LONGEST = 400  # years: the longest lead time that a file may state, twice; what has not come by then never does
INCLUDED = "included"  # a project that is part of the capacity trend instead of coming on top of it


@dataclass(frozen=True, eq=False, kw_only=True)
class Projects:
    """The projects of a scenario, (n, a) or over the years (n, t, a).

    ``cost_factor`` multiplies the break-even costs. ``spent`` is the capital cost spread evenly over the lead time,
    0 for a project that states none
    or that comes to nothing.
    """

    measures: tuple[Measure, ...]
    whole: Array  # (n, a) capacity when complete [kt/yr]
    capacity: Array  # (n, t, a) [kt/yr]
    lead_time: Array  # (n, a) [years]
    comes: Mask  # (n, a) whether it ever stands, be it after the last year
    cost_factor: Array  # (n, a) [1]
    spent: Array  # (n, t, a) [USD/yr]


def projects_of(frame: Frame) -> Projects:
    """Capacity of each project: nothing until its lead time is over, then a linear ramp."""
    measures = tuple(frame.measures("project"))
    n, t = frame.draws.rows, len(frame.years)
    whole, lead, cost = (np.zeros((n, len(measures))) for _ in ("whole", "lead", "cost"))
    capacity, spent = (np.zeros((n, t, len(measures))) for _ in range(2))
    comes = np.zeros((n, len(measures)), dtype=bool)
    last = frame.scenario.years.last + LONGEST
    far = replace(frame, scenario=replace(frame.scenario, years=replace(frame.scenario.years, last=last)))
    for a, measure in enumerate(measures):
        start = _start(frame, measure)
        whole[:, a] = frame.draws.values(measure.numbers["capacity"])
        longer = _changes(frame, measure, start, "lead_time_change")
        lead[:, a] = np.maximum(frame.draws.values(measure.numbers["lead_time"]) + longer, 0.0)
        cost[:, a] = 1.0 + _changes(frame, measure, start, "change")
        if np.isfinite(start):
            capacity[:, :, a] = whole[:, a, None] * _standing(frame, measure, start, lead[:, a])
            comes[:, a] = (_standing(far, measure, start, lead[:, a]) > 0).any(axis=1) & (whole[:, a] > 0)
            spent[:, :, a] = _spent(frame, measure, start, lead[:, a]) * (whole[:, a, None] > 0)
    return Projects(
        measures=measures,
        whole=whole,
        capacity=capacity,
        lead_time=lead,
        comes=comes,
        cost_factor=cost,
        spent=spent,
    )


def _start(frame: Frame, measure: Measure) -> float:
    """The decision, or the day on which all switches are on if that is later, in decimal years; inf if never."""
    decided = -np.inf if measure.starts is None else decimal_year(measure.starts)
    return max(first_day_on(measure, frame.scenario.switches), decided)


def _standing(frame: Frame, measure: Measure, start: float, lead: Array) -> Array:
    """Share of a project's capacity that stands in each year (n, t), while its switches are on."""
    ramp = np.maximum(frame.draws.values(measure.numbers["ramp"]), 1.0)
    year = np.array(frame.years, dtype=np.float64)
    standing = np.clip((year - start - lead[:, None] + 1.0) / ramp[:, None], 0.0, 1.0)
    return standing * frame.in_force(measure)


def _spent(frame: Frame, measure: Measure, start: float, lead: Array) -> Array:
    """Capital spent in each year (n, t), evenly over the lead time and while the switches are on. [USD/yr]"""
    if "capital_cost" not in measure.numbers:
        return np.zeros((frame.draws.rows, len(frame.years)))
    changed = 1.0 + _changes(frame, measure, start, "capital_cost_change")
    total = frame.draws.values(measure.numbers["capital_cost"]) * changed
    year = np.array(frame.years, dtype=np.float64)
    building = np.maximum(lead, 1.0)  # what stands within a year is paid for in that year
    part = np.clip(np.minimum((start + building)[:, None], year + 1.0) - np.maximum(start, year), 0.0, 1.0)
    spent: Array = np.minimum(part, frame.in_force(measure)) * (total / building)[:, None]
    return spent


def _changes(frame: Frame, measure: Measure, start: float, field: str) -> Array:
    """Sum of what the transfers of technology change that are in force in the year of the decision, (n,)."""
    total = np.zeros(frame.draws.rows)
    if not np.isfinite(start):
        return total
    at = int(np.clip(np.floor(start), frame.years[1], frame.years[-1])) - frame.years[0]
    for transfer in frame.measures("technology_transfer"):
        if (transfer.good, transfer.region) == (measure.good, measure.region) and field in transfer.numbers:
            decided = frame.in_force(transfer)[:, at] > 0
            total += decided * frame.path(transfer.numbers[field])[:, at]
    return total


def planned_capacity(frame: Frame, projects: Projects) -> Array:
    """Capacity of the projects that are part of the trend, by good (n, t, c). [kt/yr]"""
    planned = np.zeros((frame.draws.rows, len(frame.years), len(frame.world.goods)))
    for a, measure in enumerate(projects.measures):
        if measure.choices.get("trend") == INCLUDED:
            planned[:, :, frame.world.good_index(measure.good)] += projects.capacity[:, :, a]
    return planned
