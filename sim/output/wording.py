"""Numbers and names as a reader wants them: rounded, never "-0", units beside them."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from sim.provenance import STATED_NOT_VALIDATED
from sim.records.outcome import RunFacts

BASELINE = "baseline"  # the scenario of a world that others extend is named so, or ends so
THE_BASELINE = f"the {BASELINE}"
MINUS = "\N{MINUS SIGN}"
NO_NUMBER = "n/a"
# labels that English puts an article before, by how they begin
_WITH_ARTICLE = ("US", "UK", "EU", "United ", "European Union", "Gulf", "Rest of ", "Other ", "Netherlands")
_MEGATONNE_FROM, _MEGATONNE_PART_FROM = 1000.0, 50.0  # kt: a part below would round to 0.0 Mt
# from where a number rounds to a tenth, 10, 1 and 100 with as many decimals as it is shown with
TENTH_SHOWN, TEN_SHOWN, _ONE_SHOWN, _HUNDRED_SHOWN, _HUNDREDTH_SHOWN = 0.05, 9.95, 0.95, 99.5, 0.005
_TENS_FROM = 10_000  # USD/t: from here on single dollars are noise
_WHOLE_FROM = 0.995  # of a volume: what is missing rounds to nothing


def plain(text: str) -> str:
    """The text on one line, without control characters that a terminal or an SVG would act upon."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def label_of(name: str, labels: Mapping[str, str]) -> str:
    """The label of a region or good; where none is given, its name with blanks for underscores."""
    return plain(labels.get(name, name.replace("_", " ")))


def the(label: str) -> str:
    """The label as it stands in a sentence: ``the US``, ``the rest of the world``, ``Russia``."""
    if label.startswith(("Rest of ", "Other ")):
        return f"the {label[0].lower()}{label[1:]}"
    first = label.split(" ", maxsplit=1)[0]
    articled = first in _WITH_ARTICLE or label.startswith(tuple(start for start in _WITH_ARTICLE if " " in start))
    return f"the {label}" if articled else label


def good_of(name: str, labels: Mapping[str, str]) -> str:
    """The label of a good within a sentence: a capital only where more than the first letter is one."""
    label = label_of(name, labels)
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def capital(sentence: str) -> str:
    """The sentence with a capital at its start."""
    return sentence[:1].upper() + sentence[1:]


def against_of(facts: RunFacts) -> str:
    """What a run stands against, within a sentence: the baseline of its world, or another scenario by its name."""
    name = plain(facts.baseline)
    return THE_BASELINE if name == BASELINE or name.endswith(f"_{BASELINE}") else name


def number(value: float, decimals: int = 0, *, sign: bool = False) -> str:
    """Fixed decimals with thousands separated; what rounds to nought carries no sign; NaN is "n/a"."""
    if not math.isfinite(value):
        return NO_NUMBER
    rounded = round(value, decimals) + 0.0  # + 0.0 turns -0.0 into 0.0
    return f"{rounded:{'+' if sign and rounded else ''},.{max(decimals, 0)}f}"


def tonnes(value: float, *, sign: bool = False) -> str:
    """Kilotonnes: whole ones from 10 on, one decimal below, a bare 0 for what is none."""
    return number(value, _decimals(value), sign=sign)


def small_tonnes(value: float, *, sign: bool = False) -> str:
    """Kilotonnes of a small market: whole ones from 100 on, one decimal below, two below one."""
    size = abs(value)
    return number(
        value, 0 if size >= _HUNDRED_SHOWN or size < _HUNDREDTH_SHOWN else 1 if size >= _ONE_SHOWN else 2, sign=sign
    )


def listed(parts: Sequence[str]) -> str:
    """The parts with commas and a last "and"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def percent(share: float, *, sign: bool = False) -> str:
    """A share of 1 in percent, without the sign %: whole from 10 on, one decimal below, a bare 0 for none."""
    return number(100 * share, _decimals(100 * share), sign=sign)


def _decimals(value: float) -> int:
    return 1 if math.isfinite(value) and TENTH_SHOWN <= abs(value) < TEN_SHOWN else 0


def money(value: float, *, sign: bool = False) -> str:
    """USD per tonne: tens from 10,000 on, whole ones from 10 on, one decimal below."""
    return number(value, -1 if abs(value) >= _TENS_FROM else _decimals(value), sign=sign)


def instead(ours: str, theirs: str, unit: str) -> str:
    """A level against the baseline's as printed: ``9.5 instead of 10.0 kt``, ``10.0 kt as in the baseline``."""
    return f"{ours} {unit} as in the baseline" if ours == theirs else f"{ours} instead of {theirs} {unit}"


def price_instead(ours: float, theirs: float) -> str:
    """A price against the baseline's, to the dollar where tens would print both the same."""
    told = money(ours), money(theirs)
    return instead(*(told if told[0] != told[1] else (number(ours), number(theirs))), "USD/t")


def between(low: str, high: str, *, before: str = "", unit: str = "") -> str:
    """A band as printed, ``9 to 20 %``; nothing where both ends are printed the same."""
    return "" if low == high else f"{before}{low} to {high}{unit}"


def with_labels(text: str, regions: Mapping[str, str], goods: Mapping[str, str]) -> str:
    """The text with what files call regions and goods as a reader knows them; longer names and paths stay."""
    told = {name: the(plain(label)) for name, label in regions.items()} | {name: good_of(name, goods) for name in goods}
    if not told:
        return text
    names = "|".join(re.escape(name) for name in sorted(told, key=len, reverse=True))
    return re.sub(rf"(?<![\w./])(?:{names})(?![\w/]|\.\w)", lambda found: told[found[0]], text)


def part_of(part: float, whole: float) -> str:
    """A part of a volume, both in kt: ``0.3 of the 2.0 Mt``, ``12 of the 2,000 kt``, ``none of the 2.0 Mt``."""
    factor, decimals, unit = volume_scale(whole, part)
    told = f"{number(factor * whole, decimals)} {unit}"
    if whole > 0 and part >= _WHOLE_FROM * whole:
        return f"the whole {told}"
    if part < TENTH_SHOWN:
        return f"none of the {told}"
    return f"{number(factor * part, decimals)} of the {told}"


def volume_scale(whole: float, part: float) -> tuple[float, int, str]:
    """Factor, decimals and unit in which a part of a volume (both kt) is told without losing the part."""
    if whole >= _MEGATONNE_FROM and (part >= _MEGATONNE_PART_FROM or part < TENTH_SHOWN):
        return 1 / _MEGATONNE_FROM, 1, "Mt"
    return 1.0, 0 if whole >= 100 and (part >= TEN_SHOWN or part < TENTH_SHOWN) else 1, "kt"


def counts(facts: RunFacts) -> str:
    """How many draws stand behind the numbers."""
    if facts.draws == 0:
        return "central run only, no draws"
    failures = f"{facts.infeasible} infeasible, {facts.failed} failed"
    first = "" if facts.table_draws is None else f"; bands of indicators and flows: of the first {facts.table_draws}"
    return f"{facts.solved} of {facts.draws} draws solved, {failures}{first}"


def evidence_sentence(facts: RunFacts) -> str:
    """The tiers of what a run rests on, the weakest first; empty where none is known."""
    return f"Evidence, weakest first: {', '.join(facts.tiers)}." if facts.tiers else ""


def stated_sentence(facts: RunFacts) -> str:
    """What the documents say and nobody checked; empty where no such figure is in play."""
    if not facts.stated:
        return ""
    return capital(f"{STATED_NOT_VALIDATED}: {'; '.join(plain(text) for text in facts.stated)}.")
