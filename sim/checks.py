"""What must hold in every run: balances, closed routes, bounds, money (section 10)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.bounds import upper_limits
from sim.core.policy import open_part
from sim.errors import BalanceError
from sim.quantity import Array, Index
from sim.records.params import Params
from sim.records.trajectory import SOLVED, Trajectory

BALANCE = 1e-8  # of the sum: rounding over all routes of a market
REPLICATION = 1e-9  # of the benchmark: it is built in, so only rounding may differ
RESIDUAL = 1e-9  # of output: a hundred times what the solver stops at


@dataclass(frozen=True, kw_only=True)
class Check:
    """A statement with the worst value found and the largest one allowed."""

    name: str
    worst: float
    allowed: float

    @property
    def holds(self) -> bool:
        """Whether the statement holds; not a number does not."""
        return self.worst <= self.allowed


def checks_of(params: Params, found: Trajectory) -> tuple[Check, ...]:
    """All statements over the solved draws of a trajectory.

    Raises
    ------
    BalanceError
        Naming every statement that does not hold, with its worst value.
    """
    solved = np.flatnonzero(found.status == SOLVED)
    if len(solved) == 0:
        return ()
    worst = dict.fromkeys(
        (
            "flows into a market add up to its use",
            "flows out of a region add up to its output",
            "nothing is negative",
            "stockpiles and reserves hold out",
            "closed routes carry nothing",
            "caps are kept",
            "floors are kept or their shortfall is booked",
            "money adds up",
            "residual of the solver",
            "benchmark flows are replicated",
            "benchmark prices are replicated",
        ),
        0.0,
    )
    last_unlimited = np.tile([(params.benchmark_flow * r).sum() for r in params.bounds.routes], (len(solved), 1))
    for t in range(len(params.years)):
        last_unlimited, year = _year(params, found, t, solved, last_unlimited)
        # numpy's maximum keeps what is not a number; the built-in one would lose it
        worst |= {name: float(np.maximum(worst[name], value)) for name, value in year.items()}
    worst |= _replication(params, found, solved)
    limits = {
        "nothing is negative": 0.0,
        "closed routes carry nothing": 0.0,
        "residual of the solver": RESIDUAL,
        "benchmark flows are replicated": REPLICATION,
        "benchmark prices are replicated": REPLICATION,
    }
    checks = tuple(
        Check(name=name, worst=float(value), allowed=limits.get(name, BALANCE)) for name, value in worst.items()
    )
    broken = [check for check in checks if not check.holds]
    if broken:
        raise BalanceError("; ".join(f"{c.name}: {c.worst:.3g}, allowed {c.allowed:.3g}" for c in broken))
    return checks


def _year(
    params: Params, found: Trajectory, t: int, solved: Index, last_unlimited: Array
) -> tuple[Array, dict[str, float]]:
    """Worst values of one year, and the last unlimited flows after it."""
    flow, released = found.flow[solved, t], found.released[solved, t]
    use = found.final_use[solved, t] + found.derived_use[solved, t]
    made = np.zeros(flow.shape[:3])
    for a, (c, o) in enumerate(zip(params.technology.good, params.technology.region, strict=True)):
        made[:, c, o] += found.output[solved, t, a]
    bounds = params.bounds
    over = (
        np.stack([(flow * r).reshape(len(solved), -1).sum(axis=1) for r in bounds.routes], axis=1)
        if len(bounds.routes)
        else np.zeros((len(solved), 0))
    )
    high = upper_limits(bounds.high[solved, t], bounds.high_share[solved, t], last_unlimited)
    low = bounds.low[solved, t]
    closed = open_part(params.policy.bans.routes, params.policy.bans.rate[solved, t]) <= 0
    for b in range(len(bounds.routes)):
        closed |= bounds.routes[b] & (high[:, b] <= 0)[:, None, None, None]
    finite = np.isfinite(high)
    missing = low - over - found.shortfall[solved, t]
    values = {
        "flows into a market add up to its use": _relative(flow.sum(axis=2) + released - use, use),
        "flows out of a region add up to its output": _relative(flow.sum(axis=3) - made, made),
        "nothing is negative": float(np.max([0.0, -flow.min(), -use.min(), -made.min(), -released.min()])),
        "stockpiles and reserves hold out": _held_out(params, found, t, solved),
        "closed routes carry nothing": float(np.where(closed, flow, 0.0).max()),
        "caps are kept": _relative(np.where(finite, np.maximum(over - np.where(finite, high, 0.0), 0.0), 0.0), over),
        "floors are kept or their shortfall is booked": _relative(np.maximum(missing, 0.0), low),
        "money adds up": float(found.money_gap[solved, t].max()),
        "residual of the solver": float(found.residual[solved, t].max()),
    }
    return np.where(np.isinf(bounds.high[solved, t]), over, last_unlimited), values


def _held_out(params: Params, found: Trajectory, t: int, solved: Index) -> float:
    """Most by which releases miss what left the stockpiles, of what was in them, or output goes beyond reserves."""
    stocks, tech = params.stockpiles, params.technology
    left = found.stock_left[solved, t]
    before = found.stock_left[solved, t - 1] if t else stocks.stock[solved]
    missing, held = np.zeros(found.released[solved, t].shape[:2]), np.zeros(found.released[solved, t].shape[:2])
    for s, c in enumerate(stocks.good.tolist()):
        missing[:, c] += before[:, s] - left[:, s]
        held[:, c] += before[:, s]
    # of what was in them: a release of grams out of a large stock is lost in the rounding of the stock
    gap = _relative(missing - found.released[solved, t].sum(axis=2), held)
    dug = found.output[solved, 1 : t + 1].sum(axis=1)
    limited = np.isfinite(tech.extractable[solved])
    most = np.where(limited, tech.extractable[solved], np.inf)
    return max(gap, _relative(np.where(limited, np.maximum(dug - most, 0.0), 0.0), np.where(limited, most, 1.0)))


def _replication(params: Params, found: Trajectory, solved: Index) -> dict[str, float]:
    use = params.benchmark_flow.sum(axis=1)
    gap = np.abs(found.flow[solved, 0] - params.benchmark_flow) / np.where(use > 0, use, 1.0)[:, None, :]
    price = found.producer_price[solved, 0] / params.benchmark_producer_price[solved] - 1.0
    return {
        "benchmark flows are replicated": float(gap.max()),
        "benchmark prices are replicated": float(np.abs(price[~np.isnan(price)]).max(initial=0.0)),
    }


def _relative(gap: Array, size: Array) -> float:
    """Largest gap relative to its own size; a gap on nothing counts as it is."""
    if gap.size == 0:
        return 0.0
    return float((np.abs(gap) / np.where(size > 0, size, 1.0)).max())
