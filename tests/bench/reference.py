"""The market of one good as a compiled scalar Newton, as one would write it for numba alone: what compiling can give.

No chains, bounds, contracts under take-or-pay, stockpiles or second attempts: steps of at most 1.5 in logs from a warm
start, over all pairs of live origins and destinations.
"""

from __future__ import annotations

import numba
import numpy as np

from sim.core.market import Market
from sim.core.supply import SMOOTHING
from sim.quantity import Array

TOLERANCE = 1e-12
MOST_STEPS = 30
LONGEST_STEP = 1.5  # in logs


def solve_reference(market: Market, log_price: Array) -> Array:
    """Log producer prices (n, o) of the live origins, from a first guess; all draws have the same live rows."""
    origins, buyers = np.flatnonzero(market.live_origin[0, 0]), np.flatnonzero(market.live_destination[0, 0])
    asset = np.array([int(np.flatnonzero(market.origin == o)[0]) for o in origins])

    def of_routes(values: Array) -> Array:
        return values[:, 0].take(origins, axis=1).take(buyers, axis=2)

    found = log_price[:, 0, origins].copy()
    _solve(
        market.capacity[:, asset],
        market.break_even[:, asset],
        market.steepness[:, asset],
        market.use_at_one[:, 0, buyers],
        market.demand_elasticity[:, 0],
        of_routes(market.contestable),
        of_routes(market.contract),
        market.kept[:, 0, buyers],
        market.elasticity[:, 0],
        market.elasticity_short[:, 0],
        of_routes(market.slope),
        of_routes(market.intercept),
        found,
    )
    return found


@numba.njit(error_model="numpy", fastmath={"contract"}, nogil=True)
def _solve(  # noqa: C901, PLR0912 - in one piece, as one would write it
    capacity, break_even, steepness, at_one, epsilon, free, tied, kept, sigma, sigma_short, slope, intercept, logs
):
    draws, origins = logs.shape
    buyers = at_one.shape[1]
    residual, jacobian = np.empty(origins), np.empty((origins, origins))
    price, sold = np.empty(origins), np.empty(origins)
    q, w, v, passed = np.empty(origins), np.empty(origins), np.empty(origins), np.empty(origins)
    for n in range(draws):
        for _ in range(MOST_STEPS):
            price[:] = np.exp(logs[n])
            sold[:] = 0.0
            jacobian[:] = 0.0
            for d in range(buyers):
                top, top_tied = -np.inf, -np.inf
                for o in range(origins):
                    q[o] = slope[n, o, d] * price[o] + intercept[n, o, d]
                    passed[o] = slope[n, o, d] * price[o] / q[o]
                    log_q = np.log(q[o])
                    w[o] = free[n, o, d] - sigma[n] * log_q
                    v[o] = tied[n, o, d] - sigma_short[n] * log_q
                    top, top_tied = max(top, w[o]), max(top_tied, v[o])
                if top == -np.inf:
                    continue
                total, total_tied = 0.0, 0.0
                for o in range(origins):
                    w[o] = np.exp(w[o] - top)
                    v[o] = np.exp(v[o] - top_tied) if top_tied > -np.inf else 0.0
                    total, total_tied = total + w[o], total_tied + v[o]
                k, mean, free_mean, tied_mean = kept[n, d], 0.0, 0.0, 0.0
                for o in range(origins):
                    w[o] /= total
                    v[o] = v[o] / total_tied if total_tied > 0.0 else 0.0
                    free_mean, tied_mean = free_mean + w[o] * q[o], tied_mean + v[o] * q[o]
                mean = (1.0 - k) * free_mean + k * tied_mean
                use = at_one[n, d] * mean ** -epsilon[n]
                use_slope = -epsilon[n] * use / mean
                for o in range(origins):
                    own_free, own_tied = sigma[n] * (1.0 - k) * w[o], sigma_short[n] * k * v[o]
                    sold[o] += ((1.0 - k) * w[o] + k * v[o]) * use
                    jacobian[o, o] += (own_free + own_tied) * use * passed[o]
                for o in range(origins):
                    share = (1.0 - k) * w[o] + k * v[o]
                    own_free, own_tied = sigma[n] * (1.0 - k) * w[o], sigma_short[n] * k * v[o]
                    for j in range(origins):
                        by_free, by_tied = sigma[n] * (1.0 - k) * w[j], sigma_short[n] * k * v[j]
                        pull = ((1.0 - k) * w[j] + k * v[j] - by_free - by_tied) * q[j]
                        pull += by_free * free_mean + by_tied * tied_mean
                        change = use * (own_free * w[j] + own_tied * v[j]) + share * use_slope * pull
                        jacobian[o, j] -= change * passed[j]
            worst = 0.0
            for o in range(origins):
                width = SMOOTHING * price[o]
                root = np.sqrt(price[o] * price[o] + width * width)
                net = 0.5 * (price[o] + root)
                used = 1.0 / (1.0 + (net / break_even[n, o]) ** -steepness[n, o])
                made = capacity[n, o] * used
                by_price = net / root + 0.5 * SMOOTHING * width / root
                residual[o] = np.log(made) - np.log(sold[o])
                for j in range(origins):
                    jacobian[o, j] /= sold[o]
                jacobian[o, o] += steepness[n, o] * (1.0 - used) / net * by_price * price[o]
                worst = max(worst, abs(residual[o]))
            move = np.linalg.solve(jacobian, residual)
            logs[n] -= move * min(1.0, LONGEST_STEP / max(np.abs(move).max(), LONGEST_STEP))
            if worst < TOLERANCE:
                break
