"""Who may give which command: one table, role by command; the tests walk it completely.

Roles are those of the shipped protocol, by name. A role of another document that is not named here
may do what every officer may, and whatever the protocol itself gives to it (tasks, decisions,
messages: those are checked against the document, person by person). A deputy may do what the role
may that it stands in for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from stopline.operation.core.command import all_commands
from stopline.operation.core.errors import NotPermitted

if TYPE_CHECKING:
    from stopline.operation.core.actor import Actor
    from stopline.operation.core.state import NodeState

# Groups of roles.
OFFICER: Final = "any officer"  # every role of the protocol in force
ADMINISTRATOR: Final = "administrator"
NODE: Final = "node"
FEED: Final = "feed"  # a machine that reports positions of one service
CAMERA: Final = "camera"  # a machine that looks for the one vehicle; it can do nothing else
UNIT: Final = "unit"  # a unit itself: its name as an operator is the unit's id in lower case
_ANYBODY: Final = frozenset({OFFICER, ADMINISTRATOR, UNIT})
CENTRE: Final = frozenset({"duty_officer", "second_officer", "chief_of_police"})
_PRESS = frozenset({"press_officer", "interior_minister", "prime_minister", "head_of_state"})

PERMISSIONS: dict[str, frozenset[str]] = {
    "protocol.adopt": frozenset({ADMINISTRATOR}),
    "incident.open": CENTRE | {"liaison_officer", "prosecutor"},
    "incident.extend": CENTRE | {"prosecutor"},
    "alarm.raise": CENTRE,
    "task.do": frozenset({OFFICER}),
    "task.acknowledge": frozenset({OFFICER}),
    "decision.voice": frozenset({OFFICER}),
    "level.set": frozenset({OFFICER}),
    "attendance.note": frozenset({OFFICER}),
    "report.take": frozenset({OFFICER}),
    "vehicle.stop": frozenset({OFFICER}),
    "message.send": frozenset({OFFICER}),
    "message.acknowledge": frozenset({OFFICER}),
    # sightings
    "sighting.note": frozenset({OFFICER}),
    "sighting.confirm": CENTRE | {"liaison_officer", "security_chief"},
    "sighting.retract": CENTRE | {"liaison_officer", "security_chief"},
    "sighting.erase-source": CENTRE | {"prosecutor"},
    "sighting.share": frozenset({OFFICER}),  # the document names who
    # liaison
    "request.ask": frozenset({OFFICER}),  # the document names who
    "request.answer": frozenset({OFFICER}),  # the document names who
    "call.log": frozenset({OFFICER}),
    # intelligence
    "recipient.enrol": frozenset({OFFICER}),
    "recipient.introduce": frozenset({OFFICER}),
    "intelligence.file": frozenset({"security_chief", "head_of_state"}),
    "intelligence.share": frozenset({OFFICER}),  # the document names who
    "intelligence.open": frozenset({OFFICER}),  # the report names who
    "intelligence.use": frozenset({OFFICER}),  # who was named and has opened it
    # officers' own keys
    "signing-key.enrol": frozenset({OFFICER}),
    "signing-key.end": frozenset({OFFICER, ADMINISTRATOR}),  # one's own; an administrator any
    # statements
    "statement.draft": _PRESS,
    "statement.show": frozenset({OFFICER}),  # the document names who
    "statement.agree": frozenset({OFFICER}),  # the draft names who
    "statement.answer": frozenset({OFFICER}),  # the document names who
    "statement.release": _PRESS,
    "statement.correct": _PRESS,
    # shifts
    "shift.begin": frozenset({OFFICER}),
    "shift.hand_over": frozenset({OFFICER}),
    "shift.take_over": frozenset({OFFICER}),  # the hand-over names who
    # orders
    "plan.propose": CENTRE,
    "plan.adopt": CENTRE,
    "orders.issue": CENTRE,
    "order.move": frozenset({OFFICER, UNIT}),  # only of one's own service; a unit its own order
    "orders.check": CENTRE | {NODE},
    "orders.withdraw": CENTRE,
    "seals.tell": frozenset({OFFICER, NODE}),  # the document names who
    "belief.note": frozenset({NODE}),
    "verdict.note": frozenset({NODE}),
    "replan.offer": frozenset({NODE}),
    "duty.note": frozenset({NODE}),
    # joint plan
    "commitment.order": CENTRE,
    "commitment.withdraw": CENTRE,
    "lesson.write": frozenset({OFFICER}),
    # stand-down
    "stand-down.propose": CENTRE,
    "stand-down.withdraw": CENTRE,
    "stand-down.check": CENTRE,
    # watch list
    "watch.add": CENTRE,
    "watch.change-plate": CENTRE,
    "watch.extend": CENTRE | {"prosecutor"},
    "watch.drop": CENTRE | {"prosecutor"},
    "hit.report": frozenset({CAMERA}),
    "hit.confirm": CENTRE,
    "hit.reject": CENTRE,
    "hit.pass-on": CENTRE | {NODE},  # the node when nobody decided in time
    "silence.report": frozenset({CAMERA}),
    "camera.report": frozenset({CAMERA}),
    "watch.end": frozenset({NODE}),
    "watch.note-erased": frozenset({NODE}),
    # readiness
    "units.register": frozenset({OFFICER}),  # only of one's own service
    "unit.retire": frozenset({OFFICER}),  # only of one's own service
    "unit.set": frozenset({OFFICER, UNIT}),  # only of one's own service; a unit for itself
    "unit.release": frozenset({OFFICER}),  # only of one's own service
    "positions.report": frozenset({OFFICER, FEED, UNIT}),  # the same
    "agency.alert": frozenset({OFFICER}),  # the centre any service, others their own
    "unit.acknowledge": frozenset({OFFICER, UNIT}),  # only of one's own service; a unit for itself
    # people
    "operator.admit": frozenset({ADMINISTRATOR}),
    "operator.change": frozenset({ADMINISTRATOR}),
    "operator.suspend": frozenset({ADMINISTRATOR}),
    "operator.restore": frozenset({ADMINISTRATOR}),
    "operator.reset": frozenset({ADMINISTRATOR}),
    "machine.admit": frozenset({ADMINISTRATOR}),
    "token.issue": frozenset({ADMINISTRATOR}),
    "token.revoke": frozenset({ADMINISTRATOR}),
    "session.end": frozenset({ADMINISTRATOR}),
    "password.change": _ANYBODY,  # one's own
    "code.enrol": _ANYBODY,  # one's own; an administrator's for others
    "code.drop": _ANYBODY,  # one's own
    # situation
    "situation.issue": CENTRE | {"liaison_officer", "interior_minister", "head_of_state"},
}


def may(actor: Actor, command: str, book: NodeState) -> bool:
    """Whether an actor's role is in the table for a command, itself or as a deputy."""
    return is_among(actor.role, PERMISSIONS.get(command, frozenset()), book)


