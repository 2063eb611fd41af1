"""Money: who pays what on each tonne, in M USD a year (kt times USD/t, over 1000)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.core.bounds import rents
from sim.quantity import Array, Mask

M_USD = 1e-3  # one kt at one USD/t


@dataclass(frozen=True, eq=False, kw_only=True)
class Money:
    """Public revenue, freight and rents of a year, and how far the money identity is from closing."""

    duties: Array  # (n, c, d) M USD/yr
    export_taxes: Array  # (n, c, o) M USD/yr
    freight: Array  # (n, c, d) M USD/yr
    rent: Array  # (n, b) M USD/yr
    gap: Array  # (n,) relative to the delivered value


def money_of(
    flow: Array,
    price: Array,
    delivered: Array,
    wedge: Array,
    routes: Mask,
    tariff_fob: Array,
    tariff_cif: Array,
    export_tax: Array,
    freight: Array,
) -> Money:
    """Split what buyers pay into what producers, carriers, treasuries and rent owners get.

    ``flow`` and the rates are (n, c, o, d) in kt/yr, 1 and USD/t; ``price`` (n, c, o) and ``delivered``
    (n, c, o, d) in USD/t; ``wedge`` (n, b), ``routes`` (b, c, o, d).
    """
    producers = flow * price[:, :, :, None] * M_USD
    taxes = producers * export_tax
    carriers = flow * freight * M_USD
    duties = (producers + taxes) * (tariff_fob + tariff_cif) + carriers * tariff_cif
    paid = flow * delivered * M_USD
    rent = rents(wedge, routes, paid)

    def everything(amount: Array) -> Array:
        total: Array = amount.reshape(len(amount), -1).sum(axis=1)
        return total

    value = everything(paid)
    shares = everything(producers) + everything(taxes) + everything(carriers) + everything(duties)
    gap = np.abs(value - shares - rent.sum(axis=1)) / np.where(value > 0, value, 1.0)
    return Money(
        duties=duties.sum(axis=2),
        export_taxes=taxes.sum(axis=3),
        freight=carriers.sum(axis=2),
        rent=rent,
        gap=gap,
    )
