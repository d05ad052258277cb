"""The part of a scenario's form that says which road network, and how to read it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from stopline.scenario.fields import Form, Kmh, known_road_classes, refuse


class TerritoriesForm(Form):
    """Where the territory of each junction comes from."""

    source: Literal["file", "none"] | None = Field(
        default=None, alias="from", description="file (the borders in it) or none"
    )
    geojson: str | None = Field(default=None, description="path of a GeoJSON with areas")
    property_name: str = Field(
        default="name", alias="property", description="the property that names an area"
    )
    column: str | None = Field(default=None, description="name of a column of node.csv")
    default: str = Field(default="", description="territory of junctions in none of the areas")

    @model_validator(mode="after")
    def _one(self) -> TerritoriesForm:
        if sum(part is not None for part in (self.source, self.geojson, self.column)) != 1:
            refuse("exactly one of from: file, geojson: PATH, column: NAME")
        return self


class NetworkForm(Form):
    """Which road network, and how to read it."""

    path: str = Field(
        description="path of an OSM, GraphML or GMNS network, from this file's folder"
    )
    kind: Literal["osm", "graphml", "gmns"] | None = Field(
        default=None, description="osm, graphml or gmns; by the file's name if not given"
    )
    length_unit: Literal["m", "km", "mi", "ft"] | None = Field(
        default=None, description="m, km, mi or ft: the unit of length in a GMNS link.csv"
    )
    speed_unit: Literal["kmh", "mph", "mps", "knots"] | None = Field(
        default=None,
        description="kmh, mph, mps or knots: the unit of free_speed in a GMNS link.csv",
    )
    crs: str = Field(
        default="",
        max_length=200,
        description="what x and y of a GMNS or GraphML file are, as EPSG:2056; left out: degrees",
    )
    include_service: bool = Field(default=True, description="true or false")
    include_tracks: bool = Field(default=True, description="true or false")
    include_private: bool = Field(default=True, description="true or false")
    include_forbidden: bool = Field(default=True, description="true or false")
    include_paths: bool = Field(default=False, description="true or false")
    include_ferries: bool = Field(default=False, description="true or false")
    class_speed_kmh: Annotated[dict[str, Kmh], AfterValidator(known_road_classes)] = Field(
        default_factory=dict, description="km/h by road class, numbers > 0"
    )
    no_limit_kmh: Kmh = Field(default=150.0, description="km/h, a number > 0")
    territories: TerritoriesForm | None = Field(
        default=None, description="{from: file}, {geojson: PATH} or {column: NAME}"
    )
