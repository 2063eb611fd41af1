"""The page of what the documents state, row by row, beside statistics; the differences are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.output.markdown import cited, row, rule, sources_list
from sim.output.wording import number
from sim.provenance import STATED_NOT_VALIDATED
from sim.records.claims import Answered, AnsweredClaim, Span
from sim.records.world import Source

_FACTOR_FROM = 10.0  # a ratio of so much and more needs no decimals


def claims_page(claims: Iterable[AnsweredClaim], sources: Mapping[str, Source]) -> str:
    """All rows, then the bibliography of what they cite."""
    rows = list(claims)
    used = {key for found in rows for key in found.claim.quotes}
    used |= {key for found in rows for beside in found.beside for key in beside.sources}
    lines = [
        "# What the documents state, beside what is known",
        "",
        "Five press texts in German are where the scenarios start. Their figures are " + STATED_NOT_VALIDATED + ";",
        "this page sets each beside statistics and says the difference. Written by `make docs` from",
        "`docs/claims.yaml`, the base year of the world and the scenario files; figures without a source are computed.",
        "",
        row(["#", "stated", "documents", "part in the model", "scenarios"]),
        rule("rllll"),
        *(_summary(found) for found in rows),
        "",
        *(_section(found) for found in rows),
        "## Bibliography",
        "",
        sources_list(used, sources).rstrip("\n"),
    ]
    return "\n".join(lines) + "\n"


def _summary(found: AnsweredClaim) -> str:
    claim = found.claim
    return row(
        [
            f"[{claim.row}](#row-{claim.row})",
            claim.stated,
            ", ".join(cited(key) for key in claim.quotes),
            claim.mechanism or "shown beside data, drives nothing",
            ", ".join(f"`{each.scenario}`" for each in found.exercises),
        ]
    )


def _section(found: AnsweredClaim) -> str:
    claim = found.claim
    lines = [f'<a id="row-{claim.row}"></a>', "", f"## {claim.row}. {claim.heading}", ""]
    lines += [f"> „{quote}“ ({cited(key)})" + ("  " if last else "") for key, quote, last in _quoted(claim.quotes)]
    lines += ["", claim.said, ""]
    if found.beside:
        compares = claim.span is not None
        heading = ["beside it", "figure", *(["the documents' figure against it"] if compares else []), "source"]
        lines += [row(heading), rule("lrll" if compares else "lrl")]
        lines += [_beside(each, claim.span) for each in found.beside]
        lines.append("")
    for each in found.exercises:
        carries = f": {', '.join(f'`{path}`' for path in each.carries)}" if each.carries else ""
        lines.append(f"- exercised by `{each.scenario}`{carries}")
    if found.exercises:
        lines.append("")
    return "\n".join(lines)


def _quoted(quotes: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    return [(key, quote, place < len(quotes) - 1) for place, (key, quote) in enumerate(quotes.items())]


def _beside(answered: Answered, stated: Span | None) -> str:
    source = ", ".join(cited(key) for key in answered.sources)
    told = "; ".join(part for part in (f"computed {answered.computed}" if answered.computed else "", source) if part)
    compared = [] if stated is None else [difference(stated, answered.span)]
    return row([answered.what, answered.shown, *compared, told])


def difference(stated: Span, found: Span | None) -> str:
    """What is stated against a figure: points apart for shares, a multiple for amounts; empty for other units."""
    if found is None or found.unit != stated.unit:
        return ""
    if stated.unit == "%":
        return _points(stated, found)
    if not found.low > 0:
        return "the figure is nought"
    low, high = stated.low / found.high, stated.high / found.low
    ends = list(dict.fromkeys(_factor(end) for end in (low, high)))
    return f"{' to '.join(ends)} times it"


def _points(stated: Span, found: Span) -> str:
    ends = [round(stated.low - found.high), round(stated.high - found.low)]
    if ends == [0, 0]:
        return "the same"
    if ends[0] < 0 < ends[1]:
        return f"{-ends[0]} points lower to {ends[1]} higher"
    word = "lower" if ends[0] < 0 or ends[1] < 0 else "higher"
    sizes = list(dict.fromkeys(str(size) for size in sorted(abs(end) for end in ends)))
    return f"{' to '.join(sizes)} {'point' if sizes == ['1'] else 'points'} {word}"


def _factor(ratio: float) -> str:
    return number(ratio, 0 if ratio >= _FACTOR_FROM else 1 if ratio >= 1 else 2)
