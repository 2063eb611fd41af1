from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from sim.checks import Check, checks_of
from sim.errors import BalanceError, ConvergenceError, DataError, ScenarioError
from sim.model import simulate
from sim.output.answer import render_answer
from sim.output.tables import FLOWS, MARKETS, SUMMARY, csv_bytes, npz_bytes
from sim.records.params import Params
from sim.records.sampling import BATCH
from sim.records.trajectory import FAILED, Trajectory
from sim.study import run as study
from sim.study import telling
from sim.study.run import Outcome, check_together
from tests.study_samples import (
    JOINT,
    JOINT_GOODS,
    SMELTER,
    barred,
    barred_baseline,
    barred_world,
    chain_world,
    measure,
    number,
    offer,
    outcome,
    sanctions,
    scenario,
)

DIFFERENCES = ["difference", "difference_p05", "difference_p50", "difference_p95"]


def written(found: Outcome) -> list[bytes]:
    """Everything a run writes that holds numbers, and what it says."""
    return [
        csv_bytes(found.summary, SUMMARY),
        csv_bytes(found.flows, FLOWS),
        csv_bytes(found.markets, MARKETS),
        npz_bytes(found.drawn, found.headline),
        render_answer(found.facts, found.offers, 100, summary=found.summary).encode(),
    ]


def test_barred_supplier_sells_exactly_nothing_while_the_ban_stands() -> None:
    flows = outcome(barred(offer(30.0)), draws=6).flows.query("origin == 'B' and destination == 'C'")
    assert (flows["baseline_kt"] == 0.0).all()
    before = flows.query("year < 2026")[["central_kt", "p05_kt", "p50_kt", "p95_kt"]]
    assert (before == 0.0).all(axis=None)
    assert (flows.query("year >= 2026")["p05_kt"] > 0.5).all()


def test_scenario_that_says_the_same_differs_by_exactly_nothing_and_says_so() -> None:
    found = outcome(barred(name="idle", switches=[sanctions()]), draws=6)
    assert (found.summary[DIFFERENCES].fillna(0.0) == 0.0).all(axis=None)
    assert (found.flows["baseline_kt"] == found.flows["central_kt"]).all()
    told = render_answer(found.facts, found.offers, 100, summary=found.summary)
    assert "Nothing changes against the baseline" in told


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_jobs_and_repetition_do_not_change_a_byte(jobs: int) -> None:
    given = barred(offer(30.0))
    assert written(outcome(given, draws=BATCH + 6)) == written(outcome(given, draws=BATCH + 6, jobs=jobs))


def test_another_seed_moves_the_bands_and_not_the_central_run() -> None:
    given, before = barred(), barred_baseline()
    first = outcome(given, draws=10)
    other = study.run_scenario(given, before, barred_world(), draws=10, seed=2, jobs=1, version="1.0")
    assert (first.summary["central"].fillna(0) == other.summary["central"].fillna(0)).all()
    assert not np.allclose(first.summary["p95"].fillna(0), other.summary["p95"].fillna(0))


def test_run_without_draws_has_the_central_run_for_its_bands() -> None:
    found = outcome(barred(offer(30.0)))
    for end in ("p05", "p50", "p95"):
        assert (found.summary[end].fillna(0) == found.summary["central"].fillna(0)).all()
        assert (found.flows[f"{end}_kt"] == found.flows["central_kt"]).all()
    assert (found.facts.draws, found.facts.solved, found.facts.failed) == (0, 0, 0)
    assert not found.degraded
    assert {len(values) for values in found.drawn.values()} == {1}


def test_baseline_is_solved_over_the_years_of_the_scenario() -> None:
    short, long = barred(last=2026), barred(last=2030)
    assert outcome(short).facts.years == (2024, 2025, 2026)
    found = outcome(long)
    assert found.facts.years[-1] == 2030
    assert found.markets.groupby("year")["baseline_consumption_kt"].sum().loc[2030] == pytest.approx(160, rel=0.05)


GUARANTEE = measure(
    "floor",
    "guarantee",
    origins=["B"],
    destinations=["C"],
    starts=2026,
    numbers={"volume": number(20.0, low=0.0, high=150.0, path="measures.guarantee.volume")},
)


def test_draws_that_cannot_be_are_counted_and_left_out_of_every_band() -> None:
    found = outcome(barred(GUARANTEE), draws=40)
    too_much = (found.drawn["measures.guarantee.volume"][1:] > 0.98 * 75).sum()
    assert found.facts.infeasible == too_much > 5
    assert found.facts.solved + found.facts.infeasible == 40
    assert found.facts.failed == 0
    assert not found.degraded
    flow = found.flows.query("year == 2027 and origin == 'B' and destination == 'C'").iloc[0]
    volumes = found.drawn["measures.guarantee.volume"][1:]
    possible = volumes[volumes <= 0.98 * 75]
    shortfall = found.summary.query("indicator == 'shortfall' and year == 2027").iloc[0]
    assert flow.p95_kt <= np.percentile(possible, 95) + 1e-9
    assert shortfall["p95"] >= 0.0
    numbers = found.flows[["central_kt", "p05_kt", "p50_kt", "p95_kt"]]
    assert np.isfinite(numbers).all(axis=None)


def test_infeasible_central_run_has_no_result() -> None:
    volume = number(100.0, path="measures.guarantee.volume")
    impossible = replace(GUARANTEE, numbers={"volume": volume})
    wanted = r"lifted: the central run is infeasible: 2026: floors promise more than 98% of an origin's capacity"
    with pytest.raises(ConvergenceError, match=wanted) as caught:
        outcome(barred(impossible))
    assert caught.value.exit_code == 3


