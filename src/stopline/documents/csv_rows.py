"""Read a CSV of people's hands row by row: their separators, decimal commas and encodings.

Spreadsheets write `;` or tabs where decimals have commas, and UTF-16 with a mark at the start. The
separator is told by the header line; names and texts are kept as they are written, joiners without
width included. A column that nobody asked for is passed over, unless its name is nearly that of one
that is missing.
"""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel, ValidationError

from stopline.documents.bounded_lines import bounded_lines
from stopline.documents.validation import faults_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from pathlib import Path

    from stopline.errors import FaultList

SEPARATORS: Final = (",", ";", "\t")
MOST_FAULTS: Final = 200
_MOST_SHOWN: Final = 200
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
_QUOTED: Final = re.compile(r'"[^"]*"')
_Model = TypeVar("_Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row below the header.

    Attributes:
        line: its line in the file (the last, where a quoted text goes over several).
        where: file and line, for a message.
        fields: text by name of column, in lower case; without blanks around it.
    """

    line: int
    where: str
    fields: Mapping[str, str]


def separator_of(header: str) -> str:
    """Tell the separator by the header line: the one that stands there most often, outside quotes.

    A comma where none does.
    """
    bare = _QUOTED.sub("", header)
    return max(SEPARATORS, key=bare.count)


def with_point(cell: str, separator: str) -> str:
    """A number with a decimal point, where the file separates by something else than commas."""
    if separator != "," and _DECIMAL_COMMA.fullmatch(cell):
        return cell.replace(",", ".")
    return cell


def read_rows(
    path: Path,
    faults: FaultList,
    *,
    columns: Mapping[str, str] | Collection[str] = (),
    needed: Sequence[str] = (),
    instead: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[CsvRow]:
    """Yield the rows of a CSV with a header line; end at the first that cannot be read safely.

    Args:
        path: text in UTF-8, or in UTF-16 with its mark, separated by commas, semicolons or tabs.
        faults: where faults are noted, each with its own line of the file.
        columns: names of the columns that can be used, with what stands in them if it is a mapping;
            every name if empty.
        needed: names of those that must be there.
        instead: names that do as well in place of one that is needed.
    """
    lines = bounded_lines(path, faults)
    first = next(lines, None)
    if first is None:
        if not faults:
            faults.add(f"{path} line 1", "an empty file", "a header line with column names")
        return
    separator = separator_of(first)
    reader = csv.reader(_behind(first, lines), delimiter=separator, strict=True)
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        others = instead or {}
        still = [name for name in needed if not set(others.get(name, ())) & set(header)]
        if not _header_serves(path, header, columns, still, faults):
            return
        for cells in reader:
            where = f"{path} line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                faults.add(where, f"{len(cells)} cells", f"{len(header)} cells, as in the header")
                continue
            fields = {
                name: with_point(cell.strip(), separator)
                for name, cell in zip(header, cells, strict=True)
            }
            yield CsvRow(reader.line_num, where, fields)
            if len(faults) > MOST_FAULTS:
                faults.add(str(path), "more faults than these", "these to be mended first")
                return
    except csv.Error as error:
        faults.add(f"{path} line {reader.line_num}", f"broken CSV ({error})", "closed quotes")


def read_models(
    path: Path, form: type[_Model], faults: FaultList, *, nothing: str = "no rows"
) -> list[tuple[str, _Model]]:
    """Read each row as a form, with where it stands, for example `posts.csv line 3`.

    Args:
        path: the file.
        form: a pydantic model; its fields are the columns.
        faults: where faults are noted.
        nothing: what is said of a file without rows.
    """
    before = len(faults)
    rows: list[tuple[str, _Model]] = []
    known = {
        field.alias or name: field.description or "" for name, field in form.model_fields.items()
    }
    for row in read_rows(path, faults, columns=known):
        given = {name: cell for name, cell in row.fields.items() if cell and name in known}
        try:
            # The columns are text, so numbers are read from text here and nowhere else.
            rows.append((row.where, form.model_validate_strings(given)))
        except ValidationError as error:
            for key, seen, expected in faults_of(error, form, given):
                faults.add(f"{row.where}: {key}" if key else row.where, seen, expected)
    if not rows and len(faults) == before:
        faults.add(str(path), nothing, "a header and at least one row")
    return rows


def _behind(first: str, lines: Iterator[str]) -> Iterator[str]:
    yield first
    yield from lines


def _header_serves(
    path: Path,
    header: list[str],
    columns: Mapping[str, str] | Collection[str],
    needed: Sequence[str],
    faults: FaultList,
) -> bool:
    before, where = len(faults), f"{path} line 1"
    if not any(header):
        faults.add(where, "nothing", "a header line with column names")
    for name in sorted({name for name in header if name and header.count(name) > 1}):
        faults.add(where, f"column {name!r} twice", "each column once")
    meant: set[str] = set()
    missing = [name for name in columns if name not in header] if columns else []
    for name in header:
        near = difflib.get_close_matches(name, missing, n=1, cutoff=0.75)
        if columns and name and name not in columns and near:
            meant.add(near[0])
            faults.add(where, f"column {name!r}", f"{near[0]!r}; did you mean that?")
    for name in needed:
        if name not in header and name not in meant:
            told = columns[name] if isinstance(columns, dict) else ""
            faults.add(
                where,
                f"no column {name!r}",
                f"{name}: {told}" if told else f"columns {', '.join(needed)}",
            )
    if len(faults) > before and columns and not set(header) & set(columns):
        names = ", ".join(name for name in header if name)
        faults.add(where, f"the columns {names[:_MOST_SHOWN]}", "a first line with the names above")
    return len(faults) == before
