"""The form of a plan file, `stopline.plan/1`: every key, what it holds, in which unit.

The description of a field is what docs/formats/plan.md and the JSON Schema say of it. An instant
stands twice: as seconds after `now` under a key that ends in `_s`, and as ISO 8601 beside it for
people; where it never comes, both are null.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from stopline.network.place_names import road_text
from stopline.sealing.plan_file.schema_base import Instant, Number, Part, Text, left_out
from stopline.sealing.plan_file.schema_certificate import CertificatePart  # noqa: TC001
from stopline.sealing.plan_file.schema_joint import CommittedPart, JointPart  # noqa: TC001  (pydantic)

SCHEMA: Final = "stopline.plan/1"

Lon = Annotated[float, Field(ge=-180, le=180)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Kind = Literal["section", "junction"]


class NetworkPart(Part):
    """The road network that section and junction numbers refer to."""

    path: str = Field(description="file or folder that it was read from")
    digest: str = Field(description="hex SHA-256 over those files and the settings; empty if none")
    attribution: str = Field(description="who must be named wherever the plan is shown")
    junctions: Number = Field(description="number of junctions")
    sections: Number = Field(description="number of sections")
    read_settings: dict[str, Any] | None = Field(
        description="how it was read, as in docs/formats/scenario.md; null: the defaults"
    )


Chance = Annotated[float, Field(ge=0, le=1.000001)]


class VehiclePart(Part):
    """How the fleeing vehicle drives."""

    speed_factor: Positive = Field(description="times the speed limit")
    obeys_one_way: bool = Field(description="whether it keeps to the signed direction")
    obeys_turn_bans: bool = Field(description="whether it keeps to turn restrictions")
    min_speed_mps: NotNegative = Field(description="no road is driven slower, m/s")
    max_speed_mps: Positive | None = Field(
        description="no road is driven faster, m/s; null: no bound"
    )
    class_speed_mps: dict[str, Positive] | None = Field(
        description="m/s by road class in place of limit and factor; null: none"
    )
    obeys_access_signs: bool = Field(
        default=False, description="whether it keeps out of roads that a sign closes to it"
    )
    uses_fords: bool = Field(default=True, description="whether it drives through fords")
    local_time: str = Field(
        default="", description="wall clock at now, for signs with hours; empty: unknown"
    )


class SourcePart(Part):
    """Where the vehicle can be, and from when: a junction, or a point on a section."""

    name: str = Field(description="name of the sighting")
    time_s: float = Field(description="earliest time there, seconds after now")
    time: str = Field(description="the same as ISO 8601")
    junction: Number | None = Field(description="number of the junction, or null")
    section: Number | None = Field(description="number of the section, or null")
    fraction: Annotated[float, Field(ge=0, le=1)] = Field(
        description="part of the section's length from its tail"
    )


class ExitPart(Part):
    """Where the vehicle must not get."""

    name: str = Field(description="name of the exit; several sections may share one")
    kind: Kind = Field(description="section (driven to its other end) or junction (arrived at)")
    index: Number = Field(description="number of the section or junction")
    weight: Positive = Field(description="what keeping the vehicle from it is worth")


class RulesPart(Part):
    """What held for every seal, and what best meant."""

    margin_s: NotNegative = Field(description="a seal is closed this long before an arrival")
    enough_margin_s: NotNegative = Field(description="margin beyond this is worth nothing more")
    objective: tuple[str, ...] = Field(description="order of the objectives after sealing")
    time_limit_s: Positive = Field(description="computing time allowed, seconds")
    partial: str = Field(description="what to do where sealing is impossible")
    keep_gain: NotNegative = Field(description="units that changing an order under way must save")
    units_obey_one_way: bool = Field(description="whether units keep to one-way signs")
    units_cross_borders: bool = Field(
        description="whether units may drive through territory where they may not act"
    )
    units_obey_access_signs: bool = Field(
        default=True, description="whether units keep out of roads that a sign closes"
    )
    units_open_gates: bool = Field(
        default=False, description="whether units have keys to gates not known to be open"
    )
    units_use_fords: bool = Field(default=False, description="whether units drive through fords")
    units_use_ferries: bool = Field(default=False, description="whether units use car ferries")
    local_time: str = Field(
        default="", description="wall clock at now, for signs with hours; empty: unknown"
    )


class UnitPart(Part):
    """A force that can hold one site; all that were offered are listed, used or not."""

    id: str = Field(description="its id, unique in the plan")
    name: str = Field(description="what people call it; may be empty")
    side: str = Field(description="the side that commands it")
    agency: str = Field(description="the service it belongs to")
    lon: Lon = Field(description="position, WGS 84 degrees")
    lat: Lat = Field(description="position, WGS 84 degrees")
    ready_s: float = Field(description="when it can move, seconds after now")
    ready: str = Field(description="the same as ISO 8601")
    speed_factor: Positive = Field(description="times the speed limit at which it drives")
    strength: Annotated[int, Field(ge=1)] = Field(description="what it counts for at a site")
    may_act_in: tuple[str, ...] = Field(description="territories in which it may hold sites")
    status: str = Field(description="what it did when planned: free, under way, in position")
    bound_to: str | None = Field(
        default=None,
        exclude_if=left_out,
        description="the one site that it may hold: `section N` or `junction N`; left out: any",
    )
    section: Number | None = Field(
        description="section on which it stands; null: the nearest to its position"
    )
    fraction: Annotated[float, Field(ge=0, le=1)] | None = Field(
        description="part of that section's length from its tail; null: the nearest point"
    )


class SitePart(Part):
    """A place where a road can be stopped."""

    number: Number = Field(description="number among all sites of the problem")
    kind: Kind = Field(description="section or junction")
    index: Number = Field(description="number of the section or junction in the network")
    original_id: int = Field(description="its id in the file the network came from")
    name: str = Field(description="what people call it")
    road_class: str = Field(description="class of the road, of the widest for a junction")
    territories: tuple[str, ...] = Field(description="territories it lies in; two at a crossing")
    need: Annotated[int, Field(ge=1)] = Field(description="strength that closes it")
    setup_s: NotNegative = Field(description="time a unit needs on the spot, seconds")
    lon: float | None = Field(description="a point to drive to, degrees; null if unknown")
    lat: float | None = Field(description="a point to drive to, degrees; null if unknown")
    meets: str | None = Field(
        default=None,
        exclude_if=left_out,
        description="a named road that meets it, where it has no name of its own",
    )
    file_id: str | None = Field(
        default=None,
        exclude_if=left_out,
        description="its id in the map's own file as people write it: `link 7`, `way 70/2`",
    )

    @property
    def road(self) -> str:
        """Its road as people can read it out."""
        return road_text(self.name, self.road_class, self.meets or "")


class HolderPart(Part):
    """One unit's part in a seal."""

    unit: str = Field(description="id of the unit")
    side: str = Field(description="the side that commands it")
    agency: str = Field(description="its service")
    ready_s: float = Field(description="when it holds the site if ordered now, seconds after now")
    ready: str = Field(description="the same as ISO 8601")
    order_by_s: Instant = Field(description="latest order that keeps the margin, seconds after now")
    order_by: Text = Field(description="the same as ISO 8601")
    drive_s: NotNegative = Field(description="driving time, seconds")
    setup_s: NotNegative = Field(description="time to set up, seconds")
    status: str = Field(description="free, or what it did already in the previous plan")


