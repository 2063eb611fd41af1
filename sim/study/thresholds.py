"""Whether a market's dependence on a country ever falls to a threshold, and when (section 9)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.dependence import Dependence
from sim.quantity import Array, Mask
from sim.records.by_draw import ByDraw
from sim.records.outcome import Subject
from sim.records.params import Params
from sim.records.trajectory import Trajectory
from sim.study.block import Block

MOST_FROM_ONE = 0.65  # the benchmark of Regulation (EU) 2024/1252, article 5, for one third country at any stage
HALF = 0.5  # more comes from elsewhere than from the country
THRESHOLDS = (MOST_FROM_ONE, HALF)


@dataclass(frozen=True, eq=False, kw_only=True)
class Reached(ByDraw):
    """Whether a share of one subject has fallen to a threshold so far, (n, t), in either run.

    ``there`` (n,) tells where it is in the benchmark year already.
    """

    subject: Subject
    name: str
    there: Mask
    before: Mask
    after: Mask


def reached_by(subject: Subject, block: Block) -> tuple[Reached, ...]:
    """What a block tells of each share of a subject's final good and each threshold.

    The shares are what the country sells of the market's imports, and of its supply at any stage.
    """
    told = []
    for name, share in (("import_share", _import_share), ("touched_supply", _touched)):
        before, after = (share(subject, block.params, run) for run in (block.base, block.found))
        told += [
            Reached(
                subject=subject,
                name=f"{name}_falls_to_{100 * threshold:.0f}",
                there=after[:, 0] <= threshold,
                before=_fell_to(before, threshold),
                after=_fell_to(after, threshold),
            )
            for threshold in THRESHOLDS
        ]
    return tuple(told)


def _fell_to(share: Array, threshold: float) -> Mask:
    """Whether a share (n, t) has been at or below the threshold in any year so far after the benchmark's."""
    below = share <= threshold
    below[:, 0] = False
    so_far: Mask = np.logical_or.accumulate(below, axis=1)
    return so_far


def _import_share(subject: Subject, params: Params, run: Trajectory) -> Array:
    """What the country sells of the imports of the market, (n, t); 0 where nothing is imported. [1]"""
    c, d = params.goods.index(subject.goods[0]), params.regions.index(subject.market)
    bought = run.flow[:, :, c, :, d].copy()
    bought[:, :, d] = 0.0
    total = bought.sum(axis=2)
    share: Array = bought[:, :, params.regions.index(subject.country)] / np.where(total > 0, total, 1.0)
    return share


def _touched(subject: Subject, params: Params, run: Trajectory) -> Array:
    """What the country has a part in of the supply of the market, (n, t). [1]"""
    c, d = params.goods.index(subject.goods[0]), params.regions.index(subject.market)
    return Dependence(params, run).supply(params.regions.index(subject.country), c)[:, :, d]
