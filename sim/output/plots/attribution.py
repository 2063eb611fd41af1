"""Which inputs, of which tier, the variance of an outcome comes from, and how far each alone moves it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.output.attribution_text import (
    OTHERS,
    SHOWN,
    TIER_WORDS,
    finding,
    goods_of,
    input_ends,
    input_name,
    outcome_unit,
    outcome_words,
    part_words,
)
from sim.output.plots.measures import (
    AXIS_LINE,
    DOTS,
    GAP,
    HAIR_LINE,
    LABEL_OFF,
    MARGIN,
    NAME_GAP,
    SMALL_SIZE,
    WIDTH,
    YEAR_ROOM,
)
from sim.output.plots.palette import INK, OTHERS_COLOUR, SOFT_INK, TIER_COLOURS, text_colour
from sim.output.plots.panel import number_ticks
from sim.output.plots.style import headed, heading, report, styled
from sim.output.plots.text import NARROW, line_height, shortened, spread, text_width
from sim.output.wording import capital
from sim.provenance import DOCUMENT
from sim.records.attribution import TOGETHER, Attribution, InputPart, OutcomeParts

_NAME_ROOM, _VALUE_ROOM, _END_ROOM = 2.3, 0.75, 0.65  # inches: names of inputs, numbers behind bars, beyond the tornado
_ROW, _BAR, _THIN = 0.36, 0.66, 0.3  # inches of a row; of a row, the bars of the total and of the first-order index
_PALE = 0.4  # of its colour: what an input does with others, behind what it does alone
_EDGE = 0.6  # of a row, above the first and below the last
_TIER_HEIGHT, _TIER_LABELS = 0.3, 2  # inches of the strip of tiers; lines of its labels
_ROOM = 0.06  # of the range: beside the outermost bar of the tornado
_TICKS = 5  # of an axis, at most: more would touch
_SEEN = 0.01  # of the variance: a tier with less has no place in the strip


def figures_of(found: Attribution, labels: Mapping[str, str]) -> Iterator[tuple[str, Figure]]:
    """Name and figure of each outcome that varies; of one that does not, a sheet that says so."""
    for each in found.outcomes:
        column = each.column
        parts = [column.indicator, column.good, column.region, column.partner, str(column.year)]
        yield "_".join(part for part in parts if part).lower(), attribution(found, each, labels)


@styled
def attribution(found: Attribution, each: OutcomeParts, labels: Mapping[str, str]) -> Figure:
    """Indices by input, coloured by tier, each input alone beside them, and all inputs of a tier below."""
    shown = each.alone[:SHOWN] if each.varies else ()
    names = [_name(part, found, labels) for part in shown]
    names += [[f"{sum(part.fate == TOGETHER for part in each.inputs)} {OTHERS}"]] if each.others is not None else []
    height = _ROW * (len(names) - 1 + 2 * _EDGE) if names else 0.0
    strip = _TIER_HEIGHT + _TIER_LABELS * line_height(SMALL_SIZE) + 2 * GAP + line_height()
    below = YEAR_ROOM + GAP
    page = report(
        capital(finding(found, each, labels)),
        found.facts,
        _what(found, each, labels),
        good=each.column.good,
        body=headed(height, below=below + strip) if names else GAP,
    )
    if not names:
        return page.figure
    width = (WIDTH - 2 * MARGIN - _NAME_ROOM - _VALUE_ROOM - 2 * GAP - _END_ROOM) / 2
    left = page.axes(_NAME_ROOM, below + strip, width, height)
    _bars(left, each, shown)
    left.set_yticks(range(len(names)), ["\n".join(lines) for lines in names], size=SMALL_SIZE, color=INK)
    heading(left, ["Part of the variance, %"])
    right = page.axes(_NAME_ROOM + width + _VALUE_ROOM + GAP, below + strip, width, height)
    _tornado(right, found, each, shown)
    right.set_yticks([])
    unit = outcome_unit(found, each).unit
    heading(right, shortened(f"One input alone, p05 to p95{f', {unit}' if unit else ''}", width + _END_ROOM, 1))
    for axes in (left, right):
        axes.set_ylim(len(names) - 1 + _EDGE, -_EDGE)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
    low = GAP + _TIER_LABELS * line_height(SMALL_SIZE)
    _strip(page.axes(0, low, WIDTH - 2 * MARGIN, _TIER_HEIGHT), each, {part.input.tier for part in shown})
    return page.figure


def _what(found: Attribution, each: OutcomeParts, labels: Mapping[str, str]) -> str:
    return (
        f"{capital(outcome_words(found, each, labels))}: its variance by input, coloured by the tier of its evidence. "
        "Dark: the input alone; pale: with what it does together with others; line: interval of 95 %. Right: all "
        "others as in the central run (dotted), the input at its 5th (pale) and 95th percentile."
    )


def _name(part: InputPart, found: Attribution, labels: Mapping[str, str]) -> list[str]:
    """An input and where it goes, in two lines at most: its name gives way."""
    name, ends = input_name(part.input, labels, goods_of(found)), input_ends(part.input).replace(" ", NARROW)
    return shortened(name, _NAME_ROOM - NAME_GAP, 2, tail=f", {ends}", size=SMALL_SIZE)


def _bars(axes: Axes, each: OutcomeParts, shown: Sequence[InputPart]) -> None:
    parts = [part.part for part in shown] + ([each.others] if each.others is not None else [])
    colours = [TIER_COLOURS[part.input.tier] for part in shown] + [OTHERS_COLOUR]
    for row, (part, colour) in enumerate(zip(parts, colours, strict=False)):
        axes.barh(row, max(100 * part.total, 0.0), height=_BAR, color=colour, alpha=_PALE, linewidth=0)
        axes.barh(row, max(100 * part.first, 0.0), height=_THIN, color=colour, linewidth=0)
        ends = [100 * max(part.total - part.total_half, 0.0), 100 * (part.total + part.total_half)]
        axes.plot(ends, [row, row], color=SOFT_INK, linewidth=AXIS_LINE)
        axes.annotate(
            part_words(part.total, part.total_half), (max(ends[1], 100 * part.first), row), (LABEL_OFF, 0),
            textcoords="offset points", va="center", size=SMALL_SIZE, color=INK, annotation_clip=False,
        )  # fmt: skip
    axes.set_xlim(0, 100 * max(max(part.total + part.total_half, part.first) for part in parts))
    axes.locator_params(axis="x", nbins=_TICKS)
    number_ticks(axes.xaxis)


def _tornado(axes: Axes, found: Attribution, each: OutcomeParts, shown: Sequence[InputPart]) -> None:
    unit = outcome_unit(found, each)
    central = each.spread.central / unit.factor
    ends = np.array([[part.at_low, part.at_high] for part in shown]) / unit.factor
    known = ends[np.isfinite(ends)]
    low, high = min(known.min(initial=central), central), max(known.max(initial=central), central)
    room = _ROOM * (high - low or abs(central) or 1.0)
    axes.set_xlim(low - room, high + room)
    axes.axvline(central, color=INK, linewidth=HAIR_LINE, linestyle=DOTS)
    for row, (part, (at_low, at_high)) in enumerate(zip(shown, ends, strict=True)):
        colour = TIER_COLOURS[part.input.tier]
        for value, name in ((at_low, "low"), (at_high, "high")):
            if not np.isfinite(value):
                continue
            shade = 1.0 if name == "high" else _PALE
            axes.barh(row, value - central, left=central, height=_BAR, color=colour, alpha=shade, linewidth=0)
    axes.locator_params(axis="x", nbins=_TICKS)
    number_ticks(axes.xaxis)


def _strip(axes: Axes, each: OutcomeParts, shown: Collection[str]) -> None:
    """All inputs of a tier as one, in the colour of its bars; the documents' are told even where they are none."""
    begin, places, texts = 0.0, [], []
    for each_tier in each.tiers:
        part = each_tier.part
        if each_tier.tier not in {*shown, DOCUMENT} and part.first < _SEEN:
            continue
        size = max(part.first, 0.0)
        axes.barh(0, size, left=begin, color=TIER_COLOURS[each_tier.tier], linewidth=0)
        places.append(begin + size / 2)
        size_words = part_words(part.first, part.first_half) if each_tier.acting else "none acts"
        words = f"{size_words}\n{TIER_WORDS[each_tier.tier]}"
        texts.append((words, text_colour(TIER_COLOURS[each_tier.tier])))
        begin += size
    whole = max(begin, 1.0)
    axes.set_xlim(0, whole)
    axes.set_axis_off()
    wide = axes.get_position().width * WIDTH
    widths = [max(text_width(line, SMALL_SIZE) for line in text.split("\n")) + GAP for text, _ in texts]
    for place, (text, colour) in zip(spread([p / whole * wide for p in places], widths, 0.0, wide), texts, strict=True):
        axes.annotate(
            text, (place / wide, 0), (0, -LABEL_OFF / 2), xycoords="axes fraction", textcoords="offset points",
            ha="center", va="top", size=SMALL_SIZE, color=colour,
        )  # fmt: skip
    heading(axes, ["By tier of evidence: all inputs of a tier at once, without what they do together with other tiers"])
