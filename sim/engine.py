"""Which engine finds an equilibrium first: compiled loops where they are installed, numpy otherwise."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec

from sim.core.equilibrium import Equilibrium, solve
from sim.core.market import Market
from sim.errors import ScenarioError
from sim.quantity import Array

CHOICE = "ENGINE"  # variable of the environment: "numpy" leaves the compiled loops alone
NUMPY, NUMBA = "numpy", "numba"
SHOWN = 40  # characters of a choice that is none


def first_attempt(market: Market, price: Array, wedge: Array) -> Equilibrium:
    """Equilibrium of a market from a first guess of producer prices (n, c, o) and wedges (n, b).

    Both engines solve the same equations by the same steps and differ in the last digits. The compiled one leaves
    the second forms of sourcing and supply, and all further attempts, to the other.
    """
    compiled = _compiled()
    if compiled is None or market.in_value.any() or market.unbounded.any():
        return solve(market, price, wedge)
    return compiled(market, price, wedge)


def engine_told() -> str:
    """The engine with its version, as results tell it."""
    name = NUMBA if _wanted() else NUMPY
    return f"{name} {version(name)}"


def _wanted() -> bool:
    """Whether the compiled loops are to be used; ScenarioError for an engine that is not here."""
    choice = os.environ.get(CHOICE, "")
    if choice not in ("", NUMPY, NUMBA):
        raise ScenarioError(f"ENGINE: no engine {choice[:SHOWN]!r}; there are {NUMPY} and {NUMBA}")
    here = find_spec(NUMBA) is not None
    if choice == NUMBA and not here:
        raise ScenarioError("ENGINE: numba is not installed: `make fast` adds it")
    return here and choice != NUMPY


def load() -> None:
    """Load the engine, which is slow, before it is wanted."""
    if _compiled() is not None:
        from sim.compiled import batch

        batch.load()


@cache
def _compiled() -> Callable[[Market, Array, Array], Equilibrium] | None:
    if not _wanted():
        return None
    from sim.compiled.batch import solve_compiled  # slow to load

    return solve_compiled
