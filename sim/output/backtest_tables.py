"""The tables of a backtest: every observed row beside what was foretold, and the skill by quantity."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.output.tables import Contract, csv_bytes
from sim.records.backtest import ALTERNATIVES, WEIGHTED, Compared, Episode, Estimate, Skill

_SERIES = ("quantity", "good", "region", "partner")
ROWS = Contract(
    name="predicted",
    key=("episode", *_SERIES, "year"),
    columns=(
        *("episode", *_SERIES, "year", "unit", "observed_base", "observed", "model_base"),
        *("central", "p05", "p50", "p95", "before", *ALTERNATIVES, "source"),
    ),
    text=("episode", *_SERIES, "unit", "source"),
)
SKILL = Contract(
    name="skill",
    key=("episode", "quantity", "region"),
    columns=(
        *("episode", "quantity", "region", "unit", "rows", "blank", "observed_change", "error"),
        *(f"skill_{name}" for name in ALTERNATIVES),
        *("coverage", "width", "coverage_before", "width_before"),
    ),
    whole=("rows", "blank"),
    text=("episode", "quantity", "region", "unit"),
)
FACTORS = Contract(
    name="factors",
    key=("left_out", "factor"),
    columns=("left_out", "factor", "estimate", "p05", "p95", "loss_shipped", "loss"),
    whole=(),
    text=("left_out", "factor"),
)
OUT_OF_SAMPLE = Contract(
    name="out_of_sample",
    key=("episode", "quantity"),
    columns=("episode", "quantity", "rows", "skill_shipped", "skill_estimated"),
    whole=("rows",),
    text=("episode", "quantity"),
)
SKILL_UNITS = {"import_share": "1", "flow": "kt/yr", "supply": "kt/yr", "price": "log"}


def backtest_files(episodes: Sequence[Episode], estimates: Sequence[Estimate] = ()) -> dict[str, bytes]:
    """The tables of a backtest as CSV, by file name."""
    rows = [_compared(episode.name, row) for episode in episodes for row in episode.rows]
    skills = [
        _skill(skill)
        for episode in episodes
        for skill in (*episode.skills, *episode.weighted, *episode.shocked, *episode.by_market)
    ]
    files = {
        "predicted.csv": csv_bytes(pd.DataFrame(rows, columns=list(ROWS.columns)), ROWS),
        "skill.csv": csv_bytes(pd.DataFrame(skills, columns=list(SKILL.columns)), SKILL),
    }
    if estimates:
        factors = [
            (
                each.left_out or "none",
                factor.name,
                factor.estimate,
                factor.low,
                factor.high,
                each.loss_shipped,
                each.loss,
            )
            for each in estimates
            for factor in each.factors
        ]
        scores = [
            (score.episode, score.quantity, score.rows, score.shipped, score.estimated)
            for each in estimates
            for score in each.scores
        ]
        files["factors.csv"] = csv_bytes(pd.DataFrame(factors, columns=list(FACTORS.columns)), FACTORS)
        files["out_of_sample.csv"] = csv_bytes(pd.DataFrame(scores, columns=list(OUT_OF_SAMPLE.columns)), OUT_OF_SAMPLE)
    return files


def _compared(episode: str, row: Compared) -> tuple[object, ...]:
    seen = row.observed
    return (
        *(episode, *seen.series, seen.year, seen.unit, row.base, seen.value, row.model_base),
        *(row.model, row.low, row.median, row.high, row.before),
        *(row.alternatives[name] for name in ALTERNATIVES),
        seen.source,
    )


def _skill(skill: Skill) -> tuple[object, ...]:
    unit = SKILL_UNITS["flow" if skill.region == WEIGHTED else skill.quantity]
    return (
        *(skill.episode, skill.quantity, skill.region, unit, skill.rows, skill.blank),
        *(skill.observed, skill.error),
        *(skill.skill[name] for name in ALTERNATIVES),
        *(skill.coverage, skill.width, skill.coverage_before, skill.width_before),
    )
