"""Show this node's checkpoints to its peers now and then, so that each side cosigns the other's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.link.control_messages import show_checkpoint
from stopline.link.mailbox import post

if TYPE_CHECKING:
    from stopline.journal.base import Entry
    from stopline.link.engine import LinkEngine
    from stopline.link.line_state import Moment
    from stopline.operation.core.node import Node

# What cosigning itself leaves in the journal; else two idle nodes would cosign for ever.
_OWN_MESSAGES = {"journal.checkpoint", "journal.cosigned"}
_OWN_FACTS = {"message.delivered"}


@dataclass(slots=True)
class Cosigning:
    """When each peer was shown a checkpoint last; call it from the thread of the engines.

    Attributes:
        node: whose journal.
        engines: its lines.
        every_s: the shortest time between two checkpoints for one peer.
    """

    node: Node
    engines: list[LinkEngine]
    every_s: float
    _shown: dict[str, tuple[float, int]] = field(default_factory=dict)

    def __call__(self, now: Moment) -> None:
        """Show a checkpoint to each peer whose line is up, if there is news and it is time."""
        for engine in self.engines:
            peer = engine.peer.name
            shown_s, size = self._shown.get(peer, (float("-inf"), 0))
            if engine.line.up and now.mono_s >= shown_s + self.every_s and self._news(size):
                self._show(peer, now)

    def _show(self, peer: str, now: Moment) -> None:
        node = self.node
        signed, message = show_checkpoint(node.journal, node.identity, peer, now.utc_s)
        node.keep_checkpoint(signed)  # before it is sent: the answer is laid on top of it
        with node.journal.transaction() as work:
            post(work, node.identity.signer, peer, message, None)
        self._shown[peer] = (now.mono_s, signed.checkpoint.size)

    def _news(self, size: int) -> bool:
        return any(not _is_own(entry) for entry in self.node.journal.read(size))


def _is_own(entry: Entry) -> bool:
    if entry.kind in _OWN_FACTS:
        return True
    carried = entry.kind in {"message.sent", "message.received"} and entry.body is not None
    return carried and entry.body is not None and entry.body["kind"] in _OWN_MESSAGES