@pytest.mark.parametrize(("failing", "degraded"), [(1, False), (2, True)])
def test_more_than_one_failed_draw_in_a_hundred_degrades_the_run(
    monkeypatch: pytest.MonkeyPatch, failing: int, degraded: bool
) -> None:
    def failed(params: Params, *, for_central: bool) -> Trajectory:
        found = simulate(params, for_central=for_central)
        status = found.status.copy()
        status[1 : 1 + failing] = FAILED
        return replace(found, status=status)

    monkeypatch.setattr(telling, "simulate", failed)
    found = outcome(barred(), draws=100)
    assert found.degraded == degraded
    assert (found.facts.failed, found.facts.solved) == (failing, 100 - failing)


def test_baseline_of_another_world_is_refused() -> None:
    elsewhere = replace(barred_baseline(), world="moon")
    with pytest.raises(ScenarioError, match="lifted is about the world sample, its baseline baseline about moon"):
        outcome(barred(), baseline=elsewhere)


def test_broken_balance_is_never_a_result(monkeypatch: pytest.MonkeyPatch) -> None:
    def tampered(params: Params, found: Trajectory) -> object:
        flow = found.flow.copy()
        flow[0, 1, 0, 0, 0] += 1.0
        return checks_of(params, replace(found, flow=flow))

    monkeypatch.setattr(telling, "checks_of", tampered)
    with pytest.raises(BalanceError, match="flows into a market add up to its use"):
        outcome(barred())


def test_worst_of_both_runs_is_what_the_manifest_gets() -> None:
    found = outcome(barred(offer(0.5)))
    caps = {check.name: check.worst for check in found.checks}["caps are kept"]
    assert 0.0 <= caps <= 1e-8
    assert len(found.checks) == 11


def test_drawn_inputs_and_headline_series_have_all_draws() -> None:
    found = outcome(barred(offer(number(30.0, "measures.sale.volume", low=20.0, high=40.0))), draws=5)
    assert sorted(found.drawn) == [
        "measures.sale.volume",
        "parameters.reference_share.metal.C.B",
        "parameters.sourcing_elasticity.metal",
    ]
    assert {values.shape for values in found.drawn.values()} == {(6,)}
    assert {values.shape for values in found.headline.values()} == {(6, 4)}
    assert "baseline/delivered_price/metal/C" in found.headline


def test_headlines_of_a_run_without_an_offer_are_of_the_largest_market() -> None:
    names = sorted(outcome(barred()).headline)
    assert names[0] == "baseline/consumption/metal/B"
    assert len(names) == 4


def test_progress_grows_to_the_whole() -> None:
    heard: list[float] = []
    study.run_scenario(
        barred(offer(30.0)),
        barred_baseline(),
        barred_world(),
        draws=BATCH + 6,
        seed=1,
        jobs=2,
        version="1.0",
        report=lambda share, _what: heard.append(share),
    )
    assert heard == sorted(heard)
    assert heard[-1] == 1.0
    assert len(heard) == 7


def test_probability_mixes_both_worlds_draw_by_draw() -> None:
    given = barred(switches=[sanctions(probability=0.5)])
    found = outcome(given, draws=30)
    row = found.flows.query("year == 2027 and origin == 'B' and destination == 'C'").iloc[0]
    assert row.central_kt == row.p05_kt == 0.0  # one half: as in the baseline
    assert row.p95_kt > 2.0
    likely_off = outcome(barred(switches=[sanctions(probability=0.4)]), draws=30)
    row = likely_off.flows.query("year == 2027 and origin == 'B' and destination == 'C'").iloc[0]
    assert row.central_kt > 2.0


def test_draw_that_only_the_baseline_cannot_solve_is_left_out_too() -> None:
    baseline = barred(GUARANTEE, name="baseline", switches=[sanctions(off_from=date(2026, 1, 1))])
    found = outcome(barred(), draws=20, baseline=baseline)
    assert 0 < found.facts.infeasible < 20
    assert found.facts.solved == 20 - found.facts.infeasible
    assert np.isfinite(found.summary.query("indicator == 'consumption'")["difference_p95"]).all()


def test_check_of_the_worse_run_is_kept() -> None:
    good, bad = (Check(name="x", worst=worst, allowed=1.0) for worst in (0.1, 0.2))
    assert telling.worst_of((good, bad), (bad, good)) == (bad, bad)


def test_baseline_that_lacks_what_the_scenario_has_is_told_before_the_run() -> None:
    lacking = replace(barred_baseline(), parameters={})
    with pytest.raises(ScenarioError, match=r"baseline: parameters\.\S+ is missing"):
        check_together(barred(), lacking, barred_world())


def test_range_that_reaches_where_nothing_can_be_is_told_before_the_run() -> None:
    wide = number(2.0, "measures.smelter.input_ratio", low=1.0, high=500.0)
    smelter = replace(SMELTER, numbers={**SMELTER.numbers, "input_ratio": wide})
    stated = JOINT | {"entry_share.ore.C.C": 0.9}
    given = scenario(smelter, name="joint", goods=JOINT_GOODS, parameters=stated, last=2028)
    before = scenario(name="baseline", goods=JOINT_GOODS, parameters=JOINT, last=2028)
    with pytest.raises(DataError, match=r"smelter: input costs \d+ USD/t where a tonne earns \d+ USD/t"):
        check_together(given, before, chain_world())
