from __future__ import annotations

import numpy as np
import pytest

from sim.quantity import declared_quantities
from sim.records.trajectory import Trajectory
from sim.study.batches import batches, simulate_batches
from sim.study.progress import Steps, unheard
from tests.worlds import random_world


def test_batches_hold_every_draw_once_and_in_order() -> None:
    for draws, batch, count in ((1, 64, 1), (64, 64, 1), (65, 64, 2), (100, 16, 7)):
        parts = batches(draws, batch)
        assert len(parts) == count
        assert np.concatenate(parts).tolist() == list(range(draws))


@pytest.mark.parametrize(("jobs", "batch"), [(2, 64), (1, 16), (2, 16), (3, 1), (1, 24)])
def test_jobs_and_batches_do_not_change_a_bit(jobs: int, batch: int) -> None:
    params = random_world(11, draws=49, years=3)
    whole, parts = simulate_batches(params), simulate_batches(params, jobs, batch)
    for name in declared_quantities(Trajectory):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name), err_msg=name)
    assert whole.reasons == parts.reasons


def test_each_batch_is_one_step() -> None:
    heard: list[int] = []
    simulate_batches(random_world(3, draws=5, years=2), jobs=1, batch=2, step=lambda: heard.append(1))
    assert len(heard) == 3


def test_steps_tell_the_share_done_and_never_more_than_the_whole() -> None:
    heard: list[tuple[float, str]] = []
    steps = Steps(4, lambda share, what: heard.append((share, what)))
    for what in "abcde":
        steps.done(what)
    assert heard == [(0.25, "a"), (0.5, "b"), (0.75, "c"), (1.0, "d"), (1.0, "e")]
    Steps(0, unheard).done("nothing to do")


def test_fault_in_one_batch_is_raised() -> None:
    def stop() -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        simulate_batches(random_world(3, draws=5, years=2), jobs=2, batch=2, step=stop)
