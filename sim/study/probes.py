"""Answer the probes of a page: each distinct run is solved once, no further than the last year asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property

import numpy as np

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.checks import checks_of
from sim.core.policy import open_part, summed_rates
from sim.core.sourcing import log_weights, logit_shares, price_line
from sim.errors import ConvergenceError, ScenarioError
from sim.indicators import Series, by_place, indicators_of, world_price
from sim.quantity import Array, Index, Mask
from sim.records.footing import LEVEL
from sim.records.outcome import Band
from sim.records.params import Params
from sim.records.probes import CHANGE, AnsweredTable, Probe, ProbePage, RunKey
from sim.records.scenario import Scenario
from sim.records.trajectory import SOLVED, STATUS_WORDS, Trajectory
from sim.records.world import World
from sim.study.bands import band
from sim.study.batches import simulate_batches
from sim.study.beside import routes_in_use
from sim.study.offer import Offered, offers_in, placing_of, year_told
from sim.study.scope import within

Load = Callable[[str, str], Scenario]


@dataclass(frozen=True, eq=False, kw_only=True)
class Solved:
    """A run with what it was given; ``draws`` are the rows solved besides the central one."""

    params: Params
    found: Trajectory
    draws: Index
    offers: tuple[Offered, ...]

    @cached_property
    def series(self) -> tuple[Series, ...]:
        """The indicators of the tables of a run."""
        return tuple(indicators_of(self.params, self.found, routes_in_use(self.found)))


def answer_probes(page: ProbePage, load: Load, world: World, jobs: int = 1) -> tuple[AnsweredTable, ...]:
    """Every number of a page; ``load`` gives a scenario by its name and a text for SET.

    Raises
    ------
    ScenarioError
        Where a scenario, a SET or a probe names what is not there.
    ConvergenceError
        Where a central run has no equilibrium.
    BalanceError
        Where tonnes or money of a run do not add up.
    """
    load = cache(load)  # the baseline is wanted beside every run
    cells = [cell for table in page.tables for row in table.rows for cell in row.cells]
    last: dict[RunKey, int] = {}
    goods: dict[RunKey, set[str]] = {}
    drawn: set[RunKey] = set()
    for cell in cells:
        for probe in parts_of(cell.probe):
            for key in probe.runs:
                last[key] = max(last.get(key, 0), *probe.years)
                goods.setdefault(key, set()).add(probe.good)
        if cell.drawn:
            drawn |= set(cell.probe.runs)
    runs = {
        key: solve_run(
            key,
            load,
            world,
            year,
            Draws(seed=page.seed, count=page.draws if key in drawn else 0),
            jobs,
            in_chains(goods[key], world),
        )
        for key, year in last.items()
    }
    return tuple(
        AnsweredTable(
            table=table,
            answers=tuple(tuple(answer(cell.probe, runs, cell.drawn) for cell in row.cells) for row in table.rows),
        )
        for table in page.tables
    )


def parts_of(probe: Probe) -> Iterable[Probe]:
    """A probe and the one that divides it."""
    yield probe
    if probe.per is not None:
        yield from parts_of(probe.per)


def in_chains(goods: Collection[str], world: World) -> tuple[str, ...]:
    """All goods of the chains that some of them belong to: only these have to be solved."""
    return tuple(good for chain in world.chains() if set(chain) & set(goods) for good in chain) or world.good_names


def solve_run(
    key: RunKey, load: Load, world: World, last: int, draws: Draws, jobs: int = 1, goods: tuple[str, ...] = ()
) -> Solved:
    """One run up to the year ``last``: years do not look ahead, so the later ones change nothing.

    ``goods`` are whole chains; without them every good of the world is solved.
    """
    scenario = load(key.scenario, key.overrides)
    baseline = load(scenario.compare_with or scenario.chain[-1], "")
    if last > scenario.years.last:
        raise ScenarioError(f"{key.scenario}: {last} is after the last year, {scenario.years.last}")
    cut = replace(scenario, years=replace(scenario.years, last=max(last, scenario.years.first)))
    if goods:
        cut, baseline, world = within(cut, goods, world), within(baseline, goods, world), world.cut(goods)
    params = build_params(cut, baseline, world, draws)
    found = simulate_batches(params, jobs)
    if found.status[0] != SOLVED:
        raise ConvergenceError(f"{key.scenario} {key.overrides}: {STATUS_WORDS[found.status[0]]}: {found.reasons[0]}")
    checks_of(params, found)
    return Solved(
        params=params,
        found=found,
        draws=1 + np.flatnonzero(found.status[1:] == SOLVED),
        offers=offers_in(cut, params),
    )


def answer(probe: Probe, runs: Mapping[RunKey, Solved], banded: bool = False) -> Band:
    """The number of a probe, with its band over the draws solved in all its runs where that is asked for."""
    draws = np.array([], dtype=np.int64)
    if banded:
        draws = runs[probe.run].draws
        for key in probe.runs:
            draws = np.intersect1d(draws, runs[key].draws)
    rows = np.concatenate([[0], draws])
    return band(_value(probe, runs, rows), np.arange(1, len(rows)))


def _value(probe: Probe, runs: Mapping[RunKey, Solved], rows: Index) -> Array:
    """The number in the rows (n,) asked for."""
    value = _over_years(probe, runs[probe.run])[rows]
    if probe.against is not None:
        other = _over_years(probe, runs[probe.against])[rows]
        value = value / other - 1.0 if probe.relative else value - other
    return value if probe.per is None else value / _value(probe.per, runs, rows)


def _over_years(probe: Probe, run: Solved) -> Array:
    series = series_of(probe, run)
    for year in probe.years:
        if year not in run.params.years:
            raise ScenarioError(f"{probe.indicator}: no year {year} in {probe.run.scenario}")
    first, *second = (series[:, run.params.years.index(year)] for year in probe.years)
    if probe.kind == LEVEL:
        return first
    difference: Array = second[0] - first
    return difference / first if probe.kind == CHANGE else difference


def series_of(probe: Probe, run: Solved) -> Array:
    """One indicator at one place over the years, (n, t): those of the tables of a run, and the ones below."""
    derived = _DERIVED.get(probe.indicator)
    if derived is not None:
        return derived(probe, run)
    for series in run.series:
        if series.indicator == probe.indicator:
            places = list(zip(series.goods, series.regions, series.partners, strict=True))
            if (probe.good, probe.region, probe.partner) in places:
                return series.numbers[:, :, places.index((probe.good, probe.region, probe.partner))]
    place = " ".join(part for part in (probe.good, probe.region, probe.partner) if part)
    raise ScenarioError(f"{probe.run.scenario}: no indicator {probe.indicator!r} for {place}")


def _place(probe: Probe, run: Solved) -> tuple[int, int]:
    return _position(run.params.goods, probe.good, probe), _position(run.params.regions, probe.region, probe)


def _route(probe: Probe, run: Solved) -> tuple[int, int, int]:
    c, d = _place(probe, run)
    return c, _position(run.params.regions, probe.partner, probe), d


def _position(names: tuple[str, ...], name: str, probe: Probe) -> int:
    if name not in names:
        raise ScenarioError(f"{probe.indicator}: no {name!r} among {', '.join(names)}")
    return names.index(name)


def _flow(probe: Probe, run: Solved) -> Array:
    """Tonnes from partner to region. [kt/yr]"""
    c, o, d = _route(probe, run)
    return run.found.flow[:, :, c, o, d]


def _route_price(probe: Probe, run: Solved) -> Array:
    """Delivered price of the partner's metal in the region. [USD/t]"""
    c, o, d = _route(probe, run)
    return run.found.delivered_price[:, :, c, o, d]


