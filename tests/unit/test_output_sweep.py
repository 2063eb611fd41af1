"""A sweep in words and in figures: each form shows the numbers of its points, and says which are least and largest."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from sim.output.plots.sweep import finding, sweep_figure
from sim.output.sweep_text import MOST_TOLD, Response, effort_text, number_of, point_words, responses, sweep_answer
from sim.output.wording import MINUS
from sim.records.sweep import Axis, Column, Point
from sim.study.effort import Effort
from sim.study.sweep import PointAnswer
from tests.figures import beyond, drawn_boxes, overlapping, texts_of
from tests.output_samples import LABELS, facts

NAN = float("nan")
PRICE = Column(indicator="delivered_price", good="aluminium", region="US", partner="", year=2030, unit="USD/t")
OFFER = Axis(label="Offer", unit="Mt/yr", numeric=True)
DUTY = Axis(label="Duty", unit="%", numeric=True)
SANCTIONS = Axis(label="Sanctions", unit="", numeric=False)


def point(*places: float | str) -> Point:
    return Point(
        scenario="sanctions_lifted",
        settings="",
        baseline_settings="",
        words=tuple(str(place) for place in places),
        numbers=tuple(NAN if isinstance(place, str) else place for place in places),
    )


def answered(central: float, *columns: Column, band: float = NAN, ended: str = "solved") -> PointAnswer:
    columns = columns or (PRICE,)
    rows = pd.DataFrame({"central": central, "p05": central - band, "p95": central + band}, index=range(len(columns)))
    return PointAnswer(columns=columns, rows=rows, central=ended, solved=4, infeasible=0, failed=0)


def response(central: Sequence[float], band: float = NAN) -> Response:
    (found,) = responses([answered(each, band=band) for each in central], 2030)
    return found


def texts(axes: Sequence[Axis], points: Sequence[Point], told: Response, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a figure says; all of it on the sheet, and nothing over anything else."""
    figure = sweep_figure(told, axes, points, facts(), LABELS)
    boxes = drawn_boxes(figure, monkeypatch)
    assert beyond(figure, boxes) == []
    assert overlapping(boxes) == []
    return [text.get_text() for text in texts_of(figure)]


def test_numbers_over_an_axis_are_a_curve_in_the_order_of_the_axis() -> None:
    points = [point(2.0), point(0.5), point(1.0)]
    figure = sweep_figure(response([2400.0, 2700.0, 2600.0], band=50.0), (OFFER,), points, facts(), LABELS)
    (panel,) = figure.axes
    (curve,) = panel.lines
    np.testing.assert_array_equal(curve.get_xydata(), [[0.5, 2700.0], [1.0, 2600.0], [2.0, 2400.0]])
    (band,) = panel.collections
    reached = band.get_paths()[0].vertices[:, 1]
    assert (reached.min(), reached.max()) == (2350.0, 2750.0)
    assert panel.get_xlabel() == "Offer, Mt/yr"
    assert panel.get_ylim() == (2330.0, 2770.0)


def test_words_are_rows_of_dots_the_least_at_the_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point("{off_from: 2028}"), point("on"), point("off")]
    told = response([2500.0, NAN, 2400.0], band=50.0)
    figure = sweep_figure(told, (SANCTIONS,), points, facts(), LABELS)
    (panel,) = figure.axes
    assert [label.get_text() for label in panel.get_yticklabels()] == ["on", "off", "off from 2028"]
    np.testing.assert_array_equal(panel.lines[0].get_xdata(), [NAN, 2400.0, 2500.0])
    assert "bars and shades: 5th to 95th percentile" in " ".join(texts((SANCTIONS,), points, told, monkeypatch))


def test_single_point_is_named_as_it_is() -> None:
    figure = sweep_figure(response([2500.0]), (), [point()], facts(), LABELS)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["as it is"]
    assert len(figure.axes[0].collections) == 0  # no draws, no bands


def test_full_grid_is_a_table_with_every_number_and_its_row_and_column(monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point(offer, sanctions) for offer in (0.5, 2.0) for sanctions in ("on", "off")]
    told = response([2700.0, 2600.0, NAN, -2400.0])
    said = texts((OFFER, SANCTIONS), points, told, monkeypatch)
    assert {"0.5 Mt/yr", "2 Mt/yr", "on", "off", "2,700", "2,600", f"{MINUS}2,400"} <= set(said)
    panel = sweep_figure(told, (OFFER, SANCTIONS), points, facts(), LABELS).axes[0]
    darkness = [sum(patch.get_facecolor()[:3]) for patch in panel.patches]
    assert darkness[0] < darkness[1] < darkness[3]  # the largest number is darkest


def test_grid_without_differences_and_without_numbers_is_drawn() -> None:
    points = [point(offer, sanctions) for offer in (0.5, 2.0) for sanctions in ("on", "off")]
    for central in ([2400.0] * 4, [NAN] * 4):
        panel = sweep_figure(response(central), (OFFER, SANCTIONS), points, facts(), LABELS).axes[0]
        assert len({patch.get_facecolor() for patch in panel.patches}) == 1


def test_sample_is_a_cloud_for_each_number_that_is_varied() -> None:
    points = [point(0.5, 10.0, "on"), point(1.0, 30.0, "off"), point(1.5, 20.0, "on")]
    figure = sweep_figure(response([3.0, 2.0, 1.0], band=0.5), (OFFER, DUTY, SANCTIONS), points, facts(), LABELS)
    assert [panel.get_xlabel() for panel in figure.axes] == ["Offer, Mt/yr", "Duty, %"]
    np.testing.assert_array_equal(figure.axes[1].lines[0].get_xydata(), [[10.0, 3.0], [30.0, 2.0], [20.0, 1.0]])
    assert all(len(panel.collections) == 1 for panel in figure.axes)
    plain = sweep_figure(response([NAN, NAN, NAN]), (OFFER, DUTY, SANCTIONS), points, facts(), LABELS)
    assert all(len(panel.collections) == 0 for panel in plain.axes)


