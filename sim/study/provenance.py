"""Which tiers of evidence stand behind a good's numbers, and which documented figures are in play."""

from __future__ import annotations

from collections.abc import Iterator

from sim.provenance import DOCUMENT, weakest_first
from sim.records.scenario import Number, Scenario
from sim.records.world import World


def tiers_by_good(scenario: Scenario, world: World) -> dict[str, tuple[str, ...]]:
    """Tiers of all numbers that a good's results rest on, weakest first.

    Goods of one chain share theirs: what is made from a metal rests on the figures of that metal and the other
    way round.
    """
    own = {
        good: set(world.tiers[i].split()) | {tier for number in numbers_of(scenario, good) for tier in number.tiers}
        for i, good in enumerate(world.good_names)
    }
    linked = {good.name: {good.name} for good in world.goods}
    for good in world.goods:
        if good.input is not None:
            both = linked[good.name] | linked[good.input]
            for name in both:
                linked[name] = both
    return {good: weakest_first(set().union(*(own[name] for name in linked[good]))) for good in world.good_names}


def numbers_of(scenario: Scenario, good: str) -> Iterator[Number]:
    """Every number of the scenario that acts on a good."""
    for path, number in scenario.parameters.items():
        if good in path:
            yield number
    for measure in scenario.measures.values():
        if measure.good == good:
            yield from measure.numbers.values()
            for condition in measure.when:
                chance = scenario.switches[condition.switch].probability
                if chance is not None:
                    yield chance


def stated_figures(scenario: Scenario, world: World) -> tuple[str, ...]:
    """Documented figures that drive a run, as written, each with the measure or parameter that uses it.

    Those in the statistics of the base year are told last, with the good whose base year they are in.
    """
    used = [(name, number) for name, measure in scenario.measures.items() for number in measure.numbers.values()]
    used += [(".".join(path), number) for path, number in scenario.parameters.items()]
    used += [(name, switch.probability) for name, switch in scenario.switches.items() if switch.probability]
    told = [f"{_as_written(number)} ({name})" for name, number in used if number.tier == DOCUMENT]
    told += [f"{text} (base year, {good.label})" for good, text in zip(world.goods, world.stated, strict=False) if text]
    return tuple(told)


def _as_written(number: Number) -> str:
    """The value as it was typed; the range where there is no value."""
    if "value" not in number.written and number.spread_as_written:
        return number.spread_as_written
    return next(iter(number.written.values()))
