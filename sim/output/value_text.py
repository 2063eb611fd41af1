"""Values of a resolved scenario in words: numbers as typed, states, dates, routes, credits and places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sim.output.textblock import paragraph
from sim.output.wording import plain
from sim.provenance import DOCUMENT, STATED_NOT_VALIDATED
from sim.records.scenario import Condition, Measure, Number, Place, Switch
from sim.records.world import WorldDefinition

# blanks before what belongs to a name, and before what belongs to that
FIELDS_IN, BELOW_FIELDS_IN = 4, 6
_NARROWEST = 20  # characters of a value in a line: narrower columns could not be read
_USUAL_SHAPES = ("point", "triangular", "discrete", "by_year")  # what is typed shows them


def number_text(number: Number) -> str:
    """A number as it was typed: ``2 Mt/yr (1.5 to 2 Mt/yr)``, ``10 to 30 % (uniform)``, ``2025: 5 %, 2030: 10 %``."""
    if number.by_year:
        return ", ".join(f"{year}: {number.written[f'by_year.{year}']}" for year, _ in number.by_year)
    value = number.written.get("value")
    spread = _range(number)
    told = value or spread
    about = [spread] if value and spread else []
    about += [number.shape] if number.shape not in _USUAL_SHAPES else []
    about += [f"drawn with {number.drawn_with_as_written}"] if number.drawn_with else []
    return f"{told} ({', '.join(about)})" if about else told


def _range(number: Number) -> str:
    if number.values:
        return number.spread_as_written
    if "low" not in number.written or "high" not in number.written:
        return ""
    low, high = (" ".join(number.written[end].split()) for end in ("low", "high"))
    unit = high.partition(" ")[2]
    return f"{low.removesuffix(f' {unit}')} to {high}" if unit else f"{low} to {high}"


def credit_text(number: Number) -> str:
    """Who is credited with a number and its range, each with its tier."""
    told = source_text(number.source, number.tier)
    if number.range_source is not None and number.range_tier is not None:
        told += f"; range: {source_text(number.range_source, number.range_tier)}"
    return told


def source_text(source: str, tier: str) -> str:
    """A source with its tier; a document says what that means."""
    if tier == DOCUMENT:
        return f"{source} ({tier}: {STATED_NOT_VALIDATED})"
    return tier if source == tier else f"{source} ({tier})"


def tier_of(source: str, world: WorldDefinition) -> str:
    """The tier of a source of the world's bibliography."""
    return world.sources[source].tier if source in world.sources else source


def place_text(place: Place | None) -> str:
    """File and line; what SET says has no line."""
    if place is None:
        return ""
    return f"{place.file}:{place.line}" if "/" in place.file or "." in place.file else place.file


def day_text(day: date) -> str:
    """A day; the first of January as its year."""
    return str(day.year) if (day.month, day.day) == (1, 1) else day.isoformat()


def state_text(switch: Switch) -> str:
    """When or how likely a switch is on."""
    if switch.probability is not None:
        return f"on with a probability of {number_text(switch.probability)}"
    if switch.always_off:
        return "off"
    dates = (("on from", switch.on_from), ("off from", switch.off_from))
    return ", ".join(f"{word} {day_text(day)}" for word, day in dates if day is not None) or "on"


def when_text(conditions: Sequence[Condition]) -> str:
    """``while a is on and b is off``; empty without conditions."""
    parts = [f"{each.switch} is {'off' if each.negated else 'on'}" for each in conditions]
    return f"while {' and '.join(parts)}" if parts else ""


def force_text(measure: Measure) -> str:
    """When a measure is in force, as the file says it."""
    begins = "decided" if measure.kind == "project" else "from"
    parts = [f"{begins} {day_text(measure.starts)}"] if measure.starts is not None else []
    parts += [f"until {day_text(measure.ends)}"] if measure.ends is not None else []
    parts += [when_text(measure.when)] if measure.when else []
    return ", ".join(parts) or "always"


def regions_text(regions: Sequence[str], world: WorldDefinition, *, but: Sequence[str] = ()) -> str:
    """Regions as a group, as all but some, or as they are; ``but`` names those that need no mention."""
    known = [region.name for region in world.regions]
    if len(regions) == 1:
        return regions[0]
    missing = [name for name in known if name not in regions]
    if not missing or (set(missing) == set(but) and len(but) == 1):
        return "all" if not missing else "all others"
    group = next((name for name, members in world.groups.items() if set(members) == set(regions)), None)
    if group is not None:
        return group
    if len(missing) < len(regions):
        return f"all but {', '.join(missing)}"
    return ", ".join(regions)


def where_text(measure: Measure, world: WorldDefinition) -> str:
    """What a measure touches: ``Russia to US``, ``China``, ``all others to US``."""
    if measure.origins and measure.destinations:
        origins = regions_text(measure.origins, world, but=measure.destinations)
        return f"{origins} to {regions_text(measure.destinations, world, but=measure.origins)}"
    places = [measure.region] if measure.region is not None else []
    if measure.destinations:
        places.append(("to " if places else "") + regions_text(measure.destinations, world))
    return " ".join(places)


def row(label: str, value: str, place: str, width: int, *, indent: int, column: int) -> list[str]:
    """A label, a value from ``column`` on in as many lines as it needs, and where it stands at the right end."""
    room = max(width - column, _NARROWEST)
    told = paragraph(plain(value), room) or [""]
    label = " " * indent + label
    lines = (
        [label.ljust(column) + told[0]]
        if len(label) + 2 <= column or not label.strip()
        else [label, " " * column + told[0]]
    )
    lines += [" " * column + line for line in told[1:]]
    if place and len(lines[-1]) + 2 + len(place) <= width:
        lines[-1] = lines[-1].ljust(width - len(place)) + place
    elif place:
        lines.append(place.rjust(width))
    return [line.rstrip() for line in lines]


def items(label: str, texts: Iterable[str], width: int, *, indent: int, between: str = ", ") -> list[str]:
    """A label and several short texts after it, with a hanging indent."""
    told = paragraph(plain(f"{label}{between.join(texts)}"), width - indent - 2)
    return [" " * (indent + (2 if i else 0)) + line for i, line in enumerate(told)]
