"""Keep an assembled world in a file; whatever cannot be read is built again."""

from __future__ import annotations

import contextlib
import io
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np

from sim.errors import SimError
from sim.records.world import World, WorldDefinition

ARRAYS = ("asset_good", "asset_region", "output", "capacity", "input_ratio", "producer_price", "flows")
TEXTS = ("asset_names", "report", "tiers", "stated")


def store_world(path: Path, world: World) -> None:
    """Write the arrays and texts of a world under a temporary name, then rename: safe with two writers.

    A folder that cannot be written is no fault: the next run builds again.
    """
    temporary = path.with_name(f".{path.stem}.{uuid4().hex}.npz")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as stream:
            fields = {name: getattr(world, name) for name in ARRAYS}
            texts = {name: np.array(getattr(world, name), dtype=np.str_) for name in TEXTS}
            np.savez_compressed(stream, allow_pickle=False, fingerprint=np.array(world.fingerprint), **fields, **texts)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def stored_world(path: Path, definition: WorldDefinition, fingerprint: str) -> World | None:
    """The world of an earlier run; None where there is none, or none that fits and can be read."""
    try:
        # read as a whole: an archive that turns out broken leaves no open file behind
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            if str(stored["fingerprint"]) != fingerprint:
                return None
            fields: dict[str, Any] = {name: stored[name] for name in ARRAYS}
            fields |= {name: tuple(stored[name].tolist()) for name in TEXTS}
            return World(
                name=definition.name,
                year=definition.year,
                regions=definition.regions,
                goods=definition.goods,
                groups=definition.groups,
                fingerprint=fingerprint,
                **fields,
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile, zlib.error, SimError):
        return None
