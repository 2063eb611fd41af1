"""What goes from one process to another comes out as it went in, through shared memory and without."""

from __future__ import annotations

import os

import numpy as np
import pytest

from sim.study.parcels import ALIGNED, Parcel, packed, unpacked
from sim.study.workers import processes

CONTENT = {
    "numbers": np.arange(7.0),
    "flags": np.array([True, False, True]),
    "none": np.empty((0, 3)),
    "table": (np.arange(24).reshape(2, 3, 4), "words"),
}


def made(_: object) -> Parcel:
    return packed(CONTENT)


def check(found: dict[str, object]) -> None:
    assert list(found) == list(CONTENT)
    for name in ("numbers", "flags", "none"):
        np.testing.assert_array_equal(found[name], CONTENT[name])
    table, words = found["table"]  # type: ignore[misc]
    np.testing.assert_array_equal(table, CONTENT["table"][0])
    assert words == "words"


@pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="no memory of this kind here")
def test_arrays_go_through_memory_that_both_processes_see() -> None:
    parcel = packed(CONTENT)
    assert parcel.arrays == ()
    found = unpacked(parcel)
    check(found)
    assert found["numbers"].ctypes.data % ALIGNED == 0
    assert not found["numbers"].flags.writeable


def test_arrays_go_with_the_rest_where_memory_cannot_be_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    parcel = packed(CONTENT)
    assert sum(map(len, parcel.arrays)) == sum(parcel.sizes) > 0
    check(unpacked(parcel))


def test_nothing_but_words_is_a_parcel_too() -> None:
    assert unpacked(packed(["a", 1])) == ["a", 1]


def test_parcel_of_a_worker_is_opened_here_after_others() -> None:
    with processes(2, made) as submit:
        waiting = [submit(i) for i in range(4)]
        for each in reversed([each.result() for each in waiting]):
            check(unpacked(each))
