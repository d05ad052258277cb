"""What tests of the review share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import Case

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """Two desks for the rooms where the sides meet."""
    made = Case(tmp_path)
    yield made
    made.both.close()
