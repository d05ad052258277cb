"""Seeds of random problems, as for sealing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> Callable[[int, int], range]:
    """Seeds of a block of problems: `seeds(first, count)`; another `--seed`, other problems."""
    offset = (request.config.getoption("--seed") - 1) * 1_000_000
    return lambda first, count: range(offset + first, offset + first + count)
