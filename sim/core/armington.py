"""Second form of sourcing: CES in values, as in published Armington and GSIM models.

Buyers want a composite of origins, and tonnes do not add up: a market that loses most of its suppliers needs more
than a tonne for each tonne lost. It stands here so that published results can be reproduced, not to be used.
"""

from __future__ import annotations

import numpy as np

from sim.quantity import Array


def log_total_weight(constant: Array, log_price: Array, elasticity: Array) -> Array:
    """Log of the sum over origins of exp(constant) q^(-sigma), (n, d); 0 where nothing is usable.

    ``constant`` and ``log_price`` (n, o, d), ``elasticity`` (n,), of one good.
    """
    logs = constant - elasticity[:, None, None] * log_price
    top = logs.max(axis=1)
    shift = np.where(np.isfinite(top), top, 0.0)
    total = np.exp(logs - shift[:, None, :]).sum(axis=1)
    # the largest term is 1, so that a total below is nought
    return np.asarray(shift + np.log(np.maximum(total, 1.0)))


def composite_price(log_total: Array, mean_price: Array, log_benchmark: Array, elasticity: Array) -> Array:
    """CES price index of a market, equal to the mean delivered price in the benchmark, (n, d). [USD/t]

    Parameters
    ----------
    log_total : (n, d)
        See ``log_total_weight``. [1]
    mean_price : (n, d)
        Mean delivered price, weighted with tonnes. [USD/t]
    log_benchmark : (n, d)
        Log of the benchmark's mean price. [1]
    elasticity : (n,)
        Sourcing elasticity sigma. [1]

    Notes
    -----
    With weights W_o = a_o (q_o / q0_o)^(-sigma), P^(1 - sigma) = P0^(-sigma) sum_o W_o q_o.
    """
    power = 1.0 - elasticity[:, None]
    return np.asarray(np.exp((log_total + np.log(mean_price) - elasticity[:, None] * log_benchmark) / power))


def tonnes_per_composite(log_total: Array, price: Array, log_benchmark: Array, elasticity: Array) -> Array:
    """Tonnes of all origins that make a unit of the composite, 1 in the benchmark, (n, d). [t/t]"""
    return np.asarray(np.exp(log_total + elasticity[:, None] * (np.log(price) - log_benchmark)))
