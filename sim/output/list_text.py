"""The scenarios of a project for a reader: what each asks, and which switches it has otherwise than its baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.output.textblock import paragraph
from sim.output.value_text import BELOW_FIELDS_IN, FIELDS_IN, items, state_text
from sim.output.wording import plain
from sim.records.difference import Change
from sim.records.scenario import Scenario, Switch


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One scenario of the list; ``switches`` are those that its baseline has otherwise, None where it is one."""

    name: str
    title: str
    fault: str = ""
    scenario: Scenario | None = None
    switches: Sequence[Change] | None = None
    no_effect: str = ""


def list_text(listed: Sequence[Listed], width: int) -> str:
    """Name and title of each scenario; below them faults, switches and whether it has an effect."""
    lines: list[str] = []
    for each in listed:
        lines += _hanging(f"{each.name}: {each.title}" if each.title else each.name, width)
        if each.fault:
            lines += _told(f"FAULT: {each.fault}", width)
        elif each.scenario is not None and each.switches is None:
            lines += _states(each.scenario.switches, width)
        elif each.switches:
            states = [f"{change.name}: {_change(change)}" for change in each.switches]
            lines += items("switches: ", states, width, indent=FIELDS_IN, between="; ")
        if each.no_effect:
            lines += _told(f"NO EFFECT: {each.no_effect}", width)
    faulty = sum(bool(each.fault) for each in listed)
    ending = f"; {faulty} at fault, which make validate tells in full" if faulty else ""
    lines += [
        "",
        *paragraph(
            f"{len(listed)} scenarios{ending}. A baseline is listed with all its switches, every other scenario "
            "with those that differ from its baseline's; new are those the baseline does not have. "
            "make show SCENARIO= tells every value.",
            width,
        ),
    ]
    return "\n".join(lines)


def _states(switches: Mapping[str, Switch], width: int) -> list[str]:
    by_state: dict[str, list[str]] = {}
    for name, switch in switches.items():
        by_state.setdefault(state_text(switch), []).append(name)
    return [line for state, names in by_state.items() for line in items(f"{state}: ", names, width, indent=FIELDS_IN)]


def _change(change: Change) -> str:
    if not isinstance(change.new, Switch):
        return "not there"
    return state_text(change.new) + (" (new)" if change.old is None else "")


def _hanging(text: str, width: int) -> list[str]:
    first, *rest = paragraph(plain(text), width - FIELDS_IN)
    return [first, *(" " * FIELDS_IN + line for line in rest)]


def _told(text: str, width: int) -> list[str]:
    return [
        " " * (FIELDS_IN + (2 if i else 0)) + line
        for i, line in enumerate(paragraph(plain(text), width - BELOW_FIELDS_IN))
    ]
