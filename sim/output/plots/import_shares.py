"""On whom a market depends: import shares by origin with their bands, and the difference to the baseline."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.about import (
    About,
    about,
    central_only,
    drawn_as,
    in_draws,
    label_lines,
    points,
    span_of,
    told_apart,
    years_told,
)
from sim.output.plots.measures import AXIS_ROOM, GAP, LABEL_ROOM, NAME_GAP, PANEL_HEIGHT
from sim.output.plots.palette import lent_colours, text_colour
from sim.output.plots.panel import (
    difference_heading,
    draw_baseline,
    draw_line,
    edge_labels,
    finish,
    pad_limits,
    side_by_side,
    year_room,
    zero_line,
)
from sim.output.plots.pick import NUMBERS, as_shares, numbers_by, rows_of
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import NARROW, shortened
from sim.output.wording import MINUS, between, capital, percent, the
from sim.records.outcome import RunFacts

LINES = 5  # origins shown at most
# of imports: from where an origin matters, or its change, and what rounds to nothing
_SMALL, _NOTICEABLE, _NONE = 0.05, 0.005, 0.0005
_DIFFERENCE_ROOM = 1.45  # inches beside the differences: a name with its numbers in two lines
_DIFFERENCE_LINES = 3  # of a name with its numbers there, at most
_HEAD_ROOM = 1.05  # times the largest share: a single line near its top keeps off the edge
_MOVE_COUNTS = 4.0  # times as much as size: a small origin that moves is worth more than a large one that does not


def import_shares_data(summary: pd.DataFrame, *, good: str, destination: str, focus: int) -> pd.DataFrame:
    """Shares of imports of the origins that matter: origin, year and the columns of NUMBERS (shares of 1).

    The origin with the largest share of the focus year's baseline stands first. Years without imports are blank.
    Raises DataError where nothing is known.
    """
    rows = as_shares(rows_of(summary, "import_share", good, destination, focus=focus))
    table = rows.rename(columns={"partner": "origin"})[["origin", "year", *NUMBERS]]
    at_focus = table[table["year"] == focus].fillna(0.0)
    before, change = numbers_by(at_focus, "origin", "baseline"), numbers_by(at_focus, "origin", "difference")
    size = {name: max(before[name], before[name] + change[name]) for name in before}
    matters = [name for name in before if size[name] >= _SMALL or abs(change[name]) >= _NOTICEABLE]
    weight = {name: size[name] + _MOVE_COUNTS * abs(change[name]) for name in before}
    named = sorted(matters or list(before), key=lambda name: (-weight[name], name))[:LINES]
    named.sort(key=lambda name: (-before[name], name))
    place = {name: position for position, name in enumerate(named)}
    kept = table[table["origin"].isin(named)]
    return kept.sort_values(
        ["origin", "year"], key=lambda column: column.map(place) if column.name == "origin" else column, kind="stable"
    ).reset_index(drop=True)


def import_shares_finding(data: pd.DataFrame, told: About) -> str:
    """How much comes from the largest origin with and without, and who else moves, in a sentence."""
    at_focus = data[data["year"] == told.focus]
    known = at_focus.dropna(subset=["baseline", "central"])
    if known.empty or not known["baseline"].any():
        return capital(f"{the(told.market)} would have no imports of {told.good} to compare in {told.focus}")
    if not known["central"].any():
        first = max(numbers_by(known, "origin", "baseline").items(), key=lambda each: each[1])
        had = f"instead of {percent(first[1])} % of its imports from {the(told.names[first[0]])}"
        return capital(f"{the(told.market)} would import no {told.good} in {told.focus} {had}")
    before, after, low, high, change = (
        numbers_by(known, "origin", column) for column in ("baseline", "central", "p05", "p95", "difference")
    )

    def share(name: str) -> str:
        band = between(percent(low[name]), percent(high[name])) if told.banded else ""
        return f"{told_apart(before[name], after[name])[1]} %{f' ({band})' if band else ''}"

    largest = max(before, key=lambda name: before[name])
    imports = f"of its imports of {told.good} from {the(told.names[largest])} in {told.focus}"
    moved = max(change, key=lambda name: abs(change[name]))
    if abs(change[moved]) < _NOTICEABLE:
        least, most = (numbers_by(known, "origin", f"difference_{end}")[largest] for end in ("p05", "p95"))
        draws = "" if told.alone else in_draws(told, least, most, _NOTICEABLE, points)
        still = "" if told.alone else "still "
        return central_only(f"{the(told.market)} would {still}get {percent(after[largest])} % {imports}", draws)
    if abs(change[largest]) < _NOTICEABLE:
        finding = f"{the(told.market)} would still get {percent(after[largest])} % {imports}"
    else:
        finding = f"{the(told.market)} would get {share(largest)} {imports} "
        finding += f"instead of {told_apart(before[largest], after[largest])[0]} %"
    if moved != largest:
        finding += f"; {share(moved)} from {the(told.names[moved])}"
        if abs(change[largest]) < _NOTICEABLE:
            finding += f" instead of {told_apart(before[moved], after[moved])[0]} %"
    return capital(finding)


@styled
def import_shares(
    summary: pd.DataFrame, facts: RunFacts, *, good: str, destination: str, labels: Mapping[str, str]
) -> Figure:
    """Lines of the scenario with their bands, the baseline dashed; differences in points at the right."""
    data = import_shares_data(summary, good=good, destination=destination, focus=facts.focus)
    told = about(facts, labels, good=good, market=destination, parts=dict.fromkeys(data["origin"]))
    years = sorted({int(year) for year in data["year"]})
    what = f"Imports of {told.good} into {the(told.market)} by origin, {span_of(years)}. "
    what += f"{drawn_as(told)}{years_told(told.focus, years)}."
    width, left, rest = side_by_side(AXIS_ROOM, LABEL_ROOM + GAP, alone=told.alone, after=_DIFFERENCE_ROOM)
    below = year_room(years, width if told.alone else rest, told.focus)
    body = headed(PANEL_HEIGHT, below=below)
    page = report(import_shares_finding(data, told), facts, what, good=good, body=body)
    level = page.axes(AXIS_ROOM, below, width, PANEL_HEIGHT)
    _draw_lines(level, data, told, ("central", "p05", "p95"))
    if not told.alone:
        _draw_baselines(level, data, told)
    level.set_ylim(0, max(level.get_ylim()[1], _HEAD_ROOM * level.dataLim.y1, 1.0))
    finish(level, years, told.focus, width)
    level.set_ylabel("Share of imports, %")
    heading(level, ["Share of imports"])
    _label_lines(level, data, told)
    if told.alone:
        return page.figure
    difference = page.axes(left, below, rest, PANEL_HEIGHT)
    zero_line(difference)
    _draw_lines(difference, data, told, ("difference", "difference_p05", "difference_p95"))
    pad_limits(difference, 1.0)
    finish(difference, years, told.focus, rest, sign=True)
    difference_heading(difference, "Difference, points")
    if _stays(data, told):
        _label_bands(difference, data, told)
    else:
        _label_lines(difference, data, told, "difference")
    return page.figure


def _draw_lines(axes: Axes, data: pd.DataFrame, told: About, columns: tuple[str, str, str]) -> None:
    colours = lent_colours(told.names)
    for name in told.names:
        rows = data[data["origin"] == name]
        line, low, high = (100 * rows[column].to_numpy(dtype=float) for column in columns)
        draw_line(axes, [int(year) for year in rows["year"]], line, low, high, colours[name], banded=told.banded)


def _draw_baselines(axes: Axes, data: pd.DataFrame, told: About) -> None:
    colours = lent_colours(told.names)
    for name in told.names:
        rows = data[data["origin"] == name]
        before = 100 * rows["baseline"].to_numpy(dtype=float)
        draw_baseline(axes, [int(year) for year in rows["year"]], before, text_colour(colours[name]))


def _label_lines(axes: Axes, data: pd.DataFrame, told: About, column: str = "central") -> None:
    colours = lent_colours(told.names)
    now, later = (
        numbers_by(data[data["year"] == year], "origin", column) for year in (told.focus, int(data["year"].max()))
    )
    labels, numbers = [], []
    for name in told.names:
        known = data.loc[(data["origin"] == name) & data[column].notna(), column]
        if len(known):
            ends = told.names[name], now[name], later[name]
            level = column == "central"
            lines = label_lines(*ends, LABEL_ROOM - NAME_GAP) if level else _difference_lines(*ends)
            labels.append((100 * float(known.iloc[-1]), lines, colours[name]))
            numbers.append(now[name])
    edge_labels(axes, labels, PANEL_HEIGHT, told=numbers)


def _difference_lines(name: str, now: float, later: float, joint: str = f"{NARROW}→{NARROW}") -> list[str]:
    """A name with its differences of the focus and the last year, or the ends of one, in points."""
    ends = dict.fromkeys(percent(value, sign=True).replace("-", MINUS) for value in (now, later))
    return shortened(name, _DIFFERENCE_ROOM - NAME_GAP, _DIFFERENCE_LINES, tail=f" {joint.join(ends)}")


def _label_bands(axes: Axes, data: pd.DataFrame, told: About) -> None:
    """Names beside the bands of differences whose central line stays at nought, with the ends of the focus year."""
    colours = lent_colours(told.names)
    labels = []
    for name in told.names:
        rows = data[data["origin"] == name]
        ends = rows.loc[rows["year"] == told.focus, ["difference_p05", "difference_p95"]].to_numpy(dtype=float)[0]
        last = rows[["difference_p05", "difference_p95"]].to_numpy(dtype=float)[-1]
        if np.abs(ends).max() >= _NONE:
            lines = _difference_lines(told.names[name], float(ends[0]), float(ends[1]), f"{NARROW}to{NARROW}")
            labels.append((100 * float(last.mean()), lines, colours[name]))
    edge_labels(axes, labels, PANEL_HEIGHT)


def _stays(data: pd.DataFrame, told: About) -> bool:
    """True where the central run is as the baseline and the draws are not."""
    size = data[["difference", "difference_p05", "difference_p95"]].abs().max()
    return told.banded and size["difference"] < _NONE <= size[["difference_p05", "difference_p95"]].max()
