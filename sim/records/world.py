"""A benchmark world: regions, goods and the balanced base year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sim.errors import DataError
from sim.quantity import Array, Index, check_and_lock, quantity


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region: name in files, label in figures, ISO3 codes of its countries."""

    name: str
    label: str
    iso3: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Good:
    """A metal at one stage; ``input`` names the good it is made from, if any.

    ``caution`` is what a reader of its numbers has to know, one sentence without a full stop; empty where nothing is.
    """

    name: str
    label: str
    unit: str  # what a tonne counts, e.g. "Al content", "REO"
    input: str | None = None
    caution: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One entry of a bibliography; ``tier`` is one of provenance.TIERS."""

    key: str
    title: str
    tier: str
    locator: str = ""
    licence: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class WorldDefinition:
    """The names of a world, before any statistic is read: what scenario files may refer to.

    ``groups`` holds those the world defines; ``all`` and ``all_foreign`` exist everywhere.
    """

    name: str
    year: int
    regions: tuple[Region, ...]
    goods: tuple[Good, ...]
    groups: Mapping[str, tuple[str, ...]]
    sources: Mapping[str, Source]


@dataclass(frozen=True, eq=False, kw_only=True)
class World:
    """The base year, balanced: rows of ``flows`` add up to output, columns to use.

    ``asset_good``, ``asset_region`` index goods and regions. ``asset_names`` are unique within a good and
    region ("smelters", "old_scrap"). ``input_ratio`` is 0 where the good has no input. ``producer_price``
    is NaN-free: regions without output carry the reference price of the good.
    """

    name: str
    year: int
    regions: tuple[Region, ...]
    goods: tuple[Good, ...]
    groups: Mapping[str, tuple[str, ...]]
    asset_names: tuple[str, ...]
    asset_good: Index = quantity("a", "index", low=0)
    asset_region: Index = quantity("a", "index", low=0)
    output: Array = quantity("a", "kt/yr", low=0)
    capacity: Array = quantity("a", "kt/yr", low=0)
    input_ratio: Array = quantity("a", "t/t", low=0)
    producer_price: Array = quantity("co", "USD/t", above=0)
    flows: Array = quantity("cod", "kt/yr", low=0)
    report: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()  # per good, the tiers behind its statistics, weakest first, a blank between them
    stated: tuple[str, ...] = ()  # per good, figures in its statistics that a document states; empty where none is
    fingerprint: str = ""  # hash of the files it was built from

    def __post_init__(self) -> None:
        check_and_lock(self)
        if len(self.asset_names) != len(self.output):
            raise DataError(f"World: {len(self.asset_names)} asset names for {len(self.output)} assets")

    def good_index(self, name: str) -> int:
        """Position of a good; DataError where the world has none of that name."""
        return _position(name, [good.name for good in self.goods], "good")

    def region_index(self, name: str) -> int:
        """Position of a region; DataError where the world has none of that name."""
        return _position(name, [region.name for region in self.regions], "region")

    @property
    def region_names(self) -> tuple[str, ...]:
        """Names of the regions in the order of the axes ``o`` and ``d``."""
        return tuple(region.name for region in self.regions)

    @property
    def good_names(self) -> tuple[str, ...]:
        """Names of the goods in the order of the axis ``c``."""
        return tuple(good.name for good in self.goods)

    def chains(self) -> tuple[tuple[str, ...], ...]:
        """Names of the goods that are tied by inputs, one set after the other."""
        made_from = {good.name: good.input for good in self.goods}

        def raw(name: str) -> str:
            source = made_from[name]
            return name if source is None else raw(source)

        return tuple(
            tuple(name for name in self.good_names if raw(name) == first)
            for first in dict.fromkeys(raw(name) for name in self.good_names)
        )

    def cut(self, goods: tuple[str, ...]) -> World:
        """The world of some goods, whole chains of them."""
        keep = np.array([self.good_index(name) for name in goods], dtype=np.int64)
        assets = np.flatnonzero(np.isin(self.asset_good, keep))
        place = np.full(len(self.goods), -1, dtype=np.int64)
        place[keep] = np.arange(len(keep))
        return replace(
            self,
            goods=tuple(self.goods[i] for i in keep),
            asset_names=tuple(self.asset_names[i] for i in assets),
            asset_good=place[self.asset_good[assets]],
            asset_region=self.asset_region[assets],
            output=self.output[assets],
            capacity=self.capacity[assets],
            input_ratio=self.input_ratio[assets],
            producer_price=self.producer_price[keep],
            flows=self.flows[keep],
            tiers=tuple(self.tiers[i] for i in keep) if self.tiers else (),
            stated=tuple(self.stated[i] for i in keep) if self.stated else (),
        )

    def input_index(self) -> Index:
        """Per good the position of its input, -1 where it has none."""
        return np.array([-1 if g.input is None else self.good_index(g.input) for g in self.goods], dtype=np.int64)


def _position(name: str, names: list[str], what: str) -> int:
    try:
        return names.index(name)
    except ValueError:
        raise DataError(f"no {what} {name!r}; the world has {', '.join(names)}") from None
