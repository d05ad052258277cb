"""Write a journal out for other tools: JSON Lines (verifiable), CSV and Parquet (for reading)."""

from __future__ import annotations

import csv
import json
from typing import IO, TYPE_CHECKING, Any

from stopline.documents.canonical_json import parse_json
from stopline.errors import BadInput
from stopline.journal.base import write_time
from stopline.journal.checkpoint import SignedCheckpoint
from stopline.journal.merkle import Frontier, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from stopline.journal.base import Entry

COLUMNS = ("index", "id", "time", "author", "role", "incident", "kind", "schema", "erased", "body")
_BATCH = 10_000


def write_jsonl(
    entries: Iterable[Entry], checkpoints: Iterable[SignedCheckpoint], file: IO[bytes]
) -> int:
    """Write one leaf a line, then each checkpoint as a JSON string; give the count of entries.

    The leaves are the bytes that the tree holds, so the file can be verified by itself. Personal
    bodies are not in it.
    """
    count = 0
    for entry in entries:
        file.write(entry.leaf + b"\n")
        count += 1
    for point in checkpoints:
        file.write(json.dumps(point.encode(), ensure_ascii=False).encode() + b"\n")
    return count


def write_csv(entries: Iterable[Entry], file: IO[str]) -> int:
    """Write one row an entry, the body as JSON; give the count."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    count = 0
    for entry in entries:
        writer.writerow([_safe_cell(value) for value in _row(entry).values()])
        count += 1
    return count


def write_parquet(entries: Iterable[Entry], path: Path) -> int:
    """Write one row an entry, zstd-compressed, the body as JSON; give the count."""
    import pyarrow as pa  # noqa: PLC0415  (heavy)
    import pyarrow.parquet as pq  # noqa: PLC0415

    text = {name: pa.string() for name in COLUMNS}
    form = pa.schema(
        list({**text, "index": pa.int64(), "schema": pa.int32(), "erased": pa.bool_()}.items())
    )
    count = 0
    with pq.ParquetWriter(path, form, compression="zstd") as writer:
        for rows in _batches(entries):
            writer.write_table(pa.Table.from_pylist(rows, schema=form))
            count += len(rows)
    return count


class JsonlCopy:
    """A journal read back from JSON Lines, for `verify_journal`."""

    holds_bodies = False  # of personal facts: they are not in the file

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._leaves: list[bytes] = []
        self._points: list[SignedCheckpoint] = []
        for number, line in enumerate(lines, 1):
            text = line.rstrip(b"\n")
            if text.startswith(b'"'):
                note = parse_json(text, f"line {number}")
                self._points.append(SignedCheckpoint.parse(str(note)))
            elif self._points:
                raise BadInput.single(f"line {number}", "an entry", "entries before checkpoints")
            else:
                self._leaves.append(text)

    @property
    def size(self) -> int:
        """Entries."""
        return len(self._leaves)

    def leaves(self, first: int = 0, last: int | None = None) -> Iterator[tuple[int, str, bytes]]:
        """Give index, fact id and leaf of entries [first, last)."""
        for index, leaf in enumerate(self._leaves[first:last], first):
            value = parse_json(leaf, f"line {index + 1}")
            yield index, str(value.get("id")) if isinstance(value, dict) else "", leaf

    def nodes(self, level: int, first: int, last: int) -> list[tuple[int, bytes]]:  # noqa: ARG002
        """Give nothing: the file holds no tree, only what it is made from."""
        return []

    def shelf(self, name: str, first: str = "") -> Iterator[tuple[str, bytes]]:  # noqa: ARG002
        """Give nothing: personal bodies are not in the file."""
        return iter(())

    def checkpoints(self) -> list[SignedCheckpoint]:
        """List the checkpoints in the file."""
        return self._points

    def root(self, size: int | None = None) -> bytes:
        """Compute the root over the first `size` entries."""
        frontier = Frontier()
        for leaf in self._leaves[:size]:
            frontier, _ = frontier.grow(leaf_hash(leaf))
        return frontier.root()


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "index": entry.index,
        "id": entry.fact_id,
        "time": write_time(entry.time_s),
        "author": entry.author,
        "role": entry.role,
        "incident": entry.incident,
        "kind": entry.kind,
        "schema": entry.schema,
        "erased": entry.body is None,
        "body": None if entry.body is None else json.dumps(entry.body, ensure_ascii=False),
    }


def _safe_cell(value: object) -> object:
    """Keep a spreadsheet from running a text as a formula."""
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value


def _batches(entries: Iterable[Entry]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for entry in entries:
        rows.append(_row(entry))
        if len(rows) == _BATCH:
            yield rows
            rows = []
    if rows:
        yield rows
