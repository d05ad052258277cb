"""What the other side may say now: the same document, read from where the other side can stand.

Each side runs the document on its own node, so that the two may be in different phases for a
moment. This side does not know the other's phase; it knows what both have said, and with that in
which phases the other can be at all: from the first, along every exit whose events can have come
true there. A message that could not have been sent from any of these is not of the protocol.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.protocol.lookup import on_side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.protocol.lookup import Tables
    from stopline.protocol.schema import MessageForm, PhaseExit, Protocol
    from stopline.protocol.state import State

AT_ONCE_S: Final = 600.0  # after our alarm, the other side's own alarm can still be on its way


def reason_not_to_hear(
    protocol: Protocol, tables: Tables, state: State, name: str, now_s: float
) -> str:
    """Say why the other side could not have sent a message; empty if it could.

    Args:
        protocol: the document.
        tables: its look-up tables.
        state: the procedure as this side knows it.
        name: of the message.
        now_s: when it arrived, UTC seconds.
    """
    message = protocol.messages.get(name)
    if message is None:
        return f"`{name[:60]}` is no message of this protocol"
    other = next(side for side in protocol.sides if side != state.side)
    leads = list(possible_leads(protocol, tables, state, now_s))
    sending = [lead for lead in leads if on_side(message.side, other, lead)]
    if not sending:
        return f"`{name}` is for {message.side} to send, and {other} is not"
    if not any(_role_there(protocol, role, other) for role in _senders(protocol, tables, name)):
        return f"`{name}` is sent by {message.sent_by}, and {other} has no such role"
    if message.answers and f"message {message.answers} sent" not in state.happened:
        return f"`{name}` answers `{message.answers}`, which this side has not sent"
    reasons = [_wrong_phase(protocol, tables, state, name, lead) for lead in sending]
    return "" if "" in reasons else reasons[0]


def possible_leads(protocol: Protocol, tables: Tables, state: State, now_s: float) -> Iterator[str]:
    """Give the sides that may lead as the other side sees it; the present one first."""
    other = next(side for side in protocol.sides if side != state.side)
    yield state.lead or other
    if may_take_the_lead(protocol, tables, state, now_s):
        yield other


def may_take_the_lead(protocol: Protocol, tables: Tables, state: State, now_s: float) -> bool:
    """Whether both may have raised the alarm at once, so that the side named first leads.

    Not after a while, and not once it has answered as the side that assists.
    """
    other = next(side for side in protocol.sides if side != state.side)
    if state.lead != state.side or other != tables.first_side or state.began_s is None:
        return False
    if now_s > state.began_s + AT_ONCE_S:
        return False
    return not any(
        message.side == "assist" and f"message {name} received" in state.happened
        for name, message in protocol.messages.items()
    )


def possible_phases(protocol: Protocol, tables: Tables, state: State, lead: str) -> set[str]:
    """Name every phase in which the other side can be, given what both have said."""
    reached = {tables.first_phase}
    waiting = [tables.first_phase]
    while waiting:
        for way in protocol.phases[waiting.pop()].exits:
            if way.to in reached or way.to not in protocol.phases:
                continue
            if _can_be_taken(protocol, state, way, lead):
                reached.add(way.to)
                waiting.append(way.to)
    return reached


def opens(protocol: Protocol, tables: Tables, name: str) -> bool:
    """Whether a message may be the first that this side hears of an incident."""
    message = protocol.messages.get(name)
    if message is None:
        return False
    return message.side == "lead" or f"message {name} received" in tables.moves[tables.first_phase]


def _can_be_taken(protocol: Protocol, state: State, way: PhaseExit, lead: str) -> bool:
    needed = (*way.all_of, *protocol.phases[way.to].requires)
    if not way.all_of and not way.any_of:
        return False
    return all(_can_be_true(protocol, state, event, lead) for event in needed) and (
        not way.any_of or any(_can_be_true(protocol, state, event, lead) for event in way.any_of)
    )


def _can_be_true(protocol: Protocol, state: State, event: str, lead: str) -> bool:
    """Whether an event can have come true on the other side's node."""
    other = next(side for side in protocol.sides if side != state.side)
    about, name, what = (*event.split(" "), "", "")[:3]
    if about == "message" and name in protocol.messages:
        if what == "received":
            return f"message {name} sent" in state.happened
        return on_side(protocol.messages[name].side, other, lead)
    if about == "decision" and name in protocol.decisions:
        return on_side(protocol.decisions[name].side, other, lead)
    if about == "task" and name in protocol.tasks:
        return on_side(protocol.tasks[name].side, other, lead)
    trigger = protocol.triggers.get(event)
    if trigger is not None and trigger.fact == "alarm" and trigger.side != "any":
        return lead == (other if trigger.side == "own" else state.side)
    return True


def _wrong_phase(protocol: Protocol, tables: Tables, state: State, name: str, lead: str) -> str:
    """Why no phase in which the other side can be lets it send a message; empty if one does."""
    message = protocol.messages[name]
    other = next(side for side in protocol.sides if side != state.side)
    possible = possible_phases(protocol, tables, state, lead)
    if any(_may_be_sent(protocol, message, phase, other, lead) for phase in possible):
        return ""
    allowed = ", ".join(message.phases) or "phases in which its content may be shown"
    return f"`{name}` is for {allowed}, and {other} cannot be there yet"


def _may_be_sent(
    protocol: Protocol, message: MessageForm, phase: str, other: str, lead: str
) -> bool:
    if message.phases and phase not in message.phases:
        return False
    for item in message.carries:
        shown = protocol.disclosures.get(item)
        if shown is None or phase not in shown.phases or not on_side(shown.side, other, lead):
            return False
        if shown.to and message.expected_by not in shown.to:
            return False
    return True


def _senders(protocol: Protocol, tables: Tables, name: str) -> Iterator[str]:
    """The roles that may send a message: its own, deputies, and who has the task of sending it."""
    sent_by = protocol.messages[name].sent_by
    yield from tables.deputies.get(sent_by, (sent_by,))
    for task, entry in protocol.tasks.items():
        if entry.sends == name:
            yield from tables.doers[task]


def _role_there(protocol: Protocol, role: str, side: str) -> bool:
    known = protocol.roles.get(role)
    return known is not None and (not known.sides or side in known.sides)
