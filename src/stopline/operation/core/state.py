"""The book: all that a node knows, folded from its journal, and nothing that is not there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, cast

from stopline.errors import StoplineError, UnknownName, Unsupported, meant
from stopline.link.envelope import parse_envelope
from stopline.link.facts import LinkChanged
from stopline.link.messages import MessageBody, read_message
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.errors import UnknownFact
from stopline.operation.core.incident import Incident, procedure_facts
from stopline.operation.core.projection import Projection, fleeting_kinds, projections_of
from stopline.operation.core.received import NotAdmitted, why_not
from stopline.operation.core.signing_keys import (
    NotSigned,
    SigningKeys,
    must_be_signed,
    said_by,
    why_not_proven,
)
from stopline.operation.facts.incident import (
    DecisionVoiced,
    IncidentExtended,
    IncidentFact,
    IncidentOpened,
    ProtocolAdopted,
)
from stopline.operation.facts.intelligence import IntelligenceFiled
from stopline.protocol.machine import Machine
from stopline.protocol.reader import parse_protocol
from stopline.protocol.state import ProtocolFact as ProcedureFact

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.journal.base import Entry
    from stopline.journal.kinds import FactBody

_SENT = frozenset({"message.sent", "message.sent-personal"})
_RECEIVED = frozenset({"message.received", "message.received-personal"})
_LONGEST_TITLE = 200
_Area = TypeVar("_Area", bound=Projection)


class NodeState:
    """All that a node knows.

    Attributes:
        size: entries folded so far.
        side: this node's side; empty before a protocol is adopted.
        machines: the adopted protocols, by digest.
        in_force: digest of the one that a new incident begins with; empty for none.
        incidents: by id.
        unread: entries that this build could not read, or a received message that the protocol
            does not give its sender, with the reason; they are not lost, and count for nothing.
        message_ids: ids of all messages that count; true for those that were sent from here.
        lines: how each line is now, as the process that keeps it wrote last, by peer.
        trouble: why the journal takes nothing now, as its desk found; empty while it does.
        room_bytes: what is left on the disk of the node's folder; None where that is not known.
        landmark: entries before the last landmark.
        lasting: entries from there on that a book must read, in order: all but the fleeting.
    """

    def __init__(self) -> None:
        self.size = 0
        self.side = ""
        self.machines: dict[str, Machine] = {}
        self.in_force = ""
        self.incidents: dict[str, Incident] = {}
        self.unread: dict[int, str] = {}
        self.message_ids: dict[str, bool] = {}
        self.trouble = ""
        self.room_bytes: int | None = None
        self.lines: dict[str, dict[str, Any]] = {}
        self.landmark = 0
        self.lasting: list[int] = []
        self._fleeting = fleeting_kinds()
        self._areas: dict[type[Projection], Projection] = {
            kind: kind() for kind in projections_of("node")
        }

    def projection(self, kind: type[_Area]) -> _Area:
        """One area of the node."""
        return cast("_Area", self._areas[kind])

    def incident(self, name: str) -> Incident:
        """Find an incident.

        Raises:
            UnknownName: this node knows of none of that id.
        """
        try:
            return self.incidents[name]
        except KeyError:
            known = ", ".join(self.incidents) or "none"
            raise UnknownName(
                f"no incident {name[:80]}{meant(name, self.incidents)} There is {known}"
            ) from None

    @property
    def other_side(self) -> str:
        """The other side of the protocol in force; empty before one is adopted."""
        if not self.in_force:
            return ""
        sides = self.machines[self.in_force].protocol.sides
        return next(side for side in sides if side != self.side)

    def fold(self, entries: Iterable[Entry]) -> None:
        """Take in entries, in their order.

        Raises:
            UnknownFact: this version does not know a fact's kind; nothing is known without it.
        """
        for entry in entries:
            try:
                self._fold(entry)
            except UnknownFact:
                raise
            except StoplineError as error:
                self.unread[entry.index] = str(error)
            if entry.kind not in self._fleeting or entry.index in self.unread:
                self.lasting.append(entry.index)
            self.size = entry.index + 1

    def remains(self) -> dict[str, dict[str, Any]]:
        """What fleeting facts have left behind in each area of the node, by its name."""
        found = {kind.__name__: part.remains() for kind, part in self._areas.items()}
        return {name: left for name, left in found.items() if left}

    def begin_from(self, size: int, remains: dict[str, dict[str, Any]]) -> None:
        """Go on from a landmark; the lasting entries before it were folded."""
        for kind, part in self._areas.items():
            part.begin_from(remains.get(kind.__name__, {}))
        self.passed(size)
        self.size = size

    def passed(self, landmark: int) -> None:
        """Note that there is a landmark, laid here or by another server."""
        self.landmark = landmark
        self.lasting = [index for index in self.lasting if index >= landmark]

    def _fold(self, entry: Entry) -> None:
        if entry.body is None:  # erased: the rest of the entry says nothing to fold
            return
        body = _typed(entry)
        if entry.kind in _SENT or entry.kind in _RECEIVED:
            self._fold_message(entry, str(entry.body["envelope"]))
            return
        if isinstance(body, ProtocolAdopted):
            self._adopt(body)
        elif isinstance(body, IncidentOpened):
            self._open(body, entry)
        elif isinstance(body, IncidentExtended) and entry.incident in self.incidents:
            self._extend(body, self.incidents[entry.incident])
        elif isinstance(body, LinkChanged):
            self._line(body, entry)
        self._apply(body, entry)

    def _apply(self, body: FactBody, entry: Entry) -> None:
        incident = self.incidents.get(entry.incident or "")
        if incident is not None and isinstance(body, DecisionVoiced | IntelligenceFiled):
            self._need_signature(body, entry, incident)
        for part in self._areas.values():
            part.apply(body, entry)
        if incident is None:
            return
        if isinstance(body, IncidentFact):
            incident.step(procedure_facts(body, entry, self.side))
        for part in incident.areas.values():
            part.apply(body, entry)

    def _need_signature(
        self, body: DecisionVoiced | IntelligenceFiled, entry: Entry, incident: Incident
    ) -> None:
        """A voice that should be signed by its officer and is not counts for nothing."""
        protocol = incident.machine.protocol
        said = said_by(body, self.side, incident.id, entry.author, entry.role)
        keys, needed = self.projection(SigningKeys), must_be_signed(protocol, body)
        reason = why_not_proven(keys, body, said, entry.time_s, needed=needed)
        if reason:
            raise NotSigned(reason)

    def _fold_message(self, entry: Entry, text: str) -> None:
        envelope = parse_envelope(text.encode())
        received = entry.kind in _RECEIVED
        reason = why_not(self, envelope, entry.time_s) if received else ""
        if reason:
            raise NotAdmitted(reason)
        body = read_message(envelope.kind, envelope.body)
        self.message_ids[envelope.message_id] = not received
        if isinstance(body, ProcedureSaid) and envelope.incident is not None:
            self._say(body, entry, envelope.incident, received=received)
        self._hear(body, envelope.kind, entry, received=received)

    def _hear(self, body: MessageBody, kind: str, entry: Entry, *, received: bool) -> None:
        incident = self.incidents.get(entry.incident or "")
        parts = [*self._areas.values(), *(incident.areas.values() if incident else ())]
        for part in parts:
            part.hear(body, kind, entry, received=received)

    def _say(self, body: ProcedureSaid, entry: Entry, name: str, *, received: bool) -> None:
        """A message of the protocol moves the procedure; the other side's first opens it here."""
        machine = self.machines.get(body.protocol)
        if machine is None:
            raise UnknownName(f"protocol {body.protocol}, which the other side works by")
        incident = self.incidents.get(name)
        if incident is None:
            title = " ".join((body.what_happened or name).split())[:_LONGEST_TITLE]
            incident = Incident(
                id=name, machine=machine, state=machine.begin(self.side, entry.time_s),
                title=title, authority="", expires_s=None, opened_s=entry.time_s,
                opened_by=self.other_side,
            )  # fmt: skip
            self.incidents[name] = incident
        fact = ProcedureFact(
            id=entry.fact_id,
            kind="message_received" if received else "message_sent",
            side=self.other_side if received else self.side,
            at_s=entry.time_s,
            known_s=entry.time_s,
            role="" if received else entry.role,
            person="" if received else entry.author,
            about=body.name,
            ref=body.ref or "",
        )
        incident.step([fact])

    def _adopt(self, body: ProtocolAdopted) -> None:
        file = parse_protocol(body.document.encode(), "adopted protocol")
        self.machines[file.digest] = Machine(file)
        self.in_force = file.digest
        self.side = body.side

    def _open(self, body: IncidentOpened, entry: Entry) -> None:
        name = str(entry.incident)
        machine = self.machines[body.protocol]
        known = self.incidents.get(name)
        if known is None:
            self.incidents[name] = Incident(
                id=name, machine=machine, state=machine.begin(self.side, entry.time_s),
                title=body.title, authority=body.authority, expires_s=_seconds(body.expires),
                opened_s=entry.time_s, opened_by=self.side,
            )  # fmt: skip
            return
        # The other side's message came first: this side's authority joins it.
        known.title, known.authority = body.title, body.authority
        known.expires_s = _seconds(body.expires)

    @staticmethod
    def _extend(body: IncidentExtended, incident: Incident) -> None:
        incident.authority, incident.expires_s = body.authority, _seconds(body.expires)

    def _line(self, body: LinkChanged, entry: Entry) -> None:
        """The state of the line is a fact of the node and of every incident that runs."""
        for incident in self.incidents.values():
            if not incident.is_over:
                fact = ProcedureFact(
                    id=f"{entry.fact_id}/{incident.id}", kind="line", side=self.side,
                    at_s=entry.time_s, known_s=entry.time_s,
                    outcome="up" if body.up else "down",
                )  # fmt: skip
                incident.step([fact])


def _typed(entry: Entry) -> FactBody:
    try:
        return entry.typed()
    except (UnknownName, Unsupported) as error:
        raise UnknownFact(
            f"entry {entry.index} of the journal is a fact `{entry.kind}` of schema "
            f"{entry.schema}, which this version of Stopline does not know; use the version that "
            "wrote it, or a newer one"
        ) from error


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
