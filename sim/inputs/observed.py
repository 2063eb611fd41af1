"""The table of what was observed in an episode: strict, every fault at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from sim.inputs.csv import Row, Table
from sim.inputs.faults import known_or_nearest, shortened
from sim.inputs.units import FLOW, PRICE, SHARE, UnitKind
from sim.records.backtest import FLOW as A_FLOW
from sim.records.backtest import IMPORT_SHARE, QUANTITIES, SUPPLY, Before, Observation
from sim.records.backtest import PRICE as A_PRICE
from sim.records.world import Source, WorldDefinition

COLUMNS = ("quantity", "good", "region", "partner", "year", "value", "unit", "source", "note")
WORLD = "World"
BEFORE = ("quantity", "good", "region", "partner", "years", "change", "unit", "source", "note")
LOGS = "log"
_YEARS = re.compile(r"[1-9][0-9]?\Z", re.ASCII)
_YEAR = re.compile(r"[0-9]{4}\Z", re.ASCII)
_UNITS: Mapping[str, UnitKind] = {IMPORT_SHARE: SHARE, A_FLOW: FLOW, SUPPLY: FLOW, A_PRICE: PRICE}


def read_observed(path: Path, world: WorldDefinition, sources: Mapping[str, Source]) -> tuple[Observation, ...]:
    """The observations of an episode in model units, in the order of the file.

    A series is a quantity of a good in a region from a partner. Each has one row of the benchmark year of ``world``,
    which its changes are counted from, and at least one later row.

    Raises DataError with every fault, each with file, line and column.
    """
    table = Table(path, COLUMNS)
    found: list[tuple[Row, Observation]] = []
    for row in table:
        before = len(table.faults)
        observation = _observation(row, world, sources)
        if len(table.faults) == before:
            found.append((row, observation))
    lines: dict[tuple[tuple[str, str, str, str], int], int] = {}
    first: dict[tuple[str, str, str, str], Row] = {}
    for row, each in found:
        if (each.series, each.year) in lines:
            row.fault("row", f"the same as line {lines[each.series, each.year]}, a second value for {each.year}")
        lines.setdefault((each.series, each.year), row.line)
        first.setdefault(each.series, row)
    if not table.faults:  # a row at fault may be the one that is missed
        for series, row in first.items():
            if (series, world.year) not in lines:
                row.fault("year", f"no row of the benchmark year {world.year} for {_told(series)}")
            elif not any(known == series and year > world.year for known, year in lines):
                row.fault("year", f"no row after the benchmark year {world.year} for {_told(series)}")
        if not found:
            table.fault(1, "row", "no rows")
    table.check()
    return tuple(each for _, each in found)


def read_before(path: Path, observed: Sequence[Observation], sources: Mapping[str, Source]) -> Before:
    """How far the series of an episode used to move before its benchmark year, in model units.

    A row is a series of ``observed``, a number of years, and the root mean square of its changes over as many years.
    Raises DataError with every fault, each with file, line and column.
    """
    table = Table(path, BEFORE)
    known = {each.series for each in observed}
    found: dict[tuple[tuple[str, str, str, str], int], float] = {}
    for row in table:
        quantity = _one_of(row, "quantity", QUANTITIES)
        series = quantity, row.cells["good"], row.cells["region"], row.cells["partner"]
        if quantity and series not in known:
            row.fault("row", f"{_told(series)} is not observed in this episode")
        _one_of(row, "source", sources)
        years = row.cells["years"]
        if not _YEARS.match(years):
            row.fault("years", f"{shortened(years)!r} is no number of years from 1 to 99")
            continue
        change = row.number("change")
        unit = LOGS if quantity == A_PRICE else _UNITS[quantity].unit if quantity else row.cells["unit"]
        if row.cells["unit"] != unit:
            row.fault("unit", f"{shortened(row.cells['unit'])!r}, wanted {unit}")
        if (series, int(years)) in found:
            row.fault("row", f"a second row for {_told(series)} over {years} years")
        found[series, int(years)] = change
    table.check()
    return found


def _observation(row: Row, world: WorldDefinition, sources: Mapping[str, Source]) -> Observation:
    regions = [region.name for region in world.regions]
    quantity = _one_of(row, "quantity", QUANTITIES)
    region, partner = row.cells["region"], row.cells["partner"]
    if quantity == SUPPLY:
        if region:
            row.fault("region", "a supply has a partner, who produces, and no region")
        _one_of(row, "partner", regions)
    elif quantity == A_PRICE:
        _one_of(row, "region", [*regions, WORLD])
        if partner:
            _one_of(row, "partner", regions)
            if region == WORLD:
                row.fault("partner", f"a price of the {WORLD} has no partner")
    elif quantity:
        _one_of(row, "region", regions)
        _one_of(row, "partner", regions)
        if region == partner:
            row.fault("partner", f"{shortened(partner)} does not import from itself")
    year = row.cells["year"]
    if not _YEAR.match(year):
        row.fault("year", f"{shortened(year)!r} is no year")
    elif int(year) < world.year:
        row.fault("year", f"{year} is before the benchmark year {world.year}")
    return Observation(
        quantity=quantity,
        good=_one_of(row, "good", [good.name for good in world.goods]),
        region=region,
        partner=partner,
        year=int(year) if _YEAR.match(year) else world.year,
        value=_value(row, _UNITS[quantity]) if quantity in _UNITS else 0.0,
        unit=_UNITS[quantity].unit if quantity in _UNITS else "",
        source=_one_of(row, "source", sources),
        note=row.cells["note"],
    )


def _one_of(row: Row, column: str, known: Collection[str]) -> str:
    cell = row.cells[column]
    if cell not in known:
        what = f"no {column} {shortened(cell)}" if cell else "empty"
        row.fault(column, f"{what}{known_or_nearest(cell, known)}")
        return ""
    return cell


def _value(row: Row, kind: UnitKind) -> float:
    """The value in model units; Decimal, so that 36.6 % is 0.366 exactly."""
    before = len(row.table.faults)
    row.number("value")
    factors = {**kind.spellings, kind.unit: Decimal(1)}
    unit = _one_of(row, "unit", factors)
    if len(row.table.faults) > before:
        return 0.0
    value = float(Decimal(row.cells["value"]) * factors[unit])
    if value > float(kind.high):
        row.fault("value", f"{row.cells['value']} {unit}: {kind.what} is wanted")
    elif kind is PRICE and value == 0:
        row.fault("value", "a price above 0 is wanted")
    return value


def _told(series: tuple[str, str, str, str]) -> str:
    return " ".join(part for part in series if part)
