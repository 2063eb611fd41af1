"""A declared array holds what its declaration says, and cannot be changed afterwards."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, dataclass, replace

import numpy as np
import pytest

from sim.errors import DataError
from sim.quantity import Array, Index, Mask, check_and_lock, declared_quantities, quantity


@dataclass(frozen=True, eq=False, kw_only=True)
class Trade:
    """One array of each sort of declaration."""

    name: str = "trade"
    flow: Array = quantity("od", "kt/yr", low=0)
    share: Array = quantity("o", "1", low=0, high=1)
    price: Array = quantity("o", "USD/t", above=0)
    ceiling: Array = quantity("d", "kt/yr", low=0, infinite=True)
    gap: Array = quantity("d", "kt/yr", low=0, blank=True)
    total: Array = quantity("", "kt/yr", low=0)
    partner: Index = quantity("o", "index", low=0)
    is_open: Mask = quantity("od", "bool")

    def __post_init__(self) -> None:
        check_and_lock(self)


def trade(**changes: object) -> Trade:
    fields: dict[str, object] = {
        "flow": np.array([[1.0, 2.0, 0.0], [0.0, 4.0, 5.0]]),
        "share": np.array([0.25, 0.75]),
        "price": np.array([2000.0, 2500.0]),
        "ceiling": np.array([10.0, np.inf, 0.0]),
        "gap": np.array([np.nan, 0.0, 3.0]),
        "total": np.array(12.0),
        "partner": np.array([1, 0]),
        "is_open": np.ones((2, 3), dtype=bool),
    }
    return Trade(**(fields | changes))  # type: ignore[arg-type]


def test_sound_record_keeps_its_values() -> None:
    record = trade()
    np.testing.assert_array_equal(record.flow, [[1.0, 2.0, 0.0], [0.0, 4.0, 5.0]])
    np.testing.assert_array_equal(record.gap, [np.nan, 0.0, 3.0])
    assert record.total == 12.0


def test_declarations_come_in_order_and_without_plain_fields() -> None:
    declared = declared_quantities(Trade)
    assert list(declared) == ["flow", "share", "price", "ceiling", "gap", "total", "partner", "is_open"]
    assert declared["flow"].axes == "od"
    assert declared["price"].unit == "USD/t"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (
            "flow",
            [[1.0, -2.0, 0.0], [0.0, 4.0, 5.0]],
            r"Trade\.flow\[0, 1\] = -2, must be at least 0, finite \[kt/",
        ),
        ("flow", [[1.0, 2.0, np.nan], [0.0, 4.0, 5.0]], r"Trade\.flow\[0, 2\] = nan, must be at least 0, finite"),
        ("flow", [[1.0, 2.0, 0.0], [0.0, np.inf, 5.0]], r"Trade\.flow\[1, 1\] = inf, must be at least 0, finite"),
        ("share", [0.25, 1.5], r"Trade\.share\[1\] = 1\.5, must be at least 0, at most 1, finite \[1\]"),
        ("price", [2000.0, 0.0], r"Trade\.price\[1\] = 0, must be above 0, finite \[USD/t\]"),
        ("ceiling", [10.0, np.nan, 0.0], r"Trade\.ceiling\[1\] = nan, must be at least 0 \["),
        ("ceiling", [10.0, -np.inf, 0.0], r"Trade\.ceiling\[1\] = -inf, must be at least 0 \["),
        ("gap", [np.nan, 0.0, -3.0], r"Trade\.gap\[2\] = -3, must be at least 0"),
        ("gap", [np.nan, np.inf, 3.0], r"Trade\.gap\[1\] = inf, must be at least 0, finite"),
        ("total", -1.0, r"Trade\.total = -1, must be at least 0"),
        ("partner", [0, -1], r"Trade\.partner\[1\] = -1, must be at least 0"),
    ],
)
def test_value_outside_its_bounds_is_named_with_its_place(field: str, value: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        trade(**{field: np.array(value)})


def test_first_offender_is_named() -> None:
    with pytest.raises(DataError, match=r"Trade\.price\[0\] = -1"):
        trade(price=np.array([-1.0, -2.0]))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("partner", [1.7, 0.0], r"Trade\.partner: holds float64, wanted int64"),
        ("is_open", [[1, 0, 1], [1, 1, 1]], r"Trade\.is_open: holds int64, wanted bool"),
        ("share", ["0.25", "0.75"], r"Trade\.share: holds <U4, wanted float64"),
        ("share", [0.25 + 1j, 0.75], r"Trade\.share: holds complex128, wanted float64"),
        ("share", [None, 0.75], r"Trade\.share: holds object, wanted float64"),
        ("flow", [[1.0, 2.0], [3.0]], r"Trade\.flow: rows of unequal length or depth"),
    ],
)
def test_nothing_is_converted_with_a_loss(field: str, value: object, message: str) -> None:
    with pytest.raises(DataError, match=message):
        trade(**{field: value})


def test_whole_numbers_are_taken_as_floats() -> None:
    assert trade(share=[0, 1]).share.dtype == np.float64


def test_wrong_number_of_axes_is_refused() -> None:
    with pytest.raises(DataError, match=r"Trade\.flow: 1 axes, wanted 2 \(od\)"):
        trade(flow=np.ones(3))


def test_axis_has_one_length_throughout_the_record() -> None:
    with pytest.raises(DataError, match=r"Trade\.share: axis origin has 3 entries, flow has 2"):
        trade(share=np.ones(3) / 3)


def test_empty_axes_are_allowed() -> None:
    @dataclass(frozen=True, eq=False, kw_only=True)
    class Contracts:
        volume: Array = quantity("nk", "kt/yr", above=0)

    record = Contracts(volume=np.empty((2, 0)))
    check_and_lock(record)
    assert record.volume.shape == (2, 0)


def test_all_blank_is_allowed_where_blank_is() -> None:
    assert np.isnan(trade(gap=np.full(3, np.nan)).gap).all()


def test_array_of_a_record_cannot_be_written() -> None:
    record = trade()
    with pytest.raises(ValueError, match="read-only"):
        record.flow[0, 0] = 9.0
    with pytest.raises(FrozenInstanceError, match="flow"):
        record.flow = np.zeros((2, 3))  # type: ignore[misc]


def test_maker_cannot_write_to_an_array_handed_over() -> None:
    mine = np.array([0.25, 0.75])
    record = trade(share=mine)
    with pytest.raises(ValueError, match="read-only"):
        mine[0] = 9.0
    assert record.share[0] == 0.25


def test_record_does_not_follow_data_that_others_write() -> None:
    everything = np.array([[0.25, 0.75], [2000.0, 2500.0]])
    record = trade(share=everything[0])
    everything[0, 0] = 9.0
    assert record.share[0] == 0.25
    assert everything.flags.writeable


def test_record_does_not_follow_a_writable_base_behind_a_read_only_view() -> None:
    base = np.array([0.5])
    record = trade(share=np.broadcast_to(base, 2))
    base[0] = 9.0
    np.testing.assert_array_equal(record.share, [0.5, 0.5])


def test_record_does_not_follow_foreign_memory() -> None:
    memory = bytearray(np.array([0.25, 0.75]).tobytes())
    record = trade(share=np.frombuffer(memory))
    memory[:8] = np.array([9.0]).tobytes()
    assert record.share[0] == 0.25


def test_unchanged_arrays_are_shared_by_a_replaced_record() -> None:
    record = trade()
    changed = replace(record, share=np.array([0.5, 0.5]))
    assert changed.flow is record.flow
    assert record.share[0] == 0.25


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ("ox", "'x' is no axis"),
        ("do", "each once and in the order of ntabmkscod, 'od' wanted"),
        ("oo", "'o' wanted"),
    ],
)
def test_axes_are_known_and_never_swapped(axes: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        quantity(axes, "1")
