"""A backtest in words, tables and figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.output.backtest_tables import backtest_files
from sim.output.backtest_text import (
    backtest_answer,
    cited_table,
    episodes_text,
    factors_table,
    largest_misses,
    markets_table,
    out_of_sample_table,
    place_of,
    skill_table,
)
from sim.output.plots.backtest import finding, points, predicted_against_observed
from sim.output.plots.style import png_bytes, svg_bytes
from sim.records.backtest import SHOCKED, WEIGHTED, Compared, Episode, Estimate, Factor, Observation, OutOfSample
from sim.records.world import Source
from sim.study.skill import skills_by_market, skills_of

NAN = float("nan")


def row(quantity: str, base: float, value: float, model: float, partner: str = "Canada", year: int = 2018) -> Compared:
    region = {"supply": "", "price": "World"}.get(quantity, "US")
    return Compared(
        observed=Observation(
            quantity=quantity,
            good="aluminium",
            region=region,
            partner="" if quantity == "price" else partner,
            year=year,
            value=value,
            unit="1",
            source="customs",
        ),
        base=base,
        model_base=base,
        model=model,
        low=0.9 * model,
        median=model,
        high=1.2 * model,
        alternatives={"no_change": base, "trend": base, "proportional": value, "gsim": 1.1 * base},
    )


ROWS = (
    row("import_share", 0.50, 0.60, 0.58),
    row("import_share", 0.20, 0.05, 0.10, "South_Africa"),
    row("flow", 2000.0, 1200.0, 1900.0),
    row("flow", 500.0, 450.0, 440.0, "Gulf"),
    row("flow", 10.0, 0.0, NAN, "India"),
    row("supply", 700.0, 900.0, 750.0, "US"),
    row("price", 2000.0, 2500.0, 2400.0),
)


def episode(rows: tuple[Compared, ...] = ROWS, draws: int = 64) -> Episode:
    return Episode(
        name="duty_2018",
        title="A duty of 10 %",
        world="aluminium_2017",
        year=2017,
        draws=draws,
        solved=draws,
        infeasible=0,
        failed=0,
        rows=rows,
        skills=skills_of("duty_2018", rows, banded=draws > 0),
        weighted=(),
        shocked=(),
        by_market=skills_by_market("duty_2018", rows, banded=draws > 0),
        notices=("1 rows have no prediction",),
    )


ESTIMATES = tuple(
    Estimate(
        left_out=left,
        factors=(Factor(name="sourcing_elasticity", estimate=1.25, low=0.5, high=2.0),),
        loss_shipped=0.9,
        loss=0.85,
        scores=(OutOfSample(episode="duty_2018", quantity="flow", rows=3, shipped=0.1, estimated=-0.2),) * bool(left),
    )
    for left in ("duty_2018", "")
)


def test_answer_says_skill_and_what_is_missing() -> None:
    told = backtest_answer([episode()], ESTIMATES, 110)
    [flows] = [line for line in told.splitlines() if line.strip().startswith("flows")]
    assert flows.split()[:6] == ["flows", "3", "(1", "blank)", "850", "kt"]
    assert flows.split()[6:] == ["+16", "+16", "n/a", "+35", "50", "47", "n/a"]
    [shares] = [line for line in told.splitlines() if line.strip().startswith("import shares")]
    assert shares.split()[2:6] == ["2", "25.0", "points", "+72"]
    assert "duty_2018: 64 of 64 draws solved, 0 infeasible, 0 failed; 1 rows have no prediction." in told
    assert "1.25 (0.50-2.00)" in told
    assert max(map(len, told.splitlines())) <= 110


def test_answer_without_draws_has_no_coverage() -> None:
    told = backtest_answer([episode(draws=0)], (), 110)
    assert "duty_2018: the central run only; 1 rows" in told
    [supply] = [line for line in told.splitlines() if line.strip().startswith("supply")]
    assert supply.split()[-3:] == ["n/a"] * 3


def test_tables_of_the_page() -> None:
    given = episode()
    assert (
        "| [duty_2018](#duty_2018) | supply | 1 | 200 kt | +25 | +25 | n/a | -15 | 100 | n/a | n/a | n/a |"
        in skill_table([given])
    )
    assert "| duty_2018 | import shares | US | 2 | 25.0 points | +72 |" in markets_table([given])
    text = episodes_text([given], {"duty_2018": "picture.png"})
    assert "![Predicted against observed, duty_2018](picture.png)" in text
    assert "1 rows have no prediction.\n" in text
    line = "| flows: Canada to US | aluminium | 2018 | 2,000 kt | 1,200 kt | 1,900 kt | 1,710 kt to 2,280 kt |"
    assert f"{line} 1,200 kt | 2,200 kt |" in text
    sources = {"customs": Source(key="customs", title="Customs records", tier="statistic")}
    assert "| `customs` | statistic | Customs records |" in cited_table([given], sources)
    assert "| none: all episodes | 1.25 (0.50 to 2.00) | 0.900 | 0.850 |" in factors_table(ESTIMATES)
    assert out_of_sample_table(ESTIMATES).count("| duty_2018 | flows | 3 | +10 | -20 |") == 1


def test_skill_where_the_shock_acts_stands_beside_the_whole() -> None:
    given = episode()
    given = replace(given, shocked=(replace(given.skills[1], region=SHOCKED),))
    line = "| [duty_2018](#duty_2018) | flows where the shock acts | 3 (1 blank) | 850 kt | +16 |"
    assert line in skill_table([given])
    assert "flows where the shock acts" in backtest_answer([given], (), 140)
    assert "duty_2018,flow,where the shock acts,kt/yr,3," in backtest_files([given])["skill.csv"].decode()


def test_weighted_shares_stand_under_the_others_in_tonnes() -> None:
    given = episode()
    given = replace(given, weighted=(replace(given.skills[0], region=WEIGHTED, observed=850.0),))
    lines = skill_table([given]).splitlines()
    place = lines.index(next(line for line in lines if "| import shares, weighted by imports | 2 | 850 kt |" in line))
    assert "| import shares | 2 | 25.0 points |" in lines[place - 1]
    assert "duty_2018,import_share,weighted by imports,kt/yr,2," in backtest_files([given])["skill.csv"].decode()


def test_largest_misses_are_counted_within_their_quantity() -> None:
    found = [(each.observed.quantity, place_of(each)) for each in largest_misses(ROWS, 3)]
    assert found == [("flow", "Canada to US"), ("supply", "US"), ("import_share", "South Africa to US")]


def test_files_hold_every_row() -> None:
    files = backtest_files([episode()], ESTIMATES)
    assert sorted(files) == ["factors.csv", "out_of_sample.csv", "predicted.csv", "skill.csv"]
    rows = files["predicted.csv"].decode().splitlines()
    assert len(rows) == 1 + len(ROWS)
    assert "duty_2018,flow,aluminium,US,India,2018,1,10,0,10,,,,,,10,10,0,11,customs" in rows
    skills = files["skill.csv"].decode().splitlines()
    assert "duty_2018,price,,log,1,0,0.223143551," in "\n".join(skills)
    assert "duty_2018,flow,US,kt/yr,3,1,850," in "\n".join(skills)
    assert files["factors.csv"].decode().splitlines()[1:] == [
        "duty_2018,sourcing_elasticity,1.25,0.5,2,0.9,0.85",
        "none,sourcing_elasticity,1.25,0.5,2,0.9,0.85",
    ]
    assert sorted(backtest_files([episode()])) == ["predicted.csv", "skill.csv"]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("import_share", [[10.0, -15.0], [8.0, -10.0], [2.2, -11.0], [19.6, -8.0]]),
        ("price", [[25.0], [20.0], [8.0], [44.0]]),
        ("supply", [[200.0], [50.0], [-25.0], [200.0]]),
    ],
)
def test_points_are_changes_in_the_unit_of_the_panel(kind: str, wanted: list[list[float]]) -> None:
    np.testing.assert_allclose(points([each for each in ROWS if each.observed.quantity == kind]), wanted)


def test_figure_names_the_largest_misses_and_has_a_panel_for_each_quantity() -> None:
    figure = predicted_against_observed(episode())
    assert finding(episode()) == "Skill against no change: import shares +72 %, flows +16 %, supply +25 %, prices +82 %"
    assert [axes.get_ylabel() for axes in figure.axes] == [
        "predicted change, percentage points",
        *["predicted change, kt"] * 2,
        "predicted change, %",
    ]
    names = {text.get_text() for axes in figure.axes for text in axes.texts}
    assert {"Canada to US 2018", "Gulf to US 2018", "US 2018", "World 2018"} <= names
    assert not any("India" in name for name in names)  # it has no prediction
    for axes in figure.axes:
        assert axes.get_xlim() == axes.get_ylim()


def test_figure_is_the_same_twice_and_stands_without_draws() -> None:
    assert svg_bytes(predicted_against_observed(episode())) == svg_bytes(predicted_against_observed(episode()))
    bare = predicted_against_observed(episode(draws=0))
    assert len(bare.axes) == 4
    assert all(not axes.collections for axes in bare.axes)
    assert png_bytes(bare)[1:4] == b"PNG"


def test_figure_of_one_point_that_did_not_move() -> None:
    still = replace(row("flow", 10.0, 10.0, 10.0), low=10.0, high=10.0)
    figure = predicted_against_observed(episode((still,)))
    assert figure.get_label() == "Skill against no change: nothing observed had changed"
    assert len(figure.axes) == 1
