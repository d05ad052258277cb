"""Deadlines that cannot be kept, or that the agreed times of others already break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.protocol.events import parse_event

if TYPE_CHECKING:
    from stopline.protocol.checks.findings import FindingLog
    from stopline.protocol.schema import Task


def check_times(desk: FindingLog) -> None:
    """Find impossible deadlines, and tasks that call each other up by being late."""
    for name, task in desk.protocol.tasks.items():
        if task.within_s is None:
            desk.warn(
                ("tasks", name),
                "no-deadline",
                f"`{name}` has no deadline and can never be overdue",
                "add `within_s`",
            )
        else:
            _own_time(desk, name, task, task.within_s)
            _clock_runs_before(desk, name, task, task.within_s)
            _waits_for_task(desk, name, task, task.within_s)
            _waits_for_answer(desk, name, task, task.within_s)
        if task.acknowledge_within_s is not None and not task.acknowledged_by:
            desk.warn(
                ("tasks", name, "acknowledge_within_s"),
                "no-acknowledger",
                f"nobody acknowledges `{name}`",
                "add `acknowledged_by`, or take the time out",
            )
    _overdue_loops(desk)


def _impossible(desk: FindingLog, name: str, message: str, advice: str) -> None:
    desk.error(("tasks", name, "within_s"), "impossible-deadline", message, advice)


def _own_time(desk: FindingLog, name: str, task: Task, within_s: float) -> None:
    if task.takes_at_least_s is not None and task.takes_at_least_s > within_s:
        _impossible(
            desk,
            name,
            f"`{name}` takes {task.takes_at_least_s:g} s at least, {within_s:g} s are allowed",
            "allow more time, or start it earlier",
        )


def _clock_runs_before(desk: FindingLog, name: str, task: Task, within_s: float) -> None:
    """The clock starts at one event, the task opens after another task has used up the time."""
    if task.counted_from is None or task.counted_from in task.on:
        return
    allowed = []
    for text in task.on:
        event = parse_event(text)
        before = desk.protocol.tasks.get(event.name) if event and event.about == "task" else None
        if event is None or before is None or before.within_s is None:
            return
        if task.counted_from != before.counted_from and task.counted_from not in before.on:
            return
        acknowledged = event.what == "acknowledged"
        allowed.append(
            before.within_s + ((before.acknowledge_within_s or 0.0) if acknowledged else 0.0)
        )
    if allowed and min(allowed) >= within_s:
        _impossible(
            desk,
            name,
            f"what opens `{name}` may take {min(allowed):g} s, so it can open when already overdue",
            "allow more time, or give the task before it less",
        )


def _waits_for_task(desk: FindingLog, name: str, task: Task, within_s: float) -> None:
    event = parse_event(desk.evidence[name])
    if event is None or event.about != "task" or event.what not in {"done", "acknowledged"}:
        return
    other = desk.protocol.tasks.get(event.name)
    if other is None or not set(other.on) & {*task.on, f"task {name} opened"}:
        return
    least = max(other.within_s or 0.0, other.takes_at_least_s or 0.0)
    if least > within_s:
        _impossible(
            desk,
            name,
            f"it waits for `{event.name}`, which may take {least:g} s, and allows {within_s:g} s",
            "allow at least as much time as the task it waits for",
        )


def _waits_for_answer(desk: FindingLog, name: str, task: Task, within_s: float) -> None:
    """The other side keeps its own deadline and is still too late for ours."""
    event = parse_event(desk.evidence[name])
    if event is None or event.about != "message" or event.what != "received":
        return
    asked = {f"message {task.sends} received"} if task.sends else set()
    asked |= {on.removesuffix("sent") + "received" for on in task.on if on.startswith("message ")}
    for other_name, other in desk.protocol.tasks.items():
        sends = other.sends == event.name or (
            desk.evidence[other_name] == f"message {event.name} sent"
        )
        if not sends or not asked & set(other.on):
            continue
        least = max(other.within_s or 0.0, other.takes_at_least_s or 0.0)
        if least > within_s:
            _impossible(
                desk,
                name,
                f"the other side may take {least:g} s for `{other_name}`, "
                f"this waits {within_s:g} s for its message",
                "wait longer than the other side may take",
            )


def _overdue_loops(desk: FindingLog) -> None:
    """Tasks whose being late opens each other go round for ever without reaching anybody."""
    after: dict[str, set[str]] = {name: set() for name in desk.protocol.tasks}
    for name, task in desk.protocol.tasks.items():
        for text in task.on:
            event = parse_event(text)
            if event and event.about == "task" and event.what == "overdue" and event.name in after:
                after[event.name].add(name)
    for name, first in after.items():
        reached: set[str] = set()
        todo = list(first)
        while todo:
            one = todo.pop()
            if one not in reached:
                reached.add(one)
                todo.extend(after[one])
        if name in reached:
            desk.error(
                ("tasks", name, "on"),
                "escalation-loop",
                f"when `{name}` is overdue, what that opens leads back to it",
                "let the last of them escalate to a person",
            )
