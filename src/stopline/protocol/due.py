"""What a state asks for at a time: tasks to do, overdue notices, escalations, disclosures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stopline.protocol.guards import granted
from stopline.protocol.lookup import on_side
from stopline.protocol.state import ProtocolFact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.protocol.lookup import Tables
    from stopline.protocol.schema import Protocol
    from stopline.protocol.state import State, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDue:
    """A task to be done or acknowledged.

    Attributes:
        id: the task instance.
        task: its name in the document.
        title: what to do.
        role: who must do it; for an acknowledgement, who must still acknowledge.
        holders: the roles that act now: the role itself, or its deputy while it is absent; all
            who could if nobody is there.
        what: `do` or `acknowledge`.
        opened_s: when it was opened (or done, for an acknowledgement).
        deadline_s: by when; None for never.
        granted: whether the authority it needs is in force.
    """

    id: str
    task: str
    title: str
    role: str
    holders: tuple[str, ...]
    what: str
    opened_s: float
    deadline_s: float | None
    granted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """An overdue task that somebody above is told of.

    Attributes:
        id: the task instance.
        level: 0 for the first told, 1 for the next, ...
        role: the role it is escalated to.
        holders: the roles that act for it now; never empty.
        at_s: when.
    """

    id: str
    level: int
    role: str
    holders: tuple[str, ...]
    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """All that is to be done at a time.

    Attributes:
        now_s: the time it is for.
        tasks: open tasks and awaited acknowledgements, nearest deadline first.
        overdue: those of them whose deadline is over.
        escalations: who has been told of these by now.
        disclosures: names of what may be shown to the other side.
        facts: missed deadlines not yet noted; put them in the journal and step them.
    """

    now_s: float
    tasks: tuple[TaskDue, ...]
    overdue: tuple[TaskDue, ...]
    escalations: tuple[Escalation, ...]
    disclosures: tuple[str, ...]
    facts: tuple[ProtocolFact, ...]


def due_at(protocol: Protocol, tables: Tables, state: State, now_s: float) -> Due:
    """Say what is to be done at a time; a time before the state's counts as the state's."""
    now_s = max(now_s, state.now_s)
    tasks = sorted(
        (item for task in state.tasks.values() for item in _items(protocol, tables, state, task)),
        key=lambda item: (float("inf") if item.deadline_s is None else item.deadline_s, item.id),
    )
    late = [t for t in state.tasks.values() if t.due_s is not None and t.due_s <= now_s]
    return Due(
        now_s=now_s,
        tasks=tuple(tasks),
        overdue=tuple(t for t in tasks if t.deadline_s is not None and t.deadline_s <= now_s),
        escalations=tuple(
            step for task in late for step in _escalations(protocol, tables, state, task, now_s)
        ),
        disclosures=tuple(
            name
            for name, item in protocol.disclosures.items()
            if state.phase in item.phases and on_side(item.side, state.side, state.lead)
        ),
        facts=tuple(_missed(state, task, now_s) for task in late if not task.noted),
    )


def next_due_s(protocol: Protocol, tables: Tables, state: State, now_s: float) -> float | None:
    """The next deadline or escalation after a time; None if nothing is pending."""
    times: list[float] = []
    for task in state.tasks.values():
        if task.due_s is None:
            continue
        every = protocol.tasks[task.task].escalate_every_s
        times.extend(task.due_s + every * n for n in range(len(tables.escalation[task.task])))
    return min((time for time in times if time > now_s), default=None)


def holders_of(protocol: Protocol, tables: Tables, state: State, role: str) -> tuple[str, ...]:
    """Who acts for a role now; if none of its people is there, who is above; else all of them."""
    seen: list[str] = []
    at: str | None = role
    while at is not None and at not in seen:
        for acting in tables.deputies.get(at, (at,)):
            if acting not in state.absent:
                return (acting,)
        seen.append(at)
        entry = protocol.roles.get(at)
        at = None if entry is None else entry.reports_to
    return tables.deputies.get(role, (role,))


def _items(protocol: Protocol, tables: Tables, state: State, task: TaskState) -> Iterator[TaskDue]:
    entry = protocol.tasks[task.task]
    if task.status == "open":
        roles: tuple[str, ...] = (entry.who or "",)
        what, since = "do", task.opened_s
    elif task.status == "done":
        roles, what, since = awaited(protocol, tables, task), "acknowledge", task.done_s or 0.0
    else:
        return
    for role in roles:
        yield TaskDue(
            id=task.id,
            task=task.task,
            title=entry.title,
            role=role,
            holders=holders_of(protocol, tables, state, role),
            what=what,
            opened_s=since,
            deadline_s=task.due_s,
            granted=granted(protocol, state, entry),
        )


def awaited(protocol: Protocol, tables: Tables, task: TaskState) -> tuple[str, ...]:
    """The roles that have not yet acknowledged a task, nor has a deputy of theirs."""
    given = {role for role, _ in task.acknowledged}
    return tuple(
        role
        for role in protocol.tasks[task.task].acknowledged_by
        if given.isdisjoint(tables.deputies.get(role, (role,)))
    )


def _escalations(
    protocol: Protocol, tables: Tables, state: State, task: TaskState, now_s: float
) -> Iterator[Escalation]:
    every = protocol.tasks[task.task].escalate_every_s
    for level, role in enumerate(tables.escalation[task.task]):
        at_s = (task.due_s or 0.0) + level * every
        if at_s > now_s:
            return
        holders = holders_of(protocol, tables, state, role)
        yield Escalation(id=task.id, level=level, role=role, holders=holders, at_s=at_s)


def _missed(state: State, task: TaskState, now_s: float) -> ProtocolFact:
    what = "acknowledged" if task.status == "done" else "done"
    return ProtocolFact(
        id=f"deadline:{task.id}:{what}",
        kind="deadline_passed",
        side=state.side,
        at_s=task.due_s or 0.0,
        known_s=now_s,
        about=task.id,
        outcome=what,
    )
