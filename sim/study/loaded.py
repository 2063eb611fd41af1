"""Loads the engine where it is imported: before workers are forked, so that each of them has it."""

from __future__ import annotations

from sim.engine import load

load()
