"""What tests of people share: a house with people in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.people.house import House

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House.make(tmp_path)
    yield made
    made.both.close()
