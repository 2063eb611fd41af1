"""Where the labels of figures stand: in the order of their numbers, whole, off the lines that they must not cross."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.output.plots.atlas import losers
from sim.output.plots.cases import cases_apart
from sim.output.plots.flow_change import OTHERS, TOTAL, flow_change_data
from sim.output.plots.supply_shares import supply_shares_data, supply_shares_finding
from sim.output.plots.winners import winners
from sim.records.outcome import Band
from tests import output_samples as samples
from tests.figures import drawn_boxes, texts_of
from tests.unit.test_output_plots import all_text, told_of
from tests.unit.test_study_atlas import atlas

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


def test_waterfall_of_less_than_a_kilotonne_is_told_in_hundredths() -> None:
    more = replace(samples.row("use", 9.0, 0.04), change=Band(central=0.04, p05=0.03, p50=0.04, p95=0.05))
    small = samples.offer(
        suppliers=(samples.row("Russia", 0.0, 0.62), samples.row("Japan", 1.0, -0.58)),
        use=more,
        customers=(samples.row("China", 3.0, -0.58),),
        new_output=more,
    )
    told = all_text(winners(small, samples.facts(), labels=samples.LABELS)).split("\n")
    assert "0.62" in told
    assert "0.04" in told
    large = all_text(winners(samples.offer(), samples.facts(), labels=samples.LABELS)).split("\n")
    assert not [line for line in large if line in ("0.62", "0.04")]


def test_one_other_customer_is_no_crowd_in_words() -> None:
    rows = (samples.row("Russia", 0.0, 20.0), samples.row("Japan", 30.0, -19.0), samples.row("Korea", 5.0, -0.3))
    told = all_text(winners(samples.offer(suppliers=rows), samples.facts(), labels=samples.LABELS))
    assert "1 other supplier\n" in told
    assert "1 other suppliers" not in told


def test_home_suppliers_are_called_so_where_they_move_most() -> None:
    table = samples.summary(-1.0)
    data = supply_shares_data(table, good="aluminium", destination="US", focus=FOCUS)
    moved = data.assign(layer=data["layer"].replace({"Russia": "US", "US": "Russia"}))
    told = supply_shares_finding(moved, told_of("US", dict.fromkeys(moved["layer"])))
    assert told.startswith("Home suppliers would")
    assert "of the supply of aluminium to the US" in told


def test_disrupted_sales_are_named_whole_and_in_the_plural(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {"A": "Gulf states", "B": "Republic of Long Names and Many Islands", "C": "Commonwealth of Others"}
    figure = losers(atlas(), samples.facts(), good="metal", year=2026, labels=labels)
    assert "lose most, when sales abroad by" in " ".join(all_text(figure).split())
    assert "are cut off" in " ".join(all_text(figure).split())
    assert not any("…" in text.get_text() for text in texts_of(figure))
    assert len(drawn_boxes(figure, monkeypatch)) > 5
