"""The file of the page of claims: what the documents state, and the figures beside it, each with its source."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.errors import DataError
from sim.inputs.plain import read_plain
from sim.inputs.world_schema import Name, SourceFile
from sim.provenance import DOCUMENT
from sim.records.claims import Asked, Claim, ClaimPage, Span, Statistic
from sim.records.world import Source

_DIGIT = re.compile(r"\d")
MOST_DECIMALS = 3  # a figure beside a claim is told, not computed with
Unit = Literal["%", "kt", "bn USD", "M USD", "years"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class SpanFile(_Strict):
    """A figure: ``value``, or ``low`` and ``high``."""

    value: float | None = None
    low: float | None = None
    high: float | None = None
    unit: Unit

    @model_validator(mode="after")
    def whole(self) -> SpanFile:
        """Either a value or both ends, the lower first."""
        ends = self.low, self.high
        if (self.value is None) == (None in ends) or ends.count(None) == 1:
            raise ValueError("either value or low and high")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("low is not below high")
        return self

    def span(self) -> Span:
        """As a record."""
        low, high = (self.value, self.value) if self.value is not None else (self.low, self.high)
        return Span(low=float(low or 0.0), high=float(high or 0.0), unit=self.unit)


class AskedFile(_Strict):
    """A computed figure, see study/claims.py for what each calculation needs."""

    of: Literal[
        "output",
        "capacity",
        "exports",
        "flow",
        "use",
        "import_share",
        "use_share",
        "net_import_reliance",
        "output_share",
        "market_value",
        "table_share",
        "number",
    ]
    good: str = ""
    region: str = ""
    partner: str = ""
    table: str = ""
    column: str = ""
    share: dict[str, str] | None = None
    within: dict[str, str] | None = None
    scenario: str = ""
    number: str = ""


class StatisticFile(_Strict):
    """A figure beside a claim: ``figure`` or ``text`` with a source, or ``asked``."""

    what: str
    source: str = ""
    figure: SpanFile | None = None
    text: str = ""
    asked: AskedFile | None = None
    decimals: Annotated[int, Field(ge=0, le=MOST_DECIMALS)] = 0

    @model_validator(mode="after")
    def one(self) -> StatisticFile:
        """One of the three, and a source where nothing is computed."""
        if sum((self.figure is not None, bool(self.text), self.asked is not None)) != 1:
            raise ValueError("one of figure, text and asked")
        if (self.asked is None) != bool(self.source):
            raise ValueError("a source stands beside what is typed, and beside nothing that is computed")
        return self


class ClaimFile(_Strict):
    """One row. ``said`` is prose and holds no figure: these stand in the table with their sources."""

    row: Annotated[int, Field(ge=1)]
    heading: str
    stated: str
    quotes: Annotated[dict[Name, str], Field(min_length=1)]
    mechanism: str = ""
    scenarios: list[Name] = []
    figure: SpanFile | None = None
    beside: list[StatisticFile] = []
    said: str


class ClaimsFile(_Strict):
    """The file as written."""

    world: Name
    sources: dict[Name, SourceFile] = {}
    claims: Annotated[list[ClaimFile], Field(min_length=1)]


def read_claims(path: Path, sources_of: Callable[[str], Mapping[str, Source]]) -> ClaimPage:
    """The rows of the page; ``sources_of`` gives the sources of a world by its name.

    Raises ScenarioError for what is no YAML, DataError with every fault of the file: unknown or doubled sources,
    rows out of order, scenarios without a mechanism, figures in prose.
    """
    page = read_plain(path, ClaimsFile)
    of_world = sources_of(page.world)
    own = {key: Source(key=key, **entry.model_dump()) for key, entry in page.sources.items()}
    known = {**of_world, **own}
    faults = [f"sources.{key}: the world has a source of that name" for key in own if key in of_world]
    rows = [claim.row for claim in page.claims]
    if rows != list(range(1, len(rows) + 1)):
        faults.append(f"claims: rows {rows}, wanted 1 to {len(rows)} in order")
    used: set[str] = set()
    for claim in page.claims:
        where = f"row {claim.row}"
        faults += [
            f"{where}: {key!r} is no document of the bibliography"
            for key in claim.quotes
            if key not in known or known[key].tier != DOCUMENT
        ]
        cited = [statistic.source for statistic in claim.beside if statistic.source]
        faults += [f"{where}: no source {key!r}" for key in cited if key not in known]
        used.update(cited)
        if _DIGIT.search(claim.said):
            faults.append(f"{where}: said holds a figure; it belongs beside the claim, with its source")
        if claim.scenarios and not claim.mechanism:
            faults.append(f"{where}: scenarios without a mechanism")
    faults += [f"sources.{key}: nothing cites it" for key in own if key not in used]
    if faults:
        raise DataError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return ClaimPage(world=page.world, sources=own, claims=tuple(_claim(claim) for claim in page.claims))


def _claim(claim: ClaimFile) -> Claim:
    return Claim(
        row=claim.row,
        heading=claim.heading,
        stated=claim.stated,
        quotes=claim.quotes,
        mechanism=claim.mechanism,
        scenarios=tuple(claim.scenarios),
        span=claim.figure.span() if claim.figure else None,
        beside=tuple(
            Statistic(
                what=each.what,
                source=each.source,
                span=each.figure.span() if each.figure else None,
                text=each.text,
                asked=Asked(**each.asked.model_dump()) if each.asked else None,
                decimals=each.decimals,
            )
            for each in claim.beside
        ),
        said=claim.said,
    )
