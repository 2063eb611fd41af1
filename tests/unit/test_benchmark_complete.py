"""Reported trade completed country by country: each rule by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sim.benchmark.complete import complete_trade
from sim.errors import DataError
from sim.records.statistics import ClosedRoute, HomeUse, ImportOrigin, NetImports, TradeFact
from tests.benchmark_samples import codes, statistics


def use(country: str, kt: float, pattern: str = "") -> HomeUse:
    return HomeUse(country=country, kt=kt, pattern=pattern, source="s")


def test_trade_that_fits_is_left_alone() -> None:
    completed = complete_trade(statistics("A B", [100, 0], [[0, 60], [0, 0]]))
    assert completed.trade == pytest.approx(np.array([[0.0, 60.0], [0.0, 0.0]]))
    assert completed.use == pytest.approx([40.0, 60.0])


def test_exports_over_the_limit_are_scaled_down_and_told() -> None:
    # A has 100 and reports 150: 99 may leave, in proportion
    completed = complete_trade(statistics("A B C", [100, 0, 0], [[0, 100, 50], [0, 0, 0], [0, 0, 0]]))
    assert completed.trade[0] == pytest.approx([0.0, 66.0, 33.0])
    assert completed.use == pytest.approx([1.0, 66.0, 33.0])
    assert "AAA: scaled exports 150.000 to 99.000 kt (exports exceed output and imports)" in completed.notes


def test_a_cut_travels_down_the_chain() -> None:
    # B lives on what A sends: A's 200 of 100 made become 99, so B has 99 and may pass on 98.01
    completed = complete_trade(statistics("A B C", [100, 0, 0], [[0, 200, 0], [0, 0, 200], [0, 0, 0]]))
    assert completed.trade[0, 1] == pytest.approx(99.0)
    assert completed.trade[1, 2] == pytest.approx(98.01)


def test_known_home_use_scales_exports_up_in_proportion() -> None:
    # 100 made, 20 used at home: 80 leave although the code shows 40
    good = statistics("A B C", [100, 0, 0], [[0, 30, 10], [0, 0, 0], [0, 0, 0]], home_use=(use("AAA", 20),))
    completed = complete_trade(good)
    assert completed.trade[0] == pytest.approx([0.0, 60.0, 20.0])
    assert completed.use == pytest.approx([20.0, 60.0, 20.0])


def test_two_known_home_uses_that_trade_with_each_other_both_hold() -> None:
    trade = [[0, 10, 20], [10, 0, 10], [0, 0, 0]]
    good = statistics("A B C", [100, 100, 0], trade, home_use=(use("AAA", 30), use("BBB", 60)))
    completed = complete_trade(good)
    assert completed.use == pytest.approx([30.0, 60.0, 110.0])
    assert completed.trade[0, 2] == pytest.approx(2 * completed.trade[0, 1])


def test_stated_use_that_no_exports_can_bring_about_is_told() -> None:
    # B is said to use 50, buys 60 and reports no exports: it uses 60
    completed = complete_trade(statistics("A B", [100, 0], [[0, 60], [0, 0]], home_use=(use("BBB", 50),)))
    assert completed.use == pytest.approx([40.0, 60.0])
    told = "BBB: use is 60.000 kt, not the 50.000 stated: it reports no exports to scale"
    assert told in completed.notes
    assert not any("not the" in note for note in complete_trade(statistics("A B", [100, 0], [[0, 60], [0, 0]])).notes)


def test_countries_of_one_pattern_share_their_destinations() -> None:
    # A reports 30 to C, B 10 to D; together 3 : 1, and what goes from A to B is dropped
    trade = [[0, 5, 30, 0], [0, 0, 0, 10], [0, 0, 0, 0], [0, 0, 0, 0]]
    known = (use("AAA", 20, "pool"), use("BBB", 10, "pool"))
    completed = complete_trade(statistics("A B C D", [100, 50, 0, 0], trade, home_use=known))
    assert completed.trade[0] == pytest.approx([0.0, 0.0, 60.0, 20.0])
    assert completed.trade[1] == pytest.approx([0.0, 0.0, 30.0, 10.0])


def test_a_pattern_member_without_reported_exports_places_its_metal() -> None:
    trade = [[0, 0, 30], [0, 0, 0], [0, 0, 0]]
    known = (use("AAA", 20, "pool"), use("BBB", 10, "pool"))
    completed = complete_trade(statistics("A B C", [100, 50, 0], trade, home_use=known))
    assert completed.trade[1] == pytest.approx([0.0, 0.0, 40.0])


def test_closed_route_is_empty_and_the_metal_goes_elsewhere() -> None:
    closed = (ClosedRoute(origins=("AAA",), destinations=("BBB", "ZZZ"), source="s"),)
    trade = [[0, 30, 10], [0, 0, 0], [0, 0, 0]]
    good = statistics("A B C", [100, 0, 0], trade, home_use=(use("AAA", 20),), closed_routes=closed)
    completed = complete_trade(good)
    assert completed.trade[0] == pytest.approx([0.0, 0.0, 80.0])
    assert "closed route AAA to BBB ZZZ: 30.0 kt of reported trade dropped (s)" in completed.notes


def test_fact_replaces_reported_flows_and_is_shared_like_them() -> None:
    fact = (TradeFact(origins=("AAA",), destinations=("BBB", "CCC"), kt=60, source="s"),)
    trade = [[0, 10, 20, 5], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]]
    good = statistics("A B C D", [100, 0, 0, 0], trade, home_use=(use("AAA", 30),), trade_facts=fact)
    assert complete_trade(good).trade[0] == pytest.approx([0.0, 20.0, 40.0, 10.0])


def market(imports: float, exports: float, *origins: ImportOrigin) -> tuple[NetImports, ...]:
    return (NetImports(country="CCC", imports=imports, exports=exports, origins=origins, source="s"),)


def test_market_with_totals_of_its_own_takes_shares_first_and_weights_in_the_remainder() -> None:
    own = market(
        100, 20,
        ImportOrigin(origins=("AAA",), share=0.5, weight=0, source="s"),
        ImportOrigin(origins=("BBB",), share=0, weight=3, source="s"),
        ImportOrigin(origins=("DDD",), share=0, weight=1, source="s"),
    )  # fmt: skip
    trade = [[0, 0, 7, 0], [0, 0, 0, 0], [9, 0, 0, 0], [0, 0, 0, 0]]
    completed = complete_trade(statistics("A B C D", [100, 100, 10, 100], trade, net_imports=own))
    assert completed.trade[:, 2] == pytest.approx([40.0, 30.0, 0.0, 10.0])
    assert completed.trade[2] == pytest.approx(np.zeros(4))
    assert completed.use[2] == pytest.approx(90.0)


def test_origins_of_several_countries_are_split_by_the_metal_at_hand() -> None:
    own = market(40, 0, ImportOrigin(origins=("AAA", "BBB"), share=1, weight=0, source="s"))
    trade = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0], [0, 10, 0, 0]]
    completed = complete_trade(statistics("A B C D", [90, 20, 0, 100], trade, net_imports=own))
    # A makes 90, B makes 20 and reports imports of 10
    assert completed.trade[:, 2] == pytest.approx([30.0, 10.0, 0.0, 0.0])


def test_flows_that_are_set_above_what_a_country_has_are_refused() -> None:
    fact = (TradeFact(origins=("AAA",), destinations=("BBB",), kt=150, source="s"),)
    with pytest.raises(DataError, match=r"AAA: flows that are set exceed its 100\.0 kt by 51\.0 kt"):
        complete_trade(statistics("A B", [100, 0], [[0, 1], [0, 0]], trade_facts=fact))


def test_shares_of_a_market_that_do_not_add_up_are_refused() -> None:
    own = market(40, 0, ImportOrigin(origins=("AAA",), share=0.7, weight=0, source="s"))
    with pytest.raises(DataError, match=r"CCC: net imports 40 kt, shares 0\.7, weights 0 do not fit"):
        complete_trade(statistics("A B C", [90, 0, 0], [[0, 0, 1], [0, 0, 0], [0, 0, 0]], net_imports=own))


def test_fact_on_countries_without_statistics_is_refused() -> None:
    fact = (TradeFact(origins=("AAA",), destinations=("ZZZ",), kt=1, source="s"),)
    with pytest.raises(DataError, match="AAA to ZZZ: no such countries"):
        complete_trade(statistics("A B", [100, 0], [[0, 1], [0, 0]], trade_facts=fact))


def test_every_country_balances() -> None:
    random = np.random.default_rng(11)
    trade = random.lognormal(1, 1.5, (8, 8)) * (random.random((8, 8)) < 0.4)
    np.fill_diagonal(trade, 0.0)
    good = statistics("A B C D E F G H", list(random.uniform(0, 60, 8)), trade.tolist(), home_use=(use("AAA", 3),))
    completed = complete_trade(good)
    left = good.output + completed.trade.sum(axis=0) - completed.trade.sum(axis=1)
    assert left == pytest.approx(completed.use, abs=1e-9)
    assert codes("A") == good.countries[:1]
    assert completed.use[0] == pytest.approx(3.0)
