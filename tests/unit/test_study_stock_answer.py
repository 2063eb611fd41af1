"""The answer tells what a stockpile sells, what is left of it and when it is empty."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sim.output.stock_text import stock_blocks
from sim.records.outcome import RunFacts, StockAnswer, StockYear
from sim.records.scenario import Measure
from sim.study.run import Outcome
from tests.output_samples import band, facts
from tests.study_samples import barred, measure, number, outcome, sanctions

NAMES = {"US": "United States", "oxide": "Oxide"}


def pile(trigger: float, **numbers: Any) -> Measure:
    stated = {"stock": 5.0, "release_rate": 2.0, "trigger_price": trigger} | numbers
    return measure("stockpile", "pile", region="C", destinations=["C"], starts=2026, numbers=stated)


def run(trigger: float, draws: int = 0, **numbers: Any) -> Outcome:
    return outcome(barred(pile(trigger, **numbers), name="eased", switches=[sanctions()], last=2030), draws=draws)


def test_stockpile_is_told_until_it_is_used_up() -> None:
    (answer,) = run(100.0).stocks
    assert [entry.year for entry in answer.sold] == [2026, 2027, 2028]
    assert [entry.sold.central for entry in answer.sold] == pytest.approx([2.0, 2.0, 1.0], abs=0.01)
    assert (answer.empty_year, answer.empty, answer.sells) == (2028, 1.0, 1.0)
    assert answer.left.central == pytest.approx(0.0, abs=0.01)
    assert (answer.holder, answer.markets, answer.good) == ("C", ("C",), "metal")


def test_stockpile_above_the_market_price_sells_nothing() -> None:
    (answer,) = run(9000.0).stocks
    assert answer.sold == ()
    assert (answer.empty_year, answer.empty, answer.sells) == (None, 0.0, 0.0)
    assert answer.left.central == pytest.approx(5.0)


def test_shares_of_draws_count_those_that_use_it_up() -> None:
    found = run(100.0, draws=8, stock=number(8.0, "measures.pile.stock", low=3.0, high=16.0))
    (answer,) = found.stocks
    left = found.summary[(found.summary["indicator"] == "stock_left") & (found.summary["year"] == 2030)].iloc[0]
    assert answer.left.p95 == pytest.approx(left["p95"])
    assert 0.0 < answer.empty < 1.0
    assert answer.empty * 8 == round(answer.empty * 8)


def test_what_is_sold_adds_up_to_what_is_gone() -> None:
    (answer,) = run(1000.0).stocks
    gone = answer.stock.central - answer.left.central
    assert sum(entry.sold.central for entry in answer.sold) == pytest.approx(gone, abs=0.05)
    assert gone > 0.5


KNOWN = StockAnswer(
    measure="us_stock",
    good="oxide",
    holder="US",
    markets=("US",),
    stock=band(5.0),
    trigger=band(16000.0),
    sold=(StockYear(year=2026, sold=band(1.7)), StockYear(year=2027, sold=band(0.72))),
    left=band(2.1),
    last_year=2030,
    empty_year=None,
    empty=0.4,
    sells=0.9,
)


def told(answer: StockAnswer, given: RunFacts) -> str:
    (block,) = stock_blocks((answer,), given, NAMES, 90)
    assert max(len(line) for line in block) <= 90
    return " ".join(block)


def test_central_run_tells_sales_rest_and_price() -> None:
    assert told(KNOWN, facts(draws=0, solved=0)) == (
        "us_stock, oxide of the United States, sells 1.7 kt in 2026 and 0.72 in 2027; 2.1 of its 5.0 kt are left in "
        "2030. At a price of about 16,000 USD/t in the United States half of what may leave it in a year is sold, at a "
        "tenth more nearly all, at a tenth less next to nothing."
    )


def test_draws_have_bands_and_shares() -> None:
    text = told(KNOWN, facts())
    assert text.startswith(
        "us_stock, oxide of the United States, sells 1.7 kt in 2026 (1.2 to 2.4) "
        "and 0.72 in 2027 (0.50 to 1.0); 2.1 of its"
    )
    assert "In 90 % of the draws it sells at all, in 40 % it is empty by 2030." in text
    one = replace(KNOWN, sold=(StockYear(year=2026, sold=band(1.7, 1.0, 1.0)),))
    assert "1.7 kt in 2026; 2.1 of" in told(one, facts())


def test_of_many_years_first_focus_and_last_are_told() -> None:
    years = tuple(StockYear(year=year, sold=band(0.1)) for year in range(2026, 2041))
    text = told(replace(KNOWN, sold=years, empty_year=2040), facts(draws=0, solved=0, focus=2036))
    assert text.startswith(
        "us_stock, oxide of the United States, sells 0.10 kt in 2026, 0.10 in 2027, "
        "0.10 in 2036 and 0.10 in 2040, in 15 years in all; its 5.0 kt are used up by "
        "the end of 2040."
    )


def test_stockpile_that_does_not_sell_says_so() -> None:
    text = told(replace(KNOWN, sold=()), facts())
    assert text.startswith(
        "us_stock, oxide of the United States, sells nothing of its 5.0 kt "
        "in the central run. In 90 % of the draws it sells"
    )
    assert "At a price of about 16,000 USD/t in the United States (11,200 to 22,400) half" in text


def test_no_stockpile_no_word() -> None:
    assert outcome(barred()).stocks == ()
    assert stock_blocks((), facts(), NAMES, 90) == []
