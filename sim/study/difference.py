"""What differs between two resolved scenarios, value by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import TypeVar

from sim.records.difference import Change, Value
from sim.records.scenario import Condition, Measure, Number, Place, Scenario, Switch, Years

Places = Mapping[str, Place]
K = TypeVar("K")

_AMOUNT = ("unit", "value", "low", "high", "shape", "drawn_with", "correlation", "values", "by_year")
_CREDIT = ("source", "range_source", "quote", "note")
_APART = ("name", "place", "numbers", "choices")  # of a measure: not compared as plain fields
_WRITTEN = {  # field of the record: keys of the file
    "origins": ("origin", "except"),
    "destinations": ("destination", "except_destination", "region"),
    "starts": ("starts", "decided"),
}


def same_amount(one: Number, other: Number) -> bool:
    """Whether two numbers are drawn from the same values, whoever is credited with them."""
    return all(getattr(one, name) == getattr(other, name) for name in _AMOUNT)


def same_number(one: Number, other: Number) -> bool:
    """Whether two numbers are the same in value and credit, wherever they stand."""
    return same_amount(one, other) and all(getattr(one, name) == getattr(other, name) for name in _CREDIT)


def same_state(one: Switch, other: Switch) -> bool:
    """Whether two switches are on at the same times and with the same probability."""
    if one.probability is None or other.probability is None:
        chances = one.probability is other.probability
    else:
        chances = same_amount(one.probability, other.probability)
    times = ("on_from", "off_from", "always_off")
    return chances and all(getattr(one, name) == getattr(other, name) for name in times)


def differences(first: Scenario, second: Scenario, places: tuple[Places, Places] = ({}, {})) -> tuple[Change, ...]:
    """What the second scenario has otherwise than the first: head, years, switches, measures, parameters.

    ``places`` of both tell where the fields of measures and the years stand.
    """
    return (
        *_head(first, second),
        *_years(first.years, second.years, places),
        *_switches(first, second),
        *_measures(first, second, places),
        *_parameters(first, second),
    )


def _head(first: Scenario, second: Scenario) -> Iterator[Change]:
    for name, old, new in (
        ("world", first.world, second.world),
        ("compare_with", first.compare_with or first.chain[-1], second.compare_with or second.chain[-1]),
    ):
        if old != new:
            yield Change(section="head", name=name, old=old, new=new)


def _years(old: Years, new: Years, places: tuple[Places, Places]) -> Iterator[Change]:
    for each in fields(Years):
        before, after = getattr(old, each.name), getattr(new, each.name)
        if before != after:
            at = [found.get(f"years.{each.name}", found.get("years")) for found in places]
            yield Change(
                section="years", name=each.name, old=str(before), new=str(after), old_place=at[0], new_place=at[1]
            )


def _switches(first: Scenario, second: Scenario) -> Iterator[Change]:
    for name in _in_order(first.switches, second.switches):
        old, new = first.switches.get(name), second.switches.get(name)
        at = (None if old is None else old.place, None if new is None else new.place)
        if old is None or new is None or not same_state(old, new):
            yield Change(section="switches", name=name, old=old, new=new, old_place=at[0], new_place=at[1])
        for field in ("meaning", "source") if old is not None and new is not None else ():
            before, after = getattr(old, field), getattr(new, field)
            if before != after:
                yield Change(
                    section="switches", name=name, field=field, old=before, new=after, old_place=at[0], new_place=at[1]
                )


def _measures(first: Scenario, second: Scenario, places: tuple[Places, Places]) -> Iterator[Change]:
    for name in _in_order(first.measures, second.measures):
        old, new = first.measures.get(name), second.measures.get(name)
        if old is None or new is None:
            yield Change(
                section="measures",
                name=name,
                old=old,
                new=new,
                old_place=None if old is None else old.place,
                new_place=None if new is None else new.place,
            )
        else:
            yield from _fields(old, new, places)


def _fields(old: Measure, new: Measure, places: tuple[Places, Places]) -> Iterator[Change]:
    name = old.name

    def at(side: int, field: str) -> Place:
        keys = _WRITTEN.get(field, (field,))
        found = [places[side].get(f"measures.{name}.{key}") for key in keys]
        return next((place for place in found if place is not None), (old, new)[side].place)

    plain = [each.name for each in fields(Measure) if each.name not in _APART]
    pairs: list[tuple[str, object, object]] = [(field, getattr(old, field), getattr(new, field)) for field in plain]
    pairs += [(key, old.choices.get(key), new.choices.get(key)) for key in _in_order(old.choices, new.choices)]
    for field, before, after in pairs:
        if before != after:
            yield Change(
                section="measures",
                name=name,
                field=field,
                old=_text(before),
                new=_text(after),
                old_place=at(0, field),
                new_place=at(1, field),
            )
    for field in _in_order(old.numbers, new.numbers):
        change = _number("measures", name, field, old.numbers.get(field), new.numbers.get(field))
        if change is not None:
            yield replace(change, old_place=change.old_place or old.place, new_place=change.new_place or new.place)


def _parameters(first: Scenario, second: Scenario) -> Iterator[Change]:
    for path in _in_order(first.parameters, second.parameters):
        change = _number("parameters", ".".join(path), "", first.parameters.get(path), second.parameters.get(path))
        if change is not None:
            yield change


def _number(section: str, name: str, field: str, old: Number | None, new: Number | None) -> Change | None:
    if old is not None and new is not None and same_number(old, new):
        return None
    return Change(
        section=section,
        name=name,
        field=field,
        old=old,
        new=new,
        old_place=None if old is None else old.place,
        new_place=None if new is None else new.place,
    )


def _text(value: object) -> Value | None:
    """A plain field of a measure as text, or as several."""
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return tuple(_single(each) for each in value)
    return _single(value)


def _single(value: object) -> str:
    if isinstance(value, Condition):
        return f"not {value.switch}" if value.negated else value.switch
    return value.isoformat() if isinstance(value, date) else str(value)


def _in_order(first: Mapping[K, object], second: Mapping[K, object]) -> tuple[K, ...]:
    """Keys of both, those of the first in its order, then what only the second has."""
    return tuple(dict.fromkeys([*first, *second]))
