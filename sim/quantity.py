"""Declare an array field once: axes, unit and bounds; the declaration is what the checks read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.axes import AXES
from sim.errors import DataError

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]

_KEY = "quantity"
_INTEGER_UNITS = {"index"}


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What an array field holds: one letter per axis, the unit, and the values allowed."""

    axes: str
    unit: str
    low: float = -np.inf
    above: float | None = None
    high: float = np.inf
    infinite: bool = False
    blank: bool = False


def quantity(
    axes: str,
    unit: str,
    *,
    low: float = -np.inf,
    above: float | None = None,
    high: float = np.inf,
    infinite: bool = False,
    blank: bool = False,
) -> Any:
    """Dataclass field for an array with the given axes.

    ``above`` is an open lower bound, ``infinite`` admits infinities, ``blank`` admits NaN for "no value here".
    """
    unknown = set(axes) - set(AXES)
    if unknown:
        raise ValueError(f"axes {axes!r}: {sorted(unknown)[0]!r} is no axis, one of {''.join(AXES)} wanted")
    declared = Quantity(
        axes=axes, unit=unit, low=low, above=above, high=high, infinite=infinite, blank=blank
    )
    return field(metadata={_KEY: declared})


def declared_quantities(record: Any) -> dict[str, Quantity]:
    """Declarations of a record (class or instance) by field name, in order."""
    return {f.name: f.metadata[_KEY] for f in fields(record) if _KEY in f.metadata}


def check_and_lock(record: Any) -> None:
    """Check each declared array against its declaration and make it read-only.

    Raises DataError naming the record, the field and the first offending entry. Axes of one letter
    must have one length throughout the record.
    """
    sizes: dict[str, tuple[int, str]] = {}
    for name, declared in declared_quantities(record).items():
        array = _as_array(getattr(record, name), declared.unit)
        where = f"{type(record).__name__}.{name}"
        if array.ndim != len(declared.axes):
            raise DataError(f"{where}: {array.ndim} axes, wanted {len(declared.axes)} ({declared.axes})")
        for letter, size in zip(declared.axes, array.shape, strict=True):
            known, first = sizes.setdefault(letter, (size, name))
            if size != known:
                raise DataError(f"{where}: axis {AXES[letter]} has {size} entries, {first} has {known}")
        _check_values(where, array, declared)
        array.flags.writeable = False
        object.__setattr__(record, name, array)


def _as_array(value: Any, unit: str) -> NDArray[Any]:
    if unit == "bool":
        dtype: type = np.bool_
    elif unit in _INTEGER_UNITS:
        dtype = np.int64
    else:
        dtype = np.float64
    array = np.asarray(value, dtype=dtype)
    return array.view() if array.base is None and array is value else array


def _check_values(where: str, array: NDArray[Any], declared: Quantity) -> None:
    if declared.blank:
        array = array[~np.isnan(array)]
    if array.dtype == np.bool_ or array.size == 0:
        return
    # fast path: two reductions tell whether the slow search for the culprit is needed
    smallest, largest = array.min(), array.max()
    too_low = smallest < declared.low or (declared.above is not None and smallest <= declared.above)
    finite = np.isfinite(smallest) and np.isfinite(largest)
    allowed_infinite = declared.infinite and not np.isnan(smallest)
    if not too_low and largest <= declared.high and (finite or allowed_infinite):
        return
    bad = ~(array >= declared.low) | ~(array <= declared.high)
    wanted = f"from {declared.low:g} to {declared.high:g}"
    if declared.above is not None:
        bad |= ~(array > declared.above)
        wanted = f"above {declared.above:g}"
    if not declared.infinite:
        bad |= ~np.isfinite(array)
        wanted += ", finite"
    place = tuple(int(i) for i in np.argwhere(bad)[0])
    raise DataError(f"{where}{list(place)} = {array[place]:g}, must be {wanted} [{declared.unit}]")
