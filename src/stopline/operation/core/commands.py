"""Commands of the desk itself: adopt a protocol, open an incident, do what the procedure asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, Field

from stopline.link.messages import MessageAcknowledged
from stopline.link.procedure_message import (
    CommittedSection,
    ProcedureSaid,
    SealStatus,
    WantedSection,
)
from stopline.operation.core.command import Command, IncidentCommand, Line, LongText, command
from stopline.operation.core.context import CommandContext, iso
from stopline.operation.core.errors import NotNow
from stopline.operation.core.signing_key_commands import SignatureLine, check_voice
from stopline.operation.core.site_numbers import (
    SiteNumbers,
    names_file_ids,
    numbered,
    site_numbers,
)
from stopline.operation.facts.incident import (
    AlarmRaised,
    AttendanceNoted,
    DecisionVoiced,
    IncidentExtended,
    IncidentOpened,
    LevelSet,
    ProtocolAdopted,
    ReportTaken,
    TaskAcknowledged,
    TaskDone,
    VehicleStopped,
)
from stopline.protocol.reader import parse_protocol
from stopline.protocol.signing import read_side_key, verify

if TYPE_CHECKING:
    from stopline.operation.core.preparation import Preparation

Name = Annotated[str, Field(min_length=1, max_length=200)]


@command("protocol.adopt")
class AdoptProtocol(Command):
    """Put a protocol in force that both sides have signed."""

    document: str = Field(max_length=1 << 20, description="the document, YAML, to the byte")
    signatures: str = Field(max_length=1 << 16, description="its signature file")
    side: Name = Field(description="which of its sides this node is")
    keys: dict[str, str] = Field(description="public key of each side, by side")

    def decide(self, at: CommandContext) -> None:
        """Check form and signatures; an amendment must follow the version in force."""
        file = parse_protocol(self.document.encode(), "document")
        if self.side not in file.protocol.sides:
            raise NotNow(f"side `{self.side}`: expected {' or '.join(file.protocol.sides)}")
        keys = {side: read_side_key(text) for side, text in self.keys.items()}
        force = verify(file, self.signatures.encode(), keys)
        if not force.in_force:
            raise NotNow(f"the protocol is not in force: {'; '.join(force.problems)}")
        if at.book.side and at.book.side != self.side:
            raise NotNow(f"this node is {at.book.side} and stays so")
        at.record(
            ProtocolAdopted(document=self.document, signatures=self.signatures, side=self.side)
        )


@command("incident.open")
class OpenIncident(IncidentCommand):
    """Open an incident under a legal authority that ends."""

    title: Line = Field(description="what it is called")
    authority: Line = Field(description="legal authority: order, court, number")
    expires: AwareDatetime = Field(description="end of the authority, with zone")

    def decide(self, at: CommandContext) -> None:
        """One vehicle, one incident, one authority."""
        known = at.book.incidents.get(self.incident)
        if known is not None and known.authority:
            raise NotNow(f"incident {self.incident} is open already")
        if not at.book.in_force:
            raise NotNow("no protocol is in force; an administrator adopts one that both signed")
        if self.expires.timestamp() <= at.now_s:
            raise NotNow(f"the authority ended at {self.expires.isoformat()}")
        at.record(
            IncidentOpened(
                title=self.title,
                authority=self.authority,
                expires=iso(self.expires.timestamp()),
                protocol=known.state.version if known else at.book.in_force,
            )
        )


@command("incident.extend")
class ExtendIncident(IncidentCommand):
    """Renew the authority of an incident."""

    authority: Line = Field(description="legal authority: order, court, number")
    expires: AwareDatetime = Field(description="its end, with zone")

    def decide(self, at: CommandContext) -> None:
        """The new end lies in the future."""
        at.incident()
        if self.expires.timestamp() <= at.now_s:
            raise NotNow(f"the authority ended at {self.expires.isoformat()}")
        ends = iso(self.expires.timestamp())
        at.record(IncidentExtended(authority=self.authority, expires=ends))


@command("alarm.raise")
class RaiseAlarm(IncidentCommand):
    """Raise the alarm."""

    what: Line = Field(description="what happened, in one sentence")
    place: Line = Field(description="where, as people name it")
    happened: AwareDatetime = Field(description="when, with zone")
    vehicle: Line = Field(description="what is known of the vehicle")

    def decide(self, at: CommandContext) -> None:
        """Needs an incident with an authority that has not run out."""
        if not at.incident().authorised(at.now_s):
            raise NotNow("the incident has no authority on this side, or it has run out")
        if self.happened.timestamp() > at.now_s:
            raise NotNow(f"it happened in the future, at {self.happened.isoformat()}")
        happened = iso(self.happened.timestamp())
        fact = AlarmRaised(
            what=self.what, place=self.place, happened=happened, vehicle=self.vehicle
        )
        at.record(fact)


@command("task.do")
class DoTask(IncidentCommand):
    """Report a task done."""

    task: Name = Field(description="the task, or its instance")
    evidence: Line = Field(description="what shows it")

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may, and whether words close it."""
        at.incident(running=False)
        at.record(TaskDone(task=self.task, evidence=self.evidence))


