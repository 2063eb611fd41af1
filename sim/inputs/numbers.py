"""Checked entries into records: numbers in model units, with their tiers."""

from __future__ import annotations

from collections.abc import Iterable

from sim.inputs.faults import Faults, nearest
from sim.inputs.leaves import Names
from sim.inputs.marks import Entry, MappingNode
from sim.inputs.number_schema import NumberEntry, PathEntry
from sim.inputs.units import Amount, UnitKind
from sim.records.scenario import LISTED, Number, Place


def number(entry: NumberEntry, kind: UnitKind, path: str, place: Place, names: Names) -> Number:
    """The record of a number whose entry was checked against ``names``."""
    points = {"value": entry.value, "low": entry.low, "high": entry.high}
    years = entry.by_year if isinstance(entry, PathEntry) else None
    written = {name: amount.text for name, amount in points.items() if amount is not None}
    by_year = sorted((years or {}).items())
    written |= {f"by_year.{year}": amount.text for year, amount in by_year}
    values = sorted((entry.values or {}).items(), key=lambda each: each[0].value)
    written |= {f"{LISTED}{amount.text}": weight.text for amount, weight in values}
    return Number(
        path=path,
        unit=kind.unit,
        source=entry.source,
        tier=names.tier(entry.source),
        place=place,
        value=_float(entry.value),
        low=values[0][0].value if values else _float(entry.low),
        high=values[-1][0].value if values else _float(entry.high),
        shape=_shape(entry, bool(by_year)),
        values=tuple((amount.value, weight.value) for amount, weight in values),
        by_year=tuple((year, amount.value) for year, amount in by_year),
        drawn_with=entry.drawn_with,
        correlation=_float(entry.correlation),
        range_source=entry.range_source,
        range_tier=None if entry.range_source is None else names.tier(entry.range_source),
        quote=entry.quote,
        note=entry.note,
        written=written,
    )


def key_of(entry: Entry, path: tuple[str, ...]) -> Place:
    """Place of the last key of a path below an entry."""
    for step in path:
        inner = entry.value.entry(step) if isinstance(entry.value, MappingNode) else None
        entry = inner or entry
    return entry.key.place


def check_drawn_with(found: Iterable[Number], faults: Faults) -> None:
    """A number is drawn with another one that exists and has a stream of its own."""
    by_path = {number.path: number for number in found}
    for number in by_path.values():
        if number.drawn_with is None:
            continue
        other = by_path.get(number.drawn_with)
        if other is None or other.shape == "by_year":
            near = nearest(number.drawn_with, tuple(by_path))
            faults.add(number.place, number.path, f"drawn_with: no number {number.drawn_with} to be drawn{near}")
        elif other is number or other.drawn_with is not None:
            what = "itself" if other is number else f"{other.path}, which is drawn with {other.drawn_with}"
            faults.add(number.place, number.path, f"drawn_with: drawn with {what}")


def _float(amount: Amount | None) -> float | None:
    return None if amount is None else amount.value


def _shape(entry: NumberEntry, over_years: bool) -> str:
    if over_years:
        return "by_year"
    if entry.values is not None:
        return "discrete"
    if entry.low is None:
        return "point"
    return entry.shape or ("uniform" if entry.value is None else "triangular")
