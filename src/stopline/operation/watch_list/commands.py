"""Commands about the watch list: one vehicle, one incident, one authority, one end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, Field

from stopline.cameras.wanted import wanted_plate
from stopline.errors import BadInput
from stopline.journal.facts import BodyErased
from stopline.link.ids import derived_id
from stopline.operation.core.command import IncidentCommand, Line, command
from stopline.operation.core.context import iso
from stopline.operation.core.errors import NotNow
from stopline.operation.facts.watch_list import (
    WatchAdded,
    WatchEnded,
    WatchExtended,
    WatchVehicleDescribed,
    WhyEnded,
)
from stopline.operation.watch_list.matching import bare_plate
from stopline.operation.watch_list.projection import Watch, WatchList, standing_down

if TYPE_CHECKING:
    from stopline.operation.core.context import CommandContext
    from stopline.operation.core.incident import Incident

Plate = Annotated[str, Field(max_length=40)]
FactId = Annotated[str, Field(min_length=1, max_length=80)]
_STARTING = "start_watch_list"  # the task of the shipped protocol that needs leave to search


@command("watch.add")
class AddWatch(IncidentCommand):
    """Put the one vehicle that is searched for on the incident's watch list, with an end."""

    plate: Plate = Field(
        default="",
        description="number plate, ? for an unknown sign, * for any number; empty if only "
        "the vehicle is known",
    )
    vehicle: Line = Field(description="description of the vehicle")
    expires: AwareDatetime = Field(description="end, not later than the authority's, with zone")

    def decide(self, at: CommandContext) -> None:
        """Needs the incident's authority, and the leave that the protocol asks for."""
        incident = at.incident()
        known = incident.projection(WatchList).listed()
        if known is not None:
            same = bool(known.plate) and bare_plate(known.plate) == bare_plate(self.plate)
            raise NotNow(
                "this vehicle is on the list already"
                if same
                else "one incident watches for one vehicle; drop the first before another is "
                "added, or give `watch.change-plate` if the same vehicle bears another plate"
            )
        if self.plate:
            _check_plate(self.plate)
        _check_leave(incident)
        ends_s = _check_end(incident, self.expires.timestamp(), at.now_s)
        watch = derived_id(at.now_s, at.command_id, "watch")
        at.record(WatchAdded(watch=watch, authority=incident.authority, expires=iso(ends_s)))
        at.record(
            WatchVehicleDescribed(
                watch=watch, plate=self.plate, vehicle=self.vehicle, reason="",
                command=at.command_id,
            )
        )  # fmt: skip


@command("watch.change-plate")
class ChangePlate(IncidentCommand):
    """Say that the vehicle that is watched for bears another plate, and how one knows."""

    plate: Annotated[str, Field(min_length=1, max_length=40)] = Field(description="the new plate")
    reason: Line = Field(description="how it is known that it is the same vehicle")

    def decide(self, at: CommandContext) -> None:
        """The vehicle stays the same; another vehicle needs the first to be dropped."""
        known = _listed(at)
        if not bare_plate(self.plate) or bare_plate(self.plate) == bare_plate(known.plate):
            raise NotNow("this is the plate that is watched for already, or none")
        _check_plate(self.plate)
        at.record(
            WatchVehicleDescribed(
                watch=known.id, plate=self.plate, vehicle=known.vehicle, reason=self.reason,
                command=at.command_id,
            )
        )  # fmt: skip


@command("watch.extend")
class ExtendWatch(IncidentCommand):
    """Move the end of the watch; a longer authority of the incident alone moves nothing."""

    expires: AwareDatetime = Field(description="new end, not later than the authority's, with zone")
    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """A watch that has run out is not revived; it is added anew."""
        incident, known = at.incident(), _listed(at)
        ends_s = _check_end(incident, self.expires.timestamp(), at.now_s)
        at.record(
            WatchExtended(
                watch=known.id, authority=incident.authority, expires=iso(ends_s),
                reason=self.reason,
            )
        )  # fmt: skip


