"""Files of scenarios/sweeps/: what is varied, over which values, and which indicators are kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from sim.errors import ScenarioError, SimError
from sim.inputs.chain import FOLDER, is_own_name
from sim.inputs.check import check
from sim.inputs.faults import Faults, known_or_nearest, shortened
from sim.inputs.marks import ListNode, MappingNode, Node, scan_yaml
from sim.inputs.sweep_schema import SweepEntry, VaryEntry
from sim.records.scenario import Place
from sim.records.sweep import EACH, Disruption, SweepFile, Vary, Wanted

SWEEPS = "sweeps"
ALL = "all"


def sweep_names(root: Path) -> tuple[str, ...]:
    """Names of the sweeps that have a file."""
    found = (path for path in (root / FOLDER / SWEEPS).glob("*.yaml") if path.is_file())
    return tuple(sorted(path.stem for path in found if is_own_name(path.stem)))


def read_sweep(root: Path, name: str) -> SweepFile:
    """Read one sweep; ScenarioError lists every fault as ``file:line:column: path: message``."""
    known = sweep_names(root)
    path = root / FOLDER / SWEEPS / f"{name}.yaml"
    if name not in known or not path.resolve().is_relative_to((root / FOLDER).resolve()):
        raise ScenarioError(f"no sweep {shortened(name)}{known_or_nearest(name, known)}")
    shown = path.relative_to(root).as_posix()
    faults = Faults()
    node = scan_yaml(path, shown, faults)
    entry = None if node is None else check(SweepEntry, node, Place(file=shown, line=1, column=1), (), faults, None)
    faults.raise_if_any()
    if entry is None or not isinstance(node, MappingNode):  # never so: what is not whole has a fault
        raise SimError(f"sweep {name} could not be read")
    axes, asked = _items(node.get("vary")), _items(node.get("outcomes"))
    return SweepFile(
        name=name,
        title=entry.title,
        question=entry.question or "",
        scenarios=(EACH,) if entry.scenarios == [ALL] else tuple(entry.scenarios),
        draws=entry.draws,
        points=entry.points,
        wanted=tuple(_wanted(text, each.place) for text, each in zip(entry.outcomes or [], asked, strict=True)),
        vary=tuple(_vary(each, axis.place) for each, axis in zip(entry.vary or [], axes, strict=True)),
        disrupt=_disruption(entry, node),
        file=shown,
    )


def _items(node: Node | None) -> tuple[Node, ...]:
    if node is None:
        return ()
    return node.items if isinstance(node, ListNode) else (node,)


def _wanted(text: str, place: Place) -> Wanted:
    *names, last = text.split(".")
    if last.isdigit():
        return Wanted(names=tuple(names), year=int(last), place=place)
    return Wanted(names=(*names, last), year=None, place=place)


def _vary(entry: VaryEntry, place: Place) -> Vary:
    return Vary(
        paths=tuple(entry.path),
        label=entry.label or entry.path[0],
        place=place,
        values=tuple(entry.values or ()),
        low=entry.low or "",
        high=entry.high or "",
        steps=entry.steps,
        baseline_too=entry.baseline_too == "yes",
    )


def _disruption(entry: SweepEntry, node: MappingNode) -> Disruption | None:
    if entry.disrupt is None:
        return None
    at = node.entry("disrupt")
    cuts = entry.disrupt.cuts
    return Disruption(
        year=entry.disrupt.year,
        cuts=tuple(float(each) for each in np.linspace(cuts.low.value, cuts.high.value, cuts.steps)),
        goods=tuple(entry.disrupt.goods or (EACH,)),
        place=at.key.place if at is not None else node.place,
    )
