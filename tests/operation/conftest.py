"""What tests of the operation share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from operation.liaison_case import Case
from operation.own_server import OwnServer, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def case(tmp_path: Path) -> Iterator[Case]:
    """Two desks for the rooms where the sides meet."""
    made = Case(tmp_path)
    yield made
    made.both.close()


@pytest.fixture
def seeds(request: pytest.FixtureRequest) -> Callable[[int, int], range]:
    """Seeds of a block of problems: `seeds(first, count)`; another `--seed`, other problems."""
    offset = (request.config.getoption("--seed") - 1) * 1_000_000
    return lambda first, count: range(offset + first, offset + first + count)


@pytest.fixture
def own_server() -> Iterator[OwnServer]:
    """A PostgreSQL server that may be killed."""
    with running() as server:
        yield server
