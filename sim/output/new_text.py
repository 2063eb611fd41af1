"""A scenario file to start from: valid as it stands, everything else behind a #."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.output.textblock import paragraph
from sim.output.value_text import state_text
from sim.records.scenario import KINDS, Number, Scenario, Switch
from sim.records.world import WorldDefinition

SCHEMA_LINE = "# yaml-language-server: $schema=../schema/scenario.schema.json"
WHY = "Replace by what this number rests on"
_WIDTH = 110  # characters, as wide as the scenario files are kept
_LETTERS = "bac"  # of the regions in the examples: the first of a world is the usual destination
_LATER = 4  # years: what an example of a second date stands after the first

# per kind: what it does, and its own fields below kind and good; {a} {b} {c} are regions of the world
_ROUTE = ("origin: {a}", "destination: {b}")
_EXAMPLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "ban": ("closes routes", _ROUTE),
    "tariff": (
        "a duty at the border; all_foreign is everyone but the destination; base: FOB or CIF",
        ("origin: all_foreign", "destination: {b}", "except: [{c}]", "base: CIF", "rate: {{value: 25 %, {why}}}"),
    ),
    "export_tax": ("a duty that the exporter levies", (*_ROUTE, "rate: {{value: 15 %, {why}}}")),
    "freight": (
        "a surcharge on the way",
        (*_ROUTE, "amount: {{value: 40 USD/t, low: 20 USD/t, high: 80 USD/t, {why}}}"),
    ),
    "cap": ("at most so much a year", (*_ROUTE, "volume: {{value: 275 kt/yr, {why}}}", "rent_to: exporter")),
    "offer": (
        "a cap whose take-up is answered",
        (*_ROUTE, "volume: {{value: 500 kt/yr, low: 300 kt/yr, high: 600 kt/yr, {why}}}"),
    ),
    "floor": ("at least so much a year", (*_ROUTE, "volume: {{value: 1 kt/yr, {why}}}")),
    "contract": ("take or pay on one route", (*_ROUTE, "volume: {{value: 1 kt/yr, {why}}}")),
    "project": (
        "new capacity, decided on a day, built in lead_time, grown over ramp",
        (
            "region: {a}",
            "decided: {start}",
            "lead_time: {{value: 5 years, low: 4 years, high: 8 years, {why}}}",
            "ramp: {{value: 3 years, {why}}}",
            "capacity: {{value: 100 kt/yr, {why}}}",
        ),
    ),
    "outage": (
        "capacity that is gone for a time; duration stands in place of ends",
        ("region: {a}", "capacity: {{value: 100 kt/yr, {why}}}", "duration: {{value: 2 years, {why}}}"),
    ),
    "demand_shift": ("use that rises or falls", ("region: {a}", "change: {{value: -10 %, {why}}}")),
    "cost_shift": (
        "costs that rise or fall",
        ("region: {a}", "change: {{by_year: {{{start}: 5 %, {later}: 10 %}}, {why}}}"),
    ),
    "stockpile": (
        "a stock that is sold where the price reaches the trigger",
        (
            "region: {a}",
            "stock: {{value: 50 kt, {why}}}",
            "release_rate: {{value: 20 kt/yr, {why}}}",
            "trigger_price: {{value: 3000 USD/t, {why}}}",
        ),
    ),
    "technology_transfer": (
        "hastens or cheapens the projects of a good in a region that are decided while it is in force",
        ("region: {a}", "lead_time_change: {{value: -1 years, {why}}}", "change: {{value: -10 %, {why}}}"),
    ),
}
_DATED_OTHERWISE = ("project",)
_RULES = (
    """This file states only what differs from PARENT. Below are examples: take the # away (nothing else, the blanks
    after it count) from the line of the section and from the lines you want. Lines that begin with # and one blank are
    remarks.""",
    """A number is {value: 25 %, source: KEY} or, where it is uncertain, {value: 25 %, low: 20 %, high: 30 %, source:
    KEY}, or {by_year: {2026: 25 %, 2030: 10 %}, source: KEY}. Units are written out; the decimal sign is a point.""",
    """source: a KEY of scenarios/worlds/WORLD/sources.yaml, whose entries have a tier: statistic, literature, derived,
    assumption or document (stated, not validated). A number without a source is refused; source: assumption needs a
    note that says what it rests on. range_source: who is credited with the range, where that is another one. quote: the
    words of a document.""",
    """A number of the parent is replaced as a whole: it keeps no range, note or quote.""",
)


def new_text(name: str, parent: Scenario, world: WorldDefinition) -> str:
    """The file of a new scenario: an heir of ``parent`` that changes nothing until a # is taken away."""
    blocks = [
        [
            SCHEMA_LINE,
            "schema_version: 1",
            f'title: "REPLACE THIS TITLE: what is different in {name}"',
            'question: "REPLACE THIS QUESTION: what should the run answer?"',
            f"extends: {parent.name}",
        ],
        list(_rules(parent)),
        list(_years(parent)),
        list(_switches(parent)),
        list(_measures(parent, world)),
        list(_parameters(parent, world)),
        list(_next(name, parent)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in paragraph(text, _WIDTH)]


def _rules(parent: Scenario) -> Iterator[str]:
    for text in _RULES:
        yield from _comment(text.replace("PARENT", parent.name).replace("WORLD", parent.world))


def _years(parent: Scenario) -> Iterator[str]:
    yield "# ---- years: the answer speaks of focus"
    yield f"#years: {{last: {parent.years.last}, focus: {parent.years.focus}}}"


def _switches(parent: Scenario) -> Iterator[str]:
    if not parent.switches:
        return
    yield from _comment(
        f"---- switches of {parent.name} as they stand there; a state is on, off, {{on_from: 2026}}, {{off_from: "
        f"2026-07-01}} or {{probability: 50 %}}; make show SCENARIO={parent.name} tells what each one means and moves"
    )
    yield "#switches:"
    for switch in parent.switches.values():
        yield f"#  {switch.name}: {_state(switch)}"
    yield from _comment(
        "a switch of your own is declared with a meaning and a source, and acts through measures that name it in when:"
    )
    yield "#  my_switch: {state: on, meaning: What is so while it is on, source: assumption, note: Replace this}"


def _state(switch: Switch) -> str:
    if switch.probability is not None:
        return f"{{probability: {_number(switch.probability)}}}"
    dates = (("on_from", switch.on_from), ("off_from", switch.off_from))
    stated = ", ".join(f"{word}: {day.isoformat()}" for word, day in dates if day is not None)
    return f"{{{stated}}}" if stated else state_text(switch)


def _measures(parent: Scenario, world: WorldDefinition) -> Iterator[str]:
    regions = [region.name for region in world.regions]
    names = dict(zip(_LETTERS, [*regions[:3], *regions[:1] * len(_LETTERS)], strict=False))
    start = parent.years.first + 1
    yield from _comment(
        "---- measures: one example of each kind. Dates are years (2026 is 1 January 2026) or days (2026-03-15); in "
        "force from starts until ends. when: a switch, [several] (all on) or not NAME ties a measure to switches. "
        f"Regions: {', '.join(regions)}; groups: {', '.join(['all', 'all_foreign', *world.groups])}. "
        f"Goods: {', '.join(good.name for good in world.goods)}."
    )
    yield "#measures:"
    inherited = next(iter(parent.measures.values()), None)
    if inherited is not None:
        yield "# takes away a measure of the parent; or state only those of its fields that change"
        yield f"#  {inherited.name}: removed"
    for kind in KINDS:
        if kind not in _EXAMPLES:
            continue
        what, fields = _EXAMPLES[kind]
        yield from _comment(f"{kind}: {what}")
        yield f"#  my_{kind}:"
        yield f"#    kind: {kind}"
        yield f"#    good: {world.goods[0].name}"
        given = {"start": start, "later": start + _LATER, "why": f"source: assumption, note: {WHY}", **names}
        for field in fields:
            yield f"#    {field.format(**given)}"
        if kind not in _DATED_OTHERWISE:
            yield f"#    starts: {start}"
        if not any("{why}" in field for field in fields):
            yield "#    source: assumption"
            yield f"#    note: {WHY.replace('number', 'measure')}"


def _parameters(parent: Scenario, world: WorldDefinition) -> Iterator[str]:
    first: dict[str, tuple[tuple[str, ...], Number]] = {}
    names = [good.name for good in world.goods]
    for path, number in sorted(parent.parameters.items(), key=lambda each: names.index(each[0][1])):
        if number.drawn_with is None and path[0] not in first:
            first[path[0]] = (path[1:], number)
    if not first:
        return
    yield from _comment(
        f"---- parameters: one of each kind with the value and the unit it has in {parent.name}; make show "
        f"SCENARIO={parent.name} tells all of them with their sources"
    )
    yield "#parameters:"
    for name, (path, number) in first.items():
        yield f"#  {name}:"
        for depth, step in enumerate(path[:-1]):
            yield f"#{'  ' * (depth + 2)}{step}:"
        yield f"#{'  ' * (len(path) + 1)}{path[-1]}: {_number(number)}"


def _number(number: Number) -> str:
    """A number of the parent as one would type it, to be credited anew."""
    if number.by_year:
        years = ", ".join(f"{year}: {number.written[f'by_year.{year}']}" for year, _ in number.by_year)
        parts = [f"by_year: {{{years}}}"]
    elif number.values:
        parts = [f"value: {number.written['value']}"] if "value" in number.written else []
        parts += [f"values: {{{number.spread_as_written}}}"]
    else:
        parts = [f"{key}: {text}" for key, text in number.written.items()]
        default = "triangular" if "value" in number.written else "uniform"
        parts += [f"shape: {number.shape}"] if number.shape not in ("point", default) else []
    return f"{{{', '.join([*parts, 'source: assumption', f'note: {WHY}'])}}}"


def _next(name: str, parent: Scenario) -> Iterator[str]:
    commands = (
        (f"make validate SCENARIO={name}", "every fault, with its line"),
        (f"make diff A={parent.name} B={name}", "what this file changes"),
        (f"make run SCENARIO={name} DRAWS=0", "the central run alone; without DRAWS=0 with bands"),
    )
    width = max(len(command) for command, _ in commands)
    yield "# ---- what to run next"
    for command, what in commands:
        yield f"# {command:<{width}}  {what}"
