"""Who gains and who loses the tonnes of an offer, a floor or a contract: what they replace, where they come from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.measures import (
    AXIS_LINE,
    GAP,
    HAIR_LINE,
    HEADING_SIZE,
    LABEL_OFF,
    MARGIN,
    NAME_GAP,
    NAME_ROOM,
    POINTS,
    SMALL_SIZE,
    WIDTH,
)
from sim.output.plots.palette import GAIN, INK, OTHERS, SOFT_INK, region_colours
from sim.output.plots.panel import number_ticks
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import shortened, text_width
from sim.output.wording import (
    MINUS,
    THE_BASELINE,
    against_of,
    capital,
    good_of,
    label_of,
    part_of,
    small_tonnes,
    the,
    tonnes,
)
from sim.records.outcome import Band, ChangeRow, DealAnswer, GuaranteeAnswer, OfferAnswer, RunFacts

REPLACES, COMES_FROM = "replaces", "comes_from"
NAMED = 6  # regions with a bar of their own, per panel
_FLOOR = "floor"
_SMALL = 0.03  # of the metal taken
_NOTHING = 0.5  # kt
_TINY = 1.0  # kt: a waterfall of less is told in hundredths
_GAP_SHOWN = 0.005  # of the metal taken: what does not add up beyond that is shown
_ROW, _BELOW = 0.36, 0.5  # inches: of a bar with the gap to the next, and for the numbers and name of the axis
_BAR = 0.66  # of a row
_TICKS = 4  # at most: numbers of four digits side by side
_ALSO = "////"  # a step back up: who gets or sells more beside the deal
_EDGE = 0.6  # of a row, from the middle of the first and the last one to the edge
_VALUE_GAPS = 0.3  # inches before, between and after a value and its band
_BAND_OFF = 10.0  # points from a value to its band, the gap before the value included
_COLUMNS = ["panel", "row", "role", "value", "p05", "p95", "start", "end"]


def winners_data(deal: DealAnswer) -> pd.DataFrame:
    """Steps of both waterfalls in kt a year: panel, row, role, value, p05, p95, start, end.

    Each panel starts with the change of the flow dealt in (role ``total``) and steps down to nought: regions that
    lose (positive) or gain, the small ones as one row (``rest``, without a band), then more use or new
    output (``balance``). What does not add up, if anything, stands in a row of its own (``gap``).
    """
    taken = deal.suppliers[0]
    panels = (
        (REPLACES, deal.suppliers[1:], deal.use.change),
        (COMES_FROM, deal.customers, deal.new_output.change),
    )
    steps: list[tuple[object, ...]] = []
    for panel, rows, balance in panels:
        steps += _panel(panel, taken, rows, balance)
    return pd.DataFrame(steps, columns=_COLUMNS)


def _panel(panel: str, taken: ChangeRow, rows: Sequence[ChangeRow], balance: Band) -> list[tuple[object, ...]]:
    total = taken.change.central
    ranked = sorted(rows, key=lambda row: (-abs(row.change.central), row.label))
    floor = max(_SMALL * abs(total), _NOTHING)
    named = [row for row in ranked if abs(row.change.central) >= floor][:NAMED]
    rest = [row for row in ranked if row not in named and row.change.central != 0]
    if len(rest) == 1 and abs(rest[0].change.central) >= _NOTHING:
        named, rest = [*named, *rest], []
    # bars of losers first, those that gain beside the seller push the steps back up
    named.sort(key=lambda row: (row.change.central, row.label))
    nan = float("nan")
    lines: list[tuple[str, str, float, float, float]] = [
        (row.label, "region", -row.change.central, -row.change.p95, -row.change.p05) for row in named
    ]
    if rest:
        lines.append((str(len(rest)), "rest", -sum(row.change.central for row in rest), nan, nan))
    lines.append(("", "balance", balance.central, balance.p05, balance.p95))
    gap = total - sum(line[2] for line in lines)
    if abs(gap) > max(_GAP_SHOWN * abs(total), _NOTHING):
        lines.append(("", "gap", gap, nan, nan))
    steps: list[tuple[object, ...]] = [
        (panel, taken.label, "total", total, taken.change.p05, taken.change.p95, 0.0, total)
    ]
    level = total
    for row, role, value, low, high in lines:
        steps.append((panel, row, role, value, low, high, level, level - value))
        level -= value
    return steps


def winners_finding(
    deal: DealAnswer, data: pd.DataFrame, labels: Mapping[str, str], against: str = THE_BASELINE
) -> str:
    """How much is taken or delivered, whom it hits most and where most of it comes from, in a sentence."""
    if isinstance(deal, OfferAnswer) and deal.offered.central < _NOTHING:
        seller = the(label_of(deal.origin, labels))
        return capital(f"the offer of {seller} is not in force in {deal.year} in the central run")
    told, change = _dealt(deal, labels), deal.suppliers[0].change.central
    if abs(change) < _NOTHING:
        return capital(f"{told} in {deal.year}: no metal changes hands")
    if change < 0:
        return capital(f"{told} in {deal.year}, {tonnes(-change)} kt less than in {against}")
    (hit, hit_role), (source, source_role) = _largest(data, REPLACES), _largest(data, COMES_FROM)
    loses = {
        "region": f"{the(label_of(hit, labels))} would lose most sales",
        "home": "home suppliers would lose most sales",
        "balance": "most would add to use",
    }.get("home" if hit == deal.destination else hit_role, "many suppliers would each lose a little")
    gives = {
        "region": f"{the(label_of(source, labels))} would give up most metal",
        "home": "its home market would give up most metal",
        "balance": "most would be new output",
    }.get("home" if source == deal.origin else source_role, "many customers would each give up a little")
    # more than changes hands: what the scenario changes besides has the larger part in it
    if _exceeds(data, REPLACES, change):
        loses = "use would rise by more than that"
    if _exceeds(data, COMES_FROM, change):
        gives = "output would rise by more than that"
    return capital(f"{told}: {loses}, {gives}")


def _exceeds(data: pd.DataFrame, panel: str, change: float) -> bool:
    balance = data[(data["panel"] == panel) & (data["role"] == "balance")]["value"]
    return bool((balance > change).any())


def _dealt(deal: DealAnswer, labels: Mapping[str, str]) -> str:
    """What of the tonnes named in the deal changes hands."""
    market, seller = the(label_of(deal.destination, labels)), the(label_of(deal.origin, labels))
    if isinstance(deal, OfferAnswer):
        return f"{market} would take {part_of(deal.taken.central, deal.offered.central)} that {seller} offers"
    if isinstance(deal, GuaranteeAnswer):
        placed, missing = deal.told.placed.central, deal.told.missing.central
        how = "guaranteed" if deal.kind == _FLOOR else "under contract"
        return f"{seller} would deliver {part_of(placed, placed + missing)} {how} to {market}"
    return f"{market} would take {tonnes(deal.suppliers[0].scenario)} kt from {seller}"


def _largest(data: pd.DataFrame, panel: str) -> tuple[str, str]:
    rows = data[(data["panel"] == panel) & (data["role"] != "total")]
    first = rows.sort_values("value", ascending=False, kind="stable").iloc[0]
    return str(first["row"]), str(first["role"])


@styled
def winners(deal: DealAnswer, facts: RunFacts, *, labels: Mapping[str, str]) -> Figure:
    """Two waterfalls side by side on one scale, each step with its band."""
    data = winners_data(deal)
    market = the(label_of(deal.destination, labels))
    banded = ", in brackets 5th to 95th percentile" if facts.draws else ""
    what = f"{capital(good_of(deal.good, labels))}, change against {against_of(facts)} in {deal.year} by all that the "
    what += f"scenario changes together, kt{banded}."
    if (data["role"].isin(["region", "rest"]) & (data["value"] < 0)).any():
        what += " Hatched: who gets or sells more as well."
    most = int(data.groupby("panel").size().max())
    height = most * _ROW + GAP
    body = headed(height, below=_BELOW)
    page = report(winners_finding(deal, data, labels, against_of(facts)), facts, what, good=deal.good, body=body)
    width = (WIDTH - 2 * MARGIN) / 2
    told = small_tonnes if data["value"].abs().max() < _TINY else tonnes
    value_room = _value_room(data, told, banded=bool(facts.draws))
    titles = {REPLACES: f"What it replaces in {market}", COMES_FROM: "Where it comes from"}
    for number, panel in enumerate((REPLACES, COMES_FROM)):
        steps = data[data["panel"] == panel].reset_index(drop=True)
        axes = page.axes(number * width + NAME_ROOM, _BELOW, width - NAME_ROOM - value_room, height)
        names = [_name(step, panel, deal, labels) for _, step in steps.iterrows()]
        _waterfall(axes, steps, names, most, told, banded=bool(facts.draws))
        low, high = min(data[["start", "end"]].min().min(), 0.0), data[["start", "end"]].max().max()
        if high - low >= _NOTHING:
            axes.set_xlim(low, high + _GAP_SHOWN * (high - low))
            axes.locator_params(axis="x", nbins=_TICKS)
            number_ticks(axes.xaxis)
        else:
            axes.set_xlim(0, 1)
            axes.set_xticks([0])
        axes.set_xlabel(f"kt in {deal.year}")
        title = shortened(titles[panel], width - GAP, 1, size=HEADING_SIZE, weight="bold")
        heading(axes, title, left=MARGIN / 2 - NAME_ROOM)
    return page.figure


def _name(step: pd.Series, panel: str, deal: DealAnswer, labels: Mapping[str, str]) -> str:
    role, row = step["role"], str(step["row"])
    if role == "total":
        return f"Taken from {the(label_of(deal.origin, labels))}"
    if role == "rest":
        who = f"{row} other {'supplier' if panel == REPLACES else 'customer'}{'' if row == '1' else 's'}"
        return f"{who}{_also(step, panel, plural=row != '1')}"
    if role == "gap":
        return "Not accounted for"
    if role == "balance":
        more = step["value"] >= 0
        if panel == REPLACES:
            return "More use" if more else "Less use"
        return "New output" if more else "Less output"
    home = row == (deal.destination if panel == REPLACES else deal.origin)
    return f"{label_of(row, labels)}{', home' if home else ''}{_also(step, panel)}"


def _also(step: pd.Series, panel: str, *, plural: bool = False) -> str:
    """What a step that goes the other way means."""
    verb = "sell" if panel == REPLACES else "get"
    return f", {verb}{'' if plural else 's'} more" if step["value"] < 0 else ""


def _waterfall(
    axes: Axes, steps: pd.DataFrame, names: Sequence[str], most: int, told: Callable[[float], str], *, banded: bool
) -> None:
    rows, roles = [str(row) for row in steps["row"]], [str(role) for role in steps["role"]]
    regions = [row for row, role in zip(rows, roles, strict=True) if role in ("total", "region")]
    colours = region_colours([*regions, OTHERS])
    starts, ends = steps["start"].to_list(), steps["end"].to_list()
    for place, role in enumerate(roles):
        low, high = sorted((starts[place], ends[place]))
        colour = GAIN if role == "balance" else colours.get(rows[place], colours[OTHERS])
        hatch = _ALSO if role in ("region", "rest") and ends[place] > starts[place] else None
        axes.barh(
            place, high - low, left=low, height=_BAR, color=colour, edgecolor=SOFT_INK, linewidth=HAIR_LINE, hatch=hatch
        )
        if place:
            axes.plot(
                [starts[place]] * 2, [place - 1 + _BAR / 2, place - _BAR / 2], color=SOFT_INK, linewidth=HAIR_LINE
            )
        texts = _value_texts(steps.iloc[place], told, banded=banded)
        _print_value(axes, texts, place, high, bold=role == "total")
    axes.set_ylim(most - 1 + _EDGE, -_EDGE)
    axes.set_yticks(range(len(names)), ["\n".join(shortened(name, NAME_ROOM - NAME_GAP, 2)) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=SOFT_INK, linewidth=AXIS_LINE)


def _print_value(axes: Axes, texts: tuple[str, str], place: int, x: float, *, bold: bool) -> None:
    value, band = texts
    weight = "bold" if bold else "normal"
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    axes.annotate(
        value,
        (x, place),
        (LABEL_OFF, 0),
        textcoords="offset points",
        va="center",
        weight=weight,
        color=INK,
        bbox=behind,
    )
    if band:
        beside = POINTS * text_width(value, weight=weight) + _BAND_OFF
        axes.annotate(
            band, (x, place), (beside, 0), textcoords="offset points", va="center", size=SMALL_SIZE, color=SOFT_INK
        )


def _value_texts(step: pd.Series, told: Callable[[float], str], *, banded: bool) -> tuple[str, str]:
    value, low, high = (float(step[name]) for name in ("value", "p05", "p95"))
    band = f"({told(low)} to {told(high)})" if banded and abs(value) >= _NOTHING and not math.isnan(low) else ""
    return told(value).replace("-", MINUS), band.replace("-", MINUS)


def _value_room(data: pd.DataFrame, told: Callable[[float], str], *, banded: bool) -> float:
    texts = [_value_texts(step, told, banded=banded) for _, step in data.iterrows()]
    return max(text_width(value, weight="bold") + text_width(band, SMALL_SIZE) for value, band in texts) + _VALUE_GAPS
