"""Who supplies a market over the years: baseline beside scenario, home supply included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.about import (
    About,
    about,
    central_only,
    in_draws,
    label_lines,
    points,
    span_of,
    told_apart,
    years_told,
)
from sim.output.plots.measures import (
    AXIS_LINE,
    AXIS_ROOM,
    GAP,
    HEADING_SIZE,
    LABEL_ROOM,
    LEADER_FROM,
    LEADER_GAP,
    LEADER_TO,
    MARGIN,
    PANEL_HEIGHT,
    POINTS,
    WIDTH,
)
from sim.output.plots.palette import OTHERS, RULE, SOFT_INK, STOCK, region_colours
from sim.output.plots.panel import edge_label, focus_line, year_room, year_ticks
from sim.output.plots.pick import as_shares, numbers_by, rows_of
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import line_height, spread, wrapped
from sim.output.wording import between, capital, listed, percent, plain, the
from sim.records.outcome import RunFacts

LAYERS = 8  # named layers at most, home supply among them
# shares of supply: a layer of its own from the first, or where it moves by half a point; a tenth rounds to nothing
_SMALL, _MOVED, _VISIBLE, _SUPPLIED = 0.03, 0.005, 0.0005, 0.001
_TIED = 0.95  # of the largest counterpart: who is so near is named beside it
_MOVE_COUNTS = 4.0  # times as much as size: a small supplier that moves is worth more than a large one that does not
# points of the scale that labels may stand below and above the stack, under its heading
_BENEATH, _ABOVE = 1.5, 1.5
_HALF_BAR = 0.4  # years
_UNNAMED = (OTHERS, STOCK)
_RUNS = ("baseline", "scenario")
_BANDS = ["p05", "p95", "difference_p05", "difference_p95"]


def supply_shares_data(summary: pd.DataFrame, *, good: str, destination: str, focus: int) -> pd.DataFrame:
    """Layers of the stack from the bottom: layer, position, year, baseline, scenario and bands (shares of 1).

    Home supply lies at the bottom, then the larger suppliers; who gains most lies on top. Suppliers that stay
    small and hardly move are one layer, OTHERS, and what stockpiles sell is STOCK, on top of all; both are without
    bands. Raises DataError where nothing is known.
    """
    rows = as_shares(rows_of(summary, "supply_share", good, destination, focus=focus))
    table = rows[["partner", "year", "baseline", "central", *_BANDS]]
    table = table.rename(columns={"partner": "layer", "central": "scenario"}).fillna({"baseline": 0.0, "scenario": 0.0})
    order = _order(table, destination, focus)
    table = table if OTHERS in order else table[table["layer"].isin(order)].copy()
    table["layer"] = table["layer"].where(table["layer"].isin(order), OTHERS)
    lumped = table.groupby(["layer", "year"], as_index=False)[["baseline", "scenario", *_BANDS]].sum()
    lumped.loc[lumped["layer"] == OTHERS, _BANDS] = np.nan  # percentiles do not add up
    stock = _from_stock(lumped)
    position = {layer: place for place, layer in enumerate([*order, STOCK])}
    lumped = pd.concat([lumped, stock], ignore_index=True) if len(stock) else lumped
    lumped.insert(1, "position", lumped["layer"].map(position))
    return lumped.sort_values(["position", "year"], kind="stable").reset_index(drop=True)


def _from_stock(shares: pd.DataFrame) -> pd.DataFrame:
    """What shares leave of a supply in each year, as a layer of its own; no rows where that is nothing."""
    total = shares.groupby("year", as_index=False)[list(_RUNS)].sum()
    left = total[list(_RUNS)].rsub(1.0).where(total[list(_RUNS)] > 0, 0.0)  # nothing is left of no supply
    if not (left >= _MOVED).any(axis=None):
        return shares.iloc[:0]
    return pd.DataFrame(
        {"layer": STOCK, "year": total["year"], **left.clip(lower=0.0), **dict.fromkeys(_BANDS, np.nan)}
    )


def _order(table: pd.DataFrame, destination: str, focus: int) -> list[str]:
    at_focus = table[table["year"] == focus].set_index("layer")
    largest = table.groupby("layer")[["baseline", "scenario"]].max().max(axis=1)
    change = (at_focus["scenario"] - at_focus["baseline"]).reindex(largest.index, fill_value=0.0)
    matters = largest.index[(largest >= _SMALL) | (change.abs() >= _MOVED)].drop(destination, errors="ignore")
    weight = largest + _MOVE_COUNTS * change.abs()
    named = sorted(matters, key=lambda name: (-weight[name], name))[: LAYERS - 1]
    gainer = max(named, key=lambda name: change[name], default=None)
    on_top = [gainer] if gainer is not None and change[gainer] >= _MOVED else []
    middle = sorted((name for name in named if name not in on_top), key=lambda name: (-largest[name], name))
    home = [destination] if largest.get(destination, 0.0) >= _VISIBLE else []
    rest = largest.drop([*named, *home])
    others = [OTHERS] if len(rest) and rest.max() >= _VISIBLE else []
    return [*home, *middle, *others, *on_top]


def supply_shares_finding(data: pd.DataFrame, told: About) -> str:
    """The largest move of the focus year in a sentence, with its band, or that there is none.

    The baseline itself is told by its largest source.
    """
    at_focus = data[(data["year"] == told.focus) & ~data["layer"].isin(_UNNAMED)]
    before, after = (numbers_by(at_focus, "layer", run) for run in _RUNS)
    change = {name: after[name] - before[name] for name in before}
    supply = f"supply of {told.good} to {the(told.market)}"
    if not any(before.values()) and not any(after.values()):
        return capital(f"{the(told.market)} would have no supply of {told.good} in {told.focus}")
    moved, size = _largest_move(at_focus)
    if abs(size) < _MOVED:
        return _unmoved(at_focus, told, supply)
    who = _supplier(moved, told)
    known = before[moved] >= _SUPPLIED
    band = ""
    if told.banded:
        low, high = (numbers_by(at_focus, "layer", end)[moved] for end in ("p05", "p95"))
        band = between(percent(low), percent(high))
        band = f" ({band})" if band else ""
    if known:
        was, becomes = told_apart(before[moved], after[moved])
        finding = f"{who} would hold {becomes} %{band} instead of {was} %"
    else:
        finding = f"{who} would gain {percent(size)} %{band}"
    finding += f" of the {supply} {'in' if known else 'by'} {told.focus}"
    counter = {name: -np.sign(size) * change[name] for name in change}
    most = max(counter.values())
    from_stock = data[(data["year"] == told.focus) & (data["layer"] == STOCK)]
    stock = float(from_stock["scenario"].sum())  # one row or none
    if stock >= max(most, _MOVED):
        return capital(f"{finding}, while stockpiles deliver {percent(stock)} %")
    if most >= _MOVED:
        how = "mostly" if most > 0.5 * abs(size) else "first of all"
        others = [name for name in counter if counter[name] >= _TIED * most]
        whom = [_supplier(name, told) for name in others]
        finding += f", {how} {'at the expense of' if size > 0 else 'to the benefit of'} {listed(whom)}"
    return capital(finding)


def _supplier(name: str, told: About) -> str:
    return "home suppliers" if told.names[name] == told.market else the(told.names[name])


def _largest_move(at_focus: pd.DataFrame) -> tuple[str, float]:
    """Which named layer changes most, and by how much."""
    before, after = (numbers_by(at_focus[~at_focus["layer"].isin(_UNNAMED)], "layer", run) for run in _RUNS)
    change = {name: after[name] - before[name] for name in before}
    moved = max(change, key=lambda name: abs(change[name]), default=OTHERS)
    return moved, change.get(moved, 0.0)


def _unmoved(at_focus: pd.DataFrame, told: About, supply: str) -> str:
    """That nothing moves in the central run, and who moves most in the draws."""
    after, low, high = (numbers_by(at_focus, "layer", end) for end in ("scenario", "difference_p05", "difference_p95"))
    largest = max(after, key=lambda name: after[name])
    first = f"{the(told.names[largest])} with {percent(after[largest])} %"
    if told.alone:
        return capital(f"the largest source of the {supply} in {told.focus} would be {first}")
    stays = f"the {supply} would hardly differ from {told.against} in {told.focus}: {first} is the largest source"
    widest = max(after, key=lambda name: max(-low[name], high[name]))
    return central_only(stays, in_draws(told, low[widest], high[widest], _MOVED, points, who=the(told.names[widest])))


@styled
def supply_shares(
    summary: pd.DataFrame, facts: RunFacts, *, good: str, destination: str, labels: Mapping[str, str]
) -> Figure:
    """Two panels of stacked shares, the layers labelled at the right with their numbers of the focus year."""
    data = supply_shares_data(summary, good=good, destination=destination, focus=facts.focus)
    layers = list(dict.fromkeys(data["layer"]))
    told = about(facts, labels, good=good, market=destination, parts=layers)
    years = sorted(set(data["year"]))
    what = f"Supply of {told.good} to {the(told.market)} by origin, {span_of(years)}. {years_told(told.focus, years)}"
    bracketed = told.banded and abs(_largest_move(data[data["year"] == told.focus])[1]) >= _MOVED
    what += "; in brackets 5th to 95th percentile." if bracketed else "."
    # the baseline itself has nothing beside it
    runs = {"baseline": facts.baseline_title, "scenario": facts.title}
    if told.alone:
        del runs["baseline"]
    panel = (WIDTH - 2 * MARGIN - AXIS_ROOM - MARGIN) / len(runs) - LABEL_ROOM
    titles = [wrapped(plain(text), panel + LABEL_ROOM - GAP, HEADING_SIZE, "bold") for text in runs.values()]
    below = year_room(years, panel, told.focus)
    body = headed(PANEL_HEIGHT, max(len(lines) for lines in titles), below=below)
    page = report(supply_shares_finding(data, told), facts, what, good=good, body=body)
    for number, run in enumerate(runs):
        left = AXIS_ROOM + number * (panel + LABEL_ROOM + MARGIN)
        axes = page.axes(left, below, panel, PANEL_HEIGHT)
        heading(axes, titles[number])
        _stack(axes, data, run, layers)
        _label_layers(axes, data, run, _label_texts(data, run, told), panel)
        year_ticks(axes, years, panel, told.focus)
        focus_line(axes, told.focus, years)
        if number:
            axes.tick_params(labelleft=False)
        else:
            axes.set_ylabel("Share of supply, %")
    return page.figure


def _stack(axes: Axes, data: pd.DataFrame, run: str, layers: Sequence[str]) -> None:
    colours = region_colours(layers)
    wide = 100 * data.pivot_table(index="layer", columns="year", values=run).loc[list(layers)]
    years = wide.columns.to_numpy(dtype=float)
    values = wide.to_numpy()
    if len(years) == 1:  # one year has no area: a bar instead
        years, values = np.array([years[0] - _HALF_BAR, years[0] + _HALF_BAR]), np.repeat(values, 2, axis=1)
    areas = axes.stackplot(
        years, values, colors=[colours[name] for name in layers], edgecolor="white", linewidth=AXIS_LINE
    )
    for area in areas[layers.index(STOCK) :] if STOCK in layers else []:
        area.set(hatch="////", edgecolor=SOFT_INK, linewidth=0)
    axes.set_xlim(years[0], years[-1])
    axes.set_ylim(0, 100)


def _label_texts(data: pd.DataFrame, run: str, told: About) -> dict[str, list[str]]:
    """The lines of each layer's label."""
    now, later = (
        numbers_by(data[data["year"] == year], "layer", run) for year in (told.focus, int(data["year"].max()))
    )
    room = LABEL_ROOM - LEADER_TO - LEADER_GAP
    return {name: label_lines(label, now[name], later[name], room) for name, label in told.names.items()}


def _label_layers(axes: Axes, data: pd.DataFrame, run: str, texts: Mapping[str, list[str]], panel: float) -> None:
    supplied = data[data[run] > 0]
    last_year = supplied["year"].max() if len(supplied) else data["year"].max()
    last = 100 * data[data["year"] == last_year].set_index("layer")[run].loc[list(texts)].to_numpy()
    centres = np.cumsum(last) - last / 2
    heights = [len(lines) * line_height() * 100 / PANEL_HEIGHT for lines in texts.values()]
    colours = region_colours(texts)
    places = spread(list(centres), heights, -_BENEATH, 100 + _ABOVE)
    for (name, lines), centre, place in zip(texts.items(), centres, places, strict=True):
        edge_label(axes, lines, place, colours[name], off=POINTS * (LEADER_TO + LEADER_GAP))
        # a line from the layer to its label, so that pushed labels still find their layer
        axes.plot(
            [1 + LEADER_FROM / panel, 1 + LEADER_TO / panel], [centre, place], color=RULE, linewidth=AXIS_LINE,
            transform=axes.get_yaxis_transform(), clip_on=False,
        )  # fmt: skip
