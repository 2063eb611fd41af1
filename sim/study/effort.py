"""What a sweep will take, foretold from a few of its parts that are solved on the spot."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.records.sampling import BATCH
from sim.study.bands import LEVELS
from sim.study.case import FLOAT_BYTES, Case
from sim.study.sweep import COPIES, Part, columns_at_once, task_of
from sim.study.workers import Cost, Task, costs_of, peak_memory

_TRIED = 3  # points that are tried, from the first to the last
_HEADER = 128  # bytes before the numbers of an npy file
_ROW = 260  # bytes of a row of sweep.csv, about: ten numbers and the names
_SORTED = 100_000  # numbers whose percentiles are timed
_FOLDS = 2  # percentiles of each column: of its level, of its change


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What is left to do of a sweep; seconds are of one core, bytes of the largest process and on disk."""

    points: int
    parts: int
    draws: int
    equilibria: int
    cpu_seconds: float
    memory: int
    disk: int


def effort_of(
    todo: Sequence[Part],
    cases: Sequence[Case],
    seed: int,
    jobs: int,
    draws: int,
    costs: Callable[[Sequence[Task]], Sequence[Cost]] = costs_of,
) -> Effort:
    """What the parts will take on ``jobs`` processes; the largest of them is tried at a few points.

    Each process solves the baseline of the same draws once, however many points share it.
    """
    if not todo:
        return Effort(points=0, parts=0, draws=0, equilibria=0, cpu_seconds=0.0, memory=peak_memory(), disk=0)
    points = sorted({part.point for part in todo})
    largest = max(part.count for part in todo)
    chosen = sorted({points[i * (len(points) - 1) // max(_TRIED - 1, 1)] for i in range(_TRIED)})
    tried = costs(
        [task_of(Part(before=0, point=number, count=largest), cases[number], seed, BATCH) for number in chosen]
    )
    rows = largest + 1
    scenario = float(np.mean([cost.alone for cost in tried])) / rows
    baseline = max(float(np.mean([cost.both for cost in tried])) / rows - scenario, 0.0)
    of_baselines = _baseline_draws(todo, cases, jobs)
    years = {number: cases[number].last - cases[number].world.year + 1 for number in points}
    solved = sum((part.count + 1) * years[part.point] for part in todo)
    columns = {number: len(cases[number].columns) for number in points}
    folded = sum(columns[number] for number in points) * (draws + 1)
    rows_to_do = sum(part.count + 1 for part in todo)
    return Effort(
        points=len(points),
        parts=len(todo),
        draws=sum(part.count for part in todo),
        equilibria=solved + of_baselines * max(years.values()),
        cpu_seconds=scenario * rows_to_do + baseline * of_baselines + folded * _fold_time(),
        memory=max(*(cost.memory for cost in tried), peak_memory() + _fold_memory(max(columns.values()), draws)),
        disk=sum(_part_bytes(columns[part.point], part.count) for part in todo) + _ROW * sum(columns.values()),
    )


def _baseline_draws(todo: Sequence[Part], cases: Sequence[Case], jobs: int) -> int:
    """Draws, central runs included, in which the baseline is solved: once in each process that has their points."""
    together: dict[tuple[int, int], list[int]] = {}
    for part in todo:
        together.setdefault((part.before, part.count), []).append(part.point)
    total = 0
    for (_, count), points in together.items():
        baselines = len({id(cases[point].baseline) for point in points})
        total += (count + 1) * max(min(jobs, len(points)), min(baselines, len(points)))
    return total


def _part_bytes(columns: int, count: int) -> int:
    return _HEADER + FLOAT_BYTES * (1 + 2 * columns) * (count + 1)


def _fold_memory(columns: int, draws: int) -> int:
    """Bytes while the columns of a point are folded, beside what the program itself takes."""
    return COPIES * FLOAT_BYTES * (draws + 1) * min(columns, columns_at_once(draws))


def _fold_time() -> float:
    """Seconds that a number takes on its way into percentiles."""
    values = np.random.default_rng(0).random((_SORTED, 1))
    begun = time.process_time()
    np.percentile(values, LEVELS, axis=0)
    return _FOLDS * (time.process_time() - begun) / _SORTED
