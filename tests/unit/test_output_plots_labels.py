"""Where the labels of figures stand: in the order of their numbers, whole, off the lines that they must not cross."""

from __future__ import annotations

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.output.plots.cases import cases_apart
from sim.output.plots.flow_change import OTHERS, TOTAL, flow_change_data
from tests import output_samples as samples

FOCUS = samples.FOCUS


def test_totals_hold_what_is_left_out_of_the_table() -> None:
    changes = (("China", "China", 0.14), ("Japan", "Korea", 0.02), ("Russia", "Korea", 0.02), ("Japan", "China", 0.02))
    flows = pd.DataFrame(
        [(FOCUS, "oxide", origin, destination, 1.0, 1.0 + change) for origin, destination, change in changes],
        columns=["year", "good", "origin", "destination", "baseline_kt", "central_kt"],
    )
    data = flow_change_data(flows, good="oxide", year=FOCUS)
    assert (list(data.index), list(data.columns)) == (["China", OTHERS, TOTAL], ["China", TOTAL])
    # what the others sell to Korea has no column, but it is what makes their row worth telling
    assert data.loc[OTHERS, TOTAL] == pytest.approx(0.06)
    assert data.loc[TOTAL, TOTAL] == pytest.approx(0.2)


def crossing(figure: Figure) -> list[str]:
    """Numbers over a panel's line at nought."""
    figure.canvas.draw()
    found = []
    for axes in figure.axes:
        x = axes.transData.transform((0.0, 0.0))[0]
        for text in (each for each in axes.texts if each.get_weight() != "bold"):
            box = text.get_window_extent()
            if box.x0 < x < box.x1 and axes.get_xlim()[0] < 0:
                found.append(text.get_text())
    return found


@pytest.mark.parametrize("effect", [1.0, 0.4, 0.1, -0.1, -1.0])
def test_numbers_of_the_states_do_not_cross_the_line_of_no_change(effect: float) -> None:
    labels = samples.LABELS | {"oxide": "Oxides and metals"}
    figure = cases_apart(samples.cases(effect), samples.chain_facts(), labels=labels)
    told = [text.get_text() for axes in figure.axes for text in axes.texts if " to " in text.get_text()]
    assert len(told) > 5
    assert crossing(figure) == []
