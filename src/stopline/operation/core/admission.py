"""What this node takes from the other side: checked like what it sends, by the same document.

A received message counts only if it could have been sent: a kind of this build, in its lane and
schema, of its form; for an incident and a phase in which the agreed protocol lets that side say it,
carrying only what the document lets it carry; under an id of its own. Whatever else comes is noted
and answered with the reason, and changes nothing. The inbox asks before it writes, and the book
asks again while it folds, so that a message which another build let in counts for nothing either.

Rooms add what they know of their own messages:

    @admits(PlanTaken)
    def _taken(book: Book, body: PlanTaken, heard: Heard) -> str:
        return "" if ... else "nothing of the kind was asked"
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from stopline.errors import BadInput, UnknownName
from stopline.journal.base import FACT_ID
from stopline.link.messages import (
    MessageAcknowledged,
    MessageDeclined,
    RecipientIntroduced,
    kind_of_message_body,
    read_message,
)
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.errors import NotNow
from stopline.operation.core.protocol_rules import AgreedRules, check_said
from stopline.operation.core.received import Heard, admits, checks_of, judges, why_not
from stopline.protocol.state import ProtocolFact as ProcedureFact

if TYPE_CHECKING:
    from stopline.link.envelope import Envelope
    from stopline.operation.core.command_handler import CommandHandler
    from stopline.operation.core.state import NodeState
    from stopline.protocol.machine import Machine

MOST_OFFERED: Final = 8  # incidents that the other side opened and nobody here has taken
_INCIDENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)
_LONGEST_NAME: Final = 200
_LONGEST_REASON: Final = 300
# The link's own messages: keys and checkpoints. The link checks their content itself.
_LINK_KINDS: Final = frozenset({"node.key-rotated", "journal.checkpoint", "journal.cosigned"})


class DeskAdmission:
    """Asks a desk's book about what arrives on its lines; never while the journal is held."""

    def __init__(self, desk: CommandHandler) -> None:
        self._desk = desk

    def __call__(self, envelope: Envelope, now_s: float) -> str:
        """Say why an envelope is not taken; empty if it is."""
        with self._desk.reading:
            return why_not(self._desk.catch_up(), envelope, now_s)


@judges
def reason_not_to_take(  # noqa: PLR0911  (one reason each)
    book: NodeState, envelope: Envelope, now_s: float
) -> str:
    """Say why a received message does not count; empty if it does.

    Args:
        book: all that is known.
        envelope: the message, signed by the other node.
        now_s: when it arrived, UTC seconds.
    """
    try:
        body = read_message(envelope.kind, envelope.body)
    except UnknownName:
        return f"`{envelope.kind[:60]}` is no kind of message of this node"
    except BadInput as error:
        return f"not of its form: {'; '.join(map(str, error.faults))}"[:_LONGEST_REASON]
    kind = kind_of_message_body(type(body))
    if (envelope.lane, envelope.schema) != (kind.lane, kind.schema):
        seen = f"lane {envelope.lane}, schema {envelope.schema}"
        return f"`{kind.name}` came as {seen}; expected lane {kind.lane}, schema {kind.schema}"
    if kind.name in _LINK_KINDS:
        return ""
    if not FACT_ID.fullmatch(envelope.message_id):
        return f"message {envelope.message_id[:60]!r}: expected a ULID or a UUIDv7 in lower case"
    if envelope.message_id in book.message_ids:
        return f"message {envelope.message_id[:60]} was there before, under the same id"
    name = envelope.incident
    if name is not None and not _INCIDENT_NAME.fullmatch(name):
        return f"`{name[:60]}` is no name of an incident; expected letters, digits, . _ -"
    heard = Heard(envelope.message_id, envelope.sender, name, now_s)
    if isinstance(body, ProcedureSaid):
        reason = _not_said(book, body, heard)
    else:
        reason = _not_by_the_rules(book, kind.name, heard)
    if reason:
        return reason[:_LONGEST_REASON]
    found = (check(book, body, heard) for check in checks_of(kind.name))
    return next((reason[:_LONGEST_REASON] for reason in found if reason), "")


