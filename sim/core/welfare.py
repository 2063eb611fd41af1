"""Surplus of producers and buyers, exact for the cost curve and the demand curve (section 9)."""

from __future__ import annotations

import numpy as np
import scipy

from sim.core.supply import net_price, utilisation
from sim.quantity import Array, Mask

HARMLESS = 0.25  # an exponent that stands where the branch is not used: away from the poles at 0 and 1

M_USD = 1e-3  # one kt at one USD/t
FAR = 30.0  # in logs of x: beyond, the next term of the expansion is under 1e-26
MOST_HEAT = 700.0  # the exponential of more is no number


def producer_surplus(capacity: Array, net: Array, break_even: Array, steepness: Array) -> Array:
    """Revenue less input and variable cost of assets: the area under (2) up to the net price. [M USD/yr]

    Parameters
    ----------
    capacity : (...)
        Capacity. [kt/yr]
    net, break_even : (...)
        Net price v and break-even margin k. [USD/t]
    steepness : (...)
        Steepness eta. [1]

    Notes
    -----
    With b = 1 / eta and x = (v / k)^eta, the integral of u from 0 to v is v u / (1 + eta) F(1, 1; 2 + b; u) below
    the break-even margin and v [1 - F(1, b; 1 + b; -x)] above it, F being Gauss' hypergeometric function. Either
    form alone fails on the other side.
    """
    net, steepness, heat = np.broadcast_arrays(net, steepness, steepness * np.log(net / break_even))
    earned = np.empty(heat.shape)
    below = heat < 0
    for side, earned_there in ((below, _below), (~below, _above)):
        earned[side] = net[side] * earned_there(steepness[side], heat[side])
    return np.asarray(capacity * earned * M_USD)


def _below(steepness: Array, heat: Array) -> Array:
    """What an asset earns of its net price under the break-even margin, heat being ln x. [1]"""
    used = np.exp(heat) / (1.0 + np.exp(heat))
    return np.asarray(used / (1.0 + steepness) * scipy.special.hyp2f1(1.0, 1.0, 2.0 + 1.0 / steepness, used))


def _above(steepness: Array, heat: Array) -> Array:
    """The same over the margin."""
    inverse = 1.0 / steepness
    far = (heat > FAR) & (inverse < 0.5)
    odds = np.exp(np.where(far, 0.0, np.minimum(heat, MOST_HEAT)))
    near = scipy.special.hyp2f1(1.0, inverse, 1.0 + inverse, -odds)
    return np.asarray(1.0 - np.where(far, _far_above(inverse, heat, far), near))


def assets_surplus(capacity: Array, price: Array, input_cost: Array, break_even: Array, steepness: Array) -> Array:
    """What assets earn over input and variable cost at a producer price. [M USD/yr]

    All arguments of one shape (...): capacity in kt/yr, producer price and cost of input per tonne of output in
    USD/t, the rest as in ``producer_surplus``.

    Notes
    -----
    An asset decides by the smoothed net price of eq. 1 and earns the plain one: what the smoothing adds is taken off.
    """
    net, _, _ = net_price(price, input_cost)
    made = capacity * utilisation(net, break_even, steepness)
    smoothing = net - (price - input_cost)
    return np.asarray(producer_surplus(capacity, net, break_even, steepness) - made * smoothing * M_USD)


def _far_above(inverse: Array, heat: Array, far: Mask) -> Array:
    """F(1, b; 1 + b; -x) for large x: pi b / sin(pi b) x^(-b) - b / (1 - b) / x."""
    b = np.where(far, inverse, HARMLESS)
    x = np.where(far, heat, FAR)
    return np.asarray(np.pi * b / np.sin(np.pi * b) * np.exp(-b * x) - b / (1.0 - b) * np.exp(-x))


def buyers_surplus_change(
    use: Array, price: Array, earlier_use: Array, earlier_price: Array, elasticity: Array
) -> Array:
    """What buyers gain when the price goes from an earlier one to this one. [M USD/yr]

    Parameters
    ----------
    use, earlier_use : (...)
        Final use in the two situations. [kt/yr]
    price, earlier_price : (...)
        Market prices. [USD/t]
    elasticity : (...)
        Short-run elasticity of final use. [1]

    Notes
    -----
    Minus the integral of A P^(-epsilon) between the prices. Where habits differ the two curves do, too; the
    geometric mean of their A is taken. On tonnes, at the average delivered price: origins count as the same metal.
    """
    scale = np.sqrt(use * price**elasticity * earlier_use * earlier_price**elasticity)
    power = 1.0 - elasticity
    ratio = np.log(price / earlier_price)
    # (P1^power - P0^power) / power, which tends to the log of the ratio
    area = earlier_price**power * np.where(power == 0, ratio, np.expm1(power * ratio) / np.where(power == 0, 1, power))
    return np.asarray(-scale * area * M_USD)
