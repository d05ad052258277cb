"""All that was said between the sides in an incident, as it stands in this node's journal."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from stopline.link.facts import MessagesDelivered
from stopline.link.messages import MessageAcknowledged
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.context import seconds
from stopline.operation.core.projection import Projection, folds, on_message, projection
from stopline.operation.facts.liaison import CallHeld

if TYPE_CHECKING:
    from stopline.journal.base import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One message of the protocol.

    Attributes:
        id: id of the message, the same on both nodes.
        received: it came from the other side.
        at_s: when it was sent from here, or arrived here, UTC seconds.
        person: who sent it; of a received one, the other node.
        role: in which role; of a received one, `node`.
        body: what it says.
        noted_by: person and role that took note of it on the receiving side; empty: nobody.
        noted_s: when that was known here; None while nobody has.
    """

    id: str
    received: bool
    at_s: float
    person: str
    role: str
    body: ProcedureSaid
    noted_by: str = ""
    noted_s: float | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was held, and its record as it stands."""

    id: str
    began_s: float
    logged_s: float
    logged_by: str
    body: CallHeld


@projection("incident")
class Exchange(Projection):
    """What was said between the sides, and the calls.

    Attributes:
        said: messages of the protocol by id, in the order in which this node knew them.
        calls: calls by id; a corrected record is replaced by its correction.
    """

    def __init__(self) -> None:
        self.said: dict[str, Said] = {}
        self.calls: dict[str, Call] = {}

    @on_message(ProcedureSaid)
    def _say(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        name = str((entry.body or {})["message"])
        self.said[name] = Said(
            id=name, received=received, at_s=entry.time_s, person=entry.author, role=entry.role,
            body=body,
        )  # fmt: skip

    @on_message(MessageAcknowledged)
    def _note(self, body: MessageAcknowledged, entry: Entry, *, received: bool) -> None:
        known = self.said.get(body.message)
        # The receiving side notes: of what we sent, they; of what we received, we.
        if known is not None and known.received is not received and not known.noted_by:
            who = f"{body.person} ({body.role})"
            self.said[known.id] = replace(known, noted_by=who, noted_s=entry.time_s)

    @folds(CallHeld)
    def _call(self, body: CallHeld, entry: Entry) -> None:
        if body.corrects is not None:
            self.calls.pop(body.corrects, None)
        began_s = seconds(body.began)
        self.calls[entry.fact_id] = Call(entry.fact_id, began_s, entry.time_s, entry.author, body)


@projection("node")
class Deliveries(Projection):
    """Which messages of the protocol have reached the other node's journal."""

    def __init__(self) -> None:
        self._through: dict[tuple[str, str], int] = {}
        self._waiting: dict[str, tuple[str, str, int]] = {}

    def is_waiting(self, message: str) -> bool:
        """Whether a message that was sent here is not yet in the other node's journal."""
        return message in self._waiting

    @on_message(ProcedureSaid)
    def _sent(self, body: ProcedureSaid, entry: Entry, *, received: bool) -> None:
        del body
        if not received and entry.body is not None:
            told = entry.body
            place = (str(told["peer"]), str(told["lane"]), int(str(told["seq"])))
            if self._through.get(place[:2], 0) < place[2]:
                self._waiting[str(told["message"])] = place

    @folds(MessagesDelivered)
    def _delivered(self, body: MessagesDelivered, entry: Entry) -> None:
        del entry
        for lane, seq in body.through.items():
            self._through[body.peer, lane] = seq
        self._waiting = {
            message: place
            for message, place in self._waiting.items()
            if self._through.get(place[:2], 0) < place[2]
        }
