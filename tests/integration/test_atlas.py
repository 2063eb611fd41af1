"""Two cells of the shipped disruption atlas, solved by the plain implementation and finished by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sim.assemble.draws import Draws
from sim.inputs.resolve import load_scenario
from sim.inputs.sweep import read_sweep
from sim.study.atlas import LOST, PRICE, SURPLUS, disrupted
from sim.study.case import Case, solve_case
from sim.study.world import build_world
from tests.plain.simulate import simulate_draw

ROOT = Path(__file__).parents[2]
CELLS = (
    ("aluminium", "Gulf", 1.0, "US"),
    pytest.param("rare_earth_oxide", "China", 0.5, "Japan", marks=pytest.mark.campaign),
)


@cache
def case(good: str, exporter: str, cut: float) -> Case:
    """The shipped disruption of a baseline, with one cut."""
    shipped = read_sweep(ROOT, "disruption_atlas").disrupt
    assert shipped is not None
    scenario = load_scenario("baseline", ROOT)
    world = build_world(ROOT / "scenarios" / "worlds" / scenario.world)
    points, cases = disrupted(replace(shipped, cuts=(cut,), goods=(good,)), scenario, scenario, world)
    return next(each for point, each in zip(points, cases, strict=True) if point.words[1] == exporter)


@pytest.mark.parametrize(("good", "exporter", "cut", "importer"), CELLS)
def test_cell_of_the_atlas_is_what_a_plain_solution_gives(good: str, exporter: str, cut: float, importer: str) -> None:
    disruption = case(good, exporter, cut)
    found = solve_case(disruption, Draws(seed=1, count=0))
    level = {column.key: value for column, value in zip(disruption.columns, found.level[0], strict=True)}
    params, base_params = disruption.params(Draws(seed=1, count=0))
    shocked, before = simulate_draw(params, 0)[-1], simulate_draw(base_params, 0)[-1]
    c, d, o = params.goods.index(good), params.regions.index(importer), params.regions.index(exporter)
    used, use = (float(run.final_use[c, d] + run.derived_use[c, d]) for run in (shocked, before))
    assert level[LOST, good, importer, ""] == pytest.approx(use - used, rel=1e-7)
    price, price_before = float(shocked.market_price[c, d]), float(before.market_price[c, d])
    assert level[PRICE, good, importer, ""] == pytest.approx(price / price_before, rel=1e-8)
    # demand of the year with the same memory of prices in both runs: F = F0 (P / P0) ** -e; minus its integral
    e = float(params.demand.elasticity[0, c])
    whole = before.final_use[c, d] * price_before / (1 - e) * ((price / price_before) ** (1 - e) - 1)
    assert level[SURPLUS, good, importer, ""] == pytest.approx(-whole / 1000, rel=1e-6)  # kt times USD/t in M USD
    # what is left of the exports is a share of those of the year before
    abroad = [float(run.flow[c, o].sum() - run.flow[c, o, o]) for run in (shocked, simulate_draw(params, 0)[-2])]
    assert abroad[0] == pytest.approx((1 - cut) * abroad[1], rel=1e-7, abs=1e-9)


def test_page_tells_the_cell_as_it_is_solved() -> None:
    good, exporter, cut, importer = CELLS[0]
    disruption = case(good, exporter, cut)
    found = solve_case(disruption, Draws(seed=1, count=0))
    level = {column.key: value for column, value in zip(disruption.columns, found.level[0], strict=True)}
    full = (ROOT / "docs" / "atlas.md").read_text().partition("<!-- table: full -->")[2]
    row = re.search(
        r"^\| aluminium \| United States \| Gulf states \| ([\d,]+) \| \+([\d.]+) \(", full, flags=re.MULTILINE
    )
    assert row is not None
    assert float(row[2]) == pytest.approx(100 * (level[PRICE, good, importer, ""] - 1), abs=0.051)
    assert float(row[1].replace(",", "")) == pytest.approx(-level[SURPLUS, good, importer, ""], rel=1e-3, abs=6)
