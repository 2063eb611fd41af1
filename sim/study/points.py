"""The points of a sweep: every combination of the values of its axes, or a sample between their ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np
from scipy.stats import qmc

from sim.errors import ScenarioError
from sim.inputs.goal import Varied, amount_text, varied_number, written_in
from sim.inputs.overrides import stated_paths
from sim.inputs.sweep_schema import MOST_POINTS
from sim.inputs.units import AmountError, parse_amount
from sim.records.scenario import Scenario
from sim.records.sweep import Axis, Point, SweepFile, Vary

WIDEST = 32  # axes of a sample: the sequence is drawn as wide whatever their number, so that one more moves no other
_DIGITS = 12  # of a value between two stated ones: more are rounding
_SCENARIO = "Scenario"


@dataclass(frozen=True, kw_only=True)
class _Values:
    """An axis with the values that stand on it."""

    axis: Axis
    vary: Vary
    words: tuple[str, ...]
    numbers: tuple[float, ...]


def points_of(
    sweep: SweepFile, scenarios: Mapping[str, Scenario], overrides: str, seed: int
) -> tuple[tuple[Axis, ...], tuple[Point, ...]]:
    """Axes and points of a sweep over scenarios as their files, and ``overrides``, have them.

    Where there are several scenarios they are the first axis. Raises ScenarioError where a value is none that its
    path accepts, a path is set twice, or there are too many points.
    """
    _check_paths(sweep, overrides)
    several = len(scenarios) > 1
    first = (Axis(label=_SCENARIO, unit="", numeric=False),) if several else ()
    points: list[Point] = []
    axes: tuple[Axis, ...] = ()
    for name, scenario in scenarios.items():
        if sweep.points is None:
            values = [_stated(vary, scenario) for vary in sweep.vary]
            _check_many(sweep, prod(len(each.words) for each in values) * len(scenarios))
            places = list(product(*(range(len(each.words)) for each in values)))
        else:
            values = _sampled(sweep, scenario, sweep.points, seed)
            _check_many(sweep, sweep.points * len(scenarios))
            places = [(i,) * len(values) for i in range(sweep.points)]
        axes = tuple(each.axis for each in values)
        words, numbers = ((name,), (float("nan"),)) if several else ((), ())
        points += [_point(name, place, values, words, numbers) for place in places]
    return (*first, *axes), tuple(points)


def _point(
    name: str, place: tuple[int, ...], values: list[_Values], words: tuple[str, ...], numbers: tuple[float, ...]
) -> Point:
    chosen = [(each, each.words[i], each.numbers[i]) for each, i in zip(values, place, strict=True)]
    settings = [(each.vary.baseline_too, f"{path}={word}") for each, word, _ in chosen for path in each.vary.paths]
    return Point(
        scenario=name,
        settings="; ".join(text for _, text in settings),
        baseline_settings="; ".join(text for both, text in settings if both),
        words=(*words, *(word for _, word, _ in chosen)),
        numbers=(*numbers, *(number for _, _, number in chosen)),
    )


def _check_paths(sweep: SweepFile, overrides: str) -> None:
    seen = dict.fromkeys(stated_paths(overrides), "SET")
    for vary in sweep.vary:
        for path in vary.paths:
            if path in seen:
                raise ScenarioError(f"{vary.place}: {path} is set by {seen[path]} already")
            seen[path] = str(vary.place)


def _check_many(sweep: SweepFile, count: int) -> None:
    if count > MOST_POINTS:
        raise ScenarioError(f"{sweep.file}: {count:,} points, at most {MOST_POINTS:,}; a sample (points:) takes fewer")


def _number_at(vary: Vary, scenario: Scenario) -> Varied | None:
    """The number that an axis varies; None where it is a switch, a date or a year."""
    if not all(path.split(".")[0] in ("parameters", "measures") for path in vary.paths):
        return None
    try:
        found = [varied_number(scenario, path) for path in vary.paths]
    except ScenarioError as error:
        raise ScenarioError(f"{vary.place}: {error}") from error
    if len({each.kind.unit for each in found}) > 1:
        raise ScenarioError(f"{vary.place}: {', '.join(vary.paths)} are not all in the same unit")
    return found[0]


def _stated(vary: Vary, scenario: Scenario) -> _Values:
    """The values of an axis of a grid."""
    varied = _number_at(vary, scenario)
    if varied is None:
        if not vary.values:
            raise ScenarioError(f"{vary.place}: {vary.paths[0]} is no number: state its values one by one")
        axis = Axis(label=vary.label, unit="", numeric=False)
        return _Values(axis=axis, vary=vary, words=vary.values, numbers=(float("nan"),) * len(vary.values))
    texts = vary.values or (vary.low, vary.high)
    factor, unit = written_in(texts[0], varied.kind)
    ends = [_amount(text, varied, vary) for text in texts]
    if vary.values:
        words, numbers = vary.values, [value / factor for value in ends]
    else:
        numbers = [_rounded(each) for each in np.linspace(ends[0] / factor, ends[1] / factor, vary.steps or 2)]
        words = tuple(amount_text(number * factor, factor, unit) for number in numbers)
    axis = Axis(label=vary.label, unit=unit, numeric=True)
    return _Values(axis=axis, vary=vary, words=words, numbers=tuple(numbers))


def _sampled(sweep: SweepFile, scenario: Scenario, count: int, seed: int) -> list[_Values]:
    """The axes of a sample: one scrambled Sobol sequence for all of them, since each alone would go together."""
    if len(sweep.vary) > WIDEST:
        raise ScenarioError(f"{sweep.file}: {len(sweep.vary)} axes are sampled, at most {WIDEST}")
    sequence = qmc.Sobol(WIDEST, scramble=True, rng=np.random.default_rng(seed))
    levels = sequence.random_base2(int(np.ceil(np.log2(count))))[:count]
    found = []
    for k, vary in enumerate(sweep.vary):
        varied = _number_at(vary, scenario)
        if varied is None:
            raise ScenarioError(f"{vary.place}: {vary.paths[0]} is no number: only numbers are sampled")
        low, high = _amount(vary.low, varied, vary), _amount(vary.high, varied, vary)
        factor, unit = written_in(vary.low, varied.kind)
        numbers = tuple(_rounded(each / factor) for each in low + levels[:, k] * (high - low))
        words = tuple(amount_text(number * factor, factor, unit) for number in numbers)
        axis = Axis(label=vary.label, unit=unit, numeric=True)
        found.append(_Values(axis=axis, vary=vary, words=words, numbers=numbers))
    return found


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")


def _amount(text: str, varied: Varied, vary: Vary) -> float:
    try:
        return parse_amount(text.strip(), varied.kind).value
    except AmountError as error:
        raise ScenarioError(f"{vary.place}: {varied.number.path}: {error}") from error
