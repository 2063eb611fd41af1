"""The plain implementation on the scenarios as they are shipped: the same prices and tonnes to 1e-8."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.inputs.resolve import load_scenario
from sim.model import simulate
from sim.records.params import Params
from sim.records.trajectory import SOLVED
from sim.study.scope import touched_goods, within
from sim.study.world import build_world
from tests.plain.simulate import simulate_draw
from tests.property.agreement import TOLERANCE, differences

ROOT = Path(__file__).parents[2]
SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("*.yaml"))
# one of each mechanism; the others are for the campaign
QUICK = ("two_million_delivered", "joint_extraction_processing", "stockpile_against_ban")
QUICK_YEARS = 6  # the benchmark year and five more: the first shocks and what they leave behind
SEED = 7


def shipped(name: str, years: int | None, draws: int) -> Params:
    """The scenario on the goods it touches, as a run has it: the central run and some draws."""
    scenario, baseline = load_scenario(name, ROOT), load_scenario("baseline", ROOT)
    if years is not None:
        last = scenario.years.first + years - 2
        scenario = replace(scenario, years=replace(scenario.years, last=last, focus=last))
    baseline = replace(baseline, years=scenario.years)
    world = build_world(ROOT / "scenarios" / "worlds" / scenario.world)
    goods = touched_goods(scenario, baseline, world)
    sample = Draws(seed=SEED, count=draws)
    return build_params(within(scenario, goods, world), within(baseline, goods, world), world.cut(goods), sample)


def assert_same(params: Params, draws: list[int]) -> None:
    found = simulate(params)
    for draw in draws:
        assert found.status[draw] == SOLVED, found.reasons[draw]
        plain = simulate_draw(params, draw)
        assert len(plain) == len(params.years)
        apart = {k: gap for k, gap in differences(params, found, draw, plain).items() if not gap <= TOLERANCE}
        assert not apart, f"draw {draw}: {apart}"


@pytest.mark.parametrize("name", QUICK)
def test_plain_implementation_finds_the_first_years_of_the_central_run(name: str) -> None:
    assert_same(shipped(name, QUICK_YEARS, draws=0), [0])


@pytest.mark.campaign
@pytest.mark.parametrize("name", SCENARIOS)
def test_plain_implementation_finds_all_years_of_the_central_run_and_of_draws(name: str) -> None:
    assert_same(shipped(name, None, draws=3), [0, 1, 3])
