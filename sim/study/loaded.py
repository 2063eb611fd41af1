"""Loads the engine where it is imported: before workers are forked, so that each of them has it."""

from __future__ import annotations

from contextlib import suppress

from sim.engine import load
from sim.errors import ScenarioError

with suppress(ScenarioError):  # an engine that is not here is told by who asked for the work
    load()
