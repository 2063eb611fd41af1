from __future__ import annotations

import numpy as np
import pytest

from sim.assemble.build import build_params
from sim.assemble.draws import Draws
from sim.errors import ScenarioError
from sim.model import simulate
from sim.records.scenario import Place
from sim.records.sweep import EACH, Wanted
from sim.records.trajectory import FAILED
from sim.study.case import Case, bytes_per_draw, case_of, solve_case
from sim.study.outcomes import values_of
from tests.study_samples import barred, barred_baseline, barred_world, metal_world, offer, scenario

AT = Place(file="scenarios/sweeps/s.yaml", line=7, column=3)


def wanted(text: str) -> Wanted:
    *names, last = text.split(".")
    year = int(last) if last.isdigit() else None
    return Wanted(names=tuple(names if year else [*names, last]), year=year, place=AT)


def lifted(*texts: str) -> Case:
    return case_of(barred(offer(15.0)), barred_baseline(), barred_world(), tuple(wanted(text) for text in texts))


def test_columns_come_in_the_order_of_asking_with_their_units() -> None:
    case = lifted("delivered_price.metal.C.2026", "flow_under_bound.metal.C.sale.2027", "import_share.metal.C.B.2026")
    assert [column.text for column in case.columns] == [
        "delivered_price.metal.C.2026",
        "flow_under_bound.metal.C.sale.2027",
        "import_share.metal.C.B.2026",
    ]
    assert [column.unit for column in case.columns] == ["USD/t", "kt/yr", "1"]
    assert case.last == 2027


def test_missing_year_stands_for_all_years_and_a_star_for_every_name() -> None:
    case = lifted(f"consumption.metal.{EACH}")
    places = [(column.region, column.year) for column in case.columns]
    assert set(places) == {(region, year) for region in ("A", "B", "C", "World") for year in range(2024, 2028)}
    assert len(places) == len(set(places))


def test_values_are_those_of_a_plain_run_beside_its_baseline() -> None:
    case = lifted("import_share.metal.C.B.2027", "price_against_baseline.metal.C.2027", "discount.metal.C.sale.2027")
    found = solve_case(case, Draws(seed=4, count=5))
    sample = Draws(seed=4, count=5)
    given, before = barred(offer(15.0)), barred_baseline()
    run, base = (simulate(build_params(each, before, barred_world(), sample)) for each in (given, before))
    share = run.flow[:, 3, 0, 1, 2] / (run.flow[:, 3, 0, 0, 2] + run.flow[:, 3, 0, 1, 2])
    np.testing.assert_allclose(found.level[:, 0], share, rtol=1e-13)
    np.testing.assert_allclose(found.level[:, 1], run.market_price[:, 3, 0, 2] / base.market_price[:, 3, 0, 2])
    np.testing.assert_allclose(found.level[:, 2], 1 - np.exp(run.rent_wedge[:, 3, 0]), atol=1e-13)
    np.testing.assert_array_equal(found.before, [[0.0, 1.0, 0.0]] * 6)


def test_draw_that_is_not_solved_in_either_run_is_blank_in_both() -> None:
    case = lifted("consumption.metal.C.2025")
    params, base_params = case.params(Draws(seed=1, count=3))
    found, base = simulate(params), simulate(base_params)
    status = base.status.copy()
    status[2] = FAILED
    broken = values_of(case.columns, params, found, base_params, type(base)(**{**vars(base), "status": status}))
    assert np.isnan(broken.level[2]).all()
    assert np.isnan(broken.before[2]).all()
    assert np.isfinite(broken.level[[0, 1, 3]]).all()
    assert broken.status.tolist() == [0, 0, FAILED, 0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("import_shares.metal.C.A.2026", "unknown indicator import_shares; nearest is import_share"),
        ("import_share.metl.C.A.2026", "unknown good metl; nearest is metal"),
        ("import_share.metal.D.A.2026", "unknown region D"),
        ("import_share.metal.C.2026", "needs a partner"),
        ("delivered_price.metal.C.A.2026", "has no partner: leave A out"),
        ("delivered_price.metal.C.2031", "no year 2031: the scenario goes from 2024 to 2027"),
        (f"shortfall.metal.{EACH}.floor.2026", "fits nothing"),
    ],
)
def test_what_does_not_exist_is_told_with_its_place(text: str, fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault) as caught:
        lifted(text)
    assert str(caught.value).startswith("scenarios/sweeps/s.yaml:7:3: ")


def test_case_of_another_scenario_keeps_its_columns() -> None:
    case = lifted("flow_under_bound.metal.C.sale.2027")
    other = case.of(barred(offer(0.5)), barred_baseline(), barred_world())
    assert other.columns == case.columns
    assert solve_case(case, Draws(seed=1, count=0)).level[0, 0] > 1.0
    assert solve_case(other, Draws(seed=1, count=0)).level[0, 0] == pytest.approx(0.5)


def test_part_of_the_draws_is_that_part_of_the_whole_bit_for_bit() -> None:
    case = lifted("delivered_price.metal.C.2027", "buyers_surplus.metal.C.2027")
    whole = solve_case(case, Draws(seed=2, count=20))
    part = solve_case(case, Draws(seed=2, count=20, part=(14, 21)), batch=3)
    np.testing.assert_array_equal(part.level[1:], whole.level[14:])
    np.testing.assert_array_equal(part.level[0], whole.level[0])


def test_memory_of_a_draw_grows_with_the_years() -> None:
    assert bytes_per_draw(lifted("consumption.metal.C.2027")) == 2 * bytes_per_draw(lifted("consumption.metal.C.2025"))


def test_scenario_that_changes_nothing_has_no_difference() -> None:
    given = scenario(name="same")
    case = case_of(given, scenario(name="baseline"), metal_world(), (wanted(f"supply_share.metal.{EACH}.{EACH}"),))
    found = solve_case(case, Draws(seed=1, count=2))
    np.testing.assert_array_equal(found.level, found.before)
