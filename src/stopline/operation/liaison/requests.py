"""Requests and their states, read from what was said and from the protocol; nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from stopline.operation.core.context import seconds
from stopline.operation.liaison.projection import Exchange, Said

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident

RequestState: TypeAlias = Literal["asked", "accepted", "in part", "declined", "done", "overdue"]
OPEN_STATES: frozenset[RequestState] = frozenset({"asked", "accepted", "in part", "overdue"})


@dataclass(frozen=True, slots=True)
class Request:
    """What one side asked of the other.

    Attributes:
        asked: the message that asked.
        title: the question, in the protocol's words.
        answers: the messages that answered, in order; the last one counts.
        state: where it stands. `overdue`: the answer is not there in time, or something that was
            promised is not done in time.
        due_s: by when an answer, or what was promised, is due; None for no time.
    """

    asked: Said
    title: str
    answers: tuple[Said, ...]
    state: RequestState
    due_s: float | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still owes something."""
        return self.state in OPEN_STATES

    @property
    def answer_text(self) -> str:
        """Conditions, or the reason, of the last answer; empty if none."""
        return self.answers[-1].body.text if self.answers else ""


def requests_of(incident: Incident, now_s: float) -> list[Request]:
    """All requests of both sides as they stand at a time, oldest first."""
    messages = incident.machine.protocol.messages
    asked: dict[str, Said] = {}
    last: dict[tuple[str, bool], str] = {}  # the latest request of a name, by who asked
    given: dict[str, list[Said]] = {}
    for each in incident.projection(Exchange).said.values():
        message = messages.get(each.body.name)
        if message is None:
            continue
        if message.kind == "request":
            asked[each.id] = each
            last[each.body.name, each.received] = each.id
        elif message.kind == "answer" and message.answers is not None:
            # What it answers: the request it names, else the last of that name before it.
            ref = each.body.request or each.body.ref
            ref = ref or last.get((message.answers, not each.received), "")
            found = asked.get(ref)
            if found is not None and found.received is not each.received:
                given.setdefault(found.id, []).append(each)
    return [
        _request(each, messages[each.body.name].title, tuple(given.get(each.id, ())), now_s)
        for each in asked.values()
    ]


def _request(asked: Said, title: str, answers: tuple[Said, ...], now_s: float) -> Request:
    last = answers[-1].body if answers else None
    # An answer that does not say yes or no is an answer in words: nothing more is owed.
    state: RequestState = "asked" if last is None else (last.answer or "done")
    due_s = _due(asked, answers)
    if state in {"asked", "accepted", "in part"} and due_s is not None and due_s <= now_s:
        state = "overdue"
    return Request(asked, title, answers, state, due_s)


def _due(asked: Said, answers: tuple[Said, ...]) -> float | None:
    """Before an answer its own time; after one, the last moment that was promised."""
    if not answers:
        return None if asked.body.answer_by is None else seconds(asked.body.answer_by)
    closed = [c.closed_by for c in answers[-1].body.commitments if c.closed_by is not None]
    return max((seconds(time) for time in closed), default=None)
