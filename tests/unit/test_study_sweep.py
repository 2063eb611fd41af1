from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from sim.errors import ScenarioError
from sim.records.sampling import BATCH
from sim.records.scenario import Place
from sim.records.sweep import Axis, Column, Point, Solved, SweepFile, Vary
from sim.records.trajectory import FAILED, INFEASIBLE, SOLVED
from sim.study.effort import effort_of
from sim.study.points import points_of
from sim.study.sweep import (
    MEMORY,
    Part,
    answer_of,
    axis_columns,
    columns_at_once,
    draws_in_a_part,
    joined,
    parts_of,
    sweep_table,
    task_of,
)
from sim.study.workers import Cost, Task, costs_of
from tests.study_samples import barred, number, offer, scenario
from tests.unit.test_study_outcomes import lifted

AT = Place(file="scenarios/sweeps/s.yaml", line=5, column=5)
PATH = "measures.sale.volume"
COLUMNS = tuple(
    Column(indicator=name, good="metal", region="C", partner="", year=2026, unit="kt/yr") for name in ("a", "b")
)


def vary(path: str = PATH, **fields: object) -> Vary:
    return replace(Vary(paths=(path,), label=path.rpartition(".")[2], place=AT), **fields)


def sweep(*axes: Vary, points: int | None = None) -> SweepFile:
    return SweepFile(
        name="s",
        title="S",
        question="",
        scenarios=("lifted",),
        draws=4,
        wanted=(),
        file=AT.file,
        vary=axes,
        points=points,
    )


def given() -> dict[str, object]:
    sale = offer(number(15.0, PATH, unit="kt/yr", written={"value": "15 kt/yr"}))
    return {"lifted": barred(sale)}


def test_grid_has_every_combination_in_the_order_of_the_axes() -> None:
    axes, points = points_of(
        sweep(vary(values=("1 kt/yr", "0.002 Mt/yr")), vary("switches.sanctions", values=("on", "{off_from: 2027}"))),
        given(),
        "",
        1,
    )
    assert [(axis.label, axis.unit, axis.numeric) for axis in axes] == [
        ("volume", "kt/yr", True),
        ("sanctions", "", False),
    ]
    assert [point.numbers[0] for point in points] == [1.0, 1.0, 2.0, 2.0]
    assert [point.settings for point in points][1:3] == [
        f"{PATH}=1 kt/yr; switches.sanctions={{off_from: 2027}}",
        f"{PATH}=0.002 Mt/yr; switches.sanctions=on",
    ]
    assert all(not point.baseline_settings for point in points)


def test_steps_are_evenly_spread_in_the_unit_that_was_written() -> None:
    axes, points = points_of(sweep(vary(low="0.1 Mt/yr", high="0.7 Mt/yr", steps=7, baseline_too=True)), given(), "", 1)
    assert axes[0].unit == "Mt/yr"
    assert [point.words[0] for point in points] == [f"0.{i} Mt/yr" for i in range(1, 8)]
    assert [point.baseline_settings for point in points] == [point.settings for point in points]


def test_several_scenarios_are_the_first_axis() -> None:
    both = given() | {"other": scenario(name="other")}
    axes, points = points_of(replace(sweep(), scenarios=("lifted", "other")), both, "", 1)
    assert [axis.label for axis in axes] == ["Scenario"]
    assert [point.words for point in points] == [("lifted",), ("other",)]


def test_sampled_axes_fill_their_ranges_and_do_not_go_together() -> None:
    path = "parameters.sourcing_elasticity.metal"
    axes = (vary(low="1 kt/yr", high="9 kt/yr"), vary(path, low="2", high="10"))
    _, points = points_of(sweep(*axes, points=256), given(), "", 7)
    values = np.array([point.numbers for point in points])
    for k, (low, high) in enumerate(((1, 9), (2, 10))):
        ordered = np.sort(values[:, k])
        # one point in each of 256 slices of a Sobol sequence
        slices = np.floor((ordered - low) / (high - low) * 256)
        np.testing.assert_array_equal(slices, np.arange(256))
    assert abs(np.corrcoef(values.T)[0, 1]) < 0.1