def test_finding_names_the_ends_and_where_they_stand() -> None:
    words = [("0.5 Mt/yr", "on"), ("2 Mt/yr", "off")]
    assert finding(response([2700.0, 2400.0]), words, LABELS) == (
        "The price of primary aluminium in the United States: from 2,400 USD/t (2 Mt/yr, off) "
        "to 2,700 USD/t (0.5 Mt/yr, on) in 2030"
    )
    assert finding(response([5.0, 5.0]), words, LABELS).endswith("is 5.0 USD/t in 2030 at every point")
    assert finding(response([NAN, NAN]), words, LABELS).endswith("in 2030 is known at no point")


def test_numbers_that_hardly_differ_get_the_digits_that_tell_them_apart() -> None:
    assert response([2700.0, 2400.0]).told(2700.0) == "2,700"
    assert response([2700.0, 2700.5]).told(2700.5) == "2,700.50"
    assert response([0.5, 0.1]).decimals == 2
    assert response([0.05]).decimals == 3
    assert response([NAN]).decimals == 3


def answer(axes: Sequence[Axis], points: Sequence[Point], answers: Sequence[PointAnswer], width: int = 100) -> str:
    return sweep_answer(facts(), axes, points, answers, LABELS, width, "results/x.png")


def test_answer_over_one_axis_has_a_row_for_each_point_with_its_band() -> None:
    told = answer((OFFER,), [point(0.5), point(2.0)], [answered(2700.0, band=50.0), answered(2400.0, band=50.0)])
    assert [line.split() for line in told.splitlines() if line.split()[1:2] == ["Mt/yr"]] == [
        ["0.5", "Mt/yr", "2,700", "2,650", "to", "2,750"],
        ["2", "Mt/yr", "2,400", "2,350", "to", "2,450"],
    ]
    assert "has no equilibrium" not in told
    assert told.endswith("Open results/x.png\n")


def test_answer_over_two_axes_is_a_matrix_where_it_is_full_and_fits() -> None:
    points = [point(offer, duty) for offer in (0.5, 2.0) for duty in (10.0, 20.0)]
    answers = [answered(value) for value in (2700.0, 2600.0, 2500.0, 2400.0)]
    told = [line.split() for line in answer((OFFER, DUTY), points, answers).splitlines()]
    assert ["Offer", "\\", "Duty", "10", "%", "20", "%"] in told
    assert ["2", "Mt/yr", "2,500", "2,400"] in told
    listed = [line.split() for line in answer((OFFER, DUTY), points[:3], answers[:3]).splitlines()]
    assert ["0.5", "Mt/yr", "20", "%", "2,600"] in [line[:5] for line in listed]
    wide = [point(0.5, float(duty)) for duty in range(12)]
    narrow = answer((OFFER, DUTY), wide, [answered(2700.0 + i) for i in range(12)], width=60)
    assert "Offer \\ Duty" not in narrow
    assert max(len(line) for line in narrow.splitlines()) <= 60


def test_answer_over_many_points_tells_the_ends_alone() -> None:
    points = [point(float(i)) for i in range(40)]
    told = " ".join(answer((OFFER,), points, [answered(2400.0 + i * i) for i in range(40)]).split())
    assert "least 2,400 at Offer 0 Mt/yr; largest 3,921 at Offer 39 Mt/yr." in told
    nothing = " ".join(answer((OFFER,), points, [answered(NAN) for _ in range(40)]).split())
    assert "at any point." in nothing


def test_answer_tells_of_more_indicators_and_of_points_without_an_equilibrium() -> None:
    columns = [
        Column(indicator=f"delivered_price_{k}", good="aluminium", region="US", partner="", year=2030, unit="USD/t")
        for k in range(MOST_TOLD + 2)
    ]
    answers = [answered(1.0, *columns), answered(NAN, *columns, ended="infeasible")]
    told = " ".join(answer((OFFER,), [point(0.5), point(2.0)], answers).split())
    assert "2 more indicators are in sweep.csv." in told
    assert "The central run of point 2 has no equilibrium." in told


def test_indicator_of_many_years_is_told_in_the_focus_year_and_one_of_another_scenario_is_blank() -> None:
    years = [
        Column(indicator="delivered_price", good="aluminium", region="US", partner="", year=year, unit="1")
        for year in range(2026, 2031)
    ]
    (found,) = responses([answered(0.25, *years), answered(0.5, PRICE)], 2028)
    assert found.column.year == 2028
    np.testing.assert_array_equal(found.central, [25.0, NAN])  # in percent


def test_numbers_of_a_sample_are_short_and_a_switch_is_read() -> None:
    assert [number_of(value) for value in (0.5, 0.123456789, 1234567.0)] == ["0.5", "0.1235", "1,234,567"]
    assert point_words(point("{off_from: 2028}", 0.5), (SANCTIONS, OFFER), LABELS) == ("off from 2028", "0.5 Mt/yr")


def test_effort_tells_what_is_left_and_what_it_takes() -> None:
    effort = Effort(parts=4, points=2, draws=8, equilibria=96, cpu_seconds=120.0, memory=2**28, disk=2**19)
    told = " ".join(effort_text(effort, "offers", 2, 60).split())
    assert "2 points with 8 draws in 4 parts, 96 equilibria" in told
    assert "About 120 CPU seconds, 60 s on 2 processes; 256 MiB of memory in the largest process; 0.5 MiB" in told
    assert "120 s on 1 process;" in " ".join(effort_text(effort, "offers", 1, 60).split())
