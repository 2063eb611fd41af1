"""Checked parameters into records, keyed by their path below ``parameters``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.inputs.check import dotted
from sim.inputs.faults import Faults
from sim.inputs.leaves import Names
from sim.inputs.marks import Entry
from sim.inputs.number_schema import NumberEntry
from sim.inputs.numbers import key_of, number
from sim.inputs.schema import FreightEntry, Parameters, parameter_kinds
from sim.records.scenario import Number


def parameter_numbers(entry: Parameters, section: Entry, names: Names) -> dict[tuple[str, ...], Number]:
    """The records of all parameters; ``section`` is where they stand in the merged tree."""
    found: dict[tuple[str, ...], Number] = {}
    for name, mark in parameter_kinds().items():
        for path, value in _flat(getattr(entry, name), (name,)):
            place = key_of(section, path)
            found[path] = number(value, mark.kind, dotted(("parameters", *path)), place, names)
    return found


def check_elasticities(found: Mapping[tuple[str, ...], Number], faults: Faults) -> None:
    """The short-run demand elasticity may not pass the long-run one, in any draw."""
    for path, short in found.items():
        long = found.get(("demand_elasticity_long", *path[1:]))
        if path[0] != "demand_elasticity" or long is None:
            continue
        most = short.high if short.high is not None else short.value
        least = long.low if long.low is not None else long.value
        if most is not None and least is not None and most > least:
            message = f"{most:g} at most, but demand_elasticity_long is {least:g} at least ({long.place})"
            faults.add(short.place, short.path, message)


def _flat(value: Any, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], NumberEntry]]:
    """The numbers of a parameter by path; a freight table has its default beside the origins."""
    if value is None:
        return []
    if isinstance(value, NumberEntry):
        return [(path, value)]
    if isinstance(value, FreightEntry):
        value = {"default": value.default, **(value.__pydantic_extra__ or {})}
    return [each for key, inner in value.items() for each in _flat(inner, (*path, key))]
