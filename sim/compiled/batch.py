"""The equilibria of a batch of draws by compiled loops, one draw after the other."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
from numba.extending import register_jitable

from sim.compiled.newton import largest, new_space, solve
from sim.compiled.position import DERIVED, FINAL, FLOW, MARKET_PRICE, OUTPUT, PRICE, SHARE, Place, new_place
from sim.compiled.rows import ASSET, BUYER, GOOD, PAIR, SERVED, STOCKPILE, Given, Rows, as_in, fill, live_rows_of
from sim.core.equilibrium import Equilibrium, State
from sim.core.market import Market
from sim.quantity import Array, Index, Mask

DIGITS = 16  # hexadecimal, of the mark of the equations


class Found(NamedTuple):
    """Arrays that are filled draw by draw: those of ``core.equilibrium.State``, and how it went; axes as in Given."""

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
    """Solve every draw from a first guess of prices (n, c * o) and wedges (n, b)."""
    if len(price) == 0:
        return
    buyers = given.live_destination.shape[1] // given.elasticity.shape[1]
    rows = live_rows_of(given, 0)
    at, space = new_place(rows), new_space(rows.first[-1] + len(rows.bound))
    for i in range(len(price)):
        # most draws have the live rows of the one before
        if i > 0 and not as_in(given, i, i - 1, rows.usable):
            rows = live_rows_of(given, i)
            at, space = new_place(rows), new_space(rows.first[-1] + len(rows.bound))
        fill(given, i, rows)
        prices = at.price.shape[1]
        unknowns = _first_guess(rows, price[i], wedge[i])
        found.converged[i] = solve(rows, at, space, unknowns)
        found.residual[i] = largest(at.residual)
        _write_prices(
            rows.place,
            at.price[PRICE],
            price[i],
            given.slope[i],
            given.intercept[i],
            found.price[i],
            found.delivered[i],
        )
        _write_markets(rows, at.market, found.market_price[i], found.final_use[i], found.derived_use[i])
        _write_routes(rows.route[PAIR], at.route, found.share[i], found.flow[i])
        _write_others(rows, at, buyers, found.output[i], found.released[i])
        for b in range(len(rows.bound)):
            found.wedge[i, rows.bound[b]] = unknowns[prices + b]
        _write_bounds(
            given.bound_start, given.bound_pair, found.wedge[i], found.flow[i], found.bound_flow[i], found.delivered[i]
        )


@register_jitable
def _first_guess(rows: Rows, price: Array, wedge: Array) -> Array:
    """Log prices of live origins, then the wedges of live bounds."""
    prices = rows.first[-1]
    unknowns = np.empty(prices + len(rows.bound))
    for k in range(len(rows.place)):
        if rows.place[k] >= 0:
            unknowns[rows.place[k]] = np.log(price[k])
    for b in range(len(rows.bound)):
        unknowns[prices + b] = wedge[rows.bound[b]]
    return unknowns


@register_jitable
def _write_prices(
    place: Index, found: Array, guess: Array, slope: Array, intercept: Array, price: Array, delivered: Array
) -> None:
    """Producer prices (c * o,), of dead origins as guessed, and delivered prices before rents (c * o * d,)."""
    buyers = len(slope) // len(place)
    for k in range(len(place)):
        price[k] = guess[k] if place[k] < 0 else found[place[k]]
        of_one = slice(k * buyers, (k + 1) * buyers)
        to, rise, base = delivered[of_one], slope[of_one], intercept[of_one]
        for d in range(len(to)):
            to[d] = rise[d] * price[k] + base[d]


@register_jitable
def _write_markets(rows: Rows, market: Array, price: Array, final: Array, derived: Array) -> None:
    buyers = len(price) // (len(rows.first) - 1)
    for m in range(market.shape[1]):
        k = rows.market[GOOD, m] * buyers + rows.market[BUYER, m]
        price[k], final[k], derived[k] = market[MARKET_PRICE, m], market[FINAL, m], market[DERIVED, m]


@register_jitable
def _write_routes(pair: Index, route: Array, share: Array, flow: Array) -> None:
    for r in range(len(pair)):
        share[pair[r]], flow[pair[r]] = route[SHARE, r], route[FLOW, r]


@register_jitable
def _write_others(rows: Rows, at: Place, buyers: int, output: Array, released: Array) -> None:
    for a in range(rows.asset.shape[1]):
        output[rows.asset[ASSET, a]] = at.asset[OUTPUT, a]
    for s in range(len(at.released)):
        released[rows.stock[STOCKPILE, s] * buyers + rows.market[BUYER, rows.stock[SERVED, s]]] = at.released[s]


@register_jitable
def _write_bounds(start: Index, pair: Index, wedge: Array, flow: Array, bound_flow: Array, delivered: Array) -> None:
    """Flows over the routes of bounds, and their delivered prices with the rents (eq. 7)."""
    for b in range(len(wedge)):
        raised = np.exp(wedge[b])
        for k in range(start[b], start[b + 1]):
            bound_flow[b] += flow[pair[k]]
            delivered[pair[k]] *= raised


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


def _laid_out(array: Any) -> Any:
    """The same with its axes after that of draws laid end to end."""
    return _fixed(np.ascontiguousarray(array).reshape(len(array), math.prod(array.shape[1:])))


def solve_compiled(market: Market, price: Array, wedge: Array) -> Equilibrium:
    """Equilibrium of a market from a first guess, as ``core.equilibrium.solve`` finds it when it is not patient."""
    n, goods, origins, buyers = market.slope.shape
    bounds, pairs = np.nonzero(market.routes.reshape(len(market.routes), goods * origins * buyers))
    plain = (getattr(market, name) for name in Given._fields[:-2])
    given = Given._make(
        (
            *(_fixed(array) if array.ndim == 1 else _laid_out(array) for array in plain),
            _fixed(np.searchsorted(bounds, np.arange(len(market.routes) + 1))),
            _fixed(pairs),
        )
    )
    state = State(
        price=np.empty((n, goods, origins)),
        wedge=np.zeros((n, len(market.routes))),
        delivered=np.empty(market.slope.shape),
        share=np.zeros(market.slope.shape),
        market_price=np.ones((n, goods, buyers)),
        output=np.zeros(market.capacity.shape),
        final_use=np.zeros((n, goods, buyers)),
        derived_use=np.zeros((n, goods, buyers)),
        flow=np.zeros(market.slope.shape),
        bound_flow=np.zeros((n, len(market.routes))),
        released=np.zeros(market.stock_room.shape),
    )
    converged, residual = np.zeros(n, dtype=bool), np.zeros(n)
    found = Found(
        **{name: array.reshape(n, math.prod(array.shape[1:])) for name, array in vars(state).items()},
        converged=converged,
        residual=residual,
    )
    _solve_draws(given, _laid_out(price), _fixed(wedge), found)
    return Equilibrium(state=state, converged=converged, residual=residual)
