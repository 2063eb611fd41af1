"""Questions put to runs, and the tables of their answers beside what is expected and what was observed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.records.footing import DIFFERENCE, LEVEL
from sim.records.outcome import Band
from sim.records.world import Source

CHANGE = "change"  # in percent of the baseline
KINDS = (LEVEL, DIFFERENCE, CHANGE)


@dataclass(frozen=True, kw_only=True)
class RunKey:
    """One run: a scenario and what SET would change in it."""

    scenario: str
    overrides: str = ""


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One number of one run.

    ``years`` holds one year, or two where ``kind`` is a difference or a change (share of the first). ``against``
    is a run whose number is taken away (``relative``: of which the difference is a share), ``per`` a probe whose
    number divides.
    """

    run: RunKey
    indicator: str
    good: str
    region: str
    partner: str
    years: tuple[int, ...]
    kind: str
    against: RunKey | None = None
    per: Probe | None = None
    relative: bool = False

    @property
    def runs(self) -> tuple[RunKey, ...]:
        """Every run that the probe looks into."""
        own = (self.run,) if self.against is None else (self.run, self.against)
        return own if self.per is None else own + self.per.runs


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A figure from elsewhere, as text, with the key of its source."""

    text: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a table: its probe, how it is printed, and whether its band is wanted.

    ``median``: the band stands beside the median of the draws and not beside the central run.
    """

    probe: Probe
    unit: str
    decimals: int
    band: bool
    median: bool = False

    @property
    def drawn(self) -> bool:
        """Whether the runs need draws."""
        return self.band or self.median


@dataclass(frozen=True, kw_only=True)
class ProbeRow:
    """A row: one cell per column, then what stands beside them."""

    label: str
    cells: tuple[Cell, ...]
    expected: Beside | None = None
    observed: Beside | None = None

    @property
    def beside(self) -> tuple[Beside, ...]:
        """The figures from elsewhere that there are."""
        return tuple(figure for figure in (self.expected, self.observed) if figure is not None)


@dataclass(frozen=True, kw_only=True)
class ProbeTable:
    """A table of probes."""

    name: str
    heading: str
    columns: tuple[str, ...]
    rows: tuple[ProbeRow, ...]


@dataclass(frozen=True, kw_only=True)
class ProbePage:
    """All tables of a page; ``sources`` are its own, besides those of the world."""

    world: str
    draws: int
    seed: int
    sources: Mapping[str, Source]
    tables: tuple[ProbeTable, ...]


@dataclass(frozen=True, kw_only=True)
class AnsweredTable:
    """A table with its answers, row by row and column by column."""

    table: ProbeTable
    answers: tuple[tuple[Band, ...], ...]
