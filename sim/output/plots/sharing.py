"""Figures drawn by several processes: the same figures, in the same order, in less time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import zip_longest

from sim.output.plots.gallery import Drawn, Planned, drawn, made
from sim.study.workers import processes

Plan = Callable[[], Iterable[Planned]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Share:
    """Every ``step``-th figure of a plan, from the ``first`` on."""

    plan: Plan
    first: int
    step: int


def draw_share(share: Share) -> list[Drawn]:
    """The figures of a share with their files."""
    return list(drawn(made(share.plan(), share.first, share.step)))


@contextmanager
def drawing(plan: Plan, jobs: int) -> Iterator[Callable[[], Iterator[Drawn]]]:
    """Gives what draws the figures of a plan; ``jobs`` processes draw, this one last: others begin at once.

    A plan for several processes has to be one that can be pickled.
    """
    jobs = min(jobs, sum(1 for _ in plan()))
    if jobs <= 1:
        yield lambda: drawn(made(plan()))
        return
    with processes(jobs - 1, draw_share) as submit:
        others = [submit(Share(plan=plan, first=first, step=jobs)) for first in range(1, jobs)]

        def all_drawn() -> Iterator[Drawn]:
            own = draw_share(Share(plan=plan, first=0, step=jobs))
            for row in zip_longest(own, *(other.result() for other in others)):
                yield from (each for each in row if each is not None)

        yield all_drawn
