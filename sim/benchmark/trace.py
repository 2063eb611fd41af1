"""Re-exports traced back to the producer."""

from __future__ import annotations

import numpy as np

from sim.errors import BalanceError, DataError
from sim.quantity import Array

_NEGATIVE_NOUGHT = 1e-13  # of output: what the inverse leaves below nought by rounding

TOLERANCE = 1e-9  # of output: rows have to add up to it


def trace(production: Array, use: Array, trade: Array) -> Array:
    """Where the metal of each producer is used in the end.

    Parameters
    ----------
    production : (o)
        Output. [kt/yr]
    use : (o)
        Output + imports - exports, never negative. [kt/yr]
    trade : (o, d)
        Flows across borders, zero diagonal. [kt/yr]

    Returns
    -------
    (o, d)
        Metal produced in o and used in d: rows sum to production, columns to use. [kt/yr]

    Notes
    -----
    Kastner, Kastner and Nonhebel 2011: with x = production + imports and A[i, j] the imports of i from j over
    x[j], metal at hand by producer is R = (I - A)^(-1) diag(production), and what is used of it use/x.
    Raises DataError where use is negative or does not follow from the flows, BalanceError where the rows
    do not sum to production: nothing is clipped, since that would make metal.
    """
    at_hand = production + trade.sum(axis=0)
    gap = np.abs(at_hand - trade.sum(axis=1) - use)
    if (use < 0).any() or (gap > TOLERANCE * max(1.0, production.sum())).any():
        raise DataError(f"use does not follow from output and trade, worst by {gap.max():.3g} kt")
    share_sent = np.divide(trade, at_hand[:, None], out=np.zeros_like(trade), where=at_hand[:, None] > 0)
    at_hand_by_producer = np.linalg.solve(np.eye(len(production)) - share_sent.T, np.diag(production))
    used = np.divide(use, at_hand, out=np.zeros_like(use), where=at_hand > 0)
    traced: Array = (used[:, None] * at_hand_by_producer).T
    # (I - A)^-1 is not negative: what falls below 0 is rounding
    traced[(traced < 0) & (traced > -_NEGATIVE_NOUGHT * max(1.0, float(production.sum())))] = 0.0
    worst = float(np.abs(traced.sum(axis=1) - production).max())
    if worst > TOLERANCE * max(1.0, float(production.sum())) or (traced < 0).any():
        raise BalanceError(f"traced flows miss production by {worst:.3g} kt")
    return traced
