"""The same equations for one draw in plain numpy, solved by scipy's root with the analytic Jacobian.

This is what one would write first: no batch, no bounds, but live rows only and a warm start.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import root

from sim.core.market import Market

TOLERANCE = 1e-11


def solve_one(market: Market, draw: int, log_price: np.ndarray) -> tuple[np.ndarray, bool]:
    """Log producer prices (c, o) of one draw of a market without bounds, from a first guess."""
    one, left = market.take(np.array([draw])).restrict()
    live = one.live_origin[0]
    start = log_price[:, left.origins][live]
    found = root(_system(one, live), start, jac=True, method="hybr", options={"xtol": 1e-13, "maxfev": 400})
    out = log_price.copy()
    rows = out[:, left.origins]
    rows[live] = found.x
    out[:, left.origins] = rows
    return out, bool(np.abs(found.fun).max(initial=0.0) < 1e-9)


def _system(one: Market, live: np.ndarray) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]:
    goods, origins = live.shape
    m: dict[str, Any] = {
        name: getattr(one, name)[0]
        for name in (
            *("input_ratio", "capacity", "break_even", "steepness", "use_at_one", "demand_elasticity", "contestable"),
            *("contract", "kept", "elasticity", "elasticity_short", "slope", "intercept", "live_destination"),
        )
    }
    fed = one.input_good >= 0

    def pool(constant: np.ndarray, sigma: np.ndarray, log_q: np.ndarray) -> np.ndarray:
        logs = constant - sigma[:, None, None] * log_q
        top = logs.max(axis=1, keepdims=True)
        weight = np.exp(logs - np.where(np.isfinite(top), top, 0.0))
        total = weight.sum(axis=1, keepdims=True)
        return weight / np.where(total > 0, total, 1.0)

    def residual_and_slope(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        price = np.ones((goods, origins))
        price[live] = np.exp(x)
        line = m["slope"] * price[:, :, None] + m["intercept"]
        pass_on = m["slope"] * price[:, :, None] / line
        log_q = np.log(line)
        free = pool(m["contestable"], m["elasticity"], log_q)
        tied = pool(m["contract"], m["elasticity_short"], log_q)
        kept = m["kept"][:, None, :]
        share = (1.0 - kept) * free + kept * tied
        mean = np.where(m["live_destination"], (share * line).sum(axis=1), 1.0)

        p = price[one.good, one.origin]
        cost = np.where(fed, m["input_ratio"] * mean[one.input_good, one.region], 0.0)
        width = 1e-3 * p
        distance = np.hypot(p - cost, width)
        net = 0.5 * (p - cost + distance)
        slope_cost = -net / distance
        slope_p = -slope_cost + 0.5e-3 * width / distance
        used = 1.0 / (1.0 + (net / m["break_even"]) ** -m["steepness"])
        output = m["capacity"] * used
        response = output * m["steepness"] * (1.0 - used) / net
        supply = np.zeros((goods, origins))
        np.add.at(supply, (one.good, one.origin), output)
        use = m["use_at_one"] * mean ** -m["demand_elasticity"][:, None]
        use_slope = -m["demand_elasticity"][:, None] * use / mean
        asked = np.where(fed, m["input_ratio"] * output, 0.0)
        np.add.at(use, (one.input_good[fed], one.region[fed]), asked[fed])
        by_cost = response * slope_cost * m["input_ratio"]
        np.add.at(use_slope, (one.input_good[fed], one.region[fed]), (m["input_ratio"] * by_cost)[fed])
        sold = (share * use[:, None, :]).sum(axis=2)

        safe_supply, safe_sold = np.where(live, supply, 1.0), np.where(live, sold, 1.0)
        gap = np.log(safe_supply) - np.log(safe_sold)
        slopes = np.zeros((goods, origins, goods, origins))
        pulls = np.zeros_like(line)
        for c in range(goods):
            sigma, sigma_short, held = m["elasticity"][c], m["elasticity_short"][c], kept[c]
            free_own, tied_own = sigma * (1.0 - held) * free[c], sigma_short * held * tied[c]
            pull = (share[c] - free_own - tied_own) * line[c]
            pull += free_own * (free[c] * line[c]).sum(axis=0) + tied_own * (tied[c] * line[c]).sum(axis=0)
            pulls[c] = pull
            left = np.concatenate([free_own * use[c], tied_own * use[c], share[c] * use_slope[c]], axis=1)
            right = np.concatenate([free[c] * pass_on[c], tied[c] * pass_on[c], pull * pass_on[c]], axis=1)
            block = left @ right.T
            block[np.diag_indices(origins)] -= ((free_own + tied_own) * use[c] * pass_on[c]).sum(axis=1)
            slopes[c, :, c] = -block / safe_sold[c][:, None]
        own = np.zeros((goods, origins))
        np.add.at(own, (one.good, one.origin), response * slope_p * p)
        for c in range(goods):
            slopes[c, np.arange(origins), c, np.arange(origins)] += own[c] / safe_supply[c]
        for a in np.flatnonzero(fed):
            c, o, h, r = one.good[a], one.origin[a], one.input_good[a], one.region[a]
            slopes[c, o, h] += by_cost[a] / safe_supply[c, o] * pulls[h, :, r] * pass_on[h, :, r]
            slopes[h, :, c, o] -= share[h, :, r] * m["input_ratio"][a] * response[a] * slope_p[a] * p[a] / safe_sold[h]
        return gap[live], slopes[live][:, live]

    return residual_and_slope
