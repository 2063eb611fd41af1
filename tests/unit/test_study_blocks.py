"""A run goes over blocks of draws; how they are cut changes not a bit of what it finds."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from sim.assemble.draws import Draws
from sim.errors import ScenarioError
from sim.output.tables import FLOWS, MARKETS, SUMMARY, UNSOLVED, csv_bytes, npz_bytes
from sim.records.by_draw import ByDraw, joined
from sim.records.sampling import SAMPLINGS
from sim.study import run as study
from sim.study.block import parts_of
from sim.study.parcels import Parcel
from sim.study.run import Outcome
from sim.study.telling import Order, elsewhere
from tests.study_samples import MINE, SMELTER, barred, joint, measure, number, offer, outcome, sanctions

DRAWS = 70
VOLUME = number(20.0, low=0.0, high=200.0, path="measures.guarantee.volume")
GUARANTEE = measure("floor", "guarantee", origins=["A"], destinations=["B"], starts=2026, numbers={"volume": VOLUME})
STOCK = measure(
    "stockpile",
    "stock",
    region="C",
    destinations=["C"],
    starts=2025,
    numbers={
        "stock": number(20.0, low=5.0, high=40.0, path="measures.stock.stock"),
        "release_rate": 10.0,
        "trigger_price": 100.0,
    },
)
DEALS = barred(
    offer(number(10.0, "measures.sale.volume", low=2.0, high=40.0), when=["not sanctions"]),
    GUARANTEE,
    STOCK,
    switches=[sanctions(probability=0.4)],
)
CUTS = [(7, 2), (64, 4), (1000, 1)]  # draws of a block, threads


def everything(found: Outcome) -> list[bytes]:
    """All that a run finds, to the last bit."""
    tables = [(found.summary, SUMMARY), (found.flows, FLOWS), (found.markets, MARKETS)]
    tables += [] if found.unsolved is None else [(found.unsolved, UNSOLVED)]
    words = (found.facts, found.offers, found.guarantees, found.projects, found.stocks, found.cases, found.checks)
    return [*(csv_bytes(*table) for table in tables), npz_bytes(found.drawn, found.headline), repr(words).encode()]


@pytest.fixture(scope="module")
def deals() -> Outcome:
    return outcome(DEALS, draws=DRAWS)


@pytest.fixture(scope="module")
def projects() -> Outcome:
    return joint(MINE, SMELTER, draws=9)


@pytest.mark.parametrize(("block", "jobs"), CUTS)
def test_deals_stocks_cases_and_unsolved_draws_do_not_depend_on_the_blocks(
    deals: Outcome, block: int, jobs: int
) -> None:
    assert 0 < deals.facts.infeasible < DRAWS
    assert deals.offers
    assert deals.guarantees
    assert deals.stocks
    assert deals.cases
    assert everything(outcome(DEALS, draws=DRAWS, block=block, jobs=jobs)) == everything(deals)


def test_blocks_of_one_draw_tell_the_same() -> None:
    assert everything(outcome(DEALS, draws=8, block=1)) == everything(outcome(DEALS, draws=8))


@pytest.mark.parametrize(("block", "jobs"), [(1, 1), (7, 2)])
def test_projects_and_their_capital_do_not_depend_on_the_blocks(projects: Outcome, block: int, jobs: int) -> None:
    assert any(answer.costs for answer in projects.projects)
    assert any(answer.without for answer in projects.projects)
    assert everything(joint(MINE, SMELTER, draws=9, block=block, jobs=jobs)) == everything(projects)


@pytest.mark.parametrize(("block", "jobs"), CUTS)
def test_tables_are_of_the_first_draws_and_the_answer_of_all(
    monkeypatch: pytest.MonkeyPatch, deals: Outcome, block: int, jobs: int
) -> None:
    monkeypatch.setattr(study, "TABLE_DRAWS", 40)
    many, few = outcome(DEALS, draws=DRAWS, block=block, jobs=jobs), outcome(DEALS, draws=40)
    assert csv_bytes(many.flows, FLOWS) == csv_bytes(few.flows, FLOWS)
    assert repr((many.offers, many.guarantees, many.stocks, many.cases)) == repr(
        (deals.offers, deals.guarantees, deals.stocks, deals.cases)
    )
    assert npz_bytes(many.drawn, many.headline) == npz_bytes(deals.drawn, deals.headline)
    used = [each.summary.query("indicator == 'consumption'") for each in (many, few, deals)]
    assert used[0].equals(used[1].set_index(used[0].index))
    assert not used[0].equals(used[2].set_index(used[0].index))
    of_offer = [each.summary[each.summary["indicator"].str.startswith("offer_")] for each in (many, deals)]
    assert of_offer[0].reset_index(drop=True).equals(of_offer[1].reset_index(drop=True))


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_part_of_the_draws_holds_the_central_run_and_its_own(sampling: str) -> None:
    drawn = number(3.0, "a", low=1.0, high=9.0, shape="triangular")
    whole = Draws(seed=5, count=20, sampling=sampling)
    values = whole.values(drawn)
    for first, end in ((1, 21), (1, 2), (8, 15), (20, 21), (9, 9)):
        part = replace(whole, part=(first, end))
        assert part.rows == 1 + end - first
        assert part.values(drawn).tolist() == [values[0], *values[first:end]]


@pytest.mark.parametrize(("first", "end", "size"), [(1, 1, 5), (1, 6, 5), (1, 7, 5), (3, 70, 8), (1, 4, 1)])
def test_parts_hold_every_draw_once_and_in_order_and_none_too_many(first: int, end: int, size: int) -> None:
    parts = parts_of(first, end, size)
    assert [draw for each in parts for draw in range(*each)] == list(range(first, end))
    sizes = [b - a for a, b in parts]
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1


def test_blocks_are_joined_without_their_central_runs_but_the_first() -> None:
    parts = [np.array([0.0, 1.0, 2.0]), np.array([0.0, 3.0]), np.array([0.0])]
    assert joined(parts).tolist() == [0.0, 1.0, 2.0, 3.0]
    told = [({"a": each}, "label") for each in parts]
    assert joined(told)[0]["a"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert joined(told)[1] == "label"
    with pytest.raises(ValueError, match="shorter"):
        joined([(parts[0],), ()])


def test_record_of_draws_keeps_no_view_of_what_it_was_taken_from() -> None:
    from dataclasses import dataclass

    @dataclass(frozen=True, eq=False, kw_only=True)
    class Record(ByDraw):
        values: np.ndarray

    whole = np.zeros((100, 100))
    assert Record(values=whole[:, 3]).values.base is None


def fault_of_the_first_block(order: Order) -> tuple[Parcel, tuple[str, ...]]:
    if order.part[0] == 1:
        raise ScenarioError("of the first block")
    time.sleep(60)  # longer than the test waits
    return elsewhere(order)


def test_fault_in_one_block_stops_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "elsewhere", fault_of_the_first_block)
    begun = time.monotonic()
    with pytest.raises(ScenarioError, match="of the first block"):
        outcome(DEALS, draws=40, block=1, jobs=2)
    assert time.monotonic() - begun < 50
