"""A world put together from small statistics, by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sim.benchmark.build import assemble_world, build_good, fixed_cells, thin_out
from sim.benchmark.cache import store_world, stored_world
from sim.benchmark.report import balanced_rows, world_report
from sim.errors import DataError
from sim.records.statistics import ClosedRoute, ImportOrigin, NetImports, OtherAsset, ProducerPrice
from sim.records.world import Good, Region, World, WorldDefinition
from tests.benchmark_samples import regions, statistics


def definition(cut: tuple[Region, ...], *goods: Good) -> WorldDefinition:
    named = goods or (Good(name="metal", label="Metal", unit="content"),)
    return WorldDefinition(name="tiny", year=2024, regions=cut, goods=named, groups={"both": ("N", "S")}, sources={})


def tiny(**changes: object) -> World:
    good = statistics("A B", [80, 20], [[0, 30], [0, 0]], **changes)
    return assemble_world(definition(regions(N="A", S="B")), (good,), "f" * 64)


def test_rows_are_output_and_columns_are_use() -> None:
    world = tiny()
    assert world.flows[0] == pytest.approx(np.array([[50.0, 30.0], [0.0, 20.0]]))
    assert world.asset_names == ("plants", "plants")
    assert world.output == pytest.approx([80.0, 20.0])


def test_capacity_under_the_highest_utilisation_is_raised_and_told() -> None:
    world = tiny(capacity=np.array([70.0, 50.0]))
    assert world.capacity == pytest.approx([80.0 / 0.98, 50.0])
    assert "metal: N: capacity raised from 70.0 to 81.6 kt" in world.report


def test_capacity_without_output_gives_no_asset() -> None:
    good = statistics("A B", [80, 0], [[0, 30], [0, 0]], capacity=np.array([80.0, 5.0]))
    world = assemble_world(definition(regions(N="A", S="B")), (good,))
    assert world.asset_region.tolist() == [0]
    assert "metal: S: capacity of 5.0 kt without output left out" in world.report


def test_other_assets_supply_the_region_where_they_arise() -> None:
    asset = OtherAsset(name="scrap", country="BBB", output=10.0, utilisation=0.8, source="s")
    world = tiny(other_assets=(asset,))
    assert world.flows[0] == pytest.approx(np.array([[50.0, 30.0], [0.0, 30.0]]))
    assert world.asset_names == ("plants", "plants", "scrap")
    assert world.capacity[2] == pytest.approx(12.5)


def test_an_asset_that_stands_twice_in_a_region_is_refused() -> None:
    asset = OtherAsset(name="plants", country="BBB", output=10.0, utilisation=0.8, source="s")
    with pytest.raises(DataError, match="asset 'plants' stands twice in one region"):
        tiny(other_assets=(asset,))


def test_price_of_a_region_is_that_of_its_producers_by_output() -> None:
    prices = (ProducerPrice(countries=("AAA", "CCC"), price=130.0, source="s"),)
    good = statistics("A B C", [30, 10, 0], np.zeros((3, 3)).tolist(), prices=prices)
    cut = regions(N="A B", S="C")
    # C has a price of its own and no output: its region carries the reference
    assert build_good(cut, good).price == pytest.approx([122.5, 100.0])


def test_closed_routes_stay_closed_after_tracing() -> None:
    # A sends to B, B to C; A to C is closed, so what A sells through B goes elsewhere
    closed = (ClosedRoute(origins=("AAA",), destinations=("CCC",), source="s"),)
    trade = [[0, 40, 10], [0, 0, 30], [0, 0, 0]]
    base = build_good(regions(N="A", S="B", W="C"), statistics("A B C", [100, 50, 20], trade, closed_routes=closed))
    assert base.traced[0, 2] > 10
    assert base.flows[0, 2] == 0.0
    assert base.flows.sum(axis=1) == pytest.approx([100.0, 50.0, 20.0])
    assert base.flows.sum(axis=0) == pytest.approx(base.traced.sum(axis=0))


def test_a_route_closed_for_part_of_a_region_is_not_fixed_for_the_region() -> None:
    closed = (ClosedRoute(origins=("AAA",), destinations=("CCC",), source="s"),)
    good = statistics("A B C", [100, 50, 20], np.zeros((3, 3)).tolist(), closed_routes=closed)
    apart = fixed_cells(good, np.eye(3), np.zeros((3, 3)))
    assert apart[0, 2] == 0.0
    assert np.isnan(np.delete(apart.ravel(), 2)).all()
    together = fixed_cells(good, np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]), np.zeros((3, 3)))
    assert np.isnan(together).all()


def test_stated_shares_of_imports_are_fixed_in_the_result() -> None:
    origins = (
        ImportOrigin(origins=("AAA",), share=0.5, weight=0, source="s"),
        ImportOrigin(origins=("BBB",), share=0, weight=1, source="s"),
    )
    market = (NetImports(country="CCC", imports=40, exports=0, origins=origins, source="s"),)
    trade = [[0, 30, 0], [0, 0, 0], [0, 0, 0]]
    base = build_good(regions(N="A", S="B", W="C"), statistics("A B C", [100, 50, 20], trade, net_imports=market))
    assert base.traced[0, 2] > 20
    assert base.flows[0, 2] == pytest.approx(20.0)


def test_traces_of_a_few_tonnes_are_left_out_unless_they_are_the_market() -> None:
    traced = np.array([[50.0, 0.01, 0.01], [0.02, 80.0, 0.0], [0.0, 0.0, 0.0]])
    thinned, note = thin_out(traced, 0.05)
    assert thinned == pytest.approx(np.array([[50.0, 0.0, 0.01], [0.0, 80.0, 0.0], [0.0, 0.0, 0.0]]))
    assert note.endswith("2 cells, 0.0 kt")


def test_input_beyond_its_use_is_refused() -> None:
    goods = (Good(name="ore", label="Ore", unit="t"), Good(name="metal", label="Metal", unit="t", input="ore"))
    ore = statistics("A B", [100, 0], [[0, 60], [0, 0]], good="ore", fleet="mines")
    metal = statistics("A B", [20, 30], [[0, 0], [0, 0]], input_ratio=2.0)
    world = assemble_world(definition(regions(N="A", S="B"), *goods), (ore, metal))
    assert world.input_ratio.tolist() == [0.0, 2.0, 2.0]
    more = statistics("A B", [20, 31], [[0, 0], [0, 0]], input_ratio=2.0)
    with pytest.raises(DataError, match=r"metal in S takes 62\.000 kt of ore, 60\.000 kt are used"):
        assemble_world(definition(regions(N="A", S="B"), *goods), (ore, more))


def test_report_shows_regions_assets_and_corrections() -> None:
    asset = OtherAsset(name="scrap", country="BBB", output=10.0, utilisation=0.8, source="s")
    text = world_report(tiny(other_assets=(asset,), capacity=np.array([70.0, 50.0])))
    assert "World tiny, base year 2024: 2 regions, 1 goods" in text
    assert "assets in S: plants 20 of 50; scrap 10 of 12" in text
    assert "capacity raised" in text
    assert "both: N, S" in text
    row = next(line for line in text.splitlines() if line.startswith("  N "))
    assert row.split() == ["N", "80.000", "81.633", "50.000", "30.000", "0.000", "100", "N", "100%"]


def test_table_for_review_holds_every_flow_of_half_a_kilogram_up() -> None:
    assert balanced_rows(tiny(), 0) == [("N", "N", "50.000"), ("N", "S", "30.000"), ("S", "S", "20.000")]


def test_cached_world_is_the_same_world(tmp_path: Path) -> None:
    world = tiny()
    path = tmp_path / "new" / "tiny.npz"
    store_world(path, world)
    cached = stored_world(path, definition(regions(N="A", S="B")), world.fingerprint)
    assert cached is not None
    assert cached.flows.tobytes() == world.flows.tobytes()
    assert cached.capacity.tobytes() == world.capacity.tobytes()
    assert (cached.report, cached.asset_names) == (world.report, world.asset_names)
    assert cached.asset_good.dtype == np.int64
    assert [file.name for file in path.parent.iterdir()] == ["tiny.npz"]


def test_cache_that_does_not_fit_or_cannot_be_read_is_not_used(tmp_path: Path) -> None:
    world, names = tiny(), definition(regions(N="A", S="B"))
    path = tmp_path / "tiny.npz"
    assert stored_world(path, names, world.fingerprint) is None
    store_world(path, world)
    assert stored_world(path, names, "0" * 64) is None
    whole = path.read_bytes()
    for damaged in (b"", b"no archive", whole[: len(whole) // 2], whole[:200] + b"\0" * 40 + whole[240:]):
        path.write_bytes(damaged)
        assert stored_world(path, names, world.fingerprint) is None


def test_cache_folder_that_cannot_be_made_is_no_fault(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    store_world(blocked / "tiny.npz", tiny())
    assert blocked.read_text(encoding="utf-8") == "in the way"


def test_reported_origins_of_a_market_are_not_traced() -> None:
    # A makes all; C buys 10 from B and nothing from A, and is to be told of B's own 10
    given = statistics(
        "A B C",
        [90, 10, 0],
        [[0, 40, 0], [0, 0, 10], [0, 0, 0]],
        net_imports=(
            NetImports(
                country="CCC",
                imports=10.0,
                exports=None,
                origins=(ImportOrigin(origins=("BBB",), share=1.0, weight=0.0, source="s"),),
                source="s",
                reported=True,
            ),
        ),
    )
    cut = regions(N="A", S="B", W="C")
    base = build_good(cut, given)
    assert base.flows == pytest.approx(np.array([[50.0, 40.0, 0.0], [0.0, 0.0, 10.0], [0.0, 0.0, 0.0]]))
    market = replace(given.net_imports[0], reported=False)
    traced = build_good(cut, replace(given, net_imports=(market,)))
    assert traced.traced[0, 2] == pytest.approx(8.0)  # B sells on: 40 of the 50 at hand are from A


def test_flows_of_a_good_that_is_not_traced_stay_as_reported() -> None:
    given = statistics("A B", [90, 30], [[0, 40], [10, 0]], traced=False)
    base = build_good(regions(N="A", S="B"), given)
    assert base.flows == pytest.approx(np.array([[50.0, 40.0], [10.0, 20.0]]))


def test_untraced_exports_beyond_output_are_refused() -> None:
    given = statistics("A B C", [90, 10, 0], [[0, 40, 0], [0, 0, 30], [0, 0, 0]], traced=False)
    with pytest.raises(DataError, match=r"S exports 20\.000 kt more than it makes"):
        build_good(regions(N="A", S="B", W="C"), given)


def test_input_ratio_of_a_region_is_that_of_its_producers_by_output() -> None:
    given = statistics(
        "A B C", [30, 10, 0], [[0, 0, 0]] * 3, input_ratio=1.1, input_ratio_of=(("AAA", 2.0), ("CCC", 9.0))
    )
    base = build_good(regions(N="A B", S="C"), given)
    assert base.input_ratio == pytest.approx([(30 * 2.0 + 10 * 1.1) / 40, 1.1])


def test_market_under_the_smallest_is_closed_and_told() -> None:
    given = statistics("A B C", [100, 0, 0], [[0, 30, 0.5], [0, 0, 0], [0, 0, 0]], smallest_market=1.0)
    base = build_good(regions(N="A", S="B", W="C"), given)
    assert base.flows[0] == pytest.approx([70.0, 30.0, 0.0])
    assert "W: use of 500.00 t left out" in base.notes
    assert base.flows[0, 2] == 0.0


def test_who_sells_all_to_a_market_of_reported_origins_keeps_no_trace_at_home() -> None:
    part = ImportOrigin(origins=("BBB",), share=1.0, weight=0.0, source="s")
    market = NetImports(country="CCC", imports=0.1 * 3, exports=None, origins=(part,), source="s", reported=True)
    given = statistics("A B C", [100, 0.3, 0], [[0, 40, 0], [0, 0, 9], [0, 0, 0]], net_imports=(market,))
    base = build_good(regions(N="A", S="B", W="C"), given)
    assert base.flows[1].tolist() == [0.0, 0.0, 0.1 * 3]
