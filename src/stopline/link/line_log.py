"""What one end of the line records of itself: ups and downs, refusals, clock steps."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from stopline.journal.base import Fact
from stopline.journal.facts import ClockStepped
from stopline.link.facts import FrameRefused, LinkChanged, MessagesDelivered
from stopline.link.ids import new_id

if TYPE_CHECKING:
    from stopline.errors import StoplineError
    from stopline.journal.base import Journal, Transaction
    from stopline.journal.kinds import FactBody
    from stopline.link.line_state import LineState, Moment
    from stopline.link.messages import Lane

_log = logging.getLogger("stopline.link")
_REFUSAL_EVERY_S = 60.0
_STEP_S = 1.0
_LONGEST_SAID = 300


def log_text(value: object) -> str:
    """Write what somebody else may have chosen for a log: one line, cut, without controls."""
    text = str(value)[: 2 * _LONGEST_SAID]
    return "".join(sign if sign.isprintable() else " " for sign in text)[:_LONGEST_SAID]


class Recorder:
    """Writes one node's facts about the line to one peer.

    Attributes:
        started_s: UTC seconds of the first look at the clock, None before.
        minds_steps: whether a clock that was set is noted; that of an exercise is set on purpose.
    """

    def __init__(self, journal: Journal, own: str, peer: str) -> None:
        self.started_s: float | None = None
        self.minds_steps = True
        self._journal = journal
        self._own = own
        self._peer = peer
        self._last: Moment | None = None
        self._refusals = 0
        self._refused_s = float("-inf")

    def watch_clock(self, now: Moment) -> None:
        """Notice that the machine's clock was set; hold on to the clock that is never set."""
        if self.started_s is None:
            self.started_s = now.utc_s
        last, self._last = self._last, now
        if last is None:
            return
        step_s = (now.utc_s - last.utc_s) - (now.mono_s - last.mono_s)
        if self.minds_steps and abs(step_s) > _STEP_S:
            self._record(ClockStepped(step_s=round(step_s, 3)), now)

    def refused(self, error: StoplineError, now: Moment) -> None:
        """Record a refusal, one fact a minute at most: an attacker must not fill the disk."""
        self._refusals += 1
        if now.mono_s - self._refused_s < _REFUSAL_EVERY_S:
            return
        _log.warning("refused from %s: %s", self._peer, log_text(error))
        self._refused_s = now.mono_s
        body = FrameRefused(
            peer=self._peer,
            error=type(error).__name__,
            detail=log_text(error),
            more=self._refusals - 1,
        )
        self._refusals = 0
        self._record(body, now)

    def stranger(self, error: StoplineError, more: int, now: Moment) -> None:
        """Record a call that the peer did not sign; the caller sees to it that they are few."""
        body = FrameRefused(
            peer=self._peer, error=type(error).__name__, detail=log_text(error), more=more
        )
        self._record(body, now)

    def changed(self, state: LineState, now: Moment) -> None:
        """Record that the line went up or down."""
        body = LinkChanged(
            peer=self._peer,
            up=state.up,
            unacknowledged=state.unacknowledged,
            clock_offset_s=state.clock_offset_s,
        )
        self._record(body, now)

    def delivered(self, work: Transaction, moved: dict[Lane, int], now: Moment) -> None:
        """Record what the peer confirmed, in the transaction that takes it out of the outbox."""
        through = {str(lane): number for lane, number in moved.items()}
        work.append([self._fact(MessagesDelivered(peer=self._peer, through=through), now)])

    def _record(self, body: FactBody, now: Moment) -> None:
        self._journal.append([self._fact(body, now)])

    def _fact(self, body: FactBody, now: Moment) -> Fact:
        return Fact(
            fact_id=new_id(now.utc_s),
            time_s=now.utc_s,
            author=self._own,
            role="node",
            body=body,
        )