class RoutePart(Part):
    """A timed walk of the vehicle from a source to an exit."""

    source: str = Field(description="name of the source")
    exit: str = Field(description="name of the exit")
    junctions: tuple[Number, ...] = Field(description="junctions passed, in order")
    sections: tuple[Number, ...] = Field(description="sections driven, in order")
    enter_s: tuple[float, ...] = Field(
        description="when each section is entered, seconds after now"
    )
    arrival_s: float = Field(description="when the exit is reached, seconds after now")
    arrival: str = Field(description="the same as ISO 8601")


class SealPart(Part):
    """A site, the units that hold it, and the time from which nothing passes."""

    site: SitePart = Field(description="where")
    holders: tuple[HolderPart, ...] = Field(
        description="which units; none only where the other side alone holds it"
    )
    committed: tuple[CommittedPart, ...] = Field(
        default=(),
        exclude_if=left_out,
        description="what the other side holds of it; left out where that is nothing",
    )
    closed_at_s: float = Field(description="when the last unit needed holds it, seconds after now")
    closed_at: str = Field(description="the same as ISO 8601")
    unhindered_s: Instant = Field(
        description="earliest arrival there if no road were closed, seconds after now"
    )
    unhindered: Text = Field(description="the same as ISO 8601")
    arrival_s: Instant = Field(
        description="earliest arrival under this plan, seconds after now; null: never"
    )
    arrival: Text = Field(description="the same as ISO 8601")
    margin_s: float | None = Field(
        description="arrival_s less closed_at_s, seconds; null: no bound"
    )
    why: str = Field(description="what it alone stops, one sentence")
    witness: RoutePart | None = Field(description="a route that only this seal stops, or null")


class StopperPart(Part):
    """A unit and a site that together would stop a route."""

    unit: str = Field(description="id of the unit")
    site: Number = Field(description="position in the list of sites of the proof")


class ProofStepPart(Part):
    """A route of the proof of impossibility."""

    route: RoutePart = Field(description="the route")
    stoppable_by: tuple[StopperPart, ...] = Field(description="all that would stop it; may be none")
    reason: str = Field(description="one sentence")


class ProofPart(Part):
    """Routes that no assignment of the units to sites can all stop."""

    steps: tuple[ProofStepPart, ...] = Field(description="the routes; empty if nothing is proven")
    sites: tuple[SitePart, ...] = Field(description="the sites that the steps refer to")


class SitesPart(Part):
    """The sites that could have been sealed."""

    count: Number = Field(description="number of all sites of the problem")
    digest: str = Field(description="hex SHA-256 over kind, number, need and set-up time of each")
    on_routes: tuple[SitePart, ...] = Field(
        description="every site that lies on a route named in this file, by number"
    )


