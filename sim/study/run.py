"""Run a scenario beside its baseline: from two resolved scenarios and a world to tables and answers, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pandas as pd

from sim.assemble.build import build_params
from sim.assemble.calendar import on_in_baseline
from sim.assemble.draws import Draws
from sim.checks import Check
from sim.errors import ScenarioError
from sim.provenance import weakest_first
from sim.quantity import Array, Index, Mask
from sim.records.by_draw import joined
from sim.records.cases import SwitchCases
from sim.records.outcome import GuaranteeAnswer, OfferAnswer, ProjectAnswer, RunFacts, StockAnswer, SwitchDraws
from sim.records.sampling import BATCH, PLAIN
from sim.records.scenario import Number, Scenario
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED
from sim.records.world import World
from sim.study.block import Block, Part, parts_of
from sim.study.capital import capital_beside
from sim.study.cases import cases_of
from sim.study.effect import no_effect_notices
from sim.study.guarantee import answer_guarantee
from sim.study.notices import notices_of
from sim.study.offer import answer_offer, offers_in
from sim.study.offer_rows import offer_beside
from sim.study.parcels import unpacked
from sim.study.progress import Report, Steps, unheard
from sim.study.project import answer_projects
from sim.study.provenance import stated_figures, tiers_by_good
from sim.study.rest import outages_of_all
from sim.study.scope import touched_goods, within
from sim.study.stock_answer import answer_stockpile
from sim.study.subject import about
from sim.study.table_draws import TABLE_DRAWS, rows_shown, together
from sim.study.tables import flows_table, markets_table, summary_table, unsolved_table
from sim.study.telling import BlockTold, Order, Posed, Reduced, elsewhere, pose, reduced, worst_of
from sim.study.threshold_rows import thresholds_table
from sim.study.workers import processes

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
    block: int = BATCH,
    meanwhile: Callable[[], None] = lambda: None,
) -> Outcome:
    """Solve scenario and baseline on the same draws and over the scenario's years and put them side by side.

    At most ``block`` draws are solved, and held in memory, at once by each of ``jobs`` processes; neither changes a bit
    of what is found. Where others solve, ``meanwhile`` is done here once they have begun.

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
    states = switch_states(scenario, baseline, sample)
    asked = pose(scenario, baseline, world, sample, drawn_switches=bool(states))
    told_by_tables = min(draws, TABLE_DRAWS)
    first = parts_of(1, told_by_tables + 1, block)
    rest = parts_of(told_by_tables + 1, draws + 1, block) if draws > told_by_tables else []
    steps = Steps((len(first) + len(rest)) * asked.runs + 1, report)
    blocks = list(_reduced(asked, first, jobs, steps, tables=True, meanwhile=meanwhile))
    tables = _tables(asked, blocks, unsolved=bool(rest))
    blocks = [replace(each, tables=None) for each in blocks]
    blocks += _reduced(asked, rest, jobs, steps, tables=False)
    steps.done("tables")
    checks = reduce(worst_of, (each.checks for each in blocks))
    told = joined([each.told for each in blocks])
    return _outcome(asked, told, tables, states, version, left_out, checks)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Tables:
    """The central run and the tables of the draws behind them; ``unsolved`` where it may be wanted."""

    central: Block
    summary: pd.DataFrame
    unsolved: pd.DataFrame | None
    flows: pd.DataFrame


def _reduced(
    asked: Posed,
    parts: list[Part],
    jobs: int,
    steps: Steps,
    *,
    tables: bool,
    meanwhile: Callable[[], None] = lambda: None,
) -> Iterator[Reduced]:
    """What is left of each part of the draws, in their order; ``jobs`` processes change the time and nothing else.

    Where there are several, this one solves nothing: others have loaded the engine while it read the scenario.
    """
    if jobs == 1 or len(parts) <= 1:
        yield from (reduced(asked, part, steps, tables=tables) for part in parts)
        return
    with processes(min(jobs, len(parts)), elsewhere) as submit:
        waiting = [submit(Order(posed=asked, part=part, tables=tables)) for part in parts]
        meanwhile()
        for each in waiting:
            parcel, told = each.result()
            for what in told:
                steps.done(what)
            yield unpacked(parcel)


