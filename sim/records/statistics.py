"""What is reported about one good in the base year, country by country, before it is put together."""

from __future__ import annotations

from dataclasses import dataclass

from sim.errors import DataError
from sim.quantity import Array, check_and_lock, quantity

Codes = tuple[str, ...]  # ISO3 codes


@dataclass(frozen=True, kw_only=True)
class TradeRecord:
    """One reported flow in gross weight under a trade code; the unit value is in USD/kg."""

    exporter: str
    importer: str
    code: str
    gross_kt: float
    unit_value: float
    source: str


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Records that belong to another stage than their code says, or to none: pairs of countries under a code.

    They hold where the unit value [USD/kg] is under ``below``. ``content`` is in t per t of gross weight.
    """

    exporters: Codes
    importers: Codes
    code: str
    below: float
    good: str  # empty: in no good of the world
    content: float
    reason: str
    source: str


@dataclass(frozen=True, kw_only=True)
class ContentClass:
    """Content of a tonne of gross weight [t/t] under some codes, from a unit value [USD/kg] up."""

    codes: Codes
    from_unit_value: float
    content: float


@dataclass(frozen=True, kw_only=True)
class Screening:
    """How records become trade of a good: what is dropped, what is another stage, what a tonne holds."""

    lowest_unit_value: float  # USD/kg
    takes_listed: bool  # the records the stages give to the good, else those no stage names
    stages: tuple[Stage, ...]
    contents: tuple[ContentClass, ...]


@dataclass(frozen=True, kw_only=True)
class HomeUse:
    """Use of one country; countries of one ``pattern`` share the destinations of their exports.

    With ``remainder_to`` the exports stay as reported and that country takes what is left over.
    """

    country: str
    kt: float
    pattern: str
    source: str
    remainder_to: str = ""


@dataclass(frozen=True, kw_only=True)
class TradeFact:
    """Tonnes of one flow in all forms; several countries share it like their reported trade."""

    origins: Codes
    destinations: Codes
    kt: float
    source: str


@dataclass(frozen=True, kw_only=True)
class ImportOrigin:
    """Part of a market's imports: a stated share of the total, or a weight in what the shares leave."""

    origins: Codes
    share: float  # 1; 0 where a weight stands
    weight: float  # kt; 0 where a share stands
    source: str


@dataclass(frozen=True, kw_only=True)
class NetImports:
    """A market whose imports come from its own totals; exports are netted against them where they are given.

    ``reported``: its origins stay as stated, re-exports are not traced to their producer.
    """

    country: str
    imports: float  # kt/yr
    exports: float | None  # kt/yr
    origins: tuple[ImportOrigin, ...]
    source: str
    reported: bool = False


@dataclass(frozen=True, kw_only=True)
class ClosedRoute:
    """Pairs of countries between which nothing flows, after tracing as well."""

    origins: Codes
    destinations: Codes
    source: str


@dataclass(frozen=True, kw_only=True)
class OtherAsset:
    """Supply beside the fleet that is used in the country where it arises."""

    name: str
    country: str
    output: float  # kt/yr
    utilisation: float  # 1
    source: str


@dataclass(frozen=True, kw_only=True)
class ProducerPrice:
    """Price at which the countries' producers sell; no countries: the reference of the good."""

    countries: Codes
    price: float  # USD/t
    source: str


@dataclass(frozen=True, eq=False, kw_only=True)
class GoodStatistics:
    """Everything known about one good; arrays run over ``countries`` (ISO3, sorted)."""

    good: str
    fleet: str
    countries: Codes
    output: Array = quantity("o", "kt/yr", low=0)
    capacity: Array = quantity("o", "kt/yr", low=0)
    trade: Array = quantity("od", "kt/yr", low=0)  # zero where it is to come out of ``records``
    records: tuple[TradeRecord, ...] = ()
    screening: Screening | None = None
    traced: bool = True  # re-exports are given to the producer
    home_use: tuple[HomeUse, ...] = ()
    trade_facts: tuple[TradeFact, ...] = ()
    net_imports: tuple[NetImports, ...] = ()
    closed_routes: tuple[ClosedRoute, ...] = ()
    other_assets: tuple[OtherAsset, ...] = ()
    prices: tuple[ProducerPrice, ...] = ()
    reference_price: float = 0.0  # USD/t
    export_limit: float = 1.0
    highest_utilisation: float = 1.0
    smallest_flow: float = 0.0  # kt/yr
    smallest_market: float = 0.0  # kt/yr; what a smaller one uses goes to the largest
    input_ratio: float = 0.0  # t of input per t of output; 0 without an input
    input_ratio_of: tuple[tuple[str, float], ...] = ()  # countries that differ from it
    tiers: Codes = ()  # of all sources behind the figures, weakest first
    stated: Codes = ()  # figures of the tables that a document states, as typed

    def __post_init__(self) -> None:
        check_and_lock(self)
        if len(self.countries) != len(self.output) or self.trade.shape[0] != self.trade.shape[1]:
            raise DataError(f"GoodStatistics {self.good}: {len(self.countries)} countries do not fit the arrays")
        if self.reference_price <= 0:
            raise DataError(f"GoodStatistics {self.good}: no reference price")

    def position(self, country: str) -> int:
        """Place of a country on the axes; DataError where no statistic names it."""
        try:
            return self.countries.index(country)
        except ValueError:
            raise DataError(f"{self.good}: no statistic names the country {country}") from None
