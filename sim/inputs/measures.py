"""A checked measure into its record: groups spelled out, routes resolved, numbers with their places."""

from __future__ import annotations

from dataclasses import dataclass

from sim.inputs.check import dotted, place_of
from sim.inputs.faults import Faults, listed
from sim.inputs.leaves import Names
from sim.inputs.marks import MappingNode
from sim.inputs.measure_schema import FIELDS, MEASURE_FIELDS, MeasureEntry, number_fields
from sim.inputs.numbers import number
from sim.records.scenario import Condition, Measure, Number, Place

DEFAULTS = {
    "tariff": {"base": "CIF"},
    "cap": {"rent_to": "exporter"},
    "offer": {"rent_to": "exporter"},
    "project": {"trend": "additional"},
}
CHOICES = ("base", "rent_to", "trend", "input")
SINGLE = {
    "contract": ("origin", "destination"),
    "project": ("region",),
    "outage": ("region",),
    "stockpile": ("region",),
    "cost_shift": ("region",),
    "technology_transfer": ("region",),
}


@dataclass(frozen=True)
class Written:
    """A measure as it stands in the merged tree, for the places of its faults."""

    name: str
    node: MappingNode
    key: Place

    def place(self, field: str) -> Place:
        """Where a field stands, or the measure itself where it does not."""
        entry = self.node.entry(field)
        return self.key if entry is None else place_of(entry.value, entry.key.place)

    def path(self, *inner: str) -> str:
        """Path of a field."""
        return dotted(("measures", self.name, *inner))


def check_fields(written: Written, faults: Faults) -> None:
    """Faults of a measure that show in its keys alone: kind and required fields."""
    kind = written.node.get("kind")
    if kind is None:
        faults.add(written.key, written.path(), f"kind is missing; known: {listed(FIELDS)}")
        return
    needed, _ = FIELDS.get(getattr(kind, "text", ""), ((), ()))
    for name in needed:
        if written.node.get(name) is None:
            faults.add(written.key, written.path(), f"{name} is missing, which {kind.text} needs")  # type: ignore[union-attr]


def measure(entry: MeasureEntry, written: Written, names: Names, faults: Faults) -> Measure | None:
    """The record of a measure whose entry was checked; None where it is not whole."""
    before = len(faults)
    kind = entry.kind or ""
    for field in SINGLE.get(kind, ()):
        _single(field, getattr(entry, field) or [], written, names, faults)
    _cross_checks(entry, written, names, faults)
    if len(faults) > before or any(written.node.get(name) is None for name in FIELDS[kind][0]):
        return None
    origins, destinations = _routes(entry, written, names, faults)
    regions = _spelled_out(entry.region or [], names)
    if kind == "demand_shift":
        destinations = regions
    elif kind == "stockpile":
        destinations = _spelled_out(entry.destination or entry.region or [], names)
    if len(faults) > before:
        return None
    choices = {name: value for name in CHOICES if (value := getattr(entry, name)) is not None}
    return Measure(
        name=written.name,
        kind=kind,
        good=entry.good or "",
        place=written.key,
        origins=origins,
        destinations=destinations,
        region=regions[0] if regions and kind != "demand_shift" else None,
        when=tuple(Condition(switch=text.split()[-1], negated=" " in text) for text in dict.fromkeys(entry.when or [])),
        starts=entry.decided if kind == "project" else entry.starts,
        ends=entry.ends,
        numbers=_numbers(entry, written, names),
        choices={**DEFAULTS.get(kind, {}), **choices},
        source=entry.source,
        note=entry.note,
    )


def _single(field: str, named: list[str], written: Written, names: Names, faults: Faults) -> None:
    if len(named) > 1 or (named and named[0] not in names.regions):
        faults.add(written.place(field), written.path(field), "a single region is wanted here, no list and no group")


