"""Demand: final use with a short and a long response (eq. 4); derived use is 5, with supply."""

from __future__ import annotations

from sim.quantity import Array


def final_use(
    reference: Array, price: Array, benchmark_price: Array, memory: Array, short: Array, long: Array
) -> Array:
    """Tonnes bought for final use (eq. 4). [kt/yr]

    Parameters
    ----------
    reference : (n, c, d)
        Use at the benchmark price, growth and shifts included. [kt/yr]
    price, benchmark_price, memory : (n, c, d)
        Market price, its benchmark, and the price memory H. [USD/t]
    short, long : (n, c)
        Price elasticities, 0 <= short <= long <= 1. [1]
    """
    habit = reference * (memory / benchmark_price) ** -(long - short)[:, :, None]
    return habit * (price / benchmark_price) ** -short[:, :, None]


def price_memory(memory: Array, price: Array, speed: Array) -> Array:
    """Next year's price memory H (eq. 4). [USD/t]

    ``memory``, ``price`` (n, c, d) in USD/t, ``speed`` (n, c) in 1/yr. Geometric, so that only ratios count.
    """
    weight = speed[:, :, None]
    return memory ** (1.0 - weight) * price**weight
