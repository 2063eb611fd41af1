"""The page of every number: what it rests on, what it is used for, and which scenarios carry it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.output.markdown import cited, row, rule, sources_list
from sim.provenance import DOCUMENT, STATED_NOT_VALIDATED, TIERS
from sim.records.evidence import Choice, Column, Evidence, Stated

# weakest first, as everywhere
_HEADINGS = {
    DOCUMENT: f"Documents: {STATED_NOT_VALIDATED}",
    "assumption": "Assumptions of ours",
    "derived": "Derived from other figures",
    "literature": "Literature",
    "statistic": "Statistics",
}
PAST = "backtests/"  # what the names of scenarios of the past begin with
_MOST_NAMED = 4  # scenarios named one by one before the rest is told as what it leaves out


def assumptions_page(evidence: Evidence) -> str:
    """Every number by tier, the weakest first; then the long tables, what has no number, and the bibliography."""
    used = {number.source for number in evidence.shown} | {choice.source for choice in evidence.choices}
    used |= {number.range_source for number in evidence.shown if number.range_source}
    used |= {key for world in evidence.worlds.values() for column in world.columns for key in column.sources}
    parts = [
        _opening(evidence),
        *(_tier_section(tier, evidence) for tier in TIERS if any(each.tier == tier for each in evidence.shown)),
        _constants(evidence),
        _tables(evidence),
        _choices(evidence),
        "## Bibliography\n\n" + sources_list(used, evidence.sources),
    ]
    return "\n".join(parts)


def _opening(evidence: Evidence) -> str:
    single, tabled = _per_tier(evidence.shown), evidence.in_tables
    lines = [
        "# Every number, and what it rests on",
        "",
        f"Written by `make docs` from {len(evidence.scenarios)} scenarios and the files of the world. A number",
        "with a range of another origin counts under the weaker of the two. Values are as they were typed; the unit is",
        "the one the model computes in (`1`: shares and rates). Numbers in brackets behind a use are the equations of",
        "[model.md](model.md); what the documents state is set beside statistics in [claims.md](claims.md).",
        "",
        row(["rests on", "numbers shown below", "numbers in long tables"]),
        rule("lrr"),
    ]
    for tier in TIERS:
        name = f"{tier}: {STATED_NOT_VALIDATED}" if tier == DOCUMENT else tier
        lines.append(row([name, f"{single.get(tier, 0)}", f"{tabled.get(tier, 0)}"]))
    lines.append(row(["together", f"{sum(single.values())}", f"{sum(tabled.values())}"]))
    return "\n".join(lines) + "\n"


def _per_tier(numbers: Sequence[Stated]) -> Mapping[str, int]:
    return {tier: sum(number.tier == tier for number in numbers) for tier in TIERS}


def _tier_section(tier: str, evidence: Evidence) -> str:
    lines = [f"## {_HEADINGS[tier]}", ""]
    for title, numbers, of_world in (
        ("In the scenarios", evidence.stated, False),
        *((f"In the world {name}", world.stated, True) for name, world in evidence.worlds.items()),
    ):
        here = [number for number in numbers if number.tier == tier]
        if here:
            where = "file" if of_world else "carried by"
            lines += [f"### {title}", "", row([*_COLUMNS, where, "note"]), rule("l" * (len(_COLUMNS) + 2))]
            lines += [_number(number, evidence.scenarios) for number in here]
            lines.append("")
    return "\n".join(lines)


_COLUMNS = ("number", "value", "range", "unit", "source", "used in")


def _number(number: Stated, scenarios: Sequence[str]) -> str:
    source = cited(number.source)
    if number.range_source and number.range_source != number.source:
        source += f"; range {cited(number.range_source)}"
    where = carriers(number.carried_by, scenarios) if number.carried_by else f"`{number.file}`"
    said = ". ".join(part for part in (f"„{number.quote}“" if number.quote else "", number.note) if part)
    return row([f"`{number.name}`", number.value, number.spread, number.unit, source, number.use, where, said])


def carriers(names: Sequence[str], every: Sequence[str]) -> str:
    """The scenarios that carry something, or those that do not where these are fewer; those of the past after them."""
    past = [name for name in names if name.startswith(PAST)]
    if past:
        present = carriers(
            [name for name in names if name not in past], [name for name in every if not name.startswith(PAST)]
        )
        return ", ".join(filter(None, [present, *(f"`{name}`" for name in past)]))
    if not names:
        return ""
    every = [name for name in every if not name.startswith(PAST)]
    others = [name for name in every if name not in names]
    if not others:
        return "all"
    if len(others) < len(names) and len(names) > _MOST_NAMED:
        return "all but " + ", ".join(f"`{name}`" for name in others)
    return ", ".join(f"`{name}`" for name in names)


def _constants(evidence: Evidence) -> str:
    lines = [
        "## Numbers of the equations",
        "",
        "They stand in the program, not in a file: assumptions of ours that no scenario changes and no draw varies.",
        "",
        row(["what", "value", "used in"]),
        rule("lrl"),
        *(row(constant) for constant in evidence.constants),
    ]
    return "\n".join(lines) + "\n"


def _tables(evidence: Evidence) -> str:
    lines = ["## Long tables of the world", ""]
    for name, world in evidence.worlds.items():
        lines += [f"Folder `scenarios/worlds/{name}/`; each row of a table names its source.", ""]
        lines += [row(["file", "column", "numbers", "sources", "tiers", "used in"]), rule("llrlll")]
        lines += [_column(column) for column in world.columns]
        lines += [row([f"`{file}`", "", "0", "", "", held]) for file, held in world.without_numbers]
        lines.append("")
    return "\n".join(lines)


def _column(column: Column) -> str:
    tiers = ", ".join(f"{tier} {count}" if len(column.by_tier) > 1 else tier for tier, count in column.by_tier.items())
    sources = ", ".join(cited(key) for key in column.sources)
    return row([f"`{column.file}`", f"`{column.name}`", f"{column.count}", sources, tiers, column.use])


def _choices(evidence: Evidence) -> str:
    lines = [
        "## Switches, and the sources of measures",
        "",
        "What is on or off and since when, and what a measure as a whole rests on. Years of a scenario are choices.",
        "",
        row(["name", "state", "source", "tier", "carried by", "meaning"]),
        rule("llllll"),
    ]
    lines += [_choice(choice, evidence.scenarios) for choice in sorted(evidence.choices, key=_by_tier)]
    return "\n".join(lines) + "\n"


def _choice(choice: Choice, every: Sequence[str]) -> str:
    who = carriers(choice.carried_by, every)
    return row([f"`{choice.name}`", choice.state, cited(choice.source), choice.tier, who, choice.meaning])


def _by_tier(choice: Choice) -> tuple[int, str, str]:
    return TIERS.index(choice.tier), choice.name, choice.state
