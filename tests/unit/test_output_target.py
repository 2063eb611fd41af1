"""The figure of a goal seek, and its sentences where the parts of the answer differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sim.output.plots.style import svg_bytes
from sim.output.plots.target import response
from sim.output.target_text import limit_words, subject, target_answer, told
from sim.records.outcome import Band
from sim.records.target import EVERYWHERE, NOWHERE, TURNS, UNTOLD, Goal, Shown, Span, TargetAnswer
from tests.output_samples import LABELS, facts

PERCENT = Shown(factor=0.01, unit="%")


def found(**changes: object) -> TargetAnswer:
    """A plant of 0 to 20 kt/yr, a share that falls from 60 % to 40 %, five draws of which three turn."""
    grid = np.linspace(0.0, 20.0, 5)
    blank = np.nan
    given = TargetAnswer(
        facts=facts(draws=5, solved=5, infeasible=0, failed=0),
        goal=Goal(
            indicator="import_share",
            good="aluminium",
            region="US",
            partner="China",
            year=2036,
            comparison="<=",
            unit="1",
            limit=0.5,
            text="",
            shown=PERCENT,
        ),
        path="measures.plant.capacity",
        unit="kt/yr",
        shown=Shown(factor=1.0, unit="kt/yr"),
        span=Span(low=0.0, high=20.0, origin="as given"),
        constant=False,
        grid=grid,
        response=tuple(Band(central=c, p05=c - 0.1, p50=c, p95=c + 0.1) for c in 0.6 - 0.01 * grid),
        met=np.array([0.2, 0.2, 0.4, 0.6, 0.8]),
        present=np.full(6, 8.0),
        at_present=np.array([0.52, 0.4, 0.52, 0.53, 0.49, 0.7]),
        outcome=np.array([TURNS, EVERYWHERE, TURNS, TURNS, TURNS, NOWHERE]),
        solution=np.array([10.0, blank, 10.0, 14.0, 7.0, blank]),
        met_above=np.array([1, 0, 1, 1, 1, 0]),
        jumps=np.zeros(6, dtype=np.int64),
        turns=np.array([1, 0, 1, 1, 1, 0]),
        others=(),
        band=Band(central=10.0, p05=7.3, p50=10.0, p95=13.6),
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def answer(given: TargetAnswer, check: tuple[str, float] | None = None) -> str:
    return " ".join(target_answer(given, LABELS, 100, check=check, figure="results/x").split())


def test_answer_tells_central_run_draws_and_check() -> None:
    said = answer(found(), ("measures.plant.capacity=10 kt/yr", 0.5))
    assert "is at most 50 % in 2036 at 10 kt/yr or more of measures.plant.capacity. Now it is 8 kt/yr" in said
    assert "which gives 52 %: the goal is not met." in said
    assert "In 3 of 5 draws the goal turns within the bounds: at 10 kt/yr in the median" in said
    assert "7.3 kt/yr to 13.6 kt/yr in 90 % of them; it is met at that value or more in 3 draws." in said
    assert "It cannot be met within the bounds in 1 of 5 draws and is met throughout them in 1;" in said
    assert "with the number as it is, it is met already in 2." in said
    assert "Of all draws half at 10 kt/yr or more, 95 % at no value within the bounds meet it." in said
    assert 'Run with SET="measures.plant.capacity=10 kt/yr" it is 50 %.' in said


def test_answer_tells_leaps_several_turns_and_draws_that_cannot_be_told() -> None:
    odd = found(
        jumps=np.array([0, 0, 1, 0, 0, 0]),
        turns=np.array([2, 0, 1, 2, 1, 0]),
        outcome=np.array([TURNS, UNTOLD, TURNS, TURNS, TURNS, NOWHERE]),
        others=((15.0, 20.0),),
    )
    said = answer(odd)
    assert "In 1 draw it cannot be told: some values have no equilibrium." in said
    assert "In 1 draw it turns more than once" in said
    assert "In 1 draw the indicator leaps over the goal there." in said
    assert "The goal turns 2 times in the central run, also between 15 kt/yr and 20 kt/yr" in said
    assert "Of all draws" not in said


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (EVERYWHERE, "at every value of measures.plant.capacity from 0 kt/yr to 20 kt/yr"),
        (NOWHERE, "the goal cannot be met within these bounds"),
        (UNTOLD, "cannot be told: no equilibrium was found at some values"),
    ],
)
def test_central_run_without_a_solution_is_told(outcome: int, words: str) -> None:
    assert words in answer(found(outcome=np.array([outcome, EVERYWHERE, TURNS, TURNS, TURNS, NOWHERE])))


def test_words_of_goal_and_values() -> None:
    goal = found().goal
    assert limit_words(goal) == "at most 50 %"
    assert limit_words(replace(goal, comparison=">=", limit=0.305)) == "at least 30.5 %"
    assert subject(goal, LABELS) == "the share of China in the imports of primary aluminium by the United States"
    assert subject(replace(goal, indicator="stock_left", partner="pile"), LABELS).endswith("(pile)")
    assert told(0.0, PERCENT) == "0 %"
    assert told(1234.567, Shown(factor=1.0, unit="USD/t")) == "1,235 USD/t"
    assert told(-0.012345, PERCENT) == "-1.234 %"
    assert told(float("nan"), PERCENT) == "n/a"


def test_figure_shows_response_goal_and_present_value() -> None:
    figure = response(found(), LABELS)
    axes = figure.axes[0]
    line = axes.lines[0]
    np.testing.assert_allclose(line.get_xdata(), found().grid)
    np.testing.assert_allclose(line.get_ydata(), 60.0 - found().grid)
    texts = [text.get_text() for text in axes.texts]
    assert "goal: at most 50 %" in texts
    assert "now 8 kt/yr" in texts
    assert "measures.plant.capacity" in axes.get_xlabel()
    assert any(marker.get_marker() == "o" and marker.get_xdata()[0] == 10.0 for marker in axes.lines)  # type: ignore[index]
    assert svg_bytes(figure) == svg_bytes(response(found(), LABELS))


def test_figure_without_draws_or_solution_is_drawn() -> None:
    alone = found(
        facts=facts(draws=0, solved=0),
        outcome=np.array([NOWHERE]),
        solution=np.array([np.nan]),
        present=np.array([50.0]),
        at_present=np.array([0.1]),
        band=Band(central=np.nan, p05=np.nan, p50=np.nan, p95=np.nan),
    )
    axes = response(alone, LABELS).axes[0]
    assert len(axes.collections) == 0
    assert not any(text.get_text().startswith("now") for text in axes.texts)
