"""Two results side by side, file by file: what exactly differs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from pathlib import Path

_TEXTS = (".csv", ".yaml", ".json", ".svg", ".html")
_SHOWN = 100  # characters of a line that is shown: what differs stands mostly near its beginning
_END = "(the file ends)"


def differences(
    first: Path, first_hashes: Mapping[str, str], second: Path, second_hashes: Mapping[str, str]
) -> list[str]:
    """A line or two for each file whose hash differs, or that only one of the results has."""
    told = []
    for name in sorted({*first_hashes, *second_hashes}):
        if first_hashes.get(name) == second_hashes.get(name):
            continue
        if name not in second_hashes:
            told.append(f"{name}: not made any more")
        elif name not in first_hashes:
            told.append(f"{name}: not in the stored result")
        else:
            told += _difference(name, first / name, second / name)
    return told


def _difference(name: str, first: Path, second: Path) -> list[str]:
    one, other = first.read_bytes(), second.read_bytes()
    if one == other:  # the stored hash is of other bytes than the stored file
        return [f"{name}: as stored now, but not as the manifest says"]
    if not name.endswith(_TEXTS):
        return [f"{name}: other bytes ({len(one)} stored, {len(other)} made again)"]
    lines = [content.decode("utf-8", errors="replace").splitlines() for content in (one, other)]
    pairs = list(zip_longest(*lines, fillvalue=_END))
    differing = [i for i, (a, b) in enumerate(pairs) if a != b]
    if not differing:
        return [f"{name}: the same lines with other ends"]
    place = differing[0]
    return [
        f"{name}: {len(differing)} of {len(pairs)} lines differ, first line {place + 1}",
        *(f"  {who}: {line[:_SHOWN]}" for who, line in zip(("stored", "now   "), pairs[place], strict=True)),
    ]
