"""On whom a market depends: import shares by origin with their bands, and the difference to the baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.palette import SOFT_INK, region_colours, text_colour
from sim.output.plots.pick import NUMBERS, as_shares, numbers_by, rows_of
from sim.output.plots.style import (
    MARGIN,
    WIDTH,
    context,
    evidence,
    focus_line,
    grid,
    heading,
    is_baseline,
    marker,
    number_ticks,
    pad_limits,
    sheet,
    span_of,
    styled,
    year_limits,
    year_ticks,
)
from sim.output.plots.text import HEADING_SIZE, NARROW, line_height, shortened, spread
from sim.output.wording import capital, good_of, label_of, percent, the
from sim.records.outcome import RunFacts

LINES = 5  # origins shown at most
_SMALL, _NOTICEABLE = 0.05, 0.005
_HEIGHT, _AXIS_ROOM, _LABEL_ROOM = 3.4, 0.62, 1.6


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
    named = sorted(matters or list(before), key=lambda name: (-size[name] - 4 * abs(change[name]), name))[:LINES]
    named.sort(key=lambda name: (-before[name], name))
    place = {name: position for position, name in enumerate(named)}
    kept = table[table["origin"].isin(named)]
    return kept.sort_values(
        ["origin", "year"], key=lambda column: column.map(place) if column.name == "origin" else column, kind="stable"
    ).reset_index(drop=True)


def import_shares_finding(
    data: pd.DataFrame,
    *,
    market: str,
    good: str,
    focus: int,
    names: Mapping[str, str],
    banded: bool,
    alone: bool = False,
) -> str:
    """How much comes from the largest origin with and without, and who else moves, in a sentence."""
    at_focus = data[data["year"] == focus]
    known = at_focus.dropna(subset=["baseline", "central"])
    if known.empty or not known["baseline"].any():
        return capital(f"{the(market)} would have no imports of {good} to compare in {focus}")
    before, after, low, high, change = (
        numbers_by(known, "origin", column) for column in ("baseline", "central", "p05", "p95", "difference")
    )

    def told(name: str) -> str:
        band = f" ({percent(low[name])} to {percent(high[name])})" if banded else ""
        return f"{percent(after[name])} %{band}"

    largest = max(before, key=lambda name: before[name])
    imports = f"of its imports of {good} from {the(names[largest])} in {focus}"
    moved = max(change, key=lambda name: abs(change[name]))
    if abs(change[moved]) < _NOTICEABLE:
        still = "" if alone else "still "
        return capital(f"{the(market)} would {still}get {percent(after[largest])} % {imports}")
    finding = f"{the(market)} would get {told(largest)} {imports} instead of {percent(before[largest])} %"
    if moved != largest:
        finding += f"; {told(moved)} from {the(names[moved])}"
    return capital(finding)


@styled
def import_shares(
    summary: pd.DataFrame, facts: RunFacts, *, good: str, destination: str, labels: Mapping[str, str]
) -> Figure:
    """Lines of the scenario with their bands, the baseline dashed; differences in points at the right."""
    data = import_shares_data(summary, good=good, destination=destination, focus=facts.focus)
    origins = list(dict.fromkeys(data["origin"]))
    names = {name: label_of(name, labels) for name in origins}
    market, metal = label_of(destination, labels), good_of(good, labels)
    years = sorted({int(year) for year in data["year"]})
    banded = facts.draws > 0
    alone = is_baseline(facts)
    what = f"Imports of {metal} into {the(market)} by origin, {span_of(years)}. "
    drawn = [*([] if alone else ["dashed: baseline"]), *(["shaded: 5th to 95th percentile"] if banded else [])]
    what += f"{capital('; '.join(drawn))}. " if drawn else ""
    what += f"Numbers: {facts.focus}"
    what += f" → {years[-1]}." if years[-1] != facts.focus else "."
    finding = import_shares_finding(
        data, market=market, good=metal, focus=facts.focus, names=names, banded=banded, alone=alone
    )
    page = sheet(
        finding, context(facts, what), evidence(facts, good=good), body=_HEIGHT + line_height(HEADING_SIZE) + 0.45
    )
    room = WIDTH - 2 * MARGIN - 2 * _AXIS_ROOM - _LABEL_ROOM - 0.45
    width = room + _AXIS_ROOM if alone else 0.58 * room
    level = page.axes(_AXIS_ROOM, 0.3, width, _HEIGHT)
    _draw_lines(level, data, origins, ("central", "p05", "p95"), banded, baseline=not alone)
    level.set_ylim(0, max(level.get_ylim()[1], 1.0))
    _finish(level, years, facts.focus, width)
    level.set_ylabel("Share of imports, %")
    heading(level, ["Share of imports"])
    _label_lines(level, data, origins, names, facts.focus)
    if alone:
        return page.figure
    left = 2 * _AXIS_ROOM + width + _LABEL_ROOM + 0.2
    difference = page.axes(left, 0.3, 0.42 * room, _HEIGHT)
    difference.axhline(0, color=SOFT_INK, linewidth=0.9)
    _draw_lines(difference, data, origins, ("difference", "difference_p05", "difference_p95"), banded, baseline=False)
    pad_limits(difference, 1.0)
    _finish(difference, years, facts.focus, 0.42 * room, sign=True)
    heading(difference, ["Difference, points"], left=-0.3)
    return page.figure


def _draw_lines(
    axes: Axes,
    data: pd.DataFrame,
    origins: Sequence[str],
    columns: tuple[str, str, str],
    banded: bool,
    *,
    baseline: bool,
) -> None:
    colours = region_colours(origins)
    for name in origins:
        rows = data[data["origin"] == name]
        years = [int(year) for year in rows["year"]]
        line, low, high = (100 * rows[column].to_numpy(dtype=float) for column in columns)
        if banded:
            axes.fill_between(years, low, high, color=colours[name], alpha=0.2, linewidth=0)
        axes.plot(years, line, color=colours[name], linewidth=2, marker=marker(years))
        if baseline:
            before = 100 * rows["baseline"].to_numpy(dtype=float)
            axes.plot(years, before, color=text_colour(colours[name]), linewidth=1.2, linestyle=(0, (4, 2)))


def _finish(axes: Axes, years: Sequence[int], focus: int, room: float, *, sign: bool = False) -> None:
    year_limits(axes, years)
    grid(axes)
    number_ticks(axes, sign=sign)
    focus_line(axes, focus, years)
    year_ticks(axes, years, room, focus)


def _label_lines(axes: Axes, data: pd.DataFrame, origins: Sequence[str], names: Mapping[str, str], focus: int) -> None:
    colours = region_colours(origins)
    ends: dict[str, float] = {}
    for name in origins:
        known = data[(data["origin"] == name) & data["central"].notna()]
        if len(known):
            ends[name] = 100 * float(known["central"].iloc[-1])
    last = int(data["year"].max())
    now = numbers_by(data[data["year"] == focus], "origin", "central")
    later = numbers_by(data[data["year"] == last], "origin", "central")
    order = sorted(ends, key=lambda name: (ends[name], name))
    texts = {}
    for name in order:
        told = dict.fromkeys((percent(now[name]), percent(later[name])))
        tail = f" {f'{NARROW}→{NARROW}'.join(told)}{NARROW}%"
        texts[name] = shortened(names[name], _LABEL_ROOM - 0.15, 2, tail=tail)
    low, high = axes.get_ylim()
    heights = [len(texts[name]) * line_height() * (high - low) / _HEIGHT for name in order]
    places = spread([ends[name] for name in order], heights, low, high)
    for name, y in zip(order, np.array(places), strict=True):
        axes.annotate(
            "\n".join(texts[name]), (1, y), (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points",
            va="center", color=text_colour(colours[name]), linespacing=1.1, annotation_clip=False,
        )  # fmt: skip
