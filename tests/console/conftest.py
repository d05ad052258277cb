"""Nodes that are served: `served` on SQLite, `either` on both databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from tests.journal.conftest import postgres_server

from console.served import Served
from operation.accounts.conftest import built
from operation.accounts.house import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["built", "postgres_server"]


def journals(server: str, name: str) -> tuple[str, str]:
    """Two fresh places on a PostgreSQL server."""
    made = []
    for side in ("north", "south"):
        schema = f"{name}_{side}".replace("-", "_").lower()
        with psycopg.connect(server, autocommit=True) as db:
            db.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')  # type: ignore[arg-type]
            db.execute(f'CREATE SCHEMA "{schema}"')  # type: ignore[arg-type]
        made.append(f"{server}&options=-csearch_path%3D{schema}")
    return made[0], made[1]


@pytest.fixture
def house(built: tuple[Path, float], tmp_path: Path) -> House:
    """A node that nobody serves yet."""
    folder, now_s = built
    return House.copied(folder, tmp_path / "node", now_s)


@pytest.fixture
def served(house: House) -> Iterator[Served]:
    made = Served.of(house)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(built: tuple[Path, float], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One node for the tests of a module that leave it as it was; with an incident."""
    folder, now_s = built
    made = Served.of(House.copied(folder, tmp_path_factory.mktemp("shared") / "node", now_s))
    made.open_incident()
    yield made
    made.close()


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        where = journals(server, f"c{abs(hash(request.node.nodeid)) % 10**9}")
        made = Served.make(tmp_path, where)
    else:
        made = Served.of(request.getfixturevalue("house"))
    yield made
    made.close()
