"""A backtest in words: the table of skill for the terminal, and the tables of its page."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from sim.output.docs import sources_table
from sim.output.markdown import row, rule
from sim.output.textblock import paragraph, table
from sim.output.wording import capital, number, percent, tonnes
from sim.records.backtest import (
    ALTERNATIVES,
    FLOW,
    GSIM,
    IMPORT_SHARE,
    NO_CHANGE,
    PRICE,
    PROPORTIONAL,
    SHOCKED,
    SUPPLY,
    TREND,
    WEIGHTED,
    Compared,
    Episode,
    Estimate,
    Skill,
)
from sim.records.world import Source
from sim.study.told import distance

QUANTITY_WORDS = {IMPORT_SHARE: "import shares", FLOW: "flows", SUPPLY: "supply", PRICE: "prices"}
ALTERNATIVE_WORDS = {NO_CHANGE: "no change", TREND: "trend", PROPORTIONAL: "proportional", GSIM: "GSIM"}
BANDS = ("coverage, %", "width, %", "coverage with the past, %", "width with the past, %")
SHORT_WORDS = {PROPORTIONAL: "prop."}  # for the terminal
MARKETS = 5  # of each episode and quantity in the table by market: those that changed most
LOSS_DECIMALS = 3  # estimates gain a hundredth or two
SHOWN_MISSES = 10  # rows of the table of misses: enough to see a pattern


def backtest_answer(episodes: Sequence[Episode], estimates: Sequence[Estimate], width: int) -> str:
    """The table of skill, what it means, and what went wrong."""
    against = [SHORT_WORDS.get(name, ALTERNATIVE_WORDS[name]) for name in ALTERNATIVES]
    header = ("", "rows", "changed", *against, "cover", "width", "past")  # the width with the past stands on the page
    blocks = [paragraph("Skill of the model against four simpler answers, %", width)]
    for episode in episodes:
        rows = [_cells(skill)[:-1] for skill in _in_order(episode)]
        blocks.append(table(f"{episode.name}: {episode.title}", header, rows, width, total=False))
    meaning = (
        "skill: 1 - sum of misses / sum of the misses of the other answer, over changes since the benchmark year; "
        "prop.: the shock at its face value, in proportion; cover: rows within the 5th to 95th percentile, %; "
        "width: that band over the range of observed changes, %; "
        "past: cover of the band made wider by how far each series moved in as many years before."
    )
    blocks.append(paragraph(meaning, width))
    for episode in episodes:
        counts = f"{episode.name}: {episode.solved} of {episode.draws} draws solved"
        counts += f", {episode.infeasible} infeasible, {episode.failed} failed"
        told = [counts] if episode.draws else [f"{episode.name}: the central run only"]
        blocks += [paragraph(f"{'; '.join([*told, *episode.notices])}.", width)]
    if estimates:
        blocks += _estimate_lines(estimates, width)
    return "\n\n".join("\n".join(block) for block in blocks)


def _in_order(episode: Episode) -> list[Skill]:
    """Quantity by quantity, shares weighted by imports after those that are not, then where the shock acts."""
    found: list[Skill] = []
    for skill in episode.skills:
        found += [skill, *(each for each in episode.weighted if each.quantity == skill.quantity)]
    return [*found, *episode.shocked]


def _cells(skill: Skill) -> list[str]:
    rows = str(skill.rows) + (f" ({skill.blank} blank)" if skill.blank else "")
    return [
        _what(skill),
        rows,
        _amount(FLOW if skill.region == WEIGHTED else skill.quantity, skill.observed),
        *(_skill(skill.skill[name]) for name in ALTERNATIVES),
        _part(skill.coverage),
        _part(skill.width),
        _part(skill.coverage_before),
        _part(skill.width_before),
    ]


def _what(skill: Skill) -> str:
    words = QUANTITY_WORDS[skill.quantity]
    if skill.region == WEIGHTED:
        return f"{words}, {WEIGHTED}"
    return f"{words} {SHOCKED}" if skill.region == SHOCKED else words


def _skill(value: float) -> str:
    return number(100 * value, 0, sign=True)


def _part(value: float) -> str:
    return number(100 * value, 0)


def _amount(quantity: str, value: float) -> str:
    if quantity == IMPORT_SHARE:
        return f"{number(100 * value, 1)} points"
    return f"{number(value, 2)} log" if quantity == PRICE else f"{tonnes(value)} kt"


def _level(quantity: str, value: float) -> str:
    if quantity == IMPORT_SHARE:
        return f"{percent(value)} %" if math.isfinite(value) else number(value)
    return f"{number(value)} USD/t" if quantity == PRICE else f"{tonnes(value)} kt"


def skill_table(episodes: Sequence[Episode]) -> str:
    """The table of skill of the page."""
    lines = [
        row(["episode", "quantity", "rows", "observed change", *_against(), *BANDS]),
        rule("llrr" + "r" * (len(ALTERNATIVES) + len(BANDS))),
    ]
    for episode in episodes:
        lines += [row([f"[{skill.episode}](#{skill.episode})", *_cells(skill)]) for skill in _in_order(episode)]
    return "\n".join(lines) + "\n"


def markets_table(episodes: Sequence[Episode], most: int = MARKETS) -> str:
    """Skill in the markets whose imports changed most, for each episode and quantity."""
    lines = [
        row(["episode", "quantity", "market", "rows", "observed change", *_against(), *BANDS]),
        rule("lllrr" + "r" * (len(ALTERNATIVES) + len(BANDS))),
    ]
    for episode in episodes:
        for quantity, words in QUANTITY_WORDS.items():
            for skill in [each for each in episode.by_market if each.quantity == quantity][:most]:
                place = skill.region.replace("_", " ")
                lines.append(row([skill.episode, words, place, *_cells(skill)[1:]]))
    return "\n".join(lines) + "\n"


def _against() -> list[str]:
    return [f"against {ALTERNATIVE_WORDS[name]}, %" for name in ALTERNATIVES]


def episodes_text(episodes: Sequence[Episode], figures: Mapping[str, str]) -> str:
    """A section for each episode: its figure and its largest misses; ``figures`` are files beside the page."""
    return "\n".join(_episode(episode, figures.get(episode.name, "")) for episode in episodes)


def _episode(episode: Episode, figure: str) -> str:
    drawn = f"{episode.solved} of {episode.draws} draws solved"
    said = f"Benchmark year {episode.year}, world `{episode.world}`, {drawn}."
    lines = [f"### {episode.name}", "", f"{episode.title}. {said}", ""]
    for notice in episode.notices:
        lines += [f"{capital(notice)}.", ""]
    if figure:
        lines += [f"![Predicted against observed, {episode.name}]({figure})", ""]
    lines += [
        row(["largest misses", "good", "year", "before", "observed", "model", "p05 to p95", "proportional", "GSIM"]),
        rule("llrrrrrrr"),
        *(_miss(each) for each in largest_misses(episode.rows, SHOWN_MISSES)),
        "",
    ]
    return "\n".join(lines)


def largest_misses(rows: Iterable[Compared], most: int) -> list[Compared]:
    """The rows that the model misses most, each against the sum of observed changes of its quantity."""
    told = [each for each in rows if math.isfinite(each.model)]
    size: dict[str, float] = {}
    for each in told:
        quantity = each.observed.quantity
        size[quantity] = size.get(quantity, 0.0) + _apart(each, each.base)
    return sorted(told, key=lambda each: -_apart(each, each.model) / (size[each.observed.quantity] or 1.0))[:most]


def _apart(row_: Compared, other: float) -> float:
    return float(distance(row_.observed.quantity, row_.observed.value, other))


def _miss(each: Compared) -> str:
    seen = each.observed

    def told(value: float) -> str:
        return _level(seen.quantity, value)

    return row(
        [
            f"{QUANTITY_WORDS[seen.quantity]}: {place_of(each)}",
            seen.good.replace("_", " "),
            str(seen.year),
            told(each.base),
            told(seen.value),
            told(each.model),
            f"{told(each.low)} to {told(each.high)}",
            told(each.alternatives[PROPORTIONAL]),
            told(each.alternatives[GSIM]),
        ]
    )


def place_of(each: Compared) -> str:
    """What a row is about: a route, a producer or a market."""
    region, partner = (name.replace("_", " ") for name in (each.observed.region, each.observed.partner))
    return f"{partner} to {region}" if region and partner else region or partner


def cited_table(episodes: Sequence[Episode], sources: Mapping[str, Source]) -> str:
    """What stands behind the observed numbers."""
    return sources_table({each.observed.source for episode in episodes for each in episode.rows}, sources)


def factors_table(estimates: Sequence[Estimate]) -> str:
    """The factors estimated on all episodes but one, with their uncertainty."""
    names = [factor.name for factor in estimates[0].factors]
    lines = [
        row(["estimated without", *(name.replace("_", " ") for name in names), "loss as shipped", "loss as estimated"]),
        rule("l" + "r" * (len(names) + 2)),
    ]
    for each in estimates:
        told = [f"{number(f.estimate, 2)} ({number(f.low, 2)} to {number(f.high, 2)})" for f in each.factors]
        lines.append(
            row(
                [
                    each.left_out or "none: all episodes",
                    *told,
                    number(each.loss_shipped, LOSS_DECIMALS),
                    number(each.loss, LOSS_DECIMALS),
                ]
            )
        )
    return "\n".join(lines) + "\n"


def out_of_sample_table(estimates: Sequence[Estimate]) -> str:
    """Skill on the episode left out, as shipped and as estimated without it."""
    lines = [row(["left out", "quantity", "rows", "as shipped, %", "as estimated, %"]), rule("llrrr")]
    for each in estimates:
        for score in each.scores:
            told = [QUANTITY_WORDS[score.quantity], str(score.rows), _skill(score.shipped), _skill(score.estimated)]
            lines.append(row([score.episode, *told]))
    return "\n".join(lines) + "\n"


def _estimate_lines(estimates: Sequence[Estimate], width: int) -> list[list[str]]:
    names = [factor.name for factor in estimates[0].factors]
    factors = [
        [
            each.left_out or "none",
            *(f"{number(f.estimate, 2)} ({number(f.low, 2)}-{number(f.high, 2)})" for f in each.factors),
            number(each.loss_shipped, LOSS_DECIMALS),
            number(each.loss, LOSS_DECIMALS),
        ]
        for each in estimates
    ]
    scores = [
        [f"{s.episode}, {QUANTITY_WORDS[s.quantity]}", str(s.rows), _skill(s.shipped), _skill(s.estimated)]
        for each in estimates
        for s in each.scores
    ]
    first = ("left out", *(name.replace("_", " ") for name in names), "loss as shipped", "as estimated")
    second = ("left out, quantity", "rows", "as shipped", "as estimated")
    return [
        table("Factors on the shipped parameters (5th to 95th percentile)", first, factors, width, total=False),
        table("Skill against no change on the episode left out, %", second, scores, width, total=False),
    ]
