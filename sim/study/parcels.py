"""What a worker hands back, in memory that both processes see: through a pipe it takes longer than some of the work."""

from __future__ import annotations

import mmap
import os
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.reduction import DupFd
from typing import Any

PROTOCOL = 5  # of pickle: the first that leaves arrays where they are
ALIGNED = 64  # bytes: arrays begin where the vectors of any processor may


@dataclass(frozen=True, eq=False, kw_only=True)
class Parcel:
    """An object in two parts: what it is made of, and its arrays one after the other."""

    outline: bytes
    sizes: tuple[int, ...]  # of the arrays, in bytes
    shared: Any  # how the other process comes by the arrays
    arrays: tuple[bytes, ...]  # themselves, where memory cannot be shared


def packed(content: object) -> Parcel:
    """The parcel with an object, of which only the outline has to be sent; OSError where memory is short."""
    buffers: list[pickle.PickleBuffer] = []
    outline = pickle.dumps(content, protocol=PROTOCOL, buffer_callback=buffers.append)
    raw = [buffer.raw() for buffer in buffers]
    sizes = tuple(part.nbytes for part in raw)
    if not raw or not hasattr(os, "memfd_create"):
        return Parcel(outline=outline, sizes=sizes, shared=None, arrays=tuple(bytes(part) for part in raw))
    with os.fdopen(os.memfd_create("parcel"), "wb") as memory:
        for part in raw:
            memory.write(part)
            memory.write(bytes(-part.nbytes % ALIGNED))
        memory.flush()
        shared = DupFd(memory.fileno())  # is there until it is fetched
    return Parcel(outline=outline, sizes=sizes, shared=shared, arrays=())


def unpacked(parcel: Parcel) -> Any:
    """The object of a parcel, to be called once; its arrays can be read and not written."""
    if parcel.shared is None:
        return pickle.loads(parcel.outline, buffers=parcel.arrays)  # noqa: S301 - packed by a worker of this process
    number = parcel.shared.detach()
    try:
        memory = memoryview(mmap.mmap(number, 0, access=mmap.ACCESS_READ))
    finally:
        os.close(number)
    return pickle.loads(parcel.outline, buffers=_cut(memory, parcel.sizes))  # noqa: S301 - as above


def _cut(memory: memoryview, sizes: Sequence[int]) -> list[memoryview]:
    """The arrays in a memory, each with a multiple of ALIGNED bytes."""
    parts = []
    at = 0
    for size in sizes:
        parts.append(memory[at : at + size])
        at += size + -size % ALIGNED
    return parts
