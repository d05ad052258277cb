"""The region on the map: vector tiles of its roads, borders, places, exits, and search."""

import asyncio
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from stopline.console.dependencies import console_of
from stopline.console.openapi import answers
from stopline.console.routes.incident import READ, Who
from stopline.console.tiles.network_tiles import DEEPEST, TileName
from stopline.console.views.region import (
    DrawingShown,
    drawing,
    exit_places,
    own_territories,
)
from stopline.errors import UnknownName
from stopline.operation.core.command import IncidentName
from stopline.operation.core.state import NodeState

MEDIA: Final = "application/vnd.mapbox-vector-tile"
_YEAR_S: Final = 31_536_000
Incident = Annotated[
    IncidentName | None, Query(description="whose plan's roads; the node's region if left out")
]
regions = APIRouter(tags=["map"])


class PlaceShown(BaseModel):
    """A place with a name."""

    name: str = Field(description="what people call it")
    lon: float = Field(description="WGS 84 degrees")
    lat: float = Field(description="WGS 84 degrees")


class BorderShown(BaseModel):
    """A territory as a GeoJSON feature."""

    type: str = Field(description="Feature")
    properties: dict[str, str | bool] = Field(description="its name; line: a border to draw")
    geometry: dict[str, Any] = Field(description="polygons, or the lines to draw, GeoJSON")


class RegionShown(BaseModel):
    """What the map is made of."""

    digest: str = Field(description="of the network; tiles are asked for by it")
    sections: int = Field(description="sections of the network")
    bounds: tuple[float, float, float, float] = Field(description="west, south, east, north")
    deepest: int = Field(description="the deepest zoom that there are tiles of")
    attribution: str = Field(description="who must be named wherever the map is shown")
    territories: list[str] = Field(description="names of the territories")
    own: list[str] = Field(description="those of this side, if the region says so")
    places: list[PlaceShown] = Field(description="named places")
    exits: list[PlaceShown] = Field(description="where the vehicle must not get")
    borders: list[BorderShown] = Field(description="territories near the roads, if known")


class FoundShown(BaseModel):
    """A road or place that was found."""

    name: str = Field(description="of the road or place")
    near: str = Field(description="the nearest named place; empty for none")
    lon: float = Field(description="WGS 84 degrees")
    lat: float = Field(description="WGS 84 degrees")
    section: int | None = Field(description="section of the network; null for a place")


@regions.get(
    "/v1/region", operation_id="region", responses=answers(404, 422), openapi_extra=READ,
)  # fmt: skip
async def region(request: Request, asker: Who, incident: Incident = None) -> RegionShown | None:
    """Bounds, places, exits and borders; null where the node knows no roads."""
    roads = await _roads(request, asker, incident)
    if roads is None:
        return None

    def made() -> RegionShown:
        network = roads.network
        return RegionShown(
            digest=network.digest, sections=network.sections, bounds=roads.tiles.bounds(),
            deepest=DEEPEST, attribution=network.attribution,
            territories=list(network.territories), own=own_territories(roads),
            places=[PlaceShown(name=p.name, lon=p.lon, lat=p.lat) for p in roads.places],
            exits=[PlaceShown(name=n, lon=x, lat=y) for n, x, y in exit_places(roads)],
            borders=[BorderShown(**one) for one in roads.borders],
        )  # fmt: skip

    return await asyncio.to_thread(made)


@regions.get(
    "/v1/region/drawing", operation_id="region-drawing", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def drawn(request: Request, asker: Who, incident: Incident = None) -> DrawingShown | None:
    """The roads as paths of SVG, for a browser that cannot draw tiles."""
    roads = await _roads(request, asker, incident)
    return None if roads is None else await asyncio.to_thread(drawing, roads)


@regions.get(
    "/v1/region/search", operation_id="search-region", responses=answers(404, 422),
    openapi_extra=READ,
)  # fmt: skip
async def search(
    request: Request,
    asker: Who,
    q: Annotated[str, Query(min_length=1, max_length=80, description="part of a name")],
    incident: Incident = None,
) -> list[FoundShown]:
    """Roads and places by name, those that begin with it first."""
    roads = await _roads(request, asker, incident)
    if roads is None:
        return []
    found = await asyncio.to_thread(roads.search, q)
    return [
        FoundShown(name=f.name, near=f.near, lon=f.lon, lat=f.lat, section=f.section) for f in found
    ]


@regions.get(
    "/v1/tiles/{digest}/{z}/{x}/{y}", operation_id="tile",
    responses={
        200: {"description": "Mapbox Vector Tile 2.1, layer `roads`, gzip",
              "content": {MEDIA: {"schema": {"type": "string", "format": "binary"}}}},
        204: {"description": "No road lies there"},
        **answers(404, 422),
    },
    response_class=Response, openapi_extra=READ,
)  # fmt: skip
async def tile(
    request: Request,
    asker: Who,
    digest: Annotated[
        str, Path(pattern="^[0-9a-f]{1,64}$", description="hexadecimal digest of the network")
    ],
    z: Annotated[int, Path(ge=0, le=DEEPEST, description="zoom")],
    x: Annotated[int, Path(ge=0, description="column")],
    y: Annotated[int, Path(ge=0, description="row, 0 in the north")],
) -> Response:
    """A tile of the roads; its feature ids are section numbers. It may be kept for good."""
    console = console_of(request)
    await console.look(lambda book: asker.need("map", book))
    name = TileName(z, x, y)
    if not name.exists():
        raise UnknownName(f"tile {z}/{x}/{y}")

    def made() -> bytes:
        return console.region.tiles(digest).tile(name)

    data = await asyncio.to_thread(made)
    kept = {"cache-control": f"private, max-age={_YEAR_S}, immutable"}
    if not data:
        return Response(status_code=204, headers=kept)
    return Response(data, media_type=MEDIA, headers={**kept, "content-encoding": "gzip"})


async def _roads(request: Request, asker: Who, incident: str | None) -> Any:  # noqa: ANN401
    console = console_of(request)

    def allowed(book: NodeState) -> None:
        asker.need("map", book)

    await console.look(allowed)
    return await console.roads(incident)
