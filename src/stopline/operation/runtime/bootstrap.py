"""How the desk of a node is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
