"""Single indicators in words: what is asked for, and its values in the unit that people write."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.output.wording import NO_NUMBER, good_of, label_of, number, the
from sim.records.sweep import Column
from sim.records.target import Goal, Shown

_DIGITS = 4  # of a value: more than its band deserves, enough to find it again
_MOST_DECIMALS = 6  # of a small value: below a gram per kt nothing is meant
_PERCENT = 0.01  # of one
# indicators in a sentence; others by their name
_PHRASES = {
    "import_share": "the share of {partner} in the imports of {good} by {region}",
    "supply_share": "the share of {partner} in the supply of {good} to {region}",
    "touched_imports": "the share of the imports of {good} by {region} in which {partner} had a part at any stage",
    "touched_supply": "the share of the supply of {good} to {region} in which {partner} had a part at any stage",
    "delivered_price": "the price of {good} in {region}",
    "discount": "the discount that {partner} takes off the price of {good} in {region}",
    "price_against_baseline": "the price of {good} in {region} over that of the baseline",
    "price_against_benchmark": "the price of {good} in {region} over that of the benchmark year",
    "flow_under_bound": "what comes to {region} under {partner}",
    "consumption_lost": "the use of {good} lost in {region}",
    "buyers_surplus": "what buyers of {good} gain in {region}",
}


def told(value: float, shown: Shown, digits: int = _DIGITS) -> str:
    """A value in the unit that it is written in, with so many digits."""
    if not np.isfinite(value):
        return NO_NUMBER
    value = value / shown.factor
    size = int(np.floor(np.log10(abs(value)))) if value else 0
    text = number(value, min(max(digits - 1 - size, 0), _MOST_DECIMALS))
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {shown.unit}".rstrip()


def subject(goal: Goal | Column, labels: Mapping[str, str]) -> str:
    """What a goal or a column is about, in words."""
    names = {
        "good": good_of(goal.good, labels),
        "region": the(label_of(goal.region, labels)),
        "partner": the(label_of(goal.partner, labels)) if goal.partner in labels else goal.partner,
    }
    phrase = _PHRASES.get(goal.indicator, f"{goal.indicator.replace('_', ' ')} of {{good}} in {{region}}")
    if goal.partner and "{partner}" not in phrase:
        phrase += " ({partner})"
    return phrase.format(**names)


def usual_unit(unit: str) -> Shown:
    """How people write numbers of a model unit: shares in percent, all else as it is."""
    return Shown(factor=_PERCENT, unit="%") if unit == "1" else Shown(factor=1.0, unit=unit)
