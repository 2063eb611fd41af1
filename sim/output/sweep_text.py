"""What a sweep found: its tables as files, and the answer in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.output.asked_text import subject, usual_unit
from sim.output.tables import Contract, csv_bytes
from sim.output.textblock import paragraph, table
from sim.output.wording import (
    NO_NUMBER,
    capital,
    counts,
    evidence_sentence,
    label_of,
    listed,
    number,
    plain,
    stated_sentence,
)
from sim.quantity import Array
from sim.records.outcome import RunFacts
from sim.records.sweep import Axis, Column, Point
from sim.records.target import Shown
from sim.study.effort import Effort
from sim.study.sweep import PointAnswer, axis_columns, sweep_table

MOST_FIGURES = 6  # of a sweep: one for each indicator, the first ones of its file
MOST_TOLD = 4  # indicators in the answer; all are in the table
_MOST_ROWS = 30  # of a table on the terminal
_FEW_YEARS = 3  # of an indicator: more than were asked for one by one
_DECIMALS, _MOST_DECIMALS = ((99.5, 0), (0.995, 1), (0.0995, 2)), 3  # by the size of the largest number
_APART = 10  # steps of the last digit, at least, from the least to the largest number
_MATRIX_CELL = 10  # characters of a cell: what a number takes with the gap before it
_LONG, _WHOLE = 8, 1e4  # characters of a stated number at most; from there on digits before the point are enough
_MIB = 2**20  # bytes
_ABOUT = ("indicator", "good", "region", "partner", "year", "unit")
_BANDS = ("baseline", "central", "p05", "p50", "p95", "mean")
_LEVEL = ("central", "p05", "p95")
_CHANGE = ("difference", "difference_p05", "difference_p95")
_CHANGES = ("difference", *(f"difference_{name}" for name in ("p05", "p50", "p95", "mean")))


@dataclass(frozen=True, eq=False, kw_only=True)
class Response:
    """One indicator over all points: central run and band, in the unit that people write."""

    column: Column
    shown: Shown
    central: Array  # (points,)
    low: Array
    high: Array

    @property
    def decimals(self) -> int:
        """As many for all points: three digits of the largest number, more where they hardly differ."""
        known = self.central[np.isfinite(self.central)]
        size, spread = np.abs(known).max(initial=0.0), np.ptp(known) if len(known) else 0.0
        decimals = next((decimals for limit, decimals in _DECIMALS if size >= limit), _MOST_DECIMALS)
        while decimals < _MOST_DECIMALS and 0 < spread * 10**decimals < _APART:
            decimals += 1
        return decimals

    @property
    def ends(self) -> tuple[int, int]:
        """Points of the least and of the largest number: the first that is printed as such, whatever it hides."""
        told = [self.told(float(value)) for value in self.central]
        least, largest = (told.index(told[int(end(self.central))]) for end in (np.nanargmin, np.nanargmax))
        return least, largest

    def told(self, value: float) -> str:
        """A number of the response as it is printed, without its unit."""
        return number(value, self.decimals)


def sweep_files(axes: Sequence[Axis], points: Sequence[Point], answers: Sequence[PointAnswer]) -> dict[str, bytes]:
    """``sweep.csv``, every indicator of every point, and ``points.csv``, what the points are and how they went."""
    rows, about = sweep_table(axes, points, answers)
    names = [name for name in axis_columns(axes) if name != "scenario"]
    words = tuple(
        name for name, axis in zip(axis_columns(axes), axes, strict=True) if not axis.numeric and name != "scenario"
    )
    text = ("scenario", *words, *(name for name in _ABOUT if name != "year"))
    sweep = Contract(
        name="sweep",
        key=("point", *_ABOUT[:-1]),
        columns=("point", "scenario", *names, *_ABOUT, *_BANDS, *_CHANGES),
        whole=("point", "year"),
        text=text,
    )
    every = Contract(
        name="points",
        key=("point",),
        columns=("point", "scenario", *names, "settings", "central", "solved", "infeasible", "failed"),
        whole=("point", "solved", "infeasible", "failed"),
        text=("scenario", *words, "settings", "central"),
    )
    return {"sweep.csv": csv_bytes(rows, sweep), "points.csv": csv_bytes(about, every)}


def responses(answers: Sequence[PointAnswer], focus: int) -> list[Response]:
    """The indicators that are told: in all their years where these are few, else in the focus year."""
    columns = answers[0].columns
    years: dict[tuple[str, ...], list[int]] = {}
    for column in columns:
        years.setdefault(column.key, []).append(column.year)
    found = []
    for column in columns:
        mine = years[column.key]
        if len(mine) > _FEW_YEARS and column.year != min(mine, key=lambda year: abs(year - focus)):
            continue
        shown = usual_unit(column.unit)
        found.append(_over_points(answers, column, shown, _LEVEL))
    return found


def changes(answers: Sequence[PointAnswer], response: Response) -> Response:
    """The same indicator as its paired difference to the baseline; shares in points."""
    return _over_points(answers, response.column, response.shown, _CHANGE)


def baselines(answers: Sequence[PointAnswer], response: Response) -> Response:
    """The same indicator in the baseline of each point, central run alone."""
    return _over_points(answers, response.column, response.shown, ("baseline",) * len(_LEVEL))


def _over_points(answers: Sequence[PointAnswer], column: Column, shown: Shown, names: Sequence[str]) -> Response:
    """Three columns of the tables of the points, central number and band; blank where a point has no such number."""
    values = np.full((len(answers), len(names)), np.nan)
    for i, answer in enumerate(answers):
        if column in answer.columns:
            row = answer.rows.iloc[answer.columns.index(column)]
            values[i] = [float(row[name]) for name in names]
    values /= shown.factor
    return Response(column=column, shown=shown, central=values[:, 0], low=values[:, 1], high=values[:, 2])


def about(response: Response, labels: Mapping[str, str]) -> str:
    """What a response is about, with its year and its unit."""
    unit = f", {response.shown.unit}" if response.shown.unit else ""
    return f"{capital(subject(response.column, labels))} in {response.column.year}{unit}"


def sweep_question(facts: RunFacts, axes: Sequence[Axis], found: Sequence[Response], labels: Mapping[str, str]) -> str:
    """What is asked: in the words of the file, else made from what is varied and what is told."""
    if facts.question:
        return facts.question
    outcomes = list(dict.fromkeys(subject(each.column, labels) for each in found[:MOST_TOLD]))
    if not (axes and outcomes):
        return ""
    varied = listed([f"{axis.label}" for axis in axes])
    return f"How do these depend on {varied}: {'; '.join(outcomes)}?"


def sweep_lead(
    found: Sequence[Response], axes: Sequence[Axis], points: Sequence[Point], labels: Mapping[str, str]
) -> str:
    """Where the indicators that are told are least and largest, in a paragraph."""
    return " ".join(extremes(each, axes, points, labels) for each in found[:MOST_TOLD])


def sweep_answer(
    facts: RunFacts,
    axes: Sequence[Axis],
    points: Sequence[Point],
    answers: Sequence[PointAnswer],
    labels: Mapping[str, str],
    width: int,
    figure: str,
) -> str:
    """The answer in lines of at most ``width`` characters; ``figure`` is the path named at its end."""
    blocks = [*sweep_blocks(facts, axes, points, answers, labels, width), [f"Open {figure}"]]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def sweep_blocks(
    facts: RunFacts,
    axes: Sequence[Axis],
    points: Sequence[Point],
    answers: Sequence[PointAnswer],
    labels: Mapping[str, str],
    width: int,
    *,
    worded: bool = False,
) -> list[list[str]]:
    """The blocks of the answer, the title first; lines have at most ``width`` characters.

    ``worded`` says the least and the largest numbers in a paragraph before the tables.
    """
    found = responses(answers, facts.focus)
    blocks = [paragraph(plain(facts.title), width)]
    told = [_told(each, axes, points, labels, width, banded=facts.draws > 0) for each in found[:MOST_TOLD]]
    if worded:
        blocks.append(paragraph(sweep_lead(found, axes, points, labels), width))
        told = [block for block in told if any(line.startswith("  ") for line in block)]
    blocks += told
    if len(found) > MOST_TOLD:
        blocks.append(paragraph(f"{len(found) - MOST_TOLD} more indicators are in sweep.csv.", width))
    notes = [stated_sentence(facts), f"{len(points):,} points; {counts(facts)}."]
    notes += central_notes(answers)
    notes += ["No new investment is assumed beyond the projects named.", evidence_sentence(facts)]
    blocks.append([line for note in notes if note for line in paragraph(note, width)])
    return [block for block in blocks if block]


def central_notes(answers: Sequence[PointAnswer]) -> list[str]:
    """Which points have no central run, in a sentence; nothing where all have one."""
    broken = [str(i) for i, answer in enumerate(answers, start=1) if answer.central != "solved"]
    if not broken:
        return []
    more = f" and {len(broken) - _MOST_ROWS} more" if len(broken) > _MOST_ROWS else ""
    return [f"The central run of point {', '.join(broken[:_MOST_ROWS])}{more} has no equilibrium."]


def point_words(point: Point, axes: Sequence[Axis], labels: Mapping[str, str]) -> tuple[str, ...]:
    """Where a point lies on each axis, as it is printed."""
    return tuple(
        f"{number_of(value)} {axis.unit}".strip() if axis.numeric else label_of(_plain(word), labels)
        for axis, word, value in zip(axes, point.words, point.numbers, strict=True)
    )


def _plain(word: str) -> str:
    """A setting as it is read: ``{off_from: 2028}`` is off from 2028."""
    return word.strip("{}").replace(":", "")


def number_of(value: float) -> str:
    """A number on an axis with the digits it has, or with four where a sample made it long."""
    exact = f"{value:,.10g}"
    return exact if len(exact) <= _LONG or abs(value) >= _WHOLE else f"{value:.4g}"


def _told(
    response: Response,
    axes: Sequence[Axis],
    points: Sequence[Point],
    labels: Mapping[str, str],
    width: int,
    *,
    banded: bool,
) -> list[str]:
    title = about(response, labels)
    if len(axes) == 2 and (lines := _matrix(response, axes, points, labels, width, title)):
        return lines
    if len(points) > _MOST_ROWS:
        return paragraph(extremes(response, axes, points, labels), width)
    rows = []
    for i, point in enumerate(points):
        band = f"{response.told(response.low[i])} to {response.told(response.high[i])}" if banded else ""
        rows.append((*point_words(point, axes, labels), response.told(response.central[i]), band))
    header = (*(axis.label for axis in axes), "central", "p05 to p95" if banded else "")
    if not axes:
        header, rows = ("", *header), [("", *row) for row in rows]
    return table(title, header, rows, width, total=False)


def _matrix(
    response: Response, axes: Sequence[Axis], points: Sequence[Point], labels: Mapping[str, str], width: int, title: str
) -> list[str]:
    """The central runs with the first axis down and the second across; nothing where it would be too wide."""
    words = [point_words(point, axes, labels) for point in points]
    down, across = (list(dict.fromkeys(word[k] for word in words)) for k in range(2))
    if len(down) * len(across) != len(points) or len(down) > _MOST_ROWS:
        return []
    if max(len(each) for each in down) + _MATRIX_CELL * len(across) > width:
        return []
    cells = {word: response.told(response.central[i]) for i, word in enumerate(words)}
    rows = [(first, *(cells[first, second] for second in across), "") for first in down]
    header = (f"{axes[0].label} \\ {axes[1].label}", *across, "")
    return table(title, header, rows, width, total=False)


def extremes(response: Response, axes: Sequence[Axis], points: Sequence[Point], labels: Mapping[str, str]) -> str:
    """The points with the least and the largest number, in a sentence; of a single point its number."""
    title = about(response, labels)
    if np.isnan(response.central).all():
        return f"{title}: {NO_NUMBER} at any point."
    ends = response.ends
    values = [response.told(response.central[i]) for i in ends]
    if len(points) == 1:
        return f"{title}: {values[0]} in the central run."
    if values[0] == values[1]:
        return f"{title}: {values[0]} at every point."
    places = [
        ", ".join(f"{axis.label} {word}" for axis, word in zip(axes, point_words(points[i], axes, labels), strict=True))
        for i in ends
    ]
    return f"{title}: least {values[0]} at {places[0]}; largest {values[1]} at {places[1]}."


def effort_text(effort: Effort, sweep: str, jobs: int, width: int) -> str:
    """What a sweep will take, in lines of at most ``width`` characters."""
    if not effort.parts:
        return f"{sweep}: nothing is left to solve; its parts are there and would only be folded.\n"
    size = (
        f"{effort.points:,} points with {effort.draws:,} draws in {effort.parts:,} parts, "
        f"{effort.equilibria:,} equilibria"
    )
    takes = (
        f"about {effort.cpu_seconds:,.0f} CPU seconds, {effort.cpu_seconds / jobs:,.0f} s on {jobs} "
        f"{'process' if jobs == 1 else 'processes'}; {effort.memory / _MIB:,.0f} MiB of memory in the largest process; "
        f"{effort.disk / _MIB:,.1f} MiB on disk"
    )
    told = (f"{sweep}, what is left to solve: {size}.", f"{capital(takes)}.")
    return "\n".join(line for text in told for line in paragraph(text, width)) + "\n"
