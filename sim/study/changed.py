"""A number of baseline and scenario draw by draw, and the row that tells it."""

from __future__ import annotations

from dataclasses import dataclass

from sim.quantity import Array, Index
from sim.records.by_draw import ByDraw
from sim.records.outcome import ChangeRow
from sim.study.bands import band


@dataclass(frozen=True, eq=False, kw_only=True)
class Changed(ByDraw):
    """A number of baseline and scenario, (n,) each."""

    label: str
    before: Array
    after: Array

    def row(self, draws: Index) -> ChangeRow:
        """Levels of the central run and the change with its band."""
        return ChangeRow(
            label=self.label,
            baseline=float(self.before[0]),
            scenario=float(self.after[0]),
            change=band(self.after - self.before, draws),
        )


def changed(label: str, before: Array, after: Array) -> Changed:
    """The two under a label."""
    return Changed(label=label, before=before, after=after)
