"""Parts of a sweep on the disk: known by their names, refused where they are not what these say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sim.errors import DataError
from sim.output.parts import PartStore, tiling
from sim.records.sweep import Solved
from sim.study.sweep import Part

COLUMNS = 2


def solved(part: Part) -> Solved:
    """Numbers that tell their draw and their column; the central run comes first."""
    draws = np.array([0, *range(part.before + 1, part.before + part.count + 1)])
    level = draws[:, None] + np.arange(COLUMNS) / 10
    return Solved(level=level, before=-level, status=np.zeros(len(draws), dtype=np.int64))


def test_parts_of_a_point_are_read_as_one_and_other_files_left_alone(tmp_path: Path) -> None:
    store = PartStore(tmp_path, "mark")
    parts = [Part(before=0, point=1, count=2), Part(before=2, point=1, count=1)]
    for part in reversed(parts):
        store.write(part, solved(part))
    (store.path / "notes.txt").write_text("x")
    (store.path / ".point_00001_after_000000003_draws_000000001.npy.part").write_bytes(b"half")
    assert store.there() == {1: parts}
    found = store.read(parts, 1, 2, COLUMNS)
    np.testing.assert_allclose(found.level[:, 0], [0.1, 1.1, 2.1, 3.1])
    np.testing.assert_allclose(found.before, -found.level)
    assert PartStore(tmp_path, "other").there() == {}


def test_part_with_other_numbers_than_its_name_says_is_refused(tmp_path: Path) -> None:
    store = PartStore(tmp_path, "mark")
    part = Part(before=0, point=0, count=2)
    store.write(part, solved(part))
    with pytest.raises(DataError, match=r"numbers, not what its name says; remove it and run again"):
        store.read([part], 0, 1, COLUMNS + 1)
    (path,) = store.path.iterdir()
    np.save(path, np.zeros((1 + 2 * COLUMNS, 3), dtype=np.int32))
    with pytest.raises(DataError, match="not what its name says"):
        store.read([part], 0, 1, COLUMNS)
    path.write_bytes(path.read_bytes()[:50])
    with pytest.raises(DataError, match=r"cannot be read: .*; remove it and run again"):
        store.read([part], 0, 1, COLUMNS)


def test_parts_of_other_work_go_and_links_and_files_stay(tmp_path: Path) -> None:
    store, other = PartStore(tmp_path, "mark"), PartStore(tmp_path, "other")
    part = Part(before=0, point=0, count=1)
    store.write(part, solved(part))
    other.write(part, solved(part))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "parts_link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "parts_file").write_text("x")
    store.remove_others()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "parts_file", "parts_link", "parts_mark"]


def test_longest_part_counts_where_several_begin_and_gaps_are_told() -> None:
    short, long, last = (Part(before=before, point=0, count=count) for before, count in ((0, 2), (0, 4), (6, 1)))
    overlapping = Part(before=3, point=0, count=2)
    assert tiling([short, overlapping, last, long], 8) == ([long, last], [(4, 6), (7, 8)])
    assert tiling([], 0) == ([], [(0, 0)])  # the central run is still to be solved
