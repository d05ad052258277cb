"""What crosses between the sides: awaited by the other half, and allowed to be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.protocol.lookup import on_side

if TYPE_CHECKING:
    from collections.abc import Iterable

    from stopline.protocol.checks.findings import FindingLog
    from stopline.protocol.checks.reachability import Half, Possible
    from stopline.protocol.schema import MessageForm, Task


def check_exchange(desk: FindingLog, possible: Possible) -> None:
    """Find unexpected messages, unanswered requests, forbidden disclosures, leave not given."""
    for name, message in desk.protocol.messages.items():
        _expected(desk, possible, name, message)
        _answered(desk, name, message)
        for item in message.carries:
            _carried(desk, name, message, item)
    for name, task in desk.protocol.tasks.items():
        _shown(desk, possible, name, task)
        _authorised(desk, possible, name, task)
    for name, leave in desk.protocol.standing.items():
        for allowed in leave.allows:
            task_allowed = desk.protocol.tasks.get(allowed)
            if task_allowed is not None and name not in task_allowed.authority:
                desk.error(
                    ("standing", name, "allows"),
                    "leave-unused",
                    f"`{allowed}` does not rest on `{name}`",
                    f"add `{name}` to its `authority`",
                )
    used = {item for message in desk.protocol.messages.values() for item in message.carries}
    used |= {item for task in desk.protocol.tasks.values() for item in task.needs}
    for name, shown in desk.protocol.disclosures.items():
        if name not in used and not shown.kinds:
            desk.warn(
                ("disclosures", name),
                "disclosure-unused",
                f"no message carries `{name}`",
                "take it out: what need not be shown should not be allowed",
            )
        if shown.phases and not any(map(possible.reached, shown.phases)):
            desk.error(
                ("disclosures", name, "phases"),
                "disclosure-forbidden",
                f"`{name}` may be shown only in phases that are never reached",
                "allow it in a phase that is reached",
            )


def _expected(desk: FindingLog, possible: Possible, name: str, message: MessageForm) -> None:
    event = f"message {name} received"
    for half in possible.halves:
        if event not in half.events or _awaits(desk, half, event, message.phases):
            continue
        desk.error(
            ("messages", name),
            "message-unexpected",
            f"nothing in the {half.part} side's half waits for `{name}`",
            f"add a task there with `on: {event}`, or an exit or evidence that names it",
        )
    sends = (f"message {name} sent", name)
    if not any(
        desk.evidence[other] == sends[0] or task.sends == name
        for other, task in desk.protocol.tasks.items()
    ):
        desk.warn(
            ("messages", name),
            "message-never-sent",
            f"no task sends `{name}`",
            f"add a task with `sends: {name}`",
        )


def _awaits(desk: FindingLog, half: Half, event: str, sent_in: Iterable[str]) -> bool:
    phases = set(sent_in)
    for name, task in desk.protocol.tasks.items():
        if not on_side(task.side, half.own, half.lead):
            continue
        if event == desk.evidence[name] or event in task.withdrawn_on:
            return True
        if event in task.on and (not phases or not task.phases or phases & set(task.phases)):
            return True
    return any(
        event in (*way.all_of, *way.any_of)
        for name, phase in desk.protocol.phases.items()
        if name in half.phases
        for way in phase.exits
    )


def _answered(desk: FindingLog, name: str, message: MessageForm) -> None:
    messages = desk.protocol.messages
    if message.kind == "request" and not any(m.answers == name for m in messages.values()):
        desk.error(
            ("messages", name),
            "request-unanswered",
            f"no message answers the request `{name}`",
            f"add a message with `kind: answer` and `answers: {name}`",
        )
    asked = messages.get(message.answers or "")
    if message.kind == "answer" and (asked is None or asked.kind != "request"):
        desk.error(
            ("messages", name, "answers"),
            "answer-to-nothing",
            f"`{name}` is an answer, but not to a request",
            "name the request in `answers`",
        )
    if asked is not None and message.side == asked.side and message.side != "each":
        desk.error(
            ("messages", name, "side"),
            "answer-to-nothing",
            f"`{name}` is sent by the side that asked",
            "let the other side answer",
        )


def _carried(desk: FindingLog, name: str, message: MessageForm, item: str) -> None:
    shown = desk.protocol.disclosures.get(item)
    if shown is None:
        return
    at = ("messages", name, "carries")
    forbidden = [phase for phase in message.phases if phase not in shown.phases]
    if forbidden:
        desk.error(
            at,
            "disclosure-forbidden",
            f"`{name}` shows `{item}`, which may not be shown in {', '.join(forbidden)}",
            "allow it there, or send the message in other phases",
        )
    if shown.to and message.expected_by not in shown.to:
        desk.error(
            at,
            "disclosure-recipient",
            f"`{item}` may not be shown to `{message.expected_by}`",
            "add the role to the disclosure's `to`, or send to another",
        )
    if shown.side not in {"each", message.side}:
        desk.error(
            at,
            "disclosure-forbidden",
            f"`{item}` is for {shown.side} to show, `{name}` is sent by {message.side}",
            "let the same side show and send",
        )


def _shown(desk: FindingLog, possible: Possible, name: str, task: Task) -> None:
    """A task must be able to show what it needs in every phase in which it can be opened."""
    message = desk.protocol.messages.get(task.sends or "")
    carried = () if message is None else message.carries
    field = "sends" if message is not None else "needs"
    for half in possible.halves:
        opening, precise = possible.opening_phases(half, name)
        if (
            message is not None
            and message.phases
            and opening.isdisjoint(message.phases)
            and opening
        ):
            desk.error(
                ("tasks", name, "sends"),
                "message-forbidden",
                f"`{task.sends}` may not be sent in {', '.join(sorted(opening))}",
                "allow the message there, or open the task in another phase",
            )
        for item in (*carried, *task.needs):
            shown = desk.protocol.disclosures.get(item)
            if shown is None or not opening:
                continue
            forbidden = sorted(opening - set(shown.phases))
            if len(forbidden) == len(opening) or (precise and forbidden):
                desk.error(
                    ("tasks", name, "needs" if item in task.needs else field),
                    "disclosure-forbidden",
                    f"`{name}` shows `{item}`, which may not be shown in {', '.join(forbidden)}",
                    "allow the disclosure there, or open the task in another phase",
                )


def _authorised(desk: FindingLog, possible: Possible, name: str, task: Task) -> None:
    if not task.authority:
        return
    for half in possible.halves:
        opening, _ = possible.opening_phases(half, name)
        if opening and not any(_in_force(desk, half, opening, leave) for leave in task.authority):
            desk.error(
                ("tasks", name, "authority"),
                "authority-never",
                f"none of {', '.join(task.authority)} is ever in force where `{name}` opens",
                "extend the standing authorisation to that phase, or let somebody decide",
            )


def _in_force(desk: FindingLog, half: Half, opening: set[str], name: str) -> bool:
    decision = desk.protocol.decisions.get(name)
    if decision is not None:
        return f"decision {name} {decision.outcomes[0]}" in half.events
    leave = desk.protocol.standing.get(name)
    return (
        leave is not None
        and on_side(leave.side, half.own, half.lead)
        and not opening.isdisjoint(leave.phases)
    )
