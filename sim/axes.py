"""The axes of every array, always in this order; one may be left out, two are never swapped."""

from __future__ import annotations

AXES = {
    "n": "draw",
    "t": "year",
    "a": "asset",
    "b": "bound",
    "m": "measure",
    "k": "contract",
    "s": "stockpile",
    "c": "good",
    "o": "origin",
    "d": "destination",
}

GOOD, ORIGIN, DESTINATION = -3, -2, -1  # places of the axes, counted from the end
