"""Which inputs, and which tiers of evidence, the variance of an outcome comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws, Levels
from sim.errors import ScenarioError
from sim.provenance import weakest_first
from sim.quantity import Array, Index, Mask
from sim.records.attribution import (
    ALONE,
    IDLE,
    TOGETHER,
    Attribution,
    Input,
    InputPart,
    OutcomeParts,
    Part,
    TierPart,
)
from sim.records.footing import DIFFERENCE
from sim.records.outcome import RunFacts
from sim.records.sampling import BATCH
from sim.records.scenario import Place, Scenario
from sim.records.sweep import Column, Solved, Wanted
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED
from sim.records.world import World
from sim.study.bands import band
from sim.study.batches import simulate_batches
from sim.study.block import Block
from sim.study.case import Case, case_of, demand_central
from sim.study.inputs import ENDS, acting_inputs, inputs_of, refuse_correlated, without_range
from sim.study.offer import offers_in, year_told
from sim.study.progress import Report, Steps, unheard
from sim.study.provenance import stated_figures, tiers_by_good
from sim.study.scope import touched_goods, within
from sim.study.sobol import (
    SCREENED,
    Design,
    Indices,
    Told,
    design_of,
    indices_of,
    need_library,
    screened,
    screening,
    told_over,
)
from sim.study.subject import about, moved_in, subjects_in
from sim.study.workers import Task, solving

MOST_ALONE = 12  # inputs with an index of their own where nothing else is said: as many as a figure shows
WORK = 190_000_000  # draws times years times routes of a default attribution: some two minutes on two cores
LEAST_ROWS, MOST_ROWS = 64, 4096  # of a default: fewer tell nothing, more add no digit that is told
_BATCHES = 2  # of a task: its central run, solved again in each, then costs little
_TRIED = 8  # draws that tell what moves where a switch is off in the central run
_NOWHERE = Place(file="OUTCOMES", line=1, column=1)
_UNKNOWN = Part(first=np.nan, first_half=np.nan, total=np.nan, total_half=np.nan)
_NOTHING = Part(first=0.0, first_half=0.0, total=0.0, total_half=0.0)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How an attribution is made; ``base`` None stands for as many rows as two minutes allow."""

    of: str
    base: int | None
    most_alone: int | None  # None for all inputs
    seed: int
    jobs: int


Solve = Callable[[Iterable[Task]], Iterator[Solved]]


class Runner:
    """A case in the place of a function of levels; counts what became of the draws."""

    def __init__(self, case: Case, names: Sequence[str], of: str, solve: Solve, steps: Steps) -> None:
        self._case, self._names, self._of, self._solve, self._steps = case, names, of, solve, steps
        self.counted = dict.fromkeys((SOLVED, INFEASIBLE, FAILED), 0)
        self.central = np.zeros(0)

    def __call__(self, levels: Array) -> Array:
        """The outcomes (m, k) at levels (m, d), blank where a draw is not solved."""
        told = []
        for solved in self._solve(self._tasks(levels)):
            values = solved.level - solved.before if self._of == DIFFERENCE else solved.level
            self.central = values[0]
            told.append(values[1:])
            for status in self.counted:
                self.counted[status] += int((solved.status[1:] == status).sum())
            self._steps.done("solving")
        return np.concatenate(told)

    def _tasks(self, levels: Array) -> Iterator[Task]:
        for part in np.array_split(levels, tasks_of(len(levels))):
            columns = {name: part[:, i] for i, name in enumerate(self._names)}
            yield Task(case=self._case, sample=Levels(seed=0, count=len(part), levels=columns))