def _placing_discount(probe: Probe, run: Solved) -> Array:
    """Price cut at which the whole offer of the partner to the region would be placed; no draws but the central. [1]"""
    c, o, d = _route(probe, run)
    here = [offer for offer in run.offers if (offer.good, offer.origin, offer.destination) == (c, o, d)]
    if not here:
        raise ScenarioError(f"{probe.run.scenario}: no offer from {probe.partner} to {probe.region}")
    params = run.params.take(np.array([0]))
    series = np.full(run.found.flow.shape[:2], np.nan)
    for year in probe.years:
        placed = placing_of(here[0], year_told(here[0], year, params), params, np.array([], dtype=np.int64))
        series[0, run.params.years.index(year)] = placed.discount[0]
    return series


def _asset_output(probe: Probe, run: Solved) -> Array:
    """Output of the asset whose own name is the partner: a fleet of the region, or a project. [kt/yr]"""
    names = run.params.technology.names
    name = probe.partner if probe.partner in names else f"{probe.good}/{probe.region}/{probe.partner}"
    return run.found.output[:, :, _position(names, name, probe)]


def _first_output(probe: Probe, run: Solved) -> Array:
    """The first year in which the asset named by the partner gives anything, blank where none does. [year]"""
    made = _asset_output(probe, run) > 0
    first = np.where(made.any(axis=1), np.array(run.params.years)[made.argmax(axis=1)], np.nan)
    return np.broadcast_to(first[:, None], made.shape)


