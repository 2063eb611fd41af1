"""Sourcing: delivered prices (eq. 7), kept contracts (eq. 8) and the pooled logit (eq. 9)."""

from __future__ import annotations

import numpy as np

from sim.axes import ORIGIN
from sim.quantity import Array, Mask

NO_WEIGHT = -np.inf  # log weight of a route that cannot be used
SMALLEST_LOG = -700.0  # of a weight, the largest being nought: below, it counts as nothing


def price_line(tariff_fob: Array, tariff_cif: Array, export_tax: Array, freight: Array) -> tuple[Array, Array]:
    """Slope and intercept of the delivered price in the producer price, rents apart (eq. 7).

    All arguments (n, c, o, d): rates in 1, freight in USD/t. A FOB duty spares the freight, a CIF duty does not.
    """
    return (1.0 + export_tax) * (1.0 + tariff_fob + tariff_cif), freight * (1.0 + tariff_cif)


def kept_contracts(last_share: Array, renewal: Array, open_part: Array, room: Array) -> Array:
    """Share of a market still tied to last year's supplier (eq. 8). [1]

    Parameters
    ----------
    last_share : (n, c, o, d)
        Last year's shares. [1]
    renewal : (n, c)
        Share of contracts that comes up each year. [1]
    open_part : (n, c, o, d)
        Part of the year in which the route is open. [1]
    room : (n, c, o, d)
        What lost capacity and caps leave of the old tonnes, at most 1. [1]
    """
    return (1.0 - renewal)[:, :, None, None] * last_share * open_part * room


def log_weights(weight: Array, price: Array, elasticity: Array, usable: Mask) -> Array:
    """Constant part of the log weights of eq. 9: ln(weight) + sigma ln(price), NO_WEIGHT where unusable."""
    logs = np.full(weight.shape, NO_WEIGHT)
    used = np.flatnonzero(usable & (weight > 0))  # most routes carry nothing, and a log is dear
    routes = weight[0, 0].size
    sigma = elasticity.ravel().take(used // routes)
    logs.ravel()[used] = np.log(weight.ravel().take(used)) + sigma * np.log(price.ravel().take(used))
    return logs


def logit_shares(constant: Array, log_price: Array, elasticity: Array) -> Array:
    """Shares over origins, proportional to exp(constant) q^(-sigma) (eq. 9); zero where nothing is usable.

    ``constant`` and ``log_price`` (n, c, o, d), ``elasticity`` (n, c). Computed in logs less the maximum.
    """
    logs = elasticity[:, :, None, None] * log_price
    np.subtract(constant, logs, out=logs)
    top = logs.max(axis=ORIGIN, keepdims=True, initial=NO_WEIGHT)
    logs -= np.where(np.isfinite(top), top, 0.0)
    usable = logs > SMALLEST_LOG
    # an exponential that is nothing takes several times as long as others
    np.maximum(logs, SMALLEST_LOG, out=logs)
    weight = np.exp(logs, out=logs)
    weight *= usable
    total = weight.sum(axis=ORIGIN, keepdims=True)
    weight /= np.maximum(total, 1.0)  # the largest weight is 1, so that a total below is nought
    return weight
