"""The file of a page that is checked against runs: tables of probes, beside figures from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.errors import DataError
from sim.inputs.leaves import FIRST_YEAR, LAST_YEAR
from sim.inputs.plain import read_plain
from sim.inputs.world_schema import Name, SourceFile
from sim.records.footing import LEVEL
from sim.records.probes import Beside, Cell, Probe, ProbePage, ProbeRow, ProbeTable, RunKey
from sim.records.world import Source

MOST_DRAWS = 10_000  # of a page: more would take hours and change no digit shown
MOST_DECIMALS = 4  # of a number on a page
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
WANTED = ("scenario", "indicator", "good", "region", "years")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RunFile(_Strict):
    """A run: a scenario and a text for SET."""

    scenario: Name
    set: str = ""


class AgainstFile(RunFile):
    """A run that a number is compared with: taken away, or what the difference is a share of."""

    relative: bool = False


class BesideFile(_Strict):
    """A figure from elsewhere."""

    text: str
    source: str


class PartFile(_Strict):
    """Part of a probe; a table, a column and a row each state some, and the row has the last word.

    ``set`` changes the run, ``assuming`` the run and what it is compared with.
    """

    scenario: Name | None = None
    set: str | None = None
    assuming: str | None = None
    indicator: Name | None = None
    good: Name | None = None
    region: Name | None = None
    partner: str | None = None
    years: Year | Annotated[list[Year], Field(min_length=2, max_length=2)] | None = None
    kind: Literal["level", "difference", "change"] | None = None
    against: AgainstFile | None = None
    per: PartFile | None = None


class ShownFile(PartFile):
    """Part of a probe with how it is shown."""

    unit: Literal["", "%", "year"] | None = None
    decimals: Annotated[int, Field(ge=0, le=MOST_DECIMALS)] | None = None
    band: bool | None = None
    median: bool | None = None


class ColumnFile(ShownFile):
    """A column."""

    label: str


class RowFile(ColumnFile):
    """A row."""

    expected: BesideFile | None = None
    observed: BesideFile | None = None


class TableFile(_Strict):
    """A table."""

    heading: str
    probe: ShownFile
    columns: Annotated[list[ColumnFile], Field(min_length=1)]
    rows: Annotated[list[RowFile], Field(min_length=1)]


class PageFile(_Strict):
    """The file as written."""

    world: Name
    draws: Annotated[int, Field(ge=1, le=MOST_DRAWS)]
    seed: Annotated[int, Field(ge=0)]
    sources: dict[Name, SourceFile] = {}
    tables: Annotated[dict[Name, TableFile], Field(min_length=1)]


def read_probes(path: Path, sources_of: Callable[[str], Mapping[str, Source]]) -> ProbePage:
    """The page's tables; ``sources_of`` gives the sources of a world by its name.

    Raises ScenarioError for what is no YAML, DataError with every fault of the file.
    """
    page = read_plain(path, PageFile)
    sources = sources_of(page.world)
    own = {key: Source(key=key, **entry.model_dump()) for key, entry in page.sources.items()}
    faults = [f"sources.{key}: the world has a source of that name" for key in own if key in sources]
    for name, table in page.tables.items():
        for where, beside in _figures(table):
            if beside.source not in own and beside.source not in sources:
                faults.append(f"tables.{name}: {where}: no source {beside.source!r}")
    tables = [_table(name, table, faults) for name, table in page.tables.items()]
    if faults:
        raise DataError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return ProbePage(world=page.world, draws=page.draws, seed=page.seed, sources=own, tables=tuple(tables))


def _figures(table: TableFile) -> Iterator[tuple[str, BesideFile]]:
    for row in table.rows:
        for beside in (row.expected, row.observed):
            if beside is not None:
                yield row.label, beside


def _table(name: str, table: TableFile, faults: list[str]) -> ProbeTable:
    rows = []
    for row in table.rows:
        cells = []
        for column in table.columns:
            found: list[str] = []
            cell = _cell((table.probe, column, row), found)
            faults += [f"tables.{name}: {row.label}, {column.label}: {fault}" for fault in found]
            if cell is not None:
                cells.append(cell)
        expected, observed = (
            None if beside is None else Beside(text=beside.text, source=beside.source)
            for beside in (row.expected, row.observed)
        )
        rows.append(ProbeRow(label=row.label, cells=tuple(cells), expected=expected, observed=observed))
    return ProbeTable(
        name=name, heading=table.heading, columns=tuple(column.label for column in table.columns), rows=tuple(rows)
    )


def _cell(parts: tuple[ShownFile, ...], faults: list[str]) -> Cell | None:
    probe = _probe(parts, faults)
    if probe is None:
        return None
    return Cell(
        probe=probe,
        unit=_last(parts, "unit") or "",
        decimals=int(_last(parts, "decimals") or 0),
        band=bool(_last(parts, "band")),
        median=bool(_last(parts, "median")),
    )


def _probe(parts: tuple[PartFile, ...], faults: list[str], inner: bool = False) -> Probe | None:
    missing = [name for name in WANTED if _last(parts, name) is None]
    if missing:
        faults.append(f"{', '.join(missing)} missing")
        return None
    kind, stated = _last(parts, "kind") or LEVEL, _last(parts, "years")
    years = tuple(stated) if isinstance(stated, list) else (stated,)
    if len(years) != (1 if kind == LEVEL else 2):
        faults.append(f"a {kind} is wanted with {'one year' if kind == LEVEL else 'two years'}")
    assumed = [part.assuming for part in parts if part.assuming]
    # a divisor with a scenario of its own is another run: what is SET of this one is not SET of that
    changed = parts[-1:] if inner and parts[-1].scenario is not None else parts
    texts = [*assumed, *(part.set for part in changed if part.set)]
    against = _last(parts, "against")
    divisor = _last(parts, "per")
    per = None
    if divisor is not None and not inner:
        # the divisor is the probe itself but for what it says otherwise
        per = _probe((*parts, divisor), faults, inner=True)
    return Probe(
        run=RunKey(scenario=str(_last(parts, "scenario")), overrides="; ".join(texts)),
        indicator=str(_last(parts, "indicator")),
        good=str(_last(parts, "good")),
        region=str(_last(parts, "region")),
        partner=_last(parts, "partner") or "",
        years=years,
        kind=kind,
        against=None
        if against is None
        else RunKey(scenario=against.scenario, overrides="; ".join([*assumed, *filter(None, [against.set])])),
        relative=against is not None and against.relative,
        per=per,
    )


def _last(parts: tuple[PartFile, ...], name: str) -> Any:
    stated = [value for part in parts if (value := getattr(part, name, None)) is not None]
    return stated[-1] if stated else None
