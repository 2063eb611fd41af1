"""The inputs of a scenario beside those of its baseline, as a table of a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.output.inputs_text import Told, inputs_apart
from sim.output.page.table import Column, Table

_NOTHING: Told = ("none", "", "")


def inputs_table(before: Mapping[str, Told], after: Mapping[str, Told], also: Sequence[str] = ()) -> Table:
    """What the scenario has otherwise than its baseline, each value with who is credited and where it stands.

    ``before`` are the inputs of the baseline, ``after`` those of the scenario; ``also`` are paths that stand first,
    even where both have the same.
    """
    paths = dict.fromkeys((*also, *inputs_apart({"baseline": before, "scenario": after})))
    rows = [[path, before.get(path, _NOTHING)[0], *after.get(path, _NOTHING)] for path in paths]
    return Table(
        name="table-inputs",
        title="What the scenario has otherwise than its baseline",
        columns=[Column(label=label) for label in ("Input", "Baseline", "Scenario", "Source", "File and line")],
        rows=rows,
        note="resolved.yaml beside this page holds every value, also those that both have.",
    )