@command("task.acknowledge")
class AcknowledgeTask(IncidentCommand):
    """Take note of a task that was done."""

    task: Name = Field(description="the task, or its instance")

    def decide(self, at: CommandContext) -> None:
        """The protocol says who must."""
        at.incident(running=False)
        at.record(TaskAcknowledged(task=self.task))


@command("decision.voice")
class VoiceDecision(IncidentCommand):
    """Give a voice in a decision; where two persons are needed, one alone decides nothing."""

    decision: Name = Field(description="decision of the protocol")
    outcome: Name = Field(description="one of its outcomes")
    reason: Annotated[str, Field(max_length=2000)] = Field(default="", description="why")
    signature: SignatureLine = Field(
        default="", description="by one's own key; only asked for where the protocol says so"
    )

    def voice(self) -> DecisionVoiced:
        """The fact that it becomes."""
        return DecisionVoiced(
            decision=self.decision, outcome=self.outcome, reason=self.reason,
            signature=self.signature,
        )  # fmt: skip

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may, how many it takes, and whether each signs."""
        incident, voice = at.incident(), self.voice()
        check_voice(at, incident.machine.protocol, voice)
        at.record(voice)


@command("level.set")
class SetLevel(IncidentCommand):
    """Set the alert level by hand."""

    level: Name = Field(description="alert level of the protocol")

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may."""
        at.incident()
        at.record(LevelSet(level=self.level))


@command("attendance.note")
class NoteAttendance(IncidentCommand):
    """Say that the holder of a role is away, or back."""

    about: Name = Field(description="the role")
    present: bool = Field(description="whether its holder is there")

    def decide(self, at: CommandContext) -> None:
        """Deputies act meanwhile."""
        at.incident()
        at.record(AttendanceNoted(about=self.about, present=self.present))


@command("report.take")
class TakeReport(IncidentCommand):
    """Write down a report from outside that the protocol waits for."""

    about: Name = Field(description="what it is about: search, press, public, ...")
    outcome: Annotated[str, Field(max_length=200)] = Field(default="", description="its outcome")
    text: LongText = Field(description="what was reported")

    def decide(self, at: CommandContext) -> None:
        """Anybody may report."""
        at.incident()
        at.record(ReportTaken(about=self.about, outcome=self.outcome, text=self.text))


@command("vehicle.stop")
class StopVehicle(IncidentCommand):
    """Say that a vehicle was stopped on this side."""

    place: Line = Field(description="where, as people name it")
    text: LongText = Field(description="what was found")

    def decide(self, at: CommandContext) -> None:
        """Whether it is the one is a decision of its own."""
        at.incident()
        at.record(VehicleStopped(place=self.place, text=self.text))


@command("message.send")
class SendMessage(IncidentCommand):
    """Say something to the other side that the protocol provides for."""

    said: ProcedureSaid = Field(description="the message; its protocol field may be left empty")

    @property
    def takes_long(self) -> bool:
        """Only ids of the map's file have to be looked up."""
        return names_file_ids(self._sites())

    def prepare(self, ground: Preparation) -> SiteNumbers | None:
        """Look up ids of the map's file."""
        return site_numbers(ground, self._sites())

    def _sites(self) -> tuple[WantedSection | CommittedSection | SealStatus, ...]:
        return (*self.said.wanted_sections, *self.said.commitments, *self.said.seal_status)

    def decide(self, at: CommandContext) -> None:
        """The protocol says who may, and what it may contain."""
        incident = at.incident(running=False)
        if self.said.suspicions is not None:
            raise NotNow("a suspicion leaves sealed to named persons only: `intelligence.share`")
        changes = {
            "protocol": incident.state.version,
            "wanted_sections": numbered(self.said.wanted_sections, at.prepared),
            "commitments": numbered(self.said.commitments, at.prepared),
            "seal_status": numbered(self.said.seal_status, at.prepared),
        }
        at.send(self.said.model_copy(update=changes))


@command("message.acknowledge")
class AcknowledgeMessage(IncidentCommand):
    """Take note of a message of the other side, by name."""

    message: Name = Field(description="id of the message")

    def decide(self, at: CommandContext) -> None:
        """Delivery to the node is not acceptance by an officer."""
        at.incident(running=False)
        at.send(
            MessageAcknowledged(message=self.message, person=at.actor.person, role=at.actor.role)
        )
