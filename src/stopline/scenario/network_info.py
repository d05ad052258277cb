"""What is in a road network file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from stopline.errors import BadInput
from stopline.network.cache import cache_place, open_network
from stopline.network.info import describe
from stopline.network.read_settings import ReadSettings
from stopline.scenario.network import counting

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.network.info import NetworkInfo


def network_info(
    path: Path, *, progress: Callable[[str, float], None] | None = None
) -> NetworkInfo:
    """Open a network with the default settings and describe it.

    Raises:
        BadInput: there is no such network, or it cannot be read.
    """
    if not path.exists():
        raise BadInput.single(str(path), "no such file", "a road network that exists")
    started = time.perf_counter()
    settings = ReadSettings()
    network = open_network(path, settings, counting(path, progress))
    seconds = time.perf_counter() - started
    return describe(network, cache=cache_place(path, settings), seconds=seconds)
