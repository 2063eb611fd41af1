"""On which footing a number is told."""

from __future__ import annotations

LEVEL, DIFFERENCE = "level", "difference"  # of the scenario, and of the scenario from its baseline
