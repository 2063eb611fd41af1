"""What world.yaml and sources.yaml may hold: their fields, one by one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

_LONGEST_NAME = 40  # characters: a column of the report
_MOST_TONNES = 1e7  # kt a year: a hundred times the world's aluminium, so a slip of units is told
_LONGEST_CAUTION = 300  # characters: two lines under a figure
FIRST_YEAR, LAST_YEAR = 1900, 2100  # what can be meant as a base year

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$", max_length=_LONGEST_NAME)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{2}$")]
TableName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*\.csv$")]
Tonnes = Annotated[float, Field(ge=0, le=_MOST_TONNES)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class RegionFile(_Strict):
    """A region: its countries, or ``remainder`` for the one that takes the rest."""

    label: str
    countries: list[Code] | Literal["remainder"]


class RuleFile(_Strict):
    """A share used in putting the statistics together, with its reason."""

    value: Annotated[float, Field(gt=0, le=1)]
    source: str
    note: str = ""


Ratio = Annotated[float, Field(gt=0, le=100)]


class RatioFile(_Strict):
    """Tonnes of one thing per tonne of another, with its reason; a range is shown, not drawn."""

    value: Ratio
    low: Ratio | None = None
    high: Ratio | None = None
    source: str
    note: str = ""


class InputRatioFile(RatioFile):
    """Tonnes of input per tonne of output: of all countries, and of those that differ."""

    by_country: dict[Code, RatioFile] = {}


class RulesFile(_Strict):
    """The rules of assembly of one good."""

    export_limit: RuleFile
    highest_utilisation: RuleFile
    smallest_flow_kt: RuleFile
    smallest_market_kt: RuleFile | None = None
    input_ratio: InputRatioFile | None = None


class ContentFile(RatioFile):
    """Content of a tonne of gross weight, for the codes named, from a unit value up; the first that fits holds."""

    codes: Annotated[list[str], Field(min_length=1)]
    from_usd_kg: Annotated[float, Field(ge=0)] = 0.0


class RecordsFile(_Strict):
    """How records in gross weight become trade in the good.

    ``takes``: the records that the table of stages gives to the good (listed), or those it does not name (unlisted).
    """

    takes: Literal["listed", "unlisted"]
    lowest_usd_kg: RatioFile
    content: list[ContentFile] = []


class NetImportsFile(_Strict):
    """A market whose imports are known by its own totals.

    With ``exports_kt`` these are netted; without, exports stay as they are reported. ``origins: reported`` keeps
    the origins as they are stated, ``traced`` gives re-exports to their producer.
    """

    country: Code
    imports_kt: Tonnes
    exports_kt: Tonnes | None = None
    origins: Literal["traced", "reported"] = "traced"
    source: str
    note: str = ""


class ClosedRoutesFile(_Strict):
    """Pairs of countries without trade in the base year."""

    origins: list[Code]
    destinations: list[Code]
    source: str
    note: str = ""


class TablesFile(_Strict):
    """The tables of one good; those left out are empty."""

    production: TableName
    trade: TableName | None = None
    records: TableName | None = None
    stages: TableName | None = None
    prices: TableName
    home_use: TableName | None = None
    trade_facts: TableName | None = None
    import_origins: TableName | None = None
    other_assets: TableName | None = None


def _one_input(value: object) -> object:
    """What ``input`` names: one good, since the engine subtracts the price of one from that of the product."""
    if isinstance(value, (list, dict)):
        raise PydanticCustomError(
            "one_input",
            "one good is wanted: a good is made from one other, and what else it takes is part of its costs",
        )
    return value


class GoodFile(_Strict):
    """One good: its name in figures, its tables and its rules; ``caution`` is told beside its results."""

    label: str
    unit: str
    fleet: Name
    input: Annotated[Name | None, BeforeValidator(_one_input)] = None
    caution: Annotated[str, Field(max_length=_LONGEST_CAUTION)] = ""
    reexports: Literal["traced", "as_reported"] = "traced"
    tables: TablesFile
    rules: RulesFile
    records: RecordsFile | None = None
    net_imports: list[NetImportsFile] = []
    closed_routes: list[ClosedRoutesFile] = []


class WorldFile(_Strict):
    """world.yaml as written."""

    name: Name
    year: Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]
    countries: TableName
    regions: Annotated[dict[Name, RegionFile], Field(min_length=1)]
    groups: dict[Name, list[Name]] = {}
    goods: Annotated[dict[Name, GoodFile], Field(min_length=1)]


class SourceFile(_Strict):
    """One entry of sources.yaml as written."""

    title: str
    tier: Literal["document", "assumption", "derived", "literature", "statistic"]
    locator: str = ""
    licence: str = ""
    note: str = ""


class SourcesFile(_Strict):
    """sources.yaml as written."""

    entries: dict[Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")], SourceFile]
