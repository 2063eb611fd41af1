"""Who gains and who loses the tonnes of an offer: what they replace, and where they come from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.plots.palette import GAIN, INK, OTHERS, SOFT_INK, region_colours
from sim.output.plots.style import MARGIN, WIDTH, context, evidence, heading, sheet, styled
from sim.output.plots.text import HEADING_SIZE, SMALL_SIZE, shortened, text_width
from sim.output.wording import MINUS, capital, good_of, label_of, part_of, the, tonnes
from sim.records.outcome import Band, ChangeRow, OfferAnswer, RunFacts

REPLACES, COMES_FROM = "replaces", "comes_from"
NAMED = 6  # regions with a bar of their own, per panel
_SMALL = 0.03  # of the metal taken
_NOTHING = 0.5  # kt
_BAR, _NAME_ROOM = 0.36, 1.75
_COLUMNS = ["panel", "row", "role", "value", "p05", "p95", "start", "end"]


def winners_data(offer: OfferAnswer) -> pd.DataFrame:
    """Steps of both waterfalls in kt a year: panel, row, role, value, p05, p95, start, end.

    Each panel starts with the change of the flow offered (role ``total``) and steps down to nought: regions that
    lose (positive) or gain, the small ones as one row (``rest``, without a band), then more use or new
    output (``balance``). What does not add up, if anything, stands in a row of its own (``gap``).
    """
    taken = offer.suppliers[0]
    panels = (
        (REPLACES, offer.suppliers[1:], offer.use.change),
        (COMES_FROM, offer.customers, offer.new_output.change),
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
    # bars of losers first, those that gain beside the offer push the steps back up
    named.sort(key=lambda row: (row.change.central, row.label))
    nan = float("nan")
    lines: list[tuple[str, str, float, float, float]] = [
        (row.label, "region", -row.change.central, -row.change.p95, -row.change.p05) for row in named
    ]
    if rest:
        lines.append((str(len(rest)), "rest", -sum(row.change.central for row in rest), nan, nan))
    lines.append(("", "balance", balance.central, balance.p05, balance.p95))
    gap = total - sum(line[2] for line in lines)
    if abs(gap) > max(0.005 * abs(total), _NOTHING):
        lines.append(("", "gap", gap, nan, nan))
    steps: list[tuple[object, ...]] = [
        (panel, taken.label, "total", total, taken.change.p05, taken.change.p95, 0.0, total)
    ]
    level = total
    for row, role, value, low, high in lines:
        steps.append((panel, row, role, value, low, high, level, level - value))
        level -= value
    return steps


def winners_finding(offer: OfferAnswer, data: pd.DataFrame, labels: Mapping[str, str]) -> str:
    """How much is taken, whom it hits most and where most of it comes from, in a sentence."""
    market, seller = the(label_of(offer.destination, labels)), the(label_of(offer.origin, labels))
    took = f"{market} would take {part_of(offer.taken.central, offer.offered.central)} that {seller} offers"
    if offer.offered.central < _NOTHING:
        return capital(f"the offer of {seller} is not in force in {offer.year} in the central run")
    if abs(offer.suppliers[0].change.central) < _NOTHING:
        return capital(f"{took} in {offer.year}: no metal changes hands")
    if offer.suppliers[0].change.central < 0:
        less = f"{tonnes(-offer.suppliers[0].change.central)} kt less than in the baseline"
        return capital(f"{took} in {offer.year}, {less}")
    (hit, hit_role), (source, source_role) = _largest(data, REPLACES), _largest(data, COMES_FROM)
    loses = {
        "region": f"{the(label_of(hit, labels))} would lose most sales",
        "home": "home suppliers would lose most sales",
        "balance": "most would add to use",
    }.get("home" if hit == offer.destination else hit_role, "many suppliers would each lose a little")
    gives = {
        "region": f"{the(label_of(source, labels))} would give up most metal",
        "home": "its home market would give up most metal",
        "balance": "most would be new output",
    }.get("home" if source == offer.origin else source_role, "many customers would each give up a little")
    return capital(f"{took}: {loses}, {gives}")


def _largest(data: pd.DataFrame, panel: str) -> tuple[str, str]:
    rows = data[(data["panel"] == panel) & (data["role"] != "total")]
    first = rows.sort_values("value", ascending=False, kind="stable").iloc[0]
    return str(first["row"]), str(first["role"])


@styled
def winners(offer: OfferAnswer, facts: RunFacts, *, labels: Mapping[str, str]) -> Figure:
    """Two waterfalls side by side on one scale, each step with its band."""
    data = winners_data(offer)
    market = the(label_of(offer.destination, labels))
    banded = ", in brackets 5th to 95th percentile" if facts.draws else ""
    what = f"{capital(good_of(offer.good, labels))}, change against the baseline in {offer.year}, kt{banded}."
    most = int(data.groupby("panel").size().max())
    height = most * _BAR + 0.2
    page = sheet(
        winners_finding(offer, data, labels), context(facts, what), evidence(facts, good=offer.good), body=height + 0.85
    )
    width = (WIDTH - 2 * MARGIN) / 2
    value_room = _value_room(data, bool(facts.draws))
    titles = {REPLACES: f"What it replaces in {market}", COMES_FROM: "Where it comes from"}
    for number, panel in enumerate((REPLACES, COMES_FROM)):
        steps = data[data["panel"] == panel].reset_index(drop=True)
        axes = page.axes(number * width + _NAME_ROOM, 0.5, width - _NAME_ROOM - value_room, height)
        names = [_name(step, panel, offer, labels) for _, step in steps.iterrows()]
        _waterfall(axes, steps, names, most, bool(facts.draws))
        low, high = min(data[["start", "end"]].min().min(), 0.0), data[["start", "end"]].max().max()
        if high - low >= _NOTHING:
            axes.set_xlim(low, high + 0.005 * (high - low))
            axes.locator_params(axis="x", nbins=4)
        else:
            axes.set_xlim(0, 1)
            axes.set_xticks([0])
        axes.set_xlabel(f"kt in {offer.year}")
        heading(axes, shortened(titles[panel], 0.9 * width - 0.3, 1, size=HEADING_SIZE), left=-_NAME_ROOM + 0.05)
    return page.figure


def _name(step: pd.Series, panel: str, offer: OfferAnswer, labels: Mapping[str, str]) -> str:
    role, row = step["role"], str(step["row"])
    if role == "total":
        return f"Taken from {the(label_of(offer.origin, labels))}"
    if role == "rest":
        return f"{row} other {'suppliers' if panel == REPLACES else 'customers'}"
    if role == "gap":
        return "Not accounted for"
    if role == "balance":
        more = step["value"] >= 0
        if panel == REPLACES:
            return "More use" if more else "Less use"
        return "New output" if more else "Less output"
    home = row == (offer.destination if panel == REPLACES else offer.origin)
    return f"{label_of(row, labels)}{', home' if home else ''}"


def _waterfall(axes: Axes, steps: pd.DataFrame, names: Sequence[str], most: int, banded: bool) -> None:
    rows, roles = [str(row) for row in steps["row"]], [str(role) for role in steps["role"]]
    regions = [row for row, role in zip(rows, roles, strict=True) if role in ("total", "region")]
    colours = region_colours([*regions, OTHERS])
    starts, ends = steps["start"].to_list(), steps["end"].to_list()
    for place, role in enumerate(roles):
        low, high = sorted((starts[place], ends[place]))
        colour = GAIN if role == "balance" else colours.get(rows[place], colours[OTHERS])
        axes.barh(place, high - low, left=low, height=0.66, color=colour, edgecolor=SOFT_INK, linewidth=0.4)
        if place:
            axes.plot([starts[place]] * 2, [place - 0.67, place - 0.33], color=SOFT_INK, linewidth=0.7)
        _print_value(axes, steps.iloc[place], place, high, bold=role == "total", banded=banded)
    axes.set_ylim(most - 0.4, -0.6)
    axes.set_yticks(range(len(names)), ["\n".join(shortened(name, _NAME_ROOM - 0.15, 2)) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=SOFT_INK, linewidth=0.8)


def _print_value(axes: Axes, step: pd.Series, place: int, x: float, *, bold: bool, banded: bool) -> None:
    value, band = _value_texts(step, banded)
    weight = "bold" if bold else "normal"
    behind = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    axes.annotate(
        value, (x, place), (5, 0), textcoords="offset points", va="center", weight=weight, color=INK, bbox=behind
    )
    if band:
        beside = 72 * text_width(value, weight=weight) + 9
        axes.annotate(
            band, (x, place), (beside, 0), textcoords="offset points", va="center", size=SMALL_SIZE, color=SOFT_INK
        )


def _value_texts(step: pd.Series, banded: bool) -> tuple[str, str]:
    value, low, high = (float(step[name]) for name in ("value", "p05", "p95"))
    band = f"({tonnes(low)} to {tonnes(high)})" if banded and abs(value) >= _NOTHING and not math.isnan(low) else ""
    return tonnes(value).replace("-", MINUS), band.replace("-", MINUS)


def _value_room(data: pd.DataFrame, banded: bool) -> float:
    texts = [_value_texts(step, banded) for _, step in data.iterrows()]
    return max(text_width(value, weight="bold") + text_width(band, SMALL_SIZE) for value, band in texts) + 0.3
