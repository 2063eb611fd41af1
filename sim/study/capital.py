"""What projects cost: capital by year, against what they earn, their market, and the dependence they remove."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.assemble.draws import Draws
from sim.assemble.frame import Frame
from sim.assemble.projects import projects_of
from sim.core.accounts import M_USD
from sim.dependence import Dependence
from sim.indicators import Series, asset_surplus, by_place, world_price
from sim.quantity import Array, Index, Mask
from sim.records.by_draw import ByDraw
from sim.records.outcome import CapitalCost, Removal, Subject
from sim.records.params import Params
from sim.records.scenario import Measure, Scenario
from sim.records.trajectory import Trajectory
from sim.records.world import World
from sim.study.bands import band
from sim.study.beside import Beside

MILLION = 1e6  # costs are typed in USD and told in million USD
LEAST_POINTS = 0.5  # of dependence: capital over next to nothing means nothing
COST = "capital_cost"


@dataclass(frozen=True, eq=False, kw_only=True)
class Invested(ByDraw):
    """One project with a stated capital cost, in M USD, draw by draw.

    ``before`` is what the baseline spends on it; ``earned`` its surplus and ``market`` the output of the world of its
    good times the price, both of the focus year.
    """

    measure: Measure
    spent: Array  # (n, t)
    before: Array  # (n, t)
    earned: Array  # (n,)
    market: Array  # (n,)

    @property
    def capital(self) -> Array:
        """All that is spent on it, (n,). [M USD]"""
        return np.asarray(self.spent.sum(axis=1))

    @property
    def payback(self) -> Array:
        """Capital over a year's surplus, (n,) years: infinite where it earns nothing, blank where nothing is spent."""
        earns = self.earned > 0
        years = np.where(earns, self.capital / np.where(earns, self.earned, 1.0), np.inf)
        return np.where((self.capital > 0) & ~np.isnan(self.earned), years, np.nan)

    @property
    def against_market(self) -> Array:
        """Capital over a year's world market of the good, (n,). [1]"""
        return np.asarray(self.capital / self.market)


def invested_in(
    scenario: Scenario, baseline: Scenario, world: World, params: Params, found: Trajectory, sample: Draws
) -> tuple[Invested, ...]:
    """The projects of scenario or baseline that state a capital cost, in the order of the files."""
    spent, before = (_spending(each, baseline, world, sample) for each in (scenario, baseline))
    t = found.years.index(scenario.years.focus)
    nothing = np.zeros((sample.rows, len(found.years)))
    invested = []
    for name in dict.fromkeys((*spent, *before)):
        measure = scenario.measures.get(name) or baseline.measures[name]
        earned = np.zeros(sample.rows)
        if name in params.technology.names:
            earned = asset_surplus(params, found, params.technology.names.index(name))[:, t]
        invested.append(
            Invested(
                measure=measure,
                spent=spent.get(name, nothing),
                before=before.get(name, nothing),
                earned=earned,
                market=world_market(params, found, t, params.goods.index(measure.good)),
            )
        )
    return tuple(invested)


def _spending(scenario: Scenario, baseline: Scenario, world: World, sample: Draws) -> dict[str, Array]:
    """Capital spent by year on each project that states what it costs, (n, t). [M USD/yr]"""
    projects = projects_of(Frame(scenario=scenario, world=world, draws=sample, baseline=baseline))
    return {
        measure.name: projects.spent[:, :, a] / MILLION
        for a, measure in enumerate(projects.measures)
        if COST in measure.numbers
    }


def world_market(params: Params, found: Trajectory, t: int, c: int) -> Array:
    """Output of the world times its mean producer price in one year, (n,). [M USD/yr]"""
    output = by_place(params, found.output[:, t : t + 1])
    price = world_price(found.producer_price[:, t : t + 1], output)
    value: Array = output[:, 0, c].sum(axis=1) * price[:, 0, c] * M_USD
    return value


