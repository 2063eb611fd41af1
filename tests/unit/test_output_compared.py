"""Two results file by file: each way in which they differ is told for what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.output.compared import differences
from sim.output.manifest import sha256


def told(
    tmp_path: Path, name: str, stored: bytes | None, now: bytes | None, manifest: bytes | None = None
) -> list[str]:
    """What is told of a file; ``manifest`` are the bytes that the stored manifest knows, where these are others."""
    hashes = []
    for folder, content, known in (("stored", stored, manifest or stored), ("now", now, now)):
        (tmp_path / folder).mkdir()
        if content is not None:
            (tmp_path / folder / name).write_bytes(content)
        hashes.append({} if known is None else {name: sha256(known)})
    return differences(tmp_path / "stored", hashes[0], tmp_path / "now", hashes[1])


@pytest.mark.parametrize(
    ("stored", "now", "line"),
    [
        (b"x", None, "a.csv: not made any more"),
        (None, b"x", "a.csv: not in the stored result"),
        (b"a\nb\n", b"a\r\nb\r\n", "a.csv: the same lines with other ends"),
    ],
)
def test_file_that_is_missing_or_has_other_ends_is_told(
    tmp_path: Path, stored: bytes | None, now: bytes | None, line: str
) -> None:
    assert told(tmp_path, "a.csv", stored, now) == [line]


def test_first_line_that_differs_is_shown_also_where_a_file_ends_before(tmp_path: Path) -> None:
    assert told(tmp_path, "a.csv", b"a\nb\n", b"a\nc\nd\n") == [
        "a.csv: 2 of 3 lines differ, first line 2",
        "  stored: b",
        "  now   : c",
    ]


def test_bytes_without_lines_are_told_by_their_number(tmp_path: Path) -> None:
    assert told(tmp_path, "a.png", b"12", b"123") == ["a.png: other bytes (2 stored, 3 made again)"]


def test_stored_file_that_was_made_good_again_is_not_as_its_manifest_says(tmp_path: Path) -> None:
    assert told(tmp_path, "a.csv", b"x", b"x", manifest=b"y") == ["a.csv: as stored now, but not as the manifest says"]


def test_what_is_equal_is_not_told(tmp_path: Path) -> None:
    assert told(tmp_path, "a.csv", b"x", b"x") == []
