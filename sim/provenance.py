"""Tiers of evidence, from the weakest to the strongest."""

from __future__ import annotations

from collections.abc import Iterable

# weakest first: a result carries all tiers among its inputs, in this order
DOCUMENT = "document"
TIERS = (DOCUMENT, "assumption", "derived", "literature", "statistic")

STATED_NOT_VALIDATED = "stated by the documents, not validated"


def weakest_first(tiers: Iterable[str]) -> tuple[str, ...]:
    """Distinct tiers in the order of TIERS; an unknown tier is the caller's mistake, a ValueError."""
    present = set(tiers)
    unknown = present - set(TIERS)
    if unknown:
        raise ValueError(f"unknown tier {min(unknown)!r}, one of {', '.join(TIERS)} wanted")
    return tuple(tier for tier in TIERS if tier in present)
