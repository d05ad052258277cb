"""Events: the short sentences by which a protocol says what opens, closes or moves something.

    task report_to_chief done        also: opened, acknowledged, overdue
    decision joint_sealing yes       any outcome the decision lists, or `taken` for all of them
    message alert_other received     also: sent
    phase SEAL entered               also: left
    level HIGH set
    heading_known                    one word: a trigger of the document

The same sentence is the key under which the state machine remembers that it happened.
"""

from __future__ import annotations

import re
from typing import NamedTuple

NAME = r"[A-Za-z][A-Za-z0-9_]{0,47}"
_WHATS = {
    "task": frozenset({"opened", "done", "acknowledged", "overdue"}),
    "message": frozenset({"sent", "received"}),
    "phase": frozenset({"entered", "left"}),
    "level": frozenset({"set"}),
}
_SENTENCE = re.compile(rf"(task|decision|message|phase|level) ({NAME}) ({NAME})")
_WORD = re.compile(NAME)

EXPECTED_EVENT = (
    "an event: the name of a trigger, or a sentence like `task NAME done`, "
    "`message NAME received`, `decision NAME yes`, `phase NAME entered`, `level NAME set`"
)


class ProtocolEvent(NamedTuple):
    """One parsed event.

    Attributes:
        about: `task`, `decision`, `message`, `phase`, `level` or `trigger`.
        name: the task, decision, ... it is about.
        what: what happened to it: `done`, `received`, an outcome; empty for a trigger.
    """

    about: str
    name: str
    what: str

    @property
    def key(self) -> str:
        """The sentence in its one canonical spelling."""
        return self.name if self.about == "trigger" else f"{self.about} {self.name} {self.what}"


def parse_event(text: str) -> ProtocolEvent | None:
    """Read one event; None if it is not one."""
    match = _SENTENCE.fullmatch(text)
    if match is not None:
        about, name, what = match.groups()
        if about in _WHATS and what not in _WHATS[about]:
            return None
        return ProtocolEvent(about, name, what)
    if _WORD.fullmatch(text) is not None:
        return ProtocolEvent("trigger", text, "")
    return None
