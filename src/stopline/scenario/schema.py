"""The form of a scenario file: every key, what it may hold, and what to expect instead.

The description of a field is what a person is told to write there; docs/formats/scenario.md
names every field, and a test holds it to that.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from stopline.network.drive_graph import MIN_SPEED_KMH
from stopline.scenario.fields import (
    DEFAULT,
    OBJECTIVES,
    Form,
    Kmh,
    Lat,
    Lon,
    Metres,
    Number,
    Objective,
    Seconds,
    SecondsByClass,
    StrengthByClass,
    Time,
    Words,
    ZoneName,
    as_list,
    known_class_list,
    known_road_classes,
    refuse,
)
from stopline.scenario.network_schema import NetworkForm  # noqa: TC001  (pydantic needs it)


class SideForm(Form):
    """A side."""

    name: str = Field(default="", description="what people call it")
    territories: Annotated[list[str], BeforeValidator(as_list)] = Field(
        default_factory=list, description="its territories in the network, for example [LI], or all"
    )
    colour: str = Field(
        default="", pattern="^(#[0-9a-fA-F]{6})?$", description="a colour like '#1f77b4'"
    )
    agencies: Annotated[list[str], BeforeValidator(as_list)] = Field(
        default_factory=list, description="names of its services, for example [police, army]"
    )


class VehicleForm(Form):
    """How the fleeing vehicle drives."""

    speed_factor: float = Field(
        default=1.3, gt=0, le=10, description="times the speed limit, a number > 0"
    )
    obeys_one_way: bool = Field(default=False, description="true or false")
    obeys_turn_bans: bool = Field(default=False, description="true or false")
    obeys_access_signs: bool = Field(default=False, description="true or false")
    uses_fords: bool = Field(default=True, description="true or false")
    min_speed_kmh: float = Field(
        default=MIN_SPEED_KMH, ge=0, le=1000, description="km/h, a number >= 0"
    )
    max_speed_kmh: Kmh | None = Field(default=None, description="km/h, a number > 0")
    class_speed_kmh: Annotated[dict[str, Kmh], AfterValidator(known_road_classes)] = Field(
        default_factory=dict, description="km/h by road class, numbers > 0"
    )

    @model_validator(mode="after")
    def _ordered(self) -> VehicleForm:
        slow = self.max_speed_kmh is not None and self.max_speed_kmh < self.min_speed_kmh
        if slow and "min_speed_kmh" in self.model_fields_set:
            refuse("max_speed_kmh of at least min_speed_kmh", f"{self.max_speed_kmh:g}")
        return self


class PlaceForm(Form):
    """A named place."""

    lon: Lon = Field(description="longitude in degrees from -180 to 180")
    lat: Lat = Field(description="latitude in degrees from -90 to 90")
    radius_m: Metres | None = Field(default=None, description="metres, a number > 0")


class ExitPlaceForm(Form):
    """A place to keep the vehicle from: one under `places` by its name, or one given here."""

    name: str = Field(description="the name of the place")
    lon: Lon | None = Field(default=None, description="longitude in degrees from -180 to 180")
    lat: Lat | None = Field(default=None, description="latitude in degrees from -90 to 90")
    radius_m: Metres | None = Field(default=None, description="metres, a number > 0")

    @model_validator(mode="after")
    def _whole(self) -> ExitPlaceForm:
        if (self.lon is None) != (self.lat is None):
            refuse("lon and lat together", "one of them")
        return self


def _place_by_name(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class CircleForm(Form):
    """A circle on the map."""

    lon: Lon = Field(description="longitude in degrees from -180 to 180")
    lat: Lat = Field(description="latitude in degrees from -90 to 90")
    radius_m: Metres = Field(description="metres, a number > 0")


class SightingForm(Form):
    """A report of the vehicle, or of its absence: exactly one way to say what."""

    name: str = Field(default="", description="what people call it; a retraction names it")
    at: Time = Field(description="a time with zone: when it happened, or began")
    until: Time | None = Field(default=None, description="a time with zone: when it ended")
    known: Time | None = Field(
        default=None, description="a time with zone: when it became known; else when it ended"
    )
    source: str = Field(default="", description="who says so")
    lon: Lon | None = Field(default=None, description="longitude in degrees from -180 to 180")
    lat: Lat | None = Field(default=None, description="latitude in degrees from -90 to 90")
    junction: Number | None = Field(default=None, description="number of a junction")
    section: Number | None = Field(default=None, description="number of a section")
    fraction: float | None = Field(
        default=None, ge=0, le=1, description="part of the section from its tail, 0 to 1"
    )
    place: str | None = Field(default=None, description="a name under places")
    radius_m: Metres | None = Field(default=None, description="metres, a number > 0")
    heading_deg: float | None = Field(
        default=None, ge=0, le=360, description="degrees clockwise from north, 0 to 360"
    )
    grade: str = Field(
        default="B2", pattern="^[A-F][1-6]$", description="reliability A to F and 1 to 6, as B2"
    )
    confirmed: bool = Field(
        default=False, description="true: it was there for certain, so earlier places are past"
    )
    camera: Number | None = Field(default=None, description="number of a section: a camera hit")
    confidence: float = Field(default=0.95, ge=0, le=1, description="of a read, from 0 to 1")
    silent: Number | None = Field(
        default=None, description="number of a section: watched, and nothing was seen"
    )
    detection: float = Field(default=0.9, ge=0, le=1, description="of a watcher, from 0 to 1")
    visible: bool = Field(default=False, description="true: drivers see the watcher and may turn")
    forward: bool | None = Field(
        default=None, description="direction of a camera: true from the section's tail to its head"
    )
    heading: str | None = Field(default=None, description="name of a destination: hearsay")
    retracts: str | None = Field(default=None, description="name of the sighting that was wrong")

    @model_validator(mode="after")
    def _one(self) -> SightingForm:
        if (self.lon is None) != (self.lat is None):
            refuse("lon and lat together", "one of them")
        given = (self.lon, self.junction, self.section, self.place, *self._not_places())
        if sum(part is not None for part in given) != 1:
            refuse(f"exactly one of lon and lat, {', '.join(SIGHTING_KINDS)}")
        if self.fraction is not None and self.section is None:
            refuse("fraction only beside section")
        if self.radius_m is not None and self.lon is None and self.place is None:
            refuse("radius_m only beside lon and lat, or place")
        if self.until is not None and self.until < self.at:
            refuse("until after at", self.until.isoformat())
        if self.silent is not None and self.until is None:
            refuse("until beside silent: when the watch ended, or now")
        if self.confirmed and (self.camera is None and any(x is not None for x in given[4:])):
            refuse("confirmed only of the vehicle itself")
        return self

    def _not_places(self) -> tuple[object, ...]:
        return (self.camera, self.silent, self.heading, self.retracts)

    @property
    def is_positive(self) -> bool:
        """Whether it says that the vehicle was somewhere."""
        return self.silent is None and self.heading is None and self.retracts is None


SIGHTING_KINDS: Final = (
    "junction", "section", "place", "camera", "silent", "heading", "retracts",
)  # fmt: skip


class DestinationForm(Form):
    """Where the vehicle may be heading, beside the exits."""

    place: str = Field(description="a name under places")
    prior: float = Field(default=1.0, gt=0, le=1e6, description="its weight beside an exit's")


class BeliefForm(Form):
    """How the belief is made."""

    destinations: list[DestinationForm] = Field(
        default_factory=list, description="a list of {place, prior}"
    )
    particles: int = Field(default=20_000, ge=100, le=5_000_000, description="number of samples")
    seed: int = Field(default=1, ge=0, description="of all chance, a whole number >= 0")
    speed_factor: float = Field(
        default=1.1, gt=0, le=10, description="times the limit that a driver in a hurry drives"
    )
    step_s: float | None = Field(default=None, gt=0, le=3600, description="seconds of a step")
    hide_per_h: float = Field(default=0.25, ge=0, le=3600, description="hides so often an hour")
    leave_per_h: float = Field(default=1.0, gt=0, le=3600, description="drives on, an hour")
    turn: float = Field(default=0.7, ge=0, le=1, description="turns before what it sees, 0 to 1")


class ExitForm(Form):
    """Where the vehicle must not get: exactly one way to say it."""

    name: str = Field(default="", description="what people call it")
    weight: float = Field(default=1.0, gt=0, le=1e9, description="a number > 0")
    crossings_of: Words | None = Field(default=None, description="a side or a list of sides")
    crossings_between: list[str] | None = Field(
        default=None, min_length=2, max_length=2, description="two sides, for example [LI, CH]"
    )
    beyond: CircleForm | None = Field(default=None, description="{lon, lat, radius_m}")
    place: Annotated[ExitPlaceForm | None, BeforeValidator(_place_by_name)] = Field(
        default=None, description="a name under places, or {name, lon, lat, radius_m}"
    )
    sections: list[Number] | None = Field(
        default=None, min_length=1, description="a list of section numbers"
    )
    junctions: list[Number] | None = Field(
        default=None, min_length=1, description="a list of junction numbers"
    )

    @model_validator(mode="after")
    def _one(self) -> ExitForm:
        kinds = EXIT_KINDS
        if sum(getattr(self, kind) is not None for kind in kinds) != 1:
            refuse(f"exactly one of {', '.join(kinds)}")
        return self


EXIT_KINDS: Final = (
    "crossings_of",
    "crossings_between",
    "beyond",
    "place",
    "sections",
    "junctions",
)


class CheckpointForm(Form):
    """A prepared checkpoint: exactly one way to say where."""

    name: str = Field(min_length=1, description="what people call it")
    lon: Lon | None = Field(default=None, description="longitude in degrees from -180 to 180")
    lat: Lat | None = Field(default=None, description="latitude in degrees from -90 to 90")
    section: Number | None = Field(default=None, description="number of a section")
    junction: Number | None = Field(default=None, description="number of a junction")
    need: int | None = Field(
        default=None, ge=1, le=1_000_000, description="the strength that closes it, >= 1"
    )
    setup_s: Seconds | None = Field(default=None, description="seconds, a number >= 0")

    @model_validator(mode="after")
    def _one(self) -> CheckpointForm:
        if (self.lon is None) != (self.lat is None):
            refuse("lon and lat together", "one of them")
        if sum(part is not None for part in (self.lon, self.section, self.junction)) != 1:
            refuse("exactly one of lon and lat, section, junction")
        return self


class OrderForm(Form):
    """An order that was given: a unit, and exactly one way to say where."""

    unit: str = Field(description="the id of a unit")
    post: str | None = Field(default=None, description="the name of a prepared checkpoint")
    section: Number | None = Field(default=None, description="number of a section")
    junction: Number | None = Field(default=None, description="number of a junction")
    lon: Lon | None = Field(default=None, description="longitude in degrees from -180 to 180")
    lat: Lat | None = Field(default=None, description="latitude in degrees from -90 to 90")

    @model_validator(mode="after")
    def _one(self) -> OrderForm:
        if (self.lon is None) != (self.lat is None):
            refuse("lon and lat together", "one of them")
        if (
            sum(part is not None for part in (self.post, self.section, self.junction, self.lon))
            != 1
        ):
            refuse("exactly one of post, section, junction, lon and lat")
        return self


class SitesForm(Form):
    """Which places may be sealed."""

    kind: Literal["sections", "junctions"] | None = Field(
        default=None, description="sections or junctions"
    )
    checkpoints: list[CheckpointForm] | None = Field(
        default=None, min_length=1, description="a list of checkpoints, or the path of a CSV"
    )
    checkpoint_file: str | None = Field(default=None, description="the path of a CSV")
    classes: Annotated[list[str], BeforeValidator(as_list), AfterValidator(known_class_list)] = (
        Field(default_factory=list, description="a list of road classes")
    )
    exclude: Annotated[list[Any], BeforeValidator(as_list)] = Field(
        default_factory=list, description="a list of section or junction numbers, or road names"
    )


def sites_in_full(value: object) -> object:
    """Let a word, or the path of a CSV, stand for a whole form of sites."""
    if isinstance(value, str):
        return {"kind": value}
    if isinstance(value, dict) and isinstance(value.get("checkpoints"), str):
        rest = {key: part for key, part in value.items() if key != "checkpoints"}
        return {**rest, "checkpoint_file": value["checkpoints"]}
    return value


class RulesForm(Form):
    """What holds for every seal, and what best means."""

    margin_s: Seconds = Field(default=60.0, description="seconds, a number >= 0")
    enough_margin_s: Seconds = Field(default=300.0, description="seconds, a number >= 0")
    setup_s: SecondsByClass = Field(
        default_factory=lambda: {DEFAULT: 60.0},
        description="seconds >= 0, or seconds by road class with a default",
    )
    strength: StrengthByClass = Field(
        default_factory=lambda: {DEFAULT: 1},
        description="a whole number >= 1, or numbers by road class with a default",
    )
    objective: Objective = Field(
        default_factory=lambda: ["margin", "units", "disturbance"],
        description=f"some of {', '.join(OBJECTIVES)}",
    )
    partial: Literal["combine", "contain", "cover", "intercept", "delay", "randomise"] = Field(
        default="combine",
        description="combine, contain, cover, intercept, delay or randomise",
    )
    time_limit_s: float = Field(
        default=30.0, gt=0, le=86400, description="seconds of computing, a number > 0"
    )
    keep_gain: float = Field(default=1.0, ge=0, le=1e6, description="units, a number >= 0")
    units_obey_one_way: bool = Field(default=True, description="true or false")
    units_cross_borders: bool = Field(default=False, description="true or false")
    units_obey_access_signs: bool = Field(default=True, description="true or false")
    units_open_gates: bool = Field(default=False, description="true or false")
    units_use_fords: bool = Field(default=False, description="true or false")
    units_use_ferries: bool = Field(default=False, description="true or false")
    max_snap_m: Metres = Field(default=2000.0, description="metres, a number > 0")
    assess: bool = Field(default=False, description="true or false")


class ScenarioForm(Form):
    """A whole scenario file."""

    name: str = Field(default="", description="a name")
    description: str = Field(default="", description="text")
    network: NetworkForm = Field(description="the road network: at least {path: FILE}")
    sides: dict[str, SideForm] = Field(
        default_factory=dict, description="sides by id; left out, those that the units name"
    )
    vehicle: VehicleForm = Field(default_factory=VehicleForm, description="how it drives")
    zone: ZoneName | None = Field(
        default=None, description="an IANA time zone in which times are told, as Europe/Vaduz"
    )
    now: Time = Field(description="a time with zone, for example 2026-06-12T21:30:00+02:00")
    places: dict[str, PlaceForm] = Field(default_factory=dict, description="places by name")
    sightings: list[SightingForm] = Field(min_length=1, description="at least one sighting")
    exits: list[ExitForm] = Field(min_length=1, description="at least one exit")
    belief: BeliefForm = Field(default_factory=BeliefForm, description="how the belief is made")
    allow_unreachable: bool = Field(default=False, description="true or false")
    units: Annotated[list[Any], BeforeValidator(as_list)] = Field(
        min_length=1, description="a path or paths of CSV or GeoJSON, or a list; at least one unit"
    )
    orders: list[OrderForm] = Field(default_factory=list, description="orders given already")
    sites: Annotated[SitesForm, BeforeValidator(sites_in_full)] = Field(
        default_factory=SitesForm, description="sections, junctions, or a mapping"
    )
    rules: RulesForm = Field(default_factory=RulesForm, description="the rules")