def _not_said(  # noqa: PLR0911  (one reason each)
    book: NodeState, said: ProcedureSaid, heard: Heard
) -> str:
    """Why a message of the protocol could not have been said."""
    if not book.in_force:
        return "no protocol is in force on this node"
    if heard.incident is None:
        return f"`{said.name[:60]}` names no incident"
    incident = book.incidents.get(heard.incident)
    machine = _machine_for(book, said) if incident is None else incident.machine
    if machine is None:
        return f"protocol {said.protocol[:80]} is not in force on this node"
    if said.protocol != machine.version:
        return f"incident {heard.incident} runs under protocol {machine.version}"
    if incident is None:
        reason = _not_opened(book, machine, said, heard)
        if reason:
            return reason
    try:
        check_said(machine.protocol, said)
    except NotNow as error:
        return str(error)
    state = machine.begin(book.side, heard.now_s) if incident is None else incident.state
    fact = ProcedureFact(
        id=heard.message, kind="message_received", side=book.other_side, at_s=heard.now_s,
        known_s=heard.now_s, about=said.name, ref=said.ref or "",
    )  # fmt: skip
    return machine.refusal(state, fact)


def _machine_for(book: NodeState, said: ProcedureSaid) -> Machine | None:
    """The protocol in force, or the one that it amends: both sides cannot change at one moment."""
    force = book.machines[book.in_force]
    before = force.protocol.amends
    known = {force.version, *(() if before is None else (before.digest,))}
    return book.machines.get(said.protocol) if said.protocol in known else None


def _not_opened(book: NodeState, machine: Machine, said: ProcedureSaid, heard: Heard) -> str:
    """Why a message does not offer a new incident."""
    if not machine.opens(said.name):
        return f"this node knows no incident {heard.incident}, and `{said.name[:60]}` opens none"
    offered = [one.id for one in book.incidents.values() if one.is_offered and not one.is_over]
    if len(offered) >= MOST_OFFERED:
        return f"{len(offered)} incidents are offered and not taken here; speak to an officer"
    return ""


def _not_by_the_rules(book: NodeState, kind: str, heard: Heard) -> str:
    """Why a kind of message may not cross: by the table that governs what leaves, too."""
    if not book.in_force or kind in {"message.acknowledged", "message.declined"}:
        return ""  # two nodes without a protocol: whatever has a form
    incident = book.incidents.get(heard.incident or "")
    rules = AgreedRules(book)
    phases: list[str | None] = [None]
    if incident is not None:
        phases = [*sorted(incident.machine.possible_there(incident.state, heard.now_s))]
    if any(rules.allows(kind, phase) for phase in phases):
        return ""
    if incident is None:
        return f"`{kind}` is for an incident of this node, and {heard.incident or 'none'} is not"
    return f"the agreed rules let no `{kind}` cross in phase {' or '.join(map(str, phases))}"


@admits(MessageAcknowledged)
def _acknowledged(book: NodeState, body: MessageAcknowledged, heard: Heard) -> str:
    del heard
    if not book.message_ids.get(body.message, False):
        return f"this node sent no message {body.message[:60]}"
    if not (0 < len(body.person) <= _LONGEST_NAME and 0 < len(body.role) <= _LONGEST_NAME):
        return f"person and role: expected 1 to {_LONGEST_NAME} characters each"
    return _no_role_there(book, body.role)


@admits(MessageDeclined)
def _declined(book: NodeState, body: MessageDeclined, heard: Heard) -> str:
    del heard
    return "" if book.message_ids.get(body.message) else "this node sent no such message"


@admits(RecipientIntroduced)
def _introduced(book: NodeState, body: RecipientIntroduced, heard: Heard) -> str:
    del heard
    if not 0 < len(body.person) <= _LONGEST_NAME:
        return f"person: expected 1 to {_LONGEST_NAME} characters"
    return _no_role_there(book, body.role)


def _no_role_there(book: NodeState, role: str) -> str:
    """Why a role is none of the other side's, by the protocol in force."""
    force = book.machines.get(book.in_force)
    if force is None:
        return ""
    known = force.protocol.roles.get(role)
    if known is None or (known.sides and book.other_side not in known.sides):
        return f"`{role[:60]}` is no role of {book.other_side}"
    return ""
