"""Commands about sightings: note, confirm, retract, share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from stopline.journal.facts import BodyErased
from stopline.link.ids import derived_id
from stopline.link.procedure_message import (
    MOST_SIGHTINGS,
    ProcedureSaid,
    SharedBelief,
    SharedSighting,
)
from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.context import CommandContext, iso
from stopline.operation.core.errors import NotNow
from stopline.operation.core.placing import (
    Placed,
    placed_by_name,
    placed_by_point,
    placed_by_section,
)
from stopline.operation.core.short_ids import pick
from stopline.operation.facts.sightings import (
    SightingConfirmed,
    SightingNoted,
    SightingRetracted,
    SightingSourceNoted,
)
from stopline.operation.sightings.projection import Sighting, Sightings

if TYPE_CHECKING:
    from stopline.operation.core.preparation import Preparation

Grade = Annotated[str, StringConstraints(pattern=r"^[A-F][1-6]$")]
SightingId = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Probability = Annotated[float, Field(ge=0, le=1)]
_A_WHOLE = 1.0 + 1e-6


@command("sighting.note")
class NoteSighting(IncidentCommand):
    """Note that the vehicle was seen, or that a place was watched and it did not pass."""

    lon: float | None = Field(default=None, ge=-180, le=180, description="WGS 84 degrees")
    lat: float | None = Field(default=None, ge=-90, le=90, description="WGS 84 degrees")
    radius_m: float = Field(
        default=50.0, ge=0, le=100_000, description="how far from there it may have been, metres"
    )
    section: int | None = Field(default=None, ge=0, description="section of the network")
    place: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = Field(
        default="", description="where, as people name it; alone: a place that the region knows"
    )
    seen: AwareDatetime | None = Field(default=None, description="when, with zone; left out: now")
    heading_deg: float | None = Field(
        default=None, ge=0, lt=360, description="degrees clockwise from north"
    )
    towards: Line | None = Field(default=None, description="where it is heading, if known")
    nothing_seen: bool = Field(
        default=False, description="the place was watched and the vehicle was not there"
    )
    watched_from: AwareDatetime | None = Field(
        default=None, description="since when it was watched, up to `seen`, with zone"
    )
    source: Annotated[str, StringConstraints(max_length=400, strip_whitespace=True)] = Field(
        default="",
        description="who or what saw it; never leaves this side; left out: who notes it",
    )
    grade: Grade | None = Field(
        default=None,
        description="reliability A to F and credibility 1 to 6, for example B2; left out: A1 if "
        "it is confirmed, else F6, not judged",
    )
    confirmed: bool = Field(default=False, description="held for certain")

    def prepare(self, ground: Preparation) -> Placed | None:
        """Look the place up on the roads of the region."""
        no_section = placed_by_section(ground, self.section)
        if no_section is not None:
            return no_section
        if self.lon is not None and self.lat is not None:
            return placed_by_point(ground, self.lon, self.lat, self.radius_m)
        if self.section is None and self.place:
            return placed_by_name(ground, self.place)
        return None

    def decide(self, at: CommandContext) -> None:
        """Needs a place and a past time."""
        at.incident()
        if (self.lon is None) != (self.lat is None):
            raise NotNow("a place has both lon and lat; expected both, or neither and a section")
        seen_s = at.now_s if self.seen is None else self.seen.timestamp()
        place, lon, lat, radius_m = self._where(at)
        if self.seen is not None and seen_s > at.now_s:
            raise NotNow(f"it was seen in the future, at {self.seen.isoformat()}")
        if self.nothing_seen and (self.confirmed or self.towards or self.heading_deg is not None):
            raise NotNow("where nothing was seen there is no heading, and nothing to confirm")
        if self.nothing_seen is not (self.watched_from is not None):
            raise NotNow("`watched_from` belongs to `nothing_seen`; expected both or neither")
        if self.watched_from is not None and self.watched_from.timestamp() >= seen_s:
            raise NotNow("it was watched from a time before `seen`, which is its end")
        at.record(
            SightingNoted(
                lon=lon, lat=lat, radius_m=radius_m, section=self.section,
                place=place or _point_words(self.section, lon, lat), seen=iso(seen_s),
                heading_deg=self.heading_deg,
                towards=self.towards, nothing_seen=self.nothing_seen,
                watched_from=None if self.watched_from is None
                else iso(self.watched_from.timestamp()),
                source="" if self.source else at.actor.person,
                grade=self.grade or ("A1" if self.confirmed else "F6"), confirmed=self.confirmed,
            )
        )  # fmt: skip
        if self.source:
            noted = derived_id(at.now_s, at.command_id, 0)
            at.record(
                SightingSourceNoted(sighting=noted, source=self.source, command=at.command_id)
            )

    def _where(self, at: CommandContext) -> tuple[str, float | None, float | None, float]:
        placed = at.prepared
        if isinstance(placed, Placed):
            if placed.refusal:
                raise NotNow(placed.refusal)
            own = self.place if self.lon is not None else ""
            name, radius_m = own or placed.name or self.place, max(placed.radius_m, self.radius_m)
            return name, placed.lon, placed.lat, radius_m
        if self.lon is None and self.section is None:
            raise NotNow(
                "it says nowhere; expected a place of the region, lon and lat, or a section of "
                "the network"
            )
        return self.place, self.lon, self.lat, self.radius_m


def _point_words(section: int | None, lon: float | None, lat: float | None) -> str:
    return f"{lat:.4f} N {lon:.4f} E" if lon is not None else f"section {section}"


@command("sighting.confirm")
class ConfirmSighting(IncidentCommand):
    """Say that a sighting is certain."""

    sighting: SightingId = Field(description="id of the sighting")
    grade: Grade = Field(description="its grade from now on")
    towards: Line | None = Field(default=None, description="where it is heading, if known now")
    reason: Line = Field(description="what confirmed it")

    def decide(self, at: CommandContext) -> None:
        """Only a sighting of this side that still counts."""
        known = _own(at, self.sighting)
        if known.retracted:
            raise NotNow(f"sighting {known.id} was taken back: {known.retracted}")
        if known.nothing_seen:
            raise NotNow("nothing was seen there; there is nothing to confirm")
        if known.confirmed and not self.towards:
            raise NotNow("it is confirmed already")
        at.record(
            SightingConfirmed(
                sighting=known.id,
                grade=self.grade,
                towards=self.towards or known.towards,
                reason=self.reason,
            )
        )


@command("sighting.retract")
class RetractSighting(IncidentCommand):
    """Take a sighting back; if the other side was told, share it again to tell that too."""

    sighting: SightingId = Field(description="id of the sighting")
    reason: Line = Field(description="what was wrong with it")

    def decide(self, at: CommandContext) -> None:
        """Only a sighting of this side that still counts."""
        known = _own(at, self.sighting)
        if known.retracted:
            raise NotNow(f"sighting {known.id} was taken back already: {known.retracted}")
        at.record(SightingRetracted(sighting=known.id, reason=self.reason))


@command("sighting.erase-source")
class EraseSource(IncidentCommand):
    """Erase who or what saw it; the sighting stays, and the record says who decided it and why."""

    sighting: SightingId = Field(description="id of the sighting")
    authority: Line = Field(description="who decided it: law, court, number")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """Once, also when the incident is over."""
        known = at.incident(running=False).projection(Sightings)
        name = pick(self.sighting, known.by_id, "sighting")
        named = known.source_fact(name)
        if named is None:
            raise NotNow(
                f"no fact of its own names a source of {name}: it was erased before, is the other "
                "side's, or was noted by who saw it"
            )
        fact_id, command_id = named
        at.record(BodyErased(fact_id=fact_id, authority=self.authority, reason=self.reason))
        at.erase(fact_id, command_id)


@command("sighting.share")
class ShareSightings(IncidentCommand):
    """Tell the other side of sightings, without their sources."""

    sightings: Annotated[tuple[SightingId, ...], Field(max_length=100)] = Field(
        default=(), description="ids of the sightings; empty: all that were not shared yet"
    )
    message: Line = Field(
        default="sighting", description="message of the protocol that carries them"
    )
    text: Annotated[str, Field(max_length=2000)] = Field(default="", description="in words")
    destinations: dict[str, Probability] = Field(
        default_factory=dict, max_length=100, description="where it is heading, with probability"
    )

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may, when, and what the message may carry."""
        if sum(self.destinations.values()) > _A_WHOLE:
            raise NotNow("the probabilities of the destinations add up to more than 1")
        names = self.sightings or tuple(
            one.id
            for one in at.incident().projection(Sightings).standing()
            if not (one.theirs or one.shared or one.nothing_seen or one.lon is None)
        )
        if not names:
            raise NotNow("every sighting is shared already")
        names = names[:MOST_SIGHTINGS]  # the rest by the next command
        shared = tuple(_shared(_own(at, name)) for name in dict.fromkeys(names))
        belief = SharedBelief(at=at.now, destinations=self.destinations)
        at.send(
            ProcedureSaid(
                protocol=at.incident().state.version, name=self.message, text=self.text,
                sightings=shared, belief=belief if self.destinations else None,
            )
        )  # fmt: skip


def _own(at: CommandContext, name: str) -> Sighting:
    among = at.incident().projection(Sightings).by_id
    known = among[pick(name, among, "sighting")]
    if known.theirs:
        raise NotNow(f"sighting {known.id} is the other side's; only it can change or tell it")
    return known


def _shared(known: Sighting) -> SharedSighting:
    """What the other side is told; of one that was taken back, that it is withdrawn."""
    if known.retracted and not known.shared:
        raise NotNow(f"sighting {known.id} was taken back: {known.retracted}")
    if known.lon is None or known.lat is None:
        raise NotNow(
            f"sighting {known.id} says only section {known.section}, which the other side's "
            "network may number otherwise; note it again with lon and lat"
        )
    if known.nothing_seen:
        raise NotNow("that nothing was seen is not shared: it would show what this side watches")
    return SharedSighting(
        sighting=known.id, lon=known.lon, lat=known.lat, radius_m=known.radius_m,
        seen=iso(known.seen_s), heading_deg=known.heading_deg, towards=known.towards,
        grade=known.grade, confirmed=known.confirmed, withdrawn=bool(known.retracted),
    )  # fmt: skip
