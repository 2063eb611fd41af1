"""Who gets the rents of caps, quotas and offers, and who pays for what floors guarantee."""

from __future__ import annotations

import numpy as np

from sim.core.accounts import M_USD
from sim.core.bounds import rents
from sim.quantity import Array
from sim.records.params import RENT_TO_EXPORTER, RENT_TO_IMPORTER, Params
from sim.records.trajectory import Trajectory


def rents_received(params: Params, found: Trajectory) -> Array:
    """Rents of all bounds by the region that gets them, (n, t, c, r); negative where it pays. [M USD/yr]

    A bound over several routes pays each exporter, or importer, on its own tonnes.
    """
    received = np.zeros((*found.flow.shape[:3], len(params.regions)))
    if not params.bounds.names:
        return received
    c, o, d = np.nonzero(params.bounds.routes.any(axis=0))
    flow = found.flow[:, :, c, o, d]
    value = np.where(flow > 0, flow * found.delivered_price[:, :, c, o, d] * M_USD, flow)
    routes = params.bounds.routes[:, c, o, d]
    n, t, count = value.shape
    wedge = found.rent_wedge.reshape(n * t, -1)
    for k in range(count):
        # the rents of one route alone: all bounds on it, as they share what buyers pay
        alone = rents(wedge, routes[:, k, None, None, None], value[:, :, k].reshape(n * t, 1, 1, 1))
        for b in np.flatnonzero(routes[:, k]):
            to = int(params.bounds.rent_to[b])
            region = {RENT_TO_EXPORTER: int(o[k]), RENT_TO_IMPORTER: int(d[k])}.get(to, to)
            received[:, :, c[k], region] += alone[:, b].reshape(n, t)
    return received
