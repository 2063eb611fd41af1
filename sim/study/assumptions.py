"""Collects every number of the shipped worlds and scenarios, with what it rests on, what uses it and who carries it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from sim.errors import ScenarioError
from sim.inputs.chain import Library
from sim.inputs.evidence import world_numbers
from sim.inputs.faults import Faults
from sim.inputs.resolve import list_scenarios, load_scenario
from sim.inputs.world import read_sources
from sim.provenance import weakest_first
from sim.records.evidence import Choice, Evidence, Stated, WorldNumbers
from sim.records.scenario import Measure, Number, Scenario, Switch
from sim.records.world import Source
from sim.study.uses import CONSTANTS, KINDS, PARAMETERS, PROBABILITY, use_of

_ENDS = ("value", "low", "high")


def shipped_scenarios(root: Path) -> tuple[Scenario, ...]:
    """Every scenario under ``root``, resolved; ScenarioError where one is at fault."""
    return tuple(load_scenario(name, root) for name, _ in list_scenarios(root))


def past_scenarios(root: Path) -> tuple[Scenario, ...]:
    """Every scenario of the past under ``root``, resolved; ScenarioError where one is at fault."""
    return tuple(load_scenario(name, root) for name in Library(root, Faults()).backtests())


def collect_evidence(root: Path, worlds: str, scenarios: Sequence[Scenario]) -> Evidence:
    """All numbers of the scenarios, and of the worlds in the folder ``worlds`` under ``root``.

    A number that several scenarios take over from one place is one number. Raises ScenarioError or DataError where a
    file is at fault or a number lacks its source.
    """
    folders = sorted(path.parent for path in (root / worlds).glob("*/world.yaml"))
    sources: dict[str, Source] = {}
    found: dict[str, WorldNumbers] = {}
    for folder in folders:
        sources |= read_sources(folder / "sources.yaml")
        found[folder.name] = world_numbers(folder)
    return Evidence(
        worlds=found,
        stated=_numbers(scenarios),
        choices=_choices(scenarios, sources),
        scenarios=tuple(scenario.name for scenario in scenarios),
        sources=sources,
        constants=CONSTANTS,
    )


def _numbers(scenarios: Sequence[Scenario]) -> tuple[Stated, ...]:
    found: dict[tuple[str, str], tuple[Number, str]] = {}
    carried: dict[tuple[str, str], list[str]] = {}
    for scenario in scenarios:
        for number, use in numbers_with_use(scenario):
            key = number.path, str(number.place)
            found.setdefault(key, (number, use))
            carried.setdefault(key, []).append(scenario.name)
    return tuple(_stated(number, use, tuple(carried[key])) for key, (number, use) in sorted(found.items()))


def numbers_with_use(scenario: Scenario) -> list[tuple[Number, str]]:
    """Every number of a scenario, and what it does; ScenarioError for a kind that docs/model.md does not place."""
    told: list[tuple[Number, str]] = []
    for path, number in scenario.parameters.items():
        if path[0] not in PARAMETERS:
            raise ScenarioError(f"{number.place}: {number.path}: no equation is named for it")
        told.append((number, PARAMETERS[path[0]]))
    for measure in scenario.measures.values():
        if measure.kind not in KINDS:
            raise ScenarioError(f"{measure.place}: {measure.name}: no equation is named for a {measure.kind}")
        told += [(number, use_of(measure.kind, field)) for field, number in measure.numbers.items()]
    told += [(switch.probability, PROBABILITY) for switch in scenario.switches.values() if switch.probability]
    return told


def _stated(number: Number, use: str, carried_by: tuple[str, ...]) -> Stated:
    texts = number.written
    value = texts.get("value", "")
    if not value and number.by_year:
        value = ", ".join(f"{year}: {text}" for year, text in texts.items() if year not in _ENDS)
    spread = number.spread_as_written
    if spread:
        spread += f", {number.shape}"
    if spread and number.drawn_with:
        spread += f", with {number.drawn_with_as_written}"
    return Stated(
        name=number.path,
        value=value,
        spread=spread,
        unit=number.unit,
        source=number.source,
        tier=weakest_first(number.tiers)[0],
        use=use,
        file=number.place.file,
        range_source=number.range_source or "",
        quote=number.quote or "",
        note=number.note or "",
        carried_by=carried_by,
    )


def _choices(scenarios: Sequence[Scenario], sources: Mapping[str, Source]) -> tuple[Choice, ...]:
    found: dict[tuple[str, str], Choice] = {}
    carried: dict[tuple[str, str], list[str]] = {}
    for scenario in scenarios:
        every = [_switch(switch, sources) for switch in scenario.switches.values()]
        every += [_measure(measure, sources) for measure in scenario.measures.values() if measure.source]
        for choice in every:
            key = choice.name, choice.state
            found.setdefault(key, choice)
            carried.setdefault(key, []).append(scenario.name)
    return tuple(Choice(**{**vars(choice), "carried_by": tuple(carried[key])}) for key, choice in sorted(found.items()))


def _switch(switch: Switch, sources: Mapping[str, Source]) -> Choice:
    chance = switch.probability
    if chance is not None:
        state = f"on with a probability of {chance.written.get('value') or chance.spread_as_written}"
    elif switch.on_from or switch.off_from:
        parts = [f"{word} from {day}" for word, day in (("on", switch.on_from), ("off", switch.off_from)) if day]
        state = ", ".join(parts)
    else:
        state = "off" if switch.always_off else "on"
    return Choice(
        name=f"switches.{switch.name}",
        state=state,
        meaning=switch.meaning,
        source=switch.source,
        tier=sources[switch.source].tier,
        carried_by=(),
    )


def _measure(measure: Measure, sources: Mapping[str, Source]) -> Choice:
    key = measure.source or ""
    dates = [f"{word} {day}" for word, day in (("from", measure.starts), ("until", measure.ends)) if day]
    return Choice(
        name=f"measures.{measure.name}",
        state=" ".join([measure.kind, *dates]),
        meaning=measure.note or "",
        source=key,
        tier=sources[key].tier,
        carried_by=(),
    )
