"""What a goal seek found, in words, a table, and the tables of its folder."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from sim.output.asked_text import subject, told
from sim.output.tables import Contract, csv_bytes
from sim.output.textblock import paragraph, table
from sim.output.wording import (
    NO_NUMBER,
    capital,
    counts,
    evidence_sentence,
    number,
    plain,
    stated_sentence,
)
from sim.records.target import (
    AT_MOST,
    EVERYWHERE,
    NOWHERE,
    OUTCOME_WORDS,
    TURNS,
    UNTOLD,
    Goal,
    Shown,
    Span,
    TargetAnswer,
)

_DIGITS = 4  # of a value that is searched for: more than its band deserves, enough to find it again
_MOST_DECIMALS = 6  # of a small value: below a gram per kt nothing is meant
_SHARES = ((0.5, "half"), (0.95, "95 %"))  # of all draws: as likely as not, and as good as sure
_NARROWEST = 50  # characters: the table needs as many
TARGET = Contract(
    name="target",
    key=("scenario", "number", "value"),
    columns=(
        *("scenario", "number", "value", "value_unit", "indicator", "good", "region", "partner", "year", "unit"),
        *("central", "p05", "p50", "p95", "met_share"),
    ),
    text=("scenario", "number", "value_unit", "indicator", "good", "region", "partner", "unit"),
)
SOLUTIONS = Contract(
    name="solutions",
    key=("draw",),
    columns=("draw", "present", "at_present", "met_at_present", "outcome", "solution", "met_on", "jumps", "turns"),
    whole=("draw", "met_at_present", "jumps", "turns"),
    text=("outcome", "met_on"),
)


def target_files(found: TargetAnswer) -> dict[str, bytes]:
    """The tables of a goal seek: the response over the span, and what was found in each draw."""
    goal, bands = found.goal, found.response
    grid = pd.DataFrame(
        {
            "scenario": found.facts.scenario,
            "number": found.path,
            "value": found.grid,
            "value_unit": found.unit,
            "indicator": goal.indicator,
            "good": goal.good,
            "region": goal.region,
            "partner": goal.partner,
            "year": goal.year,
            "unit": goal.unit,
            "central": [each.central for each in bands],
            **{name: [getattr(each, name) for each in bands] for name in ("p05", "p50", "p95")},
            "met_share": found.met,
        }
    )
    if not found.facts.draws:
        grid = grid.assign(**dict.fromkeys(("p05", "p50", "p95", "met_share"), np.nan))
    turned = found.outcome == TURNS
    draws = pd.DataFrame(
        {
            "draw": np.arange(len(found.present)),
            "present": found.present,
            "at_present": found.at_present,
            "met_at_present": found.met_now,
            "outcome": [OUTCOME_WORDS[code] for code in found.outcome],
            "solution": found.solution,
            "met_on": np.where(turned, np.where(found.met_above == 1, "above", "below"), ""),
            "jumps": found.jumps,
            "turns": found.turns,
        }
    )
    return {"target.csv": csv_bytes(grid, TARGET), "solutions.csv": csv_bytes(draws, SOLUTIONS)}


def limit_words(goal: Goal) -> str:
    """The bound in words."""
    return f"at {'most' if goal.comparison == AT_MOST else 'least'} {told(goal.limit, goal.shown)}"


def central_sentence(found: TargetAnswer, labels: Mapping[str, str]) -> str:
    """What the central run says, in a sentence without a full stop."""
    goal, about = found.goal, f"{subject(found.goal, labels)} is {limit_words(found.goal)} in {found.goal.year}"
    span = span_words(found.span, found.shown)
    outcome = found.outcome[0]
    if outcome == EVERYWHERE:
        return f"{about} at every value of {found.path} {span}"
    if outcome == NOWHERE:
        return f"{about} at no value of {found.path} {span}: the goal cannot be met within these bounds"
    if outcome == UNTOLD:
        return f"whether {about} cannot be told: no equilibrium was found at some values of {found.path}"
    where = f"at {told(found.solution[0], found.shown)} {_side(bool(found.met_above[0]))} of {found.path}"
    if found.jumps[0]:
        where += f", where the {goal.indicator} leaps over the goal"
    return f"{about} {where}"


def _side(above: bool) -> str:
    return "or more" if above else "or less"


def _in(count: int) -> str:
    return f"in {count} draw{'' if count == 1 else 's'}"


def span_words(span: Span, shown: Shown) -> str:
    """The bounds of the search."""
    return f"from {told(span.low, shown)} to {told(span.high, shown)}"


def target_question(found: TargetAnswer, labels: Mapping[str, str]) -> str:
    """What is asked, as a question."""
    about = f"{subject(found.goal, labels)} {limit_words(found.goal)} in {found.goal.year}"
    return f"At which value of {found.path} is {about}?"


def target_answer(
    found: TargetAnswer, labels: Mapping[str, str], width: int, *, check: tuple[str, float] | None, figure: str
) -> str:
    """The answer in lines of at most ``width`` characters; ``figure`` is the path named at its end."""
    blocks = [*target_blocks(found, labels, width, check=check), [f"Open {figure}"]]
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def target_blocks(
    found: TargetAnswer, labels: Mapping[str, str], width: int, *, check: tuple[str, float] | None
) -> list[list[str]]:
    """The blocks of the answer, the title first; lines have at most ``width`` characters.

    ``check`` is what SET would be told to run the scenario at the central solution, and what the indicator was then.
    """
    room = max(width, _NARROWEST)
    blocks = [paragraph(plain(found.facts.title), room)]
    blocks.append(paragraph(f"In the central run {central_sentence(found, labels)}. {_present(found)}", room))
    blocks.append([line for sentence in _of_draws(found) for line in paragraph(sentence, room)])
    blocks.append(_table(found, labels, room))
    notes = [f"Bounds: {span_words(found.span, found.shown)}, {found.span.origin}; LOW= and HIGH= set others."]
    if not all(np.isfinite(each.central) for each in found.response):
        notes.append(f"{NO_NUMBER}: the central run has no equilibrium, or no such number, at that value.")
    if found.constant:
        notes.append(f"{found.path} is a path over the years; one value stands for it in all of them.")
    if found.others:
        more = ", ".join(
            f"between {told(low, found.shown)} and {told(high, found.shown)}" for low, high in found.others
        )
        notes.append(f"The goal turns {found.turns[0]} times in the central run, also {more}: the nearest is told.")
    if check is not None:
        notes.append(f'Run with SET="{check[0]}" it is {told(check[1], found.goal.shown)}.')
    blocks.append([line for note in notes for line in paragraph(note, room)])
    honesty = [
        stated_sentence(found.facts),
        f"With the number as it is: {counts(found.facts)}.",
        *(f"{plain(caution)}." for _, caution in found.facts.cautions),
        evidence_sentence(found.facts),
    ]
    blocks.append([line for sentence in honesty if sentence for line in paragraph(sentence, room)])
    return [block for block in blocks if block]


def _present(found: TargetAnswer) -> str:
    now = f"Now it is {told(found.present[0], found.shown)}"
    if found.constant:
        now = f"In {found.goal.year} it is {told(found.present[0], found.shown)}"
    met = "the goal is met already" if found.met_now[0] else "the goal is not met"
    return f"{now}, which gives {told(found.at_present[0], found.goal.shown)}: {met}."


def _of_draws(found: TargetAnswer) -> list[str]:
    count = found.facts.draws
    if not count:
        return []
    turning, band = found.counted(TURNS), found.band
    already = int(found.met_now[1:].sum())
    sentences = []
    if turning:
        above = int(found.met_above[1:][found.outcome[1:] == TURNS].sum())
        sides = [f"at that value or more {_in(above)}"] if above else []
        sides += [f"at that value or less {_in(turning - above)}"] if above < turning else []
        sentences.append(
            f"In {turning} of {count} draws the goal turns within the bounds: at {told(band.p50, found.shown)} in the "
            f"median, {told(band.p05, found.shown)} to {told(band.p95, found.shown)} in 90 % of them; it is met "
            f"{' and '.join(sides)}."
        )
    sentences.append(
        f"It cannot be met within the bounds in {found.counted(NOWHERE)} of {count} draws and is met throughout them "
        f"in {found.counted(EVERYWHERE)}; with the number as it is, it is met already in {already}."
    )
    sentences += _enough(found)
    if found.counted(UNTOLD):
        sentences.append(f"{capital(_in(found.counted(UNTOLD)))} it cannot be told: some values have no equilibrium.")
    several = int((found.turns[1:] > 1).sum())
    if several:
        sentences.append(f"{capital(_in(several))} it turns more than once; the place nearest to the present is taken.")
    leaps = int(found.jumps[1:][found.outcome[1:] == TURNS].sum())
    if leaps:
        sentences.append(f"{capital(_in(leaps))} the indicator leaps over the goal there.")
    return sentences


def _enough(found: TargetAnswer) -> list[str]:
    """From which value on the goal is met in half of all draws, and in almost all."""
    parts = []
    side = _side(bool(found.met_above[1:][found.outcome[1:] == TURNS].all()))
    for share, words in _SHARES:
        value = found.enough(share)
        if value is None:
            return []
        where = f"at {told(value, found.shown)} {side}"
        if np.isinf(value):
            where = "at no value within the bounds" if value > 0 else "at every value within the bounds"
        parts.append(f"{words} {where}")
    return [f"Of all draws {', '.join(parts)} meet it."]


def _table(found: TargetAnswer, labels: Mapping[str, str], width: int) -> list[str]:
    goal, drawn = found.goal, found.facts.draws > 0
    rows = []
    for value, band, met in zip(found.grid, found.response, found.met, strict=True):
        bare = Shown(factor=goal.shown.factor, unit="")
        spread = f"{told(band.p05, bare)} to {told(band.p95, bare)}" if drawn else ""
        share = f"{number(100 * met)} %" if drawn and np.isfinite(met) else ""
        rows.append((told(float(value), found.shown), told(band.central, bare), share, spread))
    title = f"{capital(subject(goal, labels))} in {goal.year}{f', {goal.shown.unit}' if goal.shown.unit else ''}"
    header = (found.path.rpartition(".")[2], "central", "met in" if drawn else "", "p05 to p95" if drawn else "")
    return table(title, header, rows, width, total=False)
