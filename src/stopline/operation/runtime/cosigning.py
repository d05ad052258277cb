"""Show this node's checkpoints to its peers now and then, so that each side cosigns the other's."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from stopline.journal.stored import CHECKPOINT_SHELF
from stopline.link.control_messages import SHOWN_SHELF, show_checkpoint
from stopline.link.mailbox import post, read_marks
from stopline.signed_note import parse_note

if TYPE_CHECKING:
    from collections.abc import Callable

    from stopline.journal.base import Entry
    from stopline.link.engine import LinkEngine
    from stopline.link.line_state import Moment
    from stopline.operation.core.node import Node

# What cosigning itself leaves in the journal; else two idle nodes would cosign for ever.
_OWN_MESSAGES = {"journal.checkpoint", "journal.cosigned"}
_OWN_FACTS = {"message.delivered", "peer.checkpoint-kept"}
_UNSIGNED_S: Final = 120.0  # a peer that has a checkpoint so long and cosigns not will not


@dataclass(slots=True)
class Cosigning:
    """When each peer was shown a checkpoint last; call it from the thread of the engines.

    A checkpoint is signed here at least as often also while no peer is there: what was recorded
    while the line was down cannot be rewritten unseen once the next checkpoint has left.

    Attributes:
        node: whose journal.
        engines: its lines.
        every_s: the longest time between two checkpoints, if there is news.
        phases: gives the phases of all incidents; when one changes, a checkpoint is shown at once.
    """

    node: Node
    engines: list[LinkEngine]
    every_s: float
    phases: Callable[[], object] = lambda: None
    _shown: dict[str, tuple[float, int]] = field(default_factory=dict)
    _signed: tuple[float, int] = (float("-inf"), 0)
    _phases: dict[str, object] = field(default_factory=dict)

    def __call__(self, now: Moment) -> None:
        """Show a checkpoint to each peer whose line is up, if there is news and it is time."""
        phases = self.phases()
        for engine in self.engines:
            peer = engine.peer.name
            shown_s, size = self._shown.get(peer, (float("-inf"), 0))
            turned = self._phases.get(peer, phases) != phases
            due = turned or now.mono_s >= shown_s + self.every_s
            if engine.line.up and due and self._news(size) and self._may_show(peer, now):
                self._show(peer, now)
                self._phases[peer] = phases
            self._phases.setdefault(peer, phases)
        signed_s, size = self._signed
        if now.mono_s >= signed_s + self.every_s and self._news(size):
            self._signed = (now.mono_s, self.node.sign_checkpoint().checkpoint.size)

    def _show(self, peer: str, now: Moment) -> None:
        node = self.node
        signed, message = show_checkpoint(node.journal, node.identity, peer, now.utc_s)
        node.keep_checkpoint(signed)  # before it is sent: the answer is laid on top of it
        size = signed.checkpoint.size
        with node.journal.transaction() as work:
            seq = post(work, node.identity.signer, peer, message, None)
            told = {"size": size, "seq": seq, "time_s": now.utc_s}
            work.put(SHOWN_SHELF, peer, json.dumps(told).encode())
        self._shown[peer] = self._signed = (now.mono_s, size)

    def _may_show(self, peer: str, now: Moment) -> bool:
        """Whether the peer holds what the next checkpoint will be shown to continue.

        It is shown to continue the last one that the peer cosigned; one that is still on its way
        would have taken that place by then.
        """
        journal = self.node.journal
        raw = journal.look_up(SHOWN_SHELF, peer)
        if raw is None:
            return True
        told = json.loads(raw)
        text = journal.look_up(CHECKPOINT_SHELF, f"{told['size']:020d}")
        if text is not None and any(
            one.name == peer for one in parse_note(text.decode()).signatures
        ):
            return True
        if read_marks(journal, peer, "delivered")["routine"] < told["seq"]:
            return False
        return abs(now.utc_s - float(told["time_s"])) > _UNSIGNED_S

    def _news(self, size: int) -> bool:
        return any(not _is_own(entry) for entry in self.node.journal.read(size))


def _is_own(entry: Entry) -> bool:
    if entry.kind in _OWN_FACTS:
        return True
    carried = entry.kind in {"message.sent", "message.received"} and entry.body is not None
    return carried and entry.body is not None and entry.body["kind"] in _OWN_MESSAGES
