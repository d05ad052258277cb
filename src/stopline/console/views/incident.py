"""An incident as the API shows it: phase, level, tasks with their clocks, open matters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from stopline.console.site_ids import Sites
from stopline.operation.core.context import iso
from stopline.operation.liaison.open_matters import open_matters
from stopline.operation.liaison.reminders import reminders
from stopline.operation.liaison.requests import requests_of
from stopline.operation.statements.clock import public_clock

if TYPE_CHECKING:
    from stopline.operation.core.incident import Incident
    from stopline.operation.core.state import NodeState
    from stopline.operation.liaison.projection import Said
    from stopline.operation.liaison.requests import Request
    from stopline.protocol.due import TaskDue


class IncidentInShort(BaseModel):
    """An incident in a list."""

    incident: str = Field(description="its id, the same on both nodes")
    title: str = Field(description="what it is called")
    phase: str = Field(description="phase of the protocol")
    phase_title: str = Field(description="the phase in words")
    level: str = Field(description="alert level; empty before one is set")
    opened: str = Field(description="when this node first knew of it, ISO 8601 with zone")
    opened_by: str = Field(description="the side that opened it")
    offered: bool = Field(
        description="only the other side has opened it; `incident.open` takes it on this side"
    )
    over: bool = Field(description="whether the protocol has come to its end")
    overdue: int = Field(description="tasks of this side whose deadline is over")
    open_matters: int = Field(description="how many matters are open")


class TaskShown(BaseModel):
    """A task to do or to acknowledge, with its clock."""

    task: str = Field(description="the task's instance")
    title: str = Field(description="what to do")
    role: str = Field(description="who must")
    holders: list[str] = Field(description="the roles that act for it now")
    what: Literal["do", "acknowledge"] = Field(description="what is awaited")
    opened: str = Field(description="since when, ISO 8601 with zone")
    deadline: str | None = Field(description="by when, ISO 8601 with zone; null for never")
    left_s: float | None = Field(description="seconds left, negative if it is over; null for never")
    granted: bool = Field(description="whether the authority that it needs is in force")


class EscalationShown(BaseModel):
    """An overdue task that somebody above has been told of."""

    task: str = Field(description="the task's instance")
    role: str = Field(description="who was told")
    holders: list[str] = Field(description="the roles that act for it now")
    at: str = Field(description="when, ISO 8601 with zone")


class DecisionShown(BaseModel):
    """A decision that something waits for."""

    decision: str = Field(description="its name in the protocol")
    title: str = Field(description="the question")
    outcomes: list[str] = Field(description="what can be decided")
    taken_by: list[str] = Field(description="roles that may take it")
    persons: int = Field(description="how many must agree")
    voices: list[tuple[str, str, str]] = Field(description="person, role and outcome so far")
    due: str | None = Field(description="by when, ISO 8601 with zone; null for no time")
    signed: bool = Field(description="each voice is signed by the officer's own key, as agreed")


class ReminderShown(BaseModel):
    """What somebody should do now."""

    role: str = Field(description="who")
    text: str = Field(description="what")
    since: str = Field(description="since when, ISO 8601 with zone")
    about: str = Field(description="id of the message that it is about")


class IncidentShown(IncidentInShort):
    """An incident and what it asks for now."""

    authority: str = Field(description="legal authority on this side; empty for none")
    expires: str | None = Field(description="its end, ISO 8601 with zone; null for none")
    protocol: str = Field(description="digest of the protocol that it runs under")
    side: str = Field(description="this side")
    lead: str | None = Field(description="the side that leads; null before one does")
    began: str | None = Field(description="the alarm, ISO 8601 with zone; null before it")
    tasks: list[TaskShown] = Field(description="open tasks, the nearest deadline first")
    escalations: list[EscalationShown] = Field(description="who was told of overdue tasks")
    decisions: list[DecisionShown] = Field(description="decisions wanted from this side")
    reminders: list[ReminderShown] = Field(description="what waits, oldest first")
    public_due: str | None = Field(description="until when something must be said in public")
    reopens: bool = Field(description="roads may reopen in this phase of the procedure")


class RequestShown(BaseModel):
    """What one side asked of the other."""

    message: str = Field(description="id of the message that asked")
    name: str = Field(description="message of the protocol")
    title: str = Field(description="the question in the protocol's words")
    from_other_side: bool = Field(description="the other side asked")
    asked: str = Field(description="when, ISO 8601 with zone")
    person: str = Field(description="who asked")
    text: str = Field(description="what else was said")
    sites: Sites = Field(description="sites that should be sealed, by the ids of the map's file")
    state: str = Field(description="asked, accepted, in part, declined, done, overdue")
    due: str | None = Field(description="by when something is owed; null for no time")
    answer: str = Field(description="conditions or reason of the last answer")
    open: bool = Field(description="whether somebody still owes something")


class SaidShown(BaseModel):
    """A message of the protocol that nobody has taken note of by name."""

    message: str = Field(description="id of the message")
    name: str = Field(description="message of the protocol")
    at: str = Field(description="when, ISO 8601 with zone")
    person: str = Field(description="who said it")
    text: str = Field(description="what was said")
    delivered: bool = Field(description="whether it stands in the other node's journal")


class MattersShown(BaseModel):
    """What is open between the sides and on this one."""

    requests: list[RequestShown] = Field(description="all requests of both sides, oldest first")
    unnoted_here: list[SaidShown] = Field(description="messages that nobody here took note of")
    unnoted_there: list[SaidShown] = Field(description="messages that nobody there took note of")
    overdue: list[TaskShown] = Field(description="tasks whose deadline is over")
    decisions: list[DecisionShown] = Field(description="decisions wanted from this side")
    withdrawals_untold: list[str] = Field(
        description="ids of sightings taken back that the other side still believes"
    )


def in_short(book: NodeState, incident: Incident, now_s: float) -> IncidentInShort:
    """Show an incident in a list."""
    return IncidentInShort(**_short(book, incident, now_s))


def in_full(
    book: NodeState, incident: Incident, now_s: float, rows: frozenset[str]
) -> IncidentShown:
    """Show an incident and what it asks for now, to somebody who may look at some rows."""
    due = incident.due(now_s)
    began_s = incident.state.began_s
    phase = incident.machine.protocol.phases[incident.phase]
    return IncidentShown(
        **_short(book, incident, now_s),
        authority=incident.authority, expires=_iso(incident.expires_s),
        protocol=incident.state.version, side=book.side, lead=incident.state.lead or None,
        began=_iso(began_s),
        tasks=[_task(each, now_s) for each in due.tasks],
        escalations=[
            EscalationShown(task=e.id, role=e.role, holders=list(e.holders), at=iso(e.at_s))
            for e in due.escalations
        ],
        decisions=_decisions(book, incident, now_s),
        reminders=[
            ReminderShown(
                role=r.role, text=r.text if "board" in rows else r.short or r.text,
                since=iso(r.at_s), about=r.about,
            )
            for r in reminders(book, incident, now_s)
        ],
        public_due=_iso(public_clock(incident, now_s).due_s),
        reopens=phase.withdraws or phase.final,
    )  # fmt: skip


def matters(book: NodeState, incident: Incident, now_s: float) -> MattersShown:
    """Show what is open."""
    found = open_matters(book, incident, now_s)
    return MattersShown(
        requests=[request_of(each) for each in requests_of(incident, now_s)],
        unnoted_here=[_said(each, delivered=True) for each in found.unnoted_here],
        unnoted_there=[
            _said(each, delivered=each.id not in found.undelivered) for each in found.unnoted_there
        ],
        overdue=[_task(each, now_s) for each in found.overdue],
        decisions=_decisions(book, incident, now_s),
        withdrawals_untold=[each.id for each in found.withdrawals_untold],
    )


def _short(book: NodeState, incident: Incident, now_s: float) -> dict[str, Any]:
    found = open_matters(book, incident, now_s)
    return {
        "incident": incident.id,
        "title": incident.title,
        "phase": incident.phase,
        "phase_title": incident.machine.protocol.phases[incident.phase].title,
        "level": incident.state.level or "",
        "opened": iso(incident.opened_s),
        "opened_by": incident.opened_by,
        "offered": incident.is_offered,
        "over": incident.is_over,
        "overdue": len(found.overdue),
        "open_matters": found.count,
    }


def _task(each: TaskDue, now_s: float) -> TaskShown:
    left_s = None if each.deadline_s is None else each.deadline_s - now_s
    return TaskShown(
        task=each.id, title=each.title, role=each.role, holders=list(each.holders),
        what="do" if each.what == "do" else "acknowledge", opened=iso(each.opened_s),
        deadline=_iso(each.deadline_s), left_s=left_s, granted=each.granted,
    )  # fmt: skip


def _decisions(book: NodeState, incident: Incident, now_s: float) -> list[DecisionShown]:
    known = incident.machine.protocol.decisions
    return [
        DecisionShown(
            decision=d.decision, title=d.title, outcomes=list(known[d.decision].outcomes),
            taken_by=list(d.taken_by), persons=d.persons, voices=list(d.voices),
            due=_iso(d.due_s),
            signed=incident.machine.protocol.signed_by_person or known[d.decision].signed_by_person,
        )
        for d in open_matters(book, incident, now_s).decisions
    ]  # fmt: skip


def request_of(each: Request) -> RequestShown:
    """Show what one side asked of the other."""
    body = each.asked.body
    return RequestShown(
        message=each.asked.id, name=body.name, title=each.title,
        from_other_side=each.asked.received, asked=iso(each.asked.at_s), person=each.asked.person,
        text=body.text, sites=[wanted.site for wanted in body.wanted_sections],
        state=each.state, due=_iso(each.due_s), answer=each.answer_text, open=each.is_open,
    )  # fmt: skip


def _said(each: Said, *, delivered: bool) -> SaidShown:
    return SaidShown(
        message=each.id, name=each.body.name, at=iso(each.at_s), person=each.person,
        text=each.body.text, delivered=delivered,
    )  # fmt: skip


def _iso(time_s: float | None) -> str | None:
    return None if time_s is None else iso(time_s)
