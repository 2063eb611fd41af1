"""Simulate many draws in batches that fit the processor's cache, on several cores if wanted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import Trajectory, joined

BATCH = 64  # draws; a draw's numbers do not depend on it


def simulate_batches(params: Params, jobs: int = 1, batch: int = BATCH) -> Trajectory:
    """The trajectory of all draws; ``jobs`` threads and ``batch`` change the time, not a bit of the result."""
    parts = [np.arange(start, min(start + batch, params.draws)) for start in range(0, params.draws, batch)]
    with ThreadPoolExecutor(max_workers=max(jobs, 1)) as pool:
        return joined(list(pool.map(lambda draws: simulate(params.take(draws)), parts)))
