"""There must be somebody: for each task, decision and message, on the side that it falls to."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from stopline.protocol.checks.findings import FindingLog
    from stopline.protocol.schema import Protocol


def check_people(desk: FindingLog) -> None:
    """Find tasks without a role, decisions nobody may take, loops of deputies and superiors."""
    protocol = desk.protocol
    _loops(
        desk,
        {name: role.deputies for name, role in protocol.roles.items()},
        ("deputies", "deputies-loop", "take out one of the deputies"),
    )
    _loops(
        desk,
        {name: (role.reports_to,) for name, role in protocol.roles.items() if role.reports_to},
        ("reports_to", "escalation-loop", "let the highest role report to nobody"),
    )
    for name in protocol.tasks:
        _task(desk, name)
    for name, decision in protocol.decisions.items():
        _decision(desk, name, sides_meant(protocol, decision.side))
    for name, message in protocol.messages.items():
        senders = sides_meant(protocol, message.side)
        _has(desk, ("messages", name, "sent_by"), message.sent_by, senders)
        receivers = [
            side for side in protocol.sides if message.side in {"each", "lead", "assist"}
            or side not in senders
        ]  # fmt: skip
        _has(desk, ("messages", name, "expected_by"), message.expected_by, receivers)


def sides_meant(protocol: Protocol, word: str) -> list[str]:
    """The sides that `each`, `lead`, `assist` or a name can mean; lead can be either."""
    return [side for side in protocol.sides if word in {"each", "lead", "assist", side}]


def _loops(
    desk: FindingLog, arrows: Mapping[str, Iterable[str | None]], words: tuple[str, str, str]
) -> None:
    field, code, advice = words
    done: set[str] = set()
    for start in arrows:
        path: list[str] = []
        stack: list[tuple[str, int]] = [(start, 0)]
        while stack:
            name, depth = stack.pop()
            del path[depth:]
            if name in path:
                ring = path[path.index(name) :]
                if done.isdisjoint(ring):
                    desk.error(("roles", ring[0], field), code, " -> ".join([*ring, name]), advice)
                done.update(ring)
                continue
            if name in done:
                continue
            path.append(name)
            stack.extend((after, depth + 1) for after in arrows.get(name, ()) if after)
        done.update(path)


def _task(desk: FindingLog, name: str) -> None:
    protocol = desk.protocol
    task = protocol.tasks[name]
    at = ("tasks", name)
    if task.who is None:
        desk.error(at, "task-without-role", f"nobody must do `{name}`", "add `who` with a role")
        return
    sides = sides_meant(protocol, task.side)
    _has(desk, (*at, "who"), task.who, sides, "task-without-role")
    for field in ("acknowledged_by", "escalates_to"):
        for role in getattr(task, field):
            _has(desk, (*at, field), role, sides)
    if task.who in task.escalates_to or len(set(task.escalates_to)) < len(task.escalates_to):
        desk.error(
            (*at, "escalates_to"),
            "escalation-loop",
            f"`{name}` escalates to somebody who already failed to do it",
            "name each role once, and not the role that has the task",
        )
    above = protocol.roles[task.who].reports_to if task.who in protocol.roles else None
    if task.within_s is not None and not task.escalates_to and above is None:
        desk.error(
            at,
            "no-escalation",
            f"if `{name}` is overdue, nobody is told",
            "add `escalates_to`, or say whom the role reports to",
        )


def _decision(desk: FindingLog, name: str, sides: list[str]) -> None:
    protocol = desk.protocol
    decision = protocol.decisions[name]
    at = ("decisions", name, "taken_by")
    for side in sides:
        able = {
            role
            for role in decision.taken_by
            if role in protocol.roles and side in (protocol.roles[role].sides or protocol.sides)
        }
        if not able:
            desk.error(
                at,
                "decision-nobody",
                f"nobody on side {side} may take `{name}`",
                "add a role of that side to `taken_by`",
            )
        elif len(able) < decision.persons:
            desk.error(
                at,
                "decision-nobody",
                f"`{name}` needs {decision.persons} persons, {len(able)} may take it on {side}",
                "add roles to `taken_by`, or ask for fewer persons",
            )


def _has(
    desk: FindingLog,
    path: tuple[str, ...],
    role: str,
    sides: Iterable[str],
    code: str = "role-not-there",
) -> None:
    entry = desk.protocol.roles.get(role)
    if entry is None:
        return
    for side in sides:
        if entry.sides and side not in entry.sides:
            desk.error(
                path,
                code,
                f"side {side} has no `{role}`",
                f"give {side} that role, or name one that it has",
            )
