"""Where the labels of figures stand: in the order of their numbers, whole, off the lines that they must not cross."""

from __future__ import annotations

import pandas as pd
import pytest

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
