"""Messages that are signed and not taken: each noted and answered, a bounded number of them.

Whoever is paired could else fill this journal, and make this node fill its own outbox.
"""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol

from stopline.journal.base import Fact
from stopline.link.errors import LinkError
from stopline.link.facts import MessageRefused
from stopline.link.ids import derived_id
from stopline.link.line_log import log_text
from stopline.link.mailbox import Message, pass_by, post
from stopline.link.messages import MessageDeclined, all_message_kinds

if TYPE_CHECKING:
    from stopline.journal.base import Transaction
    from stopline.link.envelope import Envelope
    from stopline.link.identity import Identity
    from stopline.link.line_state import Moment

NOTED_A_WINDOW: Final = 30
WINDOW_S: Final = 600.0
_LONGEST_KEPT: Final = 16 << 10
_UNANSWERED: Final = frozenset({"message.declined", "message.acknowledged"})  # no ping-pong


class Admission(Protocol):
    """Says why a signed message of the other side is not taken; empty if it is."""

    def __call__(self, envelope: Envelope, now_s: float) -> str:
        """Say why not. Asked while nothing is held."""
        ...


class Declined(LinkError):  # noqa: N818  (reads as a sentence where it is raised)
    """A message was not taken; it is noted in the journal, within a bound."""


class Refusing:
    """What is not taken from one peer."""

    def __init__(self, identity: Identity, peer: str) -> None:
        self._identity = identity
        self._peer = peer
        self._noted_s: deque[float] = deque()
        self._more = 0

    def refuse(self, work: Transaction, envelope: Envelope, reason: str, now: Moment) -> bool:
        """Pass a message by: note it and answer, if there is room; False if it was passed before.

        Args:
            work: the transaction that moves the mark of the lane.
            envelope: the message, signed by the peer.
            reason: why it is not taken.
            now: both clocks.
        """
        if not pass_by(work, envelope):
            return False
        while self._noted_s and now.mono_s - self._noted_s[0] > WINDOW_S:
            self._noted_s.popleft()
        if len(self._noted_s) >= NOTED_A_WINDOW:
            self._more += 1
            return True
        self._noted_s.append(now.mono_s)
        said = log_text(reason)  # it may repeat what the other side wrote
        self._note(work, envelope, said, now)
        if envelope.kind not in _UNANSWERED:
            self._answer(work, envelope, said, now)
        self._more = 0
        return True

    def _note(self, work: Transaction, envelope: Envelope, reason: str, now: Moment) -> None:
        personal = {kind.name for kind in all_message_kinds() if kind.personal}
        text = envelope.text.decode()
        kept = len(envelope.text) <= _LONGEST_KEPT and envelope.kind not in personal
        body = MessageRefused(
            peer=self._peer, lane=envelope.lane, seq=envelope.seq,
            message=log_text(envelope.message_id)[:200], kind=log_text(envelope.kind)[:100],
            reason=reason,
            digest=hashlib.sha256(envelope.text).hexdigest(), envelope=text if kept else "",
            more=self._more,
        )  # fmt: skip
        fact = Fact(
            fact_id=derived_id(now.utc_s, "refused", self._peer, envelope.lane, envelope.seq),
            time_s=now.utc_s, author=self._identity.name, role="node", body=body,
        )  # fmt: skip
        work.append([fact])

    def _answer(self, work: Transaction, envelope: Envelope, reason: str, now: Moment) -> None:
        answer = Message(
            message_id=derived_id(now.utc_s, "declined", self._peer, envelope.lane, envelope.seq),
            body=MessageDeclined(
                message=log_text(envelope.message_id)[:200], kind=log_text(envelope.kind)[:100],
                reason=reason, more=self._more,
            ),
            time_s=now.utc_s, author=self._identity.name, role="node",
        )  # fmt: skip
        post(work, self._identity.signer, self._peer, answer, None)
