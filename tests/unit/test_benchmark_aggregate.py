"""From countries to regions."""

from __future__ import annotations

import numpy as np
import pytest

from sim.benchmark.aggregate import covered_by, membership, sum_countries, sum_flows
from sim.errors import DataError
from tests.benchmark_samples import codes, regions


def test_totals_and_flows_are_sums_over_the_countries() -> None:
    member = membership(regions(North="A C", South="B"), codes("A B C"))
    assert sum_countries(member, np.array([1.0, 2.0, 4.0])) == pytest.approx([5.0, 2.0])
    trade = np.array([[0.0, 10.0, 3.0], [20.0, 0.0, 40.0], [5.0, 80.0, 0.0]])
    between, inside = sum_flows(member, trade)
    assert between == pytest.approx(np.array([[0.0, 90.0], [60.0, 0.0]]))
    assert inside == pytest.approx([8.0, 0.0])


@pytest.mark.parametrize(
    ("cut", "message"),
    [({"North": "A"}, "BBB has statistics and belongs to 0 regions"), ({"X": "A B", "Y": "B"}, "belongs to 2 regions")],
)
def test_each_country_needs_one_region(cut: dict[str, str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        membership(regions(**cut), codes("A B"))


def test_a_pair_of_regions_is_covered_only_if_all_its_present_pairs_are() -> None:
    member = membership(regions(East="A B", West="C D"), codes("A B C D"))
    marked = np.zeros((4, 4), dtype=bool)
    marked[0, 2] = True
    everyone = np.ones((2, 4), dtype=bool)
    assert not covered_by(member, everyone, marked).any()
    # B makes nothing and D buys nothing: A to C is the whole pair
    present = np.array([[True, False, True, True], [True, True, True, False]])
    assert covered_by(member, present, marked).tolist() == [[False, True], [False, False]]


def test_a_region_without_statistics_is_never_covered() -> None:
    member = membership(regions(East="A", Empty=""), codes("A"))
    covered = covered_by(member, np.ones((2, 1), dtype=bool), np.ones((1, 1), dtype=bool))
    assert covered.tolist() == [[True, False], [False, False]]
