"""The equations of supply and of limits for numbers instead of arrays, without a call or a copy for each tonne."""

from __future__ import annotations

import math

import numpy as np
from numba.extending import register_jitable

from sim.core.bounds import DEEPEST_DISCOUNT
from sim.core.sourcing import SMALLEST_LOG
from sim.core.supply import SMOOTHING
from sim.quantity import Array

LOG2_E = 1.4426950408889634  # one over ln 2
# ln 2 in two parts, after fdlibm's e_exp.c: a multiple of the first is exact
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
TO_WHOLE = 1.5 * 2.0**52  # what is added to this is rounded to a whole number, which stands in the last bits
MANTISSA = 52  # bits after which the exponent of a number begins
# of the series of the exponential: one over the factorial
C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13 = (1.0 / math.factorial(k) for k in range(2, 14))


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


@register_jitable
def exponentials(logs: Array, scratch: Array) -> None:
    """The exponentials of logs that are not above nought, in place, to the last digit but one; ``scratch`` is lost.

    The function of the system is called for one number at a time; this is worked out for several at once: with
    x = n ln 2 + r the series in r, whose 14th term is under half a digit, times 2 to the n.
    """
    for k in range(len(logs)):
        x = max(logs[k], SMALLEST_LOG)
        whole = x * LOG2_E + TO_WHOLE
        scratch[k] = whole
        n = whole - TO_WHOLE
        r = x - n * LN2_HIGH - n * LN2_LOW
        series = ((((((C13 * r + C12) * r + C11) * r + C10) * r + C9) * r + C8) * r + C7) * r + C6
        series = (((((series * r + C5) * r + C4) * r + C3) * r + C2) * r + 1.0) * r + 1.0
        logs[k] = series if logs[k] > SMALLEST_LOG else 0.0
    bits, exponents = logs.view(np.int64), scratch.view(np.int64)
    for k in range(len(logs)):
        if logs[k] > 0.0:
            bits[k] += exponents[k] << MANTISSA
