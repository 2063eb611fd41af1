"""A scenario beside its baseline of which only some numbers are wanted: solved part by part, anywhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.errors import ConvergenceError
from sim.records.params import Params
from sim.records.sampling import BATCH
from sim.records.scenario import Scenario
from sim.records.sweep import Column, Solved, Wanted
from sim.records.trajectory import SOLVED, STATUS_WORDS, Trajectory
from sim.records.world import World
from sim.study.batches import simulate_batches
from sim.study.outcomes import columns_of, values_of
from sim.study.scope import within

FLOAT_BYTES = 8  # of a number in double precision
_ROUTE_ARRAYS = 4  # flows and delivered prices, and as much again for what is read from them


@dataclass(frozen=True, eq=False, kw_only=True)
class Case:
    """What is solved: scenario and baseline, cut to some goods and to the years that the columns need."""

    scenario: Scenario
    baseline: Scenario
    world: World
    columns: tuple[Column, ...]

    @property
    def last(self) -> int:
        """The last year that any column needs."""
        return max(column.year for column in self.columns)

    def of(self, scenario: Scenario, baseline: Scenario, world: World) -> Case:
        """The same columns of another scenario and baseline; ``world`` is the whole of the world."""
        goods = self.world.good_names
        baseline = replace(baseline, years=scenario.years)
        return replace(self, scenario=within(scenario, goods, world), baseline=within(baseline, goods, world))

    def params(self, sample: Draws) -> tuple[Params, Params]:
        """What goes into scenario and baseline."""
        given = build_params(self.scenario, self.baseline, self.world, sample)
        before = build_params(self.baseline, self.baseline, self.world, sample)
        return given.until(self.last), before.until(self.last)


def case_of(scenario: Scenario, baseline: Scenario, world: World, wanted: tuple[Wanted, ...]) -> Case:
    """A case with its columns found from the central run.

    Raises ScenarioError where what is wanted does not exist, ConvergenceError where a central run has no equilibrium.
    """
    named = {each.names[1] for each in wanted}
    chains = [chain for chain in world.chains() if named & set(chain)]
    goods = tuple(good for good in world.good_names if any(good in chain for chain in chains)) or world.good_names
    baseline = replace(baseline, years=scenario.years)
    scenario, baseline, world = within(scenario, goods, world), within(baseline, goods, world), world.cut(goods)
    alone = Draws(seed=0, count=0)
    params = build_params(scenario, baseline, world, alone)
    base_params = build_params(baseline, baseline, world, alone)
    found, base = simulate_batches(params), simulate_batches(base_params)
    demand_central(scenario.name, found)
    demand_central(baseline.name, base)
    columns = columns_of(wanted, params, found, base_params, base)
    return Case(scenario=scenario, baseline=baseline, world=world, columns=columns)


def demand_central(name: str, run: Trajectory) -> None:
    """Raise ConvergenceError where the central run has no equilibrium."""
    if run.status[0] != SOLVED:
        raise ConvergenceError(f"{name}: the central run is {STATUS_WORDS[run.status[0]]}: {run.reasons[0]}")


Solver = Callable[[Params], Trajectory]


def solve_case(case: Case, sample: Draws, batch: int = BATCH, base: Solver | None = None) -> Solved:
    """The columns of a case in the draws of a sample, the central run first.

    ``base`` solves the baseline where its result is at hand already; ``batch`` draws are solved at once, which
    changes no bit.
    """
    params, base_params = case.params(sample)

    def solved(given: Params) -> Trajectory:
        return simulate_batches(given, batch=batch)

    return values_of(case.columns, params, solved(params), base_params, (base or solved)(base_params))


def bytes_per_draw(case: Case) -> int:
    """Roughly what one draw of a case takes while it is solved: two trajectories and the series read from them."""
    params, _ = case.params(Draws(seed=0, count=0))
    years, places = len(params.years), params.benchmark_flow.size
    return FLOAT_BYTES * years * places * _ROUTE_ARRAYS * 2
