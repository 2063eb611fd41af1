"""Two scenarios that say the same have the same mark."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.records.scenario import Place, Scenario
from sim.study.fingerprint import fingerprint
from tests.study_samples import measure, number, scenario, switch

LISTED = {"low": 1.0, "high": 2.0, "shape": "discrete"}


def sample() -> Scenario:
    ban = measure("ban", "closed", origins=["A"], destinations=["B"], when=["s"], starts=2025)
    tariff = measure("tariff", "duty", origins=["A"], destinations=["C"], numbers={"rate": 0.1}, note="Why")
    return scenario(ban, tariff, switches=[switch("s")])


def test_mark_does_not_depend_on_order_notes_sources_or_places() -> None:
    given = sample()
    turned = replace(given, measures=dict(reversed(given.measures.items())), title="Another", question="Why?")
    duty = turned.measures["duty"]
    rate = replace(duty.numbers["rate"], note="More", source="x", place=Place(file="y", line=9, column=9))
    elsewhere = replace(duty, note=None, place=rate.place, numbers={"rate": rate})
    assert fingerprint(replace(turned, measures={**turned.measures, "duty": elsewhere})) == fingerprint(given)


@pytest.mark.parametrize(
    "changed",
    [
        lambda s: replace(s, years=replace(s.years, last=s.years.last + 1)),
        lambda s: replace(s, measures={"duty": s.measures["duty"]}),
        lambda s: replace(s, measures={**s.measures, "duty": replace(s.measures["duty"], destinations=("B",))}),
        lambda s: replace(
            s, measures={**s.measures, "duty": replace(s.measures["duty"], numbers={"rate": number(0.2, "rate")})}
        ),
        lambda s: replace(s, switches={"s": replace(s.switches["s"], always_off=True)}),
        lambda s: replace(s, parameters={**s.parameters, ("x", "metal"): number(1.0, "x")}),
        lambda s: replace(
            s,
            parameters={**s.parameters, ("x", "metal"): number(path="x", **LISTED, values=((1.0, 0.4), (2.0, 0.6)))},
        ),
    ],
)
def test_mark_changes_with_what_is_solved(changed) -> None:
    assert fingerprint(changed(sample())) != fingerprint(sample())


def test_mark_of_two_knows_which_is_which() -> None:
    other = scenario()
    assert fingerprint(sample(), other) != fingerprint(other, sample())


def test_mark_knows_weights_and_correlations() -> None:
    drawn = number(path="x", low=1.0, high=2.0, drawn_with="y")
    told = [
        number(path="x", **LISTED, values=((1.0, 0.4), (2.0, 0.6))),
        number(path="x", **LISTED, values=((1.0, 0.5), (2.0, 0.5))),
        drawn,
        replace(drawn, correlation=0.5),
        replace(drawn, correlation=0.6),
    ]
    marks = {fingerprint(replace(sample(), parameters={("x",): each})) for each in told}
    assert len(marks) == len(told)
