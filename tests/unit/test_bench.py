"""What the benchmark times: the opponent solves the same equations, and finds the same prices."""

from __future__ import annotations

import numpy as np

from sim.model import simulate
from tests.bench.run import OPPONENT_DRAWS, opponent
from tests.worlds import two_stage_world


def test_opponent_finds_the_prices_that_the_engine_finds() -> None:
    params = two_stage_world(OPPONENT_DRAWS, years=3)
    seconds, gap, live = opponent(params, simulate(params).producer_price)
    assert gap < 1e-8
    assert live == np.count_nonzero(params.benchmark_flow.sum(axis=2))
    assert seconds > 0
