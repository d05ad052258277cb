"""How the parts of a node's duties give commands in the node's own name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from stopline.operation.core.command import Command


class GiveCommand(Protocol):
    """How the node gives a command in its own name."""

    def __call__(self, wish: Command, now_s: float, *about: object) -> None:
        """Give it; what is known already is refused and passes."""
        ...
