"""What a run comes to apart for the two states of a switch that is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from sim.records.outcome import Band


@dataclass(frozen=True, kw_only=True)
class StateCase:
    """Draws of one state: bands over these draws alone, their central number the median; shares are of 1.

    ``imports`` is the country's share in the imports of the subject's market of its final good, ``touched`` what the
    country has a part in at any stage of its supply; ``price`` changes as a share of the baseline's price. ``output``
    lists the change of output, kt/yr, for each good and region in which the scenario has projects.
    """

    on: bool
    draws: int
    imports: Band
    imports_change: Band
    touched_change: Band
    price_change: Band
    output: tuple[tuple[str, str, Band], ...]


@dataclass(frozen=True, kw_only=True)
class SwitchCases:
    """The states of a drawn switch that occur in the draws, on before off, for one subject in one year."""

    switch: str
    good: str
    market: str
    country: str
    year: int
    chance: float
    central: bool  # its state in the central run
    states: tuple[StateCase, ...]
