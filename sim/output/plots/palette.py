"""Every colour and line of the figures, in one place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from matplotlib.colors import LinearSegmentedColormap, to_rgb

OTHERS = "Others"
STOCK = "Stockpiles"  # what of a supply comes from no country
# the palette of Okabe and Ito (2008), safe for the common kinds of colour blindness; its yellow and black
# are darkened and lightened so that both stand beside white areas and black text
REGION_COLOURS = {
    "US": "#0072B2",
    "China": "#CC79A7",
    "Russia": "#D55E00",
    "Canada": "#E69F00",
    "Gulf": "#009E73",
    "EU": "#56B4E9",
    "Malaysia": "#D9C83A",
    "Australia": "#4D4D4D",
}
# of scenarios side by side: the same colours, those first that are told apart best, in grey print too
SCENARIO_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#4D4D4D", "#56B4E9", "#D9C83A")
# what a region without a colour may take where its owner is not shown; never those of the countries all is about
LENT = ("Gulf", "Canada", "EU", "Malaysia")
GREYS = ("#999999", "#B3B3B3", "#858585", "#C7C7C7")
OTHERS_COLOUR = "#D9D9D9"
STOCK_COLOUR = "#F2F2F2"  # and hatched, since all greys are taken

# tiers of evidence: the weaker the warmer
TIER_COLOURS = {
    "document": "#D55E00",
    "assumption": "#E69F00",
    "derived": "#56B4E9",
    "literature": "#0072B2",
    "statistic": "#009E73",
}

INK, SOFT_INK, FAINT_INK = "#1A1A1A", "#4A4A4A", "#6E6E6E"
RULE = "#BFBFBF"
SCENARIO, BASELINE, GAIN = "#D55E00", "#5A5A5A", "#56B4E9"
_READABLE = 4.5  # least contrast of text that WCAG 2 (AA) calls readable
_DARKER = 0.02  # of full light: a step too small to be seen
_FULL = 255  # of a colour part in hexadecimal
# WCAG 2: what stray light adds to a luminance; weight of red, green and blue; the curve of sRGB, straight near black
_STRAY = 0.05
_WEIGHTS = (0.2126, 0.7152, 0.0722)
_STRAIGHT_UP_TO, _SLOPE, _SHIFT, _POWER = 0.04045, 12.92, 0.055, 2.4
CHANGE_MAP = LinearSegmentedColormap.from_list("change", ["#0B5C94", "#8FC1E3", "#FFFFFF", "#F4B183", "#B84A00"])


def region_colours(names: Iterable[str]) -> dict[str, str]:
    """A colour per region name, the fixed one where there is one.

    The others take greys in turn, so that neighbours differ; where no name has a fixed colour (a world of its
    own) the eight colours go round by sorted name. OTHERS is always the lightest grey but that of STOCK.
    """
    wanted = list(dict.fromkeys(names))
    own = [name for name in wanted if name not in (OTHERS, STOCK)]
    if not any(name in REGION_COLOURS for name in own):
        found = _in_turn(sorted(own), tuple(REGION_COLOURS.values()))
    else:
        found = {name: REGION_COLOURS[name] for name in own if name in REGION_COLOURS}
        found |= _in_turn([name for name in own if name not in REGION_COLOURS], GREYS)
    found[STOCK] = STOCK_COLOUR
    return {name: found.get(name, OTHERS_COLOUR) for name in wanted}


def lent_colours(names: Iterable[str]) -> dict[str, str]:
    """As ``region_colours``, but regions without a colour borrow those of regions that are not shown.

    For figures whose lines and bands lie over each other, where greys cannot be told apart. The first regions by name
    borrow, the same ones whatever their order.
    """
    wanted = list(dict.fromkeys(names))
    own = region_colours(wanted)
    free = [REGION_COLOURS[owner] for owner in LENT if owner not in wanted]
    grey = sorted(name for name in wanted if own[name] in GREYS)
    return own | dict(zip(grey, free, strict=False))


def text_colour(colour: str, contrast: float = _READABLE) -> str:
    """The colour, darkened until text in it reads on white (contrast ratio of WCAG 2)."""
    red, green, blue = to_rgb(colour)
    shade = 1.0
    while (1 + _STRAY) / (luminance((red * shade, green * shade, blue * shade)) + _STRAY) < contrast:
        shade -= _DARKER
    return "#" + "".join(f"{round(_FULL * part * shade):02X}" for part in (red, green, blue))


def luminance(colour: str | Sequence[float]) -> float:
    """Relative luminance of a colour, 0 black to 1 white (WCAG 2)."""
    parts = to_rgb(colour if isinstance(colour, str) else tuple(colour))  # type: ignore[arg-type]
    linear = [
        part / _SLOPE if part <= _STRAIGHT_UP_TO else ((part + _SHIFT) / (1 + _SHIFT)) ** _POWER for part in parts
    ]
    return sum(weight * part for weight, part in zip(_WEIGHTS, linear, strict=True))


def _in_turn(names: Sequence[str], colours: Sequence[str]) -> dict[str, str]:
    return {name: colours[position % len(colours)] for position, name in enumerate(names)}
