"""A resolved scenario as YAML text: every value with its source, tier, file and line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from sim.provenance import DOCUMENT, STATED_NOT_VALIDATED
from sim.records.scenario import Measure, Number, Place, Scenario, Switch

_LAST_OF_FOUR_DIGITS = 0xFFFF  # last character that YAML escapes with four hexadecimal digits
_INDENT = 4  # blanks before what stands in an entry of an entry

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}


def resolved_yaml(scenario: Scenario) -> str:
    """The scenario as it is run, in the order in which it is solved; ends with a line break.

    ``resolved.read_resolved`` takes it back: nothing that a run depends on is left out.
    """
    return "\n".join(_lines(scenario)) + "\n"


def _lines(scenario: Scenario) -> Iterator[str]:
    yield f"# What is of tier {DOCUMENT} is {STATED_NOT_VALIDATED}"
    yield f"scenario: {_text(scenario.name)}"
    yield f"title: {_text(scenario.title)}"
    yield f"question: {_text(scenario.question)}"
    yield f"world: {_text(scenario.world)}"
    years = scenario.years
    yield f"years: {{first: {years.first}, last: {years.last}, focus: {years.focus}}}"
    if scenario.compare_with is not None:
        yield f"compare_with: {_text(scenario.compare_with)}"
    yield f"chain: {_list(scenario.chain)}"
    yield f"files: {_list(scenario.files)}"
    yield "switches:" if scenario.switches else "switches: {}"
    for name in scenario.switches:
        yield f"  {name}:"
        yield from _indented(_INDENT, _switch(scenario.switches[name]))
    yield "measures:" if scenario.measures else "measures: {}"
    for name in scenario.measures:
        yield f"  {name}:"
        yield from _indented(_INDENT, _measure(scenario.measures[name]))
    yield "parameters:" if scenario.parameters else "parameters: {}"
    for path in scenario.parameters:
        yield f"  {_text('.'.join(path))}: {_number(scenario.parameters[path])}"


def _switch(switch: Switch) -> Iterator[str]:
    if switch.probability is not None:
        yield f"probability: {_number(switch.probability)}"
    elif switch.on_from is None and switch.off_from is None:
        yield f"state: {_text('off' if switch.always_off else 'on')}"
    yield from _dates({"on_from": switch.on_from, "off_from": switch.off_from})
    yield f"meaning: {_text(switch.meaning)}"
    yield f"source: {_text(switch.source)}"
    yield f"at: {_at(switch.place)}"


def _measure(measure: Measure) -> Iterator[str]:
    yield f"kind: {_text(measure.kind)}"
    yield f"good: {_text(measure.good)}"
    if measure.region is not None:
        yield f"region: {_text(measure.region)}"
    for name, regions in (("origins", measure.origins), ("destinations", measure.destinations)):
        if regions:
            yield f"{name}: {_list(regions)}"
    if measure.when:
        yield f"when: {_list(('not ' if each.negated else '') + each.switch for each in measure.when)}"
    yield from _dates({"starts": measure.starts, "ends": measure.ends})
    for name in measure.choices:
        yield f"{name}: {_text(measure.choices[name])}"
    for name in measure.numbers:
        yield f"{_text(name) if '.' in name else name}: {_number(measure.numbers[name])}"
    for name, text in (("source", measure.source), ("note", measure.note)):
        if text is not None:
            yield f"{name}: {_text(text)}"
    yield f"at: {_at(measure.place)}"


def _number(number: Number) -> str:
    """One number on one line: values in model units, then as written, then where they are from."""
    parts = {name: repr(value) for name in ("value", "low", "high") if (value := getattr(number, name)) is not None}
    if number.by_year:
        parts["by_year"] = _braces({str(year): repr(value) for year, value in number.by_year})
    if number.values:
        parts["values"] = _braces({repr(value): repr(weight) for value, weight in number.values})
    parts["unit"] = _text(number.unit)
    parts["shape"] = _text(number.shape)
    if number.drawn_with is not None:
        parts["drawn_with"] = _text(number.drawn_with)
    if number.correlation is not None:
        parts["correlation"] = repr(number.correlation)
    parts["written"] = _braces({_text(name): _text(text) for name, text in number.written.items()})
    for name in ("source", "tier", "range_source", "range_tier", "quote", "note"):
        text = getattr(number, name)
        if text is not None:
            parts[name] = _text(text)
    parts["at"] = _at(number.place)
    return _braces(parts)


def _dates(dates: Mapping[str, date | None]) -> Iterator[str]:
    for name, day in dates.items():
        if day is not None:
            yield f"{name}: {_text(day.isoformat())}"


def _at(place: Place) -> str:
    return _text(f"{place.file}:{place.line}")


def _braces(parts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in parts.items()) + "}"


def _list(texts: Iterator[str] | tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(text) for text in texts) + "]"


def _indented(width: int, lines: Iterator[str]) -> Iterator[str]:
    return (" " * width + line for line in lines)


def _text(text: str) -> str:
    """A text in double quotes, with the escapes of YAML for what cannot be printed."""
    return '"' + "".join(_ESCAPES.get(char, char if char.isprintable() else _escaped(char)) for char in text) + '"'


def _escaped(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) <= _LAST_OF_FOUR_DIGITS else f"\\U{ord(char):08x}"
