"""The disruption atlas: every exporter of every good sells less abroad for a year, and what each importer loses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from sim.errors import ScenarioError
from sim.inputs.faults import known_or_nearest
from sim.records.scenario import Measure, Number, Scenario
from sim.records.sweep import EACH, Axis, Disruption, Point, Wanted
from sim.records.world import World
from sim.study.case import Case, case_of
from sim.study.sweep import PointAnswer

NAME = "disruption"  # of the measure that is added
AXES = (
    Axis(label="Good cut off", unit="", numeric=False),
    Axis(label="Exporter", unit="", numeric=False),
    Axis(label="Cut", unit="%", numeric=True),
)
_PERCENT = 100.0
_DECIMALS = 6  # of a cut in percent: what is beyond is rounding
_NO_TRADE = 1e-3  # kt: what the benchmark year exports at least to be an exporter
LOST, USE, PRICE, SURPLUS = "consumption_lost", "consumption", "price_against_baseline", "buyers_surplus"
INDICATORS = (LOST, USE, PRICE, SURPLUS)
KEY = ("good_cut_off", "exporter", "good", "importer")


def disrupted(
    disrupt: Disruption, scenario: Scenario, baseline: Scenario, world: World
) -> tuple[tuple[Point, ...], tuple[Case, ...]]:
    """Points and cases of a disruption of a scenario, which is its own baseline but for what is cut off.

    Raises ScenarioError where a good does not exist, or the year is none that is solved.
    """
    for good in disrupt.goods:
        if good not in (EACH, *world.good_names):
            raise ScenarioError(f"{disrupt.place}: unknown good {good}{known_or_nearest(good, world.good_names)}")
    if not scenario.years.first <= disrupt.year <= scenario.years.last:
        span = f"{scenario.years.first} to {scenario.years.last}"
        raise ScenarioError(f"{disrupt.place}: no year {disrupt.year}: {scenario.name} goes from {span}")
    if NAME in scenario.measures:
        raise ScenarioError(f"{disrupt.place}: {scenario.name} has a measure called {NAME} already")
    points: list[Point] = []
    cases: list[Case] = []
    for chain in world.chains():
        wanted = tuple(
            Wanted(names=(indicator, good, EACH), year=disrupt.year, place=disrupt.place)
            for indicator in INDICATORS
            for good in chain
        )
        plain: Case | None = None
        for good in chain:
            if EACH not in disrupt.goods and good not in disrupt.goods:
                continue
            plain = plain or case_of(scenario, baseline, world, wanted)
            for exporter in exporters(world, good):
                for cut in disrupt.cuts:
                    measure = cut_off(good, exporter, cut, disrupt, world)
                    shocked = replace(plain.scenario, measures={**plain.scenario.measures, NAME: measure})
                    cases.append(replace(plain, scenario=shocked))
                    percent = round(_PERCENT * cut, _DECIMALS)
                    words = (good, exporter, f"{percent:g} %")
                    points.append(
                        Point(
                            scenario=scenario.name,
                            settings="",
                            baseline_settings="",
                            words=words,
                            numbers=(float("nan"), float("nan"), percent),
                        )
                    )
    return tuple(points), tuple(cases)


def exporters(world: World, good: str) -> tuple[str, ...]:
    """Regions that sell a good abroad in the benchmark year."""
    flow = world.flows[world.good_index(good)]
    abroad = flow.sum(axis=1) - np.diag(flow)
    return tuple(world.region_names[i] for i in np.flatnonzero(abroad > _NO_TRADE))


def cut_off(good: str, exporter: str, cut: float, disrupt: Disruption, world: World) -> Measure:
    """A ban on all sales abroad for the year; below 100 % what is left of the year before goes on, route by choice."""
    left = Number(
        path=f"measures.{NAME}.leakage",
        unit="1",
        source="assumption",
        tier="assumption",
        place=disrupt.place,
        value=1.0 - cut,
        note="Every size of disruption is tried",
        written={"value": f"{_PERCENT * (1 - cut):g} %"},
    )
    return Measure(
        name=NAME,
        kind="ban",
        good=good,
        place=disrupt.place,
        origins=(exporter,),
        destinations=tuple(name for name in world.region_names if name != exporter),
        starts=date(disrupt.year, 1, 1),
        ends=date(disrupt.year + 1, 1, 1),
        numbers={"leakage": left} if cut < 1 else {},
        source="assumption",
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class Atlas:
    """``cells``: a row for each disruption, affected good and importer; ``ranking``: the same over all cuts."""

    cells: pd.DataFrame
    ranking: pd.DataFrame
    finals: tuple[str, ...]  # the goods that no other is made from: their buyers are the last


def atlas_of(points: Sequence[Point], answers: Sequence[PointAnswer], world: World) -> Atlas:
    """What each importer loses, and the ranking by expected loss of buyers' surplus, largest first.

    Expected is the mean over the draws and over the cuts, each as likely as another; gains are losses below nought.
    """
    cells = pd.DataFrame([row for point, answer in zip(points, answers, strict=True) for row in _cells(point, answer)])
    means = cells.groupby(list(KEY), sort=False).agg(
        expected_lost_kt=("lost_kt_mean", "mean"),
        expected_lost_percent=("lost_percent_mean", "mean"),
        expected_price_percent=("price_percent_mean", "mean"),
        expected_surplus_lost_m_usd=("surplus_lost_m_usd_mean", "mean"),
    )
    worst = cells[cells["cut_percent"] == cells["cut_percent"].max()].set_index(list(KEY))
    told = ("lost_kt", "lost_percent", "price_percent", "surplus_lost_m_usd")
    ranking = means.join(worst[list(told)].add_suffix("_at_largest_cut")).reset_index()
    order = ["expected_surplus_lost_m_usd", "expected_lost_kt"]
    ranking = ranking.sort_values(order, ascending=False, kind="stable", na_position="last").reset_index(drop=True)
    ranking.insert(0, "rank", np.arange(1, len(ranking) + 1))
    fed = {good.input for good in world.goods}
    return Atlas(cells=cells, ranking=ranking, finals=tuple(name for name in world.good_names if name not in fed))


def _cells(point: Point, answer: PointAnswer) -> Iterator[dict[str, object]]:
    """One row for each affected good and importer of a disruption; the exporter itself is left out."""
    cut_good, exporter, _ = point.words
    at = {column.key[:3]: i for i, column in enumerate(answer.columns)}
    rows = answer.rows
    for indicator, good, region in at:
        if indicator != LOST or region == exporter:
            continue
        numbers = {name: rows.iloc[at[name, good, region]] for name in INDICATORS if (name, good, region) in at}
        lost, use, price, surplus = (numbers.get(name) for name in INDICATORS)
        if lost is None or use is None or price is None:
            continue
        row: dict[str, object] = {
            "good_cut_off": cut_good,
            "exporter": exporter,
            "cut_percent": point.numbers[2],
            "good": good,
            "importer": region,
            "year": answer.columns[0].year,
            "use_before_kt": float(use["baseline"]),
        }
        for suffix, name in (("", "central"), *((f"_{each}", each) for each in ("mean", "p05", "p95"))):
            row[f"lost_kt{suffix}"] = float(lost[name])
            row[f"lost_percent{suffix}"] = _share(float(lost[name]), float(use["baseline"]))
            row[f"price_percent{suffix}"] = _PERCENT * (float(price[name]) - 1.0)
        for suffix, name in (("", "central"), ("_mean", "mean"), ("_p05", "p95"), ("_p95", "p05")):
            row[f"surplus_lost_m_usd{suffix}"] = float("nan") if surplus is None else -float(surplus[name])
        yield row


def _share(part: float, whole: float) -> float:
    return _PERCENT * part / whole if whole > 0 else float("nan")
