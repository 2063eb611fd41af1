"""What a scenario says, as a short mark: two that say the same have the same, wherever and however it is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from sim.records.scenario import Measure, Number, Scenario, Switch

LENGTH = 12  # hexadecimal digits: 48 bits tell some thousand scenarios apart


def fingerprint(*scenarios: Scenario) -> str:
    """Mark of the switches, measures, parameters and years of scenarios, whatever their notes, sources and places."""
    told = hashlib.sha256()
    for scenario in scenarios:
        for line in _lines(scenario):
            told.update(f"{line}\n".encode())
    return told.hexdigest()[:LENGTH]


def _lines(scenario: Scenario) -> Iterator[str]:
    yield f"{scenario.world} {scenario.years}"
    for name in sorted(scenario.switches):
        yield _switch(scenario.switches[name])
    for name in sorted(scenario.measures):
        yield from _measure(scenario.measures[name])
    for path in sorted(scenario.parameters):
        yield _number(scenario.parameters[path])


def _switch(switch: Switch) -> str:
    chance = "" if switch.probability is None else _number(switch.probability)
    return f"{switch.name} {switch.on_from} {switch.off_from} {switch.always_off} {chance}"


def _measure(measure: Measure) -> Iterator[str]:
    when = [(condition.switch, condition.negated) for condition in measure.when]
    yield (
        f"{measure.name} {measure.kind} {measure.good} {measure.origins} {measure.destinations} {measure.region} "
        f"{when} {measure.starts} {measure.ends} {sorted(measure.choices.items())}"
    )
    for name in sorted(measure.numbers):
        yield _number(measure.numbers[name])


def _number(number: Number) -> str:
    rare = f" {number.values} {number.correlation}" if number.values or number.correlation is not None else ""
    return (
        f"{number.path} {number.value!r} {number.low!r} {number.high!r} {number.shape} {number.by_year} "
        f"{number.drawn_with} {number.unit}{rare}"
    )
