"""The equations of supply and of limits for numbers instead of arrays, without a call or a copy for each tonne."""

from __future__ import annotations

import math

from numba.extending import register_jitable

from sim.core.bounds import DEEPEST_DISCOUNT
from sim.core.supply import SMOOTHING


@register_jitable
def net_price(price: float, input_cost: float) -> tuple[float, float, float]:
    """``core.supply.net_price`` of one asset."""
    margin, width = price - input_cost, SMOOTHING * price
    root = math.sqrt(margin * margin + width * width)
    gain = margin + root if margin >= 0.0 else width * width / (root - margin)
    net = 0.5 * gain
    slope_margin = net / root
    return net, slope_margin + 0.5 * SMOOTHING * width / root, -slope_margin


@register_jitable
def utilisation(net: float, break_even: float, steepness: float) -> float:
    """``core.supply.utilisation`` of one asset."""
    heat = steepness * math.log(net / break_even)
    if heat >= 0.0:
        return 1.0 / (1.0 + math.exp(-heat))
    decay = math.exp(heat)
    return decay / (1.0 + decay)


@register_jitable
def complementarity(log_flow: float, wedge: float, log_low: float, log_high: float) -> tuple[float, float, float]:
    """``core.bounds.complementarity`` of one bound."""
    reach = log_flow + wedge
    inner = min(max(reach, log_low), log_high)
    if reach - inner <= DEEPEST_DISCOUNT:
        return wedge - DEEPEST_DISCOUNT, 0.0, 1.0
    if log_low < reach < log_high:
        return inner - log_flow, 0.0, 1.0
    return inner - log_flow, -1.0, 0.0
