"""Dependence on one country over all stages of a chain (section 9)."""

from __future__ import annotations

import numpy as np

from sim.axes import ORIGIN
from sim.quantity import Array
from sim.records.params import Params
from sim.records.trajectory import Trajectory


class Dependence:
    """What countries have a part in at any stage of the chains of a run.

    What a country makes counts whole, whatever it is made from; what others make counts as far as their input
    does. So Malaysian oxide from Chinese concentrate counts for China, and American concentrate that is
    separated in China comes back as Chinese.
    """

    def __init__(self, params: Params, found: Trajectory) -> None:
        self._order = _raw_first(params)
        self._shape = found.producer_price.shape
        self._flow = found.flow
        self._shares: dict[tuple[int, bool], Array] = {}
        self._touched: dict[int, Array] = {}

    def output(self, country: int) -> Array:
        """Share of each origin's output that the country had a part in at any stage, (n, t, c, o). [1]"""
        if country not in self._touched:
            touched = np.zeros(self._shape)
            for c, inputs in self._order:
                if inputs is not None:
                    touched[:, :, c] = self._bought(touched, inputs, abroad=False)
                touched[:, :, c, country] = 1.0
            self._touched = {country: touched}  # one after the other: the others would only fill memory
        return self._touched[country]

    def supply(self, country: int, good: int) -> Array:
        """Share of what reaches each market of a good that the country had a part in, (n, t, d). [1]"""
        return self._bought(self.output(country), good, abroad=False)

    def imports(self, country: int, good: int) -> Array:
        """The same share in imports alone, (n, t, d). [1]"""
        return self._bought(self.output(country), good, abroad=True)

    def _bought(self, touched: Array, good: int, *, abroad: bool) -> Array:
        part: Array = np.einsum("ntod,nto->ntd", self._share(good, abroad=abroad), touched[:, :, good])
        return part

    def _share(self, good: int, *, abroad: bool) -> Array:
        """Share of each origin in what reaches a market, of all or of imports, (n, t, o, d); 0 where nothing does."""
        if (good, abroad) not in self._shares:
            flow = self._flow[:, :, good]
            if abroad:
                flow = flow * ~np.eye(flow.shape[-1], dtype=bool)
            total = flow.sum(axis=ORIGIN, keepdims=True)
            self._shares[good, abroad] = flow / np.where(total > 0, total, 1.0)
        return self._shares[good, abroad]


def stages(params: Params) -> dict[int, int]:
    """Per good that is made from another, that other good."""
    technology = params.technology
    return {int(made): int(fed) for made, fed in zip(technology.good, technology.input_good, strict=True) if fed >= 0}


def _raw_first(params: Params) -> list[tuple[int, int | None]]:
    """Goods with their input, every good after what it is made from."""
    made_from = stages(params)

    def depth(c: int) -> int:
        return 1 + depth(made_from[c]) if c in made_from else 0

    return [(c, made_from.get(c)) for c in sorted(range(len(params.goods)), key=depth)]
