"""Find the reader for a file by its name, and make a network of what it reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stopline.errors import BadInput
from stopline.network.builder import RawRoads, build_network
from stopline.network.read_settings import ReadSettings
from stopline.network.road_network import NO_TERRITORY

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.network.road_network import RoadNetwork

_OSM_ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2", ".osm.xml")
_GMNS_NAMES = ("node.csv", "link.csv")
_KINDS = ".osm.pbf, .osm, .osm.gz, .osm.bz2, .graphml, or a directory with node.csv and link.csv"


def is_osm(source: str) -> bool:
    """Whether a network's source is an OpenStreetMap file, whose roads are ways."""
    return source.lower().endswith(_OSM_ENDINGS)


def kind_of(path: Path, settings: ReadSettings | None = None) -> str:
    """Tell how a file is to be read: `osm`, `graphml` or `gmns`.

    Raises:
        BadInput: there is no such file, or its name says nothing.
    """
    if not path.exists():
        raise BadInput.single(str(path), "no such file", "a road network file")
    if settings is not None and settings.kind != "auto":
        return settings.kind
    name = path.name.lower()
    if path.is_dir() and not (path / _GMNS_NAMES[0]).exists():
        seen = "a folder without node.csv"
        raise BadInput.single(str(path), seen, f"a file of the roads, {_KINDS}")
    if path.is_dir() or name in _GMNS_NAMES:
        return "gmns"
    if name.endswith(_OSM_ENDINGS):
        return "osm"
    if name.endswith(".graphml"):
        return "graphml"
    raise BadInput.single(
        str(path),
        f"the name {path.name!r}",
        _KINDS,
    )


def files_of(path: Path, settings: ReadSettings) -> list[Path]:
    """List the files that a network depends on, in a fixed order."""
    files = [path]
    if kind_of(path, settings) == "gmns":
        from stopline.network.readers.gmns import (  # noqa: PLC0415
            gmns_beside,
            gmns_files,
            gmns_notice,
        )

        notice = gmns_notice(path)
        beside = gmns_beside(path)
        files = [*gmns_files(path), *beside, *([notice] if notice.is_file() else [])]
    if settings.territories not in ("auto", "none"):
        files.append(Path(settings.territories))
    return files


def read_network(
    path: Path | str,
    settings: ReadSettings | None = None,
    progress: Callable[[str, int], None] | None = None,
    *,
    digest: str = "",
) -> RoadNetwork:
    """Read a road network, without any cache.

    Args:
        path: an OpenStreetMap file, an OSMnx GraphML file, or a GMNS directory.
        settings: what to take from it; the defaults suit a car on public roads.
        progress: called with a word and a count, now and then.
        digest: what to write into the network as its digest.

    Returns:
        The network.

    Raises:
        BadInput: with every fault found.
    """
    if not isinstance(path, Path | str):
        raise BadInput.single("path", type(path).__name__, "a road network file or folder")
    path, settings = Path(path), settings or ReadSettings()
    raw = _read(path, settings, progress)
    if settings.territories not in ("auto", "none"):
        from stopline.network.territory import locate, read_geojson  # noqa: PLC0415

        areas = read_geojson(Path(settings.territories), settings.territory_property)
        raw.territories, raw.junction_territory = locate(areas, raw.junction_lon, raw.junction_lat)
    if settings.default_territory:
        _fill_territory(raw, settings.default_territory)
    raw.digest = digest
    return build_network(raw)


def _read(
    path: Path, settings: ReadSettings, progress: Callable[[str, int], None] | None
) -> RawRoads:
    """Call the reader; each loads its own parser library, so it is imported only here."""
    kind = kind_of(path, settings)
    if kind == "osm":
        from stopline.network.readers.osm import read_osm  # noqa: PLC0415

        return read_osm(path, settings, progress)
    if kind == "graphml":
        from stopline.network.readers.graphml import read_graphml  # noqa: PLC0415

        return read_graphml(path, settings)
    from stopline.network.readers.gmns import read_gmns  # noqa: PLC0415

    return read_gmns(path, settings)


def _fill_territory(raw: RawRoads, name: str) -> None:
    """Give all junctions without a territory to the one named."""
    if name not in raw.territories:
        raw.territories = (*raw.territories, name)
    known = np.broadcast_to(np.asarray(raw.junction_territory), np.shape(raw.junction_lon))
    raw.junction_territory = np.where(known == NO_TERRITORY, raw.territories.index(name), known)
