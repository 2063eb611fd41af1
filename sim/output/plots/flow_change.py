"""How trade is rearranged: change of every flow in the focus year, exporter by importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.errors import DataError
from sim.output.plots.measures import (
    HAIR_LINE,
    HEADING_GAP,
    MARGIN,
    NAME_GAP,
    NAME_ROOM,
    SMALL_SIZE,
    TEXT_SIZE,
    TINY_SIZE,
    WIDTH,
)
from sim.output.plots.palette import CHANGE_MAP, FAINT_INK, INK, OTHERS, RULE, luminance
from sim.output.plots.style import report, styled
from sim.output.plots.text import line_height, shortened, text_width
from sim.output.wording import MINUS, against_of, capital, good_of, label_of, number, the
from sim.records.outcome import RunFacts

NAMED = 9  # exporters and importers with a line of their own, each
TOTAL = "Total"
_NOTHING, _NOTHING_SMALL, _SMALL = 0.5, 0.05, 10.0  # kt; where no change is above _SMALL a tenth of that counts
_MATTERS = 0.02  # of the largest change
_CELL_HEIGHT, _WIDEST_CELL, _CELL_EDGE = 0.34, 0.95, 0.08  # inches: a line of text, a name, what keeps cells apart
_HEAD_LINES = 4  # of a column's name at most
_DARK = 0.3  # luminance under which white letters read better than black ones
_CORNER = (-4.0, 5.0)  # points from the corner of the table to what its sides mean

Values = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def flow_change_data(flows: pd.DataFrame, *, good: str, year: int) -> pd.DataFrame:
    """Central change against the baseline in kt: index exporters, columns importers, TOTAL last in both.

    Rows and columns stand in the order of their changes, the largest first; those that hardly change are summed
    in OTHERS, and left out where neither their cells nor their sum are told. Home sales are included, so a row's total
    is the change of output, a column's that of use, with what is left out. Empty where no flow changes.
    """
    rows = flows[(flows["good"] == good) & (flows["year"] == year)]
    change = (rows["central_kt"] - rows["baseline_kt"]).fillna(rows["central_kt"]).fillna(0.0)
    table = pd.DataFrame({"origin": rows["origin"], "destination": rows["destination"], "change": change})
    wide = table.pivot_table(index="origin", columns="destination", values="change", aggfunc="sum", fill_value=0.0)
    size = wide.abs().to_numpy()
    least = max(_MATTERS * size.max(initial=0.0), _nothing(size))
    shown = wide.where(wide.abs() >= least, 0.0).abs()
    exporters = _lumped(list(wide.index), shown.sum(axis=1).to_numpy())
    importers = _lumped(list(wide.columns), shown.sum(axis=0).to_numpy())
    wide = wide.rename(index=exporters, columns=importers)
    wide = wide.groupby(level=0).sum().T.groupby(level=0).sum().T
    nothing = _nothing(wide.to_numpy(dtype=float))
    rows_kept, columns_kept = (table.index[_printed(table, nothing)] for table in (wide, wide.T))
    order = [_ordered(kept.abs().sum(axis=1)) for kept in (wide.loc[rows_kept], wide[columns_kept].T)]
    wide[TOTAL] = wide.sum(axis=1)
    wide.loc[TOTAL] = wide.sum(axis=0)
    return wide.loc[[*order[0], TOTAL], [*order[1], TOTAL]]


def _printed(wide: pd.DataFrame, nothing: float) -> list[bool]:
    """Which rows have a number to print, be it their total."""
    values = wide.to_numpy(dtype=float)
    return [bool((np.abs(row) >= nothing).any() or abs(row.sum()) >= nothing) for row in values]


def has_changes(flows: pd.DataFrame, good: str, year: int) -> bool:
    """True where some flow of the good changes so much that it is told."""
    data = _cells_of(flow_change_data(flows, good=good, year=year))
    return bool(data.size) and float(np.abs(data).max()) >= _nothing(data)


def _cells_of(data: pd.DataFrame) -> Values:
    """The changes without their totals: what decides on decimals and blanks."""
    return data.drop(index=TOTAL, columns=TOTAL).to_numpy(dtype=float)


def _nothing(values: Values) -> float:
    """The change that counts as none: that of a market of a few kt is told in tenths."""
    return _NOTHING if np.abs(values).max(initial=0.0) >= _SMALL else _NOTHING_SMALL


def _decimals(values: Values) -> int:
    return 0 if _nothing(values) == _NOTHING else 1


def _lumped(names: Sequence[str], size: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, str]:
    ranked = sorted((name for name, weight in zip(names, size, strict=True) if weight > 0),
                    key=lambda name: (-size[names.index(name)], name))[:NAMED]  # fmt: skip
    if len(names) - len(ranked) == 1:  # one region is no crowd
        ranked = list(names)
    return {name: name if name in ranked else OTHERS for name in names}


def _ordered(size: pd.Series) -> list[str]:
    names = sorted((str(name) for name in size.index if name != OTHERS), key=lambda name: (-size[name], name))
    return [*names, OTHERS] if OTHERS in size.index else names


def flow_change_finding(data: pd.DataFrame, *, good: str, year: int, labels: Mapping[str, str]) -> str:
    """The flow that grows most and the one that shrinks most, in a sentence."""
    cells = data.drop(index=[TOTAL, OTHERS], columns=[TOTAL, OTHERS], errors="ignore")
    values = cells.to_numpy(dtype=float)
    nothing, decimals = _nothing(_cells_of(data)), _decimals(_cells_of(data))
    if np.abs(values).max(initial=0.0) < nothing:
        return capital(f"no flow of {good} would change in {year}")
    told = []
    for place, verb in ((int(values.argmax()), "grow"), (int(values.argmin()), "shrink")):
        row, column = divmod(place, values.shape[1])
        size = float(values[row, column])
        if (size > 0) == (verb == "grow") and abs(size) >= nothing:
            origin, destination = (
                the(label_of(str(name), labels)) for name in (cells.index[row], cells.columns[column])
            )
            route = f"sales of {origin} at home" if origin == destination else f"sales of {origin} to {destination}"
            told.append(f"{route} would {verb} most ({number(size, decimals, sign=True).replace('-', MINUS)} kt)")
    return capital(f"{', '.join(told)} in {year}")


@styled
def flow_change(
    flows: pd.DataFrame, facts: RunFacts, *, good: str, labels: Mapping[str, str], year: int | None = None
) -> Figure:
    """Heat map of the changes with the numbers in the cells, totals at the right and below.

    Raises DataError where no flow changes: there is nothing to draw.
    """
    when = facts.focus if year is None else year
    if not has_changes(flows, good, when):
        raise DataError(f"flows: none of {good} changes in {when}")
    data = flow_change_data(flows, good=good, year=when)
    metal = good_of(good, labels)
    finding = flow_change_finding(data, good=metal, year=when, labels=labels)
    what = f"Change of flows of {metal} in {when} against {against_of(facts)}, kt, central run; home sales included."
    count = {"exporters": int(len(set(flows["origin"])) - _named(data.index)),
             "importers": int(len(set(flows["destination"])) - _named(data.columns))}  # fmt: skip
    cell = min((WIDTH - 2 * MARGIN - NAME_ROOM) / len(data.columns), _WIDEST_CELL)
    heads = [
        shortened(_name(str(name), labels, count["importers"]), cell - _CELL_EDGE, _HEAD_LINES, size=SMALL_SIZE)
        for name in data.columns
    ]
    head_room = max(len(lines) for lines in heads) * line_height(SMALL_SIZE) + HEADING_GAP
    height = _CELL_HEIGHT * len(data.index)
    blank = f"Blank: under {_nothing(_cells_of(data)):g} kt. Shades follow the square root of the change."
    page = report(finding, facts, what, good=good, body=height + head_room + 2 * MARGIN, extra=blank)
    axes = page.axes(NAME_ROOM, MARGIN, cell * len(data.columns), height)
    _cells(axes, data)
    names = [_name(str(name), labels, count["exporters"]) for name in data.index]
    axes.set_yticks(
        range(len(names)), ["\n".join(shortened(name, NAME_ROOM - NAME_GAP, 2, size=SMALL_SIZE)) for name in names]
    )
    axes.set_xticks(range(len(heads)), ["\n".join(lines) for lines in heads])
    axes.tick_params(length=0, labelsize=SMALL_SIZE, top=True, labeltop=True, bottom=False, labelbottom=False)
    axes.annotate(
        "from ↓  to →", (0, 1), _CORNER, xycoords="axes fraction", textcoords="offset points", ha="right",
        color=FAINT_INK, size=SMALL_SIZE,
    )  # fmt: skip
    return page.figure


def _named(axis: pd.Index) -> int:
    return len([name for name in axis if name not in (OTHERS, TOTAL)])


def _name(name: str, labels: Mapping[str, str], lumped: int) -> str:
    if name == OTHERS:
        return f"{lumped} other{'' if lumped == 1 else 's'}"
    return TOTAL if name == TOTAL else label_of(name, labels)


def _cells(axes: Axes, data: pd.DataFrame) -> None:
    values = data.to_numpy(dtype=float)
    rows, columns = values.shape
    nothing, decimals = _nothing(_cells_of(data)), _decimals(_cells_of(data))
    inner = np.abs(values[:-1, :-1]).max(initial=nothing)
    # the square root keeps a change of a tenth visible beside the largest one
    shade = np.sign(values) * np.sqrt(np.minimum(np.abs(values) / inner, 1.0))
    cell = axes.get_window_extent().width / axes.figure.dpi / columns
    for row in range(rows):
        for column in range(columns):
            margin = row == rows - 1 or column == columns - 1
            quiet = abs(values[row, column]) < nothing
            colour = CHANGE_MAP(0.5) if margin or quiet else CHANGE_MAP(0.5 + 0.5 * shade[row, column])
            axes.add_patch(
                Rectangle((column - 0.5, row - 0.5), 1, 1, facecolor=colour, edgecolor=RULE, linewidth=HAIR_LINE)
            )
            if not quiet:
                text = number(values[row, column], decimals, sign=True).replace("-", MINUS)
                size = TEXT_SIZE if text_width(text) < cell - _CELL_EDGE else TINY_SIZE
                dark = luminance(colour[:3]) < _DARK
                weight = "bold" if margin else "normal"
                axes.text(column, row, text, ha="center", va="center_baseline", size=size, weight=weight,
                          color="white" if dark else INK)  # fmt: skip
    axes.axhline(rows - 1 - 0.5, color=INK, linewidth=1)
    axes.axvline(columns - 1 - 0.5, color=INK, linewidth=1)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines[:].set_visible(False)
