"""A small strict reader of CSV tables: every fault names file, line and column, all at once."""

from __future__ import annotations

import csv
import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sim.errors import DataError
from sim.inputs.faults import MOST_SHOWN, known_or_nearest, shortened
from sim.inputs.marks import UNFIT

LARGEST_FILE = 4 * 1024 * 1024  # bytes: a hundred times the largest table of the shipped world
LONGEST_LINE = 4096  # characters: nearly twenty times the longest line that is shipped
MOST_LINES = 100_000  # every pair of countries there is, and half as many again
_FOLDER = "scenarios"  # files are told from here on, as an editor finds them
_NUMBER = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?\Z", re.ASCII)
_CODE = re.compile(r"[A-Z][A-Z0-9]{2}\Z", re.ASCII)
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

# most that a column of this ending may say: a slip of units or a stray digit is told, a bold statistic is not
_MOST: Mapping[str, tuple[float, str]] = {
    "kt": (1e7, "kt: a hundred times what the world makes of aluminium"),
    "gross_t": (1e10, "t: a hundred times what the world makes of aluminium"),
    "value_kusd": (1e10, "thousand USD: a tenth of what the world earns in a year"),
    "usd_t": (1e9, "USD/t: ten times gold"),
    "usd_kg": (1e6, "USD/kg: ten times gold"),
    "pct": (100, "%"),
    "content": (100, "t per t"),
}


def leads_out(path: Path) -> bool:
    """Whether a file of a world is a link to somewhere outside the folder of worlds."""
    return not path.resolve().is_relative_to(path.parent.resolve().parent)


def shown_path(path: Path) -> str:
    """A file as messages name it: from the folder of scenarios on, else with the folder it stands in."""
    parts = path.parts
    above = len(parts) - 1 - parts[::-1].index(_FOLDER) if _FOLDER in parts else len(parts) - 2
    return "/".join(parts[max(above, 0) :])


