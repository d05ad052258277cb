"""Why a fact is not allowed: who may do what, when, and with whose leave."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from stopline.errors import meant
from stopline.protocol.lookup import on_side
from stopline.protocol.other_side import reason_not_to_hear
from stopline.protocol.state import KINDS, OUTSIDE_KINDS, PERSONAL_KINDS

if TYPE_CHECKING:
    from stopline.protocol.lookup import Tables
    from stopline.protocol.schema import Protocol, Task
    from stopline.protocol.state import ProtocolFact, State


def reason_to_refuse(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    """Say why a fact has no effect now; empty if it has."""
    if fact.kind not in KINDS:
        return f"`{fact.kind}` is no kind of fact"
    if not (math.isfinite(fact.known_s) and math.isfinite(fact.at_s)):
        return "its time is not a finite number"
    if fact.side not in protocol.sides:
        return f"`{fact.side}` is no side of this protocol"
    if fact.kind in OUTSIDE_KINDS:
        return ""
    if fact.kind == "message_received":
        return _received(protocol, tables, state, fact)
    return _actor(protocol, state, fact) or _OWN[fact.kind](protocol, tables, state, fact)


def _actor(protocol: Protocol, state: State, fact: ProtocolFact) -> str:
    if fact.side != state.side:
        return f"only {state.side}'s own people act on its node"
    if fact.kind not in PERSONAL_KINDS:
        return ""
    if not fact.person.strip():
        return "it names no person"
    if fact.role not in protocol.roles:
        return f"`{fact.role}` is no role of this protocol"
    sides = protocol.roles[fact.role].sides
    return f"{state.side} has no role `{fact.role}`" if sides and state.side not in sides else ""


def granted(protocol: Protocol, state: State, task: Task) -> bool:
    """Whether one of the authorities that a task needs is in force."""
    if not task.authority:
        return True
    for name in task.authority:
        decision = protocol.decisions.get(name)
        if decision is not None and state.decided.get(name) == decision.outcomes[0]:
            return True
        leave = protocol.standing.get(name)
        if (
            leave is not None
            and state.phase in leave.phases
            and on_side(leave.side, state.side, state.lead)
            and not any(event in state.happened for event in leave.ends_on)
        ):
            return True
    return False


def acting(tables: Tables, state: State, roles: tuple[str, ...]) -> frozenset[str]:
    """The roles that may act for these: themselves, and deputies while the holder is absent."""
    found = set(roles)
    for role in roles:
        for deputy in tables.deputies.get(role, (role,)):
            found.add(deputy)
            if deputy not in state.absent:
                break
    return frozenset(found)


def _received(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    if fact.side == state.side:
        return "a message is received from the other side"
    return reason_not_to_hear(protocol, tables, state, fact.about, fact.known_s)


def _done(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    found = find_task(state, fact.about, "open")
    if not found:
        return f"task `{fact.about}` is not open"
    name = state.tasks[found].task
    entry = protocol.tasks[name]
    if tables.evidence[name] != "confirmation":
        return f"task `{name}` is closed by `{tables.evidence[name]}`, not by word"
    if fact.role not in tables.doers[name]:
        return f"task `{name}` is not for `{fact.role}`"
    if not granted(protocol, state, entry):
        return f"task `{name}` needs {' or '.join(entry.authority)}"
    return ""


def _acknowledged(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    found = find_task(state, fact.about, "done")
    if not found:
        return f"task `{fact.about}` waits for no acknowledgement"
    name = state.tasks[found].task
    awaited = protocol.tasks[name].acknowledged_by
    if not any(fact.role in tables.deputies.get(role, (role,)) for role in awaited):
        return f"task `{name}` is acknowledged by {' and '.join(awaited)}"
    return ""


def _decided(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:  # noqa: PLR0911
    decision = protocol.decisions.get(fact.about)
    if decision is None:
        near = meant(fact.about, protocol.decisions)
        return (
            f"`{fact.about[:60]}` is no decision of this protocol{near} It has "
            f"{', '.join(protocol.decisions)}"
        )
    if fact.outcome not in decision.outcomes:
        return f"`{fact.outcome}` is no outcome; expected {' or '.join(decision.outcomes)}"
    if fact.about in state.decided:
        return f"`{fact.about}` is decided: {state.decided[fact.about]}"
    if not on_side(decision.side, state.side, state.lead):
        return f"`{fact.about}` is for {decision.side} to decide"
    if decision.phases and state.phase not in decision.phases:
        return f"`{fact.about}` is not for phase {state.phase}"
    if fact.role not in acting(tables, state, decision.taken_by):
        return f"`{fact.about}` is taken by {' or '.join(decision.taken_by)}"
    return ""


def _sent(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:  # noqa: PLR0911
    message = protocol.messages.get(fact.about)
    if message is None:
        near = meant(fact.about, protocol.messages)
        return f"`{fact.about[:60]}` is no message of this protocol{near}"
    if not on_side(message.side, state.side, state.lead):
        return f"`{fact.about}` is for {message.side} to send"
    if message.phases and state.phase not in message.phases:
        return f"`{fact.about}` is not for phase {state.phase}"
    for item in message.carries:
        shown = protocol.disclosures.get(item)
        if shown is None or state.phase not in shown.phases:
            return f"`{item}` may not be shown to the other side in phase {state.phase}"
        if not on_side(shown.side, state.side, state.lead):
            return f"`{item}` is for {shown.side} to show"
        if shown.to and message.expected_by not in shown.to:
            return f"`{item}` may not be shown to `{message.expected_by}`"
    return _sender(protocol, tables, state, fact)


def _sender(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    """Who may send a message: its role and deputies, and whoever has the task of sending it."""
    sent_by = protocol.messages[fact.about].sent_by
    allowed = set(tables.deputies.get(sent_by, (sent_by,)))
    for task in state.tasks.values():
        entry = protocol.tasks[task.task]
        if task.status != "open" or entry.sends != fact.about:
            continue
        if not granted(protocol, state, entry):
            return f"`{fact.about}` needs {' or '.join(entry.authority)}"
        allowed |= tables.doers[task.task]
    return "" if fact.role in allowed else f"`{fact.about}` is sent by {sent_by}"


def _deadline(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    del protocol, tables
    task = state.tasks.get(fact.about)
    if task is None or task.due_s is None:
        return f"no deadline runs for `{fact.about}`"
    if task.due_s > max(state.now_s, fact.known_s):
        return f"the deadline of `{fact.about}` is not yet over"
    return f"the missed deadline of `{fact.about}` is already noted" if task.noted else ""


def _level(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    level = protocol.levels.get(fact.about)
    if level is None:
        return f"`{fact.about}` is no alert level of this protocol"
    if fact.role not in acting(tables, state, level.set_by):
        return f"level `{fact.about}` is set by {' or '.join(level.set_by) or 'a phase only'}"
    return ""


def _attendance(protocol: Protocol, tables: Tables, state: State, fact: ProtocolFact) -> str:
    del tables
    if fact.about not in protocol.roles:
        return f"`{fact.about}` is no role of this protocol"
    if (fact.about in state.absent) == (fact.kind == "absent"):
        return f"`{fact.about}` is {fact.kind} already"
    return ""


def find_task(state: State, about: str, status: str) -> str:
    """The task instance that a fact means: named itself, or the oldest of that name; else empty."""
    found = state.tasks.get(about)
    if found is not None and found.status == status:
        return about
    for task in state.tasks.values():
        if task.task == about and task.status == status:
            return task.id
    return ""


_OWN = {
    "task_done": _done,
    "task_acknowledged": _acknowledged,
    "decided": _decided,
    "message_sent": _sent,
    "deadline_passed": _deadline,
    "level_set": _level,
    "absent": _attendance,
    "present": _attendance,
}
