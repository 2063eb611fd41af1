"""Records whose arrays have the draws first, and how those of several blocks of draws become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import numpy as np

Told = TypeVar("Told")


@dataclass(frozen=True, eq=False, kw_only=True)
class ByDraw:
    """A record in which every array has the draws first, with the central run in row 0.

    All else in it is told by the central run alone, and so the same in every block of draws. Views are copied, lest
    a record keep in memory all that it was taken from.
    """

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, _own(getattr(self, each.name)))


def joined(parts: Sequence[Told]) -> Told:
    """What several blocks tell as one, in the order of the blocks; each begins with the central run.

    Joined are arrays, records of this kind, and tuples and mappings of them; of all else the first stands for all.
    Raises ValueError where the blocks hold tuples of different lengths.
    """
    first: Any = parts[0]
    if isinstance(first, np.ndarray):
        whole: Any = np.concatenate([first, *(part[1:] for part in parts[1:])])  # type: ignore[index]
    elif isinstance(first, tuple):
        whole = tuple(joined(each) for each in zip(*parts, strict=True))
    elif isinstance(first, Mapping):
        whole = {key: joined([part[key] for part in parts]) for key in first}  # type: ignore[index]
    elif isinstance(first, ByDraw):
        names = [each.name for each in fields(first)]
        whole = replace(first, **{name: joined([getattr(part, name) for part in parts]) for name in names})
    else:
        whole = first
    return whole  # type: ignore[no-any-return]


def _own(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value if value.base is None else value.copy()
    return {key: _own(each) for key, each in value.items()} if isinstance(value, Mapping) else value
