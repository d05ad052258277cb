"""Reminders at a time: who should do what now; a pure function of the book and now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.operation.liaison.projection import Deliveries, Exchange
from stopline.operation.liaison.requests import requests_of
from stopline.operation.orders.seal_notices import may_say_itself, untold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.liaison.requests import Request

UNNOTED_AFTER_S: Final = 120.0
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Reminder:
    """One thing that somebody should do now.

    Attributes:
        at_s: since when it should be done, UTC seconds.
        role: who.
        text: what.
        about: id of the message or request it is about.
        short: the same for who may not look at the board; empty where that is no other.
    """

    at_s: float
    role: str
    text: str
    about: str
    short: str = ""


def reminders(book: NodeState, incident: Incident, now_s: float) -> list[Reminder]:
    """Remind of what waits at a time, oldest first; overdue tasks remind by the protocol itself."""
    found = [
        *_requests(incident, now_s),
        *_unnoted(incident, now_s),
        *_undelivered(book, incident),
        *_seals(incident, now_s),
    ]
    return sorted((r for r in found if r.at_s <= now_s), key=lambda r: (r.at_s, r.about))


def _requests(incident: Incident, now_s: float) -> Iterator[Reminder]:
    """At half of the time and at its end; a promise at its end."""
    messages = incident.machine.protocol.messages
    for each in requests_of(incident, now_s):
        if not each.is_open or each.due_s is None:
            continue
        message = messages[each.asked.body.name]
        role = message.expected_by if each.asked.received else message.sent_by
        if each.due_s <= now_s:
            yield Reminder(each.due_s, role, _overdue(each), each.asked.id)
        elif not each.answers:
            half_s = each.asked.at_s + _HALF * (each.due_s - each.asked.at_s)
            text = (
                f"answer the other side: {each.title}"
                if each.asked.received
                else f"no answer yet: {each.title}"
            )
            yield Reminder(half_s, role, text, each.asked.id)


def _overdue(each: Request) -> str:
    if not each.answers:
        ours = "our answer is overdue" if each.asked.received else "their answer is overdue"
        return f"{ours}: {each.title}"
    side = "we promised" if each.asked.received else "they promised"
    return f"{side}, the time is over, and it is not reported done: {each.title}"


def _unnoted(incident: Incident, now_s: float) -> Iterator[Reminder]:
    """Messages that no officer has taken note of."""
    messages = incident.machine.protocol.messages
    for each in incident.projection(Exchange).said.values():
        if each.noted_by or now_s < each.at_s + UNNOTED_AFTER_S or each.body.name not in messages:
            continue
        message = messages[each.body.name]
        if each.received:
            text = f"take note of what the other side says: {message.title}"
            yield Reminder(each.at_s + UNNOTED_AFTER_S, message.expected_by, text, each.id)
        else:
            text = f"nobody there has taken note: {message.title}"
            yield Reminder(each.at_s + UNNOTED_AFTER_S, message.sent_by, text, each.id)


def _undelivered(book: NodeState, incident: Incident) -> Iterator[Reminder]:
    """What has not arrived in the agreed time goes the other way that the protocol names."""
    deliveries = book.projection(Deliveries)
    for each in incident.projection(Exchange).said.values():
        message = incident.machine.protocol.messages.get(each.body.name)
        if each.received or message is None or message.fallback is None:
            continue
        if deliveries.is_waiting(each.id) and not each.noted_by:
            text = f"not delivered; say it by {message.fallback.by}: {message.title}"
            yield Reminder(each.at_s + message.fallback.after_s, message.sent_by, text, each.id)


def _seals(incident: Incident, now_s: float) -> Iterator[Reminder]:
    """A change of our seals that the other side was not told; where the node may, it says it."""
    found = untold(incident, now_s)
    if found is not None and not may_say_itself(incident, found.role):
        short = "tell the other side (seals.tell)"
        text = f"{short}: {', '.join(found.changed)}"
        yield Reminder(found.since_s, found.role, text, found.message, short)
