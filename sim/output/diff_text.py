"""What differs between two scenarios, old beside new, with file and line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from sim.output.textblock import paragraph
from sim.output.value_text import (
    BELOW_FIELDS_IN,
    FIELDS_IN,
    credit_text,
    force_text,
    number_text,
    place_text,
    regions_text,
    row,
    state_text,
    where_text,
)
from sim.output.wording import plain
from sim.records.difference import Change, Value
from sim.records.scenario import Measure, Number, Place, Scenario, Switch
from sim.records.world import WorldDefinition

NONE = "none"
_COLUMN = 11  # where values begin behind "old" and "new"
_REGIONS = ("origins", "destinations")
_SECTIONS = ("head", "years", "switches", "measures", "parameters")


def diff_text(first: Scenario, second: Scenario, changes: Sequence[Change], world: WorldDefinition, width: int) -> str:
    """Every change from the first scenario to the second, by section; says so where there is none."""
    both = f"{first.name} -> {second.name}"
    if first.name == second.name:
        return f"{both}: this is one and the same scenario."
    if not changes:
        same = "their years, switches, measures and parameters are the same, value by value"
        return "\n".join(paragraph(f"{both}: nothing differs; {same}.", width))
    blocks = [
        [
            *paragraph(f"From {first.name} (old) to {second.name} (new): {_counts(changes)}.", width),
            *row("old", f"{first.name}: {first.title}", "", width, indent=2, column=_COLUMN - FIELDS_IN),
            *row("new", f"{second.name}: {second.title}", "", width, indent=2, column=_COLUMN - FIELDS_IN),
        ]
    ]
    ordered = sorted(changes, key=lambda change: _SECTIONS.index(change.section))
    for section, found in groupby(ordered, key=lambda change: change.section):
        if section != "head":
            blocks.append([section.upper()])
        for name, group in groupby(found, key=lambda change: change.name):
            blocks.append(_named(name, list(group), world, width))
    return "\n\n".join("\n".join(block) for block in blocks)


def _counts(changes: Sequence[Change]) -> str:
    """``1 switch changed, 2 measures added``: what a reader wants to know first."""
    told = []
    for section, one, many in (
        ("years", "year", "years"),
        ("switches", "switch", "switches"),
        ("measures", "measure", "measures"),
        ("parameters", "parameter", "parameters"),
    ):
        kinds: dict[str, set[str]] = {}
        for change in changes:
            if change.section == section:
                kinds.setdefault(_kind(change), set()).add(change.name)
        for kind, names in kinds.items():
            told.append(f"{len(names)} {one if len(names) == 1 else many} {kind}")
    return ", ".join(told) or "no value, only what stands here first"


def _kind(change: Change) -> str:
    if change.field or (change.old is not None and change.new is not None) or change.section == "head":
        return "changed"
    return "added" if change.old is None else "removed"


def _named(name: str, changes: list[Change], world: WorldDefinition, width: int) -> list[str]:
    lines = [f"  {name}"] if changes[0].section != "head" else [name]
    whole = changes[0] if not changes[0].field else None
    if whole is not None and _kind(whole) != "changed":
        lines[0] += f" ({_kind(whole)})"
    for change in changes:
        if change.field:
            lines.append(f"    {change.field}")
        if _kind(change) == "changed":
            lines += _side("old", change.old, change.old_place, change, world, width)
            lines += _side("new", change.new, change.new_place, change, world, width)
        else:
            side = (
                ("new", change.new, change.new_place) if change.old is None else ("old", change.old, change.old_place)
            )
            lines += _side(*side, change, world, width)
    return lines


def _side(
    label: str, value: Value | None, place: Place | None, change: Change, world: WorldDefinition, width: int
) -> list[str]:
    told = _texts(value, change, world)
    lines: list[str] = []
    for i, text in enumerate(told):
        last = place_text(place) if i == len(told) - 1 else ""
        lines += row(label if i == 0 else "", text, last, width, indent=BELOW_FIELDS_IN, column=_COLUMN)
    return lines


def _texts(value: Value | None, change: Change, world: WorldDefinition) -> list[str]:
    """A value in one line or a few."""
    if value is None:
        return [NONE]
    if isinstance(value, Number):
        told = [number_text(value), credit_text(value)]
        if _same_but_words(change):
            told += [f"{word}: {text or NONE}" for word, text in (("quote", value.quote), ("note", value.note))]
        return told
    if isinstance(value, Switch):
        return [state_text(value)]
    if isinstance(value, Measure):
        numbers = [f"{name}: {number_text(number)}; {credit_text(number)}" for name, number in value.numbers.items()]
        choices = [f"{name}: {choice}" for name, choice in value.choices.items()]
        return [f"{value.kind}, {value.good}, {where_text(value, world)}", force_text(value), *choices, *numbers]
    if isinstance(value, tuple):
        return [regions_text(value, world) if change.field in _REGIONS else ", ".join(value)]
    return [plain(value)]


def _same_but_words(change: Change) -> bool:
    old, new = change.old, change.new
    return isinstance(old, Number) and isinstance(new, Number) and _shown(old) == _shown(new)


def _shown(number: Number) -> tuple[str, str]:
    return number_text(number), credit_text(number)
