"""What a block of draws tells: solved, checked and reduced to the little that the answers need of each draw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.assemble.frame import Frame
from sim.assemble.sourcing import possible_routes
from sim.checks import Check, checks_of
from sim.model import simulate
from sim.quantity import Array, Index, Mask
from sim.records.by_draw import ByDraw
from sim.records.outcome import Subject
from sim.records.scenario import Scenario
from sim.records.world import World
from sim.study.block import Block, Part
from sim.study.capital import Invested, Removed, invested_in, removed_by
from sim.study.case import demand_central
from sim.study.cases import CaseTold, case_told
from sim.study.effect import EffectTold, changed_inputs, effect_told
from sim.study.guarantee import GuaranteeTold, guarantees_told
from sim.study.notices import Ended, ended
from sim.study.offer import Offered, OfferTold, offer_told, offers_in
from sim.study.parcels import Parcel, packed
from sim.study.progress import Steps
from sim.study.project import ProjectTold, own_projects, projects_told, with_processing
from sim.study.stock_answer import StockTold, stocks_told
from sim.study.subject import moved_in, subjects_in
from sim.study.table_draws import TableDraws, table_draws
from sim.study.thresholds import Reached, reached_by


@dataclass(frozen=True, eq=False, kw_only=True)
class Posed:
    """A scenario beside its baseline, over the goods it touches, and what is known of it before it is solved."""

    scenario: Scenario
    baseline: Scenario
    world: World
    sample: Draws
    offered: tuple[Offered, ...]
    changed: tuple[str, ...]  # paths of what can make a difference
    routes: Mask  # (c, o, d) that may carry metal in any draw
    drawn_switches: bool  # whether cases are to be told apart

    @property
    def runs(self) -> int:
        """How often each draw is solved."""
        return 2 + len(self.offered) + len(with_processing(self.scenario, self.baseline, self.world))


def pose(scenario: Scenario, baseline: Scenario, world: World, sample: Draws, *, drawn_switches: bool) -> Posed:
    """What is to be solved; raises what is wrong with it, as far as the central run shows."""
    central = Draws(seed=sample.seed, count=0)
    frames = [Frame(scenario=each, world=world, draws=central, baseline=baseline) for each in (scenario, baseline)]
    return Posed(
        scenario=scenario,
        baseline=baseline,
        world=world,
        sample=sample,
        offered=offers_in(scenario, build_params(scenario, baseline, world, central)),
        changed=changed_inputs(scenario, baseline, world),
        routes=np.logical_or.reduce([possible_routes(frame) for frame in frames]),
        drawn_switches=drawn_switches,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class BlockTold(ByDraw):
    """What the answers need of each draw; ``subjects`` are all that the run could be about."""

    status: Index  # (n,) the worse of both runs
    found: Ended
    base: Ended
    effect: EffectTold
    subjects: tuple[Subject, ...]
    moved: Mask  # (n, c)
    cases: tuple[CaseTold, ...]  # of each subject, or none at all
    reached: tuple[Reached, ...]
    offers: tuple[OfferTold, ...]
    guarantees: tuple[GuaranteeTold, ...]
    stocks: tuple[StockTold, ...]
    invested: tuple[Invested, ...]
    removed: tuple[Removed, ...]
    projects: tuple[ProjectTold, ...]
    headline: Mapping[str, Array]  # (n, t)


@dataclass(frozen=True, eq=False, kw_only=True)
class Reduced:
    """What is left of a block: what it tells draw by draw, its checks, and all of it that the tables need."""

    told: BlockTold
    checks: tuple[Check, ...]
    tables: TableDraws | None


def reduced(posed: Posed, part: Part, steps: Steps, *, tables: bool) -> Reduced:
    """Solve and check the draws of a part, and reduce them; with all that ``tables`` need, where they are asked for.

    Raises
    ------
    ConvergenceError
        Where the central run of either has no equilibrium.
    BalanceError
        Where tonnes or money of either do not add up.
    """
    sample = replace(posed.sample, part=part)
    block = _solved(posed, sample, steps)
    checks = worst_of(checks_of(block.base_params, block.base), checks_of(block.params, block.found))
    return Reduced(
        told=_told(posed, block, sample, steps),
        checks=checks,
        tables=table_draws(block, posed.routes) if tables else None,
    )


@dataclass(frozen=True, kw_only=True)
class Order:
    """A part that another process is to reduce."""

    posed: Posed
    part: Part
    tables: bool


def elsewhere(order: Order) -> tuple[Parcel, tuple[str, ...]]:
    """What is left of a part, and the steps that were done for it."""
    told: list[str] = []
    made = reduced(order.posed, order.part, Steps(1, lambda _, what: told.append(what)), tables=order.tables)
    return packed(made), tuple(told)


def worst_of(first: tuple[Check, ...], second: tuple[Check, ...]) -> tuple[Check, ...]:
    """Each check with the worse of two values found."""
    return tuple(a if a.worst >= b.worst else b for a, b in zip(first, second, strict=True))


def _solved(posed: Posed, sample: Draws, steps: Steps) -> Block:
    scenario, baseline, world = posed.scenario, posed.baseline, posed.world
    params, base_params = (build_params(each, baseline, world, sample) for each in (scenario, baseline))
    base = simulate(base_params, for_central=True)
    steps.done(baseline.name)
    demand_central(baseline.name, base)
    found = simulate(params, for_central=True)
    steps.done(scenario.name)
    demand_central(scenario.name, found)
    return Block(params=params, base_params=base_params, found=found, base=base)


def _told(posed: Posed, block: Block, sample: Draws, steps: Steps) -> BlockTold:
    scenario, baseline, world = posed.scenario, posed.baseline, posed.world
    focus = scenario.years.focus
    subjects = subjects_in(scenario, baseline, world, block)
    projects = own_projects(scenario, baseline)
    invested = invested_in(scenario, baseline, world, block.params, block.found, sample)
    own = [measure for measures in projects.values() for measure in measures]
    places = tuple(projects)
    return BlockTold(
        status=np.maximum(block.base.status, block.found.status),
        found=ended(block.found),
        base=ended(block.base),
        effect=effect_told(posed.changed, scenario, block),
        subjects=subjects,
        moved=moved_in(block, focus),
        cases=tuple(case_told(each, places, focus, block) for each in subjects) if posed.drawn_switches else (),
        reached=tuple(reached for each in subjects for reached in reached_by(each, block)),
        offers=tuple(
            offer_told(offer, focus, block, lambda: steps.done("what would be placed")) for offer in posed.offered
        ),
        guarantees=guarantees_told(scenario, baseline, block),
        stocks=stocks_told(block),
        invested=invested,
        removed=removed_by(own, invested, subjects, block.params, block.found, block.base, focus),
        projects=projects_told(
            scenario, baseline, world, subjects, block, sample, lambda: steps.done("what mines alone would do")
        ),
        headline=headline_series(block, posed.offered),
    )


def headline_series(block: Block, offered: tuple[Offered, ...]) -> dict[str, Array]:
    """A few series draw by draw, (n, t): market prices and use of the markets an offer or a ban names.

    Where a scenario has no offer, the markets are those of the largest use of each good.
    """
    params, found = block.params, block.found
    use = found.final_use + found.derived_use
    markets = {(offer.good, offer.destination) for offer in offered} or {
        (c, int(np.argmax(use[0, 0, c]))) for c in range(len(params.goods))
    }
    named = sorted((params.goods[c], params.regions[d]) for c, d in markets)
    series: dict[str, Array] = {}
    for good, region in named:
        c, d = params.goods.index(good), params.regions.index(region)
        for name, run in (("scenario", found), ("baseline", block.base)):
            series[f"{name}/delivered_price/{good}/{region}"] = run.market_price[:, :, c, d]
            series[f"{name}/consumption/{good}/{region}"] = (run.final_use + run.derived_use)[:, :, c, d]
    for offer in offered:
        series[f"scenario/taken/{offer.measure.name}"] = found.flow[:, :, offer.good, offer.origin, offer.destination]
    return series
