"""Wiring: which commands, facts and areas a desk consists of, and how one is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Importing a room registers its commands, facts and areas; a desk without one would not fold it.
import stopline.link.plan_messages
import stopline.operation.desk.commands
import stopline.operation.duty_facts
import stopline.operation.intelligence.commands
import stopline.operation.joint.commands
import stopline.operation.liaison.commands
import stopline.operation.orders.adopting
import stopline.operation.orders.commands
import stopline.operation.orders.telling
import stopline.operation.orders.their_seals
import stopline.operation.orders.verdict_commands
import stopline.operation.people.commands
import stopline.operation.people.secret_commands
import stopline.operation.readiness.commands
import stopline.operation.shifts.commands
import stopline.operation.sightings.commands
import stopline.operation.situation.commands
import stopline.operation.stand_down.commands
import stopline.operation.statements.commands
import stopline.operation.watch_list.commands
import stopline.operation.whereabouts.commands  # noqa: F401  (registers, like those above)
from stopline.operation.desk.desk import Desk
from stopline.operation.node import open_node

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.node import Node


def open_desk(folder: Path, *, now_s: float | None = None) -> Desk:
    """Open the desk of the node in a folder; with a time, say in the journal that it started.

    Raises:
        BadInput: there is no node, or its key file will not do.
        StorageError: the journal cannot be opened, or is damaged.
    """
    return desk_of(open_node(folder, now_s=now_s))


def desk_of(node: Node) -> Desk:
    """The desk of an open node, with every room of it registered."""
    return Desk(node)
