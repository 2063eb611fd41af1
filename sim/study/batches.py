"""Simulate many draws in batches, on several cores if wanted."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sim.model import simulate
from sim.quantity import Index
from sim.records.params import Params
from sim.records.sampling import BATCH
from sim.records.trajectory import Trajectory, joined


def batches(draws: int, batch: int = BATCH) -> list[Index]:
    """The draws cut into batches of nearly one size: a small one costs a core as many calls as a full one."""
    return np.array_split(np.arange(draws), -(-draws // batch))


def simulate_batches(
    params: Params, jobs: int = 1, batch: int = BATCH, step: Callable[[], None] = lambda: None
) -> Trajectory:
    """The trajectory of all draws; ``jobs`` threads and ``batch`` change the time, not a bit of the result.

    ``step`` is called after each batch.
    """

    def solved(draws: Index) -> Trajectory:
        part = simulate(params.take(draws))
        step()
        return part

    with ThreadPoolExecutor(max_workers=max(jobs, 1)) as pool:
        return joined(list(pool.map(solved, batches(params.draws, batch))))
