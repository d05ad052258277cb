"""Paired nodes, fresh for each test; journals on both databases where a test asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.journal.conftest import places, postgres_server
from tests.link.pairs import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["pair", "places", "postgres_server"]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.close()
