"""Hold an episode of the past against the model and against what one would have said without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.checks import checks_of
from sim.errors import ConvergenceError, ScenarioError
from sim.model import simulate
from sim.quantity import Index
from sim.records.backtest import GSIM, NO_CHANGE, PROPORTIONAL, TREND, Before, Compared, Episode, Observation
from sim.records.params import Params
from sim.records.scenario import Measure, Scenario
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED, STATUS_WORDS, Trajectory
from sim.records.world import World
from sim.study.alternatives import face_value, gsim_params, told_by_gsim
from sim.study.bands import percentiles
from sim.study.batches import simulate_batches
from sim.study.probes import in_chains
from sim.study.scope import within
from sim.study.skill import skills_by_market, skills_of, skills_weighted, skills_where
from sim.study.told import Told, foretold, level, told_by

EMPTY: Before = MappingProxyType({})
_EVERYWHERE = 0.5  # a measure on more than this part of the markets names none of them


@dataclass(frozen=True, eq=False, kw_only=True)
class Posed:
    """An episode ready to be solved: the shock and the same years without it, on the same draws."""

    scenario: Scenario
    world: World
    observed: tuple[Observation, ...]
    params: Params
    baseline: Params
    shocked: frozenset[str]  # the markets that the shock names
    before: Before  # how far the series used to move

    @property
    def name(self) -> str:
        """The episode without its folder."""
        return self.scenario.name.rpartition("/")[2]

    @property
    def after(self) -> tuple[Observation, ...]:
        """The observations after the benchmark year."""
        return tuple(each for each in self.observed if each.year > self.world.year)

    @property
    def base(self) -> dict[tuple[str, str, str, str], float]:
        """What was observed in the benchmark year, by series."""
        return {each.series: each.value for each in self.observed if each.year == self.world.year}


def pose(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    observed: Sequence[Observation],
    draws: int,
    seed: int,
    before: Before = EMPTY,
) -> Posed:
    """The inputs of an episode, no further than the last year observed and no more goods than were observed.

    Raises ScenarioError where the two are not about one world, or end before the last year observed.
    """
    if scenario.world != baseline.world:
        raise ScenarioError(
            f"{scenario.name} is about the world {scenario.world}, its baseline {baseline.name} about {baseline.world}"
        )
    last = max(each.year for each in observed)
    if last > scenario.years.last:
        raise ScenarioError(f"{scenario.name}: {last} was observed, the last year is {scenario.years.last}")
    goods = in_chains({each.good for each in observed}, world)
    years = replace(scenario.years, last=last, focus=min(scenario.years.focus, last))
    scenario = replace(within(scenario, goods, world), years=years)
    baseline = replace(within(baseline, goods, world), years=years)
    world = world.cut(goods)
    sample = Draws(seed=seed, count=draws)
    return Posed(
        scenario=scenario,
        world=world,
        observed=tuple(observed),
        params=build_params(scenario, baseline, world, sample),
        baseline=build_params(baseline, baseline, world, sample),
        shocked=shocked_markets(scenario, baseline, len(world.regions)),
        before=before,
    )


def shocked_markets(scenario: Scenario, baseline: Scenario, markets: int) -> frozenset[str]:
    """Destinations of the measures on routes that scenario and baseline do not have alike, out of ``markets``.

    A measure on most markets, as a quota for all or a ban for all but one, names none.
    """

    def states(of: Scenario, measure: Measure | None) -> tuple[object, ...]:
        return tuple(of.switches.get(each.switch) for each in measure.when) if measure else ()

    found: set[str] = set()
    for name in {*scenario.measures, *baseline.measures}:
        mine, theirs = scenario.measures.get(name), baseline.measures.get(name)
        if mine != theirs or states(scenario, mine) != states(baseline, theirs):
            for each in (mine, theirs):
                if each and each.origins and len(each.destinations) <= _EVERYWHERE * markets:
                    found |= set(each.destinations)
    return frozenset(found)


def hold_against(posed: Posed, jobs: int = 1) -> Episode:
    """Solve an episode and compare it row by row.

    Raises
    ------
    ConvergenceError
        Where the central run of the shock or of its baseline has no equilibrium.
    BalanceError
        Where tonnes or money of either do not add up.
    """
    found, base = simulate_batches(posed.params, jobs), simulate_batches(posed.baseline, jobs)
    for what, params, run in (("", posed.params, found), ("without its shock, ", posed.baseline, base)):
        if run.status[0] != SOLVED:
            raise ConvergenceError(
                f"{posed.scenario.name}: {what}the central run is {STATUS_WORDS[run.status[0]]}: {run.reasons[0]}"
            )
        checks_of(params, run)
    status = np.maximum(found.status, base.status)[1:]
    others, notices = alternatives_of(posed, base)
    rows = compared(posed, told_by(posed.params, found), others, 1 + np.flatnonzero(status == SOLVED))
    blank = sum(np.isnan(row.model) for row in rows)
    if blank:
        notices += (f"{blank} rows have no prediction: the model has no such market in that year",)
    name = posed.name
    banded = bool((status == SOLVED).any())
    return Episode(
        name=name,
        title=posed.scenario.title,
        world=posed.world.name,
        year=posed.world.year,
        draws=len(status),
        solved=int((status == SOLVED).sum()),
        infeasible=int((status == INFEASIBLE).sum()),
        failed=int((status == FAILED).sum()),
        rows=rows,
        skills=skills_of(name, rows, banded=banded),
        weighted=skills_weighted(name, rows, imports_of(posed.world), banded=banded),
        shocked=skills_where(name, rows, posed.shocked, banded=banded),
        by_market=skills_by_market(name, rows, banded=banded),
        notices=notices,
    )


def alternatives_of(posed: Posed, base: Trajectory) -> tuple[dict[str, Told], tuple[str, ...]]:
    """What is told by the run without the shock, by its face value and by GSIM, central runs only; what failed."""
    central = np.array([0])
    params, baseline = posed.params.take(central), posed.baseline.take(central)
    leaking = {m.name for m in posed.scenario.measures.values() if m.kind == "ban"}
    simple = gsim_params(params, baseline)
    run = simulate(simple)
    notices: tuple[str, ...] = ()
    if run.status[0] != SOLVED:
        notices = (f"the GSIM run is {STATUS_WORDS[run.status[0]]} from {run.reasons[0]}",)
    told = {
        TREND: told_by(baseline, base.take(central)),
        PROPORTIONAL: face_value(params, baseline, leaking),
        GSIM: told_by_gsim(simple, run),
    }
    return told, notices


def compared(posed: Posed, told: Told, others: Mapping[str, Told], draws: Index) -> tuple[Compared, ...]:
    """Every observation after the benchmark year beside what was foretold; ``draws`` are the rows of the band."""
    rows = []
    for each in posed.after:
        base = posed.base[each.series]
        carried = foretold(each, base, told)
        low, middle, high = percentiles(carried, draws)
        rows.append(
            Compared(
                observed=each,
                base=base,
                model_base=float(level(each, told)[0, 0]),
                model=float(carried[0]),
                low=float(low),
                median=float(middle),
                high=float(high),
                alternatives={NO_CHANGE: base}
                | {name: float(foretold(each, base, other)[0]) for name, other in others.items()},
                before=posed.before.get((each.series, each.year - posed.world.year), np.nan),
            )
        )
    return tuple(rows)


def imports_of(world: World) -> dict[tuple[str, str], float]:
    """What each market bought from abroad in the benchmark year, by good and region. [kt/yr]"""
    abroad = world.flows.sum(axis=1) - np.einsum("cdd->cd", world.flows)
    return {
        (good, region): float(abroad[c, d])
        for c, good in enumerate(world.good_names)
        for d, region in enumerate(world.region_names)
    }
