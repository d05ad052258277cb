"""A node with a protocol in force: built once, and a copy of it for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.accounts.house import DOCUMENT, House
from stopline.testing.two_desks import TwoNodes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    both = TwoNodes.make(tmp_path_factory.mktemp("people"), DOCUMENT.read_bytes())
    both.close()
    return both.folders[0], both.now_s


@pytest.fixture
def house(built: tuple[Path, float], tmp_path: Path) -> Iterator[House]:
    folder, now_s = built
    made = House.copied(folder, tmp_path / "node", now_s)
    yield made
    made.desk.node.journal.close()