def test_another_axis_moves_no_point_of_the_earlier_ones() -> None:
    first = vary(low="1 kt/yr", high="9 kt/yr")
    second = vary("parameters.sourcing_elasticity.metal", low="2", high="10")
    _, alone = points_of(sweep(first, points=10), given(), "", 7)
    _, both = points_of(sweep(first, second, points=10), given(), "", 7)
    assert [point.numbers[0] for point in alone] == [point.numbers[0] for point in both]


@pytest.mark.parametrize(
    ("axes", "overrides", "fault"),
    [
        ((vary(values=("1 kt",)),), "", "1 kt has the wrong unit|yearly flow"),
        ((vary("measures.sail.volume", values=("1 kt/yr",)),), "", "no number measures.sail.volume"),
        ((vary(values=("1 kt/yr",)), vary(values=("2 kt/yr",))), "", "is set by scenarios/sweeps/s.yaml:5:5 already"),
        ((vary(values=("1 kt/yr",)),), f"{PATH}=3 kt/yr", "is set by SET already"),
        ((vary("switches.sanctions", low="on", high="off", steps=2),), "", "is no number: state its values"),
        (
            (vary(low="1 kt/yr", high="2 kt/yr", steps=1000), vary("switches.sanctions", values=("on",) * 11)),
            "",
            "11,000 points",
        ),
        (
            (replace(vary(values=("1 kt/yr",)), paths=(PATH, "parameters.sourcing_elasticity.metal")),),
            "",
            "are not all in the same unit",
        ),
    ],
)
def test_axes_at_fault_are_told(axes: tuple[Vary, ...], overrides: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault):
        points_of(sweep(*axes), given(), overrides, 1)


def test_switch_cannot_be_sampled() -> None:
    with pytest.raises(ScenarioError, match="only numbers are sampled"):
        points_of(sweep(vary("switches.sanctions", low="on", high="off"), points=4), given(), "", 1)


@pytest.mark.parametrize(("draws", "most"), [(0, 5), (1, 5), (5, 5), (11, 5), (64, 64)])
def test_parts_cover_every_draw_of_every_point_once(draws: int, most: int) -> None:
    parts = list(parts_of(3, draws, most))
    for point in range(3):
        mine = sorted(part for part in parts if part.point == point)
        assert sum(part.count for part in mine) == draws
        assert mine[0].before == 0
        assert all(a.before + a.count == b.before for a, b in pairwise(mine))
        assert all(part.count <= most for part in mine)
    assert parts == sorted(parts)  # those of the same draws together: they share a baseline


