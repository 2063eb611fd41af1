"""The scenarios of the project, read once for all tests that look at them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sim.records.scenario import Scenario
from sim.study.assumptions import shipped_scenarios

ROOT = Path(__file__).parents[1]


@cache
def shipped() -> tuple[Scenario, ...]:
    """Every scenario, resolved; nobody changes them, they are frozen."""
    return shipped_scenarios(ROOT)
