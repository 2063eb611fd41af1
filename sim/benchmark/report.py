"""The base year in words: what `make world` prints, and the table kept for review."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array, Mask
from sim.records.world import World

_MORE_DIGITS = 3  # decimals of kt for goods that are counted in tonnes
_TOTALS = 5  # columns of tonnes that are added up
_PRICE_WIDTH = 6  # characters: five digits and a comma
_WORTH_NAMING = 0.005  # of a market: less rounds to 0 %
_HASH_SHOWN = 16  # characters, enough to tell two worlds apart

SUPPLIERS_TOLD = 3  # of each region, as much as a line holds
SMALLEST_REGION = 0.5  # kt/yr of output and use: below, a region is listed by name only
SMALLEST_REGION_SHARE = 1e-5  # of the world's use, for goods that are counted in less
SMALLEST_FLOW = 0.0005  # kt/yr: half of the last digit of the table


def world_report(world: World) -> str:
    """The base year for an analyst: a table per good and how it was put together."""
    lines = [f"World {world.name}, base year {world.year}: {len(world.regions)} regions, {len(world.goods)} goods"]
    for place, good in enumerate(world.goods):
        lines += ["", f"{good.label} ({good.name}), kt {good.unit} a year, prices of producers in USD/t", ""]
        lines += _table(world, place)
    for good in world.goods:
        told = [line.removeprefix(f"{good.name}: ") for line in world.report if line.startswith(f"{good.name}: ")]
        lines += ["", f"How the figures of {good.name} were put together", "", *(f"  {line}" for line in told)]
    groups = [f"  {name}: {', '.join(members)}" for name, members in world.groups.items()]
    if groups:
        lines += ["", "Groups beside all and all_foreign", "", *groups]
    lines += ["", f"Built from files with the hash {world.fingerprint[:_HASH_SHOWN]}." if world.fingerprint else "", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def balanced_rows(world: World, good: int) -> list[tuple[str, str, str]]:
    """Origin, destination and kt/yr of every flow of a good, as the table kept for review shows them."""
    names, flows = world.region_names, world.flows[good]
    return [
        (names[origin], names[destination], f"{flows[origin, destination]:.3f}")
        for origin in range(len(names))
        for destination in range(len(names))
        if flows[origin, destination] >= SMALLEST_FLOW
    ]


def _table(world: World, good: int) -> list[str]:
    flows: Array = world.flows[good]
    names = world.region_names
    width = max(len(name) for name in names)
    head = "  ".join(f"{title:>9}" for title in ("output", "capacity", "use", "exports", "imports"))
    lines = [f"  {'region':{width}}  {head}   price  supplied by"]
    mine = world.asset_good == good
    smallest = min(SMALLEST_REGION, SMALLEST_REGION_SHARE * float(flows.sum()))
    digits = 0 if smallest == SMALLEST_REGION else _MORE_DIGITS
    idle = []
    totals = np.zeros(_TOTALS)
    for region, name in enumerate(names):
        here = mine & (world.asset_region == region)
        output, capacity = float(world.output[here].sum()), float(world.capacity[here].sum())
        use, home = float(flows[:, region].sum()), float(flows[region, region])
        if output < smallest and use < smallest:
            idle.append(name)
            continue
        row = np.array([output, capacity, use, output - home, use - home])
        totals += row
        numbers = "  ".join(f"{value:9,.{digits}f}" for value in row)
        price = f"{world.producer_price[good, region]:{_PRICE_WIDTH},.0f}" if output > 0 else " " * _PRICE_WIDTH
        lines.append(f"  {name:{width}}  {numbers}  {price}  {_suppliers(names, flows[:, region])}".rstrip())
    numbers = "  ".join(f"{value:9,.{digits}f}" for value in totals)
    lines.append(f"  {'World':{width}}  {numbers}")
    lines += _several_assets(world, mine)
    if idle:
        lines.append(f"  neither output nor use: {', '.join(idle)}")
    return lines


def _several_assets(world: World, mine: Mask) -> list[str]:
    """One line for each region with more than one asset of the good."""
    lines = []
    for region, name in enumerate(world.region_names):
        here = np.flatnonzero(mine & (world.asset_region == region)).tolist()
        if len(here) > 1:
            parts = [f"{world.asset_names[a]} {world.output[a]:,.0f} of {world.capacity[a]:,.0f}" for a in here]
            lines.append(f"  assets in {name}: {'; '.join(parts)}")
    return lines


def _suppliers(names: tuple[str, ...], column: Array) -> str:
    total = float(column.sum())
    if total <= 0:
        return ""
    order = np.argsort(-column, kind="stable")[:SUPPLIERS_TOLD]
    return ", ".join(f"{names[i]} {column[i] / total:.0%}" for i in order if column[i] / total >= _WORTH_NAMING)
