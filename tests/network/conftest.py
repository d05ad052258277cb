"""Readers of small documents, for all tests of the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from stopline.network.read_settings import ReadSettings
from stopline.network.reading import read_network
from stopline.testing.osm_text import osm_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from stopline.network.road_network import RoadNetwork

LINE = {number: (9.5 + 0.001 * number, 47.1) for number in range(1, 10)}


@pytest.fixture
def read_osm_text(tmp_path: Path) -> Callable[..., RoadNetwork]:
    """Write a document and read it; keyword arguments are settings' fields."""

    def read(text: str, **settings: object) -> RoadNetwork:
        path = tmp_path / "small.osm"
        path.write_text(text)
        return read_network(path, ReadSettings(**settings))  # type: ignore[arg-type]

    return read


@pytest.fixture
def read_tags(read_osm_text: Callable[..., RoadNetwork]) -> Callable[..., RoadNetwork | None]:
    """Read one way with tags beside a plain one; None if it is left out."""

    def read(tags: dict[str, str], **settings: object) -> RoadNetwork | None:
        text = osm_text(LINE, [(1, [1, 2], tags), (2, [8, 9], {"highway": "primary"})])
        network = read_osm_text(text, **settings)
        return network if 1 in network.section_id else None

    return read
