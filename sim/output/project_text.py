"""Where the metal of a scenario's projects goes, in words and tables of plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.output.capital_text import capital_blocks
from sim.output.lookup import Lookup, by_points, points
from sim.output.textblock import CHANGE_HEADER, paragraph, table
from sim.output.wording import between, capital, good_of, instead, label_of, listed, percent, small_tonnes, the
from sim.provenance import STATED_NOT_VALIDATED
from sim.records.outcome import ChangeRow, ProjectAnswer, ProjectPart, RunFacts, Subject

_PART_WORTH_TELLING = 0.05  # of a project's metal: a smaller part that displaces other metal goes unsaid

ROWS = 6  # destinations with a line of their own
_NOTHING = 0.005  # kt
_A_PART = 0.02  # of what is added: worth a word


def project_blocks(
    answers: Sequence[ProjectAnswer],
    facts: RunFacts,
    known: Lookup | None,
    names: Mapping[str, str],
    room: int,
) -> list[list[str]]:
    """A paragraph and a table for each good and region with projects, final goods before their inputs."""
    place = {good: position for subject in facts.subjects for position, good in enumerate(subject.goods)}
    blocks = []
    for answer in sorted(answers, key=lambda answer: place.get(answer.good, len(place))):
        subject = next((subject for subject in facts.subjects if answer.good in subject.goods), None)
        sentences = [*_output(answer, facts, names)]
        processed = any(other.good == answer.next_good and other.region == answer.region for other in answers)
        if answer.next_good is not None:
            sentences += _onward(answer, processed, subject, facts, known, names)
        sentences += _feed(answer, names)
        sentences += _alone(answer, subject, facts, known, names)
        blocks.append(paragraph(" ".join(sentences), room))
        blocks.append(_destinations(answer, facts, names, room))
        blocks += capital_blocks(answer, facts, names, room)
    return blocks


def _output(answer: ProjectAnswer, facts: RunFacts, names: Mapping[str, str]) -> list[str]:
    region, metal, change = the(label_of(answer.region, names)), good_of(answer.good, names), answer.output.change
    more = f"{small_tonnes(abs(change.central))} kt {'more' if change.central >= 0 else 'less'}"
    ends = small_tonnes(change.p05), small_tonnes(change.p95)
    band = between(*ends, before=" (", unit=")") if facts.draws else ""
    told = [
        capital(
            f"{region} would make {more} {metal} in {answer.year}{band}, "
            f"{instead(small_tonnes(answer.output.scenario), small_tonnes(answer.output.baseline), 'kt')}."
        )
    ]
    told.append(f"Of the projects, {'; '.join(_part(part) for part in answer.parts)}.")
    made = sum(part.output.central for part in answer.parts)
    if made - change.central >= _PART_WORTH_TELLING * made > _NOTHING:
        told.append(
            f"Other producers there make {small_tonnes(made - change.central)} kt less, because the price falls."
        )
    return told


def _part(part: ProjectPart) -> str:
    size = f"{small_tonnes(part.capacity.central)} kt a year{f', {STATED_NOT_VALIDATED}' if part.stated else ''}"
    if part.first_year is None:
        return f"{part.measure} ({size}) makes nothing yet"
    return f"{part.measure} ({size}) runs from {part.first_year} and makes {small_tonnes(part.output.central)} kt"


def _onward(
    answer: ProjectAnswer,
    processed: bool,
    subject: Subject | None,
    facts: RunFacts,
    known: Lookup | None,
    names: Mapping[str, str],
) -> list[str]:
    """Where the metal of the mines is processed, and why that moves dependence or does not."""
    gaining = [row for row in answer.destinations if row.change.central > _NOTHING]
    added = sum(row.change.central for row in gaining)
    if not gaining:
        return []
    following = good_of(answer.next_good or "", names)
    parts = [
        f"{percent(row.change.central / added)} % {_where(row, answer, names)}"
        for row in gaining
        if row.change.central >= _A_PART * added
    ]
    start = "Of what is added" if processed else f"No project of the scenario makes {following} of it. Of what is added"
    told = [f"{start}, {listed(parts)}: it is processed there."]
    if subject is not None and known is not None:
        touched = known.cell("touched_supply", subject.goods[0], subject.market, answer.year, subject.country)
        there = next((row.change.central for row in gaining if row.label == subject.country), 0.0)
        if touched is not None and there >= 0.5 * added:
            country, market = the(label_of(subject.country, names)), the(label_of(subject.market, names))
            told.append(
                f"What {country} processes counts as touched by {country}, wherever it was dug: that is why its part "
                f"in the supply of {market} at any stage hardly gives way ({points(touched, banded=facts.draws > 0)})."
                if not touched.moved
                else f"What {country} processes counts as touched by {country}, wherever it was dug."
            )
    return told + _back(answer, names)


def _where(row: ChangeRow, answer: ProjectAnswer, names: Mapping[str, str]) -> str:
    return "stays at home" if row.label == answer.region else f"goes to {the(label_of(row.label, names))}"


def _back(answer: ProjectAnswer, names: Mapping[str, str]) -> list[str]:
    """What reaches the market of what is made from the region's metal, by country of processing."""
    before, after = (
        (sum(level) for level in zip(*((r.baseline, r.scenario) for r in answer.returns), strict=True))
        if (answer.returns)
        else (0.0, 0.0)
    )
    if abs(after - before) < _NOTHING:
        return []
    ways = [
        f"{'made at home' if row.label == answer.region else f'by way of {the(label_of(row.label, names))}'} "
        f"{small_tonnes(row.change.central, sign=True)}"
        for row in answer.returns
        if abs(row.change.central) >= _NOTHING
    ]
    market, region = the(label_of(answer.market, names)), the(label_of(answer.region, names))
    following = good_of(answer.next_good or "", names)
    told = (
        f"Of the {following} made from the metal of {region}, {market} would get {small_tonnes(after)} kt instead of "
        f"{small_tonnes(before)}: {', '.join(ways)}."
    )
    return [told]