def _tables(asked: Posed, blocks: list[Reduced], *, unsolved: bool) -> _Tables:
    """The tables of some blocks; the unsolved one where some of their draws are unsolved, or where it is asked for."""
    name, tiers = asked.scenario.name, tiers_by_good(asked.scenario, asked.world)
    told = together([each.tables for each in blocks if each.tables is not None])
    status = joined([each.told.status for each in blocks])
    solved = _solved(status)
    wanted = unsolved or len(solved) < len(status) - 1
    return _Tables(
        central=told.central,
        summary=summary_table(name, rows_shown(told), solved, tiers),
        unsolved=unsolved_table(name, rows_shown(told), solved) if wanted else None,
        flows=flows_table(told, solved),
    )


def _solved(status: Index) -> Index:
    """Rows of the draws that are solved, the central run left out."""
    return 1 + np.flatnonzero(status[1:] == SOLVED)


def _outcome(
    asked: Posed,
    told: BlockTold,
    tables: _Tables,
    states: Mapping[str, Mask],
    version: str,
    left_out: tuple[str, ...],
    checks: tuple[Check, ...],
) -> Outcome:
    """The answers, from what all draws tell and the central run."""
    scenario, focus, central = asked.scenario, asked.scenario.years.focus, tables.central
    years = central.params.years
    draws, solved = len(told.status) - 1, _solved(told.status)
    tiers = tiers_by_good(scenario, asked.world)
    subjects = tuple(each for each in told.subjects if about(each, central.params.goods, told.moved))
    removed = [each for each in told.removed if each.subject in subjects]
    guarantees = tuple(answer_guarantee(each, solved) for each in told.guarantees)
    facts = replace(
        _facts(asked, told, central, tiers, version, tuple(each.measure for each in guarantees)),
        left_out=left_out,
        subjects=subjects,
        switched=_switched(states, solved) if draws else (),
        table_draws=TABLE_DRAWS if draws > TABLE_DRAWS else None,
    )
    offers = tuple(answer_offer(each, central, solved, states) for each in told.offers)
    more = (
        *offer_beside(list(zip(told.offers, offers, strict=True)), years),
        *capital_beside(told.invested, removed, years, focus),
    )
    reached = [each for each in told.reached if each.subject in subjects]
    summary = [tables.summary, thresholds_table(scenario.name, reached, years, solved, tiers)]
    unsolved = [] if tables.unsolved is None or len(solved) == draws else [tables.unsolved]
    if more:
        summary.insert(1, summary_table(scenario.name, more, solved, tiers))
        unsolved += [unsolved_table(scenario.name, more, solved)] if unsolved else []
    mine = [each for each in told.projects if each.subject in subjects]
    cases = [pair for pair in zip(told.subjects, told.cases, strict=False) if pair[0] in subjects]
    return Outcome(
        facts=facts,
        offers=offers,
        guarantees=guarantees,
        projects=answer_projects(mine, told.invested, removed, years, focus, solved),
        stocks=tuple(answer_stockpile(each, years, solved) for each in told.stocks),
        cases=cases_of(cases, scenario.switches, states, focus, solved),
        summary=pd.concat(summary, ignore_index=True),
        unsolved=pd.concat(unsolved, ignore_index=True) if unsolved else None,
        flows=tables.flows,
        markets=markets_table(central),
        checks=checks,
        drawn=drawn_inputs(scenario, asked.sample),
        headline=told.headline,
    )


def _switched(states: Mapping[str, Mask], solved: Index) -> tuple[SwitchDraws, ...]:
    """In how many of the solved draws each drawn switch is on."""
    return tuple(SwitchDraws(switch=name, on=int(on[solved].sum()), central=bool(on[0])) for name, on in states.items())


def _facts(
    asked: Posed,
    told: BlockTold,
    central: Block,
    tiers: Mapping[str, tuple[str, ...]],
    version: str,
    answered: tuple[str, ...],
) -> RunFacts:
    """What every figure and every answer has to say about the run."""
    scenario, baseline, world = asked.scenario, asked.baseline, asked.world
    status = told.status[1:]
    return RunFacts(
        scenario=scenario.name,
        title=scenario.title,
        question=scenario.question,
        baseline=baseline.name,
        baseline_title=baseline.title,
        world=world.name,
        years=central.params.years,
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
            *no_effect_notices(scenario, baseline, told.effect, world),
            *outages_of_all(scenario, world),
            *notices_of(central.params, central.found, (told.found, told.base), scenario.years.focus, answered),
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


def _all_tiers(scenario: Scenario, tiers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    touched = {measure.good for measure in scenario.measures.values()} or set(tiers)
    return weakest_first(tier for good in touched for tier in tiers[good])
