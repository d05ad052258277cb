"""Read a CSV file into columns of text, within bounds: no line and no file may eat the machine."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stopline.documents.csv_rows import separator_of, with_point
from stopline.errors import BadInput, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from stopline.documents.capped_faults import CappedFaults

MAX_LINE_BYTES: Final = 1 << 20
_CHUNK = 1 << 20
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of text of equal length; `lines[row]` is the line in the file."""

    path: Path
    columns: dict[str, tuple[str, ...]]
    lines: Sequence[int]

    def place(self, row: int, column: str) -> str:
        """Say where a value stands, for a message."""
        return f"{self.path} line {self.lines[row]}: {column}"

    def has(self, column: str) -> bool:
        """Whether there is such a column."""
        return column in self.columns

    def require(self, names: Sequence[str], faults: CappedFaults) -> bool:
        """Note a fault for each missing column; true if all are there."""
        missing = [name for name in names if name not in self.columns]
        for name in missing:
            faults.add(
                f"{self.path} line 1: {name}", "no such column", f"columns {', '.join(names)}"
            )
        return not missing

    def numbers(
        self,
        column: str,
        faults: CappedFaults,
        *,
        low: float = -math.inf,
        high: float = math.inf,
        expected: str,
        blank: float | None = None,
    ) -> NDArray[np.float64]:
        """Read a column as finite numbers from `low` to `high`, float64[rows].

        Args:
            column: its name.
            faults: where unusable values are noted; they become NaN.
            low: smallest value allowed.
            high: largest value allowed.
            expected: what to say to whoever wrote something else.
            blank: what an empty cell stands for; a fault if None.
        """
        texts = self.columns[column]
        try:
            values = np.array(list(map(float, texts)), dtype=np.float64)
        except (ValueError, OverflowError):
            values = np.array([_number(text, blank) for text in texts], dtype=np.float64)
        allowed = np.isfinite(values) & (values >= low) & (values <= high)
        if blank is not None:
            allowed |= values == blank
        self.note(~allowed, column, faults, expected)
        values[~allowed] = math.nan
        return values

    def note(
        self, wrong: NDArray[np.bool_], column: str, faults: CappedFaults, expected: str
    ) -> None:
        """Note a fault for each row that is wrong, with what stands in its column."""
        rows = np.flatnonzero(wrong)
        for number, row in enumerate(rows.tolist()):
            if faults.full:
                faults.count_more(rows.size - number)
                return
            faults.add(self.place(row, column), repr(self.columns[column][row]), expected)


def read_table(path: Path, faults: CappedFaults) -> Table:
    """Read a CSV file with a header line.

    Args:
        path: UTF-8 (or UTF-16 with its mark), separated by commas, semicolons or tabs.
        faults: rows of the wrong width are noted here and left out.

    Returns:
        The columns, by their names in lower case.

    Raises:
        BadInput: the file cannot be read, has a line above 1 MiB, or no header.
    """
    text = _bounded_text(path)
    separator = separator_of(text.partition("\n")[0])
    plain = _plain_columns(text, separator)
    if plain is not None:
        header, columns, lines = plain
        return Table(path, dict(zip(_header(path, header, faults), columns, strict=True)), lines)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    ends: list[int] = []
    try:
        for row in reader:
            rows.append(row)
            ends.append(reader.line_num)
    except csv.Error as error:
        where = f"{path} line {reader.line_num}"
        raise BadInput.single(where, f"{error}", "comma-separated values") from error
    header = _header(path, rows[0] if rows else [], faults)
    body, lines = _rows_of_width(path, rows, ends, len(header), faults)
    columns = list(zip(*body, strict=True)) if body else [()] * len(header)
    return Table(path, dict(zip(header, columns, strict=True)), lines)


def _header(path: Path, names: list[str], faults: CappedFaults) -> list[str]:
    """Column names in lower case; a name that comes twice is a fault."""
    header = [name.strip().lower() for name in names]
    where = f"{path} line 1"
    if not any(header):
        raise BadInput.single(where, "nothing", "a header line with column names")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        faults.add(f"{where}: {name}", "the column twice", "each column once")
    return header


def _plain_columns(
    text: str, separator: str
) -> tuple[list[str], list[tuple[str, ...]], Sequence[int]] | None:
    """Split a file without quotes and with equal lines, many times faster than `csv`."""
    if not text or '"' in text or "\0" in text:
        return None
    body = text.replace("\r\n", "\n")
    body = body if body.endswith("\n") else body + "\n"
    if "\r" in body:
        return None
    marks = np.frombuffer(body.encode(), dtype=np.uint8)
    ends = np.cumsum(marks == ord(separator))[marks == ord("\n")]
    width = int(ends[0]) + 1
    if (np.diff(ends) != width - 1).any() or "\n\n" in body:
        return None
    flat = body[:-1].replace("\n", separator).split(separator)
    columns = [tuple(flat[width + column :: width]) for column in range(width)]
    return flat[:width], columns, range(2, len(columns[0]) + 2)


def _rows_of_width(
    path: Path, rows: list[list[str]], ends: list[int], width: int, faults: CappedFaults
) -> tuple[list[list[str]], Sequence[int]]:
    """The rows below the header that are as wide as it, and the line of each."""
    body = rows[1:]
    if all(len(row) == width for row in body):
        return body, ends[1:]
    kept: list[list[str]] = []
    lines: list[int] = []
    for line, row in zip(ends[1:], body, strict=True):
        if len(row) == width:
            kept.append(row)
            lines.append(line)
        elif row:
            faults.add(f"{path} line {line}", f"{len(row)} values", f"{width} as in the header")
    return kept, lines


def _number(text: str, blank: float | None) -> float:
    if blank is not None and not text.strip():
        return blank
    try:
        return float(with_point(text, ";"))  # no cell of a comma-separated file has one
    except ValueError:
        return math.nan


def _bounded_text(path: Path) -> str:
    """The whole text, refused as soon as a line is too long, before the rest is read."""
    chunks: list[bytes] = []
    line, since_newline = 1, 0
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                start, last = chunk.find(b"\n"), chunk.rfind(b"\n")
                if since_newline + (start if start >= 0 else len(chunk)) > MAX_LINE_BYTES:
                    _refuse_line(path, line)
                since_newline = len(chunk) - 1 - last if last >= 0 else since_newline + len(chunk)
                line += chunk.count(b"\n")
                chunks.append(chunk)
        whole = b"".join(chunks)
        return whole.decode("utf-16" if whole.startswith(_WIDE_MARKS) else "utf-8-sig")
    except UnicodeDecodeError as error:
        where, seen = f"{path} byte {error.start}", error.object[error.start : error.start + 8]
        raise BadInput.single(where, repr(seen), "UTF-8 text") from error
    except OSError as error:
        raise BadInput.single(str(path), unreadable(error), "a readable file") from error


def _refuse_line(path: Path, line: int) -> None:
    where = f"{path} line {line}"
    seen = f"a line of more than {MAX_LINE_BYTES} bytes"
    raise BadInput.single(where, seen, "lines of ordinary length")
