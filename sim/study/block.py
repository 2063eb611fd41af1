"""A block of draws of a run: scenario and baseline solved for the central run and some draws beside it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.quantity import Index
from sim.records.params import Params
from sim.records.sampling import BATCH
from sim.records.trajectory import SOLVED, Trajectory

Part = tuple[int, int]  # draws from the first to before the second


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """Both runs on the same draws; row 0 is the central run, which every block has for its own."""

    params: Params
    base_params: Params
    found: Trajectory
    base: Trajectory

    @property
    def solved(self) -> Index:
        """Rows of the draws that are solved in both runs, the central run left out."""
        return 1 + np.flatnonzero((self.found.status[1:] == SOLVED) & (self.base.status[1:] == SOLVED))

    def central(self) -> Block:
        """The central run alone."""
        row = np.array([0])
        return Block(
            params=self.params.take(row),
            base_params=self.base_params.take(row),
            found=self.found.take(row),
            base=self.base.take(row),
        )


def parts_of(first: int, end: int, size: int = BATCH) -> list[Part]:
    """The draws from ``first`` to before ``end`` cut into parts of nearly one size; one without any where none are.

    A small part costs a core as many calls as a full one.
    """
    count = max(1, -(-(end - first) // size))
    cuts = [first + (end - first) * k // count for k in range(count + 1)]
    return list(pairwise(cuts))