def _cross_checks(entry: MeasureEntry, written: Written, names: Names, faults: Faults) -> None:
    if entry.duration is not None and entry.starts is None and entry.decided is None:
        faults.add(written.place("duration"), written.path("duration"), "a duration needs starts")
    if entry.input_ratio is not None and entry.input is None:
        faults.add(written.place("input_ratio"), written.path("input_ratio"), "an input_ratio needs input")
    made_from = next((good.input for good in names.world.goods if good.name == entry.good), None)
    if entry.input is not None and entry.good is not None and entry.input != made_from:
        message = f"{entry.good} is made from {made_from or 'no other good'}, not from {entry.input}"
        faults.add(written.place("input"), written.path("input"), message)
    change = entry.change
    ends = (
        [] if change is None else [change.value, change.low, *(change.by_year or {}).values(), *(change.values or {})]
    )
    costs = entry.kind in ("cost_shift", "technology_transfer")
    if costs and any(end is not None and end.value <= -1 for end in ends):
        faults.add(written.place("change"), written.path("change"), "costs cannot fall by 100 %")
    if entry.kind == "demand_shift":
        _check_shift(entry, written, names, faults)
    conditions = set(entry.when or [])
    for text in sorted(conditions):
        if f"not {text}" in conditions:
            faults.add(written.place("when"), written.path("when"), f"{text} and not {text} are never both true")


def _check_shift(entry: MeasureEntry, written: Written, names: Names, faults: Faults) -> None:
    """A shift of demand is a share of what is there, or tonnes on top of it in one region."""
    if written.node.get("change") is None and written.node.get("volume") is None:
        faults.add(written.key, written.path(), "change or volume is missing, one of which demand_shift needs")
    if entry.change is not None and entry.volume is not None:
        faults.add(written.place("volume"), written.path("volume"), "a demand_shift has either change or volume")
    elif entry.volume is not None:
        _single("region", entry.region or [], written, names, faults)


def _routes(
    entry: MeasureEntry, written: Written, names: Names, faults: Faults
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if entry.origin is None or entry.destination is None:
        return (), ()
    origins = _end("origin", entry.origin, entry.destination, entry, written, names, faults)
    destinations = _end("destination", entry.destination, entry.origin, entry, written, names, faults)
    origins = _without("except", entry.except_ or [], origins, written, names, faults)
    destinations = _without("except_destination", entry.except_destination or [], destinations, written, names, faults)
    foreign = entry.kind != "tariff" or any(o != d for o in origins for d in destinations)
    if not origins or not destinations or not foreign:
        faults.add(written.key, written.path(), "touches no route")
    return origins, destinations


def _end(
    field: str,
    named: list[str],
    other_end: list[str],
    entry: MeasureEntry,
    written: Written,
    names: Names,
    faults: Faults,
) -> tuple[str, ...]:
    """Regions at one end of the routes; ``all_foreign`` are those other than the region at the other end."""
    if "all_foreign" not in named:
        return _spelled_out(named, names)
    others = () if "all_foreign" in other_end else _spelled_out(other_end, names)
    if len(others) == 1:
        return tuple(region for region in names.regions if region != others[0])
    if entry.kind == "tariff":
        return names.regions  # a tariff has no domestic routes anyway
    message = "all_foreign needs a single region at the other end; write one measure for each, or all"
    faults.add(written.place(field), written.path(field), message)
    return names.regions


def _without(
    field: str, named: list[str], regions: tuple[str, ...], written: Written, names: Names, faults: Faults
) -> tuple[str, ...]:
    for name in named:
        if not set(_spelled_out([name], names)) & set(regions):
            faults.add(written.place(field), written.path(field), f"{name} is not among those it is taken out of")
    out = set(_spelled_out(named, names))
    return tuple(region for region in regions if region not in out)


def _spelled_out(named: list[str], names: Names) -> tuple[str, ...]:
    """Groups as their regions, in the order of the world, each region once."""
    chosen: set[str] = set()
    for name in named:
        if name in {"all", "all_foreign"}:
            chosen |= set(names.regions)
        else:
            chosen |= set(names.world.groups.get(name, (name,)))
    return tuple(region for region in names.regions if region in chosen)


def _numbers(entry: MeasureEntry, written: Written, names: Names) -> dict[str, Number]:
    found: dict[str, Number] = {}
    for field, mark in number_fields().items():
        value, stated = getattr(entry, MEASURE_FIELDS[field]), written.node.entry(field)
        if value is None or stated is None:
            continue
        if field != "entry_share":
            found[field] = number(value, mark.kind, written.path(field), stated.key.place, names)
            continue
        for region, share in value.items():
            inner = stated.value.entry(region) if isinstance(stated.value, MappingNode) else None
            place = (inner or stated).key.place
            found[f"entry_share.{region}"] = number(share, mark.kind, written.path(field, region), place, names)
    return found
