"""What is drawn in a case: independent inputs, which of them can reach its outcomes, and what has no range."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any
from zlib import crc32

import numpy as np

from sim.assemble.draws import Levels, quantile
from sim.errors import ScenarioError
from sim.inputs.goal import varied_number, written_in
from sim.provenance import weakest_first
from sim.quantity import Mask
from sim.records.attribution import Input
from sim.records.params import Params
from sim.records.scenario import Number, Scenario
from sim.records.target import Shown
from sim.study.case import Case

ENDS = (0.05, 0.95)  # levels of the percentiles that an input is told by
_NEAR = 1e-9  # to the ends of a range: at an end itself a correlated number has no level
_TRIALS = 16  # draws of all other numbers in which an input is tried at both ends of its range
_DRAWN_NOT = ("point", "by_year")
_SWITCH = "switches."


def inputs_of(case: Case) -> tuple[Input, ...]:
    """The independent inputs of scenario and baseline, in the order of the files.

    Numbers drawn with another one, without a correlation, take its level: they are one input with it. Correlated ones
    are listed as inputs of their own; ``refuse_correlated`` is for them.
    """
    streams: dict[str, list[Number]] = {}
    for number in (*drawn_numbers(case.scenario), *drawn_numbers(case.baseline)):
        names = [number.drawn_with or number.path]
        if number.correlation is not None:
            names = [number.path, names[0]]
        for name in names:
            known = streams.setdefault(name, [])
            if all(number is not each for each in known):
                known.append(number)
    shown = {number.path: scenario for scenario in (case.baseline, case.scenario) for number in drawn_numbers(scenario)}
    found = [_input(name, numbers, shown) for name, numbers in streams.items()]
    for scenario in (case.scenario, case.baseline):
        for name, chance in chances(scenario):
            if all(each.name != name for each in found):
                unit = Shown(factor=1.0, unit="")
                tiers = weakest_first(chance.tiers)
                found.append(Input(name=name, tiers=tiers, unit="1", shown=unit, low=0.0, high=1.0))
    return tuple(found)


def drawn_numbers(scenario: Scenario) -> Iterator[Number]:
    """Every number with a range."""
    yield from (number for _, number in numbers_told(scenario) if number.shape not in _DRAWN_NOT)


def numbers_told(scenario: Scenario) -> Iterator[tuple[str, Number]]:
    """Every number of parameters and measures, with the name of the measure or the path of the parameter."""
    for path, number in scenario.parameters.items():
        yield ".".join(path), number
    for name, measure in scenario.measures.items():
        for number in measure.numbers.values():
            yield name, number


def chances(scenario: Scenario) -> Iterator[tuple[str, Number]]:
    """The switches with a probability that a measure depends on."""
    used = {condition.switch for measure in scenario.measures.values() for condition in measure.when}
    for name, switch in scenario.switches.items():
        if name in used and switch.probability is not None:
            yield f"{_SWITCH}{name}", switch.probability


def without_range(case: Case) -> tuple[tuple[Number, str], ...]:
    """Numbers of the scenario that are not drawn, each with its text and what it belongs to: they vary nothing."""
    return tuple(
        (number, f"{next(iter(number.written.values()), '')} ({owner})")
        for owner, number in numbers_told(case.scenario)
        if number.shape in _DRAWN_NOT
    )


def acting_inputs(case: Case, inputs: tuple[Input, ...], seed: int) -> Mask:
    """Which inputs reach scenario or baseline by the last year that is told, (d,).

    Each is put near both ends of its range in some draws of all others, every switch on in half of them: where what
    goes into the equations is the same to the bit, it acts on nothing.
    """
    rng = np.random.default_rng([seed, crc32(b"acting")])
    levels = rng.random((_TRIALS, len(inputs)))
    for i, each in enumerate(inputs):
        if each.is_switch:
            levels[:, i] = rng.permutation(_TRIALS) % 2
    names = [each.name for each in inputs]

    def given(i: int, level: float) -> tuple[Params, Params]:
        columns = {name: levels[:, j] for j, name in enumerate(names)}
        return case.params(Levels(seed=0, count=_TRIALS, levels=columns | {names[i]: np.full(_TRIALS, level)}))

    return np.array([not _same(given(i, _NEAR), given(i, 1.0 - _NEAR)) for i in range(len(inputs))])


def refuse_correlated(case: Case, inputs: tuple[Input, ...], acting: Mask) -> None:
    """Raise ScenarioError where a number that acts is correlated with another one: no part is that of one alone."""
    acts = {each.name for each, does in zip(inputs, acting, strict=True) if does}
    for number in (*drawn_numbers(case.scenario), *drawn_numbers(case.baseline)):
        if number.correlation is None:
            continue
        if number.path in acts or (abs(number.correlation) == 1 and number.drawn_with in acts):
            raise ScenarioError(
                f"{number.place}: {number.path}: drawn with {number.drawn_with_as_written}: a variance has parts only "
                "where inputs are independent. Without the correlation both are one input, without drawn_with two"
            )


def _input(name: str, numbers: list[Number], owners: dict[str, Scenario]) -> Input:
    """The input of one stream; where its own number is in no file that is solved, the first that takes it stands."""
    first = next((number for number in numbers if number.path == name), numbers[0])
    low, high = quantile(first, np.array(ENDS))
    factor, unit = written_in(
        next(iter(first.written.values()), ""), varied_number(owners[first.path], first.path).kind
    )
    others = dict.fromkeys(number.path for number in numbers if number.path != first.path)
    return Input(
        name=name,
        tiers=weakest_first(tier for number in numbers for tier in number.tiers),
        unit=first.unit,
        shown=Shown(factor=factor, unit=unit),
        low=float(low),
        high=float(high),
        others=tuple(others),
    )


def _same(one: Any, other: Any) -> bool:
    """Whether two records hold the same numbers."""
    if isinstance(one, tuple):
        return all(_same(a, b) for a, b in zip(one, other, strict=True))
    if is_dataclass(one):
        return all(_same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else True