class Table:
    """Rows of one file; the accessors of a row note faults here, ``check`` raises them together.

    A file that is no table of these columns has no rows, ``sound`` is False, and its fault is noted like all others.
    """

    def __init__(self, path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()) -> None:
        """Read the file; it has exactly these columns, some of the optional ones at the end."""
        self.path = path
        self.columns = columns
        self.optional = optional
        self.faults: list[str] = []
        self.sound = True
        self._shown = shown_path(path)
        self._rows = list(self._read())

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def fault(self, line: int, column: str, message: str) -> None:
        """Note one fault; reading goes on."""
        self.faults.append(f"{self._shown}:{line}: {column}: {message}")

    def check(self) -> None:
        """Raise one DataError with every fault noted so far, if any."""
        raise_together(self.faults)

    def _broken(self, message: str, line: int = 1) -> None:
        """Note that the file is no table."""
        self.sound = False
        self.fault(line, "file", message)

    def _read(self) -> Iterator[Row]:
        text = self._text()
        if text is None:
            return
        lines = text.replace("\r\n", "\n").split("\n")
        if not lines[-1]:
            lines.pop()
        if not lines:
            self._broken(f"empty, the columns {','.join(self.columns)} wanted")
            return
        if len(lines) > MOST_LINES:
            self._broken(f"{len(lines)} lines, at most {MOST_LINES} wanted")
            return
        if not self._has_columns(lines[0]):
            return
        for number, line in enumerate(lines[1:], start=2):
            fields = self._fields(number, line)
            if fields is None:
                continue
            if len(fields) != len(self.columns):
                self.fault(number, "row", _miscounted(line, len(fields), self.columns))
                continue
            cells = {column: cell.strip() for column, cell in zip(self.columns, fields, strict=True)}
            yield Row(self, number, cells)

    def _text(self) -> str | None:
        """The file as text; None after a fault."""
        try:
            if not self.path.is_file():  # a pipe or a device would never end
                self._broken("no such file")
                return None
            if leads_out(self.path):
                self._broken("leads out of the folder of worlds")
                return None
            with self.path.open("rb") as stream:
                data = stream.read(LARGEST_FILE + 1)
        except OSError as error:
            self._broken(f"cannot be read ({error.strerror})")
            return None
        if len(data) > LARGEST_FILE:
            self._broken(f"larger than {LARGEST_FILE} bytes")
            return None
        try:
            return data.removeprefix(BOM_UTF8).decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            self._broken(f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8", line)
        return None

    def _has_columns(self, line: str) -> bool:
        """Whether the first line names the columns that are wanted; a fault names the first that differs."""
        header = self._fields(1, line)
        if header is None:
            self.sound = False
            return False
        more = tuple(header[len(self.columns) :])
        wanted = self.columns
        if len(set(header)) == len(header) and set(more) <= set(self.optional):
            self.columns += more
        if tuple(header) == self.columns:
            return True
        other = next((name for sign, name in _OTHER_SEPARATORS.items() if line.count(sign) >= len(wanted) - 1), "")
        if other:
            self._broken(f"columns are separated by {other}, commas wanted")
            return False
        differs = (name for name, came in zip(wanted, header, strict=False) if name != came)
        first = next(differs, wanted[len(header)] if len(header) < len(wanted) else "row")
        told = shortened(",".join(header), LONGEST_LINE)
        more_told = f", then any of {','.join(self.optional)}" if self.optional else ""
        self.sound = False
        self.fault(1, first, f"columns {told}, wanted {','.join(wanted)}{more_told}")
        return False

    def _fields(self, number: int, line: str) -> list[str] | None:
        """The cells of one line; None after a fault. A cell holds no line break, so each line stands for itself."""
        if not line.strip():
            self.fault(number, "row", "an empty line")
            return None
        if len(line) > LONGEST_LINE:
            self.fault(number, "row", f"{len(line)} characters in one line, at most {LONGEST_LINE} wanted")
            return None
        unfit = UNFIT.search(line.replace("\r", "\0"))
        if unfit:
            told = f"character U+{ord(line[unfit.start()]):04X} is not accepted (character {unfit.start() + 1})"
            self.fault(number, self._column_at(line[: unfit.start()]), told)
            return None
        try:
            return next(csv.reader([line], strict=True))
        except csv.Error:
            quoted = line.find('"')
            told = "quotes that do not match; around the whole cell, doubled inside it, on one line"
            self.fault(number, self._column_at(line[: max(quoted, 0)]), told)
            return None

    def _column_at(self, before: str) -> str:
        """The column of which ``before`` stands in front, as far as commas tell."""
        place = before.count(",")
        return self.columns[place] if place < len(self.columns) else "row"


def _miscounted(line: str, fields: int, columns: tuple[str, ...]) -> str:
    hint = "" if fields <= len(columns) else "; a cell with a comma stands in quotes"
    other = next((name for sign, name in _OTHER_SEPARATORS.items() if fields == 1 and sign in line), "")
    return f"{fields} fields, wanted {len(columns)}{f'; separated by {other}' if other else hint}"


def raise_together(faults: list[str]) -> None:
    """Raise one DataError with the first faults and the number of the others, if there are any."""
    if faults:
        more = [f"... and {len(faults) - MOST_SHOWN} more"] if len(faults) > MOST_SHOWN else []
        raise DataError("\n".join([*faults[:MOST_SHOWN], *more]))


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
            self.fault(column, f"{shortened(cell)!r} is no number of 0 or more in plain decimals")
            return 0.0
        most, told = next((rule for end, rule in _MOST.items() if _ends(column, end)), (float("inf"), ""))
        if float(cell) > most:
            self.fault(column, f"{cell} is above {most:,.0f} {told}")
        return float(cell)

    def code(self, column: str) -> str:
        """One country code."""
        codes = self.codes(column)
        if len(self.cells[column].split()) > 1:
            self.fault(column, f"{shortened(self.cells[column])!r}: one country wanted")
        return codes[0] if codes else ""

    def codes(self, column: str) -> tuple[str, ...]:
        """Country codes separated by blanks, at least one; what is none is a fault and left out."""
        codes = tuple(self.cells[column].split())
        if not codes:
            self.fault(column, "empty, a country code wanted")
        for code in codes:
            if not _CODE.match(code):
                self.fault(column, f"{shortened(code)!r} is no country code: three capital letters, as in ISO 3166")
        if len(set(codes)) < len(codes):
            self.fault(column, "a country twice")
        return tuple(code for code in codes if _CODE.match(code))

    def one_of(self, column: str, known: Mapping[str, object], what: str) -> None:
        """A fault where the cell is none of the known names."""
        if self.cells[column] not in known:
            cell = shortened(self.cells[column])
            self.fault(column, f"no {what} {cell!r}{known_or_nearest(cell, known)}")


def _ends(column: str, end: str) -> bool:
    return column == end or column.endswith(f"_{end}")
