"""Where the metal of a scenario's projects goes: by destination, and what comes back through others' processing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.dependence import Dependence
from sim.provenance import DOCUMENT
from sim.quantity import Array, Index
from sim.records.outcome import ChangeRow, ProjectAnswer, ProjectPart, Subject
from sim.records.params import Params
from sim.records.scenario import Measure, Scenario
from sim.records.trajectory import Trajectory
from sim.records.world import World
from sim.study.bands import band
from sim.study.batches import simulate_batches
from sim.study.capital import Invested, Removed, cost_of, removal_of, world_market

_RUNS_FROM = 1e-3  # kt
_SOLD_FROM = 1e-6  # kt


def own_projects(scenario: Scenario, baseline: Scenario) -> dict[tuple[str, str], tuple[Measure, ...]]:
    """The projects of the scenario that the baseline does not have, by good and region in the order of the file."""
    found: dict[tuple[str, str], tuple[Measure, ...]] = {}
    for name, measure in scenario.measures.items():
        if measure.kind == "project" and measure != baseline.measures.get(name):
            place = measure.good, measure.region or ""
            found[place] = (*found.get(place, ()), measure)
    return found


def with_processing(scenario: Scenario, baseline: Scenario, world: World) -> tuple[tuple[str, str], ...]:
    """Goods and regions of own projects that process an input, where other projects of the scenario do not."""
    places = own_projects(scenario, baseline)
    processing = [place for place in places if world.goods[world.good_index(place[0])].input is not None]
    return tuple(processing) if len(processing) < len(places) else ()


def answer_projects(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    subjects: tuple[Subject, ...],
    params: Params,
    found: Trajectory,
    base: Trajectory,
    draws: Index,
    sample: Draws,
    jobs: int = 1,
    step: Callable[[], None] = lambda: None,
    invested: Sequence[Invested] = (),
    removals: Sequence[Removed] = (),
) -> tuple[ProjectAnswer, ...]:
    """An answer for each good and region with projects of the scenario's own, in the focus year.

    Where some projects process what others bring, the run is solved once more for each of those without them.
    """
    t = found.years.index(scenario.years.focus)
    subject_of = {good: subject for subject in subjects for good in subject.goods}
    apart = with_processing(scenario, baseline, world)
    answers = []
    for (good, region), measures in own_projects(scenario, baseline).items():
        subject = subject_of.get(good)
        if subject is None:
            continue  # nothing moves in that chain: the answer says so elsewhere
        c, o = params.goods.index(good), params.regions.index(region)
        feed, after = world.goods[c].input, next((each.name for each in world.goods if each.input == good), None)
        without: ChangeRow | None = None
        without_feed: tuple[ChangeRow, ...] = ()
        returns: tuple[ChangeRow, ...] = ()
        fed: tuple[ChangeRow, ...] = ()
        if (good, region) in apart:
            left = _without(measures, scenario, baseline, world, sample, jobs, step)
            without = _touched(subject, params, base, left, t, draws)
            h = params.goods.index(feed or "")
            without_feed = _rows(params, base.flow[:, t, h, o], left.flow[:, t, h, o], draws)
        if after is not None:
            route = c, o, params.goods.index(after), params.regions.index(subject.market)
            returns = _rows(params, _returning(base, t, *route), _returning(found, t, *route), draws)
        if feed is not None:
            h = params.goods.index(feed)
            fed = _rows(params, base.flow[:, t, h, :, o], found.flow[:, t, h, :, o], draws)
        answers.append(
            ProjectAnswer(
                good=good,
                region=region,
                year=found.years[t],
                market=subject.market,
                parts=tuple(_part(measure, params, found, t, draws, sample) for measure in measures),
                output=_change("output", base.flow[:, t, c, o].sum(axis=1), found.flow[:, t, c, o].sum(axis=1), draws),
                destinations=_rows(params, base.flow[:, t, c, o], found.flow[:, t, c, o], draws),
                next_good=after,
                returns=returns,
                feed_good=feed,
                feed=fed,
                without=without,
                without_feed=without_feed,
                costs=tuple(
                    cost
                    for each in invested
                    if each.measure in measures and (cost := cost_of(each, found.years, draws)) is not None
                ),
                world_market=band(world_market(params, found, t, c), draws),
            )
        )
    return _with_removals(answers, removals, draws)


def _with_removals(
    answers: Sequence[ProjectAnswer], removals: Sequence[Removed], draws: Index
) -> tuple[ProjectAnswer, ...]:
    """What a point costs stands with the first answer of each chain, final goods first, that tells a cost."""
    told = list(answers)
    for removed in removals:
        goods = removed.subject.goods
        mine = [i for i, answer in enumerate(told) if answer.good in goods and answer.costs]
        if mine:
            first = min(mine, key=lambda i: goods.index(told[i].good))
            told[first] = replace(told[first], removal=removal_of(removed, draws))
    return tuple(told)


def _part(measure: Measure, params: Params, found: Trajectory, t: int, draws: Index, sample: Draws) -> ProjectPart:
    asset = params.technology.names.index(measure.name)
    runs = np.flatnonzero(found.output[0, :, asset] > _RUNS_FROM)
    capacity = measure.numbers["capacity"]
    return ProjectPart(
        measure=measure.name,
        capacity=band(sample.values(capacity), draws),
        first_year=found.years[int(runs[0])] if len(runs) else None,
        output=band(found.output[:, t, asset], draws),
        stated=capacity.tier == DOCUMENT,
    )


def _change(label: str, before: Array, after: Array, draws: Index) -> ChangeRow:
    return ChangeRow(
        label=label, baseline=float(before[0]), scenario=float(after[0]), change=band(after - before, draws)
    )


def _rows(params: Params, before: Array, after: Array, draws: Index) -> tuple[ChangeRow, ...]:
    """One row per region (n, r) that has anything in the central run of either, the largest change first."""
    rows = [
        _change(params.regions[r], before[:, r], after[:, r], draws)
        for r in range(before.shape[1])
        if max(before[0, r], after[0, r]) > _SOLD_FROM
    ]
    return tuple(sorted(rows, key=lambda row: -abs(row.change.central)))


def _returning(run: Trajectory, t: int, c: int, o: int, following: int, market: int) -> Array:
    """What each region sells to the market of the good made from ``c``, as far as made from metal of ``o``. [kt/yr]"""
    raw = run.flow[:, t, c]
    total = raw.sum(axis=1)
    share = raw[:, o] / np.where(total > 0, total, 1.0)
    part: Array = share * run.flow[:, t, following, :, market]
    return part


def _without(
    measures: tuple[Measure, ...],
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    sample: Draws,
    jobs: int,
    step: Callable[[], None],
) -> Trajectory:
    """The scenario as it would go were these projects not built."""
    names = {measure.name for measure in measures}
    kept = {name: measure for name, measure in scenario.measures.items() if name not in names}
    params = build_params(replace(scenario, measures=kept), baseline, world, sample)
    return simulate_batches(params, jobs, step=step)


def _touched(subject: Subject, params: Params, base: Trajectory, run: Trajectory, t: int, draws: Index) -> ChangeRow:
    """What the subject's country has a part in of the supply of its market, as a share."""
    c, market = params.goods.index(subject.goods[0]), params.regions.index(subject.market)
    country = params.regions.index(subject.country)
    before, after = (Dependence(params, each).supply(country, c)[:, t, market] for each in (base, run))
    return _change(subject.country, before, after, draws)
