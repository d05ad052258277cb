"""Wiring: which commands, facts and areas a desk consists of, and how one is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Importing a room registers its commands, facts and areas; a desk without one would not fold it.
import stopline.link.plan_messages
import stopline.operation.accounts.commands
import stopline.operation.accounts.secret_commands
import stopline.operation.core.commands
import stopline.operation.intelligence.commands
import stopline.operation.joint.commands
import stopline.operation.liaison.commands
import stopline.operation.orders.commands
import stopline.operation.orders.peer_seals
import stopline.operation.orders.seal_notices
import stopline.operation.plan.adopt
import stopline.operation.plan.verdict_commands
import stopline.operation.readiness.commands
import stopline.operation.runtime.failures
import stopline.operation.shifts.commands
import stopline.operation.sightings.commands
import stopline.operation.situation.commands
import stopline.operation.stand_down.commands
import stopline.operation.statements.commands
import stopline.operation.watch_list.commands
import stopline.operation.whereabouts.commands  # noqa: F401  (registers, like those above)
from stopline.operation.core.command_handler import Desk
from stopline.operation.core.node import open_node

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.node import Node


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