def cost_of(invested: Invested, years: tuple[int, ...], draws: Index) -> CapitalCost | None:
    """What the answer says of a project's capital; None where no range can be told."""
    stated = invested.measure.numbers[COST]
    low = stated.value if stated.low is None else stated.low
    high = stated.value if stated.high is None else stated.high
    if low is None or high is None:
        return None
    spending = [year for year, amount in zip(years, invested.spent[0], strict=True) if amount > 0]
    return CapitalCost(
        measure=invested.measure.name,
        low=low / MILLION,
        high=high / MILLION,
        tier=stated.tier,
        quote=stated.quote,
        first_year=spending[0] if spending else None,
        last_year=spending[-1] if spending else None,
        spent=band(invested.capital, draws),
        earned=band(invested.earned, draws),
        payback=band(invested.payback, draws),
        against_market=band(invested.against_market, draws),
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Removed(ByDraw):
    """Dependence that a scenario takes away in one chain, and the capital of its projects there, (n,)."""

    subject: Subject
    year: int
    points: Array  # of the country's part at any stage in the market's supply; negative where it grows
    capital: Array  # M USD
    unstated: tuple[str, ...]  # projects without a stated cost

    @property
    def told(self) -> Mask:
        """Draws in which enough is removed to set the capital against it."""
        enough: Mask = (self.points >= LEAST_POINTS) & (self.capital > 0)
        return enough

    @property
    def per_point(self) -> Array:
        """Capital per point, blank where less than half a point is removed. [M USD]"""
        return np.where(self.told, self.capital / np.where(self.told, self.points, 1.0), np.nan)


def removed_by(
    own: Sequence[Measure],
    invested: Sequence[Invested],
    subjects: Sequence[Subject],
    params: Params,
    found: Trajectory,
    base: Trajectory,
    focus: int,
) -> tuple[Removed, ...]:
    """What the scenario removes by ``focus``, per chain in which a project of its ``own`` states its cost."""
    t = found.years.index(focus)
    removals = []
    for subject in subjects:
        mine = {measure.name for measure in own if measure.good in subject.goods}
        priced = [each for each in invested if each.measure.name in mine]
        if not priced:
            continue
        c, market = params.goods.index(subject.goods[0]), params.regions.index(subject.market)
        country = params.regions.index(subject.country)
        before, after = (Dependence(params, run).supply(country, c)[:, t, market] for run in (base, found))
        stated = {each.measure.name for each in priced}
        removals.append(
            Removed(
                subject=subject,
                year=focus,
                points=100 * (before - after),
                capital=np.sum([each.capital for each in priced], axis=0),
                unstated=tuple(m.name for m in own if m.name in mine and m.name not in stated),
            )
        )
    return tuple(removals)


def removal_of(removed: Removed, draws: Index) -> Removal:
    """What the answer says of the capital per point of dependence."""
    return Removal(
        country=removed.subject.country,
        market=removed.subject.market,
        points=band(removed.points, draws),
        capital=band(removed.capital, draws),
        per_point=band(removed.per_point, draws),
        draws=int(removed.told[draws].sum()),
        unstated=removed.unstated,
    )


def capital_beside(
    invested: Sequence[Invested], removals: Sequence[Removed], years: tuple[int, ...], focus: int
) -> tuple[Beside, ...]:
    """Rows of the summary: capital spent by year, and what it is set against in the focus year."""
    rows = []
    if invested:
        spent = _of_projects("capital_spent", "M USD/yr", invested, [each.spent for each in invested])
        before = np.stack([each.before for each in invested], axis=2)
        rows.append(Beside(series=spent, base=before, years=years))
        kinds = (("payback", "years", "payback"), ("capital_against_world_market", "1", "against_market"))
        for name, unit, field in kinds:
            series = _of_projects(name, unit, invested, [getattr(each, field)[:, None] for each in invested])
            rows.append(Beside(series=series, base=np.full(series.numbers.shape, np.nan), years=(focus,)))
    if removals:
        per_point = Series(
            indicator="capital_per_point",
            unit="M USD",
            goods=tuple(each.subject.goods[0] for each in removals),
            regions=tuple(each.subject.market for each in removals),
            partners=tuple(each.subject.country for each in removals),
            numbers=np.stack([each.per_point[:, None] for each in removals], axis=2),
        )
        rows.append(Beside(series=per_point, base=np.full(per_point.numbers.shape, np.nan), years=(focus,)))
    return tuple(rows)


def _of_projects(indicator: str, unit: str, invested: Sequence[Invested], values: Sequence[Array]) -> Series:
    return Series(
        indicator=indicator,
        unit=unit,
        goods=tuple(each.measure.good for each in invested),
        regions=tuple(each.measure.region or "" for each in invested),
        partners=tuple(each.measure.name for each in invested),
        numbers=np.stack(list(values), axis=2),
    )
