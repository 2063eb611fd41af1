"""Supply: assets with a log-logistic cost curve (eq. 1-3) and their calibration."""

from __future__ import annotations

import numpy as np

from sim.quantity import Array

SMOOTHING = 1e-3  # width of the corner of eq. 1, as a share of the price
MOST_UTILISED = 0.98  # a fleet observed above this has more capacity than its statistic says


def net_price(price: Array, input_cost: Array) -> tuple[Array, Array, Array]:
    """What a tonne earns after its input, kept above zero (eq. 1), with its two slopes.

    Parameters
    ----------
    price : (...)
        Producer price. [USD/t]
    input_cost : (...)
        Cost of the input per tonne of output. [USD/t]

    Returns
    -------
    net, slope_price, slope_input : (...)
        The smoothed net price [USD/t] and its derivatives by price and by input cost. [1]
    """
    margin = price - input_cost
    width = SMOOTHING * price
    root = np.hypot(margin, width)
    # for a deep loss margin + root cancels: the other form of the same number keeps its digits
    gain = np.where(margin >= 0, margin + root, width**2 / (root - np.minimum(margin, 0)))
    net = 0.5 * gain
    slope_margin = net / root
    slope_price = slope_margin + 0.5 * SMOOTHING * width / root
    return net, slope_price, -slope_margin


def utilisation(net: Array, break_even: Array, steepness: Array) -> Array:
    """Share of capacity that pays at a net price (eq. 2). [1]

    All arguments of one shape: net price and break-even margin in USD/t, steepness in 1.
    """
    heat = steepness * np.log(net / break_even)
    # written with a decaying exponential on either side, so that nothing overflows
    decay = np.exp(-np.abs(heat))
    return np.where(heat >= 0, 1.0, decay) / (1.0 + decay)


def unbounded_utilisation(net: Array, break_even: Array, elasticity: Array) -> Array:
    """Second form of supply: output over benchmark output, (v / k)^e, without a limit. [1]

    For published models only; net price and its benchmark k in USD/t, elasticity in 1.
    """
    return np.asarray((net / break_even) ** elasticity)


def calibrated_capacity(output: Array, capacity: Array) -> Array:
    """Capacity, raised where a statistic leaves no room above the observed output. [kt/yr]"""
    return np.maximum(capacity, output / MOST_UTILISED)


def calibrated_curve(utilised: Array, price: Array, input_cost: Array, elasticity: Array) -> tuple[Array, Array]:
    """Break-even margin [USD/t] and steepness [1] of the cost curve through the benchmark.

    Parameters
    ----------
    utilised : (...)
        Benchmark utilisation, 0 < u <= 0.98. [1]
    price, input_cost : (...)
        Benchmark producer price and cost of input per tonne. [USD/t]
    elasticity : (...)
        Short-run elasticity of supply at the benchmark. [1]

    Notes
    -----
    From d ln u / d ln p = steepness (1 - u) p / v at the benchmark. The caller sees to it that price
    exceeds input cost.
    """
    net, slope_price, _ = net_price(price, input_cost)
    steepness = elasticity * net / (price * slope_price * (1.0 - utilised))
    break_even = net * ((1.0 - utilised) / utilised) ** (1.0 / steepness)
    return break_even, steepness
