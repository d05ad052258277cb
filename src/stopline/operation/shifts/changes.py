"""What changed in an incident, line by line, for whoever was not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.projection import Projection, projection
from stopline.operation.facts.incident import IncidentFact

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.journal.kinds import FactBody
    from stopline.link.messages import MessageBody
    from stopline.protocol.schema import Protocol

# Facts that say something to a successor even though the protocol makes nothing of them. Positions
# of units, which come by the thousand, are not among them.
_TOLD: Final = (
    "incident.", "order.", "plan.", "call.", "statement.", "sighting.", "intelligence.", "agency.",
)  # fmt: skip
# Fields that are shown, in this order; a field that is not here is not shown.
_SHOWN: Final = (
    "what", "place", "title", "agency", "task", "decision", "outcome", "level", "about",
    "statement", "version", "towards", "grade", "state", "site", "verdict", "agreed", "reason",
    "label",
)  # fmt: skip
_LONGEST: Final = 160


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened.

    Attributes:
        at_s: when it was written down, UTC seconds.
        kind: the fact's kind, or `message.sent` or `message.received`.
        who: person and role; empty for the node itself.
        about: task instance, decision or message of the protocol; empty for none.
        words: what else it says, short.
    """

    at_s: float
    kind: str
    who: str
    about: str
    words: str


@projection("incident")
class ShiftChanges(Projection):
    """What changed in an incident, in order."""

    def __init__(self) -> None:
        self.all: list[Change] = []

    def since(self, time_s: float) -> list[Change]:
        """What was written down from a time on."""
        return [each for each in self.all if each.at_s >= time_s]

    def apply(self, body: FactBody, entry: Entry) -> None:
        """Take in every fact that means something to a successor, of whatever room it is."""
        if not isinstance(body, IncidentFact):
            return
        meanings = body.meanings()
        if not meanings and not entry.kind.startswith(_TOLD):
            return
        fields = body.model_dump(mode="json")
        about = meanings[0].about if meanings else ""
        values = [fields.get(name) for name in _SHOWN]
        words = [
            str(v) for v in values if isinstance(v, str | int | float) and v not in {"", about}
        ]
        who = "" if entry.role == "node" else f"{entry.author} ({entry.role})"
        self.all.append(Change(entry.time_s, entry.kind, who, about, _short("; ".join(words))))

    def hear(self, body: MessageBody, kind: str, entry: Entry, *, received: bool) -> None:
        """Take in every message of the protocol."""
        del kind
        if isinstance(body, ProcedureSaid):
            what = "message.received" if received else "message.sent"
            who = "" if received else f"{entry.author} ({entry.role})"
            answer = f"{body.answer}: " if body.answer else ""
            words = _short(answer + (body.text or body.what_happened or ""))
            self.all.append(Change(entry.time_s, what, who, body.name, words))


def sentence(change: Change, protocol: Protocol) -> str:
    """Write a change in one line, in the words of the protocol where it has some."""
    title = change.about
    for part in (protocol.messages, protocol.tasks, protocol.decisions):
        found = part.get(change.about.split("@")[0].split("#")[0])
        if found is not None:
            title = found.title
            break
    head = {
        "message.sent": "we told the other side",
        "message.received": "the other side told us",
        "deadline.passed": "overdue",
    }.get(change.kind, change.kind.replace(".", " ").replace("-", " "))
    told = "; ".join(part for part in (title, change.words) if part)
    return " ".join(part for part in (f"{head}: {told}" if told else head, change.who) if part)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
