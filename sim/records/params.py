"""What the engine is given: technology, demand, sourcing and policy, draw by draw and year by year.

The first entry of every year axis is the benchmark year. Letters are those of ``sim.axes``.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np

from sim.errors import DataError
from sim.quantity import Array, Index, Mask, check_and_lock, declared_quantities, quantity

NO_INPUT = -1
RENT_TO_EXPORTER, RENT_TO_IMPORTER = -1, -2


@dataclass(frozen=True, eq=False, kw_only=True)
class Technology:
    """Assets with a cost curve (eq. 1-3); ``input_good`` is NO_INPUT where an asset needs none.

    Assets named in ``unbounded`` supply by the second form, capacity (v / break_even)^steepness without a limit.
    ``extractable`` is the most that an asset may ever produce after the benchmark year, infinite without a limit.
    """

    names: tuple[str, ...]
    unbounded: tuple[str, ...] = ()
    good: Index = quantity("a", "index", low=0)
    region: Index = quantity("a", "index", low=0)
    input_good: Index = quantity("a", "index", low=NO_INPUT)
    input_ratio: Array = quantity("na", "t/t", low=0)
    capacity: Array = quantity("nta", "kt/yr", low=0)
    break_even: Array = quantity("nta", "USD/t", above=0)
    steepness: Array = quantity("na", "1", above=0)
    extractable: Array = quantity("na", "kt", low=0, infinite=True)

    def __post_init__(self) -> None:
        check_and_lock(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Demand:
    """Final demand (eq. 4): ``reference`` is what is bought at the benchmark price, growth and shifts included."""

    reference: Array = quantity("ntcd", "kt/yr", low=0)
    benchmark_price: Array = quantity("ncd", "USD/t", above=0)
    elasticity: Array = quantity("nc", "1", low=0)
    elasticity_long: Array = quantity("nc", "1", low=0)
    memory: Array = quantity("nc", "1/yr", low=0, high=1)

    def __post_init__(self) -> None:
        check_and_lock(self)
        short_above_long = self.elasticity > self.elasticity_long
        if short_above_long.any():
            draw, good = (int(i) for i in np.argwhere(short_above_long)[0])
            raise DataError(
                f"Demand.elasticity[{draw}, {good}] = {self.elasticity[draw, good]:g} is above the long-run "
                f"elasticity {self.elasticity_long[draw, good]:g}"
            )


@dataclass(frozen=True, eq=False, kw_only=True)
class Sourcing:
    """Where markets buy (eq. 8-10): base taste, its growth with capacity, reference prices, contracts.

    Goods at the positions in ``in_value`` are sourced by the second form, CES in values, without contracts.
    """

    in_value: tuple[int, ...] = ()
    taste: Array = quantity("ncod", "1", low=0)
    taste_growth: Array = quantity("ntco", "1", low=0)
    follows_capacity: Array = quantity("nc", "1", low=0, high=1)
    reference_price: Array = quantity("ncod", "USD/t", above=0)
    benchmark_share: Array = quantity("cod", "1", low=0, high=1)
    elasticity: Array = quantity("nc", "1", above=1)
    elasticity_short: Array = quantity("nc", "1", above=1)
    renewal: Array = quantity("nc", "1", low=0, high=1)

    def __post_init__(self) -> None:
        check_and_lock(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Wedge:
    """Measures of one kind: the routes each touches and its rate, weighted by the part of the year in force."""

    routes: Mask = quantity("mcod", "bool")
    rate: Array = quantity("ntm", "1", low=-1)

    def __post_init__(self) -> None:
        check_and_lock(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Policy:
    """What stands between producer price and delivered price (eq. 7), and what closes a route.

    The rate of ``bans`` is the share of the year in which the route is closed; that of ``surcharges`` is in USD/t.
    ``tariffs_fob`` fall on the producer price with export tax, ``tariffs_cif`` on freight as well.
    """

    bans: Wedge
    tariffs_fob: Wedge
    tariffs_cif: Wedge
    export_taxes: Wedge
    surcharges: Wedge
    freight: Array = quantity("ncod", "USD/t", low=0)

    def __post_init__(self) -> None:
        check_and_lock(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Bounds:
    """Limits on the sum of flows over sets of routes (eq. 11).

    The upper limit of a year is ``high + high_share * last``, ``last`` being the flow over the set in the last
    year in which the bound was not in force (``high`` infinite); the benchmark flow if it always was.
    ``low`` is 0 where nothing is guaranteed. ``rent_to``: a region, RENT_TO_EXPORTER or RENT_TO_IMPORTER.
    """

    names: tuple[str, ...]
    rent_to: Index = quantity("b", "index", low=RENT_TO_IMPORTER)
    routes: Mask = quantity("bcod", "bool")
    low: Array = quantity("ntb", "kt/yr", low=0)
    high: Array = quantity("ntb", "kt/yr", low=0, infinite=True)
    high_share: Array = quantity("ntb", "1", low=0)

    def __post_init__(self) -> None:
        check_and_lock(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Contracts:
    """Take-or-pay tonnes G of eq. 10, each on one route."""

    names: tuple[str, ...]
    good: Index = quantity("k", "index", low=0)
    origin: Index = quantity("k", "index", low=0)
    destination: Index = quantity("k", "index", low=0)
    volume: Array = quantity("ntk", "kt/yr", low=0)

    def __post_init__(self) -> None:
        check_and_lock(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stockpiles:
    """Metal in stock, sold in the markets it serves at a market price of about ``trigger`` and above.

    ``reach`` tells how a release is shared out over the markets served, adding up to 1 for each stockpile.
    """

    names: tuple[str, ...]
    good: Index = quantity("s", "index", low=0)
    holder: Index = quantity("s", "index", low=0)
    release_rate: Array = quantity("nts", "kt/yr", low=0)
    stock: Array = quantity("ns", "kt", low=0)
    trigger: Array = quantity("ns", "USD/t", above=0)
    reach: Array = quantity("sd", "1", low=0, high=1)

    def __post_init__(self) -> None:
        check_and_lock(self)

    @classmethod
    def none(cls, draws: int, years: int, regions: int) -> Stockpiles:
        """No stockpile at all."""
        nobody = np.zeros(0, dtype=np.int64)
        return cls(
            names=(),
            good=nobody,
            holder=nobody,
            release_rate=np.zeros((draws, years, 0)),
            stock=np.zeros((draws, 0)),
            trigger=np.zeros((draws, 0)),
            reach=np.zeros((0, regions)),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Params:
    """Everything one simulation needs; row 0 of the draws may be the central run."""

    years: tuple[int, ...]
    goods: tuple[str, ...]
    regions: tuple[str, ...]
    technology: Technology
    demand: Demand
    sourcing: Sourcing
    policy: Policy
    bounds: Bounds
    contracts: Contracts
    stockpiles: Stockpiles
    benchmark_flow: Array = quantity("cod", "kt/yr", low=0)
    benchmark_producer_price: Array = quantity("nco", "USD/t", above=0)

    def __post_init__(self) -> None:
        check_and_lock(self)
        in_value = self.sourcing.in_value
        in_tonnes = [c for c in range(len(self.goods)) if c not in in_value]
        if (self.demand.elasticity_long[:, in_tonnes] > 1).any():
            raise DataError("Demand.elasticity_long: above 1, must be 0 to 1 for a good that is sourced in tonnes")
        if np.isin(self.technology.input_good, in_value).any():
            raise DataError("Sourcing.in_value: an input of another good cannot be sourced in value")
        if np.isin(self.stockpiles.good, in_value).any():
            raise DataError("Stockpiles.good: a good that is sourced in value cannot be stockpiled")

    @property
    def draws(self) -> int:
        """Length of the draw axis."""
        return len(self.benchmark_producer_price)

    def take(self, draws: Index) -> Params:
        """The same params for some draws, in the order given; a draw may be repeated."""
        chosen: Params = _taken(self, "n", draws)
        return chosen

    def until(self, year: int) -> Params:
        """The same params without the years after ``year``: what happens before does not depend on them."""
        kept = np.arange(self.years.index(year) + 1)
        shortened: Params = replace(_taken(self, "t", kept), years=self.years[: len(kept)])
        return shortened


def _taken(record: Any, axis: str, places: Index) -> Any:
    changes: dict[str, Any] = {}
    declared = declared_quantities(record)
    for f in fields(record):
        value = getattr(record, f.name)
        if f.name in declared and axis in declared[f.name].axes:
            changes[f.name] = np.take(value, places, axis=declared[f.name].axes.index(axis))
        elif is_dataclass(value):
            changes[f.name] = _taken(value, axis, places)
    return replace(record, **changes)
