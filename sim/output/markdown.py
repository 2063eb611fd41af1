"""Tables and sources in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sim.records.world import Source

_RULES = {"l": "---", "r": "---:"}


def row(cells: Sequence[str]) -> str:
    """One line of a table; a bar within a cell is escaped, a line break becomes a blank."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def rule(columns: str) -> str:
    """The line under a heading: ``l`` for a column of words, ``r`` for one of numbers."""
    return row([_RULES[letter] for letter in columns])


def cited(key: str) -> str:
    """A source that links to its entry in the bibliography of the page."""
    return f"[`{key}`](#source-{anchor(key)})"


def anchor(key: str) -> str:
    """The end of a link to a source; browsers tell capitals apart, readers do not."""
    return key.lower().replace("_", "-")


def sources_list(keys: Iterable[str], sources: Mapping[str, Source]) -> str:
    """The bibliography of a page, in order of the keys, each entry the target of its links."""
    lines = []
    for key in sorted(set(keys), key=str.lower):
        entry = sources[key]
        said = ". ".join(text.rstrip(".") for text in (entry.title, entry.locator, entry.note) if text)
        lines.append(f'- <a id="source-{anchor(key)}"></a>`{key}` ({entry.tier}): {said}.')
    return "\n".join(lines) + "\n"
