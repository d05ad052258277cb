"""What is on its way out to one peer: by lane, unconfirmed, and when each was sent last."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from stopline.link.errors import PeerAhead
from stopline.link.mailbox import read_marks, waiting
from stopline.link.messages import LANES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stopline.errors import StoplineError
    from stopline.journal.base import Journal
    from stopline.link.messages import Lane

_FRAME_BYTES = 512 << 10
_FRAME_ENVELOPES = 128
_IN_FLIGHT: dict[Lane, int] = {"alarm": 1024, "routine": 1024, "bulk": 64}


@dataclass(slots=True)
class _Lane:
    loaded: int = 0
    delivered: int = 0
    texts: dict[int, bytes] = field(default_factory=dict)
    sent_s: dict[int, float] = field(default_factory=dict)


class Outgoing:
    """The outbox of one peer in memory; the journal's shelf is the truth of it."""

    def __init__(self, journal: Journal, peer: str) -> None:
        self._journal = journal
        self._peer = peer
        self._lanes: dict[Lane, _Lane] = {lane: _Lane() for lane in LANES}
        for lane, mark in read_marks(journal, peer, "delivered").items():
            self._lanes[lane].delivered = self._lanes[lane].loaded = mark
        self.load()

    def __len__(self) -> int:
        return sum(len(own.texts) for own in self._lanes.values())

    def load(self) -> None:
        """Take over what this or another process of the node has posted."""
        for lane, own in self._lanes.items():
            for seq, text in waiting(self._journal, self._peer, lane, own.loaded):
                own.texts[seq] = text
                own.loaded = seq

    def all(self) -> list[bytes]:
        """Give every unconfirmed envelope, the most urgent first."""
        return [text for own in self._lanes.values() for _, text in sorted(own.texts.items())]

    def forget_sending(self) -> None:
        """Let everything unconfirmed go out again: the line was down."""
        for own in self._lanes.values():
            own.sent_s.clear()

    def anything_due(self, now_s: float, again_s: float) -> bool:
        """Tell whether an envelope should go out now."""
        return any(self._due(lane, now_s, again_s) for lane in LANES)

    def batch(self, now_s: float, again_s: float) -> list[bytes]:
        """Fill one frame: alarms, then routine, then bulk; `again_s` is when to repeat."""
        batch: list[bytes] = []
        room = _FRAME_BYTES
        for lane, own in self._lanes.items():
            for seq in self._due(lane, now_s, again_s):
                text = own.texts[seq]
                if batch and (len(text) > room or len(batch) >= _FRAME_ENVELOPES):
                    return batch
                batch.append(text)
                own.sent_s[seq] = now_s
                room -= len(text)
        return batch

    def moved(self, acks: Mapping[str, int], refused: list[StoplineError]) -> dict[Lane, int]:
        """Give the lanes whose confirmation moved on; note a peer that is ahead of us."""
        moved: dict[Lane, int] = {}
        for lane, own in self._lanes.items():
            through = acks[lane]
            if through > own.loaded:
                self.load()
            if through > own.loaded:
                refused.append(
                    PeerAhead(
                        f"{self._peer} confirms {lane} {through}, and {own.loaded} were sent: "
                        "this node's journal is older than the peer's record of it"
                    )
                )
            elif through > own.delivered:
                moved[lane] = through
        return moved

    def confirm(self, moved: Mapping[Lane, int]) -> None:
        """Let confirmed envelopes go."""
        for lane, through in moved.items():
            own = self._lanes[lane]
            for seq in range(own.delivered + 1, through + 1):
                own.texts.pop(seq, None)
                own.sent_s.pop(seq, None)
            own.delivered = through

    def _due(self, lane: Lane, now_s: float, again_s: float) -> list[int]:
        own = self._lanes[lane]
        if not own.texts:
            return []
        window = range(own.delivered + 1, own.delivered + 1 + _IN_FLIGHT[lane])
        return [
            seq
            for seq in window
            if seq in own.texts and now_s - own.sent_s.get(seq, float("-inf")) >= again_s
        ]
