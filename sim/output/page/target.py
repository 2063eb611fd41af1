"""The tables on the page of a goal seek: the response over the bounds, and what became of the draws."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.output.asked_text import subject, told
from sim.output.page.table import Column, Table
from sim.output.target_text import limit_words
from sim.output.wording import NO_NUMBER, capital, number
from sim.records.outcome import Band
from sim.records.target import OUTCOME_WORDS, TURNS, Shown, TargetAnswer

MOST_DRAWS = 100  # draw by draw: who wants more opens solutions.csv


def target_tables(found: TargetAnswer, labels: Mapping[str, str]) -> list[Table]:
    """The response, the draws counted by what became of them, and the first of them one by one."""
    tables = [_response(found, labels)]
    return [*tables, _outcomes(found), _draws(found)] if found.facts.draws else tables


def _bare(shown: Shown) -> Shown:
    return Shown(factor=shown.factor, unit="")


def _with_unit(text: str, unit: str) -> str:
    return f"{text}, {unit}" if unit else text


def _response(found: TargetAnswer, labels: Mapping[str, str]) -> Table:
    goal, drawn = found.goal, found.facts.draws > 0
    bare, value_bare = _bare(goal.shown), _bare(found.shown)

    def spread(band: Band, met: float) -> list[str]:
        ends = [told(value, bare) for value in (band.p05, band.p50, band.p95)]
        return [*ends, number(100 * met) if np.isfinite(met) else NO_NUMBER]

    varied = found.path.rpartition(".")[2]
    labelled = [_with_unit(capital(varied), found.shown.unit), "Central run", *(("p05", "p50", "p95") if drawn else ())]
    return Table(
        name="table-response",
        title=_with_unit(f"{capital(subject(goal, labels))} in {goal.year}", goal.shown.unit),
        columns=[
            *(Column(label=label, numeric=True) for label in labelled),
            *([Column(label="Goal met, % of draws", numeric=True)] if drawn else []),
        ],
        rows=[
            [told(float(value), value_bare), told(band.central, bare), *(spread(band, float(met)) if drawn else ())]
            for value, band, met in zip(found.grid, found.response, found.met, strict=True)
        ],
        note=f"The goal: {limit_words(goal)}. target.csv holds the same with all digits.",
    )


def _outcomes(found: TargetAnswer) -> Table:
    counted = [found.counted(code) for code in range(len(OUTCOME_WORDS))]
    return Table(
        name="table-outcomes",
        title="What became of the draws",
        columns=[Column(label="Outcome"), *(Column(label=label, numeric=True) for label in ("Draws", "% of them"))],
        rows=[
            [words, f"{draws:,}", number(100 * draws / found.facts.draws)]
            for words, draws in zip(OUTCOME_WORDS, counted, strict=True)
        ],
        note="Turns: the goal is met on one side of a value within the bounds and missed on the other.",
    )


def _draws(found: TargetAnswer) -> Table:
    value, indicator = found.shown.unit, found.goal.shown.unit
    shown = range(min(found.facts.draws, MOST_DRAWS) + 1)
    bare, value_bare = _bare(found.goal.shown), _bare(found.shown)
    words = (
        "Draw",
        "Number as it is",
        "which gives",
        "Goal met",
        "What became of it",
        "Turns at",
        "Side that meets it",
    )
    units = ("", value, indicator, "", "", value, "")
    return Table(
        name="table-draws",
        title="Draw by draw",
        columns=[
            Column(
                label=_with_unit(label, unit),
                numeric=label not in ("Goal met", "What became of it", "Side that meets it"),
            )
            for label, unit in zip(words, units, strict=True)
        ],
        rows=[
            [
                str(i),
                told(float(found.present[i]), value_bare),
                told(float(found.at_present[i]), bare),
                "yes" if found.met_now[i] else "no",
                OUTCOME_WORDS[found.outcome[i]],
                *(
                    (told(float(found.solution[i]), value_bare), "above" if found.met_above[i] else "below")
                    if found.outcome[i] == TURNS
                    else ("", "")
                ),
            ]
            for i in shown
        ],
        note=f"Draw 0 is the central run. At most {MOST_DRAWS} draws; solutions.csv holds all of them.",
    )
