"""The numbers in the files of a world, each with its source: rules of world.yaml and cells of the tables."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.errors import DataError
from sim.inputs.statistics import REFERENCE
from sim.inputs.world import read_sources, read_world_file
from sim.inputs.world_schema import GoodFile, RatioFile
from sim.provenance import weakest_first
from sim.records.evidence import Column, Stated, WorldNumbers
from sim.records.world import Source

_ABOUT = (
    *("asset", "exporter", "exporters", "origins", "importer", "importers", "destinations"),
    *("iso3", "countries", "code"),
)
FEW_ROWS = 20  # a table of so many rows is shown number by number: each of them was looked up or chosen singly
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?\Z")
_NO_NUMBERS = ("code",)  # digits, but a name
_UNITS = {"_pct": "%", "_usd_t": "USD/t", "_usd_kg": "USD/kg", "_kusd": "kUSD", "_kt": "kt/yr", "_t": "t"}
# what the numbers of each kind of table are used for; the steps are those of docs/data.md
TABLE_USES = {
    "production": "base year: output and capacity of the fleet; supply (2), (3)",
    "trade": "base year: flows between countries, before re-exports are traced",
    "records": "base year: customs records, screened and turned into content",
    "stages": "base year: records that are another stage than their code says",
    "home_use": "base year: use of a producing country; the rest is exported",
    "trade_facts": "base year: single flows that are known better than the trade code",
    "import_origins": "base year: shares of a market's imports, held fixed in balancing; taste a in (9)",
    "other_assets": "base year: supply beside the fleet; supply (2), (3)",
    "prices": "base year: what producers get; p in (1), (7)",
}
RULE_USES = {
    "export_limit": "base year: most of its metal that a country exports",
    "highest_utilisation": "base year: utilisation in (2) at most",
    "smallest_flow_kt": "base year: smallest traced flow that is kept",
    "smallest_market_kt": "base year: smallest use that is kept",
    "input_ratio": "supply (1), (5): input per tonne",
    "lowest_usd_kg": "base year: cheapest record that is taken for the good",
    "content": "base year: content of a tonne of gross weight",
    "net_imports": "base year: total of a market that the trade code covers in part",
}


def world_numbers(folder: Path) -> WorldNumbers:
    """Every number in the files of a world.

    Raises ScenarioError or DataError for files that do not read, DataError for a number without a known source.
    """
    world = read_world_file(folder)
    sources = read_sources(folder / "sources.yaml")
    rules = [number for name, good in world.goods.items() for number in _rules(name, good, sources)]
    cells: list[Stated] = []
    columns: list[Column] = []
    read: set[str] = set()
    for good in world.goods.values():
        for kind, file in good.tables.model_dump().items():
            if file and file not in read:
                read.add(file)
                table = _TableNumbers(folder / file, kind, sources)
                cells += table.cells()
                columns += table.columns()
    unread = sorted(path.name for path in folder.glob("*.csv") if path.name not in read)
    return WorldNumbers(
        stated=(*rules, *cells),
        columns=tuple(columns),
        without_numbers=tuple((name, _held(name, world.countries)) for name in unread),
    )


def _held(file: str, countries: str) -> str:
    if file == countries:
        return "codes and names of countries"
    if file.startswith("balanced_"):
        return "written by the program from the other tables, kept for review; nothing reads it"
    raise DataError(f"{file}: no entry of world.yaml names this table")


def _tier(key: str, sources: Mapping[str, Source], where: str) -> str:
    if key not in sources:
        raise DataError(f"{where}: no source {key!r} in sources.yaml" if key else f"{where}: a number without a source")
    return sources[key].tier


def _rules(good: str, file: GoodFile, sources: Mapping[str, Source]) -> Iterator[Stated]:
    ratios: list[tuple[str, RatioFile]] = []
    for rule in ("export_limit", "highest_utilisation", "smallest_flow_kt", "smallest_market_kt"):
        stated = getattr(file.rules, rule)
        if stated is not None:
            ratios.append((rule, RatioFile.model_validate(stated.model_dump())))
    own = file.rules.input_ratio
    if own is not None:
        ratios += [("input_ratio", own), *((f"input_ratio.by_country.{code}", r) for code, r in own.by_country.items())]
    if file.records is not None:
        ratios.append(("lowest_usd_kg", file.records.lowest_usd_kg))
        ratios += [(f"content.{' '.join(each.codes)}", each) for each in file.records.content]
    for rule, ratio in ratios:
        name = f"{good}.{rule}"
        from_value = getattr(ratio, "from_usd_kg", 0.0)
        yield Stated(
            name=name,
            value=f"{ratio.value:g}" + (f" from {from_value:g} USD/kg up" if from_value else ""),
            spread="" if ratio.low is None else f"{ratio.low:g} to {ratio.high:g}, shown and not drawn",
            unit={"input_ratio": "t/t", "content": "t/t", "lowest_usd_kg": "USD/kg"}.get(
                rule.split(".")[0], "kt/yr" if rule.endswith("_kt") else "1"
            ),
            source=ratio.source,
            tier=_tier(ratio.source, sources, f"world.yaml: {name}"),
            use=RULE_USES[rule.split(".")[0]],
            file="world.yaml",
            note=ratio.note,
        )
    for market in file.net_imports:
        for field in ("imports_kt", "exports_kt"):
            tonnes = getattr(market, field)
            if tonnes is not None:
                name = f"{good}.net_imports.{market.country}.{field}"
                yield Stated(
                    name=name,
                    value=f"{tonnes:g}",
                    spread="",
                    unit="kt/yr",
                    source=market.source,
                    tier=_tier(market.source, sources, f"world.yaml: {name}"),
                    use=RULE_USES["net_imports"],
                    file="world.yaml",
                    note=market.note,
                )


class _TableNumbers:
    """The numbers of one table: one by one where they are few, else column by column."""

    def __init__(self, path: Path, kind: str, sources: Mapping[str, Source]) -> None:
        self.path = path
        self.kind = kind
        self.sources = sources
        with path.open(encoding="utf-8", newline="") as stream:
            self.rows = list(csv.DictReader(stream))
        self.names = list(self.rows[0]) if self.rows else []

    def numeric(self) -> list[str]:
        """Columns whose filled cells are all numbers."""
        filled = {name: [row[name] for row in self.rows if row[name]] for name in self.names}
        return [
            name
            for name, cells in filled.items()
            if name not in _NO_NUMBERS and cells and all(_NUMBER.match(cell) for cell in cells)
        ]

    def source(self, row: Mapping[str, str], column: str) -> str:
        """The key that stands behind a cell: a capacity may have one of its own."""
        own = "capacity_source" if "capacity" in column and "capacity_source" in row else "source"
        return row.get(own, "")

    def tier(self, row: Mapping[str, str], column: str) -> str:
        """The tier of a cell's source; DataError where there is none."""
        return _tier(self.source(row, column), self.sources, f"{self.path.name}: {self._key(row)}: {column}")

    def cells(self) -> Iterator[Stated]:
        """The numbers of a short table."""
        if len(self.rows) > FEW_ROWS:
            return
        numeric = self.numeric()
        for row in self.rows:
            for column in numeric:
                if not row[column] or column.startswith(("low_", "high_")):
                    continue
                yield Stated(
                    name=f"{self.path.stem}.{self._key(row)}.{column}",
                    value=row[column],
                    spread=_range(row, column),
                    unit=_unit(column),
                    source=self.source(row, column),
                    tier=self.tier(row, column),
                    use=TABLE_USES[self.kind],
                    file=self.path.name,
                    note=row.get("note") or row.get("rule") or row.get("reason") or "",
                )

    def _key(self, row: Mapping[str, str]) -> str:
        """What a row is about: its texts other than sources and notes, long lists of countries cut."""
        return " ".join(_cut(row[name]) for name in _ABOUT if row.get(name))

    def columns(self) -> Iterator[Column]:
        """The columns of a long table."""
        if len(self.rows) <= FEW_ROWS:
            return
        for column in self.numeric():
            rows = [row for row in self.rows if row[column]]
            tiers = Counter(self.tier(row, column) for row in rows)
            yield Column(
                file=self.path.name,
                name=column,
                count=len(rows),
                sources=tuple(dict.fromkeys(self.source(row, column) for row in rows)),
                by_tier={tier: tiers[tier] for tier in weakest_first(tiers)},
                use=TABLE_USES[self.kind],
            )


_LONGEST_LIST = 3  # countries named before the rest is counted


def _cut(part: str) -> str:
    codes = part.split()
    if part == REFERENCE or len(codes) <= _LONGEST_LIST:
        return part
    return f"{' '.join(codes[:_LONGEST_LIST])} and {len(codes) - _LONGEST_LIST} more"


def _range(row: Mapping[str, str], column: str) -> str:
    stems = [(f"low_{column}", f"high_{column}")]
    if column in ("kt", "price_usd_t"):  # the columns of these tables are named without the stem
        unit = column.removeprefix("price_")
        stems.append((f"low_{unit}", f"high_{unit}"))
    for low, high in stems:
        if row.get(low) and row.get(high):
            return f"{row[low]} to {row[high]}, shown and not drawn"
    return ""


def _unit(column: str) -> str:
    if column == "kt":
        return "kt/yr"
    return next((unit for ending, unit in _UNITS.items() if column.endswith(ending)), "1")
