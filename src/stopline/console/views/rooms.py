"""The rooms of an incident as the API shows them: sightings, statements, intelligence, shifts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from stopline.operation.core.context import iso
from stopline.operation.intelligence.projection import Intelligence
from stopline.operation.intelligence.projection import Report as SealedReport
from stopline.operation.shifts.projection import Shifts
from stopline.operation.sightings.projection import Sighting, Sightings
from stopline.operation.statements.projection import Statement, Statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stopline.operation.core.actor import Actor
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState


class SightingShown(BaseModel):
    """One sighting."""

    sighting: str = Field(description="its id; of the other side's, `theirs/` and their id")
    theirs: bool = Field(description="the other side told it")
    place: str = Field(description="where, as people name it")
    lon: float | None = Field(description="WGS 84 degrees, or null")
    lat: float | None = Field(description="WGS 84 degrees, or null")
    radius_m: float = Field(description="how far from there it may have been")
    section: int | None = Field(description="section of this node's network, or null")
    seen: str = Field(description="when, ISO 8601 with zone")
    watched_from: str | None = Field(description="nothing was seen there since then, or null")
    heading_deg: float | None = Field(description="degrees clockwise from north, or null")
    towards: str | None = Field(description="where it is heading, or null")
    nothing_seen: bool = Field(description="the place was watched and it was not there")
    source: str = Field(description="who or what saw it; empty for the other side's")
    grade: str = Field(description="A to F and 1 to 6")
    confirmed: bool = Field(description="held for certain")
    noted: str = Field(description="when it was written down, ISO 8601 with zone")
    noted_by: str = Field(description="by whom")
    retracted: str = Field(description="why it counts no more; empty while it counts")
    shared: bool = Field(description="whether the other side was told")


class VoiceShown(BaseModel):
    """What a role says to a statement."""

    role: str = Field(description="the role")
    person: str = Field(description="who")
    agrees: bool = Field(description="yes or no")
    remark: str = Field(description="why")


class StatementShown(BaseModel):
    """A statement: its last version, who agreed, what went out."""

    statement: str = Field(description="its name; of the other side's draft, `theirs/` and more")
    version: int = Field(description="number of the last version")
    text: str = Field(description="its text")
    drafted_by: str = Field(description="who wrote it")
    drafted: str = Field(description="when, ISO 8601 with zone")
    not_before: str | None = Field(description="not to be released before; null for any time")
    voices: list[VoiceShown] = Field(description="who said what to it")
    missing: list[str] = Field(description="roles that have not agreed")
    asks_other_side: bool = Field(description="the other side must agree, too")
    other_side_agrees: bool = Field(description="it does")
    released: str | None = Field(description="when it went out; null while it has not")
    public_text: str = Field(description="what the public has been told, corrections included")
    corrections: int = Field(description="how many open corrections there were")


class ReaderShown(BaseModel):
    """Somebody named in a sealed report."""

    side: str = Field(description="the side")
    role: str = Field(description="the role")
    person: str = Field(description="the person")


class SealedShown(BaseModel):
    """A sealed report: who may open it; its text only for who is named and opened it."""

    report: str = Field(description="its id")
    label: str = Field(description="sharing label, TLP 2.0")
    readers: list[ReaderShown] = Field(description="who on this side is named")
    readers_there: list[ReaderShown] = Field(description="who on the other side is named")
    filed: str = Field(description="when, ISO 8601 with zone")
    filed_by: str = Field(description="by whom")
    shared: bool = Field(description="whether it went to the other side")
    opened_by: list[str] = Field(description="who has opened it")
    sealed: str = Field(description="the sealed text for you; empty if it is not for you")


class HandOverShown(BaseModel):
    """A hand-over that nobody has taken over."""

    handover: str = Field(description="its id")
    role: str = Field(description="the post")
    by: str = Field(description="who hands over")
    to: str = Field(description="to whom")
    at: str = Field(description="when, ISO 8601 with zone")
    since: str = Field(description="begin of the shift, ISO 8601 with zone")
    note: str = Field(description="what the lists do not say")
    matters: list[str] = Field(description="open matters, as they stood")
    overdue: list[str] = Field(description="overdue tasks, as they stood")
    changed: list[str] = Field(description="what changed since the shift began")


class ShiftShown(BaseModel):
    """A shift that goes on."""

    role: str = Field(description="the post")
    person: str = Field(description="who")
    since: str = Field(description="since when, ISO 8601 with zone")


class ShiftsShown(BaseModel):
    """Who holds which post."""

    shifts: list[ShiftShown] = Field(description="shifts that go on")
    handovers: list[HandOverShown] = Field(description="hand-overs nobody has taken over")


def sightings(incident: Incident) -> list[SightingShown]:
    """Show the sightings, in the order in which they became known."""
    return [_sighting(each) for each in incident.projection(Sightings).by_id.values()]


def statements(incident: Incident) -> list[StatementShown]:
    """Show the statements, in the order in which they began."""
    return [_statement(each) for each in incident.projection(Statements).by_name.values()]


def intelligence(incident: Incident, actors: Sequence[Actor]) -> list[SealedShown]:
    """Show the reports; the sealed text only to those named, who asked for it on record."""
    return [_report(each, actors) for each in incident.projection(Intelligence).reports.values()]


def shifts(book: NodeState) -> ShiftsShown:
    """Show who holds which post."""
    known = book.projection(Shifts)
    return ShiftsShown(
        shifts=[
            ShiftShown(role=role, person=person, since=iso(since_s))
            for (role, person), since_s in known.since_s.items()
        ],
        handovers=[
            HandOverShown(
                handover=each.id, role=each.role, by=each.by, to=each.body.to, at=iso(each.at_s),
                since=iso(each.since_s), note=each.body.note, matters=each.body.matters,
                overdue=each.body.overdue, changed=each.body.changed,
            )
            for each in known.open()
        ],
    )  # fmt: skip


def _sighting(each: Sighting) -> SightingShown:
    return SightingShown(
        sighting=each.id, theirs=each.theirs, place=each.place, lon=each.lon, lat=each.lat,
        radius_m=each.radius_m, section=each.section, seen=iso(each.seen_s),
        watched_from=None if each.watched_from_s is None else iso(each.watched_from_s),
        heading_deg=each.heading_deg, towards=each.towards, nothing_seen=each.nothing_seen,
        source=each.source, grade=each.grade, confirmed=each.confirmed, noted=iso(each.noted_s),
        noted_by=each.noted_by, retracted=each.retracted, shared=bool(each.shared),
    )  # fmt: skip


def _statement(each: Statement) -> StatementShown:
    last = each.last
    return StatementShown(
        statement=each.name, version=last.number, text=last.text, drafted_by=last.drafted_by,
        drafted=iso(last.drafted_s),
        not_before=None if last.not_before_s is None else iso(last.not_before_s),
        voices=[
            VoiceShown(role=role, person=person, agrees=agrees, remark=remark)
            for role, (person, agrees, remark) in last.voices.items()
        ],
        missing=list(last.missing()), asks_other_side=last.asks_other_side,
        other_side_agrees=each.other_side_agrees(),
        released=None if each.released_s is None else iso(each.released_s),
        public_text=each.public_text, corrections=len(each.corrections),
    )  # fmt: skip


def _report(each: SealedReport, actors: Sequence[Actor]) -> SealedShown:
    copies = [text for actor in actors if (text := each.copy_for(actor))]
    return SealedShown(
        report=each.id, label=each.label,
        readers=[ReaderShown(side=r.side, role=r.role, person=r.person) for r in each.readers],
        readers_there=[
            ReaderShown(side=r.side, role=r.role, person=r.person) for r in each.readers_there
        ],
        filed=iso(each.filed_s), filed_by=each.filed_by, shared=bool(each.shared),
        opened_by=list(each.opened_by), sealed=copies[0] if copies else "",
    )  # fmt: skip
