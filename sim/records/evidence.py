"""Every number of the project with where it is from and what it is used for, as it is shown on a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sim.records.world import Source


@dataclass(frozen=True, kw_only=True)
class Stated:
    """One number as it was typed: its name, value and range, what it rests on and what uses it.

    ``spread`` is the range with the way it is drawn, ``unit`` that of the model (``1``: shares and rates). Where the
    range rests on another source than the value, ``range_source`` names it.
    """

    name: str
    value: str
    spread: str
    unit: str
    source: str
    tier: str  # weakest of value and range
    use: str
    file: str
    range_source: str = ""
    quote: str = ""
    note: str = ""
    carried_by: tuple[str, ...] = ()  # scenarios; empty for numbers of the world, which all carry


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of numbers of a table that is too long to be shown: how many, and from where."""

    file: str
    name: str
    count: int
    sources: tuple[str, ...]
    by_tier: Mapping[str, int]  # how many of them rest on each tier
    use: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A switch, or a measure without a number: what it says, and what it rests on."""

    name: str
    state: str
    meaning: str
    source: str
    tier: str
    carried_by: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class WorldNumbers:
    """The numbers of a world's files: those shown one by one, and the columns of the long tables."""

    stated: tuple[Stated, ...]
    columns: tuple[Column, ...]
    without_numbers: tuple[tuple[str, str], ...] = ()  # file, and what it holds instead


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All numbers of the shipped worlds and scenarios."""

    worlds: Mapping[str, WorldNumbers]
    stated: tuple[Stated, ...]
    choices: tuple[Choice, ...]
    scenarios: tuple[str, ...]
    sources: Mapping[str, Source]
    constants: tuple[tuple[str, str, str], ...] = ()  # of the equations: what, how much, where

    @property
    def shown(self) -> tuple[Stated, ...]:
        """The numbers that are shown one by one: those of the scenarios, then those of the worlds."""
        return (*self.stated, *(number for world in self.worlds.values() for number in world.stated))

    @property
    def in_tables(self) -> Mapping[str, int]:
        """How many numbers of the long tables rest on each tier."""
        found: dict[str, int] = {}
        for world in self.worlds.values():
            for column in world.columns:
                for tier, count in column.by_tier.items():
                    found[tier] = found.get(tier, 0) + count
        return found
