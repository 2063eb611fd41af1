"""Where the vectorised engine and the plain implementation differ, draw by draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.records.params import Params
from sim.records.trajectory import Trajectory
from tests.plain.simulate import YearResult

TOLERANCE = 1e-8
# what is compared, and whether in proportion (prices) or against the largest of the good or bound (tonnes, money)
PRICES = ("producer_price", "market_price")
AMOUNTS = (
    *("flow", "output", "final_use", "derived_use", "unserved", "released", "stock_left"),
    *("duties", "export_taxes", "freight_cost"),
)


def differences(params: Params, found: Trajectory, draw: int, plain: list[YearResult]) -> dict[str, float]:
    """Largest relative difference of each quantity over the years of a draw; infinite where a blank is not shared."""
    gaps: dict[str, float] = {}
    for t, year in enumerate(plain):
        for name in PRICES:
            _note(gaps, name, relative_gap(getattr(found, name)[draw, t], getattr(year, name)))
        for name in AMOUNTS:
            mine, theirs = getattr(found, name)[draw, t], getattr(year, name)
            _note(
                gaps, name, float(np.abs(mine - theirs).max(initial=0.0) / max(np.abs(theirs).max(initial=0.0), 1e-9))
            )
        moving = year.flow > 1e-12 * year.flow.max()
        _note(
            gaps,
            "delivered_price",
            relative_gap(found.delivered_price[draw, t][moving], year.delivered_price[moving]),
        )
        spent = max(float(np.nansum(year.flow * np.nan_to_num(year.delivered_price))) / 1000, 1e-9)
        routes = params.bounds.routes
        for wedge, name in ((found.rent_wedge[draw, t] - year.rent_wedge, "rent_wedge"),):
            on_routes = np.tensordot(wedge, routes.astype(float), axes=1) if len(routes) else np.zeros(1)
            # only the sum of z on a route is determined, and only where something moves
            _note(gaps, name, float(np.abs(np.where(moving, on_routes, 0.0)).max()))
        _note(gaps, "rent", abs(float(found.rent[draw, t].sum() - year.rent.sum())) / spent)
        short = np.abs(found.shortfall[draw, t] - year.shortfall)
        _note(gaps, "shortfall", float((short / np.maximum(params.bounds.low[draw, t], 1e-9)).max(initial=0.0)))
    return gaps


def relative_gap(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Largest |mine / theirs - 1|; infinite where one is blank and the other is not."""
    if (np.isnan(mine) != np.isnan(theirs)).any():
        return float("inf")
    both = ~np.isnan(mine)
    return float(np.abs(mine[both] / theirs[both] - 1).max(initial=0.0))


def _note(gaps: dict[str, float], name: str, gap: float) -> None:
    gaps[name] = max(gaps.get(name, 0.0), gap)
