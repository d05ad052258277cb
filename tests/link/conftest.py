"""Paired nodes, fresh for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.link.pairs import Pair

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    made = Pair(tmp_path)
    yield made
    made.close()