@command("watch.drop")
class DropWatch(IncidentCommand):
    """Take the vehicle off the watch list."""

    reason: Line = Field(description="why")

    def decide(self, at: CommandContext) -> None:
        """At any time; what named the vehicle is erased then."""
        known = at.incident(running=False).projection(WatchList).listed()
        if known is None:
            raise NotNow("no vehicle is on the watch list")
        _end(at, known, "dropped", self.reason)


@command("watch.end")
class EndWatch(IncidentCommand):
    """Write down that a watch is over: it expired, or the incident stands down."""

    def decide(self, at: CommandContext) -> None:
        """The node gives it by itself; a watch that may still run is not ended by it."""
        incident = at.incident(running=False)
        known = incident.projection(WatchList).listed()
        why = None if known is None else over(incident, known, at.now_s)
        if known is None or why is None:
            raise NotNow("no watch is over that is not ended already")
        _end(at, known, why, "")


@command("watch.note-erased")
class NoteErased(IncidentCommand):
    """Write down that what named the vehicle was destroyed."""

    facts: tuple[FactId, ...] = Field(description="ids of the facts whose bodies are gone")

    def decide(self, at: CommandContext) -> None:
        """Only of watches that ended, each once."""
        known = at.incident(running=False).projection(WatchList).to_erase
        unknown = [one for one in self.facts if one not in known]
        if unknown or not self.facts:
            raise NotNow(f"not to be erased, or noted already: {', '.join(unknown) or 'nothing'}")
        for one in self.facts:
            at.record(
                BodyErased(
                    fact_id=one, authority="the rule that a watch list ends with its incident",
                    reason="the watch ended; the vehicle is no longer searched for",
                )
            )  # fmt: skip


def over(incident: Incident, watch: Watch, now_s: float) -> WhyEnded | None:
    """Why a watch that nobody ended is over now; None while it may run."""
    if standing_down(incident):
        return "stand-down"
    ran_out = watch.has_run_out(now_s) or not incident.authorised(now_s)
    return "expired" if ran_out else None


def _end(at: CommandContext, known: Watch, why: WhyEnded, reason: str) -> None:
    bodies = at.incident(running=False).projection(WatchList).bodies(known.id)
    at.record(
        WatchEnded(
            watch=known.id, why=why, reason=reason, bodies=tuple(bodies),
            commands=tuple(bodies.values()),
        )
    )  # fmt: skip


def _listed(at: CommandContext) -> Watch:
    incident = at.incident()
    known = incident.projection(WatchList).listed()
    if known is None or over(incident, known, at.now_s) is not None:
        raise NotNow("no vehicle is on the watch list, or the watch has run out; add it anew")
    return known


def _check_plate(plate: str) -> None:
    """Refuse what half a town would match."""
    try:
        wanted_plate(plate)
    except BadInput as error:
        fault = error.faults[0]
        raise NotNow(f"the plate has {fault.seen}; expected {fault.expected}") from None


def _check_leave(incident: Incident) -> None:
    if standing_down(incident):
        raise NotNow(f"in {incident.phase} nothing is searched for")
    tasks = incident.machine.protocol.tasks
    if _STARTING in tasks and not incident.machine.granted(incident.state, _STARTING):
        needs = " or ".join(tasks[_STARTING].authority)
        raise NotNow(f"the agreed protocol asks for {needs} before a vehicle is watched for")


def _check_end(incident: Incident, ends_s: float, now_s: float) -> float:
    if not incident.authorised(now_s) or incident.expires_s is None:
        raise NotNow("the incident has no authority on this side, or it has run out")
    if ends_s <= now_s:
        raise NotNow(f"the watch would end at {iso(ends_s)}, which is past")
    if ends_s > incident.expires_s:
        raise NotNow(
            f"the watch would end at {iso(ends_s)}, after the authority's end, "
            f"{iso(incident.expires_s)}"
        )
    return ends_s