class FindingPart(Part):
    """One kind of thing that was left out, guessed or is doubtful."""

    group: Literal["left out", "guessed", "doubtful"] = Field(
        description="what was done: left out, guessed, or taken although doubtful"
    )
    kind: str = Field(description="a key that stays the same, such as closed_by_sign")
    count: Number = Field(description="how many")
    text: str = Field(description="what they are and what it means, in words")
    names: tuple[str, ...] = Field(description="some of them by name, eight at most")
    ways: bool = Field(description="whether whole ways of the file are counted, all left out")
    matters: bool = Field(description="whether it stands in the sentence")


class RestsOnPart(Part):
    """What the plan rests on: where the map and the positions are not what is outside."""

    sentence: str = Field(description="the same in one sentence; empty: nothing")
    ways_in_file: Number = Field(description="ways, links or edges that could be roads")
    ways_read: Number = Field(description="how many of them are roads of the network")
    findings: tuple[FindingPart, ...] = Field(description="all of it, by kind")


class BelievedMeetingsPart(Part):
    """Which believed routes come to a seal when it is closed."""

    seal: Number = Field(description="position of the seal in `seals`")
    route: tuple[Number, ...] = Field(description="the routes, positions in `weights`")
    at_s: tuple[float, ...] = Field(description="when each comes there, seconds after now")


class BelievedPart(Part):
    """What the seals stop of the belief, so that it can be added up."""

    stopped: Chance = Field(description="probability that the vehicle is stopped")
    routes: Number = Field(description="number of routes that were sampled from the belief")
    weights: tuple[Chance, ...] = Field(
        description="probability of each route that some seal stops"
    )
    met: tuple[BelievedMeetingsPart, ...] = Field(description="by seal, which of them it stops")


class PlanFile(Part):
    """A plan with everything that is needed beside the network to check it."""

    form: Literal["stopline.plan/1"] = Field(
        alias="schema", description="name and version of this form"
    )
    verdict: Literal["sealed", "leaking", "impossible"] = Field(description="the verdict")
    proven: bool = Field(description="whether verdict and optimality are proven")
    sentence: str = Field(description="the verdict in one plain sentence")
    now_utc_s: float = Field(description="the moment all times count from, Unix seconds")
    now: str = Field(description="the same as ISO 8601")
    zone: Text = Field(
        default=None,
        exclude_if=left_out,
        description="IANA time zone in which times are told; left out: the offset of `now`",
    )
    required_margin_s: NotNegative = Field(description="the margin asked for, seconds")
    margin_s: float | None = Field(
        description="smallest margin of all seals, seconds; null: no bound"
    )
    units_used: Number = Field(description="number of units in the seals")
    lower_bound: Number = Field(description="no sealing plan uses fewer units")
    objective: tuple[str, ...] = Field(description="order of the objectives")
    choice: str = Field(
        description="what best meant: seal, cover, intercept, delay, randomise or assess"
    )
    seals: tuple[SealPart, ...] = Field(description="what to close")
    open_routes: tuple[RoutePart, ...] = Field(description="routes that escape, earliest first")
    sealed_exits: tuple[str, ...] = Field(description="exits that are fully sealed off")
    open_exits: tuple[str, ...] = Field(description="exits that can be reached")
    needed_none: tuple[str, ...] = Field(
        default=(),
        exclude_if=left_out,
        description="sealed exits that could not be reached anyhow; left out: there are none",
    )
    missing: str = Field(
        description="what would be needed to seal, in words; clock times are of the zone of `now`"
    )
    proof: ProofPart = Field(description="why sealing is impossible, where it is")
    network: NetworkPart = Field(description="the road network")
    vehicle: VehiclePart = Field(description="the fleeing vehicle")
    sources: Annotated[tuple[SourcePart, ...], Field(min_length=1)] = Field(
        description="where it can be"
    )
    exits: Annotated[tuple[ExitPart, ...], Field(min_length=1)] = Field(
        description="where it must not get"
    )
    units: tuple[UnitPart, ...] = Field(description="all units offered, by id")
    sites: SitesPart = Field(description="the sites that could have been sealed")
    rules: RulesPart = Field(description="what held for every seal")
    seconds: dict[str, float] = Field(description="computing time by stage, seconds")
    lineage: dict[str, Any] = Field(description="where the plan came from")
    rests_on: RestsOnPart | None = Field(
        default=None,
        exclude_if=left_out,
        description="what of the map was left out, guessed or is doubtful; left out: not known",
    )
    joint: JointPart | None = Field(
        default=None,
        exclude_if=left_out,
        description="the other side, in a joint plan; left out in any other",
    )
    certificate: CertificatePart | None = Field(
        default=None,
        exclude_if=left_out,
        description="why no plan uses fewer units, or why none seals; left out: unknown",
    )
    believed: BelievedPart | None = Field(
        default=None,
        exclude_if=left_out,
        description="what the seals stop of the belief; left out: they were not chosen by it",
    )