def _price_elsewhere(probe: Probe, run: Solved) -> Array:
    """Producer prices outside the region, weighted with output. [USD/t]"""
    c, r = _place(probe, run)
    output = by_place(run.params, run.found.output)
    output[:, :, :, r] = 0.0
    return world_price(run.found.producer_price, output)[:, :, c]


def _premium(probe: Probe, run: Solved) -> Array:
    """Producer price of the region less that of all others: what its metal earns above the rest. [USD/t]"""
    c, r = _place(probe, run)
    return run.found.producer_price[:, :, c, r] - _price_elsewhere(probe, run)


def _duty(probe: Probe, run: Solved) -> Array:
    """Duties on metal from partner to region, mean of the year. [1]"""
    c, o, d = _route(probe, run)
    policy = run.params.policy
    total = np.zeros(run.found.flow.shape[:2])
    for wedge in (policy.tariffs_fob, policy.tariffs_cif):
        total += (wedge.rate * wedge.routes[:, c, o, d]).sum(axis=2)
    return total


def _duty_paid(probe: Probe, run: Solved) -> Array:
    """Duty on a tonne at the price outside the region. [USD/t]"""
    return _duty(probe, run) * _price_elsewhere(probe, run)


def _flow_by_hand(probe: Probe, run: Solved, moving: Mask) -> Array:
    """Tonnes that the shares of eq. 9 alone would give, all contracts up. [kt/yr]

    Imports and capacities are those of the benchmark year, the policies those of each year. Producer prices are
    those of the benchmark year too, save for the origins (o) that are ``moving``: theirs are as the run found them.
    """
    c, o, d = _route(probe, run)
    params = run.params
    sourcing, policy = params.sourcing, params.policy
    abroad = np.arange(len(params.regions)) != d
    imports = params.benchmark_flow[c, abroad, d].sum()
    flow = np.zeros(run.found.flow.shape[:2])
    for t in range(len(params.years)):
        fob, cif, tax, extra = (
            summed_rates(wedge.routes, wedge.rate[:, t])
            for wedge in (policy.tariffs_fob, policy.tariffs_cif, policy.export_taxes, policy.surcharges)
        )
        found = run.found.producer_price[:, t]
        known = params.benchmark_producer_price
        producer = np.where(moving & ~np.isnan(found), found, known)
        slope, intercept = price_line(fob, cif, tax, policy.freight + extra)
        price = slope * producer[:, :, :, None] + intercept
        usable = (open_part(policy.bans.routes, policy.bans.rate[:, t]) > 0) & abroad[:, None]
        weight = log_weights(sourcing.taste, sourcing.reference_price, sourcing.elasticity, usable)
        flow[:, t] = imports * logit_shares(weight, np.log(price), sourcing.elasticity)[:, c, o, d]
    return flow


def _flow_at_fixed_prices(probe: Probe, run: Solved) -> Array:
    """By hand, with every producer price as in the benchmark year. [kt/yr]"""
    return _flow_by_hand(probe, run, np.zeros(len(run.params.regions), dtype=bool))


def _flow_at_own_price(probe: Probe, run: Solved) -> Array:
    """By hand, with the partner's producer price as found and all others as in the benchmark year. [kt/yr]"""
    return _flow_by_hand(probe, run, np.arange(len(run.params.regions)) == _route(probe, run)[1])


def _flow_at_found_prices(probe: Probe, run: Solved) -> Array:
    """By hand, with every producer price as found. [kt/yr]"""
    return _flow_by_hand(probe, run, np.ones(len(run.params.regions), dtype=bool))


_DERIVED: Mapping[str, Callable[[Probe, Solved], Array]] = {
    "flow": _flow,
    "route_price": _route_price,
    "placing_discount": _placing_discount,
    "asset_output": _asset_output,
    "first_output": _first_output,
    "price_elsewhere": _price_elsewhere,
    "premium": _premium,
    "duty": _duty,
    "duty_paid": _duty_paid,
    "flow_at_fixed_prices": _flow_at_fixed_prices,
    "flow_at_own_price": _flow_at_own_price,
    "flow_at_found_prices": _flow_at_found_prices,
}
