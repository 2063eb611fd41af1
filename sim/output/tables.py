"""Tables and draws as bytes that depend on nothing but their numbers."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import DataError
from sim.quantity import Array, Index

# what an archive says of its files is fixed, so that the same run gives the same bytes everywhere
_UNIX, _READABLE, _MODE_BITS, _COMPRESSION = 3, 0o644, 16, 6

FLOAT_FORMAT = "%.10g"  # so that the flows of a market of 1 kt still add up to its use as written
DECIMALS = 9  # 1 g in kt: what is smaller is the rounding of the solver
HEADLINE_SERIES = 300  # kept draw by draw at most, so that the file stays small
_PAIRED = ("production_kt", "consumption_kt", "capacity_kt", "unserved_kt")
_PRICES = ("producer_price_usd_t", "delivered_price_usd_t")
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first date that an archive can hold: no result depends on the clock


@dataclass(frozen=True, kw_only=True)
class Contract:
    """The columns of a table in their order; the key tells rows apart and sorts them; blanks may be NaN."""

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    whole: tuple[str, ...] = ("year",)
    text: tuple[str, ...] = ()


SUMMARY = Contract(
    name="summary",
    key=("scenario", "indicator", "good", "region", "partner", "year", "unit"),
    columns=(
        *("scenario", "indicator", "good", "region", "partner", "year", "unit", "baseline", "central"),
        *("p05", "p50", "p95", "difference", "difference_p05", "difference_p50", "difference_p95", "tier"),
    ),
    text=("scenario", "indicator", "good", "region", "partner", "unit", "tier"),
)
UNSOLVED = Contract(
    name="summary_unsolved",
    key=SUMMARY.key,
    columns=(
        *SUMMARY.key,
        *(
            f"{prefix}{level}_{end}"
            for prefix in ("", "difference_")
            for end in ("low", "high")
            for level in ("p05", "p50", "p95")
        ),
    ),
    text=tuple(name for name in SUMMARY.key if name != "year"),
)
FLOWS = Contract(
    name="flows",
    key=("year", "good", "origin", "destination"),
    columns=("year", "good", "origin", "destination", "baseline_kt", "central_kt", "p05_kt", "p50_kt", "p95_kt"),
    text=("good", "origin", "destination"),
)
MARKETS = Contract(
    name="markets",
    key=("year", "good", "region"),
    columns=(
        *("year", "good", "region"),
        *(f"{run}_{name}" for name in (*_PAIRED, *_PRICES) for run in ("baseline", "central")),
    ),
    text=("good", "region"),
)


def csv_bytes(table: pd.DataFrame, contract: Contract) -> bytes:
    """The table as CSV in UTF-8: columns as agreed, rows sorted by key, LF, ten digits, NaN empty.

    Raises DataError where columns are missing or surplus, a key is told twice, or a number is infinite.
    """
    check_columns(table, contract)
    coded = {name: _coded(table[name]) for name in contract.text}
    # codes follow the texts in their order
    keys = [coded[name][0] if name in coded else _numbers(table[name], name, contract) for name in contract.key]
    order = np.lexsort(keys[::-1])
    _check_keys(table, contract, [key[order] for key in keys], order)
    columns = [
        _told_by_code(*coded[name], order)
        if name in coded
        else _as_text(_numbers(table[name], name, contract)[order], name, contract)
        for name in contract.columns
    ]
    lines = [",".join(contract.columns), *map(",".join, zip(*columns, strict=True)), ""]
    return "\n".join(lines).encode("utf-8")


def _coded(column: pd.Series[Any]) -> tuple[Index, list[str]]:
    """The texts of a column by their places among all there are, in order; what is blank comes last."""
    codes, texts = pd.factorize(column, sort=True)
    return np.where(codes < 0, len(texts), codes), [str(text) for text in texts]


def _told_by_code(codes: Index, texts: list[str], order: Index) -> list[str]:
    told = [*map(_quoted, texts), ""]
    return [told[code] for code in codes[order].tolist()]


def _check_keys(table: pd.DataFrame, contract: Contract, keys: Sequence[Array | Index], order: Index) -> None:
    """DataError where two rows, beside each other when sorted by their keys, have the same ones."""
    twice = np.ones(max(len(order) - 1, 0), dtype=bool)
    for key in keys:
        twice &= (key[1:] == key[:-1]) | (np.isnan(key[1:]) & np.isnan(key[:-1]))
    if twice.any():
        first = table[list(contract.key)].iloc[int(order[1:][twice].min())]
        raise DataError(f"table {contract.name}: two rows for {', '.join(str(value) for value in first)}")


def _quoted(text: str) -> str:
    """A cell as CSV has it."""
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\n").writerow([text, ""])  # a row of one empty cell would be quoted
    return out.getvalue().removesuffix(",\n")


def check_columns(table: pd.DataFrame, contract: Contract) -> None:
    """DataError where the table is not what the contract promises."""
    missing = [name for name in contract.columns if name not in table.columns]
    surplus = [str(name) for name in table.columns if name not in contract.columns]
    if missing or surplus:
        told = [f"no column {', '.join(missing)}"] if missing else []
        told += [f"unknown column {', '.join(surplus)}"] if surplus else []
        raise DataError(f"table {contract.name}: {'; '.join(told)}")


def _numbers(column: pd.Series[Any], name: str, contract: Contract) -> Array:
    try:
        return column.to_numpy(dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError(f"table {contract.name}: column {name} holds something that is no number") from None


def _as_text(values: Array, name: str, contract: Contract) -> list[str]:
    if np.isinf(values).any():
        row = int(np.argmax(np.isinf(values)))
        raise DataError(f"table {contract.name}: {name} of sorted row {row} is infinite, a finite number wanted")
    if name in contract.whole:
        if not np.array_equal(values, np.round(values)):
            raise DataError(f"table {contract.name}: column {name} holds something that is no whole number")
        return [str(value) for value in values.astype(np.int64).tolist()]
    # rounding first and adding nought keeps "-0" out
    rounded = np.round(values, DECIMALS) + 0.0
    # NaN is the one number that is not itself; numbers of Python are written faster than those of numpy
    return [FLOAT_FORMAT % value if value == value else "" for value in rounded.tolist()]  # noqa: PLR0124


def npz_bytes(inputs: Mapping[str, NDArray[Any]], series: Mapping[str, NDArray[Any]]) -> bytes:
    """Drawn inputs and headline series as an npz archive, draws on the first axis of each.

    Members are ``input/<name>`` and ``series/<name>``, sorted, with a fixed date. Raises DataError above 300
    series or where the numbers of draws differ.
    """
    if len(series) > HEADLINE_SERIES:
        raise DataError(f"draws: {len(series)} headline series, at most {HEADLINE_SERIES} wanted")
    members = {f"input/{name}": np.asarray(array) for name, array in inputs.items()}
    members |= {f"series/{name}": np.asarray(array) for name, array in series.items()}
    _check_draws(members.items())
    return archive_bytes({f"{name}.npy": _npy(members[name]) for name in sorted(members)})


def _npy(array: NDArray[Any]) -> bytes:
    content = io.BytesIO()
    np.lib.format.write_array(content, np.ascontiguousarray(array), allow_pickle=False)
    return content.getvalue()


def archive_bytes(members: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of files by their names, in their order, with a fixed date."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=_COMPRESSION) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, date_time=_ZIP_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = _READABLE << _MODE_BITS
            archive.writestr(entry, content)
    return out.getvalue()


def _check_draws(members: Iterable[tuple[str, NDArray[Any]]]) -> None:
    lengths = {name: len(array) if array.ndim else 0 for name, array in members}
    if len(set(lengths.values())) > 1:
        first, *others = lengths.items()
        other = next(entry for entry in others if entry[1] != first[1])
        raise DataError(f"draws: {first[0]} has {first[1]} draws, {other[0]} has {other[1]}")
