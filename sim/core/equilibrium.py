"""The equilibrium of a market: solved chain by chain, live rows only (eq. 10-12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.core.bounds import bound_flows, with_rents
from sim.core.jacobian import jacobian
from sim.core.market import Cut, Market
from sim.core.newton import Point, Root, solve_batch
from sim.core.position import Position, residuals, state_of
from sim.quantity import Array, Index, Mask


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """What is known of a solved market; shapes as in ``Market``."""

    price: Array  # (n, c, o)
    wedge: Array  # (n, b)
    delivered: Array  # (n, c, o, d)
    share: Array  # (n, c, o, d)
    market_price: Array  # (n, c, d)
    output: Array  # (n, a)
    final_use: Array  # (n, c, d)
    derived_use: Array  # (n, c, d)
    flow: Array  # (n, c, o, d)
    bound_flow: Array  # (n, b)
    released: Array  # (n, s, d)


@dataclass(frozen=True, eq=False, kw_only=True)
class Equilibrium:
    """A solved market: its state, which draws converged, the largest residual of each."""

    state: State
    converged: Mask
    residual: Array  # (n,)

    def with_draws(self, draws: Index, other: Equilibrium) -> Equilibrium:
        """A copy with some draws taken from the first draws of another."""

        def put(mine: Any, theirs: Any) -> Any:
            mixed = mine.copy()
            mixed[draws] = theirs[: len(draws)]
            return mixed

        state = State(**{name: put(array, getattr(other.state, name)) for name, array in vars(self.state).items()})
        return Equilibrium(
            state=state,
            converged=put(self.converged, other.converged),
            residual=put(self.residual, other.residual),
        )


def join(market: Market, parts: list[tuple[Cut, Equilibrium]]) -> Equilibrium:
    """Equilibria of chains as one of the whole market."""
    if len(parts) == 1:
        return parts[0][1]
    n = market.draws
    sizes = {
        "goods": market.kept.shape[1],
        "assets": len(market.good),
        "bounds": len(market.routes),
        "stocks": len(market.stock_good),
    }
    whole: dict[str, Array] = {}
    for cut, found in parts:
        for name, array in vars(found.state).items():
            axis = _AXES.get(name, "goods")
            whole.setdefault(name, np.zeros((n, sizes[axis], *array.shape[2:])))[:, getattr(cut, axis)] = array
    return Equilibrium(
        state=State(**whole),
        converged=np.logical_and.reduce([found.converged for _, found in parts]),
        residual=np.maximum.reduce([found.residual for _, found in parts]),
    )


# which axis of the whole market the second axis of a field is cut from, where it is not that of goods
_AXES = {"output": "assets", "wedge": "bounds", "bound_flow": "bounds", "released": "stocks"}


def solve(market: Market, price: Array, wedge: Array, patient: bool = False) -> Equilibrium:
    """Equilibrium of a market from a first guess of producer prices (n, c, o) and wedges (n, b).

    Solved without what is dead, one set of draws with the same live rows after the other; dead origins keep the
    price of the guess, dead bounds have no wedge. ``patient``: see ``core.newton``.
    """
    start, wedges, price, wedge = price, wedge, price.copy(), np.zeros_like(wedge)
    converged, residual = np.empty(market.draws, dtype=bool), np.empty(market.draws)
    share, flow = np.zeros_like(market.slope), np.zeros_like(market.slope)
    final, derived = np.zeros_like(market.use_at_one), np.zeros_like(market.use_at_one)
    market_price, output = np.ones_like(market.use_at_one), np.zeros_like(market.capacity)
    sold = np.zeros_like(market.stock_room)
    sets = market.alike()
    goods = np.arange(price.shape[1])
    for draws in sets:
        part, left = (market if len(sets) == 1 else market.take(draws)).restrict()
        origins, destinations = left.origins, left.destinations
        root, found = _solve_alike(
            part, start[np.ix_(draws, goods, origins)], wedges[np.ix_(draws, left.bounds)], patient
        )
        converged[draws] = root.converged
        residual[draws] = np.abs(residuals(part, found)).max(axis=1, initial=0.0)
        price[np.ix_(draws, goods, origins)] = found.price
        wedge[np.ix_(draws, left.bounds)] = found.wedge
        output[np.ix_(draws, left.assets)] = found.output
        sold[np.ix_(draws, np.arange(sold.shape[1]), destinations)] = found.released
        for whole, values in ((share, found.share), (flow, found.flow)):
            whole[np.ix_(draws, goods, origins, destinations)] = values
        for whole, values in (
            (market_price, found.market_price),
            (final, found.final_use),
            (derived, found.derived_use),
        ):
            whole[np.ix_(draws, goods, destinations)] = values
    state = State(
        price=price,
        wedge=wedge,
        delivered=with_rents(market.slope * price[:, :, :, None] + market.intercept, wedge, market.routes),
        share=share,
        market_price=market_price,
        output=output,
        final_use=final,
        derived_use=derived,
        flow=flow,
        bound_flow=bound_flows(flow, market.routes),
        released=sold,
    )
    return Equilibrium(state=state, converged=converged, residual=residual)


def _solve_alike(market: Market, price: Array, wedge: Array, patient: bool) -> tuple[Root, Position]:
    """Root and position of draws that all have the same live rows and nothing else."""
    n, goods, origins = price.shape
    size = goods * origins
    active, part = np.arange(n), market

    def position(here: Market, unknowns: Array) -> Position:
        # in the order of ``market.BY_ROUTE``, as all that follows from them
        logs = np.ascontiguousarray(unknowns[:, :size].T).reshape(goods, origins, len(unknowns))
        return state_of(here, np.exp(logs).transpose(2, 0, 1), unknowns[:, size:])

    def evaluate(unknowns: Array, draws: Index) -> Point:
        nonlocal active, part
        if not np.array_equal(draws, active):
            active, part = draws, market.take(draws)
        here, state = part, position(part, unknowns)

        def slopes(rows: Index) -> Array:
            nonlocal active, part
            if len(rows) == len(draws):
                return jacobian(here, state)
            active, part = draws[rows], here.take(rows)
            return jacobian(part, state.take(rows))

        return Point(residual=residuals(here, state), jacobian=slopes)

    root = solve_batch(evaluate, np.concatenate([np.log(price).reshape(n, size), wedge], axis=1), patient)
    return root, position(market, root.unknowns)