def test_draws_of_a_part_fit_into_its_memory() -> None:
    assert draws_in_a_part(MEMORY * 2) == 1
    assert draws_in_a_part(MEMORY // 10) == 10
    assert draws_in_a_part(MEMORY // (3 * BATCH + 1)) == 3 * BATCH
    assert columns_at_once(10**9) == 1


def solved() -> Solved:
    level = np.array([[1.0, 10.0], [2.0, 20.0], [np.nan, np.nan], [4.0, 40.0], [6.0, 60.0]])
    return Solved(level=level, before=level / 2, status=np.array([SOLVED, SOLVED, INFEASIBLE, SOLVED, SOLVED]))


def test_bands_are_over_the_solved_draws_by_hand() -> None:
    answer = answer_of(COLUMNS, solved())
    row = answer.rows.iloc[0]
    # of 2, 4, 6: the middle 4, and 5 % of the way along two steps
    assert (row["central"], row["p50"], row["mean"], row["baseline"]) == (1.0, 4.0, 4.0, 0.5)
    assert row["p05"] == pytest.approx(2.2)
    assert row["p95"] == pytest.approx(5.8)
    assert (row["difference"], row["difference_p50"], row["difference_mean"]) == (0.5, 2.0, 2.0)
    assert (answer.central, answer.solved, answer.infeasible, answer.failed) == ("solved", 3, 1, 0)


def test_without_draws_there_are_no_bands() -> None:
    answer = answer_of(COLUMNS, solved().until(0))
    assert answer.rows[["p05", "p50", "p95", "mean", "difference_p05", "difference_mean"]].isna().all(axis=None)
    assert answer.rows["central"].tolist() == [1.0, 10.0]


def test_central_run_without_equilibrium_is_told() -> None:
    broken = replace(solved(), status=np.array([FAILED, SOLVED, SOLVED, SOLVED, SOLVED]))
    assert answer_of(COLUMNS, broken).central == "failed"


def test_columns_folded_one_by_one_are_those_folded_at_once() -> None:
    whole, found = answer_of(COLUMNS, solved()), solved()
    pieces = [
        answer_of(
            COLUMNS[i : i + 1], replace(found, level=found.level[:, i : i + 1], before=found.before[:, i : i + 1])
        )
        for i in range(2)
    ]
    assert joined(pieces).rows.equals(whole.rows)
    assert joined(pieces).columns == COLUMNS


def test_parts_join_with_one_central_run() -> None:
    found = solved()
    first = Solved(level=found.level[:3], before=found.before[:3], status=found.status[:3])
    rows = [0, 3, 4]
    second = Solved(level=found.level[rows], before=found.before[rows], status=found.status[rows])
    whole = first.joined((second,))
    np.testing.assert_array_equal(whole.level, found.level)
    np.testing.assert_array_equal(whole.status, found.status)


def test_axis_names_make_columns_and_no_two_the_same() -> None:
    axes = [
        Axis(label="Duty on all", unit="%", numeric=True),
        Axis(label="Offer (a year)", unit="Mt/yr", numeric=True),
        Axis(label="duty ON all", unit="%", numeric=True),
    ]
    assert axis_columns(axes) == ("duty_on_all_percent", "offer_a_year_Mt_yr", "duty_on_all_percent_3")


def test_table_tells_where_each_row_lies() -> None:
    axes = (Axis(label="Offer", unit="Mt/yr", numeric=True), Axis(label="Sanctions", unit="", numeric=False))
    points = [
        Point(scenario="s", settings=f"x={i}", baseline_settings="", words=(f"{i} Mt/yr", "on"), numbers=(i, np.nan))
        for i in (1.0, 2.0)
    ]
    rows, about = sweep_table(axes, points, [answer_of(COLUMNS, solved())] * 2)
    assert rows["offer_Mt_yr"].tolist() == [1.0, 1.0, 2.0, 2.0]
    assert set(rows["sanctions"]) == {"on"}
    assert about["solved"].tolist() == [3, 3]


def dear(tasks: Sequence[Task]) -> list[Cost]:
    """Three seconds a task, one of them for its baseline."""
    return [Cost(both=3.0, alone=2.0, memory=5 * 10**9) for _ in tasks]


def test_effort_counts_equilibria_and_scales_with_the_draws() -> None:
    case = lifted("consumption.metal.C.2027")
    todo = [Part(before=before, point=0, count=10) for before in (0, 10)]
    effort = effort_of(todo, [case], 1, jobs=1, draws=20, costs=dear)
    # two parts of 10 draws and the central run, four years each, in scenario and baseline
    assert effort.equilibria == 2 * 11 * 4 * 2
    assert (effort.points, effort.parts, effort.draws) == (1, 2, 20)
    assert effort.cpu_seconds == pytest.approx(2 * 3.0, abs=0.1)
    assert effort.memory == 5 * 10**9
    assert effort_of([], [case], 1, jobs=1, draws=20).parts == 0


def test_cost_is_measured_in_a_process_of_its_own() -> None:
    case = lifted("consumption.metal.C.2027")
    (cost,) = costs_of([task_of(Part(before=0, point=0, count=10), case, 1)])
    assert cost.both > cost.alone > 0
    assert 10**7 < cost.memory < 10**10


def test_baseline_counts_once_for_the_points_that_share_it() -> None:
    case = lifted("consumption.metal.C.2027")
    todo = [Part(before=0, point=point, count=10) for point in range(3)]
    effort = effort_of(todo, [case] * 3, 1, jobs=1, draws=10, costs=dear)
    assert effort.equilibria == (3 + 1) * 11 * 4
