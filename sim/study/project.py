"""Where the metal of a scenario's projects goes: by destination, and what comes back through others' processing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.dependence import Dependence
from sim.model import simulate
from sim.provenance import DOCUMENT
from sim.quantity import Array, Index
from sim.records.by_draw import ByDraw
from sim.records.outcome import ChangeRow, ProjectAnswer, ProjectPart, Subject
from sim.records.params import Params
from sim.records.scenario import Measure, Scenario
from sim.records.trajectory import Trajectory
from sim.records.world import World
from sim.study.bands import band
from sim.study.block import Block
from sim.study.capital import Invested, Removed, cost_of, removal_of, world_market
from sim.study.changed import Changed, changed

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


@dataclass(frozen=True, eq=False, kw_only=True)
class PartTold(ByDraw):
    """One project draw by draw, (n,) each: its tonnes once it is up, and those of the year. [kt/yr]"""

    measure: Measure
    capacity: Array
    output: Array
    first_year: int | None


@dataclass(frozen=True, eq=False, kw_only=True)
class ProjectTold(ByDraw):
    """What the projects of one good and region come to draw by draw; as in the answer on them."""

    good: str
    region: str
    subject: Subject
    parts: tuple[PartTold, ...]
    output: Changed
    destinations: tuple[Changed, ...]
    next_good: str | None
    returns: tuple[Changed, ...]
    feed_good: str | None
    feed: tuple[Changed, ...]
    without: tuple[Changed, ...]  # one or none
    without_feed: tuple[Changed, ...]
    world_market: Array  # (n,) [M USD/yr]


def projects_told(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    subjects: tuple[Subject, ...],
    block: Block,
    sample: Draws,
    step: Callable[[], None] = lambda: None,
) -> tuple[ProjectTold, ...]:
    """What a block tells of each good and region with projects of the scenario's own, in the focus year.

    Where some projects process what others bring, the block is solved once more for each of those without them.
    """
    subject_of = {good: subject for subject in subjects for good in subject.goods}
    apart = with_processing(scenario, baseline, world)
    told = []
    for (good, region), measures in own_projects(scenario, baseline).items():
        if good not in subject_of:
            continue  # nobody imports what that chain ends in
        left = None
        if (good, region) in apart:
            left = _without(measures, scenario, baseline, world, sample)
            step()
        told.append(_told(good, region, measures, subject_of[good], world, block, left, scenario.years.focus, sample))
    return tuple(told)


def _told(
    good: str,
    region: str,
    measures: tuple[Measure, ...],
    subject: Subject,
    world: World,
    block: Block,
    left: Trajectory | None,
    focus: int,
    sample: Draws,
) -> ProjectTold:
    """The same of one good and region; ``left`` is the run without what processes there, where that is told."""
    params, found, base = block.params, block.found, block.base
    t = found.years.index(focus)
    c, o = params.goods.index(good), params.regions.index(region)
    feed, after = world.goods[c].input, next((each.name for each in world.goods if each.input == good), None)
    without: tuple[Changed, ...] = ()
    without_feed: tuple[Changed, ...] = ()
    returns: tuple[Changed, ...] = ()
    fed: tuple[Changed, ...] = ()
    if left is not None:
        without = (_touched(subject, params, base, left, t),)
        h = params.goods.index(feed or "")
        without_feed = _by_region(params, base.flow[:, t, h, o], left.flow[:, t, h, o])
    if after is not None:
        route = c, o, params.goods.index(after), params.regions.index(subject.market)
        returns = _by_region(params, _returning(base, t, *route), _returning(found, t, *route))
    if feed is not None:
        h = params.goods.index(feed)
        fed = _by_region(params, base.flow[:, t, h, :, o], found.flow[:, t, h, :, o])
    return ProjectTold(
        good=good,
        region=region,
        subject=subject,
        parts=tuple(_part(measure, params, found, t, sample) for measure in measures),
        output=changed("output", base.flow[:, t, c, o].sum(axis=1), found.flow[:, t, c, o].sum(axis=1)),
        destinations=_by_region(params, base.flow[:, t, c, o], found.flow[:, t, c, o]),
        next_good=after,
        returns=returns,
        feed_good=feed,
        feed=fed,
        without=without,
        without_feed=without_feed,
        world_market=world_market(params, found, t, c),
    )


def answer_projects(
    projects: Sequence[ProjectTold],
    invested: Sequence[Invested],
    removals: Sequence[Removed],
    years: tuple[int, ...],
    focus: int,
    draws: Index,
) -> tuple[ProjectAnswer, ...]:
    """An answer for each good and region, from what all draws tell."""
    return _with_removals([_answer(told, invested, years, focus, draws) for told in projects], removals, draws)


def _answer(
    told: ProjectTold, invested: Sequence[Invested], years: tuple[int, ...], focus: int, draws: Index
) -> ProjectAnswer:
    measures = [part.measure for part in told.parts]
    without = next((each.row(draws) for each in told.without), None)
    return ProjectAnswer(
        good=told.good,
        region=told.region,
        year=focus,
        market=told.subject.market,
        parts=tuple(
            ProjectPart(
                measure=part.measure.name,
                capacity=band(part.capacity, draws),
                first_year=part.first_year,
                output=band(part.output, draws),
                stated=part.measure.numbers["capacity"].tier == DOCUMENT,
            )
            for part in told.parts
        ),
        output=told.output.row(draws),
        destinations=_rows(told.destinations, draws),
        next_good=told.next_good,
        returns=_rows(told.returns, draws),
        feed_good=told.feed_good,
        feed=_rows(told.feed, draws),
        without=without,
        without_feed=_rows(told.without_feed, draws),
        costs=tuple(
            cost for each in invested if each.measure in measures and (cost := cost_of(each, years, draws)) is not None
        ),
        world_market=band(told.world_market, draws),
    )


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


def _part(measure: Measure, params: Params, found: Trajectory, t: int, sample: Draws) -> PartTold:
    asset = params.technology.names.index(measure.name)
    runs = np.flatnonzero(found.output[0, :, asset] > _RUNS_FROM)
    return PartTold(
        measure=measure,
        capacity=sample.values(measure.numbers["capacity"]),
        first_year=found.years[int(runs[0])] if len(runs) else None,
        output=found.output[:, t, asset],
    )


def _by_region(params: Params, before: Array, after: Array) -> tuple[Changed, ...]:
    """A change per region (n, r) that has anything in the central run of either."""
    return tuple(
        changed(region, before[:, r], after[:, r])
        for r, region in enumerate(params.regions)
        if max(before[0, r], after[0, r]) > _SOLD_FROM
    )


def _rows(changes: Sequence[Changed], draws: Index) -> tuple[ChangeRow, ...]:
    """The changes as rows, the largest first."""
    return tuple(sorted((each.row(draws) for each in changes), key=lambda row: -abs(row.change.central)))


def _returning(run: Trajectory, t: int, c: int, o: int, following: int, market: int) -> Array:
    """What each region sells to the market of the good made from ``c``, as far as made from metal of ``o``. [kt/yr]"""
    raw = run.flow[:, t, c]
    total = raw.sum(axis=1)
    share = raw[:, o] / np.where(total > 0, total, 1.0)
    part: Array = share * run.flow[:, t, following, :, market]
    return part


def _without(
    measures: tuple[Measure, ...], scenario: Scenario, baseline: Scenario, world: World, sample: Draws
) -> Trajectory:
    """The scenario as it would go to its focus were these projects not built."""
    names = {measure.name for measure in measures}
    kept = {name: measure for name, measure in scenario.measures.items() if name not in names}
    params = build_params(replace(scenario, measures=kept), baseline, world, sample)
    return simulate(params.until(scenario.years.focus))


def _touched(subject: Subject, params: Params, base: Trajectory, run: Trajectory, t: int) -> Changed:
    """What the subject's country has a part in of the supply of its market, as a share."""
    c, market = params.goods.index(subject.goods[0]), params.regions.index(subject.market)
    country = params.regions.index(subject.country)
    before, after = (Dependence(params, each).supply(country, c)[:, t, market] for each in (base, run))
    return changed(subject.country, before, after)
