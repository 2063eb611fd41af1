"""The tables of a world as records: what is reported about each good, country by country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product
from pathlib import Path

import numpy as np

from sim.inputs.csv import Row, Table, raise_together
from sim.inputs.table_checks import Key, check_once, check_ranges
from sim.inputs.world import COUNTRY_COLUMNS, read_world_file
from sim.inputs.world_schema import GoodFile
from sim.provenance import DOCUMENT, weakest_first
from sim.quantity import TONNES_PER_KT
from sim.records.statistics import (
    ClosedRoute,
    ContentClass,
    GoodStatistics,
    HomeUse,
    ImportOrigin,
    NetImports,
    OtherAsset,
    ProducerPrice,
    Screening,
    Stage,
    TradeFact,
    TradeRecord,
)
from sim.records.world import WorldDefinition

COLUMNS = {
    "production": ("iso3", "output_kt", "source", "capacity_kt", "capacity_source", "note"),
    "trade": ("exporter", "importer", "kt", "value_kusd", "source"),
    "records": ("exporter", "importer", "code", "gross_t", "value_kusd", "source"),
    "stages": ("exporters", "importers", "code", "below_usd_kg", "good", "content", "reason", "source", "note"),
    "home_use": ("iso3", "kt", "low_kt", "high_kt", "pattern", "source", "note"),
    "trade_facts": ("origins", "destinations", "kt", "source", "note"),
    "import_origins": ("importer", "origins", "share_pct", "weight_kt", "source", "note"),
    "other_assets": ("asset", "iso3", "output_kt", "utilisation", "source", "note"),
    "prices": ("countries", "price_usd_t", "low_usd_t", "high_usd_t", "source", "rule"),
}
OPTIONAL = {  # columns a table may have at its end
    "production": ("low_output_kt", "high_output_kt", "low_capacity_kt", "high_capacity_kt"),
    "home_use": ("remainder_to",),
}
REFERENCE = "reference"
_ROUNDING = 1e-3  # of shares: those of a publication need not add up to 100 % in their last digit


def read_statistics(folder: Path, definition: WorldDefinition) -> tuple[GoodStatistics, ...]:
    """The statistics of every good of a world, in the order of its goods.

    Raises DataError with every fault of all tables, each with file, line and column.
    """
    world = read_world_file(folder)
    names = {row.cells["iso3"]: row.cells["name"] for row in Table(folder / world.countries, COUNTRY_COLUMNS)}
    readers = [_Reader(folder, definition, names, name, good) for name, good in world.goods.items()]
    found = [reader.read() for reader in readers]
    raise_together(list(dict.fromkeys(fault for reader in readers for fault in reader.faults())))
    return tuple(good for good in found if good is not None)


class _Reader:
    """Reads the tables of one good; faults are gathered over all of them."""

    def __init__(
        self, folder: Path, definition: WorldDefinition, countries: Mapping[str, str], name: str, good: GoodFile
    ) -> None:
        self.name = name
        self.countries = countries
        self.good = good
        self.sources = definition.sources
        self.tiers: set[str] = set()
        self.stated: list[str] = []
        self.known = {code for region in definition.regions for code in region.iso3}
        self.tables = {
            kind: Table(folder / file, COLUMNS[kind], OPTIONAL.get(kind, ()))
            for kind, file in good.tables.model_dump().items()
            if file
        }

    def read(self) -> GoodStatistics | None:
        """The record of the good; None where its tables are at fault."""
        production = self.by_country("production")
        trade, records, screening = self.trade(), self.records(), self.screening()
        traded = {country for pair in trade for country in pair}
        traded |= {country for record in records for country in (record.exporter, record.importer)}
        countries = tuple(sorted((set(production) | traded) & self.known))
        prices, reference = self.prices()
        facts = (
            self.home_use(),
            self.trade_facts(),
            self.net_imports(),
            self.other_assets(),
        )
        output = [production[c].number("output_kt") if c in production else 0.0 for c in countries]
        capacity = [production[c].number("capacity_kt") if c in production else 0.0 for c in countries]
        if self.faults():
            return None
        rules = self.good.rules
        ratios = rules.input_ratio.by_country if rules.input_ratio else {}
        position = {country: i for i, country in enumerate(countries)}
        matrix = np.zeros((len(countries), len(countries)))
        for (origin, destination), tonnes in trade.items():
            matrix[position[origin], position[destination]] = tonnes
        return GoodStatistics(
            good=self.name,
            fleet=self.good.fleet,
            countries=countries,
            output=np.array(output),
            capacity=np.array(capacity),
            trade=matrix,
            records=records,
            screening=screening,
            traced=self.good.reexports == "traced",
            home_use=facts[0],
            trade_facts=facts[1],
            net_imports=facts[2],
            other_assets=facts[3],
            closed_routes=tuple(
                ClosedRoute(origins=tuple(r.origins), destinations=tuple(r.destinations), source=r.source)
                for r in self.good.closed_routes
            ),
            prices=prices,
            reference_price=reference,
            export_limit=rules.export_limit.value,
            highest_utilisation=rules.highest_utilisation.value,
            smallest_flow=rules.smallest_flow_kt.value,
            smallest_market=rules.smallest_market_kt.value if rules.smallest_market_kt else 0.0,
            input_ratio=rules.input_ratio.value if rules.input_ratio else 0.0,
            input_ratio_of=tuple((code, own.value) for code, own in ratios.items()),
            tiers=weakest_first(self.tiers),
            stated=tuple(self.stated),
        )

    def rows(self, kind: str) -> list[Row]:
        """Rows of a table, their sources checked; none where the good has no such table."""
        rows = list(self.tables.get(kind, ()))
        for row in rows:
            for column in ("source", "capacity_source"):
                if column in row.cells:
                    source = self.sources.get(row.text(column))
                    if source is None:
                        row.fault(column, f"no source {row.cells[column]!r} in sources.yaml")
                    else:
                        self.tiers.add(source.tier)
                        if source.tier == DOCUMENT:
                            self.stated.append(_as_stated(kind, row, column, self.countries))
            check_ranges(row)
        return rows

    def faults(self) -> list[str]:
        """The faults of all tables."""
        return [fault for table in self.tables.values() for fault in table.faults]

    def by_country(self, kind: str) -> dict[str, Row]:
        """The rows of a table by their country, each of them once."""
        found: dict[str, Row] = {}
        for row in self.rows(kind):
            code = row.code("iso3")
            self.know(row, "iso3", (code,))
            if code in found:
                row.fault("iso3", f"{code} stands twice, first in line {found[code].line}")
            found.setdefault(code, row)
        return found

    def know(self, row: Row, column: str, codes: tuple[str, ...]) -> tuple[str, ...]:
        """The codes, each of them in a region of the world."""
        for code in codes:
            if code and code not in self.known:
                row.fault(column, f"no region has the country {code}")
        return codes

    def know_pair(self, row: Row, pair: tuple[str, str]) -> None:
        """The same of an exporter and an importer."""
        self.know(row, "exporter", pair[:1])
        self.know(row, "importer", pair[1:])

    def trade(self) -> dict[tuple[str, str], float]:
        """Reported tonnes by exporter and importer."""
        flows: dict[tuple[str, str], float] = {}
        for row in self.rows("trade"):
            pair = (row.code("exporter"), row.code("importer"))
            self.know_pair(row, pair)
            if pair in flows or pair[0] == pair[1]:
                row.fault("importer", f"{pair[0]} to {pair[1]} stands twice or is no trade")
            flows[pair] = row.number("kt")
        return flows

    def records(self) -> tuple[TradeRecord, ...]:
        """Reported trade in gross weight under several codes."""
        records, seen = [], set()
        for row in self.rows("records"):
            exporter, importer, code = row.code("exporter"), row.code("importer"), row.text("code")
            self.know_pair(row, (exporter, importer))
            if (exporter, importer, code) in seen or exporter == importer:
                row.fault("importer", f"{exporter} to {importer} under {code} stands twice or is no trade")
            seen.add((exporter, importer, code))
            gross = row.number("gross_t")
            if gross <= 0:
                row.fault("gross_t", "above 0 wanted")
                continue
            record = TradeRecord(
                exporter=exporter,
                importer=importer,
                code=code,
                gross_kt=gross / TONNES_PER_KT,
                unit_value=row.number("value_kusd") / gross,
                source=row.text("source"),
            )
            records.append(record)
        return tuple(records)

    def screening(self) -> Screening | None:
        """How the records become trade of the good."""
        rules = self.good.records
        if rules is None:
            return None
        stages = []
        seen: dict[Key, int] = {}
        for row in self.rows("stages"):
            below, good = row.optional_number("below_usd_kg"), row.text("good", empty=True)
            content = row.optional_number("content")
            if good and content is None:
                row.fault("content", "empty, though the record belongs to a good")
            exporters = self.know(row, "exporters", row.codes("exporters"))
            importers = self.know(row, "importers", row.codes("importers"))
            rest = f"under {row.cells['code']} {row.cells['below_usd_kg']}".strip()
            check_once(row, "code", (f"{a} to {b} {rest}" for a, b in product(exporters, importers)), seen)
            stage = Stage(
                exporters=exporters,
                importers=importers,
                code=row.text("code"),
                below=float("inf") if below is None else below,
                good=good,
                content=content or 0.0,
                reason=row.text("reason"),
                source=row.text("source"),
            )
            stages.append(stage)
        return Screening(
            lowest_unit_value=rules.lowest_usd_kg.value,
            takes_listed=rules.takes == "listed",
            stages=tuple(stages),
            contents=tuple(
                ContentClass(codes=tuple(rule.codes), from_unit_value=rule.from_usd_kg, content=rule.value)
                for rule in rules.content
            ),
        )

    def home_use(self) -> tuple[HomeUse, ...]:
        """Countries whose use is a statistic."""
        return tuple(
            HomeUse(
                country=country,
                kt=row.number("kt"),
                pattern=row.text("pattern", empty=True),
                source=row.text("source"),
                remainder_to=self.remainder_to(row, country),
            )
            for country, row in self.by_country("home_use").items()
        )

    def remainder_to(self, row: Row, country: str) -> str:
        """The other country that takes what is left over, or none."""
        if not row.cells.get("remainder_to"):
            return ""
        code = row.code("remainder_to")
        self.know(row, "remainder_to", (code,))
        if code == country:
            row.fault("remainder_to", f"{code} itself; another country is wanted")
        return code

    def trade_facts(self) -> tuple[TradeFact, ...]:
        """Single flows that are known in all forms; no pair of countries is stated twice."""
        facts: list[TradeFact] = []
        seen: dict[Key, int] = {}
        for row in self.rows("trade_facts"):
            origins = self.know(row, "origins", row.codes("origins"))
            destinations = self.know(row, "destinations", row.codes("destinations"))
            check_once(row, "destinations", product(origins, destinations), seen)
            facts.append(
                TradeFact(origins=origins, destinations=destinations, kt=row.number("kt"), source=row.text("source"))
            )
        return tuple(facts)

    def net_imports(self) -> tuple[NetImports, ...]:
        """Markets whose imports come from their own totals, with the origins of the table."""
        origins: dict[str, list[ImportOrigin]] = {market.country: [] for market in self.good.net_imports}
        seen: dict[Key, int] = {}
        for row in self.rows("import_origins"):
            share, weight = row.optional_number("share_pct"), row.optional_number("weight_kt")
            if (share is None) == (weight is None):
                row.fault("share_pct", "either a share or a weight is wanted")
            importer = row.code("importer")
            if importer not in origins:
                row.fault("importer", f"{importer} is not under net_imports in world.yaml")
                continue
            codes = self.know(row, "origins", row.codes("origins"))
            # a weight may be one of several forms of the metal
            keys = (f"the row {' '.join(row.cells.values())}",) if share is None else product(codes, (importer,))
            check_once(row, "origins", keys, seen)
            part = ImportOrigin(
                origins=codes, share=(share or 0.0) / 100, weight=weight or 0.0, source=row.text("source")
            )
            origins[importer].append(part)
            if sum(each.share for each in origins[importer]) > 1 + _ROUNDING:
                row.fault("share_pct", f"the shares of {importer} are more than 100 % from this row on")
                break  # so are those of all rows below
        return tuple(
            NetImports(
                country=market.country,
                imports=market.imports_kt,
                exports=market.exports_kt,
                origins=tuple(origins[market.country]),
                source=market.source,
                reported=market.origins == "reported",
            )
            for market in self.good.net_imports
        )

    def other_assets(self) -> tuple[OtherAsset, ...]:
        """Supply beside the fleet."""
        assets = []
        seen: dict[Key, int] = {}
        for row in self.rows("other_assets"):
            utilisation = row.number("utilisation")
            if not 0 < utilisation <= 1:
                row.fault("utilisation", f"{utilisation:g} is not above 0 and at most 1")
            country = row.code("iso3")
            self.know(row, "iso3", (country,))
            check_once(row, "iso3", ((row.cells["asset"], country),), seen)
            asset = OtherAsset(
                name=row.text("asset"),
                country=country,
                output=row.number("output_kt"),
                utilisation=utilisation,
                source=row.text("source"),
            )
            assets.append(asset)
        return tuple(assets)

    def prices(self) -> tuple[tuple[ProducerPrice, ...], float]:
        """Producer prices by country, and the reference price of the good."""
        prices, reference = [], 0.0
        seen: dict[Key, int] = {}
        for row in self.rows("prices"):
            price = row.number("price_usd_t")
            if price <= 0:
                row.fault("price_usd_t", "above 0 wanted")
            if row.cells["countries"] == REFERENCE:
                check_once(row, "countries", (REFERENCE,), seen)
                reference = price
                continue
            codes = self.know(row, "countries", row.codes("countries"))
            check_once(row, "countries", codes, seen)
            prices.append(ProducerPrice(countries=codes, price=price, source=row.text("source")))
        if reference <= 0 and self.tables["prices"].sound:
            self.tables["prices"].fault(1, "countries", f"no row {REFERENCE!r}")
        return tuple(prices), reference


def _as_stated(kind: str, row: Row, source: str, countries: Mapping[str, str]) -> str:
    """A figure of the base year that a document states, in words short enough for a footnote."""
    if kind == "import_origins" and row.cells["share_pct"]:
        importer, origins = (
            re.sub(r"\w+", lambda code: countries.get(code[0], code[0]), row.cells[column])
            for column in ("importer", "origins")
        )
        return f"{row.cells['share_pct']} % of the imports of {importer} from {origins}"
    about = [text for column, text in row.cells.items() if text and column not in (source, "note", "rule", "reason")]
    return f"{kind.replace('_', ' ')}: {' '.join(about)}"
