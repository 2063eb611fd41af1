from __future__ import annotations

import pandas as pd

import tests.output_samples as samples
from sim.output.answer import render_answer
from sim.output.threshold_text import threshold_block
from sim.records.outcome import RunFacts

NAMES = {"US": "United States"}
LAST = samples.YEARS[-1]
BLANK = float("nan")


def rows(share: float, reached: tuple[float, float], median: tuple[float, float]) -> pd.DataFrame:
    """The baseline's number before that of the scenario."""
    name = f"import_share_falls_to_{share:.0f}"
    place = {"good": "oxide", "region": "US", "partner": "China", "year": LAST}
    told = [
        {**place, "indicator": name, "unit": "1", "baseline": reached[0], "central": reached[1]},
        {**place, "indicator": f"{name}_median_year", "unit": "year", "baseline": median[0], "central": median[1]},
    ]
    return pd.DataFrame(told)


SUMMARY = pd.concat([rows(50, (0.0, 0.254), (BLANK, 2034.0)), rows(65, (0.55, 0.9), (2036.0, 2030.0))])


def told(facts: RunFacts | None = None, summary: pd.DataFrame = SUMMARY) -> str:
    return " ".join(threshold_block(samples.CHAIN, facts or samples.chain_facts(), summary, NAMES, 100))


def test_sentence_tells_draws_and_median_year_of_each_threshold() -> None:
    assert told() == (
        f"The share of China in the imports of oxide of the United States falls at some time until {LAST} to 65 % or "
        "less in 90 % of the draws (median 2030; baseline: 55 %, 2036); to 50 % or less in 25 % of the draws (median "
        "2034; baseline: 0 %)."
    )


def test_central_run_says_when_or_never() -> None:
    central = pd.concat([rows(50, (0.0, 0.0), (BLANK, BLANK)), rows(65, (0.0, 1.0), (BLANK, 2030.0))])
    text = told(samples.chain_facts(draws=0, solved=0), central)
    assert "to 65 % or less in 2030 (baseline: never)." in text
    assert "50 %" not in text  # never in either run


def test_threshold_that_is_reached_as_in_the_baseline_is_left_out() -> None:
    alike = rows(50, (0.25, 0.254), (2034.0, 2034.2))
    assert told(summary=alike) == ""
    assert "65 % or less" in told(summary=pd.concat([alike, rows(65, (0.25, 0.25), (2034.0, 2031.0))]))


def test_summary_without_thresholds_says_nothing() -> None:
    assert told(summary=samples.chain_summary()) == ""


def test_answer_tells_thresholds_after_the_finding() -> None:
    summary = pd.concat([samples.chain_summary(), SUMMARY], ignore_index=True)
    text = " ".join(render_answer(samples.chain_facts(), (), 100, summary=summary, labels=NAMES).split())
    assert text.index("of all its supply") < text.index("65 % or less") < text.index("Dependence of the United States")
