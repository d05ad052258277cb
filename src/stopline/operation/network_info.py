"""What is in a road network file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from stopline.errors import BadInput
from stopline.network.cache import open_network
from stopline.network.info import describe
from stopline.network.read_settings import ReadSettings
from stopline.operation.scenario_network import counting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def network_info(
    path: Path, *, progress: Callable[[str, float], None] | None = None
) -> dict[str, Any]:
    """Open a network with the default settings and describe it.

    Raises:
        BadInput: there is no such network, or it cannot be read.
    """
    if not path.exists():
        raise BadInput.single(str(path), "no such file", "a road network that exists")
    facts: dict[str, Any] = dict(
        describe(open_network(path, ReadSettings(), counting(path, progress)))
    )
    return facts
