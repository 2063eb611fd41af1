"""The base year of every good put together: statistics of countries in, a balanced World out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.benchmark.aggregate import covered_by, membership, sum_countries, sum_flows
from sim.benchmark.balance import balance
from sim.benchmark.complete import complete_trade
from sim.benchmark.screen import screen_records
from sim.benchmark.trace import trace
from sim.errors import DataError
from sim.quantity import TONNES_PER_KT, Array
from sim.records.statistics import GoodStatistics
from sim.records.world import Region, World, WorldDefinition

_ROUNDING = 1e-9  # kt or a share: what sums of floats may miss
_LAST_DIGIT = 0.05  # kt, half of what tables with one decimal show
_ASSET_FIELDS = 5  # good, region, output, capacity and input per tonne of an asset
_MORE_DIGITS = 3  # decimals of kt for goods that are counted in tonnes

MOVES_TOLD = 12  # in the report; the rest is small
SMALLEST_MOVE = 0.5  # kt/yr
SMALLEST_MOVE_SHARE = 1e-5  # of the world's output, for goods that are counted in less
ROUNDING = 1e-9  # of a region's output
SMALLEST_SHARE = 0.01  # of a market: above, a small flow is worth keeping


@dataclass(frozen=True, eq=False, kw_only=True)
class GoodBase:
    """The base year of one good; the arrays run over regions."""

    output: Array  # (o) kt/yr, of the fleet
    capacity: Array  # (o) kt/yr, of the fleet
    flows: Array  # (o, d) kt/yr, of the fleet
    traced: Array  # (o, d) kt/yr, before balancing
    price: Array  # (o) USD/t
    input_ratio: Array  # (o) t/t, of the fleet
    notes: tuple[str, ...]


def assemble_world(definition: WorldDefinition, statistics: Sequence[GoodStatistics], fingerprint: str = "") -> World:
    """The balanced base year of all goods.

    Raises DataError where the statistics of a good cannot be brought together; see complete_trade, trace and
    balance. Rows of ``flows`` add up to output, columns to use, other assets included on the diagonal.
    """
    regions = definition.regions
    count = len(regions)
    names: list[str] = []
    rows: list[tuple[int, int, float, float, float]] = []  # good, region, output, capacity, input ratio
    flows = np.zeros((len(statistics), count, count))
    price = np.zeros((len(statistics), count))
    report: list[str] = []
    for place, good in enumerate(statistics):
        base = build_good(regions, good)
        flows[place], price[place] = base.flows, base.price
        for region in np.flatnonzero(base.output > 0).tolist():
            names.append(good.fleet)
            made, room, ratio = (float(of[region]) for of in (base.output, base.capacity, base.input_ratio))
            rows.append((place, region, made, room, ratio))
        for asset in good.other_assets:
            region = next(i for i, r in enumerate(regions) if asset.country in r.iso3)
            names.append(asset.name)
            rows.append((place, region, asset.output, asset.output / asset.utilisation, 0.0))
            flows[place, region, region] += asset.output
        report += [f"{good.good}: {note}" for note in base.notes]
    good_of, region_of, output, capacity, feed = (np.array([row[i] for row in rows]) for i in range(_ASSET_FIELDS))
    _check_unique(names, good_of, region_of)
    _check_inputs(definition, rows, flows)
    return World(
        name=definition.name,
        year=definition.year,
        regions=regions,
        goods=definition.goods,
        groups=definition.groups,
        asset_names=tuple(names),
        asset_good=good_of,
        asset_region=region_of,
        output=output,
        capacity=capacity,
        input_ratio=feed,
        producer_price=price,
        flows=flows,
        report=tuple(report),
        tiers=tuple(" ".join(good.tiers) for good in statistics),
        stated=tuple("; ".join(good.stated) for good in statistics),
        fingerprint=fingerprint,
    )


def build_good(regions: Sequence[Region], statistics: GoodStatistics) -> GoodBase:
    """The base year of one good: screened and completed by country, summed to regions, traced, balanced."""
    statistics, screened = screen_records(statistics)
    completed = complete_trade(statistics)
    member = membership(regions, statistics.countries)
    output = sum_countries(member, statistics.output)
    use = sum_countries(member, completed.use)
    between, inside = sum_flows(member, completed.trade)
    # columns whose origins stay as reported are set aside while the rest is traced and balanced
    reported, _ = sum_flows(member, completed.trade * reported_columns(statistics))
    rest = between - reported
    sent, taken = reported.sum(axis=1), reported.sum(axis=0)
    made = output - sent
    made[np.abs(made) < ROUNDING * output] = 0.0  # who sells all to such a market has nothing left, not a trace
    traced = trace(made, use - taken, rest) if statistics.traced else untraced(regions, made, rest)
    fixed = fixed_cells(statistics, member, completed.trade)
    prior, thinned = thin_out(traced, statistics.smallest_flow)
    use, closed = close_markets(regions, use, statistics.smallest_market)
    prior[:, use == 0] = 0.0
    flows = balance(prior, made, use - taken, np.where(reported > 0, np.nan, fixed)) + reported
    traced = traced + reported
    capacity, notes = fleet_capacity(regions, statistics, member, output)
    total = float(output.sum())
    summary = [
        f"output {total:.1f} kt = use {float(use.sum()):.1f} kt; trade between regions {between.sum():.1f} kt",
        f"flows inside regions dropped: {inside.sum():.1f} kt",
        *screened,
        *completed.notes,
        thinned,
        *closed,
        *_moves(regions, traced, flows, total),
        *notes,
    ]
    return GoodBase(
        output=output,
        capacity=capacity,
        flows=flows,
        traced=traced,
        price=producer_prices(statistics, member),
        input_ratio=input_ratios(statistics, member),
        notes=tuple(summary),
    )


def reported_columns(statistics: GoodStatistics) -> Array:
    """1 in the columns of countries whose imports keep the origins that are stated, else 0. (country)"""
    kept = np.zeros(len(statistics.countries))
    for market in statistics.net_imports:
        kept[statistics.position(market.country)] = float(market.reported)
    return kept


def untraced(regions: Sequence[Region], output: Array, between: Array) -> Array:
    """Flows as they are reported, what is not exported at home. (o, d) [kt/yr]

    Raises DataError where a region exports more than it makes: then it sells on what only tracing can place.
    """
    home = output - between.sum(axis=1)
    short = int(home.argmin())
    if home[short] < -_ROUNDING:
        raise DataError(f"{regions[short].name} exports {-home[short]:.3f} kt more than it makes")
    flows = between.copy()
    np.fill_diagonal(flows, np.maximum(home, 0.0))
    return flows


def thin_out(traced: Array, smallest: float) -> tuple[Array, str]:
    """Leave out traces too small to be told from rounding; balancing gives their tonnes to the other cells.

    A flow between regions goes where it is under ``smallest`` kt and under 1 % of its market. [kt/yr]
    """
    small = (traced > 0) & (traced < smallest) & (traced < SMALLEST_SHARE * traced.sum(axis=0))
    np.fill_diagonal(small, False)
    out = f"{int(small.sum())} cells, {traced[small].sum():.1f} kt"
    note = f"traced flows under {smallest * TONNES_PER_KT:.0f} t left out: {out}"
    return np.where(small, 0.0, traced), note


def close_markets(regions: Sequence[Region], use: Array, smallest: float) -> tuple[Array, list[str]]:
    """Use without the markets under ``smallest`` kt, whose tonnes the largest market takes. (d) [kt/yr]"""
    small = (use > 0) & (use < smallest)
    left = np.where(small, 0.0, use)
    left[use.argmax()] += use[small].sum()
    notes = [
        f"{regions[i].name}: use of {use[i] * TONNES_PER_KT:.2f} t left out" for i in np.flatnonzero(small).tolist()
    ]
    return left if notes else use, notes


def fixed_cells(statistics: GoodStatistics, member: Array, trade: Array) -> Array:
    """Cells that balancing must not move: closed routes and stated shares of a market's imports.

    A pair of regions is fixed where every pair of its countries with statistics is. [kt/yr], NaN where free.
    """
    countries = len(statistics.countries)
    closed, stated = np.zeros((countries, countries)), np.zeros((countries, countries))
    position = {code: i for i, code in enumerate(statistics.countries)}
    for route in statistics.closed_routes:
        for origin in route.origins:
            for destination in route.destinations:
                if origin in position and destination in position:
                    closed[position[origin], position[destination]] = 1.0
    for market in statistics.net_imports:
        for part in market.origins:
            if part.share > 0 and len(part.origins) == 1:
                stated[position[part.origins[0]], position[market.country]] = 1.0
    producing = statistics.output > 0
    buying = statistics.output + trade.sum(axis=0) > 0
    present = np.array([producing, buying])
    fixed = np.full((len(member), len(member)), np.nan)
    is_stated = covered_by(member, present, stated.astype(np.bool_))
    fixed[is_stated] = (member @ (trade * stated) @ member.T)[is_stated]
    fixed[covered_by(member, present, closed.astype(np.bool_))] = 0.0
    return fixed


def fleet_capacity(
    regions: Sequence[Region], statistics: GoodStatistics, member: Array, output: Array
) -> tuple[Array, list[str]]:
    """Capacity of each region's fleet, raised to output over the highest utilisation. (region) [kt/yr]"""
    stated = sum_countries(member, statistics.capacity)
    needed = output / statistics.highest_utilisation
    notes = []
    for region, given, least, made in zip(regions, stated, needed, output, strict=True):
        if made > 0 and given < least - _LAST_DIGIT:  # less is rounding of the table
            notes.append(f"{region.name}: capacity raised from {given:.1f} to {least:.1f} kt")
        if made == 0 and given > 0:
            notes.append(f"{region.name}: capacity of {given:.1f} kt without output left out")
    return np.where(output > 0, np.maximum(stated, needed), 0.0), notes


