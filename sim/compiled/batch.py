"""The equilibria of a batch of draws by compiled loops, one draw after the other."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.extending import register_jitable

from sim.compiled.newton import solve
from sim.compiled.position import DERIVED, FINAL, FLOW, MARKET_PRICE, OUTPUT, PRICE, SHARE, Place, new_place
from sim.compiled.rows import ASSET, BUYER, GOOD, ORIGIN, SERVED, STOCKPILE, Given, Rows, live_rows_of
from sim.core.equilibrium import Equilibrium, State
from sim.core.market import Market
from sim.quantity import Array, Index, Mask

DIGITS = 16  # hexadecimal, of the mark of the equations


class Found(NamedTuple):
    """Arrays that are filled draw by draw: those of ``core.equilibrium.State``, and how it went."""

    price: Array
    wedge: Array
    delivered: Array
    share: Array
    market_price: Array
    output: Array
    final_use: Array
    derived_use: Array
    flow: Array
    bound_flow: Array
    released: Array
    converged: Mask
    residual: Array


def solve_draws(given: Given, price: Array, wedge: Array, found: Found) -> None:
    """Solve every draw from a first guess of prices (n, c, o) and wedges (n, b)."""
    for i in range(len(price)):
        rows = live_rows_of(given, i)
        at = new_place(rows)
        prices = at.price.shape[1]
        unknowns = _first_guess(rows, price[i], wedge[i])
        found.converged[i] = solve(rows, at, unknowns)
        found.residual[i] = np.abs(at.residual).max() if len(unknowns) else 0.0
        _write_prices(
            rows, at.price[PRICE], price[i], given.slope[i], given.intercept[i], found.price[i], found.delivered[i]
        )
        _write_markets(rows, at, found.market_price[i], found.final_use[i], found.derived_use[i])
        _write_routes(rows, at.route, found.share[i], found.flow[i])
        _write_others(rows, at, found.output[i], found.released[i])
        for b in range(len(rows.bound)):
            found.wedge[i, rows.bound[b]] = unknowns[prices + b]
        _write_bounds(
            given.bound_start, given.bound_at, found.wedge[i], found.flow[i], found.bound_flow[i], found.delivered[i]
        )


@register_jitable
def _first_guess(rows: Rows, price: Array, wedge: Array) -> Array:
    """Log prices of live origins, then the wedges of live bounds."""
    prices = rows.first[-1]
    unknowns = np.empty(prices + len(rows.bound))
    for c in range(rows.place.shape[0]):
        for o in range(rows.place.shape[1]):
            if rows.place[c, o] >= 0:
                unknowns[rows.place[c, o]] = np.log(price[c, o])
    for b in range(len(rows.bound)):
        unknowns[prices + b] = wedge[rows.bound[b]]
    return unknowns


@register_jitable
def _write_prices(
    rows: Rows, found: Array, guess: Array, slope: Array, intercept: Array, price: Array, delivered: Array
) -> None:
    """Producer prices (c, o), of dead origins as guessed, and delivered prices before rents (c, o, d)."""
    for c in range(len(price)):
        for o in range(price.shape[1]):
            k = rows.place[c, o]
            price[c, o] = guess[c, o] if k < 0 else found[k]
            to, rise, base = delivered[c, o], slope[c, o], intercept[c, o]
            for d in range(len(to)):
                to[d] = rise[d] * price[c, o] + base[d]


@register_jitable
def _write_markets(rows: Rows, at: Place, price: Array, final: Array, derived: Array) -> None:
    for m in range(rows.market.shape[1]):
        c, d = rows.market[GOOD, m], rows.market[BUYER, m]
        price[c, d], final[c, d], derived[c, d] = at.market[MARKET_PRICE, m], at.market[FINAL, m], at.market[DERIVED, m]


@register_jitable
def _write_routes(rows: Rows, route: Array, share: Array, flow: Array) -> None:
    origin, start = rows.route[ORIGIN], rows.start
    for m in range(rows.market.shape[1]):
        c, d = rows.market[GOOD, m], rows.market[BUYER, m]
        for r in range(start[m], start[m + 1]):
            share[c, origin[r], d], flow[c, origin[r], d] = route[SHARE, r], route[FLOW, r]


@register_jitable
def _write_others(rows: Rows, at: Place, output: Array, released: Array) -> None:
    for a in range(rows.asset.shape[1]):
        output[rows.asset[ASSET, a]] = at.asset[OUTPUT, a]
    for s in range(len(at.released)):
        released[rows.stock[STOCKPILE, s], rows.market[BUYER, rows.stock[SERVED, s]]] = at.released[s]


@register_jitable
def _write_bounds(start: Index, at: Index, wedge: Array, flow: Array, bound_flow: Array, delivered: Array) -> None:
    """Flows over the routes of bounds, and their delivered prices with the rents (eq. 7)."""
    for b in range(len(wedge)):
        raised = np.exp(wedge[b])
        for k in range(start[b], start[b + 1]):
            c, o, d = at[0, k], at[1, k], at[2, k]
            bound_flow[b] += flow[c, o, d]
            delivered[c, o, d] *= raised


def _compiled() -> Callable[[Given, Array, Array, Found], None]:
    """The compiled loops; kept beside the source under a name that changes with any equation."""
    here = Path(__file__).parent
    sources = sorted([*here.glob("*.py"), *(here.parent / "core").glob("*.py")])
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:DIGITS]
    folder = here / "__pycache__" / mark
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # nowhere to keep it: it is compiled anew each time
        keep = False
    else:
        keep = os.access(folder, os.W_OK)
        setattr(numba.config, "CACHE_DIR", str(folder))  # noqa: B010 - numba makes its settings by name
    # FMA where the processor has it: numbers differ from numpy's in the last digits as they do without
    compile_it: Any = numba.njit(nogil=True, cache=keep, error_model="numpy", fastmath={"contract"})
    compiled: Callable[[Given, Array, Array, Found], None] = compile_it(solve_draws)
    return compiled


_solve_draws = _compiled()

# axes of the fields of a market: draws, assets, goods, origins, destinations, bounds, stockpiles
_AXES = {
    **dict.fromkeys(("good", "origin", "region", "input_good", "unbounded"), "a"),
    **dict.fromkeys(("input_ratio", "capacity", "break_even", "steepness"), "na"),
    **dict.fromkeys(("use_at_one", "log_benchmark", "kept", "live_destination"), "ncd"),
    **dict.fromkeys(("demand_elasticity", "elasticity", "elasticity_short"), "nc"),
    **dict.fromkeys(("contestable", "contract", "slope", "intercept", "take_or_pay"), "ncod"),
    "stock_good": "s",
    "stock_room": "nsd",
    "stock_trigger": "ns",
    "live_origin": "nco",
    "in_value": "c",
    "routes": "bcod",
    "log_low": "nb",
    "log_high": "nb",
    "live_bound": "nb",
}
_INDICES = ("good", "origin", "region", "input_good", "stock_good")
_MASKS = ("unbounded", "in_value", "live_origin", "live_destination", "live_bound")


def load() -> None:
    """Have the loops ready, read from where they are kept or compiled anew: a market without draws is solved."""
    kinds = dict.fromkeys(_INDICES, np.int64) | dict.fromkeys(_MASKS, np.bool_)
    nothing: dict[str, Any] = {
        name: np.zeros([0] * len(axes), dtype=kinds.get(name, np.float64)) for name, axes in _AXES.items()
    }
    solve_compiled(Market(**nothing), np.zeros((0, 0, 0)), np.zeros((0, 0)))


def _fixed(array: Any) -> Any:
    """An array in one piece that cannot be written to: of any other kind the loops would be compiled anew."""
    whole = np.ascontiguousarray(array).view()
    whole.flags.writeable = False
    return whole


def solve_compiled(market: Market, price: Array, wedge: Array) -> Equilibrium:
    """Equilibrium of a market from a first guess, as ``core.equilibrium.solve`` finds it when it is not patient."""
    n, goods, origins, buyers = market.slope.shape
    at = np.nonzero(market.routes)
    given = Given._make(
        (
            *(_fixed(getattr(market, name)) for name in Given._fields[:-2]),
            _fixed(np.searchsorted(at[0], np.arange(len(market.routes) + 1))),
            _fixed(np.stack(at[1:])),
        )
    )
    found = Found(
        price=np.empty((n, goods, origins)),
        wedge=np.zeros((n, len(market.routes))),
        delivered=np.empty_like(given.slope),
        share=np.zeros_like(given.slope),
        market_price=np.ones((n, goods, buyers)),
        output=np.zeros_like(given.capacity),
        final_use=np.zeros((n, goods, buyers)),
        derived_use=np.zeros((n, goods, buyers)),
        flow=np.zeros_like(given.slope),
        bound_flow=np.zeros((n, len(market.routes))),
        released=np.zeros_like(given.stock_room),
        converged=np.zeros(n, dtype=bool),
        residual=np.zeros(n),
    )
    _solve_draws(given, _fixed(price), _fixed(wedge), found)
    return Equilibrium(
        state=State(**{name: getattr(found, name) for name in State.__annotations__}),
        converged=found.converged,
        residual=found.residual,
    )
