"""The tables on the page of a sweep: each indicator over the points, the points, and the ranking of an atlas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.output.atlas_text import EXPECTED_COLUMNS, FULL_COLUMNS, WORDS, told_both
from sim.output.page.table import Column, Table
from sim.output.sweep_text import (
    MOST_FIGURES,
    Response,
    about,
    baselines,
    changes,
    number_of,
    point_words,
    responses,
)
from sim.output.wording import capital, number
from sim.records.sweep import Axis, Point
from sim.study.atlas import Atlas
from sim.study.sweep import PointAnswer

MOST_ROWS = 200  # points of a table: who wants more opens sweep.csv and points.csv


def sweep_tables(
    axes: Sequence[Axis],
    points: Sequence[Point],
    answers: Sequence[PointAnswer],
    focus: int,
    labels: Mapping[str, str],
    *,
    banded: bool,
) -> list[Table]:
    """A table for each indicator that has a figure, and one of the points."""
    shown = responses(answers, focus)[:MOST_FIGURES]
    return [
        *(_response(i, each, axes, points, answers, labels, banded=banded) for i, each in enumerate(shown)),
        points_table(axes, points, answers, labels),
    ]


def _where(axes: Sequence[Axis]) -> list[Column]:
    return [
        Column(label="Point", numeric=True),
        *(
            Column(label=f"{axis.label}, {axis.unit}" if axis.unit else axis.label, numeric=axis.numeric)
            for axis in axes
        ),
    ]


def _lies(i: int, point: Point, axes: Sequence[Axis], labels: Mapping[str, str]) -> list[str]:
    words = point_words(point, axes, labels)
    return [
        str(i + 1),
        *(
            number_of(value) if axis.numeric else word
            for axis, word, value in zip(axes, words, point.numbers, strict=True)
        ),
    ]


def _response(
    i: int,
    response: Response,
    axes: Sequence[Axis],
    points: Sequence[Point],
    answers: Sequence[PointAnswer],
    labels: Mapping[str, str],
    *,
    banded: bool,
) -> Table:
    before, moved = baselines(answers, response), changes(answers, response)
    bands = ["p05", "p95"] if banded else []
    numbers = ["Baseline", "Central run", *bands, "Change", *(f"Change, {name}" for name in bands)]
    rows = []
    for k, point in enumerate(points[:MOST_ROWS]):
        levels = [before.central[k], response.central[k], *((response.low[k], response.high[k]) if banded else ())]
        steps = [moved.central[k], *((moved.low[k], moved.high[k]) if banded else ())]
        cells = [response.told(float(value)) for value in levels]
        cells += [number(float(value), moved.decimals, sign=True) for value in steps]
        rows.append([*_lies(k, point, axes, labels), *cells])
    points_told = " A change of a share is in points." if response.shown.unit == "%" else ""
    return Table(
        name=f"table-{i}",
        title=about(response, labels),
        columns=[*_where(axes), *(Column(label=label, numeric=True) for label in numbers)],
        rows=rows,
        note=f"Each point beside its baseline on the same draws.{points_told} At most {MOST_ROWS} points; sweep.csv "
        "holds all points, indicators and years.",
    )


def points_table(
    axes: Sequence[Axis],
    points: Sequence[Point],
    answers: Sequence[PointAnswer],
    labels: Mapping[str, str],
    *,
    failing_only: bool = False,
) -> Table:
    """What the points are and how their draws went; where there are too many, those with a failure before others."""
    failing = [i for i, each in enumerate(answers) if each.central != "solved" or each.infeasible or each.failed]
    sound = [] if failing_only else [i for i in range(len(points)) if i not in set(failing)]
    shown = sorted([*failing, *sound][:MOST_ROWS])
    # what all points have alike, or none has, needs no column
    told = {"Scenario": [each.scenario for each in points], "As SET takes it": [each.settings for each in points]}
    apart = {name: values for name, values in told.items() if len(set(values)) > 1}
    went = ("Solved", [each.solved for each in answers]), ("Infeasible", [each.infeasible for each in answers])
    counted = (*went, ("Failed", [each.failed for each in answers]))
    return Table(
        name="table-points",
        title="Points that are not solved throughout" if failing_only else "The points, and how their draws went",
        columns=[
            *_where(axes),
            *(Column(label=label) for label in (*apart, "Central run")),
            *(Column(label=label, numeric=True) for label, _ in counted),
        ],
        rows=[
            [
                *_lies(i, points[i], axes, labels),
                *(values[i] for values in apart.values()),
                answers[i].central,
                *(str(counts[i]) for _, counts in counted),
            ]
            for i in shown
        ],
        note=f"{len(failing)} of {len(points)} points have a draw or a central run that is not solved. At most "
        f"{MOST_ROWS} points, these before others; points.csv holds all.",
    )


def atlas_tables(
    atlas: Atlas,
    axes: Sequence[Axis],
    points: Sequence[Point],
    answers: Sequence[PointAnswer],
    labels: Mapping[str, str],
) -> list[Table]:
    """Who loses most over all cuts, the same at the largest cut, and the points."""
    both = told_both(atlas, labels)
    tables = (
        ("table-expected", "Expected over all cuts, each as likely, and all draws", EXPECTED_COLUMNS, 0),
        ("table-full", "At the largest cut, central run", FULL_COLUMNS, 1),
    )
    return [
        *(
            Table(
                name=name,
                title=title,
                columns=[Column(label=capital(label), numeric=k >= WORDS) for k, label in enumerate(columns)],
                rows=[pair[which] for pair in both],
                note="Loss of buyers' surplus, of single importers. ranking.csv and atlas.csv hold all of them.",
            )
            for name, title, columns, which in tables
        ),
        points_table(axes, points, answers, labels, failing_only=True),
    ]