def input_ratios(statistics: GoodStatistics, member: Array) -> Array:
    """Tonnes of input per tonne of each region's output, countries weighted by output. (region) [t/t]"""
    own = np.full(len(statistics.countries), statistics.input_ratio)
    for code, ratio in statistics.input_ratio_of:
        own[statistics.position(code)] = ratio
    weight = member * statistics.output
    total = weight.sum(axis=1)
    default = np.full(len(member), statistics.input_ratio)
    return np.asarray(np.divide(weight @ own, total, out=default, where=total > 0))


def producer_prices(statistics: GoodStatistics, member: Array) -> Array:
    """Price of each region's producers, countries weighted by output. (region) [USD/t]

    Countries without a price of their own, and regions without output, carry the reference price.
    """
    premium = np.zeros(len(statistics.countries))
    for entry in statistics.prices:
        for code in entry.countries:
            if code in statistics.countries:
                premium[statistics.position(code)] = entry.price - statistics.reference_price
    weight = member * statistics.output
    total = weight.sum(axis=1)
    mean = np.divide(weight @ premium, total, out=np.zeros(len(member)), where=total > 0)
    return np.asarray(statistics.reference_price + mean)


def _check_unique(names: list[str], good: Array, region: Array) -> None:
    keys = list(zip(names, good.tolist(), region.tolist(), strict=True))
    for key in keys:
        if keys.count(key) > 1:
            raise DataError(f"asset {key[0]!r} stands twice in one region")


