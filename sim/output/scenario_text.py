"""Every value of a resolved scenario for a reader, with unit, range, source, tier, file and line."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby

from sim.output.textblock import paragraph
from sim.output.value_text import (
    BELOW_FIELDS_IN,
    FIELDS_IN,
    credit_text,
    force_text,
    number_text,
    place_text,
    row,
    source_text,
    state_text,
    tier_of,
    where_text,
)
from sim.output.wording import plain
from sim.records.scenario import Measure, Number, Place, Scenario, Switch
from sim.records.world import WorldDefinition

_FIELD_COLUMN = 22  # where the values of a measure begin
_LONGEST_LABEL = 44  # longer ones take a line of their own rather than push all values to the right


def scenario_text(
    scenario: Scenario,
    world: WorldDefinition,
    places: Mapping[str, Place],
    effect: str,
    at_rest: Mapping[str, str],
    width: int,
) -> str:
    """The scenario in lines of at most ``width`` characters where words and places allow.

    ``effect`` is the sentence on the baseline; ``at_rest`` names the measures that do nothing in any year solved,
    with the reason.
    """
    blocks = [_head(scenario, effect, width), _years(scenario, places, width)]
    blocks += [["SWITCHES"], *(_switch(each, scenario, world, width) for each in scenario.switches.values())]
    for good, found in groupby(_by_good(scenario, world), key=lambda measure: measure.good):
        blocks += [[f"MEASURES: {good}"], *(_measure(each, world, at_rest, width) for each in found)]
    blocks.append(["PARAMETERS"])
    names = dict.fromkeys(path[0] for path in scenario.parameters)
    blocks += [_parameter(name, scenario, width) for name in names]
    blocks.append(paragraph("Notes on sources and assumptions stand in the files at the lines named.", width))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _head(scenario: Scenario, effect: str, width: int) -> list[str]:
    parents = " > ".join(scenario.chain[1:])
    about = [f"World {scenario.world}.", f"Extends {parents}." if parents else "Extends no other scenario."]
    return [
        *paragraph(plain(f"{scenario.name}: {scenario.title}"), width),
        *paragraph(plain(scenario.question), width),
        *paragraph(" ".join(about), width),
        *paragraph(f"Read from {', '.join(scenario.files)}.", width),
        *paragraph(plain(effect), width),
        *paragraph(
            f"{len(scenario.switches)} switches, {len(scenario.measures)} measures, {len(scenario.parameters)} "
            f"parameters{_own(scenario)}.",
            width,
        ),
    ]


def _own(scenario: Scenario) -> str:
    """How to see what this scenario alone says."""
    return f"; make diff A={scenario.chain[1]} B={scenario.name} tells what it adds" if scenario.chain[1:] else ""


def _years(scenario: Scenario, places: Mapping[str, Place], width: int) -> list[str]:
    lines = ["YEARS"]
    for name, value, meaning in (
        ("first", scenario.years.first, ""),
        ("last", scenario.years.last, ""),
        ("focus", scenario.years.focus, " (the year the answer speaks of)"),
    ):
        place = place_text(places.get(f"years.{name}", places.get("years")))
        lines += row(name, f"{value}{meaning}", place, width, indent=2, column=_FIELD_COLUMN)
    return lines


def _switch(switch: Switch, scenario: Scenario, world: WorldDefinition, width: int) -> list[str]:
    hearing = [name for name, each in scenario.measures.items() if any(c.switch == switch.name for c in each.when)]
    lines = _joined(f"  {switch.name}: {state_text(switch)}", place_text(switch.place), width)
    for label, text in (
        ("meaning", switch.meaning),
        ("source", source_text(switch.source, tier_of(switch.source, world))),
        ("measures", ", ".join(hearing) or "none depends on it, so it changes nothing"),
    ):
        lines += row(label, text, "", width, indent=FIELDS_IN, column=_FIELD_COLUMN)
    if switch.probability is not None:
        credit = credit_text(switch.probability)
        place = place_text(switch.probability.place)
        lines += row("probability", credit, place, width, indent=FIELDS_IN, column=_FIELD_COLUMN)
    return lines


def _by_good(scenario: Scenario, world: WorldDefinition) -> list[Measure]:
    order = [good.name for good in world.goods]
    return sorted(scenario.measures.values(), key=lambda measure: order.index(measure.good))


def _measure(measure: Measure, world: WorldDefinition, at_rest: Mapping[str, str], width: int) -> list[str]:
    lines = _joined(f"  {measure.name}: {measure.kind}", place_text(measure.place), width)
    fields = [("where", where_text(measure, world)), ("in force", force_text(measure))]
    if measure.name in at_rest:
        fields.append(("NO EFFECT", f"it {at_rest[measure.name]}"))
    fields += [(name, str(value)) for name, value in measure.choices.items()]
    if measure.source is not None:
        fields.append(("source", source_text(measure.source, tier_of(measure.source, world))))
    for label, text in fields:
        lines += row(label, text, "", width, indent=FIELDS_IN, column=_FIELD_COLUMN)
    for name, number in measure.numbers.items():
        lines += _number(name, number, width, FIELDS_IN, _FIELD_COLUMN)
    return lines


def _parameter(name: str, scenario: Scenario, width: int) -> list[str]:
    found = {path[1:]: number for path, number in scenario.parameters.items() if path[0] == name}
    labels = {path: ".".join(path) for path in found}
    column = BELOW_FIELDS_IN + min(
        max(len(label) for label in labels.values()), _LONGEST_LABEL, width // 2 - BELOW_FIELDS_IN
    )
    lines = [f"  {name}"]
    for path, number in found.items():
        lines += _number(labels[path], number, width, FIELDS_IN, column)
    return lines


def _number(label: str, number: Number, width: int, indent: int, column: int) -> list[str]:
    return [
        *row(label, number_text(number), "", width, indent=indent, column=column),
        *([] if number.quote is None else row("", f'"{number.quote}"', "", width, indent=indent, column=column)),
        *row("", credit_text(number), place_text(number.place), width, indent=indent, column=column),
    ]


def _joined(left: str, right: str, width: int) -> list[str]:
    """Two texts at both ends of a line, or of two where they do not fit."""
    if len(left) + 2 + len(right) <= width:
        return [left.ljust(width - len(right)) + right]
    return [left, right.rjust(width)]
