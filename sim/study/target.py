"""Goal seek: the value of one number at which an indicator keeps a bound, for the central run and in every draw."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws, Varied, central
from sim.errors import ScenarioError
from sim.inputs import goal as texts
from sim.inputs.faults import known_or_nearest
from sim.provenance import weakest_first
from sim.quantity import Array, Index, Mask
from sim.records.outcome import Band, RunFacts
from sim.records.params import Params
from sim.records.scenario import Number, Scenario
from sim.records.target import EVERYWHERE, MET_WITHIN, NOWHERE, TURNS, UNTOLD, Goal, Shown, Span, TargetAnswer
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED, Trajectory
from sim.records.world import World
from sim.study.bands import band
from sim.study.batches import batches, simulate_batches
from sim.study.case import demand_central
from sim.study.outcomes import AGAINST_BASELINE, all_series, place_checked, routes_of
from sim.study.progress import Report, Steps, unheard
from sim.study.provenance import stated_figures, tiers_by_good
from sim.study.scope import within

INTERVALS = 12  # of the coarse grid: a response that turns twice within one of them is taken for one that does not
MOST_STEPS = 80  # of the search in a bracket: twice those that a jump takes
NARROW = 1e-10  # of the span: a bracket that narrow stands around a jump
_USUAL_STEPS = 8  # of a search in a smooth response, for the time left


@dataclass(frozen=True, eq=False, kw_only=True)
class Experiment:
    """A scenario beside its baseline in which one number takes any value, up to the year that is asked for."""

    scenario: Scenario
    baseline: Scenario
    world: World
    draws: Draws
    number: Number  # as it stands in the scenario, and in the baseline where it is a parameter of both
    year: int
    jobs: int
    steps: Steps

    def given(self, tried: Array | None) -> tuple[Params, Params]:
        """What goes into scenario and baseline at a value for each draw (n,), or as they are."""
        sample = self.draws
        if tried is not None:
            sample = Varied(seed=sample.seed, count=sample.count, number=self.number, tried=tried)
        params = build_params(self.scenario, self.baseline, self.world, sample)
        base = build_params(self.baseline, self.baseline, self.world, sample)
        return params.until(self.year), base.until(self.year)

    def run(self, params: Params, rows: Index) -> Trajectory:
        """The trajectories of some draws."""
        return simulate_batches(params.take(rows), self.jobs, step=lambda: self.steps.done("trying values"))

    def indicator(self, goal: Goal, tried: Array, rows: Index) -> Array:
        """The indicator of a goal in some draws at the values tried there (n,), blank where it is not solved."""
        params, base_params = self.given(tried)
        found = self.run(params, rows)
        base = self.run(base_params, rows) if goal.indicator in AGAINST_BASELINE else None
        return value_of(goal, params.take(rows), found, base_params.take(rows), base)


def value_of(goal: Goal, params: Params, found: Trajectory, base_params: Params, base: Trajectory | None) -> Array:
    """The indicator of a goal, draw by draw (n,), blank where a draw is not solved."""
    shown = routes_of(((goal.good, goal.region),), params)
    t = params.years.index(goal.year)
    for series in all_series(params, found, base_params, base, shown, goal.indicator):
        if series.indicator != goal.indicator:
            continue
        for k, place in enumerate(zip(series.goods, series.regions, series.partners, strict=True)):
            if place == (goal.good, goal.region, goal.partner):
                solved = found.status == SOLVED if base is None else (found.status == SOLVED) & (base.status == SOLVED)
                return np.where(solved, series.numbers[:, t, k], np.nan)
    raise ScenarioError(f"GOAL: no {goal.indicator} of {goal.good} in {goal.region}")


def seek(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    asked: texts.GoalText,
    varied: texts.Varied,
    span: Span,
    *,
    draws: int,
    seed: int,
    jobs: int,
    version: str,
    report: Report = unheard,
) -> TargetAnswer:
    """Where a goal begins to be met as one number is varied, for the central run and every draw.

    A coarse grid over the span is solved first, for the response need not be monotonous; of the places where the
    goal turns, the one nearest to the present value is narrowed down, in all draws at once.

    Raises ScenarioError where goal and number do not go together, ConvergenceError where the central run has no
    equilibrium as it is.
    """
    tiers = tiers_by_good(scenario, world)
    experiment = _experiment(scenario, baseline, world, asked, varied, Draws(seed=seed, count=draws), jobs, report)
    goal = _goal(asked, experiment)
    sample, rows = experiment.draws, np.arange(draws + 1)
    present = present_values(varied.number, sample, goal.year)
    params, base_params = experiment.given(None)
    found = experiment.run(params, rows)
    demand_central(scenario.name, found)
    base = experiment.run(base_params, rows) if goal.indicator in AGAINST_BASELINE else None
    at_present = value_of(goal, params, found, base_params, base)
    grid = np.linspace(span.low, span.high, INTERVALS + 1)
    tried = np.stack([experiment.indicator(goal, np.full(len(rows), value), rows) for value in grid])
    brackets = bracket(goal, grid, tried, present, at_present)
    solution, met_above, jumps, untold = narrowed(experiment, goal, brackets, span)
    outcome = np.where(untold, UNTOLD, brackets.outcome)
    turning = 1 + np.flatnonzero(outcome[1:] == TURNS)
    status = found.status if base is None else np.maximum(found.status, base.status)
    solved = 1 + np.flatnonzero(status[1:] == SOLVED)
    return TargetAnswer(
        facts=RunFacts(
            scenario=scenario.name,
            title=scenario.title,
            question=scenario.question,
            baseline=baseline.name,
            baseline_title=baseline.title,
            world=world.name,
            years=params.years,
            focus=goal.year,
            draws=draws,
            solved=len(solved),
            infeasible=int((status[1:] == INFEASIBLE).sum()),
            failed=int((status[1:] == FAILED).sum()),
            tiers=weakest_first(tiers[goal.good]),
            stated=stated_figures(experiment.scenario, experiment.world),
            version=version,
            cautions=tuple(
                (good.name, good.caution) for good in world.goods if good.caution and good.name == goal.good
            ),
        ),
        goal=goal,
        path=varied.number.path,
        unit=varied.number.unit,
        shown=_shown(varied),
        span=span,
        constant=varied.number.shape == "by_year",
        grid=grid,
        response=tuple(band(values, _told(values)) for values in tried),
        met=np.array([_share_met(goal, values) for values in tried]),
        present=present,
        at_present=at_present,
        outcome=outcome,
        solution=np.where(outcome == TURNS, solution, np.nan),
        met_above=met_above,
        jumps=jumps,
        turns=brackets.turns,
        others=brackets.others,
        band=_band(np.where(outcome == TURNS, solution, np.nan), turning),
    )


def _experiment(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    asked: texts.GoalText,
    varied: texts.Varied,
    draws: Draws,
    jobs: int,
    report: Report,
) -> Experiment:
    """The scenario and its baseline, cut to the goods that the goal hangs together with."""
    good = asked.names[1]
    if good not in world.good_names:
        raise ScenarioError(f"GOAL: unknown good {good}{known_or_nearest(good, world.good_names)}")
    goods = tuple(name for chain in world.chains() if good in chain for name in chain)
    if varied.good not in goods:
        raise ScenarioError(
            f"VARY: {varied.number.path} is about {varied.good}, which {good} neither is made from nor goes into: "
            "it cannot move the goal"
        )
    years = (world.year, *range(scenario.years.first, scenario.years.last + 1))
    if asked.year not in years:
        raise ScenarioError(f"GOAL: no year {asked.year}: {scenario.name} goes from {years[0]} to {years[-1]}")
    # the number becomes an object of its own, by which the draws know it; as with SET, a measure is varied in the
    # scenario alone, a parameter in both
    number = replace(varied.number)
    if varied.of_parameters:
        scenario = replace(scenario, parameters={**scenario.parameters, varied.key: number})
        if varied.key in baseline.parameters:
            baseline = replace(baseline, parameters={**baseline.parameters, varied.key: number})
    else:
        name, field = varied.key
        measure = scenario.measures[name]
        measure = replace(measure, numbers={**measure.numbers, field: number})
        scenario = replace(scenario, measures={**scenario.measures, name: measure})
    baseline = replace(baseline, years=scenario.years)
    runs = 2 if asked.names[0] in AGAINST_BASELINE else 1
    expected = (INTERVALS + 2 + _USUAL_STEPS) * runs * len(batches(draws.rows))
    return Experiment(
        scenario=within(scenario, goods, world),
        baseline=within(baseline, goods, world),
        world=world.cut(goods),
        draws=draws,
        number=number,
        year=asked.year,
        jobs=jobs,
        steps=Steps(expected, report),
    )


def _goal(asked: texts.GoalText, experiment: Experiment) -> Goal:
    """The goal with its names and its unit checked against what the central run has."""
    indicator, good, region, *partner = asked.names
    alone = replace(experiment, draws=Draws(seed=experiment.draws.seed, count=0), steps=Steps(1))
    params, base_params = alone.given(None)
    row = np.array([0])
    found, base = alone.run(params, row), alone.run(base_params, row)
    shown: Mask = np.ones(params.benchmark_flow.shape, dtype=bool)
    series = list(all_series(params, found, base_params, base, shown))
    wanted = partner[0] if partner else ""
    mine = place_checked((indicator, good, region, wanted), series, params.regions, "GOAL")
    limit, factor, unit = texts.read_limit(asked, mine.unit)
    return Goal(
        indicator=indicator,
        good=good,
        region=region,
        partner=wanted,
        year=asked.year,
        comparison=asked.comparison,
        unit=mine.unit,
        limit=limit,
        text=asked.text,
        shown=Shown(factor=factor, unit=unit),
    )


def present_values(number: Number, sample: Draws, year: int) -> Array:
    """What the number is without a search (n,); of a path over years that of ``year``."""
    if number.shape != "by_year":
        return sample.values(number)
    return sample.path(number, (year,))[:, 0]


def central_value(number: Number, year: int) -> float:
    """What the number is in the central run; of a path over years that of ``year``."""
    if number.shape == "by_year":
        return float(present_values(number, Draws(seed=0, count=0), year)[0])
    return central(number)


@dataclass(frozen=True, eq=False, kw_only=True)
class Brackets:
    """Per draw the ends of the bracket nearest to the present value: one meets the goal, the other does not."""

    outcome: Index  # (n,)
    turns: Index  # (n,)
    met: Array  # (n,) the end at which the goal is met, and its gap; blank without a bracket
    met_gap: Array
    missed: Array
    missed_gap: Array
    others: tuple[tuple[float, float], ...]


def bracket(goal: Goal, grid: Array, tried: Array, present: Array, at_present: Array) -> Brackets:
    """Find where the goal turns on the grid (g,) of indicators (g, n), the present value being one point more."""
    n = len(present)
    inside = (present > grid[0]) & (present < grid[-1]) & ~np.isnan(at_present)
    # without a place within the span the present value repeats the first point, which turns nothing
    x = np.vstack([np.repeat(grid[:, None], n, axis=1), np.where(inside, present, grid[0])[None]])
    gap = np.vstack([goal.gap(tried), np.where(inside, goal.gap(at_present), goal.gap(tried[0]))[None]])
    order = np.argsort(x, axis=0, kind="stable")
    x, gap = np.take_along_axis(x, order, axis=0), np.take_along_axis(gap, order, axis=0)
    blank = np.isnan(gap)
    met: Mask = ~blank & (gap <= MET_WITHIN)
    turning: Mask = (met[1:] != met[:-1]) & ~blank[1:] & ~blank[:-1]
    turns = turning.sum(axis=0)
    away = np.maximum(np.maximum(x[:-1] - present, present - x[1:]), 0.0)
    chosen = np.argmin(np.where(turning, away, np.inf), axis=0)
    rows = np.arange(n)
    ends = [(x[chosen + i, rows], gap[chosen + i, rows], met[chosen + i, rows]) for i in (0, 1)]
    first = ends[0][2]
    has = turns > 0
    outcome = np.where(has, TURNS, np.where(blank.any(axis=0), UNTOLD, np.where(met.all(axis=0), EVERYWHERE, NOWHERE)))

    def where(kept: Mask, part: int) -> Array:
        return np.where(has, np.where(kept, ends[0][part], ends[1][part]), np.nan)

    others = [(float(x[i, 0]), float(x[i + 1, 0])) for i in np.flatnonzero(turning[:, 0]) if i != chosen[0]]
    return Brackets(
        outcome=outcome,
        turns=turns,
        met=where(first, 0),
        met_gap=where(first, 1),
        missed=where(~first, 0),
        missed_gap=where(~first, 1),
        others=tuple(others),
    )


def narrowed(experiment: Experiment, goal: Goal, brackets: Brackets, span: Span) -> tuple[Array, Index, Index, Mask]:
    """Narrow the brackets of all draws down at once.

    Secants with the Illinois weights, and the middle wherever the last step did not halve the bracket.

    Returns
    -------
    solution (n,), whether the goal is met above it (n,), whether the indicator leaps there (n,), and the draws in which
    a trial was not solved (n,).
    """
    met, missed = brackets.met.copy(), brackets.missed.copy()
    met_gap, missed_gap = brackets.met_gap.copy(), brackets.missed_gap.copy()
    met_above = (met > missed).astype(np.int64)
    untold: Mask = np.zeros(len(met), dtype=bool)
    jumps = np.zeros(len(met), dtype=np.int64)
    solution = met.copy()
    going: Mask = (brackets.outcome == TURNS) & (np.abs(met_gap) > MET_WITHIN)
    halve: Mask = np.zeros(len(met), dtype=bool)
    side = np.zeros(len(met), dtype=np.int64)  # which end moved last: 1 the one that meets the goal, -1 the other
    for _ in range(MOST_STEPS):
        rows = np.flatnonzero(going)
        if not len(rows):
            break
        low, high, low_gap, high_gap = met[rows], missed[rows], met_gap[rows], missed_gap[rows]
        secant = (low * high_gap - high * low_gap) / (high_gap - low_gap)
        value = np.where(halve[rows], (low + high) / 2, secant)
        tried = np.full(len(met), span.low)
        tried[rows] = value
        gap = goal.gap(experiment.indicator(goal, tried, rows))
        told = ~np.isnan(gap)
        untold[rows[~told]] = True
        hit = told & (np.abs(gap) <= MET_WITHIN)
        solution[rows[hit]] = value[hit]
        keeps = told & (gap <= MET_WITHIN)
        width = np.abs(high - low)
        for moved, end, end_gap, other_gap, sign in (
            (keeps, met, met_gap, missed_gap, 1),
            (told & ~keeps, missed, missed_gap, met_gap, -1),
        ):
            at = rows[moved]
            end[at], end_gap[at] = value[moved], gap[moved]
            again = at[side[at] == sign]
            other_gap[again] /= 2  # Illinois: an end that stays behind counts for less
            side[at] = sign
        left = np.abs(met[rows] - missed[rows])
        halve[rows] = left > width / 2
        leapt = told & ~hit & (left <= NARROW * (span.high - span.low))
        solution[rows[leapt]], jumps[rows[leapt]] = met[rows[leapt]], 1
        going[rows[hit | leapt | ~told]] = False
    solution[going] = met[going]
    return solution, met_above, jumps, untold


def measured(scenario: Scenario, baseline: Scenario, world: World, goal: Goal) -> float:
    """The indicator of a goal in the central run of a scenario, blank where it is not solved."""
    goods = tuple(name for chain in world.chains() if goal.good in chain for name in chain)
    scenario, baseline = within(scenario, goods, world), within(replace(baseline, years=scenario.years), goods, world)
    alone, world, row = Draws(seed=0, count=0), world.cut(goods), np.array([0])
    params = build_params(scenario, baseline, world, alone)
    base_params = build_params(baseline, baseline, world, alone)
    found, base = (simulate_batches(each.take(row)) for each in (params, base_params))
    return float(value_of(goal, params, found, base_params, base)[0])


def _told(values: Array) -> Index:
    return 1 + np.flatnonzero(~np.isnan(values[1:]))


def _share_met(goal: Goal, values: Array) -> float:
    told = values[_told(values)] if len(values) > 1 else values[~np.isnan(values)]
    return float((goal.gap(told) <= MET_WITHIN).mean()) if len(told) else float("nan")


def _band(values: Array, rows: Index) -> Band:
    """The band over the draws that have a solution, blank where none has."""
    if len(rows):
        return band(values, rows)
    blank = float("nan") if len(values) > 1 else float(values[0])
    return Band(central=float(values[0]), p05=blank, p50=blank, p95=blank)


def _shown(varied: texts.Varied) -> Shown:
    written = varied.number.written
    text = written.get("value") or written.get("high") or next(iter(written.values()), "")
    factor, unit = texts.written_in(text, varied.kind)
    return Shown(factor=factor, unit=unit)
