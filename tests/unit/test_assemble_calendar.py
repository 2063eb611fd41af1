from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from sim.assemble.calendar import decimal_year, first_day_on, in_force
from sim.assemble.draws import Draws
from sim.records.scenario import Measure, Switch
from tests.study_samples import measure, number, switch

YEARS = (2024, 2025, 2026, 2027, 2028)


def shares(of: Measure, *switches: Switch, draws: int = 0, baseline: tuple[Switch, ...] = ()) -> list[list[float]]:
    named, before = {s.name: s for s in switches}, {s.name: s for s in baseline}
    found: list[list[float]] = in_force(of, named, before, YEARS, Draws(seed=1, count=draws)).tolist()
    return found


def test_days_of_the_year_of_the_three_rates_of_section_232() -> None:
    dated = [
        (0.10, measure("tariff", starts=date(2018, 3, 23), ends=date(2025, 3, 12))),
        (0.25, measure("tariff", starts=date(2025, 3, 12), ends=date(2025, 6, 4))),
        (0.50, measure("tariff", starts=date(2025, 6, 4))),
    ]
    year_2025 = [rate * shares(m)[0][1] for rate, m in dated]
    # 70 days at 10 %, 84 at 25 %, 211 at 50 %
    assert sum(year_2025) == pytest.approx((70 * 0.10 + 84 * 0.25 + 211 * 0.50) / 365, rel=1e-12)
    assert round(100 * sum(year_2025), 1) == 36.6
    assert round(100 * sum(year_2025[1:]), 1) == 34.7  # for an origin that was exempt before


def test_neighbouring_measures_cover_every_day_once() -> None:
    day = date(2028, 2, 29)
    before, after = measure("ban", ends=day), measure("ban", starts=day)
    np.testing.assert_allclose(np.add(shares(before), shares(after)), 1.0, rtol=1e-15)


def test_leap_years_have_their_own_length() -> None:
    assert decimal_year(date(2024, 12, 31)) == pytest.approx(2024 + 365 / 366)
    assert decimal_year(date(2025, 12, 31)) == pytest.approx(2025 + 364 / 365)
    assert decimal_year(date(2028, 3, 1)) == pytest.approx(2028 + 60 / 366)


def test_year_is_its_first_of_january() -> None:
    assert shares(measure("ban", starts=2026)) == [[0, 0, 1, 1, 1]]
    assert shares(measure("ban", starts=2025, ends=2026)) == [[0, 1, 0, 0, 0]]


def test_measure_without_dates_is_always_in_force() -> None:
    assert shares(measure("ban")) == [[1, 1, 1, 1, 1]]


def test_duration_is_counted_from_the_start_draw_by_draw() -> None:
    lasting = measure("outage", starts=2025, numbers={"duration": number(low=0.5, high=2.5, path="d")})
    found = np.array(shares(lasting, draws=50))
    assert found[0].tolist() == [0, 1, 0.5, 0, 0]
    drawn = Draws(seed=1, count=50).values(lasting.numbers["duration"])
    np.testing.assert_allclose(found.sum(axis=1), drawn, rtol=1e-12)


@pytest.mark.parametrize(
    ("state", "when_on", "when_off"),
    [
        ({}, [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]),
        ({"always_off": True}, [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]),
        ({"on_from": date(2026, 1, 1)}, [0, 0, 1, 1, 1], [1, 1, 0, 0, 0]),
        ({"off_from": date(2026, 7, 2)}, [1, 1, 182 / 365, 0, 0], [0, 0, 183 / 365, 1, 1]),
        ({"on_from": date(2025, 1, 1), "off_from": date(2027, 1, 1)}, [0, 1, 1, 0, 0], [1, 0, 0, 1, 1]),
    ],
)
def test_switch_cuts_a_measure_and_not_name_the_rest(
    state: dict[str, date], when_on: list[float], when_off: list[float]
) -> None:
    given = switch("s", **state)
    np.testing.assert_allclose(shares(measure("ban", when=["s"]), given), [when_on], rtol=1e-12)
    np.testing.assert_allclose(shares(measure("ban", when=["not s"]), given), [when_off], rtol=1e-12)


def test_all_switches_of_a_list_have_to_be_on() -> None:
    early, late = switch("early", off_from=date(2027, 1, 1)), switch("late", on_from=date(2026, 1, 1))
    assert shares(measure("ban", when=["early", "late"]), early, late) == [[0, 0, 1, 0, 0]]
    assert shares(measure("ban", when=["early", "not late"]), early, late) == [[1, 1, 0, 0, 0]]
    assert shares(measure("ban", when=["not early", "not late"]), early, late) == [[0, 0, 0, 0, 0]]


def test_probability_decides_once_for_all_years_and_measures() -> None:
    chance = switch("s", probability=0.4)
    on = np.array(shares(measure("ban", when=["s"]), chance, draws=40))
    off = np.array(shares(measure("cap", when=["not s"]), chance, draws=40))
    assert set(on.sum(axis=1).tolist()) == {0.0, 5.0}
    assert (on + off == 1.0).all()
    assert on[0].sum() == 0.0  # the likelier state


def test_central_run_at_one_half_is_that_of_the_baseline() -> None:
    even = switch("s", probability=0.5)
    banned = measure("ban", when=["s"])
    assert shares(banned, even, baseline=(switch("s"),)) == [[1] * 5]
    assert shares(banned, even, baseline=(switch("s", always_off=True),)) == [[0] * 5]
    assert shares(banned, even, baseline=(even,)) == [[0] * 5]
    assert shares(banned, even) == [[0] * 5]


def test_project_starts_when_it_is_decided_and_its_switch_is_on() -> None:
    built = measure("project", starts=2026, when=["s"])
    assert first_day_on(built, {"s": switch("s")}) == 2026.0
    assert first_day_on(built, {"s": switch("s", on_from=date(2028, 1, 1))}) == 2028.0
    assert first_day_on(built, {"s": switch("s", always_off=True)}) == np.inf
    assert first_day_on(built, {"s": switch("s", off_from=date(2025, 1, 1))}) == np.inf
    assert first_day_on(built, {"s": switch("s", off_from=date(2026, 1, 1))}) == np.inf
