"""A checked switch into its record."""

from __future__ import annotations

from sim.inputs.check import dotted
from sim.inputs.leaves import Names
from sim.inputs.marks import Entry, MappingNode, ScalarNode
from sim.inputs.number_schema import ASSUMPTION, UNSOURCED, NumberEntry
from sim.inputs.numbers import key_of, number
from sim.inputs.overrides import SET, SET_NOTE
from sim.inputs.schema import State, SwitchEntry
from sim.inputs.units import SHARE
from sim.records.scenario import Place, Switch

CHOSEN = "a choice of the scenario"


def switch(name: str, entry: SwitchEntry, state: State | bool, node: MappingNode, key: Place, names: Names) -> Switch:
    """The record of a switch whose entry was checked; ``key`` is its place.

    A probability stated without a source is an assumption of the scenario, never credited to the switch's source.
    """
    meaning, source = entry.meaning or "", entry.source or ""
    if isinstance(state, bool):
        return Switch(name=name, meaning=meaning, source=source, place=key, always_off=not state)
    probability = None
    if state.probability is not None:
        stated = state.probability
        declared = Entry(ScalarNode(name, key), node)
        at = key_of(declared, ("state", "probability"))
        if stated.source == UNSOURCED:
            note = SET_NOTE if at.file == SET else CHOSEN
            stated = NumberEntry.model_construct(value=stated.value, source=ASSUMPTION, note=note)
        path = dotted(("switches", name, "probability"))
        probability = number(stated, SHARE, path, at, names)
    return Switch(
        name=name,
        meaning=meaning,
        source=source,
        place=key,
        on_from=state.on_from,
        off_from=state.off_from,
        probability=probability,
    )
