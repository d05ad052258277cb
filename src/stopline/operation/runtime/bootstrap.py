"""How the desk of a node is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from stopline.operation.core.command_handler import CommandHandler
from stopline.operation.core.node import open_node

if TYPE_CHECKING:
    from pathlib import Path

    from stopline.operation.core.node import Node


def open_command_handler(folder: Path, *, now_s: float | None = None) -> CommandHandler:
    """Open the desk of the node in a folder; with a time, say in the journal that it started.

    Raises:
        BadInput: there is no node, or its key file will not do.
        StorageError: the journal cannot be opened, or is damaged.
    """
    return command_handler_of(open_node(folder, now_s=now_s))


def command_handler_of(node: Node) -> CommandHandler:
    """The desk of an open node, with every room of it registered."""
    return CommandHandler(node)
