"""The form of an event plan, `stopline.event/1`: every key, what it holds, in which unit.

The description of a field is what docs/formats/event-plan.md and the JSON Schema say of it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import Field, ValidationError

from stopline.errors import BadInput, Fault, unreadable
from stopline.sealing.plan_file.schema import (  # noqa: TC001  (pydantic reads the annotations)
    Kind,
    Lat,
    Lon,
    NetworkPart,
    VehiclePart,
)
from stopline.sealing.plan_file.schema_base import Number, Part

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA: Final = "stopline.event/1"

Whole = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class VenuePart(Part):
    """Where the event is."""

    name: str = Field(description="what people call it")
    junctions: tuple[Number, ...] = Field(description="where vehicles begin")
    outline: tuple[tuple[float, float], ...] = Field(
        description="corners as longitude and latitude; empty for gates alone"
    )
    gates: tuple[str, ...] = Field(description="names of its gates")


class PricesPart(Part):
    """What a site costs, so that the proof can be added up."""

    by_class: dict[str, Whole | None] = Field(
        description="of a new one by road class; null: none may stand there"
    )
    sections: dict[str, Whole | None] = Field(
        description="the same by number of the section, where it differs from its class"
    )
    most: Whole = Field(description="new ones on one section")
    junction: Whole | None = Field(description="of one that sees a junction; null: none can")
    existing: tuple[tuple[Number, Share], ...] = Field(
        description="section, and the part of it from its tail, of each that stands already"
    )


class CameraPart(Part):
    """A camera site of a ring (or a barrier)."""

    number: Number = Field(description="its number in the ring, from 1")
    name: str = Field(description="what people call it")
    kind: Kind = Field(description="section or junction")
    index: Number = Field(description="number of the section or junction")
    fraction: Share = Field(description="where on the section it stands, from its tail")
    road_class: str = Field(description="class of the road")
    lon: Lon = Field(description="longitude in degrees")
    lat: Lat = Field(description="latitude in degrees")
    count: Annotated[int, Field(ge=1)] = Field(
        description="how many that count apart are needed here"
    )
    existing: Whole = Field(description="how many of them stand already")
    price: Whole = Field(description="of those that are new")
    reached_s: float | None = Field(
        description="seconds of driving between the venue and here; null: not asked"
    )
    speed_kmh: float | None = Field(default=None, description="speed the vehicle can have here")
    width_m: float | None = Field(default=None, description="of the carriageway")
    type: str | None = Field(default=None, description="kind of camera; null: none was given")
    side_by_side: Whole = Field(default=1, description="cameras of the kind for the whole width")
    pixels_per_m: float | None = Field(default=None, description="that they reach")
    blur: float | None = Field(default=None, description="of a plate's width at that speed")
    frames: float | None = Field(default=None, description="pictures of a vehicle at that speed")


class WayPart(Part):
    """A route of the proof, from the venue out (or, inward, in the other direction)."""

    weight: Annotated[int, Field(ge=1)] = Field(description="what it counts in the proof")
    sections: tuple[Number, ...] = Field(description="sections driven, from the venue on")
    forward: tuple[bool, ...] = Field(description="whether each is driven from tail to head")
    roads: str = Field(description="names of its roads, for people")


class EventExitPart(Part):
    """Where routes end."""

    kind: Kind = Field(description="section (driven to its other end) or junction (arrived at)")
    index: Number = Field(description="number of the section or junction")
    name: str = Field(description="what people call it")


class RingPart(Part):
    """A ring with its proof."""

    direction: Literal["outward", "inward"] = Field(description="outward or inward")
    layers: Annotated[int, Field(ge=1)] = Field(description="sites that every route passes")
    within_s: float | None = Field(description="T in seconds; null: routes end at exits")
    room_m: Annotated[float, Field(ge=0)] = Field(
        description="metres that a section must have within T to take a camera"
    )
    starts: tuple[Number, ...] = Field(description="junctions at which routes begin")
    exits: tuple[EventExitPart, ...] = Field(description="where routes end; empty with within_s")
    exists: bool = Field(description="whether there is a ring")
    cost: Whole | None = Field(description="of new sites; null: there is no ring")
    sites: tuple[CameraPart, ...] = Field(description="where cameras (or barriers) are needed")
    routes: tuple[WayPart, ...] = Field(description="the routes that prove that no ring is cheaper")
    gap: WayPart | None = Field(
        description="where there is no ring: the route on which the fewest can stand"
    )
    gap_most: Whole | None = Field(description="how many that are")
    sentence: str = Field(description="what is proven, in words")


class TimeRow(Part):
    """The cost of seeing everybody within a time."""

    within_s: float = Field(description="T in seconds")
    cost: Whole | None = Field(description="of new cameras; null: there is no ring")
    sites: Whole | None = Field(description="number of sites; null: there is no ring")
    why: str = Field(description="where there is no ring: the route with the fewest sites")


class MastPart(Part):
    """A mast that was chosen, or could have been."""

    name: str = Field(description="what people call it")
    sections: tuple[Number, ...] = Field(description="the sections it sees")
    price: Whole = Field(description="of the mast")
    detection: Share = Field(description="probability that it reads a vehicle that passes")
    chosen: bool = Field(description="whether the plan has it")


class MastRingPart(Part):
    """Masts and cameras that miss some vehicles: no minimum cut, but an integer program."""

    probability: float | None = Field(
        description="with which every route is seen; null: layers is asked"
    )
    layers: Annotated[int, Field(ge=1)] = Field(description="masts that every route passes")
    exists: bool = Field(description="whether there is such a choice")
    cost: Whole | None = Field(description="of the choice; null: there is none")
    bound: Whole | None = Field(description="no choice costs less; null: there is none")
    proven: bool = Field(description="whether cost and bound meet")
    masts: tuple[MastPart, ...] = Field(description="what was chosen")
    weakest: WayPart | None = Field(description="the route that is seen least")
    weakest_value: float = Field(description="masts on it, or the probability that it is seen")
    sentence: str = Field(description="what is proven, in words")


class BarrierPhase(Part):
    """The barriers of one phase."""

    phase: str = Field(description="name of the phase")
    area: tuple[tuple[float, float], ...] = Field(description="outline of where people walk")
    ring: RingPart = Field(description="barriers as a ring of one layer, seen from the area")
    openable: Number | None = Field(
        description="number of the barrier that rescue can open; null: there is none"
    )


class PostPart(Part):
    """A post that is held in a phase."""

    phase: str = Field(description="name of the phase")
    kind: str = Field(description="gate, barrier, checkpoint, or what the event file names")
    name: str = Field(description="what people call it")
    lon: float | None = Field(description="longitude; null: the event file gives no place")
    lat: float | None = Field(description="latitude; null: the event file gives no place")
    task: str = Field(description="what is done there")


class ItemPart(Part):
    """People for one reason."""

    people: Whole = Field(description="how many")
    row: str = Field(description="id of the row of the rule table")
    why: str = Field(description="the sum, in words")


class AskPart(Part):
    """Whom to ask for people."""

    service: str = Field(description="which service")
    people: Whole = Field(description="how many")
    decides: str = Field(description="who decides")
    row: str = Field(description="id of the row of the rule table")
    why: str = Field(description="in words")


class ServicePart(Part):
    """One service in one hour."""

    service: str = Field(description="its name")
    needed: Whole = Field(description="people needed, the sum of the items")
    rostered: Whole = Field(description="people on duty throughout")
    missing: Whole = Field(description="needed and not on duty")
    items: tuple[ItemPart, ...] = Field(description="why they are needed")
    asks: tuple[AskPart, ...] = Field(description="whom to ask")


class HourPart(Part):
    """One hour."""

    start: str = Field(alias="from", description="when it begins, ISO 8601")
    until: str = Field(description="when it ends, ISO 8601")
    phases: str = Field(description="names of the phases in it")
    crowd: Whole = Field(description="the largest crowd in it")
    services: tuple[ServicePart, ...] = Field(description="each service")


class RulePart(Part):
    """A row of the rule table, as far as a reader needs it."""

    id: str = Field(description="its short name")
    kind: str = Field(description="its kind")
    service: str = Field(description="the service it speaks of")
    source: str = Field(description="who says so")
    date: str = Field(description="the day of that source")


class ForcesPart(Part):
    """Forces by hour and service."""

    table: str = Field(description="name of the rule table")
    example: bool = Field(description="whether the table is an example that nobody put in force")
    rows: tuple[RulePart, ...] = Field(description="its rows")
    hours: tuple[HourPart, ...] = Field(description="each hour of the event")


class PhasePart(Part):
    """A phase of the event."""

    name: str = Field(description="what people call it")
    start: str = Field(alias="from", description="when it begins, ISO 8601")
    until: str = Field(description="when it ends, ISO 8601")
    crowd: Whole = Field(description="spectators expected")


class EventFile(Part):
    """A whole event plan."""

    schema_: Literal["stopline.event/1"] = Field(alias="schema", description="name of this form")
    name: str = Field(description="name of the event")
    description: str = Field(description="text")
    network: NetworkPart = Field(description="the roads")
    vehicle: VehiclePart = Field(description="how the vehicle drives")
    venue: VenuePart = Field(description="where the event is")
    risk: str = Field(description="low, medium, high or severe")
    risk_reasons: tuple[str, ...] = Field(description="why")
    phases: tuple[PhasePart, ...] = Field(description="its parts, in time order")
    camera_prices: PricesPart = Field(description="what cameras cost")
    rings: tuple[RingPart, ...] = Field(description="camera rings")
    by_time: tuple[TimeRow, ...] = Field(description="the cost of seeing everybody within a time")
    masts: MastRingPart | None = Field(description="a ring of masts; null: none was asked for")
    barrier_prices: PricesPart = Field(description="what barriers cost")
    barriers: tuple[BarrierPhase, ...] = Field(description="barriers by phase")
    posts: tuple[PostPart, ...] = Field(description="who stands where, by phase")
    forces: ForcesPart | None = Field(description="forces by hour; null: no rule table")
    not_proven: tuple[str, ...] = Field(description="what a ring does not prove")
    notes: tuple[str, ...] = Field(description="what was left out or assumed")
    sentence: str = Field(description="the plan in one sentence")
    lineage: dict[str, Any] = Field(description="what it was made from")


def read_event_plan(path: Path) -> EventFile:
    """Read an event plan.

    Raises:
        BadInput: with all faults, if it is none.
    """
    try:
        return EventFile.model_validate_json(path.read_bytes())
    except OSError as error:
        seen = unreadable(error)
        raise BadInput.single(str(path), seen, "a file that can be read") from error
    except ValidationError as error:
        raise BadInput(
            Fault(
                f"{path}: {'.'.join(str(part) for part in each['loc']) or 'the file'}",
                repr(each["input"])[:60],
                each["msg"],
            )
            for each in error.errors()
        ) from error


def is_event_plan(path: Path) -> bool:
    """Whether a file says of itself that it is an event plan."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("schema") == SCHEMA


def schema_text() -> str:
    """JSON Schema (2020-12) of an event plan, as text."""
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{SCHEMA.replace('/', ':')}",
    }
    schema = EventFile.model_json_schema(by_alias=True)
    return json.dumps({**head, **schema}, indent=2, sort_keys=True) + "\n"
