from __future__ import annotations

from dataclasses import replace

import pytest

from sim.output.answer import render_answer
from sim.records.outcome import Band, GuaranteeAnswer, GuaranteeYear
from tests import output_samples as samples


def exactly(central: float) -> Band:
    return Band(central=central, p05=central, p50=central, p95=central)


def year(when: int, placed: float, missing: float = 0.0, **changes: Band) -> GuaranteeYear:
    known = GuaranteeYear(
        year=when,
        placed=exactly(placed),
        missing=exactly(missing),
        price=samples.band(2262.0, 0.9, 1.2),
        discount=samples.band(0.55, 0.7, 1.2),
        below_rivals=samples.band(0.27, 0.5, 1.2),
        cost=samples.band(5637.0, 0.6, 1.3),
    )
    return replace(known, **changes)


def guarantee(**changes: object) -> GuaranteeAnswer:
    offer = samples.offer()
    known = GuaranteeAnswer(
        measure="russian_aluminium_delivered",
        kind="floor",
        good=offer.good,
        origin=offer.origin,
        destination=offer.destination,
        year=2036,
        first_year=2026,
        stated=True,
        quote="etwa 2 Millionen Tonnen",
        suppliers=offer.suppliers,
        customers=offer.customers,
        use=offer.use,
        new_output=offer.new_output,
        price=offer.price,
        world_price=offer.world_price,
        told=year(2036, 2000.0),
        years=(year(2026, 1940.0, 60.0), year(2036, 2000.0), year(2050, 2000.0)),
        falls_short=0.0,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def told(answer: GuaranteeAnswer, width: int = 100, draws: int = 256) -> str:
    return render_answer(samples.facts(draws=draws), (), width, guarantees=(answer,), labels=samples.LABELS)


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def test_floor_tells_what_is_placed_at_which_discount_and_who_pays() -> None:
    text = in_one_line(told(guarantee()))
    assert (
        "Russia would deliver the whole 2.0 Mt of primary aluminium that are guaranteed (stated by the documents, not "
        "validated) to the United States in 2036." in text
    )
    assert "a discount of 55 % (38 to 66 %) on its delivered price" in text
    assert "27 % (14 to 32 %) below the mean of its rivals" in text
    assert "The discount costs 5,637 (3,382 to 7,328) M USD in 2036, 2,818 USD on each tonne." in text
    assert "Whoever guarantees the tonnes pays that" in text


def test_what_cannot_be_placed_is_told_in_the_sentence_and_year_by_year() -> None:
    short = year(2036, 1940.0, 60.0)
    text = told(guarantee(told=short, years=(short,), falls_short=0.25))
    assert "1.9 of the 2.0 Mt" in in_one_line(text)
    assert "60.0 kt cannot be placed; in 25 % of the draws up to 60.0 kt cannot be placed." in in_one_line(text)
    line = next(line for line in text.splitlines() if line.strip().startswith("2036  "))
    assert line.split() == ["2036", "1,940", "60.0", "55", "%", "2,262", "5,637"]


def test_contract_tells_what_its_buyers_pay_beyond_the_others() -> None:
    dear = year(2036, 2000.0, below_rivals=samples.band(-0.69, 0.6, 1.3), price=samples.band(5100.0, 0.9, 1.1))
    dear = replace(dear, discount=exactly(0.0), cost=samples.band(4181.0, 0.6, 1.3))
    text = in_one_line(told(guarantee(kind="contract", told=dear, years=(dear,))))
    assert "that are under contract" in text
    assert "5,100 (4,590 to 5,610) USD/t, 69 % (41 to 90 %) above the mean of the other suppliers" in text
    assert "4,181 (2,509 to 5,435) M USD less at that mean" in text
    assert "The price in the United States is that outside the contract." in text
    assert "discount of" not in text


def test_promise_that_ends_before_the_focus_year_says_so() -> None:
    assert "the last year of that" not in told(guarantee())
    text = in_one_line(told(guarantee(told=year(2034, 2000.0))))
    assert "to the United States in 2034, the last year of that." in text


def test_promise_without_a_discount_says_so() -> None:
    free = year(2036, 2000.0, discount=exactly(0.0), cost=exactly(0.0))
    assert "That takes no discount." in in_one_line(told(guarantee(told=free)))


def test_central_run_alone_has_no_brackets_in_its_sentences() -> None:
    text = told(guarantee(stated=False), draws=0)
    assert "a discount of 55 % on its delivered price" in in_one_line(text)
    assert "(3,382" not in text


@pytest.mark.parametrize("width", [50, 72, 100, 160])
def test_no_line_of_words_is_wider_than_the_terminal(width: int) -> None:
    lines = told(guarantee(), width).splitlines()
    assert all(len(line) <= max(width, 72) for line in lines)


def test_small_market_is_told_in_fractions_of_a_kilotonne() -> None:
    small = guarantee(
        suppliers=(samples.row("Russia", 0.0, 0.6), samples.row("China", 5.37, -0.29)),
        customers=(samples.row("China", 0.35, -0.21),),
        use=samples.row("use", 12.37, 0.02),
        new_output=samples.row("output", 0.97, 0.07),
        told=year(2036, 0.6),
        years=(year(2036, 0.6),),
    )
    text = in_one_line(told(small))
    assert "Of the 0.60 kt more, 0.53 kt (88 %) come from other customers of Russia and 0.07 kt (12 %) are new" in text
    assert "China 5.37 5.08 -0.29" in text


def test_quote_and_largest_changes_of_the_good_are_not_told_twice() -> None:
    text = render_answer(
        samples.facts(), (), 100, guarantees=(guarantee(),), labels=samples.LABELS, summary=samples.summary()
    )
    assert 'The documents\' words: "etwa 2 Millionen Tonnen".' in in_one_line(text)
    assert "supply shares that change most" not in text
    assert "Open results/sanctions_lifted/figures/us_supply_shares.png" in text
