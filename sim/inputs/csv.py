"""A small strict reader of CSV tables: every fault names file, line and column, all at once."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.errors import DataError

LARGEST_FILE = 4 * 1024 * 1024  # bytes: a hundred times the largest table of the shipped world
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?\Z")
_CODE = re.compile(r"[A-Z][A-Z0-9]{2}\Z")


class Table:
    """Rows of one file; the accessors of a row note faults here, ``check`` raises them together."""

    def __init__(self, path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        """Read the file; DataError where it is no table with exactly these columns, the optional ones at the end."""
        self.path = path
        self.columns = columns
        self.optional = optional
        self.faults: list[str] = []
        self._rows = self._read()

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def fault(self, line: int, column: str, message: str) -> None:
        """Note one fault; reading goes on."""
        self.faults.append(f"{self.path.name}:{line}: {column}: {message}")

    def check(self) -> None:
        """Raise one DataError with every fault noted so far, if any."""
        if self.faults:
            raise DataError("\n".join(self.faults))

    def _read(self) -> list[Row]:
        name = self.path.name
        if not self.path.is_file():  # a pipe or a device would never end
            raise DataError(f"{name}: no such file in {self.path.parent.name}")
        try:
            with self.path.open("rb") as stream:
                data = stream.read(LARGEST_FILE + 1)
            if len(data) > LARGEST_FILE:
                raise DataError(f"{name}: larger than {LARGEST_FILE} bytes")
            text = data.decode("utf-8")
        except OSError as error:
            raise DataError(f"{name}: cannot be read ({error.strerror})") from None
        except UnicodeDecodeError as error:
            raise DataError(f"{name}: not UTF-8 at byte {error.start}") from None
        rows = []
        try:
            reader = csv.reader(text.splitlines(), strict=True)
            header = next(reader, [])
            if len(set(header)) == len(header) and set(header[len(self.columns) :]) <= set(self.optional):
                self.columns += tuple(header[len(self.columns) :])
            if tuple(header) != self.columns:
                raise DataError(f"{name}:1: columns {','.join(header)}, wanted {','.join(self.columns)}")
            for fields in reader:
                if len(fields) != len(self.columns):
                    self.fault(reader.line_num, "row", f"{len(fields)} fields, wanted {len(self.columns)}")
                    continue
                cells = {column: cell.strip() for column, cell in zip(self.columns, fields, strict=True)}
                rows.append(Row(self, reader.line_num, cells))
        except csv.Error as error:
            raise DataError(f"{name}: {error}") from None
        return rows


@dataclass(frozen=True)
class Row:
    """One line of a table."""

    table: Table
    line: int
    cells: dict[str, str]

    def fault(self, column: str, message: str) -> None:
        """Note a fault of this line."""
        self.table.fault(self.line, column, message)

    def text(self, column: str, *, empty: bool = False) -> str:
        """A word or sentence; empty only where allowed."""
        if not self.cells[column] and not empty:
            self.fault(column, "empty")
        return self.cells[column]

    def number(self, column: str) -> float:
        """A number of 0 or more in plain decimals."""
        value = self.optional_number(column)
        if value is None:
            self.fault(column, "empty, a number wanted")
            return 0.0
        return value

    def optional_number(self, column: str) -> float | None:
        """The same, None where the cell is empty."""
        cell = self.cells[column]
        if not cell:
            return None
        if not _NUMBER.match(cell):
            self.fault(column, f"{cell!r} is no number of 0 or more in plain decimals")
            return 0.0
        return float(cell)

    def code(self, column: str) -> str:
        """One country code."""
        codes = self.codes(column)
        if len(codes) > 1:
            self.fault(column, f"{self.cells[column]!r}: one country wanted")
        return codes[0] if codes else ""

    def codes(self, column: str) -> tuple[str, ...]:
        """Country codes separated by blanks, at least one."""
        codes = tuple(self.cells[column].split())
        if not codes:
            self.fault(column, "empty, a country code wanted")
        for code in codes:
            if not _CODE.match(code):
                self.fault(column, f"{code!r} is no country code")
        if len(set(codes)) < len(codes):
            self.fault(column, "a country twice")
        return codes
