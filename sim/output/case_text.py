"""What the states of a drawn switch come to, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sim.output.textblock import paragraph, table
from sim.output.wording import capital, label_of, number, percent, small_tonnes, the
from sim.records.cases import StateCase, SwitchCases
from sim.records.outcome import Band


def case_blocks(cases: SwitchCases, names: Mapping[str, str], room: int) -> list[list[str]]:
    """A sentence on the chance, and a table with a column for each state; nothing where only one state occurs."""
    if len(cases.states) < 2:
        return []
    chance = f" with a chance of {percent(cases.chance)} %" if cases.chance else ""
    market, country = the(label_of(cases.market, names)), the(label_of(cases.country, names))
    sentence = (
        f"{cases.switch} is decided by the draws{chance}, once for all years. In {cases.year} the share of {country} "
        f"in the imports of {market} moves by {' and by '.join(_told(state) for state in cases.states)}. The central "
        f"run has it {'on' if cases.central else 'off'}, so what follows the table speaks of one case; bands and "
        "medians mix both."
    )
    header = ["", *(f"{'on' if state.on else 'off'} ({state.draws} draws)" for state in cases.states)]
    rows = [
        [f"{capital(country)} in the imports of {market}, %", *_each(cases, lambda s: _points(s.imports, sign=False))],
        ["Change against the baseline, points", *_each(cases, lambda s: _points(s.imports_change))],
        [
            f"Touched by {country} at any stage, of supply, points",
            *_each(cases, lambda s: _points(s.touched_change)),
        ],
        [f"Price in {market}, %", *_each(cases, lambda s: _points(s.price_change))],
    ]
    for place, (good, region, _) in enumerate(cases.states[0].output):
        label = f"{label_of(good, names)} made in {the(label_of(region, names))}, kt"
        rows.append([capital(label), *(_tonnes(state.output[place][2]) for state in cases.states)])
    title = (
        f"The two cases in {cases.year}: median of the draws of each (5th to 95th percentile), changes from baseline"
    )
    return [paragraph(sentence, room), table(title, header, rows, room, total=False)]


def _each(cases: SwitchCases, told: Callable[[StateCase], str]) -> list[str]:
    return [told(state) for state in cases.states]


def _told(state: StateCase) -> str:
    """What a state does to imports in words: -13.3 points (-19.9 to -8.4) with it on."""
    middle, band = _points(state.imports_change).split(" ", 1)
    return f"{middle} points {band} with it {'on' if state.on else 'off'}"


def _points(band: Band, *, sign: bool = True) -> str:
    ends = [number(100 * end, 1, sign=sign) for end in (band.p50, band.p05, band.p95)]
    return f"{ends[0]} ({ends[1]} to {ends[2]})"


def _tonnes(band: Band) -> str:
    ends = [small_tonnes(end, sign=True) for end in (band.p50, band.p05, band.p95)]
    return f"{ends[0]} ({ends[1]} to {ends[2]})"
