"""A benchmark world from its folder: read, assembled, or taken from the cache."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sim.benchmark.build import assemble_world
from sim.benchmark.cache import store_world, stored_world
from sim.benchmark.report import balanced_rows
from sim.inputs.statistics import read_statistics
from sim.inputs.world import read_world, world_files
from sim.records.world import World

_HASH_SHOWN = 16  # characters of a hash in a file name: two worlds never share them

_PROGRAM = Path(__file__).parents[1]
_BUILDERS = ("benchmark/*.py", "inputs/statistics.py", "records/statistics.py", "records/world.py")


def build_world(folder: Path, cache: Path | None = None) -> World:
    """The balanced base year of the world in ``folder``.

    With a ``cache`` folder the result is kept there under the hash of the world's files and of the program
    files that build it; a cached file that is damaged or stale is built again.

    Raises ScenarioError or DataError as read_world, read_statistics and assemble_world do.
    """
    definition = read_world(folder)
    fingerprint = fingerprint_of(folder)
    path = None if cache is None else cache / f"{definition.name}-{_key(fingerprint)}.npz"
    if path is not None:
        stored = stored_world(path, definition, fingerprint)
        if stored is not None:
            return stored
    world = assemble_world(definition, read_statistics(folder, definition), fingerprint)
    if path is not None:
        store_world(path, world)
    return world


def fingerprint_of(folder: Path) -> str:
    """SHA-256 over the names and contents of the files a world is built from."""
    return _digest([(path.name, path) for path in world_files(folder)])


def _key(fingerprint: str) -> str:
    program = [(str(path.relative_to(_PROGRAM)), path) for glob in _BUILDERS for path in sorted(_PROGRAM.glob(glob))]
    return hashlib.sha256(f"{fingerprint}{_digest(program)}".encode()).hexdigest()[:_HASH_SHOWN]


def _digest(files: list[tuple[str, Path]]) -> str:
    digest = hashlib.sha256()
    for name, path in files:
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def write_balanced(world: World, folder: Path) -> tuple[Path, ...]:
    """Write the flows of each good as balanced_<good>.csv, the table that is kept for review."""
    paths = []
    for place, good in enumerate(world.goods):
        path = folder / f"balanced_{good.name}.csv"
        lines = ["origin,destination,kt", *(",".join(row) for row in balanced_rows(world, place))]
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        temporary.replace(path)
        paths.append(path)
    return tuple(paths)
