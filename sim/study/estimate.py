"""Estimate a few parameters on all histories but one, and score them on that one.

What is estimated are factors on shipped parameters, common to all goods and episodes: nothing is fitted to an episode
alone. A set of factors is judged by its loss: the sum of misses over the sum of observed changes of each quantity,
which is 1 where the model says no more than no change; the mean over quantities and episodes, each weighted by how
many series (routes, producers, prices) it has, for one route alone says little. Episodes that tell one history share
its weight.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from scipy.optimize import minimize
from scipy.stats import qmc

from sim.errors import ScenarioError
from sim.quantity import Array, Index
from sim.records.backtest import QUANTITIES, Estimate, Factor, OutOfSample, history_of
from sim.records.params import Params
from sim.records.trajectory import SOLVED
from sim.study.backtest import Posed
from sim.study.batches import simulate_batches
from sim.study.progress import Report, Steps, unheard
from sim.study.skill import skill_of
from sim.study.told import distance, foretold, told_by

FACTORS = ("sourcing_elasticity", "contract_renewal", "demand_elasticity")
WIDEST = 4.0  # a factor is sought from a quarter to four times: about the spread of published elasticities
GRID = 256  # trial points over the three factors, a power of 2 as Sobol's points want it
RESAMPLED = 500  # times that the series are drawn anew: percentiles steady to a few hundredths
SEED = 1  # of the points and of the resampling
ENDS = (5.0, 95.0)  # percentiles, those of every band
MOST_TRIALS = 120  # of the search around the best trial point
FIRST_STEP = 0.3  # of a log factor: about the distance between trial points
CLOSE = 1e-3  # of a log factor and of the loss: where the search stops
UNSOLVED = 10.0  # loss where an episode has no equilibrium: worse than any that has


@dataclass(frozen=True, eq=False, kw_only=True)
class Tried:
    """Misses of an episode at several trial points."""

    name: str
    quantity: Index  # (k,) position in QUANTITIES of each row
    series: Index  # (k,) which rows are years of one series
    misses: Array  # (m, k) blank where not solved
    change: Array  # (k,) observed


def with_factors(params: Params, factors: Array) -> Params:
    """The central run under each row of ``factors`` (m, 3): elasticities less 1, contracts that come up, demand.

    Shares that would exceed 1 are held there, and so are elasticities of demand.
    """
    wide = params.take(np.zeros(len(factors), dtype=np.int64))
    sourcing, demand = wide.sourcing, wide.demand
    by_draw = factors[:, :, None]
    return replace(
        wide,
        sourcing=replace(
            sourcing,
            elasticity=1.0 + (sourcing.elasticity - 1.0) * by_draw[:, 0],
            elasticity_short=1.0 + (sourcing.elasticity_short - 1.0) * by_draw[:, 0],
            renewal=np.minimum(sourcing.renewal * by_draw[:, 1], 1.0),
        ),
        demand=replace(
            demand,
            elasticity=np.minimum(demand.elasticity * by_draw[:, 2], 1.0),
            elasticity_long=np.minimum(demand.elasticity_long * by_draw[:, 2], 1.0),
        ),
    )


def tried(posed: Posed, factors: Array, jobs: int = 1) -> Tried:
    """Solve an episode at every trial point."""
    params = with_factors(posed.params, factors)
    found = simulate_batches(params, jobs)
    told = told_by(params, found)
    rows = posed.after
    known = list(dict.fromkeys(each.series for each in rows))
    misses = np.stack(
        [distance(each.quantity, foretold(each, posed.base[each.series], told), each.value) for each in rows], axis=1
    )
    misses[found.status != SOLVED] = np.nan
    return Tried(
        name=posed.name,
        quantity=np.array([QUANTITIES.index(each.quantity) for each in rows]),
        series=np.array([known.index(each.series) for each in rows]),
        misses=misses,
        change=np.array([float(distance(each.quantity, each.value, posed.base[each.series])) for each in rows]),
    )


def loss(episodes: Sequence[Tried], weights: Sequence[Array] | None = None) -> Array:
    """Misses over observed changes, mean over quantities and episodes weighted by their series, (m,).

    ``weights`` (k,) of each episode tell how often a row counts.
    """
    told = Counter(history_of(episode.name) for episode in episodes)
    cells, sizes = [], []
    for place, episode in enumerate(episodes):
        weight = np.ones(len(episode.change)) if weights is None else weights[place]
        for quantity in np.unique(episode.quantity).tolist():
            mine = episode.quantity == quantity
            # a market that the model has not in a year is the same at all points: it says nothing
            mine &= ~np.isnan(episode.misses).all(axis=0)
            total = (weight[mine] * episode.change[mine]).sum()
            if total > 0:
                missed = (weight[mine] * episode.misses[:, mine]).sum(axis=1)
                cells.append(np.where(np.isnan(missed), UNSOLVED, missed / total))
                sizes.append(len(np.unique(episode.series[mine])) / told[history_of(episode.name)])
    return np.asarray(np.average(cells, axis=0, weights=sizes))


def estimate(episodes: Sequence[Posed], jobs: int = 1, report: Report = unheard) -> tuple[Estimate, ...]:
    """Estimates without each history in turn, then on all of them.

    Raises ScenarioError where there are fewer than two histories: none could be left out.
    """
    histories = list(dict.fromkeys(history_of(posed.name) for posed in episodes))
    if len(histories) < 2:
        raise ScenarioError(f"an estimate needs two histories, one to leave out; there is {', '.join(histories)}")
    steps = Steps(len(episodes) + len(histories) + 1, report)
    trials = trial_points()
    grid = []
    for posed in episodes:
        grid.append(tried(posed, trials, jobs))
        steps.done("trial points")
    found = []
    for left in [*histories, ""]:
        kept = [place for place, posed in enumerate(episodes) if history_of(posed.name) != left]
        start = trials[int(np.argmin(loss([grid[place] for place in kept])))]
        best = _best([episodes[place] for place in kept], start, jobs)
        found.append(_estimate(episodes, grid, kept, left, trials, best, jobs))
        steps.done("estimates")
    return tuple(found)


def trial_points() -> Array:
    """Factors (m, 3) to try: the shipped ones first, the edges of the search, then evenly spread in logs."""
    points = qmc.Sobol(d=len(FACTORS), scramble=True, seed=SEED).random(GRID)
    edges = np.array(list(product((0.0, -1.0, 1.0), repeat=len(FACTORS))))
    return np.concatenate([WIDEST**edges, WIDEST ** (2.0 * points - 1.0)])


def _best(episodes: Sequence[Posed], start: Array, jobs: int) -> Array:
    """The factors (3,) of least loss near a trial point."""

    def loss_at(logs: Array) -> float:
        factors = np.exp(logs)[None]
        return float(loss([tried(posed, factors, jobs) for posed in episodes])[0])

    widest, first = np.log(WIDEST), np.log(start)
    # towards the middle, so that the first simplex is within the bounds
    steps = np.diag(np.where(first > 0, -FIRST_STEP, FIRST_STEP))
    found = minimize(
        loss_at,
        first,
        method="Nelder-Mead",
        bounds=[(-widest, widest)] * len(FACTORS),
        options={
            "initial_simplex": np.vstack([first, first + steps]),
            "maxfev": MOST_TRIALS,
            "xatol": CLOSE,
            "fatol": CLOSE,
        },
    )
    return np.exp(np.asarray(found.x, dtype=np.float64))


def _estimate(
    episodes: Sequence[Posed],
    grid: Sequence[Tried],
    kept: Sequence[int],
    left: str,
    trials: Array,
    best: Array,
    jobs: int,
) -> Estimate:
    training = [grid[place] for place in kept]
    ends = np.percentile(resampled(training, trials), ENDS, axis=0)
    at_best = [tried(episodes[place], best[None], jobs) for place in kept]
    scores = [
        score
        for place in range(len(episodes))
        if place not in kept
        for score in _scores(grid[place], tried(episodes[place], best[None], jobs))
    ]
    return Estimate(
        left_out=left,
        factors=tuple(
            Factor(name=name, estimate=float(best[i]), low=float(ends[0, i]), high=float(ends[1, i]))
            for i, name in enumerate(FACTORS)
        ),
        loss_shipped=float(loss(training)[0]),
        loss=float(loss(at_best)[0]),
        scores=tuple(scores),
    )


def resampled(episodes: Sequence[Tried], trials: Array) -> Array:
    """The best trial points (RESAMPLED, 3) where the series of each quantity are drawn anew with replacement.

    Whole series are drawn, for the years of one are much alike.
    """
    stream = np.random.default_rng(SEED)
    best = np.empty((RESAMPLED, trials.shape[1]))
    for i in range(RESAMPLED):
        weights = []
        for episode in episodes:
            weight = np.zeros(len(episode.change))
            for quantity in np.unique(episode.quantity).tolist():
                series = np.unique(episode.series[episode.quantity == quantity])
                times = np.bincount(stream.choice(len(series), size=len(series)), minlength=len(series))
                weight += (times[:, None] * (episode.series == series[:, None])).sum(axis=0)
            weights.append(weight)
        best[i] = trials[int(np.argmin(loss(episodes, weights)))]
    return best


def _scores(shipped: Tried, estimated: Tried) -> list[OutOfSample]:
    found = []
    for quantity in np.unique(shipped.quantity).tolist():
        mine = (shipped.quantity == quantity) & ~np.isnan(shipped.misses[0])
        before, after = (each.misses[0, mine] for each in (shipped, estimated))
        change = shipped.change[mine]
        found.append(
            OutOfSample(
                episode=shipped.name,
                quantity=QUANTITIES[quantity],
                rows=int(mine.sum()),
                shipped=skill_of(before, change),
                estimated=skill_of(after, change),
            )
        )
    return found
