"""Who supplies a market over the years: baseline beside scenario, home supply included."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.palette import OTHERS, RULE, region_colours, text_colour
from sim.output.plots.pick import as_shares, numbers_by, rows_of
from sim.output.plots.style import (
    MARGIN,
    WIDTH,
    context,
    evidence,
    focus_line,
    heading,
    is_baseline,
    sheet,
    span_of,
    styled,
    year_ticks,
)
from sim.output.plots.text import HEADING_SIZE, NARROW, TEXT_SIZE, line_height, shortened, spread, wrapped
from sim.output.wording import capital, good_of, label_of, percent, plain, the
from sim.records.outcome import RunFacts

LAYERS = 8  # named layers at most, home supply among them
_SMALL, _MOVED, _NOTICEABLE, _VISIBLE = 0.03, 0.005, 0.005, 0.0005
_RUNS = ("baseline", "scenario")
_HEIGHT, _LABEL_ROOM, _GAP, _AXIS_ROOM = 3.5, 1.62, 0.12, 0.62


def supply_shares_data(summary: pd.DataFrame, *, good: str, destination: str, focus: int) -> pd.DataFrame:
    """Layers of the stack from the bottom: layer, position, year, baseline, scenario, p05, p95 (shares of 1).

    Home supply lies at the bottom, then the larger suppliers; who gains most lies on top. Suppliers that stay
    small and hardly move are one layer, OTHERS, without a band. Raises DataError where nothing is known.
    """
    rows = as_shares(rows_of(summary, "supply_share", good, destination, focus=focus))
    table = rows[["partner", "year", "baseline", "central", "p05", "p95"]]
    table = table.rename(columns={"partner": "layer", "central": "scenario"}).fillna({"baseline": 0.0, "scenario": 0.0})
    order = _order(table, destination, focus)
    table = table if OTHERS in order else table[table["layer"].isin(order)].copy()
    table["layer"] = table["layer"].where(table["layer"].isin(order), OTHERS)
    lumped = table.groupby(["layer", "year"], as_index=False)[["baseline", "scenario", "p05", "p95"]].sum()
    lumped.loc[lumped["layer"] == OTHERS, ["p05", "p95"]] = np.nan  # percentiles do not add up
    position = {layer: place for place, layer in enumerate(order)}
    lumped.insert(1, "position", lumped["layer"].map(position))
    return lumped.sort_values(["position", "year"], kind="stable").reset_index(drop=True)


def _order(table: pd.DataFrame, destination: str, focus: int) -> list[str]:
    at_focus = table[table["year"] == focus].set_index("layer")
    largest = table.groupby("layer")[["baseline", "scenario"]].max().max(axis=1)
    change = (at_focus["scenario"] - at_focus["baseline"]).reindex(largest.index, fill_value=0.0)
    matters = largest.index[(largest >= _SMALL) | (change.abs() >= _MOVED)].drop(destination, errors="ignore")
    weight = largest + 4 * change.abs()  # a small supplier that moves is worth more than a large one that does not
    named = sorted(matters, key=lambda name: (-weight[name], name))[: LAYERS - 1]
    gainer = max(named, key=lambda name: change[name], default=None)
    on_top = [gainer] if gainer is not None and change[gainer] >= _MOVED else []
    middle = sorted((name for name in named if name not in on_top), key=lambda name: (-largest[name], name))
    home = [destination] if largest.get(destination, 0.0) >= _VISIBLE else []
    rest = largest.drop([*named, *home])
    others = [OTHERS] if len(rest) and rest.max() >= _VISIBLE else []
    return [*home, *middle, *others, *on_top]


def supply_shares_finding(
    data: pd.DataFrame,
    *,
    market: str,
    good: str,
    focus: int,
    names: Mapping[str, str],
    banded: bool,
    alone: bool = False,
) -> str:
    """The largest move of the focus year in a sentence, with its band, or that there is none.

    ``alone`` is for the baseline itself, which is told by its largest source.
    """
    at_focus = data[(data["year"] == focus) & (data["layer"] != OTHERS)]
    before, after = (numbers_by(at_focus, "layer", run) for run in _RUNS)
    change = {name: after[name] - before[name] for name in before}
    supply = f"supply of {good} to {the(market)}"
    largest = max(after, key=lambda name: after[name], default="")
    if not any(before.values()) and not any(after.values()):
        return capital(f"{the(market)} would have no supply of {good} in {focus}")
    moved = max(change, key=lambda name: abs(change[name]))
    size = change[moved]
    if abs(size) < _NOTICEABLE:
        first = f"{the(names[largest])} with {percent(after[largest])} %"
        if alone:
            return capital(f"the largest source of the {supply} in {focus} would be {first}")
        return capital(f"the {supply} would hardly differ from the baseline in {focus}: {first} is the largest source")
    who = the(names[moved])
    if before[moved] >= 0.001:
        finding = f"{who} would go from {percent(before[moved])} to {percent(after[moved])} %"
    else:
        finding = f"{who} would gain {percent(size)} %"
    if banded:
        low, high = (numbers_by(at_focus, "layer", end)[moved] for end in ("p05", "p95"))
        finding += f" ({percent(low)} to {percent(high)})"
    finding += f" of the {supply} by {focus}"
    other = max(change, key=lambda name: -np.sign(size) * change[name])
    if -np.sign(size) * change[other] >= _NOTICEABLE:
        how = "mostly" if abs(change[other]) > 0.5 * abs(size) else "first of all"
        whom = "home suppliers" if names[other] == market else the(names[other])
        finding += f", {how} {'from' if size > 0 else 'to'} {whom}"
    return capital(finding)


@styled
def supply_shares(
    summary: pd.DataFrame, facts: RunFacts, *, good: str, destination: str, labels: Mapping[str, str]
) -> Figure:
    """Two panels of stacked shares, the layers labelled at the right with their numbers of the focus year."""
    data = supply_shares_data(summary, good=good, destination=destination, focus=facts.focus)
    layers = list(dict.fromkeys(data["layer"]))
    names = {name: OTHERS if name == OTHERS else label_of(name, labels) for name in layers}
    market, metal = label_of(destination, labels), good_of(good, labels)
    years = sorted(set(data["year"]))
    banded = facts.draws > 0
    what = f"Supply of {metal} to {the(market)} by origin, {span_of(years)}. "
    what += f"Numbers: {facts.focus}{f' → {years[-1]}' if years[-1] != facts.focus else ''}"
    what += "; in brackets 5th to 95th percentile." if banded and not is_baseline(facts) else "."
    # the baseline itself has nothing beside it
    runs = {"baseline": facts.baseline_title, "scenario": facts.title}
    if is_baseline(facts):
        del runs["baseline"]
    panel = (WIDTH - 2 * MARGIN - _AXIS_ROOM - _GAP) / len(runs) - _LABEL_ROOM
    titles = [wrapped(plain(text), panel + _LABEL_ROOM - 0.2, HEADING_SIZE, "bold") for text in runs.values()]
    title_room = max(len(lines) for lines in titles) * line_height(HEADING_SIZE) + 0.12
    page = sheet(
        supply_shares_finding(data, market=market, good=metal, focus=facts.focus, names=names, banded=banded,
                              alone=is_baseline(facts)),
        context(facts, what), evidence(facts, good=good), body=_HEIGHT + title_room + 0.3,
    )  # fmt: skip
    for number, run in enumerate(runs):
        left = _AXIS_ROOM + number * (panel + _LABEL_ROOM + _GAP)
        axes = page.axes(left, 0.3, panel, _HEIGHT)
        heading(axes, titles[number])
        _stack(axes, data, run, layers)
        texts = _label_texts(data, run, layers, names, facts.focus)
        _label_layers(axes, data, run, layers, texts, panel)
        year_ticks(axes, years, panel, facts.focus)
        focus_line(axes, facts.focus, years)
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
        years, values = np.array([years[0] - 0.4, years[0] + 0.4]), np.repeat(values, 2, axis=1)
    axes.stackplot(years, values, colors=[colours[name] for name in layers], edgecolor="white", linewidth=0.8)
    axes.set_xlim(years[0], years[-1])
    axes.set_ylim(0, 100)


def _label_texts(
    data: pd.DataFrame, run: str, layers: Sequence[str], names: Mapping[str, str], focus: int
) -> dict[str, list[str]]:
    last = int(data["year"].max())
    at_focus, at_end = data[data["year"] == focus], data[data["year"] == last]
    now, later = numbers_by(at_focus, "layer", run), numbers_by(at_end, "layer", run)
    texts = {}
    for name in layers:
        # the label stands beside the last year, the finding speaks of the focus year: it needs both
        told = dict.fromkeys((percent(now[name]), percent(later[name])))
        tail = f" {f'{NARROW}→{NARROW}'.join(told)}{NARROW}%"
        texts[name] = shortened(names[name], _LABEL_ROOM - 0.22, 2, tail=tail)
    return texts


def _label_layers(
    axes: Axes, data: pd.DataFrame, run: str, layers: Sequence[str], texts: Mapping[str, list[str]], panel: float
) -> None:
    supplied = data[data[run] > 0]
    last_year = supplied["year"].max() if len(supplied) else data["year"].max()
    last = 100 * data[data["year"] == last_year].set_index("layer")[run].loc[list(layers)].to_numpy()
    centres = np.cumsum(last) - last / 2
    per_inch = 100 / _HEIGHT
    heights = [len(texts[name]) * line_height(TEXT_SIZE * 0.93) * per_inch for name in layers]
    colours = region_colours(layers)
    places = spread(list(centres), heights, -5, 105)
    for name, centre, place in zip(layers, centres, places, strict=True):
        axes.annotate(
            "\n".join(texts[name]), (1, place), (15, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", color=text_colour(colours[name]), linespacing=1.1,
            annotation_clip=False,
        )  # fmt: skip
        # a line from the layer to its label, so that pushed labels still find their layer
        axes.plot(
            [1 + 0.03 / panel, 1 + 0.18 / panel], [centre, place], color=RULE, linewidth=0.9,
            transform=axes.get_yaxis_transform(), clip_on=False,
        )  # fmt: skip
