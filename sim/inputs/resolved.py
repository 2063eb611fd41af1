"""A resolved scenario read back from its text: what a run is solved from when it is made again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from sim.inputs.leaves import OWN_NAME
from sim.inputs.plain import read_plain
from sim.records.scenario import KINDS, Condition, Measure, Number, Place, Scenario, Switch, Years

_MOST_BYTES = 4 * 1024 * 1024  # thirty times the longest that a shipped scenario gives
_NOT = "not "

OwnName = Annotated[str, Field(pattern=OWN_NAME)]
ScenarioName = Annotated[str, Field(pattern=r"^(backtests/)?[a-z][a-z0-9_]*$")]
FileName = Annotated[str, Field(pattern=r"^scenarios(/[a-z][a-z0-9_]*)+\.yaml$")]
At = Annotated[str, Field(pattern=r"^[^:]+:[0-9]{1,6}$")]
Shape = Literal["point", "triangular", "uniform", "loguniform", "pert", "normal", "lognormal", "discrete", "by_year"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class _Number(_Strict):
    value: float | None = None
    low: float | None = None
    high: float | None = None
    by_year: dict[int, float] = {}
    values: dict[float, float] = {}
    unit: str
    shape: Shape
    drawn_with: str | None = None
    correlation: float | None = None
    written: dict[str, str]
    source: str
    tier: str
    range_source: str | None = None
    range_tier: str | None = None
    quote: str | None = None
    note: str | None = None
    at: At

    def record(self, path: str) -> Number:
        """The number at a path; the column it stands in is not told, and nothing hangs on it."""
        return Number(
            path=path,
            place=_place(self.at),
            by_year=tuple(self.by_year.items()),
            values=tuple(self.values.items()),
            **self.model_dump(exclude={"at", "by_year", "values"}),
        )


class _Switch(_Strict):
    probability: _Number | None = None
    state: Literal["on", "off"] = "on"
    on_from: date | None = None
    off_from: date | None = None
    meaning: str
    source: str
    at: At


class _Measure(BaseModel):
    """Beside the fields of every measure: its choices, which are texts, and its numbers."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)
    __pydantic_extra__: dict[str, _Number | str]

    kind: Annotated[str, Field(pattern=f"^({'|'.join(KINDS)})$")]
    good: str
    region: str | None = None
    origins: list[str] = []
    destinations: list[str] = []
    when: list[str] = []
    starts: date | None = None
    ends: date | None = None
    source: str | None = None
    note: str | None = None
    at: At


class _Years(_Strict):
    first: int
    last: int
    focus: int


class _Resolved(_Strict):
    scenario: ScenarioName
    title: str
    question: str
    world: OwnName
    years: _Years
    compare_with: ScenarioName | None = None
    chain: list[ScenarioName]
    files: list[FileName]
    switches: dict[str, _Switch]
    measures: dict[str, _Measure]
    parameters: dict[str, _Number]


def read_resolved(path: Path) -> Scenario:
    """The scenario of which ``path`` holds the text that ``resolved_yaml`` gives.

    Raises ScenarioError for what is no YAML, DataError with every fault, each with file, line and column.
    """
    told = read_plain(path, _Resolved, _MOST_BYTES)
    return Scenario(
        name=told.scenario,
        title=told.title,
        question=told.question,
        world=told.world,
        years=Years(**told.years.model_dump()),
        compare_with=told.compare_with,
        chain=tuple(told.chain),
        files=tuple(told.files),
        switches={name: _switch(name, each) for name, each in told.switches.items()},
        measures={name: _measure(name, each) for name, each in told.measures.items()},
        parameters={
            tuple(name.split(".")): number.record(f"parameters.{name}") for name, number in told.parameters.items()
        },
    )


def _switch(name: str, told: _Switch) -> Switch:
    probability = told.probability
    return Switch(
        name=name,
        meaning=told.meaning,
        source=told.source,
        place=_place(told.at),
        on_from=told.on_from,
        off_from=told.off_from,
        always_off=told.state == "off",
        probability=None if probability is None else probability.record(f"switches.{name}.probability"),
    )


def _measure(name: str, told: _Measure) -> Measure:
    more: Mapping[str, _Number | str] = told.__pydantic_extra__
    return Measure(
        name=name,
        kind=told.kind,
        good=told.good,
        place=_place(told.at),
        origins=tuple(told.origins),
        destinations=tuple(told.destinations),
        region=told.region,
        when=tuple(Condition(switch=text.removeprefix(_NOT), negated=text.startswith(_NOT)) for text in told.when),
        starts=told.starts,
        ends=told.ends,
        numbers={
            field: number.record(f"measures.{name}.{field}")
            for field, number in more.items()
            if isinstance(number, _Number)
        },
        choices={field: text for field, text in more.items() if isinstance(text, str)},
        source=told.source,
        note=told.note,
    )


def _place(at: str) -> Place:
    file, line = at.rsplit(":", 1)
    return Place(file=file, line=int(line), column=1)
