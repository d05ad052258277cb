"""The journal in PostgreSQL, by URL: for several servers of one side."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, LiteralString

import psycopg
from psycopg import errors as pg

from stopline.errors import Unsupported
from stopline.journal.errors import (
    OutcomeUnknown,
    StorageBusy,
    StorageDamaged,
    StorageError,
    StorageFull,
    StorageGone,
    StorageNotDurable,
    StorageReadOnly,
)
from stopline.journal.rows import SCHEMA_VERSION, TRY_MS
from stopline.journal.stored import StoredJournal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from stopline.journal.merkle import TreeNode

_LOCK = 0x53544F50  # "STOP": one maker of tables at a time
_SCHEMA: LiteralString = """
CREATE TABLE entry (idx bigint PRIMARY KEY, id text NOT NULL UNIQUE, leaf bytea NOT NULL);
CREATE TABLE node (level smallint, idx bigint, digest bytea NOT NULL, PRIMARY KEY (level, idx));
CREATE TABLE head (one smallint PRIMARY KEY CHECK (one = 1), size bigint NOT NULL,
    edge bytea NOT NULL, form integer NOT NULL) WITH (fillfactor = 20);
CREATE TABLE shelf (shelf text, key text COLLATE "C", value bytea NOT NULL,
    PRIMARY KEY (shelf, key));
