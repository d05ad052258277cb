"""A protocol's parts in plain words, for documents that people read and sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.protocol.events import parse_event
from stopline.protocol.schema import CONFIRMATION, evidence_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.protocol.schema import PhaseExit, Protocol, Task

_SIDES = {
    "each": "each side",
    "lead": "the leading side",
    "assist": "the assisting side",
    "both": "both sides",
    "first": "either side",
}
_MINUTE_S = 60
_HOUR_S = 3600
_DAY_S = 86_400


def seconds_in_words(seconds: float | None) -> str:
    """Say a time as people do: `90 s`, `4 min`, `1 h 30 min`, `14 days`."""
    if seconds is None:
        return "no limit"
    if seconds < 2 * _MINUTE_S and seconds % _MINUTE_S:
        return f"{seconds:g} s"
    if seconds >= 2 * _DAY_S:
        return f"{seconds / _DAY_S:g} days"
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    hours, minutes = divmod(minutes, _MINUTE_S)
    parts = [f"{hours} h"] if hours else []
    parts += [f"{minutes} min"] if minutes else []
    parts += [f"{rest} s"] if rest and not hours else []
    return " ".join(parts) or "0 s"


class DocumentWords:
    """Says the parts of one protocol in words."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol

    def side(self, word: str) -> str:
        """`each` as `each side`, a side's name as its full name."""
        side = self.protocol.sides.get(word)
        return _SIDES.get(word, word) if side is None else side.name

    def role(self, name: str | None) -> str:
        """A role's title."""
        role = self.protocol.roles.get(name or "")
        return name or "nobody" if role is None else role.title

    def roles(self, names: Iterable[str]) -> str:
        """Titles of several roles, in order."""
        return ", ".join(self.role(name) for name in names)

    def event(self, text: str) -> str:
        """An event as a clause: `chief has acknowledged: report to ...`."""
        event = parse_event(text)
        if event is None:
            return text
        protocol = self.protocol
        if event.about == "trigger":
            trigger = protocol.triggers.get(event.name)
            return trigger.title if trigger and trigger.title else event.name.replace("_", " ")
        if event.about == "task" and event.name in protocol.tasks:
            return f"“{protocol.tasks[event.name].title}” {event.what}"
        if event.about == "decision" and event.name in protocol.decisions:
            return f"“{protocol.decisions[event.name].title}” {event.what}"
        if event.about == "message" and event.name in protocol.messages:
            return f"message “{protocol.messages[event.name].title}” {event.what}"
        return f"{event.about} {event.name} {event.what}"

    def events(self, texts: Iterable[str], joint: str = "or") -> str:
        """Several events."""
        return f"; {joint} ".join(self.event(text) for text in texts)

    def exit(self, way: PhaseExit) -> str:
        """The condition of a way out of a phase."""
        parts = [self.events(way.all_of, "and")] if way.all_of else []
        parts += [self.events(way.any_of)] if way.any_of else []
        when = "; and ".join(parts)
        return when if way.since == "phase" else f"{when} (now or earlier)"

    def deadline(self, task: Task) -> str:
        """By when a task must be done."""
        if task.within_s is None:
            return "no limit"
        within = seconds_in_words(task.within_s)
        return (
            within
            if task.counted_from is None
            else f"{within} from: {self.event(task.counted_from)}"
        )

    def evidence(self, task: Task) -> str:
        """What closes a task."""
        event = evidence_of(task)
        if event == CONFIRMATION:
            return f"word of the person: {task.evidence}" if task.evidence else "word of the person"
        return self.event(event)
