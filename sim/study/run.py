"""Run a scenario beside its baseline: from two resolved scenarios and a world to tables and answers, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.assemble.build import build_params
from sim.assemble.calendar import on_in_baseline
from sim.assemble.draws import Draws
from sim.checks import Check, checks_of
from sim.errors import ConvergenceError, ScenarioError
from sim.provenance import weakest_first
from sim.quantity import Array, Index, Mask
from sim.records.cases import SwitchCases
from sim.records.outcome import GuaranteeAnswer, OfferAnswer, ProjectAnswer, RunFacts, StockAnswer, SwitchDraws
from sim.records.params import Params
from sim.records.sampling import PLAIN
from sim.records.scenario import Number, Scenario
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED, STATUS_WORDS, Trajectory
from sim.records.world import World
from sim.study.batches import batches, simulate_batches
from sim.study.capital import capital_beside, invested_in, removed_by
from sim.study.cases import cases_of
from sim.study.effect import no_effect_notices
from sim.study.guarantee import answer_guarantees
from sim.study.notices import notices_of
from sim.study.offer import Offered, answer_offer, offers_in, placing_of, year_told
from sim.study.offer_rows import Answered, offer_beside
from sim.study.progress import Report, Steps, unheard
from sim.study.project import answer_projects, own_projects, with_processing
from sim.study.provenance import stated_figures, tiers_by_good
from sim.study.rest import outages_of_all
from sim.study.scope import touched_goods, within
from sim.study.stock_answer import answer_stockpiles
from sim.study.subject import subjects_of
from sim.study.tables import flows_table, markets_table, summary_table, unsolved_table
from sim.study.thresholds import thresholds_table

DEGRADED_ABOVE = 0.01  # share of failed draws
_TRIED = 32  # draws put together before a run: a range that reaches where nothing can be shows in one of them


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """Everything a run found; nothing of it depends on the clock, the jobs or the batches."""

    facts: RunFacts
    offers: tuple[OfferAnswer, ...]
    guarantees: tuple[GuaranteeAnswer, ...]
    projects: tuple[ProjectAnswer, ...]
    stocks: tuple[StockAnswer, ...]
    cases: tuple[SwitchCases, ...]
    summary: pd.DataFrame
    unsolved: pd.DataFrame | None  # percentiles with unsolved draws at either end; None where all are solved
    flows: pd.DataFrame
    markets: pd.DataFrame
    checks: tuple[Check, ...]
    drawn: Mapping[str, Array]  # (n,) every drawn input by its path, the central run first
    headline: Mapping[str, Array]  # (n, t) series draw by draw

    @property
    def degraded(self) -> bool:
        """Whether so many draws failed that the bands are not to be trusted."""
        return self.facts.failed > DEGRADED_ABOVE * self.facts.draws


def run_scenario(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    *,
    draws: int,
    seed: int,
    jobs: int,
    version: str,
    report: Report = unheard,
    sampling: str = PLAIN,
) -> Outcome:
    """Solve scenario and baseline on the same draws and over the scenario's years and put them side by side.

    Raises
    ------
    ScenarioError
        Where the two are not about the same world, or the scenario asks for what cannot be answered.
    ConvergenceError
        Where the central run of either has no equilibrium.
    BalanceError
        Where tonnes or money of either do not add up.
    """
    if scenario.world != baseline.world:
        raise ScenarioError(
            f"{scenario.name} is about the world {scenario.world}, its baseline {baseline.name} about {baseline.world}"
        )
    sample = Draws(seed=seed, count=draws, sampling=sampling)
    baseline = replace(baseline, years=scenario.years)
    goods = touched_goods(scenario, baseline, world)
    left_out = tuple(good for good in world.good_names if good not in goods)
    scenario, baseline = within(scenario, goods, world), within(baseline, goods, world)
    world = world.cut(goods)
    params = build_params(scenario, baseline, world, sample)
    base_params = build_params(baseline, baseline, world, sample)
    offered = offers_in(scenario, params)
    again = len(offered) + len(with_processing(scenario, baseline, world))
    steps = Steps(len(batches(params.draws)) * (2 + again) + 1, report)
    base = _solved(baseline.name, base_params, jobs, steps)
    found = _solved(scenario.name, params, jobs, steps)
    _demand_central(baseline.name, base)
    _demand_central(scenario.name, found)
    checks = _worst_of(checks_of(base_params, base), checks_of(params, found))
    status = np.maximum(base.status, found.status)
    solved = 1 + np.flatnonzero(status[1:] == SOLVED)
    tiers = tiers_by_good(scenario, world)
    subjects = subjects_of(scenario, baseline, world, params, found, base)
    guarantees = answer_guarantees(scenario, baseline, params, found, base, solved)
    answered = tuple(guarantee.measure for guarantee in guarantees)
    facts = _facts(scenario, baseline, world, params, found, base, tiers, version, answered)
    states = switch_states(scenario, baseline, sample)
    switched = _switched(states, solved) if draws else ()
    facts = replace(facts, left_out=left_out, subjects=subjects, switched=switched)
    made = [_answered(offer, facts.focus, params, found, base, solved, states, jobs, steps) for offer in offered]
    offers = tuple(each.answer for each in made)
    invested = invested_in(scenario, baseline, world, params, found, sample)
    own = [measure for measures in own_projects(scenario, baseline).values() for measure in measures]
    removals = removed_by(own, invested, subjects, params, found, base, facts.focus)
    projects = answer_projects(
        scenario,
        baseline,
        world,
        subjects,
        params,
        found,
        base,
        solved,
        sample,
        jobs,
        lambda: steps.done("what mines alone would do"),
        invested,
        removals,
    )
    places = tuple(own_projects(scenario, baseline))
    cases = cases_of(subjects, scenario.switches, states, places, params, found, base, facts.focus, solved)
    more = (
        *offer_beside(made, params, found, base),
        *capital_beside(invested, removals, found.years, facts.focus),
    )
    steps.done("tables")
    runs = scenario.name, params, base_params, found, base, solved
    reached = thresholds_table(scenario.name, subjects, params, found, base, solved, tiers)
    summary = pd.concat([summary_table(*runs, tiers, more), reached], ignore_index=True)
    return Outcome(
        facts=facts,
        offers=offers,
        guarantees=guarantees,
        projects=projects,
        stocks=answer_stockpiles(params, found, solved),
        cases=cases,
        summary=summary,
        unsolved=unsolved_table(*runs, more) if len(solved) < draws else None,
        flows=flows_table(params, found, base, solved),
        markets=markets_table(params, base_params, found, base),
        checks=checks,
        drawn=drawn_inputs(scenario, sample),
        headline=headline_series(params, found, base, offers),
    )


def _solved(name: str, params: Params, jobs: int, steps: Steps) -> Trajectory:
    """All draws of a run, its progress told under its name."""
    return simulate_batches(params, jobs, step=lambda: steps.done(name))


def _demand_central(name: str, run: Trajectory) -> None:
    """Raise ConvergenceError where the central run has no equilibrium."""
    if run.status[0] != SOLVED:
        raise ConvergenceError(f"{name}: the central run is {STATUS_WORDS[run.status[0]]}: {run.reasons[0]}")


def _switched(states: Mapping[str, Mask], solved: Index) -> tuple[SwitchDraws, ...]:
    """In how many of the solved draws each drawn switch is on."""
    return tuple(SwitchDraws(switch=name, on=int(on[solved].sum()), central=bool(on[0])) for name, on in states.items())


def _answered(
    offer: Offered,
    focus: int,
    params: Params,
    found: Trajectory,
    base: Trajectory,
    solved: Index,
    states: Mapping[str, Mask],
    jobs: int,
    steps: Steps,
) -> Answered:
    """What becomes of an offer, and what it would take to place the whole of it."""
    t = year_told(offer, focus, params)
    placing = placing_of(offer, t, params, solved, jobs, lambda: steps.done("what would be placed"))
    answer = answer_offer(offer, focus, params, found, base, solved, states, placing=placing)
    return Answered(offer=offer, answer=answer, placing=placing)


def _facts(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    params: Params,
    found: Trajectory,
    base: Trajectory,
    tiers: Mapping[str, tuple[str, ...]],
    version: str,
    answered: tuple[str, ...],
) -> RunFacts:
    """What every figure and every answer has to say about the run."""
    status = np.maximum(base.status, found.status)[1:]
    return RunFacts(
        scenario=scenario.name,
        title=scenario.title,
        question=scenario.question,
        baseline=baseline.name,
        baseline_title=baseline.title,
        world=world.name,
        years=params.years,
        focus=scenario.years.focus,
        draws=len(status),
        solved=int((status == SOLVED).sum()),
        infeasible=int((status == INFEASIBLE).sum()),
        failed=int((status == FAILED).sum()),
        tiers=_all_tiers(scenario, tiers),
        stated=stated_figures(scenario, world),
        version=version,
        cautions=tuple((good.name, good.caution) for good in world.goods if good.caution),
        notices=(
            *no_effect_notices(scenario, baseline, params, found, base, world),
            *outages_of_all(scenario, world),
            *notices_of(params, found, base, scenario.years.focus, answered),
        ),
    )


def check_together(scenario: Scenario, baseline: Scenario, world: World) -> None:
    """Raise what is wrong with a scenario beside its baseline and world that no file shows by itself."""
    baseline = replace(baseline, years=scenario.years)
    some = Draws(seed=0, count=_TRIED)
    offers_in(scenario, build_params(scenario, baseline, world, some))
    build_params(baseline, baseline, world, some)


def switch_states(scenario: Scenario, baseline: Scenario, sample: Draws) -> dict[str, Mask]:
    """Which draws have a switch on (n,), for the switches with a probability that some measure depends on."""
    used = {condition.switch for measure in scenario.measures.values() for condition in measure.when}
    return {
        name: sample.switched_on(switch, on_in_baseline(baseline.switches.get(name)))
        for name, switch in scenario.switches.items()
        if name in used and switch.probability is not None
    }


def drawn_inputs(scenario: Scenario, sample: Draws) -> dict[str, Array]:
    """Every number with a range as it was drawn, by its path, (n,) in model units."""
    numbers: list[Number] = [*scenario.parameters.values()]
    for measure in scenario.measures.values():
        numbers += measure.numbers.values()
    return {number.path: sample.values(number) for number in numbers if number.shape not in ("point", "by_year")}


def headline_series(
    params: Params, found: Trajectory, base: Trajectory, offers: tuple[OfferAnswer, ...]
) -> dict[str, Array]:
    """A few series draw by draw, (n, t): market prices and use of the markets an offer or a ban names.

    Where a scenario has no offer, the markets are those of the largest use of each good.
    """
    use = found.final_use + found.derived_use
    markets = {(offer.good, offer.destination) for offer in offers} or {
        (good, params.regions[int(np.argmax(use[0, 0, c]))]) for c, good in enumerate(params.goods)
    }
    series: dict[str, Array] = {}
    for good, region in sorted(markets):
        c, d = params.goods.index(good), params.regions.index(region)
        for name, run in (("scenario", found), ("baseline", base)):
            series[f"{name}/delivered_price/{good}/{region}"] = run.market_price[:, :, c, d]
            series[f"{name}/consumption/{good}/{region}"] = (run.final_use + run.derived_use)[:, :, c, d]
    for offer in offers:
        c, o, d = (
            params.goods.index(offer.good),
            params.regions.index(offer.origin),
            params.regions.index(offer.destination),
        )
        series[f"scenario/taken/{offer.measure}"] = found.flow[:, :, c, o, d]
    return series


def _all_tiers(scenario: Scenario, tiers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    touched = {measure.good for measure in scenario.measures.values()} or set(tiers)
    return weakest_first(tier for good in touched for tier in tiers[good])


def _worst_of(first: tuple[Check, ...], second: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(a if a.worst >= b.worst else b for a, b in zip(first, second, strict=True))
