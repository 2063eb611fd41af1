"""Figures drawn by several processes are those that one process draws, in the same order."""

from __future__ import annotations

from functools import partial

import pytest

from sim.output.plots.gallery import gallery
from sim.output.plots.sharing import drawing
from tests import output_samples as samples


@pytest.fixture(scope="module")
def plan() -> partial:
    return partial(gallery, samples.summary(), samples.flows(), [samples.offer()], samples.facts(), samples.LABELS)


def test_shared_figures_are_the_same_to_the_byte(plan: partial) -> None:
    with drawing(plan, 1) as draw:
        alone = list(draw())
    with drawing(plan, 2) as draw:
        shared = list(draw())
    assert [name for name, _, _ in alone] == [name for name, _ in plan()]
    assert len(alone) > 2
    assert shared == alone


def test_more_processes_than_figures_are_not_begun(plan: partial, monkeypatch: pytest.MonkeyPatch) -> None:
    from sim.output.plots import sharing

    begun: list[int] = []
    processes = sharing.processes
    monkeypatch.setattr(sharing, "processes", lambda jobs, work: (begun.append(jobs), processes(jobs, work))[1])
    first = partial(_first, plan)
    with drawing(first, 8) as draw:
        assert len(list(draw())) == 1
    assert begun == []


def _first(plan: partial) -> list:
    return list(plan())[:1]
