"""Commands about intelligence: enrol a key, file, share, open and use a report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import AwareDatetime, Field

from stopline.link.messages import RecipientIntroduced
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.command import Command, IncidentCommand, Line, command
from stopline.operation.core.context import CommandContext, iso
from stopline.operation.core.errors import NotNow, NotPermitted
from stopline.operation.core.placing import Placed, placed_by_point
from stopline.operation.core.short_ids import pick
from stopline.operation.core.signing_key_commands import SignatureLine, check_voice
from stopline.operation.facts.intelligence import (
    IntelligenceFiled,
    IntelligenceOpened,
    IntelligenceUsed,
    RecipientEnrolled,
)
from stopline.operation.intelligence.projection import Intelligence, Recipients, Report
from stopline.operation.intelligence.recipient_key import read_locked_key
from stopline.operation.intelligence.sealed import LABELS, LARGEST_BYTES, Sealed, read_sealed

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.preparation import Preparation

SealedText = Annotated[str, Field(max_length=LARGEST_BYTES)]
Probability = Annotated[float, Field(ge=0, le=1)]
_A_WHOLE = 1.0 + 1e-6


@command("recipient.enrol")
class EnrolRecipient(Command):
    """Enrol one's own key, made and locked where one sits; the node never sees the passphrase."""

    locked: Annotated[str, Field(max_length=4000)] = Field(
        description="locked key, stopline-private-key@v1"
    )

    def decide(self, at: CommandContext) -> None:
        """For oneself, in one's own role; the last one counts."""
        locked = read_locked_key(self.locked)
        at.record(RecipientEnrolled(role=at.actor.role, key=locked.public, locked=locked.text()))


@command("recipient.introduce")
class IntroduceRecipient(Command):
    """Tell the other side one's own public key, so that it can seal reports to it."""

    def decide(self, at: CommandContext) -> None:
        """For oneself, after enrolment."""
        known = at.book.projection(Recipients).ours.get((at.actor.role, at.actor.person))
        if known is None:
            raise NotNow("there is no key of yours here; enrol one first")
        at.send(RecipientIntroduced(role=known.role, person=known.person, key=known.key))


@command("intelligence.file")
class FileIntelligence(IncidentCommand):
    """File a report that was sealed to named persons of this side, of the other, or of both."""

    ours: SealedText = Field(default="", description="sealed text for this side")
    theirs: SealedText = Field(default="", description="sealed text for the other side")
    signature: SignatureLine = Field(
        default="", description="by one's own key; only asked for where the protocol says so"
    )

    def voice(self) -> IntelligenceFiled:
        """The fact that it becomes.

        Raises:
            NotNow: nobody is named, or the copies do not go together.
        """
        copies = [read_sealed(text) for text in (self.ours, self.theirs) if text]
        if not copies:
            raise NotNow("nobody is named; expected a text sealed to at least one person")
        label = copies[0].label
        if any(each.label != label for each in copies):
            raise NotNow("the two copies bear different labels; expected the same TLP label")
        return IntelligenceFiled(
            label=label, ours=self.ours, theirs=self.theirs, signature=self.signature
        )

    def decide(self, at: CommandContext) -> None:
        """Each copy names only people of one side, with the keys that they enrolled."""
        incident, filed = at.incident(), self.voice()
        people = at.book.projection(Recipients)
        ours = {key: enrolled.key for key, enrolled in people.ours.items()}
        if self.ours:
            _check_readers(read_sealed(self.ours), at.book.side, ours)
        if self.theirs:
            _check_readers(read_sealed(self.theirs), at.book.other_side, people.theirs)
        check_voice(at, incident.machine.protocol, filed)
        at.record(filed)


@command("intelligence.share")
class ShareIntelligence(IncidentCommand):
    """Send the other side its copy of a report, after the decision that the protocol asks for."""

    report: Line = Field(description="id of the report")
    message: Line = Field(
        default="suspicion", description="message of the protocol that carries it"
    )

    def decide(self, at: CommandContext) -> None:
        """Only to roles that the document lets see it, under its label or a stricter one."""
        incident = at.incident()
        known = _report(incident, self.report)
        if not known.sealed_for_them:
            raise NotNow("there is no copy for the other side in it; file one")
        if known.shared:
            raise NotNow(f"it was shared already, by message {known.shared}")
        _check_authority(incident, self.message)
        _check_disclosure(incident, known)
        at.send(
            ProcedureSaid(
                protocol=incident.state.version,
                name=self.message,
                suspicions=known.sealed_for_them,
            )
        )


