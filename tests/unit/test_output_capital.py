from __future__ import annotations

import re
from dataclasses import replace

import tests.output_samples as samples
from sim.output.capital_text import capital_blocks
from sim.records.outcome import Band, Removal, RunFacts

NAMES = {"US": "United States"}
BLANK = float("nan")


def blocks(facts: RunFacts | None = None, **changes: object) -> list[list[str]]:
    return capital_blocks(samples.plant(**changes), facts or samples.chain_facts(), NAMES, 100)


def removal(**changes: object) -> Removal:
    known = samples.plant().removal
    assert known is not None
    return replace(known, **changes)  # type: ignore[arg-type]


def test_cost_stands_against_market_earnings_and_dependence() -> None:
    cost, words = blocks()
    assert cost[0] == "plant is said to cost 100 to 999 bn USD (stated by the documents, not validated)"
    rows = {re.split(r"  +", line.strip())[0]: line.split()[-4:] for line in cost[2:]}
    assert rows["Capital, bn USD, spent 2026 to 2033"] == ["300", "210", "to", "420"]
    assert rows["In years of the world's output of 2036, 5.0 bn USD"] == ["60", "42", "to", "84"]
    assert rows["In years of what it earns in 2036, 50 M USD"] == ["6,000", "4,200", "to", "8,400"]
    assert " ".join(words) == (
        "Each point off the part of China in the supply of the United States at any stage takes 8.6 bn USD (6.0 to 12 "
        "in the draws); 250 of 254 draws take off half a point or more; no cost is stated for mine. The model does not "
        "use these costs. What a project earns rests on a fitted cost curve that lies far below cash costs "
        "(docs/limits.md): it is too much, and the years in which it pays are too few."
    )


def test_cost_of_another_tier_names_it() -> None:
    cost, _ = blocks(costs=(samples.capital_cost(low=500.0, high=500.0, tier="literature"),))
    assert cost[0] == "plant is said to cost 0.5 bn USD (tier: literature)"


def test_project_that_earns_nothing_is_never_paid_back() -> None:
    never = Band(central=BLANK, p05=900.0, p50=BLANK, p95=BLANK)
    nothing = Band(central=0.0, p05=0.0, p50=0.0, p95=10.0)
    cost, _ = blocks(costs=(samples.capital_cost(payback=never, earned=nothing),))
    assert cost[-1].split()[-4:] == ["never", "900", "to", "never"]
    assert "0 M USD" in cost[-1]


def test_little_dependence_removed_is_not_divided_by() -> None:
    blank = Band(central=BLANK, p05=7000.0, p50=8000.0, p95=9000.0)
    _, words = blocks(removal=removal(per_point=blank, draws=20, unstated=()))
    assert " ".join(words).startswith(
        "In the central run the part of China in the supply of the United States at any stage does not fall by half a "
        "point (bn USD for each point: 7.0 to 9.0 in the draws); 20 of 254 draws take off half a point or more. "
    )
    none = Band(central=BLANK, p05=BLANK, p50=BLANK, p95=BLANK)
    _, words = blocks(removal=removal(per_point=none, draws=0))
    assert "half a point; 0 of 254 draws" in " ".join(words)


def test_central_run_alone_has_no_bands_and_no_draws() -> None:
    cost, words = blocks(samples.chain_facts(draws=0, solved=0))
    assert cost[2].split()[-1] == "300"
    assert "draws" not in " ".join(words)


def test_project_that_is_not_decided_spends_nothing() -> None:
    cost, words = blocks(costs=(samples.capital_cost(first_year=None, last_year=None),))
    assert " ".join(cost).endswith("nothing is spent on it in the central run.")
    assert "cost curve" not in " ".join(words)


def test_project_without_a_cost_is_not_told() -> None:
    assert blocks(costs=()) == []
