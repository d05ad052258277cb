from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served.make(tmp_path)
    yield made
    made.close()
