"""Every room of a node, named once: what a process knows never depends on what it imported.

A room registers its fact kinds, messages, projections and commands when it is imported. Whoever
asks for all of them (the state, the commands, the kinds that need not be read) has them loaded
first, so that a command at a terminal, a server and a test fold the same journal to the same state.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Final

ROOMS: Final = (
    "stopline.journal.facts",
    "stopline.link.facts",
    "stopline.link.messages",
    "stopline.link.plan_messages",
    "stopline.link.procedure_message",
    "stopline.operation.accounts.commands",
    "stopline.operation.accounts.secret_commands",
    "stopline.operation.core.admission",
    "stopline.operation.core.commands",
    "stopline.operation.core.known_places",
    "stopline.operation.core.line_now",
    "stopline.operation.core.node_alarms",
    "stopline.operation.core.signing_key_commands",
    "stopline.operation.intelligence.commands",
    "stopline.operation.joint.admission",
    "stopline.operation.joint.commands",
    "stopline.operation.liaison.admission",
    "stopline.operation.liaison.commands",
    "stopline.operation.orders.commands",
    "stopline.operation.orders.labels",
    "stopline.operation.orders.peer_seals",
    "stopline.operation.orders.seal_notices",
    "stopline.operation.plan.adopt",
    "stopline.operation.plan.proposal_projection",
    "stopline.operation.plan.propose",
    "stopline.operation.plan.verdict_commands",
    "stopline.operation.readiness.alerting",
    "stopline.operation.readiness.commands",
    "stopline.operation.readiness.positions",
    "stopline.operation.runtime.failures",
    "stopline.operation.shifts.commands",
    "stopline.operation.sightings.commands",
    "stopline.operation.situation.commands",
    "stopline.operation.stand_down.commands",
    "stopline.operation.statements.commands",
    "stopline.operation.watch_list.commands",
    "stopline.operation.watch_list.hit_commands",
    "stopline.operation.whereabouts.commands",
)


@cache
def load_rooms() -> None:
    """Have every room register what it knows."""
    for room in ROOMS:
        import_module(room)
