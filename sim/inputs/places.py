"""Where each value of a resolved scenario stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from sim.inputs.chain import Library, read_chain
from sim.inputs.faults import Faults
from sim.inputs.marks import MappingNode
from sim.inputs.merge import merge
from sim.inputs.overrides import overrides_layer
from sim.inputs.prepare import wrap_states
from sim.records.scenario import Place


def places_of(name: str, root: Path, overrides: str = "") -> Mapping[str, Place]:
    """Place of every key of the merged files, by its path, e.g. ``measures.russian_aluminium_offer.starts``.

    Raises ScenarioError where a file cannot be read; what a value means is not checked here.
    """
    faults = Faults()
    chain = read_chain(Library(root, faults), name, faults)
    faults.raise_if_any()
    tree = chain.tree(faults)
    layer = overrides_layer(overrides, tree, faults) if overrides.strip() else None
    if layer is not None:
        wrapped = wrap_states(layer)
        tree = merge(tree, wrapped, faults) if isinstance(wrapped, MappingNode) else tree
    faults.raise_if_any()
    return dict(_keys(tree, ()))


def _keys(node: MappingNode, path: tuple[str, ...]) -> Iterator[tuple[str, Place]]:
    for entry in node.entries:
        inner = (*path, entry.key.text)
        yield ".".join(inner), entry.key.place
        if isinstance(entry.value, MappingNode):
            yield from _keys(entry.value, inner)
