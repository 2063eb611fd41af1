"""Who supplies a market in the focus year, one bar for the baseline and for each scenario, on one scale."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.measures import GAP, HAIR_LINE, MARGIN, NAME_GAP, NAME_ROOM, POINTS, SMALL_SIZE, TEXT_SIZE, WIDTH
from sim.output.plots.palette import INK, OTHERS, lent_colours, luminance, text_colour
from sim.output.plots.pick import as_shares, numbers_by
from sim.output.plots.scenarios import Together, belonging, in_order, page_of
from sim.output.plots.style import styled
from sim.output.plots.supply_shares import LAYERS
from sim.output.plots.text import line_height, shortened, text_width
from sim.output.wording import capital, percent, the

BASELINE_ROW = ""  # the row of the baseline: no scenario has an empty name
_SMALL, _MOVED = 0.03, 0.005  # of supply: a part of its own from here, or where it moves by half a point
_ROW, _BAR = 0.5, 0.7  # inches of a bar with the gap to the next; of it, the bar
_KEY_GAP = 0.18  # inches between the names of the key
_DARK = 0.35  # luminance below which letters on a bar are white
_EDGE = 0.5  # of a row, from the middle of the first and last bar to the edge
_BELOW = 0.5  # inches for the numbers and the name of the axis


def mix_data(summaries: Mapping[str, pd.DataFrame], together: Together, *, good: str, region: str) -> pd.DataFrame:
    """Row (scenario, or BASELINE_ROW), part, position, share of 1; the parts of a row add up to 1 where it buys.

    Home supply comes first, then the larger suppliers of any row; who stays small everywhere is in OTHERS. Where the
    baselines differ there is no row for one.
    """
    focus = together.facts.focus
    parts: list[pd.DataFrame] = []
    for name in in_order(together.names, list(summaries)):
        rows = summaries[name]
        chosen = (rows["indicator"] == "supply_share") & (rows["good"] == good) & (rows["region"] == region)
        rows = as_shares(rows[chosen & (rows["year"] == focus)])
        if together.one_baseline and not parts:
            parts.append(pd.DataFrame({"row": BASELINE_ROW, "part": rows["partner"], "share": rows["baseline"]}))
        parts.append(pd.DataFrame({"row": name, "part": rows["partner"], "share": rows["central"]}))
    table = pd.concat(parts, ignore_index=True).fillna({"share": 0.0})
    wide = table.pivot_table(index="part", columns="row", values="share", aggfunc="sum", fill_value=0.0)
    largest, spread = wide.max(axis=1), wide.max(axis=1) - wide.min(axis=1)
    matters = [part for part in wide.index if part != region and (largest[part] >= _SMALL or spread[part] >= _MOVED)]
    named = sorted(matters, key=lambda part: (-(largest[part] + spread[part]), part))[: LAYERS - 1]
    named.sort(key=lambda part: (-largest[part], part))
    order = [*([region] if region in wide.index and largest[region] > 0 else []), *named]
    table["part"] = table["part"].where(table["part"].isin(order), OTHERS)
    lumped = table.groupby(["row", "part"])["share"].sum().reset_index()
    place = {part: position for position, part in enumerate([*order, OTHERS])}
    lumped.insert(2, "position", lumped["part"].map(place))
    rank = {row: position for position, row in enumerate([BASELINE_ROW, *together.names])}
    return lumped.sort_values(
        ["row", "position"], key=lambda column: column.map(rank) if column.name == "row" else column, kind="stable"
    ).reset_index(drop=True)


def mix_finding(data: pd.DataFrame, together: Together, *, good: str, region: str) -> str:
    """Whose share differs most between the rows, in a sentence."""
    wide = data[data["part"] != OTHERS].pivot_table(index="part", columns="row", values="share", fill_value=0.0)
    market, focus = the(together.label(region)), together.facts.focus
    supply = f"of the supply of {together.good(good)} to {market} in {focus}"
    if wide.empty or not wide.to_numpy().any():
        return capital(f"{market} would have no supply of {together.good(good)} in {focus}")
    spread = wide.max(axis=1) - wide.min(axis=1)
    part = str(spread.idxmax())
    if float(spread.max()) < _MOVED:
        return capital(f"nobody's share {supply} would differ by half a point between the scenarios")
    held = numbers_by(data[data["part"] == part], "row", "share")
    held = {str(row): held.get(str(row), 0.0) for row in data["row"]}
    low, high = min(held, key=lambda row: held[row]), max(held, key=lambda row: held[row])
    who = "home suppliers" if part == region else the(together.label(part))
    ends = [f"{percent(held[name])} % ({'baseline' if name == BASELINE_ROW else name})" for name in (low, high)]
    return capital(f"{who} would hold between {ends[0]} and {ends[1]} {supply}")


@styled
def mix(summaries: Mapping[str, pd.DataFrame], together: Together, *, good: str, region: str) -> Figure:
    """Stacked bars with the shares printed where they fit, a key of names above them."""
    data = mix_data(summaries, together, good=good, region=region)
    rows = list(dict.fromkeys(data["row"]))
    parts = data.sort_values("position", kind="stable")["part"].drop_duplicates().tolist()
    colours = lent_colours(parts)
    names = {part: "Others" if part == OTHERS else _part_name(part, region, together) for part in parts}
    room = WIDTH - 2 * MARGIN
    key = _key_lines([names[part] for part in parts], room - NAME_ROOM)
    height = len(rows) * _ROW
    body = height + _BELOW + len(key) * line_height() + GAP
    what = (
        f"Shares in the supply of {together.good(good)} to {the(together.label(region))} in {together.facts.focus}, "
        "%, central runs. From left to right as named above the bars."
    )
    page = page_of(together, mix_finding(data, together, good=good, region=region), what, good=good, body=body)
    axes = page.axes(NAME_ROOM, _BELOW, room - NAME_ROOM - GAP, height)
    for place, row in enumerate(rows):
        shown = data[data["row"] == row]
        if row == BASELINE_ROW:
            _bar(axes, shown, place, colours, room - NAME_ROOM - GAP)
        else:
            with belonging(axes, together, row):
                _bar(axes, shown, place, colours, room - NAME_ROOM - GAP)
    axes.set_xlim(0, 100)
    axes.set_ylim(len(rows) - 1 + _EDGE, -_EDGE)
    titles = ["Baseline" if row == BASELINE_ROW else row.replace("_", " ") for row in rows]
    axes.set_yticks(range(len(rows)), ["\n".join(shortened(title, NAME_ROOM - NAME_GAP, 2)) for title in titles])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(f"% of supply in {together.facts.focus}")
    _draw_key(axes, key, dict(zip(names.values(), (colours[part] for part in parts), strict=True)))
    return page.figure


def _part_name(part: str, region: str, together: Together) -> str:
    return f"{together.label(part)}, home" if part == region else together.label(part)


def _bar(axes: Axes, shown: pd.DataFrame, place: int, colours: Mapping[str, str], width: float) -> None:
    left = 0.0
    for part, share in zip(shown["part"], shown["share"], strict=True):
        size = 100 * float(share)
        colour = colours[str(part)]
        axes.barh(place, size, left=left, height=_BAR, color=colour, edgecolor="white", linewidth=HAIR_LINE)
        text = percent(float(share))
        if text_width(text, SMALL_SIZE) + NAME_GAP / 2 <= size / 100 * width:
            ink = "white" if luminance(colour) < _DARK else INK
            axes.text(left + size / 2, place, text, size=SMALL_SIZE, ha="center", va="center", color=ink)
        left += size


def _key_lines(names: list[str], room: float) -> list[list[str]]:
    """The names in lines no wider than the room."""
    lines: list[list[str]] = [[]]
    used = 0.0
    for name in names:
        wide = text_width(name, TEXT_SIZE, "bold") + _KEY_GAP
        if lines[-1] and used + wide > room:
            lines.append([])
            used = 0.0
        lines[-1].append(name)
        used += wide
    return lines


def _draw_key(axes: Axes, key: list[list[str]], colours: Mapping[str, str]) -> None:
    """Names in the colours of their parts, above the bars."""
    for up, line in enumerate(reversed(key)):
        across = 0.0
        for name in line:
            axes.annotate(
                name, (0, 1), (POINTS * across, POINTS * (up * line_height() + NAME_GAP / 2)), xycoords="axes fraction",
                textcoords="offset points", weight="bold", color=text_colour(colours[name]), annotation_clip=False,
            )  # fmt: skip
            across += text_width(name, TEXT_SIZE, "bold") + _KEY_GAP
