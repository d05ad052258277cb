"""Which messages of a joint plan fit what was asked and answered before: each once, in its turn."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from stopline.link.plan_messages import (
    PlanAnswered,
    PlanAsked,
    PlanDecided,
    PlanDeclined,
    PlanTaken,
    PlanWithdrawn,
)
from stopline.operation.core.projection import Projection, on_message, projection
from stopline.operation.core.received import Heard, admits
from stopline.operation.joint.pending_commitments import COUNTED_ON_S
from stopline.operation.joint.projection import JointPlans

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.operation.core.state import NodeState
    from stopline.operation.joint.projection import Key

_LATE_S: Final = 600.0  # a question may have waited so long for its line, and clocks may differ
_LONGEST_MATTER: Final = 200


@projection("node")
class PlanTalk(Projection):
    """Questions and answers of joint plans, by matter and number.

    Attributes:
        asked_here: questions of this node that wait for an answer.
        asked_there: questions of the other node, answered or not.
        answered_here: answers of this node that the other has not built on.
        built_on: incident of those that it has, also before the commitment is noted here.
    """

    def __init__(self) -> None:
        self.asked_here: set[Key] = set()
        self.asked_there: set[Key] = set()
        self.answered_here: set[Key] = set()
        self.built_on: dict[Key, tuple[str, str | None]] = {}

    @on_message(PlanAsked)
    def _asked(self, body: PlanAsked, entry: Entry, *, received: bool) -> None:
        del entry
        (self.asked_there if received else self.asked_here).add((body.matter, body.number))

    @on_message(PlanAnswered)
    def _answered(self, body: PlanAnswered, entry: Entry, *, received: bool) -> None:
        del entry
        key = body.matter, body.number
        if received:
            self.asked_here.discard(key)
        else:
            self.answered_here.add(key)

    @on_message(PlanDeclined)
    def _declined(self, body: PlanDeclined, entry: Entry, *, received: bool) -> None:
        del entry
        if received:
            self.asked_here.discard((body.matter, body.number))

    @on_message(PlanTaken)
    def _taken(self, body: PlanTaken, entry: Entry, *, received: bool) -> None:
        """With one answer that is built on, the others of its matter are void."""
        if received:
            self.answered_here = {key for key in self.answered_here if key[0] != body.matter}
            self.built_on[body.matter, body.number] = (
                str((entry.body or {})["peer"]), entry.incident,
            )  # fmt: skip


@admits(PlanAsked)
def _asked(book: NodeState, body: PlanAsked, heard: Heard) -> str:
    if not 0 < len(body.matter) <= _LONGEST_MATTER or body.number < 1:
        return "expected an id of the joint plan, and numbers from 1"
    if (body.matter, body.number) in book.projection(PlanTalk).asked_there:
        return f"question {body.number} of this joint plan was asked before"
    incident = book.incidents.get(heard.incident or "")
    if incident is not None and incident.is_over:
        return f"incident {incident.id} is over"
    return ""


@admits(PlanAnswered)
def _answered(book: NodeState, body: PlanAnswered, heard: Heard) -> str:
    del heard
    return _no_question(book, (body.matter, body.number))


@admits(PlanDeclined)
def _declined(book: NodeState, body: PlanDeclined, heard: Heard) -> str:
    del heard
    return _no_question(book, (body.matter, body.number))


@admits(PlanTaken)
def _taken(book: NodeState, body: PlanTaken, heard: Heard) -> str:
    if (body.matter, body.number) not in book.projection(PlanTalk).answered_here:
        return "this node gave no such answer, or it is built on or void already"
    latest_s = heard.now_s + COUNTED_ON_S + _LATE_S
    if not (math.isfinite(body.expires_utc_s) and body.expires_utc_s <= latest_s):
        return f"a commitment is counted on for {COUNTED_ON_S / 3600:.0f} h at most"
    return ""


@admits(PlanDecided)
def _decided(book: NodeState, body: PlanDecided, heard: Heard) -> str:
    built_on = book.projection(PlanTalk).built_on.get((body.matter, body.number))
    if built_on != (heard.sender, heard.incident):
        return "this node gave no such commitment in this incident"
    return ""


@admits(PlanWithdrawn)
def _withdrawn(book: NodeState, body: PlanWithdrawn, heard: Heard) -> str:
    known = book.projection(JointPlans).taken.get((body.matter, body.number))
    if known is None or known.body.peer != heard.sender:
        return "no plan of this node builds on such a commitment"
    return "that commitment was withdrawn before" if known.withdrawn else ""


def _no_question(book: NodeState, key: Key) -> str:
    if key in book.projection(PlanTalk).asked_here:
        return ""
    return f"this node has asked no question {key[1]} of this joint plan that waits for an answer"