def _feed(answer: ProjectAnswer, names: Mapping[str, str]) -> list[str]:
    total = sum(row.scenario for row in answer.feed)
    if answer.feed_good is None or total <= _NOTHING:
        return []
    parts = [
        f"{percent(row.scenario / total)} % "
        + ("from its own mines" if row.label == answer.region else f"from {the(label_of(row.label, names))}")
        for row in sorted(answer.feed, key=lambda row: -row.scenario)
        if row.scenario >= _A_PART * total
    ]
    return [f"Its {good_of(answer.feed_good, names)}, {small_tonnes(total)} kt: {listed(parts)}."]


def _alone(
    answer: ProjectAnswer, subject: Subject | None, facts: RunFacts, known: Lookup | None, names: Mapping[str, str]
) -> list[str]:
    """What the other projects alone would do to the dependence, where the run was solved for that."""
    alone = answer.without
    if alone is None or subject is None or known is None:
        return []
    both = known.cell("touched_supply", subject.goods[0], subject.market, answer.year, subject.country)
    if both is None:
        return []
    banded = facts.draws > 0
    country, market = the(label_of(subject.country, names)), the(label_of(subject.market, names))
    feed = good_of(answer.feed_good or "", names)
    gaining = [row for row in answer.without_feed if row.change.central > _NOTHING]
    why = ""
    if gaining:
        most = max(gaining, key=lambda row: row.change.central)
        part = most.change.central / sum(row.change.central for row in gaining)
        why = f", because {percent(part)} % of what is added {_would(most, answer, names)}"
    told = (
        f"Without the processing, {feed} alone would move the part of {country} in the supply of {market} at any stage "
        f"by {by_points(alone.change, banded=banded)}{why}; with it that part moves by "
        f"{by_points(both.band, banded=banded)}."
    )
    return [told]


def _would(row: ChangeRow, answer: ProjectAnswer, names: Mapping[str, str]) -> str:
    return "would stay at home" if row.label == answer.region else f"would go to {the(label_of(row.label, names))}"


def _destinations(answer: ProjectAnswer, facts: RunFacts, names: Mapping[str, str], room: int) -> list[str]:
    moving = [row for row in answer.destinations if abs(row.change.central) >= _NOTHING]
    shown = moving[: ROWS if len(moving) <= ROWS else ROWS - 1]
    rest = [row for row in answer.destinations if row not in shown]
    rows = [_cells(_label(row, answer, names), row, facts) for row in shown]
    if rest and any(abs(row.change.central) >= _NOTHING for row in rest):
        rows.append(
            [
                f"{len(rest)} others",
                *(small_tonnes(sum(getattr(row, level) for row in rest)) for level in ("baseline", "scenario")),
                small_tonnes(sum(row.change.central for row in rest), sign=True),
                "",
            ]
        )
    if not rows:
        return []
    rows.append(_cells("Output in all", answer.output, facts))
    region, metal = the(label_of(answer.region, names)), good_of(answer.good, names)
    title = f"What {region} sells of {metal} in {answer.year}, by destination, kt"
    return table(title, CHANGE_HEADER, rows, room, total=True)


def _label(row: ChangeRow, answer: ProjectAnswer, names: Mapping[str, str]) -> str:
    return f"{label_of(row.label, names)}{', home' if row.label == answer.region else ''}"


def _cells(label: str, row: ChangeRow, facts: RunFacts) -> list[str]:
    band = f"{small_tonnes(row.change.p05, sign=True)} to {small_tonnes(row.change.p95, sign=True)}"
    change = small_tonnes(row.change.central, sign=True)
    return [label, small_tonnes(row.baseline), small_tonnes(row.scenario), change, band if facts.draws else ""]
