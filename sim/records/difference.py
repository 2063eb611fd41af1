"""What differs between two resolved scenarios."""

from __future__ import annotations

from dataclasses import dataclass

from sim.records.scenario import Measure, Number, Place, Switch

Value = Number | Switch | Measure | tuple[str, ...] | str


@dataclass(frozen=True, kw_only=True)
class Change:
    """One value that the second scenario has otherwise than the first; None where it has none.

    ``field`` is empty where a whole switch, measure or parameter is meant.
    """

    section: str  # head | years | switches | measures | parameters
    name: str
    field: str = ""
    old: Value | None
    new: Value | None
    old_place: Place | None = None
    new_place: Place | None = None
