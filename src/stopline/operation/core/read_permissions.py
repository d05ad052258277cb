"""Who may look at what: one table, role by area of what is known; the tests walk it completely.

It stands beside the table of commands and uses the same words: roles of the shipped protocol,
groups, deputies. Each kind of fact belongs to one row, so that whoever follows events or pages
through the journal sees no more than a screen of that row would show.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from stopline.operation.core.permissions import (
    ADMINISTRATOR,
    CAMERA,
    CENTRE,
    OFFICER,
    UNIT,
    is_among,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.journal.base import Entry
    from stopline.operation.core.state import NodeState

_FORCES = frozenset(
    {"riot_police_commander", "border_commander", "security_chief", "military_commander"}
)
_HEADS = frozenset({"interior_minister", "defence_minister", "prime_minister", "head_of_state"})
_COMMAND = CENTRE | _FORCES | _HEADS | {"liaison_officer"}

READS: dict[str, frozenset[str]] = {
    "node": frozenset({OFFICER, ADMINISTRATOR}),
    "people": frozenset({ADMINISTRATOR}),
    "incident": frozenset({OFFICER}),
    "matters": frozenset({OFFICER}),
    "situation": frozenset({OFFICER}),
    "statements": frozenset({OFFICER}),
    "shifts": frozenset({OFFICER}),
    "intelligence": frozenset({OFFICER}),  # a sealed text only for who is named and opened it
    "sightings": _COMMAND | {"prosecutor"},  # with their sources
    "wanted": frozenset({CAMERA}),  # the plate alone, asked for every frame
    "board": _COMMAND | {"prosecutor"},  # units by name
    "units": _COMMAND,
    "journal": CENTRE | {"liaison_officer", "prosecutor", "head_of_state"},
    "map": frozenset({OFFICER, ADMINISTRATOR, UNIT}),  # roads, borders and places: nothing secret
    "own orders": frozenset({UNIT}),  # its own alone
}

# The row that a kind of fact belongs to, by the words it begins with; the longest one counts.
ROW_OF_KINDS: Final[dict[str, str]] = {
    "agency.": "units",
    "alarm.": "incident",
    "attendance.": "incident",
    "belief.": "sightings",
    "body.": "journal",
    "call.": "matters",
    "camera.": "sightings",
    "clock.": "journal",
    "code.": "people",
    "deadline.": "incident",
    "duty.": "node",
    "decision.": "incident",
    "frame.": "journal",
    "hit.": "sightings",
    "incident.": "incident",
    "intelligence.": "intelligence",
    "joint.": "board",
    "journal.": "node",
    "lesson.": "incident",
    "level.": "incident",
    "line.": "node",
    "link.": "node",
    "message.": "matters",
    "node.": "node",
    "note.": "journal",
    "operator.": "people",
    "order.": "board",
    "password.": "people",
    "peer.": "node",
    "person.": "journal",
    "plan.": "board",
    "positions.": "units",
    "protocol.": "node",
    "recipient.": "intelligence",
    "replan.": "board",
    "report.": "incident",
    "seal.": "board",
    "session.": "people",
    "shift.": "shifts",
    "sighting.": "sightings",
    "sign-in.": "people",
    "signing-key.": "node",
    "situation.": "situation",
    "stand-down.": "board",
    "statement.": "statements",
    "task.": "incident",
    "token.": "people",
    "unit.": "units",
    "units.": "units",
    "vehicle.": "incident",
    "verdict.": "board",
    "watch.": "sightings",
}
_REST: Final = "journal"  # a kind that is not named: only who may read the whole journal


def row_of(kind: str) -> str:
    """The row that a kind of fact belongs to."""
    found = [word for word in ROW_OF_KINDS if kind.startswith(word)]
    return ROW_OF_KINDS[max(found, key=len)] if found else _REST


# What a message holds beside words: who may not look at the row does not read it there, either.
ROWS_OF_CONTENT: Final[dict[str, str]] = {
    "sightings": "sightings",
    "belief": "sightings",
    "suspicions": "intelligence",
    "seal_status": "board",
    "draft_statement_text": "statements",
}
_OF_SEVERAL: Final[dict[str, frozenset[str]]] = {
    "message.refused": frozenset({"journal"}),  # it holds what nobody checked
    "situation.issued": frozenset({"situation", "sightings", "board"}),  # the whole page
}
_CARRIED: Final = frozenset({"message.sent", "message.received"})


def rows_of(entry: Entry) -> frozenset[str]:
    """The rows that an entry belongs to; whoever reads it may look at all of them.

    A message belongs to the rows of what it carries, too.
    """
    row = row_of(entry.kind)
    if entry.kind in _OF_SEVERAL:
        return _OF_SEVERAL[entry.kind]
    if entry.kind not in _CARRIED or entry.body is None:
        return frozenset({row})
    try:
        envelope = json.loads(str(entry.body["envelope"]))
        kind, body = str(envelope["kind"]), envelope["body"]
        held = {name for name in ROWS_OF_CONTENT if body.get(name)}
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset({"journal"})
    if kind.startswith("plan."):
        return frozenset({row, "board"})
    return frozenset({row, *(ROWS_OF_CONTENT[name] for name in held)})


def may_read(role: str, row: str, book: NodeState) -> bool:
    """Whether a role may look at a row, itself or as a deputy."""
    return is_among(role, READS.get(row, frozenset()), book)


def rows_for(roles: Iterable[str], book: NodeState) -> frozenset[str]:
    """Every row that somebody with these roles may look at."""
    known = tuple(roles)
    return frozenset(row for row in READS if any(may_read(role, row, book) for role in known))
