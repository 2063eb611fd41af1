"""When a measure is in force: dates, durations and switches as shares of each year."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import date

import numpy as np

from sim.assemble.draws import Draws
from sim.quantity import Array
from sim.records.scenario import Condition, Measure, Switch

DAYS = 365  # of a year that is no leap year
ALWAYS = (-np.inf, np.inf)
Span = tuple[float, float]  # from, until, in decimal years


def decimal_year(day: date) -> float:
    """A day as a decimal year: 1 January 2026 is 2026.0."""
    return day.year + (day.timetuple().tm_yday - 1) / (DAYS + 1 if calendar.isleap(day.year) else DAYS)


def in_force(
    measure: Measure,
    switches: Mapping[str, Switch],
    baseline: Mapping[str, Switch],
    years: tuple[int, ...],
    draws: Draws,
) -> Array:
    """Share of each year in which a measure is in force, (n, t).

    ``baseline`` holds the switches of the baseline, which decide the central run at a probability of one half.
    """
    until = np.full(draws.rows, np.inf if measure.ends is None else decimal_year(measure.ends))
    starts = -np.inf if measure.starts is None else decimal_year(measure.starts)
    if "duration" in measure.numbers:
        until = starts + draws.values(measure.numbers["duration"])
    spans = [(starts, np.inf)]
    chance = np.ones(draws.rows)
    for condition in measure.when:
        switch = switches[condition.switch]
        if switch.probability is None:
            spans = _common(spans, _spans(switch, condition))
        else:
            on = draws.switched_on(switch, on_in_baseline(baseline.get(switch.name)))
            chance = chance * (on != condition.negated)
    share = np.zeros((draws.rows, len(years)))
    for begin, end in spans:
        last = np.minimum(until, end)[:, None]
        year = np.array(years, dtype=np.float64)
        share += np.clip(np.minimum(last, year + 1.0) - np.maximum(begin, year), 0.0, 1.0)
    return share * chance[:, None]


def first_day_on(measure: Measure, switches: Mapping[str, Switch]) -> float:
    """The first moment from its start at which all its switches are on, in decimal years; inf if never."""
    starts = -np.inf if measure.starts is None else decimal_year(measure.starts)
    spans: list[Span] = [(starts, np.inf)]
    for condition in measure.when:
        spans = _common(spans, _spans(switches[condition.switch], condition))
    return min((begin for begin, _ in spans), default=np.inf)


def _spans(switch: Switch, condition: Condition) -> list[Span]:
    if switch.probability is not None:
        return [ALWAYS]
    begin = -np.inf if switch.on_from is None else decimal_year(switch.on_from)
    end = np.inf if switch.off_from is None else decimal_year(switch.off_from)
    on = [] if switch.always_off or end <= begin else [(begin, end)]
    if not condition.negated:
        return on
    if not on:
        return [ALWAYS]
    return [span for span in ((-np.inf, begin), (end, np.inf)) if span[0] < span[1]]


def _common(first: list[Span], second: list[Span]) -> list[Span]:
    both = [(max(a, c), min(b, d)) for a, b in first for c, d in second]
    return [(begin, end) for begin, end in both if begin < end]


def on_in_baseline(switch: Switch | None) -> bool:
    """Whether the baseline has a switch on at all; an unknown one, or one with a probability, counts as off."""
    return switch is not None and switch.probability is None and not switch.always_off
