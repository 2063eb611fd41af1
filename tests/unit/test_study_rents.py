from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.model import simulate
from sim.records.params import RENT_TO_EXPORTER, RENT_TO_IMPORTER, Params
from sim.study.rents import rents_received
from tests.worlds import tiny_world, with_bound

A, B, C = range(3)


def capped(*rent_to: int) -> Params:
    """Caps on what A sells abroad and, where two recipients are given, on all that reaches C."""
    params = with_bound(tiny_world(), [(0, A, B), (0, A, C)], high=30.0)
    if len(rent_to) > 1:
        params = with_bound(params, [(0, A, C), (0, B, C)], high=25.0)
    return replace(params, bounds=replace(params.bounds, rent_to=np.array(rent_to)))


@pytest.mark.parametrize(("rent_to", "to"), [(RENT_TO_EXPORTER, [A]), (RENT_TO_IMPORTER, [B, C]), (C, [C])])
def test_rent_goes_to_whom_the_bound_says(rent_to: int, to: list[int]) -> None:
    params = capped(rent_to)
    found = simulate(params)
    received = rents_received(params, found)[0, 1, 0]
    assert np.flatnonzero(received > 0).tolist() == to
    assert received.sum() == pytest.approx(found.rent[0, 1].sum())
    assert (rents_received(params, found)[0, 0] == 0).all()


def test_rents_of_overlapping_bounds_add_up_to_what_they_are() -> None:
    params = capped(RENT_TO_EXPORTER, RENT_TO_IMPORTER)
    found = simulate(params)
    received = rents_received(params, found)
    assert (found.rent[0, 1] > 0).all()
    np.testing.assert_allclose(received.sum(axis=(2, 3)), found.rent.sum(axis=2), rtol=1e-9, atol=1e-12)
    assert received[0, 1, 0, A] > 0 < received[0, 1, 0, C]


def test_guarantor_pays() -> None:
    params = with_bound(tiny_world(), [(0, A, C)], low=30.0)
    found = simulate(params)
    received = rents_received(params, found)[0, 1, 0]
    assert received[A] < 0
    assert received[A] == pytest.approx(found.rent[0, 1, 0])


def test_unsolved_draw_is_blank_and_no_bounds_no_rents() -> None:
    params = capped(RENT_TO_EXPORTER)
    found = simulate(params)
    flow, wedge = found.flow.copy(), found.rent_wedge.copy()
    flow[0, 2:], wedge[0, 2:] = np.nan, np.nan
    received = rents_received(params, replace(found, flow=flow, rent_wedge=wedge))
    assert np.isnan(received[0, 2:, 0, A]).all()
    assert (rents_received(tiny_world(), simulate(tiny_world())) == 0).all()
