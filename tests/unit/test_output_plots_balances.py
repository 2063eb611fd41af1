"""Figures of differences and of concentration, as numbers."""

from __future__ import annotations

import numpy as np
import pytest

from sim.errors import DataError
from sim.output.plots.about import About
from sim.output.plots.concentration import (
    MARKETS,
    concentration,
    concentration_data,
    concentration_finding,
)
from sim.output.plots.differences import LINES, OUTPUT, USE, differences_data, differences_finding, has_differences
from tests import output_samples as samples
from tests.figures import texts_of

FOUR = ("US", "China", "Russia", "Canada")
FOCUS = samples.FOCUS


def told(**changes: bool) -> About:
    return About(market="United States", good="aluminium", focus=FOCUS, names={}, **{"banded": True, **changes})


def test_differences_are_those_of_the_largest_movers_who_gains_first() -> None:
    data = differences_data(samples.balances(), good="aluminium", focus=FOCUS)
    for indicator in (OUTPUT, USE):
        rows = data[(data["indicator"] == indicator) & (data["year"] == FOCUS)]
        assert 0 < len(rows) <= LINES
        assert rows["difference"].is_monotonic_decreasing
        whole = samples.balances()
        whole = whole[(whole["indicator"] == indicator) & (whole["year"] == FOCUS) & (whole["region"] != "World")]
        assert rows["difference"].abs().max() == whole["difference"].abs().max()
    assert "World" not in set(data["region"])


def test_use_of_the_united_states_rises_by_what_is_not_displaced() -> None:
    data = differences_data(samples.balances(), good="aluminium", focus=FOCUS)
    row = data[(data["indicator"] == USE) & (data["region"] == "US") & (data["year"] == FOCUS)].iloc[0]
    assert row["difference"] == pytest.approx(samples.MORE_USE)
    assert (row["difference_p05"], row["difference_p95"]) == pytest.approx((7.2, 18.0))


def test_finding_tells_who_makes_and_who_uses() -> None:
    data = differences_data(samples.balances(), good="aluminium", focus=FOCUS)
    sentence = differences_finding(data, good="aluminium", focus=FOCUS, labels=samples.LABELS)
    assert sentence.startswith("Russia would make 22.0 kt more and the EU without Estonia would use")
    assert sentence.endswith("primary aluminium in 2036")
    same = data.assign(region="China", difference=111.0)
    assert differences_finding(same, good="aluminium", focus=FOCUS, labels={}) == (
        "China would make 111 kt more and use 111 kt more aluminium in 2036"
    )


def test_where_nothing_moves_there_are_no_differences() -> None:
    assert not has_differences(samples.balances(0.0), "aluminium", FOCUS)
    assert has_differences(samples.balances(), "aluminium", FOCUS)


def test_concentration_is_told_of_the_market_and_the_largest_others() -> None:
    over_years, markets = concentration_data(samples.balances(), good="aluminium", market="US", focus=FOCUS)
    assert list(over_years["year"]) == list(samples.YEARS)
    assert len(markets) == MARKETS
    assert {"US", "China", "EU"} <= set(markets["region"])
    assert markets["central"].is_monotonic_decreasing
    shares = samples.summary()
    here = shares[(shares["indicator"] == "supply_share") & (shares["region"] == "US") & (shares["year"] == FOCUS)]
    row = over_years[over_years["year"] == FOCUS].iloc[0]
    assert row["central"] == pytest.approx(float(np.sum(here["central"] ** 2)))


def test_four_regions_are_four_markets() -> None:
    _, markets = concentration_data(samples.balances(1.0, FOUR), good="aluminium", market="US", focus=FOCUS)
    assert len(markets) == 4


def test_number_of_another_scenario_is_not_called_baseline() -> None:
    for baseline, word in (("baseline", "baseline"), ("us_china_deal", "dashed")):
        figure = concentration(
            samples.balances(6.0),
            samples.facts(baseline=baseline),
            good="aluminium",
            market="US",
            labels=samples.LABELS,
        )
        assert any(text.get_text().startswith(f"{word}\n0.") for text in texts_of(figure)), word


def test_finding_of_concentration_tells_the_direction() -> None:
    for effect, word in ((1.0, "less"), (-1.0, "more")):
        over_years, _ = concentration_data(samples.balances(effect), good="aluminium", market="US", focus=FOCUS)
        sentence = concentration_finding(over_years, told())
        assert f"would be {word} concentrated in 2036: 0." in sentence, sentence
    still, _ = concentration_data(samples.balances(0.0), good="aluminium", market="US", focus=FOCUS)
    assert "as concentrated in 2036 as in the baseline" in concentration_finding(still, told())
    alone = concentration_finding(still, told(alone=True))
    assert alone.startswith("The concentration of the supply of aluminium to the United States would be 0.")


def test_market_without_supply_has_no_concentration() -> None:
    table = samples.balances().copy()
    table.loc[table["region"] == "US", "central"] = np.nan
    over_years, markets = concentration_data(table, good="aluminium", market="US", focus=FOCUS)
    assert "US" not in set(markets["region"])
    assert concentration_finding(over_years, told()).startswith("The United States would have no supply")
    with pytest.raises(DataError, match="no concentration of tin in US"):
        concentration_data(table, good="tin", market="US", focus=FOCUS)
