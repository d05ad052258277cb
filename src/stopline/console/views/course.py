"""The course of an incident as lanes over time: phases, what was missed, the line, what was closed.

It is made from this node's own journal. Of the other side it holds what it told: its phases stand
in its own journal alone.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, Field

from stopline.console.views.claim import places_of
from stopline.journal.facts import NodeStarted
from stopline.link.facts import LinkChanged
from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.core.context import iso
from stopline.operation.facts.incident import DeadlinePassed
from stopline.operation.facts.orders import VerdictChanged
from stopline.operation.orders.board import own_spans
from stopline.operation.orders.peer_seals import TheirSeals
from stopline.operation.orders.projection import Orders

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.operation.core.incident import Incident
    from stopline.review.history import History, HistoryStep

# What the node finds anew by itself again and again: nobody steps from one to the next.
_SILENT: Final = ("belief.", "replan.", "duty.", "intelligence.", "joint.")


class PhaseLane(BaseModel):
    """A phase of this side."""

    phase: str = Field(description="its name in the protocol")
    title: str = Field(description="the same in words")
    begins: str = Field(description="ISO 8601 with zone")
    ends: str | None = Field(description="ISO 8601 with zone; null: it is the last so far")


class MarkLane(BaseModel):
    """Something at a moment."""

    at: str = Field(description="ISO 8601 with zone")
    text: str = Field(description="what")


class SpanLane(BaseModel):
    """Something over a time."""

    begins: str = Field(description="ISO 8601 with zone")
    ends: str | None = Field(description="ISO 8601 with zone; null: it goes on")
    ways: int = Field(description="ways out that were open at the most; 0 where that is no matter")


class ClosedLane(BaseModel):
    """How many sites were closed from a moment on."""

    at: str = Field(description="ISO 8601 with zone")
    ours: int = Field(description="by our units")
    theirs: int = Field(description="by the other side, as it told us")


class CourseShown(BaseModel):
    """An incident from its alarm to now, or to its end."""

    begins: str = Field(description="when this node first knew of it, ISO 8601 with zone")
    ends: str | None = Field(description="its last fact, ISO 8601; null while the case runs")
    phases: list[PhaseLane] = Field(description="of this side, in order")
    missed: list[MarkLane] = Field(description="tasks whose deadline went by")
    heard: list[MarkLane] = Field(description="what the other side said; empty if not for you")
    line_down: list[SpanLane] = Field(description="when the line was down")
    closed: list[ClosedLane] = Field(description="sites that were closed; empty if not for you")
    leaks: list[SpanLane] = Field(description="when ways were open; empty if not for you")
    exits: list[str] = Field(
        description="exits of the first plan, for which a claim can be tested; empty if not for you"
    )
    moments: list[str] = Field(
        description="when somebody did, said or saw something, ISO 8601 with zone, in order"
    )


def course(history: History, rows: frozenset[str]) -> CourseShown:
    """Show an incident to somebody who may look at some rows of the table of reads."""
    incident, board = history.incident, "board" in rows
    phases = list(_phases(history))
    own = [one for one in history.steps if one.entry.incident == history.name]
    begins_s = min(history.began_s, incident.opened_s)
    return CourseShown(
        begins=iso(begins_s), ends=iso(own[-1].entry.time_s) if incident.is_over and own else None,
        phases=phases, missed=list(_missed(history)),
        heard=list(_heard(history)) if "matters" in rows else [],
        line_down=[
            SpanLane(begins=iso(max(a, begins_s)), ends=None if b is None else iso(b), ways=0)
            for a, b in _down(history.steps) if b is None or b > begins_s
        ],
        closed=list(_closed(incident, history.until_s)) if board else [],
        leaks=list(_leaks(own)) if board else [],
        exits=places_of(history) if board else [],
        moments=[
            iso(at_s) for at_s in dict.fromkeys(
                one.entry.time_s for one in own if not one.entry.kind.startswith(_SILENT)
            )
        ],
    )  # fmt: skip


def _phases(history: History) -> Iterator[PhaseLane]:
    known = history.incident.machine.protocol.phases
    entered = [(one.phase, one.entry.time_s) for one in history.steps if one.moved and one.phase]
    for number, (phase, at_s) in enumerate(entered):
        after = entered[number + 1][1] if number + 1 < len(entered) else None
        yield PhaseLane(
            phase=phase, title=known[phase].title, begins=iso(at_s),
            ends=None if after is None else iso(after),
        )  # fmt: skip


def _missed(history: History) -> Iterator[MarkLane]:
    incident = history.incident
    for one in history.steps:
        if isinstance(one.body, DeadlinePassed):
            opened = incident.state.tasks.get(one.body.task)
            task = None if opened is None else incident.machine.protocol.tasks[opened.task]
            text = one.body.task if task is None else task.title
            yield MarkLane(at=iso(one.entry.time_s), text=text)


def _heard(history: History) -> Iterator[MarkLane]:
    messages = history.incident.machine.protocol.messages
    for one in history.steps:
        said = one.said
        if said is not None and said.received and isinstance(said.body, ProcedureSaid):
            message = messages.get(said.body.name)
            text = said.body.name if message is None else message.title
            yield MarkLane(at=iso(one.entry.time_s), text=text)


def _down(steps: list[HistoryStep]) -> list[tuple[float, float | None]]:
    """When the line was down; before it first came up it was not broken."""
    found: list[tuple[float, float | None]] = []
    was_up = False
    for one in steps:
        broke = isinstance(one.body, NodeStarted) and was_up
        if isinstance(one.body, LinkChanged):
            if one.body.up and found and found[-1][1] is None:
                found[-1] = (found[-1][0], one.entry.time_s)
            broke = was_up and not one.body.up
            was_up = one.body.up
        if broke:
            was_up = False
            found.append((one.entry.time_s, None))
    return found


def _closed(incident: Incident, until_s: float) -> Iterator[ClosedLane]:
    """How many sites were closed; what is only expected to be does not count."""
    orders = incident.projection(Orders)
    sites = dict.fromkeys(one.issued.site for one in orders.orders.values())
    changes: list[tuple[float, int, int]] = []
    ours = [span for site in sites for span in own_spans(orders, site, math.inf)]
    theirs = [span for spans in incident.projection(TheirSeals).spans.values() for span in spans]
    for spans, own, other in ((ours, 1, 0), (theirs, 0, 1)):
        for begin_s, end_s in spans:
            if begin_s <= until_s:
                changes += [(begin_s, own, other), (end_s, -own, -other)]
    at_s, counts = -math.inf, (0, 0)
    for moment_s, own, other in [*sorted(changes), (math.inf, 0, 0)]:
        if moment_s > at_s and math.isfinite(at_s):
            yield ClosedLane(at=iso(at_s), ours=counts[0], theirs=counts[1])
        at_s, counts = moment_s, (counts[0] + own, counts[1] + other)
        if not math.isfinite(moment_s):
            return


def _leaks(steps: list[HistoryStep]) -> Iterator[SpanLane]:
    """When the verdict was that ways are open; one span for as long as it stays so."""
    found: list[tuple[float, int]] = []  # from then on so many ways were open
    for one in steps:
        if isinstance(one.body, VerdictChanged):
            open_ = sum(way.still_open for way in one.body.ways) + one.body.more
            found.append((one.entry.time_s, open_ if one.body.verdict == "leaking" else 0))
    begin_s, most = 0.0, 0
    for (at_s, ways), (after_s, after) in pairwise([*found, (math.inf, 0)]):
        begin_s = begin_s if most else at_s
        most = max(most, ways) if ways else 0
        if most and (not after or not math.isfinite(after_s)):
            ends = iso(after_s) if math.isfinite(after_s) else None
            yield SpanLane(begins=iso(begin_s), ends=ends, ways=most)
            most = 0
