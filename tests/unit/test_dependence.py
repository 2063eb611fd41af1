"""What a country has a part in at any stage, counted by hand on two stages and three countries."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.dependence import Dependence, stages

MINE, PLANT = 0, 1
CHINA, MALAYSIA, US = 0, 1, 2


@pytest.fixture
def chain() -> tuple[Any, Any]:
    """Ore goes from China and the US to the plants of China and Malaysia, oxide from both plants to the US."""
    flow = np.zeros((1, 1, 2, 3, 3))
    flow[0, 0, MINE, CHINA, CHINA] = 60.0
    flow[0, 0, MINE, US, CHINA] = 40.0
    flow[0, 0, MINE, CHINA, MALAYSIA] = 5.0
    flow[0, 0, MINE, US, MALAYSIA] = 15.0
    flow[0, 0, PLANT, CHINA, US] = 30.0
    flow[0, 0, PLANT, MALAYSIA, US] = 20.0
    flow[0, 0, PLANT, US, US] = 50.0
    technology = SimpleNamespace(good=[MINE, MINE, PLANT, PLANT], input_good=[-1, -1, MINE, MINE])
    params = SimpleNamespace(technology=technology, goods=("ore", "oxide"))
    return params, SimpleNamespace(flow=flow, producer_price=np.ones((1, 1, 2, 3)))


def test_the_stage_after_a_mine_is_made_from_its_ore(chain: tuple[Any, Any]) -> None:
    assert stages(chain[0]) == {PLANT: MINE}


def test_own_output_counts_whole_and_that_of_others_by_their_ore(chain: tuple[Any, Any]) -> None:
    touched = Dependence(*chain).output(CHINA)[0, 0]
    np.testing.assert_allclose(touched[PLANT], [1.0, 5.0 / 20.0, 0.0])
    np.testing.assert_allclose(touched[MINE], [1.0, 0.0, 0.0])


def test_american_ore_separated_in_china_comes_back_as_chinese(chain: tuple[Any, Any]) -> None:
    supply = Dependence(*chain).supply(CHINA, PLANT)[0, 0, US]
    imports = Dependence(*chain).imports(CHINA, PLANT)[0, 0, US]
    assert supply == pytest.approx((30.0 + 20.0 * 0.25) / 100.0)
    assert imports == pytest.approx((30.0 + 20.0 * 0.25) / 50.0)


def test_a_market_that_gets_nothing_depends_on_nobody(chain: tuple[Any, Any]) -> None:
    assert Dependence(*chain).supply(CHINA, PLANT)[0, 0, CHINA] == 0.0
