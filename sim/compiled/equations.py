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
# of the series of the logarithm, after fdlibm's e_log.c
L1, L2, L3, L4 = 6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01
L5, L6, L7 = 1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01
ROOT_HALF = 0x3FE6A09E667F3BCD  # the bits of the root of a half
BITS_TO_WHOLE = 0x4338000000000000  # those of TO_WHOLE


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
    """The exponentials of logs in place, to the last digit but one; ``scratch`` is lost. None may be above 700.

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
        logs[k] = 0.0 if logs[k] <= SMALLEST_LOG else series
    bits, exponents = logs.view(np.int64), scratch.view(np.int64)
    for k in range(len(logs)):
        if logs[k] > 0.0:
            bits[k] += exponents[k] << MANTISSA


@register_jitable
def logarithms(values: Array, logs: Array, scratch: Array) -> None:
    """The logarithms of values into ``logs``, to the last digit but one; minus infinity for what is not above nought.

    For several at once, like ``exponentials``: with x = 2^n (1 + f), 1 + f about one, n ln 2 and the series for f in
    f / (2 + f).
    """
    bits, part, whole = values.view(np.int64), logs.view(np.int64), scratch.view(np.int64)
    for k in range(len(values)):
        n = (bits[k] - ROOT_HALF) >> MANTISSA
        part[k], whole[k] = bits[k] - (n << MANTISSA), n + BITS_TO_WHOLE
    for k in range(len(values)):
        n, f = scratch[k] - TO_WHOLE, logs[k] - 1.0
        s = f / (2.0 + f)
        z, half = s * s, 0.5 * f * f
        series = z * ((((((L7 * z + L6) * z + L5) * z + L4) * z + L3) * z + L2) * z + L1)
        log = n * LN2_HIGH - ((half - (s * (half + series) + n * LN2_LOW)) - f)
        logs[k] = log if 0.0 < values[k] < np.inf else values[k] if not values[k] <= 0.0 else -np.inf


@register_jitable
def utilisations(ratio: Array, steepness: Array, used: Array, scratch: Array) -> None:
    """``core.supply.utilisation`` into ``used``, of net prices over break-even margins, which are lost."""
    logarithms(ratio, used, scratch)
    for k in range(len(ratio)):
        ratio[k] = steepness[k] * used[k]
        used[k] = -abs(ratio[k])
    exponentials(used, scratch)
    for k in range(len(ratio)):
        used[k] = (1.0 if ratio[k] >= 0.0 else used[k]) / (1.0 + used[k])