def _check_inputs(
    definition: WorldDefinition, rows: Sequence[tuple[int, int, float, float, float]], flows: Array
) -> None:
    """What the fleets of all goods take in must be within the use of their input, region by region."""
    faults = []
    for source, raw in enumerate(definition.goods):
        made = [place for place, good in enumerate(definition.goods) if good.input == raw.name]
        takers = " and ".join(definition.goods[place].name for place in made)
        use = flows[source].sum(axis=0)
        for region, record in enumerate(definition.regions):
            taken = sum(row[2] * row[4] for row in rows if row[0] in made and row[1] == region)
            if taken > use[region] * (1 + _ROUNDING) + _ROUNDING:
                take = f"take{'s' if len(made) == 1 else ''} {taken:.3f} kt of {raw.name}"
                faults.append(f"{takers} in {record.name} {take}, {use[region]:.3f} kt are used")
    if faults:
        raise DataError("\n".join(faults))


def _moves(regions: Sequence[Region], traced: Array, flows: Array, total: float) -> list[str]:
    """How far balancing moved the cells: in all, and the largest."""
    move = flows - traced
    least = min(SMALLEST_MOVE, SMALLEST_MOVE_SHARE * total)
    digits = 1 if least == SMALLEST_MOVE else _MORE_DIGITS
    lines = [f"balancing moved {np.abs(move).sum() / 2:.{digits}f} kt in all"]
    order = np.argsort(-np.abs(move), axis=None, kind="stable")[:MOVES_TOLD]
    for origin, destination in zip(*np.unravel_index(order, move.shape), strict=True):
        before, after = traced[origin, destination], flows[origin, destination]
        if abs(after - before) > least:
            names = f"{regions[origin].name} to {regions[destination].name}"
            lines.append(f"{names}: traced {before:.{digits}f}, balanced {after:.{digits}f} kt")
    return lines
