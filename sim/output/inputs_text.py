"""The inputs of a scenario as short texts by their paths, so that two of them can be laid side by side."""

from __future__ import annotations

from collections.abc import Mapping

from sim.output.value_text import credit_text, force_text, number_text, place_text, state_text, where_text
from sim.records.scenario import Measure, Number, Scenario
from sim.records.world import WorldDefinition

Told = tuple[str, str, str]  # value, who is credited with it, where it stands


def inputs_told(scenario: Scenario, world: WorldDefinition) -> dict[str, Told]:
    """Every year, switch, measure and parameter of a scenario by its path."""
    years = scenario.years
    told: dict[str, Told] = {
        f"years.{name}": (str(getattr(years, name)), "", "") for name in ("first", "last", "focus")
    }
    for name, switch in scenario.switches.items():
        told[f"switches.{name}"] = (state_text(switch), switch.source, place_text(switch.place))
    for name, measure in scenario.measures.items():
        told[f"measures.{name}"] = (_measure(measure, world), measure.source or "", place_text(measure.place))
        for field, number in measure.numbers.items():
            told[f"measures.{name}.{field}"] = _number(number)
    for path, number in scenario.parameters.items():
        told[f"parameters.{'.'.join(path)}"] = _number(number)
    return told


def inputs_apart(columns: Mapping[str, Mapping[str, Told]]) -> list[str]:
    """Paths at which not all columns have the same value, in their order; who is credited does not matter."""
    paths = sorted({path for told in columns.values() for path in told})
    return [path for path in paths if len({told.get(path, ("",))[0] for told in columns.values()}) > 1]


def _measure(measure: Measure, world: WorldDefinition) -> str:
    choices = [f"{name} {choice}" for name, choice in sorted(measure.choices.items())]
    return ", ".join([measure.kind, measure.good, where_text(measure, world), force_text(measure), *choices])


def _number(number: Number) -> Told:
    return number_text(number), credit_text(number), place_text(number.place)
