"""Faults of input files: collected with their place, told all at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from sim.errors import ScenarioError
from sim.records.scenario import Place

MOST_SHOWN = 100
CARET_WINDOW = 110  # characters of a line shown around the caret: a narrow terminal holds them
_LONGEST_WORD = 60  # characters of a text of the user's that are repeated to him
_LONGEST_PATH = 240  # characters of a path to a value; the depth of a file is bounded, its names are not
_COMPARED = 64  # characters of a misspelt name that are compared: the time grows with their square
_CUT = "..."
_ALIKE = 0.6  # likeness from which a name is offered; difflib's own


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong; ``place`` is None where the message was worded elsewhere."""

    place: Place | None
    path: str
    message: str

    def __str__(self) -> str:
        return ": ".join(str(part) for part in (self.place, shortened(self.path, _LONGEST_PATH), self.message) if part)


class Faults:
    """A growing set of faults and the lines of the files they point into."""

    def __init__(self) -> None:
        self._faults: dict[tuple[Place | None, str], Fault] = {}
        self._lines: dict[str, list[str]] = {}

    def __len__(self) -> int:
        return len(self._faults)

    def remember(self, file: str, text: str) -> None:
        """Keep the text of a file so that its faults can show their line."""
        self._lines[file] = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def add(self, place: Place, path: str, message: str) -> None:
        """Note a fault; the same fault found twice at one place counts once, with the path told first."""
        self._faults.setdefault((place, message), Fault(place, path, message))

    def add_told(self, message: str) -> None:
        """Note a fault that another reader has already worded, with its own place."""
        self._faults.setdefault((None, message), Fault(None, "", message))

    def text(self) -> str:
        """Every fault by file and line, each with its line and a caret."""
        ordered = sorted(self._faults.values(), key=_position)
        told = [self._with_caret(fault) for fault in ordered[:MOST_SHOWN]]
        if len(ordered) > MOST_SHOWN:
            told.append(f"... and {len(ordered) - MOST_SHOWN} more")
        return "\n".join(told)

    def raise_if_any(self) -> None:
        """ScenarioError that lists every fault, or nothing."""
        if self._faults:
            raise ScenarioError(self.text())

    def _with_caret(self, fault: Fault) -> str:
        place = fault.place
        lines = self._lines.get(place.file, []) if place else []
        if place is None or not 1 <= place.line <= len(lines):
            return str(fault)
        line = "".join(" " if char == "\t" else char if char.isprintable() else "?" for char in lines[place.line - 1])
        start = max(0, place.column - 1 - CARET_WINDOW // 2) if len(line) > CARET_WINDOW else 0
        shown = line[start : start + CARET_WINDOW].rstrip()
        return f"{fault}\n    {shown}\n    {' ' * (place.column - 1 - start)}^"


def _position(fault: Fault) -> tuple[str, int, int]:
    if fault.place is None:
        return (fault.message.split(":", 1)[0], 0, 0)
    return (fault.place.file, fault.place.line, fault.place.column)


def nearest(name: str, known: Iterable[str]) -> str:
    """``; nearest is X`` where a known name resembles this one, else an empty text."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name[:_COMPARED].casefold(), by_folded, n=1, cutoff=_ALIKE)
    return f"; nearest is {by_folded[close[0]]}" if close else ""


def known_or_nearest(name: str, known: Iterable[str]) -> str:
    """The end of a fault about an unknown name: the nearest known one, or all of them."""
    names = tuple(known)
    if not names:
        return "; there is none"
    return nearest(name, names) or f"; known: {listed(names)}"


def shortened(text: str, most: int = _LONGEST_WORD) -> str:
    """A text as it may stand in a message: on one line, printable, not endless."""
    clean = "".join(char if char.isprintable() else " " for char in text[: most + 1])
    return clean if len(text) <= most else clean[: most - len(_CUT)] + _CUT


def listed(names: Iterable[str]) -> str:
    """Names as a list for a message."""
    return ", ".join(names)
