"""Measures on routes: closures, wedges on the delivered price, bounds and contracts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.assemble.frame import Frame
from sim.quantity import Array, Mask
from sim.records.params import RENT_TO_EXPORTER, RENT_TO_IMPORTER, Bounds, Contracts, Policy, Stockpiles, Wedge
from sim.records.scenario import Measure


def policy_of(frame: Frame, freight: Array, shut_entries: Sequence[tuple[Mask, Array]]) -> Policy:
    """Bans, duties, taxes and surcharges; ``freight`` (n, c, o, d) in USD/t.

    ``shut_entries`` are routes (c, o, d) with the share of each year (n, t) in which nobody can sell on them yet.
    """
    bans = [m for m in frame.measures("ban") if "leakage" not in m.numbers]
    closed = [(frame.routes(m), frame.in_force(m)) for m in bans]
    tariffs = frame.rates("tariff", "rate")
    return Policy(
        bans=_wedge(frame, closed + list(shut_entries)),
        tariffs_fob=_rates(frame, [part for part in tariffs if part[0].choices.get("base") == "FOB"]),
        tariffs_cif=_rates(frame, [part for part in tariffs if part[0].choices.get("base") != "FOB"]),
        export_taxes=_rates(frame, frame.rates("export_tax", "rate")),
        surcharges=_rates(frame, frame.rates("freight", "amount")),
        freight=freight,
    )


def bounds_of(frame: Frame) -> Bounds:
    """Caps, offers, floors and bans that leak, as limits on sums of flows."""
    leaks = [m for m in frame.measures("ban") if "leakage" in m.numbers]
    bounded = frame.measures("cap", "offer", "floor") + leaks
    limits = [_limits(frame, measure) for measure in bounded]
    shape = (frame.draws.rows, len(frame.years))
    return Bounds(
        names=tuple(m.name for m in bounded),
        rent_to=np.array([_rent_owner(frame, m) for m in bounded], dtype=np.int64),
        routes=_stacked([frame.routes(m) for m in bounded], frame.shape),
        low=_columns([low for low, _, _ in limits], shape),
        high=_columns([high for _, high, _ in limits], shape),
        high_share=_columns([share for _, _, share in limits], shape),
    )


def contracts_of(frame: Frame) -> Contracts:
    """Take-or-pay contracts, each on one route."""
    contracts = frame.measures("contract")
    world = frame.world
    volumes = [frame.in_force(m) * frame.path(m.numbers["volume"]) for m in contracts]
    return Contracts(
        names=tuple(m.name for m in contracts),
        good=np.array([world.good_index(m.good) for m in contracts], dtype=np.int64),
        origin=np.array([world.region_index(m.origins[0]) for m in contracts], dtype=np.int64),
        destination=np.array([world.region_index(m.destinations[0]) for m in contracts], dtype=np.int64),
        volume=_columns(volumes, (frame.draws.rows, len(frame.years))),
    )


def stockpiles_of(frame: Frame) -> Stockpiles:
    """Stockpiles; a release is shared out over the markets served in proportion to their benchmark use."""
    world = frame.world
    piles = frame.measures("stockpile")
    use = world.flows.sum(axis=1)
    reach = np.zeros((len(piles), len(world.regions)))
    for s, measure in enumerate(piles):
        served = [world.region_index(name) for name in measure.destinations]
        wanted = use[world.good_index(measure.good), served]
        reach[s, served] = wanted / wanted.sum() if wanted.any() else 1.0 / len(served)
    drawn = [[frame.draws.values(m.numbers[name]) for m in piles] for name in ("stock", "trigger_price")]
    stock, trigger = (np.stack(each, axis=1) if piles else np.zeros((frame.draws.rows, 0)) for each in drawn)
    return Stockpiles(
        names=tuple(m.name for m in piles),
        good=np.array([world.good_index(m.good) for m in piles], dtype=np.int64),
        holder=np.array([world.region_index(m.region or "") for m in piles], dtype=np.int64),
        release_rate=_columns(
            [frame.in_force(m) * frame.path(m.numbers["release_rate"]) for m in piles],
            (frame.draws.rows, len(frame.years)),
        ),
        stock=stock,
        trigger=trigger,
        reach=reach,
    )


def _limits(frame: Frame, measure: Measure) -> tuple[Array, Array, Array]:
    """Lower limit, upper limit and the share of the last unlimited flow that comes on top, each (n, t).

    In a year that a cap covers in part, the rest of the year goes on at the last unlimited pace.
    """
    covered = frame.in_force(measure)
    nothing = np.zeros_like(covered)
    if measure.kind == "floor":
        return covered * frame.path(measure.numbers["volume"]), np.full_like(covered, np.inf), nothing
    if measure.kind == "ban":
        tonnes, leaking = nothing, covered * frame.path(measure.numbers["leakage"])
    else:
        tonnes, leaking = covered * frame.path(measure.numbers["volume"]), nothing
    return nothing, np.where(covered > 0, tonnes, np.inf), np.where(covered > 0, 1.0 - covered + leaking, 0.0)


def _rent_owner(frame: Frame, measure: Measure) -> int:
    owner = measure.choices.get("rent_to", "exporter")
    if owner in ("exporter", "importer"):
        return RENT_TO_EXPORTER if owner == "exporter" else RENT_TO_IMPORTER
    return frame.world.region_index(owner)


def _rates(frame: Frame, parts: Sequence[tuple[Measure, Array]]) -> Wedge:
    return _wedge(frame, [(frame.routes(measure), rate) for measure, rate in parts])


def _wedge(frame: Frame, parts: Sequence[tuple[Mask, Array]]) -> Wedge:
    return Wedge(
        routes=_stacked([routes for routes, _ in parts], frame.shape),
        rate=_columns([rate for _, rate in parts], (frame.draws.rows, len(frame.years))),
    )


def _stacked(masks: list[Mask], shape: tuple[int, ...]) -> Mask:
    return np.stack(masks) if masks else np.zeros((0, *shape), dtype=bool)


def _columns(paths: list[Array], shape: tuple[int, int]) -> Array:
    return np.stack(paths, axis=2) if paths else np.zeros((*shape, 0))
