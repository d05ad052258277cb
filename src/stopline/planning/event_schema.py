"""The form of an event file: every key, what it may hold, and what to expect instead.

Keys that a scenario has too (network, sides, vehicle, places, exits, units, sites, rules) mean the
same here. docs/formats/event.md names every field, and a test holds it to that.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from stopline.event.camera_count import IEC_62676_4, PICTURE_CLASSES
from stopline.event.force_rules import Risk  # noqa: TC001  (pydantic reads the annotations)
from stopline.event.ring import MOST_LAYERS, MOST_PRICE
from stopline.scenario.fields import (
    Form,
    Lat,
    Lon,
    Metres,
    Number,
    Time,
    as_list,
    known_class_list,
    known_road_classes,
    refuse,
)
from stopline.scenario.network_schema import NetworkForm  # noqa: TC001  (pydantic needs it)
from stopline.scenario.schema import (
    CircleForm,
    ExitForm,
    PlaceForm,
    RulesForm,
    SideForm,
    SitesForm,
    VehicleForm,
    sites_in_full,
)

Cost = Annotated[int, Field(ge=0, le=MOST_PRICE)]
Classes = Annotated[list[str], BeforeValidator(as_list), AfterValidator(known_class_list)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Name = Annotated[str, Field(pattern=r"\S")]
Corner = Annotated[list[float], Field(min_length=2, max_length=2)]


def _polygon(value: list[list[float]]) -> list[list[float]]:
    for lon, lat in value:
        if not (abs(lon) <= 180 and abs(lat) <= 90):  # noqa: PLR2004
            refuse("corners as [lon, lat] in degrees", f"[{lon:g}, {lat:g}]")
    return value


Polygon = Annotated[list[Corner], Field(min_length=3), AfterValidator(_polygon)]


class SpotForm(Form):
    """A place on a road: exactly one way to say where."""

    name: str = Field(default="", description="what people call it")
    lon: Lon | None = Field(default=None, description="longitude in degrees from -180 to 180")
    lat: Lat | None = Field(default=None, description="latitude in degrees from -90 to 90")
    section: Number | None = Field(default=None, description="number of a section")
    fraction: float | None = Field(
        default=None, ge=0, le=1, description="part of the section from its tail, 0 to 1"
    )

    @model_validator(mode="after")
    def _one(self) -> SpotForm:
        if (self.lon is None) != (self.lat is None):
            refuse("lon and lat together", "one of them")
        if (self.lon is None) == (self.section is None):
            refuse("exactly one of lon and lat, section")
        if self.fraction is not None and self.section is None:
            refuse("fraction only beside section")
        return self


class AreaForm(Form):
    """An area: a polygon, or a circle."""

    polygon: Polygon | None = Field(
        default=None, description="a list of at least three corners, each [lon, lat]"
    )
    circle: CircleForm | None = Field(default=None, description="{lon, lat, radius_m}")

    @model_validator(mode="after")
    def _one(self) -> AreaForm:
        if (self.polygon is None) == (self.circle is None):
            refuse("exactly one of polygon, circle")
        return self


class VenueForm(Form):
    """Where the event is: an area, gates to the roads, or both."""

    name: Name = Field(description="what people call it")
    polygon: Polygon | None = Field(
        default=None, description="a list of at least three corners, each [lon, lat]"
    )
    circle: CircleForm | None = Field(default=None, description="{lon, lat, radius_m}")
    gates: list[SpotForm] = Field(
        default_factory=list, description="where vehicles leave it: a list of places on roads"
    )

    @model_validator(mode="after")
    def _some(self) -> VenueForm:
        if self.polygon is not None and self.circle is not None:
            refuse("polygon or circle, not both")
        if self.polygon is None and self.circle is None and not self.gates:
            refuse("polygon, circle or gates")
        return self


class PhaseForm(Form):
    """A part of the event."""

    name: Name = Field(description="what people call it")
    start: Time = Field(alias="from", description="a time with zone: when it begins")
    until: Time = Field(description="a time with zone: when it ends")
    crowd: int = Field(
        default=0, ge=0, le=10_000_000, description="a whole number >= 0: spectators expected"
    )
    pedestrians: AreaForm | None = Field(
        default=None, description="where people walk: {polygon: ...} or {circle: ...}"
    )
    posts: dict[str, Annotated[int, Field(ge=0, le=100_000)]] = Field(
        default_factory=dict, description="number of posts by kind, whole numbers >= 0"
    )

    @model_validator(mode="after")
    def _ordered(self) -> PhaseForm:
        if self.until <= self.start:
            refuse("until after from", self.until.isoformat())
        return self


class RiskForm(Form):
    """How dangerous the event is, and why."""

    level: Risk = Field(description="low, medium, high or severe")
    reasons: Annotated[list[str], BeforeValidator(as_list), Field(min_length=1)] = Field(
        description="at least one reason, in words"
    )


class CameraTypeForm(Form):
    """A kind of camera."""

    name: Name = Field(description="what people call it")
    cost: Cost = Field(description="a whole number >= 0: what one costs")
    pixels: Annotated[int, Field(ge=1, le=100_000)] = Field(
        description="a whole number >= 1: pixels across the picture"
    )
    frames_per_s: float = Field(default=25.0, gt=0, le=10_000, description="a number > 0")
    shutter_ms: float = Field(
        default=1.0,
        gt=0,
        le=1000,
        description="a number > 0: milliseconds that the shutter is open at night",
    )
    depth_m: float = Field(
        default=12.0,
        gt=0,
        le=1000,
        description="a number > 0: metres of road on which a plate can be read",
    )
    frames: Count = Field(
        default=3, description="a whole number >= 1: pictures that a confirmed read needs"
    )
    detection: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="a number above 0, at most 1: of the vehicles that pass, how many it reads",
    )


class PriceForm(Form):
    """What a camera costs at one place, or that none may stand there."""

    section: Number | None = Field(default=None, description="number of a section")
    road: str | None = Field(default=None, description="name of a road, for all its sections")
    cost: Cost | None = Field(
        default=None, description="a whole number >= 0; nothing: no camera may stand there"
    )

    @model_validator(mode="after")
    def _one(self) -> PriceForm:
        if (self.section is None) == (self.road is None):
            refuse("exactly one of section, road")
        return self


class MastForm(Form):
    """A site that sees several roads for one price."""

    name: Name = Field(description="what people call it")
    cost: Cost = Field(description="a whole number >= 0")
    sections: list[Number] = Field(min_length=1, description="numbers of the sections it sees")
    detection: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="a number above 0, at most 1: of the vehicles that pass, how many it reads",
    )


class CamerasForm(Form):
    """The camera ring."""

    layers: Annotated[int, Field(ge=1, le=MOST_LAYERS)] = Field(
        default=1, description="a whole number >= 1: cameras that every route must pass"
    )
    directions: Literal["outward", "inward", "both"] = Field(
        default="outward", description="outward, inward or both"
    )
    within_s: float | None = Field(
        default=None, gt=0, le=86400, description="a number > 0: seconds by which all must be seen"
    )
    table_s: list[Annotated[float, Field(gt=0, le=86400)]] = Field(
        default_factory=lambda: [60.0, 120.0, 180.0, 300.0, 600.0],
        max_length=50,
        description="numbers > 0: seconds for which the cost is told",
    )
    classes: Classes = Field(
        default_factory=list, description="road classes where cameras may stand; empty for all"
    )
    exclude: Annotated[list[Any], BeforeValidator(as_list)] = Field(
        default_factory=list, description="section numbers or road names without cameras"
    )
    types: list[CameraTypeForm] = Field(
        default_factory=list, description="kinds of camera; none: each site costs site_cost"
    )
    site_cost: Cost = Field(
        default=1, description="a whole number >= 0: what a site costs beside its cameras"
    )
    most_per_site: Annotated[int, Field(ge=1, le=64)] = Field(
        default=1,
        description="a whole number >= 1: cameras in a row on one section that count apart",
    )
    prices: list[PriceForm] = Field(
        default_factory=list, description="a list of {section or road, cost}"
    )
    junction_cost: Cost | None = Field(
        default=None,
        description="a whole number >= 0: what a camera costs that sees a whole junction",
    )
    existing: list[SpotForm] | str = Field(
        default_factory=list, description="cameras that stand already: a list, or a CSV's path"
    )
    picture_class: str | None = Field(
        default=None,
        alias="class",
        description=f"reader, or of IEC 62676-4: {', '.join(IEC_62676_4)}",
    )
    pixels_per_m: float | None = Field(
        default=None, gt=0, le=10_000, description="in place of class, a number > 0"
    )
    widths_m: Annotated[
        dict[str, Annotated[float, Field(gt=0, le=100)]], AfterValidator(known_road_classes)
    ] = Field(default_factory=dict, description="width of the carriageway by road class, metres")
    masts: list[MastForm] = Field(
        default_factory=list, description="sites that see several roads for one price"
    )
    probability: float | None = Field(
        default=None,
        gt=0,
        lt=1,
        description="a number between 0 and 1: with which every route must be seen",
    )

    @model_validator(mode="after")
    def _sound(self) -> CamerasForm:
        if self.picture_class is not None and self.picture_class not in PICTURE_CLASSES:
            refuse(f"a class of {', '.join(PICTURE_CLASSES)}", self.picture_class)
        if self.picture_class is not None and self.pixels_per_m is not None:
            refuse("class or pixels_per_m, not both", "both")
        if (self.masts or self.probability is not None) and self.junction_cost is not None:
            refuse("junction_cost only without masts and probability", "junction_cost beside them")
        return self


class BarriersForm(Form):
    """Barriers that keep vehicles from where people walk."""

    cost: Cost = Field(default=1, description="a whole number >= 0: what one costs")
    classes: Classes = Field(
        default_factory=list, description="road classes where barriers may stand; empty for all"
    )
    exclude: Annotated[list[Any], BeforeValidator(as_list)] = Field(
        default_factory=list, description="section numbers or road names without barriers"
    )
    existing: list[SpotForm] | str = Field(
        default_factory=list, description="barriers that stand already: a list, or a CSV's path"
    )
    from_m: Metres = Field(
        default=1000.0, description="a number > 0: metres around the area from where vehicles come"
    )
    rescue: SpotForm | None = Field(
        default=None, description="where ambulances come from; else the widest road is openable"
    )


class ShiftForm(Form):
    """People of a unit on duty for a time."""

    unit: Name = Field(description="the id of a unit")
    people: Count = Field(description="how many, a whole number >= 1")
    start: Time = Field(alias="from", description="a time with zone: when it begins")
    until: Time = Field(description="a time with zone: when it ends")
    service: str = Field(
        default="", description="its service; that of the unit under units if not given"
    )

    @model_validator(mode="after")
    def _ordered(self) -> ShiftForm:
        if self.until <= self.start:
            refuse("until after from", self.until.isoformat())
        return self


class EventForm(Form):
    """A whole event file."""

    name: Name = Field(description="a name")
    description: str = Field(default="", description="text")
    network: NetworkForm = Field(description="the road network: at least {path: FILE}")
    sides: dict[str, SideForm] = Field(min_length=1, description="at least one side")
    vehicle: VehicleForm = Field(default_factory=VehicleForm, description="how it drives")
    venue: VenueForm = Field(description="where it is: {name, polygon or circle, gates}")
    phases: list[PhaseForm] = Field(min_length=1, description="at least one phase")
    risk: RiskForm = Field(description="{level, reasons}")
    places: dict[str, PlaceForm] = Field(default_factory=dict, description="places by name")
    exits: list[ExitForm] = Field(
        default_factory=list, description="where the vehicle must not get, as in a scenario"
    )
    radius_m: Metres | None = Field(
        default=None,
        validate_default=True,
        description="in place of exits: all roads so far from the venue, metres",
    )
    allow_unreachable: bool = Field(default=False, description="true or false")
    cameras: CamerasForm = Field(default_factory=CamerasForm, description="the camera ring")
    barriers: BarriersForm = Field(default_factory=BarriersForm, description="the barriers")
    units: Annotated[list[Any], BeforeValidator(as_list)] = Field(
        default_factory=list, description="a path or paths of CSV or GeoJSON, or a list"
    )
    shifts: list[ShiftForm] | str = Field(
        default_factory=list, description="who is on duty when: a list, or the path of a CSV"
    )
    roster_gaps: bool = Field(
        default=False, description="true: a service may have nobody on duty for a time"
    )
    force_rules: str | None = Field(
        default=None, description="the path of a rule table (docs/formats/event.md)"
    )
    sites: Annotated[SitesForm, BeforeValidator(sites_in_full)] = Field(
        default_factory=SitesForm, description="sections, junctions, or a mapping"
    )
    rules: RulesForm = Field(default_factory=RulesForm, description="rules of sealing that night")

    @field_validator("radius_m")
    @classmethod
    def _exits(cls, value: float | None, known: ValidationInfo) -> float | None:
        if "exits" in known.data and bool(known.data["exits"]) == (value is not None):
            seen = "both" if value is not None else "neither"
            refuse("exactly one of exits, radius_m", seen)
        return value
