"""Deadlines of the protocol, kept and missed: as the machine of each side counts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from stopline.link.procedure_message import ProcedureSaid
from stopline.operation.facts.incident import DeadlinePassed
from stopline.protocol.lookup import on_side
from stopline.protocol.schema import evidence_of
from stopline.review.communications import delivered_times
from stopline.review.schema import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stopline.protocol.schema import Task
    from stopline.protocol.state import TaskState
    from stopline.review.history import History
    from stopline.review.relative_time import Since
    from stopline.review.schema import Outcome

What = Literal["done", "acknowledged"]


def deadlines_of(history: History, since: Since, now_s: float) -> list[Deadline]:
    """Every deadline that a side's own journal shows, in the order in which their clocks began.

    Args:
        history: of that side's journal.
        since: the zero of times.
        now_s: a deadline that is not over by then is `open`, UTC seconds.
    """
    return _Own(history, since, now_s).all()


class _Own:
    def __init__(self, history: History, since: Since, now_s: float) -> None:
        self.history, self.since = history, since
        self.now_s = max(now_s, history.incident.state.now_s)
        self.noted: set[tuple[str, str]] = set()
        self.acknowledged: dict[str, tuple[float, str]] = {}
        self.withdrawn: dict[str, float] = {}
        for step in history.steps:
            if isinstance(step.body, DeadlinePassed):
                self.noted.add((step.body.task, step.body.what))
            for task in step.acknowledged:
                self.acknowledged[task] = (step.entry.time_s, step.entry.role)
            for task in step.withdrawn:
                self.withdrawn[task] = step.entry.time_s

    def all(self) -> list[Deadline]:
        found = [
            part for task in self.history.incident.state.tasks.values() for part in self._of(task)
        ]
        return sorted(found, key=lambda one: (one.opened_s, one.task, one.what))

    def _of(self, task: TaskState) -> Iterator[Deadline]:
        entry = self.history.incident.machine.protocol.tasks[task.task]
        gone = self.withdrawn.get(task.id)
        if task.deadline_s is not None:
            yield self._part(
                task, entry, "done", task.opened_s, task.deadline_s,
                (task.done_s, task.done_by[0]), gone if task.done_s is None else None,
            )  # fmt: skip
        if task.done_s is not None and task.ack_deadline_s is not None:
            yield self._part(
                task, entry, "acknowledged", task.done_s, task.ack_deadline_s,
                self.acknowledged.get(task.id, (None, "")), gone,
            )  # fmt: skip

    def _part(
        self,
        task: TaskState,
        entry: Task,
        what: What,
        opened_s: float,
        due_s: float,
        done: tuple[float | None, str],
        gone_s: float | None,
    ) -> Deadline:
        history, t = self.history, self.since.t
        done_s, by = done
        role = (entry.who or "") if what == "done" else " and ".join(entry.acknowledged_by)
        noted = (task.id, what) in self.noted
        return Deadline(
            side=history.side_name(history.side), task=task.id, title=entry.title,
            role=_titles(history, role), what=what, opened_s=t(opened_s), due_s=t(due_s),
            done_s=t(done_s), by=history.title_of(by) if by and by != "node" else "",
            outcome=_outcome(due_s, done_s, gone_s, self.now_s, noted=noted),
            over_s=None if done_s is None else round(done_s - due_s, 3),
            noted=noted, source="journal",
        )  # fmt: skip


def _outcome(
    due_s: float, done_s: float | None, gone_s: float | None, now_s: float, *, noted: bool
) -> Outcome:
    """Like the machine: over is over at the deadline itself, and what was noted stays noted.

    Something done in the very second of its deadline is late only if the node had noted it before.
    """
    if noted:
        return "missed"
    end_s = done_s if done_s is not None else gone_s
    if end_s is not None:
        if end_s > due_s:
            return "missed"
        return "kept" if done_s is not None else "withdrawn"
    return "missed" if due_s <= now_s else "open"


def _titles(history: History, roles: str) -> str:
    return " and ".join(history.title_of(role) for role in roles.split(" and ")) if roles else ""


def deadlines_from_messages(history: History, since: Since, now_s: float) -> list[Deadline]:
    """Deadlines of the other side, as far as what it was sent and what it sent shows them.

    Only tasks that a message opens and a message closes; a clock there runs from when its node
    confirmed what opened it, as that is the earliest that this journal can prove.
    """
    incident = history.incident
    protocol, other = incident.machine.protocol, history.book.other_side
    to_them, from_them = _first_times(history)
    found = []
    for name, task in protocol.tasks.items():
        evidence = evidence_of(task).split()
        if task.within_s is None or not on_side(task.side, other, incident.state.lead):
            continue
        if len(evidence) != 3 or evidence[0] != "message":  # noqa: PLR2004  (message NAME sent)
            continue
        starts = [_heard(event, to_them, from_them) for event in task.on]
        begun = [time_s for time_s in starts if time_s is not None]
        if not begun:
            continue
        opened_s = min(begun)
        done_s = _heard(" ".join(evidence), to_them, from_them)
        if done_s is not None and done_s < opened_s:
            continue  # it was said before it was asked: another occasion
        due_s = opened_s + task.within_s
        found.append(
            Deadline(
                side=history.side_name(other), task=name, title=task.title,
                role=history.title_of(task.who or "", other), what="done",
                opened_s=since.t(opened_s), due_s=since.t(due_s), done_s=since.t(done_s), by="",
                outcome=_outcome(due_s, done_s, None, now_s, noted=False),
                over_s=None if done_s is None else round(done_s - due_s, 3), noted=False,
                source="messages",
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.opened_s, one.task))


def _first_times(history: History) -> tuple[dict[str, float], dict[str, float]]:
    """When each message of the protocol was first known there, and first sent from there."""
    arrived = delivered_times(history)
    to_them: dict[str, float] = {}
    from_them: dict[str, float] = {}
    for step in history.steps:
        if step.said is None or not isinstance(step.said.body, ProcedureSaid):
            continue
        name = step.said.body.name
        if step.said.received:
            from_them.setdefault(name, step.said.sent_s)
        elif step.said.id in arrived:
            to_them.setdefault(name, arrived[step.said.id])
    return to_them, from_them


def _heard(event: str, to_them: dict[str, float], from_them: dict[str, float]) -> float | None:
    """When an event `message NAME sent` or `message NAME received` came true over there."""
    words = event.split()
    if len(words) != 3 or words[0] != "message":  # noqa: PLR2004
        return None
    return (from_them if words[2] == "sent" else to_them).get(words[1])
