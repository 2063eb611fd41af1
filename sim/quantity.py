"""Declare an array field once: axes, unit and bounds; the declaration is what the checks read."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.axes import AXES
from sim.errors import DataError

TONNES_PER_KT = 1000.0  # flows are kept in kt, small ones are told in t
# kt times USD/t is a thousand USD; so many of them are a million
THOUSANDS_PER_MILLION = 1000.0

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
Index = NDArray[np.int64]

_KEY = "quantity"
# dtype by unit, and the kinds of dtype that turn into it without loss; other units hold floats
_DTYPES: dict[str, tuple[type, str]] = {"bool": (np.bool_, "b"), "index": (np.int64, "iu")}
_FLOAT: tuple[type, str] = (np.float64, "fiu")


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
        raise ValueError(f"axes {axes!r}: {min(unknown)!r} is no axis, one of {''.join(AXES)} wanted")
    ordered = "".join(letter for letter in AXES if letter in axes)
    if axes != ordered:
        raise ValueError(f"axes {axes!r}: each once and in the order of {''.join(AXES)}, {ordered!r} wanted")
    declared = Quantity(axes=axes, unit=unit, low=low, above=above, high=high, infinite=infinite, blank=blank)
    return field(metadata={_KEY: declared})


def declared_quantities(record: Any) -> dict[str, Quantity]:
    """Declarations of a record (class or instance) by field name, in order."""
    return {f.name: f.metadata[_KEY] for f in fields(record) if _KEY in f.metadata}


def check_and_lock(record: Any) -> None:
    """Check each declared array against its declaration and make it read-only.

    An array that owns its data is taken over: its maker cannot write to it any more. A view of data that
    others may write is copied. Raises DataError naming the record, the field and the first offending entry.
    Axes of one letter must have one length throughout the record.
    """
    sizes: dict[str, tuple[int, str]] = {}
    for name, declared in declared_quantities(record).items():
        where = f"{type(record).__name__}.{name}"
        array = _as_array(where, getattr(record, name), declared.unit)
        if array.ndim != len(declared.axes):
            raise DataError(f"{where}: {array.ndim} axes, wanted {len(declared.axes)} ({declared.axes})")
        for letter, size in zip(declared.axes, array.shape, strict=True):
            known, first = sizes.setdefault(letter, (size, name))
            if size != known:
                raise DataError(f"{where}: axis {AXES[letter]} has {size} entries, {first} has {known}")
        _check_values(where, array, declared)
        array.flags.writeable = False
        object.__setattr__(record, name, array)


def _as_array(where: str, value: Any, unit: str) -> NDArray[Any]:
    dtype, kinds = _DTYPES.get(unit, _FLOAT)
    try:
        given: NDArray[Any] = np.asarray(value)
    except ValueError as error:
        raise DataError(f"{where}: rows of unequal length or depth") from error
    # numpy would cut 1.7 to the index 1, read "2" as a number and take 0.5 for true
    if given.size and given.dtype.kind not in kinds:
        raise DataError(f"{where}: holds {given.dtype}, wanted {np.dtype(dtype)}")
    array: NDArray[Any] = given.astype(dtype, copy=False)
    return array.copy() if _others_may_write(array) else array


def _others_may_write(array: NDArray[Any]) -> bool:
    base = array.base
    while isinstance(base, np.ndarray):
        if base.flags.writeable:
            return True
        base = base.base
    return base is not None  # memory that is not numpy's: nobody can lock it


def _check_values(where: str, array: NDArray[Any], declared: Quantity) -> None:
    if array.dtype == np.bool_ or array.size == 0:
        return
    # the allowed values are an interval: two reductions tell whether the slow search for the culprit is needed
    if declared.blank:
        ends = np.array([np.fmin.reduce(array, axis=None), np.fmax.reduce(array, axis=None)])
    else:
        ends = np.array([array.min(), array.max()])
    if _allowed(ends, declared).all():
        return
    place = tuple(int(i) for i in np.argwhere(~_allowed(array, declared))[0])
    entry = f"{where}{list(place) if place else ''}"
    raise DataError(f"{entry} = {array[place]:g}, must be {_wanted(declared)} [{declared.unit}]")


def _allowed(values: NDArray[Any], declared: Quantity) -> Mask:
    inside = (values >= declared.low) & (values <= declared.high)
    if declared.above is not None:
        inside &= values > declared.above
    if not declared.infinite:
        inside &= np.isfinite(values)
    return inside | np.isnan(values) if declared.blank else inside


def _wanted(declared: Quantity) -> str:
    words = []
    if declared.above is not None:
        words.append(f"above {declared.above:g}")
    elif declared.low > -np.inf:
        words.append(f"at least {declared.low:g}")
    if declared.high < np.inf:
        words.append(f"at most {declared.high:g}")
    if not declared.infinite:
        words.append("finite")
    return ", ".join(words) or "a number"
