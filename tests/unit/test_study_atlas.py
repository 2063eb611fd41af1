from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.assemble.draws import Draws
from sim.errors import ScenarioError
from sim.records.scenario import Place
from sim.records.sweep import EACH, Disruption
from sim.study.atlas import NAME, Atlas, atlas_of, cut_off, disrupted, exporters
from sim.study.case import solve_case
from sim.study.sweep import answer_of
from tests.study_samples import chain_world, measure, metal_world, number, scenario

AT = Place(file="scenarios/sweeps/s.yaml", line=5, column=1)
HALF = Disruption(year=2026, cuts=(0.5, 1.0), goods=(EACH,), place=AT)


def baseline():
    drawn = {"supply_elasticity.metal.default": number(low=0.3, high=0.9)}
    return scenario(name="baseline", parameters=drawn)


def atlas(draws: int = 4) -> Atlas:
    points, cases = disrupted(HALF, baseline(), baseline(), metal_world())
    answers = [answer_of(case.columns, solve_case(case, Draws(seed=2, count=draws))) for case in cases]
    return atlas_of(points, answers, metal_world())


def test_every_exporter_of_every_good_is_cut_by_every_cut() -> None:
    points, cases = disrupted(HALF, baseline(), baseline(), metal_world())
    assert exporters(metal_world(), "metal") == ("A", "B")
    assert [point.words for point in points] == [
        ("metal", exporter, cut) for exporter in ("A", "B") for cut in ("50 %", "100 %")
    ]
    assert [case.scenario.measures[NAME].origins for case in cases] == [("A",), ("A",), ("B",), ("B",)]
    assert all(NAME not in case.baseline.measures for case in cases)


def test_cut_is_a_share_of_what_each_draw_sold_abroad_the_year_before() -> None:
    _, cases = disrupted(HALF, baseline(), baseline(), metal_world())
    from sim.model import simulate

    params, _ = cases[0].params(Draws(seed=2, count=4))
    run = simulate(params)
    abroad = run.flow[:, :, 0, 0, 1] + run.flow[:, :, 0, 0, 2]
    np.testing.assert_allclose(abroad[:, 2], 0.5 * abroad[:, 1], rtol=1e-9)
    params, _ = cases[1].params(Draws(seed=2, count=4))
    np.testing.assert_array_equal(simulate(params).flow[:, 2, 0, 0, 1:], 0.0)


def test_cells_are_losses_against_the_baseline_by_hand() -> None:
    cells = atlas().cells.set_index(["exporter", "cut_percent", "importer"])
    row = cells.loc[("A", 100.0, "C")]
    assert row["use_before_kt"] > 0
    assert row["lost_percent"] == pytest.approx(100 * row["lost_kt"] / row["use_before_kt"])
    # memory of prices is the same in both runs in the year of the shock: F = F0 (P / P0) ** -e, and minus its
    # integral over the price is what buyers lose
    e = 0.2
    ratio = 1 + row["price_percent"] / 100
    assert row["lost_kt"] == pytest.approx(row["use_before_kt"] * (1 - ratio**-e), rel=1e-9)
    assert ("A", 100.0, "A") not in cells.index
    assert ("A", 100.0, "World") in cells.index


def test_larger_cut_takes_more_from_every_importer() -> None:
    cells = atlas().cells.set_index(["exporter", "importer", "cut_percent"])
    for exporter, importer in {(a, b) for a, b, _ in cells.index}:
        half, whole = (cells.loc[(exporter, importer, cut)] for cut in (50.0, 100.0))
        assert whole["lost_kt"] > half["lost_kt"]


def test_ranking_is_by_the_mean_over_cuts_and_draws() -> None:
    found = atlas()
    ranking = found.ranking
    first = ranking.iloc[0]
    mine = found.cells[(found.cells["exporter"] == first["exporter"]) & (found.cells["importer"] == first["importer"])]
    assert len(mine) == 2
    assert first["expected_surplus_lost_m_usd"] == pytest.approx(mine["surplus_lost_m_usd_mean"].mean())
    told = ranking["expected_surplus_lost_m_usd"].dropna()
    assert told.is_monotonic_decreasing
    assert ranking["rank"].tolist() == list(range(1, len(ranking) + 1))


def test_what_is_made_from_a_good_is_hit_as_well() -> None:
    drawn = scenario(name="baseline", goods=("ore", "metal"), parameters={"freight.ore.default": 5.0})
    points, cases = disrupted(replace(HALF, goods=("ore",)), drawn, drawn, chain_world())
    assert {point.words[:2] for point in points} == {("ore", "A")}
    answers = [answer_of(case.columns, solve_case(case, Draws(seed=2, count=0))) for case in cases]
    found = atlas_of(points, answers, chain_world())
    assert found.finals == ("metal",)
    cells = found.cells
    metal = cells[(cells["good"] == "metal") & (cells["importer"] == "B")]
    assert (metal["lost_kt"] > 0).all()


@pytest.mark.parametrize(
    ("changed", "given", "fault"),
    [
        ({"goods": ("metl",)}, baseline(), "unknown good metl; nearest is metal"),
        ({"year": 2040}, baseline(), "no year 2040: baseline goes from 2025 to 2027"),
        ({}, scenario(measure("ban", NAME, origins=["A"], destinations=["C"])), "has a measure called disruption"),
    ],
)
def test_disruption_at_fault_is_told_with_its_place(changed: dict, given: object, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault) as caught:
        disrupted(replace(HALF, **changed), given, baseline(), metal_world())
    assert str(caught.value).startswith("scenarios/sweeps/s.yaml:5:1: ")


def test_whole_cut_is_a_closed_route_and_a_part_leaks() -> None:
    assert cut_off("metal", "A", 1.0, HALF, metal_world()).numbers == {}
    assert cut_off("metal", "A", 0.3, HALF, metal_world()).numbers["leakage"].value == pytest.approx(0.7)