CREATE FUNCTION entry_stays() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'final'; END $$;
CREATE TRIGGER entry_stays BEFORE UPDATE OR DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_stays();
"""
_BUSY_MS = 20_000
_BEGIN: LiteralString = "BEGIN; SET LOCAL lock_timeout = '" + str(TRY_MS) + "ms'"
_AGAIN_S = 1.0  # a server that could not be reached is not called before


def open_postgres(url: str, *, create: bool = True) -> StoredJournal:
    """Open the journal in a PostgreSQL database, making its tables if they are not there.

    Args:
        url: `postgresql://user@host/database`; the password belongs into a passfile.
        create: make the tables if they are not there.

    Raises:
        StorageNotDurable: the server runs without fsync or full page writes.
        StorageError: the server cannot be reached or refuses.
        StorageDamaged: what is stored is not what was written.
    """
    rows = _PostgresRows(url, create=create)
    journal = StoredJournal(rows)
    try:
        journal.check_opening()
    except BaseException:
        journal.close()
        raise
    return journal


class _PostgresRows:
    def __init__(self, url: str, *, create: bool) -> None:
        self._url = url
        self._create = create
        self._writing = False
        self._away_s, self._away = float("-inf"), ""
        self._db = self._connect()

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        if time.monotonic() < self._away_s + _AGAIN_S:
            raise StorageError(self._away)
        try:
            with _named():
                db = psycopg.connect(self._url, autocommit=True, connect_timeout=5)
        except StorageError as error:
            self._away_s, self._away = time.monotonic(), str(error)
            raise
        try:
            with _named():
                _prepare(db, create=self._create)
        except BaseException:
            db.close()
            raise
        return db

    def begin(self) -> None:
        if self._db.closed:
            self._db = self._connect()
        self._run(_BEGIN)
        self._writing = True
        try:
            self._run("SELECT 1 FROM head FOR UPDATE")
        except BaseException:
            self.rollback()
            raise

    def check_there(self) -> None:
        if self._db.closed:
            self._db = self._connect()
        self._run("SELECT 1")

    def begin_reading(self) -> None:
        self._run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        self._writing = False
        try:
            self._db.execute("COMMIT")
        except psycopg.OperationalError as error:
            if self._db.closed:
                raise OutcomeUnknown(str(error)) from error
            self.rollback()
            with _named():
                raise
        except psycopg.Error:
            self.rollback()
            with _named():
                raise

    def rollback(self) -> None:
        self._writing = False
        with suppress(psycopg.Error):
            self._db.execute("ROLLBACK")

    def head(self) -> tuple[int, bytes]:
        rows = self._run("SELECT size, edge FROM head")
        if len(rows) != 1:
            raise StorageDamaged("the head is missing")
        return int(rows[0][0]), bytes(rows[0][1])

    def set_head(self, size: int, edge: bytes) -> None:
        self._run("UPDATE head SET size=%s, edge=%s", (size, edge))

    def add_entries(self, rows: Sequence[tuple[int, str, bytes]]) -> None:
        columns = [list(column) for column in zip(*rows, strict=True)]
        self._run(
            "INSERT INTO entry SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bytea[])", columns
        )

    def add_nodes(self, nodes: Sequence[TreeNode]) -> None:
        columns = [list(column) for column in zip(*nodes, strict=True)]
        self._run(
            "INSERT INTO node SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::bytea[])",
            columns,
        )

    def node(self, level: int, index: int) -> bytes | None:
        rows = self._run("SELECT digest FROM node WHERE level=%s AND idx=%s", (level, index))
        return bytes(rows[0][0]) if rows else None

    def nodes(self, level: int, first: int, last: int) -> list[tuple[int, bytes]]:
        rows = self._run(
            "SELECT idx, digest FROM node WHERE level=%s AND idx>=%s AND idx<%s ORDER BY idx",
            (level, first, last),
        )
        return [(int(index), bytes(digest)) for index, digest in rows]

    def by_id(self, fact_id: str) -> tuple[int, bytes] | None:
        rows = self._run("SELECT idx, leaf FROM entry WHERE id=%s", (fact_id,))
        return (int(rows[0][0]), bytes(rows[0][1])) if rows else None

    def leaves(self, first: int, last: int) -> list[tuple[int, str, bytes]]:
        rows = self._run(
            "SELECT idx, id, leaf FROM entry WHERE idx>=%s AND idx<%s ORDER BY idx", (first, last)
        )
        return [(int(index), str(fact_id), bytes(leaf)) for index, fact_id, leaf in rows]

    def leaves_at(self, indices: Sequence[int]) -> list[tuple[int, bytes]]:
        rows = self._run(
            "SELECT idx, leaf FROM entry WHERE idx = ANY(%s::bigint[]) ORDER BY idx",
            (list(indices),),
        )
        return [(int(index), bytes(leaf)) for index, leaf in rows]

    def last_index(self) -> int:
        return int(self._run("SELECT coalesce(max(idx), -1) FROM entry")[0][0])

    def put(self, shelf: str, key: str, value: bytes) -> None:
        self._run(
            "INSERT INTO shelf VALUES (%s, %s, %s) "
            "ON CONFLICT (shelf, key) DO UPDATE SET value = excluded.value",
            (shelf, key, value),
        )

    def get(self, shelf: str, key: str) -> bytes | None:
        rows = self._run("SELECT value FROM shelf WHERE shelf=%s AND key=%s", (shelf, key))
        return bytes(rows[0][0]) if rows else None

    def remove(self, shelf: str, key: str) -> None:
        self._run("DELETE FROM shelf WHERE shelf=%s AND key=%s", (shelf, key))

    def scan(self, shelf: str, first: str, limit: int) -> list[tuple[str, bytes]]:
        rows = self._run(
            "SELECT key, value FROM shelf WHERE shelf=%s AND key>=%s ORDER BY key LIMIT %s",
            (shelf, first, limit),
        )
        return [(str(key), bytes(value)) for key, value in rows]

    def scrub(self) -> None:
        self._run("VACUUM shelf")

    def close(self) -> None:
        with suppress(psycopg.Error):
            self._db.close()

    def _run(self, sql: LiteralString, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        if self._db.closed and not self._writing:
            self._db = self._connect()
        with _named():
            cursor = self._db.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []


def _prepare(db: psycopg.Connection[tuple[Any, ...]], *, create: bool) -> None:
    db.execute("SET synchronous_commit TO on")
    db.execute("SET client_encoding TO 'UTF8'")
    db.execute("SELECT set_config('lock_timeout', %s, false)", (f"{_BUSY_MS}ms",))
    for setting in ("fsync", "full_page_writes"):
        row = db.execute("SELECT current_setting(%s)", (setting,)).fetchone()
        if row is None or row[0] != "on":
            raise StorageNotDurable(f"{setting} is not on")
    with db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
        row = db.execute("SELECT to_regclass('head') IS NULL").fetchone()
        if row is not None and row[0]:
            if not create:
                raise StorageGone("no journal in this database")
            db.execute(_SCHEMA)
            db.execute("INSERT INTO head VALUES (1, 0, '', %s)", (SCHEMA_VERSION,))
        row = db.execute("SELECT form FROM head").fetchone()
        if row is not None and row[0] > SCHEMA_VERSION:
            raise Unsupported(f"form {row[0]} is newer than this build's {SCHEMA_VERSION}")


@contextmanager
def _named() -> Iterator[None]:
    """Give each error of the driver its name in `errors.py`."""
    try:
        yield
    except (pg.DiskFull, pg.OutOfMemory, pg.ConfigurationLimitExceeded) as error:
        raise StorageFull(str(error)) from error
    except (pg.InsufficientPrivilege, pg.ReadOnlySqlTransaction) as error:
        raise StorageReadOnly(str(error)) from error
    except (pg.LockNotAvailable, pg.TooManyConnections, pg.DeadlockDetected) as error:
        raise StorageBusy(str(error)) from error
    except (pg.DataCorrupted, pg.IndexCorrupted) as error:
        raise StorageDamaged(str(error)) from error
    except psycopg.Error as error:
        raise StorageError(str(error)) from error
