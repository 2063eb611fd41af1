"""Finished parts of a long piece of work: each a file of its own, whole or not there, and known by its name."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.errors import DataError
from sim.output.folder import explained, replace_file
from sim.records.sweep import Solved
from sim.study.sweep import Part

_NAME = re.compile(r"point_([0-9]{5})_after_([0-9]{9})_draws_([0-9]{9})\.npy\Z")
PREFIX = "parts_"


@dataclass(frozen=True)
class PartStore:
    """The parts below a folder that belong to one mark; what has another mark is of other work.

    A file holds (1 + 2 k, 1 + count) numbers: the status of each draw, then the k columns of the scenario, then
    those of the baseline; the central run comes first.
    """

    folder: Path
    mark: str

    @property
    def path(self) -> Path:
        """Where the parts are."""
        return self.folder / f"{PREFIX}{self.mark}"

    def write(self, part: Part, found: Solved) -> None:
        """Keep a finished part."""
        out = io.BytesIO()
        content = np.concatenate([found.status[None].astype(np.float64), found.level.T, found.before.T])
        np.save(out, np.ascontiguousarray(content))
        target = self.path / _name_of(part)
        with explained(target, "written"):
            self.path.mkdir(parents=True, exist_ok=True)
            replace_file(target, out.getvalue())

    def there(self) -> dict[int, list[Part]]:
        """The parts that are finished, by point, in order of their draws."""
        found: dict[int, list[Part]] = {}
        if self.path.is_dir():
            for path in sorted(self.path.iterdir()):
                named = _NAME.match(path.name)
                if named is not None:
                    point, before, count = (int(text) for text in named.groups())
                    found.setdefault(point, []).append(Part(before=before, point=point, count=count))
        return {point: sorted(parts) for point, parts in found.items()}

    def read(self, parts: Sequence[Part], first: int, last: int, columns: int) -> Solved:
        """Columns ``first`` to ``last`` (that one left out) of parts whose draws follow each other.

        Raises DataError where a file is not what its name says.
        """
        found = [self._columns(part, first, last, columns) for part in parts]
        return found[0].joined(tuple(found[1:]))

    def _columns(self, part: Part, first: int, last: int, columns: int) -> Solved:
        path = self.path / _name_of(part)
        try:
            content = np.load(path, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise DataError(f"{path}: cannot be read: {error}; remove it and run again") from error
        if content.shape != (1 + 2 * columns, 1 + part.count) or content.dtype != np.float64:
            raise DataError(f"{path}: {content.shape} numbers, not what its name says; remove it and run again")
        before = 1 + columns
        return Solved(
            level=np.array(content[1 + first : 1 + last]).T,
            before=np.array(content[before + first : before + last]).T,
            status=np.array(content[0]).astype(np.int64),
        )

    def remove_others(self) -> None:
        """Take away what other work has left here."""
        for path in sorted(self.folder.glob(f"{PREFIX}*")):
            if path != self.path and path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)


def tiling(parts: Sequence[Part], draws: int) -> tuple[list[Part], list[tuple[int, int]]]:
    """Parts of a point that follow each other from the first draw to the last, and the gaps, each from and to.

    Where parts of several sizes begin at one draw the longest counts; one that reaches into the next is left out.
    """
    chosen: list[Part] = []
    gaps: list[tuple[int, int]] = []
    reached = 0
    for part in sorted(parts, key=lambda each: (each.before, -each.count)):
        if part.before < reached or (chosen and part.before == chosen[-1].before):
            continue
        if part.before > reached:
            gaps.append((reached, part.before))
        chosen.append(part)
        reached = part.before + part.count
    if reached < draws or not chosen:
        gaps.append((reached, draws))
    return chosen, gaps


def _name_of(part: Part) -> str:
    return f"point_{part.point:05d}_after_{part.before:09d}_draws_{part.count:09d}.npy"
