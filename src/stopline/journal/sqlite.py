"""The journal in one SQLite file: WAL, full sync; several processes may write."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from stopline.errors import Unsupported
from stopline.journal.errors import (
    StorageBusy,
    StorageDamaged,
    StorageError,
    StorageFull,
    StorageGone,
    StorageReadOnly,
)
from stopline.journal.rows import SCHEMA_VERSION, TRY_MS
from stopline.journal.stored import StoredJournal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stopline.journal.merkle import TreeNode

_SCHEMA = """
CREATE TABLE entry (idx INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, leaf BLOB NOT NULL);
CREATE TABLE node (level INTEGER, idx INTEGER, digest BLOB NOT NULL, PRIMARY KEY (level, idx))
    WITHOUT ROWID;
CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL,
    edge BLOB NOT NULL);
CREATE TABLE shelf (shelf TEXT, key TEXT, value BLOB NOT NULL, PRIMARY KEY (shelf, key))
    WITHOUT ROWID;
CREATE TRIGGER entry_stays_u BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'final'); END;
CREATE TRIGGER entry_stays_d BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'final'); END;
INSERT INTO head VALUES (1, 0, x'');
"""
_BUSY_MS = 20_000
_QUICK_CHECK_BYTES = 64 << 20
_NAMES: dict[str, type[StorageError]] = {
    "SQLITE_FULL": StorageFull,
    "SQLITE_READONLY": StorageReadOnly,
    "SQLITE_CANTOPEN": StorageReadOnly,
    "SQLITE_PERM": StorageReadOnly,
    "SQLITE_AUTH": StorageReadOnly,
    "SQLITE_BUSY": StorageBusy,
    "SQLITE_LOCKED": StorageBusy,
    "SQLITE_CORRUPT": StorageDamaged,
    "SQLITE_NOTADB": StorageDamaged,
    "SQLITE_IOERR_SHORT_READ": StorageDamaged,
    "SQLITE_IOERR_WRITE": StorageFull,
    "SQLITE_IOERR_SHMSIZE": StorageFull,
}


def open_sqlite(path: Path | str, *, read_only: bool = False, create: bool = True) -> StoredJournal:
    """Open the journal in a file, making it if it is not there.

    Args:
        path: the file; `-wal` and `-shm` lie beside it while it is open.
        read_only: open a copy to look at; nothing is written, not even beside it.
        create: make the file if it is not there.

    Raises:
        StorageReadOnly: the file or its folder may not be written, or is not there.
        StorageDamaged: what is on disk is not what was written.
    """
    rows = _SqliteRows(Path(path), read_only=read_only, create=create)
    journal = StoredJournal(rows)
    try:
        journal.check_opening()
    except BaseException:
        journal.close()
        raise
    return journal


class _SqliteRows:
    def __init__(self, path: Path, *, read_only: bool, create: bool) -> None:
        self._path = path
        with _named():
            self._db = _connect(path, read_only=read_only, create=create)
        try:
            with _named():
                self._prepare(path, read_only=read_only, create=create)
            self._file = _identity(path)
        except BaseException:
            self._db.close()
            raise

    def _prepare(self, path: Path, *, read_only: bool, create: bool) -> None:
        self._db.execute(f"PRAGMA busy_timeout={_BUSY_MS}")
        self._db.execute("PRAGMA trusted_schema=OFF")
        if not read_only:
            mode = self._db.execute("PRAGMA journal_mode=WAL").fetchone()[0]
            if mode != "wal":
                raise StorageReadOnly(f"{path}: journal mode is {mode}; expected wal")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.execute("PRAGMA secure_delete=ON")
            if create:
                self._make_tables()
        version = self._db.execute("PRAGMA user_version").fetchone()[0]
        if not version and not create:
            raise StorageGone(f"{path}: no journal in it")
        if version > SCHEMA_VERSION:
            raise Unsupported(f"{path}: form {version} is newer than this build's {SCHEMA_VERSION}")
        if path.stat().st_size <= _QUICK_CHECK_BYTES:
            said = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if said != "ok":
                raise StorageDamaged(f"{path}: {said}")

    def _make_tables(self) -> None:
        if self._db.execute("PRAGMA user_version").fetchone()[0]:
            return
        self._db.execute("BEGIN IMMEDIATE")
        try:
            if not self._db.execute("PRAGMA user_version").fetchone()[0]:
                for statement in _statements(_SCHEMA):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
            self._db.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")
            raise

    def begin(self) -> None:
        self.check_there()
        self._db.execute(f"PRAGMA busy_timeout={TRY_MS}")
        try:
            self._run("BEGIN IMMEDIATE")
        finally:
            self._db.execute(f"PRAGMA busy_timeout={_BUSY_MS}")

    def check_there(self) -> None:
        found = _identity(self._path)
        if found is None or found != self._file:
            raise StorageGone(f"{self._path}: {'no file' if found is None else 'another file'}")

    def begin_reading(self) -> None:
        self._run("BEGIN")

    def commit(self) -> None:
        try:
            self.check_there()
            self._run("COMMIT")
        except BaseException:
            self.rollback()
            raise

    def rollback(self) -> None:
        if self._db.in_transaction:
            with suppress(sqlite3.Error):
                self._db.execute("ROLLBACK")

    def head(self) -> tuple[int, bytes]:
        rows = self._run("SELECT size, edge FROM head")
        if len(rows) != 1:
            raise StorageDamaged("the head is missing")
        return int(rows[0][0]), bytes(rows[0][1])

    def set_head(self, size: int, edge: bytes) -> None:
        self._run("UPDATE head SET size=?, edge=?", (size, edge))

    def add_entries(self, rows: Sequence[tuple[int, str, bytes]]) -> None:
        with _named():
            self._db.executemany("INSERT INTO entry VALUES (?, ?, ?)", rows)

    def add_nodes(self, nodes: Sequence[TreeNode]) -> None:
        with _named():
            self._db.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)

    def node(self, level: int, index: int) -> bytes | None:
        rows = self._run("SELECT digest FROM node WHERE level=? AND idx=?", (level, index))
        return bytes(rows[0][0]) if rows else None

    def nodes(self, level: int, first: int, last: int) -> list[tuple[int, bytes]]:
        return self._run(
            "SELECT idx, digest FROM node WHERE level=? AND idx>=? AND idx<? ORDER BY idx",
            (level, first, last),
        )

    def by_id(self, fact_id: str) -> tuple[int, bytes] | None:
        rows = self._run("SELECT idx, leaf FROM entry WHERE id=?", (fact_id,))
        return (int(rows[0][0]), bytes(rows[0][1])) if rows else None

    def leaves(self, first: int, last: int) -> list[tuple[int, str, bytes]]:
        rows = self._run(
            "SELECT idx, id, leaf FROM entry WHERE idx>=? AND idx<? ORDER BY idx", (first, last)
        )
        for index, fact_id, leaf in rows:
            if not isinstance(leaf, bytes) or not isinstance(fact_id, str):
                raise StorageDamaged(f"entry {index} is {type(leaf).__name__}, not bytes")
        return rows

    def leaves_at(self, indices: Sequence[int]) -> list[tuple[int, bytes]]:
        rows = self._run(
            "SELECT idx, leaf FROM entry WHERE idx IN (SELECT value FROM json_each(?)) "
            "ORDER BY idx",
            (json.dumps(list(indices)),),
        )
        for index, leaf in rows:
            if not isinstance(leaf, bytes):
                raise StorageDamaged(f"entry {index} is {type(leaf).__name__}, not bytes")
        return [(int(index), leaf) for index, leaf in rows]

    def last_index(self) -> int:
        return int(self._run("SELECT coalesce(max(idx), -1) FROM entry")[0][0])

    def put(self, shelf: str, key: str, value: bytes) -> None:
        self._run("INSERT OR REPLACE INTO shelf VALUES (?, ?, ?)", (shelf, key, value))

    def get(self, shelf: str, key: str) -> bytes | None:
        rows = self._run("SELECT value FROM shelf WHERE shelf=? AND key=?", (shelf, key))
        return bytes(rows[0][0]) if rows else None

    def remove(self, shelf: str, key: str) -> None:
        self._run("DELETE FROM shelf WHERE shelf=? AND key=?", (shelf, key))

    def scan(self, shelf: str, first: str, limit: int) -> list[tuple[str, bytes]]:
        return self._run(
            "SELECT key, value FROM shelf WHERE shelf=? AND key>=? ORDER BY key LIMIT ?",
            (shelf, first, limit),
        )

    def scrub(self) -> None:
        self._run("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with suppress(sqlite3.Error):
            self._db.close()

    def _run(self, sql: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with _named():
            return self._db.execute(sql, values).fetchall()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file lies at a path: what was opened goes on as a file without a name if it is gone."""
    try:
        told = path.stat()
    except OSError:
        return None
    return told.st_dev, told.st_ino


def _connect(path: Path, *, read_only: bool, create: bool) -> sqlite3.Connection:
    name = quote(str(path.absolute()))
    options = "mode=rwc" if create else "mode=rw"
    if read_only:
        options = "mode=ro"
        if not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists():
            options += "&immutable=1"
    return sqlite3.connect(
        f"file:{name}?{options}", uri=True, isolation_level=None, check_same_thread=False
    )


def _statements(script: str) -> Iterator[str]:
    whole = ""
    for line in script.splitlines():
        whole += line + "\n"
        if sqlite3.complete_statement(whole):
            yield whole
            whole = ""


@contextmanager
def _named() -> Iterator[None]:
    """Give each error of the driver its name in `errors.py`."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "") or ""
        parts = code.split("_")
        tries = ["_".join(parts[:count]) for count in range(len(parts), 1, -1)]
        found = next((_NAMES[name] for name in tries if name in _NAMES), StorageError)
        raise found(f"{error} ({code})") from error
