"""Exits and territories of the region as the map shows them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np
from pydantic import BaseModel, Field

if TYPE_CHECKING:
    from stopline.console.region import RegionRoads


_SIZE: Final = 1000.0
_MOST: Final = 4000  # sections of a drawing
_COARSE: Final = 1.2


class DrawnRoads(BaseModel):
    """All roads of one width as a path."""

    c: int = Field(description="width, 1 the widest to 5")
    d: str = Field(description="path of SVG")


class DrawingShown(BaseModel):
    """The roads as paths, for a browser that cannot draw the map itself."""

    width: float = Field(description="of the drawing")
    height: float = Field(description="of the drawing")
    west: float = Field(description="degrees at x = 0")
    north: float = Field(description="degrees at y = 0")
    x_per_degree: float = Field(description="units to the east for each degree")
    y_per_degree: float = Field(description="units to the south for each degree")
    roads: list[DrawnRoads] = Field(description="the roads, narrow ones first")


def drawing(roads: RegionRoads) -> DrawingShown:
    """Draw the widest and longest roads in a box, true to scale in its middle."""
    west, south, east, north = roads.tiles.bounds()
    squeeze = math.cos(math.radians((south + north) / 2))
    scale = _SIZE / max((east - west) * squeeze, north - south, 1e-9)
    x_per, y_per = scale * squeeze, scale
    network, width = roads.network, roads.tiles.widths
    kept = np.lexsort((-network.section_length_m, width))[:_MOST]
    paths: dict[int, list[str]] = {}
    for section in kept.tolist():
        points = network.geometry(section)
        at = np.column_stack(((points[:, 0] - west) * x_per, (north - points[:, 1]) * y_per))
        far = np.abs(np.diff(at, axis=0, prepend=at[:1] + _SIZE)).max(axis=1) >= _COARSE
        far[-1] = True
        steps = "L".join(f"{x:.0f} {y:.0f}" for x, y in at[far])
        paths.setdefault(int(width[section]), []).append(f"M{steps}")
    return DrawingShown(
        width=(east - west) * x_per, height=(north - south) * y_per, west=west, north=north,
        x_per_degree=x_per, y_per_degree=y_per,
        roads=[DrawnRoads(c=c, d="".join(paths[c])) for c in sorted(paths, reverse=True)],
    )  # fmt: skip


def exit_places(roads: RegionRoads) -> list[tuple[str, float, float]]:
    """Name and position of each exit, once for each name."""
    found: dict[str, tuple[str, float, float]] = {}
    problem = None if roads.scenario is None else roads.scenario.problem
    for one in () if problem is None else problem.exits:
        middle = roads.middle_of(f"{one.kind} {one.index}")
        if middle is not None:
            found.setdefault(one.name, (one.name, *middle))
    return list(found.values())


def own_territories(roads: RegionRoads) -> list[str]:
    """The territories that the exits enclose: the first side's of the scenario, or all."""
    if roads.scenario is None or not roads.scenario.sides:
        return list(roads.network.territories)
    first = next(iter(roads.scenario.sides.values()))
    return [name for name in first.territories if name in roads.network.territories]
