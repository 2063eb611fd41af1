"""Where the labels of figures stand: in the order of their numbers, whole, off the lines that they must not cross."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from sim.output.plots.atlas import losers
from sim.output.plots.cases import cases_apart
from sim.output.plots.differences import differences
from sim.output.plots.flow_change import OTHERS, TOTAL, flow_change_data
from sim.output.plots.import_shares import import_shares
from sim.output.plots.panel import PointLabel, edge_labels, point_labels, year_room, year_ticks
from sim.output.plots.prices import prices
from sim.output.plots.supply_shares import supply_shares_data, supply_shares_finding
from sim.output.plots.winners import winners
from sim.records.outcome import Band
from tests import output_samples as samples
from tests.figures import beyond, drawn_boxes, overlapping, texts_of
from tests.unit.test_output_plots import all_text, told_of
from tests.unit.test_study_atlas import atlas

FOCUS = samples.FOCUS


def names_downwards(figure: Figure) -> list[str]:
    """Labels beside a panel, the highest first."""
    figure.canvas.draw()
    labels = sorted(figure.axes[0].texts, key=lambda text: -text.get_window_extent().y0)
    return [text.get_text() for text in labels]


def test_lines_that_end_at_one_place_are_labelled_in_the_order_of_their_numbers() -> None:
    figure = Figure(figsize=(4.0, 4.0))
    axes = figure.add_axes((0.1, 0.1, 0.5, 0.8))
    axes.set_ylim(-10, 10)
    ends = {"a": 0.02, "b": -0.03, "c": 0.01, "d": 5.0}
    labels = [(end, [name], "black") for name, end in ends.items()]
    edge_labels(axes, labels, 3.2, told=[-4.0, 8.0, 2.0, -9.0])
    assert names_downwards(figure) == ["d", "b", "c", "a"]


def test_labels_without_numbers_stand_in_the_order_of_their_ends() -> None:
    figure = Figure(figsize=(4.0, 4.0))
    axes = figure.add_axes((0.1, 0.1, 0.5, 0.8))
    axes.set_ylim(-10, 10)
    edge_labels(axes, [(0.02, ["a"], "black"), (-0.03, ["b"], "black"), (0.5, ["c"], "black")], 3.2)
    assert names_downwards(figure) == ["c", "a", "b"]


def test_number_of_the_higher_point_stands_higher() -> None:
    figure = Figure(figsize=(6.0, 4.0))
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    years = list(range(2024, 2051))
    # a peak at the third year: the lower line passes where its number would stand
    before = np.array([14.0, 17.6, 18.1, 16.0, 15.0, *np.linspace(14.5, 16, 22)])
    after = np.array([14.0, 17.6, 17.0, 15.8, 15.0, *np.linspace(14.5, 16, 22)])
    axes.set_xlim(2024, 2060)
    axes.set_ylim(10, 24)
    labels = [
        PointLabel(level=18.1, lines=["baseline"], colour="black"),
        PointLabel(level=17.0, lines=["scenario"], colour="black", above=False),
    ]
    for given in (labels, labels[::-1]):
        while axes.texts:
            axes.texts[0].remove()
        point_labels(axes, 2026, given, [(years, before), (years, after)], (4.8, 3.2))
        assert names_downwards(figure) == ["baseline", "scenario"]


@pytest.mark.parametrize(("room", "told"), [(9.0, "2045"), (1.8, "\n2045")])
def test_last_year_keeps_its_tick_beside_a_late_focus_year(room: float, told: str) -> None:
    axes = Figure().add_subplot()
    years = tuple(range(2024, 2051))
    year_ticks(axes, years, room, 2045)
    assert [text.get_text() for text in axes.get_xticklabels()][-2:] == [told, "2050"]
    assert year_room(years, 1.8, 2045) > year_room(years, 9.0, 2045) == year_room(years, 1.8, 2050)


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


def test_names_beside_differences_are_whole() -> None:
    labels = samples.LABELS | {"Canada": "EU without Estonia"}
    figure = import_shares(samples.summary(), samples.facts(), good="aluminium", destination="US", labels=labels)
    told = [text.get_text() for text in figure.axes[1].texts]
    assert any(text.startswith("EU without\nEstonia\n") for text in told)
    assert not any("…" in text for text in told)


def test_a_single_large_share_keeps_off_the_upper_edge() -> None:
    table = samples.summary(0.0, ("US", "Canada"))
    share = 0.96 + 0.0005 * (table["year"] - samples.YEARS[0])
    levels = dict.fromkeys(("baseline", "central", "p05", "p50", "p95"), share)
    figure = import_shares(
        table.assign(**levels), samples.facts(), good="aluminium", destination="US", labels=samples.LABELS
    )
    level = figure.axes[0]
    assert level.dataLim.y1 > 97
    assert level.get_ylim()[1] >= 1.04 * level.dataLim.y1


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


@pytest.mark.parametrize("size", [1.0, 700.0])
def test_numbers_of_many_digits_keep_off_each_other_and_within_the_sheet(
    size: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = {"good": "aluminium", "labels": samples.LABELS}
    paid, moved = (
        table.assign(**{name: size * table[name] for name in table.columns if table[name].dtype == float})
        for table in (samples.prices(), samples.balances())
    )
    price = prices(paid, samples.facts(), region="US", **about)  # type: ignore[arg-type]
    for figure in (price, differences(moved, samples.facts(), **about)):  # type: ignore[arg-type]
        boxes = drawn_boxes(figure, monkeypatch)
        assert beyond(figure, boxes) == []
        assert overlapping(boxes) == []
    told = [text for text, _ in drawn_boxes(price, monkeypatch)]
    assert {"Price, USD/t", "¢/lb"} <= set(told)
    assert not [text for text in told if text.isdigit() and int(text) > 2100]  # thousands are separated, in cents too
    assert not [text for text in told if text.endswith(".0")]


def test_market_that_buys_nothing_abroad_any_more_has_a_finding_of_its_own() -> None:
    figure = import_shares(
        samples.summary().assign(central=0.0),
        samples.facts(),
        good="aluminium",
        destination="US",
        labels=samples.LABELS,
    )
    told = " ".join(str(figure.get_label()).split())
    assert told.startswith("The United States would import no primary aluminium in 2036 instead of ")
    assert told.endswith("% of its imports from Canada")