def tasks_of(draws: int) -> int:
    """Into how many tasks draws are cut."""
    return -(-draws // (_BATCHES * BATCH - 1))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Chain:
    """The outcomes of one chain of goods, solved together: only its inputs are drawn."""

    case: Case
    inputs: tuple[Input, ...]
    acting: Mask  # (d,)

    @property
    def tiers(self) -> tuple[str, ...]:
        return weakest_first(each.tier for each in self.inputs)

    def groups(self, alone: Index) -> Mask:
        """Each input that stands alone, all other acting ones together, then those of each tier, (g, d)."""
        single = np.eye(len(self.inputs), dtype=bool)[alone]
        rest = self.acting & ~single.any(axis=0)
        of_tier = [[each.tier == tier for each in self.inputs] for tier in self.tiers]
        return np.concatenate([single, rest[None], np.array(of_tier, dtype=bool)])


def attribute(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    wanted: tuple[Wanted, ...],
    asked: Asked,
    version: str,
    report: Report = unheard,
) -> Attribution:
    """Parts of the variance of each outcome by input and by tier, and how far each input alone moves it.

    Raises ScenarioError where correlated inputs act, nothing is drawn or SALib is missing; ConvergenceError where too
    many draws are not solved.
    """
    need_library()
    chains = [_chain(scenario, baseline, world, part, asked) for part in _by_chain(wanted, world)]
    designs = [_plan(chain, asked, len(chains)) for chain in chains]
    steps = Steps(
        sum(_steps_of(chain, rows, alone) for chain, (rows, alone) in zip(chains, designs, strict=True)), report
    )
    counted = dict.fromkeys((SOLVED, INFEASIBLE, FAILED), 0)
    outcomes: list[OutcomeParts] = []
    with solving(asked.jobs) as solve:
        for chain, (rows, alone) in zip(chains, designs, strict=True):
            runner = Runner(chain.case, [each.name for each in chain.inputs], asked.of, solve, steps)
            outcomes += _outcomes(chain, runner, rows, alone, asked.seed)
            counted = {status: counted[status] + runner.counted[status] for status in counted}
    return Attribution(
        facts=_facts(scenario, baseline, world, chains, counted, version),
        of=asked.of,
        base=max(rows for rows, _ in designs),
        outcomes=tuple(outcomes),
        fixed=tuple((number.tier, text) for chain in chains for number, text in without_range(chain.case)),
    )


def default_outcomes(scenario: Scenario, baseline: Scenario, world: World) -> tuple[Wanted, ...]:
    """What becomes of offers, then price and dependence of the markets that a scenario is about, in its focus year.

    Raises ScenarioError where the scenario moves nothing: there is nothing it is about; ConvergenceError where a
    central run has no equilibrium.
    """
    baseline = replace(baseline, years=scenario.years)
    goods = touched_goods(scenario, baseline, world)
    scenario, baseline, world = within(scenario, goods, world), within(baseline, goods, world), world.cut(goods)
    sample, focus = Draws(seed=0, count=_TRIED), scenario.years.focus
    params = build_params(scenario, baseline, world, sample)
    offers = offers_in(scenario, params)
    names: list[tuple[tuple[str, ...], int]] = []
    for offer in offers:
        year = params.years[year_told(offer, focus, params)]
        place = params.goods[offer.good], params.regions[offer.destination]
        names.append((("flow_under_bound", *place, offer.measure.name), year))
    given, before = params.until(focus), build_params(baseline, baseline, world, sample).until(focus)
    block = Block(params=given, base_params=before, found=simulate_batches(given), base=simulate_batches(before))
    demand_central(scenario.name, block.found)
    demand_central(baseline.name, block.base)
    moved = moved_in(block, focus)
    for subject in subjects_in(scenario, baseline, world, block):
        if about(subject, world.good_names, moved):
            place = subject.goods[0], subject.market
            names += [(("delivered_price", *place), focus), (("import_share", *place, subject.country), focus)]
    if not names:
        raise ScenarioError(f"{scenario.name} moves nothing by {focus}: say OUTCOMES=indicator.good.region.year")
    return tuple(Wanted(names=each, year=year, place=_NOWHERE) for each, year in names)


def _by_chain(wanted: tuple[Wanted, ...], world: World) -> Iterator[tuple[Wanted, ...]]:
    """What is wanted of each chain of goods; an unknown good is told when its case is made."""
    chain_of = {good: i for i, chain in enumerate(world.chains()) for good in chain}
    for chain in dict.fromkeys(chain_of.get(each.names[1], -1) for each in wanted):
        yield tuple(each for each in wanted if chain_of.get(each.names[1], -1) == chain)


def _chain(scenario: Scenario, baseline: Scenario, world: World, wanted: tuple[Wanted, ...], asked: Asked) -> _Chain:
    case = case_of(scenario, baseline, world, wanted)
    inputs = inputs_of(case)
    if not inputs:
        raise ScenarioError(f"{scenario.name}: no number that acts on {', '.join(case.world.good_names)} has a range")
    acting = acting_inputs(case, inputs, asked.seed)
    refuse_correlated(case, inputs, acting)
    return _Chain(case=case, inputs=inputs, acting=acting)


def _plan(chain: _Chain, asked: Asked, chains: int) -> tuple[int, int]:
    """Base rows, and how many inputs get an index of their own."""
    alone = int(chain.acting.sum())
    alone = alone if asked.most_alone is None else min(alone, asked.most_alone)
    if asked.base is not None:
        return asked.base, alone
    case = chain.case
    draw = len(range(case.scenario.years.first, case.last + 1)) * case.world.flows.size
    rows = WORK / chains / draw / (2 + alone + 1 + len(chain.tiers))
    return int(2 ** np.floor(np.log2(np.clip(rows, LEAST_ROWS, MOST_ROWS)))), alone


def _steps_of(chain: _Chain, rows: int, alone: int) -> int:
    """Tasks of an attribution, about: some groups may turn out to be the same."""
    acting = int(chain.acting.sum())
    before = 2 * acting + (SCREENED * (acting + 1) if alone < acting else 0)
    return tasks_of(before) + tasks_of(rows * (2 + alone + (alone < acting) + len(chain.tiers)))


def _outcomes(chain: _Chain, runner: Runner, rows: int, most_alone: int, seed: int) -> list[OutcomeParts]:
    design = design_of(len(chain.inputs), rows, seed, chain.acting)
    swings, alone = _one_by_one(chain, runner, design, most_alone)
    told = told_over(runner, design, chain.groups(alone))
    return [
        _parts(chain, column, told, k, alone, swings[:, :, k], float(runner.central[k]), seed)
        for k, column in enumerate(chain.case.columns)
    ]


def _one_by_one(chain: _Chain, runner: Runner, design: Design, most_alone: int) -> tuple[Array, Index]:
    """Outcomes with each input alone at either end, (d, 2, k), and which inputs move an outcome most.

    Where all acting inputs get an index of their own nothing is solved to tell that.
    """
    acting = np.flatnonzero(chain.acting)
    single = np.eye(len(chain.inputs), dtype=bool)[acting]
    ends = np.full((len(acting), 2, len(chain.inputs)), np.nan)
    for row, i in enumerate(acting):
        # a switch is on at level 0, whatever its probability
        ends[row, :, i] = (1.0, 0.0) if chain.inputs[i].is_switch else ENDS
    levels = ends.reshape(-1, len(chain.inputs))
    screens = most_alone < len(acting)
    if screens:
        levels = np.concatenate([levels, screening(design, single)])
    told = runner(levels)
    swings = np.tile(runner.central, (len(chain.inputs), 2, 1))
    swings[acting] = told[: 2 * len(acting)].reshape(len(acting), 2, -1)
    if not screens:
        return swings, acting
    moved = screened(told[2 * len(acting) :], len(design.first))
    most = np.argsort(-moved, kind="stable")[:most_alone]
    return swings, np.sort(acting[most])


def _parts(
    chain: _Chain, column: Column, told: Told, k: int, alone: Index, swings: Array, central: float, seed: int
) -> OutcomeParts:
    found, kept = indices_of(told, k, seed, column.text)
    sample = np.concatenate([told.first[kept, k], told.second[kept, k]])
    place = {int(i): g for g, i in enumerate(alone)}
    inputs = []
    for i, each in enumerate(chain.inputs):
        fate = ALONE if i in place else TOGETHER if chain.acting[i] else IDLE
        part = _part(found, place[i]) if fate == ALONE else _UNKNOWN if fate == TOGETHER or not found else _NOTHING
        inputs.append(
            InputPart(input=each, fate=fate, part=part, at_low=float(swings[i, 0]), at_high=float(swings[i, 1]))
        )
    some_together = any(each.fate == TOGETHER for each in inputs)
    return OutcomeParts(
        column=column,
        spread=band(np.concatenate([[central], sample]), np.arange(1, len(sample) + 1)),
        deviation=float(sample.std()) if found is not None else 0.0,
        tail=tail_of(np.concatenate([sample, told.crossed[:, kept, k].ravel()])) if found is not None else np.nan,
        rows=int(kept.sum()),
        dropped=int((~kept).sum()),
        inputs=tuple(sorted(inputs, key=_rank)),
        others=_part(found, len(alone)) if some_together else None,
        tiers=_tiers(chain, found, len(alone) + 1),
    )


def tail_of(values: Array) -> float:
    """The part of a variance that comes from the hundredth of the values (m,) farthest from their mean."""
    away = np.sort((values - values.mean()) ** 2)
    return float(away[len(away) - max(len(away) // 100, 1) :].sum() / away.sum())


def _rank(each: InputPart) -> tuple[float, float]:
    """The largest total index first; those without one behind, the largest swing first."""
    total = each.part.total if each.fate == ALONE and np.isfinite(each.part.total) else -np.inf
    return -total, -abs(each.swing) if np.isfinite(each.swing) else -np.inf


def _part(found: Indices | None, g: int) -> Part:
    if found is None:
        return _UNKNOWN
    values = found.first, found.first_half, found.total, found.total_half
    first, first_half, total, total_half = (float(each[g]) for each in values)
    return Part(first=first, first_half=first_half, total=total, total_half=total_half)


def _tiers(chain: _Chain, found: Indices | None, begin: int) -> tuple[TierPart, ...]:
    """The tiers of the inputs, and those that only numbers without a range have: these vary nothing."""
    fixed = [number.tier for number, _ in without_range(chain.case)]
    parts = {tier: _part(found, begin + g) for g, tier in enumerate(chain.tiers)}
    return tuple(
        TierPart(
            tier=tier,
            inputs=sum(each.tier == tier for each in chain.inputs),
            acting=sum(each.tier == tier and bool(acts) for each, acts in zip(chain.inputs, chain.acting, strict=True)),
            without_range=fixed.count(tier),
            part=parts.get(tier, _NOTHING if found is not None else _UNKNOWN),
        )
        for tier in weakest_first({*parts, *fixed})
    )


def _facts(
    scenario: Scenario,
    baseline: Scenario,
    world: World,
    chains: Sequence[_Chain],
    counted: dict[int, int],
    version: str,
) -> RunFacts:
    goods = {good for chain in chains for good in chain.case.world.good_names}
    tiers = tiers_by_good(scenario, world)
    last = max(chain.case.last for chain in chains)
    scenario = within(scenario, tuple(good for good in world.good_names if good in goods), world)
    return RunFacts(
        scenario=scenario.name,
        title=scenario.title,
        question=scenario.question,
        baseline=baseline.name,
        baseline_title=baseline.title,
        world=world.name,
        years=(world.year, *range(scenario.years.first, last + 1)),
        focus=last,
        draws=sum(counted.values()),
        solved=counted[SOLVED],
        infeasible=counted[INFEASIBLE],
        failed=counted[FAILED],
        tiers=weakest_first({tier for good in goods for tier in tiers[good]}),
        stated=stated_figures(scenario, world.cut(tuple(good for good in world.good_names if good in goods))),
        version=version,
        cautions=tuple((good.name, good.caution) for good in world.goods if good.caution and good.name in goods),
    )
