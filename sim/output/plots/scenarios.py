"""What figures of several scenarios share: names, colours, texts, and groups that a page can hide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes

from sim.output.plots.palette import SCENARIO_COLOURS, text_colour
from sim.output.plots.style import Sheet, evidence, sheet
from sim.output.wording import capital, counts, good_of, label_of, listed, plain
from sim.records.outcome import RunFacts

MOST = len(SCENARIO_COLOURS)  # scenarios side by side: as many as there are colours


@dataclass(frozen=True, kw_only=True)
class Together:
    """Scenarios side by side: their names in order, and what is to be said of all of them.

    ``facts`` are those of the first with the stated figures and tiers of all; ``one_baseline`` is False where they
    stand against baselines that differ.
    """

    names: tuple[str, ...]
    facts: RunFacts
    one_baseline: bool
    labels: Mapping[str, str]

    @property
    def banded(self) -> bool:
        """Whether there are draws to take percentiles from."""
        return self.facts.draws > 0

    def colour(self, name: str) -> str:
        """The colour of a scenario, the same in all figures of the page."""
        return SCENARIO_COLOURS[self.names.index(name)]

    def label(self, name: str) -> str:
        """A region as it is printed."""
        return label_of(name, self.labels)

    def good(self, name: str) -> str:
        """A good as it stands in a sentence."""
        return good_of(name, self.labels)


def page_of(together: Together, finding: str, what: str, *, good: str, body: float) -> Sheet:
    """The sheet of a figure: its finding, what is shown, the scenarios, and what stands behind the numbers."""
    facts = together.facts
    against = plain(facts.baseline) if together.one_baseline else "the baseline of each"
    run = f"{listed([plain(name) for name in together.names])} against {against}. {capital(counts(facts))}."
    return sheet(finding, [what, run], evidence(facts, good=good), body=body)


@contextmanager
def belonging(axes: Axes, together: Together, name: str) -> Iterator[None]:
    """What is drawn meanwhile belongs to a scenario: a page can hide it with the scenario."""
    before = set(axes.get_children())
    yield
    number = together.names.index(name)
    new = [artist for artist in axes.get_children() if artist not in before]
    for count, artist in enumerate(new):
        artist.set_gid(f"s{number}-{len(before)}-{id_of(axes)}-{count}")


def id_of(axes: Axes) -> int:
    """Place of a panel on its sheet."""
    return axes.figure.axes.index(axes)


def mark_labels(axes: Axes, together: Together) -> None:
    """Labels in the colour of a scenario belong to it."""
    inks = {text_colour(together.colour(name)): number for number, name in enumerate(together.names)}
    for count, text in enumerate(axes.texts):
        number = inks.get(str(text.get_color()))
        if number is not None:
            text.set_gid(f"s{number}-label-{id_of(axes)}-{count}")


def span_told(values: Mapping[str, str], numbers: Mapping[str, float]) -> str:
    """``between 12 (a) and 15 (b)``; the one value where all are printed alike."""
    low, high = min(numbers, key=lambda name: numbers[name]), max(numbers, key=lambda name: numbers[name])
    if values[low] == values[high]:
        return values[low]
    return f"between {values[low]} ({plain(low)}) and {values[high]} ({plain(high)})"


def at_focus(data: pd.DataFrame, focus: int, column: str) -> dict[str, float]:
    """Numbers of the focus year by scenario; those without one are left out."""
    rows = data[data["year"] == focus].dropna(subset=[column])
    return {str(name): float(value) for name, value in zip(rows["scenario"], rows[column], strict=True)}


def in_order(names: Sequence[str], present: Sequence[str]) -> list[str]:
    """The scenarios that are present, in the order of the page."""
    return [name for name in names if name in set(present)]
