"""Parts of a sweep, and its tables: every point beside its baseline on the same draws."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sim.assemble.draws import Draws
from sim.quantity import Array, Index
from sim.records.sampling import BATCH
from sim.records.sweep import Axis, Column, Point, Solved
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED
from sim.study.bands import finite, percentiles
from sim.study.case import FLOAT_BYTES, Case
from sim.study.workers import Task

MEMORY = 256 * 2**20  # bytes that the draws of one part may take while they are solved
COPIES = 6  # of a column while it is folded: level, baseline, change, and what percentiles sort
LEVELS = ("p05", "p50", "p95")


@dataclass(frozen=True, kw_only=True, order=True)
class Part:
    """Some draws of a point: ``count`` of them after the first ``before``."""

    before: int
    point: int
    count: int


def parts_of(points: int, draws: int, most: int) -> Iterator[Part]:
    """All parts of a sweep, those of the same draws together, at most ``most`` draws each."""
    for before in range(0, max(draws, 1), most):
        for point in range(points):
            yield Part(before=before, point=point, count=min(most, draws - before))


def draws_in_a_part(per_draw: int) -> int:
    """How many draws a part may have: as memory allows, in whole batches where there is room for one."""
    fit = max(MEMORY // per_draw, 1)
    return fit - fit % BATCH if fit >= BATCH else fit


def task_of(part: Part, case: Case, seed: int, batch: int = BATCH) -> Task:
    """What a worker has to do for a part."""
    end = part.before + part.count
    return Task(case=case, sample=Draws(seed=seed, count=end, part=(part.before + 1, end + 1)), batch=batch)


@dataclass(frozen=True, eq=False, kw_only=True)
class PointAnswer:
    """What came of a point: a row for each column, and how its draws went."""

    columns: tuple[Column, ...]
    rows: pd.DataFrame  # in the order of the columns
    central: str  # how the central run ended
    solved: int
    infeasible: int
    failed: int


def answer_of(columns: Sequence[Column], found: Solved) -> PointAnswer:
    """The bands of a point over the draws that are solved in scenario and baseline."""
    status = found.status[1:]
    solved = 1 + np.flatnonzero(status == SOLVED)
    change = found.level - found.before
    level, moved = percentiles(found.level, solved), percentiles(change, solved)
    if not len(status):
        level, moved = np.full_like(level, np.nan), np.full_like(moved, np.nan)
    told: dict[str, object] = {
        name: [getattr(column, name) for column in columns]
        for name in ("indicator", "good", "region", "partner", "year", "unit")
    }
    told |= {"baseline": finite(found.before[0]), "central": finite(found.level[0])}
    told |= {name: level[i] for i, name in enumerate(LEVELS)} | {"mean": _mean(found.level, solved)}
    told |= {"difference": finite(change[0])}
    told |= {f"difference_{name}": moved[i] for i, name in enumerate(LEVELS)}
    told |= {"difference_mean": _mean(change, solved)}
    return PointAnswer(
        columns=tuple(columns),
        rows=pd.DataFrame(told),
        central=("solved", "infeasible", "failed")[int(found.status[0])],
        solved=len(solved),
        infeasible=int((status == INFEASIBLE).sum()),
        failed=int((status == FAILED).sum()),
    )


def joined(answers: Sequence[PointAnswer]) -> PointAnswer:
    """The answers to some columns each as one; their draws are the same."""
    columns = tuple(column for answer in answers for column in answer.columns)
    return replace(answers[0], columns=columns, rows=pd.concat([answer.rows for answer in answers], ignore_index=True))


def columns_at_once(draws: int) -> int:
    """How many columns are folded at once, as memory allows."""
    return max(MEMORY // (COPIES * FLOAT_BYTES * (draws + 1)), 1)


def _mean(values: Array, draws: Index) -> Array:
    """Mean over draws (k,), blank without any or where one has no number."""
    if not len(draws):
        return np.full(values.shape[1], np.nan)
    return np.asarray(finite(values[draws].mean(axis=0)))


def axis_columns(axes: Sequence[Axis]) -> tuple[str, ...]:
    """Names of the columns that tell the points apart: the labels in small letters, with their units."""
    names: list[str] = []
    for axis in axes:
        name = re.sub(r"[^a-z0-9]+", "_", axis.label.lower()).strip("_") or "axis"
        unit = re.sub(r"[^A-Za-z0-9%]+", "_", axis.unit.replace("%", "percent")).strip("_")
        full = f"{name}_{unit}" if unit else name
        names.append(full if full not in names else f"{full}_{len(names) + 1}")
    return tuple(names)


def sweep_table(
    axes: Sequence[Axis], points: Sequence[Point], answers: Sequence[PointAnswer]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of all points with where they lie, and a table of the points."""
    names = axis_columns(axes)
    rows, about = [], []
    for number, (point, answer) in enumerate(zip(points, answers, strict=True), start=1):
        lies = {
            name: value if axis.numeric else word
            for name, axis, word, value in zip(names, axes, point.words, point.numbers, strict=True)
        }
        place = {"point": number, "scenario": point.scenario} | {k: v for k, v in lies.items() if k != "scenario"}
        lies_there = pd.DataFrame({name: [value] * len(answer.rows) for name, value in place.items()})
        rows.append(pd.concat([lies_there, answer.rows], axis=1))
        counts = {name: getattr(answer, name) for name in ("central", "solved", "infeasible", "failed")}
        about.append({**place, "settings": point.settings, **counts})
    return pd.concat(rows, ignore_index=True), pd.DataFrame(about)