@command("intelligence.open")
class OpenIntelligence(IncidentCommand):
    """Ask for a report in which one is named; that one did stands in the journal."""

    report: Line = Field(description="id of the report")

    def decide(self, at: CommandContext) -> None:
        """Only who is named, in the role in which they are named; also after the incident."""
        known = _report(at.incident(running=False), self.report)
        if not known.is_for(at.actor):
            raise NotPermitted(f"{at.actor.person} ({at.actor.role}) is not named in this report")
        at.record(IntelligenceOpened(report=known.id))


@command("intelligence.use")
class UseIntelligence(IncidentCommand):
    """Say what follows from a report for the search: a place or headings, and how probable."""

    report: Line = Field(description="id of the report")
    at: AwareDatetime = Field(description="for when, with zone")
    lon: float | None = Field(default=None, ge=-180, le=180, description="WGS 84 degrees")
    lat: float | None = Field(default=None, ge=-90, le=90, description="WGS 84 degrees")
    radius_m: float | None = Field(
        default=None, ge=0, le=1_000_000, description="how far from there, metres"
    )
    destinations: dict[str, Probability] = Field(
        default_factory=dict, max_length=100, description="where it is heading, with probability"
    )
    probability: Probability = Field(description="how probable it is that this holds")

    def prepare(self, ground: Preparation) -> Placed | None:
        """Hold the place against the roads of the region."""
        if self.lon is None or self.lat is None or self.radius_m is None:
            return None
        return placed_by_point(ground, self.lon, self.lat, self.radius_m)

    def decide(self, at: CommandContext) -> None:
        """Only by somebody who has read it."""
        known = _report(at.incident(), self.report)
        if not known.copy_for(at.actor):
            raise NotPermitted("only who is named in a report and has opened it says what follows")
        place = (self.lon, self.lat, self.radius_m)
        if None in place and place != (None, None, None):
            raise NotNow("a place has lon, lat and radius_m; expected all three or none")
        if isinstance(at.prepared, Placed) and at.prepared.refusal:
            raise NotNow(at.prepared.refusal)
        if self.lon is None and not self.destinations:
            raise NotNow("nothing follows from it; expected a place or destinations")
        if sum(self.destinations.values()) > _A_WHOLE:
            raise NotNow("the probabilities of the destinations add up to more than 1")
        at.record(
            IntelligenceUsed(
                report=known.id, at=iso(self.at.timestamp()), lon=self.lon, lat=self.lat,
                radius_m=self.radius_m, destinations=self.destinations,
                probability=self.probability,
            )
        )  # fmt: skip


def _report(incident: Incident, name: str) -> Report:
    known = incident.projection(Intelligence).reports
    return known[pick(name, known, "report")]


def _check_readers(sealed: Sealed, side: str, keys: dict[tuple[str, str], str]) -> None:
    for each in sealed.recipients:
        if each.side != side:
            raise NotNow(f"{each.person} is of {each.side}; this copy is for people of {side}")
        if keys.get((each.role, each.person)) != each.key:
            raise NotNow(f"{each.person} ({each.role}) of {side} has not enrolled this key")


def _check_authority(incident: Incident, message: str) -> None:
    """The decision that the document puts before this message is there, whoever sends it."""
    machine, state = incident.machine, incident.state
    senders = {n: t for n, t in machine.protocol.tasks.items() if t.sends == message}
    if senders and not any(machine.granted(state, name) for name in senders):
        needed = sorted({each for task in senders.values() for each in task.authority})
        raise NotNow(f"`{message}` needs {' or '.join(needed)}")


def _check_disclosure(incident: Incident, known: Report) -> None:
    for each in known.readers_there:
        if not incident.machine.may_disclose(incident.state, "suspicions", each.role):
            raise NotNow(
                f"by the agreed protocol suspicions may not be shown to {each.person} "
                f"({each.role}) in phase {incident.phase}"
            )
    agreed = incident.machine.protocol.disclosures["suspicions"].label
    if LABELS.index(read_sealed(known.sealed_for_them).label) < LABELS.index(agreed):
        raise NotNow(f"by the agreed protocol suspicions cross the line as TLP:{agreed}")