def is_among(role: str, allowed: frozenset[str], book: NodeState) -> bool:
    """Whether a role is one of those allowed, itself, as a deputy, or in a group."""
    if OFFICER in allowed and _is_post(role, book):
        return True
    return acts_as(role, allowed - {OFFICER}, book)  # a group is nobody's role


def acts_as(role: str, roles: frozenset[str], book: NodeState) -> bool:
    """Whether a role is one of some, or a deputy of one by the protocol in force."""
    if role in roles:
        return True
    if not _is_post(role, book):
        return False
    known = book.machines[book.in_force].protocol.roles
    return any(role in known[name].deputies for name in roles if name in known)


def _is_post(role: str, book: NodeState) -> bool:
    machine = book.machines.get(book.in_force)
    return machine is not None and role in machine.protocol.roles


def check_permission(actor: Actor, command: str, book: NodeState) -> None:
    """Let only those go on who may give a command.

    Raises:
        NotPermitted: the role is not in the table for it.
    """
    if not may(actor, command, book):
        allowed = sorted(PERMISSIONS.get(command, ()))
        raise NotPermitted(
            f"{actor.role} may not give `{command}`; it is for {', '.join(allowed) or 'nobody'}"
        )


def commands_without_rule() -> list[str]:
    """Registered commands that the table forgot; a test expects none."""
    return [name for name in all_commands() if name not in PERMISSIONS]
