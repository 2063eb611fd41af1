"""Dependence on one country over all stages of a chain (section 9)."""

from __future__ import annotations

import numpy as np

from sim.axes import ORIGIN
from sim.quantity import Array
from sim.records.params import Params
from sim.records.trajectory import Trajectory


def touched_output(params: Params, found: Trajectory, country: int) -> Array:
    """Share of each origin's output that a country had a part in at any stage, (n, t, c, o). [1]

    What a country makes counts whole, whatever it is made from; what others make counts as far as their input
    does. So Malaysian oxide from Chinese concentrate counts for China, and American concentrate that is
    separated in China comes back as Chinese.
    """
    touched = np.zeros_like(found.producer_price)
    for c, inputs in _raw_first(params):
        if inputs is not None:
            touched[:, :, c] = touched_supply(found, touched, inputs)
        touched[:, :, c, country] = 1.0
    return touched


def touched_supply(found: Trajectory, touched: Array, good: int) -> Array:
    """Share of what reaches each market of a good that the country had a part in, (n, t, d). [1]

    ``touched`` (n, t, c, o) is that share in the output of each origin.
    """
    flow = found.flow[:, :, good]
    total = flow.sum(axis=ORIGIN)
    part = (flow * touched[:, :, good, :, None]).sum(axis=ORIGIN)
    share: Array = part / np.where(total > 0, total, 1.0)
    return share


def touched_imports(found: Trajectory, touched: Array, good: int) -> Array:
    """The same share in imports alone, (n, t, d). [1]"""
    flow = found.flow[:, :, good] * ~np.eye(found.flow.shape[3], dtype=bool)
    total = flow.sum(axis=ORIGIN)
    part = (flow * touched[:, :, good, :, None]).sum(axis=ORIGIN)
    share: Array = part / np.where(total > 0, total, 1.0)
    return share


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
